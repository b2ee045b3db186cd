// How fast it is in Chromium: each figure beside its limit, from one run on one machine, with a
// profile on disk. Prints; fails only if something goes wrong.
//
//   node benches/browser/run.mjs
//
// `HOLDPOINT_BENCH=commit,scale` (how names begin) runs some of it, `HOLDPOINT_ROUNDS` changes how
// often, `HOLDPOINT_WASM` measures a module built elsewhere, and `CHROMIUM` says where Chromium is.
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { launch } from "./chromium.mjs";
import * as report from "../support/report.mjs";
import { heap } from "./heap.mjs";
import { checkpoint, commit, open, pause, start } from "./parts.mjs";
import { peers } from "./peers.mjs";
import * as scale from "./scale.mjs";
import { serve } from "./server.mjs";
import { size } from "./size.mjs";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const wasm = process.env.HOLDPOINT_WASM ?? at("pkg/wasm");
const wanted = (process.env.HOLDPOINT_BENCH ?? "").split(",");

const server = await serve({
  "/": at("benches/browser/page"),
  "/wasm/": wasm,
  "/holdpoint/": at("pkg/dist"),
  "/peers/": at("benches/peers"),
  "/dexie/": at("node_modules/dexie/dist/modern"),
  "/idb-keyval/": at("node_modules/idb-keyval/dist"),
  "/xstate/": at("node_modules/xstate/dist"),
});
const versions = ["dexie", "idb-keyval", "xstate"].flatMap((name) => {
  try {
    return [report.versionOf(name)];
  } catch {
    return [];
  }
});
try {
  const browser = await launch();
  try {
    report.machine("chromium", [`Chromium ${browser.version}, profile on disk`, ...versions]);
    const parts = {
      ...{ commit, pause, open, checkpoint, peers, start, size, heap },
      "scale/many": scale.many,
      "scale/checkpoints": scale.checkpoints,
      "scale/long": scale.long,
    };
    for (const [name, run] of Object.entries(parts)) {
      if (!wanted.some((some) => name.startsWith(some))) continue;
      report.heading(name);
      await run({ context: browser.context, origin: server.origin, wasm, isolated });
    }
    report.bars();
    console.log("\nLoad of the machine at the end: " + loadavg()[0].toFixed(1));
  } finally {
    await browser.close();
  }
} finally {
  await server.close();
}

/** Runs something with a Chromium and a profile of its own. */
async function isolated(work) {
  const browser = await launch();
  try {
    return await work({ ...browser, origin: server.origin });
  } finally {
    await browser.close();
  }
}
