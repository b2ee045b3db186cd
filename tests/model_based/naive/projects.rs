//! A project's own commands.

use super::{Act, Comes, Project, entry, retention, table};
use holdpoint::machine::{FirstPlan, InitialStatus};
use holdpoint::model::{FlashSavePolicy, ProjectSettings};
use serde_json::json;
use std::collections::BTreeMap;

/// A project of which nothing is known but who makes it.
pub(super) fn blank(now: i64, by: &str) -> Project {
    Project {
        name: String::new(),
        status: "init",
        token_limit: 0,
        flash_save: "always",
        retention: [50, 50],
        origin: None,
        pause: None,
        created_at: now,
        created_by: by.to_owned(),
        updated_at: now,
        numbers: [0; 3],
        plans: BTreeMap::new(),
        departed: BTreeMap::new(),
        redacted: BTreeMap::new(),
        agents: BTreeMap::new(),
        items: BTreeMap::new(),
        checkpoints: BTreeMap::new(),
    }
}

/// A limit that an agent can have: 1 to 2^53 − 1.
pub(super) fn check_limit(limit: u64) -> Result<(), &'static str> {
    if limit == 0 || limit >= 1 << 53 {
        return Err("INVALID_INPUT");
    }
    Ok(())
}

impl Act<'_> {
    pub(super) fn create_project(
        &mut self,
        name: &str,
        status: InitialStatus,
        settings: &ProjectSettings,
        first: Option<&FirstPlan>,
    ) -> Comes {
        check_limit(settings.token_limit)?;
        self.next.retention = retention::checked(settings.retention)?;
        name.clone_into(&mut self.next.name);
        self.next.token_limit = settings.token_limit;
        self.next.flash_save = match settings.flash_save {
            FlashSavePolicy::Always => "always",
            FlashSavePolicy::OverThreshold => "over-threshold",
            FlashSavePolicy::Never => "never",
        };
        self.next.status = match status {
            InitialStatus::Init => "init",
            InitialStatus::Planning => "planning",
            InitialStatus::Active => "active",
        };
        let mut made = None;
        if let Some(first) = first {
            if self.next.status != "active" {
                return Err("INVALID_INPUT");
            }
            let plan = self.new_plan(&first.plan)?;
            self.add_items(&first.context, Some(plan))?;
            self.start_plan(plan)?;
            made = Some(plan);
        }
        entry(json!({ "type": "project_created", "plan": made }))
    }

    pub(super) fn change_status(&mut self, to: &'static str, from: &[&str]) -> Comes {
        if !from.contains(&self.next.status) {
            return Err("INVALID_TRANSITION");
        }
        self.next.status = to;
        self.next.pause = None;
        entry(json!({ "type": "project_status_changed", "status": to }))
    }

    pub(super) fn complete_project(&mut self) -> Comes {
        let is_unfinished = |plan: &super::Plan| table::is_unfinished(plan.progress.state);
        let unfinished = self.next.plans.values().any(is_unfinished);
        if self.next.status == "active" && unfinished {
            return Err("PLANS_UNFINISHED");
        }
        self.change_status("completed", &["active"])
    }
}
