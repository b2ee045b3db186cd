// Apps with a page, as people build them: each lives the same life, with a reload in the middle.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { build } from "esbuild";
import { begun, goneOn } from "./apps/life/life.mjs";
import { atBrowser } from "./support/browser.mjs";
import { bin, makeApp, run } from "./support/packed.mjs";
import { hashOf, policy, serve } from "./support/serve.mjs";

const at = atBrowser();
const limit = { timeout: 180_000 };

/** Plays an app: begins, reloads the page, goes on. */
async function live(t, site) {
  const { page, seen } = await at.visit(t, site);
  // A tool's own page may load itself anew at first.
  const isThere = () => page.waitForFunction(() => window.life);
  await isThere();
  const { ids, ...first } = await page.evaluate(() => window.life.begin());
  assert.deepEqual(first, begun);
  await page.reload();
  await isThere();
  assert.deepEqual(await page.evaluate((ids) => window.life.goOn(ids), ids), goneOn);
  const modules = seen.requests.filter((url) => url.includes(".wasm"));
  assert.equal(modules.length, 2, `the module is fetched once for each load: ${modules}`);
  assert.deepEqual(seen.consoleErrors, []);
}

async function served(t, folder, options) {
  const site = await serve(folder, options);
  t.after(() => site.stop());
  return site;
}

test("a_plain_script_with_an_import_map_lives_a_life", limit, async (t) => {
  const app = await makeApp(t, ["life", "page", "plain"]);
  const html = await readFile(join(app, "index.html"), "utf8");
  const map = /<script type="importmap">([^]*?)<\/script>/.exec(html)[1];
  await live(t, await served(t, app, { csp: policy(hashOf(map)) }));
});

test("vite_builds_it_with_nothing_configured", limit, async (t) => {
  const app = await makeApp(t, ["life", "page"]);
  await run(process.execPath, [await bin("vite"), "build"], { cwd: app });
  await live(t, await served(t, join(app, "dist")));
});

test("vites_development_server_finds_the_module_with_nothing_configured", limit, async (t) => {
  const app = await makeApp(t, ["life", "page"]);
  await live(t, await viteServer(t, app));
});

test("webpack_builds_it_with_nothing_configured", limit, async (t) => {
  const app = await makeApp(t, ["life", "page"]);
  await webpackBuild(app);
  await live(t, await served(t, join(app, "dist")));
});

test("esbuild_builds_it_with_a_loader_for_the_module", limit, async (t) => {
  const app = await makeApp(t, ["life", "page", "esbuild"]);
  await build({
    absWorkingDir: app,
    entryPoints: ["main.mjs"],
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    format: "esm",
    loader: { ".wasm": "file" },
    logLevel: "silent",
  });
  await run("cp", ["index.html", "dist/"], { cwd: app });
  await live(t, await served(t, join(app, "dist")));
});

test("a_worker_lives_a_life_from_plain_files", limit, async (t) => {
  // An import map holds for a window only: a worker needs the address.
  const app = await makeApp(t, ["life", "page", "worker"]);
  const worker = join(app, "worker.mjs");
  const text = await readFile(worker, "utf8");
  await writeFile(worker, text.replace('"holdpoint"', '"/node_modules/holdpoint/dist/index.js"'));
  await live(t, await served(t, app));
});

test("a_worker_lives_a_life_as_vite_builds_it", limit, async (t) => {
  const app = await makeApp(t, ["life", "page", "worker"]);
  await run(process.execPath, [await bin("vite"), "build"], { cwd: app });
  await live(t, await served(t, join(app, "dist")));
});

test("a_worker_lives_a_life_as_vites_development_server_gives_it", limit, async (t) => {
  const app = await makeApp(t, ["life", "page", "worker"]);
  await live(t, await viteServer(t, app));
});

test("a_worker_lives_a_life_as_webpack_builds_it", limit, async (t) => {
  const app = await makeApp(t, ["life", "page", "worker"]);
  await webpackBuild(app);
  await live(t, await served(t, join(app, "dist")));
});

async function webpackBuild(app) {
  const { default: webpack } = await import("webpack");
  const stats = await new Promise((resolve, reject) => {
    const compiler = webpack({
      context: app,
      mode: "production",
      entry: "./main.mjs",
      output: { path: join(app, "dist"), filename: "main.mjs" },
    });
    compiler.run((error, stats) => compiler.close(() => (error ? reject(error) : resolve(stats))));
  });
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  assert.deepEqual(errors, []);
  // It finds 250 kB too much for a page; that is the module.
  assert.deepEqual(
    warnings.filter(({ message }) => !/size limit|performance/.test(message)),
    [],
  );
  await run("cp", ["index.html", "dist/"], { cwd: app });
}

async function viteServer(t, app) {
  const server = spawn(
    process.execPath,
    [await bin("vite"), "--host", "127.0.0.1", "--port", "0", "--clearScreen", "false"],
    { cwd: app, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NO_COLOR: "1" } },
  );
  const ended = new Promise((resolve) => server.once("exit", resolve));
  t.after(async () => {
    server.kill("SIGKILL");
    await ended;
  });
  const url = await new Promise((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`vite ended with ${code}`)));
    createInterface(server.stdout).on("line", (line) => {
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(line);
      if (found) resolve(found[0]);
    });
  });
  return { url, origin: new URL(url).origin };
}
