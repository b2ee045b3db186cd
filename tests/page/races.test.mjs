// Two, four and eight tabs give commands of every kind to one IndexedDB at once. What was told to
// each of them and what is there in the end is judged by the naive model of the native tests.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { atSite } from "./support/browser.mjs";
import { heard, join, play, record } from "./support/player.mjs";
import { root } from "./support/site.mjs";
import { until } from "./support/until.mjs";

const run = promisify(execFile);
const at = atSite();

/** How long each number of tabs races. */
const SECONDS = Number(process.env.HOLDPOINT_RACE_SECONDS ?? 2);
/** For so long they race on one database at most: the model keeps every state in mind. */
const ON_ONE_DATABASE = 10;
/** After so long a call counts as one that never settles. */
const DEADLINE = 60_000;
const limit = { timeout: 240_000 + SECONDS * 12_000 };
const seed = Number(process.env.PAGE_TEST_SEED ?? Date.now() % 2 ** 31);

/** What no race is a reason for. */
const neverTold = ["CLOSED", "CONFLICT", "CORRUPT", "INTERNAL", "OUTCOME_UNKNOWN", "UNAVAILABLE"];

const judge = ["test", "--all-features", "--test", "model_based", "--quiet"];

before(async () => {
  // As the native tests were built: there is nothing left to do where those ran before.
  await run("cargo", [...judge, "--no-run"], { cwd: root });
});

/** What was asked and told, as the native tests take such notes. */
const lines = (notes) =>
  notes.flatMap(({ asked, told, refused, now, began, ended, isMade, forked }) => [
    { now, began, expected_revision: null, project: null, ...asked },
    told
      ? {
          ended,
          revision: told.revision,
          outcome: told.outcome,
          made: isMade ?? false,
          forked: forked ?? [],
        }
      : { ended, ...refused },
  ]);

/** Whether somebody heard of all that is there, in order, and of each end once. */
function hasHeardAll({ commits, removed, missed }, journals) {
  assert.equal(missed, 0, "whoever listens all the time misses nothing");
  const gone = [...commits.map(([project]) => project)].filter((project) => !journals.has(project));
  return (
    commits.every(([, revisions]) =>
      revisions.every((revision, index) => revision === index + 1),
    ) &&
    [...journals].every(
      ([project, length]) => commits.find(([found]) => found === project)?.[1].length === length,
    ) &&
    JSON.stringify([...removed].sort()) === JSON.stringify(gone.sort())
  );
}

