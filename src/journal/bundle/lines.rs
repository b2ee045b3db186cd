//! From bytes, however they come, to lines.

use super::scan::Scan;
use super::{BundleError, BundleFault, BundleLimit, BundleLimits};

/// How the first line begins.
const FIRST: &[u8] = br#"{"type":"holdpoint_bundle","#;

/// How the line of a body begins. It may be no longer than its text can make it.
const BODY: &[u8] = br#"{"type":"body","#;

/// What a line of a body has besides its text, at most.
const BESIDE_TEXT: u64 = 128;

/// The longest that one byte of a text gets in JSON: `\u0000`.
const LONGEST_ESCAPE: u64 = 6;

/// Takes lines out of pieces. What is over a limit is refused as soon as it is, so that it is never
/// kept; and in the order in which it stands there, wherever the pieces end.
#[derive(Debug)]
pub(super) struct Lines {
    limits: BundleLimits,
    line: Vec<u8>,
    scan: Scan,
    ended: u64,
    bytes: u64,
    compressed: Option<u64>,
}

impl Lines {
    pub(super) fn new(limits: BundleLimits) -> Self {
        Self {
            limits,
            line: Vec::new(),
            scan: Scan::default(),
            ended: 0,
            bytes: 0,
            compressed: None,
        }
    }

    /// Takes from the front of these bytes until a line has ended; none: all was taken, and there
    /// has to be more.
    pub(super) fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<String>, BundleError> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let line = self.ended + 1;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (piece, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        self.go_on(piece).map_err(|fault| fault.at(line))?;
        let Some(rest) = rest.strip_prefix(b"\n") else {
            *bytes = rest;
            return Ok(None);
        };
        *bytes = rest;
        self.end().map(Some).map_err(|fault| fault.at(line))
    }

    /// Of the line that was taken last.
    pub(super) const fn number(&self) -> u64 {
        self.ended
    }

    /// Bytes so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether a line has begun and not ended.
    pub(super) fn is_within_a_line(&self) -> bool {
        !self.line.is_empty()
    }

    /// Says how many bytes were decompressed so far, for what is taken from now on.
    pub(super) fn compressed(&mut self, bytes: u64) {
        self.compressed = self.compressed.max(Some(bytes));
    }

    fn go_on(&mut self, piece: &[u8]) -> Result<(), BundleFault> {
        if self.ended >= self.limits.lines {
            return Err(self.over(BundleLimit::Lines));
        }
        let (limit, room) = self.room(piece);
        let taken = usize::try_from(room).map_or(piece, |room| &piece[..room.min(piece.len())]);
        if self.ended == 0 {
            self.check_first(taken)?;
        }
        self.scan.go_on(taken, &self.limits)?;
        if taken.len() < piece.len() {
            return Err(self.over(limit));
        }
        self.bytes += taken.len() as u64;
        self.line.extend_from_slice(taken);
        Ok(())
    }

    /// Something else altogether is told as that, not by what is wrong with it as JSON.
    fn check_first(&self, piece: &[u8]) -> Result<(), BundleFault> {
        let length = self.line.len();
        let expected = FIRST.get(length..).unwrap_or_default();
        let Some(at) = expected.iter().zip(piece).position(|(a, b)| a != b) else {
            return Ok(());
        };
        let at = length + at;
        let found = match piece[at - length] {
            0x1f if at == 0 => "a compressed file".to_owned(),
            0xef if at == 0 => "a byte order mark".to_owned(),
            _ => format!("something else from byte {} on", at + 1),
        };
        Err(BundleFault::invalid("the first line of a bundle", found))
    }

    /// How many more bytes this line may have, which goes on with this piece, and by which limit.
    fn room(&self, piece: &[u8]) -> (BundleLimit, u64) {
        let of_line = self.most_of_line(piece);
        let in_all = self.most_bytes();
        let length = self.line.len() as u64;
        let room = of_line.1.saturating_sub(length);
        let left = in_all.1.saturating_sub(self.bytes);
        if room <= left {
            (of_line.0, room)
        } else {
            (in_all.0, left)
        }
    }

    /// How many bytes this line may have, and by which limit.
    fn most_of_line(&self, piece: &[u8]) -> (BundleLimit, u64) {
        let of_body = self.limits.body_bytes.saturating_mul(LONGEST_ESCAPE);
        let of_body = of_body.saturating_add(BESIDE_TEXT);
        if of_body < self.limits.line_bytes && self.is_body(piece) {
            (BundleLimit::BodyBytes, of_body)
        } else {
            (BundleLimit::LineBytes, self.limits.line_bytes)
        }
    }

    /// Whether this line, which goes on with this piece, is known to be a body.
    fn is_body(&self, piece: &[u8]) -> bool {
        let (known, to_come) = BODY.split_at(BODY.len().min(self.line.len()));
        self.line.starts_with(known) && piece.starts_with(to_come)
    }

    /// How many bytes there may be, and by which limit.
    fn most_bytes(&self) -> (BundleLimit, u64) {
        let by_ratio = self.compressed.map_or(u64::MAX, |compressed| {
            let most = compressed.saturating_mul(self.limits.ratio);
            most.max(BundleLimits::RATIO_FROM)
        });
        if by_ratio < self.limits.bytes {
            (BundleLimit::Ratio, by_ratio)
        } else {
            (BundleLimit::Bytes, self.limits.bytes)
        }
    }

    fn end(&mut self) -> Result<String, BundleFault> {
        let (limit, most) = self.most_bytes();
        if self.bytes >= most {
            return Err(self.over(limit));
        }
        self.bytes += 1;
        self.ended += 1;
        self.scan = Scan::default();
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return Err(BundleFault::invalid("an object", "an empty line"));
        }
        String::from_utf8(line).map_err(|error| {
            let at = error.utf8_error().valid_up_to() + 1;
            BundleFault::invalid("UTF-8", format!("something else at byte {at}"))
        })
    }

    fn over(&self, limit: BundleLimit) -> BundleFault {
        let limits = &self.limits;
        let most = match limit {
            BundleLimit::Bytes => limits.bytes,
            BundleLimit::LineBytes => limits.line_bytes,
            BundleLimit::Lines => limits.lines,
            BundleLimit::Depth => limits.depth,
            BundleLimit::BodyBytes => limits.body_bytes,
            BundleLimit::Ratio => limits.ratio,
        };
        BundleFault::TooLarge { limit, most }
    }
}
