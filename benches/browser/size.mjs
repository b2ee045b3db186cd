// How much a page has to download.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as report from "./report.mjs";

const BAR = 150_000;

export async function size({ wasm }) {
  const kilo = (count) => `${(count / 1000).toFixed(1)} kB`;
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
}
