// What waits for somebody: plans that are approved, sent back, reviewed and verified on the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { readHistory } from "./support/history.mjs";
import { until } from "./support/until.mjs";

const at = atSite();
const limit = { timeout: 180_000 };
const allGates = { plan: true, implementation: true, review: true, verification: true };

/** What an agent asks of the same store, elsewhere. */
const agent = (app, project) => (command) =>
  app.call("execute", { project, actor: "agent", command });

/** A project with a plan in planning, as an agent makes it. */
async function planned(app, { gates = allGates, request = "Sort the shelf" } = {}) {
  const made = await app.call("execute", {
    actor: "agent",
    command: { type: "create_project", name: "Shelf" },
  });
  const { project } = made;
  const run = agent(app, project);
  const { outcome } = await run({
    type: "create_plan",
    plan: { request, settings: { gates } },
  });
  const { plan } = outcome;
  await run({ type: "start_plan", plan });
  return { project, plan, run };
}

const submit = (run, plan, text, titles) =>
  run({ type: "submit_plan", plan, text, steps: titles.map((title) => ({ title })) });

/** Carries out the steps from one on, with an output each. */
async function carryOut(app, { project, plan, run }, word) {
  for (;;) {
    const { state, hold } = await app.query({ type: "plan", project, plan });
    if (state !== "implementing" || hold !== null) return;
    const { outcome } = await run({ type: "start_step", plan });
    const output = JSON.stringify(`${word} ${outcome.step + 1}`);
    await run({ type: "complete_step", plan, attempt: outcome.attempt, output });
  }
}

const waiting = (app, count) =>
  until(
    `${count} wait in the inbox`,
    async () => (await app.id("to-inbox").getAttribute("data-waiting")) === String(count),
  );

const gateIs = (app, gate) => app.page.locator(`[data-testid=decide][data-gate=${gate}]`).waitFor();

