import type { CheckpointRow, ProjectView } from "holdpoint";
import { useState } from "preact/hooks";
import { number } from "../text";
import { Button } from "./basics";
import { KeepDialog } from "./KeepDialog";
import { RetentionDialog } from "./RetentionDialog";

/** How many checkpoints the project keeps, and the ways to change that and to remove old ones. */
export function Kept({
  project,
  checkpoints,
  canChange,
}: {
  project: ProjectView;
  checkpoints: readonly CheckpointRow[];
  canChange: boolean;
}) {
  const [dialog, setDialog] = useState<"keep" | "remove">();
  const { perPlan, ofProject } = project.retention;
  const close = (): void => setDialog(undefined);
  return (
    <div class="policy" data-testid="retention">
      <p>
        The newest {number(perPlan)} of each plan and {number(ofProject)} of the whole project are
        kept. Older ones go by themselves, unless they are pinned or something needs them.
      </p>
      {canChange && (
        <div class="buttons buttons-quiet">
          <Button kind="quiet" onClick={() => setDialog("keep")} testId="change-retention">
            Keep more or fewer…
          </Button>
          <Button
            kind="quiet"
            icon="bin"
            onClick={() => setDialog("remove")}
            testId="remove-checkpoints"
          >
            Remove old checkpoints…
          </Button>
        </div>
      )}
      {dialog === "keep" && <KeepDialog project={project} onClose={close} />}
      {dialog === "remove" && (
        <RetentionDialog project={project} checkpoints={checkpoints} onClose={close} />
      )}
    </div>
  );
}
