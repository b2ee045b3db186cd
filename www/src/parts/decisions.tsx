import type { Gate, PlanView } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import type { Problem } from "../problem";
import { useRunsWait } from "../runner";
import { planOf } from "../store";
import { beginning, number } from "../text";
import { gates } from "../words";
import { Field, Form, Pick, Tick } from "./Form";
import { Modal } from "./Modal";

/** What somebody looked at when they began to decide. */
export interface Seen {
  gate: Gate;
  submission: number;
}

interface DecisionProps {
  plan: PlanView;
  seen: Seen;
  onClose: () => void;
  /** It is on record. */
  onDecided: () => void;
}

const REASON_LENGTH = 2000;
const NOTES_LENGTH = 100_000;

/** Sends back what was submitted, with the reason. */
export function RejectDialog({ plan, seen, onClose, onDecided }: DecisionProps) {
  useRunsWait(plan.project);
  const action = useAction();
  const [reason, setReason] = useState("");
  const [from, setFrom] = useState(lastStep(plan));
  const isPlan = seen.gate === "plan";
  const isLate = isSuperseded(plan, seen, action.problem);
  const reject = async (): Promise<void> => {
    const isDone = await action.run(async () => {
      const of = await planOf(plan.project, plan.id);
      await of.reject(seen.submission, { reason, ...(!isPlan && { fromStep: from }) });
    });
    if (!isDone) return;
    announce(gates[seen.gate].failed);
    onDecided();
    onClose();
  };
  return (
    <Modal
      title={isPlan ? "Send the plan back" : "Send the implementation back"}
      onClose={onClose}
      testId="reject-dialog"
    >
      <p class="muted">
        {isPlan
          ? "It goes back to planning. Whoever plans reads the reason and submits it anew."
          : "The steps from the one you name on are done again; their outputs leave the plan, the context stays."}
      </p>
      <Form
        action={isLate ? { ...action, problem: undefined } : action}
        onSubmit={() => void reject()}
        onCancel={onClose}
        submit={{ word: "Send back", icon: "back", isOff: isLate, testId: "reject-confirm" }}
      >
        <Field
          label="Reason"
          hint="It stays on the plan and in its history for good."
          value={reason}
          onInput={setReason}
          maxLength={REASON_LENGTH}
          isLong
          isRequired
          autofocus
          testId="reject-reason"
        />
        {!isPlan && <FromStep plan={plan} value={from} onPick={setFrom} />}
        {isLate && <Superseded plan={plan} seen={seen} />}
      </Form>
    </Modal>
  );
}

/** Records what a review or a verification came to. */
export function FindingsDialog({ plan, seen, onClose, onDecided }: DecisionProps) {
  useRunsWait(plan.project);
  const action = useAction();
  const [passed, setPassed] = useState<boolean>();
  const [notes, setNotes] = useState("");
  const [from, setFrom] = useState(lastStep(plan));
  const isReview = seen.gate === "review";
  const isLate = isSuperseded(plan, seen, action.problem);
  const record = async (): Promise<void> => {
    if (passed === undefined) return;
    const what = { passed, ...(!passed && { fromStep: from }) };
    const text = notes.trim() ? notes : undefined;
    const isDone = await action.run(async () => {
      const of = await planOf(plan.project, plan.id);
      await (isReview
        ? of.recordReview(seen.submission, { ...what, notes: text })
        : of.recordVerification(seen.submission, { ...what, details: text }));
    });
    if (!isDone) return;
    announce(passed ? gates[seen.gate].passed : gates[seen.gate].failed);
    onDecided();
    onClose();
  };
  return (
    <Modal
      title={isReview ? "Record the review" : "Record the verification"}
      onClose={onClose}
      testId="findings-dialog"
    >
      <Form
        action={isLate ? { ...action, problem: undefined } : action}
        onSubmit={() => void record()}
        onCancel={onClose}
        submit={{
          word: "Record",
          icon: "check",
          isOff: isLate || passed === undefined,
          testId: "findings-confirm",
        }}
      >
        <fieldset class="ticks">
          <legend>{isReview ? "What did the review come to?" : "What did it come to?"}</legend>
          <Tick
            type="radio"
            name="passed"
            isOn={passed === true}
            onChange={() => setPassed(true)}
            autofocus
            testId="findings-passed"
          >
            It passed
          </Tick>
          <Tick
            type="radio"
            name="passed"
            isOn={passed === false}
            onChange={() => setPassed(false)}
            hint={
              isReview ? "The plan goes back to a step" : "The plan goes back to a step: a retry"
            }
            testId="findings-failed"
          >
            {isReview ? "It didn’t pass" : "It failed"}
          </Tick>
        </fieldset>
        {passed === false && <FromStep plan={plan} value={from} onPick={setFrom} />}
        <Field
          label={isReview ? "Notes (optional)" : "Details (optional)"}
          hint="They stay on the plan and in its history for good."
          value={notes}
          onInput={setNotes}
          maxLength={NOTES_LENGTH}
          isLong
          testId="findings-notes"
        />
        {isLate && <Superseded plan={plan} seen={seen} />}
      </Form>
    </Modal>
  );
}

/** The step to go on from when nobody picks another one: the last that is done. */
const lastStep = (plan: PlanView): number => Math.max(plan.lastCompletedStep, 0);

function FromStep({
  plan,
  value,
  onPick,
}: {
  plan: PlanView;
  value: number;
  onPick: (step: number) => void;
}) {
  const steps = plan.stepList.slice(0, lastStep(plan) + 1);
  return (
    <Pick
      label="Go on from step"
      hint="This step and those after it are done again."
      value={Math.min(value, lastStep(plan))}
      onPick={(step) => onPick(Number(step))}
      testId="from-step"
    >
      {steps.map((step, index) => (
        <option key={step.id} value={index}>
          {number(index + 1)}: {beginning(step.title, 60)}
        </option>
      ))}
    </Pick>
  );
}

/** Whether what was seen no longer waits: by what the page knows, or by what it was told. */
function isSuperseded(plan: PlanView, seen: Seen, problem: Problem | undefined): boolean {
  return plan.submission !== seen.submission || problem?.code === "SUPERSEDED";
}

/** Nothing is decided on what nobody looked at. */
export function Superseded({ plan, seen }: { plan: PlanView; seen: Seen | undefined }) {
  const isOther = plan.submission !== null && plan.submission !== seen?.submission;
  return (
    <div class="note note-hold" role="alert" data-testid="error" data-code="SUPERSEDED">
      <div class="note-text">
        <p>
          {seen
            ? `Submission ${number(seen.submission)}, which you looked at, no longer waits`
            : "What you looked at no longer waits"}
          : someone else decided on it, or it was replaced. Nothing was decided here.{" "}
          <code class="code">SUPERSEDED</code>
        </p>
        <p class="muted">
          {isOther
            ? `Now submission ${number(plan.submission ?? 0)} waits for a decision: look at it first.`
            : "What the page shows is how it stands."}
        </p>
      </div>
    </div>
  );
}
