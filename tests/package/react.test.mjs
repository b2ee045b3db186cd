// The hooks: under StrictMode in a browser, and rendered on a server; and the packed examples.
import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { until } from "../page/support/until.mjs";
import { atBrowser } from "./support/browser.mjs";
import { bin, makeApp, packed, run } from "./support/packed.mjs";
import { hashOf, policy, serve } from "./support/serve.mjs";

const at = atBrowser();
const limit = { timeout: 120_000 };

async function reactApp(t) {
  const app = await makeApp(t, ["react"]);
  await build({
    absWorkingDir: app,
    entryPoints: ["main.jsx"],
    outdir: "dist",
    bundle: true,
    format: "esm",
    jsx: "automatic",
    // React's development build: it renders and subscribes twice, and says what is wrong.
    define: { "process.env.NODE_ENV": '"development"' },
    jsxDev: true,
    loader: { ".wasm": "file" },
    logLevel: "silent",
  });
  return served(t, app);
}

async function served(t, folder, options) {
  const site = await serve(folder, options);
  t.after(() => site.stop());
  return site;
}

test("r71_hooks_under_strict_mode_show_data_and_what_another_tab_changes", limit, async (t) => {
  const site = await reactApp(t);
  const { page, context, seen } = await at.visit(t, site);
  const other = await context.newPage();
  await other.goto(site.url);
  for (const tab of [page, other]) await tab.evaluate(() => window.app.open());
  const ids = await page.evaluate(() => window.app.create());
  await page.evaluate((ids) => window.app.mount(ids), ids);
  const shows = (id, text) =>
    until(`#${id} shows ${text}`, async () => (await page.textContent(`#${id}`)) === text);
  await shows("status", "active");
  await shows("done", "0");

  // What another tab does is here, though nobody asks for it.
  await other.evaluate(async (ids) => {
    const project = await window.hp.project(ids.project);
    window.project = project;
    window.plan = await project.plan(ids.plan);
    await window.plan.run(
      (step) => {
        step.addContext({ agent: "coder", kind: "code", text: step.title });
      },
      { limit: 2 },
    );
  }, ids);
  await shows("done", "2");
  await shows("agents", "coder");
  await until("checkpoints are shown", async () => (await page.textContent("#rows")) !== "");
  await other.evaluate(() => window.project.pause());
  await shows("status", "paused");

  // What hasn't changed is the same object: `memo` renders nothing anew.
  const before = await page.evaluate(() => window.app.counts.agents);
  await other.evaluate(() => window.project.rename("second"));
  await shows("name", "second");
  assert.equal(await page.evaluate(() => window.app.counts.agents), before, "memo held");

  // Each hook is subscribed once, however often effects have run.
  const counts = () => page.evaluate(() => ({ ...window.app.counts }));
  const mounted = await counts();
  assert.deepEqual(
    [mounted.subscribed, mounted.watched],
    [2, 1],
    "project and plan by subscribe, checkpoints by watch",
  );
  assert.ok(mounted.subscriptions >= 2 * 3, "effects have run twice");
  // Rendered again with the same handles it keeps its subscriptions.
  await page.evaluate(() => window.app.renderAgain());
  await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.equal((await counts()).subscriptions, mounted.subscriptions, "it is the same source");
  // And with none it has none.
  await page.evaluate(() => window.app.renderNothingYet());
  await shows("status", "…");
  assert.deepEqual([(await counts()).subscribed, (await counts()).watched], [0, 0]);
  await page.evaluate(() => window.app.renderAgain());
  await shows("status", "paused");

  // Deleted elsewhere: told as that.
  await page.evaluate(() => window.app.unmount());
  assert.deepEqual([(await counts()).subscribed, (await counts()).watched], [0, 0]);
  await other.evaluate(() => window.project.rename("third"));
  await sleep(300);
  assert.equal(
    await page.evaluate(() => window.app.snapshot().name),
    "second",
    "nobody looks any more when nobody is subscribed",
  );
  assert.deepEqual(seen.consoleErrors, [], "React warns of nothing");
});

