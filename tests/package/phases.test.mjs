// What befalls the storage at each kind of call: no room, a connection that the browser closes, a
// database that is deleted, data that is cleared. Every call settles, with the right code, and
// afterwards the same object works.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openOnDisk } from "../page/support/profile.mjs";
import { until } from "../page/support/until.mjs";
import { DEADLINE, install } from "./support/phases.mjs";
import { atTabs } from "./support/tabs.mjs";

const at = atTabs();
const isLong = process.env.HOLDPOINT_PHASES === "all";
const limit = { timeout: isLong ? 1_800_000 : 240_000 };
const seed = Number(process.env.PACKAGE_TEST_SEED ?? Date.now() % 1_000_000);
let state = seed;
function random() {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return state / 2 ** 31;
}

/** All in the long form; as many as are named, by chance, in the short one. */
const some = (all, count) => (isLong ? all : all.toSorted(() => random() - 0.5).slice(0, count));

/** A tab of a browser with a profile on disk: in one that is only in memory much is otherwise. */
async function onDisk(t) {
  const { context } = await openOnDisk(t, at.site);
  const page = await at.open(context);
  const devtools = await context.newCDPSession(page);
  await page.evaluate(install, { name: "phases", deadline: DEADLINE });
  return { context, page, devtools };
}

