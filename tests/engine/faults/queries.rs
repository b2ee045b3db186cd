//! R7, R73, R75: what is asked of a storage that fails is answered rightly or not at all, and nothing
//! changes by it.

use super::kinds::{KINDS, Kind};
use super::point::{ENDLESS, Memories};
use super::say;
use crate::engine::author::{Author, pause, plan_of, resume};
use crate::engine::bundles::given::{exported, imported};
use crate::engine::given::{Disk, Memory, engine_over, request, wait};
use crate::engine::observe::{Copy, observe};
use crate::support::fault_storage::{Among, Damage, Fault, FaultKind, FaultStorage, Operation};
use holdpoint::engine::{Engine, EngineError, ExportScope, HistoryQuery, ImportOptions};
use holdpoint::machine::{Command, Outcome};
use holdpoint::model::{BlobRef, CheckpointId, ErrorCode, Revision};
use holdpoint::storage::{MemoryStorage, Storage, StorageErrorKind};
use std::future::{Future, poll_fn};
use std::task::Poll;

/// Something to ask; each gives an answer that can be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Query {
    Project,
    StateAtRevision,
    StateAtCheckpoint,
    Diff,
    Preview,
    History,
    FindEntries,
    Body,
    /// One that was removed for good.
    RedactedBody,
    Export,
    Verify,
    Resumable,
    FindPlan,
    Lease,
    Subscribe,
}

impl Query {
    const ALL: [Query; 15] = [
        Query::Project,
        Query::StateAtRevision,
        Query::StateAtCheckpoint,
        Query::Diff,
        Query::Preview,
        Query::History,
        Query::FindEntries,
        Query::Body,
        Query::RedactedBody,
        Query::Export,
        Query::Verify,
        Query::Resumable,
        Query::FindPlan,
        Query::Lease,
        Query::Subscribe,
    ];

    async fn ask<S: Storage>(
        self,
        engine: &Engine<S>,
        given: &Given,
    ) -> Result<String, EngineError> {
        let project = given.author.project;
        let checkpoint = given.checkpoint;
        let answer = match self {
            Query::Project => debug(engine.project(project).await?),
            Query::StateAtRevision => debug(engine.state_at(project, Revision::new(9)).await?),
            Query::StateAtCheckpoint => debug(engine.state_at(project, checkpoint).await?),
            Query::Diff => debug(engine.diff(project, checkpoint, Revision::new(5)).await?),
            Query::Preview => {
                let command = Command::RollbackProject {
                    checkpoint,
                    reason: None,
                };
                // All but the ids that it makes, which are new each time.
                match engine.preview(project, command).await?.outcome {
                    Outcome::RolledBack(report) => debug((report.revision, report.paths)),
                    other => debug(other),
                }
            }
            Query::History => debug(engine.history(project, Revision::ZERO, 10_000).await?),
            Query::FindEntries => {
                let query = HistoryQuery {
                    plan: Some(plan_of(&given.author.state(), 0)),
                    ..HistoryQuery::of(100)
                };
                debug(engine.find_entries(project, &query).await?)
            }
            Query::Body => {
                let state = given.author.state();
                let body = &state.items_in_order()[0].body;
                debug(engine.body(project, body).await?)
            }
            Query::RedactedBody => {
                let told = engine.body(project, &given.redacted).await;
                match told {
                    Err(EngineError::Redacted { .. }) => "removed for good".to_owned(),
                    other => debug(other?),
                }
            }
            Query::Export => debug(exported(engine, ExportScope::Project(project))?),
            Query::Verify => debug(engine.verify(project).await?),
            Query::Resumable => debug(engine.resumable().await?),
            Query::FindPlan => {
                let id = plan_of(&given.author.state(), 0).to_string();
                debug(engine.find_plan(&id).await?)
            }
            Query::Lease => {
                let plan = plan_of(&given.author.state(), 0);
                debug(engine.lease(project, plan).await?)
            }
            Query::Subscribe => {
                let mut listener = engine.subscribe(Some(project)).await?;
                debug(listener.try_next())
            }
        };
        Ok(answer)
    }

    /// Whether it reads rows and nothing else: what these say can't be told from what they said
    /// when they were written; `verify` compares them with the journal.
    const fn believes_rows(self) -> bool {
        matches!(self, Query::Resumable | Query::FindPlan)
    }
}

