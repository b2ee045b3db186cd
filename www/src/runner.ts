import type { Claim, Id, LeaseView, PlanView } from "#wasm";
import { announce } from "./announce";
import { type Cell, cell, useCell } from "./cell";
import { recall, remember } from "./memory";
import { claimedBy, isRefusal, PageError, type Problem, problemOf } from "./problem";
import { actor, become, holdpoint, watch } from "./store";
import { count, number, visible } from "./text";
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

// Held by whoever runs a plan, so that who looks on is woken when that ends. Who may run it, the
// claim says. Locks are missing where the connection isn't secure; then it is looked for by the second.
const bellName = (project: Id, plan: Id, worker: Id): string =>
  `holdpoint-page:run:${project}/${plan}:${worker}`;
const locks = navigator.locks as LockManager | undefined;

/** Holds a bell; what it returns rings it. */
function holdBell(name: string): () => void {
  let ring = (): void => undefined;
  const isOver = new Promise<void>((resolve) => (ring = resolve));
  void locks?.request(name, () => isOver).catch(() => undefined);
  return ring;
}

/** Until a bell was rung; at once where nobody holds it. */
async function rung(name: string, signal: AbortSignal): Promise<void> {
  await locks?.request(name, { mode: "shared", signal }, () => undefined).catch(() => undefined);
}

/** Plays the next step, or all that are left. Ends by itself when something holds the plan. */
export async function start(project: Id, plan: Id, steps = Infinity): Promise<void> {
  const run = runOf(plan);
  if (run.value.phase !== "idle") return;
  run.set({ ...idle, phase: "running" });
  runningHere.set(runningHere.value + 1);
  let end: Partial<Run>;
  try {
    const note = await playAlone(project, plan, run, steps);
    end = { note, done: (await look(project, plan)).last_completed_step + 1 };
  } catch (error) {
    end = { problem: problemOf(error) };
  }
  run.set({ ...run.value, phase: "idle", ...end });
  runningHere.set(runningHere.value - 1);
  announce(end.note ?? `The run ended: ${end.problem?.message ?? ""}`);
}

/** Plays as long as the plan is this tab's; what ended it, in words. */
async function playAlone(project: Id, plan: Id, run: Cell<Run>, steps: number): Promise<string> {
  try {
    const claim = await holdpoint().claim(project, plan);
    const ring = holdBell(bellName(project, plan, claim.worker));
    try {
      return await play(claim, run, steps);
    } finally {
      // If it can't be given back, it ends with the store.
      await claim.release().catch(() => undefined);
      claim.free();
      ring();
    }
  } catch (error) {
    const claimed = claimedBy(error);
    if (!claimed) throw error;
    return claimed.holder === undefined
      ? "Someone else took the plan over. What you see now is how it stands."
      : `${nameOf(claimed.holder) ?? "Another tab"} runs this plan; you see it here.`;
  }
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

export function stop(plan: Id): void {
  const run = runOf(plan);
  if (run.value.phase === "running") run.set({ ...run.value, phase: "stopping" });
}

export function dismiss(plan: Id): void {
  runOf(plan).set({ ...runOf(plan).value, note: undefined, problem: undefined });
}

/** What ended a run, in words. */
async function play(claim: Claim, run: Cell<Run>, steps: number): Promise<string> {
  const { project, plan } = claim;
  const first = await look(project, plan);
  if (first.hold === "not_started") {
    await holdpoint().execute({ project, command: { type: "start_plan", plan } });
  }
  if (steps > 1) announce("Running");
  let collisions = 0;
  while (run.value.played < steps && run.value.phase === "running") {
    if (claim.is_due) await claim.renew();
    if ((decisions.get(project) ?? 0) > 0) {
      await pause(50);
      continue;
    }
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

/** Who runs a plan. */
export interface Runner {
  where: "here" | "elsewhere" | "nobody";
  /** Their name, if they aren't the person here. */
  who: string | undefined;
}

/** Who runs a plan now; nothing as long as that isn't known. */
export function useRunner(project: Id, plan: Id): Runner | undefined {
  const isHere = useRun(plan).phase !== "idle";
  // The actor who has the plan elsewhere; null: none.
  const [other, setOther] = useState<string | null>();
  useCell(actor);
  useEffect(() => {
    // This tab's own run says nothing of others, neither now nor when it has just ended.
    setOther(isHere ? null : undefined);
    if (isHere) return;
    const end = new AbortController();
    let isFollowing = false;
    let isStale = false;
    /** Looks who has the plan; the worker, if it is another one. */
    const look = async (): Promise<Id | undefined> => {
      isStale = false;
      const lease = await leaseOf(project, plan);
      const isOther = lease !== null && lease.is_held && !lease.is_own;
      if (!end.signal.aborted) setOther(isOther ? lease.holder : null);
      return isOther ? lease.worker : undefined;
    };
    /** Looks on until nobody else has it. */
    const follow = async (): Promise<void> => {
      isStale = true;
      if (isFollowing) return;
      isFollowing = true;
      let last: Id | undefined;
      while (isStale && !end.signal.aborted) {
        const worker = await look();
        if (worker === undefined) continue;
        // Still there after the bell: it is another program, which has none.
        if (worker === last) await pause(1000, () => end.signal.aborted);
        last = worker;
        await rung(bellName(project, plan, worker), end.signal);
        isStale = true;
      }
      isFollowing = false;
    };
    void follow();
    const unwatch = watch(project, () => void follow());
    return () => {
      end.abort();
      unwatch();
    };
  }, [project, plan, isHere]);
  if (isHere) return { where: "here", who: undefined };
  if (other === undefined) return undefined;
  return other === null
    ? { where: "nobody", who: undefined }
    : { where: "elsewhere", who: nameOf(other) };
}

/** Who has a plan. What can't be found out keeps nobody from trying: a run says what is wrong. */
async function leaseOf(project: Id, plan: Id): Promise<LeaseView | null> {
  try {
    return await holdpoint().query({ type: "lease", project, plan });
  } catch {
    return null;
  }
}
