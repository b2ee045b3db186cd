import {
  exportBundle,
  type BundleSource,
  type ExportOptions,
  importBundle,
  type ImportBundleOptions,
} from "./bundles.js";
import { HoldpointError, invalidInput, isHoldpointError } from "./error.js";
import { type EventListener, type EventName, onEvent } from "./events.js";
import { call } from "./hub.js";
import { liveLease } from "./lease.js";
import { list, type ListOptions } from "./lists.js";
import type { Live } from "./live.js";
import { running } from "./module.js";
import type { Plan } from "./plan.js";
import { some } from "./plan.js";
import { Project } from "./project.js";
import { callable, flag, none, options, text } from "./request.js";
import { messageOf } from "./step.js";
import { persist, storageInfo, type StorageInfo } from "./storage.js";
import { type CommandOptions, Store } from "./store.js";
import type { Id } from "./types/basics.js";
import type { ImportReport } from "./types/bundles.js";
import type { Command, NewItem, NewPlan, ProjectSettings } from "./types/commands.js";
import type { CheckpointRow, Page, PlanRow, ProjectRow, Resumable } from "./types/lists.js";
import type { InboxEntry, LeaseView, StoreStatistics, VerifyReport } from "./types/views.js";

/** How a store is opened. */
export interface OpenOptions {
  /** Where projects are kept: in the browser's IndexedDB, which is the default, or only in memory. */
  storage?: "indexeddb" | "memory";
  /** The database's name; `holdpoint` unless it is given. */
  name?: string;
  /** Who gives the commands: stands on every entry of the history. `user` unless it is given. */
  actor?: string;
  /**
   * What an acknowledged commit survives: a loss of power (`strict`, the default), or only the death
   * of the tab and the browser (`relaxed`).
   */
  durability?: "strict" | "relaxed";
  /**
   * Asks the browser not to take the data away by itself when room gets scarce. It may show a
   * question, so best ask after somebody has done something. {@link Holdpoint.storageInfo} says
   * whether it is promised.
   */
  persist?: boolean;
  /**
   * Counts the tokens of a text as your language model does; an estimate unless it is given. It gives
   * an integer from 0 to 1,000,000 and no promise.
   */
  countTokens?: (text: string) => number;
  /** Another tab keeps an older version of the database open, and this one waits for it. */
  blocked?: () => void;
  /** This tab stood in the way of another one's newer version, and has made way: reload it soon. */
  blocking?: () => void;
  /** The browser has closed the database by itself. The next call opens it again. */
  terminated?: () => void;
}

/** A project that is still to be made. */
export interface NewProject<Input = unknown> {
  /** 1 to 200 characters, not blank. */
  name: string;
  /** Where it begins: `active` unless it is given. In `init` and `planning` no step starts. */
  status?: "init" | "planning" | "active";
  settings?: Partial<ProjectSettings>;
  /** Its first plan, made and started in the same commit. */
  plan?: NewPlan<Input>;
  /** Context items of that plan. */
  context?: readonly NewItem[];
}

/** What an imported trajectory has become. */
export interface ImportedTrajectory {
  project: Project;
  plan: Plan;
  name: string;
  /** How many steps it has. */
  steps: number;
}

/**
 * A store, opened: the beginning of everything.
 *
 * Commands make projects; queries list what there is; `on` tells what happens, in this tab and in
 * all others. Every call rejects with a {@link HoldpointError}.
 *
 * @example
 * ```ts
 * import { Holdpoint } from "holdpoint";
 *
 * const hp = await Holdpoint.open({ name: "my-app", actor: "ana" });
 * const project = await hp.createProject({ name: "Site redesign" });
 * ```
 */
export class Holdpoint {
  readonly #store: Store;

  private constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Opens a store; a database that isn't there is made. Loads the module first, if that wasn't done
   * by `init`.
   *
   * Rejects with `UNAVAILABLE` where there is no IndexedDB, or the browser refuses it; with
   * `BLOCKED`, `TOO_NEW` or `NOT_A_STORE` if the database can't be opened by this version.
   *
   * @example
   * ```ts
   * const hp = await Holdpoint.open({ name: "my-app", actor: "ana", persist: true });
   * const test = await Holdpoint.open({ storage: "memory" });   // Node, tests
   * ```
   */
  static async open(given?: OpenOptions): Promise<Holdpoint> {
    const { persist: wantsPersistence, blocked, blocking, terminated, ...others } = options(given);
    const { storage, name, actor, durability, countTokens, ...rest } = others;
    none(rest);
    for (const [place, value] of Object.entries({ storage, name, actor, durability })) {
      if (value !== undefined) text(place, value);
    }
    if (countTokens !== undefined) callable("countTokens", countTokens);
    const listeners = { blocked, blocking, terminated };
    for (const [name, listener] of Object.entries(listeners)) {
      if (listener !== undefined) callable(name, listener);
    }
    flag("persist", wantsPersistence);
    const kind = {
      storage: storage ?? "indexeddb",
      name: name ?? "holdpoint",
      actor: actor ?? "user",
      durability: durability ?? "strict",
    } as const;
    const instance = await running();
    const inner = await instance.call(() =>
      instance.glue.Holdpoint.open({
        ...some({ countTokens }),
        ...kind,
        ...(Object.values(listeners).some(Boolean) && {
          onConnection: ({ type }: { type: keyof typeof listeners }) => {
            const listener = listeners[type];
            if (listener) call(listener);
          },
        }),
      }),
    );
    const hp = new Holdpoint(new Store(instance, inner, kind));
    if (wantsPersistence) await persist();
    return hp;
  }

