// Which checkpoints are kept, and old ones that go (R64).
import assert from "node:assert/strict";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { until } from "./support/until.mjs";
import { theGarden } from "./support/upkeep_scenes.mjs";

const at = atSite();
const limit = { timeout: 180_000 };

async function opened(t) {
  const app = await at.visit(t);
  await app.id("import").waitFor();
  const garden = await theGarden(app);
  await app.openProject(garden);
  await app.checkpoint("in spring").waitFor();
  return { app, ...garden };
}

const rowsOf = async (app, project) => (await app.query({ type: "checkpoints", project })).rows;
const names = (rows) => rows.map(({ name }) => name);

/** The ids that the page lists under a heading of the dry run. */
const listed = (app, testId) =>
  app
    .id(testId)
    .locator("[data-checkpoint]")
    .evaluateAll((rows) => rows.map(({ dataset }) => dataset.checkpoint));

test("r64_a_checkpoint_is_pinned_and_unpinned_by_keyboard", limit, async (t) => {
  const { app, project } = await opened(t);
  const row = app.checkpoint("before the frost");
  await row.getByTestId("checkpoint-more").focus();
  await app.page.keyboard.press("Enter");
  const pin = row.getByTestId("pin-checkpoint");
  await pin.focus();
  await app.page.keyboard.press("Enter");
  await row.getByText("Pinned", { exact: true }).waitFor();
  const isPinned = async () =>
    (await rowsOf(app, project)).find(({ name }) => name === "before the frost").pinned;
  assert.equal(await isPinned(), true);
  // The focus is where it was: the next press takes it back.
  assert.ok(await pin.evaluate((button) => button === document.activeElement));
  await app.id("history-row").first().getByText("Pinned: “before the frost”").waitFor();
  await app.page.keyboard.press("Enter");
  await row.getByText("Pinned", { exact: true }).waitFor({ state: "detached" });
  assert.equal(await isPinned(), false);
});

test("r64_old_checkpoints_go_exactly_as_the_dry_run_says", limit, async (t) => {
  const { app, project, run } = await opened(t);
  const before = await rowsOf(app, project);
  const pinned = before.find(({ name }) => name === "before the frost").checkpoint;
  await run({ type: "pin_checkpoint", checkpoint: pinned, pinned: true });

  await app.id("remove-checkpoints").click();
  await app.id("retention-preview").getByText("There is nothing to remove.").waitFor();
  assert.equal(await app.id("retention-confirm").getAttribute("aria-disabled"), "true");
  await app.id("keep-per-plan").fill("0");
  await app.page.getByText("A whole number from 1 to 1,000,000.").waitFor();
  await app.id("keep-per-plan").fill("2");
  await app.id("keep-of-project").fill("1");
  await app.id("retention-goes").waitFor();
  const policy = { per_plan: 2, of_project: 1 };
  const { outcome } = await app.preview(project, { type: "apply_retention", policy });
  await until("it lists what the engine would take", async () => {
    const ids = await listed(app, "retention-goes");
    return ids.join() === outcome.pruned.map(({ checkpoint }) => checkpoint).join();
  });
  assert.deepEqual(await listed(app, "retention-stays"), [pinned]);
  assert.match(await app.id("retention-stays").innerText(), /before the frost .*: pinned/);
  assert.match(
    await app.id("retention-preview").innerText(),
    new RegExp(`${outcome.pruned.length} checkpoints go, ${outcome.kept} stay`),
  );
  assert.deepEqual(await rowsOf(app, project).then(names), names(before), "nothing went yet");

  await app.id("retention-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  const gone = new Set(outcome.pruned.map(({ checkpoint }) => checkpoint));
  const left = before.filter(({ checkpoint }) => !gone.has(checkpoint));
  assert.deepEqual(names(await rowsOf(app, project)), names(left));
  await until(
    "the list shows what is left",
    async () => (await app.id("checkpoint").count()) === left.length,
  );
  const told = app.id("history-row").first();
  await told.getByText(/removed \d old checkpoints, so that the newest 2 checkpoints/).waitFor();
  // Once only: the project keeps as many as before.
  assert.match(await app.id("retention").innerText(), /The newest 50 of each plan/);
});

test("r55_r64_what_moved_since_the_dry_run_is_told_and_nothing_goes", limit, async (t) => {
  const { app, project, run } = await opened(t);
  await app.id("remove-checkpoints").click();
  await app.id("keep-of-project").fill("1");
  await app.id("retention-goes").waitFor();
  const before = await rowsOf(app, project);
  const oldest = before.find(({ name }) => name === "before the frost").checkpoint;
  await run({ type: "pin_checkpoint", checkpoint: oldest, pinned: true });
  await app.id("retention-confirm").click();
  await app.problem("CHANGED");
  assert.deepEqual(names(await rowsOf(app, project)), names(before));
  // What would go now stands there, and can be confirmed.
  await until("the pinned one isn't among them", async () => {
    const [stays] = await listed(app, "retention-stays");
    return stays === oldest;
  });
  await app.id("retention-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  const left = names(await rowsOf(app, project));
  assert.ok(left.includes("before the frost") && !left.includes("after the frost"), left.join());
});

test("r64_how_many_are_kept_is_shown_and_set", limit, async (t) => {
  const { app, project, run } = await opened(t);
  await app.id("change-retention").click();
  assert.equal(await app.id("keep-per-plan").inputValue(), "50");
  await app.id("keep-per-plan").fill("3");
  await app.id("keep-of-project").fill("2");
  await app.id("keep-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  await app.id("retention").getByText("The newest 3 of each plan and 2 of the whole").waitFor();
  const { retention } = await app.query({ type: "project", project });
  assert.deepEqual(retention, { per_plan: 3, of_project: 2 });
  // From the next one on.
  await run({ type: "create_checkpoint", checkpoint: { name: "in summer" } });
  await app.id("history-row").first().getByText("old checkpoints removed").waitFor();
  const own = (await rowsOf(app, project)).filter(({ plan }) => plan === null);
  assert.deepEqual(names(own), ["in spring", "in summer"]);
});

test("r64_why_a_checkpoint_stays_is_told", limit, async (t) => {
  const { app, project, plan } = await opened(t);
  // The plan is at an old checkpoint, and the project is paused at one.
  const rows = await rowsOf(app, project);
  const start = rows.find((row) => row.plan === plan);
  await app.call("execute", {
    project,
    command: { type: "rollback_plan", plan, checkpoint: start.checkpoint },
  });
  await app.call("pause", project);
  for (const name of ["one", "two"]) {
    await app.call("execute", {
      project,
      command: { type: "create_checkpoint", checkpoint: { name } },
    });
  }
  await app.checkpoint("two").waitFor();
  await app.id("remove-checkpoints").click();
  await app.id("keep-per-plan").fill("1");
  await app.id("keep-of-project").fill("1");
  await app.id("retention-stays").getByText("the project is paused at it").waitFor();
  await app.id("retention-stays").getByText("plan 1 is at it").waitFor();
});
