//! A bundle that comes in pieces.

use super::entry::digest as entry_digest;
use super::fixtures::empty_engine;
use holdpoint::engine::{Engine, ExportScope, ImportOptions};
use holdpoint::journal::bundle::{BundleError, BundleFault, BundleLimits, Reader, Record};
use holdpoint::model::{Digest, ErrorCode, Hasher, Point, ProjectId, Timestamp};
use holdpoint::storage::MemoryStorage;
use holdpoint::views::{ItemPage, ItemQuery, PlanView, ProjectView, Statistics, StepView};

/// So little that small bundles go over it.
const SMALL: BundleLimits = BundleLimits {
    bytes: 3000,
    line_bytes: 900,
    lines: 7,
    depth: 5,
    body_bytes: 90,
    ratio: 2,
};

/// More than any input has that is made here, and not so much that a reader that forgets its
/// limits goes unnoticed.
const LARGE: BundleLimits = BundleLimits {
    bytes: 4 << 20,
    line_bytes: 1 << 20,
    ..BundleLimits::DEFAULT
};

/// Reads the bytes as a bundle, and once more with all digests and counts made to fit, so that what
/// stands behind them is reached.
pub fn run(data: &[u8]) {
    check(data);
    let mended = mend(data);
    if mended != data {
        check(&mended);
    }
}

fn check(bundle: &[u8]) {
    // Where the pieces end depends on what is in them, so that the same bytes do the same.
    let seed = Digest::of(bundle);
    let sizes = seed.as_bytes().map(|byte| match byte % 4 {
        0 => 1,
        1 => usize::from(byte / 4) + 1,
        _ => usize::from(byte) * 16 + 1,
    });
    let in_pieces = read(bundle, &sizes, LARGE);
    let whole = read(bundle, &[usize::MAX], LARGE);
    assert_eq!(in_pieces, whole, "wherever the pieces end");
    let within = read(bundle, &sizes, SMALL);
    assert_eq!(within, read(bundle, &[usize::MAX], SMALL));
    match (&whole, &within) {
        (Ok(records), Ok(fewer)) => assert_eq!(records, fewer),
        // What is over a limit may be wrong otherwise too, further on.
        (_, Err(error)) if error.code() == ErrorCode::BundleTooLarge => {}
        (Err(error), found) => assert_eq!(found.as_ref().err(), Some(error)),
        (Ok(_), Err(error)) => panic!("with lower limits it is wrong otherwise: {error}"),
    }
    if let Ok(records) = whole {
        comes_back(bundle, &sizes, &records);
    }
}

/// All that a bundle has, or what is wrong with it. No more is kept than is allowed.
fn read(bundle: &[u8], sizes: &[usize], limits: BundleLimits) -> Result<Vec<Record>, BundleError> {
    let mut reader = Reader::new(limits);
    let mut records = Vec::new();
    for mut piece in pieces(bundle, sizes) {
        loop {
            let record = match reader.read(&mut piece) {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(error) => {
                    is_told(&error);
                    assert_eq!(
                        reader.read(&mut piece),
                        Err(error.clone()),
                        "it stays wrong"
                    );
                    assert_eq!(reader.finish(), Err(error.clone()));
                    return Err(error);
                }
            };
            let length = match &record {
                Record::Entry(entry) => entry.text.len() as u64,
                Record::Body(body) => {
                    assert!(body.bytes().len() as u64 <= limits.body_bytes);
                    0
                }
                _ => 0,
            };
            assert!(length <= limits.line_bytes && reader.bytes() <= limits.bytes);
            let counts = reader.counts();
            assert!(counts.projects + counts.entries + counts.bodies < limits.lines);
            records.push(record);
        }
    }
    let counts = reader.finish().inspect_err(is_told)?;
    assert_eq!(records.last(), Some(&Record::End(counts)));
    assert_eq!(reader.bytes(), bundle.len() as u64);
    Ok(records)
}

fn pieces<'a>(bundle: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let (mut rest, mut pieces) = (bundle, Vec::new());
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(rest.len().min(*size));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// A refusal names a line and says what is wrong there, in a few words.
fn is_told(error: &BundleError) {
    let message = error.to_string();
    assert!(error.line >= 1 && message.len() < 2000, "{message}");
    if let BundleFault::Invalid { expected, .. } = &error.fault {
        assert!(!expected.is_empty(), "{message}");
    }
}

/// A bundle that was read can be imported, looked at, and exported again to the same.
fn comes_back(bundle: &[u8], sizes: &[usize], records: &[Record]) {
    pollster::block_on(async {
        let engine = empty_engine();
        let mut import = engine.import(ImportOptions::default());
        for piece in pieces(bundle, sizes) {
            import.push(piece).await.expect("the reader takes it");
        }
        let report = import.finish().await.expect("nothing of it is there yet");
        for imported in &report.projects {
            look_at(&engine, imported.project).await;
        }
        let mut export = engine
            .export(ExportScope::Store)
            .await
            .expect("it is there");
        let mut again = Vec::new();
        while let Some(piece) = export.next().await.expect("it is sound") {
            again.extend(piece);
        }
        let again = read(&again, &[usize::MAX], BundleLimits::default());
        let again = again.expect("what was exported can be read");
        assert_eq!(by_project(&again), by_project(records));
    });
}

