//! What one command may do to a project, whatever it was.

use super::given::{Given, Then};
use super::kept;
use holdpoint::machine::{Command, CommandKind, Event, PLAN_MOVES, PROJECT_MOVES, Rejection};
use holdpoint::model::{
    Blob, CheckpointId, Digest, Plan, PlanGuards, PlanId, PlanProgress, PlanState, Project,
    Revision, Step, StepState, Verdict,
};
use holdpoint::storage::{PlanRow, RowChanges};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Follows a project from one command to the next.
#[derive(Default)]
pub(crate) struct Watch {
    /// Every body that was ever given to the blob store.
    bodies: BTreeSet<Digest>,
}

impl Watch {
    /// One who knows the bodies of this project already.
    pub(crate) fn of(given: &Given) -> Self {
        let mut bodies = BTreeSet::new();
        for revision in 0..=given.revision().get() {
            bodies.extend(bodies_of(given.state_at(Revision::new(revision))));
        }
        Self { bodies }
    }

    /// Looks at what a command did.
    pub(crate) fn look(&mut self, before: &Given, command: &Command, then: &Then, after: &Given) {
        let (was, is) = (before.state(), after.state());
        let answer = match &then.0 {
            Ok(answer) if answer.is_new => answer,
            other => {
                assert_eq!(is, was, "no entry, no change");
                let refused = other.as_ref().err();
                check_default_target(before, command, None, refused);
                return;
            }
        };
        self.bodies
            .extend(answer.blobs.iter().map(Blob::digest).copied());
        self.check_bodies(is);
        let rolled_back = answer.events.iter().find_map(|event| match event {
            Event::RolledBack(event) => Some(event.checkpoint),
            _ => None,
        });
        check_checkpoints(command.kind(), &answer.events);
        check_verdicts(was, is, command.kind());
        check_retries(was, is, command.kind());
        check_redactions(was, is);
        is.plans.values().for_each(|plan| check_submission(plan));
        check_moves(was, is, command.kind(), rolled_back.is_some());
        check_guards(was, is);
        check_reversions(was, is, command.kind(), rolled_back.is_some());
        is.plans.values().for_each(|plan| check_steps(plan));
        check_kept(was, is, command.kind());
        kept::check(before, command, then, after);
        check_rows(was, is);
        if let Some(checkpoint) = rolled_back {
            check_default_target(before, command, Some(checkpoint), None);
            check_rollback(before, command, checkpoint, is);
        }
    }

    /// What the state names can be had.
    fn check_bodies(&self, project: &Project) {
        for body in bodies_of(project) {
            assert!(self.bodies.contains(&body), "{body:?} was never stored");
        }
    }
}

fn bodies_of(project: &Project) -> impl Iterator<Item = Digest> {
    let items = project.items.values().map(|item| item.body);
    let plans = project.plans.values().flat_map(|plan| plan.bodies());
    items.chain(plans).map(|body| body.digest)
}

/// One checkpoint an entry at most.
fn check_checkpoints(command: CommandKind, events: &[Event]) {
    let taken = events
        .iter()
        .filter(|event| matches!(event, Event::CheckpointCreated(_)));
    assert!(taken.count() <= 1, "{command}: {events:?}");
}

type Verdicts = Vec<Arc<Verdict>>;

/// What was decided on each plan, of those that left too.
fn verdicts(project: &Project) -> BTreeMap<PlanId, Verdicts> {
    let there = project.plans.iter().map(|(id, plan)| (*id, &plan.verdicts));
    let gone = project
        .departed
        .iter()
        .map(|(id, left)| (*id, &left.verdicts));
    there
        .chain(gone)
        .map(|(id, verdicts)| (id, verdicts.iter().map(Arc::clone).collect()))
        .collect()
}

/// R41: decisions are added, one a command, and never changed or lost.
fn check_verdicts(was: &Project, is: &Project, command: CommandKind) {
    let now = verdicts(is);
    let mut added = 0;
    for (id, old) in verdicts(was) {
        let new = now
            .get(&id)
            .unwrap_or_else(|| panic!("the verdicts on {id} are lost"));
        assert!(new.starts_with(&old), "{command}: {old:?} to {new:?}");
        added += new.len() - old.len();
    }
    assert_eq!(added, usize::from(decides(command)), "{command}");
    for plan in is.plans.values() {
        let numbers: Vec<_> = plan.verdicts.iter().map(|one| one.submission).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    }
}

fn decides(command: CommandKind) -> bool {
    matches!(
        command,
        CommandKind::Approve
            | CommandKind::Reject
            | CommandKind::RecordReview
            | CommandKind::RecordVerification
    )
}

