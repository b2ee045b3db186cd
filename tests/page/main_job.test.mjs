// The main job, by someone who reads only what is on the screen.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { drag } from "./support/drop.mjs";
import { eventTypes, readHistory } from "./support/history.mjs";
import { samplePath, trajectory } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";

const at = atSite();
const limit = { timeout: 180_000 };
const group = (number) => number.toLocaleString("en-GB");

/** What is on the screen, for those who can't see it either. */
const screen = ({ page }) => ({
  button: (name, options) => page.getByRole("button", { name, ...options }),
  link: (name) => page.getByRole("link", { name }),
  field: (name) => page.getByLabel(name),
  text: (text) => page.getByText(text),
  heading: (name) => page.getByRole("heading", { name }),
});

/** What of a project can change, as far as a rollback is to bring it back. */
async function work(app, { project, plan }) {
  const { step_list, state, last_completed_step } = await app.query({
    type: "plan",
    project,
    plan,
  });
  const { items } = await app.query({ type: "context", project });
  return {
    state,
    last_completed_step,
    steps: step_list.map(({ title, state, has_output }) => ({ title, state, has_output })),
    items: items.map(({ id, archived, tokens }) => ({ id, archived, tokens })),
  };
}

test(
  "r1_r2_r8_r11_r45_r61_a_plan_is_run_paused_resumed_and_rolled_back_by_what_is_on_the_screen",
  limit,
  async (t) => {
    const app = await at.visit(t);
    const { page } = app;
    const { button, link, field, heading } = screen(app);

    // Importing.
    await heading("Import trajectories").waitFor();
    await field("Choose files…").setInputFiles(samplePath);
    await link("Open parser-fix.traj").click();
    await heading(/^The function `duration` in duration\.py/).waitFor();
    const ids = app.ids();
    const { project, plan } = ids;
    assert.equal(await app.id("step").count(), 8);

    // Half of it, one by one.
    for (let done = 1; done <= 4; done += 1) {
      await button("Run one step").click();
      await page.getByText(`${done} of 8 steps`, { exact: true }).waitFor();
      await button("Run one step").waitFor();
    }
    const atFour = await work(app, ids);
    assert.equal(atFour.last_completed_step, 3);

    // A pause, with its report on the project's page.
    await button("Pause…").click();
    await field("Reason (optional)").fill("deploy tonight");
    await button("Pause", { exact: true }).click();
    await page
      .getByText("The project is paused. Resume it and the plan goes on at step 5.")
      .waitFor();
    await link("parser-fix").click();
    const report = app.id("pause-report");
    await report.waitFor();
    const { pause } = await app.query({ type: "project", project });
    assert.ok(pause.items_archived > 0, "the sample has cold context");
    assert.ok(pause.tokens_after < pause.tokens_before);
    assert.match(
      (await app.id("pause-report-tokens").innerText()).replace(/\s+/g, " "),
      new RegExp(`^${group(pause.tokens_before)} → ${group(pause.tokens_after)} tokens$`),
    );
    assert.equal(
      (await app.id("pause-report-archived").innerText()).trim(),
      `${pause.items_archived} items`,
    );
    assert.equal(await app.id("pause-report-reason").innerText(), "deploy tonight");
    const percent = pause.reduction_percentage.toLocaleString("en-GB");
    assert.ok((await report.innerText()).includes(`${percent} %`));

    // It goes on, to the end.
    await button("Resume", { exact: true }).click();
    await report.waitFor({ state: "detached" });
    await link(/^Plan 1/).click();
    await button("Run to the end").click();
    await page.getByText("Done, nothing left to do").waitFor();
    await page.getByText("8 of 8 steps", { exact: true }).waitFor();

    // A checkpoint with a name.
    await button("Take one").click();
    await field("Name").fill("all is done");
    await button("Take checkpoint").click();
    const taken = app.checkpoint("all is done");
    await taken.waitFor();
    const atEnd = await work(app, ids);
    assert.equal(atEnd.state, "completed");

    // Back to an older one: the preview lists exactly what the API says will change.
    await button("Show all", { exact: false }).click();
    const target = app.checkpoint("After step 4");
    const checkpoint = await target.getAttribute("data-checkpoint");
    await button("Roll back: After step 4").click();
    await app.id("rollback-preview").waitFor();
    const { outcome } = await app.preview(project, { type: "rollback_plan", plan, checkpoint });
    const shown = await app
      .dialog()
      .locator("[data-path]")
      .evaluateAll((rows) => rows.map((row) => row.dataset.path));
    assert.deepEqual([...shown].sort(), [...outcome.paths].sort());
    assert.ok(outcome.paths.length > 8);
    const figures = await app.id("rollback-figures").locator("dd").allInnerTexts();
    assert.deepEqual(figures.map(Number), [
      outcome.plans_reverted,
      outcome.steps_reverted,
      outcome.items_restored,
      outcome.items_removed,
    ]);
    assert.match(await app.id("reversions").innerText(), /^Moved back 0 of 3 times so far\./);
    assert.deepEqual(await work(app, ids), atEnd, "a preview changes nothing");

    await field("Reason (optional)").fill("try it another way");
    await button("Roll back", { exact: true }).click();
    await app.dialog().waitFor({ state: "detached" });
    await page.getByText("4 of 8 steps", { exact: true }).waitFor();
    const after = await work(app, ids);
    assert.deepEqual(after, atFour, "it is as it was");
    assert.deepEqual(
      await app.id("step").evaluateAll((rows) => rows.map((row) => row.dataset.state)),
      [...Array(4).fill("completed"), ...Array(4).fill("pending")],
    );

    // It stands in the history, and all is in order.
    await link("parser-fix").click();
    await app.id("history-row").first().waitFor();
    const newest = app.id("history-row").first();
    await until("the rollback stands in the history", async () =>
      (await newest.innerText()).includes("rolled back to “After step 4”: “try it another way”"),
    );
    const entries = await app.wholeHistory(project);
    assert.equal(await newest.getAttribute("data-revision"), String(entries.length));
    const paused = entries.find(({ events }) =>
      events.some(({ type }) => type === "project_paused"),
    );
    if (paused.revision <= entries.length - 20) await button("Older").click();
    await page.getByText("Paused: “deploy tonight”").waitFor();
    await button("Verify").click();
    await page.getByText("All is in order:").waitFor();
    assert.equal(await app.id("verify-result").getAttribute("data-clean"), "true");

    const { plans } = readHistory(entries);
    assert.equal(plans.get(plan).last, 3);
    const types = eventTypes(entries);
    assert.equal(types.filter((type) => type === "project_paused").length, 1);
    assert.equal(types.filter((type) => type === "rolled_back").length, 1);
    assert.deepEqual(app.seen.consoleErrors, []);
  },
);

