// The examples that come with the package, as they come.
import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../page/support/until.mjs";
import { atBrowser } from "./support/browser.mjs";
import { bin, makeApp, packed, run } from "./support/packed.mjs";
import { hashOf, policy, serve } from "./support/serve.mjs";

const at = atBrowser();
const limit = { timeout: 120_000 };

/** An app with an example in it. */
async function withExample(t, name) {
  const app = await makeApp(t);
  await cp(join(packed(), "examples", name), join(app, name), { recursive: true });
  return app;
}

async function served(t, folder, options) {
  const site = await serve(folder, options);
  t.after(() => site.stop());
  return site;
}

const valueOf = (page) => page.locator("progress").evaluate(({ value }) => value);

test("the_example_for_node_pauses_and_goes_on_in_another_store", limit, async (t) => {
  const app = await withExample(t, "node.mjs");
  const { stdout } = await run(process.execPath, ["node.mjs"], { cwd: app });
  assert.match(stdout, /step 1: write, attempt 3/);
  assert.match(stdout, /reason: 'paused'/);
  assert.match(stdout, /goes on at step 2/);
  assert.match(stdout, /status: 'completed', stepsDone: 1/);
  assert.match(stdout, / ben step_started/);
});

test("the_plain_example_runs_goes_on_after_a_reload_and_goes_back", limit, async (t) => {
  const app = await withExample(t, "vanilla");
  const html = await readFile(join(app, "vanilla/index.html"), "utf8");
  const map = /<script type="importmap">([^]*?)<\/script>/.exec(html)[1];
  const site = await served(t, app, { csp: policy(hashOf(map)) });
  const { context, seen } = await at.context(t, site);
  const page = await context.newPage();
  const isReady = () => page.locator("#status", { hasText: "of 20" }).waitFor();
  await page.goto(`${site.url}vanilla/`);
  await isReady();
  await page.locator("#run").click();
  await until("two steps are done", async () => (await valueOf(page)) >= 2);
  await page.reload();
  await isReady();
  await until("it is shown again", async () => (await valueOf(page)) >= 2);
  await page.locator("#run").click();
  const before = await valueOf(page);
  await until("it goes on", async () => (await valueOf(page)) > before);
  await page.locator("#pause").click();
  await page.locator("#told", { hasText: "paused" }).waitFor();
  const done = await valueOf(page);
  // The page asks; who watches the browser dismisses what they didn't expect.
  await page.evaluate(() => (window.confirm = () => true));
  await page.locator("#back").click();
  await until("it is further back", async () => (await valueOf(page)) < done);
  assert.deepEqual(seen.consoleErrors, []);
});

test("the_example_for_react_is_built_and_carries_its_plan_out", limit, async (t) => {
  const app = await withExample(t, "react");
  const folder = join(app, "react");
  await run(process.execPath, [await bin("vite"), "build"], { cwd: folder });
  const site = await served(t, join(folder, "dist"));
  const { page, seen } = await at.visit(t, site);
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("The plan is completed").waitFor({ timeout: 60_000 });
  assert.equal(await valueOf(page), 5);
  await page.getByRole("button", { name: "back to here" }).first().waitFor();
  assert.deepEqual(seen.consoleErrors, []);
});
