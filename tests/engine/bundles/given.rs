//! Bundles made and taken in, and a project with some of everything.

use crate::engine::author::{Author, approve, item, pause, plan_of};
use crate::engine::given::wait;
use holdpoint::engine::{Engine, EngineError, ExportScope, ImportOptions, ImportReport};
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::model::{Digest, PlanId, Point, ProjectId};
use holdpoint::storage::Storage;

/// A text that is removed for good.
pub(crate) const SECRET: &str = "the password is swordfish";

/// The bundle of these.
pub(crate) fn exported<S: Storage>(
    engine: &Engine<S>,
    scope: ExportScope,
) -> Result<Vec<u8>, EngineError> {
    let mut export = wait(engine.export(scope))?;
    let mut bundle = Vec::new();
    while let Some(piece) = wait(export.next())? {
        bundle.extend(piece);
    }
    Ok(bundle)
}

/// The bundle of one project, which can be exported.
#[track_caller]
pub(crate) fn bundle_of<S: Storage>(engine: &Engine<S>, project: ProjectId) -> Vec<u8> {
    exported(engine, ExportScope::Project(project)).expect("it can be exported")
}

/// Imports a bundle in pieces of a few kilobytes.
pub(crate) fn imported<S: Storage>(
    engine: &Engine<S>,
    bundle: &[u8],
    options: ImportOptions,
) -> Result<ImportReport, EngineError> {
    let mut import = engine.import(options);
    for piece in bundle.chunks(5000) {
        wait(import.push(piece))?;
    }
    wait(import.finish())
}

/// Imports one in the usual way.
#[track_caller]
pub(crate) fn taken_in<S: Storage>(engine: &Engine<S>, bundle: &[u8]) -> ImportReport {
    match imported(engine, bundle, ImportOptions::default()) {
        Ok(report) => report,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) const REVIVING: ImportOptions = ImportOptions {
    revive: true,
    ..plain()
};

pub(crate) const COPYING: ImportOptions = ImportOptions {
    as_copies: true,
    ..plain()
};

const fn plain() -> ImportOptions {
    ImportOptions {
        limits: holdpoint::journal::bundle::BundleLimits::DEFAULT,
        as_copies: false,
        revive: false,
    }
}

/// What a project can have: plans in many states, one behind gates and rolled back, items active,
/// archived and removed for good, long texts, checkpoints, a pause.
pub(crate) fn rich<S: Storage>(engine: Engine<S>) -> Author<S> {
    let mut author = Author::numbered(engine, 1, InitialStatus::Active);
    author.furnish();
    let gated = author.gated_plan(2);
    author.done(approve(gated, 1));
    author.done(Command::StartImplementation { plan: gated });
    author.checkpoint("before the steps");
    author.step_done(gated);
    author.done(roll_back(gated));
    author.done(Command::AddContext {
        items: vec![
            item(SECRET),
            item("with \"quotes\",\n lines\u{1} and \u{2028}"),
        ],
    });
    author.done(Command::RedactBody {
        digest: Digest::of(SECRET.as_bytes()),
        reason: Some("it leaked".parse().expect("a reason")),
    });
    author.done(pause());
    author
}

pub(crate) const fn roll_back(plan: PlanId) -> Command {
    Command::RollbackPlan {
        plan,
        checkpoint: None,
        before: None,
        reason: None,
    }
}

/// A fork of a project as it is, by a command of this number.
pub(crate) fn fork<S: Storage>(author: &Author<S>, number: u64) -> ProjectId {
    let command = Command::ForkProject {
        source: author.project,
        at: Point::Now,
        name: None,
    };
    let request = crate::engine::given::request(number, command);
    let project = ProjectId::created_by(&request.id);
    wait(author.engine.submit(project, request)).expect("it can be forked");
    project
}

/// The plan of a rich project that is behind gates.
pub(crate) fn gated<S: Storage>(author: &Author<S>) -> PlanId {
    plan_of(&author.state(), 5)
}
