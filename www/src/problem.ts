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

/** What a call was refused with, if it was refused with one of these. */
export function isRefusal(error: unknown, ...codes: string[]): boolean {
  return codes.includes(problemOf(error).code);
}