test(
  "r40_r41_r42_a_plan_comes_in_is_sent_back_comes_again_and_is_decided_to_the_end",
  limit,
  async (t) => {
    const app = await at.visit(t);
    await app.id("empty").waitFor();
    const { page } = app;
    const ids = await planned(app);
    const { project, plan, run } = ids;

    // It comes in.
    await submit(run, plan, "First the big books.", ["sort", "shelve"]);
    await waiting(app, 1);
    assert.match(await app.id("to-inbox").innerText(), /Inbox\s*1/);
    await app.id("to-inbox").click();
    const row = app.id("inbox-row");
    await row.waitFor();
    assert.match(await row.innerText(), /Plan to approve: plan 1 of Shelf[\s\S]*Sort the shelf/);
    await row.getByRole("link").click();

    // What was submitted is there to be read; it is sent back.
    await gateIs(app, "plan");
    assert.equal(await app.id("submitted-text").innerText(), "First the big books.");
    assert.deepEqual(await app.id("submitted-steps").locator("li").allInnerTexts(), [
      "sort",
      "shelve",
    ]);
    await page.getByRole("button", { name: "Send back…" }).click();
    await page.getByLabel("Reason").fill("The small ones first");
    await page.getByRole("button", { name: "Send back", exact: true }).click();
    await app.dialog().waitFor({ state: "detached" });
    await app.id("decide").waitFor({ state: "detached" });
    await waiting(app, 0);
    await app.id("verdict").getByText("Plan sent back").waitFor();

    // It comes again, and is approved and begun.
    await submit(run, plan, "First the small books.", ["dust", "sort", "shelve"]);
    await gateIs(app, "plan");
    assert.match(
      await app.id("sent-back-before").innerText(),
      /Plan sent back by user[\s\S]*The small ones first/,
    );
    assert.equal(await app.id("submitted-text").innerText(), "First the small books.");
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("button", { name: "Start implementation" }).click();
    await app.id("start-implementation").waitFor({ state: "detached" });
    await carryOut(app, ids, "once");

    // What was done is sent back from step 2, and done again.
    await gateIs(app, "implementation");
    await app.id("open-steps").click();
    await until("the outputs are shown", async () => (await app.id("step-output").count()) === 3);
    assert.deepEqual(await app.id("step-output").allInnerTexts(), ["once 1", "once 2", "once 3"]);
    await app.id("reject").click();
    await app.id("reject-reason").fill("They lean");
    await page.getByLabel("Go on from step").selectOption({ label: "2: sort" });
    await app.id("reject-confirm").click();
    await app.dialog().waitFor({ state: "detached" });
    await app.doneIs(1);
    await carryOut(app, ids, "twice");
    await gateIs(app, "implementation");
    await app.id("approve").click();

    // Reviewed, verified: once in vain.
    await gateIs(app, "review");
    await page.getByRole("button", { name: "Record the review…" }).click();
    await page.getByLabel("It passed").check();
    await page.getByLabel("Notes (optional)").fill("Very tidy");
    await page.getByRole("button", { name: "Record", exact: true }).click();
    await gateIs(app, "verification");
    await app.id("record-findings").click();
    await page.getByLabel("It failed").check();
    await page.getByLabel("Go on from step").selectOption({ label: "3: shelve" });
    await page.getByLabel("Details (optional)").fill("One fell down");
    await app.id("findings-confirm").click();
    await app.dialog().waitFor({ state: "detached" });
    await app.doneIs(2);
    await carryOut(app, ids, "again");
    await gateIs(app, "implementation");
    await app.id("approve").click();
    await gateIs(app, "review");
    await app.id("record-findings").click();
    await app.id("findings-passed").check();
    await app.id("findings-confirm").click();
    await gateIs(app, "verification");
    await app.id("record-findings").click();
    await app.id("findings-passed").check();
    await app.id("findings-confirm").click();
    await page.getByText("Done, nothing left to do").waitFor();
    assert.equal(await app.id("decide").count(), 0);
    assert.deepEqual((await app.id("verdict").locator(".badge").allInnerTexts()).reverse(), [
      "Plan sent back",
      "Plan approved",
      "Implementation sent back",
      "Implementation approved",
      "Review passed",
      "Verification failed",
      "Implementation approved",
      "Review passed",
      "Verification passed",
    ]);

    // The history tells it.
    const told = [];
    await app.openProject(ids);
    for (;;) {
      await app.id("history-row").first().waitFor();
      told.push(...(await app.page.locator("[data-event]").allInnerTexts()));
      if (!(await app.id("history-older").count()) || (await app.id("history-older").isDisabled()))
        break;
      const newest = await app.id("history-row").first().getAttribute("data-revision");
      await app.id("history-older").click();
      await until(
        "the older page is there",
        async () => (await app.id("history-row").first().getAttribute("data-revision")) !== newest,
      );
    }
    const decisions = told
      .reverse()
      .filter((line) => /(sent|approved|Review|Verification|submitted|Implementation)/.test(line));
    assert.deepEqual(decisions, [
      "Plan 1 submitted with 2 steps; now it waits for approval",
      "user sent plan 1 back: “The small ones first”",
      "Plan 1 submitted with 3 steps; now it waits for approval",
      "user approved plan 1",
      "Implementation of plan 1 started",
      "user sent the implementation of plan 1 back: “They lean”; it goes on from step 2",
      "user approved the implementation of plan 1",
      "Review of plan 1 passed: “Very tidy”",
      "Verification of plan 1 failed: “One fell down”; it goes on from step 3",
      "user approved the implementation of plan 1",
      "Review of plan 1 passed",
      "Verification of plan 1 passed",
    ]);
    assert.equal(await app.verify(), true);
    assert.deepEqual(app.seen.consoleErrors, []);
  },
);

test("r55_nobody_decides_on_what_they_did_not_look_at", limit, async (t) => {
  const one = await at.visit(t);
  await one.id("empty").waitFor();
  const { project, plan, run } = await planned(one);
  await submit(run, plan, "The first one", ["one"]);
  await one.openPlan({ project, plan });
  await gateIs(one, "plan");
  const two = await one.newTab(new URL(one.page.url()).hash);
  await gateIs(two, "plan");

  // One tab is about to send it back when the other one does so, and a new one comes in.
  await one.id("reject").click();
  await one.id("reject-reason").fill("Too short");
  await two.id("reject").click();
  await two.id("reject-reason").fill("Too long");
  await two.id("reject-confirm").click();
  await two.dialog().waitFor({ state: "detached" });
  const box = await one.problem("SUPERSEDED");
  assert.match(await box.innerText(), /Submission 1, which you looked at, no longer waits/);
  // The button does nothing any more, however it is pressed.
  const press = () => one.id("reject-confirm").evaluate((button) => button.click());
  await press();
  await submit(run, plan, "The second one", ["one", "two"]);
  await box.getByText("Now submission 2 waits").waitFor();
  await press();
  await one.id("cancel").click();
  await one.dialog().waitFor({ state: "detached" });
  const { verdicts } = await one.query({ type: "plan", project, plan });
  assert.deepEqual(
    verdicts.map(({ submission, reason }) => [submission, reason]),
    [[1, "Too long"]],
  );

  // Both show what waits now, and count it.
  await Promise.all([one, two].map((app) => waiting(app, 1)));
  for (const app of [one, two]) {
    await app.id("submitted-text").getByText("The second one").waitFor();
  }
});

