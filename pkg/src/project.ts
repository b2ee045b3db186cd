import { type CommandOptions, type Preview, type Receipt, type Store } from "./store.js";
import { looking } from "./error.js";
import { fromJsonText } from "./json.js";
import type { Live, LiveState } from "./live.js";
import { list, type ListOptions } from "./lists.js";
import { Plan, readPlan, report, some } from "./plan.js";
import { onEvent, type EventListener, type EventName } from "./events.js";
import { exportBundle, type ExportOptions } from "./bundles.js";
import { callable, flag, none, notNull, options } from "./request.js";
import { exportHistory, type ExportHistoryOptions, type HistoryFilter } from "./history.js";
import type { Id, Point } from "./types/basics.js";
import type {
  Command,
  NewCheckpoint,
  NewItem,
  NewPlan,
  RetentionPolicy,
} from "./types/commands.js";
import type { CheckpointRow, Page, PlanRow } from "./types/lists.js";
import type {
  ArchiveReport,
  Outcome,
  PauseReport,
  ResumeReport,
  RetentionReport,
  RollbackReport,
} from "./types/reports.js";
import type {
  CheckpointView,
  Diff,
  FoundEntry,
  ItemDetail,
  ItemView,
  ProjectView,
  Statistics,
  VerifyReport,
} from "./types/views.js";

/** Which context items are asked for. */
export interface ContextFilter {
  agent?: string;
  plan?: Id;
  /** Only those that are archived, or only those that aren't. */
  archived?: boolean;
  /** As it was at a point in the past. */
  at?: Point;
  /** Where to go on: `next` of the page before. */
  after?: number | null;
  /** How many at most: 1 to 10,000; 500 unless it is given. */
  limit?: number;
  /** With their texts: a page then ends where these would have more than 8 MiB. */
  texts?: boolean;
}

/** Which checkpoints are asked for. */
export interface CheckpointFilter extends ListOptions {
  /** Those of this plan. */
  plan?: Id;
}

/**
 * A project: the unit of pausing, with plans, agents' context and checkpoints, and one history.
 *
 * Its methods are commands, which change it, each in one commit, and give what came of it; queries,
 * which read it; and what keeps you up to date: `getSnapshot`, `subscribe` and `on`.
 *
 * Calls may overlap: each project has a queue. Await one before you rely on its result.
 *
 * @example
 * ```ts
 * const project = await hp.createProject({ name: "Site redesign" });
 * const plan = await project.createPlan({ request: "Add sign-in", steps: ["design", "code"] });
 * const report = await project.pause({ reason: "deploy tonight" });
 * ```
 */
export class Project {
  readonly #store: Store;
  readonly #live: Live<ProjectView>;
  // As it was when there was something to read: what is gone leaves its last view.
  #last!: ProjectView;

  /** @internal */
  constructor(store: Store, id: Id) {
    this.#store = store;
    this.id = id;
    this.#live = store.live(id, () => store.read<ProjectView>({ type: "project", project: id }));
  }

  /** Its id. */
  readonly id: Id;

  // --- Pausing.

  /**
   * Archives cold context, takes a checkpoint and holds all work, in one commit. A step that is
   * under way may still record its result. Pausing again is harmless: it gives the first report,
   * with `alreadyPaused`.
   *
   * @example
   * ```ts
   * const { checkpointId, tokensBefore, tokensAfter } = await project.pause({ reason: "lunch" });
   * ```
   */
  async pause(given?: CommandOptions & { reason?: string }): Promise<PauseReport> {
    const { reason, ...how } = options(given);
    return this.#execute({ type: "pause", ...some({ reason }) }, how);
  }

  /**
   * Lets it go on from where the pause stopped; with a checkpoint, after a rollback to that in the
   * same commit. With `dryRun` nothing changes, and you get the same report.
   *
   * @example
   * ```ts
   * await project.resume();
   *
   * const preview = await project.resume({ checkpoint, dryRun: true });
   * if (confirm(preview.rollback.paths.join("\n"))) {
   *   await project.resume({ checkpoint, ...preview.confirm });
   * }
   * ```
   */
  resume(
    options: CommandOptions & { checkpoint?: Id; dryRun: true },
  ): Promise<Preview<ResumeReport>>;
  resume(options?: CommandOptions & { checkpoint?: Id; dryRun?: false }): Promise<ResumeReport>;
  async resume(
    given?: CommandOptions & { checkpoint?: Id; dryRun?: boolean },
  ): Promise<ResumeReport | Preview<ResumeReport>> {
    const { checkpoint, dryRun, ...how } = options(given);
    flag("dryRun", dryRun);
    const command: Command = { type: "resume", ...some({ checkpoint }) };
    return dryRun
      ? this.#store.preview(this.id, command, how, report<ResumeReport>)
      : this.#execute(command, how);
  }