test("a_trajectory_is_imported_by_dropping_it", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("dropzone").waitFor();
  const content = await readFile(samplePath, "utf8");
  const letGo = await drag(app, app.id("dropzone"), { name: "dropped.traj", content });
  await until("the page shows where it goes", async () =>
    (await app.id("dropzone").getAttribute("class")).includes("dropzone-over"),
  );
  await letGo();
  const [row] = await app.imported(0, 1);
  assert.equal(await row.getAttribute("data-state"), "done");
  assert.match(await row.innerText(), /dropped\.traj[\s\S]*8 steps/);
  await row.getByRole("link").click();
  await app.id("run-panel").waitFor();

  // Wherever it is dropped, it is imported, and the page stays.
  const again = await drag(app, app.page.locator("body"), { name: "again.traj", content });
  await again();
  await app.id("import").waitFor();
  await app.imported(1, 1);
  const { rows } = await app.query({ type: "projects" });
  assert.deepEqual(rows.map(({ name }) => name).sort(), ["again", "dropped"]);
});

test("a_file_that_is_imported_twice_is_said_to_be", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("import").waitFor();
  const [first] = await app.choose(samplePath);
  assert.doesNotMatch(await first.innerText(), /one more/);
  const [second] = await app.choose(samplePath);
  await second.getByText("as one more project of this name").waitFor();
});

