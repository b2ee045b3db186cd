//! Rules 1 and 8, of rows: they say what the state says.

use super::Harness;
use super::author::{
    Author, checkpoint, complete_step, create, create_plan, item, name, project_id, rename,
};
use super::observe::{Everything, all_rows, id_of, rows_of, unknown_plan};
use holdpoint::machine::{Command, NewStep};
use holdpoint::model::{CheckpointId, LongText, PlanId, PlanState, Reason};
use holdpoint::storage::{RowChanges, Storage, WriteError};

pub(crate) async fn rule_01_rows_say_what_the_state_says_after_every_commit<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut scene = Scene {
        storage: &storage,
        author: Author::new(project_id(1), 1),
    };
    let reason = |text: &str| Some(Reason::new(text).expect("short enough"));

    scene.play(create("one")).await;
    scene
        .play(Command::SetAgent {
            agent: name("agent"),
            token_limit: 1000,
        })
        .await;
    let first = scene.plan("the first", 3).await;
    scene.play(Command::StartPlan { plan: first }).await;
    scene.step(first, 1).await;
    scene.play(checkpoint("early")).await;
    let early = scene.author.checkpoint();

    // Two plans that the checkpoint doesn't know.
    let second = scene.plan(&"a long request ".repeat(400), 2).await;
    scene.play(Command::StartPlan { plan: second }).await;
    scene
        .play(Command::StartStep {
            plan: second,
            step: None,
        })
        .await;
    let error = LongText::new("it did not work").unwrap();
    scene
        .play(Command::FailStep {
            plan: second,
            attempt: 1,
            error: error.clone(),
        })
        .await;
    scene
        .play(Command::FailPlan {
            plan: second,
            error,
        })
        .await;
    scene.play(Command::RetryPlan { plan: second }).await;
    let third = scene.plan("not known yet how", 0).await;
    scene.play(Command::StartPlan { plan: third }).await;
    let steps = vec![NewStep {
        title: name("think"),
        input: Some("[1, 2]".parse().unwrap()),
    }];
    let text = LongText::new("a plan in words").unwrap();
    scene
        .play(Command::SubmitPlan {
            plan: third,
            text,
            steps,
        })
        .await;
    let why = reason("no longer needed");
    scene
        .play(Command::CancelPlan {
            plan: third,
            reason: why,
        })
        .await;
    scene
        .play(Command::AddContext {
            items: vec![item("what it knows")],
        })
        .await;

    scene.step(first, 2).await;
    let (plan, to) = (first, PlanState::Implementing);
    scene
        .play(Command::RevertPlan {
            plan,
            to,
            from_step: Some(1),
            reason: None,
        })
        .await;
    scene.step(first, 3).await;
    scene
        .play(Command::Pause {
            reason: reason("lunch"),
        })
        .await;
    scene.play(Command::Resume { checkpoint: None }).await;

    // Back: both plans leave. Forward again: they return.
    let rollback = |checkpoint| Command::RollbackProject {
        checkpoint,
        reason: None,
    };
    let gone = scene.play(rollback(early)).await.plans_gone;
    assert_eq!(gone.len(), 2);
    assert!(gone.contains(&second) && gone.contains(&third));
    let safety = scene.author.checkpoint();
    scene.plan("made in between", 1).await;
    let returned = scene.play(rollback(safety)).await;
    assert_eq!((returned.plans_gone.len(), returned.plans.len()), (1, 3));
    scene
        .play(Command::RollbackPlan {
            plan: first,
            checkpoint: Some(early),
            before: None,
            reason: None,
        })
        .await;

    scene.step(first, 4).await;
    scene.step(first, 5).await;
    scene.play(Command::MarkApplied { plan: first }).await;
    scene.play(rename("two")).await;
    scene.play(Command::StopProject { reason: None }).await;
    scene.play(Command::StartProject).await;

    let other = harness.open().await.unwrap();
    assert_eq!(
        all_rows(&other, scene.author.id()).await,
        rows_of(&scene.author)
    );
}

/// Commands, and after each a look at the rows.
struct Scene<'a, S> {
    storage: &'a S,
    author: Author,
}

