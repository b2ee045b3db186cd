// R45: the browser is killed within a pause, a rollback or an import, not only between them: each is
// there whole or not at all, and what was shown as done is there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { App } from "./support/app.mjs";
import { watch } from "./support/browser.mjs";
import { readHistory } from "./support/history.mjs";
import { atProfile, startKillable } from "./support/killable.mjs";
import { tellWhatIsShown } from "./support/shown.mjs";
import { trajectory } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";

const KILLS = Number(process.env.PAGE_TEST_KILLS ?? 6);
const ITEMS = 1200;
const STEPS = 300;

const at = atProfile();

const seed = Number(process.env.PAGE_TEST_SEED ?? Date.now() % 2 ** 31);
let state = seed;
function random() {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return state / 2 ** 31;
}

/** What the page shows of what is under way. */
function lookAtWork() {
  const rows = [...document.querySelectorAll("[data-testid=import-result]")];
  return {
    isAsking: document.querySelector("dialog") !== null,
    last: rows.at(-1)?.dataset.state,
  };
}

/** A project with so much context that a pause has something to do, and a plan to roll back. */
async function makeLarge(app) {
  const run = async (project, command) => app.call("execute", { project, command });
  const { project } = await run(undefined, { type: "create_project", name: "large" });
  const steps = Array.from({ length: 40 }, (_, index) => ({ title: `step ${index}` }));
  const settings = { max_reversions: 1000, auto_checkpoint_interval: 0 };
  const { outcome } = await run(project, {
    type: "create_plan",
    plan: { request: "Large", steps, settings },
  });
  const { plan } = outcome;
  await run(project, { type: "start_plan", plan });
  const old = new Date(Date.now() - 30 * 86_400_000).toISOString();
  for (let left = ITEMS; left > 0; left -= 400) {
    const items = Array.from({ length: 400 }, (_, index) => ({
      agent: "coder",
      plan,
      kind: "log",
      body: `item ${left - index} ${"of some length ".repeat(10)}`,
      created_at: old,
    }));
    await run(project, { type: "add_context", items });
  }
  await stepsOf(app, { project, plan }, 2);
  return { project, plan };
}

/** Does so many steps after a checkpoint, so that there is something to roll back. */
async function stepsOf(app, { project, plan }, count) {
  const run = (command) => app.call("execute", { project, command });
  await run({ type: "create_checkpoint", checkpoint: { plan, name: "before" } });
  for (let index = 0; index < count; index += 1) {
    await run({ type: "start_step", plan });
    const { last_attempt: attempt } = await app.query({ type: "plan", project, plan });
    await run({ type: "complete_step", plan, attempt, output: '"done"' });
  }
}

const click = (app, testId) => app.id(testId).evaluate((button) => button.click());
const listed = async (app) => {
  const { rows } = await app.query({ type: "projects" });
  return rows.map(({ project }) => project);
};

/**
 * What is killed. `prepare` brings the page so far that one click does it, `begin` is that click,
 * `isShown` whether the page has told of its end, `found` whether it is there; it says too if it is
 * there by half.
 */
const acts = {
  pause: {
    type: "project_paused",
    async prepare(app, large) {
      await app.openPlan(large);
      await app.id("pause").click();
      await app.id("pause-confirm").waitFor();
    },
    begin: (app) => click(app, "pause-confirm"),
    isShown: ({ isAsking }) => !isAsking,
    async undo(app, { project }) {
      // With all context, so that the next pause has as much to do.
      const { pause } = await app.query({ type: "project", project });
      assert.ok(pause.items_archived > 0, "it archived something");
      await app.call("execute", {
        project,
        command: { type: "resume", checkpoint: pause.checkpoint_id },
      });
    },
  },
  rollback: {
    type: "rolled_back",
    async prepare(app, large) {
      await app.openPlan(large);
      await app.id("roll-back").click();
      await until("it can be confirmed", () => app.id("rollback-confirm").isEnabled());
    },
    begin: (app) => click(app, "rollback-confirm"),
    isShown: ({ isAsking }) => !isAsking,
    undo: (app, large) => stepsOf(app, large, 2),
  },
  import: {
    async prepare(app) {
      await app.home();
    },
    begin: (app) =>
      app.id("import-input").setInputFiles([
        trajectory({
          name: "within.traj",
          steps: STEPS,
          step: (index) => ({ observation: `${index} `.repeat(1000) }),
        }),
      ]),
    isShown: ({ last }) => last === "done",
    async check(app, project) {
      const { rows } = await app.query({ type: "plans", project });
      assert.deepEqual(
        rows.map(({ steps }) => steps),
        [STEPS],
        "all of its steps",
      );
    },
  },
  copy: {
    async prepare(app, _, copy) {
      await app.home();
      const [row] = await app.opens(copy);
      assert.equal(await row.getAttribute("data-state"), "refused", "it is there already");
    },
    begin: (app) => click(app, "open-as-copy"),
    isShown: ({ last }) => last === "opened",
    async check(app, project, large, digests) {
      const { entries } = await app.query({ type: "find_entries", project, limit: 500 });
      const found = entries.map(({ digest }) => digest);
      assert.deepEqual(found, digests, "entry by entry what was saved");
    },
  },
};

