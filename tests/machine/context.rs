//! Agents and their context: R20 to R22, R24, R26, R27.

use super::commands::*;
use super::given::{Given, command, days_before, noon};
use holdpoint::machine::{Command, Decision, Env, NewItem, Outcome, Rejection, decide};
use holdpoint::model::{
    Body, CountTokens, Digest, EstimateTokens, InvalidInput, ItemId, MAX_INTEGER, Tally, Tier,
    TokenCount,
};
use serde_json::json;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r20_r21_importance_and_tier_are_computed_when_asked_for() {
    let mut given = Given::project();
    let items = given.added(vec![item("ana", "code", 1), item("ana", "task", 1)]);
    let code = &given.state().items[&items[0]];
    let made = code.created_at;
    let later = |days: i64| made.plus_milliseconds(days * 86_400_000);
    assert!((code.importance(made) - 0.72).abs() < 1e-12);
    assert!((code.importance(later(4)) - 0.374_134_113_294_645_1).abs() < 1e-12);
    assert_eq!(
        (code.tier(made), code.tier(later(3)), code.tier(later(4))),
        (Tier::Warm, Tier::Warm, Tier::Cold)
    );
    // An age below 0 counts as 0, and a task is never cold.
    assert!((code.importance(later(-9)) - 0.72).abs() < 1e-12);
    let task = &given.state().items[&items[1]];
    assert_eq!(
        (task.tier(made), task.tier(later(100_000))),
        (Tier::Hot, Tier::Warm)
    );
    // Nothing of it is stored.
    let stored = serde_json::to_value(&**task).unwrap();
    assert!(stored.get("importance").is_none() && stored.get("tier").is_none());
}

#[test]
fn r22_archived_items_can_be_listed_and_brought_back() {
    let mut given = Given::project();
    let old = days_before(30, noon());
    let items = given.added(vec![
        item("ana", "diary", 10).from(old),
        item("ana", "diary", 20).from(old),
        item("ana", "code", 5),
    ]);
    given.paused();
    let archived = |given: &Given| -> Vec<ItemId> {
        given
            .state()
            .items_in_order()
            .iter()
            .filter(|item| item.archived)
            .map(|item| item.id)
            .collect()
    };
    assert_eq!(archived(&given), items[..2]);
    let tally = |items, tokens| Tally {
        items,
        tokens,
        estimated: 0,
    };
    let ana = given.agent("ana");
    assert_eq!((ana.active, ana.archived), (tally(1, 5), tally(2, 30)));
    // While it is paused too; twice named is once brought back.
    let outcome = given.done(restore_items(vec![items[1], items[2], items[1]]));
    assert_eq!(
        outcome,
        Outcome::ItemsRestored {
            items: vec![items[1]]
        }
    );
    assert_eq!(archived(&given), items[..1]);
    // Bringing back what is there changes nothing.
    let outcome = given
        .when(restore_items(vec![items[1], items[2]]))
        .nothing();
    assert_eq!(outcome, Outcome::ItemsRestored { items: vec![] });
    let unknown = ItemId::from_parts(1, 1);
    assert_eq!(
        given.when(restore_items(vec![items[0], unknown])).refusal(),
        Rejection::ItemNotFound { item: unknown }
    );
    assert_eq!(given.refused(restore_items(vec![])), "INVALID_INPUT");
    assert_eq!(archived(&given), items[..1]);
}

#[test]
fn r24_tokens_are_counted_when_an_item_is_added_by_the_callers_counter() {
    let mut given = Given::project();
    let items = given.added(vec![
        item("ana", "code", 123),
        item_saying("ana", "code", "~55 tokens"),
        item_saying("ana", "code", "twelve chars"),
    ]);
    let counts: Vec<_> = items
        .iter()
        .map(|item| {
            (
                given.state().items[item].tokens,
                given.state().items[item].tokens_estimated,
            )
        })
        .collect();
    assert_eq!(counts, [(123, false), (55, true), (3, true)]);
    let ana = given.agent("ana");
    assert_eq!(
        ana.active,
        Tally {
            items: 3,
            tokens: 181,
            estimated: 2
        }
    );
}

