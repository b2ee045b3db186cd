/** Bundles: projects on their way out of a store and into one, as streams of bytes. */
import type { Import as WasmImport } from "../wasm/holdpoint.js";
import { HoldpointError, invalidInput, isHoldpointError, looking } from "./error.js";
import { toCamel, toSnake } from "./names.js";
import { abortable, callable, flag, listed, none, options, text } from "./request.js";
import { messageOf } from "./step.js";
import type { Store } from "./store.js";
import { type FileOptions, streamOf } from "./streams.js";
import type { Id } from "./types/basics.js";
import type {
  BundleLimits,
  ExportProgress,
  ImportProgress,
  ImportReport,
} from "./types/bundles.js";

/** What is exported, and how. */
export interface ExportOptions extends FileOptions {
  /** Which projects; all there are unless it is given. */
  projects?: readonly Id[];
  /** Is told how far it has come, after each piece. */
  onProgress?: (progress: ExportProgress) => void;
}

/** How a bundle is imported. */
export interface ImportBundleOptions {
  /** Under new ids, beside the projects that are there. */
  asCopies?: boolean;
  /** Brings back projects that were deleted. */
  revive?: boolean;
  /** How much is read before it is refused as `BUNDLE_TOO_LARGE`; what isn't there is as by default. */
  limits?: Partial<BundleLimits>;
  /** Ends it, unless all of it was read: then it is too late. Nothing is in the store then. */
  signal?: AbortSignal;
  /** Is told how far it has come. */
  onProgress?: (progress: ImportProgress) => void;
}

/** What a bundle can come from: a file that was chosen, an answer of a server, a stream, bytes. */
export type BundleSource = Blob | Response | ReadableStream<Uint8Array> | ArrayBuffer | Uint8Array;

/** @internal A bundle, piece by piece; each is made when it is asked for. */
export function exportBundle(
  store: Store,
  given?: ExportOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { projects, onProgress, gzip, signal, ...rest } = options(given);
  none(rest);
  if (onProgress !== undefined) callable("onProgress", onProgress);
  const ids =
    projects && listed("projects", "ids", projects, (id, index) => text(`projects[${index}]`, id));
  const file = { ...(gzip !== undefined && { gzip }), ...(signal !== undefined && { signal }) };
  return streamOf(piecesOf(store, ids, onProgress), file);
}

async function* piecesOf(
  store: Store,
  projects: Id[] | undefined,
  onProgress: ((progress: ExportProgress) => void) | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const bundle = await store.call((inner) => inner.export(projects));
  try {
    for (;;) {
      const piece = await store.callOn(() => bundle.next());
      if (!piece) return;
      onProgress?.(toCamel(store.callSync(() => bundle.progress())) as ExportProgress);
      // It has left the module's memory: nobody else writes there.
      yield piece as Uint8Array<ArrayBuffer>;
    }
  } finally {
    bundle.cancel();
    bundle.free();
  }
}

/** Compressed bytes are taken in small parts: one may become a thousand times as large. */
const PART = 16 * 1024;
const GZIP = [0x1f, 0x8b];

/** @internal Takes a bundle in: all of it, or nothing. */
export async function importBundle(
  store: Store,
  source: BundleSource,
  given?: ImportBundleOptions,
): Promise<ImportReport> {
  const { signal, onProgress, asCopies, revive, limits, ...rest } = options(given);
  none(rest);
  flag("asCopies", asCopies);
  flag("revive", revive);
  abortable(signal);
  if (onProgress !== undefined) callable("onProgress", onProgress);
  const how = { asCopies, revive, limits };
  const bytes = readerOf(source);
  const into = await store.call((inner) =>
    inner.import(toSnake(how, "") as Parameters<typeof inner.import>[0]),
  );
  const counted = { bytes: 0 };
  const tell = (isFinishing: boolean): void => {
    if (!onProgress) return;
    const progress = toCamel(store.callSync(() => into.progress())) as ImportProgress;
    onProgress({ ...progress, sourceBytes: counted.bytes, isFinishing });
  };
  try {
    await pour(store, bytes, into, counted, signal, () => tell(false));
    // A stream that was cancelled looks like one that has ended.
    signal?.throwIfAborted();
    tell(true);
    return toCamel(await store.callOn(() => into.finish())) as ImportReport;
  } finally {
    into.cancel();
    into.free();
    void bytes.cancel().catch(() => undefined);
  }
}

