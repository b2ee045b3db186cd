// Browsers that give no storage or too little, servers that give no module, and a module that breaks.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { readHistory } from "../page/support/history.mjs";
import { openOnDisk } from "../page/support/profile.mjs";
import { until } from "../page/support/until.mjs";
import { makeApp, run } from "./support/packed.mjs";
import { atTabs } from "./support/tabs.mjs";

// How the server answers for the module: as it is, unless a test says otherwise.
let module = "as it is";
const at = atTabs({
  answer(request, response) {
    if (!request.url.startsWith("/node_modules/holdpoint/dist/holdpoint.wasm")) return false;
    switch (module) {
      case "missing":
        response.writeHead(404, { "Content-Type": "text/plain" }).end("not here");
        return true;
      case "html":
        response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><p>An app");
        return true;
      case "cut off":
        response.writeHead(200, { "Content-Type": "application/wasm" }).end("\0asm\x01\0\0\0\x01");
        return true;
      case "something else":
        response.writeHead(200, { "Content-Type": "application/wasm" }).end("something else");
        return true;
      case "gone":
        request.destroy();
        return true;
      default:
        return false;
    }
  },
});
const limit = { timeout: 180_000 };

/** A tab whose browser is as the script makes it. */
async function tabWith(t, script) {
  const { context, seen } = await at.context(t, at.site);
  await context.addInitScript(script);
  const page = await at.open(context);
  page.seen = seen;
  return page;
}

const open = (page, options = {}) =>
  page.evaluate(
    (options) =>
      outcomeOf(async () => {
        window.hp = await holdpoint.Holdpoint.open({ name: "trouble", ...options });
      }),
    options,
  );

test("r75_without_indexeddb_open_says_so_and_that_memory_works", limit, async (t) => {
  const page = await tabWith(t, () => {
    Object.defineProperty(window, "indexedDB", { value: undefined, configurable: true });
  });
  const { error } = await open(page);
  assert.equal(error.code, "UNAVAILABLE");
  assert.match(error.message, /storage: "memory"/);
  assert.equal((await open(page, { storage: "memory" })).error, undefined);
});

test(
  "r75_where_indexeddb_is_refused_open_says_so_and_works_once_it_is_allowed",
  limit,
  async (t) => {
    const page = await tabWith(t, () => {
      const real = IDBFactory.prototype.open;
      window.allow = () => (IDBFactory.prototype.open = real);
      IDBFactory.prototype.open = () => {
        throw new DOMException("The operation is insecure.", "SecurityError");
      };
    });
    for (let tries = 0; tries < 2; tries += 1) {
      const { error } = await open(page);
      assert.equal(error.code, "UNAVAILABLE", error.message);
      assert.match(error.message, /insecure|refus|allow|SecurityError/i);
    }
    await page.evaluate(() => window.allow());
    assert.equal((await open(page)).error, undefined);
  },
);

for (const [how, says] of [
  ["missing", /holdpoint\.wasm at http.*found HTTP status 404.*README/],
  ["html", /holdpoint\.wasm at http.*found text\/html.*README/],
  ["cut off", /expected the module, found none that runs/],
  ["something else", /expected the module, found none that runs/],
  ["gone", /expected the module, found none that runs/],
]) {
  test(
    `a_module_that_is_${how.replaceAll(" ", "_")}_is_told_as_that_and_can_be_tried_again`,
    limit,
    async (t) => {
      t.after(() => (module = "as it is"));
      const { page } = await at.tabs(t);
      module = how;
      // Several wait for the same one.
      const failed = await page.evaluate(() =>
        Promise.all([
          outcomeOf(() => holdpoint.init()),
          outcomeOf(() => holdpoint.Holdpoint.open()),
          outcomeOf(() => holdpoint.Holdpoint.open({ storage: "memory" })),
        ]),
      );
      for (const { error } of failed) {
        assert.equal(error?.code, "UNAVAILABLE", JSON.stringify(error));
        assert.equal(error.isHoldpointError, true);
        assert.match(error.message, says);
      }
      module = "as it is";
      assert.equal((await open(page)).error, undefined);
      assert.equal(
        await page.evaluate(() => hp.createProject({ name: "x" }).then(() => true)),
        true,
      );
    },
  );
}