/** So many tabs race on a database of their own for so long; what came of it. */
async function race(t, tabs, milliseconds, seed) {
  const { context, seen } = await at.context(t);
  const folder = await mkdtemp(path(tmpdir(), "holdpoint-race-"));
  try {
    const pages = await Promise.all(Array.from({ length: tabs }, () => context.newPage()));
    for (const [index, page] of pages.entries()) {
      await page.goto(at.site.url);
      await page.getByTestId("import").waitFor();
      await page.evaluate(join, {
        url: `${at.site.url}inspector/holdpoint.js`,
        actor: `tab ${index}`,
      });
    }
    await Promise.all(
      pages.map((page, index) =>
        page.evaluate(play, { milliseconds, seed: seed + 7919 * index, deadline: DEADLINE }),
      ),
    );

    // All who listened agree with what is there, and with each other.
    const projects = await pages[0].evaluate(async () => {
      const { rows } = await window.player.store.query({ type: "projects" });
      return rows.map(({ project, revision }) => [project, revision]);
    });
    const journals = new Map(projects);
    await until("every tab has heard of everything", async () => {
      const all = await Promise.all(pages.map((page) => page.evaluate(heard)));
      return all.every((one) => hasHeardAll(one, journals));
    });
    const views = await Promise.all(
      pages.map((page) =>
        page.evaluate(async (projects) => {
          const views = [];
          for (const [project] of projects) {
            const view = await window.player.store.query({ type: "project", project });
            // Their tiers are those of the moment.
            for (const agent of view.agents) delete agent.tiers;
            views.push(view);
          }
          return JSON.stringify(views);
        }, projects),
      ),
    );
    assert.deepEqual([...new Set(views)].length, 1, "all tabs have the same states");
    const names = await pages[0].evaluate(async () => {
      const { rows } = await window.player.store.query({ type: "projects" });
      return rows.map(({ project }) => project).sort();
    });
    const shown = (page) =>
      page.getByTestId("project").evaluateAll((rows) => rows.map((row) => row.dataset.project));
    await until("every page lists the same projects", async () => {
      const all = await Promise.all(pages.map(shown));
      return all.every(
        (one) =>
          JSON.stringify(one) === JSON.stringify(all[0]) &&
          JSON.stringify([...one].sort()) === JSON.stringify(names),
      );
    });

    const records = await Promise.all(pages.map((page) => page.evaluate(record)));
    const bundle = await pages[0].evaluate(async () => {
      const exported = await window.player.store.export();
      const decoder = new TextDecoder();
      let text = "";
      for (;;) {
        const piece = await exported.next();
        if (!piece) return text + decoder.decode();
        text += decoder.decode(piece, { stream: true });
      }
    });
    const { removed: gone } = await pages[0].evaluate(heard);
    const codes = await pages.at(-1).evaluate(async (gone) => {
      const codes = [];
      for (const project of gone) {
        await window.player.store.query({ type: "project", project }).then(
          () => codes.push("it is there"),
          ({ code }) => codes.push(code),
        );
      }
      return codes;
    }, gone);
    assert.ok(
      codes.every((code) => code === "REMOVED"),
      `what was deleted is refused so: ${codes}`,
    );

    await mkdir(path(folder, "notes"));
    await writeFile(path(folder, "all.holdpoint"), bundle);
    for (const [index, notes] of records.entries()) {
      const text = lines(notes).map((line) => `${JSON.stringify(line)}\n`);
      await writeFile(path(folder, `notes/${index}`), text.join(""));
    }
    const told = await run("cargo", [...judge, "elsewhere", "--", "--nocapture"], {
      cwd: root,
      env: { ...process.env, HOLDPOINT_NOTES: folder },
      maxBuffer: 1 << 26,
    }).catch(({ stdout, stderr }) => {
      throw new assert.AssertionError({ message: `seed ${seed}: ${stdout}\n${stderr}` });
    });
    const found = /judged: (\{.*\})/.exec(told.stdout);
    assert.ok(found, told.stdout);
    assert.equal(seen.uncaught.length, 0);
    await context.close();
    return { ...JSON.parse(found[1]), notes: records.flat() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test(
  "r4_r70_r71_r76_two_tabs_that_give_commands_of_every_kind_make_one_legal_history",
  limit,
  (t) => races(t, 2),
);

test(
  "r4_r70_r71_r76_four_tabs_that_give_commands_of_every_kind_make_one_legal_history",
  limit,
  (t) => races(t, 4),
);

test(
  "r4_r70_r71_r76_eight_tabs_that_give_commands_of_every_kind_make_one_legal_history",
  limit,
  (t) => races(t, 8),
);

/** On one database after the other, until the time is over. */
async function races(t, tabs) {
  const all = { databases: 0, projects: 0, deleted: 0, entries: 0, idle: 0, refused: 0 };
  const codes = {};
  const kinds = new Set();
  let commands = 0;
  for (let left = SECONDS; left > 0; left -= ON_ONE_DATABASE) {
    const seconds = Math.min(left, ON_ONE_DATABASE);
    const one = await race(t, tabs, seconds * 1000, seed + 31 * tabs + left);
    all.databases += 1;
    for (const what of ["projects", "deleted", "entries", "idle", "refused"])
      all[what] += one[what];
    commands += one.notes.length;
    for (const { asked, refused: { code, message } = {} } of one.notes) {
      kinds.add(JSON.parse(asked.command).type);
      if (!code) continue;
      assert.ok(!neverTold.includes(code), `seed ${seed}: ${code} ${message} ${asked.command}`);
      codes[code] = (codes[code] ?? 0) + 1;
    }
  }
  assert.ok(all.entries > 0, "they did something");
  t.diagnostic(`seed: PAGE_TEST_SEED=${seed}`);
  t.diagnostic(
    `races: ${tabs} tabs for ${SECONDS} s on ${all.databases} databases: ${commands} commands ` +
      `of ${kinds.size} kinds, ${all.entries} entries in ${all.projects} projects of which ` +
      `${all.deleted} were deleted, ${all.idle} answers without an entry, ` +
      `${all.refused} refusals; BUSY ${codes.BUSY ?? 0}, BLOCKED ${codes.BLOCKED ?? 0}`,
  );
  t.diagnostic(`refused: ${JSON.stringify(codes)}`);
}
