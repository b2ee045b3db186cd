import {
  Holdpoint,
  HoldpointError,
  type Id,
  init,
  isHoldpointError,
  type Plan,
  type PlanView,
  type Project,
  type ProjectView,
} from "holdpoint";
import { cell, useCell } from "./cell";
import { noteWork } from "./kept";
import { recall, remember } from "./memory";
import { PageError, type Problem, problemOf } from "./problem";

/** The one store of this tab: opened here, and opened anew when it was closed on us. */
export type Store = { phase: "opening" } | Ready | { phase: "failed"; problem: Problem };

interface Ready {
  phase: "ready";
  holdpoint: Holdpoint;
  /** What was looked at; it isn't read again when something is done with it. */
  projects: Map<Id, Promise<Project>>;
  plans: Map<string, Promise<Plan>>;
}

export const store = cell<Store>({ phase: "opening" });

// Who is here as long as they give no name.
const NO_NAME = "user";
const NAME = "actor";

/** Who gives the commands of this tab. Other tabs are by the same name from their next visit on. */
export const actor = cell(recall(NAME) ?? NO_NAME);

async function load(): Promise<void> {
  if (typeof WebAssembly !== "object") {
    throw new PageError("NO_WEBASSEMBLY", "WebAssembly is missing.");
  }
  try {
    await init();
  } catch (error) {
    throw new PageError("PAGE_INCOMPLETE", problemOf(error).message);
  }
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
  const holdpoint = await Holdpoint.open({ actor: name });
  // Whoever deletes knows it; if others are left, that is noted as soon as they are seen.
  holdpoint.on("removed", () => noteWork(false));
  return { phase: "ready", holdpoint, projects: new Map(), plans: new Map() };
}

/** What was remembered may be no name at all: that keeps nobody from their work. */
function withoutName(error: unknown): Promise<Ready> {
  if (!isHoldpointError(error, "INVALID_INPUT", "TOO_LONG") || actor.value === NO_NAME) throw error;
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
  // What is on its way still ends, under the name it began with.
  if (before.phase === "ready") before.holdpoint.close();
}

/** The opened store. For all that happens after the page was drawn, which is after the opening. */
export const holdpoint = (): Holdpoint => ready().holdpoint;

/** The same for what is drawn, and drawn anew with another one; none as long as it isn't open. */
export function useHoldpoint(): Holdpoint | undefined {
  const state = useCell(store);
  return state.phase === "ready" ? state.holdpoint : undefined;
}

function ready(): Ready {
  if (store.value.phase === "ready") return store.value;
  throw new HoldpointError("CLOSED", "The store isn’t open.");
}

/** A project, for whoever does something with it. */
export async function projectOf(id: Id): Promise<Project> {
  const { holdpoint, projects } = ready();
  return once(projects, id, () => holdpoint.project(id));
}

/** A plan, for whoever does something with it. */
export async function planOf(project: Id, id: Id): Promise<Plan> {
  const { holdpoint, plans } = ready();
  return once(plans, `${project}/${id}`, () => holdpoint.plan(project, id));
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = made.get(key);
  if (known) return known;
  const fresh = make();
  made.set(key, fresh);
  fresh.catch(() => made.delete(key));
  return fresh;
}

/** A project as it is now. */
export async function readProject(id: Id): Promise<ProjectView> {
  const isKnown = ready().projects.has(id);
  const project = await projectOf(id);
  // One that wasn't known was read to know it.
  return isKnown ? project.get() : project.getSnapshot();
}

/** A plan as it is now. */
export async function readPlan(project: Id, id: Id): Promise<PlanView> {
  const isKnown = ready().plans.has(`${project}/${id}`);
  const plan = await planOf(project, id);
  return isKnown ? plan.get() : plan.getSnapshot();
}
