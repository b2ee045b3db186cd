// Without the network, once the page was loaded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { readHistory } from "./support/history.mjs";
import { samplePath, trajectory } from "./support/trajectories.mjs";

const at = atSite();
const limit = { timeout: 180_000 };

async function kept(t) {
  const app = await at.visit(t);
  await app.id("import").waitFor();
  await app.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  return app;
}

test("after_the_first_load_the_page_works_without_the_network", limit, async (t) => {
  const app = await kept(t);
  const context = app.page.context();
  await context.setOffline(true);
  await app.id("offline").waitFor();

  await app.page.reload();
  await app.id("offline").waitFor();
  const ids = await app.importPlan(samplePath);
  await app.runSteps(3);
  await app.pause("no network");
  await app.resume();

  const other = await app.newTab();
  await other.id("resumable-row").waitFor();
  await other.id("offline").waitFor();
  await other.id("go-on").click();
  await other.doneIs(8);
  await app.doneIs(8);
  await other.openProject(ids);
  assert.equal(await other.verify(), true);

  // The sample comes with the page; it is there too.
  await other.home();
  await other.id("try-sample").click();
  await other.id("run-all").click();
  await other.doneIs(8);

  await context.setOffline(false);
  await app.id("offline").waitFor({ state: "detached" });
  await app.page.reload();
  await app.id("run-panel").waitFor();
  await app.doneIs(8);
  await app.home();
  await app.importPlan(trajectory({ name: "online.traj", steps: 3 }));
  await app.id("run-all").click();
  await app.doneIs(3);
  readHistory(await app.wholeHistory(ids.project));
});

test("with_the_server_gone_the_page_still_opens", limit, async (t) => {
  // The server of this test alone: it is ended in the middle.
  const { startSite } = await import("./support/site.mjs");
  const { watch } = await import("./support/browser.mjs");
  const { App } = await import("./support/app.mjs");
  const site = await startSite();
  t.after(() => site.stop());
  const context = await at.browser.newContext();
  const seen = await watch(context, site);
  t.after(async () => {
    await context.close();
    seen.check();
  });
  const app = new App(await context.newPage(), site, seen);
  await app.page.goto(site.url);
  await app.importPlan(samplePath);
  await app.runSteps(2);
  await app.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await site.stop();
  await app.page.reload();
  await app.id("run-panel").waitFor();
  await app.doneIs(2);
  await app.id("run-all").click();
  await app.doneIs(8);
});
