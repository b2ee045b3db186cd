import { type CheckpointRow, isHoldpointError, type RollbackReport } from "holdpoint";
import { useEffect, useId, useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { type Problem, problemOf } from "../problem";
import { useRunsWait } from "../runner";
import { planOf, projectOf } from "../store";
import { ago, beginning, number, visible } from "../text";
import { nameOf, trigger } from "../words";
import { Loading } from "./basics";
import { Changes } from "./Changes";
import { Field, Form } from "./Form";
import { Modal } from "./Modal";
import { Note, ProblemBox } from "./ProblemBox";

/** What goes back: a plan, the project, or the project together with its resume. */
export type RollbackWay = { type: "plan"; plan: string } | { type: "project" } | { type: "resume" };

const titles: Record<RollbackWay["type"], string> = {
  plan: "Roll back the plan",
  project: "Roll back the whole project",
  resume: "Resume from a checkpoint",
};

/** What a rollback would change. */
interface Looked {
  /** None where a project only goes on. */
  report: RollbackReport | null;
  revision: number;
  /** Does exactly that. The reason is the one thing that isn't in it: it changes nothing else. */
  goBack: (reason: string | undefined) => Promise<unknown>;
}

/** `checkpoint` may be empty for a plan: then it is the newest one that differs from now. */
async function look(project: string, way: RollbackWay, checkpoint: string): Promise<Looked> {
  if (way.type === "plan") {
    const of = await planOf(project, way.plan);
    const to = checkpoint || undefined;
    const { confirm, ...report } = await of.rollback(to, { dryRun: true });
    const goBack = (reason: string | undefined) => of.rollback(to, { ...confirm, reason });
    return { report, revision: confirm.expectedRevision, goBack };
  }
  const of = await projectOf(project);
  if (way.type === "project") {
    const { confirm, ...report } = await of.rollback(checkpoint, { dryRun: true });
    const goBack = (reason: string | undefined) => of.rollback(checkpoint, { ...confirm, reason });
    return { report, revision: confirm.expectedRevision, goBack };
  }
  const { confirm, rollback } = await of.resume({ checkpoint, dryRun: true });
  const goBack = () => of.resume({ checkpoint, ...confirm });
  return { report: rollback, revision: confirm.expectedRevision, goBack };
}

/**
 * Shows exactly what a rollback would change, then does exactly that: what is confirmed is the
 * previewed request, which is refused if anything moved since.
 */
export function RollbackDialog({
  project,
  checkpoints,
  first,
  way,
  onClose,
}: {
  project: string;
  checkpoints: readonly CheckpointRow[];
  first?: string;
  way: RollbackWay;
  onClose: () => void;
}) {
  useRunsWait(project);
  const pickId = useId();
  const action = useAction();
  const fallback = way.type === "plan" ? "" : (checkpoints[0]?.id ?? "");
  const [picked, setPicked] = useState(first ?? fallback);
  const [reason, setReason] = useState("");
  const [round, setRound] = useState(0);
  const [hasMoved, setMoved] = useState(false);
  const [preview, setPreview] = useState<Looked>();
  const [problem, setProblem] = useState<Problem>();

  useEffect(() => {
    let isOver = false;
    setPreview(undefined);
    setProblem(undefined);
    if (way.type !== "plan" && !picked) return;
    look(project, way, picked).then(
      (preview) => !isOver && setPreview(preview),
      (error: unknown) => !isOver && setProblem(problemOf(error)),
    );
    return () => void (isOver = true);
  }, [picked, round]);

  const confirm = async (): Promise<void> => {
    if (!preview) return;
    const isDone = await action.run(async () => {
      try {
        await preview.goBack(reason.trim() || undefined);
      } catch (error) {
        if (isHoldpointError(error, "CHANGED")) {
          setMoved(true);
          setRound(round + 1);
        }
        throw error;
      }
    });
    if (!isDone) return;
    announce(way.type === "resume" ? "Rolled back and resumed" : "Rolled back");
    onClose();
  };

  const report = preview?.report ?? undefined;
  const target = checkpoints.find((row) => row.id === report?.checkpoint);
  const isThereAlready = way.type !== "resume" && report?.paths.length === 0;
  return (
    <Modal title={titles[way.type]} onClose={onClose} testId="rollback-dialog" isWide>
      <Form
        action={hasMoved && action.problem?.code === "CHANGED" ? withoutProblem(action) : action}
        onSubmit={() => void confirm()}
        onCancel={onClose}
        submit={{
          word: way.type === "resume" ? "Roll back and resume" : "Roll back",
          icon: way.type === "resume" ? "play" : "back",
          disabled: !preview || isThereAlready,
          testId: "rollback-confirm",
        }}
      >
        <div class="field">
          <label for={pickId}>Checkpoint</label>
          <select
            id={pickId}
            value={picked}
            autofocus
            data-testid="rollback-checkpoint"
            onChange={(event) => {
              setMoved(false);
              action.dismiss();
              setPicked(event.currentTarget.value);
            }}
          >
            {way.type === "plan" && <option value="">The newest one that differs from now</option>}
            {checkpoints.map((row) => (
              <option key={row.id} value={row.id}>
                {optionText(row)}
              </option>
            ))}
          </select>
        </div>
        {hasMoved && (
          <div class="note note-hold" role="alert" data-testid="error" data-code="CHANGED">
            <div class="note-text">
              <p>
                Something moved since you looked, so nothing was rolled back.{" "}
                <code class="code">CHANGED</code>
              </p>
              <p class="muted">Below is what would change now. Decide again.</p>
            </div>
          </div>
        )}
        <ProblemBox problem={problem} onAgain={() => setRound(round + 1)} />
        {!preview && !problem && <Loading what="the preview" />}
        {report && (
          <div data-testid="rollback-preview" data-revision={preview?.revision}>
            <p class="lead">
              Back to <strong>{target ? visible(nameOf(target), true) : "a checkpoint"}</strong>,
              revision {number(report.revision)}.{" "}
              {isThereAlready
                ? "It is there already: nothing would change."
                : "Exactly this changes:"}
            </p>
            <Changes project={project} report={report} />
            <Note>
              <p>
                Nothing is erased: a checkpoint of how it is now is taken first, and rolling back to
                that one undoes this.
              </p>
            </Note>
          </div>
        )}
        {preview && !report && (
          <p class="muted" data-testid="rollback-preview">
            Nothing changes but that the project goes on.
          </p>
        )}
        {way.type !== "resume" && (
          <Field
            label="Reason (optional)"
            value={reason}
            onInput={setReason}
            maxLength={2000}
            testId="rollback-reason"
          />
        )}
      </Form>
    </Modal>
  );
}

const withoutProblem = (action: ReturnType<typeof useAction>): ReturnType<typeof useAction> => ({
  ...action,
  problem: undefined,
});

function optionText(row: CheckpointRow): string {
  const name = beginning(nameOf(row), 60);
  const how = row.safety ? "before a rollback" : trigger[row.trigger];
  return `${name} · revision ${number(row.revision)} · ${how} · ${ago(row.createdAt, Date.now())}`;
}
