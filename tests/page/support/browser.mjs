// Browsers, and an eye on everything that happens in them.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { App } from "./app.mjs";
import { startSite } from "./site.mjs";

export const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function executable() {
  const path = process.env.CHROMIUM;
  assert.ok(path, "CHROMIUM names no browser: run scripts/page-test.sh, or set it");
  return path;
}

/**
 * A site and a browser for all tests of a file. `visit(t)` gives a page in a context of its own, as
 * one person's browser would; when the test ends, it is seen to that nothing went wrong unseen.
 */
export function atSite() {
  const at = {
    site: undefined,
    browser: undefined,
    async context(t, options) {
      const context = await at.browser.newContext(options);
      const seen = await watch(context, at.site);
      t.after(async () => {
        await context.close();
        seen.check();
      });
      return { context, seen };
    },
    async visit(t, { address = "", ...options } = {}) {
      const { context, seen } = await at.context(t, options);
      const page = await context.newPage();
      const app = new App(page, at.site, seen);
      await page.goto(at.site.url + address);
      return app;
    },
  };
  before(async () => {
    at.site = await startSite();
    at.browser = await chromium.launch({ executablePath: executable(), args: flags });
  });
  after(async () => {
    await at.browser?.close();
    await at.site?.stop();
  });
  return at;
}

/**
 * Notes what must never happen, whatever is tested: a request that leaves this machine, a breach of
 * the policy, an uncaught error, a text from outside that is run.
 */
export async function watch(context, site) {
  const seen = {
    requests: [],
    violations: [],
    uncaught: [],
    hits: [],
    consoleErrors: [],
    check() {
      const away = seen.requests.filter((url) => !isHere(url, site));
      assert.deepEqual(away, [], "requests that leave 127.0.0.1");
      assert.deepEqual(seen.violations, [], "breaches of the content security policy");
      assert.deepEqual(seen.uncaught, [], "uncaught errors");
      assert.deepEqual(seen.hits, [], "foreign text that was run");
    },
  };
  context.setDefaultTimeout(30_000);
  context.on("request", (request) => seen.requests.push(request.url()));
  context.on("weberror", (error) => seen.uncaught.push(String(error.error())));
  context.on("console", (message) => {
    if (message.type() === "error") seen.consoleErrors.push(message.text());
  });
  context.on("dialog", (dialog) => {
    seen.hits.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await context.exposeBinding("__tellViolation", (_, text) => void seen.violations.push(text));
  await context.exposeBinding("__tellHit", (_, text) => void seen.hits.push(text));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      window.__tellViolation?.(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
    });
    // What the hostile texts of the tests would call, if one of them were run.
    window.__hit = (what) => window.__tellHit?.(String(what));
  });
  return seen;
}

export function isHere(url, site) {
  const { protocol, origin } = new URL(url);
  return (
    ["data:", "about:"].includes(protocol) || url.startsWith("blob:") || origin === site.origin
  );
}
