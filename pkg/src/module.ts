/** The wasm module: found, compiled once, started; started afresh if it broke. */
import { HoldpointError, invalidInput, isHoldpointError } from "./error.js";
import { type ErrorCode, isErrorCode } from "./codes.js";
import { createGlue, type Glue } from "./glue.js";
import { camelPath } from "./names.js";
import type { LogLevel } from "./types/basics.js";

/** Where the module comes from: an address, its bytes, or itself, or a promise of one of these. */
export type ModuleInput = string | URL | Request | Response | BufferSource | WebAssembly.Module;

// Compiled once for all; a promise while that is under way.
let compiled: WebAssembly.Module | undefined;
let compiling: Promise<WebAssembly.Module> | undefined;
let current: Instance | undefined;
let logLevel: LogLevel | undefined;

/**
 * Loads the module. `Holdpoint.open` does it by itself; call it first to load it earlier, or from
 * another place than `holdpoint.wasm` beside this script. It may be called again: the first call
 * that succeeds is the one that counts.
 *
 * Rejects with `UNAVAILABLE` if the module can't be loaded.
 *
 * @example
 * ```ts
 * import wasmUrl from "holdpoint/holdpoint.wasm?url";   // Vite
 * await init(wasmUrl);
 * ```
 */
export async function init(input?: ModuleInput | Promise<ModuleInput>): Promise<void> {
  if (compiled === undefined) {
    compiling ??= compile(input).finally(() => (compiling = undefined));
    compiled ??= await compiling;
  }
  // Several may have waited: one starts it.
  if (current === undefined) start(await instantiate(compiled));
}

/**
 * The same at once, from the module or its bytes; for workers and tests, since browsers refuse to
 * compile something large so in a window.
 *
 * Throws `UNAVAILABLE` if the module can't be loaded.
 *
 * @example
 * ```ts
 * initSync(readFileSync(fileURLToPath(import.meta.resolve("holdpoint/holdpoint.wasm"))));
 * ```
 */
export function initSync(module: BufferSource | WebAssembly.Module): void {
  if (current !== undefined) return;
  try {
    compiled ??= module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
    const glue = createGlue();
    start({ glue, instance: new WebAssembly.Instance(compiled, glue.imports()) });
  } catch (error) {
    throw unavailable("expected the module or its bytes", error);
  }
}

/**
 * How much goes to the console: `warn` unless it is set. Never the content of a text.
 *
 * @example
 * ```ts
 * setLogLevel("debug");
 * ```
 */
export function setLogLevel(level: LogLevel): void {
  if (!["off", "error", "warn", "info", "debug"].includes(level)) {
    throw invalidInput("level", "off, error, warn, info or debug", level);
  }
  logLevel = level;
  current?.glue.setLogLevel(level);
}

/** @internal The module, running; loaded if it isn't yet, started afresh if it broke. */
export async function running(): Promise<Instance> {
  await init();
  if (current?.failure && compiled) start(await instantiate(compiled));
  return current!;
}

interface Started {
  glue: Glue;
  instance: WebAssembly.Instance;
}

async function instantiate(module: WebAssembly.Module): Promise<Started> {
  const glue = createGlue();
  return { glue, instance: await WebAssembly.instantiate(module, glue.imports()) };
}

function start({ glue, instance }: Started): void {
  if (current !== undefined && current.failure === undefined) return;
  const started = new Instance(glue);
  glue.start(started.guarded(instance.exports));
  if (logLevel !== undefined) glue.setLogLevel(logLevel);
  current = started;
}

/** @internal One running module. */
export class Instance {
  readonly glue: Glue;
  /** What it broke of. From then on nothing in it can be relied on. */
  failure: HoldpointError | undefined;
  /** How to reject the calls that wait: a module that broke settles none of them. */
  readonly #waiting = new Set<(error: HoldpointError) => void>();

  constructor(glue: Glue) {
    this.glue = glue;
  }

  /**
   * What comes of a call: as the module settles it, or `INTERNAL` if the module breaks before.
   * `begin` makes the call.
   */
  call<T>(begin: () => Promise<T>): Promise<T> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      const failed = (error: unknown): void => {
        this.#waiting.delete(reject);
        reject(this.#told(error));
      };
      try {
        begin().then((value) => {
          this.#waiting.delete(reject);
          resolve(value);
        }, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  /** The same for what answers at once. */
  callSync<T>(call: () => T): T {
    if (this.failure) throw this.failure;
    try {
      return call();
    } catch (error) {
      throw this.#told(error);
    }
  }

  /**
   * The module's functions, each watched: nothing that the module throws on purpose goes through
   * them, so what does is a trap (a panic, a stack that overflowed), after which the module's
   * memory is in no known state.
   */
  guarded(exports: WebAssembly.Exports): WebAssembly.Exports {
    return Object.fromEntries(
      Object.entries(exports).map(([name, value]) => [
        name,
        typeof value === "function" ? this.#guard(value as Call) : value,
      ]),
    );
  }

  #guard(call: Call): Call {
    return (...args) => {
      try {
        return call(...args);
      } catch (error) {
        this.#broke(error);
        throw error;
      }
    };
  }

  #broke(error: unknown): void {
    if (this.failure) return;
    // The module's own panic hook has settled what waits by now, with the panic's message; this is
    // for what comes later, and for traps that no hook hears of.
    this.failure = new HoldpointError(
      "INTERNAL",
      `a bug in Holdpoint, please report it: ${messageOf(error)}. ` +
        "Nothing acknowledged is lost; open the store again to go on",
      { cause: error },
    );
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    // The hook may be rejecting these just now; it knows more.
    queueMicrotask(() => {
      for (const reject of waiting) reject(this.failure!);
    });
  }

  #told(error: unknown): HoldpointError {
    if (this.failure && this.failure.cause === error) return this.failure;
    const told = toHoldpointError(error);
    // The panic hook's word comes a moment before the trap that follows it.
    if (told.code === "INTERNAL") this.failure ??= told;
    return told;
  }
}

