//! Where machine and storage meet: load, decide, append, swap, publish.

mod bodies;
mod bundle;
mod clock;
mod error;
mod execute;
mod find;
mod history;
mod lease;
mod load;
mod logged;
mod notice;
mod past;
mod remembered;
mod slots;
mod verify;
mod watch;
mod way;

pub use bundle::{
    Export, ExportProgress, ExportScope, Import, ImportOptions, ImportProgress, ImportReport,
    ImportedProject,
};
pub use clock::{Clock, SystemClock, new_command_id};
pub use error::EngineError;
pub use execute::{Preview, Receipt};
pub use find::Resumable;
pub use history::{FoundEntry, HistoryPage, HistoryQuery};
pub use lease::{Claim, ClaimOptions, LeaseView};
pub use notice::{Committed, Notice, QUEUE_LENGTH, Subscription};
pub use past::Diff;
pub use verify::{Finding, FindingKind, ReindexReport, VerifyReport};

use crate::journal::Entry;
use crate::machine::{
    Command, NewItem, NewPlan, NewStep, Outcome, PauseReport, Request, ResumeReport, StepDone,
    StepStarted,
};
use crate::model::{
    Actor, CheckpointId, CommandId, CountTokens, EstimateTokens, Json, LongText, Name, PlanId,
    PlanSettings, Point, Project, ProjectId, ProjectSettings, Reason, Revision, Text,
};
use crate::platform::{MaybeSend, MaybeSync, log};
use crate::storage::Storage;
use lease::Claims;
use logged::Logged as _;
use notice::Hub;
use slots::Slots;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

/// The engine over one storage.
///
/// - **Commands** change: [`submit`](Self::submit) takes any, with an id that a repeated call
///   gives again; [`execute`](Self::execute) takes any once; [`create_project`](Self::create_project),
///   [`create_plan`](Self::create_plan), [`start_step`](Self::start_step),
///   [`complete_step`](Self::complete_step), [`pause`](Self::pause) and [`resume`](Self::resume)
///   are the common ones by name; [`claim`](Self::claim) keeps a plan for one worker;
///   [`reindex`](Self::reindex) makes rows and snapshots anew; [`import`](Self::import) takes projects
///   in from a bundle.
/// - **Queries** read: [`project`](Self::project), [`state_at`](Self::state_at),
///   [`diff`](Self::diff), [`preview`](Self::preview), [`history`](Self::history),
///   [`find_entries`](Self::find_entries), [`text`](Self::text), [`resumable`](Self::resumable),
///   [`resumable_at_opening`](Self::resumable_at_opening), [`lease`](Self::lease),
///   [`verify`](Self::verify), [`export`](Self::export) to a bundle, [`storage`](Self::storage) for
///   rows.
/// - **Outputs** tell: [`subscribe`](Self::subscribe).
///
/// The order is: open, create or find a project, then command and read as you like. Await one call
/// on a project before you rely on its result. A copy of the engine is another handle to the same.
pub struct Engine<S: Storage> {
    inner: Arc<Inner<S>>,
}

pub(crate) struct Inner<S: Storage> {
    storage: S,
    actor: Actor,
    clock: Box<dyn Clock>,
    tokens: Box<dyn Tokens>,
    slots: Slots,
    hub: Hub,
    claims: Claims,
    is_watching: AtomicBool,
    found_at_opening: OnceLock<Vec<Resumable>>,
}

/// A token counter that the engine can keep.
pub trait Tokens: CountTokens + MaybeSend + MaybeSync + 'static {}
impl<T: CountTokens + MaybeSend + MaybeSync + 'static> Tokens for T {}

/// How an engine behaves, where that is to be chosen.
pub struct EngineOptions {
    /// Who gives the commands, unless a request says otherwise.
    pub actor: Actor,
    /// Where the time comes from.
    pub clock: Box<dyn Clock>,
    /// How tokens are counted.
    pub tokens: Box<dyn Tokens>,
    /// Whether opening looks for plans that can go on: see
    /// [`resumable_at_opening`](Engine::resumable_at_opening).
    pub resume_detection: bool,
}

