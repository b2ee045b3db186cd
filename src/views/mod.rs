//! What faces show: a state as somebody wants to see it, with what is computed when asked for.

mod item;
mod plan;
mod project;

pub use item::{ItemPage, ItemQuery, ItemView};
pub use plan::{PlanView, StepSummary, StepView};
pub use project::{AgentView, PlanInList, ProjectView, TierTally, Tiers};
