import type { FoundEntry, HistoryFilter, Page } from "holdpoint";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { typesOf } from "./kinds";
import { type Problem, problemOf } from "./problem";
import { projectOf, useHoldpoint } from "./store";

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

/** Entries are of the years 1970 to 9999; while a year is typed, it is one of the first few digits. */
const EARLIEST = 0;
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function moment(local: string): string | undefined {
  // A year of more than four digits is another form, which no form gives.
  const time = /^\d{5}/.test(local) ? LATEST : new Date(local).getTime();
  if (Number.isNaN(time)) return undefined;
  return new Date(Math.min(Math.max(time, EARLIEST), LATEST)).toISOString();
}

/** The same, as it is asked for. */
export const asked = (filter: Filter): HistoryFilter => ({
  plan: filter.plan || undefined,
  actor: filter.actor || undefined,
  types: typesOf(filter.what),
  from: moment(filter.from),
  until: moment(filter.until),
});

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
  isLooking: boolean;
  /** Something came that waits for its turn. */
  isStale: boolean;
  /** Up to here it has looked, or looks now. */
  head: number | undefined;
  /** One after the other. */
  turn: Promise<void>;
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
  const holdpoint = useHoldpoint();
  const run = useRef<Run | undefined>(undefined);
  const latest = useRef(found);
  latest.current = found;
  const key = JSON.stringify([project, filter, before]);
  const query = useRef(asked(filter));
  query.current = asked(filter);

  const inTurn = useCallback((mine: Run, job: () => Promise<void>): void => {
    mine.turn = mine.turn
      .then(() => (mine.isOver ? undefined : job()))
      .catch((error: unknown) => {
        if (!mine.isOver) setFound((old) => failed(old, error));
      });
  }, []);

  const look = useCallback(
    async (mine: Run, from: number, have: readonly FoundEntry[]): Promise<void> => {
      [mine.isLooking, mine.isStopped] = [true, false];
      try {
        const all = await projectOf(project);
        let entries = have;
        let after: number | null = from;
        while (after !== null) {
          const limit = PAGE - entries.length;
          const page: Page<FoundEntry, number> = await all.history({
            ...query.current,
            newestFirst: true,
            after,
            limit,
          });
          if (mine.isOver) return;
          entries = [...entries, ...page.items];
          after = page.next;
          const isSearching = after !== null && entries.length < PAGE && !mine.isStopped;
          setFound({ entries, next: after, isSearching, problem: undefined });
          if (!isSearching) return;
        }
      } finally {
        mine.isLooking = false;
      }
    },
    [project],
  );

  useEffect(() => {
    const mine: Run = {
      isOver: false,
      isStopped: false,
      isLooking: false,
      isStale: false,
      head: undefined,
      turn: Promise.resolve(),
    };
    run.current = mine;
    if (!holdpoint) return;
    setFound((old) => ({ ...old, isSearching: true, problem: undefined }));
    if (before !== undefined) {
      inTurn(mine, () => look(mine, before, []));
      return () => void (mine.isOver = true);
    }

    const heads = holdpoint.live(() => headOf(project), { project });
    /** What came since stands above the rest, which stays as it is. */
    const catchUp = async (): Promise<void> => {
      mine.isStale = false;
      const { data: head, error } = heads.getState();
      if (error) throw error;
      if (head === undefined) return;
      const seen = mine.head;
      if (seen !== undefined) {
        const all = await projectOf(project);
        const since = await all.history({ ...query.current, after: seen, limit: PAGE });
        if (mine.isOver) return;
        if (since.next === null) {
          mine.head = Math.max(head, since.items.at(-1)?.revision ?? 0);
          setFound((old) => joined(since.items.reverse(), old));
          return;
        }
      }
      mine.head = head;
      await look(mine, head + 1, []);
    };
    const end = heads.subscribe(() => {
      if (mine.isStale) return;
      mine.isStale = true;
      inTurn(mine, catchUp);
    });
    return () => {
      mine.isOver = true;
      end();
    };
  }, [holdpoint, key, round]);

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
      if (mine.isLooking) mine.isStopped = false;
      else inTurn(mine, () => look(mine, next, entries ?? []));
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
  const { items } = await (await projectOf(project)).history({ newestFirst: true, limit: 1 });
  return items[0]?.revision ?? 0;
}
