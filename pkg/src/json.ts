/** What callers keep with Holdpoint: outputs and inputs of steps, data of checkpoints. */
import { invalidInput, looking, show } from "./error.js";
import { isPlain } from "./names.js";

/** As deep as any JSON that is kept may be. */
const DEEPEST = 100;

/**
 * The JSON text of a value; `undefined` if there is none. Refuses what would come back as something
 * else: `JSON.stringify` makes `null` of `NaN`, `{}` of a `Map`, and leaves functions out.
 */
export function jsonText(field: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return looking(field, () => {
    check(field, value, 0);
    return JSON.stringify(value);
  });
}

function check(place: string, value: unknown, depth: number): void {
  if (depth > DEEPEST) {
    throw invalidInput(place, `JSON nested at most ${DEEPEST} deep and without a cycle`, "deeper");
  }
  switch (typeof value) {
    case "boolean":
      return;
    case "string":
      return checkText(place, "a text", value);
    case "number":
      if (Number.isFinite(value)) return;
      throw invalidInput(place, "a finite number", value);
    case "object":
      break;
    default:
      throw invalidInput(place, "a JSON value", value);
  }
  if (value === null) return;
  if (Array.isArray(value)) {
    // Not forEach: it would pass over the holes, which become null.
    for (let index = 0; index < value.length; index += 1) {
      check(`${place}[${index}]`, value[index], depth + 1);
    }
    return;
  }
  if (!isPlain(value)) {
    const hint = value instanceof Date ? ", a date by its toISOString()" : "";
    throw invalidInput(place, `a JSON value${hint}`, value);
  }
  if (typeof value["toJSON"] === "function") {
    throw invalidInput(place, "an object without toJSON", show(value));
  }
  for (const [name, item] of Object.entries(value)) {
    checkText(place, "names of fields", name);
    if (item !== undefined) check(`${place}.${name}`, item, depth + 1);
  }
}

/** Half of a surrogate pair is no character: `JSON.stringify` escapes it, others refuse to read that. */
function checkText(place: string, what: string, text: string): void {
  if (text.isWellFormed?.() === false) {
    throw invalidInput(place, `${what} without halves of surrogate pairs`, text);
  }
}

/** The value of a JSON text that was kept. */
export const fromJsonText = (text: string | null): unknown =>
  text === null ? null : (JSON.parse(text) as unknown);
