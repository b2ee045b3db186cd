//! R46: plans that can go on, and records by how their ids begin; from rows, with no project loaded.

use super::author::{Author, pause, plan_of, rename};
use super::given::{Disk, Memory, engine_over, refused, wait};
use crate::support::fault_storage::{FaultStorage, Operation};
use holdpoint::engine::{Engine, EngineError, EngineOptions};
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::model::{PlanState, ProjectStatus};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

on_every_disk![
    r46_unfinished_plans_are_listed_with_their_projects_without_loading_one,
    r46_a_store_of_many_plans_lists_them_all,
    r46_an_engine_that_is_asked_to_finds_them_when_it_is_opened,
    ids_are_found_by_how_they_begin,
    an_id_that_fits_several_is_ambiguous_and_says_which,
    what_no_id_begins_with_is_not_found,
    a_plan_is_found_with_its_project_and_each_half_is_judged_by_itself,
];

fn r46_unfinished_plans_are_listed_with_their_projects_without_loading_one<D: Disk>() {
    let disk = D::new();
    assert_eq!(wait(disk.engine().resumable()).unwrap(), []);
    let mut paused = Author::new(disk.engine());
    paused.furnish();
    paused.done(pause());
    let mut active = Author::numbered(disk.engine(), 1000, InitialStatus::Active);
    let plan = active.started_plan(2);
    active.step_done(plan);
    active.done(rename("the active one"));
    let mut deleted = Author::numbered(disk.engine(), 2000, InitialStatus::Active);
    deleted.started_plan(1);
    deleted.done(Command::DeleteProject);

    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let engine = engine_over(storage);
    faults.disarm();
    let resumable = wait(engine.resumable()).unwrap();
    assert!(
        faults
            .operations()
            .iter()
            .all(|operation| *operation == Operation::Rows),
        "{:?}",
        faults.operations()
    );
    assert_eq!(
        faults.operations().len(),
        2,
        "two lists, read to their ends"
    );
    let found: Vec<_> = resumable
        .iter()
        .map(|found| (found.plan.project, found.plan.plan, found.plan.state))
        .collect();
    let state = paused.state();
    let expected = [
        (paused.project, plan_of(&state, 0), PlanState::Implementing),
        (paused.project, plan_of(&state, 1), PlanState::Planning),
        (paused.project, plan_of(&state, 2), PlanState::Pending),
        (active.project, plan, PlanState::Implementing),
    ];
    let mut sorted = expected.to_vec();
    sorted.sort_by_key(|(project, ..)| *project);
    assert_eq!(found, sorted);
    for found in &resumable {
        let (name, status) = if found.plan.project == active.project {
            ("the active one", ProjectStatus::Active)
        } else {
            ("furnished", ProjectStatus::Paused)
        };
        assert_eq!(
            (found.project_name.as_str(), found.project_status),
            (name, status)
        );
        assert_eq!(found.plan.request, "do it");
    }
    let last = resumable
        .iter()
        .find(|found| found.plan.plan == plan)
        .unwrap();
    assert_eq!(last.plan.last_completed_step, 0);
}

fn r46_a_store_of_many_plans_lists_them_all<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    // More than are read at once.
    for _ in 0..520 {
        author.plan(1);
    }
    let numbers: Vec<_> = wait(disk.engine().resumable())
        .unwrap()
        .iter()
        .map(|found| found.plan.number)
        .collect();
    assert_eq!(numbers, (1..=520).collect::<Vec<_>>());
}

fn r46_an_engine_that_is_asked_to_finds_them_when_it_is_opened<D: Disk>() {
    let disk = D::new();
    let opened = |resume_detection| {
        let mut options = EngineOptions::new("ana".parse().expect("a name"));
        options.resume_detection = resume_detection;
        wait(Engine::open_with(disk.open(), options)).unwrap()
    };
    assert_eq!(opened(true).resumable_at_opening(), []);
    let mut author = Author::numbered(disk.engine(), 1000, InitialStatus::Active);
    let plan = author.started_plan(2);
    assert_eq!(opened(false).resumable_at_opening(), []);
    let engine = opened(true);
    assert_eq!(engine.resumable_at_opening().len(), 1);
    assert_eq!(engine.resumable_at_opening()[0].plan.plan, plan);
    // It is what was found then.
    author.started_plan(1);
    assert_eq!(engine.resumable_at_opening().len(), 1);
    assert_eq!(wait(engine.resumable()).unwrap().len(), 2);
}

fn ids_are_found_by_how_they_begin<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let (engine, state, project) = (disk.engine(), author.state(), author.project);
    for length in [1, 10, 26] {
        let start = &project.to_string()[..length];
        assert_eq!(wait(engine.find_project(start)), Ok(project));
        assert_eq!(
            wait(engine.find_project(&start.to_lowercase())),
            Ok(project)
        );
    }
    for plan in state.plans.keys() {
        for length in [20, 26] {
            let start = &plan.to_string()[..length];
            assert_eq!(wait(engine.find_plan(start)), Ok((project, *plan)));
            assert_eq!(
                wait(engine.find_plan(&start.to_lowercase())),
                Ok((project, *plan))
            );
        }
    }
    for checkpoint in state.checkpoints.keys() {
        let start = &checkpoint.to_string()[..20];
        assert_eq!(
            wait(engine.find_checkpoint(project, start)),
            Ok(*checkpoint)
        );
    }
}

