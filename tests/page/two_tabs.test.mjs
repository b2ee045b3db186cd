// Two tabs of one browser on one store (R71).
import assert from "node:assert/strict";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { eventTypes, readHistory } from "./support/history.mjs";
import { samplePath, trajectory } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";

const at = atSite();
const limit = { timeout: 180_000 };

async function twoTabs(t, file) {
  const one = await at.visit(t);
  const ids = await one.importPlan(file);
  const two = await one.newTab(new URL(one.page.url()).hash);
  await two.id("run-panel").waitFor();
  // Told, not asked again: neither tab is ever loaded anew from here on.
  for (const { page } of [one, two]) {
    page.on("framenavigated", (frame) => assert.ok(frame.url().includes("#/"), frame.url()));
    await page.evaluate(() => (window.__sameLoad = true));
  }
  const areSame = async () => {
    for (const { page } of [one, two]) {
      assert.equal(await page.evaluate(() => window.__sameLoad), true, "no tab was reloaded");
    }
  };
  return { one, two, ids, areSame };
}

/** In both at once, and without a look whether the button stays where it is. */
const pressRun = (...tabs) =>
  Promise.all(tabs.map((app) => app.id("run-all").evaluate((button) => button.click())));

test("r12_r71_what_one_tab_does_the_other_one_shows_both_ways", limit, async (t) => {
  const { one, two, ids, areSame } = await twoTabs(t, samplePath);
  await one.runSteps(1);
  await two.doneIs(1);
  await two.runSteps(1);
  await one.doneIs(2);

  await one.pause("one says so");
  await two.id("held-by-pause").waitFor();
  await two.page.getByTestId("to-project").click();
  await two.id("pause-report").waitFor();
  assert.equal(await two.id("pause-report-reason").innerText(), "one says so");
  await two.id("resume").click();
  await one.id("held-by-pause").waitFor({ state: "detached" });

  await two.id("rename").click();
  await two.id("rename-name").fill("Ours");
  await two.id("rename-confirm").click();
  await one.id("to-project").getByText("Ours").waitFor();

  await one.takeCheckpoint("mine");
  await two.checkpoint("mine").waitFor();
  await two.id("history-row").first().getByText("Checkpoint “mine” taken").waitFor();

  // The views that list things hear of it too.
  await two.page.evaluate(() => (location.hash = "#/"));
  await two.id("resumable-row").waitFor();
  await one.runSteps(1);
  await until("the first view tells of it", async () =>
    (await two.id("resumable-row").innerText()).includes("3 of 8 steps"),
  );
  await one.page.evaluate(() => history.replaceState(null, "", location.hash));
  await two.choose(trajectory({ name: "second.traj" }));
  await one.page.evaluate(() => (location.hash = "#/"));
  await until("both list both", async () => {
    const counts = await Promise.all([one, two].map((app) => app.id("project").count()));
    return counts.every((count) => count === 2);
  });
  await areSame();
  readHistory(await one.wholeHistory(ids.project));
});

test("r71_both_tabs_run_at_once_and_every_step_is_done_once", limit, async (t) => {
  const { one, two, ids, areSame } = await twoTabs(t, trajectory({ steps: 120 }));
  await pressRun(one, two);
  await Promise.all([one.doneIs(120), two.doneIs(120)]);
  await Promise.all([one.atRest(), two.atRest()]);
  const entries = await one.wholeHistory(ids.project);
  const { plans } = readHistory(entries);
  assert.equal(plans.get(ids.plan).last, 119);
  assert.equal(eventTypes(entries).filter((type) => type === "step_completed").length, 120);
  for (const app of [one, two]) assert.equal(await app.id("error").count(), 0);
  await areSame();
  await one.openProject(ids);
  assert.equal(await one.verify(), true);
});

test("r72_of_two_tabs_that_run_a_plan_one_does_and_the_other_one_is_told", limit, async (t) => {
  const { one, two, ids } = await twoTabs(t, trajectory({ steps: 300 }));
  await pressRun(one, two);
  const told = await Promise.race(
    [one, two].map((app) =>
      app
        .id("running-elsewhere")
        .waitFor()
        .then(() => app),
    ),
  );
  const runs = told === one ? two : one;
  assert.match(await told.id("running-elsewhere").innerText(), /^Another tab runs this plan/);
  await runs.id("stop-running").waitFor();
  assert.equal(await told.id("stop-running").count(), 0);
  await Promise.all([one.doneIs(300), two.doneIs(300)]);
  for (const app of [one, two]) {
    await app.id("running-elsewhere").waitFor({ state: "detached" });
    assert.equal(await app.id("error").count(), 0);
  }
  const started = eventTypes(await one.wholeHistory(ids.project)).filter(
    (type) => type === "step_started",
  );
  assert.equal(started.length, 300, "no step was begun twice");
});

