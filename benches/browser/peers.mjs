// What somebody would take instead, in Chromium: Dexie, and XState with idb-keyval, beside Holdpoint's
// npm package, on the same task. Each has a browser with a new profile to itself, and goes back in
// a page that knows nothing of the one before.
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { IN_CHROMIUM, task } from "../peers/contenders.mjs";
import { print } from "../peers/tables.mjs";
import { call, inPage } from "./parts.mjs";

/** How long what IndexedDB still has to write is waited for, in milliseconds. */
const SETTLE = 500;
/** How long a page computes to be known by it, in milliseconds. */
const BUSY = 150;

async function weigh(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile());
  const sizes = files.map((entry) =>
    stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      // Gone again meanwhile.
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The renderer that has the page: the one that computes while the page does. */
async function renderer(browser, page) {
  const session = await browser.context.browser().newBrowserCDPSession();
  const times = async () => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter(({ type }) => type === "renderer");
    return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await times();
  await page.evaluate((milliseconds) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  }, BUSY);
  const spent = [...(await times())].map(([id, time]) => [id, time - (before.get(id) ?? 0)]);
  await session.detach();
  return spent.sort(([, one], [, other]) => other - one)[0][0];
}

/** The most memory that a process took up, in bytes; none where that isn't known. */
async function peakOf(id) {
  const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(status);
  return peak ? Number(peak[1]) * 1024 : undefined;
}

const ADDRESS = "/peers.html";

/** Carries out a part of the task in a page of its own, and says how much memory that took. */
function measured(browser, name, options) {
  return inPage(
    browser,
    async (page) => {
      const id = await renderer(browser, page);
      // Linux begins to look for the peak anew: the process may have had another page before.
      await writeFile(`/proc/${id}/clear_refs`, "5").catch(() => undefined);
      const before = await peakOf(id);
      const found = await call(page, "peers", name, options);
      const peak = await peakOf(id);
      await page.waitForTimeout(SETTLE);
      return { ...found, before, peak };
    },
    ADDRESS,
  );
}

/** How much there is: values and keys as JSON, and the files. */
async function weights(browser) {
  const disk = await weigh(join(browser.profile, "Default", "IndexedDB"));
  return { disk, bytes: await inPage(browser, (page) => call(page, "peers", "weigh"), ADDRESS) };
}

/** What the state alone weighs, without any checkpoint. */
function before(isolated, options) {
  return isolated(async (browser) => {
    await measured(browser, "inFront", { ...options, checkpoints: 0 });
    return weights(browser);
  });
}

function once(isolated, options, alone) {
  return isolated(async (browser) => {
    const front = await measured(browser, "inFront", options);
    const all = await weights(browser);
    const behind = await measured(browser, "goBack", { ...options, kept: front.kept });
    const each = (what) => (all[what] - alone[what]) / options.checkpoints;
    const grown = { bytes: each("bytes"), disk: each("disk") };
    return { ...behind, ...front, ...grown, peakBack: behind.peak };
  });
}

export async function peers({ isolated }) {
  const wanted = task(process.env);
  for (const items of wanted.sizes) {
    const contenders = IN_CHROMIUM.map((contender) => ({ ...contender, runs: [] }));
    for (const contender of contenders) {
      contender.alone = await before(isolated, { ...contender, ...wanted, items });
    }
    for (let round = 0; round < wanted.runs; round += 1) {
      for (const { runs, alone, ...contender } of contenders) {
        runs.push(await once(isolated, { ...contender, ...wanted, items }, alone));
      }
    }
    print({ ...wanted, items, contenders, hasDisk: true });
  }
}