test(
  "r55_a_decision_that_comes_too_late_is_refused_and_what_waits_now_is_shown",
  limit,
  async (t) => {
    const app = await at.visit(t);
    await app.id("empty").waitFor();
    const { project, plan, run } = await planned(app);
    await submit(run, plan, "The first one", ["one"]);
    await app.openPlan({ project, plan });
    await gateIs(app, "plan");
    // Loaded anew, it has nothing more to look at; then it hears of it, but doesn't look yet.
    await app.page.reload();
    await gateIs(app, "plan");
    await app.page.evaluate(() => {
      const { requestAnimationFrame } = window;
      const held = [];
      window.requestAnimationFrame = (draw) => held.push(draw);
      window.__goOn = () => {
        window.requestAnimationFrame = requestAnimationFrame;
        held.forEach((draw) => requestAnimationFrame(draw));
      };
    });
    await run({ type: "reject", plan, submission: 1, reason: "Not this" });
    await submit(run, plan, "The second one", ["two"]);
    await app.id("approve").click();
    await app.problem("SUPERSEDED");
    await app.page.evaluate(() => window.__goOn());
    await app.id("submitted-text").getByText("The second one").waitFor();
    const look = () => app.query({ type: "plan", project, plan });
    assert.equal((await look()).state, "plan_awaiting_approval", "nothing was decided blindly");
    assert.equal(await app.id("approve").count(), 0, "first it has to be looked at");
    await app.id("look-at-new").click();
    await app.id("approve").click();
    await until("it is approved", async () => (await look()).state === "plan_approved");
    assert.deepEqual(
      (await look()).verdicts.map(({ submission, passed }) => [submission, passed]),
      [
        [1, false],
        [2, true],
      ],
    );
  },
);

test("r13_a_paused_project_is_decided_on_but_not_reviewed", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("empty").waitFor();
  const ids = await planned(app, { gates: { plan: true, review: true } });
  const { project, plan, run } = ids;
  await submit(run, plan, "Do it", ["do"]);
  await run({ type: "pause", reason: "tea" });
  await app.id("to-inbox").click();
  assert.match(await app.id("inbox-paused").innerText(), /you can decide all the same/);
  await app.openPlan(ids);
  await app.id("decide-paused").getByText("You can decide all the same").waitFor();
  await app.id("approve").click();
  await app.id("decide").waitFor({ state: "detached" });
  await app.resume();
  await app.id("start-implementation").click();
  await app.id("start-implementation").waitFor({ state: "detached" });
  await carryOut(app, ids, "done");
  await gateIs(app, "review");
  await app.id("plan-in-words").locator("summary").click();
  await app.page.getByRole("region", { name: "The plan" }).getByText("Do it").waitFor();
  await run({ type: "pause" });
  await app.id("decide-paused").getByText("can be recorded once it is resumed").waitFor();
  assert.equal(await app.id("record-findings").getAttribute("aria-disabled"), "true");
  await app.id("to-inbox").click();
  assert.match(await app.id("inbox-paused").innerText(), /the review waits until it is resumed/);
});

