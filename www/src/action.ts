import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "./problem";

/** Something that a person asked for: whether it is on its way, and what went wrong with it. */
export interface Action {
  isBusy: boolean;
  problem: Problem | undefined;
  /** Does it. Whether it was done; why it wasn't is in `problem`, to be shown where it happened. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
  dismiss: () => void;
}

export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const isOver = useRef(false);
  const isRunning = useRef(false);
  useEffect(() => {
    isOver.current = false;
    return () => void (isOver.current = true);
  }, []);

  const run = useCallback(async (work: () => Promise<unknown>) => {
    // A second press while the first is on its way asks for nothing more.
    if (isRunning.current) return false;
    isRunning.current = true;
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      if (!isOver.current) setProblem(problemOf(error));
      return false;
    } finally {
      isRunning.current = false;
      if (!isOver.current) setBusy(false);
    }
  }, []);

  const dismiss = useCallback(() => setProblem(undefined), []);
  return { isBusy, problem, run, dismiss };
}
