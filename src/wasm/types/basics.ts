/** An id: 26 characters. */
export type Id = string;
/** A moment: RFC 3339, UTC, milliseconds, `Z`. */
export type Time = string;
/** A point in a project's past: a checkpoint's id, `@` and a revision's number, or `now`. */
export type Point = string;
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
  /**
   * Counts the tokens of a text, as the caller's language model does; an estimate unless it is given.
   * Called once or more for each context item that is added. It gives an integer from 0 to 1,000,000
   * and no promise; if it doesn't, or throws, the command is refused as `INVALID_INPUT` with
   * `details.field` `countTokens`, and nothing has changed.
   */
  countTokens?: (text: string) => number;
  /**
   * Hears what befalls the connection to the database, from its opening on. There is nothing that has
   * to be done: the next call opens it again by itself. Not called for `memory`.
   */
  onConnection?: (notice: ConnectionNotice) => void;
}
/** What befalls the connection to the database. */
export interface ConnectionNotice {
  /**
   * `blocked`: an opening waits for another tab, which holds the database open in an older version.
   * `blocking`: it stood in the way of an upgrade or a deletion by another tab, and has made way.
   * `terminated`: the browser closed it, as when the site's data is cleared.
   */
  type: "blocked" | "blocking" | "terminated";
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
/** A decision that a plan waits for, when its settings say so. */
export type Gate = "plan" | "implementation" | "review" | "verification";
export type Tier = "hot" | "warm" | "cold";
/** What made a checkpoint. */
export type Trigger = "manual" | "auto" | "phase_transition" | "pause";
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

