// For those who don't see the page, don't use a mouse, or don't want things to move.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { eventTypes } from "./support/history.mjs";
import { failedScene, throughAllScenes } from "./support/scenes.mjs";
import { samplePath } from "./support/trajectories.mjs";
import { until } from "./support/until.mjs";
import { theGarden } from "./support/upkeep_scenes.mjs";

const at = atSite();
const limit = { timeout: 300_000 };
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds, in one line each. */
async function violations(page) {
  // Evaluated, not put into a script element: the policy would refuse that.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      resultTypes: ["violations"],
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, html }) => `${id}: ${help}: ${target.join(" ")}: ${html.slice(0, 160)}`),
    );
  });
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 380]) {
    test(`axe_finds_nothing_on_any_view_or_dialog_${colorScheme}_${width}`, limit, async (t) => {
      const app = await at.visit(t, { colorScheme, viewport: { width, height: 800 } });
      const found = {};
      let scenes = 0;
      await throughAllScenes(app, async (name) => {
        scenes += 1;
        const these = await violations(app.page);
        if (these.length > 0) found[name] = these;
      });
      const { context } = await at.context(t, { colorScheme, viewport: { width, height: 800 } });
      await context.addInitScript(() =>
        Object.defineProperty(window, "indexedDB", { value: undefined }),
      );
      app.page = await context.newPage();
      await app.page.goto(at.site.url);
      await failedScene(app, async (name) => {
        const these = await violations(app.page);
        if (these.length > 0) found[name] = these;
      });
      t.diagnostic(`${scenes + 1} scenes`);
      assert.deepEqual(found, {});
    });
  }
}

/** Presses Tab until this has the focus, as a person would. */
async function tabTo(page, locator) {
  await locator.first().waitFor();
  for (let presses = 0; presses < 150; presses += 1) {
    const element = await locator.first().elementHandle();
    if (await element.evaluate((element) => element === document.activeElement)) {
      await isSeen(page);
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`not reached with Tab: ${locator}`);
}

/** What has the focus can be seen to have it. */
async function isSeen(page) {
  const seen = await page.evaluate(() => {
    let element = document.activeElement;
    // A file's input is drawn by its label.
    if (element.type === "file") element = element.closest("label");
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  });
  assert.ok(seen, "the focus is seen");
}

test("history_is_looked_through_and_a_copy_saved_and_opened_without_a_mouse", limit, async (t) => {
  const app = await at.visit(t);
  const { page } = app;
  const { keyboard } = page;
  await app.id("import").waitFor();
  const { project } = await theGarden(app);
  await app.openProject({ project });

  await tabTo(page, app.id("history-filter").locator("summary"));
  await keyboard.press("Enter");
  await tabTo(page, app.id("history-actor"));
  await keyboard.type("neighbour");
  await keyboard.press("Enter");
  await until("three are found", async () => (await app.id("history-row").count()) === 3);
  await tabTo(page, app.id("history-all"));
  await keyboard.press("Enter");
  await until("all are shown", async () => (await app.id("history-row").count()) === 13);
  // The button is gone: the focus is near, not at the top of the page.
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");

  await page.reload();
  await tabTo(page, app.id("save-copy"));
  await keyboard.press("Enter");
  await app.dialog().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "copy-compressed");
  const coming = page.waitForEvent("download");
  await keyboard.press("Enter");
  const path = await (await coming).path();
  await app.id("copy-saved").waitFor();
  await keyboard.press("Escape");
  await app.dialog().waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "save-copy");

  await app.home();
  // Before that it would be taken from where Tab has led.
  await until("the heading has the focus", () =>
    app.title().evaluate((title) => title === document.activeElement),
  );
  // Before the way there: a page that is busy would hear of the key first, and of who waits after.
  const choosing = page.waitForEvent("filechooser", limit);
  await tabTo(page, app.id("open-copy-input"));
  await keyboard.press("Enter");
  await (await choosing).setFiles(path);
  await tabTo(page, app.id("open-as-copy"));
  await keyboard.press("Enter");
  const row = app.id("import-result");
  await until("it is opened", async () => (await row.getAttribute("data-state")) === "opened");
  await until("the focus is where the button was", () =>
    row.evaluate((row) => row.contains(document.activeElement)),
  );
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "The garden" }).waitFor();
});

