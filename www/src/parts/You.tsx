import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { useCell } from "../cell";
import { goBy, runningHere } from "../runner";
import { actor, store } from "../store";
import { visible } from "../text";
import { Field, Form } from "./Form";
import { Icon } from "./Icon";
import { Modal } from "./Modal";
import { Note } from "./ProblemBox";

/** Under which name the person here goes on record, and the way to another one. */
export function You({ onChange }: { onChange: () => void }) {
  const name = visible(useCell(actor), true);
  if (useCell(store).phase !== "ready") return null;
  return (
    <button
      type="button"
      class="you"
      aria-haspopup="dialog"
      title={name}
      onClick={onChange}
      data-testid="you"
    >
      <span class="you-are">You are</span> <bdi class="you-name">{name}</bdi>{" "}
      <span class="hidden">(change)</span>
      <Icon name="pencil" />
    </button>
  );
}

/** Asks for another name. Not while a plan runs in this tab. */
export function NameDialog({ onClose }: { onClose: () => void }) {
  const action = useAction();
  const isRunning = useCell(runningHere) > 0;
  const [name, setName] = useState(actor.value);
  const change = async (): Promise<void> => {
    // What is blank is refused as it was entered.
    const taken = name.trim() || name;
    const isDone = await action.run(async () => {
      if (taken !== actor.value) await goBy(taken);
    });
    if (!isDone) return;
    announce(`You are ${visible(taken, true)}`);
    onClose();
  };
  return (
    <Modal title="Who you are" onClose={onClose} testId="name-dialog">
      <p class="muted">
        Your name goes on record with each decision you take and with everything else you do here,
        from now on. What is on record already keeps its name.
      </p>
      <Form
        action={action}
        onSubmit={() => void change()}
        onCancel={onClose}
        submit={{ word: "Change", isOff: isRunning, testId: "name-confirm" }}
      >
        <Field
          label="Your name"
          hint="This browser remembers it; nobody checks it."
          value={name}
          onInput={setName}
          maxLength={200}
          isRequired
          autofocus
          testId="name"
        />
        {isRunning && (
          <Note tone="hold" testId="name-waits">
            <p>
              A plan runs in this tab under the name you have. Stop it, or wait until it is done.
            </p>
          </Note>
        )}
      </Form>
    </Modal>
  );
}
