/** Kinds of failures and of events, as the engine has them. */

// Made from the engine's own lists by `HOLDPOINT_WRITE_DOCS=1 cargo test --test docs`, which
// otherwise checks that this is current.

/** Every code there is. */
export const ERROR_CODES = [
  // <!-- generated: codes -->
  "INVALID_INPUT",
  "TOO_LONG",
  "NO_STEPS",
  "PROJECT_NOT_FOUND",
  "PLAN_NOT_FOUND",
  "STEP_NOT_FOUND",
  "ITEM_NOT_FOUND",
  "BODY_NOT_FOUND",
  "CHECKPOINT_NOT_FOUND",
  "SUBMISSION_NOT_FOUND",
  "AGENT_NOT_FOUND",
  "REVISION_NOT_FOUND",
  "AMBIGUOUS_ID",
  "INVALID_TRANSITION",
  "PROJECT_PAUSED",
  "PROJECT_NOT_PAUSED",
  "PROJECT_STOPPED",
  "PROJECT_COMPLETED",
  "PROJECT_NOT_STARTED",
  "PLANS_UNFINISHED",
  "SUPERSEDED",
  "CHANGED",
  "REVERSION_LIMIT",
  "PLAN_APPLIED",
  "CHECKPOINT_FOREIGN",
  "NOTHING_TO_ROLL_BACK",
  "NOTHING_TO_REDACT",
  "REDACTED",
  "PLAN_CLAIMED",
  "NOT_PLAYABLE",
  "COMMAND_ID_REUSED",
  "DUPLICATE_COMMAND",
  "REMOVED",
  "TRAJECTORY_INVALID",
  "FILE_UNREADABLE",
  "FILE_CHANGED",
  "FILE_UNWRITABLE",
  "FILE_EXISTS",
  "FILE_IS_THE_STORE",
  "BUNDLE_INVALID",
  "BUNDLE_TOO_LARGE",
  "PROJECT_EXISTS",
  "CANCELLED",
  "BUSY",
  "CONFLICT",
  "CLOSED",
  "BLOCKED",
  "QUOTA_EXCEEDED",
  "TOO_NEW",
  "CORRUPT",
  "OUTCOME_UNKNOWN",
  "UNAVAILABLE",
  "NOT_A_STORE",
  "EVICTED",
  "USAGE",
  "INTERNAL",
  // <!-- end -->
] as const;

/**
 * A stable name for a kind of failure. What each means and what to do stands in the reference of
 * errors.
 */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** @internal Whether it is a code that this version knows. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(code);
}

/** Every type of event there is. */
export const EVENT_TYPES = [
  // <!-- generated: events -->
  "project_created",
  "project_forked",
  "project_planned",
  "project_started",
  "project_paused",
  "project_resumed",
  "project_stopped",
  "project_completed",
  "project_renamed",
  "plan_created",
  "plan_started",
  "plan_submitted",
  "submission_decided",
  "implementation_started",
  "step_started",
  "step_completed",
  "step_failed",
  "plan_failed",
  "plan_cancelled",
  "plan_retried",
  "plan_reverted",
  "plan_applied",
  "agent_set",
  "items_added",
  "items_archived",
  "items_restored",
  "items_touched",
  "items_pinned",
  "body_redacted",
  "checkpoint_created",
  "checkpoint_pinned",
  "retention_set",
  "checkpoints_pruned",
  "retention_applied",
  "rolled_back",
  // <!-- end -->
] as const;

/** What can happen to a project. */
export type EventType = (typeof EVENT_TYPES)[number];