/** Fills what the browser gives to this site, and makes room there. */
function disk({ page, devtools }) {
  const origin = at.site.origin;
  const used = () => page.evaluate(async () => (await navigator.storage.estimate()).usage);
  const give = (quotaSize) =>
    devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize });
  return {
    give,
    room: async (bytes) => give((await used()) + bytes),
    /** Up to the last bytes: Chromium asks for the quota only when what it knows of is used up. */
    fill: () =>
      page.evaluate(async () => {
        window.filler ??= await new Promise((resolve, reject) => {
          const request = indexedDB.open("filler", 1);
          request.onupgradeneeded = () =>
            request.result.createObjectStore("all", { autoIncrement: true });
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
        const put = (size) =>
          new Promise((resolve) => {
            const transaction = filler.transaction("all", "readwrite");
            transaction.objectStore("all").put(incompressible(size));
            transaction.oncomplete = () => resolve("there was room");
            transaction.onabort = () => resolve(transaction.error?.name);
          });
        for (let size = 60_000; size >= 4;) {
          const said = await put(size);
          if (said === "QuotaExceededError") size = Math.floor(size / 8);
          else if (said !== "there was room") throw new Error(said);
        }
      }),
  };
}

const settles = (page, what) => page.evaluate((what) => settles(what), what);
const everything = (page) => page.evaluate(() => everything());

/** Whether all that was there before is still there, as it was. */
function hasLostNothing(before, after, where) {
  for (const [project, entries] of Object.entries(before)) {
    assert.ok(after[project], `${where}: project ${project} is there`);
    assert.deepEqual(after[project].slice(0, entries.length), entries, `${where}: its entries`);
  }
}

test(
  "r7_r75_a_full_disk_is_told_at_each_kind_of_call_and_each_is_done_once_there_is_room",
  limit,
  async (t) => {
    const tab = await onDisk(t);
    const { page } = tab;
    const { give, room, fill } = disk(tab);
    await give(12_000_000);
    await page.evaluate(async () => {
      await openPhases();
      await begin();
    });
    const names = await page.evaluate(() => Object.keys(phases));
    const reads = await page.evaluate(() => Object.keys(window.reads));
    for (const what of names) {
      await fill();
      const before = await everything(page);
      const { error } = await settles(page, what);
      assert.equal(error?.code, "QUOTA_EXCEEDED", `${what}: ${JSON.stringify(error)}`);
      for (const read of reads) {
        const { error } = await settles(page, read);
        assert.equal(error, undefined, `${read} after ${what}: ${JSON.stringify(error)}`);
      }
      const after = await everything(page);
      // A run may have got as far as to the step that found no room.
      if (what === "run") hasLostNothing(before.all, after.all, what);
      else assert.deepEqual(after.all, before.all, `${what} has changed nothing`);
      assert.deepEqual(after.findings, [], what);

      await room(1_500_000);
      const again = await until("there is room again", async () => {
        const { error } = await settles(page, what);
        if (error?.code === "QUOTA_EXCEEDED") return false;
        return error ?? "done";
      });
      assert.equal(again, "done", `${what}: ${JSON.stringify(again)}`);
      const ended = await everything(page);
      hasLostNothing(after.all, ended.all, what);
      assert.notDeepEqual(ended.all, after.all, `${what} was done`);
      assert.deepEqual(ended.findings, [], what);
    }
    t.diagnostic(
      `phases: full at ${names.length} kinds of call that write: each QUOTA_EXCEEDED, nothing ` +
        `changed, ${reads.length} kinds that read fine meanwhile; each done by the same object later`,
    );
  },
);

test(
  "r7_r75_a_full_disk_opens_and_is_read_and_takes_a_deletion_with_a_few_bytes_of_room",
  limit,
  async (t) => {
    const tab = await onDisk(t);
    const { page, context } = tab;
    const { give, room, fill } = disk(tab);
    await give(6_000_000);
    const ids = await page.evaluate(async () => {
      await openPhases();
      const ids = await begin();
      for (let index = 0; index < 20; index += 1) await settles("context");
      return ids;
    });
    await fill();
    const before = await everything(page);
    const other = await at.open(context);
    await other.evaluate(install, { name: "phases", deadline: DEADLINE });
    const opened = await other.evaluate(() => outcomeOf(() => openPhases()));
    assert.equal(opened.error, undefined, JSON.stringify(opened.error));
    assert.deepEqual(await everything(other), before);
    const copied = await other.evaluate(async ({ project }) => {
      window.project = await hp.project(project);
      return settles("export");
    }, ids);
    assert.equal(copied.error, undefined, JSON.stringify(copied.error));
    // A deletion leaves a mark, which takes some bytes too; where there are none it is refused.
    const refused = await page.evaluate(() => outcomeOf(() => project.delete()));
    assert.equal(refused.error?.code, "QUOTA_EXCEEDED", JSON.stringify(refused));
    assert.deepEqual(await everything(page), before);
    await room(4_000);
    await until("it is deleted", async () => {
      const { error } = await page.evaluate(() => outcomeOf(() => project.delete()));
      assert.ok(!error || error.code === "QUOTA_EXCEEDED", JSON.stringify(error));
      return !error;
    });
    for (const tab of [page, other]) {
      assert.deepEqual(await everything(tab), { all: {}, findings: [] }, "nothing else is there");
    }
    // When the browser gives back what was deleted is its own affair: at once, or in its own time.
    const { error } = await page.evaluate(() => outcomeOf(() => begin()));
    assert.ok(!error || error.code === "QUOTA_EXCEEDED", JSON.stringify(error));
    await room(2_000_000);
    const again = await page.evaluate(() => outcomeOf(() => begin()));
    assert.equal(again.error, undefined, JSON.stringify(again.error));
    assert.deepEqual((await everything(other)).findings, []);
    t.diagnostic(
      `phases: on a full disk a store is opened, read and exported, and takes a deletion with 4 kB of room; ` +
        `the browser had ${error ? "not yet " : ""}given back what was deleted`,
    );
  },
);

test("r7_r75_a_snapshot_that_finds_no_room_costs_nothing_but_itself", limit, async (t) => {
  const tab = await onDisk(t);
  const { page } = tab;
  const { give, room, fill } = disk(tab);
  await give(30_000_000);
  await page.evaluate(async () => {
    await openPhases();
    await begin();
    // What becomes of each try to keep a snapshot, and how large it is.
    window.snapshots = [];
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, ...key) {
      if (this.name === "snapshots") {
        const snapshot = { bytes: value.text.byteLength };
        snapshots.push(snapshot);
        this.transaction.addEventListener("complete", () => (snapshot.became = "kept"));
        this.transaction.addEventListener("abort", function () {
          snapshot.became = this.error?.name;
        });
      }
      return put.call(this, value, ...key);
    };
    // Adds plans until something comes of it; how often that went well before. Their requests are
    // just so short that they stand in the entries.
    window.addUntil = async (isOver) => {
      for (let done = 0; ; done += 1) {
        const { error } = await outcomeOf(() =>
          project.createPlan({ request: incompressible(4000), steps: ["a"] }),
        );
        if (error || isOver()) return { done: error ? done : done + 1, error };
      }
    };
  });
  let acknowledged = 0;
  for (let round = 0; round < (isLong ? 2 : 1); round += 1) {
    const bytes = await page.evaluate(async () => {
      const kept = () => snapshots.filter(({ became }) => became === "kept");
      const before = kept().length;
      const { error } = await addUntil(() => kept().length > before);
      if (error) throw new Error(error.message);
      return kept().at(-1).bytes;
    });
    // The next one is due when as much was written again, and it is larger still: whenever that is,
    // there is less room than it takes.
    await until("a snapshot finds no room", async () => {
      await fill();
      await room(bytes / 2);
      const { done, error } = await page.evaluate(() => addUntil(() => false));
      assert.equal(error?.code, "QUOTA_EXCEEDED", JSON.stringify(error));
      acknowledged += done;
      return page.evaluate(() => snapshots.at(-1).became === "QuotaExceededError");
    });
    await room(20_000_000);
    await until("there is room again", async () => !(await settles(page, "context")).error);
  }
  const { findings } = await everything(page);
  assert.deepEqual(findings, []);
  const snapshots = await page.evaluate(() => window.snapshots);
  const count = (said) => snapshots.filter(({ became }) => became === said).length;
  assert.ok(acknowledged > 0, "some came in");
  assert.ok(count("QuotaExceededError") > 0, JSON.stringify(snapshots));
  t.diagnostic(
    `phases: ${acknowledged} commits until there was no room, ${count("QuotaExceededError")} ` +
      `snapshots that found none, ${count("kept")} kept`,
  );
});

