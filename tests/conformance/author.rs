//! Writes journals the way the engine does: commands are decided by the machine, sealed into
//! entries, and the rows are what the next state says. No storage is asked for any of it.

use holdpoint::journal::{Chain, Entry, Head, Sealed, Snapshot};
use holdpoint::machine::{
    Command, CommandStamp, Decision, EntryContext, Env, InitialStatus, NewCheckpoint, NewItem,
    NewPlan, NewStep, Request, decide,
};
use holdpoint::model::{
    Blob, CheckpointId, CheckpointName, CommandId, Digest, EstimateTokens, LongText, Name, PlanId,
    PlanSettings, Project, ProjectId, ProjectSettings, Revision, Timestamp,
};
use holdpoint::storage::{Commit, Epoch, Lease, RowChanges, Storage};
use std::collections::BTreeMap;
use std::sync::Arc;

/// 2026-01-01T00:00:00Z.
const BEGINNING: i64 = 1_767_225_600_000;

/// The id of the n-th project. A higher n is a higher id.
pub(crate) fn project_id(n: u16) -> ProjectId {
    ProjectId::from_parts(1_767_225_600_000 + u64::from(n), u128::from(n) << 64)
}

/// One who writes to a project and knows its state.
#[derive(Clone)]
pub(crate) struct Author {
    id: ProjectId,
    chain: Chain,
    past: BTreeMap<Revision, Arc<Project>>,
    entries: Vec<Sealed>,
    bodies: Vec<Digest>,
    seed: u16,
    given: u32,
}

impl Author {
    /// Before the project's first entry. Two authors of the same seed give commands of the same
    /// ids, and so make plans and checkpoints of the same ids.
    pub(crate) fn new(id: ProjectId, seed: u16) -> Self {
        Self {
            id,
            chain: Chain::start(id),
            past: BTreeMap::new(),
            entries: Vec::new(),
            bodies: Vec::new(),
            seed,
            given: 0,
        }
    }

    pub(crate) const fn id(&self) -> ProjectId {
        self.id
    }

    /// The head so far.
    pub(crate) fn head(&self) -> Option<Head> {
        self.chain.head()
    }

    /// The head, of a project that was created.
    pub(crate) fn present_head(&self) -> Head {
        self.head().expect("this author has written")
    }

    pub(crate) const fn state(&self) -> &Project {
        self.chain.project()
    }

    /// All entries so far.
    pub(crate) fn entries(&self) -> &[Sealed] {
        &self.entries
    }

    /// The digests of all bodies that came with what this author wrote.
    pub(crate) fn bodies(&self) -> &[Digest] {
        &self.bodies
    }

    /// Every plan there ever was, those that a rollback took away included.
    pub(crate) fn plans_ever(&self) -> Vec<PlanId> {
        let states = self.past.values().map(|state| &**state);
        let mut plans: Vec<_> = states
            .flat_map(|state| state.plans.keys().copied())
            .collect();
        plans.sort_unstable();
        plans.dedup();
        plans
    }

    /// The oldest plan; of a furnished project, the one with a lease and a checkpoint.
    pub(crate) fn first_plan(&self) -> PlanId {
        self.state().plans_in_order()[0].id
    }

    /// The newest plan.
    pub(crate) fn plan(&self) -> PlanId {
        self.state()
            .plans_in_order()
            .last()
            .expect("a plan was made")
            .id
    }

    /// The newest checkpoint.
    pub(crate) fn checkpoint(&self) -> CheckpointId {
        self.state()
            .checkpoints_in_order()
            .last()
            .expect("a checkpoint was taken")
            .id
    }

    /// An id for a new command.
    pub(crate) fn command_id(&mut self) -> CommandId {
        self.given += 1;
        let random = u128::from(self.seed) << 64 | u128::from(self.given);
        CommandId::from_parts(BEGINNING.unsigned_abs(), random)
    }

    /// The commit of a command at this point. It isn't written, and not followed either.
    pub(crate) fn draft_as(&self, id: CommandId, command: Command) -> Commit {
        let state = self.state();
        let revision = state.revision.next();
        let now = BEGINNING + 1000 * i64::try_from(revision.get()).expect("a small number");
        let now = Timestamp::from_milliseconds(now).expect("a time of these years");
        let actor = "conformance".parse().expect("a short name");
        let request = Request {
            id,
            actor,
            expected_revision: None,
            command,
        };
        let mut env = Env::new(now, &EstimateTokens);
        env.past = self.past.clone();
        let (events, blobs, next) = match decide(state, &request, &env) {
            Ok(Decision::Commit {
                events,
                blobs,
                next,
            }) => (events, blobs, next),
            other => panic!(
                "expected {:?} to lead to an entry: {other:?}",
                request.command
            ),
        };
        let context = EntryContext {
            revision,
            at: now,
            actor: request.actor.clone(),
        };
        let prev = self.head().map_or(Digest::ZERO, |head| head.digest);
        let entry = Entry::new(context, request.stamp(), events)
            .seal(prev)
            .expect("JSON holds it");
        let rows = RowChanges::between(state, &next);
        Commit::new(self.id, self.head(), vec![entry], rows, blobs).expect("it follows the head")
    }

