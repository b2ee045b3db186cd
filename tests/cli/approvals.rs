//! Plans that wait for decisions: submitted, decided on, implemented, reviewed, verified, applied.

use super::desk::{Desk, GATES, is_at};
use crate::program::{Place, list};
use serde_json::{Value, json};

#[test]
fn r41_r42_history_tells_in_plain_words_who_decided_what_and_why() {
    let desk = Desk::with(GATES);
    is_at(&desk.submit("quick and dirty"), "plan_awaiting_approval", 1);
    is_at(
        &desk.boss("reject", "1", &["--reason", "too thin"]),
        "planning",
        Value::Null,
    );
    is_at(&desk.submit("with tests"), "plan_awaiting_approval", 2);
    is_at(
        &desk.boss("approve", "2", &[]),
        "plan_approved",
        Value::Null,
    );
    is_at(&desk.plan("implement", &[]), "implementing", Value::Null);
    is_at(&desk.implement(), "implementation_awaiting_approval", 3);
    let back = ["--reason", "tests are missing", "--from-step", "2"];
    is_at(
        &desk.boss("reject", "3", &back),
        "implementing",
        Value::Null,
    );
    is_at(&desk.implement(), "implementation_awaiting_approval", 4);
    is_at(&desk.boss("approve", "4", &[]), "reviewing", 5);
    let fine = ["--passed", "--notes", "reads well"];
    is_at(&desk.boss("review", "5", &fine), "verifying", 6);
    let red = ["--failed", "--details", "red on main", "--from-step", "1"];
    is_at(
        &desk.boss("verification", "6", &red),
        "implementing",
        Value::Null,
    );
    is_at(&desk.implement(), "implementation_awaiting_approval", 7);
    desk.boss("approve", "7", &[]);
    desk.boss("review", "8", &["--passed"]);
    is_at(
        &desk.boss("verification", "9", &["--passed"]),
        "completed",
        Value::Null,
    );
    assert_eq!(desk.plan("apply", &[])["type"], "plan_applied");

    let said = desk.place.text(&["history", &desk.project]);
    let story: Vec<_> = said
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<_> = line.splitn(4, "  ").map(str::trim).collect();
            columns[1..].join(" ").trim().to_owned()
        })
        .collect();
    for (revision, by, what) in [
        (1, "cli", "project “Site redesign” made, active"),
        (2, "cli", "plan 1 made: “Add sign-in”, no steps yet"),
        (
            4,
            "cli",
            "plan 1 submitted with 3 steps: “quick and dirty”; submission 1 waits for approval of the plan",
        ),
        (
            5,
            "boss",
            "plan 1 rejected (submission 1): “too thin”; back to planning",
        ),
        (7, "boss", "plan 1 approved (submission 2)"),
        (8, "cli", "implementation of plan 1 begun"),
        (9, "cli", "step 0 of plan 1 started, attempt 1"),
        (10, "cli", "step 0 of plan 1 completed, attempt 1"),
        (
            14,
            "cli",
            "step 2 of plan 1 completed, attempt 3; submission 3 waits for approval of the implementation",
        ),
        (
            15,
            "boss",
            "implementation of plan 1 rejected (submission 3): “tests are missing”; back to step 2",
        ),
        (16, "cli", "step 2 of plan 1 started, attempt 4"),
        (
            18,
            "boss",
            "implementation of plan 1 approved (submission 4); submission 5 waits for review",
        ),
        (
            19,
            "boss",
            "review of plan 1 passed (submission 5): “reads well”; submission 6 waits for verification",
        ),
        (
            20,
            "boss",
            "verification of plan 1 failed (submission 6): “red on main”; back to step 1",
        ),
        (
            27,
            "boss",
            "verification of plan 1 passed (submission 9); plan completed",
        ),
        (28, "cli", "plan 1 applied"),
    ] {
        let line = &story[revision - 1];
        assert!(line.contains(&format!("{by} ")), "{revision}: {line}");
        assert!(line.contains(what), "{revision}: {line}\n{said}");
    }
    assert_eq!(story.len(), 28, "{said}");

    let shown = desk.place.plan(&desk.plan);
    assert_eq!(shown["next"], json!({"type": "over", "state": "completed"}));
    let verdicts = list(&shown["verdicts"]);
    assert_eq!(verdicts.len(), 9);
    assert_eq!(
        (&verdicts[0]["by"], &verdicts[0]["reason"]),
        (&json!("boss"), &json!("too thin"))
    );
    assert_eq!(verdicts[5]["notes"], "red on main");
    let shown = desk.place.text(&["plan", "show", &desk.plan]);
    for part in [
        "next: nothing, it is completed",
        "submitted by cli at ",
        "with tests",
        "rejected  boss",
        "too thin",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    desk.place.is_sound();
}

