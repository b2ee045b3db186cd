// The page, as the tests use it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { until } from "./until.mjs";

export class App {
  constructor(page, site, seen) {
    this.page = page;
    this.site = site;
    this.seen = seen;
  }

  /** Another tab of the same browser. */
  async newTab(address = "") {
    const page = await this.page.context().newPage();
    await page.goto(this.site.url + address);
    return new App(page, this.site, this.seen);
  }

  id(testId) {
    return this.page.getByTestId(testId);
  }

  title() {
    return this.id("title");
  }

  /** The row of the checkpoint of this name. */
  checkpoint(name) {
    const title = this.page.locator(".row-title").getByText(name, { exact: true });
    return this.id("checkpoint").filter({ has: title });
  }

  /** By its element: one that is closed but still there isn't gone yet. */
  dialog() {
    return this.page.locator("dialog");
  }

  // --- Going somewhere.

  async home() {
    await this.page.goto(`${this.site.url}#/`);
    await this.id("import").waitFor();
  }

  async openPlan({ project, plan }) {
    await this.page.goto(`${this.site.url}#/p/${project}/plan/${plan}`);
    await this.id("run-panel").waitFor();
  }

  async openProject({ project }) {
    await this.page.goto(`${this.site.url}#/p/${project}`);
    await this.id("history").waitFor();
  }

  // --- Importing.

  /** Chooses files, and waits until each is in or refused; their rows. */
  async choose(...files) {
    const before = await this.id("import-result").count();
    await this.id("import-input").setInputFiles(files);
    return this.imported(before, files.length);
  }

  async imported(before, count) {
    const rows = this.id("import-result");
    await until(`${count} files are imported`, async () => {
      const states = await rows.evaluateAll((all) => all.map((row) => row.dataset.state));
      const these = states.slice(before);
      return these.length === count && these.every((state) => ["done", "failed"].includes(state));
    });
    return Promise.all(Array.from({ length: count }, (_, index) => rows.nth(before + index)));
  }

  /** Imports a file and opens its plan; the ids. */
  async importPlan(file) {
    await this.id("import").waitFor();
    const [row] = await this.choose(file);
    assert.equal(await row.getAttribute("data-state"), "done", await row.innerText());
    await row.getByRole("link").click();
    await this.id("run-panel").waitFor();
    return this.ids();
  }

  /** The ids in the address. */
  ids() {
    const found = /#\/p\/(\w{26})(?:\/plan\/(\w{26}))?/.exec(this.page.url());
    assert.ok(found, `no project in ${this.page.url()}`);
    return { project: found[1], plan: found[2] };
  }

  // --- Saving files.

  /** The file that comes of a press of a button: what it is called, where it lies, what is in it. */
  async saves(testId) {
    const coming = this.page.waitForEvent("download");
    await this.id(testId).click();
    const download = await coming;
    const path = await download.path();
    return { name: download.suggestedFilename(), path, bytes: await readFile(path) };
  }

  /** Saves a copy of the project that is open, or of everything from the list; the file. */
  async savesCopy(button = "save-copy", { isCompressed = true } = {}) {
    await this.id(button).click();
    await this.id("copy-compressed").setChecked(isCompressed);
    const saved = await this.saves("copy-confirm");
    await this.id("copy-saved").waitFor();
    await this.id("cancel").click();
    await this.dialog().waitFor({ state: "detached" });
    return saved;
  }

  /** Opens files that may be copies; how each row ended. */
  async opens(...files) {
    const before = await this.id("import-result").count();
    await this.id("import-input").setInputFiles(
      files.map(({ name, bytes }) => ({
        name,
        mimeType: "application/octet-stream",
        buffer: Buffer.from(bytes),
      })),
    );
    const ended = ["done", "failed", "opened", "refused", "cancelled"];
    const rows = this.id("import-result");
    await until(`${files.length} files are opened`, async () => {
      const states = await rows.evaluateAll((all) => all.map((row) => row.dataset.state));
      const these = states.slice(before);
      return these.length === files.length && these.every((state) => ended.includes(state));
    });
    return files.map((_, index) => rows.nth(before + index));
  }

  // --- Who is here.

  /** Gives the person here a name. */
  async goBy(name) {
    await this.id("you").click();
    await this.id("name").fill(name);
    await this.id("name-confirm").click();
    await this.dialog().waitFor({ state: "detached" });
  }

  // --- Running.

  /** How many steps the page says are done. */
  async done() {
    return Number(await this.id("progress").evaluate((progress) => progress.value));
  }

  async doneIs(count) {
    await until(`${count} steps are done`, async () => (await this.done()) === count);
  }

  /** For a plan that runs on: on a busy machine more may be done by the time somebody looks. */
  async doneReaches(count) {
    await until(`${count} steps or more are done`, async () => (await this.done()) >= count);
  }

  async runSteps(count) {
    const first = await this.done();
    for (let step = 1; step <= count; step += 1) {
      await this.id("run-one").click();
      await this.doneIs(first + step);
      await this.atRest();
    }
  }

  /** Until nothing runs in this tab. */
  async atRest() {
    await this.id("stop-running").waitFor({ state: "detached", timeout: 120_000 });
  }

  async pause(reason) {
    await this.id("pause").click();
    if (reason !== undefined) await this.id("pause-reason").fill(reason);
    await this.id("pause-confirm").click();
    await this.dialog().waitFor({ state: "detached" });
  }

  async resume() {
    await this.id("resume").click();
    await this.id("resume").waitFor({ state: "detached" });
  }

  async takeCheckpoint(name, reason) {
    await this.id("take-checkpoint").click();
    await this.id("checkpoint-name").fill(name);
    if (reason !== undefined) await this.id("checkpoint-reason").fill(reason);
    await this.id("checkpoint-confirm").click();
    await this.dialog().waitFor({ state: "detached" });
  }

  /** Until the page shows a failure of this code; its box. */
  async problem(code, options) {
    const box = this.page.locator(`[data-testid=error][data-code="${code}"]`).first();
    await box.waitFor(options);
    return box;
  }

  async verify() {
    await this.id("verify").click();
    const result = this.id("verify-result");
    await result.waitFor();
    return (await result.getAttribute("data-clean")) === "true";
  }

  // --- What the same database says to who asks it without the page.

  /** Calls a method of a `Holdpoint` of its own on this tab's database. */
  call(method, ...args) {
    return this.page.evaluate(
      async ({ url, method, args }) => {
        window.__inspector ??= import(url).then(async (module) => {
          await module.default();
          return module.Holdpoint;
        });
        const Holdpoint = await window.__inspector;
        const store = await Holdpoint.open({ actor: "inspector" });
        try {
          return await store[method](...args);
        } finally {
          store.close();
          store.free();
        }
      },
      { url: `${this.site.url}inspector/holdpoint.js`, method, args },
    );
  }

  query(query) {
    return this.call("query", query);
  }

  preview(project, command) {
    return this.call("preview", project, command);
  }

  async wholeHistory(project) {
    const entries = [];
    for (;;) {
      const page = await this.query({ type: "history", project, after: entries.length });
      entries.push(...page);
      if (page.length === 0) return entries;
    }
  }
}
