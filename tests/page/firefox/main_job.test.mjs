// The page's main job in Firefox: import, run, pause, reload, resume, roll back; and a second tab.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventTypes, readHistory } from "../support/history.mjs";
import { startSite } from "../support/site.mjs";
import { samplePath } from "../support/trajectories.mjs";
import { until } from "../support/until.mjs";
import { startFirefox, Tab } from "./webdriver.mjs";

const at = { site: undefined, firefox: undefined };
before(async () => {
  at.site = await startSite();
  at.firefox = await startFirefox();
});
after(async () => {
  await at.firefox?.stop();
  await at.site?.stop();
});

test(
  "in_firefox_a_plan_runs_pauses_goes_on_after_a_reload_and_is_rolled_back",
  { timeout: 300_000 },
  async (t) => {
    t.diagnostic(`firefox: ${at.firefox.version}`);
    const tab = await Tab.open(at.firefox, at.site);
    await tab.id("import");
    await tab.type("import-input", samplePath);
    await until(
      "it is imported",
      async () => (await tab.attribute("import-result", "data-state")) === "done",
    );
    await tab.clickOn('[data-testid="import-result"] a');
    await tab.id("run-panel");
    const [, project, plan] = /#\/p\/(\w{26})\/plan\/(\w{26})/.exec(
      await tab.run(() => location.hash),
    );
    for (const done of [1, 2, 3]) {
      await tab.click("run-one");
      await tab.doneIs(done);
      await tab.isGone("stop-running");
    }

    await tab.click("pause");
    await tab.type("pause-reason", "deploy tonight");
    await tab.click("pause-confirm");
    await tab.id("held-by-pause");
    await tab.reload();
    await tab.id("held-by-pause");
    await tab.doneIs(3);
    assert.equal((await tab.query({ type: "project", project })).status, "paused");
    // Another tab shows it, and what is done in the one shows in the other.
    const other = await Tab.open(at.firefox, at.site);
    await other.go(`#/p/${project}/plan/${plan}`);
    await other.id("held-by-pause");
    await tab.click("resume");
    await other.isGone("held-by-pause");
    await tab.click("run-all");
    const { steps } = await tab.query({ type: "plan", project, plan });
    await tab.doneIs(steps);
    await other.doneIs(steps);

    const { rows } = await tab.query({ type: "checkpoints", project, plan });
    assert.ok(rows.length > 0, "it has checkpoints");
    await tab.reload();
    await tab.click("roll-back");
    await tab.id("rollback-checkpoint");
    await tab.click("rollback-confirm");
    await until("it is rolled back", async () => {
      const { last_completed_step: last } = await tab.query({ type: "plan", project, plan });
      return last < steps - 1;
    });
    const { last_completed_step: last } = await tab.query({ type: "plan", project, plan });
    await tab.doneIs(last + 1);
    await other.doneIs(last + 1);
    await tab.click("run-all");
    await tab.doneIs(steps);

    assert.equal((await tab.query({ type: "plan", project, plan })).state, "completed");
    const report = await tab.query({ type: "verify", project });
    assert.deepEqual(report.findings, []);
    const entries = await tab.query({ type: "history", project, limit: 1000 });
    readHistory(entries);
    const types = eventTypes(entries);
    for (const type of ["project_paused", "project_resumed", "rolled_back"]) {
      assert.ok(types.includes(type), `${type} in ${types}`);
    }
    t.diagnostic(`firefox: the main job, ${entries.length} entries, found sound`);
  },
);
