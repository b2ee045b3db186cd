import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Action } from "../action";
import { Button, type ButtonProps } from "./basics";
import { ProblemBox } from "./ProblemBox";

/** A form in a dialog: fields, what went wrong, and the buttons. Nothing is ever sent anywhere. */
export function Form({
  children,
  action,
  onSubmit,
  onCancel,
  submit,
}: {
  children?: ComponentChildren;
  action: Action;
  onSubmit: () => void;
  onCancel: () => void;
  submit: Omit<ButtonProps, "children" | "onClick" | "type"> & { word: string };
}) {
  const { word, ...button } = submit;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (submit.isOff !== true) onSubmit();
      }}
    >
      {children}
      <ProblemBox problem={action.problem} onDismiss={action.dismiss} />
      <div class="buttons buttons-end">
        <Button onClick={onCancel} testId="cancel">
          Cancel
        </Button>
        <Button kind="primary" {...button} type="submit" isBusy={action.isBusy}>
          {word}
        </Button>
      </div>
    </form>
  );
}

/** A line, or several, to write in. */
export function Field({
  label,
  hint,
  value,
  onInput,
  maxLength,
  isLong = false,
  rows = 3,
  isRequired = false,
  autofocus = false,
  testId,
}: {
  label: string;
  hint?: string;
  value: string;
  onInput: (value: string) => void;
  maxLength: number;
  isLong?: boolean;
  /** How many lines a long one shows. */
  rows?: number;
  isRequired?: boolean;
  autofocus?: boolean;
  testId: string;
}) {
  const id = useId();
  const hintId = useId();
  const same = {
    id,
    value,
    maxLength,
    required: isRequired,
    autofocus,
    "aria-describedby": hint ? hintId : undefined,
    "data-testid": testId,
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {isLong ? (
        <textarea {...same} rows={rows} onInput={(event) => onInput(event.currentTarget.value)} />
      ) : (
        <input {...same} type="text" onInput={(event) => onInput(event.currentTarget.value)} />
      )}
      {hint && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** One of several, from a list. */
export function Pick({
  label,
  hint,
  value,
  onPick,
  children,
  autofocus = false,
  testId,
}: {
  label: string;
  hint?: string;
  value: string | number;
  onPick: (value: string) => void;
  children: ComponentChildren;
  autofocus?: boolean;
  testId: string;
}) {
  const id = useId();
  const hintId = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        autofocus={autofocus}
        aria-describedby={hint ? hintId : undefined}
        data-testid={testId}
        onChange={(event) => onPick(event.currentTarget.value)}
      >
        {children}
      </select>
      {hint && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** A box to tick, or one of several of which one is chosen. */
export function Tick({
  type = "checkbox",
  name,
  isOn,
  onChange,
  children,
  hint,
  autofocus = false,
  testId,
}: {
  type?: "checkbox" | "radio";
  name?: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  children: ComponentChildren;
  hint?: string;
  autofocus?: boolean;
  testId: string;
}) {
  const hintId = useId();
  return (
    <label class="tick">
      <input
        type={type}
        name={name}
        checked={isOn}
        autofocus={autofocus}
        aria-describedby={hint ? hintId : undefined}
        data-testid={testId}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {children}
        {hint && (
          <span class="hint" id={hintId}>
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}
