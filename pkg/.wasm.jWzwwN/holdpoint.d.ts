/* tslint:disable */
/* eslint-disable */
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

export type Outcome =
| { type: "project_created"; plan: Id | null }
| { type: "project_forked"; origin: Origin }
| { type: "project_status_changed"; status: ProjectStatus }
| { type: "project_renamed"; name: string }
| { type: "project_deleted" }
| ({ type: "paused" } & PauseReport)
| ({ type: "resumed" } & ResumeReport)
| { type: "plan_created"; plan: Id }
/** `submission`: the one that now waits for a decision. */
| { type: "plan_moved"; plan: Id; state: PlanState; submission: number | null }
| { type: "plan_applied"; plan: Id }
| ({ type: "step_started" } & StepStarted)
| ({ type: "step_completed" } & StepDone)
| ({ type: "step_failed" } & StepUndone)
| { type: "agent_set"; agent: string; token_limit: number }
| { type: "context_added"; items: Id[] }
| ({ type: "context_archived" } & ArchiveReport)
| { type: "items_touched"; items: Id[] }
| { type: "items_pinned"; items: Id[]; pinned: boolean }
| { type: "body_redacted"; digest: string }
| { type: "items_restored"; items: Id[] }
| { type: "checkpoint_created"; checkpoint: Id }
| { type: "checkpoint_pinned"; checkpoint: Id; pinned: boolean }
| { type: "retention_set"; policy: RetentionPolicy }
| ({ type: "retention_applied" } & RetentionReport)
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
    agents: AgentReport[];
    warnings: PauseWarning[];
}
export interface AgentReport {
    agent: string;
    tokens_before: number;
    tokens_after: number;
    reduction_percentage: number;
    items_archived: number;
    hot_kept: number;
    warm_kept: number;
}
/** What was archived on demand; agents whose context was left alone are not in it. */
export interface ArchiveReport {
    tokens_before: number;
    tokens_after: number;
    reduction_percentage: number;
    items_archived: number;
    agents: AgentReport[];
}
/** The moment that a project was forked from. */
export interface Origin {
    project: Id;
    revision: number;
    digest: string;
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
    /** The one that now waits for a decision. */
    submission: number | null;
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

/** Checkpoints that went since a policy doesn't keep them. */
export interface RetentionReport {
    policy: RetentionPolicy;
    pruned: PrunedCheckpoint[];
    /** How many the project still has. */
    kept: number;
    /** How many of those the policy alone would not have kept. */
    protected: number;
}
export interface PrunedCheckpoint {
    checkpoint: Id;
    plan: Id | null;
    name: string;
    revision: number;
    created_at: Time;
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

/** What part of a list is asked for. */
interface Part {
    /** From the last to the first; otherwise by project id, then number. */
    newest_first?: boolean;
    /** Those after this place, in the order that is asked for: the `next` of the page before. */
    after?: Cursor;
    limit?: number;
    id_starts_with?: string;
}
interface Queries {
    projects: [Part, Page<ProjectRow>];
    plans: [{ project?: Id; unfinished?: boolean } & Part, Page<PlanRow>];
    checkpoints: [{ project?: Id; plan?: Id } & Part, Page<CheckpointRow>];
    /** One checkpoint, with all that was said of it. */
    checkpoint: [{ project: Id; checkpoint: Id }, CheckpointView];
    resumable: [{}, Resumable[]];
    /** Plans that wait for somebody's decision. */
    inbox: [{}, InboxEntry[]];
    /** As it is, or as it was at a point in its past. */
    project: [{ project: Id; at?: Point }, ProjectView];
    statistics: [{ project: Id }, Statistics];
    /** The whole store in figures; no project is loaded. */
    store_statistics: [{}, StoreStatistics];
    plan: [{ project: Id; plan: Id; at?: Point }, PlanView];
    step: [{ project: Id; plan: Id; step: number; at?: Point }, StepView];
    /** What differs between two points; the second is `now` unless it is given. */
    diff: [{ project: Id; from: Point; to?: Point }, Diff];
    /** Context items in the order in which they were added, those after a number. */
    context: [
    {
        project: Id;
        at?: Point;
        agent?: string;
        plan?: Id;
        archived?: boolean;
        after?: number;
        limit?: number;
    },
    { items: ItemView[]; next: number | null },
    ];
    /** An item with its body: `null` if that was removed for good. */
    item: [{ project: Id; item: Id; at?: Point }, ItemView & { body: string | null }];
    /** Entries after a revision (0: from the first). */
    history: [{ project: Id; after?: number; limit?: number }, Entry[]];
    /** Entries for which all holds that is given. */
    find_entries: [
    {
        project: Id;
        /** With an event that names this plan; one that a rollback took away too. */
        plan?: Id;
        actor?: string;
        /** With an event of one of these types. */
        types?: string[];
        /** Made at this time or later, by a clock that may have gone back. */
        from?: Time;
        /** Made before this time. */
        until?: Time;
        /** Revisions: those after this one. */
        after?: number;
        before?: number;
        newest_first?: boolean;
        limit?: number;
    },
    HistoryPage,
    ];
    /** Who executes a plan; `null`: nobody, or there is no such plan. */
    lease: [{ project: Id; plan: Id }, LeaseView | null];
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
/** The listener was too slow, or what others did can't be read just now: read the state anew. */
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

/** How far an export has come. */
export interface ExportProgress {
    /** Projects that have begun. */
    projects: number;
    projects_in_all: number;
    entries: number;
    entries_in_all: number;
    bodies: number;
    /** Bytes that `next` has given. */
    bytes: number;
}
/** How to import. */
export interface ImportOptions {
    /** Under new ids, beside the projects that are there. */
    as_copies?: boolean;
    /** Brings back projects that were deleted. */
    revive?: boolean;
    /** How much is read before it is refused as `BUNDLE_TOO_LARGE`; what isn't there is as by default. */
    limits?: Partial<BundleLimits>;
}
export interface BundleLimits {
    /** Bytes in all, decompressed: 512 MiB. */
    bytes: number;
    /** Bytes in one line: 256 MiB. */
    line_bytes: number;
    /** 2,000,000. */
    lines: number;
    /** How deep the JSON on a line is nested: 64. */
    depth: number;
    /** Bytes of a body: 1 MiB. */
    body_bytes: number;
    /** How many times larger it gets by decompression: 200, looked at from 16 MiB on. */
    ratio: number;
}
/** How far an import has come. */
export interface ImportProgress {
    /** Bytes, decompressed. */
    bytes: number;
    /** Projects that have begun. */
    projects: number;
    entries: number;
    bodies: number;
}
/** What an import has put into the store. */
export interface ImportReport {
    /** When and by whom the bundle was made. */
    exported_at: Time;
    exported_by: string;
    projects: ImportedProject[];
}
export interface ImportedProject {
    /** Its id here. */
    project: Id;
    /** Its id in the bundle: another one, if it is a copy. */
    from: Id;
    name: string;
    /** Where its journal ends. */
    revision: number;
    digest: string;
    entries: number;
    bodies: number;
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
    /**
     * Keeps a plan for this store, so that nobody else who asks executes it at the same time.
     * Refused as `PLAN_CLAIMED` if somebody has it, another call of this store's included; `details`
     * say who.
     */
    claim(project: Id, plan: Id, options?: ClaimOptions): Promise<Claim>;
    /**
     * Begins to export projects to a bundle, or the whole store: the bytes come from the export, piece
     * by piece, uncompressed. Each project as it is now; others may go on meanwhile.
     */
    export(projects?: Id[]): Promise<Export>;
    /**
     * Begins to import a bundle: the bytes go into the import, piece by piece, decompressed, and its
     * `finish` puts all of it into the store, or nothing.
     */
    import(options?: ImportOptions): Promise<Import>;
    /** Closes the storage; later calls are refused as `CLOSED`. Release claims before. */
    close(): void;
    /** Lets go of the memory that wasm keeps for it; done by itself when it is garbage. */
    free(): void;
}

/**
 * A plan that is claimed. It ends when it is released or garbage, when somebody takes it over, and
 * with the tab.
 */
export class Claim {
    private constructor();
    readonly project: Id;
    readonly plan: Id;
    /** The actor of `open`. */
    readonly holder: string;
    readonly worker: Id;
    readonly taken_at: Time;
    readonly expires_at: Time;
    /** Whether it is time to renew it: a third of its time has gone by. */
    readonly is_due: boolean;
    /** Makes its time begin anew. Refused as `PLAN_CLAIMED` if it is over; `details` say who has it. */
    renew(): Promise<void>;
    /** Gives the plan back. One that was lost in between is no error. */
    release(): Promise<void>;
    free(): void;
}

/**
 * A bundle on its way out of a store. Calls may overlap: each has its turn after those before it.
 *
 *     const bundle = new ReadableStream({
 *       async pull(to) {
 *         const piece = await exported.next();
 *         piece ? to.enqueue(piece) : to.close();
 *       },
 *       cancel: () => exported.cancel(),
 *     });
 *     const file = bundle.pipeThrough(new CompressionStream("gzip"));
 */
export class Export {
    private constructor();
    /**
     * The next piece, of 256 KiB or, at the end, less; `undefined` after the last one. Refused as
     * `REMOVED` or `CHANGED` if a project, or a text in it, was removed for good meanwhile, and as
     * `CORRUPT` if something is damaged: what came before is worth nothing then.
     */
    next(): Promise<Uint8Array | undefined>;
    /** As it was after the newest piece. */
    progress(): ExportProgress;
    /** Ends it: every call that waits or comes later is refused as `CANCELLED`. */
    cancel(): void;
    free(): void;
}

/**
 * A bundle on its way into a store. Nothing is written before `finish`. Calls may overlap: each has
 * its turn after those before it.
 */
export class Import {
    private constructor();
    /**
     * Takes the next bytes, decompressed; leave them as they are until the promise is settled.
     * Refused as `BUNDLE_INVALID`, `BUNDLE_TOO_LARGE` or `TOO_NEW` (`details.line` says where), as
     * `PROJECT_EXISTS` or `REMOVED`. After that the import is over: every further call says so again.
     */
    push(chunk: Uint8Array): Promise<void>;
    /**
     * Says of how many compressed bytes, in all so far, the next chunk comes, so that a bundle that
     * grows beyond measure is refused: the last thing before `push`. Throws `INVALID_INPUT`.
     */
    compressed(bytes: number): void;
    progress(): ImportProgress;
    /**
     * There are no more bytes: puts all projects of the bundle into the store, or none. It may be
     * called once; every later call is refused as `CLOSED`. `OUTCOME_UNKNOWN`: import again, and
     * `PROJECT_EXISTS` says that it had happened.
     */
    finish(): Promise<ImportReport>;
    /**
     * Ends it: nothing of it is in the store, and every call that waits or comes later is refused as
     * `CANCELLED`. Once `finish` has begun it is too late, and what that gives is what has happened.
     */
    cancel(): void;
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



/**
 * Runs when the module is loaded.
 */
export function start(): void;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_claim_free: (a: number, b: number) => void;
    readonly __wbg_export_free: (a: number, b: number) => void;
    readonly __wbg_holdpoint_free: (a: number, b: number) => void;
    readonly __wbg_import_free: (a: number, b: number) => void;
    readonly __wbg_subscription_free: (a: number, b: number) => void;
    readonly claim_expires_at: (a: number) => [number, number];
    readonly claim_holder: (a: number) => [number, number];
    readonly claim_is_due: (a: number) => number;
    readonly claim_plan: (a: number) => [number, number];
    readonly claim_project: (a: number) => [number, number];
    readonly claim_release: (a: number) => any;
    readonly claim_renew: (a: number) => any;
    readonly claim_taken_at: (a: number) => [number, number];
    readonly claim_worker: (a: number) => [number, number];
    readonly export_cancel: (a: number) => void;
    readonly export_next: (a: number) => any;
    readonly export_progress: (a: number) => any;
    readonly holdpoint_claim: (a: number, b: any, c: any, d: any) => any;
    readonly holdpoint_close: (a: number) => void;
    readonly holdpoint_execute: (a: number, b: any) => any;
    readonly holdpoint_export: (a: number, b: any) => any;
    readonly holdpoint_import: (a: number, b: any) => any;
    readonly holdpoint_importTrajectory: (a: number, b: any, c: any) => any;
    readonly holdpoint_open: (a: any) => any;
    readonly holdpoint_pause: (a: number, b: any, c: any) => any;
    readonly holdpoint_playStep: (a: number, b: any, c: any) => any;
    readonly holdpoint_preview: (a: number, b: any, c: any) => any;
    readonly holdpoint_query: (a: number, b: any) => any;
    readonly holdpoint_resume: (a: number, b: any, c: any) => any;
    readonly holdpoint_subscribe: (a: number, b: any, c: any) => any;
    readonly import_cancel: (a: number) => void;
    readonly import_compressed: (a: number, b: any) => [number, number];
    readonly import_finish: (a: number) => any;
    readonly import_progress: (a: number) => any;
    readonly import_push: (a: number, b: any) => any;
    readonly setLogLevel: (a: any) => [number, number];
    readonly start: () => void;
    readonly subscription_close: (a: number) => void;
    readonly wasm_bindgen__convert__closures_____invoke__h40eb62ff07f4854a: (a: number, b: number, c: any, d: any) => void;
    readonly wasm_bindgen__convert__closures_____invoke__hfa38777c48d0afce: (a: number, b: number, c: any) => [number, number];
    readonly wasm_bindgen__convert__closures_____invoke__h1bbbbeac3a403b10: (a: number, b: number, c: any) => void;
    readonly wasm_bindgen__convert__closures_____invoke__h2c0f618bc735c081: (a: number, b: number, c: any) => void;
    readonly wasm_bindgen__convert__closures_____invoke__h36034d84d85ec0f7: (a: number, b: number) => any;
    readonly wasm_bindgen__convert__closures_____invoke__hd4025ab1054acb43: (a: number, b: number) => void;
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __externref_drop_slice: (a: number, b: number) => void;
    readonly __wbindgen_destroy_closure: (a: number, b: number) => void;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
