/** Something that is read, and kept current as long as somebody watches it. */
import { call } from "./hub.js";
import { type HoldpointError, isHoldpointError } from "./error.js";
import { toHoldpointError } from "./module.js";
import { callable } from "./request.js";
import { shared } from "./shared.js";

/** How something is that is read again and again. */
export interface LiveState<T> {
  /** As it was last read; what hasn't changed since is the same object. */
  readonly data: T | undefined;
  /** Why it can't be read just now; `data` is older then. */
  readonly error: HoldpointError | undefined;
  /** Whether it was never read yet. */
  readonly isLoading: boolean;
}

const LOADING: LiveState<never> = { data: undefined, error: undefined, isLoading: true };

/** @internal What a live state is before anything is known, on a server for one. */
export const loading = <T>(): LiveState<T> => LOADING;

/**
 * Something that is read, and read again after each change as long as somebody is subscribed: see
 * {@link Holdpoint.live}. While there are changes all the time it is read as often as leaves time for
 * the rest.
 *
 * @example
 * ```ts
 * const waiting = hp.live(() => hp.inbox());
 * const stop = waiting.subscribe(() => render(waiting.getState().data ?? []));
 * ```
 */
export class Live<T> {
  readonly #ask: () => Promise<T>;
  readonly #watch: (moved: () => void) => () => void;
  readonly #listeners = new Set<{ listener: () => void }>();
  #state: LiveState<T>;
  #unwatch: (() => void) | undefined;
  /** Under way, and waiting for that to end. */
  #current: Promise<T> | undefined;
  #next: Promise<T> | undefined;
  /** While there are changes all the time, a slow answer leaves time for the rest. */
  #restUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @internal */
  constructor(ask: () => Promise<T>, watch: (moved: () => void) => () => void, known?: T) {
    this.#ask = ask;
    this.#watch = watch;
    this.#state =
      known === undefined ? LOADING : { data: known, error: undefined, isLoading: false };
  }

  /**
   * As it was last read. The same object until that has changed, so it fits `useSyncExternalStore`.
   *
   * @example
   * ```ts
   * const { data, error, isLoading } = waiting.getState();
   * ```
   */
  getState = (): LiveState<T> => this.#state;

  /**
   * Calls back when the state is another one, and keeps it current; reads it if that was never done.
   * What it returns ends that.
   *
   * @example
   * ```ts
   * const stop = waiting.subscribe(() => render(waiting.getState()));
   * ```
   */
  subscribe = (listener: () => void): (() => void) => {
    callable("listener", listener);
    const member = { listener };
    this.#listeners.add(member);
    this.#unwatch ??= this.#watch(() => this.#moved());
    // Not left to the first notice: where nothing can be heard, somebody wants to know why.
    if (this.#state.isLoading && !this.#current) this.refresh().catch(() => undefined);
    return () => {
      if (!this.#listeners.delete(member) || this.#listeners.size > 0) return;
      this.#unwatch?.();
      this.#unwatch = undefined;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  };

  /**
   * Reads it now, whether or not somebody is subscribed: what it gives is not older than the call.
   *
   * @example
   * ```ts
   * const rows = await waiting.refresh();
   * ```
   */
  refresh(): Promise<T> {
    // One that is under way may have looked before; the one that waits for it looks after.
    if (this.#next) return this.#next;
    const before = this.#current;
    const asked: Promise<T> = Promise.resolve(before?.catch(() => undefined)).then(() => {
      this.#current = asked;
      this.#next = undefined;
      return this.#read().finally(() => {
        if (this.#current === asked) this.#current = undefined;
      });
    });
    this.#next = asked;
    return asked;
  }

  async #read(): Promise<T> {
    const began = performance.now();
    try {
      const data = shared(this.#state.data, await this.#ask());
      this.#set({ data, error: undefined, isLoading: false });
      return data;
    } catch (thrown) {
      const error = toHoldpointError(thrown);
      // What is gone isn't shown any more; anything else leaves what was known.
      const isGone = isHoldpointError(error, "PROJECT_NOT_FOUND", "PLAN_NOT_FOUND", "REMOVED");
      this.#set({ data: isGone ? undefined : this.#state.data, error, isLoading: false });
      throw error;
    } finally {
      const end = performance.now();
      this.#restUntil = end + Math.min(4 * (end - began), 1000);
    }
  }

  #moved(): void {
    if (this.#timer !== undefined || this.#next) return;
    const rest = this.#restUntil - performance.now();
    const look = (): void => {
      this.#timer = undefined;
      // Whoever listens reads the error in the state.
      this.refresh().catch(() => undefined);
    };
    // The first in a while is looked at once; it is what somebody waits for.
    if (rest <= 0 || rest > 1000) look();
    else this.#timer = setTimeout(look, rest);
  }

  #set(state: LiveState<T>): void {
    const { data, error, isLoading } = this.#state;
    if (state.data === data && state.error === error && state.isLoading === isLoading) return;
    this.#state = state;
    for (const { listener } of [...this.#listeners]) call(listener);
  }
}
