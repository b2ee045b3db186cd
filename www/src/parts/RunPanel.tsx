import type { PlanView } from "holdpoint";
import { useRef, useState } from "preact/hooks";
import { useAction } from "../action";
import { useCell } from "../cell";
import { useKeptFocus } from "../focus";
import { toProject } from "../router";
import { dismiss, type Pace, pace, type Runner, start, stop, useRun } from "../runner";
import { planOf, projectOf } from "../store";
import { count, number, visible } from "../text";
import { planHold, planState } from "../words";
import { Badge, Button } from "./basics";
import { CancelPlanDialog, PauseDialog } from "./dialogs";
import { ApplyDialog } from "./finalDialogs";
import { Icon } from "./Icon";
import { Note, ProblemBox } from "./ProblemBox";

const unfinished = (plan: PlanView): boolean =>
  !["completed", "failed", "cancelled"].includes(plan.state);

/** How far the plan is, what holds it, and all that makes it go on or stop. */
export function RunPanel({ plan, runner }: { plan: PlanView; runner: Runner | undefined }) {
  const run = useRun(plan.id);
  const action = useAction();
  const panel = useRef<HTMLElement>(null);
  useKeptFocus(panel);
  const [dialog, setDialog] = useState<"pause" | "cancel" | "apply">();
  const done = plan.lastCompletedStep + 1;
  const isHere = runner?.where === "here";
  const isElsewhere = runner?.where === "elsewhere";
  const isPaused = plan.hold === "project_paused";
  const isStartable = plan.hold === null || plan.hold === "not_started";
  const canRun = unfinished(plan) && isStartable && plan.isPlayable;
  const canPause = plan.projectStatus === "active" || plan.projectStatus === "planning";
  const canDo = plan.projectStatus !== "stopped";
  const begin = (steps?: number): void => void start(plan.project, plan.id, steps);
  const interrupted =
    runner?.where === "nobody" && plan.isPlayable && unfinished(plan)
      ? runningStep(plan)
      : undefined;
  const act = (work: () => Promise<unknown>) => () => void action.run(work);
  const { project, id: id } = plan;
  const isAtSteps = plan.state === "implementing" || plan.state === "pending";

  return (
    <section
      ref={panel}
      tabIndex={-1}
      class="card run"
      aria-labelledby="progress"
      data-testid="run-panel"
    >
      <header class="card-head">
        <h2 id="progress">
          <Badge tone={isPaused ? "hold" : planState[plan.state].tone} state={plan.state}>
            {isPaused ? "Paused" : planState[plan.state].word}
          </Badge>{" "}
          <span data-testid="plan-hold">
            {isHere && !isPaused ? "Running here" : planHold(plan)}
          </span>
          {isHere && !isPaused && <Icon name="arc" />}
        </h2>
        <p class="figure-big" data-testid="progress-count">
          {number(done)} <span class="muted">of {count(plan.steps, "step")}</span>
        </p>
      </header>
      <progress
        max={Math.max(plan.steps, 1)}
        value={done}
        aria-label="Steps done"
        data-testid="progress"
      />
      <div class="buttons">
        {canRun && (
          <>
            {/* One button in two roles: the focus stays on it. */}
            <Button
              kind="primary"
              icon={isHere ? "stop" : "play"}
              onClick={() => (isHere ? stop(id) : begin())}
              isBusy={run.phase === "stopping"}
              isOff={isElsewhere}
              testId={isHere ? "stop-running" : "run-all"}
            >
              {isHere ? "Stop running" : interrupted === undefined ? "Run to the end" : "Go on"}
            </Button>
            <Button
              icon="step"
              onClick={() => begin(1)}
              isOff={isHere || isElsewhere}
              testId="run-one"
            >
              Run one step
            </Button>
          </>
        )}
        {canPause && unfinished(plan) && (
          <Button icon="pause" onClick={() => setDialog("pause")} testId="pause">
            Pause…
          </Button>
        )}
        {plan.projectStatus === "paused" && (
          <Button
            kind="primary"
            icon="play"
            isBusy={action.isBusy}
            onClick={act(async () => (await projectOf(project)).resume())}
            testId="resume"
          >
            Resume
          </Button>
        )}
        {(plan.projectStatus === "stopped" || plan.projectStatus === "init") && (
          <Button
            kind="primary"
            icon="play"
            isBusy={action.isBusy}
            onClick={act(async () => (await projectOf(project)).start())}
            testId="start-project"
          >
            Start the project
          </Button>
        )}
        {plan.state === "failed" && (
          <Button
            kind="primary"
            icon="play"
            isBusy={action.isBusy}
            onClick={act(async () => (await planOf(project, id)).retry())}
            testId="retry-plan"
          >
            Retry
          </Button>
        )}
        {plan.state === "completed" && plan.appliedAt === null && canDo && (
          <Button kind="quiet" icon="check" onClick={() => setDialog("apply")} testId="apply">
            Mark as applied…
          </Button>
        )}
        {(unfinished(plan) || plan.state === "failed") && !isHere && (
          <Button kind="quiet" onClick={() => setDialog("cancel")} testId="cancel-plan">
            Cancel the plan…
          </Button>
        )}
        {canRun && <PaceSelect />}
      </div>
      {/* Below the buttons: what comes and goes must not move them from under a pointer. */}
      {interrupted !== undefined && (
        <Note tone="hold" testId="interrupted">
          <p>
            Step {number(interrupted + 1)} was begun and didn’t end; it will run again. Nothing else
            was lost.
          </p>
        </Note>
      )}
      {isElsewhere && (
        <Note testId="running-elsewhere">
          <p>
            {runner.who === undefined ? "Another tab" : <bdi>{runner.who}</bdi>} runs this plan. You
            see here what happens, and can pause it.
          </p>
        </Note>
      )}
      {isPaused && (
        <Note tone="hold" testId="held-by-pause">
          <p>
            The project is paused. Resume it and the plan goes on{" "}
            {isAtSteps ? `at step ${number(done + 1)}` : "where it waits"}.{" "}
            <a href={toProject(project)}>See what the pause did</a>
          </p>
        </Note>
      )}
      {plan.projectStatus === "paused" && !isPaused && (
        <Note testId="finished-under-pause">
          <p>
            The project is paused.{" "}
            {plan.state === "failed"
              ? "Once it is resumed, this plan can be retried."
              : "This plan is over, so resuming changes nothing here."}{" "}
            <a href={toProject(project)}>See the pause</a>
          </p>
        </Note>
      )}
      {plan.failure && <Failure failure={plan.failure} />}
      {isAtSteps && !plan.isPlayable && plan.steps > 0 && (
        <Note testId="not-playable">
          <p>
            Another program carries out the steps of this plan, or you do, by hand. Here you see how
            far it is.
          </p>
        </Note>
      )}
      <ProblemBox problem={action.problem} onDismiss={action.dismiss} />
      <ProblemBox problem={run.problem} onDismiss={() => dismiss(id)} />
      {run.note !== undefined && run.done === done && !isHere && !isPaused && (
        <p class="run-note" data-testid="run-note">
          <Icon name="info" /> {run.note}
        </p>
      )}
      {dialog === "pause" && <PauseDialog project={project} onClose={() => setDialog(undefined)} />}
      {dialog === "apply" && <ApplyDialog plan={plan} onClose={() => setDialog(undefined)} />}
      {dialog === "cancel" && <CancelPlanDialog plan={plan} onClose={() => setDialog(undefined)} />}
    </section>
  );
}

function runningStep(plan: PlanView): number | undefined {
  const step = plan.stepList.findIndex((step) => step.state === "running");
  return step < 0 ? undefined : step;
}

function Failure({ failure }: { failure: NonNullable<PlanView["failure"]> }) {
  return (
    <div class="note note-bad" data-testid="plan-failure">
      <Icon name="warning" />
      <div class="note-text">
        <p>
          {failure.step === null ? "It failed" : `It failed at step ${number(failure.step + 1)}`}:
        </p>
        <pre>{visible(failure.error)}</pre>
      </div>
    </div>
  );
}

function PaceSelect() {
  const current = useCell(pace);
  return (
    <label class="pace">
      <span>Pace</span>
      <select
        value={current}
        data-testid="pace"
        onChange={(event) => pace.set(event.currentTarget.value as Pace)}
      >
        <option value="full">as fast as it goes</option>
        <option value="second">one step a second</option>
      </select>
    </label>
  );
}
