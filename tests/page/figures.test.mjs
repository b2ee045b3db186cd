// A project and all there is, in figures (R48).
import assert from "node:assert/strict";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { samplePath } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";
import { theGarden } from "./support/upkeep_scenes.mjs";

const at = atSite();
const limit = { timeout: 180_000 };

/** The kinds of a table, with how many there are of each. */
const table = async (app, testId) =>
  Object.fromEntries(
    await app
      .id(testId)
      .locator("tbody tr")
      .evaluateAll((rows) => rows.map(({ dataset }) => [dataset.key, Number(dataset.count)])),
  );

const without0 = (counts) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

const inAll = async (app) =>
  (await app.id("in-all").innerText()).replace(/\s+/g, " ").replaceAll(",", "");

test("r48_a_project_is_shown_in_figures_and_they_move_along", limit, async (t) => {
  const app = await at.visit(t);
  const ids = await app.importPlan(samplePath);
  await app.runSteps(2);
  await app.openProject(ids);
  await app.id("to-figures").click();
  await app.id("plans-by-state").waitFor();
  const { totals, sizes } = await app.query({ type: "statistics", project: ids.project });
  assert.equal(
    await inAll(app),
    `Plans 1 Steps done 2 of ${totals.steps} Checkpoints ${totals.checkpoints} Entries of history ${totals.entries}`,
  );
  assert.deepEqual(await table(app, "plans-by-state"), { implementing: 1 });
  assert.deepEqual(
    await table(app, "checkpoints-by-trigger"),
    without0(totals.checkpoints_by_trigger),
  );
  const shown = await app
    .id("sizes")
    .locator("[data-bytes]")
    .evaluateAll((all) => all.map(({ dataset }) => Number(dataset.bytes)));
  assert.deepEqual(shown, [sizes.journal_bytes, sizes.body_bytes]);
  assert.ok(sizes.body_bytes > 0);
  assert.equal(await app.id("by-agent").locator("tbody tr").count(), 1);
  // In words: no name of the machine's.
  assert.doesNotMatch(await app.id("figures").innerText(), /_|implementing|phase/);

  await app.call("playStep", ids.project, ids.plan);
  await until("the step is counted", async () => (await inAll(app)).includes("Steps done 3 of"));
  await app.call("execute", { project: ids.project, command: { type: "delete_project" } });
  await app.id("missing").waitFor();
});

test("r48_all_there_is_is_shown_in_figures_with_the_browsers_room", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("empty").waitFor();
  assert.equal(await app.id("to-figures").count(), 0, "of nothing there are no figures to show");
  await app.importPlan(samplePath);
  const { project } = await theGarden(app);
  await app.call("pause", project, "tea");
  await app.home();
  await app.id("to-figures").click();
  await app.id("projects-by-status").waitFor();
  const { totals } = await app.query({ type: "store_statistics" });
  assert.deepEqual(await table(app, "projects-by-status"), { active: 1, paused: 1 });
  assert.deepEqual(await table(app, "plans-by-state"), without0(totals.plans_by_state));
  assert.match(await inAll(app), new RegExp(`^Projects 2 Plans ${totals.plans} Steps done 3 of`));
  const [used, allowed] = await app
    .id("room")
    .locator("[data-bytes]")
    .evaluateAll((all) => all.map(({ dataset }) => Number(dataset.bytes)));
  assert.ok(used > 0 && allowed > used, `${used} of ${allowed}`);
  assert.match(await app.id("room").innerText(), /Kept for good\s+(yes|no), the browser/);
});

test("r48_what_the_browser_does_not_say_is_told_as_that", limit, async (t) => {
  const { context } = await at.context(t);
  await context.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, "storage", { value: undefined }),
  );
  const page = await context.newPage();
  await page.goto(`${at.site.url}#/figures`);
  await page.getByTestId("room").waitFor();
  const words = await page.getByTestId("room").innerText();
  assert.equal(words.match(/the browser doesn’t say/g)?.length, 3, words);
  assert.equal(await page.getByTestId("room").locator("progress").count(), 0);
});
