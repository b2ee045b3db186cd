//! R28: a text that was removed for good is gone, and stays gone. What is left in files is shown in
//! `tests/sqlite/erased.rs`.

use super::author::{Author, complete_step, create_plan, item, name, plan_of};
use super::given::{Disk, noon, refused, wait};
use super::observe::{entries, observe};
use holdpoint::engine::{Engine, EngineError};
use holdpoint::machine::{Command, InitialStatus, NewItem, Outcome};
use holdpoint::model::{
    BlobRef, CheckpointId, Digest, ItemId, PlanId, PlanState, ProjectId, Revision,
};
use holdpoint::storage::Storage;

on_every_disk![
    r28_reading_what_was_removed_for_good_says_who_did_it_and_when,
    r28_everything_in_the_project_with_that_text_loses_it_and_others_keep_theirs,
    r28_the_same_text_again_stores_nothing,
    r28_history_stays_as_it_is_and_verifies,
    r28_no_rollback_brings_it_back,
    r28_removing_it_again_changes_nothing,
    r28_neither_entries_nor_snapshots_hold_a_body,
    r28_a_long_text_with_that_digest_loses_all_but_its_beginning,
    r28_what_is_not_there_cannot_be_removed,
    r28_what_has_left_the_state_is_removed_by_its_digest,
    r28_by_its_digest_an_input_a_long_text_and_what_is_still_there_go_too,
    r28_a_digest_that_the_project_has_no_body_of_is_refused,
];

const SECRET: &str = "\"the password is swordfish\"";

fn redact_item(item: ItemId) -> Command {
    Command::RedactItem {
        item,
        reason: Some("it leaked".parse().unwrap()),
    }
}

const fn redact_output(plan: PlanId, step: u32) -> Command {
    Command::RedactOutput {
        plan,
        step,
        reason: None,
    }
}

fn redact_body(digest: Digest) -> Command {
    Command::RedactBody {
        digest,
        reason: Some("it leaked".parse().unwrap()),
    }
}

fn added<S: Storage>(author: &mut Author<S>, items: Vec<NewItem>) -> Vec<ItemId> {
    match author.done(Command::AddContext { items }).outcome {
        Outcome::ContextAdded(added) => added.items,
        other => panic!("{other:?} is no context"),
    }
}

fn complete_with_secret(plan: PlanId, attempt: u64) -> Command {
    Command::CompleteStep {
        plan,
        attempt,
        output: Some(SECRET.parse().unwrap()),
        context: vec![],
    }
}

fn body<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    body: &BlobRef,
) -> Result<String, EngineError> {
    wait(engine.body(project, body)).map(|text| (*text).to_owned())
}

fn stored<S: Storage>(engine: &Engine<S>, project: ProjectId, text: &str) -> bool {
    let digest = Digest::of(text.as_bytes());
    let found = wait(engine.storage().blob(project, digest)).unwrap();
    found.is_some()
}

fn r28_reading_what_was_removed_for_good_says_who_did_it_and_when<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(2);
    author.step_done(plan);
    let item = added(&mut author, vec![item(SECRET)])[0];
    let of_item = author.state().items[&item].body;
    let of_step = author.state().plans[&plan].steps[0].output.unwrap();
    for (command, is) in [
        (redact_item(item), of_item),
        (redact_output(plan, 0), of_step),
    ] {
        assert!(body(&author.engine, author.project, &is).is_ok());
        let receipt = author.done(command);
        assert_eq!(receipt.outcome, Outcome::BodyRedacted { digest: is.digest });
        let expected = EngineError::Redacted {
            digest: is.digest,
            at: noon(),
            by: "ana".parse().unwrap(),
        };
        for engine in [&author.engine, &disk.engine()] {
            let told = body(engine, author.project, &is);
            assert_eq!(told.as_ref(), Err(&expected));
            assert_eq!(refused(told), "REDACTED");
        }
    }
    let redacted = author.state().redacted.clone();
    let reason = redacted[&of_item.digest].reason.as_ref().unwrap();
    assert_eq!(reason.as_str(), "it leaked");
    // The item is still there, with its size and its tokens.
    assert_eq!(author.state().items[&item].body, of_item);
    observe(disk.open(), author.project);
}