test("r72_who_runs_a_plan_in_another_program_is_told_by_name", limit, async (t) => {
  const { one, two, ids } = await twoTabs(t, samplePath);
  await two.query({ type: "projects" });
  const program = (work) => two.page.evaluate(work, { ...ids, name: "a<b>na" });
  await program(async ({ project, plan, name }) => {
    const Holdpoint = await window.__inspector;
    window.__program = await Holdpoint.open({ actor: name });
    window.__claim = await window.__program.claim(project, plan);
    await window.__program.execute({ project, command: { type: "start_step", plan } });
  });
  for (const app of [one, two]) {
    const told = await app.id("running-elsewhere").innerText();
    assert.match(told, /^a<b>na runs this plan/);
    assert.equal(await app.id("interrupted").count(), 0, "its step is in good hands");
  }
  await two.page.evaluate(() => (location.hash = "#/"));
  await two.id("resumable-row").getByText("Run by a<b>na").waitFor();
  // It rings no bell; its end is seen all the same.
  await program(async () => {
    await window.__claim.release();
  });
  await one.id("running-elsewhere").waitFor({ state: "detached" });
  await one.id("interrupted").waitFor();
  await two.id("go-on").waitFor();
  await one.id("run-all").click();
  await one.doneIs(8);
  await one.atRest();
  readHistory(await one.wholeHistory(ids.project));
});

test(
  "r72_without_locks_one_tab_runs_the_plan_by_its_time_and_every_step_is_done_once",
  limit,
  async (t) => {
    const { context, seen } = await at.context(t);
    // As where the connection isn't secure.
    await context.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
    });
    const { App } = await import("./support/app.mjs");
    const tabs = [];
    for (let index = 0; index < 2; index += 1) {
      const page = await context.newPage();
      await page.goto(at.site.url);
      tabs.push(new App(page, at.site, seen));
    }
    const [one, two] = tabs;
    const ids = await one.importPlan(trajectory({ steps: 40 }));
    await two.openPlan(ids);
    await pressRun(one, two);
    await until("all is done", async () => {
      const { last_completed_step } = await one.query({ type: "plan", ...ids });
      return last_completed_step === 39;
    });
    await Promise.all(tabs.map((app) => app.atRest()));
    const entries = await one.wholeHistory(ids.project);
    for (const app of tabs) {
      assert.deepEqual(await app.id("error").allInnerTexts(), []);
      await app.doneIs(40);
    }
    for (const what of ["step_started", "step_completed"]) {
      const events = eventTypes(entries).filter((type) => type === what);
      assert.equal(events.length, 40, what);
    }
    readHistory(entries);
  },
);

test(
  "r12_r13_a_pause_in_one_tab_stops_the_run_in_the_other_and_is_no_error_there",
  limit,
  async (t) => {
    const { one, two, ids, areSame } = await twoTabs(t, trajectory({ steps: 400 }));
    await one.id("run-all").click();
    await until("it runs", async () => (await one.done()) > 3);
    await two.id("running-elsewhere").waitFor();
    await two.pause("the other one is to stop");
    await Promise.all([one, two].map((app) => app.id("held-by-pause").waitFor()));
    await one.atRest();
    const held = await one.query({ type: "plan", ...ids });
    assert.equal(held.hold, "project_paused");
    assert.ok(held.last_completed_step < 399, "it was stopped in the middle");
    for (const app of [one, two]) {
      await app.doneIs(held.last_completed_step + 1);
      assert.deepEqual(await app.id("error").allInnerTexts(), [], "a pause is no error");
    }
    await two.id("running-elsewhere").waitFor({ state: "detached" });

    await one.id("resume").click();
    await two.id("run-all").click();
    await one.id("running-elsewhere").waitFor();
    await Promise.all([one.doneIs(400), two.doneIs(400)]);
    const { plans } = readHistory(await one.wholeHistory(ids.project));
    assert.equal(plans.get(ids.plan).last, 399);
    await areSame();
  },
);

test("r4_two_tabs_pause_at_once_and_it_is_one_pause", limit, async (t) => {
  const { one, two, ids } = await twoTabs(t, samplePath);
  await one.runSteps(2);
  for (const app of [one, two]) {
    await app.id("pause").click();
    await app.id("pause-reason").fill("at once");
  }
  await Promise.all([one, two].map((app) => app.id("pause-confirm").click()));
  for (const app of [one, two]) {
    await app.dialog().waitFor({ state: "detached" });
    await app.id("held-by-pause").waitFor();
    assert.equal(await app.id("error").count(), 0);
  }
  const types = eventTypes(await one.wholeHistory(ids.project));
  assert.equal(types.filter((type) => type === "project_paused").length, 1);
  const { rows } = await one.query({ type: "checkpoints", project: ids.project });
  assert.equal(rows.filter(({ trigger }) => trigger === "pause").length, 1);
});

test(
  "r71_a_tab_that_is_closed_while_it_runs_leaves_the_plan_to_the_other_one",
  limit,
  async (t) => {
    const { one, two, ids } = await twoTabs(t, trajectory({ steps: 400 }));
    await one.id("run-all").click();
    await two.id("running-elsewhere").waitFor();
    await until("it runs", async () => (await two.done()) > 3);
    await one.page.close();
    await two.id("running-elsewhere").waitFor({ state: "detached" });
    const before = await two.query({ type: "plan", ...ids });
    assert.ok(before.last_completed_step < 399, "it was closed in the middle");
    await two.id("run-all").click();
    await two.doneIs(400);
    readHistory(await two.wholeHistory(ids.project));
  },
);

test("a_project_deleted_in_one_tab_is_told_as_gone_in_the_other", limit, async (t) => {
  const { one, two, ids } = await twoTabs(t, samplePath);
  await one.openProject(ids);
  await one.id("delete").click();
  await one.id("delete-confirm").click();
  await two.id("missing").waitFor();
  assert.match(await two.id("missing").innerText(), /No such plan/);
});
