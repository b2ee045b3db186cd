/** An id: 26 characters. */
export type Id = string;
/** A moment: RFC 3339, UTC, milliseconds, `Z`. */
export type Time = string;
/** A JSON text: what `JSON.stringify` gives. */
export type JsonText = string;

export interface OpenOptions {
  /** Where projects are kept: in the browser's IndexedDB, which is the default, or only in memory. */
  storage?: "indexeddb" | "memory";
  /** The database's name; `holdpoint` unless it is given. */
  name?: string;
  /** Who gives the commands; `user` unless it is given. */
  actor?: string;
  /** What an acknowledged commit survives: a loss of power (`strict`, the default), or not always. */
  durability?: "strict" | "relaxed";
}

export type LogLevel = "off" | "error" | "warn" | "info" | "debug";

/** What every call rejects with. */
export interface HoldpointError extends Error {
  name: "HoldpointError";
  /** A stable name for the kind of failure, like `PROJECT_PAUSED`. */
  code: string;
  /** What the message says, as data: it depends on the code. */
  details: Record<string, unknown>;
}

export type ProjectStatus = "init" | "planning" | "active" | "paused" | "stopped" | "completed";
export type PlanState =
  | "pending"
  | "planning"
  | "plan_awaiting_approval"
  | "plan_approved"
  | "implementing"
  | "implementation_awaiting_approval"
  | "reviewing"
  | "verifying"
  | "completed"
  | "failed"
  | "cancelled";
