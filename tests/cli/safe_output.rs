//! Text from outside that would play tricks on a terminal.

use crate::program::{Answer, Place, list, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The controls of C0 and C1: they move the cursor, ring a bell, set a title.
fn controls() -> Vec<char> {
    ('\0'..='\u{1f}')
        .filter(|character| !"\n\t".contains(*character))
        .chain('\u{7f}'..='\u{9f}')
        .collect()
}

/// Marks that turn the direction of the text around them.
fn directions() -> Vec<char> {
    ['\u{200e}', '\u{200f}']
        .into_iter()
        .chain('\u{202a}'..='\u{202e}')
        .chain('\u{2066}'..='\u{2069}')
        .collect()
}

#[track_caller]
fn is_safe(answer: &Answer, tricky: &[char], command: &[&str]) {
    for printed in [&answer.out, &answer.err] {
        let found = printed.chars().find(|character| tricky.contains(character));
        assert_eq!(found, None, "{command:?} printed {printed:?}");
    }
}

/// Puts the characters wherever somebody can put text, and looks at all that is printed of it.
fn are_shown_by_their_names(tricky: &[char]) {
    let line = |characters: Vec<char>| format!("a{}z", characters.iter().collect::<String>());
    let all = line(tricky.to_vec());
    // No file's name and no argument holds a NUL.
    let name = line(tricky.iter().copied().filter(|c| *c != '\0').collect());
    let reason = format!("{name}\n\tsecond line");
    let place = Place::new();
    let recorded = json!({
        "trajectory": [
            {"thought": all, "action": all, "observation": all},
            {"thought": "t", "action": all},
        ],
        "history": [{"role": "user", "content": all}],
    });
    let file = place.write(&format!("{name}.traj"), recorded.to_string());
    let said = place.run(&["import", file.to_str().unwrap()]).success();
    is_safe(&said, tricky, &["import"]);
    let shown = name
        .chars()
        .nth(1)
        .filter(|first| tricky.contains(first))
        .map_or_else(
            || "z".to_owned(),
            |first| first.escape_unicode().to_string(),
        );
    assert!(said.out.contains(&shown), "{shown} in {}", said.out);
    let plan = text(&place.json(&["plan", "list"])[0]["plan"]);
    let project = text(&place.json(&["project", "list"])[0]["project"]);
    let create = ["checkpoint", "create", &project, "--name"];
    let said = [
        "--description",
        &reason,
        "--source-tool",
        &name,
        "--phase",
        &name,
        "--external-ref",
        &name,
        "--actor",
        &name,
    ];
    let taken = place.json(&[&create[..], &[&name, "--reason", &reason], &said].concat());
    let taken = text(&taken["outcome"]["checkpoint"]);
    for command in [
        &["plan", "run", &plan, "--steps", "1", "--actor", &name][..],
        &[&create[..], &[&name, "--reason", &reason]].concat(),
        &["checkpoint", "list", &project],
        &["checkpoint", "show", &project, &taken],
        &["project", "list"],
        &["project", "show", &project],
        &["plan", "list"],
        &["plan", "show", &plan],
        &["resumable"],
        &["history", &project],
        &["project", "pause", &project, "--reason", &reason],
        &["project", "show", &project],
        &["project", "resume", &project],
        &["plan", "run", &plan],
        &["plan", "rollback", &plan, "--dry-run"],
        &["step", "show", &plan, "0"],
        &["project", "rename", &project, &name],
        &["agent", "limit", &project, &name, "5"],
        &["context", "flash-save", &project, "--force"],
        &["context", "list", &project],
        &["history", &project],
    ] {
        is_safe(&place.run(command).success(), tricky, command);
    }
    for command in [
        &["project", "show", &name][..],
        &["plan", "show", &name],
        &["project", "resume", &project, "--checkpoint", &name],
        &["import", &name],
        &["project", "list", "--store", &name],
    ] {
        let refused = place.run(command);
        assert!([1, 3].contains(&refused.exit), "{command:?}");
        is_safe(&refused, tricky, command);
    }
}

#[test]
fn control_characters_are_shown_by_their_names() {
    // A few at a time: what is printed is cut to a column's width.
    for few in controls().chunks(4) {
        are_shown_by_their_names(few);
    }
}

#[test]
fn marks_that_turn_the_line_around_are_shown_by_their_names() {
    for few in directions().chunks(3) {
        are_shown_by_their_names(few);
    }
}

#[test]
fn the_arabic_letter_mark_is_shown_by_its_name_too() {
    // The twelfth of the characters that Unicode calls Bidi_Control.
    are_shown_by_their_names(&['\u{61c}']);
}

/// The texts that the package and the page are tried with too, but for those that are blank.
fn corpus() -> Vec<String> {
    let kept: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(include_str!("../bad_input/texts.json")).unwrap();
    kept.into_values()
        .flat_map(BTreeMap::into_values)
        .filter(|text| !text.trim().is_empty())
        .collect()
}

#[test]
fn no_text_of_the_corpus_reaches_a_terminal_raw_and_each_is_kept_as_it_is() {
    let tricky = [controls(), directions(), vec!['\u{61c}']].concat();
    let texts = corpus();
    let place = Place::new();
    let step = |text: &String| json!({"thought": text, "action": text, "observation": text});
    let recorded = json!({
        "trajectory": texts.iter().map(step).collect::<Vec<_>>(),
        "history": [{"role": "user", "content": texts.concat()}],
    });
    let file = place.write("corpus.traj", recorded.to_string());
    let imported = place.import(&file);
    let all = texts.len().to_string();
    for command in [
        &["plan", "run", &imported.plan, "--steps", &all][..],
        &["plan", "show", &imported.plan],
        &["plan", "list"],
        &["context", "list", &imported.project],
        &["history", &imported.project],
        &["project", "show", &imported.project],
    ] {
        is_safe(&place.run(command).success(), &tricky, command);
    }
    for (step, text) in texts.iter().enumerate() {
        let shown = place.json(&["step", "show", &imported.plan, &step.to_string()]);
        let output: Value = serde_json::from_str(shown["output"].as_str().unwrap()).unwrap();
        assert_eq!(output, **text, "what step {step} has printed");
    }

    // Those that would do something, wherever an argument goes.
    let odd = |text: &&String| text.chars().any(|character| tricky.contains(&character));
    let given: Vec<_> = texts
        .iter()
        .filter(odd)
        .map(|text| text.replace('\0', ""))
        .collect();
    for text in &given {
        for command in [
            &[
                "project",
                "rename",
                &imported.project,
                text,
                "--actor",
                text,
            ][..],
            &["project", "show", &imported.project],
            &["history", &imported.project, "--actor", text],
        ] {
            is_safe(&place.run(command).success(), &tricky, command);
        }
        for command in [&["project", "show", text][..], &["import", text], &[text]] {
            let refused = place.run(command);
            assert_ne!(refused.exit, 0, "{command:?}");
            is_safe(&refused, &tricky, command);
        }
    }
    println!(
        "bad input: command line: {} texts printed in 6 views, {} as arguments at 6 places",
        texts.len(),
        given.len()
    );
}

#[test]
fn what_is_said_of_decisions_steps_and_context_is_shown_by_its_names_too() {
    let tricky = ['\u{1b}', '\u{7}', '\u{202e}', '\u{2066}'];
    let odd = format!("a{}z", tricky.iter().collect::<String>());
    let place = Place::new();
    let made = place.run(&["project", "create", &odd]).success();
    is_safe(&made, &tricky, &["project", "create"]);
    let project = text(&place.json(&["project", "list"])[0]["project"]);
    let create = ["plan", "create", "--project", &project, "--request", &odd];
    place.text(&[&create[..], &["--gate", "plan,review"]].concat());
    let plan = text(&place.json(&["plan", "list"])[0]["plan"]);
    let add = ["context", "add", &project, "--agent", &odd, "--kind", &odd];
    place.text(&[&add[..], &["--text", &odd]].concat());
    let item = text(&place.json(&["context", "list", &project])[0]["id"]);
    let submit = ["plan", "submit", &plan, "--text", &odd, "--step", &odd];
    let on = |number: &'static str| ["--submission", number, "--actor", &odd];
    let output = serde_json::to_string(&odd).unwrap();
    for command in [
        &["plan", "start", &plan][..],
        &submit,
        &["inbox"],
        &[&["plan", "reject", &plan, "--reason", &odd], &on("1")[..]].concat(),
        &submit,
        &[&["plan", "approve", &plan], &on("2")[..]].concat(),
        &["plan", "show", &plan],
        &["plan", "implement", &plan],
        &["step", "start", &plan],
        &["step", "fail", &plan, "--attempt", "1", "--error", &odd],
        &["step", "show", &plan, "0"],
        &["step", "start", &plan],
        &[
            "step",
            "complete",
            &plan,
            "--attempt",
            "2",
            "--output",
            &output,
        ],
        &[
            &["plan", "review", &plan, "--failed", "--notes", &odd],
            &on("3")[..],
        ]
        .concat(),
        &[
            "plan", "revert", &plan, "--to", "planning", "--reason", &odd,
        ],
        &["plan", "fail", &plan, "--error", &odd],
        &["plan", "show", &plan],
        &["context", "list", &project],
        &["context", "show", &project, &item],
        &["context", "flash-save", &project, "--force"],
        &[
            "context", "redact", &project, &item, "--reason", &odd, "--actor", &odd,
        ],
        &["context", "show", &project, &item],
        &["agent", "limit", &project, &odd, "5"],
        &["project", "rename", &project, &odd],
        &["project", "stop", &project, "--reason", &odd],
        &["project", "fork", &project, "--name", &odd],
        &["project", "show", &project],
        &["history", &project],
    ] {
        is_safe(&place.run(command).success(), &tricky, command);
    }
    for command in [
        &["plan", "approve", &odd, "--submission", "1"][..],
        &["context", "show", &project, &odd],
        &["context", "flash-save", &project, "--agent", &odd],
        &["project", "fork", &project, "--at", &odd],
        &["project", "fork", &project, "--at", &format!("@{odd}")],
        &[
            "step",
            "complete",
            &plan,
            "--attempt",
            "1",
            "--output",
            &odd,
        ],
        &[
            "step",
            "complete",
            &plan,
            "--attempt",
            "1",
            "--output-file",
            &odd,
        ],
    ] {
        let refused = place.run(command);
        assert_eq!(refused.exit, 1, "{command:?}: {}", refused.err);
        is_safe(&refused, &tricky, command);
    }
}

#[test]
fn json_keeps_the_text_as_it_is() {
    let odd = format!(
        "a{}{}z",
        controls().iter().collect::<String>(),
        directions().iter().collect::<String>()
    );
    let place = Place::new();
    let recorded = json!({"trajectory": [{"action": odd}], "history": [
        {"role": "user", "content": odd}
    ]});
    let file = place.write("odd.traj", recorded.to_string());
    let imported = place.import(&file);
    let answer = place.run(&["plan", "list", "--json"]).success();
    assert!(
        !answer
            .out
            .trim_end()
            .chars()
            .any(|character| character < ' ')
    );
    let plans: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(plans[0]["request"], *odd);
    let steps = list(&place.plan(&imported.plan)["steps"]);
    assert_eq!(steps[0]["title"], *odd);
}
