// Several tabs do what they like with one plan at once: one legal history comes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readHistory } from "../page/support/history.mjs";
import { until } from "../page/support/until.mjs";
import { atTabs } from "./support/tabs.mjs";

const at = atTabs();
/** How long each number of tabs races at least; once is enough unless it is set. */
const SECONDS = Number(process.env.HOLDPOINT_RACE_SECONDS ?? 0);
const limit = { timeout: 120_000 + 3000 * SECONDS };
const seed = Number(process.env.PACKAGE_TEST_SEED ?? Date.now() % 1_000_000);

/** What may be refused when others were faster. */
const refusals = [
  "CHANGED",
  "CHECKPOINT_NOT_FOUND",
  "INVALID_TRANSITION",
  "NOTHING_TO_ROLL_BACK",
  "PLAN_CLAIMED",
  "PROJECT_NOT_PAUSED",
  "PROJECT_PAUSED",
  "SUPERSEDED",
];

/** Opens the plan in a tab, listening; tabs are told apart by their actors. */
const join = (page, ids, actor) =>
  page.evaluate(
    async ({ ids, actor }) => {
      window.hp = await holdpoint.Holdpoint.open({ name: "races", actor });
      window.project = await hp.project(ids.project);
      window.plan = await project.plan(ids.plan);
      window.heard = [];
      window.calls = new Map();
      const now = () => performance.timeOrigin + performance.now();
      window.now = now;
      project.on("event", ({ revision }) => heard.push([revision, now()]));
      // Somebody shows it all the time.
      project.subscribe(() => undefined);
      plan.subscribe(() => undefined);
    },
    { ids, actor },
  );

/** Does so many things at random; what it has achieved, by types of events. */
const play = (page, { seed, count }) =>
  page.evaluate(
    async ({ seed, count }) => {
      let state = seed;
      const random = (below) => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
      };
      const did = { project_paused: 0, project_resumed: 0, rolled_back: 0, step_completed: 0 };
      const refused = {};
      const work = async (step) => {
        await sleep(random(15));
        step.addContext({ agent: hp.actor, kind: "log", text: `${step.index} by ${hp.actor}` });
        return { by: hp.actor, attempt: step.attempt };
      };
      const acts = {
        async run() {
          const takeOver = random(4) === 0;
          const result = await plan.run(work, { limit: 1 + random(3), takeOver });
          did.step_completed += result.stepsDone;
          if (result.hold?.reason === "claimed") refused.claimed = (refused.claimed ?? 0) + 1;
        },
        async byHand() {
          const steps = plan.steps({ limit: 1 });
          for await (const step of steps) {
            if (random(4) === 0) break;
            await step.complete({ output: await work(step) });
          }
          did.step_completed += steps.result.stepsDone;
        },
        async pause() {
          const { alreadyPaused } = await project.pause({ reason: hp.actor });
          if (!alreadyPaused) did.project_paused += 1;
        },
        async resume() {
          await project.resume();
          did.project_resumed += 1;
        },
        async rollback() {
          const { items } = await plan.listCheckpoints({ limit: 8 });
          if (items.length === 0) return;
          const { checkpoint } = items[random(items.length)];
          // Looked at first, as people do: then it is done as it was shown, or refused.
          const isShown = random(2) === 0;
          const preview = isShown && (await plan.rollback(checkpoint, { dryRun: true }));
          await plan.rollback(checkpoint, isShown ? preview.confirm : {});
          did.rolled_back += 1;
        },
      };
      const odds = Object.entries({ run: 5, byHand: 3, pause: 1, resume: 3, rollback: 2 }).flatMap(
        ([name, count]) => Array(count).fill(name),
      );
      for (let index = 0; index < count; index += 1) {
        const { error } = await outcomeOf(acts[odds[random(odds.length)]]);
        if (!error) continue;
        if (!error.isHoldpointError) throw new Error(JSON.stringify(error));
        refused[error.code] = (refused[error.code] ?? 0) + 1;
        refused.messages = { ...refused.messages, [error.code]: error.message };
      }
      return { actor: hp.actor, did, refused };
    },
    { seed, count },
  );

test("r71_r72_2_tabs_at_once_make_one_legal_history_in_which_nothing_is_lost", limit, (t) =>
  races(t, 2, 80),
);

test("r71_r72_4_tabs_at_once_make_one_legal_history_in_which_nothing_is_lost", limit, (t) =>
  races(t, 4, 30),
);

test("r71_r72_8_tabs_at_once_make_one_legal_history_in_which_nothing_is_lost", limit, (t) =>
  races(t, 8, 30),
);

