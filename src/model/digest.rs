//! BLAKE3 digests, written as 64 lower-case hexadecimal digits.

use super::InvalidInput;
use super::text_serde::text_serde;
use std::fmt;
use std::str::FromStr;

/// A BLAKE3 digest of 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The `prev` of a journal's first entry: 32 zero bytes.
    pub const ZERO: Digest = Digest([0; 32]);

    /// The plain BLAKE3 of these bytes: how bodies are named, so that `b3sum` finds the same.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The digest of these 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// BLAKE3 over several pieces, begun with a tag that says what is hashed, so that the digest
/// of one kind of thing can never be mistaken for that of another.
#[derive(Debug, Clone)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Begins with the tag and a zero byte to end it.
    #[must_use]
    pub fn tagged(tag: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(tag.as_bytes());
        hasher.update(&[0]);
        Self(hasher)
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    /// The digest of all that was added.
    #[must_use]
    pub fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_hex(text.as_bytes()).map(Self).ok_or_else(|| {
            InvalidInput::malformed("digest", "64 lower-case hexadecimal digits", text)
        })
    }
}

/// Written out here because a state is full of digests: opening one reads little else.
fn parse_hex(text: &[u8]) -> Option<[u8; 32]> {
    let text: &[u8; 64] = text.try_into().ok()?;
    let mut bytes = [0; 32];
    let mut seen = 0;
    for (byte, pair) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
        let [high, low] = pair.map(|digit| NIBBLES[usize::from(digit)]);
        seen |= high | low;
        *byte = high << 4 | (low & 0x0f);
    }
    (seen & NO_DIGIT == 0).then_some(bytes)
}

/// Marks what is no digit: a bit that no nibble has.
const NO_DIGIT: u8 = 0x80;

/// What each byte is worth as a hexadecimal digit.
#[allow(clippy::cast_possible_truncation)] // there are 16 digits
const NIBBLES: [u8; 256] = {
    let mut nibbles = [NO_DIGIT; 256];
    let digits = b"0123456789abcdef";
    let mut value = 0;
    while value < digits.len() {
        nibbles[digits[value] as usize] = value as u8;
        value += 1;
    }
    nibbles
};

text_serde!(Digest);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_one_that_b3sum_prints() {
        // BLAKE3 of the empty input, from the BLAKE3 paper's test vectors.
        let text = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
        assert_eq!(Digest::of(b"").to_string(), text);
        assert_eq!(text.parse(), Ok(Digest::of(b"")));
        for wrong in [
            text.to_uppercase(),
            text.replace('a', "g"),
            text[1..].to_owned(),
            format!("{text}0"),
        ] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
