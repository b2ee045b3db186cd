// What a kill or a browser's own fault leaves of a profile. Too rare to be met by killing, so it is
// made by hand.
import assert from "node:assert/strict";
import { appendFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { App } from "./support/app.mjs";
import { watch } from "./support/browser.mjs";
import { readHistory } from "./support/history.mjs";
import { atProfile, startKillable } from "./support/killable.mjs";
import { trajectory } from "./support/trajectories.mjs";

const at = atProfile();

/** Starts a browser on the profile, works in it, and kills it; or lets it end by itself before. */
async function session(work, { isClosed = false } = {}) {
  const killable = await startKillable(at.profile);
  try {
    const seen = await watch(killable.context, at.site);
    const page = await killable.context.newPage();
    const app = new App(page, at.site, seen);
    await page.goto(at.site.url);
    await app.id("import").waitFor();
    const done = await work(app);
    if (isClosed) {
      // What isn't IndexedDB is written some time later, and at the end.
      const devtools = await killable.browser.newBrowserCDPSession();
      await devtools.send("Browser.close");
      await killable.ended;
    }
    return done;
  } finally {
    await killable.kill();
  }
}

/** LevelDB's newest log; none if Chromium keeps IndexedDB in something else. */
async function newestLog() {
  const folder = join(at.profile, "Default/IndexedDB");
  const database = (await readdir(folder)).find((name) => name.endsWith(".leveldb"));
  if (!database) return undefined;
  const logs = (await readdir(join(folder, database))).filter((name) => /^\d+\.log$/.test(name));
  return join(folder, database, logs.sort().at(-1));
}

/** The header of a record of 400 bytes, none of which follow: checksum, length, type. */
const torn = Buffer.from([0x78, 0x56, 0x34, 0x12, 0x90, 0x01, 0x01]);

// Half a record at the end of the log in which Chromium keeps IndexedDB.
test(
  "r45_a_record_that_a_kill_left_half_written_takes_nothing_with_it",
  { timeout: 120_000 },
  async (t) => {
    const ids = await session(async (app) => {
      const ids = await app.importPlan(trajectory({ name: "torn.traj", steps: 40 }));
      await app.runSteps(3);
      return ids;
    });
    for (const done of [3, 6, 9]) {
      const log = await newestLog();
      if (!log) return t.skip("this browser keeps IndexedDB in something else than LevelDB");
      await appendFile(log, torn);
      // What is added now comes after the half record; what is there is found at the next start.
      await session(async (app) => {
        const { last_completed_step } = await app.query({ type: "plan", ...ids });
        assert.equal(last_completed_step + 1, done);
        await app.openPlan(ids);
        await app.runSteps(3);
      });
    }
    await session(async (app) => {
      const { plans } = readHistory(await app.wholeHistory(ids.project));
      assert.equal(plans.get(ids.plan).last, 11);
      const report = await app.query({ type: "verify", project: ids.project });
      assert.deepEqual(report.findings, []);
    });
  },
);

test(
  "r75_work_that_the_browser_lost_between_two_visits_is_told",
  { timeout: 120_000 },
  async () => {
    await session(
      async (app) => {
        await app.home();
        await app.importPlan(trajectory({ name: "lost.traj", steps: 4 }));
        await app.home();
        await app.id("projects").waitFor();
        assert.equal(await app.id("work-is-lost").count(), 0);
      },
      { isClosed: true },
    );
    await rm(join(at.profile, "Default/IndexedDB"), { recursive: true });
    await session(async (app) => {
      await app.id("work-is-lost").waitFor();
      await app.page.reload();
      await app.id("work-is-lost").getByLabel("Dismiss").click();
      await app.id("work-is-lost").waitFor({ state: "detached" });
      await app.page.reload();
      await app.id("empty").waitFor();
      assert.equal(await app.id("work-is-lost").count(), 0);
      // What is deleted isn't lost.
      const ids = await app.importPlan(trajectory({ name: "deleted.traj", steps: 4 }));
      await app.home();
      await app.id("projects").waitFor();
      await app.openProject(ids);
      await app.id("delete").click();
      await app.id("delete-confirm").click();
      await app.id("empty").waitFor();
      assert.equal(await app.id("work-is-lost").count(), 0);
    });
  },
);
