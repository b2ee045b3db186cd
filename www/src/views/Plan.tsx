import type { PlanView } from "holdpoint";
import { useRef } from "preact/hooks";
import { useCheckpoints } from "../checkpoints";
import { useKeptFocus } from "../focus";
import { isGone, usePlan } from "../live";
import { Crumbs } from "../parts/Crumbs";
import { Facts, Loading, Moment } from "../parts/basics";
import { ByHand } from "../parts/ByHand";
import { Checkpoints } from "../parts/Checkpoints";
import { Decide } from "../parts/Decide";
import { PlanHistory } from "../parts/History";
import { Missing } from "../parts/Missing";
import { ProblemBox } from "../parts/ProblemBox";
import { RunPanel } from "../parts/RunPanel";
import { Steps } from "../parts/Steps";
import { Title } from "../parts/Title";
import { Verdicts } from "../parts/Verdicts";
import { useRunner } from "../runner";
import { count, beginning, number, visible } from "../text";

export function Plan({ project, id }: { project: string; id: string }) {
  const live = usePlan(project, id);
  const checkpoints = useCheckpoints(project);
  const runner = useRunner(project, id);
  const next = useRef<HTMLDivElement>(null);
  useKeptFocus(next);
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
      <Crumbs project={project} name={plan?.projectName} />
      <ProblemBox problem={live.problem} onAgain={live.again} />
      {!plan && !live.problem && <Loading what="the plan" />}
      {plan && (
        <>
          <header class="view-head">
            <p class="kicker">Plan {number(plan.number)}</p>
            <Title text={beginning(plan.request, 140)} isLong />
          </header>
          <div ref={next} class="next" tabIndex={-1} role="group" aria-label="What comes next">
            <RunPanel plan={plan} runner={runner} />
            <Decide plan={plan} region={next} />
            <ByHand plan={plan} region={next} />
          </div>
          <div class="columns">
            <div class="column">
              <Request plan={plan} />
              <Steps plan={plan} />
              <PlanHistory
                project={project}
                name={`${plan.projectName}-plan-${plan.number}`}
                plan={id}
                plans={[plan]}
                checkpoints={checkpoints.data ?? []}
              />
            </div>
            <div class="column column-side">
              <Verdicts plan={plan} />
              <Checkpoints
                project={project}
                projectName={plan.projectName}
                plan={plan}
                plans={[plan]}
                live={checkpoints}
                canRollBack={!["stopped", "completed"].includes(plan.projectStatus)}
                isPaused={plan.projectStatus === "paused"}
                suggestion={`After step ${plan.lastCompletedStep + 1}`}
              />
              <section class="card" aria-labelledby="facts">
                <h2 id="facts">Facts</h2>
                <Facts
                  facts={[
                    [
                      "Moved back",
                      `${number(plan.reversionCount)} of ${count(plan.maxReversions, "time")}`,
                    ],
                    ["Attempts", number(plan.lastAttempt)],
                    ["Retries", number(plan.retryCount)],
                    ["Created", <Moment time={plan.createdAt} />],
                    ["Touched", <Moment time={plan.updatedAt} />],
                    ["Id", <code class="id">{plan.id}</code>],
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
  const { submitted } = plan;
  return (
    <>
      <Folded title="What was asked for" name="The request" text={plan.request} testId="request" />
      {submitted && plan.state !== "plan_awaiting_approval" && (
        <Folded
          title="The plan in words"
          name="The plan"
          text={submitted.text}
          testId="plan-in-words"
        />
      )}
    </>
  );
}

/** A long text, folded away until somebody wants to read it. */
function Folded({
  title,
  name,
  text,
  testId,
}: {
  title: string;
  name: string;
  text: string;
  testId: string;
}) {
  return (
    <details class="card request" data-testid={testId}>
      <summary>
        <h2>{title}</h2>
      </summary>
      <pre tabIndex={0} role="region" aria-label={name} dir="auto">
        {visible(text)}
      </pre>
    </details>
  );
}
