import type { PlanView } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { projectOf } from "../store";
import { number } from "../text";
import { Field, Form } from "./Form";
import { Modal } from "./Modal";

interface StepDialogProps {
  plan: PlanView;
  /** Zero-based. */
  step: number;
  /** The one that was running when this was opened: a newer one is never ended by mistake. */
  attempt: number;
  onClose: () => void;
}

const OUTPUT_LENGTH = 1_000_000;

/** Records what came of a step: a text, kept as a JSON string. */
export function ResultDialog({ plan, step, attempt, onClose }: StepDialogProps) {
  const action = useAction();
  const [output, setOutput] = useState("");
  const record = async (): Promise<void> => {
    const isDone = await action.run(async () =>
      (await projectOf(plan.project)).execute({
        type: "complete_step",
        plan: plan.id,
        attempt,
        ...(output !== "" && { output }),
      }),
    );
    if (!isDone) return;
    announce(`Step ${number(step + 1)} completed`);
    onClose();
  };
  return (
    <Modal title={`What came of step ${number(step + 1)}`} onClose={onClose} testId="result-dialog">
      <Form
        action={action}
        onSubmit={() => void record()}
        onCancel={onClose}
        submit={{ word: "Record", icon: "check", testId: "result-confirm" }}
      >
        <Field
          label="Result (optional)"
          value={output}
          onInput={setOutput}
          maxLength={OUTPUT_LENGTH}
          isLong
          rows={6}
          autofocus
          testId="result-text"
        />
      </Form>
    </Modal>
  );
}

/** Records that an attempt failed, and why. */
export function FailStepDialog({ plan, step, attempt, onClose }: StepDialogProps) {
  const action = useAction();
  const [error, setError] = useState("");
  const failures = (plan.stepList[step]?.failures ?? 0) + 1;
  const isLast = failures >= plan.settings.maxAttempts;
  const record = async (): Promise<void> => {
    const isDone = await action.run(async () =>
      (await projectOf(plan.project)).execute({
        type: "fail_step",
        plan: plan.id,
        attempt,
        error,
      }),
    );
    if (!isDone) return;
    announce(`Step ${number(step + 1)} failed`);
    onClose();
  };
  return (
    <Modal title={`Step ${number(step + 1)} failed`} onClose={onClose} testId="fail-step-dialog">
      <p class="muted">
        {isLast
          ? "It has failed as often as it may: the plan fails with it, and can be retried."
          : `It may be tried ${number(plan.settings.maxAttempts)} times; this is failure ${number(failures)}.`}
      </p>
      <Form
        action={action}
        onSubmit={() => void record()}
        onCancel={onClose}
        submit={{ word: "Record the failure", testId: "fail-step-confirm" }}
      >
        <Field
          label="What went wrong"
          value={error}
          onInput={setError}
          maxLength={100_000}
          isLong
          isRequired
          autofocus
          testId="fail-step-error"
        />
      </Form>
    </Modal>
  );
}
