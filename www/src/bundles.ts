import type { Export, ExportProgress, ImportReport } from "#wasm";
import { PageError, problemOf } from "./problem";
import { holdpoint } from "./store";
import { number } from "./text";

/** Copies of projects in files: made here, and taken in. */

/** Projects, or all there is, piece by piece; each piece is asked for when the last one is kept. */
export async function* piecesOf(
  projects: string[] | undefined,
  tell: (progress: ExportProgress) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const copy: Export = await holdpoint().export(projects);
  try {
    for (;;) {
      const piece = await copy.next();
      if (!piece) return;
      tell(copy.progress());
      // It has left the module: nobody else writes there.
      yield piece as Uint8Array<ArrayBuffer>;
    }
  } finally {
    copy.cancel();
    copy.free();
  }
}

const PLAIN_START = '{"type":"holdpoint_bundle"';
const GZIP_START = [0x1f, 0x8b];

/** What a file is, by its first bytes; nothing if it can't be read. */
export async function kindOf(file: File): Promise<"plain" | "compressed" | undefined> {
  const start = new Uint8Array(
    await file
      .slice(0, PLAIN_START.length)
      .arrayBuffer()
      .catch(() => new ArrayBuffer(0)),
  );
  if (GZIP_START.every((byte, index) => start[index] === byte)) return "compressed";
  return new TextDecoder().decode(start) === PLAIN_START ? "plain" : undefined;
}

export interface Way {
  asCopies: boolean;
  bringsBack: boolean;
}

/** Compressed bytes are taken in small parts: one may become a thousand times as large. */
const PART = 16 * 1024;

/**
 * Takes in a copy: all of it, or nothing. `tell` hears which share of the file was read, and 1 when
 * it is being put into the store, which can't be cancelled any more.
 */
export async function takeIn(
  file: File,
  way: Way,
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<ImportReport> {
  const isCompressed = (await kindOf(file)) === "compressed";
  const into = await holdpoint().import({ as_copies: way.asCopies, revive: way.bringsBack });
  try {
    const counted = { bytes: 0 };
    const told = teller(tell);
    const bytes = isCompressed ? inflated(file, counted, signal) : plain(file, counted, signal);
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      if (isCompressed) into.compressed(counted.bytes);
      await into.push(chunk);
      signal.throwIfAborted();
      told(counted.bytes / Math.max(file.size, 1));
    }
    // A file that wasn't read to its end looks like one that has ended.
    signal.throwIfAborted();
    tell(1);
    return await into.finish();
  } finally {
    into.cancel();
    into.free();
  }
}

function teller(tell: (share: number) => void): (share: number) => void {
  let last = 0;
  return (share) => {
    if (performance.now() - last < 50) return;
    last = performance.now();
    // The whole is told when it is written.
    tell(Math.min(share, 0.99));
  };
}

async function* plain(
  file: File,
  counted: { bytes: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  // A file may be far away: nobody waits for it who has cancelled.
  signal.addEventListener("abort", () => void reader.cancel().catch(() => undefined));
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(unreadable);
      if (done) return;
      counted.bytes += value.length;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

async function* inflated(
  file: File,
  counted: { bytes: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (typeof DecompressionStream !== "function") {
    throw new PageError("NOT_DECOMPRESSED", "This browser can’t open compressed files.");
  }
  // Why the file couldn't be read: what comes out at the other end doesn't say it.
  let failure: unknown;
  const source = plain(file, counted, signal);
  let rest = new Uint8Array(0);
  const parts = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          if (rest.length === 0) {
            const { done, value } = await source.next();
            if (done) return controller.close();
            rest = value as Uint8Array<ArrayBuffer>;
          }
          controller.enqueue(rest.slice(0, PART));
          rest = rest.subarray(PART);
        } catch (error) {
          failure = error;
          controller.error(error);
        }
      },
      async cancel() {
        await source.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  const reader = parts.pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw failure ?? damaged(error, counted.bytes);
      });
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

const damaged = (error: unknown, bytes: number): PageError =>
  new PageError(
    "BUNDLE_INVALID",
    `expected a compressed file that is whole, found damage within its first ${number(bytes)} bytes: ${problemOf(error).message}`,
  );

function unreadable(error: unknown): never {
  throw new PageError("FILE_UNREADABLE", problemOf(error).message);
}
