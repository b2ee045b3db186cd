// Files that can't be imported.
import assert from "node:assert/strict";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { file, samplePath, trajectory } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";

const at = atSite();
const limit = { timeout: 240_000 };

test(
  "a_file_that_is_no_trajectory_is_refused_where_it_was_chosen_and_leaves_nothing",
  limit,
  async (t) => {
    const app = await at.visit(t);
    await app.id("import").waitFor();
    const binary = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256));
    const step = { thought: "a", action: "b", observation: "c" };
    const deep = "[".repeat(5000) + "]".repeat(5000);
    const bad = [
      file("not-json.traj", "This is no JSON."),
      file("cut-off.traj", '{"trajectory": [{"thought": "a"'),
      file("binary.traj", binary),
      file("utf16.traj", Buffer.from('{"trajectory": []}', "utf16le")),
      file("empty.traj", ""),
      file("null.traj", "null"),
      file("number.traj", "7"),
      file("list.traj", "[1, 2, 3]"),
      file("other-form.json", '{"steps": [{"title": "a"}]}'),
      file("no-steps.traj", '{"trajectory": []}'),
      file("no-list.traj", '{"trajectory": {"0": {}}}'),
      file("empty-step.traj", '{"trajectory": [{}]}'),
      file("step-is-number.traj", '{"trajectory": [7]}'),
      file("action-is-list.traj", JSON.stringify({ trajectory: [{ ...step, action: ["ls"] }] })),
      file("deep.traj", `{"trajectory": ${deep}}`),
    ];
    const rows = await app.choose(...bad);
    for (const [index, row] of rows.entries()) {
      const { name } = bad[index];
      assert.equal(await row.getAttribute("data-state"), "failed", name);
      const box = row.getByTestId("error");
      assert.equal(await box.getAttribute("data-code"), "TRAJECTORY_INVALID", name);
      const text = await box.innerText();
      assert.match(text, /Choose a \.traj file/, `${name} says what to do`);
      assert.ok((await row.innerText()).includes(name), `${name} is named`);
    }
    assert.deepEqual((await app.query({ type: "projects" })).rows, [], "nothing was made of them");

    // The good one among bad ones is imported, and the page goes on.
    const mixed = await app.choose(bad[0], trajectory({ name: "good.traj" }), bad[9]);
    const states = await Promise.all(mixed.map((row) => row.getAttribute("data-state")));
    assert.deepEqual(states, ["failed", "done", "failed"]);
    await app.importPlan(trajectory({ name: "after.traj", steps: 2 }));
    await app.id("run-all").click();
    await app.doneIs(2);
  },
);

/** Writes a file without holding it in memory here. */
async function written(folder, name, write) {
  const path = join(folder, name);
  const handle = await open(path, "w");
  await write(handle);
  await handle.close();
  return path;
}

test("a_file_over_64_mib_is_refused_before_it_is_read", limit, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "holdpoint-large-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const app = await at.visit(t);
  await app.id("import").waitFor();
  await app.page.evaluate(() => {
    window.__read = 0;
    for (const name of ["stream", "text", "arrayBuffer"]) {
      const real = Blob.prototype[name];
      Blob.prototype[name] = function (...args) {
        window.__read += this.size;
        return real.apply(this, args);
      };
    }
  });
  const path = await written(folder, "large.traj", (handle) => handle.truncate(65 * 1024 * 1024));
  const began = performance.now();
  const [row] = await app.choose(path);
  t.diagnostic(`refused after ${Math.round(performance.now() - began)} ms`);
  assert.equal(await row.getByTestId("error").getAttribute("data-code"), "FILE_TOO_LARGE");
  assert.match(await row.innerText(), /up to 64 MiB/);
  const bytes = await app.page.evaluate(() => window.__read);
  assert.ok(bytes < 100, `of its beginning only what says what it is: ${bytes} bytes`);
  await app.importPlan(samplePath);
  await app.runSteps(1);
});

test(
  "a_trajectory_of_50_mb_is_imported_or_refused_and_the_page_answers_afterwards",
  limit,
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "holdpoint-large-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const app = await at.visit(t);
    await app.id("import").waitFor();
    const steps = 1000;
    const path = await written(folder, "fifty.traj", async (handle) => {
      await handle.write('{"trajectory": [');
      const long = "All work and no play. ".repeat(2300);
      for (let index = 0; index < steps; index += 1) {
        const step = {
          thought: `${index}`,
          action: `echo ${index}`,
          observation: `${index} ${long}`,
        };
        await handle.write((index ? "," : "") + JSON.stringify(step));
      }
      await handle.write("]}");
      const { size } = await handle.stat();
      assert.ok(size > 50e6 && size < 64 * 1024 * 1024, `${size} bytes`);
    });
    await app.id("import-input").setInputFiles(path);
    const row = app.id("import-result").first();
    await row.waitFor();
    const began = performance.now();
    await until(
      "it is in or refused",
      async () => ["done", "failed"].includes(await row.getAttribute("data-state")),
      { timeout: 120_000 },
    );
    const state = await row.getAttribute("data-state");
    t.diagnostic(`${state} after ${Math.round(performance.now() - began)} ms`);
    if (state === "failed") {
      const code = await row.getByTestId("error").getAttribute("data-code");
      assert.ok(["TOO_LONG", "FILE_TOO_LARGE", "QUOTA_EXCEEDED"].includes(code), code);
    } else {
      await row.getByRole("link").click();
      await app.id("run-panel").waitFor();
      await app.runSteps(2);
      await app.page.reload();
      await app.id("run-panel").waitFor();
      await app.doneIs(2);
      await app.home();
    }
    // It answers: another one goes through.
    await app.importPlan(trajectory({ name: "small.traj", steps: 2 }));
    await app.id("run-all").click();
    await app.doneIs(2);
  },
);
