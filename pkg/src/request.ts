/** Commands on their way to the module: values become texts, texts of items bodies. */
import type { Command as WasmCommand } from "../wasm/holdpoint.js";
import { invalidInput, looking } from "./error.js";
import { jsonText } from "./json.js";
import { camelPath, isPlain, toSnake } from "./names.js";
import type { Command } from "./types/commands.js";

/** A command as the module takes it. */
export function toWasmCommand(command: Command): WasmCommand {
  const given = plain("command", command);
  const made: Record<string, unknown> = { ...given };
  if ("steps" in given) made["steps"] = steps("steps", given["steps"]);
  if ("output" in given) made["output"] = jsonText("output", given["output"]);
  if ("context" in given) made["context"] = items("context", given["context"]);
  switch (given["type"]) {
    case "add_context":
      made["items"] = items("items", given["items"]);
      break;
    case "create_project":
      if (given["plan"] !== undefined) {
        const first = plain("plan", given["plan"]);
        made["plan"] = {
          ...first,
          plan: newPlan("plan.plan", first["plan"]),
          ...("context" in first && { context: items("plan.context", first["context"]) }),
        };
      }
      break;
    case "create_plan":
      made["plan"] = newPlan("plan", given["plan"]);
      break;
    case "create_checkpoint": {
      const checkpoint = plain("checkpoint", given["checkpoint"]);
      made["checkpoint"] = { ...checkpoint, data: jsonText("data", checkpoint["data"]) };
      break;
    }
  }
  return toSnake(made, "") as WasmCommand;
}

function newPlan(place: string, plan: unknown): unknown {
  const given = plain(place, plan);
  return given["steps"] === undefined
    ? given
    : { ...given, steps: steps(`${place}.steps`, given["steps"]) };
}

function steps(place: string, given: unknown): unknown {
  if (given === undefined) return undefined;
  return listed(place, "titles or steps", given, (step, index) => {
    if (typeof step === "string") return { title: step };
    const at = `${place}[${index}]`;
    const made = plain(at, step);
    return { ...made, input: jsonText(`${at}.input`, made["input"]) };
  });
}

/** Context items: what is a `text` here is a `body` in the journal. */
export function items(place: string, given: unknown): unknown {
  if (given === undefined) return undefined;
  return listed(place, "context items", given, (item, index) => {
    const { text, ...rest } = plain(`${place}[${index}]`, item);
    if ("body" in rest) throw invalidInput(`${place}[${index}].body`, "the name text", "body");
    return { ...rest, body: text };
  });
}

/** What is made of each item of a list. */
export function listed<T>(
  place: string,
  of: string,
  given: unknown,
  make: (item: unknown, index: number) => T,
): T[] {
  return looking(place, () => {
    if (Array.isArray(given)) return given.map(make);
    throw invalidInput(place, `a list of ${of}`, given);
  });
}

/** An object that is nothing but its fields, which is how options and data are given: a copy. */
export function plain(place: string, given: unknown): Record<string, unknown> {
  return looking(place, () => {
    if (isPlain(given)) return { ...given };
    throw invalidInput(place, "an object", given);
  });
}

/** Options, or none: a copy. Whoever has taken theirs out of it gives the rest to `none`. */
export function options<T extends object>(given: T | undefined): T {
  return (given === undefined ? {} : plain("options", given)) as T;
}

/** Refuses what is left of options: a name that was misspelled would otherwise do nothing. */
export function none(rest: object): void {
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined) continue;
    const isSnake = /^[a-z0-9]+_[a-z0-9_]*[a-z0-9]$/.test(name);
    const expected = isSnake ? `the name ${camelPath(name)}` : "no option of this name";
    throw invalidInput(name, expected, value);
  }
}

/** Refuses `null` where it would do what leaving it out does: something else was expected there. */
export function notNull(place: string, expected: string, given: unknown): void {
  if (given === null) throw invalidInput(place, `${expected}, or nothing`, given);
}

/** Yes or no, or nothing. */
export function flag(place: string, given: unknown): void {
  if (given !== undefined && typeof given !== "boolean") {
    throw invalidInput(place, "true or false", given);
  }
}

/** What ends something, or nothing. */
export function abortable(given: unknown): void {
  if (given !== undefined && !(given instanceof AbortSignal)) {
    throw invalidInput("signal", "an AbortSignal", given);
  }
}

/** A text. */
export function text(place: string, given: unknown): string {
  if (typeof given === "string") return given;
  throw invalidInput(place, "a text", given);
}

/** A function. */
export function callable(place: string, given: unknown): void {
  if (typeof given !== "function") throw invalidInput(place, "a function", given);
}
