import type { ErrorCode } from "./codes.js";

/** What a `HoldpointError` is made with, besides its code and its message. */
export interface HoldpointErrorOptions extends ErrorOptions {
  details?: Readonly<Record<string, unknown>>;
}

/**
 * What every call of this package rejects with or throws.
 *
 * Compare the `code`, which never changes its meaning; show the `message`, which says what was
 * expected and what was found. A call that failed has changed nothing, unless its code is
 * `OUTCOME_UNKNOWN`; the object it was made on works again once the cause is gone.
 *
 * @example
 * ```ts
 * try {
 *   await plan.run(work);
 * } catch (error) {
 *   if (isHoldpointError(error, "QUOTA_EXCEEDED")) askForRoom(error.message);
 *   else throw error;
 * }
 * ```
 */
export class HoldpointError extends Error {
  /** The kind of failure. */
  readonly code: ErrorCode;
  /**
   * What the message says, as data: which fields there are depends on the code. They are called as
   * in the journal (`expires_at`).
   */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: HoldpointErrorOptions = {}) {
    const { details = {}, ...rest } = options;
    super(message, rest);
    this.name = "HoldpointError";
    this.code = code;
    this.details = details;
  }
}

/**
 * Whether something that was caught is a `HoldpointError`; of one of these codes, if any are given.
 * It also knows errors of another copy of this package.
 *
 * @example
 * ```ts
 * await project.resume().catch((error) => {
 *   if (!isHoldpointError(error, "PROJECT_NOT_PAUSED")) throw error;
 * });
 * ```
 */
export function isHoldpointError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is HoldpointError & { readonly code: Code } {
  if (!(error instanceof Error) || error.name !== "HoldpointError" || !("code" in error))
    return false;
  return codes.length === 0 || codes.includes(error.code as Code);
}

/** @internal What was given for an argument isn't what is expected of it. */
export function invalidInput(field: string, expected: string, found: unknown): HoldpointError {
  const shown = show(found);
  return new HoldpointError(
    "INVALID_INPUT",
    `${field} is not valid: expected ${expected}, found ${shown}`,
    { details: { field, expected, found: shown } },
  );
}

/**
 * @internal Looks into what somebody gave. A getter or a proxy of theirs that throws is a mistake in
 * what was given.
 */
export function looking<T>(place: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof HoldpointError) throw error;
    const why = error instanceof Error ? error.message : show(error);
    throw new HoldpointError(
      "INVALID_INPUT",
      `${place} is not valid: expected data that can be read, found that it throws: ${why}`,
      { details: { field: place, expected: "data that can be read", found: why }, cause: error },
    );
  }
}

/** @internal A value in a few words, whatever it is. */
export function show(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
    case "bigint":
      return `${value}n`;
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "symbol":
      return "a symbol";
    case "function":
      return "a function";
    default:
      return ofClass(value);
  }
}

function ofClass(value: unknown): string {
  let name: unknown;
  try {
    if (Array.isArray(value)) return `a list of ${value.length}`;
    name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)
      ?.constructor?.name;
  } catch {
    // A proxy that throws: then it is some object.
  }
  return typeof name === "string" && name !== "" && name !== "Object"
    ? `an instance of ${name}`
    : "an object";
}
