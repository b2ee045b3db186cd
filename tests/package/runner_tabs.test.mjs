// Carrying out a plan in tabs that are reloaded, closed, and get in each other's way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readHistory } from "../page/support/history.mjs";
import { until } from "../page/support/until.mjs";
import { atTabs } from "./support/tabs.mjs";

const at = atTabs();
const limit = { timeout: 180_000 };

/** Opens the store in a tab, and the plan that is named or a new one. */
const openIn = (page, ids, given = {}) =>
  page.evaluate(
    async ({ ids, given }) => {
      const { actor = "ana", steps = ["a", "b", "c"], settings = {} } = given;
      window.hp = await holdpoint.Holdpoint.open({ name: "runner", actor });
      window.project = ids
        ? await hp.project(ids.project)
        : await hp.createProject({ name: "test" });
      window.plan = ids
        ? await project.plan(ids.plan)
        : await project.createPlan({ request: "x", steps, settings });
      window.seen = [];
      return { project: project.id, plan: plan.id };
    },
    { ids, given },
  );

/**
 * Begins a run that stays in the step that is named until `release` is called; others are done at
 * once. What it comes to is in `window.result`.
 */
const startRun = (page, { stay = -1, options = {} } = {}) =>
  page.evaluate(
    ({ stay, options }) => {
      window.result = undefined;
      window.running = plan
        .run(async (step) => {
          const one = { index: step.index, attempt: step.attempt, key: step.idempotencyKey };
          seen.push(one);
          step.addContext({ agent: "coder", kind: "code", text: `of attempt ${step.attempt}` });
          if (step.index === stay) {
            step.signal.addEventListener("abort", () => (one.aborted = true));
            await new Promise((resolve) => (window.release = resolve));
          }
          return { by: hp.actor };
        }, options)
        .then(
          (result) => (window.result = result),
          (error) => (window.result = { error: told(error) }),
        );
    },
    { stay, options },
  );

const isIn = (page, index) =>
  until(`step ${index} is under way`, () =>
    page.evaluate((index) => seen.at(-1)?.index === index, index),
  );
const seenBy = (page) => page.evaluate(() => window.seen);
const resultOf = (page) =>
  until("the run has ended", () => page.evaluate(() => window.result), { every: 10 });

/** One legal history, in which nothing is lost or doubled, and a clean verification. */
async function check(page) {
  const { entries, report } = await page.evaluate(async () => ({
    entries: await entriesOf(project),
    report: await project.verify(),
  }));
  assert.deepEqual(report.findings, []);
  assert.equal(report.clean, true);
  return { entries, history: readHistory(entries) };
}

test(
  "r34_r45_r54_a_reload_in_the_middle_of_a_step_begins_it_anew_with_its_key",
  limit,
  async (t) => {
    const { page } = await at.tabs(t);
    const ids = await openIn(page);
    await startRun(page, { stay: 1 });
    await isIn(page, 1);
    const [, before] = await seenBy(page);
    await at.reload(page);
    await openIn(page, ids);
    const [left] = await page.evaluate(() => hp.listResumable());
    assert.deepEqual([left.id, left.hold, left.lastCompletedStep], [ids.plan, null, 0]);
    await startRun(page);
    assert.deepEqual(await resultOf(page), { status: "completed", stepsDone: 2 });
    const [again] = await seenBy(page);
    assert.deepEqual(again, { index: 1, attempt: before.attempt + 1, key: before.key });
    const step = await page.evaluate(() => plan.step(1));
    assert.deepEqual([step.failures, step.output], [0, { by: "ana" }], "a reload is no failure");
    const { items } = await page.evaluate(() => project.listContext());
    assert.equal(items.length, 3, "the attempt that was cut off left no context");
    await check(page);
  },
);

test("r72_a_closed_tab_frees_its_plan_at_once_for_the_one_that_waits", limit, async (t) => {
  const { pages, context } = await at.tabs(t, 2);
  const [first, second] = pages;
  const ids = await openIn(first, undefined, { actor: "ana" });
  await openIn(second, ids, { actor: "ben" });
  await startRun(first, { stay: 1 });
  await isIn(first, 1);
  const [, cut] = await seenBy(first);

  await startRun(second);
  const claimed = await resultOf(second);
  assert.equal(claimed.status, "held");
  assert.equal(claimed.hold.reason, "claimed");
  assert.equal(claimed.hold.holder, "ana");
  assert.deepEqual(await seenBy(second), [], "it did nothing");
  const lease = await second.evaluate(() => plan.lease());
  assert.deepEqual([lease.isHeld, lease.isOwn, lease.isAlive], [true, false, true]);

  await startRun(second, { options: { wait: true } });
  await second.evaluate(() => sleep(300));
  assert.equal(await second.evaluate(() => window.result), undefined, "it waits");
  const { expiresAt } = await second.evaluate(() => plan.lease());
  const closed = Date.now();
  await first.close();
  await until("the other one is at it", async () => (await seenBy(second)).length > 0, {
    every: 10,
  });
  t.diagnostic(
    `taken up ${Date.now() - closed} ms after the tab was closed (asked for once a second)`,
  );
  assert.deepEqual(await resultOf(second), { status: "completed", stepsDone: 2 });
  const { startedAt } = await second.evaluate(() => plan.step(1));
  assert.ok(Date.parse(startedAt) < Date.parse(expiresAt), "before the claim's time has ended");
  const [again] = await seenBy(second);
  assert.deepEqual([again.index, again.key], [1, cut.key]);
  await check(second);
  assert.equal(context.pages().length, 1);
});

