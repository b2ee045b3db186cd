//! **Holdpoint keeps long-running work pausable, resumable and reversible, with nothing lost.**
//!
//! The work is the plans of AI agents, or anything else that proceeds step by step
//! for hours or days and must survive the death of its process.
//!
//! ```text
//!    a face             engine                  machine (pure)             storage
//!  ┌────────┐  Command ┌────────────┐  decide(&Project, &Request, &mut Env) ┌──────────┐
//!  │ Rust   │ ───────► │ load       │ ───► events │ rejection │ needs(rev)  │ append   │
//!  │ CLI    │          │ decide     │                                       │ entries  │
//!  └────────┘ ◄─────── │ append     │ ───── entry at head + 1 ────────────► │ snapshot │
//!   Receipt,   Notice  │ swap state │ ◄──── ok │ conflict(found head)       │ rows     │
//!   subscribe          │ publish    │                                       └──────────┘
//!                      └────────────┘
//! ```
//!
//! - [`model`]: the nouns. A [`Project`](model::Project) owns one journal; it has plans,
//!   steps, agents with context items, and checkpoints.
//! - [`machine`]: what may happen. [`decide`](machine::decide) turns a command into events
//!   or a [`Rejection`](machine::Rejection); [`evolve`](machine::evolve) applies events. Pure.
//! - [`journal`]: how it is kept: entries in a hash chain, snapshots as a cache.
//! - [`storage`]: where it is kept: a [trait with a contract](storage::Storage), in memory
//!   and, with the feature `sqlite`, in a SQLite file.
//! - [`engine`]: the one place where machine and storage meet.
//!
//! # Example
//!
//! ```
//! use holdpoint::engine::Engine;
//! use holdpoint::machine::{Command, Outcome};
//! use holdpoint::model::Name;
//! use holdpoint::storage::MemoryStorage;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # pollster::block_on(async {
//! let engine = Engine::open(MemoryStorage::new(), "ana".parse()?).await?;
//!
//! let created = engine.create_project(Name::new("Site redesign")?).await?;
//! let project = created.project;
//! let plan = engine.create_plan(project, "Add sign-in", ["design", "code", "test"]).await?;
//! engine.execute(project, Command::StartPlan { plan }).await?;
//!
//! // A worker takes the next step and records what came of it.
//! let step = engine.start_step(project, plan).await?;
//! engine.complete_step(project, plan, step.attempt, Some("\"sketched\"".parse()?), vec![]).await?;
//!
//! // Pausing archives cold context, takes a checkpoint and sets the status: one commit.
//! let report = engine.pause(project, None).await?;
//! assert!(report.success && !report.already_paused);
//!
//! // While it is paused no step starts; after the resume the next one does.
//! let refused = engine.start_step(project, plan).await.unwrap_err();
//! assert_eq!(refused.code().as_str(), "PROJECT_PAUSED");
//! engine.resume(project, None).await?;
//! assert_eq!(engine.start_step(project, plan).await?.step, 1);
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! One rule for callers: await a call on a project before you rely on its result. A future
//! that is dropped half-way may still have committed; repeat it with the same command id
//! ([`Engine::submit`](engine::Engine::submit)) to learn what became of it.

pub mod engine;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "cli")]
pub mod host;
pub mod journal;
pub mod machine;
pub mod model;
pub mod platform;
pub mod storage;
#[cfg(any(feature = "cli", feature = "wasm"))]
pub mod trajectory;
#[cfg(any(feature = "cli", feature = "wasm"))]
pub mod views;
#[cfg(all(feature = "wasm", target_family = "wasm"))]
pub mod wasm;
