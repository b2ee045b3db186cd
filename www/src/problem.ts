import type { HoldpointError } from "#wasm";
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

function isHoldpointError(error: Error): error is HoldpointError {
  return error.name === "HoldpointError" && "code" in error && typeof error.code === "string";
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

/** Who has the plan that a call was refused for, if that is why: nobody any more, perhaps. */
export function claimedBy(error: unknown): { holder: string | undefined } | undefined {
  if (!(error instanceof Error && isHoldpointError(error))) return undefined;
  if (error.code !== "PLAN_CLAIMED") return undefined;
  const { holder } = error.details;
  return { holder: typeof holder === "string" ? holder : undefined };
}

/** The project that stands in the way of an import, where it is, and where the file has it. */
export interface InTheWay {
  project: string;
  /** At which revision it is here, or was when it was deleted. */
  revision: number | undefined;
  inFile: number | undefined;
}

export function inTheWay(error: unknown): InTheWay | undefined {
  if (!(error instanceof Error && isHoldpointError(error))) return undefined;
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

/** What a call was refused with, if it was refused with one of these. */
export function isRefusal(error: unknown, ...codes: string[]): boolean {
  return codes.includes(problemOf(error).code);
}
