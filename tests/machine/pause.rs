//! Pausing: R1 to R7, R11, R13, with the figures by hand.

use super::commands::*;
use super::given::{Given, command, days_before, noon};
use holdpoint::machine::{Event, InitialStatus, Outcome, PauseReport, Rejection};
use holdpoint::model::{
    FlashSavePolicy, PauseWarning, ProjectSettings, ProjectStatus, Reason, Timestamp, Trigger,
};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Three agents. Importance is 0.4 × weight + 0.4 × e^(−0.5 × days), cold below 0.4.
fn with_context(policy: FlashSavePolicy) -> Given {
    let settings = ProjectSettings {
        token_limit: 1000,
        flash_save: policy,
        ..ProjectSettings::default()
    };
    let mut given = Given::project_with(settings);
    // The pause will come at this moment: one second for each command until then.
    let pause_at = given.now.plus_milliseconds(2000);
    let days = |days| days_before(days, pause_at);
    given.done(add_context(vec![
        // 0.4 + 0.4: hot, though by nothing to spare.
        item("ana", "task", 100).from(pause_at),
        // 0.32 + 0.4 × 0.2231 = 0.409: warm.
        item("ana", "code", 200).from(days(3)),
        // 0.2 + 0.4 × 0.3679 = 0.347: cold.
        item("ana", "diary", 333).from(days(2)),
        // 0.24 + 0.4 × 0.2231 = 0.329: cold.
        item("ben", "test_result", 100).from(days(3)),
        // As cold as can be, but pinned: hot.
        item("ben", "prd_section", 50).from(days(4000)).pinned(),
    ]));
    given.done(set_agent("cyd", 5));
    given
}

type Counts = (u64, u64, u64);
type AgentFigures = (String, (u64, u64, f64), Counts);

/// Of one agent: tokens before and after and the reduction; items archived, hot and warm ones
/// kept.
fn agent(name: &str, tokens: (u64, u64, f64), items: Counts) -> AgentFigures {
    (name.to_owned(), tokens, items)
}

fn agents(report: &PauseReport) -> Vec<AgentFigures> {
    let figures = report.agents.iter().map(|of| {
        (
            of.agent.to_string(),
            (of.tokens_before, of.tokens_after, of.reduction_percentage),
            (of.items_archived, of.hot_kept, of.warm_kept),
        )
    });
    figures.collect()
}

#[test]
fn r1_r2_r5_a_pause_archives_what_is_cold_and_reports_it_agent_by_agent() {
    let mut given = with_context(FlashSavePolicy::Always);
    let at = given.now;
    let answer = given.when(pause_because("lunch")).answer();
    let Outcome::Paused(report) = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    let checkpoint = given.state().checkpoints_in_order()[0].clone();
    let expected = PauseReport {
        success: true,
        already_paused: false,
        checkpoint_id: checkpoint.id,
        tokens_before: 783,
        tokens_after: 350,
        // 433 of 783 is 55.300 %.
        reduction_percentage: 55.3,
        items_archived: 2,
        paused_at: at,
        reason: Some("lunch".parse().unwrap()),
        agents: report.agents.clone(),
        warnings: vec![],
    };
    assert_eq!(report, expected);
    assert_eq!(
        agents(&report),
        [
            // 333 of 633 is 52.6066 %; 100 of 150 is 66.6667 %.
            agent("ana", (633, 300, 52.61), (1, 1, 1)),
            agent("ben", (150, 50, 66.67), (1, 1, 0)),
            agent("cyd", (0, 0, 0.0), (0, 0, 0)),
        ]
    );
    // One entry: the context, the checkpoint, the status.
    assert!(matches!(
        answer.events[..],
        [
            Event::ItemsArchived(_),
            Event::CheckpointCreated(_),
            Event::ProjectPaused { .. }
        ]
    ));
    let project = given.state();
    assert_eq!(project.status, ProjectStatus::Paused);
    assert_eq!((project.figures.items, project.figures.tokens), (3, 350));
    assert_eq!(project.archived_items, 2);
    let cold: Vec<_> = project
        .items_in_order()
        .iter()
        .map(|item| item.archived)
        .collect();
    assert_eq!(cold, [false, false, true, true, false]);
}