#[test]
fn r24_the_built_in_estimate_is_marked() {
    let mut given = Given::project();
    let request = given.request(add_context(vec![item_saying("ana", "code", "abcde")]));
    let decision = decide(given.state(), &request, &Env::new(noon(), &EstimateTokens)).unwrap();
    let Decision::Commit { next, .. } = decision else {
        panic!("{decision:?}")
    };
    let item = next.items.values().next().unwrap();
    assert_eq!((item.tokens, item.tokens_estimated), (2, true));
}

#[test]
fn r24_a_counter_that_cannot_be_right_is_refused() {
    struct Says(u64);
    impl CountTokens for Says {
        fn count(&self, _: &str) -> Result<TokenCount, InvalidInput> {
            Ok(TokenCount {
                tokens: self.0,
                estimated: false,
            })
        }
    }
    let mut given = Given::project();
    let request = given.request(add_context(vec![item("ana", "code", 1)]));
    let decided =
        |tokens| decide(given.state(), &request, &Env::new(noon(), &Says(tokens))).map(|_| ());
    assert_eq!(decided(0), Ok(()));
    assert_eq!(decided(1_000_000), Ok(()));
    for wrong in [1_000_001, u64::MAX] {
        let refusal = decided(wrong).unwrap_err();
        let is_tokens = |field| field == "tokens";
        assert!(
            matches!(&refusal, Rejection::Invalid(InvalidInput::Malformed { field, .. }) if is_tokens(*field)),
            "{refusal:?}"
        );
    }
}

#[test]
fn r24_a_counter_that_fails_is_the_reason_of_the_refusal() {
    struct Fails;
    impl CountTokens for Fails {
        fn count(&self, text: &str) -> Result<TokenCount, InvalidInput> {
            Err(InvalidInput::malformed("counter", "a loaded model", text))
        }
    }
    let mut given = Given::project();
    let plan = given.started_plan(1);
    let attempt = given.attempt(plan);
    let context = vec![item_saying("ana", "code", "none")];
    for command in [
        add_context(context.clone()),
        Command::CompleteStep {
            plan,
            attempt,
            output: None,
            context,
        },
    ] {
        let request = given.request(command);
        let refusal = decide(given.state(), &request, &Env::new(noon(), &Fails)).unwrap_err();
        let expected = InvalidInput::malformed("counter", "a loaded model", "none");
        assert_eq!(refusal, Rejection::Invalid(expected));
    }
}

#[test]
fn r26_equal_texts_share_one_body() {
    let mut given = Given::project();
    let same = |agent: &str| item_saying(agent, "code", "let x = 1;");
    let answer = given
        .when(add_context(vec![
            same("ana"),
            same("ben"),
            item_saying("ana", "code", "let y = 2;"),
        ]))
        .answer();
    let digests: Vec<_> = answer.blobs.iter().map(|blob| *blob.digest()).collect();
    assert_eq!(
        digests,
        [Digest::of(b"let x = 1;"), Digest::of(b"let y = 2;")]
    );
    let bodies: Vec<_> = given
        .state()
        .items_in_order()
        .iter()
        .map(|item| item.body)
        .collect();
    assert_eq!((bodies[0].digest, bodies[0].bytes), (digests[0], 10));
    assert_eq!(bodies[0], bodies[1]);
}

#[test]
fn r26_a_pause_and_a_rollback_touch_no_body() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    given.added(vec![item("ana", "diary", 10).from(days_before(9, noon()))]);
    let report = given.paused();
    for command in [
        rollback_project(early),
        rollback_project(report.checkpoint_id),
        resume(),
    ] {
        let answer = given.when(command).answer();
        assert_eq!(answer.blobs, []);
    }
}

#[test]
fn r26_a_steps_result_brings_its_output_and_its_context_as_bodies() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    let attempt = given.attempt(plan);
    let context = vec![item_saying("ana", "code", "let x = 1;")];
    let answer = given
        .when(complete_step_with(plan, attempt, context))
        .answer();
    let digests: Vec<_> = answer.blobs.iter().map(|blob| *blob.digest()).collect();
    assert_eq!(
        digests,
        [
            Digest::of(b"\"result of attempt 1\""),
            Digest::of(b"let x = 1;")
        ]
    );
    assert_eq!(
        given.plan(plan).steps[0].output.map(|output| output.digest),
        Some(digests[0])
    );
}