fn debug(answer: impl std::fmt::Debug) -> String {
    format!("{answer:?}")
}

/// A project with snapshots, some of everything, and a past.
struct Given {
    author: Author<MemoryStorage>,
    checkpoint: CheckpointId,
    redacted: BlobRef,
    /// The project before most of it was done.
    earlier: Vec<u8>,
    copy: Copy,
}

impl Given {
    fn new() -> Self {
        let mut author = Author::new(Memory::new().engine());
        author.furnish();
        let earlier = exported(&author.engine, ExportScope::Project(author.project));
        let earlier = earlier.expect("nothing fails");
        let state = author.state();
        let bodies: Vec<_> = (state.items_in_order().iter().map(|item| item.body)).collect();
        let other = bodies.iter().find(|body| **body != bodies[0]);
        let redacted = *other.expect("they are several");
        author.done(Command::RedactBody {
            digest: redacted.digest,
            reason: None,
        });
        author.outweigh();
        let checkpoint = author.checkpoint("then");
        author.done(pause());
        author.done(resume());
        let copy = Copy::of(&author.engine, author.project);
        Self {
            copy: copy.expect("it is there"),
            author,
            checkpoint,
            redacted,
            earlier,
        }
    }

    fn prepare<D: Disk>(&self) -> D {
        let disk = D::new();
        self.copy.put(&disk.open());
        disk
    }
}

fn sweep<D: Disk>(kinds: &[Kind]) -> usize {
    let given = Given::new();
    let project = given.author.project;
    let mut points = 0;
    for query in Query::ALL {
        let undisturbed = wait(query.ask(&given.prepare::<D>().engine(), &given));
        let undisturbed = undisturbed.expect("nothing fails");
        let before = observe(given.prepare::<D>().open(), project);
        for (kind, memories) in kinds
            .iter()
            .zip(query as usize..)
            .flat_map(|(kind, turn)| Memories::by_turns(turn).map(move |memories| (kind, memories)))
        {
            for n in 1..ENDLESS {
                let disk = given.prepare::<D>();
                let engine = engine_over(FaultStorage::without_hints(disk.open()));
                if memories == Memories::Fresh {
                    wait(engine.project(project)).expect("nothing fails yet");
                }
                let faults = engine.storage().faults();
                faults.arm(kind.at(n));
                let answer = wait(query.ask(&engine, &given));
                let fired = faults.fired();
                assert!(faults.seen(Among::All) < ENDLESS);
                faults.disarm();
                let Some(fired) = fired else { break };
                points += 1;
                let point = format!("{query:?}, {memories:?}, {kind:?} at {n}, {fired:?}");
                let is_damage = matches!(
                    kind.fault,
                    FaultKind::Damage(_) | FaultKind::FailBefore(StorageErrorKind::Corrupt)
                );
                let is_missing = fired == Operation::Snapshot
                    && kind.fault == FaultKind::Damage(Damage::Missing);
                match answer {
                    Ok(answer) if answer == undisturbed => {}
                    // A cache that isn't there is no damage.
                    Ok(_) if query == Query::Verify && is_missing => {}
                    // It is there to find just that.
                    Ok(report) if query == Query::Verify && is_damage => {
                        assert!(!report.contains("findings: []"), "{point}: {report}");
                    }
                    Ok(_) if query.believes_rows() && is_damage => {}
                    Ok(answer) => panic!("{point}: another answer: {answer}"),
                    Err(error) if is_damage => {
                        let allowed = error.code() == ErrorCode::Corrupt
                            || query.believes_rows() && error.code() == ErrorCode::PlanNotFound;
                        assert!(allowed, "{point}: {error}");
                    }
                    Err(error) => assert_ne!(error.code(), ErrorCode::OutcomeUnknown, "{point}"),
                }
                assert_eq!(observe(disk.open(), project), before, "{point}");
                assert_eq!(
                    wait(query.ask(&engine, &given)).as_ref(),
                    Ok(&undisturbed),
                    "{point}: again"
                );
            }
        }
    }
    points
}

#[test]
fn r7_r73_r75_a_fault_at_any_operation_of_a_query_makes_no_wrong_answer() {
    let points = sweep::<Memory>(&KINDS);
    say(&format!(
        "faults: {points} points tried, {} queries × {} kinds of fault at each operation, on memory",
        Query::ALL.len(),
        KINDS.len(),
    ));
}

