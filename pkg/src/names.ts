/**
 * Names: snake_case in the journal, camelCase here. Only the names of fields are converted, never
 * what people wrote: outputs, inputs and checkpoints' data are texts while they pass through here,
 * and an error's details stay as they are.
 */
import { invalidInput, looking } from "./error.js";

/** What is in these is keyed by values (`plan_awaiting_approval`), not by names of fields. */
const KEYED_BY_VALUES = new Set(["plans_by_state", "checkpoints_by_trigger", "projects_by_status"]);

/** Deeper than anything that is expected; what is deeper goes on as it is, and is refused there. */
const DEEPEST = 64;

const camels = new Map<string, string>();

function camel(name: string): string {
  let known = camels.get(name);
  if (known === undefined) {
    known = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    // Names of fields are few. Those of what somebody made up aren't kept for ever.
    if (camels.size < 1000) camels.set(name, known);
  }
  return known;
}

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** An answer, with names as they are here. */
export function toCamel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toCamel);
  if (typeof value !== "object" || value === null) return value;
  return fromEntries(
    Object.entries(value).map(([name, field]) => [
      camel(name),
      KEYED_BY_VALUES.has(name) ? field : toCamel(field),
    ]),
  );
}

/** A request, with names as they are in the journal. */
export function toSnake(value: unknown, place: string, depth = 0): unknown {
  return looking(place === "" ? "what was given" : place, () => snaked(value, place, depth));
}

function snaked(value: unknown, place: string, depth: number): unknown {
  if (depth > DEEPEST) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => toSnake(item, `${place}[${index}]`, depth + 1));
  }
  if (!isPlain(value)) return value;
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const path = place === "" ? name : `${place}.${name}`;
    // Both spellings would make two ways to say it, and hide one that is given twice.
    if (name.includes("_")) throw invalidInput(path, `the name ${camel(name)}`, name);
    fields.push([snake(name), toSnake(field, path, depth + 1)]);
  }
  return fromEntries(fields);
}

/** A path into what was asked, with names as they are here. */
export const camelPath = (path: string): string =>
  path
    .replace(/(\b(?:items|context)\[\d+\])\.body\b/, "$1.text")
    .split(".")
    .map(camel)
    .join(".");

/** An object that is nothing but its fields. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || isObjectPrototype(prototype);
}

/** `Object.prototype` of another realm: a frame's, a test runner's. */
function isObjectPrototype(prototype: unknown): boolean {
  return (
    typeof prototype === "object" &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "isPrototypeOf")
  );
}

/** Makes every field an own one, `__proto__` too. */
const fromEntries = (fields: [string, unknown][]): Record<string, unknown> =>
  Object.fromEntries(fields);
