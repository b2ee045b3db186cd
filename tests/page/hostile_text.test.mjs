// Texts from outside that would like to be more than text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { categories } from "../bad_input/texts.mjs";
import { atSite } from "./support/browser.mjs";
import { drag } from "./support/drop.mjs";
import { isHarmless, shown, squeezed, touch } from "./support/hostile.mjs";
import { trajectory } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";

const at = atSite();
const limit = { timeout: 300_000 };
const narrow = { viewport: { width: 320, height: 700 } };

// Each kind of trick once: what takes a while by hand isn't done with every text there is. With all of
// them, what is shown is looked at in corpus.test.mjs.
const { foreign, math, meta, comment, slot, markdown, ...markup } = categories.markup;
const { addresses, names, directions, invisible, controls, sizes, characters } = categories;
const corpus = {
  ...markup,
  address: addresses.script,
  prototype: names.proto,
  constructor: names.constructor,
  toString: names.hasOwnProperty,
  override: directions.override,
  control: controls.some,
  invisible: invisible.widths,
  filler: invisible.filler,
  tags: invisible.tags,
  long: sizes.word,
  emoji: characters.family,
  zalgo: characters.zalgo,
  separators: controls.separators,
};
const texts = Object.values(corpus);

test("texts_of_a_trajectory_are_shown_as_text_and_in_full", limit, async (t) => {
  const app = await at.visit(t, narrow);
  await app.importPlan(
    trajectory({
      steps: texts.length,
      request: texts.join("\n"),
      step: (index) => ({
        thought: `thought: ${texts[index]}`,
        action: `${texts[index]}\nsecond line ${texts[index]}`,
        observation: `observed: ${texts[index]}\u0000 after NUL`,
      }),
    }),
  );
  await isHarmless(app, "the plan");
  await app.id("run-all").click();
  await app.doneIs(texts.length);
  await app.page.getByText("What was asked for").click();
  const request = app.page.getByRole("region", { name: "The request" });
  const asked = await request.evaluate((region) => region.textContent);
  for (const text of texts) assert.ok(asked.includes(shown(text)), `the request with ${text}`);

  for (const [index, text] of texts.entries()) {
    const step = app.id("step").nth(index);
    assert.equal(
      squeezed(await step.locator(".step-title").evaluate((title) => title.textContent)),
      squeezed(shown(text)),
      "the title",
    );
    await step.getByRole("button").first().click();
    const output = step.getByTestId("step-output");
    await output.waitFor();
    assert.equal(
      await output.evaluate((region) => region.textContent),
      shown(`observed: ${text}\u0000 after NUL`),
      "the output",
    );
    const all = await step.getByTestId("step-detail").evaluate((detail) => detail.textContent);
    assert.ok(all.includes(shown(`thought: ${text}`)), `the thought of ${text}`);
    assert.ok(all.includes(shown(`second line ${text}`)), `the action of ${text}`);
    await isHarmless(app, `step ${index}: ${text}`);
    await step.getByRole("button").first().click();
  }
  await touch(app);
  await isHarmless(app, "touched");
});

test("names_of_files_are_shown_as_text", limit, async (t) => {
  const app = await at.visit(t, narrow);
  await app.id("import").waitFor();
  const content = trajectory({ steps: 2 }).buffer.toString();
  for (const [index, text] of texts.entries()) {
    const letGo = await drag(app, app.page.locator("body"), { name: `${text}.traj`, content });
    await letGo();
    const [row] = await app.imported(index, 1);
    assert.equal(await row.getAttribute("data-state"), "done", `${text}: ${await row.innerText()}`);
    assert.ok(
      (await row.evaluate((row) => row.textContent)).includes(shown(`${text}.traj`)),
      `the row of ${text}`,
    );
  }
  await isHarmless(app, "the first view");
  const { rows } = await app.query({ type: "projects" });
  assert.equal(rows.length, texts.length);
  for (const { project, name } of rows) {
    await app.page.evaluate((project) => (location.hash = `#/p/${project}`), project);
    await app.page.getByTestId("history-row").first().waitFor();
    await until(
      `${name} is shown`,
      async () =>
        squeezed(await app.title().evaluate((title) => title.textContent)) ===
        squeezed(shown(name)),
    );
    assert.ok(
      (await app.page.title()).includes(squeezed(shown(name))),
      `the tab's title of ${name}`,
    );
    await isHarmless(app, `the project ${name}`);
  }
  // What is refused is named as text too.
  const letGo = await drag(app, app.page.locator("body"), {
    name: `${corpus.handler}.traj`,
    content: corpus.script,
  });
  await letGo();
  await app.problem("TRAJECTORY_INVALID");
  await isHarmless(app, "a refusal");
  await touch(app);
  await isHarmless(app, "touched");
});

