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
  /** Both together. */
  total: Tally;
  /** Active context by tier, now. */
  tiers: Record<Tier, { items: number; tokens: number }>;
}
export interface ProjectView extends ProjectRow {
  settings: ProjectSettings;
  retention: RetentionPolicy;
  origin: Origin | null;
  pause: PauseReport | null;
  agents: AgentView[];
  plan_list: (PlanRow & { hold: Hold | null })[];
}
/** A checkpoint with all that was said of it. */
export interface CheckpointView extends CheckpointRow {
  description: string | null;
  source_tool: string | null;
  phase: string | null;
  external_ref: string | null;
  data: JsonText | null;
  figures: Figures;
}
/** Figures of a project at a checkpoint's revision. */
export interface Figures {
  plans_completed: number;
  plans: number;
  /** Agents that had active context. */
  active_agents: number;
  /** Items in active context, and their tokens. */
  items: number;
  tokens: number;
}
/** Who removed a text for good, when and why. */
export interface Redaction {
  at: Time;
  by: string;
  reason: string | null;
}
/** What was decided on a submission. */
export interface VerdictView {
  submission: number;
  gate: Gate;
  passed: boolean;
  reason: string | null;
  /** The reviewer's notes, or the verification's details. */
  notes: string | null;
  by: string;
  at: Time;
}
/** What a plan does next, or waits for. */
export type NextMove =
  | { type: "held"; hold: Hold }
  | { type: "decide"; gate: Gate; submission: number }
  | { type: "start_implementation" }
  /** `id` is the step's idempotency key. */
  | { type: "run_step"; step: number; id: Id; title: string }
  | { type: "over"; state: "completed" | "failed" | "cancelled" };
/** A plan that waits for a decision. */
export interface InboxEntry extends Resumable {
  gate: Gate;
  submission: number;
}
/** Something that differs between two points. Texts are cut to 200 characters. */
export interface Change {
  /** Where: `plans/<id>/state`, `plans/<id>/steps/<n>/output`, `items/<id>`, … */
  path: string;
  kind: "added" | "removed" | "changed";
  /** What it is about, for people: a plan's request, a step's title, an agent and a kind. */
  label: string;
  before: string | number | boolean | null;
  after: string | number | boolean | null;
}
export interface Diff {
  /** Revisions. */
  from: number;
  to: number;
  changes: Change[];
}
/** How much there is of everything, in a project or in a whole store. */
export interface Totals {
  /** Entries of journals: one for each commit. */
  entries: number;
  plans: number;
  /** Every state is named. */
  plans_by_state: Record<PlanState, number>;
  steps: number;
  steps_completed: number;
  checkpoints: number;
  /** Every trigger is named. */
  checkpoints_by_trigger: Record<Trigger, number>;
  /** Agents with active context, counted in each project. */
  active_agents: number;
  items: number;
  items_archived: number;
  tokens: number;
}
/** A project in figures; its context agent by agent. */
export interface Statistics {
  project: Id;
  revision: number;
  /** The moment that the tiers are of: they change with time alone. */
  at: Time;
  totals: Totals;
  sizes: {
    /** Bytes of the entries' JSON texts, as they are stored. */
    journal_bytes: number;
    /**
     * How often entries named a body for the first time. Equal texts share one body in the storage
     * and count here each time; so do those that were removed for good since.
     */
    bodies: number;
    body_bytes: number;
  };
  /** How many texts were removed for good. */
  redacted: number;
  agents: AgentView[];
}
/** A whole store in figures, from its lists alone. */
export interface StoreStatistics {
  projects: number;
  /** Every status is named. */
  projects_by_status: Record<ProjectStatus, number>;
  totals: Totals;
  usage: Usage;
}
/** How much room a store takes up; what isn't known is `null`. */
export interface Usage {
  /** An estimate of all that the site keeps in the browser, other databases included. */
  bytes: number | null;
  /** How much the browser lets the site keep in all. */
  quota: number | null;
  /** Whether the browser has promised not to take it away by itself. */
  persisted: boolean | null;
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
  next: NextMove;
  /** The plan in words, as it was last submitted. */
  submitted: { text: string; at: Time; by: string } | null;
  /** All decisions on its submissions, in order. */
  verdicts: VerdictView[];
  /** Whether its steps were imported from a trajectory, so that `playStep` can play them. */
  is_playable: boolean;
  step_list: StepSummary[];
}
export interface StepView extends StepSummary {
  project: Id;
  plan: Id;
  step: number;
  input: JsonText | null;
  /** `null` too when it was removed for good: see `output_redacted`. */
  output: JsonText | null;
  output_redacted: Redaction | null;
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
  /** If its body was removed for good. */
  redacted: Redaction | null;
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
/** An entry with its digest, which ties it to all before. */
export interface FoundEntry extends Entry {
  digest: string;
}
/**
 * A part of what was found. There may be no entries though more come later: a page ends too when
 * 5,000 have been looked at.
 */
export interface HistoryPage {
  entries: FoundEntry[];
  /** Where to go on: the next page's `after`, or its `before` with the newest first; `null`: that was all. */
  next: number | null;
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

/** How a plan is claimed. */
export interface ClaimOptions {
  /**
   * How many seconds it lasts without being renewed, where the browser doesn't tell whether its
   * holder is alive: 1 to 3600; 30 unless it is given.
   */
  time_to_live?: number;
  /** Takes it from whoever has it. They learn of it when they renew. */
  take_over?: boolean;
}
/** Who executes a plan, or did so last and said no goodbye. */
export interface LeaseView {
  /** Whose worker it is: the actor. */
  holder: string;
  worker: Id;
  taken_at: Time;
  /** Until when, unless it is renewed. */
  expires_at: Time;
  /** Whether the worker is alive; `null` where the browser doesn't tell. */
  is_alive: boolean | null;
  /** Whether the plan is kept from others now: not if the worker is gone, or out of time. */
  is_held: boolean;
  /** Whether it is of the store that was asked. */
  is_own: boolean;
}

