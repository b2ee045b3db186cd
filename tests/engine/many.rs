//! R46: a store of 1,000 projects with 10 plans each, asked from rows alone.

use super::author::Author;
use super::given::{Disk, Memory, engine_over, wait};
use crate::support::fault_storage::{FaultStorage, Operation};
use holdpoint::engine::Resumable;
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::model::{PlanState, ProjectId, Revision};
use holdpoint::storage::{
    Commit, PlanRow, ProjectRow, Row, RowChanges, RowKind, RowQuery, Storage,
};

on_every_disk![r46_ten_thousand_plans_are_listed_filtered_and_searched_without_loading_a_project,];

const PROJECTS: u64 = 1_000;
const PLANS: usize = 10;
/// Of how many projects one is asked for by itself, and of how many plans one is searched.
const EVERY: usize = 50;
/// So much of an id is enough to tell it from all others here.
const BEGINNING: usize = 22;

fn r46_ten_thousand_plans_are_listed_filtered_and_searched_without_loading_a_project<D: Disk>() {
    let disk = D::new();
    let made = made();
    let (mut rows, mut commits) = (Vec::new(), Vec::new());
    for (commit, of_project) in made {
        commits.push(commit);
        rows.push(of_project);
    }
    wait(disk.open().append_all(commits)).unwrap();
    rows.sort_by_key(|(project, _)| project.project);

    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let engine = engine_over(storage);
    faults.disarm();

    // Listed: all projects, all plans, and the plans of one project.
    let projects: Vec<_> = rows.iter().map(|(project, _)| project.clone()).collect();
    let plans: Vec<_> = rows.iter().flat_map(|(_, plans)| plans).cloned().collect();
    let list = |query: RowQuery| all(engine.storage(), query);
    let all_projects = projects.iter().cloned().map(Box::new).map(Row::Project);
    assert_eq!(
        list(RowQuery::of(RowKind::Projects, 70)),
        all_projects.collect::<Vec<_>>()
    );
    assert_eq!(list(RowQuery::of(RowKind::Plans, 700)), of_plans(&plans));
    for (project, plans) in rows.iter().step_by(EVERY) {
        let own = RowQuery::of(RowKind::Plans, 4).in_project(project.project);
        assert_eq!(list(own), of_plans(plans));
    }

    // Filtered: the unfinished ones, of all and of one project.
    let unfinished = |plans: &[PlanRow]| -> Vec<PlanRow> {
        let unfinished = plans.iter().filter(|plan| plan.is_unfinished());
        unfinished.cloned().collect()
    };
    let only = |query: RowQuery| RowQuery {
        unfinished: true,
        ..query
    };
    assert_eq!(unfinished(&plans).len(), 7_000);
    assert_eq!(
        list(only(RowQuery::of(RowKind::Plans, 700))),
        of_plans(&unfinished(&plans))
    );
    for (project, plans) in rows.iter().step_by(EVERY) {
        let own = RowQuery::of(RowKind::Plans, 4).in_project(project.project);
        assert_eq!(list(only(own)), of_plans(&unfinished(plans)));
    }
    let resumable = wait(engine.resumable()).unwrap();
    let expected: Vec<_> = rows
        .iter()
        .flat_map(|(project, plans)| {
            let unfinished = unfinished(plans).into_iter();
            unfinished.map(|plan| (project.name.to_string(), project.status, plan))
        })
        .collect();
    let told = |found: Resumable| (found.project_name, found.project_status, found.plan);
    assert_eq!(
        resumable.into_iter().map(told).collect::<Vec<_>>(),
        expected
    );

    // Searched: by the whole id, and by how it begins.
    for project in projects.iter().step_by(EVERY) {
        let start = &project.project.to_string()[..BEGINNING];
        assert_eq!(wait(engine.find_project(start)), Ok(project.project));
    }
    // Not the same place of each project.
    for plan in plans.iter().step_by(EVERY + 1) {
        let id = plan.plan.to_string();
        let found = Ok((plan.project, plan.plan));
        assert_eq!(wait(engine.find_plan(&id)), found);
        assert_eq!(
            wait(engine.find_plan(&id[..BEGINNING].to_lowercase())),
            found
        );
    }

    // By a beginning that many have: whichever way a storage takes to them, they are the same.
    let id = plans[plans.len() / 2].plan.to_string();
    let mut counts = Vec::new();
    for start in (1..id.len()).map(|length| &id[..length]) {
        let beginning = |query| RowQuery {
            id_starts_with: Some(start.to_owned()),
            ..query
        };
        let fits = |plan: &&PlanRow| plan.plan.to_string().starts_with(start);
        let expected: Vec<_> = plans.iter().filter(fits).cloned().collect();
        let found = list(beginning(RowQuery::of(RowKind::Plans, 700)));
        assert_eq!(found, of_plans(&expected), "{start}");
        let (project, of_project) = &rows[rows.len() / 2];
        let own = RowQuery::of(RowKind::Plans, 4).in_project(project.project);
        let expected_own: Vec<_> = of_project.iter().filter(fits).cloned().collect();
        assert_eq!(list(beginning(own)), of_plans(&expected_own), "{start}");
        counts.push(expected.len());
    }
    assert!(
        counts.contains(&plans.len()) && counts.contains(&1),
        "{counts:?}"
    );

    let others = faults.operations().into_iter();
    let others: Vec<_> = others.filter(|met| *met != Operation::Rows).collect();
    assert_eq!(others, [], "no journal, snapshot or body was read");
}

/// Journals of so many projects, each as one append, with the rows that it makes.
fn made() -> impl Iterator<Item = (Commit, (ProjectRow, Vec<PlanRow>))> {
    (0..PROJECTS).map(|number| {
        let disk = Memory::new();
        let mut author = Author::numbered(disk.engine(), 1 + number * 100, InitialStatus::Active);
        let plans: Vec<_> = (0..PLANS).map(|_| author.plan(2)).collect();
        author.done(Command::CancelPlan {
            plan: plans[0],
            reason: None,
        });
        author.done(Command::CancelPlan {
            plan: plans[4],
            reason: None,
        });
        author.done(Command::StartPlan { plan: plans[5] });
        author.step_done(plans[5]);
        author.done(Command::FailPlan {
            plan: plans[9],
            error: super::author::text("it broke"),
        });
        let commit = journal(&disk.open(), &author);
        let plans = commit.rows.plans.clone();
        assert_eq!(plans[5].state, PlanState::Implementing);
        assert_eq!(plans.len(), PLANS);
        let project = commit.rows.project.clone();
        (commit, (project, plans))
    })
}

/// All that a project has, as one append to another storage.
fn journal<S: Storage>(storage: &S, author: &Author<impl Storage>) -> Commit {
    let project: ProjectId = author.project;
    let entries = wait(storage.entries(project, Revision::ZERO, usize::MAX)).unwrap();
    let mut rows = RowChanges::all(&author.state());
    rows.plans.sort_by_key(|plan| plan.number);
    Commit::new(project, None, entries, rows, vec![]).expect("they follow each other")
}

fn of_plans(plans: &[PlanRow]) -> Vec<Row> {
    let plans = plans.iter().cloned().map(Box::new);
    plans.map(Row::Plan).collect()
}

/// A list to its end, page by page.
fn all(storage: &impl Storage, mut query: RowQuery) -> Vec<Row> {
    let mut rows = Vec::new();
    loop {
        let page = wait(storage.rows(query.clone())).unwrap();
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return rows,
        }
    }
}
