import type { RetentionPolicy } from "holdpoint";
import { useId } from "preact/hooks";

const MOST = 1_000_000;

/** How many are kept, as somebody writes it. */
export interface PolicyText {
  perPlan: string;
  ofProject: string;
}

export const textOf = ({ perPlan, ofProject }: RetentionPolicy): PolicyText => ({
  perPlan: String(perPlan),
  ofProject: String(ofProject),
});

/** What was written, if it is two whole numbers that may be. */
export function policyIn(text: PolicyText): RetentionPolicy | undefined {
  const perPlan = wholeIn(text.perPlan);
  const ofProject = wholeIn(text.ofProject);
  return perPlan === undefined || ofProject === undefined ? undefined : { perPlan, ofProject };
}

function wholeIn(text: string): number | undefined {
  const value = /^[0-9]{1,7}$/.test(text.trim()) ? Number(text) : 0;
  return value >= 1 && value <= MOST ? value : undefined;
}

/** The two numbers of a policy. */
export function PolicyFields({
  text,
  onInput,
}: {
  text: PolicyText;
  onInput: (text: PolicyText) => void;
}) {
  return (
    <div class="two-fields">
      <Count
        label="The newest of each plan"
        value={text.perPlan}
        onInput={(perPlan) => onInput({ ...text, perPlan })}
        autofocus
        testId="keep-per-plan"
      />
      <Count
        label="The newest of the project"
        value={text.ofProject}
        onInput={(ofProject) => onInput({ ...text, ofProject })}
        testId="keep-of-project"
      />
    </div>
  );
}

function Count({
  label,
  value,
  onInput,
  autofocus = false,
  testId,
}: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  autofocus?: boolean;
  testId: string;
}) {
  const id = useId();
  const hintId = useId();
  const isWrong = wholeIn(value) === undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode="numeric"
        maxLength={7}
        value={value}
        autofocus={autofocus}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? hintId : undefined}
        data-testid={testId}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {isWrong && (
        <p class="hint bad" id={hintId} role="alert">
          A whole number from 1 to 1,000,000.
        </p>
      )}
    </div>
  );
}
