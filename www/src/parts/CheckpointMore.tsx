import type { CheckpointRow } from "holdpoint";
import { useAction } from "../action";
import { announce } from "../announce";
import { toCompare } from "../router";
import { projectOf } from "../store";
import { visible } from "../text";
import { nameOf } from "../words";
import { Button } from "./basics";
import { ProblemBox } from "./ProblemBox";

/** What else can be done with a checkpoint. */
export function CheckpointMore({
  row,
  canPin,
  onFork,
}: {
  row: CheckpointRow;
  canPin: boolean;
  onFork: () => void;
}) {
  const action = useAction();
  const pin = async (): Promise<void> => {
    const pinned = !row.pinned;
    const isDone = await action.run(async () => {
      const project = await projectOf(row.project);
      if (pinned) await project.pinCheckpoint(row.id);
      else await project.unpinCheckpoint(row.id);
    });
    if (isDone) {
      announce(`${visible(nameOf(row), true)} ${pinned ? "pinned" : "unpinned"}`);
    }
  };
  return (
    <div class="row-more">
      <div class="buttons">
        <a
          class="button button-plain"
          href={toCompare(row.project, row.id)}
          data-testid="changed-since"
        >
          What changed since
        </a>
        <Button icon="fork" onClick={onFork} testId="fork-from">
          Fork from here…
        </Button>
        {canPin && (
          <Button
            icon="pin"
            isBusy={action.isBusy}
            onClick={() => void pin()}
            label={`${row.pinned ? "Unpin" : "Pin"}: ${nameOf(row)}`}
            testId="pin-checkpoint"
          >
            {row.pinned ? "Unpin" : "Pin"}
          </Button>
        )}
      </div>
      <ProblemBox problem={action.problem} onDismiss={action.dismiss} />
    </div>
  );
}