#[test]
fn r2_the_report_is_written_with_a_z_and_two_decimals() {
    let mut given = with_context(FlashSavePolicy::Always);
    let report = serde_json::to_value(given.when(pause_because("lunch")).outcome()).unwrap();
    assert_eq!(report["type"], "paused");
    assert_eq!(report["paused_at"], "2026-11-20T12:00:03.000Z");
    assert_eq!(report["reduction_percentage"], 55.3);
    assert_eq!(report["agents"][1]["reduction_percentage"], 66.67);
    assert_eq!(report["reason"], "lunch");
    assert_eq!(report["warnings"], serde_json::json!([]));
}

#[test]
fn r1_the_pause_checkpoint_stands_for_the_whole_context_before_it() {
    let mut given = with_context(FlashSavePolicy::Always);
    let before = given.state().clone();
    let report = given.when(pause_because("lunch")).pause_report();
    let checkpoint = &given.state().checkpoints[&report.checkpoint_id];
    assert_eq!(checkpoint.revision, before.revision);
    assert_eq!(checkpoint.trigger, Trigger::Pause);
    assert!(!checkpoint.safety);
    assert_eq!(checkpoint.plan, None);
    assert_eq!(checkpoint.figures, before.figures);
    assert_eq!(checkpoint.figures.tokens, 783);
    assert_eq!(checkpoint.created_at, report.paused_at);
    assert_eq!(checkpoint.created_by.as_str(), "ana");
    assert_eq!(checkpoint.reason, report.reason);
}

#[test]
fn r3_pausing_a_paused_project_gives_the_first_report_and_no_entry() {
    let mut given = with_context(FlashSavePolicy::Always);
    let first = given.when(pause_because("lunch")).pause_report();
    let state = given.state().clone();
    given.now = given.now.plus_milliseconds(3_600_000);
    for again in [
        pause(),
        pause_because("lunch"),
        pause_because("another reason"),
    ] {
        let outcome = given.when(again).nothing();
        assert_eq!(
            outcome,
            Outcome::Paused(PauseReport {
                already_paused: true,
                ..first.clone()
            })
        );
        assert_eq!(given.state(), &state);
    }
    assert_eq!(given.state().checkpoints.len(), 1);
}

#[test]
fn r3_the_first_report_comes_back_after_other_work_too() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let attempt = given.attempt(plan);
    let first = given.paused();
    given.done(complete_step_with(
        plan,
        attempt,
        vec![item("ana", "code", 7)],
    ));
    given.done(set_agent("ana", 9));
    let again = given.when(pause()).nothing();
    assert_eq!(
        again,
        Outcome::Paused(PauseReport {
            already_paused: true,
            ..first
        })
    );
}

#[test]
fn r5_the_policy_over_threshold_saves_agents_that_reached_80_percent() {
    let settings = ProjectSettings {
        token_limit: 1000,
        flash_save: FlashSavePolicy::OverThreshold,
        ..ProjectSettings::default()
    };
    let mut given = Given::project_with(settings);
    let old = days_before(100, noon());
    given.done(set_agent("cyd", 1001));
    given.done(add_context(vec![
        item("ana", "diary", 799).from(old),
        item("ben", "diary", 500).from(old),
        item("ben", "diary", 300).from(old),
        // 80 % of 1,001 is 800.8.
        item("cyd", "diary", 800).from(old),
    ]));
    let report = given.paused();
    assert_eq!(
        (
            report.tokens_before,
            report.tokens_after,
            report.items_archived
        ),
        (2399, 1599, 2)
    );
    assert_eq!(
        agents(&report),
        [
            agent("ana", (799, 799, 0.0), (0, 0, 0)),
            agent("ben", (800, 0, 100.0), (2, 0, 0)),
            agent("cyd", (800, 800, 0.0), (0, 0, 0)),
        ]
    );
}

