//! R7, R73, R75: what is asked of a storage that fails is answered rightly or not at all, and nothing
//! changes by it.

use super::kinds::{KINDS, Kind};
use super::point::{ENDLESS, Memories};
use super::say;
use crate::engine::author::{Author, pause, plan_of, resume};
use crate::engine::bundles::given::exported;
use crate::engine::given::{Disk, Memory, engine_over, wait};
use crate::engine::observe::{Copy, observe};
use crate::support::fault_storage::{Among, Damage, FaultKind, FaultStorage, Operation};
use holdpoint::engine::{Engine, EngineError, ExportScope, HistoryQuery};
use holdpoint::machine::{Command, Outcome};
use holdpoint::model::{CheckpointId, ErrorCode, Revision};
use holdpoint::storage::{MemoryStorage, Storage, StorageErrorKind};

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
    Export,
    Verify,
    Resumable,
    FindPlan,
    Lease,
    Subscribe,
}

impl Query {
    const ALL: [Query; 14] = [
        Query::Project,
        Query::StateAtRevision,
        Query::StateAtCheckpoint,
        Query::Diff,
        Query::Preview,
        Query::History,
        Query::FindEntries,
        Query::Body,
        Query::Export,
        Query::Verify,
        Query::Resumable,
        Query::FindPlan,
        Query::Lease,
        Query::Subscribe,
    ];

    fn ask<S: Storage>(self, engine: &Engine<S>, given: &Given) -> Result<String, EngineError> {
        let project = given.author.project;
        let checkpoint = given.checkpoint;
        let answer = match self {
            Query::Project => debug(wait(engine.project(project))?),
            Query::StateAtRevision => debug(wait(engine.state_at(project, Revision::new(9)))?),
            Query::StateAtCheckpoint => debug(wait(engine.state_at(project, checkpoint))?),
            Query::Diff => debug(wait(engine.diff(project, checkpoint, Revision::new(5)))?),
            Query::Preview => {
                let command = Command::RollbackProject {
                    checkpoint,
                    reason: None,
                };
                // All but the ids that it makes, which are new each time.
                match wait(engine.preview(project, command))?.outcome {
                    Outcome::RolledBack(report) => debug((report.revision, report.paths)),
                    other => debug(other),
                }
            }
            Query::History => debug(wait(engine.history(project, Revision::ZERO, 10_000))?),
            Query::FindEntries => {
                let query = HistoryQuery {
                    plan: Some(plan_of(&given.author.state(), 0)),
                    ..HistoryQuery::of(100)
                };
                debug(wait(engine.find_entries(project, &query))?)
            }
            Query::Body => {
                let state = given.author.state();
                let body = &state.items_in_order()[0].body;
                debug(wait(engine.body(project, body))?)
            }
            Query::Export => debug(exported(engine, ExportScope::Project(project))?),
            Query::Verify => debug(wait(engine.verify(project))?),
            Query::Resumable => debug(wait(engine.resumable())?),
            Query::FindPlan => {
                let id = plan_of(&given.author.state(), 0).to_string();
                debug(wait(engine.find_plan(&id))?)
            }
            Query::Lease => {
                let plan = plan_of(&given.author.state(), 0);
                debug(wait(engine.lease(project, plan))?)
            }
            Query::Subscribe => {
                let mut listener = wait(engine.subscribe(Some(project)))?;
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
    copy: Copy,
}

impl Given {
    fn new() -> Self {
        let mut author = Author::new(Memory::new().engine());
        author.furnish();
        author.outweigh();
        let checkpoint = author.checkpoint("then");
        author.done(pause());
        author.done(resume());
        let copy = Copy::of(&author.engine, author.project);
        Self {
            copy: copy.expect("it is there"),
            author,
            checkpoint,
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
        let undisturbed = query.ask(&given.prepare::<D>().engine(), &given);
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
                let answer = query.ask(&engine, &given);
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
                    query.ask(&engine, &given).as_ref(),
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
