// A browser with a profile on disk: in one that is only in memory the limits are others.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { executable, flags, watch } from "./browser.mjs";

/**
 * Its context, which is closed, and its profile gone, when the test is over; and what it was seen to do, which is
 * checked then.
 */
export async function openOnDisk(t, site) {
  const profile = await mkdtemp(join(tmpdir(), "holdpoint-disk-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable(),
    args: flags,
  });
  const seen = await watch(context, site);
  t.after(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    // The browser's own pages, which some tests open.
    seen.requests = seen.requests.filter((url) => !url.startsWith("chrome:"));
    seen.check();
  });
  return { context, seen };
}
