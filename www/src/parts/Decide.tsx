import type { PlanView } from "holdpoint";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { useKeptFocus } from "../focus";
import { planOf } from "../store";
import { count, number, visible } from "../text";
import { gateOf, gates, verdict, waitsForResume } from "../words";
import { Button, Foreign, Moment } from "./basics";
import { FindingsDialog, RejectDialog, type Seen, Superseded } from "./decisions";
import { Icon } from "./Icon";
import { Note, ProblemBox } from "./ProblemBox";
import { LongText } from "./StepDetail";

/**
 * What waits for a decision, and the buttons that decide. A decision names the submission that was
 * on the page: one that takes its place is shown, and has to be looked at first.
 */
export function Decide({
  plan,
  region,
}: {
  plan: PlanView;
  /** Where the focus goes when what had it is gone. */
  region: RefObject<HTMLElement | null>;
}) {
  const action = useAction();
  useKeptFocus(region);
  const [dialog, setDialog] = useState<Seen>();
  const { seen, isReplaced, accept, decided } = useSeen(plan.submission);
  const gate = gateOf(plan.state);
  const isOpen = ["init", "planning", "active", "paused"].includes(plan.projectStatus);
  const isPaused = plan.projectStatus === "paused";
  const isHeld = gate !== undefined && isPaused && waitsForResume(gate);
  const isOff = isReplaced || isHeld || !isOpen;
  const isLate = action.problem?.code === "SUPERSEDED";
  const what = gate && seen !== null ? { gate, submission: seen } : undefined;

  const approve = (): void => {
    if (!what) return;
    const { submission } = what;
    void action.run(async () => {
      await (await planOf(plan.project, plan.id)).approve(submission);
      decided();
      announce(gates[what.gate].passed);
    });
  };
  const close = (): void => setDialog(undefined);
  const Dialog = dialog && waitsForResume(dialog.gate) ? FindingsDialog : RejectDialog;
  return (
    <>
      {(gate || action.problem) && (
        <section
          class="card decide"
          aria-labelledby="decide"
          data-testid="decide"
          data-gate={gate}
          data-submission={plan.submission}
        >
          {gate && (
            <header class="card-head">
              <h2 id="decide">
                <Icon name="inbox" /> {gates[gate].title}
              </h2>
              <p class="muted small">
                submission {number(plan.submission ?? 0)}, since <Moment time={plan.updatedAt} />
              </p>
            </header>
          )}
          {!gate && (
            <h2 id="decide" class="hidden">
              Decision
            </h2>
          )}
          {(isReplaced || isLate) && <Superseded plan={plan} seen={what ?? undefined} />}
          {gate && <Submitted plan={plan} />}
          {isPaused && gate && (
            <Note tone="hold" testId="decide-paused">
              <p>
                {isHeld
                  ? `The project is paused: the ${gate} can be recorded once it is resumed.`
                  : "The project is paused. You can decide all the same; the work goes on once it is resumed."}
              </p>
            </Note>
          )}
          {gate && !isOpen && (
            <Note tone="hold" testId="decide-stopped">
              <p>
                {plan.projectStatus === "stopped"
                  ? "The project is stopped: start it, then decide."
                  : "The project is completed: there is nothing more to decide."}
              </p>
            </Note>
          )}
          {!isLate && <ProblemBox problem={action.problem} onDismiss={action.dismiss} />}
          {gate && (
            <div class="buttons">
              {isReplaced || isLate ? (
                <Button
                  kind="primary"
                  onClick={() => {
                    action.dismiss();
                    accept();
                  }}
                  testId="look-at-new"
                >
                  I have looked at it: decide on this one
                </Button>
              ) : waitsForResume(gate) ? (
                <Button
                  kind="primary"
                  icon="check"
                  isOff={isOff}
                  onClick={() => setDialog(what)}
                  testId="record-findings"
                >
                  {gate === "review" ? "Record the review…" : "Record the verification…"}
                </Button>
              ) : (
                <>
                  <Button
                    kind="primary"
                    icon="check"
                    isOff={isOff}
                    isBusy={action.isBusy}
                    onClick={approve}
                    testId="approve"
                  >
                    Approve
                  </Button>
                  <Button icon="back" isOff={isOff} onClick={() => setDialog(what)} testId="reject">
                    Send back…
                  </Button>
                </>
              )}
            </div>
          )}
          {!gate && (
            <div class="buttons">
              <Button onClick={action.dismiss}>Understood</Button>
            </div>
          )}
        </section>
      )}
      {dialog && <Dialog plan={plan} seen={dialog} onClose={close} onDecided={decided} />}
    </>
  );
}

/**
 * Which submission the person at this page has looked at. One that comes after nothing waited, or
 * after a decision of their own, is simply the next; one that takes another's place isn't theirs yet.
 */
function useSeen(submission: number | null): {
  seen: number | null;
  isReplaced: boolean;
  accept: () => void;
  decided: () => void;
} {
  const [seen, setSeen] = useState(submission);
  const own = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (submission === seen) return;
    if (submission === null || seen === null || own.current === seen) setSeen(submission);
  }, [submission, seen]);
  const isReplaced =
    submission !== null && seen !== null && seen !== submission && own.current !== seen;
  return {
    seen,
    isReplaced,
    accept: () => setSeen(submission),
    decided: () => void (own.current = seen),
  };
}

const FEW = 12;

/** What is up for the decision, and what was said about an earlier one. */
function Submitted({ plan }: { plan: PlanView }) {
  const isPlan = plan.state === "plan_awaiting_approval";
  const last = plan.verdicts.at(-1);
  const before = last?.passed === false ? last : undefined;
  const done = plan.lastCompletedStep + 1;
  return (
    <>
      {before && (
        <blockquote class="reason" data-testid="sent-back-before">
          <p class="muted small">
            {verdict(before)} by <Foreign text={before.by} /> <Moment time={before.at} />:
          </p>
          {visible(before.reason ?? before.notes ?? "without a reason")}
        </blockquote>
      )}
      {isPlan && plan.submitted && (
        <>
          <p class="muted small">
            Submitted by <Foreign text={plan.submitted.by} /> <Moment time={plan.submitted.at} />
          </p>
          <LongText name="The plan" text={plan.submitted.text} testId="submitted-text" />
        </>
      )}
      {isPlan ? (
        <div class="submitted-steps">
          <h3>{count(plan.steps, "step")}</h3>
          <ol data-testid="submitted-steps">
            {plan.stepList.slice(0, FEW).map((step) => (
              <li key={step.id}>
                <Foreign text={step.title} />
              </li>
            ))}
          </ol>
          {plan.steps > FEW && (
            <p class="muted small">All {count(plan.steps, "step")} stand below.</p>
          )}
        </div>
      ) : (
        <p data-testid="submitted-work">
          {number(done)} of {count(plan.steps, "step")} done. What came of each stands below, under
          “Steps”.
        </p>
      )}
    </>
  );
}
