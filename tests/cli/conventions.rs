//! What holds for every command: where the store is, who gives it, exit codes, forms of output.

use crate::program::{Answer, HOLDPOINT, Place, bare, list, sample, text};
use serde_json::Value;
use std::process::{Command, Stdio};

/// What a command prints on a terminal, or nothing where no terminal can be had.
fn on_a_terminal(place: &Place, command: &str, typed: &str) -> Option<String> {
    let mut script = Command::new("script");
    script
        .args(["-qec", &format!("'{HOLDPOINT}' {command}"), "/dev/null"])
        .env("HOLDPOINT_STORE", place.store())
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let Ok(mut child) = script.spawn() else {
        println!("skipped: there is no `script` to make a terminal with");
        return None;
    };
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Every command that answers, ready to be run after the sample was run half-way.
fn reading_commands<'a>(project: &'a str, plan: &'a str, checkpoint: &'a str) -> Vec<Vec<&'a str>> {
    vec![
        vec!["project", "list"],
        vec!["project", "show", project],
        vec!["project", "statistics", project],
        vec!["plan", "list"],
        vec!["plan", "list", "--project", project],
        vec!["plan", "show", plan],
        vec!["checkpoint", "list", project],
        vec!["checkpoint", "list", project, "--plan", plan],
        vec!["checkpoint", "show", project, checkpoint],
        vec!["resumable"],
        vec!["inbox"],
        vec!["context", "list", project],
        vec!["step", "show", plan, "0"],
        vec!["history", project],
        vec!["history", project, "--newest-first", "--plan", plan],
        vec!["statistics"],
        vec!["statistics", project],
        vec!["verify"],
        vec!["verify", project],
    ]
}

#[test]
fn reading_changes_nothing_and_answers_in_both_forms_without_escape_codes() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "3"]);
    let before = place.tables();
    let checkpoints = place.json(&["checkpoint", "list", &imported.project]);
    let checkpoint = text(&checkpoints[1]["checkpoint"]);
    for command in reading_commands(&imported.project, &imported.plan, &checkpoint) {
        let text = place.run(&command).success();
        assert!(text.out.ends_with('\n'), "{command:?}");
        for printed in [&text.out, &text.err] {
            assert!(!printed.contains('\x1b'), "{command:?}: {printed:?}");
        }
        let json = place.run(&[&command[..], &["--json"]].concat()).success();
        assert_eq!(json.err, "", "{command:?}");
        assert_eq!(json.out.lines().count(), 1, "{command:?}: one line");
        let document: Value = serde_json::from_str(&json.out).unwrap();
        assert!(document.is_array() || document.is_object(), "{command:?}");
    }
    assert_eq!(place.tables(), before);
}

#[test]
fn the_store_is_named_by_an_option_or_the_environment_or_is_in_the_current_folder() {
    let (place, _) = Place::with("parser-fix.traj");
    // The option outweighs the environment.
    let other = place.path("other.db");
    let mut import = place.command(&["--store"]);
    import
        .arg(&other)
        .arg("import")
        .arg(sample("cache-race.traj"));
    Answer::of(&import.output().unwrap()).success();
    let mut with_option = place.command(&["project", "list", "--json", "--store"]);
    with_option.arg(&other);
    for (command, name) in [
        (with_option, "cache-race"),
        (place.command(&["project", "list", "--json"]), "parser-fix"),
    ] {
        let answer = Answer::of(&{ command }.output().unwrap()).success();
        let projects = list(&serde_json::from_str(&answer.out).unwrap());
        assert_eq!(projects.len(), 1);
        assert_eq!(projects[0]["name"], name);
    }
    let mut import = bare(&["import"]);
    import
        .arg(sample("cache-race.traj"))
        .current_dir(place.path(""));
    Answer::of(&import.output().unwrap()).success();
    assert!(place.path("holdpoint.db").is_file());
}

#[test]
fn only_an_import_and_a_new_project_make_a_store_that_is_not_there() {
    let place = Place::new();
    for command in reading_commands("01", "01", "01") {
        let refusal = place.run(&[&command[..], &["--json"]].concat()).refusal();
        assert_eq!((refusal.code.as_str(), refusal.exit), ("UNAVAILABLE", 3));
        refusal.says("found no file");
    }
    assert!(!place.store().exists());
}

