import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useAction } from "../action";
import { useCell } from "../cell";
import { dismissImport, type Import, importFiles, imports, importSample } from "../importing";
import { go, toPlan } from "../router";
import { count, percent, visible } from "../text";
import { Button } from "./basics";
import { Icon } from "./Icon";
import { ProblemBox } from "./ProblemBox";

/** Takes trajectories in: by button, or dropped anywhere on the page. */
export function ImportBox() {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const rows = useCell(imports);
  const isOver = useDropOnPage();
  const sample = useAction();
  const trySample = (): void => {
    void sample.run(async () => {
      const { project, plan } = await importSample();
      go(toPlan(project, plan));
    });
  };
  return (
    <section class="import" aria-labelledby={id} data-testid="import">
      <div class={isOver ? "dropzone dropzone-over" : "dropzone"} data-testid="dropzone">
        <Icon name="upload" />
        <div class="dropzone-text">
          <h2 id={id}>Import trajectories</h2>
          <p class="muted">
            Drop .traj files of SWE-agent anywhere on this page, up to 64 MiB each. They stay in
            this browser.
          </p>
        </div>
        <div class="buttons">
          <label class="button button-plain file">
            <input
              ref={input}
              type="file"
              multiple
              accept=".traj,.json,application/json"
              data-testid="import-input"
              onChange={(event) => {
                importFiles(event.currentTarget.files ?? []);
                // The same file may be chosen once more.
                event.currentTarget.value = "";
              }}
            />
            <Icon name="upload" />
            <span>Choose files…</span>
          </label>
          <Button onClick={trySample} isBusy={sample.isBusy} testId="try-sample">
            Try it with a sample
          </Button>
        </div>
      </div>
      <ProblemBox problem={sample.problem} onDismiss={sample.dismiss} />
      {rows.length > 0 && (
        <ul class="rows imports" aria-label="Imported files" data-testid="import-results">
          {rows.map((row) => (
            <ImportRow key={row.id} row={row} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ImportRow({ row: { id, name, state } }: { row: Import }) {
  const isOver = state.phase === "done" || state.phase === "failed";
  return (
    <li class="import-row" data-testid="import-result" data-state={state.phase}>
      <div class="import-line">
        <Icon
          name={state.phase === "done" ? "check" : state.phase === "failed" ? "warning" : "arc"}
        />
        <div class="import-what">
          <span class="import-name">
            <bdi>{visible(name, true)}</bdi>
          </span>
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
              <span class="muted">{count(state.imported.steps, "step")}</span>
              <a
                href={toPlan(state.imported.project, state.imported.plan)}
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
    </li>
  );
}

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
