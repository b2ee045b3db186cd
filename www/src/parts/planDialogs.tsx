import type { Gate, PlanView } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { go, toPlan, toProject } from "../router";
import { holdpoint, planOf, projectOf } from "../store";
import { visible } from "../text";
import { Field, Form, Tick } from "./Form";
import { Modal } from "./Modal";

const TEXT_LENGTH = 1_000_000;

/** A step a line; empty lines are none. */
const stepsIn = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const gateHints: [Gate, string, string][] = [
  ["plan", "Its plan", "before anything is carried out"],
  ["implementation", "What was done", "once all steps are done"],
  ["review", "A review", "somebody records what it came to"],
  ["verification", "A verification", "the last thing before it is completed"],
];

/** A plan of one's own: what is asked for, its steps if they are known, and who has to agree. */
export function NewPlanDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const action = useAction();
  const [request, setRequest] = useState("");
  const [steps, setSteps] = useState("");
  const [gates, setGates] = useState<Partial<Record<Gate, boolean>>>({});
  const make = async (): Promise<void> => {
    await action.run(async () => {
      const given = stepsIn(steps);
      const of = await projectOf(project);
      const plan = await of.createPlan({
        request,
        ...(given.length > 0 && { steps: given }),
        settings: { gates },
      });
      announce("The plan was made");
      onClose();
      go(toPlan(project, plan.id));
    });
  };
  return (
    <Modal title="New plan" onClose={onClose} testId="new-plan-dialog">
      <Form
        action={action}
        onSubmit={() => void make()}
        onCancel={onClose}
        submit={{ word: "Make the plan", icon: "plus", testId: "new-plan-confirm" }}
      >
        <Field
          label="What is to be done"
          value={request}
          onInput={setRequest}
          maxLength={TEXT_LENGTH}
          isLong
          isRequired
          autofocus
          testId="new-plan-request"
        />
        <Field
          label="Steps, one a line (optional)"
          hint="Without steps the plan is made first: it waits until somebody submits it."
          value={steps}
          onInput={setSteps}
          maxLength={TEXT_LENGTH}
          isLong
          rows={4}
          testId="new-plan-steps"
        />
        <fieldset class="ticks">
          <legend>What somebody has to agree to</legend>
          {gateHints.map(([gate, name, hint]) => (
            <Tick
              key={gate}
              isOn={gates[gate] === true}
              onChange={(isOn) => setGates({ ...gates, [gate]: isOn })}
              hint={hint}
              testId={`gate-${gate}`}
            >
              {name}
            </Tick>
          ))}
        </fieldset>
      </Form>
    </Modal>
  );
}

/** Gives a plan its steps; what an earlier submission said stands there to be changed. */
export function SubmitPlanDialog({ plan, onClose }: { plan: PlanView; onClose: () => void }) {
  const action = useAction();
  const [text, setText] = useState(plan.submitted?.text ?? "");
  const [steps, setSteps] = useState(plan.stepList.map(({ title }) => title).join("\n"));
  const before = plan.verdicts.at(-1);
  const submit = async (): Promise<void> => {
    const isDone = await action.run(async () =>
      (await planOf(plan.project, plan.id)).submit({ text, steps: stepsIn(steps) }),
    );
    if (!isDone) return;
    announce("The plan was submitted");
    onClose();
  };
  return (
    <Modal title="Submit the plan" onClose={onClose} testId="submit-plan-dialog">
      <Form
        action={action}
        onSubmit={() => void submit()}
        onCancel={onClose}
        submit={{ word: "Submit", icon: "inbox", testId: "submit-plan-confirm" }}
      >
        {before && !before.passed && before.reason !== null && (
          <blockquote class="reason">{visible(before.reason)}</blockquote>
        )}
        <Field
          label="The plan in words"
          value={text}
          onInput={setText}
          maxLength={TEXT_LENGTH}
          isLong
          rows={5}
          isRequired
          autofocus
          testId="submit-plan-text"
        />
        <Field
          label="Steps, one a line"
          value={steps}
          onInput={setSteps}
          maxLength={TEXT_LENGTH}
          isLong
          rows={5}
          isRequired
          testId="submit-plan-steps"
        />
      </Form>
    </Modal>
  );
}

/** An empty project, ready for plans. */
export function NewProjectDialog({ onClose }: { onClose: () => void }) {
  const action = useAction();
  const [name, setName] = useState("");
  const make = async (): Promise<void> => {
    await action.run(async () => {
      const project = await holdpoint().createProject({ name });
      announce("The project was made");
      onClose();
      go(toProject(project.id));
    });
  };
  return (
    <Modal title="New project" onClose={onClose} testId="new-project-dialog">
      <Form
        action={action}
        onSubmit={() => void make()}
        onCancel={onClose}
        submit={{ word: "Make the project", icon: "plus", testId: "new-project-confirm" }}
      >
        <Field
          label="Name"
          value={name}
          onInput={setName}
          maxLength={200}
          isRequired
          autofocus
          testId="new-project-name"
        />
      </Form>
    </Modal>
  );
}
