import { Holdpoint } from "holdpoint";

const element = (id) => document.getElementById(id);
const hp = await Holdpoint.open({ name: "holdpoint-example" });

/** The plan of the last visit, or a new one. */
async function openPlan() {
  const [left] = await hp.listResumable();
  if (left) return hp.plan(left.project, left.id);
  const project = await hp.createProject({ name: "Example" });
  const steps = Array.from({ length: 20 }, (_, index) => `step ${index + 1}`);
  // It may be put back so often.
  const settings = { maxReversions: 100 };
  return project.createPlan({ request: "Count to twenty", steps, settings });
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

/** What comes of it, or goes wrong, is told where somebody sees it. */
const when = (id, act) =>
  element(id).addEventListener("click", async () => {
    try {
      element("told").textContent = (await act()) ?? "";
    } catch (error) {
      element("told").textContent = `${error.code}: ${error.message}`;
    }
  });

when("run", async () => {
  const { status, hold, stepsDone } = await plan.run(work);
  return `${stepsDone} steps done, ${hold?.reason ?? status}`;
});
when("pause", async () => {
  if (plan.getSnapshot().hold === "project_paused") await project.resume();
  else await project.pause();
});
when("back", async () => {
  // To the newest checkpoint in which the plan differs from now; again: further back.
  const preview = await plan.rollback(undefined, { dryRun: true });
  if (confirm(`This would change:\n${preview.paths.join("\n")}`)) {
    await plan.rollback(undefined, preview.confirm);
  }
});
