// A project that is made in the browser goes on in the program, and comes back.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { atSite } from "./support/browser.mjs";
import { root } from "./support/site.mjs";
import { readSample } from "./support/trajectories.mjs";

const at = atSite();
const run = promisify(execFile);
const limit = { timeout: 180_000 };
let program = process.env.PAGE_TEST_PROGRAM;

before(async () => {
  if (program) return;
  // As the native tests were built: there is nothing left to do where those ran before.
  // Built by itself it would be another one: what only tests depend on has a say in it too.
  await run("cargo", ["test", "--all-features", "--test", "cli", "--no-run"], { cwd: root });
  program = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/holdpoint");
});

/** The program on a store of its own. */
async function place(t) {
  const folder = await mkdtemp(join(tmpdir(), "holdpoint-bundles-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const env = { PATH: process.env.PATH, HOLDPOINT_STORE: join(folder, "store.db") };
  const text = async (...args) => (await run(program, args, { cwd: folder, env })).stdout;
  return {
    path: (name) => join(folder, name),
    text,
    json: async (...args) => JSON.parse(await text(...args, "--json")),
    /** Entries with their digests. */
    async journal(project) {
      const lines = (await text("history", project, "--json-lines")).trim().split("\n");
      return lines.map((line) => {
        const { project: _, ...entry } = JSON.parse(line);
        return entry;
      });
    },
  };
}

/** Does something with a database of this tab, in the tab. */
function inDatabase(app, name, work, argument) {
  return app.page.evaluate(
    async ({ url, name, work, argument }) => {
      const module = await import(url);
      await module.default();
      const store = await module.Holdpoint.open({ name, actor: "ana" });
      try {
        return await globalThis.__work[work](store, argument);
      } finally {
        store.close();
        store.free();
      }
    },
    { url: `${app.site.url}inspector/holdpoint.js`, name, work, argument },
  );
}

/** What is done in the tab: files go in and out as base64. */
async function teach(app) {
  await app.page.evaluate(() => {
    const collected = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());
    const through = (bytes, transform) => new Blob([bytes]).stream().pipeThrough(transform);
    globalThis.__work = {
      async make(store, { text, steps }) {
        const { project, plan } = await store.importTrajectory(text, "parser-fix.traj");
        for (let step = 0; step < steps; step += 1) await store.playStep(project, plan);
        await store.pause(project, "on to another machine");
        return { project, plan };
      },
      async exported(store, { project, gzip }) {
        const exported = await store.export([project]);
        const pieces = new ReadableStream({
          async pull(to) {
            const piece = await exported.next();
            if (piece) to.enqueue(piece);
            else to.close();
          },
        });
        const file = gzip ? pieces.pipeThrough(new CompressionStream("gzip")) : pieces;
        const bytes = await collected(file);
        exported.free();
        let binary = "";
        for (const byte of bytes) binary += String.fromCharCode(byte);
        return btoa(binary);
      },
      async imported(store, { file, options }) {
        const bytes = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
        const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
        const bundle = isCompressed
          ? through(bytes, new DecompressionStream("gzip"))
          : new Blob([bytes]).stream();
        const imported = await store.import(options);
        try {
          const reader = bundle.getReader();
          for (;;) {
            const { done, value } = await reader.read();
            if (done) break;
            if (isCompressed) imported.compressed(bytes.length);
            await imported.push(value);
          }
          return { report: await imported.finish() };
        } catch (error) {
          return { code: error.code ?? String(error) };
        } finally {
          imported.free();
        }
      },
      async journal(store, project) {
        const { entries, next } = await store.query({ type: "find_entries", project });
        if (next !== null) throw new Error("expected one page");
        return entries.map(({ v: _, ...entry }) => entry);
      },
      query: (store, query) => store.query(query),
      resumeAndPlay: async (store, { project, plan }) => {
        await store.resume(project);
        return store.playStep(project, plan);
      },
    };
  });
}

async function isSound(app, name, project) {
  const report = await inDatabase(app, name, "query", { type: "verify", project });
  assert.deepEqual([report.clean, report.findings], [true, []]);
}

test("r49_r74_a_project_goes_from_the_browser_to_the_program_and_back", limit, async (t) => {
  const app = await at.visit(t);
  await teach(app);
  const [first, fresh] = ["holdpoint", "fresh"];
  const text = await readSample();
  const { project, plan } = await inDatabase(app, first, "make", { text, steps: 3 });
  const made = await inDatabase(app, first, "journal", project);

  for (const gzip of [false, true]) {
    const there = await place(t);
    const name = gzip ? "work.jsonl.gz" : "work.jsonl";
    const file = await inDatabase(app, first, "exported", { project, gzip });
    await writeFile(there.path(name), Buffer.from(file, "base64"));

    // The program takes it in, checks it and does some of its steps.
    const imported = await there.json("import", name);
    assert.deepEqual(
      imported.projects.map(({ project, revision }) => [project, revision]),
      [[project, made.length]],
    );
    assert.deepEqual(await there.journal(project), made);
    await there.json("project", "resume", project);
    const ran = await there.json("plan", "run", plan, "--steps", "2");
    assert.equal(ran.last_completed_step, 4);
    const [report] = await there.json("verify");
    assert.deepEqual(report.findings, []);
    const continued = await there.journal(project);
    assert.deepEqual(continued.slice(0, made.length), made);
    assert.ok(continued.length > made.length);
    await there.json("project", "pause", project);
    const whole = await there.journal(project);
    await there.json("export", `back-${name}`, project);
    const back = (await readFile(there.path(`back-${name}`))).toString("base64");

    // Where it came from there is the original still: it comes in as a copy.
    const refused = await inDatabase(app, first, "imported", { file: back, options: {} });
    assert.deepEqual(refused, { code: "PROJECT_EXISTS" });
    const options = { as_copies: true };
    const copied = await inDatabase(app, first, "imported", { file: back, options });
    const [copy] = copied.report.projects;
    assert.equal(copy.from, project);
    assert.notEqual(copy.project, project);
    assert.equal(copy.digest, whole.at(-1).digest);
    assert.deepEqual(await inDatabase(app, first, "journal", copy.project), whole);
    assert.deepEqual(await inDatabase(app, first, "journal", project), made);
    await isSound(app, first, copy.project);
    await isSound(app, first, project);
    const played = await inDatabase(app, first, "resumeAndPlay", { project: copy.project, plan });
    assert.equal(played.step, 5);

    // Elsewhere it comes in as itself.
    const other = `${fresh} ${name}`;
    const taken = await inDatabase(app, other, "imported", { file: back, options: {} });
    assert.equal(taken.report.projects[0].project, project);
    assert.equal(taken.report.exported_by, "cli");
    assert.deepEqual(await inDatabase(app, other, "journal", project), whole);
    await inDatabase(app, other, "resumeAndPlay", { project, plan });
    await isSound(app, other, project);
  }
});