test("the_sample_that_comes_with_the_page_is_opened_at_one_press", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("try-sample").click();
  await app.id("run-panel").waitFor();
  await app.doneIs(0);
  assert.equal(await app.id("step").count(), 8);
});

test("a_step_shows_what_went_in_and_what_came_out", limit, async (t) => {
  const app = await at.visit(t);
  await app.importPlan(samplePath);
  await app.runSteps(1);
  await app.id("step").first().getByRole("button").first().click();
  const detail = app.id("step-detail");
  await app.id("step-output").waitFor();
  assert.equal(
    await app.id("step-output").innerText(),
    "README.md\nduration.py\ntest_duration.py\n",
  );
  const text = await detail.innerText();
  assert.match(text, /The report says that `duration\("1h30m"\)` gives 3600 seconds/);
  assert.match(text, /ls -F/);
});

test("r8_a_paused_project_is_resumed_from_an_older_checkpoint_in_one_entry", limit, async (t) => {
  const app = await at.visit(t);
  const ids = await app.importPlan(samplePath);
  await app.runSteps(2);
  const atTwo = await work(app, ids);
  await app.runSteps(2);
  await app.pause();
  await app.openProject(ids);
  await app.checkpoint("After step 2").getByTestId("roll-back-to").click();
  await app.id("rollback-preview").waitFor();
  await app.id("rollback-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  await app.id("pause-report").waitFor({ state: "detached" });
  assert.deepEqual(await work(app, ids), atTwo);
  const entries = await app.wholeHistory(ids.project);
  const last = entries.at(-1).events.map(({ type }) => type);
  assert.ok(last.includes("rolled_back") && last.includes("project_resumed"), last.join());
  await app.openPlan(ids);
  await app.runSteps(1);
  readHistory(await app.wholeHistory(ids.project));
});

test("r61_what_moved_since_the_preview_is_not_rolled_back_unseen", limit, async (t) => {
  const app = await at.visit(t);
  const { project, plan } = await app.importPlan(samplePath);
  await app.runSteps(3);
  await app.id("roll-back").click();
  await app.id("rollback-preview").waitFor();
  // Somebody else takes a step while the preview is on the screen.
  await app.call("playStep", project, plan);
  await app.id("rollback-confirm").click();
  await app.problem("CHANGED");
  const types = eventTypes(await app.wholeHistory(project));
  assert.ok(!types.includes("rolled_back"), "nothing was rolled back");
  // The new preview is what is done when it is confirmed again.
  await until("the preview is of now", async () => {
    const { revision } = await app.query({ type: "project", project });
    const shown = app.id("rollback-preview");
    return (
      (await shown.count()) && (await shown.getAttribute("data-revision")) === String(revision)
    );
  });
  await app.id("rollback-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  readHistory(await app.wholeHistory(project));
});

test("r46_all_that_can_go_on_stands_on_the_first_view_and_goes_on_from_there", limit, async (t) => {
  const app = await at.visit(t);
  const ids = await app.importPlan(samplePath);
  await app.runSteps(3);
  await app.page.close();
  const page = await at.browser.contexts().at(-1).newPage();
  app.page = page;
  await page.goto(at.site.url);
  const row = app.id("resumable-row");
  await row.waitFor();
  assert.match(await row.innerText(), /Can go on at step 4 of 8/);
  await app.id("go-on").click();
  await app.id("run-panel").waitFor();
  await app.doneIs(8);
  await app.atRest();
  const { plans } = readHistory(await app.wholeHistory(ids.project));
  assert.equal(plans.get(ids.plan).last, 7);
  await app.home();
  await app.id("projects").waitFor();
  assert.equal(await row.count(), 0, "what is done can't go on");
});

test("a_project_is_renamed_stopped_started_completed_and_deleted", limit, async (t) => {
  const app = await at.visit(t);
  const on = screen(app);
  const ids = await app.importPlan(samplePath);
  await app.openProject(ids);
  await app.id("rename").click();
  await app.id("rename-name").fill("The parser");
  await app.id("rename-confirm").click();
  await on.heading("The parser").waitFor();
  await app.id("stop-project").click();
  await app.id("stop-reason").fill("not now");
  await app.id("stop-confirm").click();
  await app.id("start-project").click();
  await app.id("start-project").waitFor({ state: "detached" });
  await app.openPlan(ids);
  await app.id("run-all").click();
  await app.doneIs(8);
  await app.atRest();
  await app.openProject(ids);
  await app.id("complete-project").click();
  await app.id("complete-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  await app.page.getByText("Done, nothing left to do").first().waitFor();
  await app.id("delete").click();
  await app.id("delete-confirm").click();
  await app.id("empty").waitFor();
  assert.deepEqual((await app.query({ type: "projects" })).rows, []);
  await app.page.goBack();
  await app.id("missing").waitFor();
});

test("a_plan_is_cancelled_and_a_rollback_takes_that_back", limit, async (t) => {
  const app = await at.visit(t);
  const ids = await app.importPlan(samplePath);
  await app.runSteps(2);
  await app.id("cancel-plan").click();
  await app.id("cancel-plan-reason").fill("no use");
  await app.id("cancel-plan-confirm").click();
  await app.page.getByText("Cancelled", { exact: true }).first().waitFor();
  await app.id("roll-back").click();
  await app.id("rollback-preview").waitFor();
  await app.id("rollback-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  await app.runSteps(1);
  readHistory(await app.wholeHistory(ids.project));
});

test("a_run_is_stopped_between_two_steps_and_goes_on", limit, async (t) => {
  const app = await at.visit(t);
  const ids = await app.importPlan(samplePath);
  await app.id("pace").selectOption("second");
  await app.id("run-all").click();
  await app.doneReaches(1);
  await app.id("stop-running").click();
  await app.atRest();
  const done = await app.done();
  assert.ok(done >= 1 && done < 8);
  assert.match(await app.id("run-note").innerText(), /Stopped/);
  await app.id("pace").selectOption("full");
  await app.id("run-all").click();
  await app.doneIs(8);
  readHistory(await app.wholeHistory(ids.project));
});

test("a_run_waits_while_a_pause_is_decided_and_goes_on_if_it_is_not", limit, async (t) => {
  const app = await at.visit(t);
  const ids = await app.importPlan(trajectory({ name: "long.traj", steps: 200 }));
  await app.id("run-all").click();
  await until("it runs", async () => (await app.done()) > 0);
  await app.id("pause").click();
  await app.dialog().waitFor();
  const revision = async () =>
    (await app.query({ type: "project", project: ids.project })).revision;
  // The step that was under way ends; then nothing moves as long as the dialog is open.
  let at_ = await revision();
  await until("it waits", async () => {
    const before = at_;
    await app.page.waitForTimeout(300);
    at_ = await revision();
    return at_ === before;
  });
  const held = (await app.query({ type: "plan", ...ids })).last_completed_step;
  assert.ok(held < 199, "there is something left to wait with");
  await app.page.keyboard.press("Escape");
  await app.dialog().waitFor({ state: "detached" });
  await app.doneIs(200);
  await app.atRest();
  readHistory(await app.wholeHistory(ids.project));
});

test("the_pace_is_remembered", limit, async (t) => {
  const app = await at.visit(t);
  await app.importPlan(samplePath);
  await app.id("pace").selectOption("second");
  await app.page.reload();
  await app.id("run-panel").waitFor();
  assert.equal(await app.id("pace").inputValue(), "second");
});

test("what_an_old_verification_does_not_cover_is_told", limit, async (t) => {
  const app = await at.visit(t);
  const { project, plan } = await app.importPlan(samplePath);
  await app.openProject({ project });
  assert.equal(await app.verify(), true);
  assert.equal(await app.id("verify-is-old").count(), 0);
  await app.call("playStep", project, plan);
  await app.id("verify-is-old").waitFor();
  await app.id("verify").click();
  await app.id("verify-is-old").waitFor({ state: "detached" });
  assert.equal(await app.verify(), true);
});

test("a_project_with_a_failed_plan_does_not_say_that_all_is_finished", limit, async (t) => {
  const app = await at.visit(t);
  const { project, plan } = await app.importPlan(samplePath);
  const run = (command) => app.call("execute", { project, command });
  await app.runSteps(1);
  await run({ type: "fail_plan", plan, error: "the disk is full" });
  await app.id("plan-failure").waitFor();
  await app.openProject({ project });
  assert.match(
    await app.id("project-hold").first().innerText(),
    /0 of 1 plan completed, the rest failed or cancelled/,
  );
  await app.pause();
  await app.openPlan({ project, plan });
  assert.match(await app.id("finished-under-pause").innerText(), /this plan can be retried/);
});

test("a_blank_name_is_refused_and_one_that_was_spoilt_keeps_nobody_out", limit, async (t) => {
  const app = await at.visit(t);
  const { page } = app;
  await app.id("you").click();
  for (const blank of ["", "   ", "\u2003"]) {
    await app.id("name").fill(blank);
    await app.id("name-confirm").click();
    // Nothing at all the browser itself doesn't take.
    if (blank === "") assert.equal(await page.locator(":invalid#app, input:invalid").count(), 1);
    else await app.problem("INVALID_INPUT");
    assert.equal(await app.id("name-dialog").count(), 1, "it is still asked for");
  }
  await page.keyboard.press("Escape");
  await app.dialog().waitFor({ state: "detached" });
  assert.equal(await app.id("you").textContent(), "You are user (change)");
  const remembered = () => page.evaluate(() => localStorage.getItem("holdpoint-page:actor"));
  assert.equal(await remembered(), null);

  await app.goBy("x".repeat(200));
  assert.equal(await remembered(), "x".repeat(200));
  for (const spoilt of ["", "x".repeat(201)]) {
    await page.evaluate((name) => localStorage.setItem("holdpoint-page:actor", name), spoilt);
    await page.reload();
    await app.id("empty").waitFor();
    assert.equal(await app.id("you").textContent(), "You are user (change)");
  }
});

test("a_name_waits_for_the_run_and_what_is_on_its_way_still_ends", limit, async (t) => {
  const app = await at.visit(t);
  const ids = await app.importPlan(trajectory({ steps: 40 }));
  const other = await app.newTab(new URL(app.page.url()).hash);
  await other.id("run-panel").waitFor();
  await app.id("pace").selectOption("second");
  await app.id("run-all").click();
  await app.doneReaches(1);
  await app.id("you").click();
  await app.id("name-waits").waitFor();
  await app.id("name").fill("Ana");
  await app.page.keyboard.press("Enter");
  await app.doneReaches(2);
  assert.equal(await app.id("name-confirm").getAttribute("aria-disabled"), "true");
  await app.page.keyboard.press("Escape");
  await app.id("stop-running").click();
  await app.atRest();
  assert.equal(await app.id("you").textContent(), "You are user (change)");

  const before = await app.done();
  await app.goBy("Ana");
  await app.id("run-all").click();
  await other.id("running-elsewhere").getByText("Ana runs this plan").waitFor();
  await app.id("stop-running").click();
  await app.atRest();
  const entries = await app.wholeHistory(ids.project);
  readHistory(entries);
  const steps = entries.filter(({ events }) =>
    events.some(({ type }) => type === "step_completed"),
  );
  assert.deepEqual(
    steps.map(({ actor }) => actor),
    steps.map((_, index) => (index < before ? "user" : "Ana")),
  );
  assert.ok(steps.length > before, "it went on under the new name");

  // A file that is on its way in is not lost on the way.
  await app.home();
  const rows = await app.id("import-result").count();
  await app.id("import-input").setInputFiles(trajectory({ name: "large.traj", steps: 3000 }));
  await app.goBy("Ben");
  const [row] = await app.imported(rows, 1);
  assert.equal(await row.getAttribute("data-state"), "done", await row.innerText());
});
