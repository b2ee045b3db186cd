//! Mutations that know a little of JSON and of lines: most of what bytes changed at random come to
//! is refused by the parser, and nothing behind it is reached.

#[path = "../../model_based/random.rs"]
#[allow(dead_code)] // it has more than is needed here
mod random;

use random::Random;
use std::ops::Range;

/// What is written where something else was.
const TOKENS: [&str; 24] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "2",
    "255",
    "4294967295",
    "4294967296",
    "9007199254740991",
    "9007199254740992",
    "18446744073709551615",
    "18446744073709551616",
    "1.5",
    "1e999",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"01KDWPVNG0CRWD4R5CNFD7RMJH\"",
    "\"9999-12-31T23:59:59.999Z\"",
    "[]",
    "{}",
];

#[allow(dead_code)] // the ordinary test has no libFuzzer
/// As libFuzzer wants it: half of the time it mutates bytes as it always does.
pub fn for_libfuzzer(
    data: &mut [u8],
    size: usize,
    max: usize,
    seed: u32,
    bytes: fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    if seed.is_multiple_of(2) {
        return bytes(data, size, max);
    }
    let mut mutated = data[..size].to_vec();
    mutate(&mut mutated, seed.into());
    mutated.truncate(max);
    data[..mutated.len()].copy_from_slice(&mutated);
    mutated.len()
}

/// Changes something: a value, a number, a text, a line, or some bytes; up to three times.
/// The same seed does the same.
pub fn mutate(data: &mut Vec<u8>, seed: u64) {
    let random = &mut Random::of(seed, 0);
    for _ in 0..=random.below(3) {
        match random.below(8) {
            0 => change_bytes(data, random),
            1 => change_lines(data, random),
            2 => change_number(data, random),
            3 | 4 => swap_values(data, random, |byte| byte == b'"'),
            5 => swap_values(data, random, |_| true),
            6 => put_token(data, random),
            _ => remove_or_repeat_value(data, random),
        }
    }
}

fn change_bytes(data: &mut Vec<u8>, random: &mut Random) {
    let at = place(random, data.len() + 1);
    let end = (at + 1 + place(random, 16)).min(data.len());
    match random.below(4) {
        0 => data.truncate(at),
        1 => data.insert(at, random.next().to_be_bytes()[0]),
        2 if at < data.len() => data[at] ^= 1 << random.below(8),
        _ => drop(data.drain(at.min(end)..end)),
    }
}

fn change_lines(data: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<Vec<u8>> = data
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let (one, other) = (place(random, lines.len()), place(random, lines.len()));
    match random.below(3) {
        0 => lines.swap(one, other),
        1 => lines.insert(one, lines[other].clone()),
        _ => drop(lines.remove(one)),
    }
    *data = lines.join(&b'\n');
}

fn change_number(data: &mut Vec<u8>, random: &mut Random) {
    let numbers: Vec<_> = (0..data.len())
        .filter(|at| data[*at].is_ascii_digit() && (*at == 0 || !is_of_word(data[at - 1])))
        .collect();
    let Some(start) = random.pick(&numbers) else {
        return;
    };
    let length = data[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    let range = start..start + length.count();
    let number = std::str::from_utf8(&data[range.clone()]).expect("they are digits");
    let number: u64 = number.parse().unwrap_or(u64::MAX);
    let changed = match random.below(4) {
        0 => number.wrapping_add(1).to_string(),
        1 => number.saturating_sub(1).to_string(),
        2 => random.below(20).to_string(),
        _ => random.one(&TOKENS[3..16]).to_owned(),
    };
    data.splice(range, changed.into_bytes());
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'"' || byte == b'-'
}

/// Puts one value where another one is.
fn swap_values(data: &mut Vec<u8>, random: &mut Random, is_of_kind: impl Fn(u8) -> bool) {
    let mut values = values(data);
    values.retain(|range| is_of_kind(data[range.start]));
    if let (Some(to), Some(from)) = (random.pick(&values), random.pick(&values)) {
        let value = data[from].to_vec();
        data.splice(to, value);
    }
}

fn put_token(data: &mut Vec<u8>, random: &mut Random) {
    if let Some(range) = random.pick(&values(data)) {
        data.splice(range, random.one(&TOKENS).bytes());
    }
}

/// A value with the comma before or behind it, taken out or said twice.
fn remove_or_repeat_value(data: &mut Vec<u8>, random: &mut Random) {
    let Some(mut range) = random.pick(&values(data)) else {
        return;
    };
    // With its key, if it has one.
    if data[..range.start].ends_with(b"\":") {
        let key = data[..range.start - 2]
            .iter()
            .rposition(|byte| *byte == b'"');
        range.start = key.unwrap_or(range.start);
    }
    if data[range.end..].starts_with(b",") {
        range.end += 1;
        if random.percent(50) {
            let twice = data[range.clone()].to_vec();
            data.splice(range.start..range.start, twice);
            return;
        }
    } else if data[..range.start].ends_with(b",") {
        range.start -= 1;
    }
    data.drain(range);
}

/// Where values stand that have a beginning and an end to be seen: texts that are no keys, objects,
/// lists.
fn values(data: &[u8]) -> Vec<Range<usize>> {
    let (mut found, mut open) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < data.len() {
        match data[at] {
            b'"' => {
                let start = at;
                at += 1;
                while at < data.len() && data[at] != b'"' {
                    at += 1 + usize::from(data[at] == b'\\');
                }
                let end = at + 1;
                if end <= data.len() && data.get(end) != Some(&b':') {
                    found.push(start..end);
                }
            }
            b'{' | b'[' => open.push(at),
            b'}' | b']' => found.extend(open.pop().map(|start| start..at + 1)),
            b'\n' => open.clear(),
            _ => {}
        }
        at += 1;
    }
    found
}

fn place(random: &mut Random, below: usize) -> usize {
    usize::try_from(random.below(below.max(1) as u64)).expect("it is below a length")
}
