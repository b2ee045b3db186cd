// Browsers that give no storage, take it away, or have none left.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { App } from "./support/app.mjs";
import { atSite } from "./support/browser.mjs";
import { readHistory } from "./support/history.mjs";
import { openOnDisk } from "./support/profile.mjs";
import { samplePath, trajectory } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";

const at = atSite();
const limit = { timeout: 180_000 };

/** A file of this origin that is no page of ours: there the database can be tampered with. */
const beside = "icon.svg";

/** A tab whose browser is as the script makes it. */
async function visitWith(t, script, argument) {
  const { context, seen } = await at.context(t);
  await context.addInitScript(script, argument);
  const page = await context.newPage();
  await page.goto(at.site.url);
  return new App(page, at.site, seen);
}

test("without_indexeddb_the_page_says_so_and_what_to_do", limit, async (t) => {
  const app = await visitWith(t, () => {
    Object.defineProperty(window, "indexedDB", { value: undefined, configurable: true });
  });
  await app.id("not-open").waitFor();
  const box = await app.problem("UNAVAILABLE");
  assert.match(await box.innerText(), /gives this page no storage/);
  await app.id("open-again").click();
  await app.problem("UNAVAILABLE");
});

test(
  "where_indexeddb_is_refused_the_page_says_so_and_opens_once_it_is_allowed",
  limit,
  async (t) => {
    const app = await visitWith(t, () => {
      const real = IDBFactory.prototype.open;
      window.__allow = () => (IDBFactory.prototype.open = real);
      IDBFactory.prototype.open = () => {
        throw new DOMException("The operation is insecure.", "SecurityError");
      };
    });
    await app.problem("UNAVAILABLE");
    await app.page.evaluate(() => window.__allow());
    await app.id("open-again").click();
    await app.importPlan(samplePath);
    await app.runSteps(1);
  },
);

test("a_database_of_a_newer_version_is_told_as_too_new_and_left_alone", limit, async (t) => {
  // Without the service worker, which gives the page for any address.
  const app = await at.visit(t, { serviceWorkers: "block" });
  await app.importPlan(samplePath);
  await app.runSteps(2);
  await app.page.goto(at.site.url + beside);
  const raise = () =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open("holdpoint", 999);
      request.onsuccess = () => resolve(request.result.close());
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("blocked"));
    });
  await app.page.evaluate(raise);
  await app.page.goto(at.site.url);
  const box = await app.problem("TOO_NEW");
  assert.match(await box.innerText(), /Reload the page to get the newest version/);
  assert.equal(await app.id("not-open").count(), 1);
  const version = await app.page.evaluate(() =>
    indexedDB.databases().then(([{ version }]) => version),
  );
  assert.equal(version, 999, "it was left alone");
});

test("a_database_that_is_somebody_elses_is_left_alone", limit, async (t) => {
  const { context, seen } = await at.context(t, { serviceWorkers: "block" });
  const page = await context.newPage();
  await page.goto(at.site.url + beside);
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open("holdpoint", 999);
        request.onupgradeneeded = () => request.result.createObjectStore("theirs");
        request.onsuccess = () => resolve(request.result.close());
        request.onerror = () => reject(request.error);
      }),
  );
  const app = new App(page, at.site, seen);
  await page.goto(at.site.url);
  await app.problem("NOT_A_STORE");
  assert.equal(
    await page.evaluate(() => indexedDB.databases().then(([{ version }]) => version)),
    999,
  );
});

test(
  "an_old_tab_that_does_not_make_way_is_told_as_blocked_and_all_works_once_it_does",
  limit,
  async (t) => {
    const { context, seen } = await at.context(t, { serviceWorkers: "block" });
    // The old tab: it keeps its connection whatever it is asked, while a deletion waits for it.
    const old = await context.newPage();
    await old.goto(at.site.url + beside);
    await old.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const request = indexedDB.open("holdpoint", 1);
          request.onupgradeneeded = () => request.result.createObjectStore("old");
          request.onerror = () => reject(request.error);
          request.onsuccess = () => {
            window.__held = request.result;
            request.result.onversionchange = () => undefined;
            indexedDB.deleteDatabase("holdpoint").onblocked = () => resolve();
          };
        }),
    );
    const page = await context.newPage();
    const app = new App(page, at.site, seen);
    await page.goto(at.site.url);
    const box = await app.problem("BLOCKED", { timeout: 60_000 });
    assert.match(await box.innerText(), /Close that tab/);
    await old.evaluate(() => window.__held.close());
    await app.id("open-again").click();
    await app.importPlan(samplePath);
    await app.runSteps(2);
    await page.reload();
    await app.id("run-panel").waitFor();
    await app.doneIs(2);
  },
);

