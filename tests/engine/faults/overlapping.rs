//! R4, R7, R71, R76: an operation that is late, while others are asked and answered; and one whose
//! caller is gone.

use super::point::{ENDLESS, Heard, Undisturbed};
use super::{is_long, said_of};
use crate::engine::author::{create_project, name, rename};
use crate::engine::cases::{Case, accepted, without_an_entry};
use crate::engine::given::{Disk, Memory, engine_over, request, wait};
use crate::engine::observe::{Observed, observe, state};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage};
use holdpoint::engine::{Engine, EngineError, Receipt, Subscription};
use holdpoint::machine::{Command, InitialStatus, Request};
use holdpoint::model::{ErrorCode, ProjectId, Revision};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

type Told = Result<Receipt, EngineError>;

/// When an operation is held: before it takes effect, or before that is told.
const HELD: [FaultKind; 2] = [FaultKind::HoldBefore, FaultKind::HoldAfter];

/// An engine on a prepared project, whose n-th operation from now on will be held.
struct Late<D: Disk> {
    disk: D,
    engine: Engine<FaultStorage<D::Storage>>,
    listener: Subscription,
}

impl<D: Disk> Late<D> {
    fn new(case: &Case, n: usize, kind: FaultKind) -> Self {
        let disk = D::new();
        case.prepare(&disk.open());
        let storage = FaultStorage::without_hints(disk.open());
        let engine = engine_over(storage);
        let listener = wait(engine.subscribe(None)).expect("it can be read");
        let late = Self {
            disk,
            engine,
            listener,
        };
        let faults = late.engine.storage().faults();
        faults.arm(Fault::at(n, Among::All, kind));
        late
    }

    /// Gives the case's command and does something as soon as its operation is held; then it goes
    /// on. None, if it has no such operation.
    fn meanwhile<T>(&self, case: &Case, then: impl FnOnce() -> T) -> Option<(Told, T)> {
        let faults = self.engine.storage().faults();
        let mut told = pin!(self.engine.submit(case.project, case.request.clone()));
        let ended = wait(poll_fn(|context| match told.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if faults.is_holding() => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }));
        if ended {
            return None;
        }
        let answer = then();
        faults.release();
        Some((wait(told), answer))
    }

    /// Gives the case's command, and drops the call while its operation is held. Whether it was.
    fn abandon(&self, case: &Case) -> bool {
        let faults = self.engine.storage().faults();
        let mut told = Box::pin(self.engine.submit(case.project, case.request.clone()));
        let held = wait(poll_fn(|context| match told.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(false),
            Poll::Pending if faults.is_holding() => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }));
        drop(told);
        faults.disarm();
        held
    }

    fn observed(&self, project: ProjectId) -> Observed {
        observe(self.disk.open(), project)
    }
}

/// Commands of somebody else, which no other command is in the way of unless the project is gone.
fn theirs() -> [Request; 2] {
    [rename("theirs"), Command::DeleteProject].map(|command| request((1 << 40) + 1, command))
}

/// What two commands come to, one after the other.
struct InTurn {
    ours: Told,
    theirs: Told,
    after: Observed,
}

impl InTurn {
    fn run<D: Disk>(case: &Case, theirs: &Request, is_ours_first: bool) -> Self {
        let disk = D::new();
        case.prepare(&disk.open());
        let ours = || wait(disk.engine().submit(case.project, case.request.clone()));
        let theirs = || wait(disk.engine().submit(case.project, theirs.clone()));
        let (ours, theirs) = if is_ours_first {
            let ours = ours();
            (ours, theirs())
        } else {
            let theirs = theirs();
            (ours(), theirs)
        };
        Self {
            ours,
            theirs,
            after: observe(disk.open(), case.project),
        }
    }
}

/// What was told, where an answer without an entry says the revision that it rests on.
fn alike(one: &Told, other: &Told) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one.outcome == other.outcome,
        (Err(one), Err(other)) => one.code() == other.code(),
        _ => false,
    }
}

