// The history on the page: looked through, and saved to a file (R50).
import assert from "node:assert/strict";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { until } from "./support/until.mjs";
import { theGarden } from "./support/upkeep_scenes.mjs";

const at = atSite();
const limit = { timeout: 240_000 };

const shown = (app) =>
  app.id("history-row").evaluateAll((rows) => rows.map(({ dataset }) => Number(dataset.revision)));

/** Until the page shows exactly what the engine finds, the newest first. */
async function isFound(app, query) {
  const { entries } = await app.query({ type: "find_entries", newest_first: true, ...query });
  const revisions = entries.map(({ revision }) => revision);
  await until(`the page shows ${revisions.length} entries`, async () => {
    const rows = await shown(app);
    return rows.length === revisions.length && rows.every((row, at) => row === revisions[at]);
  });
  return entries;
}

async function gardenOpened(app) {
  await app.id("import").waitFor();
  const garden = await theGarden(app);
  await app.openProject(garden);
  await app.id("history-row").first().waitFor();
  return garden;
}

test("r50_history_is_looked_through_by_plan_actor_type_and_time", limit, async (t) => {
  const app = await at.visit(t, { timezoneId: "Asia/Tokyo" });
  const { project, other, run } = await gardenOpened(app);
  await app.id("history-filter").locator("summary").click();

  await app.id("history-plan").selectOption(other);
  const ofPlan = await isFound(app, { project, plan: other });
  assert.equal(ofPlan.length, 1);
  await app.id("history-plan").selectOption("");

  await app.id("history-what").selectOption("of-steps");
  const types = ["step_started", "step_completed", "step_failed"];
  const ofSteps = await isFound(app, { project, types });
  assert.equal(ofSteps.length, 6);
  await app.id("history-what").selectOption("step_completed");
  const completed = await isFound(app, { project, types: ["step_completed"] });
  assert.equal(completed.length, 3);
  await app.id("history-what").selectOption("");

  await app.id("history-actor").fill("neighbour");
  await app.id("history-actor").press("Enter");
  const byThem = await isFound(app, { project, actor: "neighbour" });
  assert.equal(byThem.length, 3);
  // Who comes is seen, and who isn't looked for is not.
  await run({ type: "rename_project", name: "Ours" }, "neighbour");
  await run({ type: "rename_project", name: "Mine" }, "gardener");
  const now = await isFound(app, { project, actor: "neighbour" });
  assert.equal(now.length, 4);
  await app.id("history-all").click();
  await isFound(app, { project });

  // Times are those of whoever looks.
  await app.id("history-from").fill("2099-01-01T00:00");
  await app.id("history-empty").waitFor();
  await app.id("history-until").fill("2098-12-31T00:00");
  await app.problem("INVALID_INPUT");
  await app.id("history-until").fill("");
  await app.id("history-from").fill("");
  const { entries } = await app.query({ type: "find_entries", project });
  const minute = new Date(Math.ceil(Date.parse(entries.at(-1).at) / 60_000) * 60_000 + 60_000);
  const tokyo = new Date(minute.getTime() + 9 * 3_600_000).toISOString().slice(0, 16);
  await app.id("history-until").fill(tokyo);
  await isFound(app, { project, until: minute.toISOString() });
  await app.id("history-from").fill(tokyo);
  await app.id("history-empty").waitFor();
});

test("r50_a_plans_history_is_read_on_its_own_page", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("import").waitFor();
  const { project, plan, other } = await theGarden(app);
  await app.page.evaluate((hash) => (location.hash = hash), `#/p/${project}/plan/${plan}`);
  await app.id("plan-history").locator("summary").first().click();
  const entries = await isFound(app, { project, plan });
  assert.ok(entries.length > 5);
  const saved = await app.saves("save-history");
  const lines = String(saved.bytes)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ revision }) => revision).reverse(),
    entries.map(({ revision }) => revision),
  );
  assert.ok(lines.every(({ events }) => !JSON.stringify(events).includes(other)));
});

