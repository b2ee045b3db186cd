/**
 * What is listed or looked at has its own id as `id`. The ids of others are called by what they are
 * of, as everywhere: `project`, `plan`.
 */
import type { Query as WasmQuery } from "../wasm/holdpoint.js";

type Name = "project" | "plan" | "checkpoint";

const OWN: Partial<Record<WasmQuery["type"], Name>> = {
  projects: "project",
  plans: "plan",
  checkpoints: "checkpoint",
  resumable: "plan",
  inbox: "plan",
  project: "project",
  plan: "plan",
  checkpoint: "checkpoint",
};

/** An answer of the module, with each record's own id as `id`. */
export function withOwnIds(type: WasmQuery["type"], answer: unknown): unknown {
  const name = OWN[type];
  if (name === undefined) return answer;
  if (Array.isArray(answer)) return answer.map((row) => renamed(row, name));
  const one = answer as Record<string, unknown>;
  if (Array.isArray(one["rows"]))
    return { ...one, rows: one["rows"].map((row) => renamed(row, name)) };
  const made = renamed(one, name);
  const plans = made["planList"];
  return Array.isArray(plans)
    ? { ...made, planList: plans.map((row) => renamed(row, "plan")) }
    : made;
}

function renamed(record: unknown, name: Name): Record<string, unknown> {
  const { [name]: id, ...rest } = record as Record<string, unknown>;
  return { id, ...rest };
}