test("what_is_written_in_dialogs_is_shown_as_text", limit, async (t) => {
  const app = await at.visit(t, narrow);
  const ids = await app.importPlan(trajectory({ steps: 3 }));
  await app.runSteps(2);
  await app.openProject(ids);
  for (const [kind, text] of Object.entries(corpus)) {
    await app.id("rename").click();
    await app.id("rename-name").fill(text);
    await app.id("rename-confirm").click();
    const refused = app.dialog().getByTestId("error");
    await app
      .dialog()
      .waitFor({ state: "detached" })
      .catch(() => undefined);
    if (await refused.count()) {
      assert.equal(await refused.getAttribute("data-code"), "INVALID_INPUT", `${kind}: refused`);
      await app.page.keyboard.press("Escape");
    } else {
      await until(
        `the name is ${kind}`,
        async () =>
          squeezed(await app.title().evaluate((title) => title.textContent)) ===
          squeezed(shown(text)),
      );
    }
    const name = text.slice(0, 100);
    await app.takeCheckpoint(name, `because ${text}`);
    const taken = app.id("checkpoint").first();
    await until(`the checkpoint ${kind} is shown`, async () => {
      const all = squeezed(await taken.evaluate((row) => row.textContent));
      return (
        all.includes(squeezed(shown(name))) && all.includes(squeezed(shown(`because ${text}`)))
      );
    });
    await app.pause(`reason ${text}`);
    await app.id("pause-report-reason").waitFor();
    assert.equal(
      squeezed(await app.id("pause-report-reason").evaluate((quote) => quote.textContent)),
      squeezed(shown(`reason ${text}`)),
      `the reason ${kind}`,
    );
    const newest = app.id("history-row").first();
    await until(`the pause ${kind} stands in the history`, async () =>
      squeezed(await newest.evaluate((row) => row.textContent)).includes(
        squeezed(shown(`reason ${text}`)),
      ),
    );
    await isHarmless(app, `${kind}: the project, paused`);
    for (const button of ["roll-back", "delete"]) {
      await app.id(button).click();
      await app.dialog().waitFor();
      if (button === "roll-back")
        await app.id("rollback-preview").or(app.dialog().getByTestId("error")).first().waitFor();
      await isHarmless(app, `${kind}: the dialog of ${button}`);
      await app.page.keyboard.press("Escape");
      await app.dialog().waitFor({ state: "detached" });
    }
    await app.resume();
  }
  await app.home();
  await isHarmless(app, "the first view");
  assert.equal((await app.query({ type: "verify", project: ids.project })).clean, true);
});

test("hostile_addresses_lead_nowhere", limit, async (t) => {
  const app = await at.visit(t);
  for (const address of [
    "#/p/<script>__hit(1)</script>",
    "#javascript:__hit(2)",
    "#/p/__proto__/plan/constructor",
    `#/p/${"%2e".repeat(9)}`,
    `#/p/${"0".repeat(26)}/plan/${"z".repeat(26)}`,
    `#/p/${"!".repeat(26)}`,
  ]) {
    await app.page.evaluate((address) => (location.hash = address), address);
    await app.id("missing").or(app.id("error")).first().waitFor();
    await isHarmless(app, address);
  }
});

