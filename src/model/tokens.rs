//! Counting the tokens of a body when it is added.

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
    /// Counts one body.
    fn count(&self, text: &str) -> TokenCount;
}

/// The built-in estimate: one token for every four characters (Unicode scalar values), rounded
/// up. The rule of thumb that language-model vendors give for English text.
#[derive(Debug, Clone, Copy, Default)]
pub struct EstimateTokens;

impl CountTokens for EstimateTokens {
    fn count(&self, text: &str) -> TokenCount {
        TokenCount {
            tokens: (text.chars().count() as u64).div_ceil(4),
            estimated: true,
        }
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
                TokenCount {
                    tokens,
                    estimated: true
                },
                "{text}"
            );
        }
    }
}
