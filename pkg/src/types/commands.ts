import type { Gate, Id, Point, Time } from "./basics.js";

/** A step that is still to be done. A text is a step of this title. */
export interface NewStep<Input = unknown> {
  /** 1 to 200 characters, not blank. */
  title: string;
  /** What the step works on: any JSON value of up to 1 MiB. */
  input?: Input;
}
/** A plan that is still to be made. */
export interface NewPlan<Input = unknown> {
  /** What is to be done, in words: not blank, up to 1 MiB. */
  request: string;
  /**
   * Its steps. Left out, the plan is planned first: see `Plan.submit`; likewise with the gate `plan`,
   * since what is approved is what was submitted.
   */
  steps?: readonly (string | NewStep<Input>)[];
  settings?: Partial<PlanSettings>;
}
/** A context item that is still to be added. */
export interface NewItem {
  /** Whose context it is; an agent becomes known by its first item. */
  agent: string;
  /** The plan that it belongs to: a rollback of that plan takes it along. */
  plan?: Id;
  /**
   * What it is. It weighs in the item's importance: `task`, `code`, `error`, `test_result`,
   * `prd_section`, or anything else.
   */
  kind: string;
  /** 1 to 100,000 characters, not blank. */
  text: string;
  /** When it came to be, if not now. */
  createdAt?: Time;
  /** A pinned item stays hot. */
  pinned?: boolean;
}
/** A checkpoint that is still to be taken. */
export interface NewCheckpoint {
  /** The plan that it belongs to; without one it is the project's. */
  plan?: Id;
  /** Up to 100 characters. */
  name: string;
  /** Up to 500 characters. */
  description?: string;
  reason?: string;
  sourceTool?: string;
  phase?: string;
  /** A git commit, a sandbox: whatever goes with it elsewhere. */
  externalRef?: string;
  /** Any JSON value of up to 64 KiB. */
  data?: unknown;
  /** A pinned checkpoint stays whatever retention says. */
  pinned?: boolean;
}
/** How a plan behaves. */
export interface PlanSettings {
  /** The decisions that it waits for; all off unless they are set. */
  gates: Partial<Record<Gate, boolean>>;
  /** How often it can be moved back: 3. */
  maxReversions: number;
  /** How many failures of a step make the plan fail: 3. */
  maxAttempts: number;
  /** A checkpoint is taken after every so many completed steps: 1. 0: never by itself. */
  autoCheckpointInterval: number;
}
/** How a project behaves. */
export interface ProjectSettings {
  /** How many tokens of context an agent has, unless it is set for that agent: 180,000. */
  tokenLimit: number;
  /** Whether a pause archives cold context; `always` unless it is set. */
  flashSave: "always" | "over-threshold" | "never";
  /** How many checkpoints it keeps: 50 and 50, unless it is there. */
  retention?: RetentionPolicy;
}
/** How many checkpoints are kept; what is pinned or otherwise protected stays beyond that. */
export interface RetentionPolicy {
  /** Of each plan: 1 to 1,000,000. */
  perPlan: number;
  /** Of those that belong to no plan: 1 to 1,000,000. */
  ofProject: number;
}

/**
 * Something asked of one project. The methods of `Project` and `Plan` give these; with
 * `Project.execute` and `Project.preview` they can be given as data.
 */
export type Command =
  | {
      type: "create_project";
      name: string;
      status?: "init" | "planning" | "active";
      settings?: Partial<ProjectSettings>;
      plan?: { plan: NewPlan; context?: readonly NewItem[] };
    }
  /** A new project of another one as it is or was, without checkpoints, pause and anybody at work. */
  | { type: "fork_project"; source: Id; at?: Point; name?: string }
  | { type: "plan_project" }
  | { type: "start_project" }
  | { type: "pause"; reason?: string }
  | { type: "resume"; checkpoint?: Id }
  | { type: "stop_project"; reason?: string }
  | { type: "complete_project" }
  | { type: "rename_project"; name: string }
  | { type: "delete_project" }
  | { type: "create_plan"; plan: NewPlan }
  | { type: "start_plan"; plan: Id }
  | { type: "submit_plan"; plan: Id; text: string; steps: readonly (string | NewStep)[] }
  | { type: "approve"; plan: Id; submission: number }
  | { type: "reject"; plan: Id; submission: number; reason: string; fromStep?: number }
  | { type: "start_implementation"; plan: Id }
  | {
      type: "record_review";
      plan: Id;
      submission: number;
      passed: boolean;
      notes?: string;
      fromStep?: number;
    }
  | {
      type: "record_verification";
      plan: Id;
      submission: number;
      passed: boolean;
      details?: string;
      fromStep?: number;
    }
  | { type: "start_step"; plan: Id; step?: number }
  | {
      type: "complete_step";
      plan: Id;
      attempt: number;
      output?: unknown;
      context?: readonly NewItem[];
    }
  | { type: "fail_step"; plan: Id; attempt: number; error: string }
  | { type: "fail_plan"; plan: Id; error: string }
  | { type: "cancel_plan"; plan: Id; reason?: string }
  | { type: "retry_plan"; plan: Id }
  | {
      type: "revert_plan";
      plan: Id;
      to: "planning" | "implementing";
      fromStep?: number;
      reason?: string;
    }
  | { type: "mark_applied"; plan: Id }
  | { type: "set_agent"; agent: string; tokenLimit: number }
  | { type: "add_context"; items: readonly NewItem[] }
  /** An item that is listed twice was used twice. */
  | { type: "touch_items"; items: readonly Id[] }
  | { type: "pin_items"; items: readonly Id[] }
  | { type: "unpin_items"; items: readonly Id[] }
  | { type: "archive_items"; items: readonly Id[] }
  | { type: "flash_save"; agent?: string; force?: boolean }
  | { type: "redact_item"; item: Id; reason?: string }
  | { type: "redact_output"; plan: Id; step: number; reason?: string }
  /** `digest`: 64 hexadecimal digits, as history shows a body's. */
  | { type: "redact_body"; digest: string; reason?: string }
  | { type: "restore_items"; items: readonly Id[] }
  | { type: "create_checkpoint"; checkpoint: NewCheckpoint }
  | { type: "pin_checkpoint"; checkpoint: Id; pinned: boolean }
  | { type: "set_retention"; policy: RetentionPolicy }
  /** By the project's own policy unless another one is given; its preview is the dry run. */
  | { type: "apply_retention"; policy?: RetentionPolicy }
  | { type: "rollback_plan"; plan: Id; checkpoint?: Id; before?: number; reason?: string }
  | { type: "rollback_project"; checkpoint: Id; reason?: string };
