import type { AgentView, ArchiveReport } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { useRunsWait } from "../runner";
import { projectOf } from "../store";
import { beginning, count, number, percent } from "../text";
import { Foreign } from "./basics";
import { Form, Pick, Tick } from "./Form";
import { Modal } from "./Modal";
import { Note } from "./ProblemBox";

/** Archives cold context now, without a pause. */
export function FlashSaveDialog({
  project,
  agents,
  onClose,
  onSaved,
}: {
  project: string;
  agents: readonly AgentView[];
  onClose: () => void;
  onSaved: (report: ArchiveReport) => void;
}) {
  useRunsWait(project);
  const action = useAction();
  const [agent, setAgent] = useState("");
  const [isForced, setForced] = useState(false);
  const save = async (): Promise<void> => {
    const isDone = await action.run(async () => {
      const of = await projectOf(project);
      const report = await of.flashSave({ ...(agent !== "" && { agent }), force: isForced });
      announce(`Flash save: ${count(report.itemsArchived, "item")} archived`);
      onSaved(report);
    });
    if (isDone) onClose();
  };
  return (
    <Modal title="Flash save" onClose={onClose} testId="flash-save-dialog">
      <p class="muted">
        Sets cold context aside, so that agents go on with less. Nothing is lost: what is archived
        can be brought back.
      </p>
      <Form
        action={action}
        onSubmit={() => void save()}
        onCancel={onClose}
        submit={{ word: "Save", icon: "box", testId: "flash-save-confirm" }}
      >
        <Pick label="Whose context" value={agent} onPick={setAgent} autofocus testId="flash-agent">
          <option value="">All agents</option>
          {agents.map(({ agent }) => (
            <option key={agent} value={agent}>
              {beginning(agent, 60)}
            </option>
          ))}
        </Pick>
        <Tick
          isOn={isForced}
          onChange={setForced}
          hint="otherwise only of agents that have used 80 % of their limit"
          testId="flash-force"
        >
          Whatever their size
        </Tick>
      </Form>
    </Modal>
  );
}

/** What a flash save did, agent by agent. */
export function FlashSaveReport({
  report,
  onDismiss,
}: {
  report: ArchiveReport;
  onDismiss: () => void;
}) {
  return (
    <Note
      tone={report.itemsArchived > 0 ? "good" : "plain"}
      testId="flash-save-report"
      onDismiss={onDismiss}
    >
      {report.itemsArchived === 0 ? (
        <p>Nothing was archived: no agent that was asked for had cold context to set aside.</p>
      ) : (
        <p>
          {count(report.itemsArchived, "item")} archived: {number(report.tokensBefore)} tokens
          before, {number(report.tokensAfter)} after, {percent(report.reductionPercentage)} less.
        </p>
      )}
      {report.itemsArchived > 0 && report.agents.length > 1 && (
        <ul>
          {report.agents.map((row) => (
            <li key={row.agent} class="muted">
              <Foreign text={row.agent} />: {number(row.tokensBefore)} → {number(row.tokensAfter)}{" "}
              tokens, {count(row.itemsArchived, "item")} archived
            </li>
          ))}
        </ul>
      )}
    </Note>
  );
}
