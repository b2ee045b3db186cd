//! A file of SWE-agent.

use super::fixtures::empty_engine;
use holdpoint::machine::Outcome;
use holdpoint::model::{ErrorCode, PlanState, Timestamp};
use holdpoint::trajectory::{MAX_FILE_BYTES, Trajectory, TrajectoryError, play_next};

/// So many steps are played.
const PLAYED: usize = 6;

/// Reads the file; what is read is imported, and its first steps are played.
pub fn run(data: &[u8]) {
    assert!(data.len() as u64 <= MAX_FILE_BYTES);
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let now = Timestamp::from_milliseconds_clamped(1_767_268_800_000);
    let trajectory = match Trajectory::parse(text, "fuzz.traj", now) {
        Ok(trajectory) => trajectory,
        Err(error) => return is_told(&error),
    };
    trajectory.request_items().expect("it was read");
    match trajectory.command() {
        Err(error) => is_told(&error),
        Ok(command) => pollster::block_on(async {
            let engine = empty_engine();
            let created = engine.create_project_with(command).await;
            let created = created.expect("what was read can be imported");
            let Outcome::ProjectCreated { plan: Some(plan) } = created.outcome else {
                unreachable!("a project was created with its plan");
            };
            let project = created.project;
            let steps = trajectory.step_count();
            for _ in 0..steps.min(PLAYED) {
                let played = play_next(&engine, project, plan).await;
                played.expect("what was imported can be played");
            }
            let state = engine.project(project).await.expect("it is there");
            let is_done = state.plans[&plan].progress.state == PlanState::Completed;
            assert_eq!(is_done, steps <= PLAYED);
            let report = engine.verify(project).await.expect("it can be read");
            assert!(report.is_clean(), "{:?}", report.findings);
        }),
    }
}

/// A refusal says which kind it is, in a few words.
fn is_told(error: &TrajectoryError) {
    let known = [
        ErrorCode::TrajectoryInvalid,
        ErrorCode::InvalidInput,
        ErrorCode::TooLong,
    ];
    assert!(known.contains(&error.code()), "{error}");
    let message = error.to_string();
    assert!(message.len() < 1000, "{message}");
}