export type StepState = "pending" | "running" | "failed" | "completed";
export type Tier = "hot" | "warm" | "cold";
/** Why a plan does not move. `null`: its next step can start, or it is completed. */
export type Hold =
  | "project_not_started"
  | "project_paused"
  | "project_stopped"
  | "project_completed"
  | "not_started"
  | "awaiting_steps"
  | "awaiting_approval"
  | "awaiting_start"
  | "awaiting_review"
  | "awaiting_verification"
  | "failed"
  | "cancelled";

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
  gates: Partial<Record<"plan" | "implementation" | "review" | "verification", boolean>>;
  max_reversions: number;
  max_attempts: number;
  auto_checkpoint_interval: number;
}
export interface ProjectSettings {
  token_limit: number;
  flash_save: "always" | "over-threshold" | "never";
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
  | { type: "restore_items"; items: Id[] }
  | { type: "create_checkpoint"; checkpoint: NewCheckpoint }
  | { type: "rollback_plan"; plan: Id; checkpoint?: Id; reason?: string }
  | { type: "rollback_project"; checkpoint: Id; reason?: string };

/** A command on its way. The same id again is the same request again: it is applied once. */
export interface Request {
  /** Whose; left out for `create_project`, whose id comes from the request's. */
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

export type Outcome =
  | { type: "project_created"; plan: Id | null }
  | { type: "project_status_changed"; status: ProjectStatus }
  | { type: "project_renamed"; name: string }
  | { type: "project_deleted" }
  | ({ type: "paused" } & PauseReport)
  | ({ type: "resumed" } & ResumeReport)
  | { type: "plan_created"; plan: Id }
  | { type: "plan_moved"; plan: Id; state: PlanState }
  | { type: "plan_applied"; plan: Id }
  | ({ type: "step_started" } & StepStarted)
  | ({ type: "step_completed" } & StepDone)
  | ({ type: "step_failed" } & StepUndone)
  | { type: "agent_set"; agent: string; token_limit: number }
  | { type: "context_added"; items: Id[] }
  | { type: "items_restored"; items: Id[] }
  | { type: "checkpoint_created"; checkpoint: Id }
  | ({ type: "rolled_back" } & RollbackReport);

export interface PauseReport {
  success: boolean;
  already_paused: boolean;
  checkpoint_id: Id;
  tokens_before: number;
  tokens_after: number;
  reduction_percentage: number;
  items_archived: number;
  paused_at: Time;
  reason: string | null;
  agents: {
    agent: string;
    tokens_before: number;
    tokens_after: number;
    reduction_percentage: number;
    items_archived: number;
    hot_kept: number;
    warm_kept: number;
  }[];
  warnings: PauseWarning[];
}
export type PauseWarning =
  | { type: "agent_over_limit"; agent: string; tokens: number; limit: number }
  | { type: "tokens_estimated"; items: number }
  | { type: "clock_went_back"; previous: Time; now: Time };
export interface ResumeReport {
  status: ProjectStatus;
  rollback: RollbackReport | null;
}
export interface StepStarted {
  plan: Id;
  /** Zero-based. */
  step: number;
  /** The idempotency key, the same in every attempt. */
  id: Id;
  attempt: number;
}
export interface StepDone {
  plan: Id;
  step: number;
  attempt: number;
  state: PlanState;
  items: Id[];
  checkpoint: Id | null;
}
export interface StepUndone {
  plan: Id;
  step: number;
  attempt: number;
  failures: number;
  state: PlanState;
}
export interface RollbackReport {
  checkpoint: Id;
  revision: number;
  safety_checkpoint: Id;
  plans_reverted: number;
  steps_reverted: number;
  items_restored: number;
  items_removed: number;
  /** Everything that changes: `plans/<id>/last_completed_step`, `plans/<id>/steps/<n>`, `items/<id>`, … */
  paths: string[];
}

/** A place in a list. */
export interface Cursor {
  project: Id;
  number: number;
}
export interface Page<T> {
  rows: T[];
  /** Where to go on; `null` at the end. */
  next: Cursor | null;
}
export interface ProjectRow {
  project: Id;
  revision: number;
  name: string;
  status: ProjectStatus;
  plans: number;
  plans_completed: number;
  plans_unfinished: number;
  active_agents: number;
  items: number;
  items_archived: number;
  tokens: number;
  checkpoints: number;
  paused_at: Time | null;
  pause_reason: string | null;
  pause_checkpoint_id: Id | null;
  created_at: Time;
  created_by: string;
  updated_at: Time;
}
export interface PlanRow {
  project: Id;
  plan: Id;
  number: number;
  /** How the request begins. */
  request: string;
  state: PlanState;
  steps: number;
  last_completed_step: number;
  last_attempt: number;
  reversion_count: number;
  max_reversions: number;
  retry_count: number;
  submission: number | null;
  last_checkpoint_id: Id | null;
  created_at: Time;
  created_by: string;
  updated_at: Time;
  completed_at: Time | null;
  applied_at: Time | null;
}
export interface CheckpointRow {
  project: Id;
  checkpoint: Id;
  number: number;
  plan: Id | null;
  revision: number;
  trigger: "manual" | "auto" | "phase_transition" | "pause";
  /** Taken by a rollback, to undo it. */
  safety: boolean;
  name: string;
  reason: string | null;
  pinned: boolean;
  created_at: Time;
  created_by: string;
}
/** An unfinished plan: where work can go on. */
export interface Resumable extends PlanRow {
  project_name: string;
  project_status: ProjectStatus;
  hold: Hold | null;
}

export interface Tally {
  items: number;
  tokens: number;
  /** How many of the items have an estimated token count. */
  estimated: number;
}
export interface AgentView {
  agent: string;
  token_limit: number;
  active: Tally;
  archived: Tally;
  /** Active context by tier, now. */
  tiers: Record<Tier, { items: number; tokens: number }>;
}
export interface ProjectView extends ProjectRow {
  settings: ProjectSettings;
  pause: PauseReport | null;
  agents: AgentView[];
  plan_list: (PlanRow & { hold: Hold | null })[];
}
export interface StepSummary {
  id: Id;
  title: string;
  state: StepState;
  /** The newest attempt's number; attempts are numbered per plan. */
  attempt: number | null;
  failures: number;
  has_input: boolean;
  has_output: boolean;
  started_at: Time | null;
  ended_at: Time | null;
}
export interface PlanView extends PlanRow {
  project_name: string;
  project_status: ProjectStatus;
  /** The whole request. */
  request: string;
  settings: Required<PlanSettings>;
  hold: Hold | null;
  failure: { state: PlanState; error: string; step: number | null; at: Time } | null;
  /** Whether its steps were imported from a trajectory, so that `playStep` can play them. */
  is_playable: boolean;
  step_list: StepSummary[];
}
export interface StepView extends StepSummary {
  project: Id;
  plan: Id;
  step: number;
  input: JsonText | null;
  output: JsonText | null;
  /** What went wrong in the newest attempt that failed. */
  error: string | null;
}
export interface ItemView {
  id: Id;
  number: number;
  agent: string;
  plan: Id | null;
  kind: string;
  tokens: number;
  tokens_estimated: boolean;
  bytes: number;
  created_at: Time;
  last_accessed: Time | null;
  access_count: number;
  pinned: boolean;
  archived: boolean;
  /** Between 0 and 1, now. */
  importance: number;
  tier: Tier;
}
export interface Entry {
  v: number;
  revision: number;
  at: Time;
  actor: string;
  command: { id: Id; digest: string };
  events: Event[];
}
export interface Event {
  type: string;
  [field: string]: unknown;
}
export interface VerifyReport {
  project: Id;
  clean: boolean;
  entries: number;
  snapshots: number;
  rows: number;
  bodies: number;
  findings: { kind: string; revision: number | null; message: string }[];
}

interface Queries {
  projects: [{ after?: Cursor; limit?: number; id_starts_with?: string }, Page<ProjectRow>];
  plans: [
    { project?: Id; unfinished?: boolean; after?: Cursor; limit?: number; id_starts_with?: string },
    Page<PlanRow>,
  ];
  checkpoints: [
    { project?: Id; plan?: Id; after?: Cursor; limit?: number; id_starts_with?: string },
    Page<CheckpointRow>,
  ];
  resumable: [{}, Resumable[]];
  project: [{ project: Id }, ProjectView];
  plan: [{ project: Id; plan: Id }, PlanView];
  step: [{ project: Id; plan: Id; step: number }, StepView];
  /** Context items in the order in which they were added, those after a number. */
  context: [
    { project: Id; agent?: string; plan?: Id; archived?: boolean; after?: number; limit?: number },
    { items: ItemView[]; next: number | null },
  ];
  /** An item with its body. */
  item: [{ project: Id; item: Id }, ItemView & { body: string }];
  /** Entries after a revision (0: from the first). */
  history: [{ project: Id; after?: number; limit?: number }, Entry[]];
  /** Checks a project from its first entry to its last. */
  verify: [{ project: Id }, VerifyReport];
}
/** Something read. Lists have at most 500 rows unless `limit` says otherwise. */
export type Query = { [T in keyof Queries]: { type: T } & Queries[T][0] }[keyof Queries];
/** What a query gives. */
export type Answer<Q extends Query> = Queries[Q["type"]][1];

export type Notice =
  | {
      type: "committed";
      project: Id;
      revision: number;
      at: Time;
      actor: string;
      command: Id;
      events: Event[];
    }
  | { type: "removed"; project: Id }
  /** The listener was too slow: read the state anew. */
  | { type: "missed"; count: number };

export interface Imported {
  project: Id;
  plan: Id;
  name: string;
  steps: number;
}

/** What became of one step of an imported trajectory. */
export interface Played extends StepDone {
  title: string;
}

/**
 * A store, opened. Commands change, queries read, subscriptions tell. Calls may overlap; await one
 * on a project before you rely on its result.
 */
export class Holdpoint {
  private constructor();
  /** Opens a store; a database that isn't there is made. */
  static open(options?: OpenOptions): Promise<Holdpoint>;
  /** Carries out any command. Repeated with the same request id it is applied once. */
  execute(request: Request): Promise<Receipt>;
  /** Says what a command would come to, and changes nothing. */
  preview(project: Id, command: Command): Promise<Preview>;
  /** Reads. */
  query<Q extends Query>(query: Q): Promise<Answer<Q>>;
  /** Hears of every commit from now on, this tab's and other tabs', of one project or of all. */
  subscribe(listener: (notice: Notice) => void, project?: Id): Promise<Subscription>;
  /** Archives cold context, takes a checkpoint and holds all work, in one commit. */
  pause(project: Id, reason?: string): Promise<PauseReport>;
  /** Lets a paused project go on; with a checkpoint, after a rollback to it in the same commit. */
  resume(project: Id, checkpoint?: Id): Promise<ResumeReport>;
  /** Makes a project with one plan of a trajectory's JSON text, as SWE-agent writes it; at most 64 MiB. */
  importTrajectory(text: string, fileName: string): Promise<Imported>;
  /** Plays the next step of an imported trajectory: starts it and completes it with what was recorded. */
  playStep(project: Id, plan: Id): Promise<Played>;
  /** Closes the storage; later calls are refused as `CLOSED`. */
  close(): void;
  /** Lets go of the memory that wasm keeps for it; done by itself when it is garbage. */
  free(): void;
}

export class Subscription {
  private constructor();
  /** Ends it; the listener is not called any more. */
  close(): void;
  free(): void;
}

/** How much goes to the console: `warn` unless it is set. Never the content of a text. */
export function setLogLevel(level: LogLevel): void;
