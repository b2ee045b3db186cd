//! What differs between two states of a project, field by field.
//!
//! Told is what people work on and decide. What only follows from it (counts, figures, revisions,
//! times of the newest entry) and what never changes once it is there is left out.

mod scalar;

pub use scalar::Scalar;

use crate::model::{
    Agent, Checkpoint, Item, Keyed, Plan, PlanGuards, PlanProgress, Project, ProjectSettings,
    Records, RetentionPolicy, Step, Verdict,
};
use imbl::ordmap::DiffItem;
use scalar::Shown;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that differs between two states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Where: `name`, `plans/<id>/state`, `plans/<id>/steps/<n>/output`, `items/<id>`, … A record
    /// that came or went is one change, whatever it holds.
    pub path: String,
    /// Whether it came, went or is another.
    pub kind: ChangeKind,
    /// What it is about, for people: a plan's request, a step's title, an agent and a kind.
    pub label: String,
    /// What it was.
    pub before: Scalar,
    /// What it is.
    pub after: Scalar,
}

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// There was nothing.
    Added,
    /// There is nothing any more.
    Removed,
    /// It is another than it was.
    Changed,
}

/// What differs between two states of one project, or of a project and its fork.
///
/// In the order of the paths: a record's own fields come before what is below it, ids and names by
/// their letters, numbers by their size. Costs what differs, as far as the states share structure.
#[must_use]
pub fn diff(from: &Project, to: &Project) -> Vec<Change> {
    let mut found = Vec::new();
    let label = || to.name.as_str().to_owned();
    project_fields(from, to, &mut |field, before, after| {
        found.push(Change::new(field.to_owned(), label(), before, after));
    });
    records(&mut found, "agents", &from.agents, &to.agents);
    records(
        &mut found,
        "checkpoints",
        &from.checkpoints,
        &to.checkpoints,
    );
    records(&mut found, "items", &from.items, &to.items);
    records(&mut found, "plans", &from.plans, &to.plans);
    for difference in from.redacted.diff(&to.redacted) {
        let (digest, before, after) = sides(&difference);
        let path = format!("redacted/{digest}");
        let by = after.or(before).map(|redaction| redaction.by.to_string());
        let (before, after) = (before.shown(), after.shown());
        found.push(Change::new(path, by.unwrap_or_default(), before, after));
    }
    found
}

