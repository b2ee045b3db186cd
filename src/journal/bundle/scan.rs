//! What is known of a line before it is whole, byte by byte.

use super::{BundleFault, BundleLimit, BundleLimits};
use crate::model::MAX_INTEGER;

/// How far a line has come, as far as JSON goes. It is checked by whoever reads it whether it is
/// JSON; here only what must not even be kept.
#[derive(Debug, Default)]
pub(super) struct Scan {
    at: u64,
    depth: u64,
    number: u64,
    in_text: bool,
    escaped: bool,
}

impl Scan {
    /// Goes on by some bytes of the line, which has no line feed in it.
    pub(super) fn go_on(&mut self, bytes: &[u8], limits: &BundleLimits) -> Result<(), BundleFault> {
        for byte in bytes {
            self.at += 1;
            match byte {
                0x00..=0x1f => return Err(self.control_character(*byte)),
                _ if self.escaped => self.escaped = false,
                b'"' => (self.in_text, self.number) = (!self.in_text, 0),
                b'\\' => self.escaped = self.in_text,
                _ if self.in_text => {}
                b' ' => return Err(self.blank()),
                b'0'..=b'9' => self.digit(byte - b'0')?,
                b'[' | b'{' => {
                    self.number = 0;
                    self.depth += 1;
                    if self.depth > limits.depth {
                        return Err(BundleFault::TooLarge {
                            limit: BundleLimit::Depth,
                            most: limits.depth,
                        });
                    }
                }
                b']' | b'}' => {
                    self.number = 0;
                    self.depth = self.depth.saturating_sub(1);
                }
                _ => self.number = 0,
            }
        }
        Ok(())
    }

    /// No stored number is larger, so that every number here can be shown in JavaScript, and none
    /// that is counted on can overflow.
    fn digit(&mut self, digit: u8) -> Result<(), BundleFault> {
        self.number = self.number * 10 + u64::from(digit);
        if self.number > MAX_INTEGER {
            return Err(BundleFault::invalid(
                format!("whole numbers up to {MAX_INTEGER}"),
                format!("a larger one at byte {}", self.at),
            ));
        }
        Ok(())
    }

    fn blank(&self) -> BundleFault {
        let found = format!("one at byte {}", self.at);
        BundleFault::invalid("JSON with no blanks outside of texts", found)
    }

    fn control_character(&self, byte: u8) -> BundleFault {
        let what = match byte {
            b'\r' => ", a carriage return",
            _ => "",
        };
        BundleFault::invalid(
            "JSON with no control characters",
            format!("0x{byte:02x}{what} at byte {}", self.at),
        )
    }
}
