export interface NewStep {
  title: string;
  input?: JsonText;
}
export interface NewPlan {
  request: string;
  steps?: NewStep[];
  settings?: Partial<PlanSettings>;
}
export interface NewItem {
  agent: string;
  plan?: Id;
  kind: string;
  body: string;
  created_at?: Time;
  pinned?: boolean;
}
export interface NewCheckpoint {
  plan?: Id;
  name: string;
  description?: string;
  reason?: string;
  source_tool?: string;
  phase?: string;
  external_ref?: string;
  data?: JsonText;
  pinned?: boolean;
}
export interface PlanSettings {
  gates: Partial<Record<Gate, boolean>>;
  max_reversions: number;
  max_attempts: number;
  auto_checkpoint_interval: number;
}
export interface ProjectSettings {
  token_limit: number;
  flash_save: "always" | "over-threshold" | "never";
  /** How many checkpoints it keeps: 50 and 50, unless it is there. */
  retention?: RetentionPolicy;
}
/** How many checkpoints are kept; what is pinned or otherwise protected stays beyond that. */
export interface RetentionPolicy {
  /** Of each plan: 1 to 1,000,000. */
  per_plan: number;
  /** Of those that belong to no plan: 1 to 1,000,000. */
  of_project: number;
}

/** Something asked of one project. */
export type Command =
  | {
      type: "create_project";
      name: string;
      status?: "init" | "planning" | "active";
      settings?: Partial<ProjectSettings>;
      plan?: { plan: NewPlan; context?: NewItem[] };
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
  | { type: "submit_plan"; plan: Id; text: string; steps: NewStep[] }
  | { type: "approve"; plan: Id; submission: number }
  | { type: "reject"; plan: Id; submission: number; reason: string; from_step?: number }
  | { type: "start_implementation"; plan: Id }
  | {
      type: "record_review";
      plan: Id;
      submission: number;
      passed: boolean;
      notes?: string;
      from_step?: number;
    }
  | {
      type: "record_verification";
      plan: Id;
      submission: number;
      passed: boolean;
      details?: string;
      from_step?: number;
    }
  | { type: "start_step"; plan: Id; step?: number }
  | { type: "complete_step"; plan: Id; attempt: number; output?: JsonText; context?: NewItem[] }
  | { type: "fail_step"; plan: Id; attempt: number; error: string }
  | { type: "fail_plan"; plan: Id; error: string }
  | { type: "cancel_plan"; plan: Id; reason?: string }
  | { type: "retry_plan"; plan: Id }
  | {
      type: "revert_plan";
      plan: Id;
      to: "planning" | "implementing";
      from_step?: number;
      reason?: string;
    }
  | { type: "mark_applied"; plan: Id }
  | { type: "set_agent"; agent: string; token_limit: number }
  | { type: "add_context"; items: NewItem[] }
  /** An item that is listed twice was used twice. */
  | { type: "touch_items"; items: Id[] }
  | { type: "pin_items"; items: Id[] }
  | { type: "unpin_items"; items: Id[] }
  | { type: "archive_items"; items: Id[] }
  | { type: "flash_save"; agent?: string; force?: boolean }
  | { type: "redact_item"; item: Id; reason?: string }
  | { type: "redact_output"; plan: Id; step: number; reason?: string }
  /** `digest`: 64 hexadecimal digits, as history shows a body's. */
  | { type: "redact_body"; digest: string; reason?: string }
  | { type: "restore_items"; items: Id[] }
  | { type: "create_checkpoint"; checkpoint: NewCheckpoint }
  | { type: "pin_checkpoint"; checkpoint: Id; pinned: boolean }
  | { type: "set_retention"; policy: RetentionPolicy }
  /** By the project's own policy unless another one is given; its preview is the dry run. */
  | { type: "apply_retention"; policy?: RetentionPolicy }
  | { type: "rollback_plan"; plan: Id; checkpoint?: Id; before?: number; reason?: string }
  | { type: "rollback_project"; checkpoint: Id; reason?: string };

/** A command on its way. The same id again is the same request again: it is applied once. */
export interface Request {
  /** Whose; left out for `create_project` and `fork_project`, whose ids come from the request's. */
  project?: Id;
  /** A ULID; a new one unless it is given. */
  id?: Id;
  /** Who gives it; the actor of `open` unless it is given. */
  actor?: string;
  /** Refused as `CHANGED` when this is no longer the newest revision. */
  expected_revision?: number;
  command: Command;
}

export interface Receipt {
  project: Id;
  revision: number;
  outcome: Outcome;
}

/** What a command would come to. `execute(request)` does exactly this, or is refused as `CHANGED`. */
export interface Preview {
  expected_revision: number;
  outcome: Outcome;
  request: Request;
}

