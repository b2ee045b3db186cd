import type { CheckpointRow, Cursor, Page } from "holdpoint";
import { type Live, useLive } from "./live";
import { projectOf } from "./store";

/** A project's checkpoints, newest first. The rows are small. */
export function useCheckpoints(project: string): Live<CheckpointRow[]> {
  return useLive(project, ["checkpoints"], async () => {
    const of = await projectOf(project);
    const rows: CheckpointRow[] = [];
    let after: Cursor | null = null;
    do {
      const { items, next }: Page<CheckpointRow> = await of.listCheckpoints({ after });
      rows.push(...items);
      after = next;
    } while (after);
    return rows;
  });
}
