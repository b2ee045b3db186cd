// Tabs with the package at hand, for tests that say step by step what each of them does.
import { after, before } from "node:test";
import { atBrowser } from "./browser.mjs";
import { makeApp } from "./packed.mjs";
import { serve } from "./serve.mjs";

/**
 * A site and a browser for all tests of a file; `tabs(t, count)` are tabs of one person. `fill` puts
 * more into the site's folder.
 */
export function atTabs(options, fill) {
  const at = atBrowser();
  const ends = [];
  before(async () => {
    const folder = await makeApp({ after: (end) => ends.push(end) }, ["tab"]);
    await fill?.(folder);
    at.site = await serve(folder, options);
    ends.unshift(() => at.site.stop());
  });
  after(async () => {
    for (const end of ends) await end();
  });
  at.open = async (context) => {
    const page = await context.newPage();
    await page.goto(at.site.url);
    await page.waitForFunction(() => window.isReady);
    return page;
  };
  at.tabs = async (t, count = 1) => {
    const { context, seen } = await at.context(t, at.site);
    const pages = [];
    for (let index = 0; index < count; index += 1) pages.push(await at.open(context));
    return { context, seen, pages, page: pages[0] };
  };
  at.reload = async (page) => {
    await page.reload();
    await page.waitForFunction(() => window.isReady);
  };
  return at;
}
