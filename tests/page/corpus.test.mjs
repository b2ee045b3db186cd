// The corpus of bad input as it is shown: every text in every view, and times of all kinds.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fate, texts } from "../bad_input/texts.mjs";
import { clocks, wall, written } from "../bad_input/times.mjs";
import { App } from "./support/app.mjs";
import { atSite } from "./support/browser.mjs";
import { isHarmless, shown, squeezed, touch } from "./support/hostile.mjs";
import { until } from "./support/until.mjs";

const at = atSite();
const limit = { timeout: 300_000 };
const sizes = [
  { width: 360, height: 700 },
  { width: 1280, height: 800 },
];
/** Where pictures go, for people to look at; nowhere unless it is said. */
const pictures = process.env.PAGE_TEST_PICTURES;

const names = texts.filter(({ text }) => fate(text, { unit: "characters", most: 200 }) === "taken");
const cut = (text, most) => [...text].slice(0, most).join("");
/** As it stands where there is one line for it. */
const oneLine = (text) => squeezed(shown(text).replaceAll("\n", "␊"));

/** Gives commands to a store of its own in this tab, one after the other; their outcomes. */
const give = (app, requests) =>
  app.page.evaluate(
    async ({ url, requests }) => {
      const module = await import(url);
      await module.default();
      const store = await module.Holdpoint.open({ actor: "inspector", durability: "relaxed" });
      const made = [];
      for (const request of requests) made.push(await store.execute(request));
      store.close();
      store.free();
      return made;
    },
    { url: `${app.site.url}inspector/holdpoint.js`, requests },
  );

async function open(app, address, testId) {
  await app.page.evaluate((address) => (location.hash = address), address);
  await app.id(testId).first().waitFor();
  const more = app.page.getByRole("button", { name: /^Show (more|all)/ });
  while ((await more.count()) > 0) await more.first().click();
}

/** A project with each of the texts wherever a text is kept; what is asked of it is asked for once. */
async function withAll(app) {
  await give(
    app,
    names.map(({ text }) => ({ command: { type: "create_project", name: text } })),
  );
  const [{ project }] = await give(app, [
    { command: { type: "create_project", name: "All of it" } },
  ]);
  const some = names.filter(({ what }, index) => index % 4 === 0 || what === "characters.zalgo");
  const settings = { gates: { plan: true } };
  const plans = await give(
    app,
    some.map(({ text }) => ({
      project,
      actor: text,
      command: { type: "create_plan", plan: { request: text, settings } },
    })),
  );
  await give(
    app,
    plans.flatMap(({ outcome: { plan } }, index) => {
      const { text } = some[index];
      const steps = [{ title: text }, { title: text }];
      return [
        { project, command: { type: "start_plan", plan } },
        { project, actor: text, command: { type: "submit_plan", plan, text, steps } },
      ];
    }),
  );
  const item = ({ text }) => ({ agent: text, kind: cut(text, 50).trim() || "x", body: text });
  await give(app, [
    { project, command: { type: "add_context", items: names.map(item) } },
    ...names.map(({ text }) => ({
      project,
      actor: text,
      command: {
        type: "create_checkpoint",
        checkpoint: {
          name: cut(text, 100).trim() || "x",
          description: text,
          reason: text,
          source_tool: text,
          phase: text,
          external_ref: text,
          pinned: true,
        },
      },
    })),
    {
      project,
      command: {
        type: "pause",
        reason: names
          .map(({ text }) => text)
          .join(" ")
          .slice(0, 1900),
      },
    },
  ]);
  return { project, some, plans: plans.map(({ outcome }) => outcome.plan) };
}

