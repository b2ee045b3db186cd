//! R67: a new project of another one, as it is or was.

use super::author::{Author, complete_step, create_project, item, name, pause, plan_of, rename};
use super::given::{Disk, refused, request, wait};
use super::observe::{Observed, observe, rows};
use holdpoint::engine::{Engine, EngineError, Receipt};
use holdpoint::machine::{Command, InitialStatus, Outcome};
use holdpoint::model::{
    CheckpointId, Digest, ItemId, Origin, Plan, Point, Project, ProjectId, ProjectStatus, Revision,
    Step, StepState,
};
use holdpoint::storage::{Row, RowKind, RowQuery, Storage};
use std::sync::Arc;

on_every_disk![
    r67_a_fork_is_the_project_as_it_is_with_its_ids_counters_and_bodies,
    r67_a_fork_of_a_checkpoint_or_a_revision_is_the_project_as_it_was,
    r67_checkpoints_pause_and_running_attempts_stay_behind,
    r67_both_go_on_by_themselves,
    r67_the_source_can_be_deleted_and_the_fork_lives,
    r67_a_fork_can_be_forked,
    r67_r76_a_repeated_fork_is_the_same_project,
    r67_what_cannot_be_forked_is_refused_and_leaves_nothing,
    r67_its_rows_are_there_without_loading_it,
    r67_r28_what_was_removed_for_good_is_not_in_the_fork_whenever_it_is_of,
    r67_r61_the_preview_of_a_fork_is_what_its_request_makes,
    #[cfg(not(target_family = "wasm"))]
    r67_while_others_remove_texts_and_the_source_a_fork_is_whole_or_refused,
    #[cfg(not(target_family = "wasm"))]
    r67_a_project_of_ten_thousand_items_is_forked,
];

/// The number of a fork's request, so that no author gets to it.
const FORK: u64 = 1 << 30;

fn fork_of(source: ProjectId, at: impl Into<Point>) -> Command {
    Command::ForkProject {
        source,
        at: at.into(),
        name: None,
    }
}

fn try_to_fork<S: Storage>(
    engine: &Engine<S>,
    number: u64,
    command: Command,
) -> Result<Receipt, EngineError> {
    let request = request(number, command);
    wait(engine.submit(ProjectId::created_by(&request.id), request))
}

#[track_caller]
fn fork<S: Storage>(engine: &Engine<S>, number: u64, command: Command) -> Arc<Project> {
    let receipt = try_to_fork(engine, number, command).expect("it can be forked");
    wait(engine.project(receipt.project)).expect("it can be read")
}

fn furnished<D: Disk>(disk: &D) -> Author<D::Storage> {
    let mut author = Author::new(disk.engine());
    author.furnish();
    author
}

/// A plan as a fork has it.
fn at_rest(plan: &Plan, forked: &Plan) -> Plan {
    let is_running = |state| state == StepState::Running;
    let mut plan = Plan {
        last_checkpoint_id: None,
        changed: forked.changed,
        ..plan.clone()
    };
    plan.steps = plan
        .steps
        .iter()
        .zip(&forked.steps)
        .map(|(step, forked)| {
            assert_ne!(step.id, forked.id, "a key of its own");
            let step = if is_running(step.state) {
                step.as_pending()
            } else {
                (**step).clone()
            };
            Arc::new(Step {
                id: forked.id,
                ..step
            })
        })
        .collect();
    plan
}

/// The fork has all the work of the state, and only that.
#[track_caller]
fn assert_forked(fork: &Project, then: &Project) {
    assert_eq!(fork.revision, Revision::FIRST);
    assert_eq!(fork.items, then.items);
    assert_eq!(fork.agents, then.agents);
    assert!(fork.departed.is_empty(), "nothing leads back to those");
    assert_eq!(fork.plans.len(), then.plans.len());
    for (id, plan) in &then.plans {
        let forked = &fork.plans[id];
        assert_eq!(**forked, at_rest(plan, forked));
    }
    let numbers = (fork.numbers.plans, fork.numbers.items);
    assert_eq!(numbers, (then.numbers.plans, then.numbers.items));
    assert_eq!(fork.figures, then.figures);
    assert_eq!(fork.settings, then.settings);
    assert_eq!(fork.pause, None);
    assert!(fork.checkpoints.is_empty() && fork.numbers.checkpoints == 0);
}