test("r40_the_whole_story_is_played_by_hand", limit, async (t) => {
  const app = await at.visit(t);
  const { page } = app;
  await app.id("new-project").click();
  await page.getByLabel("Name").fill("By hand");
  await page.getByRole("button", { name: "Make the project" }).click();
  await page.getByRole("heading", { name: "By hand" }).waitFor();
  await app.id("new-plan").click();
  await page.getByLabel("What is to be done").fill("Bake a cake");
  await page.getByLabel("Its plan").check();
  await page.getByLabel("A verification").check();
  await app.id("new-plan-confirm").click();
  await app.id("run-panel").waitFor();
  const ids = app.ids();
  await page.getByRole("button", { name: "Start the plan" }).click();
  await page.getByRole("button", { name: "Submit the plan…" }).click();
  await page.getByLabel("The plan in words").fill("Mix, then bake.");
  await page.getByLabel("Steps, one a line").fill("mix\n\n  bake  \n");
  await app.id("submit-plan-confirm").click();
  await gateIs(app, "plan");
  await app.id("reject").click();
  await app.id("reject-reason").fill("And eat it");
  await app.id("reject-confirm").click();
  await app.dialog().waitFor({ state: "detached" });

  // What was submitted before stands there to be changed.
  await app.id("submit-plan").click();
  assert.equal(await app.id("submit-plan-text").inputValue(), "Mix, then bake.");
  assert.equal(await app.id("submit-plan-steps").inputValue(), "mix\nbake");
  await app.dialog().getByText("And eat it").waitFor();
  await app.id("submit-plan-steps").fill("mix\nbake\neat");
  await app.id("submit-plan-confirm").click();
  await app.id("approve").click();
  await app.id("start-implementation").click();

  for (const [step, word] of ["dough", "cake", "crumbs"].entries()) {
    await app.id("start-step").click();
    if (step === 1) {
      await app.id("step-failed").click();
      await app.id("fail-step-error").fill("The oven was cold");
      await app.id("fail-step-confirm").click();
      await app.dialog().waitFor({ state: "detached" });
      await app.id("start-step").click();
    }
    await app.id("record-result").click();
    await app.id("result-text").fill(word);
    await app.id("result-confirm").click();
    await app.doneIs(step + 1);
  }
  await gateIs(app, "verification");
  await app.id("record-findings").click();
  await app.id("findings-passed").check();
  await app.id("findings-confirm").click();
  await page.getByText("Done, nothing left to do").waitFor();
  const steps = await Promise.all(
    [0, 1, 2].map((step) => app.query({ type: "step", ...ids, step })),
  );
  assert.deepEqual(
    steps.map(({ output }) => JSON.parse(output)),
    ["dough", "cake", "crumbs"],
  );

  // What is for good is asked for twice.
  await app.id("apply").click();
  await app.dialog().getByText("This is for good").waitFor();
  await app.id("apply-confirm").click();
  await app.id("apply").waitFor({ state: "detached" });
  assert.notEqual((await app.query({ type: "plan", ...ids })).applied_at, null);
  await app.id("to-project").click();
  await app.id("complete-project").click();
  assert.equal((await app.query({ type: "project", project: ids.project })).status, "active");
  await app.id("complete-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  assert.equal((await app.query({ type: "project", project: ids.project })).status, "completed");
  readHistory(await app.wholeHistory(ids.project));
});

test("r41_decisions_are_by_the_name_that_was_given_and_after_a_reload_too", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("empty").waitFor();
  const { page } = app;
  const { project, plan, run } = await planned(app);
  await submit(run, plan, "The first one", ["one"]);
  await app.openPlan({ project, plan });
  await gateIs(app, "plan");
  const other = await app.newTab(`#/p/${project}`);
  await other.id("history").waitFor();
  const isCalled = (app, name) =>
    app.page.getByRole("button", { name: `You are ${name} (change)`, exact: true }).waitFor();
  await isCalled(app, "user");

  // By the keyboard alone, and nothing of the view is lost.
  await page.evaluate(() => (document.querySelector("[data-testid=decide]").isSame = true));
  await app.id("you").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Who you are" }).waitFor();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type(" Ana María ");
  await page.keyboard.press("Enter");
  await app.dialog().waitFor({ state: "detached" });
  await isCalled(app, "Ana María");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "you");
  assert.equal(
    await page.evaluate(() => document.querySelector("[data-testid=decide]").isSame),
    true,
    "the view is still the same one",
  );

  await app.id("reject").click();
  await app.id("reject-reason").fill("Not this");
  await app.id("reject-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  await app.id("verdict").getByText("by Ana María").waitFor();
  // The page hears of others as before.
  await submit(run, plan, "The second one", ["two"]);
  await gateIs(app, "plan");
  assert.match(await app.id("sent-back-before").innerText(), /Plan sent back by Ana María/);

  await page.reload();
  await isCalled(app, "Ana María");
  await gateIs(app, "plan");
  await app.id("approve").click();
  await app.id("start-implementation").waitFor();
  await app.openProject({ project });
  const newest = app.id("history-row").first();
  await newest.getByText("Ana María").first().waitFor();
  const { verdicts } = await app.query({ type: "plan", project, plan });
  assert.deepEqual(
    verdicts.map(({ by, passed }) => [by, passed]),
    [
      ["Ana María", false],
      ["Ana María", true],
    ],
  );

  // A tab that was open all the time takes the name at its next visit.
  await isCalled(other, "user");
  await other.page.reload();
  await isCalled(other, "Ana María");
});
