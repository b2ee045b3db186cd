// How fast it is in Chromium: each figure beside its limit, from one run on one machine, with a
// profile on disk. Prints; fails only if something goes wrong.
//
//   node benches/browser/run.mjs
//
// `HOLDPOINT_BENCH=commit` (a part of a name) runs some of it, `HOLDPOINT_ROUNDS` changes how often,
// `HOLDPOINT_WASM` measures a module built elsewhere, and `CHROMIUM` says where Chromium is.
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { launch } from "./chromium.mjs";
import { checkpoint, commit, open, pause, start } from "./parts.mjs";
import * as report from "./report.mjs";
import * as scale from "./scale.mjs";
import { serve } from "./server.mjs";
import { size } from "./size.mjs";

const wasm =
  process.env.HOLDPOINT_WASM ?? fileURLToPath(new URL("../../pkg/wasm", import.meta.url));
const pages = fileURLToPath(new URL("page", import.meta.url));
const wanted = process.env.HOLDPOINT_BENCH ?? "";

const server = await serve(pages, wasm);
try {
  const browser = await launch();
  try {
    report.machine(browser.version);
    const parts = {
      ...{ commit, pause, open, checkpoint, start, size },
      "scale/many": scale.many,
      "scale/long": scale.long,
    };
    for (const [name, run] of Object.entries(parts)) {
      if (!name.includes(wanted)) continue;
      report.heading(name);
      await run({ context: browser.context, origin: server.origin, wasm });
    }
    report.table();
    console.log("\nLoad of the machine at the end: " + loadavg()[0].toFixed(1));
  } finally {
    await browser.close();
  }
} finally {
  await server.close();
}
