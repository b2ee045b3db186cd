//! What a call rejects with.

use super::log::Level;
use crate::engine::EngineError;
use crate::model::{ErrorCode, InvalidInput};
use crate::storage::{StorageError, StorageErrorKind};
use crate::trajectory::{PlayError, TrajectoryError};
use js_sys::{Error, JSON, Object, Reflect};
use wasm_bindgen::JsValue;

/// A failure on its way out: a code, a message, and what the message says as data.
#[derive(Debug)]
pub(super) struct Failure {
    code: ErrorCode,
    message: String,
    /// JSON text of an object; of nothing, if there is nothing more to say.
    details: Option<String>,
}

impl Failure {
    pub(super) fn bug(message: String) -> Self {
        Self {
            code: ErrorCode::Internal,
            message,
            details: None,
        }
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
        Self {
            code: ErrorCode::Closed,
            message: format!("expected {what} that goes on, found one that was finished"),
            details: None,
        }
    }

    /// A call on something that was cancelled; `what` names it.
    pub(super) fn cancelled(what: &str) -> Self {
        Self {
            code: ErrorCode::Cancelled,
            message: format!("expected {what} that goes on, found one that was cancelled"),
            details: None,
        }
    }

    pub(super) fn code(&self) -> ErrorCode {
        self.code
    }

    /// How loud it is: a refusal is an answer; what the storage or a bug does is trouble.
    pub(super) fn level(&self) -> Level {
        if self.code.is_failure() {
            Level::Error
        } else {
            Level::Debug
        }
    }

    /// The `HoldpointError` of the types.
    pub(super) fn to_js(&self) -> JsValue {
        let error = Error::new(&self.message);
        error.set_name("HoldpointError");
        let details = self.details.as_deref().filter(|json| json.starts_with('{'));
        let details = details
            .and_then(|json| JSON::parse(json).ok())
            .unwrap_or_else(|| Object::new().into());
        for (name, value) in [("code", self.code.as_str().into()), ("details", details)] {
            Reflect::set(&error, &name.into(), &value).expect("an Error takes properties");
        }
        error.into()
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            details: serde_json::to_string(&error).ok(),
        }
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
        Self {
            code: error.code(),
            message: error.to_string(),
            details: serde_json::to_string(&error).ok(),
        }
    }
}

impl From<PlayError> for Failure {
    fn from(error: PlayError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            details: serde_json::to_string(&error).ok(),
        }
    }
}
