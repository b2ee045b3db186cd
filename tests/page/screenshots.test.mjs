// Pictures of every view, for people to look at: artifacts/screenshots.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { failedScene, throughAllScenes } from "./support/scenes.mjs";
import { root } from "./support/site.mjs";

const at = atSite();
const folder = join(root, "artifacts/screenshots");

/** Whether something reaches past the edge, so that the whole page scrolls sideways. */
const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 380]) {
    test(
      `every_view_is_drawn_and_fits_${colorScheme}_${width}`,
      { timeout: 300_000 },
      async (t) => {
        await mkdir(folder, { recursive: true });
        const options = {
          colorScheme,
          viewport: { width, height: width > 800 ? 900 : 760 },
          reducedMotion: "reduce",
        };
        const app = await at.visit(t, options);
        const tooWide = {};
        const look = async (name) => {
          const over = await overflow(app.page);
          if (over > 0) tooWide[name] = over;
          await app.page.screenshot({
            path: join(folder, `${name}-${colorScheme}-${width}.png`),
            fullPage: !name.startsWith("dialog-"),
          });
        };
        await throughAllScenes(app, look);
        const { context } = await at.context(t, options);
        await context.addInitScript(() =>
          Object.defineProperty(window, "indexedDB", { value: undefined }),
        );
        app.page = await context.newPage();
        await app.page.goto(at.site.url);
        await failedScene(app, look);
        assert.deepEqual(tooWide, {}, "pixels past the edge");
      },
    );
  }
}
