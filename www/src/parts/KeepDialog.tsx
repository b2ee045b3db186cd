import type { ProjectView } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { projectOf } from "../store";
import type { DialogProps } from "./dialogs";
import { Form } from "./Form";
import { Modal } from "./Modal";
import { PolicyFields, policyIn, textOf } from "./PolicyFields";

/** How many checkpoints a project keeps from now on. */
export function KeepDialog({ project, onClose }: DialogProps & { project: ProjectView }) {
  const action = useAction();
  const [text, setText] = useState(() => textOf(project.retention));
  const policy = policyIn(text);
  const keep = async (): Promise<void> => {
    if (!policy) return;
    const isDone = await action.run(async () => (await projectOf(project.id)).setRetention(policy));
    if (!isDone) return;
    announce("Noted how many checkpoints are kept");
    onClose();
  };
  return (
    <Modal title="How many checkpoints are kept" onClose={onClose} testId="keep-dialog">
      <p class="muted">
        Whenever one is taken, the oldest beyond these numbers go. Pinned ones always stay; so do
        those that a pause, a plan or a decision still needs. History keeps all that happened.
      </p>
      <Form
        action={action}
        onSubmit={() => void keep()}
        onCancel={onClose}
        submit={{ word: "Keep so many", isOff: !policy, testId: "keep-confirm" }}
      >
        <PolicyFields text={text} onInput={setText} />
      </Form>
    </Modal>
  );
}
