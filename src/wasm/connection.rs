//! What befalls the connection to the database, told to a function of the caller's.

use super::{border, subscription};
use crate::model::InvalidInput;
use crate::storage::ConnectionObserver;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// The option's name.
pub(super) const OPTION: &str = "onConnection";

/// `ConnectionNotice` of the types.
#[derive(Serialize)]
struct Told {
    r#type: &'static str,
}

/// Tells the function, if one was given.
pub(super) fn observer(option: JsValue) -> Result<Option<ConnectionObserver>, InvalidInput> {
    let listener = border::function(OPTION, option)?;
    Ok(listener.map(|listener| {
        ConnectionObserver::new(move |notice| {
            let told = Told {
                r#type: notice.as_str(),
            };
            subscription::tell(&listener, &told);
        })
    }))
}
