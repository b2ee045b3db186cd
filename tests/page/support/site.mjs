// The built page, served as the product serves it: by www/serve.mjs, on a port that was free.
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "./until.mjs";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const www = join(root, "www");
const wasm = join(root, "pkg/wasm");

/** A build may be under way beside the tests: whether all that the page asks for is there. */
async function isWhole(dist) {
  const index = await readFile(join(dist, "index.html"), "utf8");
  const assets = await readdir(join(dist, "assets"));
  const asked = [...index.matchAll(/assets\/([\w.-]+)/g)].map(([, name]) => name);
  const sizes = await Promise.all(assets.map((name) => stat(join(dist, "assets", name))));
  await stat(join(dist, "sw.js"));
  return (
    asked.length > 0 &&
    asked.every((name) => assets.includes(name)) &&
    assets.some((name) => name.endsWith(".wasm")) &&
    sizes.every(({ size }) => size > 0)
  );
}

/**
 * The page's own wasm once more, with the script of pkg/wasm that goes with it: with this the tests
 * ask the same database what the page should show.
 */
async function addInspector(dist) {
  const assets = await readdir(join(dist, "assets"));
  const module = assets.find((name) => name.endsWith(".wasm"));
  const script = await readFile(join(wasm, "holdpoint.js"), "utf8");
  const compiled = await WebAssembly.compile(await readFile(join(dist, "assets", module)));
  const missing = WebAssembly.Module.imports(compiled).filter(({ name }) => !script.includes(name));
  if (missing.length > 0) {
    throw new Error("www/dist wasn't built from what is in pkg/wasm: run `make page`");
  }
  await mkdir(join(dist, "inspector"));
  await cp(join(wasm, "holdpoint.js"), join(dist, "inspector/holdpoint.js"));
  await cp(join(dist, "assets", module), join(dist, "inspector/holdpoint_bg.wasm"));
  await cp(join(root, "tests/page/firefox/ask.js"), join(dist, "inspector/ask.js"));
}

/** Copies the page, so that a build beside the tests changes nothing under them. */
export async function copySite() {
  const folder = await mkdtemp(join(tmpdir(), "holdpoint-site-"));
  try {
    await until("the page is built", () => copyInto(folder));
    for (const name of ["serve.mjs", "csp.mjs"]) await cp(join(www, name), join(folder, name));
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Whether it was all there to be copied. */
async function copyInto(folder) {
  const dist = join(folder, "dist");
  try {
    await rm(dist, { recursive: true, force: true });
    await cp(join(www, "dist"), dist, { recursive: true });
    if (!(await isWhole(dist))) return false;
    await addInspector(dist);
    return true;
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

/** Serves the copy that PAGE_TEST_SITE names, or one of its own. */
export async function startSite() {
  const shared = process.env.PAGE_TEST_SITE;
  const folder = shared || (await copySite());
  const server = spawn(process.execPath, [join(folder, "serve.mjs")], {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const url = await new Promise((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`serve.mjs ended with ${code}`)));
    createInterface(server.stdout).on("line", (line) => {
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(line);
      if (found) resolve(found[0]);
    });
  });
  return {
    url,
    origin: new URL(url).origin,
    async stop() {
      server.kill("SIGTERM");
      const timer = setTimeout(() => server.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(timer);
      if (!shared) await rm(folder, { recursive: true, force: true });
    },
  };
}