test("the_main_job_is_done_without_a_mouse", limit, async (t) => {
  const app = await at.visit(t);
  const { page } = app;
  const { keyboard } = page;
  await app.id("import").waitFor();
  // The first thing that Tab reaches leads past the rest.
  await keyboard.press("Tab");
  assert.match(
    await page.evaluate(() => document.activeElement.textContent),
    /Skip to the content/,
  );
  await keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");

  await tabTo(page, app.id("import-input"));
  await tabTo(page, app.id("try-sample"));
  await keyboard.press("Enter");
  await app.id("run-panel").waitFor();
  // A view that was opened has the focus, so that it is read out.
  await until("the heading has the focus", () =>
    app.title().evaluate((title) => title === document.activeElement),
  );
  await tabTo(page, app.id("run-one"));
  for (const done of [1, 2, 3]) {
    await tabTo(page, app.id("run-one"));
    await keyboard.press("Enter");
    await app.doneIs(done);
    await app.atRest();
  }

  const pause = app.id("pause");
  await tabTo(page, pause);
  await keyboard.press("Enter");
  await app.dialog().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "pause-reason");
  await keyboard.type("tea");
  await tabTo(page, app.id("pause-confirm"));
  await keyboard.press("Enter");
  await app.dialog().waitFor({ state: "detached" });
  await app.id("held-by-pause").waitFor();
  await tabTo(page, app.id("resume"));
  await keyboard.press("Space");
  await app.id("held-by-pause").waitFor({ state: "detached" });

  await tabTo(page, app.id("run-all"));
  await keyboard.press("Enter");
  await app.doneIs(8);
  await tabTo(page, app.id("take-checkpoint"));
  await keyboard.press("Enter");
  await keyboard.press("ControlOrMeta+A");
  await keyboard.type("by keyboard");
  await keyboard.press("Enter");
  await app.dialog().waitFor({ state: "detached" });
  await app.checkpoint("by keyboard").waitFor();

  await tabTo(
    page,
    app.checkpoint("After step 8").getByTestId("roll-back-to").or(app.id("roll-back")),
  );
  await keyboard.press("Enter");
  await app.id("rollback-checkpoint").waitFor();
  await app.id("rollback-preview").waitFor();
  await tabTo(page, app.id("rollback-confirm"));
  await keyboard.press("Enter");
  await app.dialog().waitFor({ state: "detached" });
  await until("it is rolled back", async () => (await app.done()) < 8);
  const types = eventTypes(await app.wholeHistory(app.ids().project));
  assert.ok(types.includes("rolled_back"));

  await tabTo(page, app.id("step").first().getByRole("button").first());
  await keyboard.press("Enter");
  await app.id("step-detail").waitFor();
  await tabTo(page, app.id("step-output"));
});

test("steps_are_run_one_after_the_other_by_pressing_the_same_key", limit, async (t) => {
  const app = await at.visit(t);
  await app.importPlan(samplePath);
  await app.id("run-one").focus();
  for (const done of [1, 2, 3]) {
    await app.page.keyboard.press("Enter");
    await app.doneIs(done);
    await app.atRest();
    await until(`the focus is back on “Run one step” after step ${done}`, () =>
      app.page.evaluate(() => document.activeElement.dataset.testid === "run-one"),
    );
  }
});

