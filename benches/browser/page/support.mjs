// What the benchmarks share inside the page.

const DAY = 86_400_000;

/** The module, compiled once for each page. */
let module;

export async function holdpoint() {
  module ??= (async () => {
    const loaded = await import("/wasm/holdpoint.js");
    await loaded.default();
    return loaded;
  })();
  return (await module).Holdpoint;
}

/** The middle of these, the one that 95 in 100 are below, and their mean. */
export function spread(times) {
  const sorted = [...times].sort((one, other) => one - other);
  const mean = sorted.reduce((sum, time) => sum + time, 0) / sorted.length;
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50: at(0.5), p95: at(0.95), mean };
}

/** How many milliseconds it takes. */
export async function time(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Lets what follows a commit (a hint to other tabs, the database's own work) end. */
export function settle(milliseconds = 2) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Does each of several works once in every round, in an order that moves on, so that what else the
 * machine does meets all alike. A work gives how long it took, or that of several things by name.
 */
export async function inTurns(works, { rounds, warmUp = 0 }) {
  const names = Object.keys(works);
  const times = {};
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (let place = 0; place < names.length; place += 1) {
      const name = names[(place + round) % names.length];
      const taken = await works[name]();
      const byName = typeof taken === "number" ? { [name]: taken } : taken;
      for (const [key, value] of Object.entries(byName)) {
        times[key] ??= [];
        if (round >= warmUp) times[key].push(value);
      }
      await settle();
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, spread(list)]));
}

/** A request of IndexedDB's, as a promise. */
export function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The end of a transaction, as a promise. */
export function completed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
}

/** Opens a database; `upgrade` makes its stores. */
export function openDatabase(name, upgrade) {
  const request = upgrade === undefined ? indexedDB.open(name) : indexedDB.open(name, 1);
  request.onupgradeneeded = () => upgrade?.(request.result);
  return answer(request);
}

/** A context item; every third is old enough to be cold. */
export function item(number, now, bodies = Infinity) {
  const age = number % 3 === 2 ? 10 * DAY : 0;
  return {
    agent: "agent",
    kind: "code",
    body: `item ${number % bodies}: what an agent found out about something`,
    created_at: new Date(now - age).toISOString(),
  };
}

/**
 * A project with so many items, in as many commands as it takes. Bodies have no part in what is
 * measured, so few of them differ: that spares puts while it is built.
 */
export async function projectWithItems(store, items, batch = 1000) {
  const { project } = await store.execute({ command: { type: "create_project", name: "bench" } });
  const now = Date.now();
  for (let from = 0; from < items; from += batch) {
    const length = Math.min(batch, items - from);
    const added = Array.from({ length }, (_, index) => item(from + index, now, 50));
    await store.execute({ project, command: { type: "add_context", items: added } });
  }
  return project;
}

/** Bytes of a value as JSON text. */
export function bytes(value) {
  if (value instanceof Uint8Array) return value.length;
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
