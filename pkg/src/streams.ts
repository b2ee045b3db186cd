/** Files on their way out: bytes that are made as they are read. */
import { HoldpointError } from "./error.js";
import { abortable, flag } from "./request.js";

/** How a file is made. */
export interface FileOptions {
  /** Compresses it. */
  gzip?: boolean;
  /** Ends it: the stream fails with the signal's reason. */
  signal?: AbortSignal;
}

/** @internal A stream of pieces; each is made when it is asked for. */
export function streamOf(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>,
  { gzip = false, signal }: FileOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  flag("gzip", gzip);
  abortable(signal);
  if (gzip && typeof CompressionStream !== "function") {
    throw new HoldpointError(
      "UNAVAILABLE",
      "expected CompressionStream for gzip, found none: export without it, or with a newer browser",
    );
  }
  const stop = (): void => void pieces.return(undefined).catch(() => undefined);
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const abort = (): void => {
          controller.error(signal!.reason);
          stop();
        };
        if (signal?.aborted) abort();
        else signal?.addEventListener("abort", abort, { once: true });
      },
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (signal?.aborted) return;
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
  return gzip ? stream.pipeThrough(new CompressionStream("gzip")) : stream;
}