impl EngineOptions {
    /// The platform's clock, the built-in estimate of tokens, and no look for plans that can go on.
    #[must_use]
    pub fn new(actor: Actor) -> Self {
        Self {
            actor,
            clock: Box::new(SystemClock),
            tokens: Box::new(EstimateTokens),
            resume_detection: false,
        }
    }
}

impl std::fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineOptions")
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}

impl<S: Storage> Clone for Engine<S> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<S: Storage> std::fmt::Debug for Engine<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("actor", &self.inner.actor)
            .finish_non_exhaustive()
    }
}

/// What a call on the engine gives.
pub(crate) type Result<T> = std::result::Result<T, EngineError>;

impl<S: Storage> Engine<S> {
    /// Opens the engine over a storage, for commands of this actor.
    ///
    /// # Errors
    /// [`EngineError::Storage`] if the storage cannot be read.
    pub async fn open(storage: S, actor: Actor) -> Result<Self> {
        Self::open_with(storage, EngineOptions::new(actor)).await
    }

    /// Opens the engine over a storage, in this way.
    ///
    /// # Errors
    /// [`EngineError::Storage`] if the storage cannot be read.
    pub async fn open_with(storage: S, options: EngineOptions) -> Result<Self> {
        let EngineOptions {
            actor,
            clock,
            tokens,
            resume_detection,
        } = options;
        let engine = Self {
            inner: Arc::new(Inner {
                storage,
                actor,
                clock,
                tokens,
                slots: Slots::default(),
                hub: Hub::default(),
                claims: Claims::default(),
                is_watching: AtomicBool::new(false),
                found_at_opening: OnceLock::new(),
            }),
        };
        // A storage that cannot be read is found out now, not at the first command.
        engine.inner.storage.journals(None, 1).await?;
        log::opened();
        if resume_detection {
            engine.look_for_resumable().await;
        }
        Ok(engine)
    }

    /// Damaged rows are for `verify` to find and for `reindex` to mend: they keep nobody from opening.
    async fn look_for_resumable(&self) {
        match self.resumable().await {
            // Nobody else has this engine yet.
            Ok(found) => drop(self.inner.found_at_opening.set(found)),
            Err(error) => crate::platform::warn(&format!(
                "which plans can go on could not be found out: {error}"
            )),
        }
    }

    /// A request of this engine's actor, with a new id: for [`submit`](Self::submit), so that it
    /// can be repeated.
    #[must_use]
    pub fn request(&self, command: Command) -> Request {
        Request {
            id: new_command_id(self.inner.clock.now()),
            actor: self.inner.actor.clone(),
            expected_revision: None,
            command,
        }
    }

    /// Carries out a request on a project. Repeated with the same id, it is applied once and gives
    /// the same receipt.
    ///
    /// # Errors
    /// [`EngineError`] says why not; nothing has changed then. After `OUTCOME_UNKNOWN`, or when
    /// the future was dropped, it may have: submit the same request again to find out.
    pub async fn submit(&self, project: ProjectId, request: Request) -> Result<Receipt> {
        let submitted = execute::submit(&self.inner, project, &request, true).await;
        submitted.logged_at(request.command.kind(), project, |receipt| receipt.revision)
    }

