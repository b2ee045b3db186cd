/** Where the data is, and whether the browser keeps it. */
import type { Store } from "./store.js";
import { delay } from "./waiting.js";

/** Where the data of a store is. What the browser doesn't tell is `null`. */
export interface StorageInfo {
  storage: "indexeddb" | "memory";
  /** The database's name. */
  name: string;
  /** What an acknowledged commit survives. */
  durability: "strict" | "relaxed";
  /** Bytes: an estimate of all that the site keeps in the browser, other databases included. */
  usage: number | null;
  /** Bytes: how much the browser lets the site keep in all. */
  quota: number | null;
  /** Whether the browser has promised not to take it away by itself. */
  persisted: boolean | null;
}

/** As long as an answer is waited for that takes a few milliseconds, in milliseconds. */
const DEADLINE = 2000;

/** @internal */
export async function storageInfo(store: Store): Promise<StorageInfo> {
  const { storage, name, durability } = store.kind;
  const manager = storage === "indexeddb" ? storageManager() : undefined;
  const [estimate, persisted] = await Promise.all([
    answer(manager?.estimate?.()),
    answer(manager?.persisted?.()),
  ]);
  const { usage = null, quota = null } = estimate ?? {};
  return { storage, name, durability, usage, quota, persisted };
}

/** What a promise brings, if it does in time. */
function answer<T>(asked: Promise<T> | undefined): Promise<T | null> {
  const none = (): null => null;
  return asked === undefined
    ? Promise.resolve(null)
    : Promise.race([asked.catch(none), delay(DEADLINE).then(none)]);
}

/** Not in Node, and in browsers only where the connection is a secure one. */
const storageManager = (): Partial<StorageManager> | undefined =>
  (globalThis.navigator as Navigator | undefined)?.storage as Partial<StorageManager> | undefined;

/** Asks the browser to keep it; whether it does. Workers and Node can't ask. */
/** @internal Asks the browser to keep it; whether it does. Workers and Node can't ask. */
export async function persist(): Promise<boolean> {
  const manager = storageManager();
  try {
    return (await manager?.persist?.()) ?? (await manager?.persisted?.()) ?? false;
  } catch {
    return false;
  }
}