/// Every body that the state names can be read, and `verify` finds nothing.
#[track_caller]
fn assert_whole<D: Disk>(disk: &D, project: &Project) {
    let Observed { state, .. } = observe(disk.open(), project.id);
    assert_eq!(state.as_deref(), Ok(project));
    let engine = disk.engine();
    let bodies = project.items.values().map(|item| item.body);
    for body in bodies.chain(project.plans.values().flat_map(|plan| {
        let bodies: Vec<_> = plan.bodies().collect();
        bodies
    })) {
        if project.redacted.contains_key(&body.digest) {
            assert_eq!(refused(wait(engine.body(project.id, &body))), "REDACTED");
        } else {
            let text = wait(engine.body(project.id, &body)).unwrap();
            assert_eq!(Digest::of(text.as_bytes()), body.digest);
        }
    }
}

fn r67_a_fork_is_the_project_as_it_is_with_its_ids_counters_and_bodies<D: Disk>() {
    let disk = D::new();
    let author = furnished(&disk);
    let source = author.state();
    let before = observe(disk.open(), author.project);
    let forked = fork(&author.engine, FORK, fork_of(author.project, Point::Now));
    assert_forked(&forked, &source);
    assert_whole(&disk, &forked);
    assert_eq!((&forked.name, forked.status), (&source.name, source.status));
    let head = before.head.unwrap();
    let origin = Origin {
        project: author.project,
        revision: head.revision,
        digest: head.digest,
    };
    assert_eq!(forked.origin, Some(origin));
    assert_eq!(observe(disk.open(), author.project), before);
    let named = Command::ForkProject {
        source: author.project,
        at: Point::Now,
        name: Some(name("other way")),
    };
    let forked = fork(&author.engine, FORK + 1, named);
    assert_eq!(forked.name, name("other way"));
}

fn r67_a_fork_of_a_checkpoint_or_a_revision_is_the_project_as_it_was<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    let then = author.checkpoint("the fork in the road");
    let revision = author.state().revision;
    author.done(rename("later"));
    author.outweigh();
    let plan = plan_of(&author.state(), 0);
    author.done(complete_step(plan, 2));
    author.done(Command::AddContext {
        items: vec![item("known later only")],
    });
    let was = wait(author.engine.state_at(author.project, revision)).unwrap();
    for (number, at) in [(FORK, Point::from(then)), (FORK + 1, revision.into())] {
        let forked = fork(&author.engine, number, fork_of(author.project, at));
        assert_forked(&forked, &was);
        assert_whole(&disk, &forked);
        assert_eq!(forked.origin.unwrap().revision, revision);
        assert_eq!(forked.name.as_str(), "furnished");
        let later = Digest::of(b"known later only");
        let body = wait(author.engine.storage().blob(forked.id, later));
        assert_eq!(body, Ok(None), "only what it needs comes along");
    }
    let first = fork(
        &author.engine,
        FORK + 2,
        fork_of(author.project, Revision::FIRST),
    );
    assert!(first.plans.is_empty() && first.items.is_empty());
}

