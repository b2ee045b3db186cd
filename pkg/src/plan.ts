import { Claim, type ClaimOptions } from "./claim.js";
import { fromJsonText } from "./json.js";
import { liveLease } from "./lease.js";
import type { Live, LiveState } from "./live.js";
import { toCamel } from "./names.js";
import type { Project } from "./project.js";
import { callable, flag, none, notNull, options, plain } from "./request.js";
import { run, type RunOptions, type RunResult, Steps } from "./runner.js";
import { type CommandOptions, type Preview, type Store } from "./store.js";
import type { Step } from "./step.js";
import type { Id, PlanState, Point } from "./types/basics.js";
import type { Command, NewCheckpoint, NewStep } from "./types/commands.js";
import type { CheckpointRow, Page } from "./types/lists.js";
import type { Outcome, RollbackReport, StepStarted } from "./types/reports.js";
import type { LeaseView, PlanView, StepView } from "./types/views.js";
import type { ListOptions } from "./lists.js";
import type { Played } from "./types/trajectory.js";

/** Where a plan has gone. */
export interface PlanMove {
  state: PlanState;
  /** The submission that now waits for a decision, if one does. */
  submission: number | null;
}

/** How a plan is put back. */
export interface RollbackPlanOptions extends CommandOptions {
  /** To how it was before the entry of this revision: undoes one decision. Not beside a checkpoint. */
  before?: number;
  /** Why; it stays on record. */
  reason?: string;
}

/**
 * A plan: a request with ordered steps. `Input` and `Output` are what its steps are given and what
 * comes out of them, if you want to say so.
 *
 * Its methods are commands, which change it and give what came of that; queries, which read it; and
 * what keeps you up to date: `getSnapshot` and `subscribe`.
 *
 * @example
 * ```ts
 * const plan = await project.createPlan<{ url: string }, { title: string }>({
 *   request: "Read these pages",
 *   steps: [{ title: "first page", input: { url: "https://example.com/" } }],
 * });
 * const result = await plan.run(async (step) => ({ title: await titleOf(step.input.url) }));
 * ```
 */
export class Plan<Input = unknown, Output = unknown> {
  readonly #store: Store;
  readonly #live: Live<PlanView>;

  /** @internal */
  constructor(store: Store, project: Project, id: Id, live: Live<PlanView>) {
    this.#store = store;
    this.#live = live;
    this.project = project;
    this.id = id;
  }

  /** Its project. */
  readonly project: Project;
  /** Its id: unique within its project. */
  readonly id: Id;

  /** The id of its project. */
  get projectId(): Id {
    return this.project.id;
  }

  // --- Carrying it out.

  /**
   * Carries the plan out, from the step after the last completed one, whatever happened before:
   * starts it if it wasn't started, runs `work` for each step, and records what it returns as the
   * step's output, or what it throws as the attempt's failure. Ends when all is done, or when
   * something holds the plan, and says what.
   *
   * One worker at a time carries out a plan; a tab that is closed frees it at once. A step runs at
   * least once: see {@link Step.idempotencyKey}. A step that is under way when the project is paused
   * may still complete; when the run is aborted, it is waited for.
   *
   * Rejects with what the storage says if results can't be recorded, and with `INVALID_INPUT` if
   * `work` returns what isn't JSON.
   *
   * @example
   * ```ts
   * const result = await plan.run(
   *   async (step) => {
   *     step.addContext({ agent: "coder", kind: "code", text: "…" });
   *     return await doWork(step.title, { idempotencyKey: step.idempotencyKey, signal: step.signal });
   *   },
   *   { retry: { attempts: 3, backoff: (failures) => 1000 * failures } },
   * );
   * if (result.status === "held") show(result.hold.reason);
   * ```
   */
  async run(
    work: (step: Step<Input, Output>) => Output | Promise<Output>,
    options?: RunOptions,
  ): Promise<RunResult> {
    callable("work", work);
    return run(this.steps(options), work);
  }

