// A browser that is killed: all of its processes at once, with SIGKILL, and a profile on disk that stays.
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { executable, flags } from "./browser.mjs";
import { startSite } from "./site.mjs";
import { until } from "./until.mjs";

/** The processes that name this profile. Where there is no /proc, none are found. */
async function processesOf(profile) {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return line.includes(`--user-data-dir=${profile}`) ? Number(pid) : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined && pid !== process.pid);
}

/** A site, and a profile on disk that outlives browsers, for all tests of a file. */
export function atProfile() {
  const at = { site: undefined, profile: undefined };
  before(async () => {
    at.site = await startSite();
    at.profile = await mkdtemp(join(tmpdir(), "holdpoint-profile-"));
  });
  after(async () => {
    await at.site?.stop();
    if (at.profile) await rm(at.profile, { recursive: true, force: true, maxRetries: 5 });
  });
  return at;
}

/** Starts a browser on a profile, as the leader of a process group of its own. */
export async function startKillable(profile) {
  const started = spawn(
    executable(),
    [...flags, `--user-data-dir=${profile}`, "--remote-debugging-port=0", "about:blank"],
    { detached: true, stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = new Promise((resolve) => started.once("exit", resolve));
  const killAll = () => {
    try {
      process.kill(-started.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  };
  // If the tests themselves end early, it isn't left behind.
  process.once("exit", killAll);
  const address = await new Promise((resolve, reject) => {
    started.once("error", reject);
    started.once("exit", (code) => reject(new Error(`the browser ended with ${code}`)));
    createInterface(started.stderr).on("line", (line) => {
      const found = /DevTools listening on (ws:\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
  });
  const browser = await chromium.connectOverCDP(address);
  return {
    browser,
    context: browser.contexts()[0],
    /** Once it has ended, for whatever reason. */
    ended,
    async kill() {
      killAll();
      await ended;
      process.removeListener("exit", killAll);
      await until("all of the browser's processes are gone", async () => {
        const left = await processesOf(profile);
        for (const pid of left) process.kill(pid, "SIGKILL");
        return left.length === 0;
      });
      await browser.close().catch(() => undefined);
    },
  };
}