    /// The same with an id of its own.
    pub(crate) fn draft(&mut self, command: Command) -> Commit {
        let id = self.command_id();
        self.draft_as(id, command)
    }

    /// Takes entries in: from here on they have been written.
    pub(crate) fn follow(&mut self, entries: &[Sealed]) {
        for entry in entries {
            self.chain.follow(entry).expect("the chain goes on");
            self.past
                .insert(entry.revision, Arc::new(self.state().clone()));
            self.entries.push(entry.clone());
        }
    }

    /// Reads what others wrote since.
    pub(crate) async fn catch_up<S: Storage>(&mut self, storage: &S) {
        let after = self.state().revision;
        let news = storage
            .entries(self.id, after, usize::MAX)
            .await
            .expect("it can be read");
        self.follow(&news);
    }

    /// Makes the commit of a command and follows it. No storage hears of it.
    pub(crate) fn write(&mut self, command: Command) -> Commit {
        let commit = self.draft(command);
        self.follow(commit.entries());
        self.bodies
            .extend(commit.blobs.iter().map(|blob| *blob.digest()));
        commit
    }

    /// Writes the commit of a command to a storage.
    pub(crate) async fn append<S: Storage>(&mut self, storage: &S, command: Command) -> Commit {
        let commit = self.write(command);
        assert_eq!(storage.append(commit.clone()).await, Ok(commit.head()));
        commit
    }

    /// A commit of the next entry with this text, which no machine has made: storages don't care.
    pub(crate) fn entry_of_text(&mut self, prev: Option<Head>, text: &str) -> Sealed {
        let revision = prev.map_or(Revision::ZERO, |head| head.revision).next();
        let prev = prev.map_or(Digest::ZERO, |head| head.digest);
        let command = self.command_id();
        Sealed {
            revision,
            command,
            prev,
            digest: Digest::of(text.as_bytes()),
            text: text.into(),
        }
    }

    /// The state's snapshot at this point.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::take(self.state(), self.present_head()).expect("JSON holds it")
    }

    /// What removes the project.
    pub(crate) fn removal(&mut self) -> CommandStamp {
        let id = self.command_id();
        let actor = "conformance".parse().expect("a short name");
        let command = Command::DeleteProject;
        Request {
            id,
            actor,
            expected_revision: None,
            command,
        }
        .stamp()
    }

    /// A project with some of everything: plans, items, bodies, checkpoints, a snapshot, a lease.
    pub(crate) async fn furnish<S: Storage>(storage: &S, id: ProjectId, seed: u16) -> Self {
        let mut author = Self::new(id, seed);
        for command in [create("furnished"), create_plan("first", 2)] {
            author.append(storage, command).await;
        }
        let plan = author.plan();
        author.append(storage, Command::StartPlan { plan }).await;
        assert_eq!(storage.save_snapshot(id, author.snapshot()).await, Ok(true));
        let commands = [
            Command::StartStep { plan, step: None },
            complete_step(plan, 1, r#""done""#),
            create_plan(&"a long request ".repeat(400), 1),
            checkpoint("here"),
        ];
        for command in commands {
            author.append(storage, command).await;
        }
        assert_eq!(
            storage.swap_lease(id, plan, None, lease(1, "ana")).await,
            Ok(())
        );
        author
    }
}

/// A commit of several entries, as an import makes it.
pub(crate) fn import(author: &Author, blobs: Vec<Blob>) -> Commit {
    let rows = RowChanges::all(author.state());
    Commit::new(author.id(), None, author.entries().to_vec(), rows, blobs)
        .expect("entries that follow each other")
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a name within the limits")
}

pub(crate) fn create(text: &str) -> Command {
    Command::CreateProject {
        name: name(text),
        status: InitialStatus::Active,
        settings: ProjectSettings::default(),
        plan: None,
    }
}

pub(crate) fn rename(text: &str) -> Command {
    Command::RenameProject { name: name(text) }
}

pub(crate) fn create_plan(request: &str, steps: usize) -> Command {
    let step = |n| NewStep {
        title: name(&format!("step {n}")),
        input: None,
    };
    Command::CreatePlan {
        plan: NewPlan {
            request: LongText::new(request).expect("a text within the limits"),
            steps: (steps > 0).then(|| (0..steps).map(step).collect()),
            settings: PlanSettings::default(),
        },
    }
}

/// Completes a step, with a context item that says the same as its output.
pub(crate) fn complete_step(plan: PlanId, attempt: u64, output: &str) -> Command {
    Command::CompleteStep {
        plan,
        attempt,
        output: Some(output.parse().expect("JSON")),
        context: vec![item(output)],
    }
}

pub(crate) fn item(body: &str) -> NewItem {
    NewItem {
        agent: name("agent"),
        plan: None,
        kind: "code".parse().expect("a kind"),
        body: body.parse().expect("a body within the limits"),
        created_at: None,
        pinned: false,
    }
}

pub(crate) fn checkpoint(text: &str) -> Command {
    let name = CheckpointName::new(text).expect("a name within the limits");
    Command::CreateCheckpoint {
        checkpoint: NewCheckpoint::named(name, None),
    }
}

pub(crate) fn lease(epoch: u64, holder: &str) -> Lease {
    Lease {
        epoch: Epoch(epoch),
        text: format!(r#"{{"holder":"{holder}"}}"#).into(),
    }
}
