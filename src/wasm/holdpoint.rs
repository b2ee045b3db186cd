//! The class.

use super::asked::Asked;
use super::border;
use super::claim::{self, Claim};
use super::export::{self, Export};
use super::failure::Failure;
use super::import::{self, Import};
use super::log::{Level, say};
use super::promise::promise;
use super::query_form::Query;
use super::request::Shown;
use super::store::{OpenOptions, Store};
use super::subscription::Subscription;
use crate::engine::{Engine, EngineOptions, Receipt};
use crate::machine::{Command, Outcome};
use crate::model::{Actor, CheckpointId, InvalidInput, PlanId, ProjectId, Reason};
use crate::platform;
use crate::trajectory::{MAX_FILE_BYTES, Trajectory, play_next};
use js_sys::{Function, JsString, Promise};
use serde::Serialize;
use std::cell::RefCell;
use std::future::{Future, ready};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

/// A store, opened. See `types/` for what its methods take and give.
///
/// Methods take `&self` and hold no borrow while they wait, so that calls may overlap.
#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct Holdpoint {
    /// None once it is closed.
    engine: RefCell<Option<Engine<Store>>>,
}

/// `Imported` of the types.
#[derive(Serialize)]
struct Imported {
    project: ProjectId,
    plan: PlanId,
    name: String,
    steps: usize,
}

#[wasm_bindgen]
impl Holdpoint {
    /// Opens a store.
    #[wasm_bindgen(skip_typescript)]
    pub fn open(options: JsValue) -> Promise {
        let open = async move {
            let mut options = OpenOptions::read(&options)?;
            let actor: Actor = options.actor.parse()?;
            let mut behaviour = EngineOptions::new(actor);
            if let Some(counter) = options.counter.take() {
                behaviour.tokens = Box::new(counter);
            }
            let engine = Engine::open_with(Store::open(&options).await?, behaviour).await?;
            say(Level::Info, || format!("opened {:?}", options.storage));
            let opened = Self {
                engine: RefCell::new(Some(engine)),
            };
            Ok(opened.into())
        };
        promise("open", Box::pin(open))
    }

    /// Carries out any command.
    #[wasm_bindgen(skip_typescript)]
    pub fn execute(&self, request: JsValue) -> Promise {
        self.call("execute", async move |engine| {
            let asked: Asked = border::read("request", &request)?;
            let kind = asked.command().kind();
            let receipt = asked.execute(&engine).await?;
            say(Level::Info, || done(kind.as_str(), &receipt));
            Ok(border::write(&receipt))
        })
    }

    /// Says what a command would come to.
    #[wasm_bindgen(skip_typescript)]
    pub fn preview(&self, project: JsValue, command: JsValue) -> Promise {
        self.call("preview", async move |engine| {
            let project: ProjectId = border::parse("project", &project)?;
            let command: Command = border::read("command", &command)?;
            let preview = engine.preview(project, command).await?;
            Ok(border::write(&Shown::of(project, preview)))
        })
    }

    /// Reads.
    #[wasm_bindgen(skip_typescript)]
    pub fn query(&self, query: JsValue) -> Promise {
        self.call("query", async move |engine| {
            let query: Query = border::read("query", &query)?;
            query.answer(&engine).await
        })
    }

    /// Hears of commits.
    #[wasm_bindgen(skip_typescript)]
    pub fn subscribe(&self, listener: JsValue, project: JsValue) -> Promise {
        self.call("subscribe", async move |engine| {
            let listener: Function = listener.dyn_into().map_err(|found: JsValue| {
                let found = found.js_typeof().as_string().unwrap_or_default();
                InvalidInput::malformed("listener", "a function", &found)
            })?;
            let project: Option<ProjectId> = border::parse_optional("project", &project)?;
            let notices = engine.subscribe(project).await?;
            // The task that calls the listener must not keep the engine alive.
            drop(engine);
            Ok(Subscription::start(notices, listener).into())
        })
    }

    /// Pauses a project.
    #[wasm_bindgen(skip_typescript)]
    pub fn pause(&self, project: JsValue, reason: JsValue) -> Promise {
        self.call("pause", async move |engine| {
            let project: ProjectId = border::parse("project", &project)?;
            let reason: Option<Reason> = border::parse_optional("reason", &reason)?;
            let report = engine.pause(project, reason).await?;
            say(Level::Info, || format!("pause of project {project} done"));
            Ok(border::write(&report))
        })
    }

