/** A project's history: which entries are asked for, and all of them as a file. */
import type { EventType } from "./codes.js";
import { toSnake } from "./names.js";
import { callable, options, plain } from "./request.js";
import type { Store } from "./store.js";
import { type FileOptions, streamOf } from "./streams.js";
import type { Id, Time } from "./types/basics.js";

/** Which entries of the history are asked for: those for which all holds that is given. */
export interface HistoryFilter {
  /** With an event that names this plan; one that a rollback took away too. */
  plan?: Id;
  actor?: string;
  /** With an event of one of these types. */
  types?: readonly EventType[];
  /** Made at this time or later, by a clock that may have gone back. */
  from?: Time;
  /** Made before this time. */
  until?: Time;
  newestFirst?: boolean;
  /** Where to go on: `next` of the page before. */
  after?: number | null;
  /** How many at most: 1 to 10,000; 500 unless it is given. */
  limit?: number;
}

/** Which entries are exported, and how. */
export interface ExportHistoryOptions
  extends Omit<HistoryFilter, "newestFirst" | "after" | "limit">, FileOptions {
  /** Is told after each piece how many entries it has by then. */
  onProgress?: (progress: { entries: number }) => void;
}

/** @internal Entries as JSON lines, oldest first, with names as in the journal. */
export function exportHistory(
  store: Store,
  project: Id,
  given?: ExportHistoryOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { gzip, signal, onProgress, ...filter } = options(given);
  if (onProgress !== undefined) callable("onProgress", onProgress);
  const file = { ...(gzip !== undefined && { gzip }), ...(signal !== undefined && { signal }) };
  return streamOf(piecesOf(store, project, filter, onProgress), file);
}

async function* piecesOf(
  store: Store,
  project: Id,
  filter: object,
  onProgress: ExportHistoryOptions["onProgress"],
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const encoder = new TextEncoder();
  const asked = toSnake(plain("options", filter), "") as object;
  let entries = 0;
  let after: number | null = 0;
  while (after !== null) {
    const page: { entries: Entries; next: number | null } = await pageOf(store, {
      ...asked,
      project,
      after,
    });
    entries += page.entries.length;
    onProgress?.({ entries });
    const lines = page.entries.map((entry) => JSON.stringify(line(project, entry)));
    if (lines.length > 0) yield encoder.encode(`${lines.join("\n")}\n`);
    after = page.next;
  }
}

type Entries = Awaited<ReturnType<typeof pageOf>>["entries"];

/** An entry that stands for itself, as the command line writes it. */
const line = (
  project: Id,
  { revision, at, actor, command, events, digest }: Entries[number],
): object => ({ project, revision, at, actor, command, events, digest });

const pageOf = (store: Store, query: { project: Id; after: number }) =>
  store.query({ type: "find_entries", ...query });
