// A short life of a store, the same in every app: what begins here goes on after a reload, in
// another process, or from a bundle.

/** Creates, runs two steps of four, and pauses. */
export async function begin(hp) {
  const project = await hp.createProject({ name: "Site redesign" });
  const plan = await project.createPlan({
    request: "Add sign-in",
    steps: ["design", "code", { title: "test", input: { runs: 2 } }, "ship"],
  });
  const first = await plan.run(work, { limit: 2 });
  const report = await project.pause({ reason: "deploy tonight" });
  const [waiting] = await hp.listResumable();
  return {
    ids: { project: project.id, plan: plan.id, checkpoint: report.checkpointId },
    first,
    paused: { success: report.success, alreadyPaused: report.alreadyPaused },
    hasCheckpoint: report.checkpointId.length === 26,
    waiting: {
      hold: waiting.hold,
      last: waiting.lastCompletedStep,
      plan: waiting.id === plan.id,
    },
  };
}

export const begun = {
  first: { status: "held", hold: { reason: "enough" }, stepsDone: 2 },
  paused: { success: true, alreadyPaused: false },
  hasCheckpoint: true,
  waiting: { hold: "project_paused", last: 1, plan: true },
};

/** Goes on, in a store that was opened anew: resumes, runs to the end, rolls back, runs on. */
export async function goOn(hp, ids) {
  const project = await hp.project(ids.project);
  const plan = await hp.plan(ids.project, ids.plan);
  const whilePaused = await plan.run(work);
  await project.resume();
  const done = [];
  const rest = await plan.run((step) => {
    done.push([step.index, step.title, step.input]);
    return work(step);
  });
  const before = plan.getSnapshot().lastCompletedStep;
  const preview = await plan.rollback(ids.checkpoint, { dryRun: true });
  const unchanged = (await plan.get()).lastCompletedStep === before;
  const report = await plan.rollback(ids.checkpoint, preview.confirm);
  const back = (await plan.get()).lastCompletedStep;
  const again = await plan.run(work);
  const { clean, findings } = await project.verify();
  const { output } = await plan.step(3);
  return {
    whilePaused,
    done,
    rest,
    dryRun: preview.dryRun,
    unchanged,
    isAsShown: preview.paths.join() === report.paths.join() && report.paths.length > 0,
    back,
    again,
    output,
    clean,
    findings,
  };
}

export const goneOn = {
  whilePaused: { status: "held", hold: { reason: "paused" }, stepsDone: 0 },
  done: [
    [2, "test", { runs: 2 }],
    [3, "ship", null],
  ],
  rest: { status: "completed", stepsDone: 2 },
  dryRun: true,
  unchanged: true,
  isAsShown: true,
  back: 1,
  again: { status: "completed", stepsDone: 2 },
  output: { did: "ship" },
  clean: true,
  findings: [],
};

function work(step) {
  step.addContext({ agent: "coder", kind: "code", text: `// ${step.title}` });
  return Promise.resolve({ did: step.title });
}