/// Whoever asks while somebody deletes the project, or brings it back after that as it was earlier, is
/// told what was or what is, and never that it is damaged: what is read in several parts may end in
/// between.
fn deleted_meanwhile<D: Disk>(is_brought_back: bool) -> usize {
    let given = Given::new();
    let project = given.author.project;
    let delete = |disk: &D| {
        let told = wait(
            disk.engine()
                .submit(project, request(1 << 40, Command::DeleteProject)),
        );
        told.expect("it is there");
    };
    let bring_back = |disk: &D| {
        let options = ImportOptions {
            revive: true,
            ..ImportOptions::default()
        };
        imported(&disk.engine(), &given.earlier, options).expect("it is free");
    };
    let code = |answer: Result<String, EngineError>| answer.map_err(|error| error.code());
    let mut points = 0;
    // An export is asked for in pieces, and has tests of its own.
    for query in Query::ALL
        .into_iter()
        .filter(|query| *query != Query::Export)
    {
        let disk = given.prepare::<D>();
        let mut right = vec![code(wait(query.ask(&disk.engine(), &given)))];
        delete(&disk);
        right.push(code(wait(query.ask(&disk.engine(), &given))));
        if is_brought_back {
            bring_back(&disk);
            right.push(code(wait(query.ask(&disk.engine(), &given))));
        }
        for (kind, memories) in [FaultKind::HoldBefore, FaultKind::HoldAfter]
            .into_iter()
            .flat_map(|kind| [Memories::None, Memories::Fresh].map(|memories| (kind, memories)))
        {
            for n in 1..ENDLESS {
                let disk = given.prepare::<D>();
                let engine = engine_over(FaultStorage::without_hints(disk.open()));
                if memories == Memories::Fresh {
                    wait(engine.project(project)).expect("nothing is held yet");
                }
                let faults = engine.storage().faults();
                faults.arm(Fault::at(n, Among::All, kind));
                let mut answer = Box::pin(query.ask(&engine, &given));
                let is_held = wait(poll_fn(|context| match answer.as_mut().poll(context) {
                    Poll::Ready(_) => Poll::Ready(false),
                    Poll::Pending if faults.is_holding() => Poll::Ready(true),
                    Poll::Pending => Poll::Pending,
                }));
                if !is_held {
                    break;
                }
                delete(&disk);
                if is_brought_back {
                    bring_back(&disk);
                }
                faults.release();
                let answer = code(wait(answer));
                points += 1;
                assert!(
                    right.contains(&answer),
                    "{query:?}, {memories:?}, {kind:?} at {n}: {answer:?}, expected one of {right:?}"
                );
            }
        }
    }
    points
}

#[test]
fn r7_r53_a_query_during_which_the_project_is_deleted_tells_what_was_or_that_it_is_gone() {
    let points = deleted_meanwhile::<Memory>(false);
    say(&format!(
        "faults: {points} points tried, the project deleted at each operation of a query, on memory"
    ));
}

#[test]
fn r7_r74_a_query_during_which_the_project_is_brought_back_as_it_was_tells_what_was_or_what_is() {
    let points = deleted_meanwhile::<Memory>(true);
    say(&format!(
        "faults: {points} points tried, the project deleted and brought back at each operation of a query, on memory"
    ));
}

/// What is made anew is what it was, whatever fails while it is.
#[test]
fn r7_r73_rows_that_are_made_anew_are_sound_whatever_fails_meanwhile() {
    let given = Given::new();
    let project = given.author.project;
    let mut points = 0;
    for kind in KINDS {
        for n in 1..ENDLESS {
            let disk = given.prepare::<Memory>();
            let before = observe(disk.open(), project);
            let engine = engine_over(FaultStorage::without_hints(disk.open()));
            let faults = engine.storage().faults();
            faults.arm(kind.at(n));
            let made = wait(engine.reindex(project));
            let fired = faults.fired();
            faults.disarm();
            let Some(fired) = fired else { break };
            points += 1;
            let point = format!("{kind:?} at {n}, {fired:?}: {made:?}");
            assert_eq!(observe(disk.open(), project), before, "{point}");
            assert!(wait(engine.reindex(project)).is_ok(), "{point}");
            assert_eq!(observe(disk.open(), project), before, "{point}");
        }
    }
    say(&format!(
        "faults: {points} points tried, reindex × {} kinds of fault at each operation, on memory",
        KINDS.len(),
    ));
}
