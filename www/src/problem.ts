import { isHoldpointError } from "holdpoint";
import { cell } from "./cell";

/** Something that went wrong, ready to be shown. */
export interface Problem {
  code: string;
  message: string;
}

/** What goes wrong in the page itself; its codes stand in `advice.ts` with Holdpoint's own. */
export class PageError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Whether the browser took everything away: then nothing that is missing was deleted by anybody. */
export const wasEvicted = cell(false);

export function problemOf(error: unknown): Problem {
  if (!(error instanceof Error)) return { code: "INTERNAL", message: String(error) };
  if (error instanceof PageError || isHoldpointError(error)) {
    if (error.code === "EVICTED") wasEvicted.set(true);
    return { code: error.code, message: error.message };
  }
  return { code: "INTERNAL", message: `${error.name}: ${error.message}` };
}

/** The project that stands in the way of an import, where it is, and where the file has it. */
export interface InTheWay {
  project: string;
  /** At which revision it is here, or was when it was deleted. */
  revision: number | undefined;
  inFile: number | undefined;
}

export function inTheWay(error: unknown): InTheWay | undefined {
  if (!isHoldpointError(error)) return undefined;
  const { project, revision, found, bundle } = error.details;
  if (typeof project !== "string") return undefined;
  return { project, revision: revisionIn(revision, found), inFile: revisionIn(bundle) };
}

/** The first that is one, or has one. */
function revisionIn(...values: unknown[]): number | undefined {
  const found = values.map((value) =>
    typeof value === "object" && value !== null ? Reflect.get(value, "revision") : value,
  );
  return found.find((value) => typeof value === "number");
}