fn each_point(cases: &[Case], mut point: impl FnMut(&Case, usize, FaultKind) -> bool) -> usize {
    let mut points = 0;
    for case in cases {
        for kind in HELD {
            let tried = (1..ENDLESS).take_while(|n| point(case, *n, kind)).count();
            assert!(tried + 1 < ENDLESS, "{}", case.name);
            points += tried;
        }
    }
    points
}

fn all_cases() -> Vec<Case> {
    accepted().into_iter().chain(without_an_entry()).collect()
}

fn somebody_else_comes_between<D: Disk>(cases: &[Case]) -> usize {
    let mut points = 0;
    for (case, theirs) in cases
        .iter()
        .flat_map(|case| theirs().map(|theirs| (case, theirs)))
    {
        let before = {
            let disk = D::new();
            case.prepare(&disk.open());
            observe(disk.open(), case.project)
        };
        let orders = [true, false].map(|first| InTurn::run::<D>(case, &theirs, first));
        points += each_point(std::slice::from_ref(case), |case, n, kind| {
            let mut late = Late::<D>::new(case, n, kind);
            let by_another = late.disk.engine();
            let meanwhile = late.meanwhile(case, || {
                wait(by_another.submit(case.project, theirs.clone()))
            });
            let Some((ours, theirs)) = meanwhile else {
                return false;
            };
            let point = format!("{}: {kind:?} {n}: {ours:?}, {theirs:?}", case.name);
            let after = late.observed(case.project);
            let is_one = orders.iter().any(|order| {
                order.after == after && alike(&order.ours, &ours) && alike(&order.theirs, &theirs)
            });
            assert!(is_one, "{point}: one after the other, in some order");
            assert_eq!(state(&late.engine, case.project), after.state, "{point}");
            assert_eq!(state(&by_another, case.project), after.state, "{point}");
            let mut heard = Heard::of(&mut late.listener, case.project);
            if after.head.is_none() && theirs.is_ok() {
                // What came before the end may be heard of too.
                heard.retain(|heard| *heard == Heard::Removed);
            }
            let came_and_went = before.head.is_none() && after.tombstone.is_some();
            let expected = if came_and_went && !heard.is_empty() {
                vec![Heard::Removed]
            } else {
                Heard::between(&before, &after)
            };
            assert_eq!(heard, expected, "{point}");
            true
        });
    }
    points
}

#[test]
fn r7_r71_whatever_somebody_else_does_while_any_operation_is_late_there_is_one_history() {
    let cases = all_cases();
    let points = somebody_else_comes_between::<Memory>(&cases);
    said_of("others come between", points, &cases, "memory");
}

#[cfg(feature = "sqlite")]
#[test]
fn r7_r71_the_same_on_sqlite() {
    if is_long() {
        let cases = all_cases();
        let points = somebody_else_comes_between::<crate::engine::given::Sqlite>(&cases);
        said_of("others come between", points, &cases, "SQLite");
    }
}

fn sent_twice<D: Disk>(cases: &[Case]) -> usize {
    let mut points = 0;
    for case in cases {
        let expected = Undisturbed::run::<D>(case);
        points += each_point(std::slice::from_ref(case), |case, n, kind| {
            let mut late = Late::<D>::new(case, n, kind);
            let by_another = late.disk.engine();
            let again = || wait(by_another.submit(case.project, case.request.clone()));
            let Some((first, second)) = late.meanwhile(case, again) else {
                return false;
            };
            let point = format!("{}: {kind:?} {n}", case.name);
            assert_eq!(first, expected.told, "{point}: the one that was late");
            assert_eq!(second, expected.told, "{point}: the one that was not");
            assert_eq!(late.observed(case.project), expected.after, "{point}");
            let known = state(&late.engine, case.project);
            assert_eq!(known, expected.after.state, "{point}");
            let heard = Heard::of(&mut late.listener, case.project);
            assert_eq!(heard, expected.heard(), "{point}");
            true
        });
    }
    points
}

