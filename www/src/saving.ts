import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "./problem";

/** A file that was handed to the browser to keep. */
export interface Saved {
  name: string;
  bytes: number;
}

/** A file on its way out. */
export interface Saving {
  isBusy: boolean;
  saved: Saved | undefined;
  problem: Problem | undefined;
  /** Makes a file of these pieces. Whether it was made. */
  save: (file: NewFile) => Promise<boolean>;
  /** Ends it; nothing is left of it. */
  cancel: () => void;
  dismiss: () => void;
}

export interface NewFile {
  name: string;
  type: string;
  /** Asked for one after the other, never two at once. */
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>;
  isCompressed?: boolean;
}

/** Saves one file at a time, as long as the caller is shown. */
export function useSaving(): Saving {
  const [state, setState] = useState<Pick<Saving, "isBusy" | "saved" | "problem">>(nothing);
  const current = useRef<AbortController | undefined>(undefined);

  const save = useCallback(async (file: NewFile): Promise<boolean> => {
    if (current.current) return false;
    const end = (current.current = new AbortController());
    setState({ ...nothing, isBusy: true });
    let done = nothing;
    try {
      const blob = await gather(file, end.signal);
      end.signal.throwIfAborted();
      download(file.name, blob);
      done = { ...nothing, saved: { name: file.name, bytes: blob.size } };
    } catch (error) {
      if (!end.signal.aborted) done = { ...nothing, problem: problemOf(error) };
    }
    current.current = undefined;
    setState(done);
    return done.saved !== undefined;
  }, []);
  const cancel = useCallback(() => current.current?.abort(), []);
  const dismiss = useCallback(() => setState(nothing), []);
  useEffect(() => cancel, []);
  return { ...state, save, cancel, dismiss };
}

const nothing: Pick<Saving, "isBusy" | "saved" | "problem"> = {
  isBusy: false,
  saved: undefined,
  problem: undefined,
};

/** Whether files can be compressed here. */
export const canCompress = typeof CompressionStream === "function";

/** The browser keeps what has come so far, on disk once it is much; the page holds a piece. */
async function gather({ type, pieces, isCompressed }: NewFile, signal: AbortSignal): Promise<Blob> {
  // What the stream fails with, the browser tells as something else.
  let failure: unknown;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        // Not only at the next piece: what takes them may be slow.
        signal.addEventListener("abort", () => {
          controller.error(signal.reason);
          void pieces.return(undefined);
        });
      },
      async pull(controller) {
        try {
          signal.throwIfAborted();
          const { done, value } = await pieces.next();
          signal.throwIfAborted();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          failure = error;
          void pieces.return(undefined);
          controller.error(error);
        }
      },
    },
    { highWaterMark: 0 },
  );
  const whole = isCompressed ? stream.pipeThrough(new CompressionStream("gzip")) : stream;
  try {
    const blob = new Response(whole, { headers: { "Content-Type": type } }).blob();
    return await Promise.race([blob, aborted(signal)]);
  } catch (error) {
    throw failure ?? error;
  }
}

/** Never comes, unless it is cancelled: then nobody waits for what is slow to end. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then; as long as it reads, the blob stays.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A name that every file system takes, of what people wrote. */
export function fileName(name: string, ending: string): string {
  const plain = name
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-")
    .replace(/^[.-]+|[.-]+$/g, "");
  const short = [...plain].slice(0, 60).join("");
  return `${short || "holdpoint"}-${new Date().toISOString().slice(0, 10)}${ending}`;
}
