/**
 * Hooks for React 18 and newer: what they give is kept current, across tabs, and what hasn't
 * changed is the same object. Safe under StrictMode and when rendering on a server, where
 * everything is still `isLoading`.
 *
 * @module
 */
import { useMemo, useSyncExternalStore } from "react";
import type { HoldpointError } from "./error.js";
import { Live, loading, type LiveState } from "./live.js";
import type { Plan } from "./plan.js";
import type { Project } from "./project.js";
import type { CheckpointRow } from "./types/lists.js";
import type { PlanView, ProjectView } from "./types/views.js";

export type { LiveState };

/** Something that keeps a state. */
interface Source<T> {
  getState: () => LiveState<T>;
  subscribe: (listener: () => void) => () => void;
}

const nothing: Source<never> = { getState: loading, subscribe: () => () => undefined };

const useSource = <T>(source: Source<T> | undefined): LiveState<T> => {
  const { subscribe, getState } = source ?? nothing;
  return useSyncExternalStore(subscribe, getState, loading<T>);
};

/**
 * Anything that is read, kept current: what `hp.live` and `plan.liveLease` give. Make it once, by
 * `useMemo` or outside the component.
 *
 * @example
 * ```tsx
 * const inbox = useMemo(() => hp.live(() => hp.inbox()), [hp]);
 * const { data = [] } = useLive(inbox);
 * ```
 */
export function useLive<T>(live: Live<T> | undefined): LiveState<T> {
  return useSource(live);
}

/**
 * A project, kept current. `undefined` as long as there is none yet.
 *
 * @example
 * ```tsx
 * function Title({ project }: { project: Project | undefined }) {
 *   const { data, error, isLoading } = useProject(project);
 *   if (error) return <p role="alert">{error.message}</p>;
 *   return <h1>{isLoading ? "…" : data?.name}</h1>;
 * }
 * ```
 */
export function useProject(project: Project | undefined): LiveState<ProjectView> {
  return useSource(project);
}

/**
 * A plan, kept current. `undefined` as long as there is none yet.
 *
 * @example
 * ```tsx
 * const { data } = usePlan(plan);
 * return <progress value={(data?.lastCompletedStep ?? -1) + 1} max={data?.steps} />;
 * ```
 */
export function usePlan(plan: Plan | undefined): LiveState<PlanView> {
  return useSource(plan);
}

/**
 * The newest checkpoints of a project or of a plan, kept current; at most `limit`, which is 50
 * unless it is given.
 *
 * @example
 * ```tsx
 * const { data = [] } = useCheckpoints(plan, { limit: 10 });
 * return <ul>{data.map((row) => <li key={row.id}>{row.name}</li>)}</ul>;
 * ```
 */
export function useCheckpoints(
  of: Project | Plan | undefined,
  { limit = 50 }: { limit?: number } = {},
): LiveState<readonly CheckpointRow[]> {
  const source = useMemo(
    () =>
      of &&
      new Live<readonly CheckpointRow[]>(
        async () => (await of.listCheckpoints({ limit })).items,
        (moved) => of.watch(moved),
      ),
    [of, limit],
  );
  return useSource(source);
}

export type { HoldpointError };
