//! What the machine's state says, in the words of the naive model.

use super::naive::{
    Checkpoint, Departed, Failure, Guards, Item, Pause, Plan, Progress, Project, Step, Verdict,
    Words,
};
use holdpoint::machine::PauseReport;
use holdpoint::model::{self, PlanGuards, StepState, Text, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn text(text: &Text) -> Words {
    Words {
        start: text.start().to_owned(),
        body: text.blob().map(|blob| blob.digest),
    }
}

fn time(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::milliseconds)
}

fn word<T: ToString>(word: Option<&T>) -> Option<String> {
    word.map(ToString::to_string)
}

pub(crate) fn project(seen: &model::Project) -> Project {
    Project {
        name: seen.name.to_string(),
        status: seen.status.as_str(),
        token_limit: seen.settings.token_limit,
        flash_save: match seen.settings.flash_save {
            model::FlashSavePolicy::Always => "always",
            model::FlashSavePolicy::OverThreshold => "over-threshold",
            model::FlashSavePolicy::Never => "never",
        },
        retention: [
            seen.settings.retention.per_plan,
            seen.settings.retention.of_project,
        ],
        origin: seen
            .origin
            .map(|origin| (origin.project, origin.revision.get())),
        pause: seen.pause.as_ref().map(pause),
        created_at: seen.created_at.milliseconds(),
        created_by: seen.created_by.to_string(),
        updated_at: seen.updated_at.milliseconds(),
        numbers: [
            seen.numbers.plans,
            seen.numbers.items,
            seen.numbers.checkpoints,
        ],
        plans: seen
            .plans
            .iter()
            .map(|(id, seen)| (*id, plan(seen)))
            .collect(),
        departed: seen
            .departed
            .iter()
            .map(|(id, seen)| (*id, departed(seen)))
            .collect(),
        redacted: (seen.redacted.iter())
            .map(|(digest, seen)| {
                let by = seen.by.to_string();
                (
                    *digest,
                    (seen.at.milliseconds(), by, word(seen.reason.as_ref())),
                )
            })
            .collect(),
        agents: (seen.agents.values())
            .map(|seen| (seen.name.to_string(), seen.token_limit))
            .collect(),
        items: seen
            .items
            .iter()
            .map(|(id, seen)| (*id, item(seen)))
            .collect(),
        checkpoints: (seen.checkpoints.iter())
            .map(|(id, seen)| (*id, checkpoint(seen)))
            .collect(),
    }
}

fn pause(seen: &model::PauseRecord) -> Pause {
    let mut report = json!(PauseReport::of(seen));
    let fields = report.as_object_mut().expect("a report has fields");
    fields.remove("success");
    fields.remove("already_paused");
    Pause {
        from: seen.from.as_str(),
        by: seen.paused_by.to_string(),
        report,
    }
}

fn plan(seen: &model::Plan) -> Plan {
    let gates = seen.settings.gates;
    let progress = &seen.progress;
    Plan {
        number: seen.number,
        request: text(&seen.request),
        gates: [
            gates.plan,
            gates.implementation,
            gates.review,
            gates.verification,
        ],
        max_reversions: seen.settings.max_reversions,
        max_attempts: seen.settings.max_attempts,
        interval: seen.settings.auto_checkpoint_interval,
        guards: guards(seen.guards),
        last_checkpoint: seen.last_checkpoint_id,
        applied_at: time(seen.applied_at),
        verdicts: seen.verdicts.iter().map(|seen| verdict(seen)).collect(),
        progress: Progress {
            state: progress.state.as_str(),
            last_completed_step: progress.last_completed_step,
            submission: progress.submission,
            submitted: progress.submitted.as_ref().map(|seen| {
                (
                    text(&seen.text),
                    seen.at.milliseconds(),
                    seen.by.to_string(),
                )
            }),
            failure: progress.failure.as_ref().map(|seen| Failure {
                state: seen.state.as_str(),
                error: text(&seen.error),
                step: seen.step,
                at: seen.at.milliseconds(),
            }),
            cancelled_from: progress.cancelled_from.map(model::PlanState::as_str),
            cancel_reason: word(progress.cancel_reason.as_ref()),
            completed_at: time(progress.completed_at),
        },
        steps: seen.steps.iter().map(|seen| step(seen)).collect(),
        created_at: seen.created_at.milliseconds(),
        created_by: seen.created_by.to_string(),
        updated_at: seen.updated_at.milliseconds(),
    }
}

