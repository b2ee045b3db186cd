// node node.mjs
//
// A plan whose second step fails once, paused in the middle, kept in a file, and gone on with by
// "another process".
import { Holdpoint } from "holdpoint";

const hp = await Holdpoint.open({ storage: "memory", actor: "ana" });
const project = await hp.createProject({ name: "Weekly report" });
const plan = await project.createPlan({
  request: "Write the weekly report",
  steps: ["collect", { title: "write", input: { words: 200 } }, "send"],
});

let failures = 0;
const result = await plan.run(
  async (step) => {
    console.log(`step ${step.index}: ${step.title}, attempt ${step.attempt}`);
    if (step.title === "write" && failures++ === 0) throw new Error("the model was busy");
    if (step.title === "write") await project.pause({ reason: "lunch" });
    return { did: step.title };
  },
  { retry: { backoff: 10 } },
);
console.log(result); // held: paused; the step that was under way has still completed

const file = await new Response(hp.exportBundle({ gzip: true })).blob();
console.log(`${file.size} bytes to keep`);
hp.close();

const later = await Holdpoint.open({ storage: "memory", actor: "ben" });
await later.importBundle(file);
await (await later.project(project.id)).resume();
const [left] = await later.listResumable();
console.log(`goes on at step ${left.lastCompletedStep + 1}`);
const rest = await later.plan(left.project, left.id);
console.log(await rest.run((step) => ({ did: step.title })));
for await (const { at, actor, events } of (await later.project(project.id)).entries()) {
  console.log(at, actor, events.map(({ type }) => type).join(", "));
}
later.close();
