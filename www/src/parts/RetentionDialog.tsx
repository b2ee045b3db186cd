import {
  type CheckpointRow,
  isHoldpointError,
  type Preview,
  type ProjectView,
  type RetentionReport,
} from "holdpoint";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { type Problem, problemOf } from "../problem";
import { protectedIn } from "../retention";
import { useRunsWait } from "../runner";
import { projectOf } from "../store";
import { count, number } from "../text";
import { checkpointName, nameOf } from "../words";
import { Foreign, Loading, Moment } from "./basics";
import type { DialogProps } from "./dialogs";
import { Form } from "./Form";
import { Modal } from "./Modal";
import { PolicyFields, policyIn, textOf } from "./PolicyFields";
import { Note, ProblemBox } from "./ProblemBox";

/**
 * Shows which checkpoints a policy doesn't keep, then removes exactly those: what is confirmed is
 * the previewed request, which is refused if anything moved since.
 */
export function RetentionDialog({
  project,
  checkpoints,
  onClose,
}: DialogProps & { project: ProjectView; checkpoints: readonly CheckpointRow[] }) {
  useRunsWait(project.id);
  const action = useAction();
  const [text, setText] = useState(() => textOf(project.retention));
  const [round, setRound] = useState(0);
  const [hasMoved, setMoved] = useState(false);
  const [preview, setPreview] = useState<Preview<RetentionReport>>();
  const [problem, setProblem] = useState<Problem>();
  const policy = policyIn(text);

  useEffect(() => {
    let isOver = false;
    setPreview(undefined);
    setProblem(undefined);
    if (!policy) return;
    projectOf(project.id)
      .then((of) => of.applyRetention({ policy, dryRun: true }))
      .then(
        (preview) => !isOver && setPreview(preview),
        (error: unknown) => !isOver && setProblem(problemOf(error)),
      );
    return () => void (isOver = true);
  }, [policy?.perPlan, policy?.ofProject, round]);

  const confirm = async (): Promise<void> => {
    if (!preview) return;
    const isDone = await action.run(async () => {
      try {
        const of = await projectOf(project.id);
        await of.applyRetention({ policy: preview.policy, ...preview.confirm });
      } catch (error) {
        if (isHoldpointError(error, "CHANGED")) {
          setMoved(true);
          setRound(round + 1);
        }
        throw error;
      }
    });
    if (!isDone) return;
    announce(`${count(preview.pruned.length, "checkpoint")} removed`);
    onClose();
  };
  const isTold = hasMoved && action.problem?.code === "CHANGED";
  return (
    <Modal title="Remove old checkpoints" onClose={onClose} testId="retention-dialog" isWide>
      <Form
        action={isTold ? { ...action, problem: undefined } : action}
        onSubmit={() => void confirm()}
        onCancel={onClose}
        submit={{
          word: preview ? `Remove ${count(preview.pruned.length, "checkpoint")}` : "Remove",
          kind: "danger",
          icon: "bin",
          isOff: !preview || preview.pruned.length === 0,
          testId: "retention-confirm",
        }}
      >
        <PolicyFields
          text={text}
          onInput={(text) => {
            setMoved(false);
            action.dismiss();
            setText(text);
          }}
        />
        {hasMoved && (
          <div class="note note-hold" role="alert" data-testid="error" data-code="CHANGED">
            <div class="note-text">
              <p>
                Something moved since you looked, so nothing was removed.{" "}
                <code class="code">CHANGED</code>
              </p>
              <p class="muted">Below is what would go now. Decide again.</p>
            </div>
          </div>
        )}
        <ProblemBox problem={problem} onAgain={() => setRound(round + 1)} />
        {policy && !preview && !problem && <Loading what="what would go" />}
        {preview && (
          <div data-testid="retention-preview" data-revision={preview.confirm.expectedRevision}>
            <DryRun report={preview} project={project} checkpoints={checkpoints} />
          </div>
        )}
      </Form>
    </Modal>
  );
}

function DryRun({
  report,
  project,
  checkpoints,
}: {
  report: RetentionReport;
  project: ProjectView;
  checkpoints: readonly CheckpointRow[];
}) {
  const plans = new Map(project.planList.map((plan) => [plan.id, plan.number]));
  const of = (plan: string | null): string => {
    if (plan === null) return "of the project";
    const found = plans.get(plan);
    return found === undefined ? "of a plan that is gone" : `of plan ${number(found)}`;
  };
  const rows = new Map(checkpoints.map((row) => [row.id, row]));
  const stays = protectedIn(report, project, checkpoints);
  return (
    <div class="changes">
      <p class="lead" role="status">
        {report.pruned.length === 0 ? (
          "There is nothing to remove."
        ) : (
          <>
            <strong>{count(report.pruned.length, "checkpoint")}</strong>{" "}
            {report.pruned.length === 1 ? "goes" : "go"},{" "}
          </>
        )}
        {report.pruned.length > 0 && `${number(report.kept)} stay.`}
      </p>
      <List name="These go" testId="retention-goes">
        {report.pruned.map((gone) => {
          const row = rows.get(gone.checkpoint);
          return (
            <li key={gone.checkpoint} data-checkpoint={gone.checkpoint}>
              <Foreign text={row ? nameOf(row) : checkpointName({ ...gone, trigger: "" })} />{" "}
              <span class="muted">
                {of(gone.plan)}, revision {number(gone.revision)}, <Moment time={gone.createdAt} />
              </span>
            </li>
          );
        })}
      </List>
      <List name="These stay though they are older" testId="retention-stays">
        {stays.map(({ row, why }) => (
          <li key={row.id} data-checkpoint={row.id}>
            <Foreign text={nameOf(row)} />{" "}
            <span class="muted">
              {of(row.plan)}, revision {number(row.revision)}: {why}
            </span>
          </li>
        ))}
      </List>
      {report.pruned.length > 0 && (
        <Note>
          <p>
            What happened stays in the history for good. But nothing can be rolled back to a
            checkpoint that is gone: pin one to keep it.
          </p>
        </Note>
      )}
    </div>
  );
}

function List({
  name,
  children,
  testId,
}: {
  name: string;
  children: ComponentChildren[];
  testId: string;
}) {
  if (children.length === 0) return null;
  const list = <ul class="change-list">{children}</ul>;
  return (
    <section class="change" data-testid={testId} data-count={children.length}>
      <h3>
        {name} <span class="count">{number(children.length)}</span>
      </h3>
      {children.length <= 8 ? (
        list
      ) : (
        <div class="scroll-y" tabIndex={0} role="region" aria-label={name}>
          {list}
        </div>
      )}
    </section>
  );
}
