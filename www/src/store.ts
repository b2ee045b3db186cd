import init, { Holdpoint, type Id, type Notice } from "#wasm";
import { cell } from "./cell";
import { PageError, type Problem, problemOf } from "./problem";

/** The one store of this tab: opened here, and opened anew when it was closed on us. */
export type Store =
  | { phase: "opening" }
  | { phase: "ready"; holdpoint: Holdpoint }
  | { phase: "failed"; problem: Problem };

export const store = cell<Store>({ phase: "opening" });

let isLoaded = false;

async function load(): Promise<void> {
  if (isLoaded) return;
  if (typeof WebAssembly !== "object") {
    throw new PageError("NO_WEBASSEMBLY", "WebAssembly is missing.");
  }
  try {
    await init();
  } catch (error) {
    throw new PageError("PAGE_INCOMPLETE", problemOf(error).message);
  }
  isLoaded = true;
}

/** Opens the store, or opens it anew. What goes wrong stands in `store`. */
export async function open(): Promise<void> {
  const before = store.value;
  store.set({ phase: "opening" });
  try {
    if (before.phase === "ready") before.holdpoint.close();
    await load();
    const holdpoint = await Holdpoint.open({ storage: "indexeddb" });
    await holdpoint.subscribe(hear);
    store.set({ phase: "ready", holdpoint });
  } catch (error) {
    store.set({ phase: "failed", problem: problemOf(error) });
  }
}

/** The opened store. For all that happens after the page was drawn, which is after the opening. */
export function holdpoint(): Holdpoint {
  if (store.value.phase === "ready") return store.value.holdpoint;
  throw new PageError("CLOSED", "The store isn’t open.");
}

interface Watcher {
  /** None: it watches all projects. */
  project: Id | undefined;
  look: () => void;
}

const watchers = new Set<Watcher>();
const moved = new Set<Id>();
let hasAllMoved = false;
let isFlushing = false;

/** Calls back when something was committed, by this tab or another one: once a frame at most. */
export function watch(project: Id | undefined, look: () => void): () => void {
  const watcher = { project, look };
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

/** Has everything looked at again. */
export function lookAgain(): void {
  hasAllMoved = true;
  flushSoon();
}

function hear(notice: Notice): void {
  if (notice.type === "missed") {
    hasAllMoved = true;
  } else {
    moved.add(notice.project);
  }
  flushSoon();
}

function flushSoon(): void {
  if (isFlushing) return;
  isFlushing = true;
  // A hidden tab draws no frames, but is read out and looked at from tests all the same.
  if (document.hidden) setTimeout(flush, 50);
  else requestAnimationFrame(flush);
}

function flush(): void {
  isFlushing = false;
  for (const watcher of [...watchers]) {
    if (hasAllMoved || watcher.project === undefined || moved.has(watcher.project)) watcher.look();
  }
  moved.clear();
  hasAllMoved = false;
}
