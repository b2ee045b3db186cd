// Looking back on the page: what changed between two points, and projects forked from one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { samplePath } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";

const at = atSite();
const limit = { timeout: 180_000 };

/** What the page lists, folded away or not. */
const listed = (app) =>
  app.id("difference").evaluateAll((rows) => rows.map((row) => row.dataset.path));

async function isListed(app, query) {
  const { from, to, changes } = await app.query({ type: "diff", ...query });
  await app.page
    .locator(`[data-testid=differences][data-from="${from}"][data-to="${to}"]`)
    .waitFor();
  assert.deepEqual((await listed(app)).sort(), changes.map(({ path }) => path).sort());
  return changes;
}

test("r66_what_changed_since_a_checkpoint_is_told_field_by_field", limit, async (t) => {
  const app = await at.visit(t);
  const { project, plan } = await app.importPlan(samplePath);
  await app.runSteps(2);
  await app.takeCheckpoint("halfway");
  await app.runSteps(1);
  await app.checkpoint("halfway").getByTestId("checkpoint-more").click();
  await app.id("changed-since").click();
  await app.id("differences").waitFor();
  const { rows } = await app.query({ type: "checkpoints", project });
  const from = rows.find(({ name }) => name === "halfway").checkpoint;
  const changes = await isListed(app, { project, from });
  assert.ok(changes.length > 3);

  // In words, grouped, and marked by more than a colour.
  const state = app.page.locator(`[data-path="plans/${plan}/steps/2/state"]`);
  assert.match(
    (await state.innerText()).replace(/\s+/g, " "),
    /Changed Step 3 .*before: pending → after: completed/,
  );
  const item = app.page.locator("[data-testid=difference][data-kind=added]").first();
  assert.match(await item.innerText(), /^Added/);
  await app.page.getByRole("heading", { name: /^Plan 1: / }).waitFor();
  await app.page.getByRole("heading", { name: /^Context of / }).waitFor();

  // It moves along with the project.
  await app.call("playStep", project, plan);
  await until("the next step is told too", async () =>
    (await listed(app)).includes(`plans/${plan}/steps/3/state`),
  );
  await isListed(app, { project, from });

  // Any two points, the other way round too.
  await app.id("compare-from").selectOption("now");
  await app.id("compare-to").selectOption({ label: "A revision, by its number" });
  await app.id("compare-to-revision").fill("3");
  const back = await isListed(app, { project, from: "now", to: "@3" });
  assert.ok(back.some(({ kind }) => kind === "removed"));
  assert.match(app.page.url(), /compare\/now\/@3$/);
  await app.id("compare-from").selectOption("@");
  await app.id("compare-from-revision").fill("3");
  await app.page.getByText("Nothing differs between revision 3 and revision 3.").waitFor();
  await app.id("compare-to-revision").fill("9999");
  await app.problem("REVISION_NOT_FOUND");
});

test("r67_a_project_is_forked_from_a_checkpoint_and_from_now", limit, async (t) => {
  const app = await at.visit(t);
  const { project, plan } = await app.importPlan(samplePath);
  await app.runSteps(2);
  await app.takeCheckpoint("fork me");
  await app.runSteps(2);
  await app.openProject({ project });
  await app.checkpoint("fork me").getByTestId("checkpoint-more").click();
  await app.id("fork-from").click();
  assert.equal(await app.id("fork-name").inputValue(), "Fork of parser-fix");
  await app.id("fork-name").fill("Another way");
  await app.id("fork-confirm").click();
  await app.page.getByRole("heading", { name: "Another way" }).waitFor();
  const fork = app.ids().project;
  assert.notEqual(fork, project);
  await app.id("origin").getByRole("link").waitFor();
  assert.match(await app.id("origin").innerText(), /forked from parser-fix, revision \d+/);
  const [row] = (await app.query({ type: "plans", project: fork })).rows;
  assert.equal(row.last_completed_step, 1);

  // Both go their own way.
  await app.openPlan({ project: fork, plan: row.plan });
  await app.runSteps(1);
  const { last_completed_step } = await app.query({ type: "plan", project, plan });
  assert.equal(last_completed_step, 3);
  await app.id("to-project").click();
  await app.id("origin").getByRole("link").click();
  await app.page.getByRole("heading", { name: "parser-fix" }).waitFor();

  // From now; and what it was forked from may go.
  await app.id("fork").click();
  await app.id("fork-confirm").click();
  await app.page.getByRole("heading", { name: "Fork of parser-fix" }).waitFor();
  await app.id("origin").getByRole("link").waitFor();
  await app.call("execute", { project, command: { type: "delete_project" } });
  await app.page.getByText("forked from a project that is gone").waitFor();
});
