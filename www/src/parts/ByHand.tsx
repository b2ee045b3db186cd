import type { PlanView } from "holdpoint";
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { useKeptFocus } from "../focus";
import { planOf, projectOf } from "../store";
import { count, number, visible } from "../text";
import { Button } from "./basics";
import { SubmitPlanDialog } from "./planDialogs";
import { ProblemBox } from "./ProblemBox";
import { FailStepDialog, ResultDialog } from "./stepDialogs";

/**
 * What a person does next on a plan that doesn't play by itself: start it, submit its steps, begin
 * its implementation, carry out its steps one by one.
 */
export function ByHand({
  plan,
  region,
}: {
  plan: PlanView;
  region: RefObject<HTMLElement | null>;
}) {
  const action = useAction();
  useKeptFocus(region);
  const [dialog, setDialog] = useState<
    { type: "submit" } | { type: "result" | "failed"; step: number; attempt: number }
  >();
  const close = (): void => setDialog(undefined);
  const { project, id: id } = plan;
  const index = plan.lastCompletedStep + 1;
  const step = plan.stepList[index];
  const running = step?.state === "running" ? (step.attempt ?? undefined) : undefined;
  const part = partOf(plan, running !== undefined);
  const act = (work: () => Promise<unknown>) => () => void action.run(work);

  return (
    <>
      {part && (
        <section class="card by-hand" aria-labelledby="by-hand" data-testid="by-hand">
          <h2 id="by-hand">{titles[part]}</h2>
          {part === "start" && (
            <p class="muted">
              {plan.steps === 0
                ? "It has no steps yet: once it is started, it waits for a plan."
                : plan.settings.gates.plan
                  ? "Once it is started, its plan is submitted and approved first."
                  : `It has ${count(plan.steps, "step")}.`}
            </p>
          )}
          {part === "submit" && (
            <p class="muted">
              It waits for its plan: in words, and step by step.
              {plan.settings.gates.plan && " Somebody approves it before it is carried out."}
            </p>
          )}
          {part === "implement" && (
            <p class="muted">The plan was approved. {count(plan.steps, "step")} are to be done.</p>
          )}
          {part === "steps" && step && (
            <>
              <p>
                <span class="muted">
                  Step {number(index + 1)} of {number(plan.steps)}:
                </span>{" "}
                <bdi>{visible(step.title, true)}</bdi>
              </p>
              {running !== undefined && (
                <p class="muted small">
                  Attempt {number(running)} runs. If another program is at it, let that one say what
                  came of it.
                </p>
              )}
            </>
          )}
          <div class="buttons">
            {part === "start" && (
              <Button
                kind="primary"
                icon="play"
                isBusy={action.isBusy}
                onClick={act(async () => (await planOf(project, id)).start())}
                testId="start-plan"
              >
                Start the plan
              </Button>
            )}
            {part === "submit" && (
              <Button
                kind="primary"
                icon="inbox"
                onClick={() => setDialog({ type: "submit" })}
                testId="submit-plan"
              >
                Submit the plan…
              </Button>
            )}
            {part === "implement" && (
              <Button
                kind="primary"
                icon="play"
                isBusy={action.isBusy}
                onClick={act(async () => (await planOf(project, id)).startImplementation())}
                testId="start-implementation"
              >
                Start implementation
              </Button>
            )}
            {part === "steps" && (
              <>
                {/* One button in two roles: the focus stays on it. */}
                <Button
                  kind="primary"
                  icon={running === undefined ? "play" : "check"}
                  isBusy={action.isBusy}
                  onClick={
                    running === undefined
                      ? act(async () => {
                          const of = await projectOf(project);
                          await of.execute({ type: "start_step", plan: id, step: index });
                          announce(`Step ${number(index + 1)} started`);
                        })
                      : () => setDialog({ type: "result", step: index, attempt: running })
                  }
                  testId={running === undefined ? "start-step" : "record-result"}
                >
                  {running === undefined ? "Start step" : "Record result…"}
                </Button>
                {running !== undefined && (
                  <Button
                    onClick={() => setDialog({ type: "failed", step: index, attempt: running })}
                    testId="step-failed"
                  >
                    It failed…
                  </Button>
                )}
              </>
            )}
          </div>
          <ProblemBox problem={action.problem} onDismiss={action.dismiss} />
        </section>
      )}
      {dialog?.type === "submit" && <SubmitPlanDialog plan={plan} onClose={close} />}
      {dialog?.type === "result" && <ResultDialog plan={plan} {...dialog} onClose={close} />}
      {dialog?.type === "failed" && <FailStepDialog plan={plan} {...dialog} onClose={close} />}
    </>
  );
}

type Part = "start" | "submit" | "implement" | "steps";

const titles: Record<Part, string> = {
  start: "Not started yet",
  submit: "Waits for its plan",
  implement: "Approved",
  steps: "Step by step",
};

/** What is to be done by hand, if anything is; a result is taken even while the project is paused. */
function partOf(plan: PlanView, isRunning: boolean): Part | undefined {
  if (plan.projectStatus === "paused") {
    return plan.state === "implementing" && isRunning && !plan.isPlayable ? "steps" : undefined;
  }
  switch (plan.hold) {
    case "not_started":
      return plan.isPlayable && !plan.settings.gates.plan ? undefined : "start";
    case "awaiting_steps":
      return "submit";
    case "awaiting_start":
      return "implement";
    case null:
      return plan.state === "implementing" && !plan.isPlayable ? "steps" : undefined;
    default:
      return undefined;
  }
}