test("a_module_may_come_from_anywhere_and_be_asked_for_by_many", limit, async (t) => {
  const address = "/node_modules/holdpoint/dist/holdpoint.wasm";
  const { page, seen } = await at.tabs(t);
  for (const how of [
    "text",
    "URL",
    "Request",
    "Response",
    "bytes",
    "view",
    "module",
    "promise",
    "sync",
  ]) {
    await at.reload(page);
    const found = await page.evaluate(
      async ({ how, address }) => {
        const bytes = async () => (await fetch(address)).arrayBuffer();
        const inputs = {
          text: () => address,
          URL: () => new URL(address, location.href),
          Request: () => new Request(address),
          Response: () => fetch(address),
          bytes,
          view: async () => new Uint8Array(await bytes()),
          module: async () => WebAssembly.compile(await bytes()),
          promise: () => Promise.resolve(address),
        };
        if (how === "sync") {
          const given = await bytes();
          holdpoint.initSync(given);
          holdpoint.initSync(given);
        } else {
          const given = how === "promise" ? inputs.promise() : await inputs[how]();
          await Promise.all(
            Array.from({ length: 20 }, (_, index) =>
              holdpoint.init(index === 0 ? given : undefined),
            ),
          );
        }
        const stores = await Promise.all(
          Array.from({ length: 5 }, () => holdpoint.Holdpoint.open({ storage: "memory" })),
        );
        return (await Promise.all(stores.map((hp) => hp.listProjects()))).length;
      },
      { how, address },
    );
    assert.equal(found, 5, how);
  }
  const fetched = seen.requests.filter((url) => url.endsWith(".wasm")).length;
  assert.equal(fetched, 9, "once each time");
});

test("init_takes_nothing_that_is_no_module", limit, async (t) => {
  const app = await makeApp(t, [], {
    "init.mjs": `
      import { init, initSync, Holdpoint } from "holdpoint";
      const bad = [5, true, {}, [], () => 1, Symbol("x"), new Date(), "data:text/plain,no",
        new Uint8Array(3), new ArrayBuffer(0), "file:///nowhere.wasm", "http://127.0.0.1:1/"];
      const told = [];
      for (const input of bad) told.push(await init(input).then(() => "was taken", (error) => error.name + " " + error.code));
      told.push(await init(Promise.reject(new Error("mine"))).catch((error) => error.name + " " + error.code));
      for (const input of [undefined, null, 5, "text", {}, new Uint8Array(3)]) {
        try { initSync(input); told.push("was taken"); } catch (error) { told.push(error.name + " " + error.code); }
      }
      const hp = await Holdpoint.open({ storage: "memory" });
      told.push((await hp.listProjects()).items.length);
      console.log(JSON.stringify(told));
    `,
  });
  const { stdout } = await run(process.execPath, ["init.mjs"], { cwd: app });
  const told = JSON.parse(stdout);
  assert.equal(told.pop(), 0, "it works all the same");
  for (const [index, one] of told.entries()) {
    assert.match(one, /^HoldpointError (UNAVAILABLE|INVALID_INPUT)$/, `input ${index}`);
  }
});

test(
  "r75_r7_a_full_disk_is_quota_exceeded_loses_nothing_and_works_again_with_room",
  limit,
  async (t) => {
    const { context } = await openOnDisk(t, at.site);
    const page = await at.open(context);
    const devtools = await context.newCDPSession(page);
    const quota = (quotaSize) =>
      devtools.send("Storage.overrideQuotaForOrigin", { origin: at.site.origin, quotaSize });
    // From the beginning: Chromium remembers for a while how much room there was.
    await quota(10_000_000);
    await open(page);
    // Nothing that could be kept in less room.
    const text = randomBytes(300_000).toString("base64");
    const full = await page.evaluate(async (text) => {
      window.project = await hp.createProject({ name: "full" });
      const steps = Array.from({ length: 100 }, (_, index) => `s${index}`);
      window.plan = await project.createPlan({ request: "x", steps });
      window.work = (step) => ({ index: step.index, text: `${step.index}${text}` });
      const { value, error } = await outcomeOf(() => plan.run(work));
      const view = await plan.get();
      const lease = await plan.lease();
      return { value, error, last: view.lastCompletedStep, isHeld: lease?.isHeld ?? false };
    }, text);
    assert.equal(full.error?.code, "QUOTA_EXCEEDED", JSON.stringify(full));
    assert.match(full.error.message, /room|space|storage/);
    assert.ok(full.last >= 1 && full.last < 99, `in the middle: ${full.last}`);
    assert.equal(full.isHeld, false, "nobody keeps the plan");
    const check = () =>
      page.evaluate(async () => ({
        entries: await entriesOf(project),
        report: await project.verify(),
      }));
    let { entries, report } = await check();
    assert.deepEqual(report.findings, []);
    readHistory(entries);
    // It is still full, and still told so, by the same objects.
    const again = await page.evaluate(() => outcomeOf(() => plan.run(work)));
    assert.equal(again.error?.code, "QUOTA_EXCEEDED");

    await quota();
    const ended = await until("there is room again", () =>
      page.evaluate(async () => (await outcomeOf(() => plan.run(work))).value),
    );
    assert.equal(ended.status, "completed");
    ({ entries, report } = await check());
    assert.deepEqual(report.findings, []);
    const { plans } = readHistory(entries);
    assert.equal([...plans.values()][0].completed.size, 100, "each step is done once");
  },
);

