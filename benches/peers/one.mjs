// One contender in a process of its own: `node one.mjs '{ "module": …, "phase": "work" | "back", … }'`.
// Writes what was found as JSON.
import { back, watchWasm, work } from "./task.mjs";

const given = JSON.parse(process.argv[2]);
const wasm = watchWasm();
const { [given.make ?? "create"]: create } = await import(`./${given.module}.mjs`);
const peak = () => process.resourceUsage().maxRSS * 1024;

const contender = create(given.options, given.kept);
const before = peak();
let found;
if (given.phase === "work") {
  found = await work(contender, given);
  found.peak = peak();
  if (given.isInMemory) Object.assign(found, await back(contender, { ...given, isOpen: true }));
  else await contender.close();
} else {
  found = await back(contender, given);
}
console.log(JSON.stringify({ ...found, before, peakAll: peak(), wasm: wasm() || undefined }));
