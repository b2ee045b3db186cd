import type { CheckpointRow, ProjectView } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { useProject } from "../live";
import { go, toProject } from "../router";
import { projectOf } from "../store";
import { number, visible } from "../text";
import { nameOf } from "../words";
import { Foreign } from "./basics";
import { Field, Form } from "./Form";
import { Modal } from "./Modal";

/** Makes a new project of this one, as it is or as it was at a checkpoint. */
export function ForkDialog({
  project,
  name: sourceName,
  checkpoint,
  onClose,
}: {
  project: string;
  name: string;
  checkpoint?: CheckpointRow;
  onClose: () => void;
}) {
  const action = useAction();
  const [name, setName] = useState([...`Fork of ${sourceName}`].slice(0, 200).join(""));
  const fork = async (): Promise<void> => {
    await action.run(async () => {
      const source = await projectOf(project);
      const made = await source.fork({ name, ...(checkpoint && { at: checkpoint.id }) });
      announce("The fork was made");
      onClose();
      go(toProject(made.id));
    });
  };
  return (
    <Modal title="Fork the project" onClose={onClose} testId="fork-dialog">
      <p class="muted">
        A new project with the plans, steps and context of this one{" "}
        {checkpoint ? (
          <>
            as it was at <strong>{visible(nameOf(checkpoint), true)}</strong>, revision{" "}
            {number(checkpoint.revision)}
          </>
        ) : (
          "as it is now"
        )}
        . Both go their own way from there; this one stays as it is. Its checkpoints stay here.
      </p>
      <Form
        action={action}
        onSubmit={() => void fork()}
        onCancel={onClose}
        submit={{ word: "Fork", icon: "fork", testId: "fork-confirm" }}
      >
        <Field
          label="Name of the new project"
          value={name}
          onInput={setName}
          maxLength={200}
          isRequired
          autofocus
          testId="fork-name"
        />
      </Form>
    </Modal>
  );
}

/** What a project was forked from; its name as long as it is there. */
export function ForkedFrom({ origin }: { origin: NonNullable<ProjectView["origin"]> }) {
  const { project, revision } = origin;
  const live = useProject(project);
  return (
    <span data-testid="origin">
      forked from{" "}
      {live.data ? (
        <a href={toProject(project)}>
          <Foreign text={live.data.name} />
        </a>
      ) : live.problem ? (
        "a project that is gone"
      ) : (
        "another project"
      )}
      , revision {number(revision)}
    </span>
  );
}
