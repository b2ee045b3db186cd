import type { PlanView } from "#wasm";
import { useCheckpoints } from "../checkpoints";
import { isGone, useQuery } from "../live";
import { Facts, Foreign, Loading, Moment } from "../parts/basics";
import { Checkpoints } from "../parts/Checkpoints";
import { Missing } from "../parts/Missing";
import { ProblemBox } from "../parts/ProblemBox";
import { RunPanel } from "../parts/RunPanel";
import { Steps } from "../parts/Steps";
import { Title } from "../parts/Title";
import { toHome, toProject } from "../router";
import { useRunner } from "../runner";
import { count, beginning, number, visible } from "../text";

export function Plan({ project, id }: { project: string; id: string }) {
  const live = useQuery({ type: "plan", project, plan: id });
  const checkpoints = useCheckpoints(project);
  const runner = useRunner(project, id);
  const plan = live.data;
  if (isGone(live.problem)) {
    return (
      <Missing
        title="No such plan"
        text="It was rolled back or deleted, or the address is wrong."
      />
    );
  }
  return (
    <>
      <nav class="crumbs" aria-label="Where you are">
        <a href={toHome}>Your work</a>
        {plan && (
          <a href={toProject(project)} data-testid="to-project">
            <Foreign text={plan.project_name} />
          </a>
        )}
      </nav>
      <ProblemBox problem={live.problem} onAgain={live.again} />
      {!plan && !live.problem && <Loading what="the plan" />}
      {plan && (
        <>
          <header class="view-head">
            <p class="kicker">Plan {number(plan.number)}</p>
            <Title text={beginning(plan.request, 140)} isLong />
          </header>
          <RunPanel plan={plan} runner={runner} />
          <div class="columns">
            <div class="column">
              <Request plan={plan} />
              <Steps plan={plan} />
            </div>
            <div class="column column-side">
              <Checkpoints
                project={project}
                plan={plan}
                plans={[plan]}
                live={checkpoints}
                canRollBack={!["stopped", "completed"].includes(plan.project_status)}
                isPaused={plan.project_status === "paused"}
                suggestion={`After step ${plan.last_completed_step + 1}`}
              />
              <section class="card" aria-labelledby="facts">
                <h2 id="facts">Facts</h2>
                <Facts
                  facts={[
                    [
                      "Moved back",
                      `${number(plan.reversion_count)} of ${count(plan.max_reversions, "time")}`,
                    ],
                    ["Attempts", number(plan.last_attempt)],
                    ["Retries", number(plan.retry_count)],
                    ["Created", <Moment time={plan.created_at} />],
                    ["Touched", <Moment time={plan.updated_at} />],
                    ["Id", <code class="id">{plan.plan}</code>],
                  ]}
                />
              </section>
            </div>
          </div>
        </>
      )}
    </>
  );
}

function Request({ plan }: { plan: PlanView }) {
  return (
    <details class="card request" data-testid="request">
      <summary>
        <h2>What was asked for</h2>
      </summary>
      <pre tabIndex={0} role="region" aria-label="The request" dir="auto">
        {visible(plan.request)}
      </pre>
    </details>
  );
}
