//! Stores, calls on them, and what comes of them.

use futures_timer::Delay;
use holdpoint::wasm::Holdpoint;
use js_sys::{Array, Error, Function, JSON, Promise, Reflect};
use serde_json::{Value, json};
use std::time::Duration;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Runs tests that are told the kind of storage on each kind.
macro_rules! on_every_storage {
    ($($test:ident,)+) => {
        mod in_memory {
            $(#[wasm_bindgen_test::wasm_bindgen_test]
            async fn $test() { super::$test("memory").await; })+
        }
        mod in_indexeddb {
            $(#[wasm_bindgen_test::wasm_bindgen_test]
            async fn $test() { super::$test("indexeddb").await; })+
        }
    };
}

/// What a JavaScript expression comes to.
pub(crate) fn js(expression: &str) -> JsValue {
    Function::new_no_args(&format!("return ({expression});"))
        .call0(&JsValue::UNDEFINED)
        .expect("an expression that doesn't throw")
}

/// Data as plain objects.
pub(crate) fn plain(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).expect("it is JSON")
}

/// Plain objects as data.
pub(crate) fn data(value: &JsValue) -> Value {
    let text = JSON::stringify(value).expect("plain data");
    serde_json::from_str(&String::from(text)).expect("it is JSON")
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

pub(crate) async fn sleep(milliseconds: u64) {
    Delay::new(Duration::from_millis(milliseconds)).await;
}

/// What a call rejected with, looked at as JavaScript does.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Value,
}

impl Refusal {
    #[track_caller]
    pub(crate) fn of(thrown: &JsValue) -> Self {
        let error: &Error = thrown
            .dyn_ref()
            .unwrap_or_else(|| panic!("{thrown:?} is no Error"));
        assert_eq!(error.name(), "HoldpointError");
        assert!(
            Reflect::get(thrown, &"stack".into()).unwrap().is_string(),
            "it says where it comes from"
        );
        let details = Reflect::get(thrown, &"details".into()).unwrap();
        assert!(details.is_object(), "{thrown:?}: {details:?}");
        let code = Reflect::get(thrown, &"code".into()).unwrap();
        Self {
            code: code.as_string().expect("a code"),
            message: error.message().into(),
            details: data(&details),
        }
    }

    #[track_caller]
    pub(crate) fn says(&self, code: &str, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        for word in words {
            assert!(self.message.contains(word), "no {word:?} in {self:?}");
        }
    }
}

/// How long a call may take. One that takes longer will never end.
const PATIENCE: u64 = 20_000;

/// A promise's end, which has to come.
pub(crate) async fn ended(promise: Promise, what: &str) -> Result<JsValue, JsValue> {
    let never = JsValue::from(format!("{what} did not settle"));
    let timer = {
        let never = never.clone();
        wasm_bindgen_futures::future_to_promise(async move {
            sleep(PATIENCE).await;
            Ok(never)
        })
    };
    let first = Promise::race(&Array::of2(&promise, &timer));
    let end = JsFuture::from(first).await;
    assert!(end.as_ref().ok() != Some(&never), "{what} did not settle");
    end
}

/// An opened store, as JavaScript holds it.
#[derive(Clone)]
pub(crate) struct Store(pub(crate) JsValue);

impl Store {
    pub(crate) async fn open_with(options: JsValue) -> Result<Self, Refusal> {
        let opened = ended(Holdpoint::open(options), "open").await;
        opened.map(Self).map_err(|thrown| Refusal::of(&thrown))
    }

    pub(crate) async fn named(storage: &str, name: &str) -> Self {
        let options = json!({ "storage": storage, "name": name, "actor": "ana" });
        Self::open_with(plain(&options)).await.expect("it opens")
    }

    /// One that nobody else has.
    pub(crate) async fn new(storage: &str) -> Self {
        Self::named(storage, &fresh_name()).await
    }

    /// Begins a call.
    pub(crate) fn begin(&self, method: &str, arguments: &[JsValue]) -> Promise {
        self.call_now(method, arguments)
            .unwrap_or_else(|thrown| panic!("{method} threw {thrown:?} instead of rejecting"))
            .dyn_into()
            .unwrap_or_else(|found| panic!("{method} gave {found:?} instead of a promise"))
    }

    pub(crate) fn call_now(&self, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
        let function: Function = Reflect::get(&self.0, &method.into())?.dyn_into()?;
        function.apply(&self.0, &arguments.iter().collect())
    }

    pub(crate) async fn raw(
        &self,
        method: &str,
        arguments: &[JsValue],
    ) -> Result<JsValue, JsValue> {
        ended(self.begin(method, arguments), method).await
    }

    pub(crate) async fn told(&self, method: &str, arguments: &[JsValue]) -> Result<Value, Refusal> {
        match self.raw(method, arguments).await {
            Ok(value) => Ok(data(&value)),
            Err(thrown) => Err(Refusal::of(&thrown)),
        }
    }

    pub(crate) async fn call(&self, method: &str, arguments: &[JsValue]) -> Value {
        let told = self.told(method, arguments).await;
        told.unwrap_or_else(|refusal| panic!("{method}: {refusal:?}"))
    }

    pub(crate) async fn refused(&self, method: &str, arguments: &[JsValue]) -> Refusal {
        let told = self.told(method, arguments).await;
        told.expect_err("expected a refusal")
    }

    pub(crate) async fn execute(&self, project: &Value, command: Value) -> Value {
        let request = json!({ "project": project, "command": command });
        self.call("execute", &[plain(&request)]).await
    }

    /// The outcome of a command.
    pub(crate) async fn outcome(&self, project: &Value, command: Value) -> Value {
        self.execute(project, command).await["outcome"].take()
    }

    pub(crate) async fn refuses(&self, project: &Value, command: Value) -> Refusal {
        let request = json!({ "project": project, "command": command });
        self.refused("execute", &[plain(&request)]).await
    }

    pub(crate) async fn query(&self, query: Value) -> Value {
        self.call("query", &[plain(&query)]).await
    }

    /// A project with a plan of three steps that is being implemented.
    pub(crate) async fn project(&self) -> (Value, Value) {
        let steps = json!([{ "title": "one" }, { "title": "two" }, { "title": "three" }]);
        let command = json!({
            "type": "create_project",
            "name": "made",
            "plan": { "plan": { "request": "do it", "steps": steps } },
        });
        let request = json!({ "command": command });
        let mut receipt = self.call("execute", &[plain(&request)]).await;
        (receipt["project"].take(), receipt["outcome"]["plan"].take())
    }

    pub(crate) async fn revision(&self, project: &Value) -> u64 {
        let view = self
            .query(json!({ "type": "project", "project": project }))
            .await;
        view["revision"].as_u64().expect("a revision")
    }

    /// Takes the next step and completes it.
    pub(crate) async fn step(&self, project: &Value, plan: &Value) {
        let started = self
            .outcome(project, json!({ "type": "start_step", "plan": plan }))
            .await;
        let attempt = &started["attempt"];
        let complete = json!({ "type": "complete_step", "plan": plan, "attempt": attempt });
        self.outcome(project, complete).await;
    }
}

pub(crate) fn fresh_name() -> String {
    format!("binding {}", js_sys::Math::random())
}

/// The n-th id there is.
pub(crate) fn id(n: u32) -> String {
    format!("01KDWPVNG0{n:016}")
}