/** Keeps the running modules where the test can get at them. */
const catchModules = () => {
  const real = WebAssembly.instantiate;
  window.running = [];
  WebAssembly.instantiate = async (...args) => {
    const instance = await real.apply(WebAssembly, args);
    window.running.push(instance);
    return instance;
  };
};

test(
  "r7_r75_a_module_that_breaks_rejects_all_that_waits_and_opens_afresh_with_all_data",
  limit,
  async (t) => {
    const page = await tabWith(t, catchModules);
    await open(page);
    const found = await page.evaluate(async () => {
      const project = await hp.createProject({ name: "before" });
      const plan = await project.createPlan({ request: "x", steps: ["a", "b", "c"] });
      await plan.run((step) => step.index, { limit: 2 });
      const before = { project: project.id, plan: plan.id };
      // On their way when it breaks.
      const waiting = [
        ...Array.from({ length: 10 }, (_, index) => outcomeOf(() => project.rename(`n${index}`))),
        outcomeOf(() => hp.statistics()),
        outcomeOf(() => project.verify()),
      ];
      const { memory } = running[0].exports;
      new Uint8Array(memory.buffer).fill(0xff, 1024);
      const trapped = outcomeOf(() => hp.listProjects());
      const told = await Promise.race([
        Promise.all([trapped, ...waiting]),
        sleep(60_000).then(() => "some call never settles"),
      ]);
      const later = [];
      for (const call of [
        () => hp.listProjects(),
        () => project.pause(),
        () => plan.run(() => null),
        () => plan.get(),
        () => hp.exportBundle().getReader().read(),
      ]) {
        later.push(await outcomeOf(call));
      }
      const snapshot = project.getSnapshot().id ?? project.getSnapshot().project;
      const closes = await outcomeOf(async () => hp.close());
      return { before, told, later, snapshot, closes };
    });
    assert.ok(Array.isArray(found.told), found.told);
    for (const { value, error } of [...found.told, ...found.later]) {
      // What the database had done by then may still be answered.
      if (error === undefined) assert.ok(value === undefined || typeof value === "object");
      else {
        assert.equal(error.code, "INTERNAL", JSON.stringify(error));
        assert.equal(error.isHoldpointError, true);
        assert.match(error.message, /open the store again/);
      }
    }
    assert.ok(
      found.told.some(({ error }) => error),
      "it broke",
    );
    for (const { error } of found.later) assert.equal(error?.code, "INTERNAL", "and stays so");
    assert.equal(found.closes.error, undefined, "it can be closed");

    const after = await page.evaluate(async (ids) => {
      const { error } = await outcomeOf(async () => {
        window.hp = await holdpoint.Holdpoint.open({ name: "trouble" });
      });
      if (error) return { error };
      const project = await hp.project(ids.project);
      const plan = await project.plan(ids.plan);
      const result = await plan.run((step) => step.index);
      return { result, report: await project.verify(), entries: await entriesOf(project) };
    }, found.before);
    assert.equal(after.error, undefined, JSON.stringify(after.error));
    assert.deepEqual(after.result, { status: "completed", stepsDone: 1 });
    assert.deepEqual(after.report.findings, []);
    readHistory(after.entries);
    assert.equal(await page.evaluate(() => running.length), 2, "started afresh, once");
    // What the database called back in the broken module, the browser tells on its own.
    page.seen.uncaught = page.seen.uncaught.filter((error) => !error.startsWith("RuntimeError"));
  },
);

