//! R65: one decision is reversed by rolling the plan back to before it. And what a rollback rests
//! on: states at checkpoints, and what differs between them (R66).

use super::author::{Author, approve, complete_step, pause, plan_of, rename};
use super::given::{Disk, refused, wait};
use super::observe::observe;
use holdpoint::engine::Receipt;
use holdpoint::machine::{Command, Outcome, RollbackReport};
use holdpoint::model::{CheckpointId, Plan, PlanId, PlanState, Point, ProjectId, Revision};
use holdpoint::storage::Storage;
use std::sync::Arc;

on_every_disk![
    r65_a_step_is_reversed,
    r65_the_approval_of_a_plan_is_reversed,
    r65_the_approval_of_an_implementation_is_reversed,
    r65_a_review_is_reversed,
    r65_it_counts_and_is_refused_at_the_limit,
    r65_what_there_is_nothing_to_go_back_to_for_is_refused,
    r65_a_decision_that_is_not_there_is_refused,
    the_state_at_a_checkpoint_is_what_it_was_when_it_was_taken,
    r66_what_differs_between_points_is_told_both_ways,
    r66_points_that_are_not_there_are_refused,
];

fn before(plan: PlanId, decision: Revision) -> Command {
    Command::RollbackPlan {
        plan,
        checkpoint: None,
        before: Some(decision),
        reason: Some("the decision was wrong".parse().unwrap()),
    }
}

/// Reverses what a receipt tells of, after a preview that says the same.
#[track_caller]
fn reverse<S: Storage>(author: &mut Author<S>, plan: PlanId, decision: &Receipt) -> RollbackReport {
    let command = before(plan, decision.revision);
    let preview = wait(author.engine.preview(author.project, command.clone())).unwrap();
    let receipt = wait(author.engine.submit(author.project, preview.request)).unwrap();
    assert_eq!(receipt.outcome, preview.outcome);
    match receipt.outcome {
        Outcome::RolledBack(report) => {
            assert!(report.revision < decision.revision);
            report
        }
        other => panic!("{other:?} is no rollback"),
    }
}

fn the_plan<S: Storage>(author: &Author<S>, plan: PlanId) -> Arc<Plan> {
    Arc::clone(&author.state().plans[&plan])
}

fn place(plan: &Plan) -> (PlanState, i64, Option<u64>) {
    let progress = &plan.progress;
    (
        progress.state,
        progress.last_completed_step,
        progress.submission,
    )
}

fn review(plan: PlanId, submission: u64) -> Command {
    Command::RecordReview {
        plan,
        submission,
        passed: true,
        notes: None,
        from_step: None,
    }
}

fn r65_a_step_is_reversed<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(3);
    author.step_done(plan);
    let second = author.step_done(plan);
    author.step_done(plan);
    author.done(rename("something else in between"));
    let report = reverse(&mut author, plan, &second);
    assert_eq!(report.steps_reverted, 2);
    let is = the_plan(&author, plan);
    assert_eq!(place(&is), (PlanState::Implementing, 0, None));
    assert_eq!(author.state().name.as_str(), "something else in between");
    let started = wait(author.engine.start_step(author.project, plan)).unwrap();
    assert_eq!((started.step, started.attempt), (1, 4));
    observe(disk.open(), author.project);
}

fn r65_the_approval_of_a_plan_is_reversed<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.gated_plan(1);
    let approved = author.done(approve(plan, 1));
    author.done(Command::StartImplementation { plan });
    reverse(&mut author, plan, &approved);
    // It is put up again, as another submission; what was decided stays on record.
    let is = the_plan(&author, plan);
    assert_eq!(place(&is), (PlanState::PlanAwaitingApproval, -1, Some(2)));
    assert!(is.verdicts.len() == 1 && is.verdicts[0].passed);
    let stale = wait(author.engine.execute(author.project, approve(plan, 1)));
    assert_eq!(refused(stale), "SUPERSEDED");
    author.done(approve(plan, 2));
    let is = the_plan(&author, plan);
    assert_eq!(place(&is), (PlanState::PlanApproved, -1, None));
    assert_eq!(is.verdicts.len(), 2);
    observe(disk.open(), author.project);
}

