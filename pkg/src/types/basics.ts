/** An id: 26 characters. */
export type Id = string;
/** A moment: RFC 3339, UTC, milliseconds, `Z`. */
export type Time = string;
/** A point in a project's past: a checkpoint's id, `@` and a revision's number, or `now`. */
export type Point = string;
/** A value that JSON can hold: no `NaN`, no `Date`, no class instance, no cycle. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** How much goes to the console. */
export type LogLevel = "off" | "error" | "warn" | "info" | "debug";

/** Where a project is. */
export type ProjectStatus = "init" | "planning" | "active" | "paused" | "stopped" | "completed";
/** Where a plan is in its workflow. */
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
/** Where a step is. */
export type StepState = "pending" | "running" | "failed" | "completed";
/** A decision that a plan waits for, when its settings say so. */
export type Gate = "plan" | "implementation" | "review" | "verification";
/** How much an item matters now: from 0.8 of importance hot, from 0.4 warm, else cold. */
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
