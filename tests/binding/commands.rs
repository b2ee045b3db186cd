//! Each command, each named method, previews and repeats.

use super::given::{Store, id, plain, text};
use super::types::Types;
use holdpoint::machine::CommandKind;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_every_storage![
    every_command_does_what_it_says_and_answers_as_typed,
    named_methods_answer_as_typed,
    a_preview_is_executed_exactly_once,
    a_preview_is_refused_after_another_commit,
    the_same_request_again_gets_the_same_receipt,
    another_command_under_the_same_id_is_refused,
    a_null_is_as_good_as_nothing,
];

/// One who gives commands and remembers their kinds.
pub(super) struct Author<'a> {
    pub(super) store: &'a Store,
    pub(super) types: Types,
    pub(super) project: Value,
    given: BTreeSet<String>,
}

impl<'a> Author<'a> {
    /// One with a new project that is being worked on.
    pub(super) async fn new(store: &'a Store) -> Self {
        let (project, _) = store.project().await;
        Self {
            store,
            types: Types::read(),
            project,
            given: BTreeSet::new(),
        }
    }

    pub(super) async fn done(&mut self, command: Value) -> Value {
        self.types.check("Command", &command);
        self.given.insert(text(&command["type"]).to_owned());
        let project = self.project.clone();
        let receipt = self.store.execute(&project, command).await;
        self.types.check("Receipt", &receipt);
        assert_eq!(receipt["project"], project);
        receipt["outcome"].clone()
    }

    /// Gives a command that makes a project of its own; gives the receipt.
    pub(super) async fn given_elsewhere(&mut self, command: &Value) -> Value {
        self.types.check("Command", command);
        self.given.insert(text(&command["type"]).to_owned());
        let request = plain(&json!({ "command": command }));
        let receipt = self.store.call("execute", &[request]).await;
        self.types.check("Receipt", &receipt);
        receipt
    }
}

