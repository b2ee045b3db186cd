//! What goes to the console.

use super::given::{Refusal, Store, data, js, plain, text};
use holdpoint::wasm::set_log_level;
use js_sys::{Array, Function};
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

/// What is said in the console, until this is dropped. Others' lines are left out.
pub(crate) struct Console {
    lines: Array,
    restore: Function,
}

impl Console {
    pub(crate) fn listen() -> Self {
        let lines = Array::new();
        let replace = Function::new_with_args(
            "lines",
            "const before = {};
            for (const level of ['error', 'warn', 'info', 'debug', 'log']) {
                before[level] = console[level];
                console[level] = (...said) => {
                    if (String(said[0]).startsWith('holdpoint')) lines.push([level, said.map(String).join(' ')]);
                    else before[level].apply(console, said);
                };
            }
            return () => Object.assign(console, before);",
        );
        let restore = replace.call1(&JsValue::UNDEFINED, &lines).unwrap();
        Self {
            lines,
            restore: wasm_bindgen::JsCast::unchecked_into(restore),
        }
    }

    /// The lines of a level.
    pub(crate) fn said(&self, level: &str) -> Vec<String> {
        self.all()
            .into_iter()
            .filter(|(of, _)| of == level)
            .map(|(_, line)| line)
            .collect()
    }

    fn all(&self) -> Vec<(String, String)> {
        serde_json::from_value(data(&self.lines)).unwrap()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.restore.call0(&JsValue::UNDEFINED).unwrap();
        set_log_level(&"warn".into()).unwrap();
    }
}

const SECRET: &str = "s3cr3t";

/// Does some of everything with texts that nobody may read.
async fn whisper(storage: &str) {
    let options = json!({
        "storage": storage,
        "name": super::given::fresh_name(),
        "actor": SECRET,
    });
    let store = Store::open_with(plain(&options)).await.unwrap();
    let steps = json!([{ "title": SECRET, "input": format!("\"{SECRET}\"") }]);
    let create = json!({ "type": "create_project", "name": SECRET, "plan": {
        "plan": { "request": SECRET, "steps": steps },
        "context": [{ "agent": SECRET, "kind": SECRET, "body": SECRET }],
    } });
    let receipt = store
        .call("execute", &[plain(&json!({ "command": create }))])
        .await;
    let (project, plan) = (
        receipt["project"].clone(),
        receipt["outcome"]["plan"].clone(),
    );
    store.call("pause", &[plain(&project), SECRET.into()]).await;
    store.call("resume", &[plain(&project)]).await;
    let taken = json!({ "type": "create_checkpoint", "checkpoint": {
        "name": SECRET, "data": format!("\"{SECRET}\""), "description": SECRET,
    } });
    store.outcome(&project, taken).await;
    let start = json!({ "type": "start_step", "plan": plan });
    store.outcome(&project, start).await;
    let fail = json!({ "type": "fail_step", "plan": plan, "attempt": 1, "error": SECRET });
    store.outcome(&project, fail).await;
    for command in [
        json!({ "type": SECRET }),
        json!({ "type": "rename_project", "name": SECRET.repeat(100) }),
        json!({ "type": "rename_project", "name": SECRET, SECRET: SECRET }),
        json!({ "type": "pause", "reason": [SECRET] }),
        json!({ "type": "resume" }),
        json!({ "type": "start_plan", "plan": SECRET }),
    ] {
        store.refuses(&project, command).await;
    }
    store
        .query(json!({ "type": "project", "project": project }))
        .await;
    let query = json!({ "type": "projects", "id_starts_with": SECRET });
    store.query(query).await;
    let step = json!({ "thought": SECRET, "action": SECRET, "observation": SECRET });
    let file = json!({ "trajectory": [step] }).to_string();
    let name = format!("{SECRET}.traj");
    let imported = store
        .call("importTrajectory", &[file.into(), name.clone().into()])
        .await;
    let ids = [plain(&imported["project"]), plain(&imported["plan"])];
    store.call("playStep", &ids).await;
    store
        .refused("importTrajectory", &[SECRET.into(), name.into()])
        .await;
    // Listeners that throw what they were told of.
    let throws = format!("() => {{ throw new Error('{SECRET}'); }}");
    store.raw("subscribe", &[js(&throws)]).await.unwrap();
    store.outcome(&project, json!({ "type": "pause" })).await;
    super::given::sleep(50).await;
    store.call_now("close", &[]).unwrap();
    store.refused("pause", &[plain(&project)]).await;
}

#[wasm_bindgen_test]
async fn each_level_says_what_it_and_those_before_it_say() {
    let levels = ["off", "error", "warn", "info", "debug"];
    for (n, level) in levels.iter().enumerate() {
        let console = Console::listen();
        set_log_level(&JsValue::from(*level)).unwrap();
        whisper("memory").await;
        for said in console.all() {
            let of = levels.iter().position(|level| *level == said.0).unwrap();
            assert!(of <= n, "{said:?} at {level}");
        }
        let count = |level| console.said(level).len();
        assert_eq!(count("error") > 0, n >= 1, "{level}");
        assert_eq!(count("info") > 0, n >= 3, "{level}");
        assert_eq!(count("debug") > 0, n >= 4, "{level}");
        assert_eq!(count("log"), 0);
    }
}

async fn no_text(storage: &str) {
    let console = Console::listen();
    set_log_level(&"debug".into()).unwrap();
    whisper(storage).await;
    let said = console.all();
    assert!(said.len() > 10, "{said:?}");
    let told: Vec<_> = said
        .iter()
        .filter(|(_, line)| line.contains(SECRET))
        .collect();
    assert!(told.is_empty(), "{told:#?}");
}

#[wasm_bindgen_test]
async fn no_text_is_ever_said_on_memory() {
    no_text("memory").await;
}

#[wasm_bindgen_test]
async fn no_text_is_ever_said_on_indexeddb() {
    no_text("indexeddb").await;
}

#[wasm_bindgen_test]
fn an_unknown_level_is_refused() {
    for level in [
        "'loud'",
        "'WARN'",
        "''",
        "2",
        "null",
        "undefined",
        "{}",
        "'\\ud800'",
    ] {
        let thrown = set_log_level(&js(level)).expect_err(level);
        let refusal = Refusal::of(&thrown);
        refusal.says("INVALID_INPUT", &["expected", "found"]);
        assert_eq!(text(&refusal.details["field"]), "level");
    }
}
