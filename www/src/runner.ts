import type { Id, Plan, PlanView, RunResult } from "holdpoint";
import { announce } from "./announce";
import { type Cell, cell, useCell } from "./cell";
import { useSource } from "./live";
import { recall, remember } from "./memory";
import { PageError, type Problem, problemOf } from "./problem";
import { actor, become, planOf } from "./store";
import { count, number, visible } from "./text";
import { useEffect } from "preact/hooks";

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
const ends = new Map<Id, AbortController>();

/** How many plans run in this tab. */
export const runningHere = cell(0);

export const pace = cell<Pace>(recall("pace") === "second" ? "second" : "full");
pace.watch(() => remember("pace", pace.value));

// By project: how many dialogs are open in which something is decided about it.
const decisions = new Map<Id, number>();

/** Has the project's runs in this tab wait between two steps, as long as the caller is shown. */
export function useRunsWait(project: Id): void {
  useEffect(() => {
    decisions.set(project, (decisions.get(project) ?? 0) + 1);
    return () => void decisions.set(project, (decisions.get(project) ?? 1) - 1);
  }, [project]);
}

function runOf(plan: Id): Cell<Run> {
  const run = runs.get(plan) ?? cell(idle);
  runs.set(plan, run);
  return run;
}

export const useRun = (plan: Id): Run => useCell(runOf(plan));

/** Plays the next step, or all that are left. Ends by itself when something holds the plan. */
export async function start(project: Id, plan: Id, steps = Infinity): Promise<void> {
  const run = runOf(plan);
  if (run.value.phase !== "idle") return;
  run.set({ ...idle, phase: "running" });
  runningHere.set(runningHere.value + 1);
  const end = new AbortController();
  ends.set(plan, end);
  let ending: Partial<Run>;
  try {
    const played = await planOf(project, plan);
    const result = await play(played, run, steps, end.signal);
    const view = await played.get();
    ending = { note: inWords(result, view), done: view.lastCompletedStep + 1 };
  } catch (error) {
    ending = { problem: problemOf(error) };
  }
  run.set({ ...run.value, phase: "idle", ...ending });
  runningHere.set(runningHere.value - 1);
  announce(ending.note ?? `The run ended: ${ending.problem?.message ?? ""}`);
}

export function stop(plan: Id): void {
  const run = runOf(plan);
  if (run.value.phase !== "running") return;
  run.set({ ...run.value, phase: "stopping" });
  ends.get(plan)?.abort();
}

export function dismiss(plan: Id): void {
  runOf(plan).set({ ...runOf(plan).value, note: undefined, problem: undefined });
}

async function play(
  plan: Plan,
  run: Cell<Run>,
  limit: number,
  signal: AbortSignal,
): Promise<RunResult> {
  const steps = plan.play({ signal, limit });
  for await (const step of steps) {
    if (run.value.played === 0 && limit > 1) announce("Running");
    run.set({ ...run.value, played: run.value.played + 1 });
    tellProgress(step.index + 1, plan.getSnapshot().steps);
    if (run.value.played >= limit) continue;
    if (pace.value === "second") await aSecond(plan, signal);
    while ((decisions.get(plan.projectId) ?? 0) > 0 && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return steps.result!;
}

/** What ended a run, in words. */
function inWords(result: RunResult, plan: PlanView): string {
  const done = `${number(plan.lastCompletedStep + 1)} of ${count(plan.steps, "step")} done.`;
  if (result.status === "completed") {
    return result.stepsDone > 0
      ? "All steps are done."
      : "All steps are done: someone else finished the plan.";
  }
  if (result.status === "held") {
    const { hold } = result;
    switch (hold.reason) {
      case "paused":
        return "The project was paused. Nothing was lost.";
      case "stopped":
        return "The project was stopped. Nothing was lost.";
      case "claimed":
        return hold.holder === undefined
          ? "Someone else took the plan over. What you see now is how it stands."
          : `${nameOf(hold.holder) ?? "Another tab"} runs this plan; you see it here.`;
      case "aborted":
        return plan.state === "completed" ? "All steps are done." : `Stopped. ${done}`;
      case "enough":
        return done;
      case "awaiting_decision":
        if (result.stepsDone > 0) return done;
    }
  }
  return "Someone else moved the plan. What you see now is how it stands.";
}

/** How someone else is called. Nothing for the person here, in another tab. */
function nameOf(holder: string): string | undefined {
  return holder === actor.value ? undefined : visible(holder, true);
}

/** Gives the person here another name. Not while a plan runs: it is theirs under the old one. */
export function goBy(name: string): Promise<void> {
  return become(name, () => {
    if (runningHere.value > 0) throw new PageError("RUNNING_HERE", "A plan runs in this tab.");
  });
}

/** Not every step is told: each quarter is. */
function tellProgress(done: number, steps: number): void {
  const quarter = (step: number): number => Math.floor((4 * step) / steps);
  if (done < steps && quarter(done) > quarter(done - 1)) {
    announce(`${number(done)} of ${count(steps, "step")} done`);
  }
}

/** Waits a second; less when the run is to stop, or when something comes to hold the plan. */
function aSecond(plan: Plan, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      unwatch();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, 1000);
    const unwatch = plan.subscribe(() => {
      if (plan.getSnapshot().hold !== null) end();
    });
    signal.addEventListener("abort", end);
  });
}

/** Who runs a plan. */
export interface Runner {
  where: "here" | "elsewhere" | "nobody";
  /** Their name, if they aren't the person here. */
  who: string | undefined;
}

/** Who runs a plan now; nothing as long as that isn't known. */
export function useRunner(project: Id, plan: Id): Runner | undefined {
  const isHere = useRun(plan).phase !== "idle";
  // This tab's own run says nothing of others, neither now nor when it has just ended.
  const key = isHere ? undefined : `${project}/${plan}`;
  const { data, problem } = useSource(key, (holdpoint) => holdpoint.liveLease(project, plan));
  useCell(actor);
  if (isHere) return { where: "here", who: undefined };
  if (data?.isHeld && !data.isOwn) return { where: "elsewhere", who: nameOf(data.holder) };
  // What can't be found out keeps nobody from trying: a run says what is wrong.
  return data === undefined && !problem ? undefined : { where: "nobody", who: undefined };
}