  // --- Its course.

  /**
   * Begins to plan a project that was created as `init`.
   *
   * @example
   * ```ts
   * await project.beginPlanning();
   * ```
   */
  async beginPlanning(options?: CommandOptions): Promise<void> {
    return this.#do({ type: "plan_project" }, options);
  }

  /**
   * Starts it, if it wasn't created `active`; also again after it was stopped.
   *
   * @example
   * ```ts
   * await project.start();
   * ```
   */
  async start(options?: CommandOptions): Promise<void> {
    return this.#do({ type: "start_project" }, options);
  }

  /**
   * Ends all work on it until it is started again. The result of a step that is under way is
   * refused; `pause` would have taken it.
   *
   * @example
   * ```ts
   * await project.stop({ reason: "out of budget" });
   * ```
   */
  async stop(given?: CommandOptions & { reason?: string }): Promise<void> {
    const { reason, ...how } = options(given);
    return this.#do({ type: "stop_project", ...some({ reason }) }, how);
  }

  /**
   * Completes it, for good. Refused as `PLANS_UNFINISHED` while a plan is.
   *
   * @example
   * ```ts
   * await project.complete();
   * ```
   */
  async complete(options?: CommandOptions): Promise<void> {
    return this.#do({ type: "complete_project" }, options);
  }

  /**
   * Gives it another name.
   *
   * @example
   * ```ts
   * await project.rename("Site redesign, second try");
   * ```
   */
  async rename(name: string, options?: CommandOptions): Promise<void> {
    return this.#do({ type: "rename_project", name }, options);
  }

  /**
   * Deletes it with all that belongs to it. Nobody who still has it open can bring it back.
   *
   * @example
   * ```ts
   * await project.delete();
   * ```
   */
  async delete(options?: CommandOptions): Promise<void> {
    return this.#do({ type: "delete_project" }, options);
  }

  /**
   * A new project of this one as it is now, or as it was at a point in its past.
   *
   * @example
   * ```ts
   * const copy = await project.fork({ at: checkpointId, name: "another way" });
   * ```
   */
  async fork(given?: CommandOptions & { at?: Point; name?: string }): Promise<Project> {
    const { at, name, ...how } = options(given);
    const command: Command = { type: "fork_project", source: this.id, ...some({ at, name }) };
    const { project } = await this.#store.execute(undefined, command, how);
    return new Project(this.#store, project).load();
  }

  // --- Plans.

  /**
   * Makes a plan. With steps it can be run at once; without, it is planned first: see
   * {@link Plan.submit}.
   *
   * @example
   * ```ts
   * const plan = await project.createPlan({
   *   request: "Add sign-in",
   *   steps: ["design", { title: "code", input: { language: "TypeScript" } }],
   *   settings: { gates: { review: true } },
   * });
   * ```
   */
  async createPlan<Input = unknown, Output = unknown>(
    plan: NewPlan<Input>,
    options?: CommandOptions,
  ): Promise<Plan<Input, Output>> {
    const made = await this.#execute<{ plan: Id }>({ type: "create_plan", plan }, options);
    return this.plan(made.plan);
  }

  /**
   * A plan that is there. Refused as `PLAN_NOT_FOUND` if there is none of this id.
   *
   * @example
   * ```ts
   * const { items } = await project.listPlans();
   * const plan = await project.plan(items[0].id);
   * ```
   */
  async plan<Input = unknown, Output = unknown>(id: Id): Promise<Plan<Input, Output>> {
    const live = this.#store.live(this.id, () => readPlan(this.#store, this.id, id));
    return new Plan<Input, Output>(this.#store, this, id, live).load();
  }

  /**
   * Its plans, in the order in which they were made.
   *
   * @example
   * ```ts
   * const { items, next } = await project.listPlans({ unfinished: true });
   * ```
   */
  async listPlans(given?: ListOptions & { unfinished?: boolean }): Promise<Page<PlanRow>> {
    const { unfinished, ...page } = options(given);
    return list(this.#store, { type: "plans", project: this.id, ...some({ unfinished }) }, page);
  }

  // --- Context.

  /**
   * Adds context items, in one commit; their ids, in the same order.
   *
   * @example
   * ```ts
   * await project.addContext({ agent: "coder", kind: "task", text: "Never touch main" });
   * ```
   */
  async addContext(items: NewItem | readonly NewItem[], options?: CommandOptions): Promise<Id[]> {
    const isList = looking("items", () => Array.isArray(items));
    const all = isList ? (items as readonly NewItem[]) : [items as NewItem];
    const added = await this.#execute<{ items: Id[] }>(
      { type: "add_context", items: all },
      options,
    );
    return added.items;
  }

  /**
   * Its context items, in the order in which they were added.
   *
   * @example
   * ```ts
   * const { items } = await project.listContext({ agent: "coder", archived: false });
   * const prompt = (await project.listContext({ agent: "coder", archived: false, texts: true })).items;
   * ```
   */
  async listContext(given: ContextFilter & { texts: true }): Promise<Page<ItemDetail, number>>;
  async listContext(given?: ContextFilter): Promise<Page<ItemView, number>>;
  async listContext(given?: ContextFilter): Promise<Page<ItemView, number>> {
    const { after, texts: bodies, ...filter } = options(given);
    const page = await this.#store.read<Page<ItemView & { body?: string | null }, number>>({
      type: "context",
      project: this.id,
      ...some({ ...filter, bodies }),
      ...(after != null && { after }),
    });
    if (bodies !== true) return page;
    const items = page.items.map(({ body, ...item }) => ({ ...item, text: body ?? null }));
    return { ...page, items };
  }

