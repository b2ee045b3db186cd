import type { ImportedTrajectory, ProjectRow } from "holdpoint";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useAction } from "../action";
import { useCell } from "../cell";
import { useKeptFocus } from "../focus";
import { dismissImport, type Import, importFiles, imports, importSample } from "../importing";
import { go, toPlan } from "../router";
import { count, percent, visible } from "../text";
import { Button } from "./basics";
import { CopyRow, WaysIn } from "./CopyRow";
import { Icon } from "./Icon";
import { ProblemBox } from "./ProblemBox";

/** Takes trajectories and saved copies in: by button, or dropped anywhere on the page. */
export function ImportBox({ projects }: { projects: readonly ProjectRow[] }) {
  const id = useId();
  const rows = useCell(imports);
  const isOver = useDropOnPage();
  const sample = useAction();
  const trySample = (): void => {
    void sample.run(async () => {
      const { project, plan } = await importSample();
      go(toPlan(project.id, plan.id));
    });
  };
  return (
    <section class="import" aria-labelledby={id} data-testid="import">
      <div class={isOver ? "dropzone dropzone-over" : "dropzone"} data-testid="dropzone">
        <Icon name="upload" />
        <div class="dropzone-text">
          <h2 id={id}>Import trajectories, or open a copy</h2>
          <p class="muted">
            Drop .traj files of SWE-agent anywhere on this page, up to 64 MiB each, or a copy that
            was saved before. They stay in this browser.
          </p>
        </div>
        <div class="buttons">
          <Files
            word="Choose files…"
            accept=".traj,.json,application/json"
            isSeveral
            testId="import-input"
          />
          <Files word="Open a copy…" accept=".holdpoint,.jsonl,.gz" testId="open-copy-input" />
          <Button onClick={trySample} isBusy={sample.isBusy} testId="try-sample">
            Try it with a sample
          </Button>
        </div>
      </div>
      <ProblemBox problem={sample.problem} onDismiss={sample.dismiss} />
      {rows.length > 0 && (
        <ul class="rows imports" aria-label="Imported files" data-testid="import-results">
          {rows.map((row) => (
            <ImportRow key={row.id} row={row} projects={projects} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Asks for files. What each of them is, it says itself, whichever way it was chosen. */
function Files({
  word,
  accept,
  isSeveral = false,
  testId,
}: {
  word: string;
  accept: string;
  isSeveral?: boolean;
  testId: string;
}) {
  return (
    <label class="button button-plain file">
      <input
        type="file"
        multiple={isSeveral}
        accept={accept}
        data-testid={testId}
        onChange={(event) => {
          importFiles(event.currentTarget.files ?? []);
          // The same file may be chosen once more.
          event.currentTarget.value = "";
        }}
      />
      <Icon name="upload" />
      <span>{word}</span>
    </label>
  );
}

function ImportRow({ row, projects }: { row: Import; projects: readonly ProjectRow[] }) {
  const { id, name, state } = row;
  const region = useRef<HTMLLIElement>(null);
  useKeptFocus(region);
  const isOver = ["done", "failed", "opened", "refused", "cancelled"].includes(state.phase);
  return (
    <li
      ref={region}
      tabIndex={-1}
      class="import-row"
      data-testid="import-result"
      data-state={state.phase}
    >
      <div class="import-line">
        <Icon
          name={
            state.phase === "done" || state.phase === "opened"
              ? "check"
              : state.phase === "failed" || state.phase === "refused"
                ? "warning"
                : state.phase === "cancelled"
                  ? "cross"
                  : "arc"
          }
        />
        <div class="import-what">
          <span class="import-name">
            <bdi>{visible(name, true)}</bdi>
          </span>
          <CopyRow row={row} />
          {state.phase === "waiting" && <span class="muted">waits</span>}
          {state.phase === "reading" && (
            <>
              <span class="muted">reading {percent(Math.round(100 * state.share))}</span>
              <progress max={1} value={state.share} aria-label={`Reading ${name}`} />
            </>
          )}
          {state.phase === "importing" && <span class="muted">importing…</span>}
          {state.phase === "done" && (
            <>
              <span class="muted">
                {count(state.imported.steps, "step")}
                {hasTwin(state.imported, projects) && ", as one more project of this name"}
              </span>
              <a
                href={toPlan(state.imported.project.id, state.imported.plan.id)}
                aria-label={`Open ${name}`}
              >
                Open
              </a>
            </>
          )}
        </div>
        {isOver && (
          <button
            type="button"
            class="icon-button"
            aria-label={`Dismiss ${name}`}
            onClick={() => dismissImport(id)}
          >
            <Icon name="cross" />
          </button>
        )}
      </div>
      {state.phase === "failed" && <ProblemBox problem={state.problem} />}
      {state.phase === "refused" && <WaysIn name={name} state={state} />}
    </li>
  );
}

/** Whether another project has the same name, as when a file is imported twice. */
const hasTwin = ({ project, name }: ImportedTrajectory, projects: readonly ProjectRow[]): boolean =>
  projects.some((row) => row.name === name && row.id !== project.id);

/** Whether files are being dragged over the page. */
function useDropOnPage(): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes("Files")) setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const end = (): void => setOver(false);
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", end);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", end);
    };
  }, []);
  return isOver;
}
