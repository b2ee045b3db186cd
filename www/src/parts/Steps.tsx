import type { PlanView, StepSummary } from "holdpoint";
import { useEffect, useState } from "preact/hooks";
import { number, visible } from "../text";
import { stepState } from "../words";
import { Button } from "./basics";
import { Icon, type IconName } from "./Icon";
import { memo } from "./memo";
import { StepDetail } from "./StepDetail";

const PAGE = 200;

const icons: Record<StepSummary["state"], IconName> = {
  pending: "ring",
  running: "arc",
  failed: "cross",
  completed: "check",
};

/** A plan's steps. Many are shown page by page, first the one where the plan is. */
export function Steps({ plan }: { plan: PlanView }) {
  const pages = Math.max(1, Math.ceil(plan.stepList.length / PAGE));
  const current = Math.min(Math.floor((plan.lastCompletedStep + 1) / PAGE), pages - 1);
  const [picked, setPicked] = useState<number>();
  const page = Math.min(picked ?? current, pages - 1);
  const first = page * PAGE;
  // All of a page at once, to look at what was done; how often it was asked tells a new wish.
  const [all, setAll] = useState({ isOpen: false, round: 0 });
  const hasOutput = plan.stepList.some((step) => step.hasOutput);
  return (
    <section class="card" aria-labelledby="steps" data-testid="steps">
      <header class="card-head">
        <h2 id="steps">
          Steps <span class="count">{number(plan.stepList.length)}</span>
        </h2>
        {hasOutput && (
          <Button
            kind="quiet"
            onClick={() => setAll({ isOpen: !all.isOpen, round: all.round + 1 })}
            testId="open-steps"
          >
            {all.isOpen ? "Close all" : "Open all"}
          </Button>
        )}
        {pages > 1 && (
          <nav class="buttons" aria-label="Pages of steps">
            <Button disabled={page === 0} onClick={() => setPicked(page - 1)}>
              Earlier
            </Button>
            <span class="muted">
              {number(first + 1)}–{number(Math.min(first + PAGE, plan.stepList.length))}
            </span>
            <Button disabled={page === pages - 1} onClick={() => setPicked(page + 1)}>
              Later
            </Button>
          </nav>
        )}
      </header>
      {plan.stepList.length === 0 && <p class="muted">It has no steps yet.</p>}
      <ol class="steps" start={first + 1}>
        {plan.stepList.slice(first, first + PAGE).map((step, offset) => (
          <StepRow
            key={step.id}
            project={plan.project}
            plan={plan.id}
            index={first + offset}
            step={step}
            all={all}
            isNext={first + offset === plan.lastCompletedStep + 1 && plan.hold === null}
          />
        ))}
      </ol>
    </section>
  );
}

interface StepRowProps {
  project: string;
  plan: string;
  index: number;
  step: StepSummary;
  isNext: boolean;
  all: { isOpen: boolean; round: number };
}

const StepRow = memo(({ project, plan, index, step, isNext, all }: StepRowProps) => {
  const [isOpen, setOpen] = useState(all.isOpen);
  useEffect(() => {
    if (all.round > 0) setOpen(all.isOpen);
  }, [all.round]);
  return (
    <li
      class={`step step-${step.state}${isNext ? " step-next" : ""}`}
      data-testid="step"
      data-step={index}
      data-state={step.state}
      aria-current={isNext ? "step" : undefined}
    >
      <button
        type="button"
        class="step-head"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <span class="step-number">{number(index + 1)}</span>
        <span class="step-icon">
          <Icon name={icons[step.state]} />
        </span>
        <span class="step-title">
          <bdi>{visible(step.title, true)}</bdi>
        </span>
        <span class="step-meta">
          {step.failures > 0 && <span class="bad">failed {number(step.failures)}×</span>}
          <span class="step-state">
            {isNext && step.state === "pending" ? "Next" : stepState[step.state]}
          </span>
        </span>
        <Icon name="chevron" />
      </button>
      {isOpen && <StepDetail project={project} plan={plan} step={index} />}
    </li>
  );
}, same);

function same(one: StepRowProps, two: StepRowProps): boolean {
  return (
    one.index === two.index &&
    one.isNext === two.isNext &&
    one.all === two.all &&
    one.step.id === two.step.id &&
    one.step.title === two.step.title &&
    one.step.state === two.step.state &&
    one.step.failures === two.step.failures
  );
}
