/** What callers keep with Holdpoint: outputs and inputs of steps, data of checkpoints. */
import { HoldpointError, invalidInput, looking, show } from "./error.js";
import { isPlain } from "./names.js";

/** As deep as any JSON that is kept may be. */
const DEEPEST = 100;
/** More values than this have no room in a text of 1 MiB; a list may say that it has any number. */
const MOST = 1 << 20;

/**
 * The JSON text of a value; `undefined` if there is none. Refuses what would come back as something
 * else: `JSON.stringify` makes `null` of `NaN`, `{}` of a `Map`, and leaves functions out.
 */
export const jsonText = (field: string, value: unknown): string | undefined =>
  JSON.stringify(jsonCopy(field, value));

/**
 * A copy of a JSON value, refused likewise. What was looked at is what is kept: a getter or a proxy
 * may give something else the next time.
 */
export function jsonCopy(field: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  return looking(field, () => copied(field, value, 0, { field, left: MOST }));
}

function copied(
  place: string,
  value: unknown,
  depth: number,
  count: { field: string; left: number },
): unknown {
  if (depth > DEEPEST) {
    throw invalidInput(place, `JSON nested at most ${DEEPEST} deep and without a cycle`, "deeper");
  }
  if ((count.left -= 1) < 0) {
    const { field } = count;
    throw new HoldpointError(
      "TOO_LONG",
      `${field} is too long: expected at most ${MOST} values, found more`,
      { details: { field, limit: MOST, unit: "values" } },
    );
  }
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      checkText(place, "a text", value);
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw invalidInput(place, "a finite number", value);
    case "object":
      break;
    default:
      throw invalidInput(place, "a JSON value", value);
  }
  if (value === null) return null;
  if (Array.isArray(value)) {
    checkPlain(place, value);
    const list: unknown[] = [];
    // Not map: it would pass over the holes, which become null.
    for (let index = 0, { length } = value; index < length; index += 1) {
      list.push(copied(`${place}[${index}]`, value[index], depth + 1, count));
    }
    return list;
  }
  if (!isPlain(value)) {
    const hint = value instanceof Date ? ", a date by its toISOString()" : "";
    throw invalidInput(place, `a JSON value${hint}`, value);
  }
  checkPlain(place, value);
  const fields: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value)) {
    checkText(place, "names of fields", name);
    if (item === undefined) continue;
    fields.push([name, copied(`${place}.${shortened(name)}`, item, depth + 1, count)]);
  }
  return Object.fromEntries(fields);
}

/** Refuses what `JSON.stringify` would ask for something else, or would leave a part out of. */
function checkPlain(place: string, value: object): void {
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    throw invalidInput(place, "data without toJSON", show(value));
  }
  const [symbol] = Object.getOwnPropertySymbols(value);
  if (symbol !== undefined) throw invalidInput(place, "names of fields that are texts", symbol);
}

/** As much of a name as is told in a place. */
const shortened = (name: string): string =>
  name.length <= 40 ? name : `${name.slice(0, 40).replace(/[\ud800-\udbff]$/, "")}…`;

/** Half of a surrogate pair is no character: `JSON.stringify` escapes it, others refuse to read that. */
function checkText(place: string, what: string, text: string): void {
  if (text.isWellFormed?.() === false) {
    throw invalidInput(place, `${what} without halves of surrogate pairs`, text);
  }
}

/** The value of a JSON text that was kept. */
export const fromJsonText = (text: string | null): unknown =>
  text === null ? null : (JSON.parse(text) as unknown);
