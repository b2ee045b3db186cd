import { cell } from "./cell";

/** What screen readers are told, politely, when nothing that has the focus says it. */
export const announcement = cell("");

export function announce(text: string): void {
  // The same text twice is told twice only if it differs.
  announcement.set(announcement.value === text ? `${text}\u00a0` : text);
}