async fn every_command_does_what_it_says_and_answers_as_typed(storage: &str) {
    let store = Store::new(storage).await;
    let create = json!({
        "type": "create_project",
        "name": "everything",
        "status": "init",
        "settings": { "token_limit": 1000, "flash_save": "always" },
    });
    let types = Types::read();
    types.check("Command", &create);
    let receipt = store
        .call("execute", &[plain(&json!({ "command": create }))])
        .await;
    types.check("Receipt", &receipt);
    let mut author = Author {
        store: &store,
        types,
        project: receipt["project"].clone(),
        given: BTreeSet::from(["create_project".to_owned()]),
    };
    let done = author.done(json!({ "type": "plan_project" })).await;
    assert_eq!(done["status"], "planning");
    let done = author.done(json!({ "type": "start_project" })).await;
    assert_eq!(done["status"], "active");
    let done = author
        .done(json!({ "type": "rename_project", "name": "ž 🎉" }))
        .await;
    assert_eq!(done, json!({ "type": "project_renamed", "name": "ž 🎉" }));
    let settings = json!({ "max_reversions": 9, "auto_checkpoint_interval": 2 });
    let plan = json!({ "request": "first", "settings": settings });
    let plan = author
        .done(json!({ "type": "create_plan", "plan": plan }))
        .await["plan"]
        .take();
    author
        .done(json!({ "type": "start_plan", "plan": plan }))
        .await;
    let steps = json!([
        { "title": "a", "input": "{\"n\":1}" }, { "title": "b" }, { "title": "c" }
    ]);
    let submit = json!({ "type": "submit_plan", "plan": plan, "text": "so", "steps": steps });
    assert_eq!(author.done(submit).await["state"], "implementing");
    author
        .done(json!({ "type": "set_agent", "agent": "eva", "token_limit": 50 }))
        .await;
    let items = json!([
        { "agent": "eva", "kind": "code", "body": "old ".repeat(100), "plan": plan,
          "created_at": "2020-01-01T00:00:00.000Z" },
        { "agent": "eva", "kind": "task", "body": "kept", "pinned": true },
    ]);
    let added = author
        .done(json!({ "type": "add_context", "items": items }))
        .await;
    let added = added["items"].as_array().unwrap().clone();
    assert_eq!(added.len(), 2);
    let started = author
        .done(json!({ "type": "start_step", "plan": plan, "step": 0 }))
        .await;
    assert_eq!(
        (&started["step"], &started["attempt"]),
        (&json!(0), &json!(1))
    );
    let failed = author
        .done(json!({ "type": "fail_step", "plan": plan, "attempt": 1, "error": "no" }))
        .await;
    assert_eq!(failed["failures"], 1);
    author
        .done(json!({ "type": "start_step", "plan": plan }))
        .await;
    let context = json!([{ "agent": "eva", "kind": "note", "body": "learned" }]);
    let complete = json!({
        "type": "complete_step", "plan": plan, "attempt": 2, "output": "[1]", "context": context,
    });
    assert_eq!(
        author.done(complete).await["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let checkpoint = json!({
        "plan": plan, "name": "here", "description": "d", "reason": "r", "source_tool": "t",
        "phase": "p", "external_ref": "e", "data": "{\"a\":[]}", "pinned": true,
    });
    let taken = author
        .done(json!({ "type": "create_checkpoint", "checkpoint": checkpoint }))
        .await;
    let own = json!({ "type": "create_checkpoint", "checkpoint": { "name": "all" } });
    let of_all = author.done(own).await["checkpoint"].take();
    author
        .done(json!({ "type": "start_step", "plan": plan }))
        .await;
    author
        .done(json!({ "type": "complete_step", "plan": plan, "attempt": 3 }))
        .await;
    let back = json!({
        "type": "rollback_plan", "plan": plan, "checkpoint": taken["checkpoint"], "reason": "r",
    });
    assert_eq!(author.done(back).await["steps_reverted"], 1);
    let revert = json!({
        "type": "revert_plan", "plan": plan, "to": "implementing", "from_step": 0, "reason": "r",
    });
    author.done(revert).await;
    let paused = author
        .done(json!({ "type": "pause", "reason": "lunch" }))
        .await;
    assert_eq!(paused["items_archived"], 1, "{paused}");
    assert_eq!(paused["reason"], "lunch");
    let resume = json!({ "type": "resume", "checkpoint": of_all });
    let resumed = author.done(resume).await;
    assert_eq!(resumed["rollback"]["checkpoint"], of_all);
    author.done(json!({ "type": "pause" })).await;
    author.done(json!({ "type": "resume" })).await;
    author
        .done(json!({ "type": "restore_items", "items": [added[0]] }))
        .await;
    let all = json!({ "type": "rollback_project", "checkpoint": of_all, "reason": "r" });
    author.done(all).await;
    author
        .done(json!({ "type": "fail_plan", "plan": plan, "error": "broken" }))
        .await;
    author
        .done(json!({ "type": "retry_plan", "plan": plan }))
        .await;
    author
        .done(json!({ "type": "cancel_plan", "plan": plan, "reason": "r" }))
        .await;
    let one = json!({ "request": "second", "steps": [{ "title": "only" }] });
    let plan = author
        .done(json!({ "type": "create_plan", "plan": one }))
        .await["plan"]
        .take();
    author
        .done(json!({ "type": "start_plan", "plan": plan }))
        .await;
    author
        .done(json!({ "type": "start_step", "plan": plan }))
        .await;
    let complete = json!({ "type": "complete_step", "plan": plan, "attempt": 1 });
    assert_eq!(author.done(complete).await["state"], "completed");
    author
        .done(json!({ "type": "mark_applied", "plan": plan }))
        .await;
    super::approvals::through_every_gate(&mut author).await;
    super::context::on_demand(&mut author).await;
    super::retention::retained(&mut author).await;
    super::past::forked(&mut author).await;
    author
        .done(json!({ "type": "stop_project", "reason": "r" }))
        .await;
    author.done(json!({ "type": "start_project" })).await;
    author.done(json!({ "type": "complete_project" })).await;
    let report = store
        .query(json!({ "type": "verify", "project": author.project }))
        .await;
    author.types.check("VerifyReport", &report);
    assert_eq!(report["clean"], true, "{report}");
    author.done(json!({ "type": "delete_project" })).await;

    let all: BTreeSet<String> = CommandKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(author.given, all);
}

async fn named_methods_answer_as_typed(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    let (project, plan) = store.project().await;
    let paused = store.call("pause", &[plain(&project), "why".into()]).await;
    types.check("PauseReport", &paused);
    assert_eq!(paused["reason"], "why");
    let again = store.call("pause", &[plain(&project)]).await;
    assert_eq!(again["already_paused"], true);
    let resumed = store.call("resume", &[plain(&project)]).await;
    types.check("ResumeReport", &resumed);
    assert_eq!(resumed["rollback"], Value::Null);
    store.step(&project, &plan).await;
    let paused = store
        .call("pause", &[plain(&project), plain(&json!(null))])
        .await;
    let to = plain(&paused["checkpoint_id"]);
    let resumed = store.call("resume", &[plain(&project), to]).await;
    types.check("ResumeReport", &resumed);
    assert!(resumed["rollback"].is_object(), "{resumed}");
}

