import type { EventType } from "holdpoint";

/** What can happen, in words and by what it is about: what a history can be looked through for. */
export interface KindGroup {
  key: string;
  name: string;
  kinds: readonly (readonly [type: EventType, name: string])[];
}

export const kindGroups: readonly KindGroup[] = [
  {
    key: "of-project",
    name: "The project",
    kinds: [
      ["project_created", "Project created"],
      ["project_forked", "Project forked from another"],
      ["project_planned", "Planning began"],
      ["project_started", "Project started"],
      ["project_paused", "Paused"],
      ["project_resumed", "Resumed"],
      ["project_stopped", "Stopped"],
      ["project_completed", "Project completed"],
      ["project_renamed", "Renamed"],
    ],
  },
  {
    key: "of-plans",
    name: "Plans",
    kinds: [
      ["plan_created", "Plan created"],
      ["plan_started", "Plan started"],
      ["plan_submitted", "Plan submitted"],
      ["submission_decided", "Decision taken"],
      ["implementation_started", "Implementation started"],
      ["plan_failed", "Plan failed"],
      ["plan_cancelled", "Plan cancelled"],
      ["plan_retried", "Plan goes on after a failure"],
      ["plan_reverted", "Plan moved back"],
      ["plan_applied", "Plan marked as applied"],
    ],
  },
  {
    key: "of-steps",
    name: "Steps",
    kinds: [
      ["step_started", "Step started"],
      ["step_completed", "Step completed"],
      ["step_failed", "Step failed"],
    ],
  },
  {
    key: "of-checkpoints",
    name: "Checkpoints",
    kinds: [
      ["checkpoint_created", "Checkpoint taken"],
      ["checkpoint_pinned", "Checkpoint pinned or unpinned"],
      ["rolled_back", "Rolled back"],
      ["checkpoints_pruned", "Old checkpoints removed by themselves"],
      ["retention_applied", "Old checkpoints removed by hand"],
      ["retention_set", "How many checkpoints are kept"],
    ],
  },
  {
    key: "of-context",
    name: "Context",
    kinds: [
      ["agent_set", "Agent’s limit set"],
      ["items_added", "Items added"],
      ["items_archived", "Items archived"],
      ["items_restored", "Items brought back"],
      ["items_touched", "Items used"],
      ["items_pinned", "Items pinned or unpinned"],
      ["body_redacted", "Text removed for good"],
    ],
  },
];

/** The types that were picked: all of a group, or one. */
export function typesOf(picked: string): EventType[] | undefined {
  if (picked === "") return undefined;
  const group = kindGroups.find(({ key }) => key === picked);
  return group ? group.kinds.map(([type]) => type) : [picked as EventType];
}
