//! Texts that are too long, and those that just fit.

use crate::program::{Place, list, sample, text};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

#[test]
fn a_reason_has_at_most_2000_characters() {
    let (place, imported) = Place::with("parser-fix.traj");
    let (fits, long) = ("ä".repeat(2_000), "ä".repeat(2_001));
    for command in [
        &["project", "pause", &imported.project][..],
        &["plan", "cancel", &imported.plan],
        &["checkpoint", "create", &imported.project, "--name", "x"],
    ] {
        let too_long = [command, &["--reason", &long]].concat();
        place
            .refuses(&too_long, "TOO_LONG", 1)
            .says("at most 2000 characters, found 2001");
    }
    let report = place.json(&["project", "pause", &imported.project, "--reason", &fits]);
    assert_eq!(report["reason"], *fits);
}

#[test]
fn a_checkpoints_name_has_1_to_100_characters() {
    let (place, imported) = Place::with("parser-fix.traj");
    let create =
        |name: &str| ["checkpoint", "create", &imported.project, "--name", name].map(str::to_owned);
    let refuses = |name: &str, code: &str| {
        let command = create(name);
        let arguments: Vec<_> = command.iter().map(String::as_str).collect();
        place.refuses(&arguments, code, 1)
    };
    refuses(&"ä".repeat(101), "TOO_LONG").says("at most 100 characters, found 101");
    refuses("", "INVALID_INPUT").says("blank");
    refuses(" \t", "INVALID_INPUT").says("blank");
    place.run(&create(&"ä".repeat(100))).success();
}

#[test]
fn an_actors_name_has_1_to_200_characters() {
    let (place, imported) = Place::with("parser-fix.traj");
    let pause = ["project", "pause", &imported.project, "--actor"];
    let long = "ä".repeat(201);
    for (actor, code) in [
        (&*long, "TOO_LONG"),
        ("", "INVALID_INPUT"),
        ("  ", "INVALID_INPUT"),
    ] {
        place.refuses(&[&pause[..], &[actor]].concat(), code, 1);
    }
    place.text(&[&pause[..], &[&"ä".repeat(200)]].concat());
}

#[test]
fn a_projects_name_and_a_steps_title_are_cut_to_200_characters() {
    let place = Place::new();
    let name = "n".repeat(240);
    let trajectory = json!({"trajectory": [{"action": format!("{}\nmore", "t".repeat(500))}]});
    let file = place.write(&format!("{name}.traj"), trajectory.to_string());
    let imported = place.import(&file);
    let cut = |letter: &str| letter.repeat(199) + "…";
    assert_eq!(
        place.json(&["project", "show", &imported.project])["name"],
        *cut("n")
    );
    assert_eq!(place.plan(&imported.plan)["steps"][0]["title"], *cut("t"));
}

/// A trajectory of two steps with this request, and this observation in the second.
fn trajectory(request: &str, observation: &str) -> String {
    json!({
        "trajectory": [
            {"action": "ls", "observation": "x"},
            {"action": "cat", "observation": observation},
        ],
        "history": [{"role": "user", "content": request}],
    })
    .to_string()
}

#[test]
fn a_request_has_at_most_1_mib() {
    let (place, _) = Place::with("parser-fix.traj");
    let file = place.write("long.traj", trajectory(&"r".repeat(MIB + 1), ""));
    let import = ["import", file.to_str().unwrap()];
    place
        .refuses(&import, "TOO_LONG", 1)
        .says("at most 1048576 bytes, found 1048577");
    let file = place.write("long.traj", trajectory(&"r".repeat(MIB), ""));
    let imported = place.import(&file);
    // R27: an item holds 100,000 characters, so the request becomes several; all are pinned.
    let shown = place.json(&["project", "show", &imported.project]);
    assert_eq!(shown["agents"][0]["tiers"]["hot"]["items"], 11);
    let parts = MIB / 100_000 * 25_000 + (MIB % 100_000).div_ceil(4);
    assert_eq!(shown["tokens"], parts);
    let answer = place
        .run(&["plan", "show", &imported.plan, "--json"])
        .success();
    assert!(answer.out.len() > MIB, "all of the request is shown");
    place.is_sound();
}

#[test]
fn a_steps_record_has_at_most_1_mib_and_the_step_is_named() {
    let (place, _) = Place::with("parser-fix.traj");
    for observation in ["o".repeat(MIB), "\u{1}".repeat(MIB / 6)] {
        let file = place.write("long.traj", trajectory("do it", &observation));
        place
            .refuses(&["import", file.to_str().unwrap()], "TOO_LONG", 1)
            .says("step 1 of the trajectory");
    }
    let file = place.write("fits.traj", trajectory("do it", &"o".repeat(MIB - 200)));
    let imported = place.import(&file);
    place.text(&["plan", "run", &imported.plan]);
    place.is_sound();
}

#[test]
fn a_trajectory_has_at_most_10_000_steps() {
    let (place, _) = Place::with("parser-fix.traj");
    let steps: Vec<Value> = (0..10_001)
        .map(|step| json!({"action": format!("echo {step}")}))
        .collect();
    let file = place.write("long.traj", json!({ "trajectory": steps }).to_string());
    place
        .refuses(&["import", file.to_str().unwrap()], "TOO_LONG", 1)
        .says("at most 10000 steps, found 10001");
}

#[test]
fn r22_a_long_action_becomes_several_items_with_nothing_lost() {
    let place = Place::new();
    let action = "ä".repeat(250_000);
    let recorded = json!({"trajectory": [{"action": action, "observation": ""}]});
    let file = place.write("long.traj", recorded.to_string());
    let imported = place.import(&file);
    place.text(&["plan", "run", &imported.plan]);
    let completed = place.history(&imported.project).pop().unwrap();
    let items: Vec<_> = list(&completed["events"])
        .iter()
        .find(|event| event["type"] == "items_added")
        .map(|event| list(&event["items"]))
        .unwrap();
    let bodies: Vec<_> = items
        .iter()
        .map(|item| place.body(&imported.project, &item["body"]["digest"]))
        .collect();
    assert_eq!(bodies.len(), 3);
    assert_eq!(bodies.concat(), action);
    assert_eq!(text(&items[0]["kind"]), "code");
    place.is_sound();
}

#[test]
fn the_samples_are_small_enough_to_read() {
    for file in crate::program::samples() {
        let steps: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let count = list(&steps["trajectory"]).len();
        assert!((6..=10).contains(&count), "{}: {count}", file.display());
    }
    assert!(sample("parser-fix.traj").is_file());
}