#[test]
fn r5_by_default_the_threshold_is_144_000_tokens() {
    for (tokens, archived) in [(143_999, 0), (144_000, 1)] {
        let policy = FlashSavePolicy::OverThreshold;
        let settings = ProjectSettings {
            flash_save: policy,
            ..ProjectSettings::default()
        };
        let mut given = Given::project_with(settings);
        let old = days_before(100, noon());
        given.done(add_context(vec![item("ana", "diary", tokens).from(old)]));
        assert_eq!(given.paused().items_archived, archived, "{tokens}");
    }
}

#[test]
fn r5_the_policy_never_archives_nothing() {
    let mut given = with_context(FlashSavePolicy::Never);
    let answer = given.when(pause()).answer();
    assert!(matches!(
        answer.events[..],
        [Event::CheckpointCreated(_), Event::ProjectPaused { .. }]
    ));
    let Outcome::Paused(report) = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    assert_eq!((report.tokens_before, report.tokens_after), (783, 783));
    assert_eq!(
        (report.items_archived, report.reduction_percentage),
        (0, 0.0)
    );
    assert_eq!(
        agents(&report),
        [
            agent("ana", (633, 633, 0.0), (0, 1, 1)),
            agent("ben", (150, 150, 0.0), (0, 1, 0)),
            agent("cyd", (0, 0, 0.0), (0, 0, 0)),
        ]
    );
}

#[test]
fn r5_a_pause_of_an_empty_project_reports_zeros() {
    let report = Given::project().paused();
    assert_eq!((report.tokens_before, report.tokens_after), (0, 0));
    assert_eq!(
        (report.reduction_percentage, report.items_archived),
        (0.0, 0)
    );
    assert_eq!((report.agents.len(), report.warnings.len()), (0, 0));
}

#[test]
fn r5_what_was_archived_before_is_not_counted_again() {
    let mut given = with_context(FlashSavePolicy::Always);
    given.paused();
    given.done(resume());
    let report = given.paused();
    assert_eq!(
        (
            report.tokens_before,
            report.tokens_after,
            report.items_archived
        ),
        (350, 350, 0)
    );
    assert_eq!(given.state().archived_items, 2);
}

#[test]
fn r5_warnings_name_agents_still_over_their_limit() {
    let mut given = with_context(FlashSavePolicy::Always);
    // After the pause ana has 300, ben 50.
    given.done(set_agent("ana", 299));
    given.done(set_agent("ben", 50));
    let limit = PauseWarning::AgentOverLimit {
        agent: "ana".parse().unwrap(),
        tokens: 300,
        limit: 299,
    };
    assert_eq!(given.paused().warnings, [limit]);
    assert_eq!(given.state().status, ProjectStatus::Paused);
}

#[test]
fn r5_warnings_count_the_items_whose_tokens_are_estimates() {
    let mut given = Given::project();
    given.done(add_context(vec![
        item_saying("ana", "code", "~30 tokens"),
        item_saying("ben", "code", "no number at all"),
        item("ben", "code", 3),
    ]));
    assert_eq!(
        given.paused().warnings,
        [PauseWarning::TokensEstimated { items: 2 }]
    );
}

#[test]
fn r5_warnings_tell_of_a_clock_that_ran_backwards() {
    let mut given = Given::project();
    given.done(rename("Shop"));
    let previous = given.state().updated_at;
    let now = previous.plus_milliseconds(-1);
    given.now = now;
    let report = given.paused();
    assert_eq!(
        report.warnings,
        [PauseWarning::ClockWentBack { previous, now }]
    );
    assert_eq!(report.paused_at, now);
    // At the very same moment it did not run backwards.
    given.done(resume());
    given.now = given.state().updated_at;
    assert_eq!(given.paused().warnings, []);
}

#[test]
fn r5_all_warnings_together_do_not_stop_the_pause() {
    let mut given = Given::project();
    given.done(set_agent("ana", 29));
    given.done(add_context(vec![item_saying("ana", "code", "~30 tokens")]));
    given.now = Timestamp::EPOCH;
    let report = given.paused();
    assert!(report.success);
    assert_eq!(report.warnings.len(), 3);
    assert_eq!(given.state().status, ProjectStatus::Paused);
}