async fn a_preview_is_executed_exactly_once(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    let (project, plan) = store.project().await;
    store.step(&project, &plan).await;
    let checkpoint = store.call("pause", &[plain(&project)]).await["checkpoint_id"].take();
    store.call("resume", &[plain(&project)]).await;
    store.step(&project, &plan).await;
    let before = store.revision(&project).await;
    let commands = [
        json!({ "type": "rollback_project", "checkpoint": checkpoint }),
        json!({ "type": "pause", "reason": "shown" }),
    ];
    for (n, command) in (0..).zip(commands) {
        let arguments = [plain(&project), plain(&command)];
        let preview = store.call("preview", &arguments).await;
        types.check("Preview", &preview);
        assert_eq!(
            store.revision(&project).await,
            before + n,
            "it changes nothing"
        );
        assert_eq!(preview["expected_revision"], before + n);
        assert_eq!(preview["request"]["expected_revision"], before + n);
        // As it was given, field for field, and not through any copy of the test's.
        let arguments = [plain(&preview["request"])];
        let first = store.call("execute", &arguments).await;
        assert_eq!(first["revision"], before + n + 1);
        // When it was paused is when it was executed.
        let mut outcome = first["outcome"].clone();
        if outcome["type"] == "paused" {
            outcome["paused_at"] = preview["outcome"]["paused_at"].clone();
        }
        assert_eq!(outcome, preview["outcome"]);
        assert_eq!(store.call("execute", &arguments).await, first);
        assert_eq!(store.revision(&project).await, before + n + 1);
    }
}

async fn a_preview_is_refused_after_another_commit(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let arguments = [plain(&project), plain(&json!({ "type": "pause" }))];
    let preview = store.call("preview", &arguments).await;
    store
        .outcome(
            &project,
            json!({ "type": "rename_project", "name": "meanwhile" }),
        )
        .await;
    let refusal = store
        .refused("execute", &[plain(&preview["request"])])
        .await;
    refusal.says("CHANGED", &["expected revision 1", "found revision 2"]);
    assert_eq!(refusal.details, json!({ "expected": 1, "found": 2 }));
}

async fn the_same_request_again_gets_the_same_receipt(storage: &str) {
    let store = Store::new(storage).await;
    let create = json!({ "id": id(1), "command": { "type": "create_project", "name": "one" } });
    let first = store.call("execute", &[plain(&create)]).await;
    assert_eq!(store.call("execute", &[plain(&create)]).await, first);
    let project = &first["project"];
    let rename = json!({
        "project": project, "id": id(2), "actor": "eva",
        "command": { "type": "rename_project", "name": "two" },
    });
    let renamed = store.call("execute", &[plain(&rename)]).await;
    store
        .outcome(
            project,
            json!({ "type": "rename_project", "name": "three" }),
        )
        .await;
    assert_eq!(store.call("execute", &[plain(&rename)]).await, renamed);
    assert_eq!(store.call("execute", &[plain(&create)]).await, first);
    assert_eq!(store.revision(project).await, 3);
    let history = store
        .query(json!({ "type": "history", "project": project }))
        .await;
    assert_eq!(history[1]["actor"], "eva");
    assert_eq!(history[1]["command"]["id"], id(2));
    // Once more in parts: the creation names its project.
    let mut named = create.clone();
    named["project"] = project.clone();
    assert_eq!(store.call("execute", &[plain(&named)]).await, first);
}

async fn another_command_under_the_same_id_is_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let request = |name: &str| {
        let command = json!({ "type": "rename_project", "name": name });
        plain(&json!({ "project": project, "id": id(2), "command": command }))
    };
    store.call("execute", &[request("one")]).await;
    let refusal = store.refused("execute", &[request("another")]).await;
    refusal.says("COMMAND_ID_REUSED", &["expected", "found", &id(2)]);
    assert_eq!(refusal.details, json!({ "command": id(2), "revision": 2 }));
}

/// What may be left out may be null or undefined.
async fn a_null_is_as_good_as_nothing(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let request = json!({
        "project": project, "id": null, "actor": null, "expected_revision": null,
        "command": { "type": "pause", "reason": null },
    });
    assert_eq!(
        store.call("execute", &[plain(&request)]).await["outcome"]["reason"],
        Value::Null
    );
}
