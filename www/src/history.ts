import type { FoundEntry, HistoryPage } from "#wasm";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { typesOf } from "./kinds";
import { type Problem, problemOf } from "./problem";
import { holdpoint, watch } from "./store";

/** What is looked for, as it stands in the form; what is empty is anything. */
export interface Filter {
  plan: string;
  actor: string;
  /** A type, or a group of them. */
  what: string;
  /** Moments in the time of whoever looks, without a zone. */
  from: string;
  until: string;
}

export const anything: Filter = { plan: "", actor: "", what: "", from: "", until: "" };

export const isFiltered = (filter: Filter): boolean =>
  Object.values(filter).some((value) => value !== "");

const moment = (local: string): string | undefined =>
  local === "" ? undefined : new Date(local).toISOString();

const asked = (project: string, filter: Filter) =>
  ({
    type: "find_entries",
    project,
    plan: filter.plan || undefined,
    actor: filter.actor || undefined,
    types: typesOf(filter.what),
    from: moment(filter.from),
    until: moment(filter.until),
  }) as const;

/** How many entries a page has. */
export const PAGE = 20;

/** A page of what was found, newest first. */
export interface Search {
  entries: readonly FoundEntry[] | undefined;
  /** Where an older page begins; `null`: this is the last one. */
  next: number | null;
  /** Whether it still looks: what is rare may be far back. */
  isSearching: boolean;
  problem: Problem | undefined;
  stop: () => void;
  goOn: () => void;
}

type Found = Pick<Search, "entries" | "next" | "isSearching" | "problem">;

interface Run {
  isOver: boolean;
  isStopped: boolean;
  isBusy: boolean;
  /** Something came while it was busy. */
  isStale: boolean;
  /** Up to here it has looked, or looks now. */
  head: number;
}

/**
 * Looks for entries before a revision; without one, for the newest, and for those that come. A part
 * in which nothing was found leads on to the next one by itself, until there are enough for a page.
 */
export function useSearch(project: string, filter: Filter, before: number | undefined): Search {
  const [found, setFound] = useState<Found>({
    entries: undefined,
    next: null,
    isSearching: true,
    problem: undefined,
  });
  const [round, setRound] = useState(0);
  const run = useRef<Run | undefined>(undefined);
  const latest = useRef(found);
  latest.current = found;
  const key = JSON.stringify([project, filter, before]);
  const query = useRef(asked(project, filter));
  query.current = asked(project, filter);

  const look = useCallback(
    async (mine: Run, from: number, have: readonly FoundEntry[]): Promise<void> => {
      mine.isBusy = true;
      mine.isStopped = false;
      let entries = have;
      let next: number | null = from;
      try {
        do {
          const page: HistoryPage = await holdpoint().query({
            ...query.current,
            before: next,
            newest_first: true,
            limit: PAGE - entries.length,
          });
          if (mine.isOver) return;
          entries = [...entries, ...page.entries];
          next = page.next;
          const isSearching = next !== null && entries.length < PAGE && !mine.isStopped;
          setFound({ entries, next, isSearching, problem: undefined });
          if (!isSearching) break;
        } while (next !== null);
      } catch (error) {
        if (!mine.isOver) setFound((old) => failed(old, error));
      }
      mine.isBusy = false;
    },
    [],
  );

  useEffect(() => {
    const mine: Run = { isOver: false, isStopped: false, isBusy: true, isStale: false, head: 0 };
    run.current = mine;
    setFound((old) => ({ ...old, isSearching: true, problem: undefined }));

    const begin = async (): Promise<void> => {
      try {
        mine.head = before === undefined ? await headOf(project) : before - 1;
      } catch (error) {
        if (!mine.isOver) setFound((old) => failed(old, error));
        mine.isBusy = false;
        return;
      }
      if (!mine.isOver) await look(mine, mine.head + 1, []);
      if (mine.isStale) void catchUp();
    };
    /** What came since stands above the rest, which stays as it is. */
    const catchUp = async (): Promise<void> => {
      if (mine.isOver || before !== undefined) return;
      if (mine.isBusy) {
        mine.isStale = true;
        return;
      }
      [mine.isBusy, mine.isStale] = [true, false];
      try {
        const head = await headOf(project);
        const since = { after: mine.head, before: head + 1, newest_first: true, limit: PAGE };
        const page = await holdpoint().query({ ...query.current, ...since });
        if (mine.isOver) return;
        const isMore = page.next !== null;
        mine.head = head;
        if (isMore) await look(mine, head + 1, []);
        else setFound((old) => joined(page.entries, old));
      } catch (error) {
        if (!mine.isOver) setFound((old) => failed(old, error));
      }
      mine.isBusy = false;
      if (mine.isStale) void catchUp();
    };

    void begin();
    const end = watch(project, () => void catchUp());
    return () => {
      mine.isOver = true;
      end();
    };
  }, [key, round]);

  const stop = useCallback(() => {
    if (run.current) run.current.isStopped = true;
    setFound((old) => ({ ...old, isSearching: false }));
  }, []);
  const goOn = useCallback(() => {
    const { entries, next, problem } = latest.current;
    const mine = run.current;
    if (problem || !mine) setRound((count) => count + 1);
    else if (next !== null) {
      setFound((old) => ({ ...old, isSearching: true }));
      if (mine.isBusy) mine.isStopped = false;
      else void look(mine, next, entries ?? []);
    }
  }, []);
  return { ...found, stop, goOn };
}

const failed = (old: Found, error: unknown): Found => ({
  ...old,
  isSearching: false,
  problem: problemOf(error),
});

/** The newest ones before the others, as many as a page has. */
function joined(newer: readonly FoundEntry[], old: Found): Found {
  const all = [...newer, ...(old.entries ?? [])];
  const entries = all.slice(0, PAGE);
  const next = all.length > PAGE ? (entries.at(-1)?.revision ?? null) : old.next;
  return { ...old, entries, next, problem: undefined };
}

async function headOf(project: string): Promise<number> {
  const newest = { type: "find_entries", project, newest_first: true, limit: 1 } as const;
  const { entries } = await holdpoint().query(newest);
  return entries[0]?.revision ?? 0;
}

/** How many entries are read at once to be saved. */
const PART = 500;

/**
 * All that a filter finds as JSON lines, oldest first, part by part: each line an entry with its
 * project, so that it stands for itself.
 */
export async function* jsonLines(
  project: string,
  filter: Filter,
  tell: (entries: number) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let after: number | null = 0;
  let entries = 0;
  while (after !== null) {
    const page: HistoryPage = await holdpoint().query({
      ...asked(project, filter),
      after,
      limit: PART,
    });
    entries += page.entries.length;
    tell(entries);
    const lines = page.entries.map((entry) => `${JSON.stringify(line(project, entry))}\n`);
    if (lines.length > 0) yield encoder.encode(lines.join(""));
    after = page.next;
  }
}

/** As the command line writes it. */
const line = (project: string, { revision, at, actor, command, events, digest }: FoundEntry) => ({
  project,
  revision,
  at,
  actor,
  command,
  events,
  digest,
});
