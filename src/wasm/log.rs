//! What goes to the console, at a level that the caller sets. Codes, ids and kinds of commands;
//! never the content of a text.

use super::border;
use super::failure::Failure;
use std::cell::Cell;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::console;

/// How much is said, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

impl Level {
    const NAMED: [(&'static str, Level); 5] = [
        ("off", Level::Off),
        ("error", Level::Error),
        ("warn", Level::Warn),
        ("info", Level::Info),
        ("debug", Level::Debug),
    ];
}

thread_local! {
    static LEVEL: Cell<Level> = const { Cell::new(Level::Warn) };
}

/// Sets how much goes to the console: `off`, `error`, `warn` (the default), `info` or `debug`.
///
/// # Errors
/// `INVALID_INPUT` for anything else.
#[wasm_bindgen(js_name = setLogLevel, skip_typescript)]
pub fn set_log_level(level: &JsValue) -> Result<(), JsValue> {
    let wanted = border::text("level", level).map_err(|error| error.to_js())?;
    let found = Level::NAMED.iter().find(|(name, _)| *name == wanted);
    let Some((_, level)) = found else {
        let expected = "off, error, warn, info or debug";
        let error = crate::model::InvalidInput::malformed("level", expected, &wanted);
        return Err(Failure::from(error).to_js());
    };
    LEVEL.set(*level);
    Ok(())
}

/// Says something at a level, if that much is to be said.
pub(super) fn say(level: Level, message: impl FnOnce() -> String) {
    if level > LEVEL.get() {
        return;
    }
    let text = JsValue::from(format!("holdpoint: {}", message()));
    match level {
        Level::Off => {}
        Level::Error => console::error_1(&text),
        Level::Warn => console::warn_1(&text),
        Level::Info => console::info_1(&text),
        Level::Debug => console::debug_1(&text),
    }
}

/// Takes the library's own warnings in.
pub(super) fn take_warnings() {
    crate::platform::on_warning(|message| say(Level::Warn, || message.to_owned()));
}
