//! What can be typed.

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;

/// Keeps long-running work pausable, resumable and reversible, with nothing lost.
#[derive(Debug, Parser)]
#[command(
    name = "holdpoint",
    version,
    arg_required_else_help = true,
    propagate_version = true
)]
pub(super) struct Arguments {
    /// The file that the projects are kept in.
    #[arg(
        long,
        global = true,
        env = "HOLDPOINT_STORE",
        default_value = "./holdpoint.db",
        value_name = "FILE"
    )]
    pub(super) store: PathBuf,
    /// Who gives the command: it goes on record.
    #[arg(
        long,
        global = true,
        env = "HOLDPOINT_ACTOR",
        default_value = "cli",
        value_name = "NAME"
    )]
    pub(super) actor: String,
    /// Answer with one JSON document on stdout; errors as JSON on stderr.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a project with a plan from an agent's trajectory.
    Import {
        /// The trajectory: JSON as SWE-agent writes it.
        file: PathBuf,
    },
    /// List, show, pause, resume, roll back and delete projects.
    Project {
        #[command(subcommand)]
        command: ProjectCommand,
    },
    /// List, show, run, roll back, retry and cancel plans.
    Plan {
        #[command(subcommand)]
        command: PlanCommand,
    },
    /// Take and list checkpoints.
    Checkpoint {
        #[command(subcommand)]
        command: CheckpointCommand,
    },
    /// List the plans that can go on.
    Resumable,
    /// Show who did what when in a project.
    History {
        /// The project's id, or how it begins.
        project: String,
    },
    /// Check projects from their first entry to their last.
    Verify {
        /// The project's id, or how it begins; none: every project.
        project: Option<String>,
    },
    /// Make the rows of projects anew from their journals.
    Reindex {
        /// The project's id, or how it begins; none: every project.
        project: Option<String>,
    },
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ProjectCommand {
    /// List all projects.
    List,
    /// Show a project: its figures, plans and agents.
    Show {
        /// The project's id, or how it begins.
        project: String,
    },
    /// Pause a project: archive cold context, take a checkpoint, hold all work.
    Pause {
        /// The project's id, or how it begins.
        project: String,
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let a paused project go on.
    Resume {
        /// The project's id, or how it begins.
        project: String,
        /// Roll the project back to this checkpoint first.
        #[arg(long)]
        checkpoint: Option<String>,
    },
    /// Put all plans and context back to where they were at a checkpoint.
    Rollback {
        /// The project's id, or how it begins.
        project: String,
        /// The checkpoint's id, or how it begins.
        checkpoint: String,
        /// Only say what would change.
        #[arg(long)]
        dry_run: bool,
    },
    /// Delete a project for good: journal, rows and bodies.
    Delete {
        /// The project's id, or how it begins.
        project: String,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum PlanCommand {
    /// List plans.
    List {
        /// Of this project only.
        #[arg(long)]
        project: Option<String>,
    },
    /// Show a plan and its steps.
    Show {
        /// The plan's id, or how it begins.
        plan: String,
    },
    /// Play the steps of an imported trajectory, from the next one on.
    Run {
        /// The plan's id, or how it begins.
        plan: String,
        /// At most so many steps.
        #[arg(long, value_name = "N")]
        steps: Option<u32>,
    },
    /// Put a plan back to where it was at a checkpoint.
    Rollback {
        /// The plan's id, or how it begins.
        plan: String,
        /// The checkpoint's id, or how it begins; none: the newest in which the plan differs.
        checkpoint: Option<String>,
        /// Only say what would change.
        #[arg(long)]
        dry_run: bool,
    },
    /// Bring a failed plan back to where it failed.
    Retry {
        /// The plan's id, or how it begins.
        plan: String,
    },
    /// Give a plan up.
    Cancel {
        /// The plan's id, or how it begins.
        plan: String,
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum CheckpointCommand {
    /// Take a checkpoint of a project, or of one of its plans.
    Create {
        /// The project's id, or how it begins.
        project: String,
        /// The checkpoint's name: at most 100 characters.
        #[arg(long)]
        name: String,
        /// The plan that it is for.
        #[arg(long)]
        plan: Option<String>,
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
    },
    /// List the checkpoints of a project, or of one of its plans.
    List {
        /// The project's id, or how it begins.
        project: String,
        /// Of this plan only.
        #[arg(long)]
        plan: Option<String>,
    },
}