    /// Carries out a command on a project, once.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn execute(&self, project: ProjectId, command: Command) -> Result<Receipt> {
        let request = self.request(command);
        let submitted = execute::submit(&self.inner, project, &request, false).await;
        submitted.logged_at(request.command.kind(), project, |receipt| receipt.revision)
    }

    /// Says what a command would come to, and changes nothing. The preview holds the request that
    /// does exactly this, or is refused if anything has changed since. Only the clock can make a
    /// difference: an item that grows cold between the two is archived by a pause or a flash save
    /// that didn't show it.
    ///
    /// Of a command that makes a project it says so too, whichever project is given; the preview of
    /// a fork rests on its source's revision, and its request goes to
    /// [`ProjectId::created_by`] its id.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn preview(&self, project: ProjectId, command: Command) -> Result<Preview> {
        let request = self.request(command);
        execute::preview(&self.inner, project, &request)
            .await
            .logged("preview", project)
    }

    /// Creates an active project.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn create_project(&self, name: Name) -> Result<Receipt> {
        self.create_project_with(Command::CreateProject {
            name,
            status: crate::machine::InitialStatus::Active,
            settings: ProjectSettings::default(),
            plan: None,
        })
        .await
    }

    /// Creates a project by a [`Command::CreateProject`] or a [`Command::ForkProject`].
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn create_project_with(&self, command: Command) -> Result<Receipt> {
        let request = self.request(command);
        let project = ProjectId::created_by(&request.id);
        let submitted = execute::submit(&self.inner, project, &request, false).await;
        submitted.logged_at(request.command.kind(), project, |receipt| receipt.revision)
    }

    /// Makes a plan with these steps, which have titles only. [`Command::CreatePlan`] can do more.
    ///
    /// # Errors
    /// As [`submit`](Self::submit), and for texts over their limits.
    pub async fn create_plan<T: AsRef<str>>(
        &self,
        project: ProjectId,
        request: &str,
        steps: impl IntoIterator<Item = T>,
    ) -> Result<PlanId> {
        let steps = steps
            .into_iter()
            .map(|title| {
                Ok(NewStep {
                    title: Name::new(title.as_ref())?,
                    input: None,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let plan = NewPlan {
            request: LongText::new(request)?,
            steps: Some(steps),
            settings: PlanSettings::default(),
        };
        match self
            .execute(project, Command::CreatePlan { plan })
            .await?
            .outcome
        {
            Outcome::PlanCreated { plan } => Ok(plan),
            other => Err(unexpected(&other)),
        }
    }

    /// Opens a new attempt at the plan's next step.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn start_step(&self, project: ProjectId, plan: PlanId) -> Result<StepStarted> {
        match self
            .execute(project, Command::StartStep { plan, step: None })
            .await?
            .outcome
        {
            Outcome::StepStarted(started) => Ok(started),
            other => Err(unexpected(&other)),
        }
    }

    /// Records what came of an attempt, with the context that belongs to it.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn complete_step(
        &self,
        project: ProjectId,
        plan: PlanId,
        attempt: u64,
        output: Option<Json>,
        context: Vec<NewItem>,
    ) -> Result<StepDone> {
        let command = Command::CompleteStep {
            plan,
            attempt,
            output,
            context,
        };
        match self.execute(project, command).await?.outcome {
            Outcome::StepCompleted(done) => Ok(done),
            other => Err(unexpected(&other)),
        }
    }

    /// Pauses a project: archives cold context, takes a checkpoint, sets the status, in one commit.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn pause(&self, project: ProjectId, reason: Option<Reason>) -> Result<PauseReport> {
        match self
            .execute(project, Command::Pause { reason })
            .await?
            .outcome
        {
            Outcome::Paused(report) => Ok(report),
            other => Err(unexpected(&other)),
        }
    }

    /// Lets a paused project go on; with a checkpoint, after a rollback to it in the same commit.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn resume(
        &self,
        project: ProjectId,
        checkpoint: Option<CheckpointId>,
    ) -> Result<ResumeReport> {
        match self
            .execute(project, Command::Resume { checkpoint })
            .await?
            .outcome
        {
            Outcome::Resumed(report) => Ok(report),
            other => Err(unexpected(&other)),
        }
    }

    /// The state of a project, all acknowledged commits included.
    ///
    /// # Errors
    /// `PROJECT_NOT_FOUND`, `REMOVED`, and what the storage fails with.
    pub async fn project(&self, project: ProjectId) -> Result<Arc<Project>> {
        let slot = self.inner.slots.of(project);
        let _turn = slot.turn.lock().await;
        let current = load::current(&self.inner, &slot, project).await;
        Ok(current.logged("project", project)?.project)
    }

    /// The state of a project at a point in its past: a revision, or what a checkpoint stands for.
    ///
    /// # Errors
    /// `REVISION_NOT_FOUND`, `CHECKPOINT_NOT_FOUND`, and as [`project`](Self::project).
    pub async fn state_at(
        &self,
        project: ProjectId,
        at: impl Into<Point> + MaybeSend,
    ) -> Result<Arc<Project>> {
        past::state(&self.inner, project, at.into())
            .await
            .logged("state_at", project)
    }

    /// Entries of a project after a revision, in order, at most `limit` of them: who did what when.
    ///
    /// # Errors
    /// As [`project`](Self::project).
    pub async fn history(
        &self,
        project: ProjectId,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        load::history(&self.inner, project, after, limit)
            .await
            .logged("history", project)
    }

    /// A text of the state, from wherever it lives.
    ///
    /// # Errors
    /// `REDACTED` if its body was removed for good, `CORRUPT` if it is missing or damaged, and what
    /// the storage fails with.
    pub async fn text(&self, project: ProjectId, text: &Text) -> Result<Arc<str>> {
        match text {
            Text::Inline(text) => Ok(Arc::clone(text)),
            Text::Stored(stored) => self.body(project, &stored.blob).await,
        }
    }

    /// A body: of an item, of a step's input or output.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub async fn body(&self, project: ProjectId, body: &crate::model::BlobRef) -> Result<Arc<str>> {
        bodies::body(&self.inner, project, body)
            .await
            .logged("body", project)
    }

    /// Bodies in their order, many at a time; none for one that was removed for good. All of them are in
    /// memory then.
    ///
    /// # Errors
    /// As [`body`](Self::body), but for `REDACTED`.
    pub async fn bodies(
        &self,
        project: ProjectId,
        bodies: &[crate::model::BlobRef],
    ) -> Result<Vec<Option<Arc<str>>>> {
        bodies::unless_redacted(&self.inner, project, bodies)
            .await
            .logged("bodies", project)
    }

    /// Plans that are unfinished, in every project, without loading one: where work can go on.
    ///
    /// # Errors
    /// What the storage fails with.
    pub async fn resumable(&self) -> Result<Vec<Resumable>> {
        find::resumable(&self.inner).await.logged("resumable", None)
    }

    /// The plans that were unfinished when the engine was opened, if it was to look for them
    /// ([`EngineOptions::resume_detection`]); none otherwise.
    #[must_use]
    pub fn resumable_at_opening(&self) -> &[Resumable] {
        let found = self.inner.found_at_opening.get();
        found.map_or(&[], Vec::as_slice)
    }

    /// The project whose id this is or begins with.
    ///
    /// # Errors
    /// `PROJECT_NOT_FOUND`, `AMBIGUOUS_ID`, and what the storage fails with.
    pub async fn find_project(&self, id: &str) -> Result<ProjectId> {
        find::project(&self.inner, id)
            .await
            .logged("find_project", None)
    }

    /// The plan whose id this is or begins with, and its project. A fork has its source's plans, so
    /// an id may be several projects'; `PROJECT/PLAN`, each an id or how it begins, names one.
    ///
    /// # Errors
    /// `PROJECT_NOT_FOUND`, `PLAN_NOT_FOUND`, `AMBIGUOUS_ID`, and what the storage fails with.
    pub async fn find_plan(&self, id: &str) -> Result<(ProjectId, PlanId)> {
        find::plan(&self.inner, id).await.logged("find_plan", None)
    }

    /// The checkpoint of a project whose id this is or begins with.
    ///
    /// # Errors
    /// `CHECKPOINT_NOT_FOUND`, `AMBIGUOUS_ID`, and what the storage fails with.
    pub async fn find_checkpoint(&self, project: ProjectId, id: &str) -> Result<CheckpointId> {
        find::checkpoint(&self.inner, project, id)
            .await
            .logged("find_checkpoint", project)
    }

    /// The projects that have a journal, whether or not their rows are there: those after one, at
    /// most `limit`. What there is to check.
    ///
    /// # Errors
    /// What the storage fails with.
    pub async fn journals(&self, after: Option<ProjectId>, limit: usize) -> Result<Vec<ProjectId>> {
        let journals = self.inner.storage.journals(after, limit).await;
        journals.map_err(EngineError::from).logged("journals", None)
    }

    /// Checks a project from its first entry to its last: the chain, the stored head, snapshots,
    /// rows and bodies. It finds damage; it does not stop someone who rewrites everything.
    ///
    /// # Errors
    /// `PROJECT_NOT_FOUND`, and what the storage fails with. Damage is no error here: it stands in
    /// the report.
    pub async fn verify(&self, project: ProjectId) -> Result<VerifyReport> {
        verify::verify(&self.inner, project)
            .await
            .logged("verify", project)
    }

    /// Makes a project's rows anew from its journal, and a snapshot of its newest state.
    ///
    /// # Errors
    /// As [`project`](Self::project).
    pub async fn reindex(&self, project: ProjectId) -> Result<ReindexReport> {
        let reindexed = verify::reindex(&self.inner, project).await;
        reindexed.logged_at("reindex", project, |report| report.revision)
    }

    /// Hears of commits from now on: of one project, or of all in the storage, those that are made
    /// later included. Commits through other connections and by other processes are heard too, each
    /// once and in order.
    ///
    /// A listener is a queue of its own: one that is slow, panics or is never read holds up nobody.
    ///
    /// # Errors
    /// What the storage fails with.
    pub async fn subscribe(&self, project: Option<ProjectId>) -> Result<Subscription> {
        watch::subscribe(&self.inner, project)
            .await
            .logged("subscribe", project)
    }

    /// The storage beneath, for lists by [`rows`](Storage::rows).
    #[must_use]
    pub fn storage(&self) -> &S {
        &self.inner.storage
    }
}