/// A plan behind all gates whose one step is done.
fn implemented<S: Storage>(author: &mut Author<S>) -> PlanId {
    let plan = author.gated_plan(1);
    author.done(approve(plan, 1));
    author.done(Command::StartImplementation { plan });
    author.step_done(plan);
    plan
}

fn r65_the_approval_of_an_implementation_is_reversed<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = implemented(&mut author);
    let approved = author.done(approve(plan, 2));
    let waits = the_plan(&author, plan);
    assert_eq!(place(&waits), (PlanState::Reviewing, 0, Some(3)));
    reverse(&mut author, plan, &approved);
    let is = the_plan(&author, plan);
    let expected = (PlanState::ImplementationAwaitingApproval, 0, Some(4));
    assert_eq!(place(&is), expected);
    assert_eq!(is.steps, waits.steps, "what was done stays done");
    observe(disk.open(), author.project);
}

fn r65_a_review_is_reversed<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = implemented(&mut author);
    author.done(approve(plan, 2));
    // The approval brings no checkpoint with it; one that was taken by hand is as good.
    let by_hand = author.checkpoint("before the review");
    let reviewed = author.done(review(plan, 3));
    let is = the_plan(&author, plan);
    assert_eq!(place(&is), (PlanState::Verifying, 0, Some(4)));
    reverse(&mut author, plan, &reviewed);
    let is = the_plan(&author, plan);
    assert_eq!(place(&is), (PlanState::Reviewing, 0, Some(5)));
    // Without it the newest checkpoint before the review is the one before the approval.
    let reviewed = author.done(review(plan, 5));
    let older = author.state().checkpoints[&by_hand].revision;
    assert!(older < reviewed.revision);
    author.done(before(plan, older));
    let is = the_plan(&author, plan);
    let expected = (PlanState::ImplementationAwaitingApproval, 0, Some(7));
    assert_eq!(place(&is), expected);
    observe(disk.open(), author.project);
}

fn r65_it_counts_and_is_refused_at_the_limit<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(2);
    author.step_done(plan);
    for count in 1..=3 {
        let done = author.step_done(plan);
        reverse(&mut author, plan, &done);
        assert_eq!(the_plan(&author, plan).guards.reversion_count, count);
    }
    let done = author.step_done(plan);
    let seen = observe(disk.open(), author.project);
    let told = wait(
        author
            .engine
            .execute(author.project, before(plan, done.revision)),
    );
    assert_eq!(refused(told), "REVERSION_LIMIT");
    assert_eq!(observe(disk.open(), author.project), seen);
}

fn r65_what_there_is_nothing_to_go_back_to_for_is_refused<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let created = author.done(super::author::create_plan("do it", 2)).revision;
    let plan = plan_of(&author.state(), 0);
    let started = author.done(Command::StartPlan { plan }).revision;
    author.step_done(plan);
    // The start brought the plan's first checkpoint, which stands for the start itself.
    for decision in [Revision::ZERO, Revision::FIRST, created, started] {
        let told = wait(
            author
                .engine
                .execute(author.project, before(plan, decision)),
        );
        assert_eq!(refused(told), "NOTHING_TO_ROLL_BACK", "{decision}");
    }
    // One of the project's own in which the plan isn't there yet is no place for it to go to.
    author.checkpoint("before the second plan");
    let second = author.plan(1);
    let started = author.done(Command::StartPlan { plan: second }).revision;
    let told = wait(
        author
            .engine
            .execute(author.project, before(second, started)),
    );
    assert_eq!(refused(told), "NOTHING_TO_ROLL_BACK");
}

fn r65_a_decision_that_is_not_there_is_refused<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(2);
    let done = author.step_done(plan).revision;
    let checkpoint = the_plan(&author, plan).last_checkpoint_id;
    let seen = observe(disk.open(), author.project);
    for decision in [done.next(), Revision::MAX] {
        let told = wait(
            author
                .engine
                .execute(author.project, before(plan, decision)),
        );
        assert_eq!(refused(told), "INVALID_INPUT", "{decision}");
    }
    let both = Command::RollbackPlan {
        plan,
        checkpoint,
        before: Some(done),
        reason: None,
    };
    let told = wait(author.engine.execute(author.project, both.clone()));
    assert_eq!(refused(told), "INVALID_INPUT");
    let told = wait(author.engine.preview(author.project, both));
    assert_eq!(refused(told), "INVALID_INPUT");
    assert_eq!(observe(disk.open(), author.project), seen);
}

