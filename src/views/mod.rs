//! What faces show: a state as somebody wants to see it, with what is computed when asked for.

mod checkpoint;
mod history;
mod inbox;
mod item;
mod next;
mod plan;
mod project;
mod redaction;
mod statistics;
mod step;
mod store;
mod totals;

pub use checkpoint::CheckpointView;
pub use history::HistoryLine;
pub use inbox::InboxEntry;
pub use item::{ItemPage, ItemPageWithBodies, ItemQuery, ItemView, ItemWithBody};
pub use next::NextMove;
pub use plan::{FailureView, PlanView, SubmittedView, VerdictView};
pub use project::{PlanInList, ProjectView};
pub use redaction::{RedactionView, body_unless_redacted, project_at};
pub use statistics::{AgentView, Statistics, TierTally, Tiers};
pub use step::{StepSummary, StepView};
pub use store::StoreStatistics;
pub use totals::Totals;