/// R55: what waits has a number, the plan's newest; what doesn't has none.
fn check_submission(plan: &Plan) {
    let waits = plan.progress.state.awaits_decision();
    let expected = waits.then_some(plan.guards.last_submission);
    assert_eq!(plan.progress.submission, expected, "{plan:?}");
    assert!(!waits || plan.guards.last_submission > 0);
}

/// R28: what was removed for good stays so, and on record.
fn check_redactions(was: &Project, is: &Project) {
    for (digest, redaction) in &was.redacted {
        assert_eq!(is.redacted.get(digest), Some(redaction));
    }
}

/// R42: retries count once each, and so do verifications that failed.
fn check_retries(was: &Project, is: &Project, command: CommandKind) {
    for (id, new) in &is.plans {
        let Some(old) = was.plans.get(id) else {
            continue;
        };
        let left = |state| old.progress.state == state && new.progress.state != state;
        let counts = match command {
            CommandKind::RetryPlan => left(PlanState::Failed),
            CommandKind::RecordVerification => {
                left(PlanState::Verifying) && new.progress.state == PlanState::Implementing
            }
            _ => false,
        };
        let expected = old.guards.retry_count + u32::from(counts);
        assert_eq!(new.guards.retry_count, expected, "{command} of {id}");
    }
}

/// Every move stands in its table. Rollbacks go where the plan was.
fn check_moves(was: &Project, is: &Project, command: CommandKind, is_rollback: bool) {
    if was.status != is.status {
        let is_row = PROJECT_MOVES.iter().any(|row| {
            row.command == command && row.from.contains(&was.status) && row.to.contains(&is.status)
        });
        assert!(is_row, "{command}: {} to {}", was.status, is.status);
    }
    for (id, plan) in &is.plans {
        let to = plan.progress.state;
        let Some(from) = was.plans.get(id).map(|plan| plan.progress.state) else {
            assert!(
                is_rollback || to == PlanState::Pending,
                "{command}: new and {to}"
            );
            continue;
        };
        let is_row = PLAN_MOVES
            .iter()
            .any(|row| row.command == command && row.from.contains(&from) && row.to.contains(&to));
        assert!(
            from == to || is_rollback || is_row,
            "{command}: {from} to {to}"
        );
    }
}

fn guards(project: &Project) -> BTreeMap<PlanId, PlanGuards> {
    let plans = project.plans.iter().map(|(id, plan)| (*id, plan.guards));
    plans
        .chain(project.departed.iter().map(|(id, left)| (*id, left.guards)))
        .collect()
}

/// R33: no counter ever goes down or gets lost, not even while the plan is away.
fn check_guards(was: &Project, is: &Project) {
    let now = guards(is);
    for (id, old) in guards(was) {
        let new = now
            .get(&id)
            .unwrap_or_else(|| panic!("the counters of {id} are lost"));
        assert!(
            new.reversion_count >= old.reversion_count,
            "{old:?} to {new:?}"
        );
        assert!(new.retry_count >= old.retry_count, "{old:?} to {new:?}");
        assert!(new.last_attempt >= old.last_attempt, "{old:?} to {new:?}");
        assert!(
            new.last_submission >= old.last_submission,
            "{old:?} to {new:?}"
        );
    }
}

/// Where in the workflow a plan counts as being.
fn place(plan: &Plan) -> PlanState {
    let PlanProgress {
        state,
        cancelled_from,
        failure,
        ..
    } = &plan.progress;
    let failed_in = failure.as_ref().map(|failure| failure.state);
    match (state, cancelled_from) {
        (PlanState::Failed, _) | (PlanState::Cancelled, Some(PlanState::Failed)) => {
            failed_in.expect("a failed plan says where")
        }
        (PlanState::Cancelled, Some(from)) => *from,
        (state, _) => *state,
    }
}

/// R33: what moves a plan back counts, once, and never past the limit; nothing else counts.
fn check_reversions(was: &Project, is: &Project, command: CommandKind, is_rollback: bool) {
    for (id, new) in &is.plans {
        let limit = new.settings.max_reversions;
        assert!(
            new.guards.reversion_count <= limit,
            "{id}: {} of {limit}",
            new.guards.reversion_count
        );
        // A plan that had left counts from where it left.
        let (before, old_place, last) = match (was.plans.get(id), was.departed.get(id)) {
            (Some(old), _) => (old.guards, place(old), old.progress.last_completed_step),
            (None, Some(left)) => (left.guards, left.state, left.last_completed_step),
            (None, None) => {
                assert_eq!(new.guards.reversion_count, 0);
                continue;
            }
        };
        let is_back =
            (place(new) as u8) < old_place as u8 || new.progress.last_completed_step < last;
        let is_reverted = command == CommandKind::RevertPlan && new.changed == is.revision;
        let counts = is_reverted || is_rollback && is_back;
        // What was decided sends work back without that.
        assert!(
            counts || !is_back || decides(command),
            "{command} moved {id} back"
        );
        assert_eq!(
            new.guards.reversion_count,
            before.reversion_count + u32::from(counts),
            "{command} of {id}"
        );
    }
    for (id, old) in &was.plans {
        if let Some(left) = is.departed.get(id) {
            assert_eq!(left.guards, old.guards);
            assert_eq!(left.state, place(old));
            assert_eq!(left.last_completed_step, old.progress.last_completed_step);
        }
    }
}

