// A browser for all tests of a file. The eye on what happens in it is that of the page's tests.
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { executable, flags, watch } from "../../page/support/browser.mjs";

/** A browser; `context(t, site)` is one person's. When the test ends, nothing went wrong unseen. */
export function atBrowser() {
  const at = {
    browser: undefined,
    async context(t, site, options) {
      const context = await at.browser.newContext(options);
      const seen = await watch(context, site);
      t.after(async () => {
        await context.close();
        seen.check();
      });
      return { context, seen };
    },
    async visit(t, site, path = "") {
      const { context, seen } = await at.context(t, site);
      const page = await context.newPage();
      await page.goto(site.url + path);
      return { page, context, seen };
    },
  };
  before(async () => {
    at.browser = await chromium.launch({ executablePath: executable(), args: flags });
  });
  after(() => at.browser?.close());
  return at;
}
