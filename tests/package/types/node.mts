// The package's README, its part about Node. Checked, never run.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Holdpoint, initSync } from "holdpoint";

initSync(readFileSync(fileURLToPath(import.meta.resolve("holdpoint/holdpoint.wasm"))));
await using hp = await Holdpoint.open({ storage: "memory" });
const project = await hp.createProject({ name: "test" });
const plan = await project.createPlan({ request: "x", steps: ["a", "b"] });
const result = await plan.run(() => null, { retry: { backoff: 0 } });
console.log(result.status);
