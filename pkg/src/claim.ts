import type { Claim as WasmClaim } from "../wasm/holdpoint.js";
import { holdBell } from "./lease.js";
import type { Store } from "./store.js";
import type { Id, Time } from "./types/basics.js";

/** How a plan is claimed. */
export interface ClaimOptions {
  /**
   * How many seconds it lasts without being renewed, where it can't be known whether its holder is
   * alive: 1 to 3600; 30 unless it is given.
   */
  timeToLive?: number;
  /** Takes it from whoever has it. They learn of it when they renew. */
  takeOver?: boolean;
}

/**
 * A plan that is kept for one worker. It ends when it is released, when somebody takes it over, and
 * with the tab. `Plan.run` and `Plan.steps` take and renew one by themselves.
 *
 * @example
 * ```ts
 * await using claim = await plan.claim();
 * ```
 */
export class Claim {
  readonly #store: Store;
  readonly #inner: WasmClaim;
  readonly #ring: () => void;
  #isOver = false;

  /** @internal */
  constructor(store: Store, inner: WasmClaim) {
    this.#store = store;
    this.#inner = inner;
    this.#ring = holdBell(store, inner.project, inner.plan, inner.worker);
    this.holder = inner.holder;
    this.worker = inner.worker;
    this.takenAt = inner.taken_at;
  }

  /** The actor who has it. */
  readonly holder: string;
  /** Which worker of theirs. */
  readonly worker: Id;
  readonly takenAt: Time;

  /** Until when, unless it is renewed. */
  get expiresAt(): Time | undefined {
    return this.#isOver ? undefined : this.#store.callSync(() => this.#inner.expires_at);
  }

  /** Whether it is time to renew it: a third of its time has gone by. */
  get isDue(): boolean {
    return !this.#isOver && this.#store.callSync(() => this.#inner.is_due);
  }

  /**
   * Makes its time begin anew. Refused as `PLAN_CLAIMED` if it is over; `details` say who has it.
   *
   * @example
   * ```ts
   * if (claim.isDue) await claim.renew();
   * ```
   */
  async renew(): Promise<void> {
    return this.#store.callOn(() => this.#inner.renew());
  }

  /**
   * Gives the plan back. One that was lost in between is no error.
   *
   * @example
   * ```ts
   * await claim.release();
   * ```
   */
  async release(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      // With the store that it was made on it has ended.
      if (!this.#store.isClosed) await this.#store.callOn(() => this.#inner.release());
    } finally {
      this.#inner.free();
      this.#ring();
    }
  }

  /** Releases it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
