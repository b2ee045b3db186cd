//! R74: what comes in is what went out, and goes on as it would have there.

use super::given::{
    COPYING, REVIVING, SECRET, bundle_of, exported, fork, gated, imported, rich, taken_in,
};
#[cfg(not(target_family = "wasm"))]
use crate::engine::author::text;
use crate::engine::author::{Author, pause, rename, resume};
use crate::engine::cases::accepted;
use crate::engine::given::{
    Disk, Memory, NOON, SetClock, command_id, engine_with, refused, request, wait,
};
use crate::engine::observe::{Observed, observe};
use holdpoint::engine::{EngineError, ExportScope, ImportOptions};
use holdpoint::machine::{Command, CommandKind, InitialStatus, Outcome};
use holdpoint::model::{ProjectStatus, Revision};
use holdpoint::storage::Storage;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

on_every_disk![
    r74_a_project_comes_into_another_store_as_it_is_with_equal_digests,
    r74_out_and_in_and_out_again_is_the_same_but_for_the_time,
    r74_work_goes_on_where_it_was_exported,
    r74_a_repeated_command_gets_the_outcome_that_it_had_elsewhere,
    r49_r74_a_whole_store_goes_into_one_file,
    r74_a_fork_knows_where_it_comes_from,
    r28_r74_what_was_removed_for_good_is_not_in_the_file_and_stays_removed,
    r74_a_copy_has_a_new_id_and_the_same_digests,
    r53_r74_a_deleted_project_comes_back_only_if_the_import_says_so,
];

fn r74_a_project_comes_into_another_store_as_it_is_with_equal_digests<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let bundle = bundle_of(&author.engine, author.project);
    let report = taken_in(&there.engine(), &bundle);
    let before = observe(here.open(), author.project);
    assert_eq!(observe(there.open(), author.project), before);
    assert_eq!(before.state.unwrap().status, ProjectStatus::Paused);
    let [imported] = &report.projects[..] else {
        panic!("{report:?}");
    };
    let head = before.head.unwrap();
    assert_eq!(
        (imported.project, imported.from),
        (author.project, author.project)
    );
    assert_eq!(
        (imported.revision, imported.digest),
        (head.revision, head.digest)
    );
    assert_eq!(imported.name.as_str(), "furnished");
    assert_eq!(imported.entries, before.entries.len() as u64);
    assert_eq!(imported.bodies, 9);
    assert_eq!(report.exported_by.as_str(), "ana");
    assert_eq!(report.exported_at.milliseconds(), NOON);
}

fn r74_out_and_in_and_out_again_is_the_same_but_for_the_time<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let first = bundle_of(&author.engine, author.project);
    taken_in(&there.engine(), &first);
    assert_eq!(bundle_of(&there.engine(), author.project), first);
    let later = engine_with(there.open(), SetClock::at(NOON + 1000));
    let second = bundle_of(&later, author.project);
    let lines = |bundle: &[u8]| {
        let text = std::str::from_utf8(bundle).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (first, second) = (lines(&first), lines(&second));
    let last = first.len() - 1;
    assert_eq!(first[1..last], second[1..last]);
    assert_ne!(first[0], second[0]);
    assert_ne!(
        first[last], second[last],
        "its digest is of the first line too"
    );
}

/// The same commands there come to the same as here: steps, and a rollback to a checkpoint from
/// before.
fn r74_work_goes_on_where_it_was_exported<D: Disk>() {
    fn go_on<S: Storage>(mut author: Author<S>) {
        let plan = gated(&author);
        author.done(resume());
        author.step_done(plan);
        author.step_done(plan);
        let state = author.state();
        let checkpoints = state.checkpoints_in_order();
        let named = checkpoints
            .iter()
            .find(|checkpoint| checkpoint.name.as_str() == "before the steps");
        author.done(Command::RollbackPlan {
            plan,
            checkpoint: Some(named.expect("it was taken").id),
            before: None,
            reason: None,
        });
        author.checkpoint("further");
        author.done(rename("gone on"));
    }

    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let project = author.project;
    let engine = there.engine();
    taken_in(&engine, &bundle_of(&author.engine, project));
    go_on(author.through(engine));
    go_on(author);
    assert_eq!(
        observe(there.open(), project),
        observe(here.open(), project)
    );
}