fn an_id_that_fits_several_is_ambiguous_and_says_which<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let other = Author::numbered(disk.engine(), 1000, InitialStatus::Active);
    let engine = disk.engine();
    let start = &author.project.to_string()[..10];
    for error in [
        wait(engine.find_project(start)).map(|_| ()),
        wait(engine.find_plan(start)).map(|_| ()),
        wait(engine.find_checkpoint(author.project, start)).map(|_| ()),
    ] {
        let error = error.unwrap_err();
        assert_eq!(error.code().as_str(), "AMBIGUOUS_ID");
        let EngineError::AmbiguousId { id, fits, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(id, start);
        assert!(fits.len() >= 2, "{fits:?}");
        assert!(
            fits.iter().all(|fit| error.to_string().contains(fit)),
            "{error}"
        );
    }
    let error = wait(engine.find_project(start)).unwrap_err().to_string();
    assert!(error.contains(&author.project.to_string()), "{error}");
    assert!(error.contains(&other.project.to_string()), "{error}");
}

fn what_no_id_begins_with_is_not_found<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let engine = disk.engine();
    let too_long = format!("{}0", author.project);
    let nonsense = [
        "",
        " ",
        "%",
        "_",
        "0*",
        "ZZZZ",
        "0ž",
        "' OR 1=1 --",
        "01\0",
        &too_long,
    ];
    for id in nonsense {
        assert_eq!(
            refused(wait(engine.find_project(id))),
            "PROJECT_NOT_FOUND",
            "{id:?}"
        );
        assert_eq!(
            refused(wait(engine.find_plan(id))),
            "PLAN_NOT_FOUND",
            "{id:?}"
        );
        let told = wait(engine.find_checkpoint(author.project, id));
        assert_eq!(refused(told), "CHECKPOINT_NOT_FOUND", "{id:?}");
    }
    let elsewhere = Author::numbered(disk.engine(), 1000, InitialStatus::Active).project;
    let own = author.state().checkpoints_in_order()[0].id.to_string();
    let told = wait(engine.find_checkpoint(elsewhere, &own));
    assert_eq!(
        refused(told),
        "CHECKPOINT_NOT_FOUND",
        "it is another project's"
    );
}

#[test]
fn a_plan_that_two_projects_have_is_ambiguous() {
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    let plan = author.plan(1);
    let other = Author::numbered(disk.engine(), 1000, InitialStatus::Active);
    // The same command in two projects makes the same ids in both.
    let same = super::given::request(2, super::author::create_plan("do it", 1));
    wait(other.engine.submit(other.project, same)).unwrap();
    assert!(other.state().plans.contains_key(&plan));
    let engine = &other.engine;
    let error = wait(engine.find_plan(&plan.to_string())).unwrap_err();
    assert_eq!(error.code().as_str(), "AMBIGUOUS_ID");
    let EngineError::AmbiguousId { fits, .. } = &error else {
        panic!("{error:?}");
    };
    let owners = [author.project, other.project];
    assert_eq!(fits.len(), owners.len());
    for project in owners {
        let named = format!("{project}/{plan}");
        assert!(fits.contains(&named), "{fits:?}");
        assert!(error.to_string().contains(&named), "{error}");
        // What it says can be asked for.
        assert_eq!(wait(engine.find_plan(&named)), Ok((project, plan)));
    }
}

fn a_plan_is_found_with_its_project_and_each_half_is_judged_by_itself<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.plan(1);
    let mut other = Author::numbered(disk.engine(), 1000, InitialStatus::Active);
    let foreign = other.plan(1);
    let engine = disk.engine();
    let project = author.project.to_string();
    let whole = plan.to_string();
    // So much of them is the same in both.
    let shared = &project[..10];
    for (owner, id) in [
        (project.as_str(), whole.as_str()),
        (&project, &whole[..1]),
        (&project[..25], &whole),
        (&project.to_lowercase(), &whole[..25].to_lowercase()),
    ] {
        let named = format!("{owner}/{id}");
        let found = wait(engine.find_plan(&named));
        assert_eq!(found, Ok((author.project, plan)), "{named}");
    }
    for (named, code) in [
        ("/".to_owned(), "PROJECT_NOT_FOUND"),
        ("//".to_owned(), "PROJECT_NOT_FOUND"),
        (format!("/{whole}"), "PROJECT_NOT_FOUND"),
        (format!("ZZ/{whole}"), "PROJECT_NOT_FOUND"),
        (format!("{whole}/{project}"), "PROJECT_NOT_FOUND"),
        (format!("{project} /{whole}"), "PROJECT_NOT_FOUND"),
        (format!("{shared}/{whole}"), "AMBIGUOUS_ID"),
        (format!("{project}/"), "PLAN_NOT_FOUND"),
        (format!("{project}/ZZ"), "PLAN_NOT_FOUND"),
        (format!("{project}/{whole}/"), "PLAN_NOT_FOUND"),
        (format!("{project}/{whole}/{whole}"), "PLAN_NOT_FOUND"),
        (format!("{project}//{whole}"), "PLAN_NOT_FOUND"),
        (format!("{project}/{foreign}"), "PLAN_NOT_FOUND"),
    ] {
        assert_eq!(refused(wait(engine.find_plan(&named))), code, "{named:?}");
    }
    let two = author.plan(1);
    let common = two
        .to_string()
        .chars()
        .zip(whole.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let start = format!("{project}/{}", &whole[..common]);
    assert_eq!(
        refused(wait(disk.engine().find_plan(&start))),
        "AMBIGUOUS_ID"
    );
}