#[test]
fn r6_a_project_that_cannot_be_paused_stays_as_it_was() {
    let refusal = Given::project_in(InitialStatus::Init)
        .when(pause())
        .refusal();
    let Rejection::InvalidTransition { state, allowed, .. } = &refusal else {
        panic!("{refusal:?} is another refusal");
    };
    assert_eq!(state, "init");
    assert_eq!(allowed.len(), 2, "plan it or start it: {allowed:?}");
    let mut stopped = Given::project();
    stopped.done(stop());
    assert_eq!(stopped.refused(pause()), "PROJECT_STOPPED");
    let mut completed = Given::project();
    completed.done(holdpoint::machine::Command::CompleteProject);
    assert_eq!(completed.refused(pause()), "PROJECT_COMPLETED");
}

#[test]
fn r6_a_reason_has_at_most_2000_characters() {
    let pause = |reason: &str| command(serde_json::json!({ "type": "pause", "reason": reason }));
    assert!(pause(&"ä".repeat(2000)).is_ok());
    assert!(pause(&"ä".repeat(2001)).is_err());
    let error = Reason::new("ä".repeat(2001)).unwrap_err();
    assert_eq!(error.code().as_str(), "TOO_LONG");
    assert!(pause("").is_ok());
}

#[test]
fn r11_why_and_when_is_on_the_project_while_it_is_paused_and_in_the_journal_for_good() {
    let mut given = Given::project();
    let at = given.now;
    given.when(pause_because("a \"visit\" 🦀")).answer();
    let record = given.state().pause.clone().unwrap();
    assert_eq!(
        record.reason.as_ref().map(Reason::as_str),
        Some("a \"visit\" 🦀")
    );
    assert_eq!((record.paused_at, record.paused_by.as_str()), (at, "ana"));
    assert_eq!(record.from, ProjectStatus::Active);
    given.done(resume());
    assert_eq!(given.state().pause, None);
    let entry = given.journal[1].open().unwrap();
    assert_eq!((entry.at, entry.actor.as_str()), (at, "ana"));
    assert_eq!(entry.events.last(), Some(&Event::ProjectPaused { record }));
}

#[test]
fn r13_no_step_starts_and_no_context_comes_in_while_it_is_paused() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    given.attempt(plan);
    given.paused();
    // Not by taking over a step that is running either.
    assert_eq!(given.refused(start_step(plan)), "PROJECT_PAUSED");
    assert_eq!(
        given.refused(add_context(vec![item("ana", "code", 1)])),
        "PROJECT_PAUSED"
    );
    let message = given.when(start_step(plan)).refusal().to_string();
    assert_eq!(
        message,
        "the project is paused: start_step has to wait for the resume"
    );
}

#[test]
fn r13_a_step_in_flight_may_record_its_result_with_its_context_in_one_entry() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let attempt = given.attempt(plan);
    let report = given.paused();
    let context = vec![item("ana", "code", 40), item("new", "diary", 2)];
    let answer = given
        .when(complete_step_with(plan, attempt, context))
        .answer();
    let Outcome::StepCompleted(done) = &answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    assert_eq!((done.step, done.attempt, done.items.len()), (0, attempt, 2));
    for item in &done.items {
        assert_eq!(given.state().items[item].plan, Some(plan));
    }
    assert_eq!(given.state().figures.tokens, 42);
    // The pause goes on, and its record is the one of the moment it was made.
    assert_eq!(given.state().status, ProjectStatus::Paused);
    assert_eq!(
        given.state().pause.as_ref().map(|pause| pause.tokens_after),
        Some(0)
    );
    assert_eq!(
        given.state().pause.as_ref().map(|pause| pause.paused_at),
        Some(report.paused_at)
    );
    assert_eq!(given.refused(start_step(plan)), "PROJECT_PAUSED");
    given.done(resume());
    assert_eq!(given.step_started(plan).step, 1);
}

#[test]
fn r13_a_step_in_flight_may_record_its_failure() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    let attempt = given.attempt(plan);
    given.paused();
    given.done(fail_step(plan, attempt));
    given.done(resume());
    assert_eq!(given.attempt(plan), attempt + 1);
}