fn r28_everything_in_the_project_with_that_text_loses_it_and_others_keep_theirs<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let mut other = Author::numbered(disk.engine(), 5000, InitialStatus::Active);
    let theirs = added(&mut other, vec![item(SECRET)])[0];
    let plan = author.started_plan(1);
    let of_ben = NewItem {
        agent: name("ben"),
        ..item(SECRET)
    };
    let items = added(&mut author, vec![item(SECRET), of_ben, item("harmless")]);
    let attempt = author.attempt(plan);
    author.done(complete_with_secret(plan, attempt));
    author.done(redact_output(plan, 0));
    let state = author.state();
    let output = state.plans[&plan].steps[0].output.unwrap();
    let told = |is: &BlobRef| body(&author.engine, author.project, is);
    for lost in [
        output,
        state.items[&items[0]].body,
        state.items[&items[1]].body,
    ] {
        assert_eq!(refused(told(&lost)), "REDACTED");
    }
    let harmless = told(&state.items[&items[2]].body);
    assert_eq!(harmless.as_deref(), Ok("harmless"));
    assert!(!stored(&author.engine, author.project, SECRET));
    let theirs = other.state().items[&theirs].body;
    let kept = body(&other.engine, other.project, &theirs);
    assert_eq!(kept.as_deref(), Ok(SECRET));
    observe(disk.open(), author.project);
    observe(disk.open(), other.project);
}

fn r28_the_same_text_again_stores_nothing<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(2);
    let first = added(&mut author, vec![item(SECRET)])[0];
    author.done(redact_item(first));
    // Through one that has to load the project first, too.
    let again = added(&mut author, vec![item(SECRET), item("another")]);
    let command = Command::AddContext {
        items: vec![item(SECRET)],
    };
    wait(disk.engine().execute(author.project, command)).unwrap();
    assert_eq!(author.state().items.len(), 4);
    let attempt = author.attempt(plan);
    author.done(complete_with_secret(plan, attempt));
    assert!(!stored(&author.engine, author.project, SECRET));
    assert!(stored(&author.engine, author.project, "another"));
    let state = author.state();
    let told = body(&author.engine, author.project, &state.items[&again[0]].body);
    assert_eq!(refused(told), "REDACTED");
    observe(disk.open(), author.project);
}

fn r28_history_stays_as_it_is_and_verifies<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let before = entries(&disk.open(), author.project);
    let first = author.state().items_in_order()[0].id;
    let receipt = author.done(redact_item(first));
    let seen = observe(disk.open(), author.project);
    assert_eq!(seen.entries[..before.len()], before);
    let entry = wait(author.engine.history(
        author.project,
        Revision::new(receipt.revision.get() - 1),
        1,
    ));
    let entry = entry.unwrap().remove(0);
    assert_eq!(entry.actor.as_str(), "ana");
    assert_eq!(
        entry.events[0].redacted(),
        Some(author.state().items[&first].body.digest)
    );
    let report = wait(disk.engine().verify(author.project)).unwrap();
    assert!(report.is_clean() && report.bodies > 5, "{report:?}");
    wait(disk.engine().reindex(author.project)).unwrap();
    assert_eq!(observe(disk.open(), author.project), seen);
}

fn r28_no_rollback_brings_it_back<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(2);
    let attempt = author.attempt(plan);
    author.done(complete_with_secret(plan, attempt));
    let secret = added(&mut author, vec![item(SECRET)])[0];
    let checkpoint = author.checkpoint("when it was still known");
    author.done(redact_item(secret));
    author.step_done(plan);
    let redacted = author.state().redacted.clone();
    author.done(Command::RollbackPlan {
        plan,
        checkpoint: Some(checkpoint),
        before: None,
        reason: None,
    });
    author.done(Command::RollbackProject {
        checkpoint,
        reason: None,
    });
    let state = author.state();
    assert_eq!(state.redacted, redacted);
    let output = state.plans[&plan].steps[0].output.unwrap();
    for lost in [output, state.items[&secret].body] {
        let told = body(&author.engine, author.project, &lost);
        assert_eq!(refused(told), "REDACTED");
    }
    assert!(!stored(&author.engine, author.project, SECRET));
    observe(disk.open(), author.project);
}