const fn guards(seen: PlanGuards) -> Guards {
    Guards {
        reversions: seen.reversion_count,
        retries: seen.retry_count,
        last_attempt: seen.last_attempt,
        last_submission: seen.last_submission,
    }
}

fn verdict(seen: &model::Verdict) -> Verdict {
    Verdict {
        submission: seen.submission,
        gate: seen.gate.as_str(),
        passed: seen.passed,
        reason: word(seen.reason.as_ref()),
        notes: seen.notes.as_ref().map(text),
        by: seen.by.to_string(),
        at: seen.at.milliseconds(),
    }
}

fn step(seen: &model::Step) -> Step {
    Step {
        id: seen.id,
        title: seen.title.to_string(),
        input: seen.input.map(|body| body.digest),
        state: match seen.state {
            StepState::Pending => "pending",
            StepState::Running => "running",
            StepState::Failed => "failed",
            StepState::Completed => "completed",
        },
        attempt: seen.attempt,
        failures: seen.failures,
        output: seen.output.map(|body| body.digest),
        error: seen.error.as_ref().map(text),
        started_at: time(seen.started_at),
        ended_at: time(seen.ended_at),
    }
}

fn departed(seen: &model::DepartedPlan) -> Departed {
    Departed {
        guards: guards(seen.guards),
        state: seen.state.as_str(),
        last_completed_step: seen.last_completed_step,
        last_checkpoint: seen.last_checkpoint_id,
        verdicts: seen.verdicts.iter().map(|seen| verdict(seen)).collect(),
    }
}

fn item(seen: &model::Item) -> Item {
    Item {
        number: seen.number,
        agent: seen.agent.to_string(),
        plan: seen.plan,
        kind: seen.kind.to_string(),
        body: seen.body.digest,
        tokens: seen.tokens,
        estimated: seen.tokens_estimated,
        created_at: seen.created_at.milliseconds(),
        last_accessed: time(seen.last_accessed),
        access_count: seen.access_count,
        pinned: seen.pinned,
        archived: seen.archived,
    }
}

fn checkpoint(seen: &model::Checkpoint) -> Checkpoint {
    let figures = seen.figures;
    Checkpoint {
        number: seen.number,
        plan: seen.plan,
        revision: seen.revision.get(),
        trigger: seen.trigger.as_str(),
        safety: seen.safety,
        phase: word(seen.phase.as_ref()),
        name: seen.name.to_string(),
        reason: word(seen.reason.as_ref()),
        pinned: seen.pinned,
        at: seen.created_at.milliseconds(),
        by: seen.created_by.to_string(),
        figures: [
            figures.plans_completed,
            figures.plans,
            figures.active_agents,
            figures.items,
            figures.tokens,
        ],
    }
}

/// The running figures, in the form of [`figures`](super::naive::figures).
pub(crate) fn figures(seen: &model::Project) -> Value {
    let agents: BTreeMap<_, _> = seen
        .agents
        .values()
        .map(|agent| {
            let tallies = json!({ "active": agent.active, "archived": agent.archived });
            (agent.name.to_string(), tallies)
        })
        .collect();
    json!({
        "plans_completed": seen.figures.plans_completed,
        "plans": seen.figures.plans,
        "plans_unfinished": seen.unfinished_plans,
        "active_agents": seen.figures.active_agents,
        "items": seen.figures.items,
        "tokens": seen.figures.tokens,
        "items_archived": seen.archived_items,
        "agents": agents,
    })
}
