/** Where the data is, and whether the browser keeps it. */
import type { Store } from "./store.js";
import type { Usage } from "./types/views.js";

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

export async function storageInfo(store: Store): Promise<StorageInfo> {
  const { storage, name, durability } = store.kind;
  const { usage } = await store.read<{ usage: Usage }>({ type: "store_statistics" });
  return {
    storage,
    name,
    durability,
    usage: usage.bytes,
    quota: usage.quota,
    persisted: usage.persisted,
  };
}

/** Asks the browser to keep it; whether it does. Workers and Node can't ask. */
export async function persist(): Promise<boolean> {
  const manager = (globalThis.navigator as Navigator | undefined)?.storage as
    Partial<StorageManager> | undefined;
  try {
    return (await manager?.persist?.()) ?? (await manager?.persisted?.()) ?? false;
  } catch {
    return false;
  }
}