/** On one project after the other, until the time is over. */
async function races(t, tabs, count) {
  const all = { projects: 0, operations: 0, entries: 0, refused: {} };
  const began = performance.now();
  do {
    const { entries, refused } = await race(t, tabs, count, seed + 100_000 * all.projects);
    all.projects += 1;
    all.operations += tabs * count;
    all.entries += entries;
    all.refused = sum([all.refused, refused]);
  } while (performance.now() - began < SECONDS * 1000);
  t.diagnostic(`seed: PACKAGE_TEST_SEED=${seed}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  t.diagnostic(
    `races: ${tabs} tabs that run, pause and roll back for ${seconds} s: ${all.operations} ` +
      `operations, ${all.entries} entries in ${all.projects} projects; BUSY ${all.refused.BUSY ?? 0}`,
  );
  t.diagnostic(`refused: ${JSON.stringify(all.refused)}`);
}

/** So many tabs do so many things each at random. */
async function race(t, tabs, count, seed) {
  const { pages } = await at.tabs(t, tabs);
  const ids = await pages[0].evaluate(async () => {
    const hp = await holdpoint.Holdpoint.open({ name: "races", actor: "maker" });
    const project = await hp.createProject({
      name: "races",
      settings: { retention: { perPlan: 500, ofProject: 500 } },
    });
    const plan = await project.createPlan({
      request: "x",
      steps: Array.from({ length: 30 }, (_, index) => `s${index}`),
      settings: { maxReversions: 1000 },
    });
    hp.close();
    return { project: project.id, plan: plan.id };
  });
  await Promise.all(pages.map((page, index) => join(page, ids, `tab${index}`)));
  const played = await Promise.all(
    pages.map((page, index) => play(page, { seed: seed + 1000 * index, count })),
  );
  const refused = played.flatMap((one) => Object.keys(one.refused));
  const unexpected = refused.filter(
    (code) => code === code.toUpperCase() && !refusals.includes(code),
  );
  assert.deepEqual(unexpected, [], JSON.stringify(played.map((one) => one.refused.messages)));

  // One legal history: nothing lost of what was acknowledged, and nothing there twice.
  const { entries, report, lease } = await pages[0].evaluate(async () => ({
    entries: await entriesOf(project),
    report: await project.verify(),
    lease: await plan.lease(),
  }));
  readHistory(entries);
  assert.deepEqual(report.findings, []);
  for (const { actor, did } of played) {
    const found = Object.fromEntries(Object.keys(did).map((type) => [type, 0]));
    for (const entry of entries) {
      if (entry.actor !== actor) continue;
      for (const { type } of entry.events) if (type in found) found[type] += 1;
    }
    assert.deepEqual(did, found, `what ${actor} was told of is what is on record`);
  }
  assert.equal(lease?.isHeld ?? false, false, "nobody keeps the plan");
  assert.equal(new Set(entries.map(({ command }) => command.id)).size, entries.length);

  // All tabs show the same, without being asked to look.
  const shown = () =>
    Promise.all(
      pages.map((page) =>
        page.evaluate(() => JSON.stringify([project.getSnapshot(), plan.getSnapshot()])),
      ),
    );
  const settled = (one) => one.replace(/"tiers":\{[^]*?\}\}/g, "");
  await until("all tabs show the same", async () => {
    const all = (await shown()).map(settled);
    return all.every((one) => one === all[0] && one.includes(`"revision":${entries.length}`));
  });

  // Each tab has heard of every revision once.
  const heard = await Promise.all(pages.map((page) => page.evaluate(() => heard)));
  for (const [index, one] of heard.entries()) {
    const revisions = [...new Set(one.map(([revision]) => revision))];
    assert.deepEqual(
      revisions,
      entries.slice(entries.length - revisions.length).map(({ revision }) => revision),
      `tab${index} heard all, in their order`,
    );
  }
  // It can be ended.
  const end = await pages[1].evaluate(async () => {
    if (project.getSnapshot().status === "paused") await project.resume();
    return plan.run((step) => step.index);
  });
  assert.equal(end.status, "completed");
  await Promise.all(pages.map((page) => page.close()));
  return { entries: entries.length, refused: sum(played.map((one) => one.refused)) };
}

test("r71_how_long_a_change_takes_to_show_in_another_tab", limit, async (t) => {
  const { pages } = await at.tabs(t, 2);
  const [first, second] = pages;
  const ids = await first.evaluate(async () => {
    const hp = await holdpoint.Holdpoint.open({ name: "races", actor: "maker" });
    const project = await hp.createProject({ name: "latency" });
    const plan = await project.createPlan({ request: "x", steps: ["a"] });
    return { project: project.id, plan: plan.id };
  });
  await join(first, ids, "one");
  await join(second, ids, "two");
  await second.evaluate(() => {
    window.shown = new Map();
    project.subscribe(() => shown.set(project.getSnapshot().name, now()));
  });
  const count = 60;
  const told = await first.evaluate(async (count) => {
    const told = [];
    for (let index = 0; index < count; index += 1) {
      const called = now();
      const { revision } = await project.execute({ type: "rename_project", name: `n${index}` });
      told.push([revision, `n${index}`, called, now()]);
      await sleep(20);
    }
    return told;
  }, count);
  const name = `n${count - 1}`;
  await until("the last one shows", () =>
    second.evaluate((name) => project.getSnapshot().name === name, name),
  );
  const { heard, shown } = await second.evaluate(() => ({ heard, shown: [...window.shown] }));
  const heardAt = new Map(heard);
  const shownAt = new Map(shown);
  const missed = told.filter(([revision]) => !heardAt.has(revision));
  assert.deepEqual(missed, [], "every change was heard");
  const figures = (values) =>
    `p50 ${quantile(values, 0.5)} ms, p95 ${quantile(values, 0.95)} ms (${values.length})`;
  const of = (at, from) =>
    told.flatMap((one) => (at(one) === undefined ? [] : [at(one) - one[from]]));
  t.diagnostic(`commit itself: ${figures(of((one) => one[3], 2))}`);
  t.diagnostic(
    `call to event in the other tab: ${figures(of(([revision]) => heardAt.get(revision), 2))}`,
  );
  t.diagnostic(
    `call to snapshot in the other tab: ${figures(of(([, name]) => shownAt.get(name), 2))}`,
  );
});

const quantile = (values, part) =>
  values
    .toSorted((one, other) => one - other)
    [Math.min(values.length - 1, Math.floor(values.length * part))]?.toFixed(1);

function sum(tallies) {
  const all = {};
  for (const tally of tallies) {
    for (const [name, count] of Object.entries(tally)) {
      if (typeof count === "number") all[name] = (all[name] ?? 0) + count;
    }
  }
  return all;
}
