// Names of fields: snake_case in the journal, camelCase in JavaScript, and nothing lost between.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { packed, root } from "./support/packed.mjs";

const inside = (name) => import(pathToFileURL(join(packed(), "dist", name)).href);
const { toCamel, toSnake } = await inside("names.js");
const { EVENT_TYPES } = await inside("index.js");

/** There and back is what it was; and there, no name is as it is in the journal. */
function comesBack(value, what) {
  const there = toCamel(value);
  assert.deepEqual(toSnake(there, ""), value, what);
  assert.deepEqual(toCamel(toSnake(there, "")), there, what);
  assert.deepEqual(
    namesIn(there).filter((name) => name.includes("_")),
    [],
    what,
  );
}

function namesIn(value) {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [name, ...namesIn(field)]);
}

test("names_of_every_kind_of_event_come_back_as_they_were", async () => {
  const lines = (await readFile(join(root, "tests/fixtures/v1/entries.jsonl"), "utf8")).trim();
  const types = new Set();
  for (const line of lines.split("\n")) {
    const entry = JSON.parse(JSON.parse(line).text);
    for (const { type } of entry.events) types.add(type);
    comesBack(entry, `revision ${entry.revision}`);
  }
  // `project_deleted` is no event; whatever the package calls an event is in the fixtures.
  assert.deepEqual(
    EVENT_TYPES.filter((type) => !types.has(type)),
    [],
  );
});

test("names_of_every_kind_of_outcome_come_back_as_they_were", async () => {
  const raw = await rawStore();
  const seen = new Set();
  const execute = async (project, command) => {
    const { outcome } = await raw.execute(project === null ? { command } : { project, command });
    seen.add(outcome.type);
    comesBack(outcome, command.type);
    return outcome;
  };
  const create = async (name, fields) => {
    const receipt = await raw.execute({ command: { type: "create_project", name, ...fields } });
    seen.add(receipt.outcome.type);
    comesBack(receipt.outcome, "create_project");
    return receipt.project;
  };
  const old = "2026-01-01T00:00:00.000Z";
  const project = await create("all outcomes");
  const item = (kind, body) => ({ agent: "agent_one", kind, body, created_at: old });
  const { plan } = await execute(project, {
    type: "create_plan",
    plan: {
      request: "x",
      steps: [{ title: "a" }, { title: "b" }, { title: "c" }],
      settings: { auto_checkpoint_interval: 1 },
    },
  });
  await execute(project, { type: "start_plan", plan });
  const started = await execute(project, { type: "start_step", plan });
  await execute(project, { type: "fail_step", plan, attempt: started.attempt, error: "once" });
  const { attempt } = await execute(project, { type: "start_step", plan });
  const done = await execute(project, {
    type: "complete_step",
    plan,
    attempt,
    output: '{"under_score":1}',
    context: [{ ...item("log", "kept"), plan }],
  });
  await execute(project, { type: "set_agent", agent: "agent_one", token_limit: 10 });
  const added = await execute(project, {
    type: "add_context",
    items: [item("log", "one"), item("log", "a secret"), item("log", "three ".repeat(50))],
  });
  await execute(project, { type: "touch_items", items: added.items });
  await execute(project, { type: "pin_items", items: [added.items[0]] });
  await execute(project, { type: "archive_items", items: [added.items[1]] });
  await execute(project, { type: "restore_items", items: [added.items[1]] });
  await execute(project, { type: "flash_save", force: true });
  await execute(project, { type: "redact_item", item: added.items[1] });
  const { checkpoint } = await execute(project, {
    type: "create_checkpoint",
    checkpoint: { name: "mine", source_tool: "x", external_ref: "y", data: '{"a_b":1}' },
  });
  await execute(project, { type: "pin_checkpoint", checkpoint, pinned: true });
  await execute(project, { type: "set_retention", policy: { per_plan: 2, of_project: 2 } });
  await execute(project, { type: "apply_retention" });
  await execute(project, { type: "pause", reason: "x" });
  await execute(project, { type: "resume" });
  await execute(project, { type: "rollback_project", checkpoint });
  await execute(project, { type: "rename_project", name: "another" });
  const fork = await raw.execute({ command: { type: "fork_project", source: project } });
  seen.add(fork.outcome.type);
  comesBack(fork.outcome, "fork_project");
  const over = await execute(project, {
    type: "create_plan",
    plan: { request: "y", steps: [{ title: "a" }] },
  });
  await execute(project, { type: "start_plan", plan: over.plan });
  const last = await execute(project, { type: "start_step", plan: over.plan });
  await execute(project, { type: "complete_step", plan: over.plan, attempt: last.attempt });
  await execute(project, { type: "mark_applied", plan: over.plan });
  await execute(project, { type: "stop_project" });
  await execute(project, { type: "delete_project" });
  assert.ok(done.checkpoint !== undefined);
  raw.close();

  const reports = await readFile(join(packed(), "dist/types/reports.d.ts"), "utf8");
  const outcome = /export type Outcome =([^]*?);\n(?:\/\*\*|export)/.exec(reports)[1];
  const known = [...outcome.matchAll(/type: "(\w+)"/g)].map(([, type]) => type);
  assert.ok(known.length >= 25, `${known.length} kinds`);
  assert.deepEqual(
    known.filter((type) => !seen.has(type)),
    [],
  );
});

test("every_name_that_the_modules_types_know_comes_back_as_it_was", async () => {
  const types = await readFile(join(root, "pkg/wasm/holdpoint.d.ts"), "utf8");
  const names = new Set([...types.matchAll(/^\s*(\w+)\??: /gm)].map(([, name]) => name));
  const fields = [...names].filter((name) => /^[a-z][a-z0-9_]*$/.test(name));
  assert.ok(fields.length > 150, `${fields.length} names`);
  for (const name of fields) comesBack({ [name]: null }, name);
});

test("what_is_keyed_by_values_keeps_its_keys", () => {
  const figures = { plans_by_state: { plan_awaiting_approval: 2, pending: 0 }, plans: 2 };
  assert.deepEqual(toCamel(figures), {
    plansByState: { plan_awaiting_approval: 2, pending: 0 },
    plans: 2,
  });
});

test("a_field_called_proto_is_a_field", () => {
  const value = JSON.parse('{"__proto__":{"polluted":true},"a":1}');
  const there = toCamel(value);
  assert.equal(Object.getPrototypeOf(there), Object.prototype);
  assert.equal({}.polluted, undefined);
});

/** The module's own class, with names as it has them. */
async function rawStore() {
  const { createGlue } = await inside("glue.js");
  const glue = createGlue();
  const bytes = await readFile(join(packed(), "dist/holdpoint.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, glue.imports());
  glue.start(instance.exports);
  return glue.Holdpoint.open({ storage: "memory", actor: "ana" });
}