impl Change {
    fn new(path: String, label: String, before: Scalar, after: Scalar) -> Self {
        let kind = match (&before, &after) {
            (Scalar::Nothing, _) => ChangeKind::Added,
            (_, Scalar::Nothing) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        Self {
            path,
            kind,
            label,
            before,
            after,
        }
    }
}

/// Hears of each field that differs, and what it was and is.
type Tell<'a> = &'a mut dyn FnMut(&'static str, Scalar, Scalar);

fn field<T: PartialEq + Shown>(tell: Tell<'_>, name: &'static str, before: &T, after: &T) {
    if before != after {
        tell(name, before.shown(), after.shown());
    }
}

/// A record that is kept by its id.
trait Told: Keyed + Eq {
    /// What it is called.
    fn label(&self) -> String;

    /// The one thing to be said of it when it comes or goes.
    fn whole(&self) -> Scalar;

    /// Tells its own fields that differ.
    fn fields(before: &Self, after: &Self, tell: Tell<'_>);

    /// Adds what differs below it.
    fn below(_before: &Self, _after: &Self, _path: &str, _found: &mut Vec<Change>) {}
}

fn records<T: Told>(found: &mut Vec<Change>, kind: &str, from: &Records<T>, to: &Records<T>) {
    for difference in from.diff(to) {
        let (key, before, after) = sides(&difference);
        let path = format!("{kind}/{key}");
        record(found, path, before.map(|it| &**it), after.map(|it| &**it));
    }
}

fn record<T: Told>(found: &mut Vec<Change>, path: String, before: Option<&T>, after: Option<&T>) {
    let Some(label) = after.or(before).map(T::label) else {
        return;
    };
    if let (Some(before), Some(after)) = (before, after) {
        T::fields(before, after, &mut |field, before, after| {
            let path = format!("{path}/{field}");
            found.push(Change::new(path, label.clone(), before, after));
        });
        T::below(before, after, &path, found);
        return;
    }
    let whole = |side: Option<&T>| side.map_or(Scalar::Nothing, T::whole);
    found.push(Change::new(path, label, whole(before), whole(after)));
}

fn sides<'a, K, V>(difference: &DiffItem<'a, 'a, K, V>) -> (&'a K, Option<&'a V>, Option<&'a V>) {
    match *difference {
        DiffItem::Add(key, after) => (key, None, Some(after)),
        DiffItem::Remove(key, before) => (key, Some(before), None),
        DiffItem::Update {
            old: (_, before),
            new: (key, after),
        } => (key, Some(before), Some(after)),
    }
}

// What follows takes each record apart, so that a field added later cannot be forgotten.

fn project_fields(before: &Project, after: &Project, tell: Tell<'_>) {
    let Project {
        name,
        status,
        settings,
        pause,
        // Told record by record.
        plans: _,
        agents: _,
        items: _,
        checkpoints: _,
        redacted: _,
        // Told by the plans that went.
        departed: _,
        // They say where it came from, and no command changes them.
        id: _,
        origin: _,
        created_at: _,
        created_by: _,
        // They follow from the rest.
        revision: _,
        updated_at: _,
        numbers: _,
        figures: _,
        unfinished_plans: _,
        archived_items: _,
        sizes: _,
    } = after;
    field(tell, "name", &before.name, name);
    let ProjectSettings {
        retention,
        // No command changes them.
        token_limit: _,
        flash_save: _,
    } = settings;
    let RetentionPolicy {
        per_plan,
        of_project,
    } = retention;
    let kept = before.settings.retention;
    field(tell, "pause", &before.pause, pause);
    let path = "settings/retention/of_project";
    field(tell, path, &kept.of_project, of_project);
    let path = "settings/retention/per_plan";
    field(tell, path, &kept.per_plan, per_plan);
    field(tell, "status", &before.status, status);
}

impl Told for Agent {
    fn label(&self) -> String {
        self.name.to_string()
    }

    fn whole(&self) -> Scalar {
        Scalar::number(self.token_limit)
    }

    fn fields(before: &Self, after: &Self, tell: Tell<'_>) {
        let Agent {
            name: _,
            token_limit,
            // They follow from the items.
            active: _,
            archived: _,
        } = after;
        field(tell, "token_limit", &before.token_limit, token_limit);
    }
}

impl Told for Checkpoint {
    fn label(&self) -> String {
        self.name.to_string()
    }

    fn whole(&self) -> Scalar {
        Scalar::number(self.revision.get())
    }

    fn fields(before: &Self, after: &Self, tell: Tell<'_>) {
        let Checkpoint {
            pinned,
            // Fixed when it was taken.
            id: _,
            number: _,
            plan: _,
            revision: _,
            trigger: _,
            safety: _,
            name: _,
            description: _,
            reason: _,
            source_tool: _,
            phase: _,
            external_ref: _,
            data: _,
            figures: _,
            created_at: _,
            created_by: _,
        } = after;
        field(tell, "pinned", &before.pinned, pinned);
    }
}

impl Told for Item {
    fn label(&self) -> String {
        format!("{}, {}", self.agent, self.kind)
    }

    fn whole(&self) -> Scalar {
        self.body.shown()
    }

    fn fields(before: &Self, after: &Self, tell: Tell<'_>) {
        let Item {
            last_accessed,
            access_count,
            pinned,
            archived,
            // Fixed when it was added.
            id: _,
            number: _,
            agent: _,
            plan: _,
            kind: _,
            body: _,
            tokens: _,
            tokens_estimated: _,
            created_at: _,
        } = after;
        field(tell, "access_count", &before.access_count, access_count);
        field(tell, "archived", &before.archived, archived);
        field(tell, "last_accessed", &before.last_accessed, last_accessed);
        field(tell, "pinned", &before.pinned, pinned);
    }
}

impl Told for Plan {
    fn label(&self) -> String {
        self.request.start().to_owned()
    }

    fn whole(&self) -> Scalar {
        self.progress.state.shown()
    }

    fn fields(before: &Self, after: &Self, tell: Tell<'_>) {
        plan_fields(before, after, tell);
    }

    fn below(before: &Self, after: &Self, path: &str, found: &mut Vec<Change>) {
        for number in 0..before.steps.len().max(after.steps.len()) {
            let path = format!("{path}/steps/{number}");
            steps(
                found,
                path,
                before.steps.get(number),
                after.steps.get(number),
            );
        }
        verdicts(found, path, before, after);
    }
}

/// Tells the fields of a plan that differ. The paths of a rollback's report come from here too.
pub(super) fn plan_fields(before: &Plan, after: &Plan, tell: Tell<'_>) {
    let Plan {
        guards,
        last_checkpoint_id,
        applied_at,
        progress,
        // Told one by one.
        steps: _,
        verdicts: _,
        // Fixed when it was made.
        id: _,
        number: _,
        request: _,
        settings: _,
        created_at: _,
        created_by: _,
        // They follow from the rest.
        updated_at: _,
        changed: _,
    } = after;
    let PlanGuards {
        reversion_count,
        retry_count,
        last_attempt,
        last_submission,
    } = guards;
    let PlanProgress {
        state,
        last_completed_step,
        submission,
        submitted,
        failure,
        cancelled_from,
        cancel_reason,
        completed_at,
    } = progress;
    let (count, was) = (&before.guards, &before.progress);
    field(tell, "applied_at", &before.applied_at, applied_at);
    field(tell, "cancel_reason", &was.cancel_reason, cancel_reason);
    field(tell, "cancelled_from", &was.cancelled_from, cancelled_from);
    field(tell, "completed_at", &was.completed_at, completed_at);
    field(tell, "failure", &was.failure, failure);
    field(tell, "last_attempt", &count.last_attempt, last_attempt);
    field(
        tell,
        "last_checkpoint_id",
        &before.last_checkpoint_id,
        last_checkpoint_id,
    );
    field(
        tell,
        "last_completed_step",
        &was.last_completed_step,
        last_completed_step,
    );
    field(
        tell,
        "last_submission",
        &count.last_submission,
        last_submission,
    );
    field(tell, "retry_count", &count.retry_count, retry_count);
    field(
        tell,
        "reversion_count",
        &count.reversion_count,
        reversion_count,
    );
    field(tell, "state", &was.state, state);
    field(tell, "submission", &was.submission, submission);
    field(tell, "submitted", &was.submitted, submitted);
}

/// Steps of other ids are other steps, which took the place.
fn steps(
    found: &mut Vec<Change>,
    path: String,
    before: Option<&Arc<Step>>,
    after: Option<&Arc<Step>>,
) {
    let Some(title) = after.or(before).map(|step| step.title.to_string()) else {
        return;
    };
    match (before, after) {
        (Some(before), Some(after)) if Arc::ptr_eq(before, after) => {}
        (Some(before), Some(after)) if before.id == after.id => {
            step_fields(before, after, &mut |field, before, after| {
                let path = format!("{path}/{field}");
                found.push(Change::new(path, title.clone(), before, after));
            });
        }
        (before, after) => {
            let whole = |step: Option<&Arc<Step>>| step.map(|step| &step.title).shown();
            found.push(Change::new(path, title, whole(before), whole(after)));
        }
    }
}

fn step_fields(before: &Step, after: &Step, tell: Tell<'_>) {
    let Step {
        state,
        attempt,
        failures,
        output,
        error,
        started_at,
        ended_at,
        // Fixed when it was given.
        id: _,
        title: _,
        input: _,
    } = after;
    field(tell, "attempt", &before.attempt, attempt);
    field(tell, "ended_at", &before.ended_at, ended_at);
    field(tell, "error", &before.error, error);
    field(tell, "failures", &before.failures, failures);
    field(tell, "output", &before.output, output);
    field(tell, "started_at", &before.started_at, started_at);
    field(tell, "state", &before.state, state);
}

fn verdicts(found: &mut Vec<Change>, path: &str, before: &Plan, after: &Plan) {
    let mut both: BTreeMap<u64, [Option<&Arc<Verdict>>; 2]> = BTreeMap::new();
    for (side, plan) in [before, after].into_iter().enumerate() {
        for verdict in &plan.verdicts {
            both.entry(verdict.submission).or_default()[side] = Some(verdict);
        }
    }
    for (submission, [before, after]) in both {
        let Some(gate) = after.or(before).map(|verdict| verdict.gate.to_string()) else {
            continue;
        };
        if before != after {
            let path = format!("{path}/verdicts/{submission}");
            let whole = |side: Option<&Arc<Verdict>>| side.map(|verdict| verdict.passed).shown();
            found.push(Change::new(path, gate, whole(before), whole(after)));
        }
    }
}