    /// Lets a paused project go on.
    #[wasm_bindgen(skip_typescript)]
    pub fn resume(&self, project: JsValue, checkpoint: JsValue) -> Promise {
        self.call("resume", async move |engine| {
            let project: ProjectId = border::parse("project", &project)?;
            let checkpoint: Option<CheckpointId> =
                border::parse_optional("checkpoint", &checkpoint)?;
            let report = engine.resume(project, checkpoint).await?;
            say(Level::Info, || format!("resume of project {project} done"));
            Ok(border::write(&report))
        })
    }

    /// Makes a project of a trajectory.
    #[wasm_bindgen(js_name = importTrajectory, skip_typescript)]
    pub fn import_trajectory(&self, text: JsValue, file_name: JsValue) -> Promise {
        self.call("importTrajectory", async move |engine| {
            let length = text.dyn_ref::<JsString>().map_or(0, JsString::length);
            if u64::from(length) > MAX_FILE_BYTES {
                return Err(InvalidInput::TooLong {
                    field: "trajectory",
                    limit: usize::try_from(MAX_FILE_BYTES).unwrap_or(usize::MAX),
                    unit: "bytes",
                    found: length as usize,
                }
                .into());
            }
            let text_of_file = border::text("trajectory", &text)?;
            let file_name = border::text("file_name", &file_name)?;
            let trajectory = Trajectory::parse(&text_of_file, stem(&file_name), platform::now())?;
            drop(text_of_file);
            let receipt = engine.create_project_with(trajectory.command()?).await?;
            say(Level::Info, || done("import", &receipt));
            let Outcome::ProjectCreated { plan: Some(plan) } = receipt.outcome else {
                unreachable!("a project with a plan was created");
            };
            Ok(border::write_own(&Imported {
                project: receipt.project,
                plan,
                name: trajectory.title().to_string(),
                steps: trajectory.step_count(),
            }))
        })
    }

    /// Plays the next step of an imported trajectory.
    #[wasm_bindgen(js_name = playStep, skip_typescript)]
    pub fn play_step(&self, project: JsValue, plan: JsValue) -> Promise {
        self.call("playStep", async move |engine| {
            let project: ProjectId = border::parse("project", &project)?;
            let plan: PlanId = border::parse("plan", &plan)?;
            let played = play_next(&engine, project, plan).await?;
            say(Level::Debug, || {
                format!("step {} of plan {plan} played", played.done.step)
            });
            Ok(border::write(&played))
        })
    }

    /// Keeps a plan for this store's worker.
    #[wasm_bindgen(skip_typescript)]
    pub fn claim(&self, project: JsValue, plan: JsValue, options: JsValue) -> Promise {
        self.call("claim", async move |engine| {
            let project: ProjectId = border::parse("project", &project)?;
            let plan: PlanId = border::parse("plan", &plan)?;
            let options = claim::options(&options)?;
            let claimed = engine.claim(project, plan, options).await?;
            say(Level::Debug, || format!("plan {plan} claimed"));
            Ok(Claim::of(claimed).into())
        })
    }

    /// Begins to export projects to a bundle.
    #[wasm_bindgen(skip_typescript)]
    pub fn export(&self, projects: JsValue) -> Promise {
        self.call("export", async move |engine| {
            let scope = export::scope(&projects)?;
            Ok(Export::of(engine.export(scope).await?).into())
        })
    }

    /// Begins to import projects from a bundle.
    #[wasm_bindgen(skip_typescript)]
    pub fn import(&self, options: JsValue) -> Promise {
        self.call("import", async move |engine| {
            let options = import::options(&options)?;
            Ok(Import::of(engine.import(options)).into())
        })
    }

    /// Closes the storage.
    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) {
        if let Some(engine) = self.engine.take() {
            engine.storage().close();
        }
    }
}

impl Holdpoint {
    /// A call on the engine that is open now.
    fn call<F>(
        &self,
        name: &'static str,
        call: impl FnOnce(Engine<Store>) -> F + 'static,
    ) -> Promise
    where
        F: Future<Output = Result<JsValue, Failure>> + 'static,
    {
        let engine = self.engine.borrow().clone();
        match engine {
            Some(engine) => promise(name, Box::pin(call(engine))),
            None => promise(name, Box::pin(ready(Err(Failure::closed())))),
        }
    }
}

fn done(what: impl std::fmt::Display, receipt: &Receipt) -> String {
    let Receipt {
        project, revision, ..
    } = receipt;
    format!("{what} done: project {project} is at revision {revision}")
}

/// A file's name without its last extension.
fn stem(file_name: &str) -> &str {
    match file_name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file_name,
    }
}
