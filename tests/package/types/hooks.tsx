// The hooks' types. Checked, never run.
import { expectTypeOf } from "expect-type";
import type {
  CheckpointRow,
  HoldpointError,
  Plan,
  PlanView,
  Project,
  ProjectView,
} from "holdpoint";
import { type LiveState, useCheckpoints, usePlan, useProject } from "holdpoint/react";

export function Card({ project, plan }: { project?: Project; plan: Plan }) {
  const { data, error, isLoading } = useProject(project);
  expectTypeOf(data).toEqualTypeOf<ProjectView | undefined>();
  expectTypeOf(error).toEqualTypeOf<HoldpointError | undefined>();
  expectTypeOf(isLoading).toBeBoolean();
  expectTypeOf(usePlan(plan)).toEqualTypeOf<LiveState<PlanView>>();
  expectTypeOf(usePlan(undefined)).toEqualTypeOf<LiveState<PlanView>>();
  const { data: rows = [] } = useCheckpoints(plan, { limit: 5 });
  expectTypeOf(rows).toEqualTypeOf<readonly CheckpointRow[]>();
  // @ts-expect-error a plan is no project
  useProject(plan);
  // @ts-expect-error it may not be there yet
  return <h1>{data.name}</h1>;
}

/** A plan whose steps say what they are given is a plan all the same. */
export function Typed({ plan }: { plan: Plan<{ url: string }, { title: string }> }) {
  const { data } = usePlan(plan);
  const { data: rows = [] } = useCheckpoints(plan);
  return (
    <p>
      {data?.request} {rows.length}
    </p>
  );
}
