import type { PlanView, ProjectView } from "holdpoint";
import { useAction } from "../action";
import { planOf, projectOf } from "../store";
import type { DialogProps } from "./dialogs";
import { Form } from "./Form";
import { Modal } from "./Modal";

/** What can't be taken back is asked for twice. */

export function CompleteDialog({ project, onClose }: DialogProps & { project: ProjectView }) {
  const action = useAction();
  const complete = async (): Promise<void> => {
    const isDone = await action.run(async () => (await projectOf(project.id)).complete());
    if (isDone) onClose();
  };
  return (
    <Modal title="Mark the project as completed" onClose={onClose} testId="complete-dialog">
      <p class="muted">
        This is for good: nothing more is done in it and nothing is rolled back. It can still be
        read and forked.
      </p>
      <Form
        action={action}
        onSubmit={() => void complete()}
        onCancel={onClose}
        submit={{ word: "Mark as completed", icon: "check", testId: "complete-confirm" }}
      >
        {null}
      </Form>
    </Modal>
  );
}

export function ApplyDialog({ plan, onClose }: DialogProps & { plan: PlanView }) {
  const action = useAction();
  const apply = async (): Promise<void> => {
    const isDone = await action.run(async () =>
      (await planOf(plan.project, plan.id)).markApplied(),
    );
    if (isDone) onClose();
  };
  return (
    <Modal title="Mark the plan as applied" onClose={onClose} testId="apply-dialog">
      <p class="muted">
        This is for good: it says that the result is in use, and no rollback changes this plan from
        then on.
      </p>
      <Form
        action={action}
        onSubmit={() => void apply()}
        onCancel={onClose}
        submit={{ word: "Mark as applied", icon: "check", testId: "apply-confirm" }}
      >
        {null}
      </Form>
    </Modal>
  );
}
