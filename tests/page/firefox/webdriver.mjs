// Firefox through WebDriver, spoken by hand: Playwright drives only a Firefox of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { until } from "../support/until.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** A browser with a profile of its own, in which what was kept outlives each tab. */
export async function startFirefox() {
  const { FIREFOX, GECKODRIVER } = process.env;
  assert.ok(FIREFOX && GECKODRIVER, "no Firefox is named: run scripts/firefox-test.sh");
  const driver = spawn(GECKODRIVER, ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => driver.once("exit", resolve));
  const address = await new Promise((resolve, reject) => {
    driver.once("error", reject);
    driver.once("exit", (code) => reject(new Error(`geckodriver ended with ${code}`)));
    createInterface(driver.stdout).on("line", (line) => {
      const found = /Listening on (127\.0\.0\.1:\d+)/.exec(line);
      if (found) resolve(`http://${found[1]}`);
    });
  });
  const stop = async () => {
    driver.kill("SIGTERM");
    await ended;
  };
  const ask = async (method, path, body) => {
    const answer = await fetch(address + path, {
      method,
      headers: { "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = await answer.json();
    if (!answer.ok) {
      throw Object.assign(new Error(`${path}: ${value.error}: ${value.message}`), {
        is: value.error,
      });
    }
    return value;
  };
  let session;
  try {
    session = await ask("POST", "/session", {
      capabilities: {
        alwaysMatch: {
          timeouts: { script: 120_000 },
          "moz:firefoxOptions": { binary: FIREFOX, args: ["-headless"] },
        },
      },
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const path = `/session/${session.sessionId}`;
  return {
    version: session.capabilities.browserVersion,
    ask: (method, rest, body) => ask(method, path + rest, body),
    async stop() {
      await ask("DELETE", path).catch(() => undefined);
      await stop();
    },
  };
}

/** A tab of it, with the page, as the tests use it. */
export class Tab {
  constructor(firefox, site, handle) {
    this.firefox = firefox;
    this.site = site;
    this.handle = handle;
  }

  static async open(firefox, site) {
    const { handle } = await firefox.ask("POST", "/window/new", { type: "tab" });
    const tab = new Tab(firefox, site, handle);
    await tab.go("");
    return tab;
  }

  async ask(method, rest, body) {
    await this.firefox.ask("POST", "/window", { handle: this.handle });
    return this.firefox.ask(method, rest, body);
  }

  go(address) {
    return this.ask("POST", "/url", { url: this.site.url + address });
  }

  reload() {
    return this.ask("POST", "/refresh", {});
  }

  /** Runs a function there, which may be asynchronous and uses nothing from around it. */
  async run(what, ...args) {
    const script = `const [args, done] = arguments;
      Promise.resolve((${what})(...args)).then(
        (value) => done({ value }),
        (error) => done({ error: String(error), code: error?.code ?? null }),
      );`;
    const { value, error } = await this.ask("POST", "/execute/async", { script, args: [args] });
    if (error !== undefined) throw new Error(error);
    return value;
  }

  /** How many elements of this test id there are. */
  count(testId) {
    return this.run(
      (testId) => document.querySelectorAll(`[data-testid="${testId}"]`).length,
      testId,
    );
  }

  /** The first element of this test id, once it is there. */
  id(testId) {
    return this.find(`[data-testid="${testId}"]`);
  }

  find(selector) {
    return until(`there is ${selector}`, async () => {
      try {
        const found = await this.ask("POST", "/element", {
          using: "css selector",
          value: selector,
        });
        return found[ELEMENT];
      } catch (error) {
        if (error.is === "no such element") return undefined;
        throw error;
      }
    });
  }

  /** As a person would: once it is there, can be seen, and nothing lies over it. */
  click(testId) {
    return this.clickOn(`[data-testid="${testId}"]`);
  }

  clickOn(selector) {
    const passing = [
      "element click intercepted",
      "element not interactable",
      "stale element reference",
    ];
    return until(`${selector} can be clicked`, async () => {
      const element = await this.find(selector);
      try {
        if (!(await this.ask("GET", `/element/${element}/enabled`))) return false;
        const busy = await this.ask("GET", `/element/${element}/attribute/aria-disabled`);
        if (busy === "true") return false;
        await this.ask("POST", `/element/${element}/click`, {});
        return true;
      } catch (error) {
        if (passing.includes(error.is)) return false;
        throw error;
      }
    });
  }

  async type(testId, text) {
    await this.ask("POST", `/element/${await this.id(testId)}/value`, { text });
  }

  attribute(testId, name) {
    return this.run(
      (testId, name) => document.querySelector(`[data-testid="${testId}"]`)?.getAttribute(name),
      testId,
      name,
    );
  }

  isGone(testId) {
    return until(`${testId} is gone`, async () => (await this.count(testId)) === 0);
  }

  async doneIs(count) {
    await until(`${count} steps are done`, async () => {
      const done = await this.run(
        () => document.querySelector("[data-testid=progress]")?.value ?? null,
      );
      return done === count;
    });
  }

  /** What the same database says to who asks it without the page. */
  async call(method, ...args) {
    const answer = await this.run(
      async (url, asked) => {
        const root = document.documentElement;
        const comes = (name) =>
          new Promise((resolve) => {
            const look = () => root.hasAttribute(name) && resolve(root.getAttribute(name));
            new MutationObserver(look).observe(root, { attributes: true });
            look();
          });
        if (!document.querySelector("script[src$='ask.js']")) {
          const script = document.createElement("script");
          Object.assign(script, { type: "module", src: url });
          document.head.append(script);
        }
        await comes("can-ask");
        const id = `answer-${crypto.randomUUID()}`;
        const detail = JSON.stringify({ ...JSON.parse(asked), id });
        window.dispatchEvent(new CustomEvent("ask", { detail }));
        const answer = await comes(id);
        root.removeAttribute(id);
        return answer;
      },
      `${this.site.url}inspector/ask.js`,
      JSON.stringify({ method, args }),
    );
    const { value, error } = JSON.parse(answer);
    if (error !== undefined) throw new Error(`${method} ${JSON.stringify(args)}: ${error}`);
    return value;
  }

  query(query) {
    return this.call("query", query);
  }
}
