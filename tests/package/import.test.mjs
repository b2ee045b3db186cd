// Importing does nothing: on a server, in a test, in a page that may never open a store.
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";
import { makeApp, nodes, run } from "./support/packed.mjs";
import { atTabs } from "./support/tabs.mjs";

const at = atTabs();
const limit = { timeout: 120_000 };

/** Watches all that an import could do, then imports. */
const watcher = `
  const did = [];
  for (const name of Object.getOwnPropertyNames(WebAssembly)) {
    const real = WebAssembly[name];
    if (typeof real !== "function") continue;
    WebAssembly[name] = new Proxy(real, {
      apply: (target, self, args) => (did.push(name), Reflect.apply(target, self, args)),
      construct: (target, args) => (did.push(name), Reflect.construct(target, args)),
    });
  }
  for (const name of ["fetch", "setTimeout", "setInterval", "queueMicrotask", "addEventListener", "BroadcastChannel", "MessageChannel"]) {
    const real = globalThis[name];
    if (typeof real !== "function") continue;
    globalThis[name] = new Proxy(real, {
      apply: (target, self, args) => (did.push(name), Reflect.apply(target, undefined, args)),
      construct: (target, args) => (did.push(name), Reflect.construct(target, args)),
    });
  }
  const names = new Set(Reflect.ownKeys(globalThis));
  const prototypes = [Object, Array, Promise, String, Map, Error].map((of) => Reflect.ownKeys(of.prototype).length);
`;

for (const [version, node] of await nodes()) {
  test(`importing_has_no_effect_in_node_${version}_where_there_is_no_window`, limit, async (t) => {
    const app = await makeApp(t, [], {
      "import.mjs": `
        ${watcher}
        for (const name of ["holdpoint", "holdpoint/react"]) {
          await import(name);
          if (typeof window !== "undefined") throw new Error("there is a window");
        }
        const added = Reflect.ownKeys(globalThis).filter((name) => !names.has(name)).map(String);
        const changed = [Object, Array, Promise, String, Map, Error].some(
          (of, index) => Reflect.ownKeys(of.prototype).length !== prototypes[index]);
        console.log(JSON.stringify({ did, added, changed, active: process.getActiveResourcesInfo() }));
      `,
    });
    // It ends by itself: nothing keeps the process alive.
    const { stdout, stderr } = await run(node, ["import.mjs"], { cwd: app, timeout: 60_000 });
    const { active, ...rest } = JSON.parse(stdout);
    assert.deepEqual(rest, { did: [], added: [], changed: false });
    assert.deepEqual(
      active.filter((name) => !/^((TTY|Pipe)Wrap|CloseReq)$/.test(name)),
      [],
    );
    assert.equal(stderr, "");
  });
}

test("importing_has_no_effect_in_a_page", limit, async (t) => {
  const { page, seen } = await at.tabs(t);
  const found = await page.evaluate(async () => ({
    databases: await indexedDB.databases(),
    locks: await navigator.locks.query().then(({ held, pending }) => held.length + pending.length),
    stored: localStorage.length + sessionStorage.length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  assert.deepEqual(found, { databases: [], locks: 0, stored: 0, workers: 0 });
  assert.deepEqual(
    seen.requests.filter((url) => url.endsWith(".wasm")),
    [],
  );
  // And what a page keeps of a store it has closed is its data alone.
  await page.evaluate(async () => {
    const hp = await holdpoint.Holdpoint.open({ name: "closed" });
    await hp.createProject({ name: "x" });
    hp.close();
  });
  const locks = await page.evaluate(async () => {
    for (let tries = 0; tries < 40; tries += 1) {
      const { held, pending } = await navigator.locks.query();
      if (held.length + pending.length === 0) return 0;
      await sleep(50);
    }
    return (await navigator.locks.query()).held;
  });
  assert.equal(locks, 0, "a store that was closed keeps no lock");
});

test("what_is_not_used_is_not_bundled", limit, async (t) => {
  const size = async (text) => {
    const app = await makeApp(t, [], { "app.mjs": text });
    const { outputFiles } = await build({
      absWorkingDir: app,
      entryPoints: ["app.mjs"],
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
      logLevel: "silent",
    });
    return outputFiles[0].contents.length;
  };
  assert.equal(await size(`import "holdpoint";`), 0, "nothing is done on import");
  const one = await size(`export { isHoldpointError } from "holdpoint";`);
  assert.ok(one < 1000, `${one} bytes for one small function`);
});
