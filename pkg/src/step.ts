import { HoldpointError, invalidInput, isHoldpointError } from "./error.js";
import { jsonCopy } from "./json.js";
import { listed, none, options, plain } from "./request.js";
import type { Plan } from "./plan.js";
import type { Store } from "./store.js";
import type { Id } from "./types/basics.js";
import type { NewItem } from "./types/commands.js";
import type { StepDone, StepUndone } from "./types/reports.js";
import { ulid } from "./ulid.js";
import { delay } from "./waiting.js";

/** A context item of a step's: the plan is the step's own. */
export type StepItem = Omit<NewItem, "plan">;

/** What a step's result comes with. */
export interface StepResult<Output = unknown> {
  /** What came out: any JSON value of up to 1 MiB. */
  output?: Output;
  /** Context items, besides those of `addContext`. */
  context?: readonly StepItem[];
}

/** As much of an error's message as is kept, in characters. */
const ERROR_KEPT = 10_000;
/** How often a result is written again whose answer was lost, or that did not get its turn. */
const TRIES = 4;

/** @internal What a step is made of. */
export interface Attempt<Input> {
  project: Id;
  plan: Id;
  index: number;
  id: Id;
  attempt: number;
  title: string;
  input: Input;
}

/**
 * One try at a step: what the function of `Plan.run` gets, and what `Plan.steps` gives.
 *
 * A step runs **at least once**: after a crash it may run again. Give `idempotencyKey`, which is the
 * same in every attempt, to whatever is done outside, so that doing it twice does it once.
 *
 * @example
 * ```ts
 * for await (const step of plan.steps()) {
 *   const reply = await ask(step.title, { idempotencyKey: step.idempotencyKey });
 *   await step.complete({ output: reply });
 * }
 * ```
 */
export class Step<Input = unknown, Output = unknown> {
  readonly #store: Store;
  readonly #attempt: Attempt<Input>;
  readonly #context: NewItem[] = [];
  // The same in each try to write the result, so that it is written once.
  readonly #command = ulid();
  #isSettled = false;
  #result: StepDone | StepUndone | undefined;

  /** @internal */
  constructor(
    store: Store,
    plan: Plan<Input, Output>,
    attempt: Attempt<Input>,
    signal: AbortSignal,
    done?: StepDone,
  ) {
    this.#store = store;
    this.plan = plan;
    this.#attempt = attempt;
    this.signal = signal;
    this.#isSettled = done !== undefined;
    this.#result = done;
  }

  /** Its plan: `plan.step(index)` has what came out of an earlier step. */
  readonly plan: Plan<Input, Output>;

  /**
   * Aborted when the run's own signal is, and when the plan was taken from this worker: whatever
   * the step does is then best ended.
   */
  readonly signal: AbortSignal;

  /** Which step of the plan, from 0 on. */
  get index(): number {
    return this.#attempt.index;
  }

  /** What the step is called. */
  get title(): string {
    return this.#attempt.title;
  }

  /** What it was given; `null` if nothing. */
  get input(): Input {
    return this.#attempt.input;
  }

  /** The number of this try; attempts are numbered per plan. */
  get attempt(): number {
    return this.#attempt.attempt;
  }

  /** The step's id: the same in every attempt. */
  get idempotencyKey(): string {
    return this.#attempt.id;
  }

  /** Whether its result is on record. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** @internal What came of it. */
  get result(): StepDone | StepUndone | undefined {
    return this.#result;
  }

  /**
   * Keeps a context item until the step's result is recorded: it is committed together with that,
   * or not at all. A step that fails leaves none.
   *
   * @example
   * ```ts
   * step.addContext({ agent: "coder", kind: "code", text: "export const answer = 42;" });
   * ```
   */
  addContext(item: StepItem): void {
    this.#check();
    const given = plain("item", item) as unknown as StepItem;
    if (typeof given.text !== "string") throw invalidInput("item.text", "a text", given.text);
    this.#context.push({ ...given, plan: this.#attempt.plan });
  }

  /**
   * Records that it is done, with its output and its context items, in one commit. It may be called
   * while the project is paused: finished work is never lost.
   *
   * Rejects with `SUPERSEDED` if a newer attempt has taken over. After any other failure it may be
   * called again.
   *
   * @example
   * ```ts
   * await step.complete({ output: { files: 3 } });
   * ```
   */
  async complete(result: StepResult<Output> = {}): Promise<StepDone> {
    this.#check();
    const { output, context = [], ...rest } = options(result);
    none(rest);
    // Looked at once, before anything is sent.
    const kept = jsonCopy("output", output);
    const { plan, attempt } = this.#attempt;
    const items = listed("context", "context items", context, (item, index) => {
      const given = plain(`context[${index}]`, item) as unknown as StepItem;
      return { ...given, plan };
    });
    const done = await this.#write<StepDone>({
      type: "complete_step",
      plan,
      attempt,
      ...(kept !== undefined && { output: kept }),
      context: [...this.#context, ...items],
    });
    return done;
  }

  /**
   * Records that it failed. The plan stays at this step; after `maxAttempts` failures the plan has
   * failed.
   *
   * @example
   * ```ts
   * await step.fail(new Error("the tests don't pass"));
   * ```
   */
  async fail(error: unknown): Promise<StepUndone> {
    this.#check();
    const { plan, attempt } = this.#attempt;
    return this.#write<StepUndone>({
      type: "fail_step",
      plan,
      attempt,
      error: messageOf(error),
    });
  }

  #check(): void {
    if (!this.#isSettled) return;
    throw new HoldpointError(
      "CLOSED",
      `expected step ${this.#attempt.index} to be under way, found its result on record already`,
    );
  }

  async #write<T extends StepDone | StepUndone>(
    command: Parameters<Store["execute"]>[1],
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        const { project } = this.#attempt;
        const receipt = await this.#store.execute(project, command, { commandId: this.#command });
        const { type: _, ...report } = receipt.outcome as { type: string } & T;
        this.#isSettled = true;
        this.#result = report as unknown as T;
        return this.#result as T;
      } catch (error) {
        const isPassing = isHoldpointError(error, "OUTCOME_UNKNOWN", "BUSY");
        if (!isPassing || tries === TRIES) throw error;
        await delay(100 * 2 ** tries);
      }
    }
  }
}

/** With its name, unless that says nothing. */
const ofError = ({ name, message }: Error): string =>
  message === ""
    ? name
    : name === "Error" || name === "HoldpointError"
      ? message
      : `${name}: ${message}`;

/** Of an object what is in it: `String` would say nothing. */
const ofOther = (thrown: unknown): string =>
  typeof thrown === "object" && thrown !== null ? (JSON.stringify(thrown) ?? "") : String(thrown);

/** @internal What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  let said: string;
  try {
    said = error instanceof Error ? ofError(error) : ofOther(error);
  } catch {
    said = "";
  }
  // Halves of surrogate pairs aren't text.
  const text = said.toWellFormed?.() ?? said;
  const shown = [...text.slice(0, 2 * ERROR_KEPT)].slice(0, ERROR_KEPT).join("");
  return shown.trim() === "" ? "no message" : shown;
}
