// R45: the browser is killed at any moment, and work goes on exactly where it left off.
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

const KILLS = Number(process.env.PAGE_TEST_KILLS ?? 12);
/** So many times as many at most, until one has met a step in flight: a third of them do. */
const PATIENCE = 4;
const STEPS = 300;
// A run at full speed goes on until the dialog of a pause is open: so many steps must be left.
const MARGIN = Math.min(150, STEPS / 2);
/** In a run, after this many milliseconds at the latest. */
const LATEST = 900;

const at = atProfile();

/** What the page shows of its plan. */
function lookAtPlan() {
  const progress = document.querySelector("[data-testid=progress]");
  return (
    progress && {
      done: progress.value,
      isPaused: document.querySelector("[data-testid=held-by-pause]") !== null,
    }
  );
}

// A generator of its own, so that a run that fails can be repeated.
const seed = Number(process.env.PAGE_TEST_SEED ?? Date.now() % 2 ** 31);
let state = seed;
function random() {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return state / 2 ** 31;
}

test(
  "r45_r46_after_a_kill_all_that_was_shown_is_there_and_it_goes_on_at_the_next_step",
  // More kills take longer: it is there for what hangs.
  { timeout: 240_000 + KILLS * PATIENCE * 15_000 },
  async (t) => {
    t.diagnostic(`seed: ${seed} (PAGE_TEST_SEED repeats it), ${KILLS} kills (PAGE_TEST_KILLS)`);
    let current;
    let kills = 0;
    let acknowledged;
    let entriesBefore = [];
    const counts = {
      inFlight: 0,
      whileRunning: 0,
      paused: 0,
      rolledBack: 0,
      plans: 0,
      steps: 0,
      lag: 0,
    };

    const isEnough = (kill) => kill >= KILLS * PATIENCE || (kill >= KILLS && counts.inFlight > 0);
    for (let kill = 0; ; kill += 1) {
      const killable = await startKillable(at.profile);
      try {
        const seen = await watch(killable.context, at.site);
        let shown;
        await tellWhatIsShown(killable.context, lookAtPlan, (told) => (shown = told));
        const page = await killable.context.newPage();
        const app = new App(page, at.site, seen);
        await page.goto(at.site.url);
        await app.id("import").waitFor();

        if (current) {
          // What was acknowledged is there, and nothing half-done is.
          const row = page.locator(`[data-testid=resumable-row][data-plan="${current.plan}"]`);
          const entries = await app.wholeHistory(current.project);
          const { plans, isPaused } = readHistory(entries);
          const found = plans.get(current.plan);
          const where = `kill ${kill}, seed ${seed}`;
          assert.deepEqual(
            entries.slice(0, entriesBefore.length),
            entriesBefore,
            `${where}: nothing of the journal was lost or changed`,
          );
          assert.ok(
            found.last + 1 >= acknowledged.done,
            `${where}: ${acknowledged.done} steps were shown as done, ${found.last + 1} are there`,
          );
          if (acknowledged.isPaused !== undefined) {
            assert.equal(isPaused, acknowledged.isPaused, `${where}: the pause that was shown`);
          }
          if (acknowledged.rollbacks !== undefined) {
            const rollbacks = entries
              .flatMap(({ events }) => events)
              .filter(({ type }) => type === "rolled_back");
            assert.ok(rollbacks.length >= acknowledged.rollbacks, `${where}: the rollback`);
          }
          const view = await app.query({ type: "plan", ...current });
          assert.equal(view.last_completed_step, found.last, `${where}: the rows say the same`);
          const open = view.step_list.flatMap(({ state }, step) =>
            state === "running" ? [step] : [],
          );
          assert.deepEqual(
            open,
            found.open === null ? [] : [found.last + 1],
            `${where}: open steps`,
          );
          const report = await app.query({ type: "verify", project: current.project });
          assert.deepEqual(report.findings, [], where);
          assert.equal(report.clean, true, where);
          if (found.open !== null) counts.inFlight += 1;
          counts.lag = Math.max(counts.lag, found.last + 1 - acknowledged.done);
          entriesBefore = entries;

          if (found.last + 1 === STEPS) {
            await until(
              `${where}: what is done isn't offered`,
              async () => (await row.count()) === 0,
            );
            current = undefined;
          } else {
            // The first view offers it, and it goes on at the next step.
            await row.waitFor();
            const text = (await row.innerText()).replace(/\s+/g, " ");
            assert.ok(text.includes(`${found.last + 1} of ${STEPS} steps`), `${where}: ${text}`);
            if (isEnough(kill)) break;
            shown = undefined;
            await row.getByTestId("go-on").click();
            await until(`${where}: it goes on`, () => shown?.done > found.last + 1, { every: 5 });
            const after = await app.query({
              type: "history",
              project: current.project,
              after: entries.length,
              limit: 20,
            });
            const first = after
              .flatMap(({ events }) => events)
              .find(({ type }) => type === "step_started");
            assert.equal(first.step, found.last + 1, `${where}: at the next step`);
            acknowledged = { done: shown.done };
          }
        }
        if (isEnough(kill)) break;
        if (!current) {
          counts.plans += 1;
          await app.home();
          const file = trajectory({ name: `kills-${counts.plans}.traj`, steps: STEPS });
          current = await app.importPlan(file);
          shown = undefined;
          entriesBefore = [];
          await app.id("run-all").click();
          await until("it runs", () => shown?.done > 0, { every: 5 });
        }

        // Sometimes something else happens in between; then the kill comes at any moment after it.
        acknowledged = {};
        const what = random();
        if (what < 0.2 && shown.done < STEPS - MARGIN) {
          await app.pause(`before kill ${kill}`);
          await app.id("held-by-pause").waitFor();
          counts.paused += 1;
          if (what < 0.1) {
            await app.id("resume").click();
            await app.id("held-by-pause").waitFor({ state: "detached" });
            await app.atRest();
            await app.id("run-all").click();
          } else {
            acknowledged.isPaused = true;
          }
        } else if (what < 0.32) {
          await app
            .id("stop-running")
            .click({ timeout: 5000 })
            .catch(() => undefined);
          await app.atRest();
          const view = await app.query({ type: "plan", ...current });
          if (view.reversion_count < view.max_reversions && view.last_completed_step > 12) {
            const { rows } = await app.query({ type: "checkpoints", ...current });
            const { checkpoint } = rows.at(-10);
            await app.id("roll-back").click();
            await app.id("rollback-checkpoint").selectOption(checkpoint);
            await app.id("rollback-confirm").click();
            await app.dialog().waitFor({ state: "detached" });
            await until("the page shows the rollback", async () => {
              const now = await app.query({ type: "plan", ...current });
              return shown.done === now.last_completed_step + 1;
            });
            const all = await app.wholeHistory(current.project);
            acknowledged.rollbacks = all
              .flatMap(({ events }) => events)
              .filter(({ type }) => type === "rolled_back").length;
            counts.rolledBack += 1;
          }
          await app
            .id("run-all")
            .click({ timeout: 5000 })
            .catch(() => undefined);
        }
        await sleep(random() * LATEST);
        if (shown.done < STEPS && !acknowledged.isPaused) counts.whileRunning += 1;
        acknowledged.done = shown.done;
        await killable.kill();
        kills += 1;
        // What came in until the very end counts too.
        acknowledged.done = shown.done;
        if (shown.isPaused) acknowledged.isPaused = true;
        counts.steps = Math.max(counts.steps, shown.done);
        seen.requests = seen.requests.filter((url) => !url.startsWith("chrome"));
        seen.check();
      } finally {
        await killable.kill();
      }
    }
    t.diagnostic(
      `kills: ${kills} in runs: ${counts.whileRunning} while a plan ran, ${counts.inFlight} with a step in flight; ` +
        `${counts.paused} pauses and ${counts.rolledBack} rollbacks before; ${counts.plans} plans; ` +
        `at most ${counts.lag} steps were there that had not been shown yet`,
    );
    assert.ok(counts.whileRunning >= kills / 3, `only ${counts.whileRunning} kills met a run`);
    assert.ok(counts.inFlight > 0, "no kill met a step in flight");
  },
);
