import type { Id, PlanView } from "#wasm";
import { announce } from "./announce";
import { type Cell, cell, useCell } from "./cell";
import { isRefusal, type Problem, problemOf } from "./problem";
import { holdpoint, watch } from "./store";
import { count, number } from "./text";
import { useEffect, useState } from "preact/hooks";

/** Runs plans: plays their recorded steps one after the other, whatever view is open. */
export interface Run {
  phase: "idle" | "running" | "stopping";
  /** How many steps this run has played. */
  played: number;
  /** Why it ended, if that isn't a failure. */
  note: string | undefined;
  /** How many steps were done when it ended: once there are others, the note is an old one. */
  done: number | undefined;
  problem: Problem | undefined;
}

export type Pace = "full" | "second";

const idle: Run = {
  phase: "idle",
  played: 0,
  note: undefined,
  done: undefined,
  problem: undefined,
};
const runs = new Map<Id, Cell<Run>>();

export const pace = cell<Pace>("full");

function runOf(plan: Id): Cell<Run> {
  const run = runs.get(plan) ?? cell(idle);
  runs.set(plan, run);
  return run;
}

export const useRun = (plan: Id): Run => useCell(runOf(plan));

const lockName = (project: Id, plan: Id): string => `holdpoint-page:run:${project}/${plan}`;
// Missing where the connection isn't secure; then tabs may get in each other's way, harmlessly.
const locks = navigator.locks as LockManager | undefined;

/** Plays the next step, or all that are left. Ends by itself when something holds the plan. */
export async function start(project: Id, plan: Id, steps = Infinity): Promise<void> {
  const run = runOf(plan);
  if (run.value.phase !== "idle") return;
  run.set({ ...idle, phase: "running" });
  let end: Partial<Run>;
  try {
    const note = locks
      ? await locks.request(lockName(project, plan), { ifAvailable: true }, async (lock) =>
          lock ? play(project, plan, run, steps) : "Another tab runs this plan; you see it here.",
        )
      : await play(project, plan, run, steps);
    end = { note, done: (await look(project, plan)).last_completed_step + 1 };
  } catch (error) {
    end = { problem: problemOf(error) };
  }
  run.set({ ...run.value, phase: "idle", ...end });
  announce(end.note ?? `The run ended: ${end.problem?.message ?? ""}`);
}

export function stop(plan: Id): void {
  const run = runOf(plan);
  if (run.value.phase === "running") run.set({ ...run.value, phase: "stopping" });
}

export function dismiss(plan: Id): void {
  runOf(plan).set({ ...runOf(plan).value, note: undefined, problem: undefined });
}

/** What ended a run, in words. */
async function play(project: Id, plan: Id, run: Cell<Run>, steps: number): Promise<string> {
  const first = await look(project, plan);
  if (first.hold === "not_started") {
    await holdpoint().execute({ project, command: { type: "start_plan", plan } });
  }
  if (steps > 1) announce("Running");
  let collisions = 0;
  while (run.value.played < steps && run.value.phase === "running") {
    try {
      const played = await holdpoint().playStep(project, plan);
      collisions = 0;
      run.set({ ...run.value, played: run.value.played + 1 });
      tellProgress(played.step + 1, first.steps);
      if (played.state !== "implementing") break;
    } catch (error) {
      const held = await heldBy(project, plan, error);
      if (held !== undefined) return held;
      // Someone else was at the same step. Looked at again, the plan can go on.
      collisions += 1;
      if (collisions > 5) throw error;
      await pause(50 * collisions);
    }
    await (pace.value === "second" && run.value.played < steps
      ? pauseUnlessHeld(project, plan, run)
      : breathe());
  }
  const last = await look(project, plan);
  if (last.state === "completed") return "All steps are done.";
  const done = `${number(last.last_completed_step + 1)} of ${count(last.steps, "step")} done.`;
  return run.value.phase === "stopping" ? `Stopped. ${done}` : done;
}

/** What holds the plan, if that is why a step was refused. */
async function heldBy(project: Id, plan: Id, error: unknown): Promise<string | undefined> {
  if (isRefusal(error, "PROJECT_PAUSED")) return "The project was paused. Nothing was lost.";
  if (isRefusal(error, "PROJECT_STOPPED")) return "The project was stopped. Nothing was lost.";
  if (!isRefusal(error, "SUPERSEDED", "INVALID_TRANSITION", "CHANGED", "CONFLICT")) throw error;
  const { state, hold } = await look(project, plan);
  if (state === "implementing" && hold === null) return undefined;
  return state === "completed"
    ? "All steps are done: someone else finished the plan."
    : "Someone else moved the plan. What you see now is how it stands.";
}

const look = (project: Id, plan: Id): Promise<PlanView> =>
  holdpoint().query({ type: "plan", project, plan });

/** Not every step is told: each quarter is. */
function tellProgress(done: number, steps: number): void {
  const quarter = (step: number): number => Math.floor((4 * step) / steps);
  if (done < steps && quarter(done) > quarter(done - 1)) {
    announce(`${number(done)} of ${count(steps, "step")} done`);
  }
}

/** Waits, unless asked to stop. */
async function pause(milliseconds: number, isOver = (): boolean => false): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end && !isOver()) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(50, end - performance.now())));
  }
}

/** Waits a second; less when the run is to stop, or when something comes to hold the plan. */
async function pauseUnlessHeld(project: Id, plan: Id, run: Cell<Run>): Promise<void> {
  let isHeld = false;
  const unwatch = watch(project, () => {
    look(project, plan).then(
      ({ hold }) => void (isHeld = hold !== null),
      () => undefined,
    );
  });
  await pause(1000, () => isHeld || run.value.phase !== "running");
  unwatch();
}

/** Lets the page draw and hear. A timer would take a second in a hidden tab; a message doesn't. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Who runs a plan now. Another tab's run is seen by the lock that it holds, which ends with it. */
export function useRunner(project: Id, plan: Id): "here" | "elsewhere" | "nobody" | undefined {
  const isHere = useRun(plan).phase !== "idle";
  const [isElsewhere, setElsewhere] = useState<boolean | undefined>(locks ? undefined : false);
  useEffect(() => {
    if (!locks) return;
    const name = lockName(project, plan);
    const end = new AbortController();
    let isWaiting = false;
    const look = async (): Promise<void> => {
      const held = (await locks.query()).held?.some((lock) => lock.name === name) ?? false;
      if (end.signal.aborted) return;
      setElsewhere(held);
      if (!held || isWaiting) return;
      isWaiting = true;
      await locks
        .request(name, { mode: "shared", signal: end.signal }, () => undefined)
        .catch(() => undefined);
      isWaiting = false;
      if (!end.signal.aborted) void look();
    };
    void look();
    const unwatch = watch(project, () => void look());
    return () => {
      end.abort();
      unwatch();
    };
  }, [project, plan]);
  if (isHere) return "here";
  return isElsewhere === undefined ? undefined : isElsewhere ? "elsewhere" : "nobody";
}
