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
  trigger: Trigger;
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