test("r72_who_takes_a_plan_over_makes_the_others_run_end_as_claimed", limit, async (t) => {
  const { pages } = await at.tabs(t, 2);
  const [first, second] = pages;
  const ids = await openIn(first, undefined, { actor: "ana" });
  await openIn(second, ids, { actor: "ben" });
  await startRun(first, { stay: 1 });
  await isIn(first, 1);
  await startRun(second, { stay: 1, options: { takeOver: true } });
  await isIn(second, 1);
  await until("the first one hears of it", async () => (await seenBy(first))[1].aborted);
  await first.evaluate(() => release());
  const ended = await resultOf(first);
  assert.deepEqual([ended.status, ended.hold.reason, ended.stepsDone], ["held", "claimed", 1]);
  await second.evaluate(() => release());
  assert.deepEqual(await resultOf(second), { status: "completed", stepsDone: 2 });
  const { history } = await check(second);
  const { output } = await second.evaluate(() => plan.step(1));
  assert.deepEqual(output, { by: "ben" });
  assert.equal(history.plans.get(ids.plan).last, 2);
});

test(
  "r71_r13_a_pause_from_another_tab_lets_the_step_complete_and_holds_the_run",
  limit,
  async (t) => {
    const { pages } = await at.tabs(t, 2);
    const [first, second] = pages;
    const ids = await openIn(first);
    await openIn(second, ids);
    await startRun(first, { stay: 1 });
    await isIn(first, 1);
    await second.evaluate(() => project.pause({ reason: "from another tab" }));
    await first.evaluate(() => release());
    assert.deepEqual(await resultOf(first), {
      status: "held",
      stepsDone: 2,
      hold: { reason: "paused" },
    });
    assert.equal(await second.evaluate(() => plan.step(1).then(({ output }) => output.by)), "ana");
    await at.reload(first);
    await openIn(first, ids);
    await startRun(first);
    assert.deepEqual((await resultOf(first)).hold, { reason: "paused" }, "still, after a reload");
    await second.evaluate(() => project.resume());
    await startRun(first);
    assert.deepEqual(await resultOf(first), { status: "completed", stepsDone: 1 });
    await check(first);
  },
);

test("failures_and_their_backoff_hold_across_reloads", limit, async (t) => {
  const { page } = await at.tabs(t);
  const ids = await openIn(page, undefined, { steps: ["a"], settings: { maxAttempts: 3 } });
  const fail = (retry) =>
    page.evaluate(
      (retry) =>
        plan.run(
          () => {
            throw new Error("the model was busy");
          },
          { retry },
        ),
      retry,
    );
  const failOnce = () =>
    page.evaluate(async () => {
      for await (const step of plan.steps({ retry: { backoff: 0 } })) {
        await step.fail("the model was busy");
        break;
      }
      return (await plan.step(0)).failures;
    });
  assert.equal(await failOnce(), 1);
  await at.reload(page);
  await openIn(page, ids);
  // The failure before the reload counts.
  assert.equal(await failOnce(), 2);
  const failed = Date.parse(await page.evaluate(() => plan.step(0).then(({ endedAt }) => endedAt)));
  await at.reload(page);
  await openIn(page, ids);
  const result = await fail({ backoff: 1500 });
  const waited = Date.now() - failed;
  assert.ok(waited >= 1490, `the third attempt came ${waited} ms after the second failure`);
  assert.deepEqual([result.status, result.failure.error], ["failed", "the model was busy"]);
  await at.reload(page);
  await openIn(page, ids);
  assert.equal((await fail({ backoff: 0 })).status, "failed", "for good, until a retry");
  await page.evaluate(() => plan.retry());
  await startRun(page);
  assert.deepEqual(await resultOf(page), { status: "completed", stepsDone: 1 });
  await check(page);
});

test("gates_hold_across_reloads_and_are_decided_in_another_tab", limit, async (t) => {
  const { pages } = await at.tabs(t, 2);
  const [first, second] = pages;
  const settings = { gates: { implementation: true } };
  const ids = await openIn(first, undefined, { settings });
  await openIn(second, ids, { actor: "ben" });
  await startRun(first);
  const { hold } = await resultOf(first);
  assert.deepEqual([hold.reason, hold.gate], ["awaiting_decision", "implementation"]);
  await at.reload(first);
  await openIn(first, ids);
  await startRun(first);
  assert.deepEqual((await resultOf(first)).hold, hold);
  const [entry] = await second.evaluate(() => hp.inbox());
  assert.deepEqual([entry.id, entry.submission], [ids.plan, hold.submission]);
  await second.evaluate((submission) => plan.approve(submission), entry.submission);
  await startRun(first);
  assert.deepEqual(await resultOf(first), { status: "completed", stepsDone: 0 });
  const { entries } = await check(first);
  const decided = entries.find(({ events }) =>
    events.some(({ type }) => type === "submission_decided"),
  );
  assert.equal(decided.actor, "ben");
});

test("a_tab_that_is_closed_in_each_of_many_steps_loses_none", limit, async (t) => {
  const { page, context } = await at.tabs(t);
  const steps = Array.from({ length: 6 }, (_, index) => `s${index}`);
  const ids = await openIn(page, undefined, { steps });
  const keys = new Map();
  let tab = page;
  for (let index = 0; index < steps.length; index += 1) {
    await startRun(tab, { stay: index });
    await isIn(tab, index);
    for (const { index, key } of await seenBy(tab)) {
      assert.equal(keys.get(index) ?? key, key, "the same key in each attempt");
      keys.set(index, key);
    }
    await tab.close();
    tab = await at.open(context);
    await openIn(tab, ids);
  }
  await startRun(tab);
  assert.deepEqual(await resultOf(tab), { status: "completed", stepsDone: 1 });
  const { history } = await check(tab);
  assert.equal(history.plans.get(ids.plan).completed.size, steps.length);
});
