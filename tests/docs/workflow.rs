//! `docs/workflow.md`: the tables of the machine, drawn and written out.

use super::generated::is_current;
use holdpoint::machine::{
    CommandKind, PLAN_MOVES, PROJECT_MOVES, Permission, PlanMove, permission,
};
use holdpoint::model::{PlanState, ProjectStatus};
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

#[test]
fn r40_the_workflow_is_described_as_its_tables_say() {
    is_current(
        "workflow.md",
        &[
            ("project diagram", project_diagram()),
            ("project moves", project_moves()),
            ("plan diagram", plan_diagram()),
            ("plan moves", plan_moves()),
            ("permissions", permissions()),
        ],
    );
}

fn unfinished() -> Vec<PlanState> {
    let all = PlanState::ALL.into_iter();
    all.filter(|state| state.is_unfinished()).collect()
}

/// Whether a row is for every unfinished plan.
fn is_of_all_unfinished(row: &PlanMove) -> bool {
    unfinished().iter().all(|state| row.from.contains(state))
}

fn project_diagram() -> String {
    let mut arrows = Arrows::default();
    for row in PROJECT_MOVES {
        for from in row.from {
            for to in row.to {
                arrows.add(from, to, row.command);
            }
        }
    }
    let mut text = String::from("```mermaid\nstateDiagram-v2\n");
    for status in ["init", "planning", "active"] {
        line(&mut text, 1, &format!("[*] --> {status}: create_project"));
    }
    text.push_str(&arrows.lines(1));
    line(&mut text, 1, "completed --> [*]");
    text.push_str("```\n");
    text
}

/// Unfinished states stand in a frame, so that what is possible in all of them is one arrow.
fn plan_diagram() -> String {
    let (mut inside, mut outside) = (Arrows::default(), Arrows::default());
    let mut notes = Vec::new();
    for row in PLAN_MOVES {
        if is_of_all_unfinished(row) {
            for to in row.to {
                outside.add("unfinished", to, row.command);
                let others = row.from.iter().filter(|from| !from.is_unfinished());
                others.for_each(|from| outside.add(from, to, row.command));
            }
        } else if row.to.len() == unfinished().len() {
            row.from
                .iter()
                .for_each(|from| outside.add(from, "unfinished", row.command));
        } else if row.from.len() > 1 {
            notes.push(format!(
                "{}: from {} back to {}",
                row.command,
                list(row.from),
                list(row.to)
            ));
        } else {
            for (from, to) in row
                .from
                .iter()
                .flat_map(|from| row.to.iter().map(move |to| (from, to)))
            {
                let is_inside = from.is_unfinished() && to.is_unfinished();
                let arrows = if is_inside { &mut inside } else { &mut outside };
                arrows.add(from, to, row.command);
            }
        }
    }
    let mut text = String::from("```mermaid\nstateDiagram-v2\n");
    line(&mut text, 1, "[*] --> pending: create_plan");
    line(&mut text, 1, "state unfinished {");
    text.push_str(&inside.lines(2));
    line(&mut text, 1, "}");
    text.push_str(&outside.lines(1));
    for note in notes {
        line(&mut text, 1, "note right of unfinished");
        line(&mut text, 2, &note);
        line(&mut text, 1, "end note");
    }
    line(&mut text, 1, "completed --> [*]");
    line(&mut text, 1, "cancelled --> [*]");
    text.push_str("```\n");
    text
}

/// Arrows with the commands that lead along them.
#[derive(Default)]
struct Arrows {
    order: Vec<(String, String)>,
    commands: BTreeMap<(String, String), Vec<String>>,
}

impl Arrows {
    fn add(&mut self, from: impl Display, to: impl Display, command: CommandKind) {
        let arrow = (from.to_string(), to.to_string());
        if !self.commands.contains_key(&arrow) {
            self.order.push(arrow.clone());
        }
        self.commands
            .entry(arrow)
            .or_default()
            .push(command.as_str());
    }

    fn lines(&self, indent: usize) -> String {
        let mut text = String::new();
        for arrow in &self.order {
            let commands = self.commands[arrow].join(", ");
            line(
                &mut text,
                indent,
                &format!("{} --> {}: {commands}", arrow.0, arrow.1),
            );
        }
        text
    }
}

fn line(text: &mut String, indent: usize, words: &str) {
    writeln!(text, "{}{words}", "    ".repeat(indent)).expect("a text takes all");
}

fn project_moves() -> String {
    let mut text = String::from("| command | from | to |\n| --- | --- | --- |\n");
    for row in PROJECT_MOVES {
        let (from, to) = (codes(row.from), codes(row.to));
        line(
            &mut text,
            0,
            &format!("| `{}` | {from} | {to} |", row.command),
        );
    }
    text
}

fn plan_moves() -> String {
    let mut text = String::from("| command | from | to |\n| --- | --- | --- |\n");
    for row in PLAN_MOVES {
        let (from, to) = (states(row.from), states(row.to));
        line(
            &mut text,
            0,
            &format!("| `{}` | {from} | {to} |", row.command),
        );
    }
    text
}

/// The states in a cell; all unfinished ones have a word of their own.
fn states(states: &[PlanState]) -> String {
    let unfinished = unfinished();
    if !unfinished.iter().all(|state| states.contains(state)) {
        return codes(states);
    }
    let others: Vec<_> = states
        .iter()
        .filter(|state| !state.is_unfinished())
        .map(|state| format!(" or `{state}`"))
        .collect();
    format!("any unfinished state{}", others.concat())
}

fn codes<T: Display>(all: &[T]) -> String {
    let codes: Vec<_> = all.iter().map(|one| format!("`{one}`")).collect();
    codes.join(", ")
}

fn list<T: Display>(all: &[T]) -> String {
    let words: Vec<_> = all.iter().map(ToString::to_string).collect();
    words.join(", ")
}

fn permissions() -> String {
    let mut text = String::from("| command |");
    for status in ProjectStatus::ALL {
        write!(text, " {status} |").expect("a text takes all");
    }
    text.push_str("\n| --- |");
    text.push_str(&" --- |".repeat(ProjectStatus::ALL.len()));
    text.push('\n');
    let makes_a_project =
        |kind: &&CommandKind| matches!(kind, CommandKind::CreateProject | CommandKind::ForkProject);
    for kind in CommandKind::ALL
        .iter()
        .filter(|kind| !makes_a_project(kind))
    {
        let cells = ProjectStatus::ALL.map(|status| cell(status, *kind));
        line(
            &mut text,
            0,
            &format!("| `{kind}` | {} |", cells.join(" | ")),
        );
    }
    text
}

fn cell(status: ProjectStatus, kind: CommandKind) -> &'static str {
    let mut moves = PROJECT_MOVES
        .iter()
        .filter(|row| row.command == kind)
        .peekable();
    let is_a_move = moves.peek().is_some();
    match permission(status, kind) {
        Permission::Allowed if is_a_move && !moves.any(|row| row.from.contains(&status)) => "–",
        Permission::Allowed => "yes",
        Permission::Paused => "paused",
        Permission::NotStarted => "not started",
        Permission::Stopped => "stopped",
        Permission::Completed => "completed",
    }
}
