import { useEffect, useReducer } from "preact/hooks";

/** A value that is watched: the few things that live outside of any component. */
export interface Cell<T> {
  readonly value: T;
  set(value: T): void;
  watch(listener: () => void): () => void;
}

export function cell<T>(first: T): Cell<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get value() {
      return value;
    },
    set(next) {
      if (Object.is(value, next)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export function useCell<T>(cell: Cell<T>): T {
  const [, render] = useReducer((count: number, _: void) => count + 1, 0);
  const seen = cell.value;
  useEffect(() => {
    // It may have changed between the drawing and now.
    if (!Object.is(seen, cell.value)) render();
    return cell.watch(() => render());
  }, [cell]);
  return seen;
}