  /**
   * The same for whoever drives by hand: the steps that are still to be done, one after the other.
   *
   * @example
   * ```ts
   * for await (const step of plan.steps({ signal })) {
   *   try {
   *     await step.complete({ output: await doWork(step.input) });
   *   } catch (error) {
   *     await step.fail(error);
   *   }
   * }
   * ```
   */
  steps(options?: RunOptions): Steps<Input, Output> {
    return new Steps<Input, Output>(this.#store, this, options);
  }

  /**
   * Keeps the plan for this worker, so that nobody else who asks carries it out at the same time.
   * `run` and `steps` do it by themselves. Refused as `PLAN_CLAIMED` if somebody has it.
   *
   * @example
   * ```ts
   * const claim = await plan.claim({ takeOver: true });
   * ```
   */
  async claim(given?: ClaimOptions): Promise<Claim> {
    const { timeToLive, takeOver, ...rest } = options(given);
    none(rest);
    flag("takeOver", takeOver);
    const inner = await this.#store.call((store) =>
      store.claim(this.projectId, this.id, {
        ...(timeToLive !== undefined && { time_to_live: timeToLive }),
        ...(takeOver !== undefined && { take_over: takeOver }),
      }),
    );
    return new Claim(this.#store, inner);
  }

  /**
   * Who carries it out, or did so last and said no goodbye; `null`: nobody.
   *
   * @example
   * ```ts
   * const lease = await plan.lease();
   * if (lease?.isHeld && !lease.isOwn) show(`${lease.holder} is at it`);
   * ```
   */
  async lease(): Promise<LeaseView | null> {
    return this.#store.read({ type: "lease", project: this.projectId, plan: this.id });
  }

  /**
   * The same, kept current while somebody is subscribed: also when whoever carries it out ends, which
   * no event tells.
   *
   * @example
   * ```ts
   * const lease = plan.liveLease();
   * const stop = lease.subscribe(() => {
   *   const { data } = lease.getState();
   *   show(data?.isHeld && !data.isOwn ? `${data.holder} is at it` : "");
   * });
   * ```
   */
  liveLease(): Live<LeaseView | null> {
    return liveLease(this.#store, this.projectId, this.id);
  }

  /** @internal */
  async beginStep(step: number): Promise<StepStarted> {
    const command: Command = { type: "start_step", plan: this.id, step };
    return report((await this.#store.execute(this.projectId, command)).outcome);
  }

  /**
   * Plays the steps of an imported trajectory that are still to be done, one after the other: each
   * is on record as done, with what was recorded of it, by the time it is given. All else is as with
   * `steps`; a step that is played doesn't fail.
   *
   * @example
   * ```ts
   * const steps = plan.play({ signal });
   * for await (const step of steps) show(step.index, step.title);
   * console.log(steps.result);   // { status: "completed", stepsDone: 8 }
   * ```
   */
  play(options?: Omit<RunOptions, "retry">): Steps<Input, Output> {
    return new Steps<Input, Output>(this.#store, this, options, true);
  }

  /**
   * Plays the next step of an imported trajectory: completes it with what was recorded.
   *
   * @example
   * ```ts
   * const { plan } = await hp.importTrajectory(await file.text(), file.name);
   * await plan.playStep();
   * ```
   */
  async playStep(): Promise<Played> {
    return toCamel(
      await this.#store.call((store) => store.playStep(this.projectId, this.id)),
    ) as Played;
  }

  // --- Moving it.

  /**
   * Starts it: with steps and without the gate `plan` it is then `implementing`, else `planning`.
   *
   * @example
   * ```ts
   * await plan.start();
   * ```
   */
  async start(options?: CommandOptions): Promise<PlanMove> {
    return this.#execute({ type: "start_plan", plan: this.id }, options);
  }

  /**
   * Submits the plan in words with its steps. With the gate `plan` somebody has to approve it.
   *
   * @example
   * ```ts
   * const { submission } = await plan.submit({ text: "Design, then code", steps: ["design", "code"] });
   * ```
   */
  async submit(
    plan: { text: string; steps: readonly (string | NewStep<Input>)[] },
    given?: CommandOptions,
  ): Promise<PlanMove> {
    const { text, steps, ...rest } = options(plan);
    none(rest);
    return this.#execute({ type: "submit_plan", plan: this.id, text, steps }, given);
  }

  /**
   * Approves what somebody looked at: the plan, or its implementation. Refused as `SUPERSEDED` if
   * another submission has taken its place.
   *
   * @example
   * ```ts
   * const { next } = await plan.get();
   * if (next.type === "decide") await plan.approve(next.submission);
   * ```
   */
  async approve(submission: number, options?: CommandOptions): Promise<PlanMove> {
    return this.#execute({ type: "approve", plan: this.id, submission }, options);
  }

  /**
   * Rejects what somebody looked at: a plan goes back to `planning`, an implementation to the step
   * that is named, or to its last one.
   *
   * @example
   * ```ts
   * await plan.reject(submission, { reason: "Where are the tests?" });
   * ```
   */
  async reject(
    submission: number,
    given: CommandOptions & { reason: string; fromStep?: number },
  ): Promise<PlanMove> {
    const { reason, fromStep, ...how } = options(given);
    return this.#execute(
      { type: "reject", plan: this.id, submission, reason, ...some({ fromStep }) },
      how,
    );
  }

  /**
   * Begins to implement a plan that was approved. `run` does it by itself.
   *
   * @example
   * ```ts
   * await plan.startImplementation();
   * ```
   */
  async startImplementation(options?: CommandOptions): Promise<PlanMove> {
    return this.#execute({ type: "start_implementation", plan: this.id }, options);
  }

  /**
   * Records a review. One that didn't pass sends the plan back to the step that is named.
   *
   * @example
   * ```ts
   * await plan.recordReview(submission, { passed: false, notes: "Too slow", fromStep: 1 });
   * ```
   */
  async recordReview(
    submission: number,
    given: CommandOptions & { passed: boolean; notes?: string; fromStep?: number },
  ): Promise<PlanMove> {
    const { passed, notes, fromStep, ...how } = options(given);
    return this.#execute(
      { type: "record_review", plan: this.id, submission, passed, ...some({ notes, fromStep }) },
      how,
    );
  }

  /**
   * Records a verification. One that didn't pass sends the plan back to the step that is named.
   *
   * @example
   * ```ts
   * await plan.recordVerification(submission, { passed: true, details: "All 40 tests pass" });
   * ```
   */
  async recordVerification(
    submission: number,
    given: CommandOptions & { passed: boolean; details?: string; fromStep?: number },
  ): Promise<PlanMove> {
    const { passed, details, fromStep, ...how } = options(given);
    return this.#execute(
      {
        type: "record_verification",
        plan: this.id,
        submission,
        passed,
        ...some({ details, fromStep }),
      },
      how,
    );
  }

  /**
   * Says that it has failed.
   *
   * @example
   * ```ts
   * await plan.fail("the customer has left");
   * ```
   */
  async fail(error: string, options?: CommandOptions): Promise<PlanMove> {
    return this.#execute({ type: "fail_plan", plan: this.id, error }, options);
  }

  /**
   * Lets a failed plan go on in the state that it failed in.
   *
   * @example
   * ```ts
   * if (result.status === "failed") await plan.retry();
   * ```
   */
  async retry(options?: CommandOptions): Promise<PlanMove> {
    return this.#execute({ type: "retry_plan", plan: this.id }, options);
  }

  /**
   * Gives it up, for good.
   *
   * @example
   * ```ts
   * await plan.cancel({ reason: "no longer needed" });
   * ```
   */
  async cancel(given?: CommandOptions & { reason?: string }): Promise<PlanMove> {
    const { reason, ...how } = options(given);
    return this.#execute({ type: "cancel_plan", plan: this.id, ...some({ reason }) }, how);
  }

  /**
   * Moves it back, to `planning` or to a step. It counts as a reversion: `REVERSION_LIMIT` refuses
   * the one after `maxReversions`.
   *
   * @example
   * ```ts
   * await plan.revert({ to: "implementing", fromStep: 2, reason: "the API has changed" });
   * ```
   */
  async revert(
    given: CommandOptions & { to: "planning" | "implementing"; fromStep?: number; reason?: string },
  ): Promise<PlanMove> {
    const { to, fromStep, reason, ...how } = options(given);
    return this.#execute(
      { type: "revert_plan", plan: this.id, to, ...some({ fromStep, reason }) },
      how,
    );
  }

  /**
   * Says that a completed plan's result was put to use. From then on no rollback changes it.
   *
   * @example
   * ```ts
   * await plan.markApplied();
   * ```
   */
  async markApplied(options?: CommandOptions): Promise<void> {
    await this.#execute({ type: "mark_applied", plan: this.id }, options);
  }

  /**
   * Removes a step's output for good: a secret that got into it, say. Everything in the project
   * that has the same text loses it; the digest and who removed it stay on record.
   *
   * @example
   * ```ts
   * await plan.redactOutput(2, { reason: "a password" });
   * ```
   */
  async redactOutput(
    step: number,
    given?: CommandOptions & { reason?: string },
  ): Promise<{ digest: string }> {
    const { reason, ...how } = options(given);
    return this.#execute({ type: "redact_output", plan: this.id, step, ...some({ reason }) }, how);
  }

  // --- Checkpoints.

  /**
   * Takes a checkpoint of the project as it is now, and counts it among the plan's.
   *
   * @example
   * ```ts
   * const checkpoint = await plan.createCheckpoint({ name: "before the rewrite" });
   * ```
   */
  async createCheckpoint(
    checkpoint: Omit<NewCheckpoint, "plan">,
    options?: CommandOptions,
  ): Promise<Id> {
    const given = plain("checkpoint", checkpoint) as unknown as NewCheckpoint;
    return this.project.createCheckpoint({ ...given, plan: this.id }, options);
  }

  /**
   * Its own checkpoints, the newest first.
   *
   * @example
   * ```ts
   * const { items: [latest] } = await plan.listCheckpoints();
   * ```
   */
  async listCheckpoints(given?: ListOptions): Promise<Page<CheckpointRow>> {
    return this.project.listCheckpoints({ ...options(given), plan: this.id });
  }

  /**
   * Puts the plan back to how it was at a checkpoint: its record, its steps and the context items
   * that name it. Without a checkpoint: to its newest one that differs from now; called again it
   * goes further back. It is a new entry, so it can itself be undone: roll back to the
   * `safetyCheckpoint` of the report. With `dryRun` nothing changes, and you get the same report.
   *
   * @example
   * ```ts
   * const preview = await plan.rollback(latest.id, { dryRun: true });
   * if (confirm(`${preview.paths.length} changes`)) await plan.rollback(latest.id, preview.confirm);
   * ```
   */
  rollback(
    checkpoint: Id | undefined,
    options: RollbackPlanOptions & { dryRun: true },
  ): Promise<Preview<RollbackReport>>;
  rollback(
    checkpoint?: Id,
    options?: RollbackPlanOptions & { dryRun?: false },
  ): Promise<RollbackReport>;
  async rollback(
    checkpoint?: Id,
    given?: RollbackPlanOptions & { dryRun?: boolean },
  ): Promise<RollbackReport | Preview<RollbackReport>> {
    const { before, reason, dryRun, ...how } = options(given);
    flag("dryRun", dryRun);
    // Without a checkpoint it goes to another one: not where a `lastCheckpointId` of null leads.
    notNull("checkpoint", "an id", checkpoint);
    const command: Command = {
      type: "rollback_plan",
      plan: this.id,
      ...some({ checkpoint, before, reason }),
    };
    return dryRun
      ? this.#store.preview(this.projectId, command, how, report<RollbackReport>)
      : this.#execute(command, how);
  }

  // --- Reading it.

  /**
   * The plan as it is now, or as it was at a point of its project's past.
   *
   * @example
   * ```ts
   * const { state, next, stepList } = await plan.get();
   * ```
   */
  async get(given?: { at?: Point }): Promise<PlanView> {
    const { at, ...rest } = options(given);
    none(rest);
    return at === undefined ? this.refresh() : readPlan(this.#store, this.projectId, this.id, at);
  }

  /**
   * One of its steps, with what it was given and what came out.
   *
   * @example
   * ```ts
   * const { output } = await plan.step(0);
   * ```
   */
  async step(index: number, given?: { at?: Point }): Promise<StepView<Input, Output>> {
    const { at, ...rest } = options(given);
    none(rest);
    const { input, output, ...view } = await this.#store.read<
      Omit<StepView, "input" | "output"> & { input: string | null; output: string | null }
    >({ type: "step", project: this.projectId, plan: this.id, step: index, at });
    return {
      ...view,
      input: fromJsonText(input) as Input | null,
      output: fromJsonText(output) as Output | null,
    };
  }

  /**
   * What came out of its steps, in their order; `null` where nothing did, or not yet.
   *
   * @example
   * ```ts
   * const [design, code] = await plan.outputs();
   * ```
   */
  async outputs(): Promise<(Output | null)[]> {
    const { stepList } = await this.get();
    return Promise.all(
      stepList.map(async ({ hasOutput }, index) =>
        hasOutput ? (await this.step(index)).output : null,
      ),
    );
  }

  // --- Keeping up to date.

  /**
   * The plan as it was last read: when this handle was made, by `get`, after each command of this
   * handle, and, while somebody is subscribed, after every commit of this tab and all others. What hasn't changed is the same object.
   *
   * @example
   * ```ts
   * const { state, lastCompletedStep, steps } = plan.getSnapshot();
   * ```
   */
  getSnapshot = (): PlanView => this.#live.getState().data ?? this.#last;

  /**
   * Calls back when the snapshot is another one. What it returns ends that.
   *
   * @example
   * ```ts
   * const stop = plan.subscribe(() => render(plan.getSnapshot()));
   * ```
   */
  subscribe = (listener: () => void): (() => void) => {
    callable("listener", listener);
    return this.#live.subscribe(listener);
  };

  /** @internal */
  watch = (moved: () => void): (() => void) => this.#store.hub.watch(this.projectId, moved);

  /** @internal */
  getState = (): LiveState<PlanView> => this.#live.getState();

  /** @internal */
  async refresh(): Promise<PlanView> {
    return (this.#last = await this.#live.refresh());
  }

  // As it was when there was something to read: what is gone leaves its last view.
  #last!: PlanView;

  /** @internal */
  async load(): Promise<this> {
    await this.refresh();
    return this;
  }

  async #execute<R>(command: Command, how?: CommandOptions): Promise<R> {
    const receipt = await this.#store.execute(this.projectId, command, how);
    // Who reads the snapshot next sees what they have done.
    await this.refresh().catch(() => undefined);
    return report<R>(receipt.outcome);
  }
}

/** @internal What an outcome says, without its kind. */
export function report<R>(outcome: Outcome): R {
  const { type: _, ...rest } = outcome;
  return rest as R;
}

/** @internal The fields that are given. */
export function some<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** @internal A plan, read. */
export const readPlan = (store: Store, project: Id, plan: Id, at?: Point): Promise<PlanView> =>
  store.read({ type: "plan", project, plan, ...some({ at }) });
