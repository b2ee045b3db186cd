// The package as it is packed, and apps that have it installed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const apps = fileURLToPath(new URL("../apps", import.meta.url));

/** The folder with the tarball, what was unpacked of it, and everything else that apps use. */
function scratch() {
  const folder = process.env.PACKAGE_TEST_PACKED;
  assert.ok(folder, "PACKAGE_TEST_PACKED names no folder: run scripts/package-test.sh");
  return folder;
}

/** The package, unpacked. */
export const packed = () => join(scratch(), "package");

/** All files in a folder, by their paths in it. */
export async function listFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/** The file that npm would publish. */
export async function tarball() {
  const name = (await readdir(scratch())).find((name) => name.endsWith(".tgz"));
  return join(scratch(), name);
}

/**
 * A folder with the package installed in it, of the folders of `tests/package/apps` that are named,
 * and with files besides, as texts; it is gone when the test is over.
 */
export async function makeApp(t, from = [], files = {}) {
  const folder = await mkdtemp(join(scratch(), "app-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await mkdir(join(folder, "node_modules"));
  // A copy, as npm makes one: a link would be resolved to where it leads.
  await cp(packed(), join(folder, "node_modules/holdpoint"), { recursive: true });
  for (const name of from) await cp(join(apps, name), folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** Runs a program to its end: what it wrote. What doesn't end well is an error that says all of it. */
export function run(program, args, { timeout = 120_000, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), timeout);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => (stdout += text));
    child.stderr.on("data", (text) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve({ stdout, stderr });
      const how = `${program} ${args.join(" ")} ended with ${code ?? signal}`;
      reject(new Error(`${how}\n${stdout}\n${stderr}`));
    });
  });
}

/** A program of a package that is installed. */
export async function bin(name, command = name) {
  const folder = join(root, "node_modules", name);
  const { bin } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

/** The folder of all versions of Node that are here, by the number of the version. */
export async function nodes() {
  const found = [[Number(process.versions.node.split(".")[0]), process.execPath]];
  const folder = join(root, "tests/package/nodes/node_modules");
  for (const name of await readdir(folder).catch(() => [])) {
    const version = /^node(\d+)-/.exec(name)?.[1];
    if (version) found.push([Number(version), join(folder, name, "bin/node")]);
  }
  return new Map(found);
}

/** The package itself, for tests that need no app; it is imported from where it was unpacked. */
export const imported = () => import(pathToFileURL(join(packed(), "dist/index.js")).href);
