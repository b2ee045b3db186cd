import type { CheckpointRow, ProjectView, RetentionReport } from "holdpoint";
import { number } from "./text";

/** A checkpoint that stays though it is beyond the limit, and why. */
export interface Protected {
  row: CheckpointRow;
  why: string;
}

/** What stays beyond the limits of a dry run, newest first. */
export function protectedIn(
  report: RetentionReport,
  project: ProjectView,
  checkpoints: readonly CheckpointRow[],
): Protected[] {
  const { perPlan, ofProject } = report.policy;
  const gone = new Set(report.pruned.map(({ checkpoint }) => checkpoint));
  const seen = new Map<string | null, number>();
  return [...checkpoints]
    .sort((a, b) => b.number - a.number)
    .filter((row) => {
      const newer = seen.get(row.plan) ?? 0;
      seen.set(row.plan, newer + 1);
      return newer >= (row.plan === null ? ofProject : perPlan) && !gone.has(row.id);
    })
    .map((row) => ({ row, why: why(row, project) }));
}

function why(row: CheckpointRow, project: ProjectView): string {
  if (row.pinned) return "pinned";
  if (project.pauseCheckpointId === row.id) return "the project is paused at it";
  const at = project.planList.find((plan) => plan.lastCheckpointId === row.id);
  if (at) return `plan ${number(at.number)} is at it`;
  const plan = project.planList.find((plan) => plan.id === row.plan);
  if (row.plan !== null && !plan) return "its plan may come back to it";
  return "a plan that waits for a decision, or may come back, needs it";
}
