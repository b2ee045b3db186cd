/** What happens in a store, told to those who watch it: this tab's commits and every other's. */
import type { Holdpoint as WasmHoldpoint, Notice, Subscription } from "../wasm/holdpoint.js";
import type { Instance } from "./module.js";
import type { Id } from "./types/basics.js";

export type Listener = (notice: Notice) => void;

/** Everything was missed, for want of an ear: look at all anew. */
const MISSED: Notice = { type: "missed", count: 0 };

/**
 * The module's subscriptions, one for each project that is watched and one for all, shared by
 * everybody here who watches the same.
 */
export class Hub {
  readonly #instance: Instance;
  readonly #inner: WasmHoldpoint;
  readonly #channels = new Map<Id | undefined, Channel>();
  #isClosed = false;

  constructor(instance: Instance, inner: WasmHoldpoint) {
    this.#instance = instance;
    this.#inner = inner;
  }

  /**
   * Has a listener called for each notice of a project, or of all. It is told `missed` once when
   * the hearing begins: whoever looked before may have looked too early.
   */
  watch(project: Id | undefined, listener: Listener): () => void {
    if (this.#isClosed) return () => undefined;
    let channel = this.#channels.get(project);
    if (channel === undefined) {
      channel = new Channel((hear) =>
        this.#instance.call(() => this.#inner.subscribe(hear, project)),
      );
      if (this.#channels.size === 0) this.#follow();
      this.#channels.set(project, channel);
    }
    const leave = channel.join(listener);
    return () => {
      leave();
      if (!channel.isDeserted || this.#channels.get(project) !== channel) return;
      this.#channels.delete(project);
      channel.close();
      if (this.#channels.size === 0) this.#unfollow();
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#unfollow();
  }

  /** A page that comes back from the back/forward cache was asleep, and deaf. */
  readonly #shown = (event: Event): void => {
    if (!(event as PageTransitionEvent).persisted) return;
    for (const channel of this.#channels.values()) channel.tell(MISSED);
  };

  #follow(): void {
    if (typeof document === "object") addEventListener("pageshow", this.#shown);
  }

  #unfollow(): void {
    if (typeof document === "object") removeEventListener("pageshow", this.#shown);
  }
}

class Channel {
  readonly #listeners = new Set<{ listener: Listener }>();
  readonly #subscription: Promise<Subscription | undefined>;
  #isHearing = false;
  #isClosed = false;

  constructor(subscribe: (hear: Listener) => Promise<Subscription>) {
    // If it can't be, the store says why to whoever asks it something.
    this.#subscription = subscribe((notice) => this.tell(notice)).then(
      (subscription) => {
        this.#isHearing = true;
        this.tell(MISSED);
        return subscription;
      },
      () => undefined,
    );
  }

  get isDeserted(): boolean {
    return this.#listeners.size === 0;
  }

  join(listener: Listener): () => void {
    // Wrapped: the same function may be given twice, and is then called twice.
    const member = { listener };
    this.#listeners.add(member);
    if (this.#isHearing)
      queueMicrotask(() => this.#listeners.has(member) && call(listener, MISSED));
    return () => void this.#listeners.delete(member);
  }

  tell(notice: Notice): void {
    if (this.#isClosed) return;
    for (const { listener } of [...this.#listeners]) call(listener, notice);
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    void this.#subscription.then((subscription) => {
      subscription?.close();
      subscription?.free();
    });
  }
}

/** A listener that fails never makes what it hears of fail, nor keeps the others from hearing. */
export function call<Args extends readonly unknown[]>(
  listener: (...args: Args) => void,
  ...args: Args
): void {
  try {
    listener(...args);
  } catch (error) {
    const report = (globalThis as { reportError?: (error: unknown) => void }).reportError;
    if (report) report(error);
    else console.error(error);
  }
}