impl<S: Storage> Scene<'_, S> {
    async fn play(&mut self, command: Command) -> RowChanges {
        let kind = command.kind();
        let commit = self.author.append(self.storage, command).await;
        let there = all_rows(self.storage, self.author.id()).await;
        assert_eq!(there, rows_of(&self.author), "after {kind}");
        commit.rows
    }

    async fn plan(&mut self, request: &str, steps: usize) -> PlanId {
        self.play(create_plan(request, steps)).await;
        self.author.plan()
    }

    /// Plays the plan's next step, whose attempt has this number.
    async fn step(&mut self, plan: PlanId, attempt: u64) {
        self.play(Command::StartStep { plan, step: None }).await;
        self.play(complete_step(plan, attempt, r#""done""#)).await;
    }
}

pub(crate) async fn rule_01_rows_that_leave_are_gone<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::furnish(&storage, project_id(1), 1).await;
    // Of the same seed, so that plans and checkpoints have the same ids.
    let other = Author::furnish(&storage, project_id(2), 1).await;
    let (plans, checkpoints) = (
        author.plans_ever(),
        author.state().checkpoints.keys().copied(),
    );
    let checkpoints: Vec<CheckpointId> = checkpoints.collect();
    assert_eq!((plans.len(), checkpoints.len()), (2, 3));
    let mut commit = author.draft(rename("without the first of each"));
    commit.rows.plans_gone = vec![plans[0], unknown_plan()];
    commit.rows.checkpoints_gone = vec![checkpoints[0]];
    storage.append(commit).await.unwrap();

    let left = all_rows(&storage, author.id()).await;
    let ids: Vec<_> = left[1..].iter().map(id_of).collect();
    let kept = checkpoints[1..].iter().map(ToString::to_string);
    assert!(
        ids.iter()
            .cloned()
            .eq(std::iter::once(plans[1].to_string()).chain(kept))
    );
    assert_eq!(all_rows(&storage, other.id()).await, rows_of(&other));
}

pub(crate) async fn rule_08_write_rows_replaces_all_of_a_projects_rows<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut author = Author::furnish(&storage, project_id(1), 1).await;
    let other = Author::furnish(&storage, project_id(2), 1).await;
    let others = all_rows(&storage, other.id()).await;
    let (id, truth) = (author.id(), RowChanges::all(author.state()));

    // Rows that went wrong: some missing, some that shouldn't be there, some different.
    let mut wrong = truth.clone();
    wrong.project.name = name("wrong");
    wrong.plans[0].request.push_str(" but wrong");
    wrong.plans[1].plan = unknown_plan();
    wrong.checkpoints.clear();
    assert_eq!(
        storage.write_rows(id, author.present_head(), wrong).await,
        Ok(())
    );
    let rows = all_rows(&storage, id).await;
    assert_eq!(rows.len(), 1 + 2, "those that it doesn't name are gone");
    assert!(
        rows.iter()
            .any(|row| id_of(row) == unknown_plan().to_string())
    );
    let before = Everything::of(&storage, &author).await;

    // At another head, nothing is written.
    let old = author.entries()[0].head();
    let refused = storage.write_rows(id, old, truth.clone()).await;
    let found = author.head();
    assert_eq!(
        refused,
        Err(WriteError::Conflict {
            expected: Some(old),
            found
        })
    );
    assert_eq!(Everything::of(&storage, &author).await, before);

    // Mended, from another connection.
    let connection = harness.open().await.unwrap();
    assert_eq!(
        connection
            .write_rows(id, author.present_head(), truth)
            .await,
        Ok(())
    );
    assert_eq!(all_rows(&storage, id).await, rows_of(&author));
    assert_eq!(all_rows(&storage, other.id()).await, others);
    let there = Everything::of(&storage, &author).await;
    let mended = Everything {
        rows: there.rows.clone(),
        ..before
    };
    assert_eq!(there, mended, "nothing but the rows changed");
    author.append(&storage, rename("goes on")).await;
    assert_eq!(all_rows(&storage, id).await, rows_of(&author));
}

pub(crate) async fn rule_08_write_rows_writes_nothing_for_a_project_that_is_not_there<
    H: Harness,
>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.write(create("one"));
    let expected = author.head();
    let rows = RowChanges::all(author.state());
    let refused = storage
        .write_rows(author.id(), author.present_head(), rows)
        .await;
    assert_eq!(
        refused,
        Err(WriteError::Conflict {
            expected,
            found: None
        })
    );
    assert!(Everything::of(&storage, &author).await.is_gone());
}
