/**
 * A store, opened. Commands change, queries read, subscriptions tell. Calls may overlap; await one
 * on a project before you rely on its result.
 */
export class Holdpoint {
  private constructor();
  /** Opens a store; a database that isn't there is made. */
  static open(options?: OpenOptions): Promise<Holdpoint>;
  /** Carries out any command. Repeated with the same request id it is applied once. */
  execute(request: Request): Promise<Receipt>;
  /** Says what a command would come to, and changes nothing. */
  preview(project: Id, command: Command): Promise<Preview>;
  /** Reads. */
  query<Q extends Query>(query: Q): Promise<Answer<Q>>;
  /** Hears of every commit from now on, this tab's and other tabs', of one project or of all. */
  subscribe(listener: (notice: Notice) => void, project?: Id): Promise<Subscription>;
  /** Archives cold context, takes a checkpoint and holds all work, in one commit. */
  pause(project: Id, reason?: string): Promise<PauseReport>;
  /** Lets a paused project go on; with a checkpoint, after a rollback to it in the same commit. */
  resume(project: Id, checkpoint?: Id): Promise<ResumeReport>;
  /** Makes a project with one plan of a trajectory's JSON text, as SWE-agent writes it; at most 64 MiB. */
  importTrajectory(text: string, fileName: string): Promise<Imported>;
  /** Plays the next step of an imported trajectory: starts it and completes it with what was recorded. */
  playStep(project: Id, plan: Id): Promise<Played>;
  /**
   * Keeps a plan for this store, so that nobody else who asks executes it at the same time.
   * Refused as `PLAN_CLAIMED` if somebody has it, another call of this store's included; `details`
   * say who.
   */
  claim(project: Id, plan: Id, options?: ClaimOptions): Promise<Claim>;
  /**
   * Begins to export projects to a bundle, or the whole store: the bytes come from the export, piece
   * by piece, uncompressed. Each project as it is now; others may go on meanwhile.
   */
  export(projects?: Id[]): Promise<Export>;
  /**
   * Begins to import a bundle: the bytes go into the import, piece by piece, decompressed, and its
   * `finish` puts all of it into the store, or nothing.
   */
  import(options?: ImportOptions): Promise<Import>;
  /** Closes the storage; later calls are refused as `CLOSED`. Release claims before. */
  close(): void;
  /** Lets go of the memory that wasm keeps for it; done by itself when it is garbage. */
  free(): void;
}

/**
 * A plan that is claimed. It ends when it is released or garbage, when somebody takes it over, and
 * with the tab.
 */
export class Claim {
  private constructor();
  readonly project: Id;
  readonly plan: Id;
  /** The actor of `open`. */
  readonly holder: string;
  readonly worker: Id;
  readonly taken_at: Time;
  readonly expires_at: Time;
  /** Whether it is time to renew it: a third of its time has gone by. */
  readonly is_due: boolean;
  /** Makes its time begin anew. Refused as `PLAN_CLAIMED` if it is over; `details` say who has it. */
  renew(): Promise<void>;
  /** Gives the plan back. One that was lost in between is no error. */
  release(): Promise<void>;
  free(): void;
}

/**
 * A bundle on its way out of a store. Calls may overlap: each has its turn after those before it.
 *
 *     const bundle = new ReadableStream({
 *       async pull(to) {
 *         const piece = await exported.next();
 *         piece ? to.enqueue(piece) : to.close();
 *       },
 *       cancel: () => exported.cancel(),
 *     });
 *     const file = bundle.pipeThrough(new CompressionStream("gzip"));
 */
export class Export {
  private constructor();
  /**
   * The next piece, of 256 KiB or, at the end, less; `undefined` after the last one. Refused as
   * `REMOVED` or `CHANGED` if a project, or a text in it, was removed for good meanwhile, and as
   * `CORRUPT` if something is damaged: what came before is worth nothing then.
   */
  next(): Promise<Uint8Array | undefined>;
  /** As it was after the newest piece. */
  progress(): ExportProgress;
  /** Ends it: every call that waits or comes later is refused as `CANCELLED`. */
  cancel(): void;
  free(): void;
}

/**
 * A bundle on its way into a store. Nothing is written before `finish`. Calls may overlap: each has
 * its turn after those before it.
 */
export class Import {
  private constructor();
  /**
   * Takes the next bytes, decompressed; leave them as they are until the promise is settled.
   * Refused as `BUNDLE_INVALID`, `BUNDLE_TOO_LARGE` or `TOO_NEW` (`details.line` says where), as
   * `PROJECT_EXISTS` or `REMOVED`. After that the import is over: every further call says so again.
   */
  push(chunk: Uint8Array): Promise<void>;
  /**
   * Says of how many compressed bytes, in all so far, the next chunk comes, so that a bundle that
   * grows beyond measure is refused: the last thing before `push`. Throws `INVALID_INPUT`.
   */
  compressed(bytes: number): void;
  progress(): ImportProgress;
  /**
   * There are no more bytes: puts all projects of the bundle into the store, or none. It may be
   * called once; every later call is refused as `CLOSED`. `OUTCOME_UNKNOWN`: import again, and
   * `PROJECT_EXISTS` says that it had happened.
   */
  finish(): Promise<ImportReport>;
  /**
   * Ends it: nothing of it is in the store, and every call that waits or comes later is refused as
   * `CANCELLED`. Once `finish` has begun it is too late, and what that gives is what has happened.
   */
  cancel(): void;
  free(): void;
}

export class Subscription {
  private constructor();
  /** Ends it; the listener is not called any more. */
  close(): void;
  free(): void;
}

/** How much goes to the console: `warn` unless it is set. Never the content of a text. */
export function setLogLevel(level: LogLevel): void;
