//! What is over a limit is refused when it gets there, not when all of it is read.

use super::given::{Journal, bundle, lines, read, read_within, resealed};
use crate::journal::bundle::{BundleError, BundleFault, BundleLimit, BundleLimits, Reader};
use crate::model::ErrorCode;

fn defaults() -> BundleLimits {
    BundleLimits::default()
}

#[track_caller]
fn over(read: Result<impl Sized, BundleError>) -> (BundleLimit, u64, u64) {
    let error = read.err().expect("it is over a limit");
    assert_eq!(error.code(), ErrorCode::BundleTooLarge, "{error}");
    match error.fault {
        BundleFault::TooLarge { limit, most } => (limit, most, error.line),
        other => panic!("{other}"),
    }
}

#[test]
fn r74_each_limit_is_kept_to_the_byte_and_told_with_its_line() {
    let journal = Journal::furnished(1);
    let body = journal.needed().values().map(String::len).max().unwrap() as u64;
    let written = bundle(&[journal]);
    let lines = lines(&written);
    let bytes = written.len() as u64;
    let count = lines.len() as u64;
    let longest = lines.iter().map(String::len).max().unwrap() as u64;
    let of_longest = 1 + lines
        .iter()
        .position(|line| line.len() as u64 == longest)
        .unwrap() as u64;
    for (within, without, expected) in [
        (
            BundleLimits {
                bytes,
                ..defaults()
            },
            BundleLimits {
                bytes: bytes - 1,
                ..defaults()
            },
            (BundleLimit::Bytes, bytes - 1, count),
        ),
        (
            BundleLimits {
                lines: count,
                ..defaults()
            },
            BundleLimits {
                lines: count - 1,
                ..defaults()
            },
            (BundleLimit::Lines, count - 1, count),
        ),
        (
            BundleLimits {
                line_bytes: longest,
                ..defaults()
            },
            BundleLimits {
                line_bytes: longest - 1,
                ..defaults()
            },
            (BundleLimit::LineBytes, longest - 1, of_longest),
        ),
    ] {
        for lengths in [&[][..], &[1], &[64]] {
            assert!(read_within(&written, lengths, within).is_ok());
            assert_eq!(over(read_within(&written, lengths, without)), expected);
        }
    }
    let at = |body_bytes| BundleLimits {
        body_bytes,
        ..defaults()
    };
    assert!(read_within(&written, &[], at(body)).is_ok());
    let (limit, most, _) = over(read_within(&written, &[], at(body - 1)));
    assert_eq!((limit, most), (BundleLimit::BodyBytes, body - 1));
    let error = read_within(&written, &[], at(0)).unwrap_err().to_string();
    assert!(
        error.contains("expected at most 0 bytes of a body, found more"),
        "{error}"
    );
}

#[test]
fn r74_a_line_that_is_over_two_limits_is_refused_by_the_same_one_wherever_the_pieces_end() {
    let limits = BundleLimits {
        body_bytes: 10,
        line_bytes: 500,
        ..defaults()
    };
    let first = lines(&bundle(&[])).remove(0);
    for length in [100, 300, 1000] {
        let body = format!(
            r#"{{"type":"body","digest":"","text":"{}"}}"#,
            "a".repeat(length)
        );
        let written = format!("{first}\n{body}\n");
        for lengths in [&[][..], &[1], &[14], &[15], &[16], &[200]] {
            let read = read_within(written.as_bytes(), lengths, limits);
            if length > 10 * 6 + 128 {
                assert_eq!(over(read), (BundleLimit::BodyBytes, 10, 2), "{lengths:?}");
            } else {
                // Short enough as a line: what is wrong with it comes first.
                assert_eq!(read.unwrap_err().code(), ErrorCode::BundleInvalid);
            }
        }
    }
}