for (const moment of ["at_rest", "while_it_runs"]) {
  test(
    `storage_that_is_cleared_${moment}_is_told_and_the_page_goes_on_without_a_reload`,
    limit,
    async (t) => {
      const app = await at.visit(t);
      const { page } = app;
      await app.importPlan(moment === "at_rest" ? samplePath : trajectory({ steps: 400 }));
      if (moment === "at_rest") {
        await app.runSteps(2);
      } else {
        await app.id("run-all").click();
        await until("it runs", async () => (await app.done()) > 2);
      }
      await page.evaluate(() => (window.__sameLoad = true));
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Storage.clearDataForOrigin", {
        origin: at.site.origin,
        storageTypes: "indexeddb",
      });
      if (moment === "at_rest") await app.id("run-one").click();
      if (moment === "while_it_runs") {
        await app
          .id("stop-running")
          .waitFor({ state: "detached", timeout: 60_000 })
          .catch(() => assert.fail("the run neither goes on nor ends: a call never settles"));
      }
      // Told so that it can be read: it is still there once all has settled.
      const told = page.getByText("The browser has cleared the storage");
      const main = async () => squeeze(await page.locator("main").innerText());
      await told
        .first()
        .waitFor()
        .catch(async () => assert.fail(`cleared, but the page says: ${await main()}`));
      const errors = () => app.id("error").count();
      const before = await errors();
      await page.evaluate(() => navigator.storage.estimate());
      assert.ok(
        (await errors()) >= before && (await told.count()),
        `it went away: ${await main()}`,
      );
      t.diagnostic(`told as: ${await main()}`);
      // On without a reload: back to the first view, whatever it takes of what is offered there.
      await page.evaluate(() => (location.hash = "#/"));
      await until(
        "the first view is usable again",
        async () => {
          if (await app.id("empty").count()) return true;
          const again = app.id("try-again").or(app.id("open-again")).first();
          if (await again.count()) await again.click({ timeout: 2000 }).catch(() => undefined);
          return false;
        },
        { every: 300 },
      );
      const ids = await app.importPlan(trajectory({ name: "anew.traj", steps: 3 }));
      await app.id("run-all").click();
      await app.doneIs(3);
      assert.equal(await page.evaluate(() => window.__sameLoad), true, "without a reload");
      readHistory(await app.wholeHistory(ids.project));
    },
  );
}

const squeeze = (text) => text.replace(/\s+/g, " ").slice(0, 300);

test(
  "r7_a_full_disk_is_told_where_it_happened_nothing_is_lost_and_it_goes_on_once_there_is_room",
  limit,
  async (t) => {
    const { context, seen } = await openOnDisk(t, at.site);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    const quota = (quotaSize) =>
      devtools.send("Storage.overrideQuotaForOrigin", { origin: at.site.origin, quotaSize });
    // From the beginning, and far less than the run wants: Chromium remembers for a while how much
    // room there was.
    await quota(10_000_000);
    const app = new App(page, at.site, seen);
    await page.goto(at.site.url);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    // Nothing that a browser could keep in less room.
    const observation = () => randomBytes(45_000).toString("base64");
    const large = (name) =>
      trajectory({ name, steps: 120, step: () => ({ observation: observation() }) });
    const ids = await app.importPlan(large("large.traj"));
    await app.runSteps(2);

    await app.id("run-all").click();
    const box = await app.id("run-panel").locator('[data-code="QUOTA_EXCEEDED"]').first();
    await box
      .waitFor()
      .catch(async () =>
        assert.fail(`no word of it: ${squeeze(await page.locator("main").innerText())}`),
      );
    assert.match(await box.innerText(), /storage is full/);
    const full = await app.query({ type: "plan", ...ids });
    assert.ok(full.last_completed_step >= 1 && full.last_completed_step < 119, "in the middle");
    await app.doneIs(full.last_completed_step + 1);

    // A file too is told where it was chosen, and nothing of it is left.
    await app.home();
    const [row] = await app.choose(large("more.traj"));
    assert.equal(await row.getByTestId("error").getAttribute("data-code"), "QUOTA_EXCEEDED");
    assert.equal((await app.query({ type: "projects" })).rows.length, 1, "nothing half-imported");

    await quota();
    await app.openPlan(ids);
    await app.id("run-all").click();
    await app.doneIs(120);
    await app.openProject(ids);
    assert.equal(await app.verify(), true);
    readHistory(await app.wholeHistory(ids.project));
  },
);

test("the_page_says_whether_the_browser_keeps_what_is_here", limit, async (t) => {
  const app = await at.visit(t);
  assert.equal(await app.page.evaluate(() => navigator.storage.persisted()), false);
  await app.id("persistence").waitFor();
  assert.match(await app.id("persistence").innerText(), /may clear what is here/);
  await app.id("keep-for-good").click();
  await until(
    "it is told what the browser says",
    async () =>
      (await app.id("persistent").count()) ||
      (await app.id("persistence").innerText()).includes("didn’t agree to keep it"),
  );
  const kept = await visitWith(t, () => {
    // Not on the empty page, which has none.
    if (navigator.storage) StorageManager.prototype.persisted = () => Promise.resolve(true);
  });
  await kept.id("persistent").waitFor();
  assert.equal(await kept.id("persistence").count(), 0);
});
