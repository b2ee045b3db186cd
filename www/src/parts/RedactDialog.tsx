import type { Redaction } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { visible } from "../text";
import { Foreign, Moment } from "./basics";
import { Field, Form } from "./Form";
import { Icon } from "./Icon";
import { Modal } from "./Modal";

/** Removes a text for good, once somebody has said that they mean it. */
export function RedactDialog({
  redact,
  onClose,
}: {
  /** Has the text go. */
  redact: (given: { reason: string | undefined }) => Promise<unknown>;
  onClose: () => void;
}) {
  const action = useAction();
  const [reason, setReason] = useState("");
  const confirm = async (): Promise<void> => {
    const isDone = await action.run(() => redact({ reason: reason.trim() || undefined }));
    if (!isDone) return;
    announce("The text was removed for good");
    onClose();
  };
  return (
    <Modal title="Remove a text for good" onClose={onClose} testId="redact-dialog">
      <p>
        The text leaves this project, wherever it stands in it with exactly these words, in its past
        too. That it was there, who removed it and why stays on record.{" "}
        <strong>No rollback brings it back. This can’t be undone.</strong>
      </p>
      <Form
        action={action}
        onSubmit={() => void confirm()}
        onCancel={onClose}
        submit={{
          word: "Remove for good",
          kind: "danger",
          icon: "bin",
          testId: "redact-confirm",
        }}
      >
        <Field
          label="Reason (optional)"
          hint="It stays in the history for good: don’t repeat here what is to go."
          value={reason}
          onInput={setReason}
          maxLength={2000}
          isLong
          autofocus
          testId="redact-reason"
        />
      </Form>
    </Modal>
  );
}

/** That a text was removed: by whom, when and why. */
export function Redacted({ what, redaction }: { what: string; redaction: Redaction }) {
  return (
    <p class="redacted" data-testid="redacted">
      <Icon name="bin" />
      <span>
        {what} was removed for good by <Foreign text={redaction.by} />{" "}
        <Moment time={redaction.at} />
        {redaction.reason !== null && <>: “{visible(redaction.reason, true)}”</>}
      </span>
    </p>
  );
}
