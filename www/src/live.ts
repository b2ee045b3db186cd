import type { Answer, Query } from "#wasm";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "./problem";
import { holdpoint, watch } from "./store";

/** What a query gives, kept current. */
export interface Live<T> {
  data: T | undefined;
  problem: Problem | undefined;
  /** Asks again, after a failure. */
  again: () => void;
}

const goneCodes = ["PROJECT_NOT_FOUND", "PLAN_NOT_FOUND", "REMOVED"];

/** Whether what was asked for isn't there any more. */
export const isGone = (problem: Problem | undefined): boolean =>
  problem !== undefined && goneCodes.includes(problem.code);

/**
 * Asks, and asks again on every change of the query's project. The last answer stays on the page
 * until the next one is there, so nothing flickers; a view of something else has another `key`.
 */
export function useQuery<Q extends Query>(query: Q): Live<Answer<Q>> {
  const project = "project" in query ? query.project : undefined;
  return useLive(project, JSON.stringify(query), () => holdpoint().query(query));
}

/** The same for what takes several queries. `key` says what is asked for. */
export function useLive<T>(
  project: string | undefined,
  key: string,
  ask: () => Promise<T>,
): Live<T> {
  const [answer, setAnswer] = useState<{ data?: T; problem?: Problem }>({});
  const current = useRef(ask);
  current.current = ask;
  const look = useRef(() => {});

  useEffect(() => {
    let isAsking = false;
    let isStale = false;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const run = async (): Promise<void> => {
      if (isAsking) {
        isStale = true;
        return;
      }
      isAsking = true;
      const began = performance.now();
      try {
        const data = await current.current();
        if (!isOver) setAnswer({ data });
      } catch (error) {
        const problem = problemOf(error);
        // An old answer is better than none, unless it is about something that is gone.
        if (!isOver) setAnswer((old) => (isGone(problem) ? { problem } : { ...old, problem }));
      }
      // While a plan runs there are changes all the time: a slow query leaves time for the rest.
      const rest = isStale ? Math.min(4 * (performance.now() - began), 1000) : 0;
      timer = setTimeout(() => {
        isAsking = false;
        if (isStale && !isOver) {
          isStale = false;
          void run();
        }
      }, rest);
    };

    look.current = () => void run();
    void run();
    const end = watch(project, look.current);
    return () => {
      isOver = true;
      clearTimeout(timer);
      end();
    };
  }, [project, key]);

  const again = useCallback(() => look.current(), []);
  return { data: answer.data, problem: answer.problem, again };
}
