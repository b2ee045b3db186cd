import type { ExportProgress } from "holdpoint";
import { useState } from "preact/hooks";
import { announce } from "../announce";
import { canCompress, fileName, useSaving } from "../saving";
import { holdpoint } from "../store";
import { bytes, count, number, visible } from "../text";
import { Button } from "./basics";
import type { DialogProps } from "./dialogs";
import { Tick } from "./Form";
import { Modal } from "./Modal";
import { Note, ProblemBox } from "./ProblemBox";

/** Saves a copy of one project, or of all there is, to a file. Closing it cancels. */
export function SaveCopyDialog({
  project,
  name,
  onClose,
}: DialogProps & { project?: string; name?: string }) {
  const saving = useSaving();
  const [isCompressed, setCompressed] = useState(canCompress);
  const [progress, setProgress] = useState<ExportProgress>();
  const save = async (): Promise<void> => {
    setProgress(undefined);
    const isDone = await saving.save({
      name: fileName(name ?? "holdpoint", isCompressed ? ".holdpoint.gz" : ".holdpoint"),
      type: isCompressed ? "application/gzip" : "application/jsonl",
      bytes: (signal) =>
        holdpoint().exportBundle({
          ...(project !== undefined && { projects: [project] }),
          gzip: isCompressed,
          signal,
          onProgress: setProgress,
        }),
    });
    if (isDone) announce("The copy was saved");
  };
  const { isBusy, saved } = saving;
  return (
    <Modal
      title={project === undefined ? "Save a copy of everything" : "Save a copy of the project"}
      onClose={onClose}
      testId="save-copy-dialog"
    >
      <p class="muted">
        {project === undefined ? (
          "All projects"
        ) : (
          <>
            “<bdi>{visible(name ?? "", true)}</bdi>”
          </>
        )}{" "}
        with {project === undefined ? "their" : "its"} whole history and all texts, in one file.
        Open it in this page, in another browser, or with the command line, and work goes on from
        there.
      </p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) void save();
        }}
      >
        {canCompress && (
          <Tick
            isOn={isCompressed}
            onChange={(isOn) => !isBusy && setCompressed(isOn)}
            hint="much smaller"
            autofocus
            testId="copy-compressed"
          >
            Compress it
          </Tick>
        )}
        {isBusy && <Progress progress={progress} />}
        <ProblemBox problem={saving.problem} onDismiss={saving.dismiss} />
        {saved && (
          <Note tone="good" testId="copy-saved">
            <p>
              Handed to the browser as <bdi>{saved.name}</bdi>, {bytes(saved.bytes)}
              {progress && (
                <>
                  : {count(progress.projects, "project")},{" "}
                  {count(progress.entries, "entry", "entries")}, {count(progress.bodies, "text")}
                </>
              )}
              .
            </p>
          </Note>
        )}
        <div class="buttons buttons-end">
          <Button onClick={isBusy ? saving.cancel : onClose} testId="cancel">
            {isBusy || !saved ? "Cancel" : "Done"}
          </Button>
          <Button
            kind="primary"
            icon="download"
            type="submit"
            isBusy={isBusy}
            testId="copy-confirm"
          >
            {saved ? "Save once more" : "Save"}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Progress({ progress }: { progress: ExportProgress | undefined }) {
  const done = progress?.entries ?? 0;
  const all = progress?.entriesInAll ?? 0;
  return (
    <div class="field" data-testid="copy-progress">
      <progress max={Math.max(all, 1)} value={done} aria-label="Entries that were saved" />
      <p class="muted small">
        {number(done)} of {count(all, "entry", "entries")}, {bytes(progress?.bytes ?? 0)} so far
      </p>
    </div>
  );
}
