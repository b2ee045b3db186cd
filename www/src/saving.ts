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
  /** Makes a file. Whether it was made. */
  save: (file: NewFile) => Promise<boolean>;
  /** Ends it; nothing is left of it. */
  cancel: () => void;
  dismiss: () => void;
}

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

export interface NewFile {
  name: string;
  type: string;
  /** What is in it. The signal ends it. */
  bytes: (signal: AbortSignal) => Stream | Promise<Stream>;
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
async function gather({ type, bytes }: NewFile, signal: AbortSignal): Promise<Blob> {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
  // What the stream fails with, this says as it is; the blob would say something else.
  const piped = (await bytes(signal)).pipeTo(writable);
  const blob = new Response(readable, { headers: { "Content-Type": type } }).blob();
  blob.catch(() => undefined);
  return Promise.race([piped.then(() => blob), aborted(signal)]);
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
