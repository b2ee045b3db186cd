//! Tokens, counted by a function of the caller's.

use super::{border, plain};
use crate::model::{CountTokens, InvalidInput, MAX_ITEM_TOKENS, TokenCount};
use js_sys::{Function, JsString, Number, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// The option's name.
pub(super) const OPTION: &str = "countTokens";
/// How much is told of what the function threw, in characters.
const MESSAGE_SHOWN: usize = 200;

/// `countTokens` of the types. It is called while a command is decided, with nothing held that a
/// call back into the module could need: such a call waits for its turn like any other.
#[derive(Debug)]
pub(super) struct Counter(Function);

impl Counter {
    /// The function, if one was given.
    pub(super) fn of(option: JsValue) -> Result<Option<Self>, InvalidInput> {
        Ok(border::function(OPTION, option)?.map(Self))
    }
}

impl CountTokens for Counter {
    fn count(&self, text: &str) -> Result<TokenCount, InvalidInput> {
        let found = match self.0.call1(&JsValue::UNDEFINED, &text.into()) {
            Ok(given) => match integer(&given) {
                Some(tokens) => {
                    return Ok(TokenCount {
                        tokens,
                        estimated: false,
                    });
                }
                None => plain::shown(&given),
            },
            Err(thrown) => format!("an exception: {}", message(&thrown)),
        };
        Err(InvalidInput::Malformed {
            field: OPTION,
            expected: format!("an integer from 0 to {MAX_ITEM_TOKENS}"),
            found,
        })
    }
}

fn integer(given: &JsValue) -> Option<u64> {
    if !Number::is_safe_integer(given) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation)] // an integer below 2^53
    let integer = given.as_f64()? as i64;
    let tokens = u64::try_from(integer).ok()?;
    (tokens <= MAX_ITEM_TOKENS).then_some(tokens)
}

/// What an exception says, whatever was thrown.
fn message(thrown: &JsValue) -> String {
    let said = if thrown.is_object() {
        Reflect::get(thrown, &"message".into()).ok()
    } else {
        Some(thrown.clone())
    };
    let text = said.and_then(|said| plain::whole(said.dyn_ref::<JsString>()?).ok());
    match text {
        Some(text) if text.chars().count() <= MESSAGE_SHOWN => format!("{text:?}"),
        Some(text) => {
            let start: String = text.chars().take(MESSAGE_SHOWN).collect();
            format!("{start:?}…")
        }
        None => plain::kind(thrown),
    }
}
