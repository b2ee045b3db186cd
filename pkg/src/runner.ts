/** Carrying out a plan, step by step, alone, until it is done or something holds it. */
import type { Claim } from "./claim.js";
import { HoldpointError, invalidInput, isHoldpointError } from "./error.js";
import type { Plan } from "./plan.js";
import { abortable, flag, none, options, plain } from "./request.js";
import { messageOf, Step } from "./step.js";
import type { Store } from "./store.js";
import type { Gate, Time } from "./types/basics.js";
import type { StepDone, StepUndone } from "./types/reports.js";
import type { NextMove, PlanView, StepView } from "./types/views.js";
import { breathe, delay } from "./waiting.js";

/** When a step that failed is tried again. What has failed is on record, so a reload changes nothing. */
export interface RetryPolicy {
  /**
   * How often a step may fail before the plan has failed; the plan's own `maxAttempts` (3) unless
   * it is less. `Plan.retry` lets a failed plan go on, with all attempts again.
   */
  attempts?: number;
  /**
   * How many milliseconds to wait after a step has failed for the n-th time; unless it is given
   * 1000, doubled with each failure up to a minute.
   */
  backoff?: number | ((failures: number) => number);
}

/** How a plan is carried out. */
export interface RunOptions {
  /** Ends the run: a step that is under way is waited for, and no other one is begun. */
  signal?: AbortSignal;
  retry?: RetryPolicy;
  /** Takes the plan from whoever carries it out. They learn of it soon. */
  takeOver?: boolean;
  /** Waits until whoever carries it out lets it go, instead of ending `held` as `claimed`. */
  wait?: boolean;
  /** How many steps to carry out at most. Then the run ends, `held` as `enough`. */
  limit?: number;
}

/** Why a plan does not move. */
export type RunHold =
  /** The project is paused: `Project.resume` lets it go on. */
  | { reason: "paused" }
  /** The project is stopped: `Project.start` lets it go on. */
  | { reason: "stopped" }
  /** The project was not started yet. */
  | { reason: "not_started" }
  /** The project is completed. */
  | { reason: "project_completed" }
  /** The plan has no steps yet: `Plan.submit` gives it some. */
  | { reason: "awaiting_steps" }
  /** Somebody has to decide: `approve` or `reject`, `recordReview`, `recordVerification`. */
  | { reason: "awaiting_decision"; gate: Gate; submission: number }
  /** It was aborted by its signal, its iterator was left, or the store was closed. */
  | { reason: "aborted" }
  /** Another run carries it out, or has taken it over: here, if `isOwn`, or in another tab. */
  | {
      reason: "claimed";
      holder: string | undefined;
      expiresAt: Time | undefined;
      isOwn: boolean;
    }
  /** The step that was under way was begun anew meanwhile, or the plan was put back: look again. */
  | { reason: "superseded" }
  /** As many steps as were asked for are done. */
  | { reason: "enough" };

/** What ended a run. */
export type RunResult =
  /** All is done. */
  | { status: "completed"; stepsDone: number }
  /** A step has failed too often, or somebody failed it. `Plan.retry` lets it go on. */
  | { status: "failed"; stepsDone: number; failure: NonNullable<PlanView["failure"]> }
  /** Somebody gave it up. */
  | { status: "cancelled"; stepsDone: number }
  /** Something holds it. */
  | { status: "held"; stepsDone: number; hold: RunHold };

type Ending = RunResult extends infer R
  ? R extends unknown
    ? Omit<R, "stepsDone">
    : never
  : never;

/** How often the claim is looked after, in milliseconds. */
const LOOK_AFTER = 2_000;
/** How often it is asked whether the plan was let go, in milliseconds. */
const ASK_AGAIN = 1_000;
/** How often somebody else may be at the same step before it is given up. */
const COLLISIONS = 8;