#[test]
fn r74_nesting_is_refused_where_it_gets_too_deep() {
    let mut lines = lines(&bundle(&[Journal::furnished(1)]));
    // The object on the line is the first level.
    lines[1] = lines[1].replacen(r#""name":"#, &format!(r#""name":{}"#, "[".repeat(64)), 1);
    assert_eq!(over(read(&resealed(&lines))), (BundleLimit::Depth, 64, 2));
    lines[1] = lines[1].replacen('[', "", 1);
    let error = read(&resealed(&lines)).unwrap_err();
    assert_eq!(
        (error.code(), error.line),
        (ErrorCode::BundleInvalid, 2),
        "{error}"
    );
    // Brackets in a text are no nesting.
    let mut journal = Journal::new(1);
    let body = "[{".repeat(500);
    let add = r#"{"type":"add_context","items":[{"agent":"a","kind":"code","body":"B\\\""}]}"#;
    assert!(journal.give(&add.replace('B', &body)));
    assert!(read(&bundle(&[journal])).is_ok());
}

/// Pieces of a line that never ends, or of a file that never does, are not kept.
#[test]
fn r74_what_never_ends_is_refused_when_it_is_over_its_limit() {
    let fed = |begin: &str, more: &[u8], limits| {
        let mut reader = Reader::new(limits);
        let mut begin = begin.as_bytes();
        while reader.read(&mut begin)?.is_some() {}
        for _ in 0..10_000 {
            let mut piece = more;
            while reader.read(&mut piece)?.is_some() {}
        }
        Ok(())
    };
    let one_mebibyte = BundleLimits {
        line_bytes: 1 << 20,
        ..defaults()
    };
    let more = [b'a'; 4096];
    let begin = r#"{"type":"holdpoint_bundle",""#;
    assert_eq!(
        over(fed(begin, &more, one_mebibyte)),
        (BundleLimit::LineBytes, 1 << 20, 1)
    );
    let small = BundleLimits {
        body_bytes: 1000,
        ..defaults()
    };
    let first = lines(&bundle(&[])).remove(0);
    let body = format!("{first}\n{{\"type\":\"body\",\"digest\":\"");
    assert_eq!(
        over(fed(&body, &more, small)),
        (BundleLimit::BodyBytes, 1000, 2)
    );
    let few = BundleLimits {
        bytes: 1 << 20,
        ..defaults()
    };
    assert_eq!(
        over(fed(begin, &more, few)),
        (BundleLimit::Bytes, 1 << 20, 1)
    );
}

#[test]
fn r74_a_bomb_is_refused_once_it_is_large_enough_to_do_harm() {
    let piece = vec![b'a'; 1 << 20];
    let begin = r#"{"type":"holdpoint_bundle",""#.as_bytes();
    let taken = |compressed_each: u64| {
        let mut reader = Reader::new(defaults());
        let mut first = begin;
        reader.compressed(30);
        reader.read(&mut first)?;
        for count in 1..=64 {
            reader.compressed(30 + count * compressed_each);
            let mut piece = &piece[..];
            reader.read(&mut piece)?;
        }
        Ok::<_, BundleError>(reader.bytes())
    };
    // A thousand to one, as deflate can: stopped at 16 MiB.
    assert_eq!(over(taken(1 << 10)), (BundleLimit::Ratio, 200, 1));
    assert_eq!(
        taken((1 << 20) / 200 + 1),
        Ok((64 << 20) + begin.len() as u64)
    );
    let mut reader = Reader::new(defaults());
    reader.compressed(1);
    let all = [begin, &vec![b'a'; 17 << 20]].concat();
    let mut all = &all[..];
    assert_eq!(over(reader.read(&mut all)), (BundleLimit::Ratio, 200, 1));
    assert_eq!(reader.bytes(), 0, "nothing of it was kept");
}

#[test]
fn r74_limits_are_named_in_json() {
    let limits = serde_json::to_string(&defaults()).unwrap();
    assert_eq!(
        limits,
        r#"{"bytes":536870912,"line_bytes":268435456,"lines":2000000,"depth":64,"body_bytes":1048576,"ratio":200}"#
    );
    let some: BundleLimits = serde_json::from_str(r#"{"lines":5}"#).unwrap();
    assert_eq!(
        some,
        BundleLimits {
            lines: 5,
            ..defaults()
        }
    );
    assert!(serde_json::from_str::<BundleLimits>(r#"{"line":5}"#).is_err());
    let error = over_error();
    assert_eq!(
        serde_json::to_string(&error).unwrap(),
        r#"{"line":1,"limit":"line_bytes","most":3}"#
    );
    assert_eq!(
        error.to_string(),
        "line 1 of the bundle: expected at most 3 bytes in a line, found more"
    );
}

fn over_error() -> BundleError {
    let limits = BundleLimits {
        line_bytes: 3,
        ..defaults()
    };
    read_within(b"{\"type", &[], limits).unwrap_err()
}
