/**
 * Holdpoint keeps long-running work pausable, resumable and reversible, with nothing lost: in the
 * browser (IndexedDB), across tabs, and in Node's memory for tests.
 *
 * Begin with {@link Holdpoint.open}.
 *
 * @module
 */
export { Holdpoint } from "./holdpoint.js";
export type { ImportedTrajectory, NewProject, OpenOptions } from "./holdpoint.js";
export { Project } from "./project.js";
export type { CheckpointFilter, ContextFilter } from "./project.js";
export type { ExportHistoryOptions, HistoryFilter } from "./history.js";
export { Plan } from "./plan.js";
export type { PlanMove, RollbackPlanOptions } from "./plan.js";
export { Step } from "./step.js";
export type { StepItem, StepResult } from "./step.js";
export { Steps } from "./runner.js";
export type { RetryPolicy, RunHold, RunOptions, RunResult } from "./runner.js";
export { Claim } from "./claim.js";
export type { ClaimOptions } from "./claim.js";
export { HoldpointError, isHoldpointError } from "./error.js";
export type { HoldpointErrorOptions } from "./error.js";
export { ERROR_CODES, EVENT_TYPES } from "./codes.js";
export type { ErrorCode, EventType } from "./codes.js";
export type { EventListener, EventName, HoldpointEvent, Told } from "./events.js";
export { init, initSync, setLogLevel } from "./module.js";
export type { ModuleInput } from "./module.js";
export type { Live, LiveState } from "./live.js";
export type { ListOptions } from "./lists.js";
export type { BundleSource, ExportOptions, ImportBundleOptions } from "./bundles.js";
export type { FileOptions } from "./streams.js";
export type { StorageInfo } from "./storage.js";
export type { CommandOptions, Preview, Receipt } from "./store.js";
export type * from "./types/basics.js";
export type * from "./types/bundles.js";
export type * from "./types/commands.js";
export type * from "./types/lists.js";
export type * from "./types/reports.js";
export type * from "./types/trajectory.js";
export type * from "./types/views.js";