/// Steps are done in order, and at most the newest attempt's is running.
fn check_steps(plan: &Plan) {
    let next = plan.next_step();
    assert!(next <= plan.steps.len());
    for (index, step) in plan.steps.iter().enumerate() {
        assert_eq!(
            step.state == StepState::Completed,
            index < next,
            "step {index} of {plan:?}"
        );
        match step.state {
            StepState::Running => {
                assert_eq!(
                    (index, step.attempt),
                    (next, Some(plan.guards.last_attempt))
                );
            }
            StepState::Pending => assert_eq!(*step, Arc::new(step.as_pending())),
            StepState::Failed => assert_eq!(index, next),
            StepState::Completed => {}
        }
        assert!(step.attempt <= Some(plan.guards.last_attempt));
    }
    let is_done = !plan.steps.is_empty() && next == plan.steps.len();
    match plan.progress.state {
        PlanState::Completed => assert!(is_done && plan.progress.completed_at.is_some()),
        PlanState::ImplementationAwaitingApproval | PlanState::Reviewing | PlanState::Verifying => {
            assert!(is_done);
        }
        PlanState::Pending
        | PlanState::Planning
        | PlanState::PlanAwaitingApproval
        | PlanState::PlanApproved => assert_eq!(next, 0),
        PlanState::Implementing => assert!(!is_done),
        PlanState::Failed | PlanState::Cancelled => {}
    }
    assert_eq!(
        plan.progress.state == PlanState::Failed,
        plan.progress.failure.is_some() && plan.progress.state != PlanState::Cancelled
    );
    let ids: BTreeSet<_> = plan.steps.iter().map(|step| step.id).collect();
    assert_eq!(ids.len(), plan.steps.len());
}

/// What no command takes back.
fn check_kept(was: &Project, is: &Project, command: CommandKind) {
    assert_eq!(is.revision, was.revision.next());
    assert_eq!((is.id, is.created_at), (was.id, was.created_at));
    let is_set = command == CommandKind::SetRetention;
    assert_eq!(is.settings != was.settings, is_set, "{command}");
    assert_eq!(
        is.pause.is_some(),
        is.status == holdpoint::model::ProjectStatus::Paused
    );
    assert!(is.numbers.plans >= was.numbers.plans);
    assert!(is.numbers.items >= was.numbers.items);
    assert!(is.numbers.checkpoints >= was.numbers.checkpoints);
    assert!(was.agents.keys().all(|name| is.agents.contains_key(name)));
    for (id, old) in &was.plans {
        let Some(new) = is.plans.get(id) else {
            assert_eq!(old.applied_at, None, "an applied plan never leaves");
            continue;
        };
        assert_eq!((&new.settings, &new.request), (&old.settings, &old.request));
        assert_eq!((new.number, new.created_at), (old.number, old.created_at));
        if old.applied_at.is_some() {
            assert_eq!((&new.progress, &new.steps), (&old.progress, &old.steps));
            assert_eq!(new.applied_at, old.applied_at);
        }
        let is_changed = new.progress != old.progress || new.steps != old.steps;
        assert!(
            !is_changed || new.changed == is.revision,
            "`changed` tells of every change"
        );
        let is_same = PlanRow::of(is.id, new) == PlanRow::of(is.id, old) && !is_changed;
        assert!(is_same || new.updated_at == is.updated_at);
    }
    for (id, new) in &is.plans {
        if !was.plans.contains_key(id) {
            assert_eq!((new.changed, new.updated_at), (is.revision, is.updated_at));
        }
    }
}

/// R36: the rows that are written with an entry make the rows of the whole state.
fn check_rows(was: &Project, is: &Project) {
    let (old, changes) = (RowChanges::all(was), RowChanges::between(was, is));
    let mut plans: BTreeMap<_, _> = old.plans.into_iter().map(|row| (row.plan, row)).collect();
    plans.retain(|id, _| !changes.plans_gone.contains(id));
    plans.extend(changes.plans.into_iter().map(|row| (row.plan, row)));
    let mut checkpoints: BTreeMap<_, _> = old
        .checkpoints
        .into_iter()
        .map(|row| (row.checkpoint, row))
        .collect();
    checkpoints.retain(|id, _| !changes.checkpoints_gone.contains(id));
    checkpoints.extend(
        changes
            .checkpoints
            .into_iter()
            .map(|row| (row.checkpoint, row)),
    );
    let all = RowChanges::all(is);
    assert_eq!(changes.project, all.project);
    assert_eq!(plans.into_values().collect::<Vec<_>>(), all.plans);
    assert_eq!(
        checkpoints.into_values().collect::<Vec<_>>(),
        all.checkpoints
    );
}