  /** The database's name. */
  get name(): string {
    return this.#store.kind.name;
  }

  /** Who gives the commands. */
  get actor(): string {
    return this.#store.kind.actor;
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.#store.isClosed;
  }

  // --- Making projects.

  /**
   * Makes a project; with a plan, both in one commit.
   *
   * @example
   * ```ts
   * const project = await hp.createProject({
   *   name: "Site redesign",
   *   plan: { request: "Add sign-in", steps: ["design", "code", "test"] },
   * });
   * ```
   */
  async createProject(project: NewProject, given?: CommandOptions): Promise<Project> {
    const { plan, context, ...rest } = options(project);
    if (plan === undefined && context !== undefined) {
      throw invalidInput("context", "none without a plan", context);
    }
    const command = {
      type: "create_project",
      ...rest,
      ...(plan !== undefined && { plan: { plan, ...some({ context }) } }),
    } as Command;
    const receipt = await this.#store.execute(undefined, command, given);
    return this.project(receipt.project);
  }

  /**
   * Makes a project with one plan of a trajectory's JSON text, as SWE-agent writes it; at most 64 MiB.
   *
   * @example
   * ```ts
   * const { plan, steps } = await hp.importTrajectory(await file.text(), file.name);
   * ```
   */
  async importTrajectory(trajectory: string, fileName: string): Promise<ImportedTrajectory> {
    text("trajectory", trajectory);
    text("fileName", fileName);
    const { project, plan, name, steps } = await this.#store.call((inner) =>
      inner.importTrajectory(trajectory, fileName),
    );
    const made = await this.project(project);
    return { project: made, plan: await made.plan(plan), name, steps };
  }

  /**
   * Takes in a bundle that was exported here or elsewhere, compressed or not: all of it, or nothing.
   * Nothing is imported over a project that is there (`PROJECT_EXISTS`).
   *
   * @example
   * ```ts
   * const { projects } = await hp.importBundle(input.files[0], { asCopies: true });
   * ```
   */
  async importBundle(source: BundleSource, options?: ImportBundleOptions): Promise<ImportReport> {
    return importBundle(this.#store, source, options);
  }

  /**
   * All there is, or some projects, as the bytes of one file, made as they are read.
   *
   * @example
   * ```ts
   * const blob = await new Response(hp.exportBundle({ gzip: true })).blob();
   * ```
   */
  exportBundle(options?: ExportOptions): ReadableStream<Uint8Array<ArrayBuffer>> {
    return exportBundle(this.#store, options);
  }

  // --- What there is.

  /**
   * A project that is there. Refused as `PROJECT_NOT_FOUND` if there is none of this id.
   *
   * @example
   * ```ts
   * const project = await hp.project(id);
   * ```
   */
  async project(id: Id): Promise<Project> {
    return new Project(this.#store, id).load();
  }

  /**
   * Checks a project's history, snapshots, rows and texts: as {@link Project.verify}, and also one that
   * is too damaged to be opened.
   *
   * @example
   * ```ts
   * const { clean, findings } = await hp.verifyProject(id);
   * ```
   */
  verifyProject(id: Id): Promise<VerifyReport> {
    return this.#store.read({ type: "verify", project: id });
  }

  /**
   * Deletes a project with all that belongs to it: as {@link Project.delete}, and also one that is too
   * damaged to be opened.
   *
   * @example
   * ```ts
   * await hp.deleteProject(id);
   * ```
   */
  async deleteProject(id: Id, how?: CommandOptions): Promise<void> {
    await this.#store.execute(text("id", id), { type: "delete_project" }, how);
  }

  /**
   * A plan that is there, of a project of this id.
   *
   * @example
   * ```ts
   * const [first] = await hp.listResumable();
   * const plan = await hp.plan(first.project, first.id);
   * ```
   */
  async plan<Input = unknown, Output = unknown>(
    project: Id,
    plan: Id,
  ): Promise<Plan<Input, Output>> {
    return new Project(this.#store, project).plan(plan);
  }

  /**
   * All projects.
   *
   * @example
   * ```ts
   * const { items, next } = await hp.listProjects({ limit: 50 });
   * ```
   */
  async listProjects(given?: ListOptions): Promise<Page<ProjectRow>> {
    return list(this.#store, { type: "projects" }, options(given));
  }

  /**
   * All projects' plans. No project is loaded for it.
   *
   * @example
   * ```ts
   * const { items } = await hp.listPlans({ unfinished: true });
   * ```
   */
  async listPlans(given?: ListOptions & { unfinished?: boolean }): Promise<Page<PlanRow>> {
    const { unfinished, ...page } = options(given);
    return list(this.#store, { type: "plans", ...some({ unfinished }) }, page);
  }

  /**
   * All projects' checkpoints.
   *
   * @example
   * ```ts
   * const { items } = await hp.listCheckpoints();
   * ```
   */
  async listCheckpoints(given?: ListOptions): Promise<Page<CheckpointRow>> {
    return list(this.#store, { type: "checkpoints" }, options(given));
  }

  /**
   * Every unfinished plan, with what holds it: where work can go on after a crash. No project is
   * loaded for it.
   *
   * @example
   * ```ts
   * for (const { project, id } of await hp.listResumable()) {
   *   const result = await (await hp.plan(project, id)).run(work);   // says what holds it, if something does
   * }
   * ```
   */
  async listResumable(): Promise<Resumable[]> {
    return this.#store.read({ type: "resumable" });
  }

  /**
   * Every plan that waits for somebody's decision.
   *
   * @example
   * ```ts
   * for (const { request, gate, submission } of await hp.inbox()) show(request, gate, submission);
   * ```
   */
  async inbox(): Promise<InboxEntry[]> {
    return this.#store.read({ type: "inbox" });
  }

  /**
   * The whole store in figures. No project is loaded for it.
   *
   * @example
   * ```ts
   * const { projects, totals } = await hp.statistics();
   * ```
   */
  async statistics(): Promise<StoreStatistics> {
    return this.#store.read({ type: "store_statistics" });
  }

  /**
   * Where the data is, how much room there is, and whether the browser has promised to keep it.
   *
   * @example
   * ```ts
   * const { usage, quota, persisted } = await hp.storageInfo();
   * ```
   */
  async storageInfo(): Promise<StorageInfo> {
    this.#store.checkOpen();
    return storageInfo(this.#store);
  }

  /**
   * Asks the browser not to take the data away by itself; whether it promises.
   *
   * @example
   * ```ts
   * button.onclick = async () => show((await hp.persist()) ? "kept" : "may be cleared");
   * ```
   */
  async persist(): Promise<boolean> {
    this.#store.checkOpen();
    return persist();
  }

  // --- Keeping up to date.

  /**
   * Calls back for single events of all projects: of one type, or all by `"event"`; also for
   * `"removed"` and `"missed"`. What it returns ends that.
   *
   * @example
   * ```ts
   * const stop = hp.on("project_paused", ({ project }) => toast(`${project} is paused`));
   * ```
   */
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): () => void {
    return onEvent(this.#store, undefined, name, listener);
  }

  /**
   * Calls back when something happened to a project, or to any of them: look again at what you show.
   *
   * @example
   * ```ts
   * const stop = hp.watch(async () => render(await hp.listProjects()));
   * ```
   */
  watch(listener: (project: Id | undefined) => void): () => void {
    callable("listener", listener);
    this.#store.checkOpen();
    return this.#store.hub.watch(undefined, (notice) =>
      listener(notice.type === "missed" ? undefined : notice.project),
    );
  }

  /**
   * Something that you read, kept current: read again after each commit of this tab and all others,
   * to one project or to any. What hasn't changed since is the same object. If `read` rejects, the
   * state has its `error`; what isn't a `HoldpointError` becomes one of `INVALID_INPUT`.
   *
   * @example
   * ```ts
   * const waiting = hp.live(() => hp.inbox());
   * const stop = waiting.subscribe(() => render(waiting.getState().data ?? []));
   * const items = hp.live(() => project.listContext({ agent: "coder" }), { project: project.id });
   * ```
   */
  live<T>(read: () => Promise<T>, given?: { project?: Id }): Live<T> {
    callable("read", read);
    const { project, ...rest } = options(given);
    none(rest);
    if (project !== undefined) text("project", project);
    return this.#store.live(project, async () => {
      try {
        return await read();
      } catch (error) {
        return unreadable(error);
      }
    });
  }

  /**
   * Who carries out a plan, kept current, as {@link Plan.liveLease} has it. No project is loaded for
   * it, so it fits a list of all that can go on.
   *
   * @example
   * ```ts
   * const leases = (await hp.listResumable()).map(({ project, id }) => hp.liveLease(project, id));
   * ```
   */
  liveLease(project: Id, plan: Id): Live<LeaseView | null> {
    return liveLease(this.#store, text("project", project), text("plan", plan));
  }

  /**
   * Closes it: runs end, listeners hear no more, and later calls are refused as `CLOSED`. What is on
   * its way still ends.
   *
   * @example
   * ```ts
   * hp.close();
   * ```
   */
  close(): void {
    this.#store.close();
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

function unreadable(error: unknown): never {
  if (isHoldpointError(error)) throw error;
  throw new HoldpointError(
    "INVALID_INPUT",
    `read is not valid: expected a function that reads, found one that fails: ${messageOf(error)}`,
    { details: { field: "read" }, cause: error },
  );
}
