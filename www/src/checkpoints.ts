import type { CheckpointRow, Cursor } from "#wasm";
import { type Live, useLive } from "./live";
import { holdpoint } from "./store";

/** A project's checkpoints, newest first. The rows are small, and lists begin at the oldest. */
export function useCheckpoints(project: string): Live<CheckpointRow[]> {
  return useLive(project, `checkpoints/${project}`, async () => {
    const rows: CheckpointRow[] = [];
    let after: Cursor | undefined;
    do {
      const page = await holdpoint().query({ type: "checkpoints", project, after });
      rows.push(...page.rows);
      after = page.next ?? undefined;
    } while (after);
    return rows.reverse();
  });
}
