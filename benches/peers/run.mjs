// What somebody would take instead, in Node: LangGraph's checkpointers beside Holdpoint, its npm
// package and natively on SQLite, each in processes of its own.
//
//   node benches/peers/run.mjs
//
// `HOLDPOINT_NATIVE` is the built native benchmark (`scripts/bench.sh` says where); without it the
// rows of Holdpoint natively are missing. `HOLDPOINT_RUNS`, `HOLDPOINT_CHECKPOINTS` and
// `HOLDPOINT_LARGEST` make it shorter.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as report from "../support/report.mjs";
import { IN_NODE, task } from "./contenders.mjs";
import { print } from "./tables.mjs";

const run = promisify(execFile);
const native = process.env.HOLDPOINT_NATIVE;
const script = fileURLToPath(new URL("one.mjs", import.meta.url));
const wanted = task(process.env);

async function inNode(given) {
  const { stdout } = await run(process.execPath, [script, JSON.stringify(given)]);
  return JSON.parse(stdout);
}

/** The part `peers` of the native benchmark: the same task, in a process of its own. */
async function natively(given) {
  const env = {
    ...process.env,
    HOLDPOINT_BENCH: "peers",
    HOLDPOINT_TASK: JSON.stringify(given),
    HOLDPOINT_BENCH_JSON: "",
  };
  const { stdout } = await run(native, ["--bench"], { env });
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

async function once(contender, items) {
  const folder = await mkdtemp(join(tmpdir(), "holdpoint-peers-"));
  try {
    const file = join(folder, "store.db");
    const options = contender.isInMemory ? contender.options : { ...contender.options, file };
    const given = { ...contender, ...wanted, items, options };
    const start = contender.isNative ? natively : inNode;
    const found = await start({ ...given, phase: "work" });
    if (contender.isInMemory) return { ...found, peakBack: found.peakAll };
    const later = await start({ ...given, phase: "back", kept: found.kept });
    return { ...later, ...found, peakBack: later.peakAll };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const libraries = ["@langchain/langgraph-checkpoint", "@langchain/langgraph-checkpoint-sqlite"];
report.machine("node", [...libraries, "better-sqlite3"].map(report.versionOf));
report.heading("peers");
const contenders = IN_NODE.filter(({ isNative }) => !isNative || native);
for (const items of wanted.sizes) {
  const found = contenders.map((contender) => ({ ...contender, runs: [] }));
  for (let round = 0; round < wanted.runs; round += 1) {
    for (const contender of found) contender.runs.push(await once(contender, items));
  }
  print({ ...wanted, items, contenders: found, hasDisk: false });
  for (const { name, runs } of found) {
    const { synchronous } = runs[0].kept ?? {};
    if (synchronous === undefined) continue;
    report.line(`${name}: SQLite's synchronous is ${synchronous} (1: NORMAL, 2: FULL), WAL`);
  }
}