fn r74_a_repeated_command_gets_the_outcome_that_it_had_elsewhere<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let mut author = Author::new(here.engine());
    let plan = author.started_plan(2);
    author.step_done(plan);
    let paused = request(5000, pause());
    let first = wait(author.engine.submit(author.project, paused.clone())).unwrap();
    let engine = there.engine();
    taken_in(&engine, &bundle_of(&author.engine, author.project));
    let again = wait(engine.submit(author.project, paused)).unwrap();
    assert_eq!(again, first);
    assert!(matches!(&again.outcome, Outcome::Paused(report) if !report.already_paused));
    let other = wait(engine.submit(author.project, request(5000, resume())));
    assert_eq!(refused(other), "COMMAND_ID_REUSED");
    let created = wait(engine.storage().find_command(author.project, command_id(1)));
    assert_eq!(created, Ok(Some(Revision::FIRST)));
    observe(there.open(), author.project);
}

fn r49_r74_a_whole_store_goes_into_one_file<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let forked = fork(&author, 7000);
    let other = Author::numbered(here.engine(), 9000, InitialStatus::Init);
    let gone = Author::numbered(here.engine(), 9500, InitialStatus::Active);
    wait(gone.engine.execute(gone.project, Command::DeleteProject)).unwrap();
    let bundle = exported(&here.engine(), ExportScope::Store).unwrap();
    let report = taken_in(&there.engine(), &bundle);
    let mut projects = vec![author.project, forked, other.project];
    projects.sort_unstable();
    let imported: Vec<_> = report.projects.iter().map(|one| one.project).collect();
    assert_eq!(imported, projects);
    assert_eq!(wait(there.engine().journals(None, 10)).unwrap(), projects);
    for project in projects {
        assert_eq!(
            observe(there.open(), project),
            observe(here.open(), project)
        );
    }
    assert_eq!(exported(&there.engine(), ExportScope::Store), Ok(bundle));
    // And an empty one is one too.
    let empty = exported(&D::new().engine(), ExportScope::Store).unwrap();
    assert_eq!(std::str::from_utf8(&empty).unwrap().lines().count(), 2);
    let report = taken_in(&there.engine(), &empty);
    assert_eq!(report.projects, []);
}

fn r74_a_fork_knows_where_it_comes_from<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let forked = fork(&author, 7000);
    // Without the one that it was forked from: it has all that it needs.
    taken_in(&there.engine(), &bundle_of(&author.engine, forked));
    let seen = observe(there.open(), forked);
    assert_eq!(seen, observe(here.open(), forked));
    let origin = seen.state.unwrap().origin.unwrap();
    assert_eq!(origin.project, author.project);
    assert_eq!(origin.revision, author.state().revision);
    let source = observe(there.open(), author.project);
    assert_eq!(source.head, None);
}

fn r28_r74_what_was_removed_for_good_is_not_in_the_file_and_stays_removed<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let bundle = bundle_of(&author.engine, author.project);
    let text = String::from_utf8(bundle.clone()).unwrap();
    assert!(!text.contains("swordfish"));
    let engine = there.engine();
    taken_in(&engine, &bundle);
    let state = wait(engine.project(author.project)).unwrap();
    let secret = state
        .items
        .values()
        .find(|item| state.redacted.contains_key(&item.body.digest))
        .unwrap();
    assert_eq!(secret.body.bytes as usize, SECRET.len());
    let body = wait(engine.body(author.project, &secret.body));
    let here = wait(author.engine.body(author.project, &secret.body));
    assert_eq!(body, here);
    assert_eq!(refused(body), "REDACTED");
}

