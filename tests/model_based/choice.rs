//! Random commands of each kind, with arguments that fit a project's state, or don't.

use super::naive::{Plan, Project};
use super::random::Random;
use holdpoint::machine::{
    Command, CommandKind, FirstPlan, InitialStatus, NewCheckpoint, NewItem, NewPlan, NewStep,
};
use holdpoint::model::{
    Body, CheckpointId, FlashSavePolicy, Gates, ItemId, Json, LongText, Name, PlanId, PlanSettings,
    PlanState, ProjectSettings, Reason, RetentionPolicy, Timestamp,
};

/// In milliseconds.
pub(crate) const MINUTE: u64 = 60_000;
pub(crate) const DAY: u64 = 1440 * MINUTE;

/// Something to be chosen in view of a project's state.
pub(crate) struct Choice<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) state: Option<&'a Project>,
    pub(crate) is_wrong: bool,
    pub(crate) now: i64,
}

impl Choice<'_> {
    pub(crate) fn command(&mut self, kind: CommandKind) -> Command {
        match kind {
            CommandKind::CreateProject => self.create_project(),
            CommandKind::PlanProject => Command::PlanProject,
            CommandKind::StartProject => Command::StartProject,
            CommandKind::Pause => Command::Pause {
                reason: self.reason(),
            },
            CommandKind::Resume => {
                let checkpoint = self.random.percent(30).then(|| self.checkpoint());
                Command::Resume { checkpoint }
            }
            CommandKind::StopProject => Command::StopProject {
                reason: self.reason(),
            },
            CommandKind::CompleteProject => Command::CompleteProject,
            CommandKind::RenameProject => Command::RenameProject { name: self.name() },
            CommandKind::DeleteProject => Command::DeleteProject,
            CommandKind::CreatePlan => Command::CreatePlan {
                plan: self.new_plan(),
            },
            CommandKind::StartPlan => Command::StartPlan { plan: self.plan() },
            CommandKind::SubmitPlan => Command::SubmitPlan {
                plan: self.plan(),
                text: self.text(),
                steps: self.steps(),
            },
            CommandKind::Approve => {
                let (plan, submission) = self.submission();
                Command::Approve { plan, submission }
            }
            CommandKind::Reject => {
                let (plan, submission) = self.submission();
                let reason = self.reason().unwrap_or_else(|| self.rejection());
                let from_step = self.step_to_go_on_from(plan);
                Command::Reject {
                    plan,
                    submission,
                    reason,
                    from_step,
                }
            }
            CommandKind::StartImplementation => Command::StartImplementation { plan: self.plan() },
            CommandKind::RecordReview => {
                let (plan, submission) = self.submission();
                let passed = self.random.percent(60);
                let notes = self.random.percent(50).then(|| self.text());
                let from_step = self
                    .step_to_go_on_from(plan)
                    .filter(|_| !passed || self.is_wrong);
                Command::RecordReview {
                    plan,
                    submission,
                    passed,
                    notes,
                    from_step,
                }
            }
            CommandKind::RecordVerification => {
                let (plan, submission) = self.submission();
                let passed = self.random.percent(60);
                let details = self.random.percent(50).then(|| self.text());
                let from_step = self
                    .step_to_go_on_from(plan)
                    .filter(|_| !passed || self.is_wrong);
                Command::RecordVerification {
                    plan,
                    submission,
                    passed,
                    details,
                    from_step,
                }
            }
            CommandKind::StartStep => {
                let plan = self.plan();
                let step = self.of_plan(plan, |plan| plan.progress.last_completed_step + 1);
                let step = u32::try_from(step.unwrap_or(0)).expect("plans are short");
                let off = self.random.below(if self.is_wrong { 4 } else { 1 });
                let step = step + u32::try_from(off).expect("it is small");
                let step = self.random.percent(50).then_some(step);
                Command::StartStep { plan, step }
            }
            CommandKind::CompleteStep => {
                let (plan, attempt) = self.attempt();
                let output = self.random.percent(70).then(|| self.json());
                let context = if self.random.percent(30) {
                    self.new_items()
                } else {
                    vec![]
                };
                Command::CompleteStep {
                    plan,
                    attempt,
                    output,
                    context,
                }
            }
            CommandKind::FailStep => {
                let (plan, attempt) = self.attempt();
                let error = self.text();
                Command::FailStep {
                    plan,
                    attempt,
                    error,
                }
            }
            CommandKind::FailPlan => {
                let (plan, error) = (self.plan(), self.text());
                Command::FailPlan { plan, error }
            }
            CommandKind::CancelPlan => {
                let (plan, reason) = (self.plan(), self.reason());
                Command::CancelPlan { plan, reason }
            }
            CommandKind::RetryPlan => Command::RetryPlan { plan: self.plan() },
            CommandKind::RevertPlan => {
                let plan = self.plan();
                let to = match self.random.below(8) {
                    0..=2 => PlanState::Planning,
                    3 if self.is_wrong => self.random.one(&PlanState::ALL),
                    _ => PlanState::Implementing,
                };
                let from_step = self.step_to_go_on_from(plan);
                let from_step = from_step.filter(|_| to != PlanState::Planning || self.is_wrong);
                Command::RevertPlan {
                    plan,
                    to,
                    from_step,
                    reason: self.reason(),
                }
            }
            CommandKind::MarkApplied => Command::MarkApplied { plan: self.plan() },
            CommandKind::SetAgent => {
                let least = u64::from(!self.is_wrong);
                let limit = least + self.random.below(if self.is_wrong { 2 } else { 3000 });
                Command::SetAgent {
                    agent: self.agent(),
                    token_limit: limit,
                }
            }
            CommandKind::AddContext => Command::AddContext {
                items: self.new_items(),
            },
            CommandKind::TouchItems => Command::TouchItems {
                items: self.items(),
            },
            CommandKind::PinItems => Command::PinItems {
                items: self.items(),
            },
            CommandKind::UnpinItems => Command::UnpinItems {
                items: self.items(),
            },
            CommandKind::ArchiveItems => Command::ArchiveItems {
                items: self.items(),
            },
            CommandKind::RestoreItems => Command::RestoreItems {
                items: self.items(),
            },
            CommandKind::FlashSave => {
                let agent = self.random.percent(50).then(|| self.agent());
                let force = self.random.percent(60);
                Command::FlashSave { agent, force }
            }
            CommandKind::RedactItem => {
                let (item, reason) = (self.item(), self.reason());
                Command::RedactItem { item, reason }
            }
            CommandKind::RedactOutput => {
                let plan = self.plan();
                let steps = self
                    .of_plan(plan, |plan| plan.steps.len() as u64)
                    .unwrap_or(0);
                let step = self.random.below(steps.max(1) + u64::from(self.is_wrong));
                let step = u32::try_from(step).expect("plans are short");
                Command::RedactOutput {
                    plan,
                    step,
                    reason: self.reason(),
                }
            }
            CommandKind::CreateCheckpoint => {
                let plan = self.random.percent(60).then(|| self.plan());
                let name = self.name().to_string().parse().expect("names are short");
                let checkpoint = NewCheckpoint {
                    reason: self.reason(),
                    phase: self.random.percent(20).then(|| self.name()),
                    pinned: self.random.percent(10),
                    ..NewCheckpoint::named(name, plan)
                };
                Command::CreateCheckpoint { checkpoint }
            }
            CommandKind::PinCheckpoint => {
                let (checkpoint, pinned) = (self.checkpoint(), self.random.percent(50));
                Command::PinCheckpoint { checkpoint, pinned }
            }
            CommandKind::SetRetention => {
                let policy = self.retention();
                Command::SetRetention { policy }
            }
            CommandKind::ApplyRetention => {
                let policy = (self.is_wrong || self.random.percent(60)).then(|| self.retention());
                Command::ApplyRetention { policy }
            }
            CommandKind::RollbackProject => {
                let (checkpoint, reason) = (self.checkpoint(), self.reason());
                Command::RollbackProject { checkpoint, reason }
            }
            other => panic!("no {other} is ever made up: tell the generator how"),
        }
    }

    fn create_project(&mut self) -> Command {
        let status = match self.random.below(6) {
            0 => InitialStatus::Init,
            1 => InitialStatus::Planning,
            _ => InitialStatus::Active,
        };
        let with_plan = self.is_wrong || status == InitialStatus::Active;
        let plan = (with_plan && self.random.percent(50)).then(|| {
            let plan = self.new_plan();
            let context = if self.random.percent(50) {
                self.new_items()
            } else {
                vec![]
            };
            Box::new(FirstPlan { plan, context })
        });
        let zero = self.is_wrong && self.random.percent(50);
        Command::CreateProject {
            name: self.name(),
            status,
            settings: ProjectSettings {
                token_limit: if zero { 0 } else { 1 + self.random.below(4000) },
                flash_save: self.random.one(&[
                    FlashSavePolicy::Always,
                    FlashSavePolicy::Always,
                    FlashSavePolicy::OverThreshold,
                    FlashSavePolicy::Never,
                ]),
                retention: self.retention(),
            },
            plan,
        }
    }

    /// Mostly so few that checkpoints go all the time.
    fn retention(&mut self) -> RetentionPolicy {
        if self.random.percent(30) {
            return RetentionPolicy::default();
        }
        let least = u64::from(!self.is_wrong);
        let mut few = || u32::try_from(least + self.random.below(5)).expect("small");
        RetentionPolicy {
            per_plan: few(),
            of_project: few(),
        }
    }

    fn new_plan(&mut self) -> NewPlan {
        let small = |random: &mut Random, limit| u32::try_from(random.below(limit)).expect("small");
        let gates = Gates {
            plan: self.random.percent(40),
            implementation: self.random.percent(30),
            review: self.random.percent(30),
            verification: self.random.percent(30),
        };
        let least = u32::from(!self.is_wrong || self.random.percent(70));
        NewPlan {
            request: self.text(),
            steps: self.random.percent(75).then(|| self.steps()),
            settings: PlanSettings {
                gates,
                max_reversions: small(self.random, 5),
                max_attempts: least + small(self.random, 3),
                auto_checkpoint_interval: small(self.random, 4),
            },
        }
    }

    fn steps(&mut self) -> Vec<NewStep> {
        let least = u64::from(!self.is_wrong || self.random.percent(50));
        let count = least + self.random.below(4);
        let step = |_| NewStep {
            title: self.name(),
            input: self.random.percent(30).then(|| self.json()),
        };
        (0..count).map(step).collect()
    }

    fn new_items(&mut self) -> Vec<NewItem> {
        let count = u64::from(!self.is_wrong) + self.random.below(3);
        let now = Timestamp::from_milliseconds_clamped(self.now);
        let item = |_| {
            let age = i64::try_from(self.random.below(6 * DAY)).expect("some days");
            let kinds = [
                "task",
                "code",
                "error",
                "test_result",
                "prd_section",
                "diary",
            ];
            NewItem {
                agent: self.agent(),
                plan: self.random.percent(40).then(|| self.plan()),
                kind: self.random.one(&kinds).parse().expect("a kind"),
                body: Body::new(self.body()).expect("it is short"),
                created_at: self.random.percent(50).then(|| now.plus_milliseconds(-age)),
                pinned: self.random.percent(10),
            }
        };
        (0..count).map(item).collect()
    }

    /// A body, or an output: some say the same, so that what removes one removes the other.
    fn body(&mut self) -> String {
        let (tokens, which) = (self.random.below(400), self.random.below(3));
        let tokens = if which == 0 { tokens % 10 } else { tokens };
        let estimated = self.random.one(&["e", "s"]);
        format!("\"{tokens} {estimated} {which}\"")
    }

    fn json(&mut self) -> Json {
        Json::new(self.body()).expect("a string in quotes is JSON")
    }

    fn text(&mut self) -> LongText {
        let number = self.random.below(1000);
        // Now and then so long that it lives in the blob store.
        let more = if self.random.percent(5) { 900 } else { 1 };
        LongText::new(format!("text {number}{}", ", and so on".repeat(more))).expect("not too long")
    }

    pub(crate) fn name(&mut self) -> Name {
        let names = [
            "one",
            "two",
            "three",
            "Überprüfung",
            "before the rollback to what there was",
        ];
        self.random.one(&names).parse().expect("a name")
    }

    fn agent(&mut self) -> Name {
        let known = self.state.map(|state| state.agents.keys().cloned());
        let known: Vec<_> = known.into_iter().flatten().collect();
        let agent = if self.random.percent(80) {
            self.random.pick(&known)
        } else {
            None
        };
        let other = self.random.one(&["coder", "Tester", "ärzt"]);
        agent
            .unwrap_or_else(|| other.to_owned())
            .parse()
            .expect("a name")
    }

    pub(crate) fn reason(&mut self) -> Option<Reason> {
        self.random.percent(40).then(|| self.rejection())
    }

    fn rejection(&mut self) -> Reason {
        let reasons = ["so it was wished", "a second look", " "];
        let reasons = if self.is_wrong {
            &reasons
        } else {
            &reasons[..2]
        };
        self.random.one(reasons).parse().expect("a reason")
    }

    pub(crate) fn pick_or<T: Clone>(&mut self, of: &[T], unknown: impl Fn(u128) -> T) -> T {
        let is_unknown = self.is_wrong && self.random.percent(15);
        let picked = if is_unknown {
            None
        } else {
            self.random.pick(of)
        };
        picked.unwrap_or_else(|| unknown(self.random.next().into()))
    }

    pub(crate) fn plan(&mut self) -> PlanId {
        let plans = self.state.map(|state| state.plans.keys().copied());
        let plans: Vec<_> = plans.into_iter().flatten().collect();
        self.pick_or(&plans, |n| PlanId::from_parts(1, n))
    }

    fn of_plan<T>(&self, plan: PlanId, ask: impl Fn(&Plan) -> T) -> Option<T> {
        self.state.and_then(|state| state.plans.get(&plan)).map(ask)
    }

    fn submission(&mut self) -> (PlanId, u64) {
        let plan = self.plan();
        let waiting = self
            .of_plan(plan, |plan| plan.progress.submission)
            .flatten();
        let last = self
            .of_plan(plan, |plan| plan.guards.last_submission)
            .unwrap_or(0);
        let any = self.random.below(last + 2);
        let is_any = self.is_wrong && self.random.percent(50);
        (plan, waiting.filter(|_| !is_any).unwrap_or(any))
    }

    fn attempt(&mut self) -> (PlanId, u64) {
        let plan = self.plan();
        let last = self
            .of_plan(plan, |plan| plan.guards.last_attempt)
            .unwrap_or(0);
        let any = self.random.below(last + 2);
        let is_any = self.is_wrong && self.random.percent(50);
        (plan, if is_any { any } else { last })
    }

    fn step_to_go_on_from(&mut self, plan: PlanId) -> Option<u32> {
        let last = self.of_plan(plan, |plan| plan.progress.last_completed_step);
        let last = u64::try_from(last.unwrap_or(0)).unwrap_or(0);
        let beyond = if self.is_wrong { 3 } else { 1 };
        let step = u32::try_from(self.random.below(last + beyond)).expect("plans are short");
        self.random.percent(40).then_some(step)
    }

    fn item(&mut self) -> ItemId {
        let items = self.state.map(|state| state.items.keys().copied());
        let items: Vec<_> = items.into_iter().flatten().collect();
        self.pick_or(&items, |n| ItemId::from_parts(1, n))
    }

    fn items(&mut self) -> Vec<ItemId> {
        let count = u64::from(!self.is_wrong) + self.random.below(4);
        (0..count).map(|_| self.item()).collect()
    }

    pub(crate) fn checkpoint(&mut self) -> CheckpointId {
        let checkpoints = self.state.map(|state| state.checkpoints.keys().copied());
        let checkpoints: Vec<_> = checkpoints.into_iter().flatten().collect();
        self.pick_or(&checkpoints, |n| CheckpointId::from_parts(1, n))
    }
}