  /**
   * A context item with its text, which is `null` if it was removed for good.
   *
   * @example
   * ```ts
   * const { text, tier } = await project.item(id);
   * ```
   */
  async item(id: Id, given?: { at?: Point }): Promise<ItemDetail> {
    const { at, ...rest } = options(given);
    none(rest);
    const { body, ...item } = await this.#store.read<ItemView & { body: string | null }>({
      type: "item",
      project: this.id,
      item: id,
      ...some({ at }),
    });
    return { ...item, text: body };
  }

  /**
   * Notes that items were used: an id for each use. Many uses are best told together.
   *
   * @example
   * ```ts
   * await project.touchItems(usedInThisPrompt);
   * ```
   */
  async touchItems(items: readonly Id[], options?: CommandOptions): Promise<void> {
    return this.#do({ type: "touch_items", items }, options);
  }

  /**
   * Pins items: they stay hot, and no pause archives them.
   *
   * @example
   * ```ts
   * await project.pinItems([id]);
   * ```
   */
  async pinItems(items: readonly Id[], options?: CommandOptions): Promise<void> {
    return this.#do({ type: "pin_items", items }, options);
  }

  /**
   * Takes that back.
   *
   * @example
   * ```ts
   * await project.unpinItems([id]);
   * ```
   */
  async unpinItems(items: readonly Id[], options?: CommandOptions): Promise<void> {
    return this.#do({ type: "unpin_items", items }, options);
  }

  /**
   * Takes items out of the active context. They can be listed, and brought back.
   *
   * @example
   * ```ts
   * const { tokensAfter } = await project.archiveItems(ids);
   * ```
   */
  async archiveItems(items: readonly Id[], options?: CommandOptions): Promise<ArchiveReport> {
    return this.#execute({ type: "archive_items", items }, options);
  }

  /**
   * Brings archived items back.
   *
   * @example
   * ```ts
   * await project.restoreItems(ids);
   * ```
   */
  async restoreItems(items: readonly Id[], options?: CommandOptions): Promise<void> {
    return this.#do({ type: "restore_items", items }, options);
  }

  /**
   * Archives the cold items of agents who have reached 80 % of their limit, or, with `force`, of
   * all; or of one agent.
   *
   * @example
   * ```ts
   * const { itemsArchived } = await project.flashSave({ agent: "coder", force: true });
   * ```
   */
  async flashSave(
    given?: CommandOptions & { agent?: string; force?: boolean },
  ): Promise<ArchiveReport> {
    const { agent, force, ...how } = options(given);
    return this.#execute({ type: "flash_save", ...some({ agent, force }) }, how);
  }

  /**
   * Sets how many tokens of context an agent has.
   *
   * @example
   * ```ts
   * await project.setAgent("coder", { tokenLimit: 100_000 });
   * ```
   */
  async setAgent(agent: string, given: CommandOptions & { tokenLimit: number }): Promise<void> {
    const { tokenLimit, ...how } = options(given);
    return this.#do({ type: "set_agent", agent, tokenLimit }, how);
  }

  /**
   * Removes an item's text for good: a secret that got into it, say. Everything in the project that
   * has the same text loses it; the digest and who removed it stay on record.
   *
   * @example
   * ```ts
   * await project.redactItem(id, { reason: "an API key" });
   * ```
   */
  async redactItem(
    item: Id,
    given?: CommandOptions & { reason?: string },
  ): Promise<{ digest: string }> {
    const { reason, ...how } = options(given);
    return this.#execute({ type: "redact_item", item, ...some({ reason }) }, how);
  }

  /**
   * Removes a text for good by its digest, as the history shows it: one that a rollback has taken
   * out of sight, say.
   *
   * @example
   * ```ts
   * await project.redactBody(digest, { reason: "an API key" });
   * ```
   */
  async redactBody(
    digest: string,
    given?: CommandOptions & { reason?: string },
  ): Promise<{ digest: string }> {
    const { reason, ...how } = options(given);
    return this.#execute({ type: "redact_body", digest, ...some({ reason }) }, how);
  }

  // --- Checkpoints.

  /**
   * Takes a checkpoint of the project as it is now; its id. It costs the same however much there is.
   *
   * @example
   * ```ts
   * const id = await project.createCheckpoint({ name: "before the merge", data: { commit: "4f2a" } });
   * ```
   */
  async createCheckpoint(checkpoint: NewCheckpoint, options?: CommandOptions): Promise<Id> {
    const made = await this.#execute<{ checkpoint: Id }>(
      { type: "create_checkpoint", checkpoint },
      options,
    );
    return made.checkpoint;
  }

  /**
   * Its checkpoints, or a plan's, the newest first.
   *
   * @example
   * ```ts
   * const { items, next } = await project.listCheckpoints({ limit: 20 });
   * ```
   */
  async listCheckpoints(given?: CheckpointFilter): Promise<Page<CheckpointRow>> {
    const { plan, ...page } = options(given);
    return list(
      this.#store,
      { type: "checkpoints", project: this.id, newestFirst: true, ...some({ plan }) },
      page,
    );
  }

  /**
   * A checkpoint with all that was noted when it was taken. `Data` is what its `data` is.
   *
   * @example
   * ```ts
   * const { data, figures } = await project.checkpoint<{ commit: string }>(id);
   * ```
   */
  async checkpoint<Data = unknown>(id: Id): Promise<CheckpointView<Data>> {
    const { data, ...rest } = await this.#store.read<
      Omit<CheckpointView, "data"> & { data: string | null }
    >({ type: "checkpoint", project: this.id, checkpoint: id });
    return { ...rest, data: fromJsonText(data) as Data | null };
  }

  /**
   * Keeps a checkpoint whatever the policy says.
   *
   * @example
   * ```ts
   * await project.pinCheckpoint(id);
   * ```
   */
  async pinCheckpoint(checkpoint: Id, options?: CommandOptions): Promise<void> {
    return this.#do({ type: "pin_checkpoint", checkpoint, pinned: true }, options);
  }

  /**
   * Takes that back.
   *
   * @example
   * ```ts
   * await project.unpinCheckpoint(id);
   * ```
   */
  async unpinCheckpoint(checkpoint: Id, options?: CommandOptions): Promise<void> {
    return this.#do({ type: "pin_checkpoint", checkpoint, pinned: false }, options);
  }

  /**
   * Sets how many checkpoints are kept; older ones go by themselves with the next one.
   *
   * @example
   * ```ts
   * await project.setRetention({ perPlan: 20, ofProject: 50 });
   * ```
   */
  async setRetention(policy: RetentionPolicy, options?: CommandOptions): Promise<void> {
    return this.#do({ type: "set_retention", policy }, options);
  }

  /**
   * Lets checkpoints go now, by the project's own policy or by another one. With `dryRun` nothing
   * changes, and you get the same report.
   *
   * @example
   * ```ts
   * const { pruned } = await project.applyRetention({ policy: { perPlan: 5, ofProject: 5 }, dryRun: true });
   * ```
   */
  applyRetention(
    options: CommandOptions & { policy?: RetentionPolicy; dryRun: true },
  ): Promise<Preview<RetentionReport>>;
  applyRetention(
    options?: CommandOptions & { policy?: RetentionPolicy; dryRun?: false },
  ): Promise<RetentionReport>;
  async applyRetention(
    given?: CommandOptions & { policy?: RetentionPolicy; dryRun?: boolean },
  ): Promise<RetentionReport | Preview<RetentionReport>> {
    const { policy, dryRun, ...how } = options(given);
    flag("dryRun", dryRun);
    const command: Command = { type: "apply_retention", ...some({ policy }) };
    return dryRun
      ? this.#store.preview(this.id, command, how, report<RetentionReport>)
      : this.#execute(command, how);
  }

  /**
   * Puts all plans and context items back to how they were at a checkpoint. It is a new entry, so
   * it can itself be undone: roll back to the `safetyCheckpoint` of the report. With `dryRun`
   * nothing changes, and you get the same report.
   *
   * @example
   * ```ts
   * const preview = await project.rollback(id, { dryRun: true });
   * if (confirm(preview.paths.join("\n"))) await project.rollback(id, preview.confirm);
   * ```
   */
  rollback(
    checkpoint: Id,
    options: CommandOptions & { reason?: string; dryRun: true },
  ): Promise<Preview<RollbackReport>>;
  rollback(
    checkpoint: Id,
    options?: CommandOptions & { reason?: string; dryRun?: false },
  ): Promise<RollbackReport>;
  async rollback(
    checkpoint: Id,
    given?: CommandOptions & { reason?: string; dryRun?: boolean },
  ): Promise<RollbackReport | Preview<RollbackReport>> {
    const { reason, dryRun, ...how } = options(given);
    flag("dryRun", dryRun);
    const command: Command = { type: "rollback_project", checkpoint, ...some({ reason }) };
    return dryRun
      ? this.#store.preview(this.id, command, how, report<RollbackReport>)
      : this.#execute(command, how);
  }

  // --- Its past.

  /**
   * What differs between two points of its past, or between one and now.
   *
   * @example
   * ```ts
   * const { changes } = await project.diff(checkpointId);
   * for (const { path, before, after } of changes) console.log(path, before, after);
   * ```
   */
  async diff(from: Point, to?: Point): Promise<Diff> {
    notNull("to", "a point", to);
    return this.#store.read({ type: "diff", project: this.id, from, ...some({ to }) });
  }

  /**
   * Who did what when. A page may be empty though more come later: go on as long as there is a
   * `next`.
   *
   * @example
   * ```ts
   * const { items, next } = await project.history({ actor: "ana", newestFirst: true });
   * ```
   */
  async history(given?: HistoryFilter): Promise<Page<FoundEntry, number>> {
    const { after, ...filter } = options(given);
    const from = filter.newestFirst ? "before" : "after";
    const { entries, next } = await this.#store.read<{
      entries: FoundEntry[];
      next: number | null;
    }>({
      type: "find_entries",
      project: this.id,
      ...some(filter),
      ...(after != null && { [from]: after }),
    });
    return { items: entries, next };
  }

  /**
   * The same, entry by entry.
   *
   * @example
   * ```ts
   * for await (const entry of project.entries()) lines.push(JSON.stringify(entry));
   * ```
   */
  async *entries(
    filter?: Omit<HistoryFilter, "after">,
  ): AsyncGenerator<FoundEntry, void, undefined> {
    let after: number | null = null;
    do {
      const page: Page<FoundEntry, number> = await this.history({ ...options(filter), after });
      yield* page.items;
      after = page.next;
    } while (after !== null);
  }

  /**
   * The same as a file of JSON lines, made as it is read: each line an entry with its project, oldest
   * first, as `holdpoint history --json-lines` writes it, with names as in the journal.
   *
   * @example
   * ```ts
   * const blob = await new Response(project.exportHistory({ actor: "ana" })).blob();
   * ```
   */
  exportHistory(options?: ExportHistoryOptions): ReadableStream<Uint8Array<ArrayBuffer>> {
    return exportHistory(this.#store, this.id, options);
  }

  /**
   * It in figures: plans by state, steps, checkpoints, context agent by agent and by tier, bytes.
   *
   * @example
   * ```ts
   * const { totals, sizes, agents } = await project.statistics();
   * ```
   */
  async statistics(): Promise<Statistics> {
    return this.#store.read({ type: "statistics", project: this.id });
  }

  /**
   * Checks its history from the first entry to the last, its snapshots, rows and texts.
   *
   * @example
   * ```ts
   * const { clean, findings } = await project.verify();
   * ```
   */
  async verify(): Promise<VerifyReport> {
    return this.#store.read({ type: "verify", project: this.id });
  }

  /**
   * Exports it to a bundle: see {@link Holdpoint.exportBundle}.
   *
   * @example
   * ```ts
   * const blob = await new Response(project.exportBundle({ gzip: true })).blob();
   * ```
   */
  exportBundle(given?: Omit<ExportOptions, "projects">): ReadableStream<Uint8Array<ArrayBuffer>> {
    return exportBundle(this.#store, { ...options(given), projects: [this.id] });
  }

  // --- As data.

  /**
   * Carries out any command, given as data.
   *
   * @example
   * ```ts
   * await project.execute({ type: "rename_project", name: "Another" });
   * ```
   */
  async execute(command: Command, options?: CommandOptions): Promise<Receipt> {
    return this.#store.execute(this.id, command, options);
  }

  /**
   * Says what any command would come to, and changes nothing.
   *
   * @example
   * ```ts
   * const preview = await project.preview({ type: "pause" });
   * await project.execute({ type: "pause" }, preview.confirm);
   * ```
   */
  async preview(
    command: Command,
    options?: CommandOptions,
  ): Promise<Preview<{ outcome: Outcome }>> {
    return this.#store.preview(this.id, command, options, (outcome: Outcome) => ({ outcome }));
  }

  // --- Reading it, and keeping up to date.

  /**
   * The project as it is now, or as it was at a point of its past.
   *
   * @example
   * ```ts
   * const { status, pause, planList } = await project.get();
   * ```
   */
  async get(given?: { at?: Point }): Promise<ProjectView> {
    const { at, ...rest } = options(given);
    none(rest);
    return at === undefined
      ? this.refresh()
      : this.#store.read({ type: "project", project: this.id, at });
  }

  /**
   * The project as it was last read: when this handle was made, by `get`, after each command of this
   * handle, and, while somebody is subscribed, after every commit of this tab and all others. What hasn't changed is the same
   * object, so it fits `useSyncExternalStore`.
   *
   * @example
   * ```ts
   * const { status, plansCompleted, plans } = project.getSnapshot();
   * ```
   */
  getSnapshot = (): ProjectView => this.#live.getState().data ?? this.#last;

  /**
   * Calls back when the snapshot is another one. What it returns ends that.
   *
   * @example
   * ```ts
   * const stop = project.subscribe(() => render(project.getSnapshot()));
   * ```
   */
  subscribe = (listener: () => void): (() => void) => {
    callable("listener", listener);
    return this.#live.subscribe(listener);
  };

  /**
   * Calls back for single events of this project: of one type, or all by `"event"`. What it returns
   * ends that.
   *
   * @example
   * ```ts
   * const stop = project.on("step_completed", ({ plan, step }) => toast(`Step ${step} is done`));
   * ```
   */
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): () => void {
    return onEvent(this.#store, this.id, name, listener);
  }

  /** @internal */
  watch = (moved: () => void): (() => void) => this.#store.hub.watch(this.id, moved);

  /** @internal */
  getState = (): LiveState<ProjectView> => this.#live.getState();

  /** @internal */
  async refresh(): Promise<ProjectView> {
    return (this.#last = await this.#live.refresh());
  }

  /** @internal */
  async load(): Promise<this> {
    await this.refresh();
    return this;
  }

  async #execute<R>(command: Command, how?: CommandOptions): Promise<R> {
    const receipt = await this.#store.execute(this.id, command, how);
    // Who reads the snapshot next sees what they have done.
    if (command.type !== "delete_project") await this.refresh().catch(() => undefined);
    return report<R>(receipt.outcome);
  }

  async #do(command: Command, how?: CommandOptions): Promise<void> {
    await this.#execute(command, how);
  }
}