test("every_text_is_shown_as_text_in_every_view_narrow_and_wide", limit, async (t) => {
  const app = await at.visit(t, { viewport: sizes[0], colorScheme: "dark" });
  await app.id("empty").waitFor();
  const { project, some, plans } = await withAll(app);
  const all = names.map(({ text }) => text);
  const worst = some.findIndex(({ what }) => what === "characters.zalgo");
  const views = [
    ["home", "#/", "projects", all],
    ["inbox", "#/inbox", "inbox-row", some.map(({ text }) => cut(text, 20))],
    ["figures", "#/figures", "figures", []],
    ["project", `#/p/${project}`, "checkpoint", all.map((text) => cut(text, 100))],
    ["context", `#/p/${project}/context`, "item", all],
    ["project-figures", `#/p/${project}/figures`, "figures", all],
    ["compare", `#/p/${project}/compare/@1/now`, "difference", all.map((text) => cut(text, 20))],
    ["plan", `#/p/${project}/plan/${plans[Math.max(worst, 0)]}`, "submitted-text", []],
  ];
  let looked = 0;
  for (const [view, address, testId, expected] of views) {
    await open(app, address, testId);
    const found = squeezed(
      await app.page.evaluate(() => document.querySelector("#app").textContent),
    );
    const missing = expected.filter((text) => !found.includes(oneLine(text.trim())));
    assert.deepEqual(missing, [], `${view} shows all`);
    looked += expected.length;
    for (const size of sizes) {
      await app.page.setViewportSize(size);
      await isHarmless(app, `${view}, ${size.width} wide`);
      if (pictures) {
        for (const colorScheme of ["light", "dark"]) {
          await app.page.emulateMedia({ colorScheme });
          const path = join(pictures, `${view}-${size.width}-${colorScheme}.png`);
          await app.page.screenshot({ path, fullPage: true });
        }
      }
    }
    await app.page.setViewportSize(sizes[0]);
    await touch(app);
    await isHarmless(app, `${view}, touched`);
  }
  // Dialogs that show what is there.
  await open(app, `#/p/${project}`, "checkpoint");
  for (const button of ["roll-back", "delete"]) {
    await app.id(button).click();
    await app.dialog().waitFor();
    for (const size of sizes) {
      await app.page.setViewportSize(size);
      await isHarmless(app, `the dialog of ${button}, ${size.width} wide`);
      if (pictures)
        await app.page.screenshot({ path: join(pictures, `${button}-${size.width}.png`) });
    }
    await app.page.keyboard.press("Escape");
    await app.dialog().waitFor({ state: "detached" });
  }
  assert.equal((await app.query({ type: "verify", project })).clean, true);
  t.diagnostic(
    `bad input: page: ${names.length} texts in ${views.length} views and 2 dialogs, ` +
      `${looked} found as text; 2 widths each`,
  );
});

/** All that a view says of times: the moment, what stands there, and the whole date. */
const said = (app) =>
  app.page.evaluate(() =>
    [...document.querySelectorAll("time")].map(({ dateTime, title, textContent }) => ({
      moment: dateTime,
      title,
      text: textContent,
    })),
  );

for (const [zone, moments] of Object.entries(wall)) {
  test(
    `times_are_those_of_the_wall_in_${zone.replace("/", "_").toLowerCase()}`,
    limit,
    async (t) => {
      const app = await at.visit(t, { timezoneId: zone });
      await app.id("empty").waitFor();
      const [{ project }] = await give(app, [{ command: { type: "create_project", name: zone } }]);
      const items = Object.keys(moments).map((moment) => ({
        agent: "a",
        kind: "note",
        body: moment,
        created_at: moment,
      }));
      await give(app, [{ project, command: { type: "add_context", items } }]);
      await open(app, `#/p/${project}/context`, "item");
      for (const [index, [moment, onTheWall]] of Object.entries(moments).entries()) {
        const button = app.id("item").nth(index).getByRole("button").first();
        await button.click();
        const came = app.id("item-detail").locator(`time[datetime="${moment}"]`);
        assert.equal(await came.getAttribute("title"), onTheWall, moment);
        await button.click();
        await app.id("item-detail").waitFor({ state: "detached" });
      }
      t.diagnostic(`bad input: times: ${Object.keys(moments).length} moments in ${zone}`);
    },
  );
}

