import { Holdpoint } from "holdpoint";

const element = (id) => document.getElementById(id);
const hp = await Holdpoint.open({ name: "holdpoint-example" });

/** The plan of the last visit, or a new one. */
async function openPlan() {
  const [left] = await hp.listResumable();
  if (left) return hp.plan(left.project, left.plan);
  const project = await hp.createProject({ name: "Example" });
  const steps = Array.from({ length: 20 }, (_, index) => `step ${index + 1}`);
  return project.createPlan({ request: "Count to twenty", steps });
}

const plan = await openPlan();
const { project } = plan;

function render() {
  const { lastCompletedStep, state, hold } = plan.getSnapshot();
  element("progress").value = lastCompletedStep + 1;
  element("status").textContent = `${lastCompletedStep + 1} of 20, ${hold ?? state}`;
  element("pause").textContent = hold === "project_paused" ? "Resume" : "Pause";
}
plan.subscribe(render);
render();

const work = (step) =>
  new Promise((resolve) => setTimeout(() => resolve({ counted: step.index + 1 }), 500));

/** What goes wrong is told where somebody sees it. */
const when = (id, act) =>
  element(id).addEventListener("click", () =>
    act().catch((error) => (element("status").textContent = `${error.code}: ${error.message}`)),
  );

when("run", async () => {
  const result = await plan.run(work);
  if (result.status === "held") element("status").textContent = `held: ${result.hold.reason}`;
});
when("pause", () =>
  plan.getSnapshot().hold === "project_paused" ? project.resume() : project.pause(),
);
when("back", async () => {
  const { items } = await plan.listCheckpoints({ limit: 6 });
  const preview = await plan.rollback(items.at(-1).checkpoint, { dryRun: true });
  if (confirm(`${preview.stepsReverted} steps are undone.`)) {
    await plan.rollback(items.at(-1).checkpoint, preview.confirm);
  }
});
