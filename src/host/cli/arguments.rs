//! What can be typed.

use super::agent::AgentCommand;
use super::checkpoint::CreateArguments as CheckpointArguments;
use super::context::ContextCommand;
use super::export::ExportArguments;
use super::history::HistoryArguments;
use super::import::ImportArguments;
use super::new_plan::{CreateArguments as PlanArguments, SubmitArguments};
use super::new_project::{CreateArguments as ProjectArguments, ForkArguments};
use super::retention::{PruneArguments, RetentionArguments};
use super::settings::{BackupFolder, ResumeDetection};
use super::step::StepCommand;
use super::verdict::{RejectArguments, ReviewArguments, Submission, VerificationArguments};
use super::workflow::RevertArguments;
use clap::builder::TypedValueParser as _;
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::num::NonZeroUsize;
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
    /// Log what is done to stderr, line by line, before an error that stands there: kinds, ids,
    /// counts and codes, never a text.
    #[arg(
        long,
        global = true,
        env = "HOLDPOINT_LOG",
        default_value = "off",
        value_name = "LEVEL"
    )]
    pub(super) log: LogLevel,
    /// Before a command writes to the store, back it up into this folder, unless the newest backup
    /// there holds the same. off: don't.
    #[arg(
        long,
        global = true,
        env = "HOLDPOINT_BACKUP_ON_OPEN",
        default_value = "off",
        value_name = "DIR",
        value_parser = clap::builder::OsStringValueParser::new().map(BackupFolder::from)
    )]
    pub(super) backup_on_open: BackupFolder,
    /// How many of these backups are kept: at least 1.
    #[arg(
        long,
        global = true,
        env = "HOLDPOINT_BACKUP_KEEP",
        default_value = "10",
        value_name = "N"
    )]
    pub(super) backup_keep: NonZeroUsize,
    /// After how many completed steps a new plan takes a checkpoint by itself; 0: never.
    #[arg(
        long,
        global = true,
        env = "HOLDPOINT_CHECKPOINT_INTERVAL",
        default_value = "1",
        value_name = "N"
    )]
    pub(super) checkpoint_interval: u32,
    /// Say on stderr how many plans can go on when a store is opened; never with --json.
    #[arg(
        long,
        global = true,
        env = "HOLDPOINT_RESUME_DETECTION",
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub(super) resume_detection: ResumeDetection,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// How much is logged: each level with those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What was done.
    Info,
    /// What was read, loaded, refused and tried again.
    Debug,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a project with a plan from an agent's trajectory, or take projects in from a bundle: all
    /// of it or nothing, and never over a project that is there.
    Import(ImportArguments),
    /// Write projects to a bundle: one file, from which any store, a browser's too, can import them.
    /// Others may go on writing.
    Export(ExportArguments),
    /// Make, list, show, pause, resume, roll back, fork and delete projects; remove texts for good.
    Project {
        #[command(subcommand)]
        command: ProjectCommand,
    },
    /// Make, list, show, submit, decide on, run, roll back and cancel plans; say who runs one.
    Plan {
        #[command(subcommand)]
        command: PlanCommand,
    },
    /// Do a plan's steps by hand. Steps are counted from 0.
    Step {
        #[command(subcommand)]
        command: StepCommand,
    },
    /// List the plans that wait for a decision.
    Inbox,
    /// List, show, add and change what agents know.
    Context {
        #[command(subcommand)]
        command: ContextCommand,
    },
    /// Set what holds for an agent.
    Agent {
        #[command(subcommand)]
        command: AgentCommand,
    },
    /// Take, list and pin checkpoints; let go of old ones.
    Checkpoint {
        #[command(subcommand)]
        command: CheckpointCommand,
    },
    /// List the plans that can go on.
    Resumable,
    /// Show who did what when in a project.
    History(HistoryArguments),
    /// Show a project, or the whole store, in figures: plans by state, steps, checkpoints, entries,
    /// context, bytes.
    #[command(visible_alias = "stats")]
    Statistics {
        /// The project's id, or how it begins; none: the whole store.
        project: Option<String>,
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
    /// Copy the store to a file, as it is at this moment, while others may go on writing. The copy is
    /// a store like any other.
    Backup {
        /// The file, which must not be there yet.
        file: PathBuf,
    },
    /// List what options and environment variables say, and which of them said it.
    Settings,
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ProjectCommand {
    /// Make a project, and the store if it isn't there.
    Create(ProjectArguments),
    /// List all projects.
    List,
    /// Show a project: its figures, plans and agents.
    Show {
        /// The project's id, or how it begins.
        project: String,
    },
    /// Begin to plan in a project that was made with the status init.
    Plan {
        /// The project's id, or how it begins.
        project: String,
    },
    /// Start a project, or start it again.
    Start {
        /// The project's id, or how it begins.
        project: String,
    },
    /// Stop a project; it can start again.
    Stop {
        /// The project's id, or how it begins.
        project: String,
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Say that all is done; refused while a plan is unfinished.
    Complete {
        /// The project's id, or how it begins.
        project: String,
    },
    /// Give a project another name.
    Rename {
        /// The project's id, or how it begins.
        project: String,
        /// The new name: at most 200 characters.
        name: String,
    },
    /// Set how many checkpoints a project keeps.
    Retention(RetentionArguments),
    /// Make a new project of a project as it is or was.
    Fork(ForkArguments),
    /// Show how much context each agent of a project has: in all, by tier, archived.
    #[command(visible_alias = "stats")]
    Statistics {
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
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Remove a text for good by its digest, and all else in the project that is the same text:
    /// for one that a revert or a rollback took away, so that nothing shows it any more.
    Redact {
        /// The project's id, or how it begins.
        project: String,
        /// The text's digest: 64 hexadecimal digits, as `history --json` has them.
        digest: String,
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
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
    /// Make a plan.
    Create(PlanArguments),
    /// Start a plan: with steps given it is implemented, without it is planned first.
    Start {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
    },
    /// Give a plan in planning its steps.
    Submit(SubmitArguments),
    /// Approve the plan, or what was implemented.
    Approve(Submission),
    /// Send the plan, or what was implemented, back.
    Reject(RejectArguments),
    /// Begin the implementation of an approved plan.
    Implement {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
    },
    /// Record what a review came to.
    Review(ReviewArguments),
    /// Record what a verification came to.
    Verification(VerificationArguments),
    /// Move a plan back to planning or to an earlier step; counts as a reversion.
    Revert(RevertArguments),
    /// Say that a completed plan's result was applied: no rollback changes it from then on.
    Apply {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
    },
    /// Fail a plan; it can be retried.
    Fail {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
        /// What went wrong: at most 1 MiB.
        #[arg(long, value_name = "TEXT")]
        error: String,
    },
    /// Show a plan, its steps, the decisions on it and what comes next.
    Show {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
    },
    /// Play the steps of an imported trajectory, from the next one on. An approved plan goes on to
    /// its implementation first.
    Run {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
        /// At most so many steps.
        #[arg(long, value_name = "N")]
        steps: Option<u32>,
        /// Run it even if somebody else does; they stop when they notice.
        #[arg(long)]
        take_over: bool,
    },
    /// Show who runs a plan.
    Lease {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
    },
    /// Put a plan back to where it was at a checkpoint.
    Rollback {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
        /// The checkpoint's id, or how it begins; none: the newest in which the plan differs.
        checkpoint: Option<String>,
        /// Instead of a checkpoint: the revision of a decision that is to be reversed, as `history`
        /// says it. The plan goes to the newest checkpoint that is older.
        #[arg(long, value_name = "REVISION", conflicts_with = "checkpoint")]
        before: Option<u64>,
        /// Only say what would change.
        #[arg(long)]
        dry_run: bool,
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Bring a failed plan back to where it failed.
    Retry {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
    },
    /// Give a plan up.
    Cancel {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum CheckpointCommand {
    /// Take a checkpoint of a project, or of one of its plans.
    Create(CheckpointArguments),
    /// List the checkpoints of a project, or of one of its plans.
    List {
        /// The project's id, or how it begins.
        project: String,
        /// Of this plan only.
        #[arg(long)]
        plan: Option<String>,
    },
    /// Show a checkpoint: all that was said of it, and the project's figures at that moment.
    Show {
        /// The project's id, or how it begins.
        project: String,
        /// The checkpoint's id, or how it begins.
        checkpoint: String,
    },
    /// Keep a checkpoint whatever the project's retention says.
    Pin {
        /// The project's id, or how it begins.
        project: String,
        /// The checkpoint's id, or how it begins.
        checkpoint: String,
    },
    /// Let retention have a checkpoint again.
    Unpin {
        /// The project's id, or how it begins.
        project: String,
        /// The checkpoint's id, or how it begins.
        checkpoint: String,
    },
    /// Let go of the checkpoints beyond what is kept, but for those that something protects.
    Prune(PruneArguments),
}