test("a_call_on_a_stack_that_is_nearly_full_breaks_nothing_for_good", limit, async (t) => {
  const { page } = await at.tabs(t);
  await open(page);
  const found = await page.evaluate(async () => {
    const project = await hp.createProject({ name: "deep" });
    const calls = [];
    const dive = () => {
      try {
        dive();
      } catch (error) {
        // As deep as it gets, and a little less deep with each return.
        if (calls.length === 500) return;
        try {
          // What is told of it is looked at later, where there is room for that.
          const call = hp.listProjects();
          calls.push(
            call.then(
              () => "fine",
              (error) => error.code ?? String(error),
            ),
          );
        } catch {
          // Not even that far.
        }
        throw error;
      }
    };
    dive();
    const told = await Promise.race([Promise.all(calls), sleep(60_000).then(() => "never")]);
    const codes = [...new Set(told)];
    const again = await outcomeOf(() => holdpoint.Holdpoint.open({ name: "trouble" }));
    if (again.error) return { codes, again };
    window.hp = again.value;
    return { codes, name: (await (await hp.project(project.id)).get()).name };
  });
  t.diagnostic(`told: ${found.codes}`);
  assert.equal(found.name, "deep", JSON.stringify(found));
  // The caller's own stack may end before the package has begun.
  for (const code of found.codes) assert.match(code, /^(fine|INTERNAL|RangeError.*)$/);
});

test("a_counter_of_tokens_that_fails_refuses_the_command_and_breaks_nothing", limit, async (t) => {
  const { page } = await at.tabs(t);
  const found = await page.evaluate(async () => {
    const counters = {
      throws: () => {
        throw new Error("mine");
      },
      recurses: function recurse(text) {
        return recurse(text) + 1;
      },
      "a text": () => "5",
      "a promise": async () => 5,
      NaN: () => NaN,
      negative: () => -1,
      "too much": () => 1e9,
      "closes the store": () => {
        hp.close();
        return 1;
      },
      "calls the store": () => {
        void hp.listProjects().catch(() => undefined);
        return 1;
      },
    };
    const told = {};
    for (const [name, countTokens] of Object.entries(counters)) {
      window.hp = await holdpoint.Holdpoint.open({ storage: "memory", countTokens });
      const project = await hp.createProject({ name: "x" });
      const { error } = await outcomeOf(() =>
        project.addContext({ agent: "a", kind: "b", text: "c" }),
      );
      const { error: later } = await outcomeOf(() => hp.listProjects());
      told[name] = [error?.code ?? "fine", later?.code ?? "fine"];
    }
    return told;
  });
  t.diagnostic(JSON.stringify(found));
  for (const [name, [code, later]] of Object.entries(found)) {
    if (name === "calls the store") assert.deepEqual([code, later], ["fine", "fine"]);
    else if (name === "closes the store") assert.equal(later, "CLOSED");
    else assert.deepEqual([code, later], ["INVALID_INPUT", "fine"], name);
  }
});

test(
  "r75_a_newer_version_is_made_way_for_and_an_older_one_that_stays_is_told",
  limit,
  async (t) => {
    const { pages } = await at.tabs(t, 2);
    const [old, other] = pages;
    const found = await old.evaluate(async () => {
      window.heard = [];
      const listener = (what) => () => heard.push(what);
      return outcomeOf(async () => {
        window.hp = await holdpoint.Holdpoint.open({
          name: "versions",
          blocked: listener("blocked"),
          blocking: listener("blocking"),
          terminated: listener("terminated"),
        });
        await hp.createProject({ name: "x" });
      });
    });
    assert.equal(found.error, undefined, JSON.stringify(found.error));
    const name = await other.evaluate(async () => {
      const [{ name }] = await indexedDB.databases();
      await new Promise((resolve, reject) => {
        const request = indexedDB.open(name, 999);
        request.onupgradeneeded = () => undefined;
        request.onsuccess = () => resolve(request.result.close());
        request.onerror = () => reject(request.error);
        request.onblocked = () => undefined;
      });
      return name;
    });
    await until("the old tab has made way", () => old.evaluate(() => heard.includes("blocking")));
    const late = await old.evaluate(() => outcomeOf(() => hp.listProjects()));
    assert.ok(["TOO_NEW", "CLOSED"].includes(late.error?.code), JSON.stringify(late));
    const opened = await other.evaluate(() =>
      outcomeOf(() => holdpoint.Holdpoint.open({ name: "versions" })),
    );
    assert.equal(opened.error?.code, "TOO_NEW");
    assert.ok(name);
  },
);