impl ProjectId {
    /// The id of the project that a create command with this id makes.
    #[must_use]
    pub fn created_by(command: &CommandId) -> Self {
        command.derive(0)
    }
}

fn unexpected(outcome: &Outcome) -> EngineError {
    let outcome = serde_json::to_string(outcome).unwrap_or_default();
    EngineError::Internal(format!(
        "a command came to the outcome of another: {outcome}"
    ))
}

/// Futures move between threads natively. The compiler is asked here, at every build.
const _: fn(&Engine<crate::storage::MemoryStorage>, ProjectId) = |engine, project| {
    fn is_send<T: MaybeSend>(_: &T) {}

    is_send(engine);
    is_send(&Engine::open(
        engine.inner.storage.clone(),
        engine.inner.actor.clone(),
    ));
    is_send(&engine.execute(project, Command::PlanProject));
    is_send(&engine.submit(project, engine.request(Command::PlanProject)));
    is_send(&engine.preview(project, Command::PlanProject));
    is_send(&engine.create_plan(project, "", [""]));
    is_send(&engine.project(project));
    is_send(&engine.state_at(project, Revision::FIRST));
    is_send(&engine.diff(project, Revision::FIRST, Point::Now));
    is_send(&engine.history(project, Revision::ZERO, 1));
    is_send(&engine.find_entries(project, &HistoryQuery::of(1)));
    is_send(&engine.resumable());
    is_send(&engine.verify(project));
    is_send(&engine.reindex(project));
    is_send(&engine.subscribe(None));
};