/**
 * The steps of a plan that are still to be done, one after the other: an async iterator. Each has
 * to be completed or failed before the next one is asked for.
 *
 * @example
 * ```ts
 * const steps = plan.steps();
 * for await (const step of steps) await step.complete({ output: await work(step.title) });
 * console.log(steps.result);   // { status: "completed", stepsDone: 3 }
 * ```
 */
export class Steps<Input = unknown, Output = unknown> implements AsyncIterableIterator<
  Step<Input, Output>,
  RunResult,
  undefined
> {
  readonly #store: Store;
  readonly #plan: Plan<Input, Output>;
  readonly #options: RunOptions;
  readonly #isPlayed: boolean;
  /** Ends what a step does: with the caller's signal, and when the plan is lost. */
  readonly #end = new AbortController();
  readonly #cleanUp: (() => void)[] = [];
  #claim: Claim | undefined;
  #step: Step<Input, Output> | undefined;
  #stepsDone = 0;
  #result: RunResult | undefined;
  /** Who has taken the plan away. */
  #loss: HoldpointError | undefined;
  /** The calls of `next`, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(
    store: Store,
    plan: Plan<Input, Output>,
    given: RunOptions | undefined,
    isPlayed = false,
  ) {
    this.#store = store;
    this.#plan = plan;
    this.#isPlayed = isPlayed;
    this.#options = checked(options(given));
    const { signal } = this.#options;
    if (signal) this.#heed(signal);
    const close = store.onClose(() => {
      this.#end.abort(closedAbort());
      this.#clean();
    });
    this.#cleanUp.push(close);
  }

  /** What ended it; nothing as long as it goes on. */
  get result(): RunResult | undefined {
    return this.#result;
  }

  /** Itself: it can be gone through once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next step, begun. */
  next(): Promise<IteratorResult<Step<Input, Output>, RunResult>> {
    return this.#inTurn(async () => {
      if (this.#result === undefined) {
        try {
          this.#checkSettled();
          const step = await this.#advance();
          if (step instanceof Step) return { done: false, value: step };
          await this.#finish(step);
        } catch (error) {
          // A loop that ends so doesn't call `return`: nobody else would let the plan go.
          await this.#letGo();
          throw error;
        }
      }
      return { done: true, value: this.#result! };
    });
  }

  /**
   * Ends it: called by `for await` when it is left. A step that isn't settled stays as it is, and
   * is begun anew the next time.
   */
  return(): Promise<IteratorResult<Step<Input, Output>, RunResult>> {
    // A call of `next` that waits ends at once, and what a step does is best ended too.
    this.#end.abort(left());
    return this.#inTurn(async () => {
      await this.#finish(held({ reason: "aborted" }));
      return { done: true, value: this.#result! };
    });
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(call);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #heed(signal: AbortSignal): void {
    const abort = (): void => this.#end.abort(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    this.#cleanUp.push(() => signal.removeEventListener("abort", abort));
  }

  #checkSettled(): void {
    const step = this.#step;
    if (step === undefined) return;
    if (!step.isSettled && !this.#end.signal.aborted) {
      throw new HoldpointError(
        "INVALID_TRANSITION",
        `expected step ${step.index} to be completed or failed before the next one, found it under way`,
      );
    }
  }

  /** Begins the next step; or what keeps it from that. */
  async #advance(): Promise<Step<Input, Output> | Ending> {
    const result = this.#step?.result;
    this.#step = undefined;
    if (result !== undefined && isDone(result)) this.#stepsDone += 1;
    if (this.#loss) return this.#lost(this.#loss);
    if (this.#end.signal.aborted) return held({ reason: "aborted" });
    let next: number | undefined;
    if (result !== undefined) {
      // The plan needn't be read to know what comes next.
      if (isDone(result) && result.state === "implementing") next = result.step + 1;
      // Otherwise a run keeps a page from drawing.
      await breathe();
    } else {
      const claim = await this.#take();
      if (claim) return claim;
    }
    const { limit = Infinity } = this.#options;
    for (let collisions = 0; ; collisions += 1) {
      if (this.#loss) return this.#lost(this.#loss);
      if (this.#end.signal.aborted) return held({ reason: "aborted" });
      try {
        if (next === undefined) {
          const plan = await this.#plan.refresh();
          if (plan.next.type !== "run_step") {
            const end = await this.#move(plan, plan.next);
            if (end) return end;
            continue;
          }
          next = plan.next.step;
        }
        if (this.#stepsDone >= limit) return held({ reason: "enough" });
        if (this.#isPlayed) return await this.#play();
        const step = await this.#plan.step(next);
        const failed = await this.#afterFailures(step);
        if (failed === "look again") next = undefined;
        else if (failed) return failed;
        else return await this.#begin(step);
      } catch (error) {
        // Something has changed since it was looked at: it is looked at again.
        const isStale = isHoldpointError(error, ...STALE);
        if (!isStale || collisions >= COLLISIONS) throw error;
        next = undefined;
        if (collisions > 0) await delay(20 * 2 ** collisions, this.#end.signal);
      }
    }
  }

  async #begin(step: StepView<Input, Output>): Promise<Step<Input, Output>> {
    const { attempt } = await this.#plan.beginStep(step.step);
    return (this.#step = this.#attemptAt(step, attempt));
  }

  /** Has the next step done as it is recorded: which one that is, is known then. */
  async #play(): Promise<Step<Input, Output>> {
    const played = await this.#plan.playStep();
    const step = this.#attemptAt(await this.#plan.step(played.step), played.attempt, played);
    return (this.#step = step);
  }

  #attemptAt(
    { step: index, id, title, input }: StepView<Input, Output>,
    attempt: number,
    done?: StepDone,
  ): Step<Input, Output> {
    const { projectId: project, id: plan } = this.#plan;
    const made = { project, plan, index, id, attempt, title, input: input as Input };
    return new Step(this.#store, this.#plan, made, this.#end.signal, done);
  }

  /** Moves the plan to where its steps can begin; or what keeps it from that. */
  async #move(
    plan: PlanView,
    next: Exclude<NextMove, { type: "run_step" }>,
  ): Promise<Ending | undefined> {
    switch (next.type) {
      case "decide":
        return held({ reason: "awaiting_decision", gate: next.gate, submission: next.submission });
      case "start_implementation":
        await this.#plan.startImplementation();
        return undefined;
      case "over":
        return next.state === "failed"
          ? { status: "failed", failure: plan.failure! }
          : { status: next.state };
      case "held":
        break;
    }
    switch (next.hold) {
      case "not_started":
        await this.#plan.start();
        return undefined;
      case "project_paused":
        return held({ reason: "paused" });
      case "project_stopped":
        return held({ reason: "stopped" });
      case "project_not_started":
        return held({ reason: "not_started" });
      case "project_completed":
        return held({ reason: "project_completed" });
      case "failed":
        return { status: "failed", failure: plan.failure! };
      case "cancelled":
        return { status: "cancelled" };
      default:
        // What waits for a decision is told as that, so only steps can be missing.
        return held({ reason: "awaiting_steps" });
    }
  }

  /** Waits as the retry policy says; or what keeps the step from being tried again. */
  async #afterFailures(step: StepView): Promise<Ending | "look again" | undefined> {
    const { failures, endedAt, error } = step;
    if (failures === 0 || step.state !== "failed") return undefined;
    const { attempts = Infinity, backoff = doubled } = this.#options.retry ?? {};
    if (failures >= attempts) {
      const times = failures === 1 ? "once" : `${failures} times`;
      await this.#plan.fail(`step ${step.step} has failed ${times}: ${error ?? "no message"}`);
      return "look again";
    }
    const wait = waitAfter(failures, backoff);
    const since = Date.now() - Date.parse(endedAt ?? "");
    // A clock that went back makes nobody wait longer than they asked for.
    const left = since >= 0 ? wait - since : wait;
    if (left <= 0) return undefined;
    await this.#waitOrMoved(left);
    return "look again";
  }

  /** Waits, or less if something happens to the project: a pause, say. */
  async #waitOrMoved(milliseconds: number): Promise<void> {
    const moved = new AbortController();
    const unwatch = this.#store.hub.watch(this.#plan.projectId, ({ type }) => {
      if (type !== "missed") moved.abort();
    });
    const wake = (): void => moved.abort();
    this.#end.signal.addEventListener("abort", wake, { once: true });
    try {
      await delay(milliseconds, moved.signal);
    } finally {
      unwatch();
      this.#end.signal.removeEventListener("abort", wake);
    }
  }

  /** Claims the plan; or who keeps it. */
  async #take(): Promise<Ending | undefined> {
    if (this.#claim) return undefined;
    const { takeOver = false, wait = false } = this.#options;
    for (;;) {
      try {
        this.#claim = await this.#plan.claim({ takeOver });
        break;
      } catch (error) {
        if (!isHoldpointError(error, "PLAN_CLAIMED")) throw error;
        if (!wait) return this.#lost(error);
        await delay(ASK_AGAIN, this.#end.signal);
        if (this.#end.signal.aborted) return held({ reason: "aborted" });
      }
    }
    const timer = setInterval(() => void this.#lookAfter(), LOOK_AFTER);
    this.#cleanUp.push(() => clearInterval(timer));
    return undefined;
  }

  /** Renews the claim in time; if it is lost, ends what the step does. */
  async #lookAfter(): Promise<void> {
    try {
      if (this.#claim?.isDue) await this.#claim.renew();
    } catch (error) {
      // Whatever else it is may pass; only this says that the plan is another one's.
      if (!isHoldpointError(error, "PLAN_CLAIMED")) return;
      this.#loss = error;
      this.#end.abort(error);
    }
  }

  /** Who has the plan, as the error says and the lease. */
  async #lost(error: HoldpointError): Promise<Ending> {
    const { holder, expires_at: expiresAt } = error.details as Record<string, string | undefined>;
    const lease = await this.#plan.lease().catch(() => null);
    const isOwn = lease?.isHeld === true && lease.isOwn;
    return held({ reason: "claimed", holder: holder ?? lease?.holder, expiresAt, isOwn });
  }

  /** @internal Ends it since the step that was under way is another one's, or begins anew. */
  async superseded(): Promise<RunResult> {
    const lease = await this.#plan.lease().catch(() => null);
    if (!lease?.isHeld || lease.isOwn) return this.hold({ reason: "superseded" });
    const { holder, expiresAt } = lease;
    return this.hold({ reason: "claimed", holder, expiresAt, isOwn: false });
  }

  async #finish(ending: Ending): Promise<void> {
    if (this.#result !== undefined) return;
    this.#result = { ...ending, stepsDone: this.#stepsDone } as RunResult;
    await this.#letGo();
  }

  #clean(): void {
    for (const clean of this.#cleanUp.splice(0)) clean();
  }

  async #letGo(): Promise<void> {
    this.#clean();
    const claim = this.#claim;
    this.#claim = undefined;
    // If it can't be given back, it ends with the store.
    await claim?.release().catch(() => undefined);
  }

  /** @internal Ends it as held by this. */
  async hold(hold: RunHold): Promise<RunResult> {
    await this.#inTurn(() => this.#finish(held(hold)));
    return this.#result!;
  }
}

/** @internal Carries out all steps with a function. */
export async function run<Input, Output>(
  steps: Steps<Input, Output>,
  work: (step: Step<Input, Output>) => Output | Promise<Output>,
): Promise<RunResult> {
  try {
    for (;;) {
      const { done, value: step } = await steps.next();
      if (done) return step;
      const ended = await carryOut(steps, step, work);
      if (ended) return ended;
    }
  } catch (error) {
    await steps.return();
    throw error;
  }
}

async function carryOut<Input, Output>(
  steps: Steps<Input, Output>,
  step: Step<Input, Output>,
  work: (step: Step<Input, Output>) => Output | Promise<Output>,
): Promise<RunResult | undefined> {
  let output: Output;
  try {
    output = await work(step);
  } catch (error) {
    // What was ended because it was to end hasn't failed: it is begun anew the next time.
    if (step.signal.aborted) return undefined;
    return settle(steps, step, () => step.fail(error));
  }
  return settle(steps, step, async () => {
    try {
      await step.complete(output === undefined ? {} : { output });
    } catch (error) {
      // An output that can't be kept is a mistake of the function's: on record, and told.
      if (!isHoldpointError(error, "INVALID_INPUT", "TOO_LONG")) throw error;
      await step.fail(`its result was refused: ${messageOf(error)}`);
      throw error;
    }
  });
}

/** Records a step's result; what ended the run, if the plan isn't where it was. */
async function settle(
  steps: { hold(hold: RunHold): Promise<RunResult>; superseded(): Promise<RunResult> },
  step: Pick<Step, "isSettled">,
  record: () => Promise<unknown>,
): Promise<RunResult | undefined> {
  // The function may have recorded it by itself.
  if (step.isSettled) return undefined;
  try {
    await record();
    return undefined;
  } catch (error) {
    if (isHoldpointError(error, "SUPERSEDED")) return steps.superseded();
    // The store was closed meanwhile: the step is begun anew the next time.
    if (isHoldpointError(error, "CLOSED")) return steps.hold({ reason: "aborted" });
    if (isHoldpointError(error, "PROJECT_STOPPED")) return steps.hold({ reason: "stopped" });
    throw error;
  }
}

const held = (hold: RunHold): Ending => ({ status: "held", hold });

const isDone = (result: StepDone | StepUndone): result is StepDone => "items" in result;

function waitAfter(failures: number, backoff: NonNullable<RetryPolicy["backoff"]>): number {
  let wait: unknown = backoff;
  try {
    if (typeof backoff === "function") wait = backoff(failures);
  } catch (error) {
    throw new HoldpointError(
      "INVALID_INPUT",
      `retry.backoff is not valid: expected milliseconds, found a function that throws: ${messageOf(error)}`,
      { details: { field: "retry.backoff" }, cause: error },
    );
  }
  if (typeof wait === "number" && wait >= 0) return wait;
  throw invalidInput("retry.backoff", "milliseconds, 0 or more", wait);
}

const doubled = (failures: number): number => Math.min(1000 * 2 ** (failures - 1), 60_000);

/** What is refused because it was looked at too early. */
const STALE = [
  "PROJECT_PAUSED",
  "PROJECT_STOPPED",
  "PROJECT_COMPLETED",
  "PROJECT_NOT_STARTED",
  "INVALID_TRANSITION",
  "STEP_NOT_FOUND",
  "SUPERSEDED",
  "CHANGED",
  "BUSY",
] as const;

const left = (): HoldpointError =>
  new HoldpointError("CANCELLED", "expected steps that go on, found that they were left");

const closedAbort = (): HoldpointError =>
  new HoldpointError("CLOSED", "expected an open store, found one that was closed");

function checked(given: RunOptions): RunOptions {
  const { signal, retry, limit, takeOver, wait, ...rest } = given;
  none(rest);
  flag("takeOver", takeOver);
  flag("wait", wait);
  abortable(signal);
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1) && limit !== Infinity) {
    throw invalidInput("limit", "an integer from 1 on", limit);
  }
  const policy: RetryPolicy = retry === undefined ? {} : plain("retry", retry);
  const { attempts, backoff, ...others } = policy;
  none(others);
  if (attempts !== undefined && !(attempts >= 1)) {
    throw invalidInput("retry.attempts", "an integer from 1 on", attempts);
  }
  if (backoff !== undefined && typeof backoff !== "number" && typeof backoff !== "function") {
    throw invalidInput("retry.backoff", "milliseconds or a function", backoff);
  }
  return given;
}