test("r45_every_kind_of_call_writes_strictly_unless_less_is_asked_for", limit, async (t) => {
  await writes(t, "strict");
  await writes(t, "relaxed");
});

/** Makes every kind of call and looks at the transactions that come of it. */
async function writes(t, durability) {
  const { page } = await onDisk(t);
  const written = await page.evaluate(async (durability) => {
    const written = [];
    const real = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      const transaction = real.call(this, stores, mode, options);
      if (mode === "readwrite") {
        written.push({
          what: window.what,
          stores: [...transaction.objectStoreNames],
          asked: options?.durability,
          is: transaction.durability,
        });
      }
      return transaction;
    };
    // Strict is what it is unless somebody asks for less.
    await openPhases("ana", durability === "strict" ? {} : { durability });
    window.what = "begin";
    await begin();
    for (window.what of Object.keys(phases)) {
      const { error } = await settles(window.what);
      if (error) throw new Error(`${window.what}: ${error.message}`);
    }
    window.what = "delete";
    await project.delete();
    return written;
  }, durability);
  const names = await page.evaluate(() => [...Object.keys(phases), "delete"]);
  const isCache = ({ stores }) => stores.includes("snapshots") && !stores.includes("entries");
  // What the store itself is, is noted strictly when it is opened.
  const calls = written.filter((one) => one.what !== undefined);
  for (const one of calls.filter((one) => !isCache(one))) {
    assert.deepEqual([one.asked, one.is], [durability, durability], JSON.stringify(one));
  }
  for (const name of names) {
    assert.ok(
      calls.some((one) => one.what === name && !isCache(one)),
      `${name} has written`,
    );
  }
  t.diagnostic(
    `phases: ${calls.length} transactions of ${names.length} kinds of call, each ${durability}`,
  );
}

/** Calls that can be made over and over. */
const rounds = {
  create: ["create"],
  plan: ["plan"],
  context: ["context"],
  run: ["run", "rollback"],
  checkpoint: ["checkpoint"],
  pause: ["pause", "resume"],
  fork: ["fork"],
  import: ["import"],
  copy: ["copy"],
  rename: ["rename"],
  reads: ["list", "show", "history", "statistics", "dryRun"],
  export: ["export"],
  verify: ["verify"],
};