#[test]
fn r27_a_body_is_1_to_100_000_characters_and_not_blank() {
    let parse = |body: &str| {
        let item = json!({ "agent": "ana", "kind": "code", "body": body });
        serde_json::from_value::<NewItem>(item).is_ok()
    };
    assert!(parse("x") && parse(&"🦀".repeat(100_000)));
    for wrong in ["", " ", "\r\n\t", "\u{a0}\u{2003}"] {
        assert!(!parse(wrong), "{wrong:?}");
    }
    let code = |body: String| Body::new(body).unwrap_err().code().as_str();
    assert_eq!(code(" ".to_owned()), "INVALID_INPUT");
    assert_eq!(code("x".repeat(100_001)), "TOO_LONG");
    assert!(!parse(&"🦀".repeat(100_001)));
}

#[test]
fn an_item_keeps_what_was_said_of_it() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    let old = days_before(3, noon());
    let at = given.now;
    let items = given.added(vec![
        item("ana", "my own kind", 1)
            .from(old)
            .pinned()
            .of_plan(plan),
        item("ana", "code", 2),
    ]);
    let [first, second] = [items[0], items[1]].map(|id| given.state().items[&id].clone());
    assert_eq!(
        (first.number, first.agent.as_str(), first.kind.as_str()),
        (1, "ana", "my own kind")
    );
    assert_eq!(
        (first.plan, first.pinned, first.archived),
        (Some(plan), true, false)
    );
    assert_eq!(
        (first.created_at, first.last_accessed, first.access_count),
        (old, None, 0)
    );
    assert_eq!(
        (second.number, second.plan, second.pinned),
        (2, None, false)
    );
    assert_eq!((second.created_at, second.last_accessed), (at, None));
}

#[test]
fn an_agent_becomes_known_by_its_first_item_with_the_projects_limit() {
    let mut given = Given::project();
    assert_eq!(given.refused(add_context(vec![])), "INVALID_INPUT");
    given.done(add_context(vec![
        item("ana", "code", 1),
        item("ana", "code", 2),
    ]));
    given.done(set_agent("ben", 7));
    let limit = |given: &Given, name: &str| given.agent(name).token_limit;
    assert_eq!((limit(&given, "ana"), limit(&given, "ben")), (180_000, 7));
    given.done(set_agent("ana", MAX_INTEGER));
    given.done(add_context(vec![item("ana", "code", 3)]));
    assert_eq!(
        limit(&given, "ana"),
        MAX_INTEGER,
        "a limit that was set stays"
    );
    for wrong in [0, MAX_INTEGER + 1, u64::MAX] {
        assert_eq!(
            given.refused(set_agent("ana", wrong)),
            "INVALID_INPUT",
            "{wrong}"
        );
    }
}

#[test]
fn context_that_is_refused_in_part_is_refused_whole() {
    let mut given = Given::project();
    let elsewhere = holdpoint::model::PlanId::from_parts(1, 1);
    let items = vec![
        item("new", "code", 1),
        item("ana", "code", 1).of_plan(elsewhere),
    ];
    let before = given.state().clone();
    assert_eq!(given.refused(add_context(items.clone())), "PLAN_NOT_FOUND");
    let plan = given.started_plan(1);
    let attempt = given.attempt(plan);
    assert_eq!(
        given.refused(complete_step_with(plan, attempt, items)),
        "PLAN_NOT_FOUND"
    );
    assert_eq!(given.state().agents, before.agents);
    given.done(complete_step(plan, attempt));
}

#[test]
fn r27_nothing_else_parses_as_a_command_either() {
    for wrong in [
        json!({ "type": "add_context", "items": [{ "agent": "", "kind": "code", "body": "x" }] }),
        json!({ "type": "add_context", "items": [{ "agent": "a", "kind": " ", "body": "x" }] }),
        json!({ "type": "add_context", "items": [], "and": 1 }),
        json!({ "type": "add_context" }),
        json!({ "type": "create_plan", "plan": { "request": " " } }),
        json!({ "type": "set_agent", "agent": "ana", "token_limit": -1 }),
        json!({ "type": "fly" }),
    ] {
        assert!(command(wrong.clone()).is_err(), "{wrong}");
    }
    // What is wrong is what was named, and not how it is written.
    let right = json!({ "type": "add_context", "items": [] });
    assert!(command(right).is_ok());
}
