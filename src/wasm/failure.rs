//! What a call rejects with.

use super::log::Level;
use crate::engine::EngineError;
use crate::model::{ErrorCode, InvalidInput};
use crate::storage::{StorageError, StorageErrorKind};
use crate::trajectory::{PlayError, TrajectoryError};
use js_sys::{Error, JSON, Object, Reflect};
use wasm_bindgen::JsValue;

/// A failure on its way out: a code, a message, and what the message says as data.
///
/// Boxed: calls hand it on at many places, and what they hand on is a pointer.
#[derive(Debug)]
pub(super) struct Failure(Box<Told>);

#[derive(Debug)]
struct Told {
    code: ErrorCode,
    message: String,
    /// JSON text of an object; of nothing, if there is nothing more to say.
    details: Option<String>,
}

impl Failure {
    fn of(code: ErrorCode, message: String, details: Option<String>) -> Self {
        Self(Box::new(Told {
            code,
            message,
            details,
        }))
    }

    pub(super) fn bug(message: String) -> Self {
        Self::of(ErrorCode::Internal, message, None)
    }

    pub(super) fn closed() -> Self {
        EngineError::from(StorageError::new(
            StorageErrorKind::Closed,
            "expected an open store, found one that was closed",
        ))
        .into()
    }

    /// A call on something that was finished; `what` names it.
    pub(super) fn finished(what: &str) -> Self {
        let message = format!("expected {what} that goes on, found one that was finished");
        Self::of(ErrorCode::Closed, message, None)
    }

    /// A call on something that was cancelled; `what` names it.
    pub(super) fn cancelled(what: &str) -> Self {
        let message = format!("expected {what} that goes on, found one that was cancelled");
        Self::of(ErrorCode::Cancelled, message, None)
    }

    pub(super) fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// How loud it is: a refusal is an answer; what the storage or a bug does is trouble.
    pub(super) fn level(&self) -> Level {
        if self.0.code.is_failure() {
            Level::Error
        } else {
            Level::Debug
        }
    }

    /// The `HoldpointError` of the types.
    pub(super) fn to_js(&self) -> JsValue {
        let Told {
            code,
            message,
            details,
        } = &*self.0;
        let error = Error::new(message);
        error.set_name("HoldpointError");
        let details = details.as_deref().filter(|json| json.starts_with('{'));
        let details = details
            .and_then(|json| JSON::parse(json).ok())
            .unwrap_or_else(|| Object::new().into());
        for (name, value) in [("code", code.as_str().into()), ("details", details)] {
            Reflect::set(&error, &name.into(), &value).expect("an Error takes properties");
        }
        error.into()
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let details = serde_json::to_string(&error).ok();
        Self::of(error.code(), error.to_string(), details)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<InvalidInput> for Failure {
    fn from(error: InvalidInput) -> Self {
        EngineError::from(error).into()
    }
}

impl From<TrajectoryError> for Failure {
    fn from(error: TrajectoryError) -> Self {
        let details = serde_json::to_string(&error).ok();
        Self::of(error.code(), error.to_string(), details)
    }
}

impl From<PlayError> for Failure {
    fn from(error: PlayError) -> Self {
        let details = serde_json::to_string(&error).ok();
        Self::of(error.code(), error.to_string(), details)
    }
}