#[test]
fn the_actor_goes_on_record_from_an_option_or_the_environment() {
    let (place, imported) = Place::with("parser-fix.traj");
    let pause = ["project", "pause", &imported.project];
    let mut command = place.command(&pause);
    command.env("HOLDPOINT_ACTOR", "nightly job");
    Answer::of(&command.output().unwrap()).success();
    let mut command = place.command(&["project", "resume", &imported.project, "--actor", "Grace"]);
    command.env("HOLDPOINT_ACTOR", "nightly job");
    Answer::of(&command.output().unwrap()).success();
    let actors: Vec<_> = place
        .history(&imported.project)
        .iter()
        .map(|entry| entry["actor"].clone())
        .collect();
    assert_eq!(actors, ["cli", "nightly job", "Grace"]);
}

#[test]
fn wrong_use_exits_with_2_and_says_so_in_json_where_json_was_asked_for() {
    let place = Place::new();
    for wrong in [
        &["bogus"][..],
        &[],
        &["project"],
        &["project", "show"],
        &["plan", "run", "01", "--steps", "many"],
        &["plan", "run", "01", "--steps", "-1"],
        &["checkpoint", "create", "01"],
        &["project", "list", "--no-such-option"],
        &["project", "list", "extra"],
        &["completions", "tcsh"],
    ] {
        let refusal = place.refusal(wrong);
        assert_eq!(
            (refusal.code.as_str(), refusal.exit),
            ("USAGE", 2),
            "{wrong:?}"
        );
        assert!(!refusal.message.contains('\x1b'), "{wrong:?}");
    }
    assert!(!place.store().exists());
}

#[test]
fn help_and_version_are_no_failure_and_need_no_store() {
    let place = Place::new();
    for command in [
        &["--help"][..],
        &["help"],
        &["plan", "run", "--help"],
        &["--version"],
    ] {
        let answer = place.run(command).success();
        assert!(
            !answer.out.is_empty() && !answer.out.contains('\x1b'),
            "{command:?}"
        );
    }
    assert!(
        place
            .run(&["--version"])
            .out
            .contains(env!("CARGO_PKG_VERSION"))
    );
    assert!(!place.store().exists());
}

#[test]
fn completions_are_printed_for_every_shell_and_know_every_command() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let printed = place.text(&["completions", shell]);
        for word in [
            "import",
            "resumable",
            "checkpoint",
            "rollback",
            "inbox",
            "context",
            "verification",
        ] {
            assert!(printed.contains(word), "{word} for {shell}");
        }
    }
    assert!(!place.store().exists());
}

#[test]
fn bash_can_read_its_completions() {
    let place = Place::new();
    let file = place.write("completions", place.text(&["completions", "bash"]));
    match Command::new("bash").arg("-n").arg(file).status() {
        Ok(status) => assert!(status.success()),
        Err(_) => println!("skipped: there is no bash"),
    }
}

#[test]
fn on_a_terminal_there_are_colours_and_a_progress_bar() {
    let (place, imported) = Place::with("parser-fix.traj");
    let Some(listed) = on_a_terminal(&place, "project list", "") else {
        return;
    };
    assert!(listed.contains("\x1b[1mPROJECT"), "{listed:?}");
    let played =
        on_a_terminal(&place, &format!("plan run {} --steps 2", imported.plan), "").unwrap();
    assert!(played.contains("2/8"), "{played:?}");
    assert!(!played.contains("completed step"), "{played:?}");
    assert!(played.contains("1 plan can go on"), "{played:?}");
    let json = on_a_terminal(&place, "project list --json", "").unwrap();
    assert!(!json.contains('\x1b'), "{json:?}");
}