test("what_is_submitted_decided_and_kept_is_shown_as_text", limit, async (t) => {
  const app = await at.visit(t, narrow);
  await app.id("empty").waitFor();
  const made = await app.call("execute", { command: { type: "create_project", name: "Shelf" } });
  const { project } = made;
  const run = (command) => app.call("execute", { project, command });
  const gates = { plan: true };
  const { outcome } = await run({
    type: "create_plan",
    plan: { request: texts.join("\n"), settings: { gates, max_reversions: 100 } },
  });
  const { plan } = outcome;
  await run({ type: "start_plan", plan });
  await app.openPlan({ project, plan });
  const content = (testId) =>
    app
      .id(testId)
      .first()
      .evaluate((element) => element.textContent);
  for (const [kind, text] of Object.entries(corpus)) {
    await run({ type: "submit_plan", plan, text, steps: [{ title: text.slice(0, 200) }] });
    await until(`the plan ${kind} is shown`, async () =>
      (await app.id("submitted-text").count()) === 0
        ? false
        : (await content("submitted-text")) === shown(text),
    );
    assert.ok(
      squeezed(await content("submitted-steps")).includes(squeezed(shown(text).slice(0, 100))),
      `the step ${kind}`,
    );
    await app.id("reject").click();
    await app.id("reject-reason").fill(`because ${text}`);
    await app.id("reject-confirm").click();
    await app.dialog().waitFor({ state: "detached" });
    await until(`the reason ${kind} is shown`, async () =>
      (await app.id("verdict").count()) === 0
        ? false
        : squeezed(await content("verdict")).includes(squeezed(shown(`because ${text}`))),
    );
    await isHarmless(app, `${kind}: the plan, sent back`);
  }

  // Context: who has it, what it is, what it says.
  const items = texts.map((text) => ({
    agent: text.slice(0, 200),
    kind: text.slice(0, 40),
    body: text,
  }));
  await run({ type: "add_context", items });
  await app.page.evaluate((project) => (location.hash = `#/p/${project}/context`), project);
  await app.id("item").last().waitFor();
  await isHarmless(app, "the context");
  for (const [index, text] of texts.entries()) {
    const row = app.id("item").nth(index);
    await row.getByRole("button").first().click();
    await row.getByTestId("item-body").waitFor();
    assert.equal(
      await row.getByTestId("item-body").evaluate((body) => body.textContent),
      shown(text),
      "the body",
    );
    await isHarmless(app, `the item ${text}`);
    await row.getByRole("button").first().click();
  }
  await app.page.evaluate((project) => (location.hash = `#/p/${project}/compare/@1`), project);
  await app.id("difference").first().waitFor();
  await isHarmless(app, "what changed");
  await touch(app);
  await isHarmless(app, "touched");
  await app.page.evaluate((project) => (location.hash = `#/p/${project}`), project);
  await app.id("history-row").first().waitFor();
  await isHarmless(app, "the history");
});

test("the_name_of_the_person_here_is_shown_as_text", limit, async (t) => {
  const app = await at.visit(t, narrow);
  const ids = await app.importPlan(trajectory({ steps: 2 }));
  await app.openProject(ids);
  const names = [...texts, "\u202E".repeat(200), "W".repeat(200)];
  for (const [index, name] of names.entries()) {
    await app.goBy(name);
    assert.equal(
      await app
        .id("you")
        .locator("bdi")
        .evaluate((element) => element.textContent),
      shown(name),
    );
    await app.id("rename").click();
    await app.id("rename-name").fill(`Renamed ${index}`);
    await app.id("rename-confirm").click();
    await app.dialog().waitFor({ state: "detached" });
    const newest = app.id("history-row").first();
    await until(`${name} stands in the history`, async () => {
      const row = squeezed(await newest.evaluate((row) => row.textContent));
      return row.includes(`Renamed ${index}`) && row.includes(squeezed(shown(name)));
    });
    await isHarmless(app, `the history by ${name}`);
    await app.id("you").click();
    assert.equal(await app.id("name").inputValue(), name);
    await isHarmless(app, `the dialog of ${name}`);
    await app.page.keyboard.press("Escape");
    await app.dialog().waitFor({ state: "detached" });
  }
  await app.page.setViewportSize({ width: 1280, height: 800 });
  await isHarmless(app, "with much room");
  // After a reload it is still that.
  await app.page.reload();
  await app.id("history-row").first().waitFor();
  await isHarmless(app, "loaded anew");
  await touch(app);
  await isHarmless(app, "touched");
});
