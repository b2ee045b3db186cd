/** Commands on their way to the module: values become texts, texts of items bodies. */
import type { Command as WasmCommand } from "../wasm/holdpoint.js";
import { invalidInput } from "./error.js";
import { jsonText } from "./json.js";
import { isPlain, toSnake } from "./names.js";
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
  return list(place, "titles or steps", given).map((step, index) => {
    if (typeof step === "string") return { title: step };
    const at = `${place}[${index}]`;
    const made = plain(at, step);
    return { ...made, input: jsonText(`${at}.input`, made["input"]) };
  });
}

/** Context items: what is a `text` here is a `body` in the journal. */
export function items(place: string, given: unknown): unknown {
  if (given === undefined) return undefined;
  return list(place, "context items", given).map((item, index) => {
    const { text, ...rest } = plain(`${place}[${index}]`, item);
    if ("body" in rest) throw invalidInput(`${place}[${index}].body`, "the name text", "body");
    return { ...rest, body: text };
  });
}

function list(place: string, of: string, given: unknown): readonly unknown[] {
  if (Array.isArray(given)) return given;
  throw invalidInput(place, `a list of ${of}`, given);
}

/** An object that is nothing but its fields: what options and data are given as. */
export function plain(place: string, given: unknown): Record<string, unknown> {
  if (isPlain(given)) return given;
  throw invalidInput(place, "an object", given);
}

/** Options, or none. */
export function options<T extends object>(given: T | undefined): T {
  if (given !== undefined) plain("options", given);
  return (given ?? {}) as T;
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