test("r50_history_is_saved_as_json_lines_that_stand_for_themselves", limit, async (t) => {
  const app = await at.visit(t);
  const { project } = await gardenOpened(app);
  const read = ({ bytes }) => {
    const text = String(bytes);
    assert.ok(text.endsWith("\n"));
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  const all = await app.saves("save-history");
  assert.match(all.name, /^history-The-garden-\d{4}-\d\d-\d\d\.jsonl$/);
  const { entries } = await app.query({ type: "find_entries", project });
  assert.deepEqual(
    read(all),
    entries.map(({ v, ...entry }) => ({ project, ...entry })),
  );
  assert.match(await app.id("history-saved").innerText(), /^13 entries in /);

  await app.id("history-filter").locator("summary").click();
  await app.id("history-actor").fill("neighbour");
  await app.id("history-actor").press("Enter");
  await isFound(app, { project, actor: "neighbour" });
  const some = await app.saves("save-history");
  const kept = entries.filter(({ actor }) => actor === "neighbour");
  assert.deepEqual(
    read(some).map(({ digest }) => digest),
    kept.map(({ digest }) => digest),
  );
});

/** A project with many entries: made in memory, where that is fast, and taken over as a copy. */
const madeLong = (app, entries) =>
  app.page.evaluate(
    async ({ url, entries }) => {
      const { default: init, Holdpoint } = await import(url);
      await init();
      const made = await Holdpoint.open({ storage: "memory", actor: "maker" });
      const first = await made.execute({
        actor: "founder",
        command: { type: "create_project", name: "Long" },
      });
      const { project } = first;
      for (let entry = 1; entry < entries; entry += 1) {
        const command = { type: "rename_project", name: `Long ${entry}` };
        await made.execute({ project, command });
      }
      const kept = await Holdpoint.open({ actor: "maker" });
      const [from, into] = [await made.export([project]), await kept.import()];
      for (let piece; (piece = await from.next());) await into.push(piece);
      await into.finish();
      made.close();
      kept.close();
      return project;
    },
    { url: `${app.site.url}inspector/holdpoint.js`, entries },
  );

test("r50_an_empty_part_leads_on_by_itself_and_can_be_stopped", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("import").waitFor();
  const project = await madeLong(app, 12_000);
  await app.openProject({ project });
  await until("a page is shown", async () => (await app.id("history-row").count()) === 20);

  // Back and forth: no page has what another one has.
  const first = await shown(app);
  assert.deepEqual(
    first,
    Array.from({ length: 20 }, (_, index) => 12_000 - index),
  );
  await app.id("history-older").click();
  await until("the older page is there", async () => (await shown(app))[0] === 11_980);
  // What comes doesn't move an older page.
  await app.call("execute", { project, command: { type: "rename_project", name: "New" } });
  await app.page.getByRole("heading", { name: "New", exact: true }).waitFor();
  assert.equal((await shown(app))[0], 11_980);
  await app.id("history-newer").click();
  await until("the newest page is there", async () => (await shown(app))[0] === 12_001);

  // The one entry that is looked for is the first of all: parts without any lead there.
  await app.id("history-filter").locator("summary").click();
  await app.id("history-actor").fill("founder");
  await app.id("history-actor").press("Enter");
  await until("the first entry is found", async () => (await shown(app)).join() === "1");
  await app.id("history-searching").waitFor({ state: "detached" });

  // Stopped at the first part that was looked at, it says how far it came, and goes on when asked.
  await app.page.evaluate(() => {
    const stop = () => document.querySelector("[data-testid=history-stop]")?.click();
    new MutationObserver(stop).observe(document.body, { childList: true, subtree: true });
  });
  await app.id("history-actor").fill("nobody");
  await app.id("history-actor").press("Enter");
  await app.id("history-stopped").waitFor();
  assert.match(await app.id("history-stopped").innerText(), /Looked back to revision [\d,]+;/);
  for (let presses = 0; (await app.id("history-empty").count()) === 0; presses += 1) {
    assert.ok(presses < 5, "it comes to an end");
    await app
      .id("history-go-on")
      .click({ timeout: 5000 })
      .catch(() => undefined);
    await app.id("history-stopped").or(app.id("history-empty")).first().waitFor();
  }
});