async function pour(
  store: Store,
  bytes: ReadableStreamDefaultReader<Uint8Array>,
  into: WasmImport,
  counted: { bytes: number },
  signal: AbortSignal | undefined,
  tell: () => void,
): Promise<void> {
  // A source may be slow: nobody waits for it who has ended it.
  const abort = (): void => void bytes.cancel().catch(() => undefined);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const first = await pull(bytes);
    const isCompressed = first !== undefined && GZIP.every((byte, index) => first[index] === byte);
    const plain = following(first, bytes, counted, signal);
    for await (const chunk of isCompressed ? inflated(plain, counted) : plain) {
      signal?.throwIfAborted();
      if (isCompressed) store.callSync(() => into.compressed(counted.bytes));
      await store.callOn(() => into.push(chunk));
      tell();
    }
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

async function* following(
  first: Uint8Array | undefined,
  bytes: ReadableStreamDefaultReader<Uint8Array>,
  counted: { bytes: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let chunk = first; chunk !== undefined; chunk = await pull(bytes)) {
    signal?.throwIfAborted();
    counted.bytes += chunk.length;
    yield chunk;
  }
}

async function pull(
  bytes: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    const { done, value } = await bytes.read();
    if (done) return undefined;
    if (value instanceof Uint8Array) return value;
    throw invalidInput("source", "a stream of Uint8Array", value);
  } catch (error) {
    if (isHoldpointError(error)) throw error;
    throw new HoldpointError("FILE_UNREADABLE", `expected to read on, found: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** What was compressed, as it was before. */
async function* inflated(
  plain: AsyncGenerator<Uint8Array, void, undefined>,
  counted: { bytes: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof DecompressionStream !== "function") {
    throw new HoldpointError(
      "UNAVAILABLE",
      "expected DecompressionStream for a compressed bundle, found none: decompress it first",
    );
  }
  // Why it couldn't be read: what comes out at the other end doesn't say it.
  let failure: { error: unknown } | undefined;
  let rest = new Uint8Array(0);
  const parts = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          if (rest.length === 0) {
            const { done, value } = await plain.next();
            if (done) return controller.close();
            rest = value as Uint8Array<ArrayBuffer>;
          }
          controller.enqueue(rest.slice(0, PART));
          rest = rest.subarray(PART);
        } catch (error) {
          failure = { error };
          controller.error(error);
        }
      },
      async cancel() {
        await plain.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  const reader = parts.pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw failure?.error ?? damaged(error, counted.bytes);
      });
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

const damaged = (error: unknown, bytes: number): HoldpointError =>
  new HoldpointError(
    "BUNDLE_INVALID",
    `expected gzip data that is whole, found damage within its first ${bytes} bytes: ${messageOf(error)}`,
    { details: { byte: bytes }, cause: error },
  );

function readerOf(source: BundleSource): ReadableStreamDefaultReader<Uint8Array> {
  return looking("source", () => sourceStream(source).getReader());
}

function sourceStream(source: BundleSource): ReadableStream<Uint8Array> {
  if (source instanceof ReadableStream) return source;
  if (source instanceof Blob) return source.stream();
  if (source instanceof Response) {
    if (source.ok && source.body) return source.body;
    throw invalidInput("source", "a response with a body", `HTTP status ${source.status}`);
  }
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) {
    return new Blob([source as BlobPart]).stream();
  }
  throw invalidInput("source", "a Blob, a Response, a stream or bytes", source);
}