fn r74_a_copy_has_a_new_id_and_the_same_digests<D: Disk>() {
    let disk = D::new();
    let author = rich(disk.engine());
    let bundle = bundle_of(&author.engine, author.project);
    let before = observe(disk.open(), author.project);
    let mut seen = vec![author.project];
    for _ in 0..2 {
        let report = imported(&disk.engine(), &bundle, COPYING).unwrap();
        let copy = &report.projects[0];
        assert_eq!(copy.from, author.project);
        assert!(!seen.contains(&copy.project), "an id of its own");
        seen.push(copy.project);
        let Observed {
            head,
            entries,
            state,
            ..
        } = observe(disk.open(), copy.project);
        assert_eq!((head, &entries), (before.head, &before.entries));
        let (state, original) = (state.unwrap(), author.state());
        assert_eq!(
            (&state.plans, &state.items),
            (&original.plans, &original.items)
        );
        let copied = bundle_of(&disk.engine(), copy.project);
        assert_eq!(copied.len(), bundle.len());
    }
    // What happens to a copy doesn't happen to the other.
    wait(disk.engine().execute(seen[1], resume())).unwrap();
    assert_eq!(observe(disk.open(), author.project), before);
}

fn r53_r74_a_deleted_project_comes_back_only_if_the_import_says_so<D: Disk>() {
    let disk = D::new();
    let author = rich(disk.engine());
    let before = observe(disk.open(), author.project);
    let bundle = bundle_of(&author.engine, author.project);
    wait(
        author
            .engine
            .execute(author.project, Command::DeleteProject),
    )
    .unwrap();
    let gone = observe(disk.open(), author.project);
    for engine in [&author.engine, &disk.engine()] {
        let told = imported(engine, &bundle, ImportOptions::default());
        let expected = EngineError::Removed {
            project: author.project,
            revision: before.head.unwrap().revision,
        };
        assert_eq!(told.as_ref(), Err(&expected));
        assert_eq!(refused(told), "REMOVED");
    }
    assert_eq!(observe(disk.open(), author.project), gone);
    imported(&author.engine, &bundle, REVIVING).unwrap();
    assert_eq!(observe(disk.open(), author.project), before);
    assert_eq!(author.state(), before.state.unwrap());
    // It can be worked with and deleted like any other.
    wait(author.engine.execute(author.project, resume())).unwrap();
    wait(
        author
            .engine
            .execute(author.project, Command::DeleteProject),
    )
    .unwrap();
    assert_eq!(
        refused(wait(disk.engine().project(author.project))),
        "REMOVED"
    );
}

/// Whatever command a project has had last, it goes out and in.
#[test]
fn r74_projects_after_each_kind_of_command_come_back_from_a_bundle() {
    for case in accepted() {
        let disk = Memory::new();
        case.prepare(&disk.open());
        let engine = disk.engine();
        wait(engine.submit(case.project, case.request.clone())).expect(&case.name);
        if case.request.command.kind() == CommandKind::DeleteProject {
            continue;
        }
        let there = Memory::new();
        taken_in(&there.engine(), &bundle_of(&engine, case.project));
        let seen = observe(there.open(), case.project);
        assert_eq!(seen, observe(disk.open(), case.project), "{}", case.name);
    }
}

/// Fifty megabytes in small pieces: what looks at all that it has for each of them takes for ever.
#[cfg(not(target_family = "wasm"))]
#[test]
fn r74_a_large_bundle_goes_through_in_small_pieces() {
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    let long = "0123456789abcdef".repeat(1 << 16);
    for number in 0..50 {
        let error = text(&format!("{number}{}", &long[..(1 << 20) - 2]));
        let plan = author.plan(1);
        author.done(Command::FailPlan { plan, error });
    }
    let mut export = wait(author.engine.export(ExportScope::Store)).unwrap();
    let there = Memory::new();
    let engine = there.engine();
    let mut import = engine.import(ImportOptions::default());
    let mut bytes = 0;
    while let Some(piece) = wait(export.next()).unwrap() {
        assert!(piece.len() <= 256 << 10);
        bytes += piece.len() as u64;
        for part in piece.chunks(1000) {
            wait(import.push(part)).unwrap();
        }
        assert_eq!(import.progress().bytes, bytes);
        assert_eq!(export.progress().bytes, bytes);
    }
    assert!(bytes > 50 << 20);
    wait(import.finish()).unwrap();
    assert_eq!(
        observe(there.open(), author.project),
        observe(disk.open(), author.project)
    );
}