fn r28_removing_it_again_changes_nothing<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let items = added(&mut author, vec![item(SECRET), item(SECRET)]);
    author.done(redact_item(items[0]));
    let seen = observe(disk.open(), author.project);
    let digest = Digest::of(SECRET.as_bytes());
    for item in items {
        let command = Command::RedactItem { item, reason: None };
        let receipt = wait(author.engine.execute(author.project, command)).unwrap();
        assert_eq!(receipt.outcome, Outcome::BodyRedacted { digest });
    }
    assert_eq!(observe(disk.open(), author.project), seen);
}

fn r28_neither_entries_nor_snapshots_hold_a_body<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(1);
    let attempt = author.attempt(plan);
    author.done(complete_step(plan, attempt));
    added(&mut author, vec![item(SECRET)]);
    author.outweigh();
    let storage = disk.open();
    let snapshot = wait(storage.snapshot(author.project, Revision::MAX)).unwrap();
    let snapshot = snapshot.expect("the entries outweigh it");
    let texts = entries(&storage, author.project);
    for body in ["swordfish", "done in attempt", "learned in attempt"] {
        assert!(!snapshot.text.contains(body), "{body}");
        assert!(
            texts.iter().all(|entry| !entry.text.contains(body)),
            "{body}"
        );
    }
}

fn r28_a_long_text_with_that_digest_loses_all_but_its_beginning<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let long = format!("{}{SECRET}", "a long request ".repeat(400));
    author.done(create_plan(&long, 1));
    let same = added(&mut author, vec![item(&long)])[0];
    author.done(redact_item(same));
    let state = author.state();
    let plan = &state.plans[&plan_of(&state, 0)];
    let told = wait(author.engine.text(author.project, &plan.request));
    assert_eq!(refused(told), "REDACTED");
    assert_eq!(plan.request.start(), &long[..200]);
    // A short text stands in its entry, and stays.
    author.done(create_plan(SECRET, 1));
    let same = added(&mut author, vec![item(SECRET)])[0];
    author.done(redact_item(same));
    let state = author.state();
    let request = &state.plans[&plan_of(&state, 1)].request;
    let told = wait(author.engine.text(author.project, request));
    assert_eq!(told.as_deref(), Ok(SECRET));
    observe(disk.open(), author.project);
}

fn r28_what_is_not_there_cannot_be_removed<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(1);
    let cases = [
        (redact_item(ItemId::from_parts(1, 1)), "ITEM_NOT_FOUND"),
        (redact_output(PlanId::from_parts(1, 1), 0), "PLAN_NOT_FOUND"),
        (redact_output(plan, 1), "STEP_NOT_FOUND"),
        (redact_output(plan, 0), "NOTHING_TO_REDACT"),
    ];
    let seen = observe(disk.open(), author.project);
    for (command, code) in cases {
        let told = wait(author.engine.execute(author.project, command));
        assert_eq!(refused(told), code);
    }
    assert_eq!(observe(disk.open(), author.project), seen);
}

/// An output that a revert took away, and an item that a rollback did.
const REVERTED: &str = "\"the reverted password is swordfish\"";
const ROLLED_BACK: &str = "the password that was rolled back is tuna";

/// A project whose state has neither any more, a checkpoint from before and one from when the item
/// was still there.
fn with_what_has_left<D: Disk>(disk: &D) -> (Author<D::Storage>, CheckpointId, CheckpointId) {
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(2);
    let before = author.checkpoint("before both");
    let attempt = author.attempt(plan);
    author.done(Command::CompleteStep {
        plan,
        attempt,
        output: Some(REVERTED.parse().unwrap()),
        context: vec![],
    });
    author.done(Command::RevertPlan {
        plan,
        to: PlanState::Implementing,
        from_step: Some(0),
        reason: None,
    });
    added(&mut author, vec![item(ROLLED_BACK)]);
    let with_item = author.checkpoint("with the item");
    author.done(Command::RollbackProject {
        checkpoint: before,
        reason: None,
    });
    let state = author.state();
    assert!(state.items.is_empty());
    assert_eq!(state.plans[&plan].steps[0].output, None);
    (author, before, with_item)
}

