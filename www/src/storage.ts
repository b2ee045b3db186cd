import { cell } from "./cell";

/** Whether the browser keeps what is here, and how much room there is. */
export interface Room {
  /** Not known where the browser doesn't say. */
  isPersistent: boolean | undefined;
  usage: number | undefined;
  quota: number | undefined;
}

export const room = cell<Room>({ isPersistent: undefined, usage: undefined, quota: undefined });
export const isOnline = cell(navigator.onLine);

addEventListener("online", () => isOnline.set(true));
addEventListener("offline", () => isOnline.set(false));

/** Looks how things are. What the browser doesn't tell stays unknown. */
export async function measure(): Promise<void> {
  // Browsers have it only where the connection is a secure one.
  const manager = navigator.storage as StorageManager | undefined;
  const [isPersistent, estimate] = await Promise.all([
    manager?.persisted?.().catch(() => undefined),
    manager?.estimate?.().catch(() => undefined),
  ]);
  room.set({ isPersistent, usage: estimate?.usage, quota: estimate?.quota });
}

/** Asks the browser to keep it for good. Whether it does. */
export async function keepForGood(): Promise<boolean> {
  const isKept = await navigator.storage.persist();
  await measure();
  return isKept;
}