#[test]
fn r53_on_a_terminal_a_deletion_is_asked_about() {
    let (place, imported) = Place::with("parser-fix.traj");
    let delete = format!("project delete {}", imported.project);
    let Some(kept) = on_a_terminal(&place, &delete, "n\n") else {
        return;
    };
    assert!(kept.contains("[y/N]") && kept.contains("USAGE"), "{kept}");
    assert_eq!(list(&place.json(&["project", "list"])).len(), 1);
    let gone = on_a_terminal(&place, &delete, "y\n").unwrap();
    assert!(gone.contains("is deleted"), "{gone}");
    assert_eq!(list(&place.json(&["project", "list"])).len(), 0);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let (place, imported) = Place::with("parser-fix.traj");
    for command in [
        &["history", &imported.project][..],
        &["history", &imported.project, "--json-lines"],
        &["completions", "bash"],
    ] {
        let output = place
            .command(command)
            .stdout(pipe_without_a_reader())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let answer = Answer::of(&output);
        assert_eq!((answer.exit, answer.err.as_str()), (0, ""), "{command:?}");
    }
}

/// Where `head` was, for instance, which has seen enough.
fn pipe_without_a_reader() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// Runs a command whose stderr cannot be written to: its reader has gone away, or it is a log on
/// a disk that is full. Answers with the exit codes.
fn with_nobody_listening(place: &Place, command: &[&str]) -> Vec<Option<i32>> {
    let run = |stderr: Stdio| {
        let mut command = place.command(command);
        command.stdout(Stdio::null()).stderr(stderr);
        command.status().unwrap().code()
    };
    let mut exits = vec![run(pipe_without_a_reader())];
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        exits.push(run(full.into()));
    }
    exits
}

#[test]
fn work_goes_on_when_nobody_hears_of_its_progress() {
    let (place, imported) = Place::with("parser-fix.traj");
    let run = ["plan", "run", &imported.plan, "--steps", "3"];
    for exit in with_nobody_listening(&place, &run) {
        assert_eq!(exit, Some(0));
    }
    let last = place.plan(&imported.plan)["progress"]["last_completed_step"].clone();
    assert!(
        last == 2 || last == 5,
        "each run did its three steps: {last}"
    );
}

#[test]
fn a_refusal_that_nobody_hears_of_is_still_a_refusal() {
    let (place, _) = Place::with("parser-fix.traj");
    for command in [
        &["project", "show", "nobody"][..],
        &["project", "show", "nobody", "--json"],
    ] {
        for exit in with_nobody_listening(&place, command) {
            assert_eq!(exit, Some(1), "{command:?}");
        }
    }
    for exit in with_nobody_listening(&place, &["bogus", "--json"]) {
        assert_eq!(exit, Some(2));
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_an_unknown_outcome_and_no_panic() {
    let (place, imported) = Place::with("parser-fix.traj");
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        println!("skipped: there is no /dev/full");
        return;
    };
    for command in [
        &["history", &imported.project][..],
        &["history", &imported.project, "--json-lines"],
        &["project", "list", "--json"],
        &["completions", "bash"],
        // It is there all the same, and the code says that it may be.
        &["project", "create", "unheard of"],
        &["project", "create", "unheard of", "--json"],
    ] {
        let output = place
            .command(command)
            .stdout(full.try_clone().unwrap())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let answer = Answer::of(&output);
        assert_eq!(answer.exit, 3, "{command:?}: {}", answer.err);
        assert!(
            answer.err.contains("OUTCOME_UNKNOWN"),
            "{command:?}: {}",
            answer.err
        );
    }
    let listed = place.json(&["project", "list"]).to_string();
    assert_eq!(listed.matches("unheard of").count(), 2, "{listed}");
}

#[test]
fn r71_processes_that_come_and_go_are_not_in_each_others_way() {
    let (place, imported) = Place::with("parser-fix.traj");
    let keep = [&imported.project, "--of-project", "100"];
    place.json(&[&["project", "retention"], &keep[..]].concat());
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (place, project) = (&place, &imported.project);
            scope.spawn(move || {
                for turn in 0..20 {
                    let name = format!("checkpoint {worker}.{turn}");
                    place.json(&["checkpoint", "create", project, "--name", &name]);
                    place.json(&["project", "list"]);
                }
            });
        }
    });
    let checkpoints = list(&place.json(&["checkpoint", "list", &imported.project]));
    // The plan's start brought one more.
    assert_eq!(checkpoints.len(), 80 + 1);
    place.is_sound();
}