/** What may befall an open database, and what may be told of it. */
const troubles = {
  closed_by_the_browser: {
    isGone: false,
    told: ["done", "OUTCOME_UNKNOWN"],
    async befall({ internals }) {
      await internals.reload();
      await internals.getByText("Force close").first().click();
    },
  },
  deleted_by_another_tab: {
    isGone: true,
    told: ["done", "EVICTED", "OUTCOME_UNKNOWN", "PROJECT_NOT_FOUND", "PLAN_NOT_FOUND"],
    async befall({ other }) {
      await other.evaluate(async () => {
        const all = (await indexedDB.databases()).filter(({ name }) => name.includes("phases"));
        await Promise.all(
          all.map(
            ({ name }) =>
              new Promise((resolve, reject) => {
                const request = indexedDB.deleteDatabase(name);
                request.onsuccess = resolve;
                request.onerror = () => reject(request.error);
              }),
          ),
        );
      });
    },
  },
  cleared_by_the_browser: {
    isGone: true,
    told: ["done", "EVICTED", "OUTCOME_UNKNOWN", "PROJECT_NOT_FOUND", "PLAN_NOT_FOUND"],
    befall: ({ devtools }) =>
      devtools.send("Storage.clearDataForOrigin", {
        origin: at.site.origin,
        storageTypes: "indexeddb",
      }),
  },
};

test("r7_r75_a_connection_that_the_browser_ends_during_any_call_costs_nothing", limit, (t) =>
  befalls(t, "closed_by_the_browser"),
);

test(
  "r7_r75_a_database_that_is_deleted_during_any_call_is_told_and_the_same_object_works_again",
  limit,
  (t) => befalls(t, "deleted_by_another_tab"),
);

test(
  "r7_r75_a_database_that_is_cleared_during_any_call_is_told_and_the_same_object_works_again",
  limit,
  (t) => befalls(t, "cleared_by_the_browser"),
);

/** This, during each kind of call. */
async function befalls(t, how) {
  const { isGone, told, befall } = troubles[how];
  const tab = await onDisk(t);
  const { page, context } = tab;
  const other = await at.open(context);
  const internals = await context.newPage();
  await internals.goto("chrome://indexeddb-internals/");
  await page.evaluate(() => openPhases());
  const tally = {};
  const names = some(Object.keys(rounds), 4);
  for (const name of names) {
    const where = `${name}, PACKAGE_TEST_SEED=${seed}`;
    // It was told for a second that all is gone; then it begins anew.
    await until("it can be begun", async () => {
      const { error } = await page.evaluate(() => outcomeOf(() => begin()));
      if (!error) return true;
      assert.ok(isGone && error.code === "EVICTED", `${where}: ${JSON.stringify(error)}`);
      return false;
    });
    const before = await everything(page);
    const calls = page.evaluate((names) => keepOn(names), rounds[name]);
    await sleep(random() * 60);
    await befall({ ...tab, other, internals });
    await sleep(random() * 100);
    await page.evaluate(() => (window.isOver = true));
    const outcomes = await calls;
    for (const outcome of outcomes) {
      const code = outcome.code ?? outcome;
      assert.ok(told.includes(code), `${where}: ${JSON.stringify(outcome)}`);
      tally[code] = (tally[code] ?? 0) + 1;
    }
    if (!isGone) {
      const after = await everything(page);
      hasLostNothing(before.all, after.all, where);
      assert.deepEqual(after.findings, [], where);
    }
  }
  await until("it can be begun", async () => {
    const { error } = await page.evaluate(() => outcomeOf(() => begin()));
    return !error;
  });
  for (const what of ["run", "pause", "resume", "rollback", "copy"]) {
    const { error } = await settles(page, what);
    assert.equal(error, undefined, `${what} at the end: ${JSON.stringify(error)}`);
  }
  assert.deepEqual((await everything(page)).findings, []);
  const ended = await page.evaluate(() => window.ended);
  if (isGone) assert.ok(tally.EVICTED > 0, "it was told");
  else assert.ok(ended >= names.length, `the browser ended ${ended} connections`);
  t.diagnostic(
    `phases: ${how.replaceAll("_", " ")} during ${names.length} kinds of calls: ` +
      JSON.stringify(tally),
  );
}
