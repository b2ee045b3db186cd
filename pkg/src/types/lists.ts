import type { Hold, Id, PlanState, ProjectStatus, Time, Trigger } from "./basics.js";

/** A place in a list. */
export interface Cursor {
  project: Id;
  number: number;
}
/** A part of a list. */
export interface Page<Item, Next = Cursor> {
  items: Item[];
  /** Where to go on: the next call's `after`; `null` at the end. */
  next: Next | null;
}
/** A project in a list. */
export interface ProjectRow {
  /** Its own id. */
  id: Id;
  revision: number;
  name: string;
  status: ProjectStatus;
  plans: number;
  plansCompleted: number;
  plansUnfinished: number;
  activeAgents: number;
  items: number;
  itemsArchived: number;
  tokens: number;
  checkpoints: number;
  pausedAt: Time | null;
  pauseReason: string | null;
  pauseCheckpointId: Id | null;
  createdAt: Time;
  createdBy: string;
  updatedAt: Time;
}
/** A plan in a list. */
export interface PlanRow {
  /** Its own id. */
  id: Id;
  project: Id;
  number: number;
  /** How the request begins. */
  request: string;
  state: PlanState;
  steps: number;
  lastCompletedStep: number;
  lastAttempt: number;
  reversionCount: number;
  maxReversions: number;
  retryCount: number;
  submission: number | null;
  lastCheckpointId: Id | null;
  createdAt: Time;
  createdBy: string;
  updatedAt: Time;
  completedAt: Time | null;
  appliedAt: Time | null;
}
/** A checkpoint in a list. */
export interface CheckpointRow {
  /** Its own id. */
  id: Id;
  project: Id;
  number: number;
  plan: Id | null;
  revision: number;
  trigger: Trigger;
  /** Taken by a rollback, to undo it. */
  safety: boolean;
  name: string;
  reason: string | null;
  pinned: boolean;
  createdAt: Time;
  createdBy: string;
}
/** An unfinished plan: where work can go on. */
export interface Resumable extends PlanRow {
  projectName: string;
  projectStatus: ProjectStatus;
  hold: Hold | null;
}
