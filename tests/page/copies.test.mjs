// Copies in files: saved, opened elsewhere, refused (R49, R74).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { App } from "./support/app.mjs";
import { atSite } from "./support/browser.mjs";
import { drag } from "./support/drop.mjs";
import { openOnDisk } from "./support/profile.mjs";
import { samplePath, trajectory } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";
import { theGarden } from "./support/upkeep_scenes.mjs";

const at = atSite();
const limit = { timeout: 240_000 };

const digests = async (app, project) => {
  const { entries } = await app.query({ type: "find_entries", project });
  return entries.map(({ digest }) => digest);
};

const projects = async (app) => (await app.query({ type: "projects" })).rows;
const stateOf = (row) => row.getAttribute("data-state");
const codeIn = (row) => row.getByTestId("error").getAttribute("data-code");

async function isIn(row) {
  await until("it is opened", async () => (await stateOf(row)) === "opened");
}

test("r49_r74_a_copy_is_opened_in_another_browser_and_back_again", limit, async (t) => {
  const one = await at.visit(t);
  const ids = await one.importPlan(samplePath);
  await one.runSteps(3);
  await one.openProject(ids);
  const first = await one.savesCopy();
  assert.match(first.name, /^parser-fix-\d{4}-\d\d-\d\d\.holdpoint\.gz$/);
  assert.deepEqual([...first.bytes.subarray(0, 2)], [0x1f, 0x8b]);
  const plain = await one.savesCopy("save-copy", { isCompressed: false });
  assert.match(plain.name, /\.holdpoint$/);
  // But for the moment at which each was made they say the same.
  const lines = (bytes) => String(bytes).trimEnd().split("\n").slice(1, -1);
  assert.deepEqual(lines(gunzipSync(first.bytes)), lines(plain.bytes));

  const two = await at.visit(t);
  await two.id("import").waitFor();
  const [row] = await two.opens(first);
  assert.equal(await stateOf(row), "opened", await row.innerText());
  assert.match(await row.innerText(), /1 project, saved .* by user/);
  const entries = await digests(one, ids.project);
  assert.deepEqual(await digests(two, ids.project), entries);
  await row.getByRole("link").click();
  await two.id("history-row").first().waitFor();
  assert.equal(await two.verify(), true);

  // Work goes on there, and comes back beside what is here.
  await two.openPlan(ids);
  await two.runSteps(2);
  await two.openProject(ids);
  const second = await two.savesCopy();
  await one.home();
  const [refused] = await one.opens(second);
  assert.equal(await stateOf(refused), "refused");
  assert.equal(await codeIn(refused), "PROJECT_EXISTS");
  assert.match(
    await refused.innerText(),
    /“parser-fix” is here already, at revision \d+; the file has it at revision \d+\./,
  );
  assert.deepEqual(await digests(one, ids.project), entries, "what is here stays as it was");
  assert.match(await refused.getByTestId("go-to-it").getAttribute("href"), new RegExp(ids.project));
  await refused.getByTestId("open-as-copy").click();
  await isIn(refused);
  assert.match(await refused.innerText(), /1 project, as a new copy/);
  const both = await projects(one);
  assert.equal(both.length, 2);
  const copy = both.find(({ project }) => project !== ids.project).project;
  assert.deepEqual((await digests(one, copy)).slice(0, entries.length), entries);
  await one.openProject({ project: copy });
  assert.equal(await one.verify(), true);
});

test("r49_a_copy_of_everything_is_dropped_on_an_empty_browser", limit, async (t) => {
  const one = await at.visit(t);
  await one.importPlan(samplePath);
  await theGarden(one);
  await one.home();
  const saved = await one.savesCopy("save-everything", { isCompressed: false });
  assert.match(saved.name, /^holdpoint-/);

  const two = await at.visit(t);
  await two.id("import").waitFor();
  const drop = await drag(two, two.id("dropzone"), {
    name: saved.name,
    content: String(saved.bytes),
  });
  await drop();
  const row = two.id("import-result");
  await isIn(row);
  assert.match(await row.innerText(), /2 projects/);
  const names = (rows) => rows.map(({ name }) => name).sort();
  assert.deepEqual(names(await projects(two)), ["The garden", "parser-fix"]);
  for (const { project } of await projects(one)) {
    assert.deepEqual(await digests(two, project), await digests(one, project));
  }

  // The same once more, as one: all of it as copies.
  const [again] = await two.opens(saved);
  assert.equal(await codeIn(again), "PROJECT_EXISTS");
  await again.getByTestId("open-as-copy").click();
  await isIn(again);
  assert.equal((await projects(two)).length, 4);
});