test("the_focus_is_somewhere_sensible_after_what_had_it_is_gone", limit, async (t) => {
  const app = await at.visit(t);
  const { page } = app;
  await app.importPlan(samplePath);
  const lost = [];
  const check = async (what) => {
    const isLost = await page.evaluate(() => document.activeElement === document.body);
    if (isLost) lost.push(what);
  };
  await app.id("run-all").focus();
  await page.keyboard.press("Enter");
  await app.doneIs(8);
  await app.atRest();
  await check("“Run to the end”, when all is done");
  await app.id("roll-back").click();
  await app.id("rollback-preview").waitFor();
  await app.id("rollback-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  await app.id("pause").focus();
  await page.keyboard.press("Enter");
  await app.id("pause-confirm").focus();
  await page.keyboard.press("Enter");
  await app.dialog().waitFor({ state: "detached" });
  await app.id("held-by-pause").waitFor();
  await check("“Pause…”, once it is paused");
  await app.id("resume").focus();
  await page.keyboard.press("Enter");
  await app.id("held-by-pause").waitFor({ state: "detached" });
  await check("“Resume”, once it goes on");
  assert.deepEqual(lost, []);
});

test("a_plan_is_made_carried_out_and_decided_on_without_a_mouse", limit, async (t) => {
  const app = await at.visit(t);
  const { page } = app;
  const { keyboard } = page;
  const press = async (testId, key = "Enter") => {
    await tabTo(page, app.id(testId));
    await keyboard.press(key);
  };
  const isKept = async (what) => {
    assert.ok(
      await page.evaluate(() => document.activeElement !== document.body),
      `the focus is somewhere after ${what}`,
    );
  };
  const closed = () => app.dialog().waitFor({ state: "detached" });
  await press("new-project");
  await keyboard.type("By keyboard");
  await keyboard.press("Enter");
  await app.id("new-plan").waitFor();
  await press("new-plan");
  await keyboard.type("Bake");
  await press("new-plan-steps");
  await keyboard.press("Backspace");
  await keyboard.type("mix\nbake");
  await press("gate-implementation", "Space");
  await press("gate-review", "Space");
  await press("new-plan-confirm");
  await app.id("start-plan").waitFor();
  await press("start-plan");
  await app.id("start-step").waitFor();
  await isKept("the start");
  for (const done of [1, 2]) {
    await press("start-step");
    await app.id("record-result").waitFor();
    assert.equal(
      await page.evaluate(() => document.activeElement.dataset.testid),
      "record-result",
      "the same button, now in its other role, has the focus",
    );
    await keyboard.press("Enter");
    await app.dialog().waitFor();
    await keyboard.type(`result ${done}`);
    await press("result-confirm");
    await closed();
    await app.doneIs(done);
    await isKept(`step ${done}`);
  }
  await app.id("reject").waitFor();
  await press("reject");
  await keyboard.type("Half baked");
  await press("from-step", "ArrowUp");
  await press("reject-confirm");
  await closed();
  await app.id("start-step").waitFor();
  await isKept("sending it back");
  await app.doneIs(0);
  for (const done of [1, 2]) {
    await press("start-step");
    await app.id("record-result").waitFor();
    await keyboard.press("Enter");
    await press("result-confirm");
    await closed();
    await app.doneIs(done);
  }
  await press("approve");
  await app.id("record-findings").waitFor();
  await isKept("the approval");
  await press("record-findings");
  await app.dialog().waitFor();
  await keyboard.press("Space");
  await press("findings-confirm");
  await closed();
  await page.getByText("Done, nothing left to do").waitFor();
  await isKept("the review");
  await tabTo(page, app.id("to-inbox"));
  await keyboard.press("Enter");
  await app.id("inbox-empty").waitFor();
});

test("the_focus_stays_while_context_is_changed", limit, async (t) => {
  const app = await at.visit(t);
  const { page } = app;
  const { project } = await app.importPlan(samplePath);
  await page.evaluate((project) => (location.hash = `#/p/${project}/context`), project);
  await app.id("item").first().getByRole("button").first().click();
  await app.id("item-body").waitFor();
  const focused = () => page.evaluate(() => document.activeElement.dataset.testid);
  for (const testId of ["pin", "archive", "archive", "pin"]) {
    const before = await app.id(testId).innerText();
    await app.id(testId).focus();
    await page.keyboard.press("Enter");
    await until(`${before} is done`, async () => (await app.id(testId).innerText()) !== before);
    assert.equal(await focused(), testId);
  }
  await app.id("redact").focus();
  await page.keyboard.press("Enter");
  await app.id("redact-confirm").focus();
  await page.keyboard.press("Enter");
  await app.dialog().waitFor({ state: "detached" });
  await until("the button is gone", async () => (await app.id("redact").count()) === 0);
  assert.equal(await focused(), "item-detail", "what the button stood in has the focus");
});

test("the_focus_returns_to_what_opened_a_dialog", limit, async (t) => {
  const app = await at.visit(t);
  const { page } = app;
  const ids = await app.importPlan(samplePath);
  await app.runSteps(2);
  const check = async (buttons) => {
    for (const button of buttons) {
      for (const way of ["Escape", "Cancel", "Close"]) {
        await app.id(button).first().focus();
        await page.keyboard.press("Enter");
        await app
          .dialog()
          .waitFor()
          .catch(async () => {
            const focused = await page.evaluate(() =>
              document.activeElement.outerHTML.slice(0, 200),
            );
            assert.fail(`${button} opened nothing before ${way}; the focus is on ${focused}`);
          });
        const inside = await page.evaluate(() => document.activeElement.closest("dialog") !== null);
        assert.ok(inside, `the focus is inside after ${button}`);
        // It can't be tabbed out of into the page behind.
        for (let presses = 0; presses < 12; presses += 1) {
          await page.keyboard.press("Tab");
          const out = await page.evaluate(() => {
            const { activeElement: element, body } = document;
            return element === body || element.closest("dialog")
              ? ""
              : element.outerHTML.slice(0, 200);
          });
          assert.equal(
            out,
            "",
            `the page behind is not reached from ${button} (${way}, ${presses})`,
          );
        }
        if (way === "Escape") await page.keyboard.press("Escape");
        else await app.dialog().getByRole("button", { name: way, exact: true }).click();
        await app.dialog().waitFor({ state: "detached" });
        assert.equal(
          await page.evaluate(() => document.activeElement.dataset.testid),
          button,
          `${button} has it again after ${way}`,
        );
      }
    }
  };
  await check(["pause", "cancel-plan", "take-checkpoint", "roll-back", "roll-back-to"]);
  await app.openProject(ids);
  await check(["rename", "pause", "stop-project", "delete", "take-checkpoint", "roll-back"]);
  await check(["fork", "new-plan"]);
  await app.checkpoint("After step 2").getByTestId("checkpoint-more").click();
  await check(["fork-from"]);
  await app.id("to-context").click();
  await app.id("item").first().getByRole("button").first().click();
  await app.id("item-body").waitFor();
  await check(["flash-save", "redact"]);
  await check(["you"]);
});

test("a_dialog_that_is_closed_as_soon_as_it_opens_can_be_opened_again", limit, async (t) => {
  const app = await at.visit(t);
  await app.importPlan(samplePath);
  await app.runSteps(2);
  for (const button of ["pause", "roll-back"]) {
    // As with Enter and Escape in quick succession while the page is busy: before it is drawn.
    await app.id(button).evaluate(async (button) => {
      button.click();
      while (!document.querySelector("dialog")) await Promise.resolve();
      document.querySelector("dialog").close();
    });
    await until(
      `${button}: the page notices that its dialog was closed`,
      async () => (await app.dialog().count()) === 0,
    );
    await app.id(button).click();
    await app.dialog().waitFor();
    await app.page.keyboard.press("Escape");
    await app.dialog().waitFor({ state: "detached" });
  }
});

test("what_happens_is_told_to_screen_readers", limit, async (t) => {
  const app = await at.visit(t);
  const told = [];
  await app.page.exposeBinding("__told", (_, text) => void told.push(text));
  await app.id("import").waitFor();
  await app.page.evaluate(() => {
    const announcer = document.querySelector("[data-testid=announcer]");
    new MutationObserver(() => window.__told(announcer.textContent)).observe(announcer, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await app.importPlan(samplePath);
  await app.id("run-all").click();
  await app.doneIs(8);
  await app.takeCheckpoint("told");
  await app.id("to-project").click();
  await app.pause();
  for (const text of [
    /imported: 8 steps/,
    /All steps are done/,
    /Checkpoint told taken/,
    /Paused/,
  ]) {
    await until(`${text} is told`, () => told.some((line) => text.test(line)));
  }
});

test("nothing_moves_for_those_who_prefer_it_so", limit, async (t) => {
  const app = await at.visit(t, { reducedMotion: "reduce" });
  const { page } = app;
  const moving = () =>
    page.evaluate(() =>
      document
        .getAnimations()
        .filter(({ effect }) => {
          const { duration, iterations } = effect.getComputedTiming();
          return duration > 20 || (iterations === Infinity && duration > 0);
        })
        .map(
          ({ animationName, transitionProperty, effect }) =>
            `${animationName ?? transitionProperty} on ${effect.target?.className?.baseVal ?? effect.target?.className}`,
        ),
    );
  const declared = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("*")]
        .filter((element) => {
          const style = getComputedStyle(element);
          const seconds = (text) => Math.max(...text.split(",").map((part) => parseFloat(part)));
          return (
            (style.animationName !== "none" && seconds(style.animationDuration) > 0.02) ||
            seconds(style.transitionDuration) > 0.02 ||
            style.scrollBehavior === "smooth"
          );
        })
        .map((element) => `${element.tagName}.${element.getAttribute("class")}`),
    );
  await app.importPlan(samplePath);
  await app.id("pace").selectOption("second");
  await app.id("run-all").click();
  await app.doneReaches(1);
  assert.deepEqual([...(await moving()), ...(await declared())], [], "while it runs");
  await app.id("stop-running").click();
  await app.atRest();
  await app.runSteps(2);
  await app.id("roll-back").click();
  await app.id("rollback-preview").waitFor();
  assert.deepEqual([...(await moving()), ...(await declared())], [], "with a dialog open");
});