type Call = (...args: unknown[]) => unknown;

/** @internal Whatever was caught, as what this package promises to throw. */
export function toHoldpointError(error: unknown): HoldpointError {
  if (error instanceof HoldpointError) return error;
  if (!(error instanceof Error) || !("code" in error) || !isErrorCode(error.code)) {
    return new HoldpointError(
      "INTERNAL",
      `a bug in Holdpoint, please report it: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  const details = "details" in error ? (error.details as Record<string, unknown>) : {};
  if (error.code !== "INVALID_INPUT" && error.code !== "TOO_LONG") {
    const advice = ADVICE[error.code];
    const message = advice === undefined ? error.message : `${error.message}. ${advice}`;
    return new HoldpointError(error.code, message, { details, cause: error });
  }
  return new HoldpointError(error.code, named(error.message), {
    details: namedDetails(details),
    cause: error,
  });
}

/** What to do, where the module's message says only what happened. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  QUOTA_EXCEEDED:
    "The browser gives this site no more room. Nothing was lost: make room, and do it again",
  UNAVAILABLE: 'Without it, open({ storage: "memory" }) works, and keeps nothing',
};

/** A place in a request, as the module calls it, is an argument here. */
const REQUEST = /\b(?:request\.command|request|query|options)\.([a-z][\w.[\]]*)/g;

/** Then what is in backticks are names of fields. */
const ABOUT_NAMES = /\b(?:unknown|missing) field\b/;

/** A message with names as they are here. */
function named(message: string, isOfNames = ABOUT_NAMES.test(message)): string {
  const told = message
    .replace(REQUEST, (_, path: string) => camelPath(path))
    .replace(/^(?:request|query|options) is not valid: /, "what was given is not valid: ")
    .replace(/^body is /, "text is ");
  // Those in backticks are names of fields here; otherwise they are values.
  return isOfNames ? told.replace(/`(\w+)`/g, (_, name: string) => `\`${camelPath(name)}\``) : told;
}

/** The same of what the message says as data, with the argument that it is about. */
function namedDetails(details: Record<string, unknown>): Record<string, unknown> {
  const { field } = details;
  const place =
    typeof details["found"] === "string" ? / at (\S+)$/.exec(details["found"])?.[1] : undefined;
  const isOfNames = ABOUT_NAMES.test(String(details["found"]));
  const path = place ?? (typeof field === "string" ? field : undefined);
  const made = Object.entries(details).map(([name, value]): [string, unknown] => [
    name,
    typeof value === "string" && name !== "field"
      ? named(value.replace(/ at \S+$/, ""), isOfNames)
      : value,
  ]);
  if (path !== undefined) {
    made.push([
      "field",
      path === "body"
        ? "text"
        : camelPath(path.replace(/^(?:request\.command|request|query|options)\./, "")),
    ]);
  }
  return Object.fromEntries(made);
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);

async function compile(input?: ModuleInput | Promise<ModuleInput>): Promise<WebAssembly.Module> {
  if (typeof WebAssembly !== "object") {
    throw new HoldpointError(
      "UNAVAILABLE",
      "expected WebAssembly, found none: this browser is too old, or it was switched off",
    );
  }
  try {
    const source = (await input) ?? new URL("./holdpoint.wasm", import.meta.url);
    if (source instanceof WebAssembly.Module) return source;
    if (isBytes(source)) return await WebAssembly.compile(source);
    if (source instanceof Response) return await stream(source);
    if (!(typeof source === "string" || source instanceof URL || source instanceof Request)) {
      throw invalidInput("input", "an address, bytes, a Response or a WebAssembly.Module", source);
    }
    const address = source instanceof URL ? source : new URL(urlOf(source), baseUrl());
    if (address.protocol === "file:") {
      const bytes = await readFile(address);
      if (bytes) return await WebAssembly.compile(bytes);
    }
    return await stream(await fetch(source));
  } catch (error) {
    if (isHoldpointError(error)) throw error;
    throw unavailable("expected the module", error);
  }
}

const urlOf = (source: string | Request): string =>
  typeof source === "string" ? source : source.url;

const baseUrl = (): string =>
  (globalThis.location as Location | undefined)?.href ?? import.meta.url;

function isBytes(source: unknown): source is BufferSource {
  return source instanceof ArrayBuffer || ArrayBuffer.isView(source);
}

/** Node fetches no files. Nothing where there is no Node. */
async function readFile(address: URL): Promise<BufferSource | undefined> {
  // Not an import: a bundler for browsers would look for the module.
  const node = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } })
    .process;
  const files = node?.getBuiltinModule?.("node:fs/promises") as
    { readFile(address: URL): Promise<BufferSource> } | undefined;
  return files?.readFile(address);
}

async function stream(response: Response): Promise<WebAssembly.Module> {
  const type = response.headers.get("Content-Type") ?? "no type";
  if (!response.ok || type.startsWith("text/html")) {
    throw new HoldpointError(
      "UNAVAILABLE",
      `expected holdpoint.wasm at ${response.url}, found ${response.ok ? type : `HTTP status ${response.status}`}. ` +
        "Serve the file there, or give its address to init(): the package's README says how for each bundler",
    );
  }
  if (type.startsWith("application/wasm") && typeof WebAssembly.compileStreaming === "function") {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

function unavailable(expected: string, error: unknown): HoldpointError {
  return new HoldpointError(
    "UNAVAILABLE",
    `${expected}, found none that runs: ${messageOf(error)}`,
    {
      cause: error,
    },
  );
}
