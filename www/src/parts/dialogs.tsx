import type { PlanView, ProjectView } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { go, toHome } from "../router";
import { useRunsWait } from "../runner";
import { planOf, projectOf } from "../store";
import { count, visible } from "../text";
import { Field, Form } from "./Form";
import { Modal } from "./Modal";

export interface DialogProps {
  onClose: () => void;
}

const REASON_LENGTH = 2000;

export function PauseDialog({ project, onClose }: DialogProps & { project: string }) {
  useRunsWait(project);
  const action = useAction();
  const [reason, setReason] = useState("");
  const pause = async (): Promise<void> => {
    const isDone = await action.run(async () => {
      const of = await projectOf(project);
      const report = await of.pause({ reason: reason.trim() || undefined });
      announce(
        report.alreadyPaused
          ? "The project was paused already"
          : `Paused. ${count(report.itemsArchived, "item")} archived`,
      );
    });
    if (isDone) onClose();
  };
  return (
    <Modal title="Pause the project" onClose={onClose} testId="pause-dialog">
      <p class="muted">
        A checkpoint of the whole project is taken, cold context is archived, and no new step starts
        until it is resumed. A step that is running may still record its result. What runs in this
        tab waits while you decide.
      </p>
      <Form
        action={action}
        onSubmit={() => void pause()}
        onCancel={onClose}
        submit={{ word: "Pause", icon: "pause", testId: "pause-confirm" }}
      >
        <Field
          label="Reason (optional)"
          hint="It stands on the project while it is paused, and in its history for good."
          value={reason}
          onInput={setReason}
          maxLength={REASON_LENGTH}
          isLong
          autofocus
          testId="pause-reason"
        />
      </Form>
    </Modal>
  );
}

export function RenameDialog({ project, onClose }: DialogProps & { project: ProjectView }) {
  const action = useAction();
  const [name, setName] = useState(project.name);
  const rename = async (): Promise<void> => {
    const isDone = await action.run(async () => (await projectOf(project.id)).rename(name));
    if (isDone) onClose();
  };
  return (
    <Modal title="Rename the project" onClose={onClose} testId="rename-dialog">
      <Form
        action={action}
        onSubmit={() => void rename()}
        onCancel={onClose}
        submit={{ word: "Rename", testId: "rename-confirm" }}
      >
        <Field
          label="Name"
          value={name}
          onInput={setName}
          maxLength={200}
          isRequired
          autofocus
          testId="rename-name"
        />
      </Form>
    </Modal>
  );
}

export function StopDialog({ project, onClose }: DialogProps & { project: string }) {
  useRunsWait(project);
  const action = useAction();
  const [reason, setReason] = useState("");
  const stop = async (): Promise<void> => {
    const isDone = await action.run(async () =>
      (await projectOf(project)).stop({ reason: reason.trim() || undefined }),
    );
    if (isDone) onClose();
  };
  return (
    <Modal title="Stop the project" onClose={onClose} testId="stop-dialog">
      <p class="muted">
        A stopped project takes no results any more, not even of a step that is running. It can be
        started again.
      </p>
      <Form
        action={action}
        onSubmit={() => void stop()}
        onCancel={onClose}
        submit={{ word: "Stop", icon: "stop", testId: "stop-confirm" }}
      >
        <Field
          label="Reason (optional)"
          value={reason}
          onInput={setReason}
          maxLength={REASON_LENGTH}
          isLong
          autofocus
          testId="stop-reason"
        />
      </Form>
    </Modal>
  );
}

export function DeleteDialog({ project, onClose }: DialogProps & { project: ProjectView }) {
  useRunsWait(project.id);
  const action = useAction();
  const remove = async (): Promise<void> => {
    const isDone = await action.run(async () => (await projectOf(project.id)).delete());
    if (isDone) {
      announce("The project was deleted");
      go(toHome);
    }
  };
  return (
    <Modal title="Delete the project" onClose={onClose} testId="delete-dialog">
      <p>
        “<bdi>{visible(project.name, true)}</bdi>” with {count(project.plans, "plan")},{" "}
        {count(project.items + project.itemsArchived, "context item")},{" "}
        {count(project.checkpoints, "checkpoint")} and its whole history is deleted from this
        browser. <strong>This can’t be undone.</strong>
      </p>
      <Form
        action={action}
        onSubmit={() => void remove()}
        onCancel={onClose}
        submit={{ word: "Delete for good", kind: "danger", icon: "bin", testId: "delete-confirm" }}
      />
    </Modal>
  );
}

export function CancelPlanDialog({ plan, onClose }: DialogProps & { plan: PlanView }) {
  const action = useAction();
  const [reason, setReason] = useState("");
  const cancel = async (): Promise<void> => {
    const isDone = await action.run(async () =>
      (await planOf(plan.project, plan.id)).cancel({ reason: reason.trim() || undefined }),
    );
    if (isDone) onClose();
  };
  return (
    <Modal title="Cancel the plan" onClose={onClose} testId="cancel-plan-dialog">
      <p class="muted">
        Its steps and results stay where they are. Rolling back to a checkpoint undoes this.
      </p>
      <Form
        action={action}
        onSubmit={() => void cancel()}
        onCancel={onClose}
        submit={{ word: "Cancel the plan", kind: "danger", testId: "cancel-plan-confirm" }}
      >
        <Field
          label="Reason (optional)"
          value={reason}
          onInput={setReason}
          maxLength={REASON_LENGTH}
          isLong
          autofocus
          testId="cancel-plan-reason"
        />
      </Form>
    </Modal>
  );
}

/** A checkpoint of a plan, or of the whole project. */
export function CheckpointDialog({
  project,
  plan,
  suggestion,
  onClose,
}: DialogProps & { project: string; plan?: string; suggestion: string }) {
  useRunsWait(project);
  const action = useAction();
  const [name, setName] = useState(suggestion);
  const [reason, setReason] = useState("");
  const take = async (): Promise<void> => {
    const checkpoint = { plan, name, reason: reason.trim() || undefined, sourceTool: "page" };
    const isDone = await action.run(async () =>
      (await projectOf(project)).createCheckpoint(checkpoint),
    );
    if (!isDone) return;
    announce(`Checkpoint ${name} taken`);
    onClose();
  };
  return (
    <Modal title="Take a checkpoint" onClose={onClose} testId="checkpoint-dialog">
      <Form
        action={action}
        onSubmit={() => void take()}
        onCancel={onClose}
        submit={{ word: "Take checkpoint", icon: "bookmark", testId: "checkpoint-confirm" }}
      >
        <Field
          label="Name"
          value={name}
          onInput={setName}
          maxLength={100}
          isRequired
          autofocus
          testId="checkpoint-name"
        />
        <Field
          label="Reason (optional)"
          value={reason}
          onInput={setReason}
          maxLength={REASON_LENGTH}
          isLong
          testId="checkpoint-reason"
        />
      </Form>
    </Modal>
  );
}