test("r49_what_was_deleted_comes_back_only_when_somebody_says_so", limit, async (t) => {
  const app = await at.visit(t);
  const ids = await app.importPlan(samplePath);
  await app.runSteps(1);
  await app.openProject(ids);
  const saved = await app.savesCopy();
  const entries = await digests(app, ids.project);
  await app.call("execute", { project: ids.project, command: { type: "delete_project" } });
  await app.home();
  const [row] = await app.opens(saved);
  assert.equal(await codeIn(row), "REMOVED");
  assert.match(await row.innerText(), /was deleted here, at revision \d+\./);
  await row.getByTestId("bring-back").click();
  await app.id("cancel").click();
  await app.dialog().waitFor({ state: "detached" });
  assert.deepEqual(await projects(app), []);
  await row.getByTestId("bring-back").click();
  await app.id("bring-back-confirm").click();
  await isIn(row);
  assert.deepEqual(await digests(app, ids.project), entries);
  await app.id("project").waitFor();
});

test("r49_a_copy_that_is_damaged_or_made_up_is_refused_with_the_place", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("import").waitFor();
  const { project } = await theGarden(app);
  await app.openProject({ project });
  const compressed = await app.savesCopy();
  const { bytes } = await app.savesCopy("save-copy", { isCompressed: false });
  const text = String(bytes);
  const lines = text.split("\n");
  const changed = (at, line) => lines.map((old, index) => (index === at ? line : old)).join("\n");
  const half = compressed.bytes.length >> 1;
  const flipped = Buffer.from(compressed.bytes);
  flipped[half] ^= 0xff;
  const bomb = Buffer.concat([Buffer.from(`${lines[0]}\n`), Buffer.alloc(64 << 20, "a")]);
  const bad = [
    ["cut", text.slice(0, -30), "BUNDLE_INVALID", /line \d+/],
    ["empty-end", lines.slice(0, 5).join("\n") + "\n", "BUNDLE_INVALID", /line 6/],
    ["altered", changed(4, lines[4].replace("gardener", "gardenes")), "BUNDLE_INVALID", /line 5/],
    [
      "reordered",
      [...lines.slice(0, 3), lines[4], lines[3], ...lines.slice(5)].join("\n"),
      "BUNDLE_INVALID",
      /line 4/,
    ],
    [
      "made-up",
      changed(1, lines[1].replace('"revision"', '"__proto__":{},"revision"')),
      "BUNDLE_INVALID",
      /line 2/,
    ],
    ["future", text.replace('"v":1', '"v":2'), "TOO_NEW", /line 1/],
    ["cut.gz", compressed.bytes.subarray(0, half), "BUNDLE_INVALID", /first [\d,]+ bytes|line/],
    ["flipped.gz", flipped, "BUNDLE_INVALID", /first [\d,]+ bytes|line/],
    ["no-copy.gz", gzipSync("Something else."), "BUNDLE_INVALID", /line 1/],
    ["bomb.gz", gzipSync(bomb), "BUNDLE_TOO_LARGE", /line 2/],
  ];
  await app.call("execute", { project, command: { type: "delete_project" } });

  const two = await at.visit(t);
  await two.id("import").waitFor();
  const rows = await two.opens(...bad.map(([name, bytes]) => ({ name, bytes })));
  for (const [index, [name, , code, place]] of bad.entries()) {
    assert.equal(await stateOf(rows[index]), "failed", name);
    assert.equal(await codeIn(rows[index]), code, `${name}: ${await rows[index].innerText()}`);
    assert.match(await rows[index].innerText(), place, name);
    assert.ok((await rows[index].innerText()).includes(name), `${name} is named`);
  }
  assert.deepEqual(await projects(two), [], "nothing of them was taken in");
  const [good] = await two.opens(compressed);
  assert.equal(await stateOf(good), "opened");
});

