// What a person does with Holdpoint, one kind of call after the other, for tests in which something
// befalls the storage at each of them.

/** After so long a call counts as one that never settles. Nothing else rests on the time. */
export const DEADLINE = 60_000;

/**
 * Has the tab know the phases: `phases[name]()` is the call, and `settles(name)` makes it and says
 * which one hangs. Runs in the tab.
 */
export function install({ name, deadline }) {
  const incompressible = (length) => {
    const bytes = crypto.getRandomValues(new Uint8Array(Math.min(length, 60_000)));
    return btoa(String.fromCharCode(...bytes)).slice(0, length);
  };
  const within = async (what, call) => {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`never settled: ${what}`)), deadline);
    });
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
    }
  };
  window.incompressible = incompressible;
  window.openPhases = async (actor = "ana", options = {}) => {
    window.ended = 0;
    const terminated = () => (window.ended += 1);
    const opening = holdpoint.Holdpoint.open({ name, actor, terminated, ...options });
    window.hp = await within("open", opening);
  };
  const steps = Array.from({ length: 60 }, (_, index) => `step ${index}`);
  const trajectory = () =>
    JSON.stringify({
      environment: "test",
      trajectory: Array.from({ length: 30 }, (_, index) => ({
        thought: `I count to ${index}.`,
        action: `echo ${index}`,
        observation: incompressible(1000),
      })),
      history: [{ role: "user", content: "Count" }],
      info: {},
    });
  const readAll = async (stream) => {
    const pieces = [];
    for (const reader = stream.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return new Blob(pieces).arrayBuffer();
      pieces.push(value);
    }
  };

  /** A project in the middle of everything, for all that follows. */
  window.begin = async () => {
    window.project = await hp.createProject({ name: "phases" });
    window.plan = await project.createPlan({
      request: "Count",
      steps,
      settings: { maxReversions: 1000 },
    });
    const [item] = await project.addContext(
      Array.from({ length: 40 }, (_, index) => ({
        agent: "coder",
        kind: "log",
        text: `item ${index} ${incompressible(500)}`,
        createdAt: new Date(Date.now() - 30 * 86_400_000).toISOString(),
      })),
    );
    window.item = item;
    window.checkpoint = await plan.createCheckpoint({ name: "before" });
    await plan.run(() => incompressible(500), { limit: 3 });
    window.bundle = await readAll(project.exportBundle());
    return { project: project.id, plan: plan.id };
  };

  /** Those that write. What each does is seen in how many projects and entries there are. */
  window.phases = {
    create: () => hp.createProject({ name: `another ${incompressible(100)}` }),
    plan: () => project.createPlan({ request: incompressible(3000), steps }),
    context: () =>
      project.addContext({ agent: "coder", kind: "log", text: incompressible(20_000) }),
    run: () => plan.run(() => incompressible(500), { limit: 2 }),
    checkpoint: () => plan.createCheckpoint({ name: "now", description: incompressible(400) }),
    pause: () => project.pause({ reason: "phases" }),
    // From where it was, so that everything is as before.
    resume: async () => project.resume(),
    rollback: () => plan.rollback(checkpoint),
    fork: () => project.fork({ name: "a fork" }),
    import: () => hp.importTrajectory(trajectory(), "phases.traj"),
    copy: () => hp.importBundle(bundle, { asCopies: true }),
    redact: () => project.redactItem(item),
    retention: () => project.setRetention({ perPlan: 20, ofProject: 20 }),
    rename: () => project.rename(incompressible(60)),
  };
  /** Those that only read. */
  window.reads = {
    list: () => hp.listProjects(),
    resumable: () => hp.listResumable(),
    show: () => project.get(),
    showPlan: () => plan.get(),
    history: () => project.history(),
    entries: () => entriesOf(project),
    export: () => readAll(hp.exportBundle()),
    statistics: () => hp.statistics(),
    dryRun: () => plan.rollback(checkpoint, { dryRun: true }),
    verify: () => project.verify(),
  };
  window.settles = (what) =>
    outcomeOf(async () => {
      await within(what, (phases[what] ?? reads[what])());
    });

  /** Makes these calls one after the other until it is told to stop; what came of each. */
  window.keepOn = async (names) => {
    window.isOver = false;
    const outcomes = [];
    for (let index = 0; !isOver || index % names.length > 0; index += 1) {
      const { error } = await settles(names[index % names.length]);
      outcomes.push(error ?? "done");
    }
    return outcomes;
  };

  /** All there is: each project with its digests, and what a check of it finds. */
  window.everything = async () => {
    const all = {};
    const findings = [];
    const { items } = await within("list", hp.listProjects());
    for (const { id } of items) {
      const one = await within("project", hp.project(id));
      all[id] = [];
      for (let after = 0; ;) {
        const page = await within("history", one.history({ after, limit: 500 }));
        all[id].push(...page.items.map(({ digest, revision }) => `${revision} ${digest}`));
        if (page.next === null) break;
        after = page.next;
      }
      findings.push(...(await within("verify", one.verify())).findings);
    }
    return { all, findings };
  };
}
