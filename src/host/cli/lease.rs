//! `plan lease`: who runs a plan.

use super::failure::Failure;
use super::output::{Output, visible};
use super::store::Store;
use crate::engine::LeaseView;
use crate::model::{PlanId, ProjectId};
use serde::Serialize;

#[derive(Serialize)]
struct Shown {
    project_id: ProjectId,
    plan_id: PlanId,
    lease: Option<LeaseView>,
}

pub(super) async fn show(store: &Store, output: &Output, plan: &str) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(plan).await?;
    let shown = Shown {
        project_id: project,
        plan_id: plan,
        lease: store.lease(project, plan).await?,
    };
    output.answer(&shown, || match &shown.lease {
        Some(lease) => described(plan, lease),
        None => format!("nobody runs plan {plan}"),
    })?;
    Ok(())
}

fn described(plan: PlanId, lease: &LeaseView) -> String {
    let LeaseView {
        worker,
        taken_at,
        expires_at,
        ..
    } = lease;
    let holder = visible(lease.holder.as_str());
    let verb = if lease.is_held { "runs" } else { "ran" };
    let worker_is = match lease.is_alive {
        Some(true) => "is alive",
        Some(false) => "is gone, so anybody can go on",
        None if lease.is_held => "may be alive",
        None => "is out of time, so anybody can go on",
    };
    format!(
        "{holder} {verb} plan {plan}\nsince {taken_at}, until {expires_at} or longer\n\
         worker {worker} {worker_is}"
    )
}
