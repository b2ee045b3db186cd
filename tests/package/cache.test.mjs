// The back/forward cache, for which the browser is started in another way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { executable, flags } from "../page/support/browser.mjs";
import { makeApp } from "./support/packed.mjs";
import { serve } from "./support/serve.mjs";

const page = `<!doctype html><meta charset="utf-8"><title>x</title>
<script type="module" src="/main.mjs"></script>`;
const script = `
import { Holdpoint } from "/node_modules/holdpoint/dist/index.js";
window.hp = await Holdpoint.open({ name: "left" });
`;

test(
  "a_page_that_comes_back_from_the_back_forward_cache_works_and_shows_nothing_old",
  { timeout: 120_000 },
  async (t) => {
    const app = await makeApp(t, [], { "index.html": page, "main.mjs": script, "other.html": "x" });
    const site = await serve(app, {
      answer(_, response) {
        // What must not be stored isn't kept either.
        response.removeHeader("Cache-Control");
        return false;
      },
    });
    t.after(() => site.stop());
    const browser = await chromium.launch({
      executablePath: executable(),
      args: flags,
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
    t.after(() => browser.close());
    const context = await browser.newContext();
    const open = async () => {
      const page = await context.newPage();
      await page.goto(site.url);
      await page.waitForFunction(() => window.hp);
      return page;
    };
    const [one, two] = [await open(), await open()];
    const id = await one.evaluate(async () => {
      window.project = await hp.createProject({ name: "before" });
      project.subscribe(() => undefined);
      return project.id;
    });
    /** Leaves the page and comes back to it; whether the browser has kept it as it was. */
    const leave = async (meanwhile) => {
      await one.goto(`${site.url}other.html`);
      await meanwhile?.();
      // What is kept takes no navigation that could be waited for.
      await one.evaluate(() => history.back()).catch(() => undefined);
      await one.waitForFunction(() => location.pathname === "/" && window.hp);
      return one.evaluate(() => window.project !== undefined);
    };
    const rename = (name) =>
      two.evaluate(async ({ id, name }) => void (await (await hp.project(id)).rename(name)), {
        id,
        name,
      });

    assert.equal(await leave(), true, "it was kept");
    await rename("later");
    await one.waitForFunction(() => project.getSnapshot().name === "later");
    await one.evaluate(() => project.pause());

    // What others do meanwhile has this browser load it anew; so nothing old is shown either way.
    if (await leave(() => rename("meanwhile"))) {
      await one.waitForFunction(() => project.getSnapshot().name === "meanwhile");
    } else {
      const name = await one.evaluate(async (id) => (await hp.project(id)).getSnapshot().name, id);
      assert.equal(name, "meanwhile");
    }
  },
);