fn at_rest(step: &Arc<Step>) -> Step {
    if step.state == StepState::Running {
        step.as_pending()
    } else {
        (**step).clone()
    }
}

/// Progress and steps, as a rollback brings them back.
fn work_at_rest(plan: &Plan) -> (PlanProgress, Vec<Step>) {
    let progress = PlanProgress {
        submission: None,
        ..plan.progress.clone()
    };
    (progress, plan.steps.iter().map(at_rest).collect())
}

/// Progress and steps as they are.
fn work(plan: &Plan) -> (PlanProgress, Vec<Step>) {
    let progress = PlanProgress {
        submission: None,
        ..plan.progress.clone()
    };
    (
        progress,
        plan.steps.iter().map(|step| (**step).clone()).collect(),
    )
}

/// R61: everything is as it was at the checkpoint, and what a rollback never touches is not.
fn check_rollback(before: &Given, command: &Command, checkpoint: CheckpointId, is: &Project) {
    let was = before.state();
    let then = before.state_at(was.checkpoints[&checkpoint].revision);
    let safety = is.checkpoints_in_order().last().unwrap().revision;
    assert_eq!(
        safety, was.revision,
        "the newest checkpoint is the one to undo this"
    );
    assert_eq!((&is.name, &is.settings), (&was.name, &was.settings));
    let limits = |project: &Project| -> Vec<_> {
        project
            .agents
            .values()
            .map(|agent| (agent.name.clone(), agent.token_limit))
            .collect()
    };
    assert_eq!(limits(is), limits(was));
    if command.kind() != CommandKind::Resume {
        assert_eq!((is.status, &is.pause), (was.status, &was.pause));
    }
    if let Command::RollbackPlan { plan: target, .. } = command {
        for (id, plan) in &is.plans {
            if id == target {
                assert_eq!(work(plan), work_at_rest(&then.plans[id]));
                assert_eq!(plan.last_checkpoint_id, Some(checkpoint));
            } else {
                assert_eq!(Some(plan), was.plans.get(id));
            }
        }
        assert!(is.plans.keys().eq(was.plans.keys()));
        let of_plan = |project: &Project, wanted: bool| -> Vec<_> {
            let items = project.items.values().cloned();
            items
                .filter(|item| (item.plan == Some(*target)) == wanted)
                .collect()
        };
        assert_eq!(of_plan(is, true), of_plan(then, true));
        assert_eq!(of_plan(is, false), of_plan(was, false));
        return;
    }
    assert!(is.plans.keys().eq(then.plans.keys()));
    assert_eq!(is.items, then.items);
    for (id, plan) in &is.plans {
        assert_eq!(work(plan), work_at_rest(&then.plans[id]));
        if let Some(old) = was.plans.get(id) {
            assert_eq!(
                plan.last_checkpoint_id, old.last_checkpoint_id,
                "none changes it"
            );
            assert_eq!(plan.applied_at, old.applied_at);
        }
    }
}

/// R35, by looking at every checkpoint there is: the plan's newest own one, not after the one it
/// is at and none that was taken for safety, in which it differs from now.
fn check_default_target(
    before: &Given,
    command: &Command,
    found: Option<CheckpointId>,
    refused: Option<&Rejection>,
) {
    let Command::RollbackPlan {
        plan,
        checkpoint: None,
        before: None,
        ..
    } = command
    else {
        return;
    };
    let project = before.state();
    let Some(now) = project.plans.get(plan) else {
        return;
    };
    let at = now
        .last_checkpoint_id
        .map_or(0, |id| project.checkpoints[&id].number);
    let expected = project
        .checkpoints_in_order()
        .into_iter()
        .rev()
        .filter(|own| own.plan == Some(*plan) && !own.safety && own.number <= at)
        .find(|own| {
            let then = before.state_at(own.revision);
            let Some(was) = then.plans.get(plan) else {
                return false;
            };
            work(was) != work(now) && work_at_rest(was) != work(now)
        })
        .map(|own| own.id);
    match (found, refused) {
        (Some(found), _) => assert_eq!(Some(found), expected),
        (None, Some(Rejection::NothingToRollBack { .. })) => assert_eq!(expected, None),
        // Refused for another reason.
        (None, _) => {}
    }
}