test("r49_opening_is_cancelled_and_leaves_nothing", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("import").waitFor();
  await theGarden(app);
  await app.home();
  const saved = await app.savesCopy("save-everything");

  const { context } = await at.context(t);
  // A file of which the second half never comes.
  await context.addInitScript(() => {
    const whole = Blob.prototype.stream;
    File.prototype.stream = function () {
      const half = new TransformStream({
        transform(chunk, to) {
          to.enqueue(chunk.slice(0, chunk.length >> 1));
          return new Promise(() => undefined);
        },
      });
      return whole.call(this).pipeThrough(half);
    };
  });
  app.page = await context.newPage();
  await app.page.goto(at.site.url);
  await app.id("import").waitFor();
  await app.id("open-copy-input").setInputFiles(saved.path);
  await app.id("cancel-opening").waitFor();
  await app.page.getByText(/reading and checking/).waitFor();
  await app.id("cancel-opening").click();
  await app.page.getByText("cancelled; nothing of it was taken in").waitFor();
  assert.deepEqual(await projects(app), []);
});

test("r49_saving_is_cancelled_and_begun_anew", limit, async (t) => {
  const app = await at.visit(t);
  await app.importPlan(samplePath);
  await app.openProject(app.ids());
  // Compressing never ends, until it is let go of.
  await app.page.evaluate(() => {
    window.__real = window.CompressionStream;
    window.CompressionStream = class extends TransformStream {
      constructor() {
        super({ transform: () => new Promise(() => undefined) });
      }
    };
  });
  let downloads = 0;
  app.page.on("download", () => (downloads += 1));
  await app.id("save-copy").click();
  await app.id("copy-confirm").click();
  await app.id("copy-progress").waitFor();
  await app.id("cancel").click();
  await app.id("copy-progress").waitFor({ state: "detached" });
  assert.equal(await app.id("error").count(), 0, "it is what was asked for");
  // Closing it is cancelling too.
  await app.id("copy-confirm").click();
  await app.id("copy-progress").waitFor();
  await app.page.keyboard.press("Escape");
  await app.dialog().waitFor({ state: "detached" });
  assert.equal(downloads, 0);

  await app.page.evaluate(() => (window.CompressionStream = window.__real));
  const saved = await app.savesCopy();
  assert.match(String(gunzipSync(saved.bytes)), /^\{"type":"holdpoint_bundle"/);
});

test("r49_where_nothing_compresses_copies_are_saved_and_opened_as_they_are", limit, async (t) => {
  const { context, seen } = await at.context(t);
  await context.addInitScript(() => {
    delete window.CompressionStream;
    delete window.DecompressionStream;
  });
  const app = await at.visit(t);
  const ids = await app.importPlan(samplePath);
  await app.openProject(ids);
  const compressed = await app.savesCopy();
  app.page = await context.newPage();
  app.seen = seen;
  await app.page.goto(at.site.url);
  await app.importPlan(samplePath);
  await app.openProject(app.ids());
  await app.id("save-copy").click();
  assert.equal(await app.id("copy-compressed").count(), 0);
  const plain = await app.saves("copy-confirm");
  assert.match(plain.name, /\.holdpoint$/);
  assert.match(String(plain.bytes), /^\{"type":"holdpoint_bundle"/);
  await app.home();
  const [row] = await app.opens(compressed);
  assert.equal(await codeIn(row), "NOT_DECOMPRESSED");
});

test(
  "r49_r75_a_copy_that_finds_no_room_is_told_so_and_comes_in_once_there_is",
  limit,
  async (t) => {
    const one = await at.visit(t);
    // Nothing that could be kept in less room.
    const step = () => ({ observation: randomBytes(45_000).toString("base64") });
    const ids = await one.importPlan(trajectory({ name: "large.traj", steps: 120, step }));
    await one.openProject(ids);
    const saved = await one.savesCopy();

    const { context, seen } = await openOnDisk(t, at.site);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    const quota = (quotaSize) =>
      devtools.send("Storage.overrideQuotaForOrigin", { origin: at.site.origin, quotaSize });
    await quota(5_000_000);
    const app = new App(page, at.site, seen);
    await page.goto(at.site.url);
    await app.id("import").waitFor();
    const [full] = await app.opens(saved);
    assert.equal(await codeIn(full), "QUOTA_EXCEEDED");
    assert.deepEqual(await projects(app), [], "nothing of it is there");
    await quota();
    const [row] = await app.opens(saved);
    assert.equal(await stateOf(row), "opened", await row.innerText());
    assert.deepEqual(await digests(app, ids.project), await digests(one, ids.project));
  },
);