test(
  "r45_r74_a_kill_within_a_pause_a_rollback_or_an_import_leaves_all_of_it_or_nothing",
  // It is there for what hangs.
  { timeout: 240_000 + KILLS * 20_000 },
  async (t) => {
    t.diagnostic(`seed: ${seed} (PAGE_TEST_SEED repeats it), ${KILLS} kills (PAGE_TEST_KILLS)`);
    const names = Object.keys(acts);
    const counts = Object.fromEntries(
      names.map((name) => [name, { none: 0, unseen: 0, shown: 0, after: 150 }]),
    );
    let large;
    let copy;
    let digests;
    // What was there before the kill, and what was under way then.
    let before;
    let was;
    for (let kill = 0; kill <= KILLS; kill += 1) {
      const where = `kill ${kill}, seed ${seed}`;
      const killable = await startKillable(at.profile);
      try {
        const seen = await watch(killable.context, at.site);
        let shown = {};
        await tellWhatIsShown(killable.context, lookAtWork, (told) => (shown = told));
        const page = await killable.context.newPage();
        const app = new App(page, at.site, seen);
        await page.goto(at.site.url);
        await app.id("import").waitFor();
        if (!large) {
          large = await makeLarge(app);
          await app.openProject(large);
          copy = await app.savesCopy();
          copy = { name: copy.name, bytes: copy.bytes };
          const { entries } = await app.query({
            type: "find_entries",
            project: large.project,
            limit: 500,
          });
          digests = entries.map(({ digest }) => digest);
        }
        if (was) await checkWhatIsLeft(app, where);
        if (kill === KILLS) break;

        const name = names[kill % names.length];
        const act = acts[name];
        before = {
          projects: await listed(app),
          entries: await app.wholeHistory(large.project),
        };
        await act.prepare(app, large, copy);
        shown = { isAsking: true };
        // Around the moment at which it is done: sooner after one that was, later after one that wasn't.
        const moment = counts[name].after * (0.5 + random());
        const begun = act.begin(app).catch(() => undefined);
        await sleep(moment);
        await killable.kill();
        await begun;
        was = { name, isShown: act.isShown(shown), moment };
        seen.requests = seen.requests.filter((url) => !url.startsWith("chrome"));
        seen.check();
      } finally {
        await killable.kill();
      }
    }

    async function checkWhatIsLeft(app, where) {
      const { name, isShown, moment } = was;
      const act = acts[name];
      const entries = await app.wholeHistory(large.project);
      assert.deepEqual(
        entries.slice(0, before.entries.length),
        before.entries,
        `${where}: nothing of the journal was lost or changed`,
      );
      const more = entries.slice(before.entries.length);
      const now = await listed(app);
      const added = now.filter((project) => !before.projects.includes(project));
      assert.ok(
        before.projects.every((project) => now.includes(project)),
        `${where}: every project is there`,
      );
      let isThere;
      if (act.type) {
        assert.deepEqual(added, [], where);
        const types = more.map(({ events }) => events.some(({ type }) => type === act.type));
        assert.ok(types.length < 2 && types.every(Boolean), `${where}: one entry or none`);
        isThere = types.length === 1;
      } else {
        assert.deepEqual(more, [], where);
        assert.ok(added.length < 2, `${where}: one project or none`);
        isThere = added.length === 1;
        if (isThere) await act.check(app, added[0], large, digests);
      }
      assert.ok(isThere || !isShown, `${where}: a ${name} that was shown as done is there`);
      for (const project of now) {
        const report = await app.query({ type: "verify", project });
        assert.deepEqual(report.findings, [], `${where}: ${project}`);
        readHistory(await app.wholeHistory(project));
      }
      counts[name][!isThere ? "none" : isShown ? "shown" : "unseen"] += 1;
      counts[name].after = Math.max(2, moment * (isThere ? 0.7 : 1.4));

      // The page works: what was imported is played, and what was done is done again.
      if (added.length === 1) {
        const [project] = added;
        const { rows } = await app.query({ type: "plans", project });
        if (name === "import") {
          await app.openPlan({ project, plan: rows[0].plan });
          await app.runSteps(1);
        }
        await app.call("execute", { project, command: { type: "delete_project" } });
        await app.home();
      }
      if (isThere) await act.undo?.(app, large);
    }

    for (const name of names) {
      const { none, unseen, shown } = counts[name];
      t.diagnostic(
        `kills: ${none + unseen + shown} within a ${name}: ${none} left nothing of it, ` +
          `${unseen + shown} all of it, ${unseen} of these before the page could tell`,
      );
    }
    const all = Object.values(counts);
    // With few of them it may be all the one or all the other.
    if (KILLS < 40) return;
    for (const [index, { none, unseen, shown }] of all.entries()) {
      assert.ok(none > 0 && unseen + shown > 0, `${names[index]}: kills came before and after`);
    }
  },
);