fn the_state_at_a_checkpoint_is_what_it_was_when_it_was_taken<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let own = author.checkpoint("own");
    let then = author.state();
    author.outweigh();
    author.done(pause());
    let paused = author.state();
    let pause = paused.pause.as_ref().unwrap().checkpoint_id;
    for engine in [&author.engine, &disk.engine()] {
        let state = |at: Point| wait(engine.state_at(author.project, at));
        assert_eq!(state(own.into()).unwrap(), then);
        assert_eq!(state(Point::Now).unwrap(), paused);
        // The pause's stands for how all was just before it.
        let before = state(pause.into()).unwrap();
        assert_eq!(before.revision.next(), paused.revision);
        assert_eq!(before.pause, None);
        let unknown = state(CheckpointId::from_parts(1, 1).into());
        assert_eq!(refused(unknown), "CHECKPOINT_NOT_FOUND");
    }
}

fn r66_what_differs_between_points_is_told_both_ways<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let one = author.checkpoint("one");
    let from = author.state();
    let plan = plan_of(&from, 0);
    author.done(complete_step(plan, 2));
    let two = author.checkpoint("two");
    let to = author.state();
    author.outweigh();
    author.done(rename("later"));
    let engine = disk.engine();
    let there = wait(engine.diff(author.project, one, two)).unwrap();
    assert_eq!((there.from, there.to), (from.revision, to.revision));
    assert_eq!(there.changes, holdpoint::machine::diff(&from, &to));
    let paths: Vec<_> = there.changes.iter().map(|change| &*change.path).collect();
    let output = format!("plans/{plan}/steps/1/output");
    assert!(paths.contains(&&*output), "{paths:?}");
    let back = wait(engine.diff(author.project, two, one)).unwrap();
    assert_eq!((back.from, back.to), (to.revision, from.revision));
    assert_eq!(back.changes.len(), there.changes.len());
    // A revision and its checkpoint are the same point, and now is the newest.
    let none = wait(engine.diff(author.project, one, from.revision)).unwrap();
    assert_eq!(none.changes, []);
    let now = wait(engine.diff(author.project, one, Point::Now)).unwrap();
    assert_eq!(now.to, author.state().revision);
    assert!(now.changes.len() > there.changes.len());
    assert_eq!(
        now.changes,
        wait(author.engine.diff(author.project, one, Point::Now))
            .unwrap()
            .changes
    );
    // What a rollback says that it changes differs between before and after.
    let command = Command::RollbackProject {
        checkpoint: one,
        reason: None,
    };
    let rolled_back = author.done(command);
    let Outcome::RolledBack(report) = &rolled_back.outcome else {
        panic!("{rolled_back:?} is no rollback")
    };
    let after = wait(engine.diff(author.project, now.to, Point::Now)).unwrap();
    for path in &report.paths {
        let is_told = |told: &str| {
            let rest = told.strip_prefix(&**path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        assert!(after.changes.iter().any(|it| is_told(&it.path)), "{path}");
    }
}

fn r66_points_that_are_not_there_are_refused<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let newest = author.state().revision;
    let unknown = CheckpointId::from_parts(1, 1);
    let diff =
        |project, from: Point, to: Point| refused(wait(author.engine.diff(project, from, to)));
    let project = author.project;
    let (now, beyond) = (Point::Now, Point::from(newest.next()));
    assert_eq!(diff(project, unknown.into(), now), "CHECKPOINT_NOT_FOUND");
    assert_eq!(diff(project, now, unknown.into()), "CHECKPOINT_NOT_FOUND");
    assert_eq!(diff(project, beyond, now), "REVISION_NOT_FOUND");
    assert_eq!(diff(project, now, beyond), "REVISION_NOT_FOUND");
    let nobody = ProjectId::from_parts(1, 1);
    assert_eq!(diff(nobody, now, now), "PROJECT_NOT_FOUND");
}
