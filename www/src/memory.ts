/** What the page remembers beside the database: small things that may get lost. */

const PREFIX = "holdpoint-page:";

/** What was remembered; nothing where the browser keeps nothing. */
export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Remembers it, if the browser lets it; nothing, to forget it. */
export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Then it is known for this visit.
  }
}
