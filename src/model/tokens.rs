//! Counting the tokens of a body when it is added.

use super::InvalidInput;

/// The most tokens that one item may be said to have: a body has at most 100,000 characters.
pub(crate) const MAX_ITEM_TOKENS: u64 = 1_000_000;

/// How many tokens a body has, and whether that is a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenCount {
    /// The number of tokens.
    pub tokens: u64,
    /// Whether it is an estimate.
    pub estimated: bool,
}

/// Counts the tokens of a text, in whatever way the caller's language model does.
pub trait CountTokens {
    /// Counts one body; at most 1,000,000.
    ///
    /// # Errors
    /// [`InvalidInput`] says what is expected of the counter and what came of it instead. The
    /// command that brought the body is refused with it.
    fn count(&self, text: &str) -> Result<TokenCount, InvalidInput>;
}

/// The built-in estimate: one token for every four characters (Unicode scalar values), rounded
/// up. The rule of thumb that language-model vendors give for English text.
#[derive(Debug, Clone, Copy, Default)]
pub struct EstimateTokens;

impl CountTokens for EstimateTokens {
    fn count(&self, text: &str) -> Result<TokenCount, InvalidInput> {
        Ok(TokenCount {
            tokens: (text.chars().count() as u64).div_ceil(4),
            estimated: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r24_the_estimate_is_marked_and_rounds_up() {
        for (text, tokens) in [("a", 1), ("abcd", 1), ("abcde", 2), ("äöü€x", 2)] {
            assert_eq!(
                EstimateTokens.count(text),
                Ok(TokenCount {
                    tokens,
                    estimated: true
                }),
                "{text}"
            );
        }
    }
}