fn r67_checkpoints_pause_and_running_attempts_stay_behind<D: Disk>() {
    let disk = D::new();
    for (number, from) in (0..).zip([InitialStatus::Active, InitialStatus::Planning]) {
        let mut author = Author::numbered(disk.engine(), 1 + number * 1000, from);
        if from == InitialStatus::Active {
            author.furnish();
        }
        let before = author.state();
        author.done(pause());
        let paused = author.state();
        assert_eq!(paused.status, ProjectStatus::Paused);
        let command = fork_of(author.project, Point::Now);
        let forked = fork(&author.engine, FORK + number, command);
        assert_eq!(forked.status, before.status);
        assert_forked(&forked, &paused);
        assert_whole(&disk, &forked);
        if from == InitialStatus::Active {
            let plan = plan_of(&forked, 0);
            assert_eq!(paused.plans[&plan].steps[1].state, StepState::Running);
            assert_eq!(forked.plans[&plan].steps[1].state, StepState::Pending);
            // The result of the attempt belongs to the other project; the next one has a number of
            // its own.
            let late = wait(author.engine.execute(forked.id, complete_step(plan, 2)));
            assert_eq!(refused(late), "SUPERSEDED");
            let started = wait(author.engine.start_step(forked.id, plan)).unwrap();
            assert_eq!(started.attempt, 3);
        }
    }
}

fn r67_both_go_on_by_themselves<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    let forked = fork(&author.engine, FORK, fork_of(author.project, Point::Now));
    let plan = plan_of(&forked, 0);
    let source = author.state();
    for _ in 0..2 {
        let started = wait(author.engine.start_step(forked.id, plan)).unwrap();
        let command = complete_step(plan, started.attempt);
        wait(author.engine.execute(forked.id, command)).unwrap();
    }
    assert_eq!(author.state(), source);
    let there = wait(author.engine.project(forked.id)).unwrap();
    assert_eq!(there.plans[&plan].progress.last_completed_step, 2);
    // New records of the two have ids and numbers of their own.
    author.done(rename("the elder"));
    let rolled_back = wait(author.engine.execute(
        forked.id,
        Command::RollbackPlan {
            plan,
            checkpoint: None,
            before: None,
            reason: None,
        },
    ));
    assert!(rolled_back.is_ok(), "its own checkpoints are there");
    assert_whole(&disk, &wait(author.engine.project(forked.id)).unwrap());
    assert_whole(&disk, &author.state());
}

fn r67_the_source_can_be_deleted_and_the_fork_lives<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    let forked = fork(&author.engine, FORK, fork_of(author.project, Point::Now));
    author.done(Command::DeleteProject);
    assert_whole(&disk, &forked);
    let again = try_to_fork(
        &author.engine,
        FORK + 1,
        fork_of(author.project, Point::Now),
    );
    assert_eq!(refused(again), "REMOVED");
    // What it came to is known though its source is gone.
    let repeated = try_to_fork(&author.engine, FORK, fork_of(author.project, Point::Now));
    assert_eq!(repeated.unwrap().project, forked.id);
}

fn r67_a_fork_can_be_forked<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    let one = fork(&author.engine, FORK, fork_of(author.project, Point::Now));
    wait(author.engine.execute(one.id, rename("one"))).unwrap();
    let one = wait(author.engine.project(one.id)).unwrap();
    let two = fork(&author.engine, FORK + 1, fork_of(one.id, Point::Now));
    assert_forked(&two, &one);
    assert_eq!(two.origin.unwrap().project, one.id);
    author.done(Command::DeleteProject);
    wait(author.engine.execute(one.id, Command::DeleteProject)).unwrap();
    assert_whole(&disk, &two);
    // Of the fork's first revision too, which is the fork itself.
    let three = fork(&author.engine, FORK + 2, fork_of(two.id, Revision::FIRST));
    assert_forked(&three, &two);
    assert_whole(&disk, &three);
}

fn r67_r76_a_repeated_fork_is_the_same_project<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    let command = fork_of(author.project, Point::Now);
    let first = try_to_fork(&author.engine, FORK, command.clone()).unwrap();
    let there = observe(disk.open(), first.project);
    author.done(rename("moved on"));
    for engine in [&author.engine, &disk.engine()] {
        let again = try_to_fork(engine, FORK, command.clone());
        assert_eq!(again, Ok(first.clone()));
    }
    assert_eq!(observe(disk.open(), first.project), there);
    let other = fork_of(author.project, Revision::FIRST);
    let reused = try_to_fork(&author.engine, FORK, other);
    assert_eq!(refused(reused), "COMMAND_ID_REUSED");
}

