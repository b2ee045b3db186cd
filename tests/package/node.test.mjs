// The package in Node: it is imported without effect, and does in memory what it does in browsers.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { begun, goneOn } from "./apps/life/life.mjs";
import { makeApp, nodes, run } from "./support/packed.mjs";

const limit = { timeout: 120_000 };
const known = await nodes();

for (const version of [20, 22, 24]) {
  const node = known.get(version);
  const skip = !node && `there is no Node ${version} here: npm ci --prefix tests/package/nodes`;
  test(
    `node_${version}_lives_a_life_in_memory_and_goes_on_in_another_process_from_a_bundle`,
    { ...limit, skip },
    async (t) => {
      const app = await makeApp(t, ["life", "node"]);
      const bundle = join(app, "bundle.gz");
      const at = async (moment) => {
        const { stdout, stderr } = await run(node, ["app.mjs", moment, bundle], { cwd: app });
        assert.equal(stderr, "", "no warnings");
        return JSON.parse(stdout);
      };
      assert.deepEqual(await at("begin"), begun);
      assert.deepEqual(await at("go-on"), goneOn);
    },
  );
}

test("the_examples_run_as_they_are_packed", limit, async (t) => {
  const app = await makeApp(t);
  const { stdout } = await run(process.execPath, ["node_modules/holdpoint/examples/node.mjs"], {
    cwd: app,
  });
  assert.match(stdout, /reason: 'paused'/);
  assert.match(stdout, /status: 'completed'/);
});

test("it_is_the_packed_package_that_is_tested", limit, async (t) => {
  const app = await makeApp(t, [], {
    "where.mjs": `console.log(import.meta.resolve("holdpoint"), import.meta.resolve("holdpoint/holdpoint.wasm"));`,
  });
  const { stdout } = await run(process.execPath, ["where.mjs"], { cwd: app });
  for (const url of stdout.trim().split(" ")) assert.ok(url.includes(app), url);
  for (const hidden of ["holdpoint/dist/module.js", "holdpoint/src/index.ts"]) {
    await assert.rejects(
      run(process.execPath, ["--input-type=module", "-e", `await import("${hidden}")`], {
        cwd: app,
      }),
      /ERR_PACKAGE_PATH_NOT_EXPORTED/,
      `${hidden} is nobody's business`,
    );
  }
});
