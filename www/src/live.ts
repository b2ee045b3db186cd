import type { Holdpoint, LiveState, PlanView, ProjectView } from "holdpoint";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "./problem";
import { readPlan, readProject, useHoldpoint } from "./store";

/** Something that was read, kept current. */
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

export const useProject = (id: string): Live<ProjectView> =>
  useLive(id, ["project"], () => readProject(id));

export const usePlan = (project: string, id: string): Live<PlanView> =>
  useLive(project, ["plan", id], () => readPlan(project, id));

/**
 * Asks, and asks again on every change of a project, or of any. `what` says what is asked for. The
 * last answer stays on the page until the next one is there, so nothing flickers; a view of something
 * else has another `key`.
 */
export function useLive<T>(
  project: string | undefined,
  what: readonly unknown[],
  ask: (holdpoint: Holdpoint) => Promise<T>,
): Live<T> {
  const current = useRef(ask);
  current.current = ask;
  return useSource(JSON.stringify([project, what]), (holdpoint) =>
    holdpoint.live(() => current.current(holdpoint), project === undefined ? {} : { project }),
  );
}

/** What keeps itself current. */
interface Source<T> {
  getState: () => LiveState<T>;
  subscribe: (listener: () => void) => () => void;
  refresh: () => Promise<T>;
}

/** Shows what a source has. `key` says which one; without it there is none. */
export function useSource<T>(
  key: string | undefined,
  open: (holdpoint: Holdpoint) => Source<T>,
): Live<T> {
  const [answer, setAnswer] = useState<{ data?: T; problem?: Problem }>({});
  const look = useRef(() => {});
  const holdpoint = useHoldpoint();

  useEffect(() => {
    if (key === undefined || !holdpoint) {
      setAnswer({});
      return;
    }
    const source = open(holdpoint);
    look.current = () => void source.refresh().catch(() => undefined);
    const show = (): void => {
      const { data, error } = source.getState();
      const problem = error && problemOf(error);
      setAnswer((old) => {
        if (!problem) return { data };
        // An old answer is better than none, unless it is about something that is gone.
        return isGone(problem) ? { problem } : { data: data ?? old.data, problem };
      });
    };
    let isFirst = true;
    const end = source.subscribe(() => {
      // The first answer is what somebody waits for.
      if (isFirst) show();
      else withNextFrame(show);
      isFirst = false;
    });
    return () => {
      end();
      shows.delete(show);
    };
  }, [holdpoint, key]);

  const again = useCallback(() => look.current(), []);
  return { data: answer.data, problem: answer.problem, again };
}

const shows = new Set<() => void>();

/** What has changed together is shown together, once a frame at most. */
function withNextFrame(show: () => void): void {
  shows.add(show);
  if (shows.size > 1) return;
  // A hidden tab draws no frames, but is read out and looked at from tests all the same.
  if (document.hidden) setTimeout(showAll, 50);
  else requestAnimationFrame(showAll);
}

function showAll(): void {
  const all = [...shows];
  shows.clear();
  for (const show of all) show();
}