fn r67_what_cannot_be_forked_is_refused_and_leaves_nothing<D: Disk>() {
    let disk = D::new();
    let author = furnished(&disk);
    let nobody = ProjectId::from_parts(1, 1);
    let newest = author.state().revision;
    let itself = ProjectId::created_by(&request(FORK, rename("any")).id);
    let cases = [
        (fork_of(nobody, Point::Now), "PROJECT_NOT_FOUND"),
        (fork_of(itself, Point::Now), "PROJECT_NOT_FOUND"),
        (
            fork_of(author.project, CheckpointId::from_parts(1, 1)),
            "CHECKPOINT_NOT_FOUND",
        ),
        (fork_of(author.project, newest.next()), "REVISION_NOT_FOUND"),
        (
            fork_of(author.project, Revision::ZERO),
            "REVISION_NOT_FOUND",
        ),
    ];
    for (command, code) in cases {
        let told = try_to_fork(&author.engine, FORK, command.clone());
        assert_eq!(refused(told), code, "{command:?}");
        let nothing = observe(disk.open(), itself);
        assert!(nothing.entries.is_empty() && nothing.rows.is_empty());
        assert_eq!((nothing.head, nothing.tombstone), (None, None));
    }
    // To a project that is there already it is no command.
    let request = request(FORK, fork_of(author.project, Point::Now));
    let told = wait(author.engine.submit(author.project, request));
    assert_eq!(refused(told), "INVALID_INPUT");
}

fn r67_its_rows_are_there_without_loading_it<D: Disk>() {
    let disk = D::new();
    let author = furnished(&disk);
    let forked = fork(&author.engine, FORK, fork_of(author.project, Point::Now));
    let storage = disk.open();
    let listed = wait(storage.rows(RowQuery::of(RowKind::Projects, 10))).unwrap();
    assert_eq!(listed.rows.len(), 2);
    let rows = rows(&storage, forked.id);
    let Row::Project(project) = &rows[0] else {
        panic!("{:?} is no project's", rows[0])
    };
    let figures = (project.plans, project.items, project.items_archived);
    let expected = (
        forked.figures.plans,
        forked.figures.items,
        forked.archived_items,
    );
    assert_eq!((figures, project.checkpoints), (expected, 0));
    let plans: Vec<_> = rows[1..]
        .iter()
        .map(|row| match row {
            Row::Plan(plan) => (plan.plan, plan.state, plan.last_checkpoint_id),
            other => panic!("{other:?} is no plan's"),
        })
        .collect();
    let expected: Vec<_> = forked
        .plans_in_order()
        .into_iter()
        .map(|plan| (plan.id, plan.progress.state, None))
        .collect();
    assert_eq!(plans, expected);
    let resumable = wait(disk.engine().resumable()).unwrap();
    let of_fork = resumable
        .iter()
        .filter(|found| found.plan.project == forked.id);
    assert_eq!(of_fork.count() as u64, forked.unfinished_plans);
}

fn r67_r28_what_was_removed_for_good_is_not_in_the_fork_whenever_it_is_of<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    let before = author.state().revision;
    let item: ItemId = author.state().items_in_order()[0].id;
    author.done(Command::RedactItem { item, reason: None });
    let after = author.state().revision;
    author.done(rename("goes on"));
    let body = author.state().items[&item].body;
    let points = [before.into(), after.into(), Point::Now];
    for (number, at) in (FORK..).zip(points) {
        let forked = fork(&author.engine, number, fork_of(author.project, at));
        assert_eq!(forked.redacted, author.state().redacted);
        assert_whole(&disk, &forked);
        let told = wait(author.engine.body(forked.id, &body));
        assert_eq!(refused(told), "REDACTED");
    }
    // What is removed in the source afterwards stays in the fork: it is another project.
    let kept = author.state().items_in_order().last().unwrap().id;
    let forked = fork(
        &author.engine,
        FORK + 9,
        fork_of(author.project, Point::Now),
    );
    author.done(Command::RedactItem {
        item: kept,
        reason: None,
    });
    assert_whole(&disk, &forked);
    let body = forked.items[&kept].body;
    assert!(wait(author.engine.body(forked.id, &body)).is_ok());
}

