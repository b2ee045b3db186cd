//! One point: a command, a fault at its n-th operation, and all that has to be true afterwards.

use crate::engine::cases::Case;
use crate::engine::given::{Disk, engine_over, wait};
use crate::engine::observe::{Observed, observe, state};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage, Operation};
use holdpoint::engine::{EngineError, Notice, Receipt, Subscription};
use holdpoint::machine::Command;
use holdpoint::model::{CommandId, ErrorCode, ProjectId, Revision};

/// More operations than any command has. What goes on for longer goes on for ever.
pub(crate) const ENDLESS: usize = 200;

/// What a case comes to when nothing fails.
pub(crate) struct Undisturbed {
    pub(crate) before: Observed,
    pub(crate) told: Result<Receipt, EngineError>,
    pub(crate) after: Observed,
}

impl Undisturbed {
    pub(crate) fn run<D: Disk>(case: &Case) -> Self {
        let disk = D::new();
        case.prepare(&disk.open());
        let before = observe(disk.open(), case.project);
        let told = wait(disk.engine().submit(case.project, case.request.clone()));
        let after = observe(disk.open(), case.project);
        Self {
            before,
            told,
            after,
        }
    }

    /// All that a listener hears of it, however it comes about.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        Heard::between(&self.before, &self.after)
    }
}

/// What a listener heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    Committed(Revision, CommandId),
    Removed,
    Missed,
}

impl Heard {
    /// What there is to hear of what happened between two moments.
    pub(crate) fn between(before: &Observed, after: &Observed) -> Vec<Self> {
        if before.head.is_some() && after.head.is_none() {
            return vec![Heard::Removed];
        }
        let new = &after.entries[before.entries.len()..];
        let committed =
            |entry: &holdpoint::journal::Sealed| Heard::Committed(entry.revision, entry.command);
        new.iter().map(committed).collect()
    }

    /// What has come to a listener of a project by now.
    pub(crate) fn of(listener: &mut Subscription, of: ProjectId) -> Vec<Self> {
        let notices = std::iter::from_fn(|| listener.try_next());
        let heard = notices.filter_map(|notice| match notice {
            Notice::Committed(committed) if committed.project == of => {
                Some(Heard::Committed(committed.revision, committed.command))
            }
            Notice::Removed { project } if project == of => Some(Heard::Removed),
            Notice::Missed { .. } => Some(Heard::Missed),
            _ => None,
        });
        heard.collect()
    }
}

/// Whether the engine knows the project already when the command comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Memories {
    None,
    Fresh,
}

impl Memories {
    /// Both in the long form, otherwise one of them.
    pub(crate) fn by_turns(turn: usize) -> impl Iterator<Item = Self> {
        let both = [Memories::None, Memories::Fresh].into_iter();
        let has_both = cfg!(target_family = "wasm") || super::is_long();
        let is_turn = move |at: usize| has_both || at == turn % 2;
        both.zip(0..)
            .filter_map(move |(memories, at)| is_turn(at).then_some(memories))
    }
}

/// Runs a case with faults armed, and checks all that has to be true afterwards. Says which
/// operation was hit by the last of them.
pub(crate) fn run<D: Disk>(
    case: &Case,
    expected: &Undisturbed,
    memories: Memories,
    inner: Option<Fault>,
    outer: Option<Fault>,
) -> Option<Operation> {
    let disk = D::new();
    case.prepare(&disk.open());
    let within = FaultStorage::new(disk.open());
    let inner_faults = within.faults();
    let storage = FaultStorage::without_hints(within);
    let outer_faults = storage.faults();
    let engine = engine_over(storage);
    let mut listener = wait(engine.subscribe(None)).expect("it can be read");
    if memories == Memories::Fresh {
        let _none_before_it_is_created = wait(engine.project(case.project));
    }
    if let Some(fault) = inner {
        inner_faults.arm(fault);
    }
    if let Some(fault) = outer {
        outer_faults.arm(fault);
    }
    let told = wait(engine.submit(case.project, case.request.clone()));
    let fired = if inner.is_some() {
        inner_faults.fired()
    } else {
        outer_faults.fired()
    };
    assert!(outer_faults.seen(Among::All) < ENDLESS);
    inner_faults.disarm();
    outer_faults.disarm();
    let point = format!(
        "{}, {memories:?}, {inner:?}, {outer:?} hit {fired:?}",
        case.name
    );

    let observed = observe(disk.open(), case.project);
    let (is_before, is_after) = (observed == expected.before, observed == expected.after);
    assert!(
        is_before || is_after,
        "{point}: before or after, never another: {observed:?}"
    );
    match &told {
        told if *told == expected.told => assert!(is_after, "{point}: told {told:?}"),
        Ok(receipt) => panic!("{point}: another receipt: {receipt:?}"),
        Err(error) if error.code() == ErrorCode::OutcomeUnknown => {}
        Err(error) => assert!(is_before, "{point}: told that it was not done: {error}"),
    }
    if let (Err(error), Some(hit), Some(fault), None) = (&told, fired, outer, inner)
        && told != expected.told
    {
        let allowed = codes(fault.kind, hit, &case.request.command);
        assert!(allowed.contains(&error.code()), "{point}: R75, {error}");
    }
    if fired == Some(Operation::SaveSnapshot) {
        assert_eq!(told, expected.told, "{point}: a snapshot is a cache");
    }

    let known = state(&engine, case.project);
    assert_eq!(known, observed.state, "{point}: memory is as the storage");
    let again = wait(engine.submit(case.project, case.request.clone()));
    assert_eq!(again, expected.told, "{point}: asked again");
    let by_another = disk.engine();
    let asked = wait(by_another.submit(case.project, case.request.clone()));
    assert_eq!(
        asked, expected.told,
        "{point}: asked again through another engine"
    );
    let observed = observe(disk.open(), case.project);
    assert_eq!(observed, expected.after, "{point}: applied exactly once");
    assert_eq!(
        state(&engine, case.project),
        expected.after.state,
        "{point}"
    );
    let heard = Heard::of(&mut listener, case.project);
    assert_eq!(heard, expected.heard(), "{point}: listeners");
    fired
}

/// What the caller may see of a fault that nothing could be done about.
fn codes(kind: FaultKind, hit: Operation, command: &Command) -> Vec<ErrorCode> {
    match kind {
        FaultKind::FailBefore(kind) => vec![kind.code()],
        FaultKind::LoseBefore | FaultKind::LoseAfter | FaultKind::FailAfter(_) if hit.writes() => {
            vec![ErrorCode::OutcomeUnknown]
        }
        FaultKind::LoseBefore | FaultKind::LoseAfter | FaultKind::FailAfter(_) => {
            vec![ErrorCode::Closed]
        }
        // One that is missing can't be told from one that never was.
        FaultKind::Damage(_) if matches!(command, Command::RedactBody { .. }) => {
            vec![ErrorCode::Corrupt, ErrorCode::BodyNotFound]
        }
        FaultKind::Damage(_) => vec![ErrorCode::Corrupt],
        // Late is no failure.
        FaultKind::Delay(_) | FaultKind::HoldBefore | FaultKind::HoldAfter => vec![],
    }
}