#[test]
fn r47_plan_show_says_what_comes_next_and_by_which_command() {
    let desk = Desk::with(GATES);
    let says = |part: &str| {
        let shown = desk.place.text(&["plan", "show", &desk.plan]);
        let line = shown.lines().find(|line| line.starts_with("next: "));
        assert!(line.unwrap().contains(part), "{part}: {shown}");
    };
    assert_eq!(
        desk.next(),
        json!({"type": "held", "hold": "awaiting_steps"})
    );
    says("holdpoint plan submit ");
    desk.submit("so");
    assert_eq!(
        desk.next(),
        json!({"type": "decide", "gate": "plan", "submission": 1})
    );
    says(&format!(
        "holdpoint plan approve {} --submission 1",
        desk.plan
    ));
    desk.boss("approve", "1", &[]);
    assert_eq!(desk.next(), json!({"type": "start_implementation"}));
    says(&format!("holdpoint plan implement {}", desk.plan));
    desk.plan("implement", &[]);
    let next = desk.next();
    assert_eq!(
        (&next["type"], &next["step"], &next["title"]),
        (&json!("run_step"), &json!(0), &json!("design"))
    );
    says("step 0: design");
    desk.implement();
    says("submission 2 waits for approval of the implementation");
    desk.boss("approve", "2", &[]);
    says(&format!(
        "holdpoint plan review {} --submission 3 --passed, or --failed --notes …",
        desk.plan
    ));
    desk.boss("review", "3", &["--passed"]);
    says("holdpoint plan verification ");
    desk.place.text(&["project", "pause", &desk.project]);
    says(&format!("holdpoint project resume {}", desk.project));
    desk.place.text(&["project", "stop", &desk.project]);
    says(&format!("holdpoint project start {}", desk.project));
    desk.place.text(&["project", "start", &desk.project]);
    desk.plan("fail", &["--error", "gave up"]);
    says(&format!("holdpoint plan retry {}", desk.plan));
    desk.place.text(&["plan", "cancel", &desk.plan]);
    says("nothing, it is cancelled");
}

#[test]
fn r47_a_run_goes_on_by_state() {
    let (place, imported) = Place::with("parser-fix.traj");
    // The recorded steps in a plan of their own that waits for all four decisions.
    let desk = Desk {
        plan: super::made::gated_recording(&place, "parser-fix.traj"),
        project: imported.project,
        place,
    };
    let run = ["plan", "run", &desk.plan];
    let refusal = desk.place.refuses(&run, "INVALID_TRANSITION", 1);
    refusal.says("submission 1 waits for approval of the plan");
    refusal.says(&format!(
        "holdpoint plan approve {} --submission 1",
        desk.plan
    ));
    desk.boss("approve", "1", &[]);
    // Approved: it goes on to the implementation by itself.
    let played = desk.place.json(&[&run[..], &["--steps", "3"]].concat());
    assert_eq!(
        (&played["steps_completed"], &played["next"]["step"]),
        (&json!(3), &json!(3))
    );
    let said = desk.place.text(&run);
    assert!(
        said.contains("next: submission 2 waits for approval of the implementation"),
        "{said}"
    );
    for (submission, gate, decide) in [
        ("2", "approval of the implementation", &["approve"][..]),
        ("3", "review", &["review", "--passed"]),
        ("4", "verification", &["verification", "--passed"]),
    ] {
        let refusal = desk.place.refuses(&run, "INVALID_TRANSITION", 1);
        refusal.says(&format!("submission {submission} waits for {gate}"));
        desk.boss(decide[0], submission, &decide[1..]);
    }
    let played = desk.place.json(&run);
    assert_eq!(
        (&played["state"], &played["steps_completed"]),
        (&json!("completed"), &json!(0))
    );
    assert_eq!(
        played["next"],
        json!({"type": "over", "state": "completed"})
    );
}

#[test]
fn r47_a_run_of_an_approved_plan_waits_for_the_resume() {
    let desk = Desk::with("plan");
    desk.submit("so");
    desk.boss("approve", "1", &[]);
    desk.place.text(&["project", "pause", &desk.project]);
    let run = ["plan", "run", &desk.plan];
    desk.place.refuses(&run, "PROJECT_PAUSED", 1);
    desk.place.text(&["project", "resume", &desk.project]);
    // It goes on to its implementation; that nothing is recorded is another thing.
    assert_eq!(desk.place.run(&run).exit, 1);
    assert_eq!(desk.next()["type"], "run_step");
}

#[test]
fn the_inbox_lists_what_waits_for_a_decision() {
    let desk = Desk::with("plan,review");
    assert_eq!(desk.place.json(&["inbox"]), json!([]));
    assert_eq!(
        desk.place.text(&["inbox"]),
        "no plan waits for a decision\n"
    );
    desk.submit("so");
    let inbox = list(&desk.place.json(&["inbox"]));
    assert_eq!(inbox.len(), 1);
    assert_eq!(
        (
            &inbox[0]["plan"],
            &inbox[0]["gate"],
            &inbox[0]["submission"]
        ),
        (&json!(desk.plan), &json!("plan"), &json!(1))
    );
    assert_eq!(inbox[0]["project_name"], "Site redesign");
    let table = desk.place.text(&["inbox"]);
    assert!(
        table.contains("approval of the plan  1") && table.contains("Site redesign (active)"),
        "{table}"
    );
    desk.boss("approve", "1", &[]);
    assert_eq!(desk.place.json(&["inbox"]), json!([]));
    desk.plan("implement", &[]);
    desk.implement();
    desk.place.text(&["project", "pause", &desk.project]);
    let inbox = desk.place.json(&["inbox"]);
    assert_eq!(
        (&inbox[0]["gate"], &inbox[0]["hold"]),
        (&json!("review"), &json!("project_paused"))
    );
}
