// Chromium with a profile on disk: without one its IndexedDB would be in memory.
import { accessSync, constants, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where Chromium is: in `CHROMIUM`, or on the path. */
function find() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) {
    throw new Error(
      `expected one of ${NAMES.join(", ")} on the path or its place in CHROMIUM, found none`,
    );
  }
  return found;
}

/** Starts it with a new profile, which goes when it is closed. */
export async function launch() {
  const executablePath = find();
  const profile = await mkdtemp(join(tmpdir(), "holdpoint-bench-"));
  const all = { recursive: true, force: true, maxRetries: 5 };
  // However this ends: Playwright ends Chromium when it is interrupted.
  const atExit = () => rmSync(profile, all);
  process.once("exit", atExit);
  const forget = async () => {
    await rm(profile, all);
    process.off("exit", atExit);
  };
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      args: FLAGS,
    });
    return {
      context,
      profile,
      version: context.browser()?.version() ?? "of an unknown version",
      close: async () => {
        await context.close();
        await forget();
      },
    };
  } catch (error) {
    await forget();
    throw error;
  }
}
