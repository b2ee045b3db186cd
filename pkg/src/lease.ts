/**
 * Who carries out a plan, kept current. Commits tell that it begins; nothing in the store tells that
 * it ends. So each claim has a bell: a Web Lock that is held as long as the claim is, for which whoever
 * looks on waits. It is nothing but a bell: who has the plan, the lease says.
 */
import { Live } from "./live.js";
import type { Store } from "./store.js";
import type { Id } from "./types/basics.js";
import type { LeaseView } from "./types/views.js";
import { delay } from "./waiting.js";

/** How often it is looked at where there is no bell, in milliseconds. */
const WITHOUT_BELL = 1_000;
/** The same where there is one: it may never be rung, if its claim was forgotten. */
const WITH_BELL = 15_000;

const bellName = (store: Store, project: Id, plan: Id, worker: Id): string =>
  `holdpoint-claim:${store.kind.name}:${project}/${plan}:${worker}`;

/** Missing where the connection isn't secure. What is only in memory nobody else looks at. */
const locksOf = (store: Store): LockManager | undefined =>
  store.kind.storage === "indexeddb"
    ? (globalThis.navigator as (Navigator & { locks?: LockManager }) | undefined)?.locks
    : undefined;

/** Holds a claim's bell; what it returns rings it. */
export function holdBell(store: Store, project: Id, plan: Id, worker: Id): () => void {
  let ring = (): void => undefined;
  const isOver = new Promise<void>((resolve) => (ring = resolve));
  locksOf(store)
    ?.request(bellName(store, project, plan, worker), () => isOver)
    .catch(() => undefined);
  const forget = store.onClose(ring);
  return () => {
    forget();
    ring();
  };
}

/** A plan's lease, looked at again with each commit, and when it has ended. */
export function liveLease(store: Store, project: Id, plan: Id): Live<LeaseView | null> {
  let moved: (() => void) | undefined;
  let followed: Id | undefined;
  let end = new AbortController();

  /** Waits until a worker may have let the plan go. */
  const follow = (worker: Id | undefined): void => {
    if (worker === followed || moved === undefined) return;
    end.abort();
    end = new AbortController();
    followed = worker;
    if (worker === undefined) return;
    const { signal } = end;
    void mayHaveEnded(store, bellName(store, project, plan, worker), signal).then(() => {
      if (signal.aborted) return;
      followed = undefined;
      moved?.();
    });
  };
  return new Live(
    async () => {
      const lease = await store.read<LeaseView | null>({ type: "lease", project, plan });
      follow(lease?.isHeld ? lease.worker : undefined);
      return lease;
    },
    (look) => {
      moved = look;
      const unwatch = store.hub.watch(project, look);
      return () => {
        unwatch();
        moved = undefined;
        followed = undefined;
        end.abort();
      };
    },
  );
}

/** Until a bell was rung, or for a while. */
async function mayHaveEnded(store: Store, name: string, signal: AbortSignal): Promise<void> {
  const locks = locksOf(store);
  // Free at once: it is a program without a bell, or in memory, or it has just ended.
  const isHeld = await locks
    ?.request(name, { mode: "shared", ifAvailable: true }, (lock) => lock === null)
    .catch(() => false);
  if (!isHeld) return delay(WITHOUT_BELL, signal);
  const over = new AbortController();
  const stop = (): void => over.abort();
  signal.addEventListener("abort", stop, { once: true });
  const rung = locks!
    .request(name, { mode: "shared", signal: over.signal }, () => undefined)
    .catch(() => undefined);
  await Promise.race([rung, delay(WITH_BELL, over.signal)]);
  signal.removeEventListener("abort", stop);
  over.abort();
}
