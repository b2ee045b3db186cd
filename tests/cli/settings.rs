//! R52: settings by option and by environment variable.

use crate::program::{Answer, Place, bare, document, list, sample, text};
use serde_json::{Value, json};

fn settings(place: &Place, options: &[&str], variables: &[(&str, &str)]) -> Vec<Value> {
    let mut command = place.command(&[&["settings", "--json"], options].concat());
    command.envs(variables.iter().copied());
    let answer = Answer::of(&command.output().unwrap()).success();
    list(&document(&answer.out))
}

fn one(settings: &[Value], name: &str) -> Value {
    let found = settings.iter().find(|setting| setting["name"] == name);
    let setting = found.unwrap_or_else(|| panic!("there is no {name}"));
    json!([setting["value"], setting["from"]])
}

#[test]
fn r52_each_setting_is_listed_with_its_value_and_where_that_comes_from() {
    let place = Place::new();
    let answer = bare(&["settings", "--json"]).output().unwrap();
    let defaults = list(&document(&Answer::of(&answer).success().out));
    for (name, value) in [
        ("store", "./holdpoint.db"),
        ("actor", "cli"),
        ("log", "off"),
        ("backup_on_open", "off"),
        ("backup_keep", "10"),
        ("checkpoint_interval", "1"),
        ("resume_detection", "auto"),
    ] {
        assert_eq!(one(&defaults, name), json!([value, "default"]));
    }
    for (name, value, other) in [
        ("actor", "ana", "nobody"),
        ("log", "error", "off"),
        ("backup_on_open", "/backups", "off"),
        ("backup_keep", "3", "4"),
        ("checkpoint_interval", "7", "8"),
        ("resume_detection", "on", "off"),
    ] {
        let variable = format!("HOLDPOINT_{}", name.to_uppercase());
        let option = format!("--{}", name.replace('_', "-"));
        let said = settings(&place, &[], &[(&variable, value)]);
        assert_eq!(one(&said, name), json!([value, "environment"]));
        // The option outweighs the variable, on either side of the command.
        let typed = json!([value, "option"]);
        for variables in [&[][..], &[(&*variable, other)]] {
            let said = settings(&place, &[&option, value], variables);
            assert_eq!(one(&said, name), typed);
        }
        let answer = place.run(&[&option, value, "settings", "--json"]).success();
        assert_eq!(one(&list(&document(&answer.out)), name), typed);
    }
    let told = place.text(&["settings"]);
    assert!(told.contains("HOLDPOINT_BACKUP_ON_OPEN") && told.contains("--backup-on-open"));
    assert!(!place.store().exists(), "it takes no store");
}

#[test]
fn r52_a_bad_value_is_wrong_use_and_names_the_variable() {
    let place = Place::new();
    for (variable, value) in [
        ("HOLDPOINT_LOG", "loud"),
        ("HOLDPOINT_BACKUP_KEEP", "0"),
        ("HOLDPOINT_BACKUP_KEEP", "many"),
        ("HOLDPOINT_CHECKPOINT_INTERVAL", "-1"),
        ("HOLDPOINT_CHECKPOINT_INTERVAL", "5000000000"),
        ("HOLDPOINT_CHECKPOINT_INTERVAL", ""),
        ("HOLDPOINT_RESUME_DETECTION", "perhaps"),
        ("HOLDPOINT_STORE", ""),
    ] {
        for command in [&["project", "list"][..], &["settings"]] {
            let run = |json: &[&str]| {
                let mut command = place.command(&[command, json].concat());
                command.env(variable, value);
                Answer::of(&command.output().unwrap())
            };
            let refusal = run(&["--json"]).refusal();
            assert_eq!((refusal.code.as_str(), refusal.exit), ("USAGE", 2));
            refusal.says(variable);
            let told = run(&[]);
            assert_eq!(told.exit, 2);
            assert!(told.err.contains(variable), "{}", told.err);
        }
    }
    // What was typed is not the variable's.
    let mut command = place.command(&["project", "list", "--log", "loud", "--json"]);
    command.env("HOLDPOINT_LOG", "debug");
    let refusal = Answer::of(&command.output().unwrap()).refusal();
    assert!(
        !refusal.message.contains("HOLDPOINT_LOG"),
        "{}",
        refusal.message
    );
}

#[test]
fn r52_new_plans_take_checkpoints_as_often_as_is_set() {
    let place = Place::new();
    let project = text(&place.json(&["project", "create", "Site"])["project"]);
    let create = [
        "plan",
        "create",
        "--project",
        &project,
        "--request",
        "r",
        "--step",
        "s",
    ];
    let interval = |arguments: &[&str], set: Option<&str>| {
        let mut command = place.command(&[&create[..], arguments, &["--json"]].concat());
        command.envs(set.map(|set| ("HOLDPOINT_CHECKPOINT_INTERVAL", set)));
        let answer = Answer::of(&command.output().unwrap()).success();
        let receipt = document(&answer.out);
        let plan = text(&receipt["outcome"]["plan"]);
        place.plan(&plan)["settings"]["auto_checkpoint_interval"].clone()
    };
    assert_eq!(interval(&[], None), 1);
    assert_eq!(interval(&[], Some("5")), 5);
    assert_eq!(interval(&["--checkpoint-interval", "2"], Some("5")), 2);
    // One that is imported too.
    let file = sample("parser-fix.traj");
    let import = [
        "import",
        file.to_str().unwrap(),
        "--checkpoint-interval",
        "0",
    ];
    let imported = place.json(&import);
    let plan = place.plan(&text(&imported["plan_id"]));
    assert_eq!(plan["settings"]["auto_checkpoint_interval"], 0);
}

#[test]
fn r46_r52_opening_a_store_tells_how_many_plans_can_go_on() {
    let (place, imported) = Place::with("parser-fix.traj");
    let command = ["project", "list"];
    let said = |more: &[&str]| place.run(&[&command[..], more].concat()).success().err;
    let on = ["--resume-detection", "on"];
    assert_eq!(
        said(&on),
        "1 plan can go on: `holdpoint resumable` lists them\n"
    );
    // Nobody is at a terminal, so nobody is told unless they ask.
    assert_eq!(said(&[]), "");
    assert_eq!(said(&["--resume-detection", "off"]), "");
    assert_eq!(said(&["--resume-detection", "on", "--json"]), "");
    let resumable = place
        .run(&["resumable", "--resume-detection", "on"])
        .success();
    assert_eq!(resumable.err, "", "it lists them itself");
    place.import(&sample("cache-race.traj"));
    place.text(&["project", "pause", &imported.project]);
    assert_eq!(
        said(&on),
        "2 plans can go on, 1 of them once somebody has seen to it: \
         `holdpoint resumable` lists them\n"
    );
    for plan in list(&place.json(&["plan", "list"])) {
        place.text(&["plan", "cancel", &text(&plan["plan"])]);
    }
    assert_eq!(said(&on), "");
}

#[test]
fn r46_damaged_rows_keep_nobody_from_opening_the_store() {
    let (place, _) = Place::with("parser-fix.traj");
    let damage = "UPDATE plans SET state = 'nonsense'";
    place.sql().execute(damage, []).unwrap();
    let reindex = ["reindex", "--resume-detection", "on"];
    let told = place.run(&reindex).success();
    assert!(told.err.contains("could not be found out"), "{}", told.err);
    place.is_sound();
}
