import type { EventType } from "../codes.js";
import type {
  Gate,
  Hold,
  Id,
  PlanState,
  ProjectStatus,
  StepState,
  Tier,
  Time,
  Trigger,
} from "./basics.js";
import type { PlanSettings, ProjectSettings, RetentionPolicy } from "./commands.js";
import type { CheckpointRow, PlanRow, ProjectRow, Resumable } from "./lists.js";
import type { Origin, PauseReport } from "./reports.js";

/** So much context. */
export interface Tally {
  items: number;
  tokens: number;
  /** How many of the items have an estimated token count. */
  estimated: number;
}
/** An agent's context. */
export interface AgentView {
  agent: string;
  tokenLimit: number;
  active: Tally;
  archived: Tally;
  /** Both together. */
  total: Tally;
  /** Active context by tier, now. */
  tiers: Record<Tier, { items: number; tokens: number }>;
}
/** A project with its agents and plans. */
export interface ProjectView extends ProjectRow {
  settings: ProjectSettings;
  retention: RetentionPolicy;
  origin: Origin | null;
  pause: PauseReport | null;
  agents: AgentView[];
  planList: (PlanRow & { hold: Hold | null })[];
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
/** What differs between two points. */
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
  plansByState: Record<PlanState, number>;
  steps: number;
  stepsCompleted: number;
  checkpoints: number;
  /** Every trigger is named. */
  checkpointsByTrigger: Record<Trigger, number>;
  /** Agents with active context, counted in each project. */
  activeAgents: number;
  items: number;
  itemsArchived: number;
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
    journalBytes: number;
    /**
     * How often entries named a body for the first time. Equal texts share one body in the storage
     * and count here each time; so do those that were removed for good since.
     */
    bodies: number;
    bodyBytes: number;
  };
  /** How many texts were removed for good. */
  redacted: number;
  agents: AgentView[];
}
/** A whole store in figures, from its lists alone. */
export interface StoreStatistics {
  projects: number;
  /** Every status is named. */
  projectsByStatus: Record<ProjectStatus, number>;
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
/** A step of a plan, without what it was given and what came out. */
export interface StepSummary {
  id: Id;
  title: string;
  state: StepState;
  /** The newest attempt's number; attempts are numbered per plan. */
  attempt: number | null;
  failures: number;
  hasInput: boolean;
  hasOutput: boolean;
  startedAt: Time | null;
  endedAt: Time | null;
}
/** A plan with its steps and its decisions. */
export interface PlanView extends PlanRow {
  projectName: string;
  projectStatus: ProjectStatus;
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
  isPlayable: boolean;
  stepList: StepSummary[];
}
/** A step with what it was given and what came out. */
export interface StepView<Input = unknown, Output = unknown> extends StepSummary {
  project: Id;
  plan: Id;
  step: number;
  /** What it was given; `null` if nothing. */
  input: Input | null;
  /** `null` too when it was removed for good: see `outputRedacted`. */
  output: Output | null;
  outputRedacted: Redaction | null;
  /** What went wrong in the newest attempt that failed. */
  error: string | null;
}
/** A context item, without its text. */
export interface ItemView {
  id: Id;
  number: number;
  agent: string;
  plan: Id | null;
  kind: string;
  tokens: number;
  tokensEstimated: boolean;
  bytes: number;
  createdAt: Time;
  lastAccessed: Time | null;
  accessCount: number;
  pinned: boolean;
  archived: boolean;
  /** If its body was removed for good. */
  redacted: Redaction | null;
  /** Between 0 and 1, now. */
  importance: number;
  tier: Tier;
}
/** One commit: who did what when. */
export interface Entry {
  v: number;
  revision: number;
  at: Time;
  actor: string;
  command: { id: Id; digest: string };
  events: JournalEvent[];
}
/** An entry with its digest, which ties it to all before. */
export interface FoundEntry extends Entry {
  digest: string;
}
/** Something that happened, as an entry has it; which fields there are depends on the type. */
export interface JournalEvent {
  type: EventType;
  [field: string]: unknown;
}
/** What a check of a project has found. */
export interface VerifyReport {
  project: Id;
  clean: boolean;
  entries: number;
  snapshots: number;
  rows: number;
  bodies: number;
  findings: { kind: string; revision: number | null; message: string }[];
}

/** Who executes a plan, or did so last and said no goodbye. */
export interface LeaseView {
  /** Whose worker it is: the actor. */
  holder: string;
  worker: Id;
  takenAt: Time;
  /** Until when, unless it is renewed. */
  expiresAt: Time;
  /** Whether the worker is alive; `null` where the browser doesn't tell. */
  isAlive: boolean | null;
  /** Whether the plan is kept from others now: not if the worker is gone, or out of time. */
  isHeld: boolean;
  /** Whether it is of the store that was asked. */
  isOwn: boolean;
}

/** A context item with its text. */
export interface ItemDetail extends ItemView {
  /** `null` if it was removed for good: see `redacted`. */
  text: string | null;
}
/** A checkpoint with all that was noted when it was taken. */
export interface CheckpointView<Data = unknown> extends CheckpointRow {
  description: string | null;
  sourceTool: string | null;
  phase: string | null;
  /** A git commit, a sandbox: whatever goes with it elsewhere. */
  externalRef: string | null;
  data: Data | null;
  /** How the project was then. */
  figures: {
    plansCompleted: number;
    plans: number;
    activeAgents: number;
    items: number;
    tokens: number;
  };
}
