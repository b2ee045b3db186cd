import { useState } from "preact/hooks";
import { announce } from "../announce";
import { asked, type Filter } from "../history";
import { fileName, useSaving } from "../saving";
import { projectOf } from "../store";
import { bytes, count } from "../text";
import { Button } from "./basics";
import { Icon } from "./Icon";
import { Note, ProblemBox } from "./ProblemBox";

/** Saves a history, or what was looked for in it, to a file: a line for each entry. */
export function SaveHistory({
  project,
  name,
  filter,
  isPart,
}: {
  project: string;
  name: string;
  filter: Filter;
  isPart: boolean;
}) {
  const saving = useSaving();
  const [entries, setEntries] = useState(0);
  const save = async (): Promise<void> => {
    setEntries(0);
    const isDone = await saving.save({
      name: fileName(`history-${name}`, ".jsonl"),
      type: "application/jsonl",
      bytes: async (signal) =>
        (await projectOf(project)).exportHistory({
          ...asked(filter),
          signal,
          onProgress: ({ entries }) => setEntries(entries),
        }),
    });
    if (isDone) announce("The history was saved");
  };
  return (
    <div class="save">
      {/* One button in two roles: the focus stays on it. */}
      <Button
        kind="quiet"
        icon={saving.isBusy ? "cross" : "download"}
        onClick={saving.isBusy ? saving.cancel : () => void save()}
        testId="save-history"
      >
        {saving.isBusy
          ? "Cancel saving"
          : isPart
            ? "Save these as JSON lines"
            : "Save as JSON lines"}
      </Button>
      {saving.isBusy && (
        <p class="muted small loading" role="status">
          <Icon name="arc" /> {count(entries, "entry", "entries")} so far
        </p>
      )}
      <ProblemBox problem={saving.problem} onDismiss={saving.dismiss} />
      {saving.saved && (
        <Note tone="good" testId="history-saved" onDismiss={saving.dismiss}>
          <p>
            {count(entries, "entry", "entries")} in {bytes(saving.saved.bytes)}, handed to the
            browser as <bdi>{saving.saved.name}</bdi>.
          </p>
        </Note>
      )}
    </div>
  );
}
