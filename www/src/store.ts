import init, { Holdpoint, type Id, type Notice, type Subscription } from "#wasm";
import { cell } from "./cell";
import { noteWork } from "./kept";
import { recall, remember } from "./memory";
import { isRefusal, PageError, type Problem, problemOf } from "./problem";

/** The one store of this tab: opened here, and opened anew when it was closed on us. */
export type Store = { phase: "opening" } | Ready | { phase: "failed"; problem: Problem };

interface Ready {
  phase: "ready";
  holdpoint: Holdpoint;
  hearing: Subscription;
}

export const store = cell<Store>({ phase: "opening" });

// Who is here as long as they give no name.
const NO_NAME = "user";
const NAME = "actor";

/** Who gives the commands of this tab. Other tabs are by the same name from their next visit on. */
export const actor = cell(recall(NAME) ?? NO_NAME);

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
    store.set(await connect(actor.value).catch(withoutName));
  } catch (error) {
    store.set({ phase: "failed", problem: problemOf(error) });
  }
}

async function connect(name: string): Promise<Ready> {
  const holdpoint = await Holdpoint.open({ storage: "indexeddb", actor: name });
  return { phase: "ready", holdpoint, hearing: await holdpoint.subscribe(hear) };
}

/** What was remembered may be no name at all: that keeps nobody from their work. */
function withoutName(error: unknown): Promise<Ready> {
  if (!isRefusal(error, "INVALID_INPUT", "TOO_LONG") || actor.value === NO_NAME) throw error;
  actor.set(NO_NAME);
  return connect(NO_NAME);
}

/**
 * Has all that is done in this tab from now on go on record under another name. `check` throws if
 * it can't be: then, and if it is no name, everything stays as it was.
 */
export async function become(name: string, check: () => void): Promise<void> {
  // Not beside a store that is just being opened.
  holdpoint();
  const next = await connect(name);
  try {
    check();
  } catch (error) {
    next.holdpoint.close();
    throw error;
  }
  const before = store.value;
  actor.set(name);
  remember(NAME, name);
  store.set(next);
  if (before.phase !== "ready") return;
  before.hearing.close();
  // Not closed: what is on its way still ends, under the name it began with.
  before.holdpoint.free();
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
    // Whoever deletes knows it; if others are left, that is noted as soon as they are seen.
    if (notice.type === "removed") noteWork(false);
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
