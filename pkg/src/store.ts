/** The store behind all handles: the module's class, with names and errors as they are here. */
import type {
  Answer as WasmAnswer,
  Holdpoint as WasmHoldpoint,
  Query as WasmQuery,
  Request as WasmRequest,
} from "../wasm/holdpoint.js";
import { HoldpointError } from "./error.js";
import { Hub } from "./hub.js";
import { Live } from "./live.js";
import type { Instance } from "./module.js";
import { toCamel, toSnake } from "./names.js";
import { withOwnIds } from "./own.js";
import { none, options, plain, toWasmCommand } from "./request.js";
import type { Id } from "./types/basics.js";
import type { Command } from "./types/commands.js";
import type { Outcome } from "./types/reports.js";

/** How a command is given, besides what it says. */
export interface CommandOptions {
  /**
   * The command's id, a ULID; a new one unless it is given. A command with an id that came before
   * is applied once, and answers the same again: give one to repeat a command safely.
   */
  commandId?: Id;
  /** Who gives it; the actor of `open` unless it is given. */
  actor?: string;
  /** Refused as `CHANGED` when this is no longer the project's newest revision. */
  expectedRevision?: number;
}

/** What came of a command. */
export interface Receipt<O extends Outcome = Outcome> {
  project: Id;
  revision: number;
  outcome: O;
}

/** What a command would come to: exactly this, or it is refused as `CHANGED`. */
export type Preview<Report> = Report & {
  /** Nothing was changed. */
  readonly dryRun: true;
  /** To have it done as it is shown here, give these options. */
  readonly confirm: Required<CommandOptions>;
};

/** @internal */
export interface Kind {
  readonly storage: "indexeddb" | "memory";
  readonly name: string;
  readonly actor: string;
  readonly durability: "strict" | "relaxed";
}

/** @internal */
export class Store {
  readonly kind: Kind;
  readonly hub: Hub;
  readonly #instance: Instance;
  readonly #inner: WasmHoldpoint;
  readonly #atClose = new Set<() => void>();
  #isClosed = false;

  constructor(instance: Instance, inner: WasmHoldpoint, kind: Kind) {
    this.kind = kind;
    this.hub = new Hub(instance, inner);
    this.#instance = instance;
    this.#inner = inner;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Throws `CLOSED` if it was. */
  checkOpen(): void {
    if (this.#isClosed) throw closed();
  }

  /** Makes a call on the module's class. */
  call<T>(begin: (inner: WasmHoldpoint) => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(closed());
    return this.#instance.call(() => begin(this.#inner));
  }

  /** The same on something else of the module's. */
  callOn<T>(begin: () => Promise<T>): Promise<T> {
    return this.#instance.call(begin);
  }

  /** The same of what answers at once. */
  callSync<T>(call: () => T): T {
    return this.#instance.callSync(call);
  }

  async execute<O extends Outcome>(
    project: Id | undefined,
    command: Command,
    given?: CommandOptions,
  ): Promise<Receipt<O>> {
    const request: WasmRequest = { ...asked(given), command: toWasmCommand(command) };
    if (project !== undefined) request.project = project;
    const receipt = await this.call((inner) => inner.execute(request));
    return toCamel(receipt) as Receipt<O>;
  }

  /** What a command would come to; `report` takes from the outcome what is told of it. */
  async preview<O extends Outcome, Report>(
    project: Id,
    command: Command,
    given: CommandOptions | undefined,
    report: (outcome: O) => Report,
  ): Promise<Preview<Report>> {
    const { actor, commandId, expectedRevision } = asking(given);
    if (commandId !== undefined || expectedRevision !== undefined) {
      const field = commandId === undefined ? "expectedRevision" : "commandId";
      throw new HoldpointError(
        "INVALID_INPUT",
        `${field} is not valid: expected none with dryRun, which gives both back in confirm`,
        { details: { field } },
      );
    }
    const wasm = toWasmCommand(command);
    const preview = await this.call((inner) => inner.preview(project, wasm));
    return {
      ...report(toCamel(preview.outcome) as O),
      dryRun: true,
      confirm: {
        commandId: preview.request.id!,
        actor: actor ?? preview.request.actor!,
        expectedRevision: preview.expected_revision,
      },
    };
  }

  /** Reads, and gives what the module says. */
  query<Q extends WasmQuery>(query: Q): Promise<WasmAnswer<Q>> {
    return this.call((inner) => inner.query(query));
  }

  /** Reads; `query` has names as they are here, and so has the answer. */
  async read<T>(query: { type: WasmQuery["type"]; [field: string]: unknown }): Promise<T> {
    const wasm = toSnake(plain("query", query), "") as WasmQuery;
    return withOwnIds(query.type, toCamel(await this.query(wasm))) as T;
  }

  /** Something read of a project, kept current. */
  live<T>(project: Id | undefined, ask: () => Promise<T>, known?: T): Live<T> {
    return new Live(ask, (moved) => this.hub.watch(project, moved), known);
  }

  /** Has something done when the store is closed; what it returns takes that back. */
  onClose(end: () => void): () => void {
    this.#atClose.add(end);
    return () => void this.#atClose.delete(end);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of [...this.#atClose]) end();
    this.hub.close();
    if (this.#instance.failure) return;
    this.#inner.close();
    // What is on its way has a share of its own in what is freed here.
    this.#inner.free();
  }
}

const closed = (): HoldpointError =>
  new HoldpointError("CLOSED", "expected an open store, found one that was closed");

/** Options that say how a command is given, and nothing else. */
function asking(given: CommandOptions | undefined): CommandOptions {
  const { commandId, actor, expectedRevision, ...rest } = options(given);
  none(rest);
  return {
    ...(commandId !== undefined && { commandId }),
    ...(actor !== undefined && { actor }),
    ...(expectedRevision !== undefined && { expectedRevision }),
  };
}

function asked(given: CommandOptions | undefined): Omit<WasmRequest, "command"> {
  const { commandId, actor, expectedRevision } = asking(given);
  return {
    ...(commandId !== undefined && { id: commandId }),
    ...(actor !== undefined && { actor }),
    ...(expectedRevision !== undefined && { expected_revision: expectedRevision }),
  };
}