fn r28_what_has_left_the_state_is_removed_by_its_digest<D: Disk>() {
    let disk = D::new();
    let (mut author, before, with_item) = with_what_has_left(&disk);
    for text in [REVERTED, ROLLED_BACK] {
        let digest = Digest::of(text.as_bytes());
        assert!(stored(&author.engine, author.project, text));
        let receipt = author.done(redact_body(digest));
        assert_eq!(receipt.outcome, Outcome::BodyRedacted { digest });
        assert!(!stored(&author.engine, author.project, text));
        let seen = observe(disk.open(), author.project);
        // Again, through one that knows it and one that doesn't: that changes nothing.
        for engine in [&author.engine, &disk.engine()] {
            let again = wait(engine.execute(author.project, redact_body(digest))).unwrap();
            assert_eq!(again.outcome, Outcome::BodyRedacted { digest });
        }
        assert_eq!(observe(disk.open(), author.project), seen);
    }
    // To where the item was, and to before all of it.
    for checkpoint in [with_item, before, with_item] {
        author.done(Command::RollbackProject {
            checkpoint,
            reason: None,
        });
        assert_eq!(author.state().redacted.len(), 2);
    }
    let state = author.state();
    let back = state.items.values().next().expect("the item is back");
    let told = body(&author.engine, author.project, &back.body);
    assert_eq!(refused(told), "REDACTED");
    for text in [REVERTED, ROLLED_BACK] {
        assert!(!stored(&author.engine, author.project, text));
    }
    let report = wait(disk.engine().verify(author.project)).unwrap();
    assert!(report.is_clean() && report.bodies > 2, "{report:?}");
    observe(disk.open(), author.project);
}

fn r28_by_its_digest_an_input_a_long_text_and_what_is_still_there_go_too<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let long = format!("{}{SECRET}", "a long request ".repeat(400));
    author.done(create_plan(&long, 1));
    added(&mut author, vec![item(SECRET)]);
    let state = author.state();
    let plan = &state.plans[&plan_of(&state, 0)];
    let input = plan.steps[0].input.unwrap();
    for digest in [
        Digest::of(long.as_bytes()),
        Digest::of(SECRET.as_bytes()),
        input.digest,
    ] {
        author.done(redact_body(digest));
        let found = wait(author.engine.storage().blob(author.project, digest)).unwrap();
        assert_eq!(found, None);
    }
    let told = wait(author.engine.text(author.project, &plan.request));
    assert_eq!(refused(told), "REDACTED");
    let told = body(&author.engine, author.project, &input);
    assert_eq!(refused(told), "REDACTED");
    observe(disk.open(), author.project);
}

fn r28_a_digest_that_the_project_has_no_body_of_is_refused<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let mut other = Author::numbered(disk.engine(), 5000, InitialStatus::Active);
    added(&mut other, vec![item(SECRET)]);
    // A short text stands in its entry and is no body.
    author.done(create_plan("a short request", 1));
    let seen = observe(disk.open(), author.project);
    for text in ["never said", SECRET, "a short request"] {
        let digest = Digest::of(text.as_bytes());
        let told = wait(author.engine.execute(author.project, redact_body(digest)));
        assert_eq!(refused(told), "BODY_NOT_FOUND");
        let told = wait(author.engine.preview(author.project, redact_body(digest)));
        assert_eq!(refused(told), "BODY_NOT_FOUND");
    }
    assert_eq!(observe(disk.open(), author.project), seen);
    assert!(stored(&other.engine, other.project, SECRET));
}

#[cfg(feature = "sqlite")]
#[test]
fn r28_what_had_left_the_state_is_in_no_file_any_more() {
    let disk = super::given::Sqlite::new();
    let (mut author, ..) = with_what_has_left(&disk);
    for text in [REVERTED, ROLLED_BACK] {
        assert!(disk.has(text), "{text}");
        author.done(redact_body(Digest::of(text.as_bytes())));
        assert!(!disk.has(text), "{text}");
    }
    let plan = author.plan(1);
    author.done(Command::StartPlan { plan });
    drop(author);
    for text in [REVERTED, ROLLED_BACK] {
        assert!(!disk.has(text), "{text}");
    }
}