/// What a bundle has of each project, in the order of their ids: an export has its own order.
fn by_project(records: &[Record]) -> Vec<(ProjectId, Vec<&Record>)> {
    let mut projects: Vec<(ProjectId, Vec<&Record>)> = Vec::new();
    for record in records {
        match record {
            Record::Origin(_) | Record::End(_) => {}
            Record::Project(said) => projects.push((said.project, vec![record])),
            _ => {
                let current = projects.last_mut().expect("a project has begun");
                current.1.push(record);
            }
        }
    }
    projects.sort_by_key(|(project, _)| *project);
    projects
}

/// Nothing that is shown of a project of somebody's making panics, and `verify` finds it sound.
async fn look_at(engine: &Engine<MemoryStorage>, project: ProjectId) {
    let report = engine.verify(project).await.expect("it can be read");
    assert!(report.is_clean(), "{:?}", report.findings);
    let now = Timestamp::from_milliseconds_clamped(1_767_268_800_000);
    let state = engine.project(project).await.expect("it is there");
    written(&ProjectView::of(&state, now));
    written(&Statistics::of(&state, now));
    let query = ItemQuery {
        agent: None,
        plan: None,
        archived: None,
        after: 0,
        limit: 100,
    };
    written(&ItemPage::of(&state, &query, now));
    for (id, plan) in &state.plans {
        let view = PlanView::read(engine, project, *id, Point::Now).await;
        written(&view.expect("it is there"));
        for step in 0..u32::try_from(plan.steps.len()).expect("lines have an end") {
            let view = StepView::read(engine, project, *id, step, Point::Now).await;
            written(&view.expect("it is there"));
        }
    }
    let revisions = 1..=state.revision.get().min(5);
    for revision in revisions {
        let then = Point::Revision(holdpoint::model::Revision::new(revision));
        let diff = engine.diff(project, then, Point::Now).await;
        written(&diff.expect("both are there"));
    }
}

fn written(view: &impl serde::Serialize) {
    serde_json::to_string(view).expect("what is shown can be written");
}

/// The bundle with digests, revisions and counts that fit, as far as its lines can be told apart.
fn mend(data: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(data) else {
        return data.to_vec();
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (mut project, mut counts) = (None, [0_u64; 3]);
    let (mut revision, mut prev) = (0_u64, Digest::ZERO);
    for at in 0..lines.len() {
        let line = lines[at].clone();
        if line.starts_with(r#"{"type":"project","#) {
            head(&mut lines, project, revision, prev);
            (project, revision, prev) = (Some(at), 0, Digest::ZERO);
            counts[0] += 1;
        } else if let Some(entry) = line
            .strip_prefix(r#"{"type":"entry","digest":""#)
            .and_then(|rest| rest.split_once(r#"","entry":"#)?.1.strip_suffix('}'))
        {
            revision += 1;
            let entry = numbered(entry, r#"{"v":1,"revision":"#, revision);
            prev = entry_digest(&prev, &entry);
            lines[at] = format!(r#"{{"type":"entry","digest":"{prev}","entry":{entry}}}"#);
            counts[1] += 1;
        } else if line.starts_with(r#"{"type":"body","#) {
            counts[2] += 1;
        } else if line.starts_with(r#"{"type":"end","#) {
            head(&mut lines, project.take(), revision, prev);
            let mut hasher = Hasher::tagged("holdpoint/bundle/1");
            for line in &lines[..at] {
                hasher.update(line.as_bytes()).update(b"\n");
            }
            let [projects, entries, bodies] = counts;
            lines[at] = format!(
                r#"{{"type":"end","projects":{projects},"entries":{entries},"bodies":{bodies},"digest":"{}"}}"#,
                hasher.finish()
            );
        }
    }
    let mut mended = lines.join("\n");
    if text.ends_with('\n') {
        mended.push('\n');
    }
    mended.into_bytes()
}

/// Makes the line on which a project begins say the end of its journal.
fn head(lines: &mut [String], project: Option<usize>, revision: u64, digest: Digest) {
    let Some(line) = project.map(|at| &mut lines[at]) else {
        return;
    };
    let Some((before, rest)) = line.split_once(r#""revision":"#) else {
        return;
    };
    let Some((_, rest)) = rest.split_once(r#","digest":""#) else {
        return;
    };
    let Some((_, rest)) = rest.split_once('"') else {
        return;
    };
    *line = format!(r#"{before}"revision":{revision},"digest":"{digest}"{rest}"#);
}

/// The text with this number behind its beginning.
fn numbered(text: &str, beginning: &str, number: u64) -> String {
    match text.strip_prefix(beginning) {
        Some(rest) => {
            let rest = rest.trim_start_matches(|character: char| character.is_ascii_digit());
            format!("{beginning}{number}{rest}")
        }
        None => text.to_owned(),
    }
}
