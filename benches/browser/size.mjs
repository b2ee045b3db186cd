// How much a page has to download.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as report from "../support/report.mjs";

const BAR = 150_000;

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const kilo = (count) => `${(count / 1000).toFixed(1)} kB`;

function sizes(bytes) {
  const gzip = gzipSync(bytes, { level: 9 }).length;
  return `${kilo(bytes.length)} raw, ${kilo(gzip)} gzip, ${kilo(brotliCompressSync(bytes).length)} brotli`;
}

/** The scripts of the package, and what a library has that stands beside it, without a module. */
async function scripts() {
  const dist = at("pkg/dist");
  const names = (await readdir(dist)).filter((name) => name.endsWith(".js") && name !== "react.js");
  const own = await Promise.all(names.map((name) => readFile(join(dist, name))));
  report.line(
    `the npm package's scripts, all but React's, as published: ${sizes(Buffer.concat(own))}`,
  );
  const peers = ["dexie/dist/modern/dexie.min.mjs", "idb-keyval/dist/index.js"];
  for (const peer of peers) {
    const bytes = await readFile(at(`node_modules/${peer}`)).catch(() => undefined);
    if (bytes) report.line(`${peer}: ${sizes(bytes)}`);
  }
}

export async function size({ wasm }) {
  const bytes = await readFile(join(wasm, "holdpoint_bg.wasm"));
  const glue = await readFile(join(wasm, "holdpoint.js"));
  const gzip = gzipSync(bytes, { level: 9 }).length;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const brotli = brotliCompressSync(bytes, { params }).length;
  report.line(
    `holdpoint_bg.wasm: ${kilo(bytes.length)} raw, ${kilo(gzip)} gzip, ${kilo(brotli)} brotli; ` +
      `its JavaScript: ${kilo(glue.length)} raw, ${kilo(brotliCompressSync(glue).length)} brotli`,
  );
  report.againstBar({
    what: "size of the wasm file",
    figure: `${kilo(bytes.length)} raw`,
    limit: `${kilo(gzip)} gzip`,
    value: `${kilo(brotli)} brotli`,
    bar: `≤ ${BAR / 1000} kB`,
    isMet: brotli <= BAR,
  });
  await scripts();
}