#[test]
fn r76_a_command_sent_twice_at_once_is_done_once_whichever_is_late_and_where() {
    let cases = all_cases();
    let points = sent_twice::<Memory>(&cases);
    said_of("sent twice at once", points, &cases, "memory");
}

/// Other calls on the same engine and the same connection are answered while one waits.
#[test]
fn r7_other_calls_are_answered_while_any_operation_is_late_and_see_before_or_after() {
    let cases = all_cases();
    let mut points = 0;
    for case in &cases {
        let expected = Undisturbed::run::<Memory>(case);
        let created = request(
            (1 << 40) + 2,
            create_project("aside", InitialStatus::Active),
        );
        let aside = ProjectId::created_by(&created.id);
        points += each_point(std::slice::from_ref(case), |case, n, kind| {
            let mut late = Late::<Memory>::new(case, n, kind);
            let asked = || {
                let project = case.project;
                let engine = &late.engine;
                let history = wait(engine.history(project, Revision::ZERO, 10_000));
                (
                    history
                        .map(|entries| entries.len())
                        .map_err(|error| error.code()),
                    wait(engine.resumable()),
                    wait(engine.submit(aside, created.clone())),
                    wait(engine.execute(
                        aside,
                        Command::RenameProject {
                            name: name("aside too"),
                        },
                    )),
                )
            };
            let Some((told, (history, resumable, created, renamed))) = late.meanwhile(case, asked)
            else {
                return false;
            };
            let point = format!("{}: {kind:?} {n}", case.name);
            assert_eq!(told, expected.told, "{point}");
            assert!(
                resumable.is_ok() && created.is_ok() && renamed.is_ok(),
                "{point}"
            );
            let length = |observed: &Observed| match observed.head {
                Some(_) => Ok(observed.entries.len()),
                None if observed.tombstone.is_some() => Err(ErrorCode::Removed),
                None => Err(ErrorCode::ProjectNotFound),
            };
            let either = [length(&expected.before), length(&expected.after)];
            assert!(either.contains(&history), "{point}: {history:?}");
            assert_eq!(late.observed(case.project), expected.after, "{point}");
            let heard = Heard::of(&mut late.listener, case.project);
            assert_eq!(heard, expected.heard(), "{point}");
            true
        });
    }
    said_of("other calls answered first", points, &cases, "memory");
}

fn abandoned<D: Disk>(cases: &[Case]) -> usize {
    let mut points = 0;
    for case in cases {
        let expected = Undisturbed::run::<D>(case);
        points += each_point(std::slice::from_ref(case), |case, n, kind| {
            let mut late = Late::<D>::new(case, n, kind);
            if !late.abandon(case) {
                return false;
            }
            let point = format!("{}: {kind:?} {n}", case.name);
            let left = late.observed(case.project);
            let is_one = left == expected.before || left == expected.after;
            assert!(is_one, "{point}: before or after");
            assert_eq!(state(&late.engine, case.project), left.state, "{point}");
            let again = wait(late.engine.submit(case.project, case.request.clone()));
            assert_eq!(again, expected.told, "{point}: asked again");
            assert_eq!(late.observed(case.project), expected.after, "{point}");
            assert_eq!(
                state(&late.engine, case.project),
                expected.after.state,
                "{point}"
            );
            let heard = Heard::of(&mut late.listener, case.project);
            assert_eq!(heard, expected.heard(), "{point}");
            true
        });
    }
    points
}

#[test]
fn r7_r76_a_call_that_is_dropped_at_any_operation_leaves_before_or_after() {
    let cases = all_cases();
    let points = abandoned::<Memory>(&cases);
    said_of("callers that went away", points, &cases, "memory");
}
