//! `import`.

use super::failure::Failure;
use super::output::{Output, one_line};
use super::store::Store;
use crate::machine::{Command, Outcome};
use crate::model::{PlanId, ProjectId};
use crate::trajectory::{MAX_FILE_BYTES, Trajectory};
use serde::Serialize;
use std::io::Read as _;
use std::path::Path;

#[derive(Serialize)]
struct Imported {
    project_id: ProjectId,
    plan_id: PlanId,
    name: String,
    steps: usize,
}

/// What is to be imported, with everything refused that can be.
pub(super) struct Checked {
    name: String,
    steps: usize,
    command: Command,
}

/// Reads and checks a trajectory.
pub(super) fn read(file: &Path) -> Result<Checked, Failure> {
    let text = read_text(file)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let trajectory = Trajectory::parse(&text, &name, crate::platform::now())?;
    Ok(Checked {
        name: trajectory.title().to_string(),
        steps: trajectory.step_count(),
        command: trajectory.command()?,
    })
}

pub(super) async fn import(
    store: &Store,
    output: &Output,
    checked: Checked,
) -> Result<(), Failure> {
    let Checked {
        name,
        steps,
        command,
    } = checked;
    let created = store.create_project_with(command).await?;
    let project = created.project;
    let plan_id = match created.outcome {
        Outcome::ProjectCreated { plan: Some(plan) } => plan,
        other => unreachable!("a project with a plan was created, found {other:?}"),
    };
    let imported = Imported {
        project_id: project,
        plan_id,
        name,
        steps,
    };
    output.answer(&imported, || {
        format!(
            "imported {} with {steps} steps\nproject {project}\nplan    {plan_id}",
            one_line(&imported.name, 80)
        )
    })?;
    Ok(())
}

fn read_text(file: &Path) -> Result<String, Failure> {
    let unreadable = |found: String| Failure::File {
        path: file.display().to_string(),
        found,
    };
    let opened = std::fs::File::open(file).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells whether there is more; the file's size may lie.
    opened
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(unreadable(format!(
            "it has more than {MAX_FILE_BYTES} bytes"
        )));
    }
    String::from_utf8(bytes).map_err(|error| unreadable(format!("it is no UTF-8 text: {error}")))
}