fn r67_r61_the_preview_of_a_fork_is_what_its_request_makes<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    author.checkpoint("here");
    let command = fork_of(author.project, Point::Now);
    let preview = wait(author.engine.preview(author.project, command)).unwrap();
    let previewed = author.state();
    assert_eq!(preview.expected_revision, previewed.revision);
    // What comes meanwhile isn't in it.
    author.done(rename("moved on"));
    let project = ProjectId::created_by(&preview.request.id);
    let receipt = wait(author.engine.submit(project, preview.request)).unwrap();
    assert_eq!(receipt.outcome, preview.outcome);
    let forked = wait(author.engine.project(project)).unwrap();
    assert_forked(&forked, &previewed);
    assert_eq!(forked.name, previewed.name);

    let nobody = fork_of(ProjectId::from_parts(1, 1), Point::Now);
    let told = wait(author.engine.preview(author.project, nobody));
    assert_eq!(refused(told), "PROJECT_NOT_FOUND");
    let creation = create_project("new", InitialStatus::Init);
    let preview = wait(author.engine.preview(author.project, creation)).unwrap();
    assert_eq!(preview.outcome, Outcome::ProjectCreated { plan: None });
}

#[cfg(not(target_family = "wasm"))] // takes too long in a build for tests
fn r67_a_project_of_ten_thousand_items_is_forked<D: Disk>() {
    use super::author::{cold_item, resume};

    let disk = D::new();
    let mut author = furnished(&disk);
    for part in 0..10 {
        let items = (0..1000).map(|n| cold_item(&format!("item {n} of part {part}")));
        let items = items.collect();
        author.done(Command::AddContext { items });
    }
    author.done(pause());
    author.done(resume());
    let forked = fork(&author.engine, FORK, fork_of(author.project, Point::Now));
    assert!(forked.items.len() > 10_000);
    assert_forked(&forked, &author.state());
    let report = wait(author.engine.verify(forked.id)).unwrap();
    assert!(report.is_clean() && report.bodies > 10_000, "{report:?}");
}

#[cfg(not(target_family = "wasm"))] // needs threads
fn r67_while_others_remove_texts_and_the_source_a_fork_is_whole_or_refused<D: Disk>() {
    const TEXTS: u64 = 60;
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let items = (0..TEXTS).map(|n| item(&format!("text {n}"))).collect();
    author.done(Command::AddContext { items });
    let source = author.project;
    let command = || fork_of(source, Point::Now);
    let has_begun = std::sync::atomic::AtomicBool::new(false);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let order = std::sync::atomic::Ordering::SeqCst;
    let forks = std::thread::scope(|scope| {
        let forking = scope.spawn(|| {
            let engine = disk.engine();
            let mut forks = Vec::new();
            for number in FORK.. {
                let was_over = is_over.load(order);
                match try_to_fork(&engine, number, command()) {
                    Ok(receipt) => {
                        forks.push(receipt.project);
                        has_begun.store(true, order);
                    }
                    told => assert_eq!(refused(told), "REMOVED"),
                }
                if was_over {
                    break;
                }
            }
            forks
        });
        while !has_begun.load(order) && !forking.is_finished() {
            std::thread::yield_now();
        }
        for item in author.state().items.keys() {
            let item = *item;
            author.done(Command::RedactItem { item, reason: None });
        }
        author.done(Command::DeleteProject);
        is_over.store(true, order);
        forking
            .join()
            .expect("no fork was refused for another reason")
    });
    assert!(!forks.is_empty());
    for fork in forks {
        let state = observe(disk.open(), fork).state.unwrap();
        assert_eq!(state.items.len() as u64, TEXTS);
    }
}