test("r53_a_project_that_another_tab_deletes_is_told_as_gone", limit, async (t) => {
  const site = await reactApp(t);
  const { page, context, seen } = await at.visit(t, site);
  const other = await context.newPage();
  await other.goto(site.url);
  for (const tab of [page, other]) await tab.evaluate(() => window.app.open());
  const ids = await page.evaluate(() => window.app.create());
  await page.evaluate((ids) => window.app.mount(ids), ids);
  await page.waitForSelector("#status");
  await other.evaluate(async (ids) => (await window.hp.project(ids.project)).delete(), ids);
  await page.waitForSelector("#error");
  assert.match(await page.textContent("#error"), /^(REMOVED|PROJECT_NOT_FOUND)$/);
  assert.deepEqual(seen.consoleErrors, []);
});

test("hooks_rendered_on_a_server_are_loading_and_load_nothing", limit, async (t) => {
  const app = await makeApp(t, [], {
    "server.mjs": `
      import { createElement as h, StrictMode } from "react";
      import { renderToString } from "react-dom/server";
      import { useCheckpoints, usePlan, useProject } from "holdpoint/react";
      import { Holdpoint } from "holdpoint";
      const compiled = [];
      for (const name of ["compile", "instantiate", "compileStreaming"]) {
        const real = WebAssembly[name];
        WebAssembly[name] = (...args) => (compiled.push(name), real(...args));
      }
      function App({ project, plan }) {
        const states = [useProject(project), usePlan(plan), useCheckpoints(plan), useCheckpoints(project)];
        return states.map(({ data, error, isLoading }, index) =>
          h("p", { key: index }, JSON.stringify([data ?? null, error ?? null, isLoading])));
      }
      const render = (props) => renderToString(h(StrictMode, null, h(App, props)));
      const nothing = render({});
      const before = compiled.length;
      const hp = await Holdpoint.open({ storage: "memory" });
      const project = await hp.createProject({ name: "x" });
      const plan = await project.createPlan({ request: "y", steps: ["a"] });
      const something = render({ project, plan });
      hp.close();
      console.log(JSON.stringify({ nothing, something, before }));
    `,
  });
  const { stdout, stderr } = await run(process.execPath, ["server.mjs"], { cwd: app });
  const { nothing, something, before } = JSON.parse(stdout);
  const loading = "<p>[null,null,true]</p>".repeat(4);
  assert.equal(nothing, loading);
  assert.equal(something, loading, "as the browser renders at first, so hydration fits");
  assert.equal(before, 0, "no module was compiled for it");
  assert.equal(stderr, "");
});

test("the_packed_react_example_is_built_by_vite_and_runs", limit, async (t) => {
  const app = await makeApp(t);
  await cp(join(packed(), "examples/react"), app, { recursive: true });
  await run(process.execPath, [await bin("vite"), "build"], { cwd: app });
  const { page, seen } = await at.visit(t, await served(t, join(app, "dist")));
  await page.getByText("Bake a cake").waitFor();
  await page.getByText("Run", { exact: true }).click();
  const value = () => page.locator("progress").evaluate((bar) => bar.value);
  await until("a step is done", async () => (await value()) >= 1);
  await page.getByText("Pause", { exact: true }).click();
  await page.getByText("Resume", { exact: true }).waitFor();
  await page.reload();
  await page.getByText("project_paused").waitFor();
  assert.ok((await value()) >= 1);
  assert.equal(await page.getByRole("alert").count(), 0);
  assert.deepEqual(
    seen.consoleErrors.filter((text) => !text.includes("favicon") && !text.includes("404")),
    [],
  );
});

test("the_packed_plain_example_runs_as_it_is", limit, async (t) => {
  const app = await makeApp(t);
  const folder = "node_modules/holdpoint/examples/vanilla/";
  const html = await readFile(join(app, folder, "index.html"), "utf8");
  const map = /<script type="importmap">([^]*?)<\/script>/.exec(html)[1];
  const site = await served(t, app, { csp: policy(hashOf(map)) });
  const { page } = await at.visit(t, site, folder);
  await page.locator("#status").filter({ hasText: "0 of 20" }).waitFor();
  await page.click("#run");
  await page
    .locator("#status")
    .filter({ hasText: /^[1-9]/ })
    .waitFor();
  await page.reload();
  await page
    .locator("#status")
    .filter({ hasText: /^[1-9]\d* of 20, implementing/ })
    .waitFor();
});
