import type { Id, PlanState, ProjectStatus, Time } from "./basics.js";
import type { RetentionPolicy } from "./commands.js";

/** What a command came to. Those that methods give are the same without `type`. */
export type Outcome =
  | { type: "project_created"; plan: Id | null }
  | { type: "project_forked"; origin: Origin }
  | { type: "project_status_changed"; status: ProjectStatus }
  | { type: "project_renamed"; name: string }
  | { type: "project_deleted" }
  | ({ type: "paused" } & PauseReport)
  | ({ type: "resumed" } & ResumeReport)
  | { type: "plan_created"; plan: Id }
  /** `submission`: the one that now waits for a decision. */
  | { type: "plan_moved"; plan: Id; state: PlanState; submission: number | null }
  | { type: "plan_applied"; plan: Id }
  | ({ type: "step_started" } & StepStarted)
  | ({ type: "step_completed" } & StepDone)
  | ({ type: "step_failed" } & StepUndone)
  | { type: "agent_set"; agent: string; tokenLimit: number }
  | { type: "context_added"; items: Id[] }
  | ({ type: "context_archived" } & ArchiveReport)
  | { type: "items_touched"; items: Id[] }
  | { type: "items_pinned"; items: Id[]; pinned: boolean }
  | { type: "body_redacted"; digest: string }
  | { type: "items_restored"; items: Id[] }
  | { type: "checkpoint_created"; checkpoint: Id }
  | { type: "checkpoint_pinned"; checkpoint: Id; pinned: boolean }
  | { type: "retention_set"; policy: RetentionPolicy }
  | ({ type: "retention_applied" } & RetentionReport)
  | ({ type: "rolled_back" } & RollbackReport);

/** What a pause did. */
export interface PauseReport {
  success: boolean;
  alreadyPaused: boolean;
  checkpointId: Id;
  tokensBefore: number;
  tokensAfter: number;
  reductionPercentage: number;
  itemsArchived: number;
  pausedAt: Time;
  reason: string | null;
  agents: AgentReport[];
  warnings: PauseWarning[];
}
/** What happened to one agent's context. */
export interface AgentReport {
  agent: string;
  tokensBefore: number;
  tokensAfter: number;
  reductionPercentage: number;
  itemsArchived: number;
  hotKept: number;
  warmKept: number;
}
/** What was archived on demand; agents whose context was left alone are not in it. */
export interface ArchiveReport {
  tokensBefore: number;
  tokensAfter: number;
  reductionPercentage: number;
  itemsArchived: number;
  agents: AgentReport[];
}
/** The moment that a project was forked from. */
export interface Origin {
  project: Id;
  revision: number;
  digest: string;
}
/** What somebody should know of a pause; none of it has kept it from happening. */
export type PauseWarning =
  | { type: "agent_over_limit"; agent: string; tokens: number; limit: number }
  | { type: "tokens_estimated"; items: number }
  | { type: "clock_went_back"; previous: Time; now: Time };
/** How a project goes on. */
export interface ResumeReport {
  status: ProjectStatus;
  rollback: RollbackReport | null;
}
/** An attempt that began. */
export interface StepStarted {
  plan: Id;
  /** Zero-based. */
  step: number;
  /** The idempotency key, the same in every attempt. */
  id: Id;
  attempt: number;
}
/** An attempt that was successful. */
export interface StepDone {
  plan: Id;
  step: number;
  attempt: number;
  state: PlanState;
  /** The one that now waits for a decision. */
  submission: number | null;
  items: Id[];
  checkpoint: Id | null;
}
/** An attempt that failed. */
export interface StepUndone {
  plan: Id;
  step: number;
  attempt: number;
  failures: number;
  state: PlanState;
}
/** What a rollback did, or would do. */
export interface RollbackReport {
  checkpoint: Id;
  revision: number;
  safetyCheckpoint: Id;
  plansReverted: number;
  stepsReverted: number;
  itemsRestored: number;
  itemsRemoved: number;
  /** Everything that changes: `plans/<id>/last_completed_step`, `plans/<id>/steps/<n>`, `items/<id>`, … */
  paths: string[];
}

/** Checkpoints that went since a policy doesn't keep them. */
export interface RetentionReport {
  policy: RetentionPolicy;
  pruned: PrunedCheckpoint[];
  /** How many the project still has. */
  kept: number;
  /** How many of those the policy alone would not have kept. */
  protected: number;
}
/** A checkpoint that went. */
export interface PrunedCheckpoint {
  checkpoint: Id;
  plan: Id | null;
  name: string;
  revision: number;
  createdAt: Time;
}
