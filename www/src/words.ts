import type {
  CheckpointRow,
  Gate,
  Hold,
  PauseWarning,
  PlanRow,
  PlanState,
  ProjectRow,
  ProjectStatus,
  StepState,
  Tier,
  VerdictView,
} from "holdpoint";
import { count, number } from "./text";

/** How a badge looks; what it says is always in words too. */
export type Tone = "plain" | "go" | "hold" | "good" | "bad";

export const projectStatus: Record<ProjectStatus, { word: string; tone: Tone }> = {
  init: { word: "Not started", tone: "plain" },
  planning: { word: "Planning", tone: "go" },
  active: { word: "Active", tone: "go" },
  paused: { word: "Paused", tone: "hold" },
  stopped: { word: "Stopped", tone: "plain" },
  completed: { word: "Completed", tone: "good" },
};

export const planState: Record<PlanState, { word: string; tone: Tone }> = {
  pending: { word: "Not started", tone: "plain" },
  planning: { word: "Planning", tone: "go" },
  plan_awaiting_approval: { word: "Plan awaits approval", tone: "hold" },
  plan_approved: { word: "Plan approved", tone: "go" },
  implementing: { word: "In progress", tone: "go" },
  implementation_awaiting_approval: { word: "Result awaits approval", tone: "hold" },
  reviewing: { word: "In review", tone: "hold" },
  verifying: { word: "Being verified", tone: "hold" },
  completed: { word: "Completed", tone: "good" },
  failed: { word: "Failed", tone: "bad" },
  cancelled: { word: "Cancelled", tone: "plain" },
};

export const stepState: Record<StepState, string> = {
  pending: "Pending",
  running: "Running",
  failed: "Failed",
  completed: "Completed",
};

/** A decision that a plan waits for: what it is called, and what either way of it is. */
export const gates: Record<Gate, { title: string; passed: string; failed: string }> = {
  plan: { title: "Plan to approve", passed: "Plan approved", failed: "Plan sent back" },
  implementation: {
    title: "Implementation to approve",
    passed: "Implementation approved",
    failed: "Implementation sent back",
  },
  review: { title: "Review", passed: "Review passed", failed: "Review not passed" },
  verification: {
    title: "Verification",
    passed: "Verification passed",
    failed: "Verification failed",
  },
};

/** What a plan in this state waits for, if it is a decision. */
export function gateOf(state: PlanState): Gate | undefined {
  switch (state) {
    case "plan_awaiting_approval":
      return "plan";
    case "implementation_awaiting_approval":
      return "implementation";
    case "reviewing":
      return "review";
    case "verifying":
      return "verification";
    default:
      return undefined;
  }
}

/** Approving goes on while a project is paused; recording what was found would be work. */
export const waitsForResume = (gate: Gate): boolean => gate === "review" || gate === "verification";

export const verdict = ({ gate, passed }: Pick<VerdictView, "gate" | "passed">): string =>
  passed ? gates[gate].passed : gates[gate].failed;

export const tier: Record<Tier | "archived", { word: string; meaning: string }> = {
  hot: { word: "Hot", meaning: "fresh or pinned" },
  warm: { word: "Warm", meaning: "still of use" },
  cold: { word: "Cold", meaning: "archived at the next pause" },
  archived: { word: "Archived", meaning: "set aside, can come back" },
};

export const trigger: Record<CheckpointRow["trigger"], string> = {
  manual: "by hand",
  auto: "automatic",
  phase_transition: "stage",
  pause: "pause",
};

const holds: Record<Hold, string> = {
  project_not_started: "Held: the project isn’t started",
  project_paused: "Held: the project is paused",
  project_stopped: "Held: the project is stopped",
  project_completed: "Held: the project is completed",
  not_started: "Not started yet",
  awaiting_steps: "Waits for its steps",
  awaiting_approval: "Waits for an approval",
  awaiting_start: "Approved, waits to be started",
  awaiting_review: "Waits for a review",
  awaiting_verification: "Waits for a verification",
  failed: "Failed: retry or cancel it",
  cancelled: "Cancelled",
};

/** What holds a plan, or where it goes on. */
export function planHold(plan: PlanRow & { hold: Hold | null }): string {
  if (plan.hold !== null) return holds[plan.hold] ?? plan.hold;
  if (plan.state === "completed") return "Done, nothing left to do";
  return `Can go on at step ${number(plan.lastCompletedStep + 2)} of ${number(plan.steps)}`;
}

/** What holds a project, in one sentence. */
export function projectHold(project: ProjectRow): string {
  switch (project.status) {
    case "paused":
      return "Held by a pause";
    case "stopped":
      return "Held: stopped, can be started again";
    case "completed":
      return "Done, nothing left to do";
    case "init":
      return "Held: not started yet";
    case "planning":
      return "Being planned; no step starts yet";
    case "active":
      if (project.plans === 0) return "Nothing holds it; it has no plans yet";
      if (project.plansUnfinished > 0) {
        return `Nothing holds it; ${count(project.plansUnfinished, "plan")} unfinished`;
      }
      return project.plansCompleted === project.plans
        ? "All its plans are completed"
        : `${number(project.plansCompleted)} of ${count(project.plans, "plan")} completed, the rest failed or cancelled`;
  }
}

export function pauseWarning(warning: PauseWarning): string {
  switch (warning.type) {
    case "agent_over_limit":
      return `Agent “${warning.agent}” still has ${number(warning.tokens)} tokens, more than its limit of ${number(warning.limit)}.`;
    case "tokens_estimated":
      return `The token counts of ${count(warning.items, "item")} are estimates.`;
    case "clock_went_back":
      return "The clock ran backwards since the last entry; revisions still give the right order.";
  }
}

const fields: Record<string, string> = {
  state: "Its state",
  last_completed_step: "How far it is: the last completed step",
  completed_at: "When it was completed",
  failure: "Why it failed",
  cancelled_from: "Where it was when it was cancelled",
  cancel_reason: "Why it was cancelled",
  submitted: "The plan as it was submitted",
  submission: "What is up for a decision",
  text: "The plan in words",
  applied_at: "When it was applied",
  last_attempt: "Its newest attempt",
  last_checkpoint_id: "The checkpoint that it is at",
  last_submission: "Its newest submission",
  retry_count: "How often it was retried",
  reversion_count: "How often it was moved back",
};

/** A field of a plan that a rollback changes. */
export const planField = (name: string): string => fields[name] ?? name.replaceAll("_", " ");

/**
 * A checkpoint's name. The automatic ones count steps from zero, the page from one; those of a stage
 * are written as all names here are.
 */
export function checkpointName({ name, trigger }: { name: string; trigger: string }): string {
  if (trigger === "phase_transition") return name.charAt(0).toUpperCase() + name.slice(1);
  if (trigger !== "auto") return name;
  const [, before = "", step] = /^((?:before the rollback to )*)after step (\d+)$/.exec(name) ?? [];
  if (step === undefined) return name;
  return `${before}${before ? "after" : "After"} step ${number(Number(step) + 1)}`;
}

export const nameOf = (row: Pick<CheckpointRow, "name" | "trigger">): string => checkpointName(row);
