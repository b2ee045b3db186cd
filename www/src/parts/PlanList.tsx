import type { ProjectView } from "holdpoint";
import { useState } from "preact/hooks";
import { toPlan } from "../router";
import { count, beginning, number } from "../text";
import { planHold, planState } from "../words";
import { Badge, Button, Moment } from "./basics";
import { NewPlanDialog } from "./planDialogs";

/** A project's plans, and what holds each. */
export function PlanList({ project }: { project: ProjectView }) {
  const [isMaking, setMaking] = useState(false);
  const plans = project.planList;
  const canMake = ["init", "planning", "active", "paused"].includes(project.status);
  return (
    <section class="card" aria-labelledby="plans" data-testid="plans">
      <header class="card-head">
        <h2 id="plans">
          Plans <span class="count">{number(plans.length)}</span>
        </h2>
        {canMake && (
          <Button icon="plus" onClick={() => setMaking(true)} testId="new-plan">
            New plan…
          </Button>
        )}
      </header>
      {plans.length === 0 && <p class="muted">It has no plans.</p>}
      <ul class="rows">
        {plans.map((plan) => (
          <li key={plan.id} class="row" data-testid="plan" data-plan={plan.id}>
            <div class="row-main">
              <p class="row-title">
                <a href={toPlan(plan.project, plan.id)}>
                  <span class="muted">Plan {number(plan.number)}</span>{" "}
                  <bdi>{beginning(plan.request, 110)}</bdi>
                </a>
              </p>
              <p class="meta">
                <Badge tone={planState[plan.state].tone} state={plan.state}>
                  {planState[plan.state].word}
                </Badge>
                <span data-testid="plan-hold">{planHold(plan)}</span>
                <span>
                  touched <Moment time={plan.updatedAt} />
                </span>
              </p>
            </div>
            <div class="row-side">
              <progress
                max={Math.max(plan.steps, 1)}
                value={plan.lastCompletedStep + 1}
                aria-label={`Steps done of plan ${plan.number}`}
              />
              <span class="muted small">
                {number(plan.lastCompletedStep + 1)} of {count(plan.steps, "step")}
              </span>
            </div>
          </li>
        ))}
      </ul>
      {isMaking && <NewPlanDialog project={project.id} onClose={() => setMaking(false)} />}
    </section>
  );
}