test("a_clock_that_jumps_makes_no_time_that_is_wrong", limit, async (t) => {
  const { context, seen } = await at.context(t, { timezoneId: "America/St_Johns" });
  await context.addInitScript(() => {
    const Real = Date;
    window.shows = undefined;
    window.Date = class extends Real {
      constructor(...given) {
        if (given.length > 0) super(...given);
        else super(Date.now());
      }
      static now() {
        return window.shows ?? Real.now();
      }
    };
  });
  const page = await context.newPage();
  await page.goto(at.site.url);
  const app = new App(page, at.site, seen);
  await app.id("empty").waitFor();
  const shows = (moment) => page.evaluate((moment) => (window.shows = moment), moment);
  const [made] = await give(app, [
    {
      command: {
        type: "create_project",
        name: "Clocks",
        plan: { plan: { request: "x", steps: Object.keys(clocks).map((title) => ({ title })) } },
      },
    },
  ]);
  const { project } = made;
  const { plan } = made.outcome;
  let looked = 0;
  const jumps = Object.entries(clocks).filter(([, shown]) => Math.abs(shown) <= 8.64e15);
  for (const [index, [what, shown]] of jumps.entries()) {
    await shows(shown);
    const moment = written(shown);
    const attempt = index + 1;
    await give(app, [
      { project, command: { type: "start_step", plan } },
      { project, command: { type: "complete_step", plan, attempt, output: JSON.stringify(what) } },
      {
        project,
        command: { type: "add_context", items: [{ agent: "a", kind: "code", body: what }] },
      },
      { project, command: { type: "create_checkpoint", checkpoint: { name: what } } },
      { project, command: { type: "pause", reason: what } },
    ]);
    for (const [address, testId] of [
      ["#/", "projects"],
      [`#/p/${project}`, "history-row"],
      [`#/p/${project}/plan/${plan}`, "run-panel"],
      [`#/p/${project}/context`, "item"],
      [`#/p/${project}/figures`, "figures"],
      [`#/p/${project}/compare/@1/now`, "difference"],
    ]) {
      await open(app, address, testId);
      if (testId === "history-row") {
        await until(`the pause of ${what} is shown`, async () =>
          (await said(app)).some((time) => time.moment === moment),
        );
      }
      for (const time of await said(app)) {
        const away = Date.parse(time.moment) - Math.trunc(shown);
        const where = `${what}, ${address}: ${JSON.stringify(time)}`;
        // Now is now; what a clock says that was ahead is told by its date.
        if (Math.abs(away) < 40_000) assert.equal(time.text, "just now", where);
        else if (away > 50_000 || away < -31 * 86_400_000)
          assert.equal(time.text, time.title, where);
        looked += 1;
      }
      const text = await page.evaluate(() => document.querySelector("#app").innerText);
      assert.doesNotMatch(text, /NaN|Invalid|undefined|-\d+ (ms|second|minute|hour|day)/, what);
      await isHarmless(app, `${what}: ${address}`);
    }
    await give(app, [{ project, command: { type: "resume" } }]);
  }
  assert.equal((await app.query({ type: "verify", project })).clean, true);
  t.diagnostic(`bad input: clocks: ${jumps.length} jumps, ${looked} times shown`);
});

test("years_that_no_entry_is_of_can_be_looked_for", limit, async (t) => {
  const app = await at.visit(t, { timezoneId: "Pacific/Kiritimati" });
  await app.id("empty").waitFor();
  const [{ project }] = await give(app, [{ command: { type: "create_project", name: "Years" } }]);
  await open(app, `#/p/${project}`, "history-row");
  await app.id("history-filter").locator("summary").click();
  for (const [field, value, isFound] of [
    // So a year begins that is typed digit by digit.
    ["history-from", "0002-01-01T00:00", true],
    ["history-until", "0002-01-01T00:00", false],
    ["history-until", "10000-01-01T00:00", true],
    ["history-from", "275760-09-12T23:59", false],
    ["history-until", "275760-09-12T23:59", true],
  ]) {
    await app.id(field).fill(value);
    const [row, none] = [app.id("history-row"), app.id("history-empty")];
    await until(
      `${field} ${value} ${isFound ? "finds" : "finds nothing"}`,
      async () => (await (isFound ? row : none).count()) > 0,
    );
    assert.equal(await app.id("error").count(), 0, `${field} ${value}`);
    await app.id(field).fill("");
    await none.waitFor({ state: "detached" });
    await row.first().waitFor();
  }
});
