// Every place of the package where somebody can put a text or JSON, and where it comes back.
//
// A place is prepared (`ready`), given something (`put`), and asked for what was kept (`got`): by what
// `put` gave, on any store that has the project, a copy of it too. `again` prepares it for the next.
import { data, noData, noTexts } from "./values.mjs";

const of = (unit, most, isBlankAllowed = false) => ({ unit, most, isBlankAllowed });
const NAME = of("characters", 200);
/** The same where there may be none. */
const NAMED = { ...NAME, isOptional: true };
const KIND = of("characters", 50);
const TITLE = of("characters", 100);
const DESCRIPTION = { ...of("characters", 500, true), isOptional: true };
const REASON = { ...of("characters", 2000, true), isOptional: true };
const REJECTION = of("characters", 2000);
const LONG = of("bytes", 2 ** 20);
const BODY = of("characters", 100_000);

const item = { agent: "coder", kind: "note", text: "x" };
const many = { maxReversions: 1_000_000, maxAttempts: 1_000_000, autoCheckpointInterval: 0 };
let made = 0;
/** What was never there before: a text that is removed for good stays removed. */
const fresh = () => `text ${(made += 1)}`;

const projectOf = (hp, { project }) => hp.project(project);
const planOf = (hp, { project, plan }) => hp.plan(project, plan);
/** Where it is now: what has just been done stands at this revision. */
const at = async (project) => ({ project: project.id, revision: (await project.get()).revision });
async function entry(hp, { project, revision }) {
  const { items } = await (await hp.project(project)).history({ after: revision - 1, limit: 1 });
  return items[0];
}
/** What the event of this type says, in the entry that was made. */
const said = (type, field) => async (hp, ticket) => {
  const { events } = await entry(hp, ticket);
  return events.find((event) => event.type === type)[field];
};
const actor = async (hp, ticket) => (await entry(hp, ticket)).actor;

async function withProject(hp) {
  const settings = { retention: { perPlan: 1_000_000, ofProject: 1_000_000 } };
  const project = await hp.createProject({ name: "place", settings });
  return { hp, project };
}
const withPlan = (steps, gates = {}) =>
  async function ready(hp) {
    const world = await withProject(hp);
    world.plan = await world.project.createPlan({
      request: "x",
      settings: { ...many, gates },
      ...steps,
    });
    await world.plan.start();
    return world;
  };
const done = (plan) => plan.run((step) => `done ${step.index}`);
const begun = async (world) => {
  world.steps?.return();
  world.steps = world.plan.steps();
  world.step = (await world.steps.next()).value;
};
const withStep = async (hp) => {
  const world = await withPlan({ steps: ["a"] })(hp);
  await begun(world);
  return world;
};
/** A plan of one step that is begun, for each. */
const anotherStep = async (world) => {
  world.plan = await world.project.createPlan({ request: "x", steps: ["a"], settings: many });
  await world.plan.start();
  await begun(world);
};

/** The reading half of a place of a checkpoint's. */
const checkpointField = (field) => async (hp, ticket) =>
  (await (await projectOf(hp, ticket)).checkpoint(ticket.checkpoint))[field];
const checkpoint = (field, limit) => ({
  name: `createCheckpoint: ${field}`,
  limit,
  ready: withProject,
  put: async ({ project }, text) => ({
    project: project.id,
    checkpoint: await project.createCheckpoint({ name: "x", [field]: text }),
  }),
  got: checkpointField(field),
});
const itemField = (field) => async (hp, ticket) =>
  (await (await projectOf(hp, ticket)).item(ticket.item))[field];
/** What an agent or its items are asked for by has to find them. */
const itemOfAgent = async (hp, ticket) => {
  const project = await projectOf(hp, ticket);
  const { agent } = await project.item(ticket.item);
  const { items } = await project.listContext({ agent });
  if (!items.some(({ id }) => id === ticket.item))
    throw new Error(`not found by its agent: ${agent}`);
  const { agents } = await project.statistics();
  if (!agents.some((one) => one.agent === agent)) throw new Error(`not in the figures: ${agent}`);
  return agent;
};
const context = (field, limit) => ({
  name: `addContext: ${field}`,
  limit,
  ready: withProject,
  put: async ({ project }, text) => {
    const [id] = await project.addContext({ ...item, [field]: text });
    return { project: project.id, item: id };
  },
  got: field === "agent" ? itemOfAgent : itemField(field),
});
const resultContext = (field, limit) => ({
  name: `step.complete: context, ${field}`,
  limit,
  ready: withStep,
  put: async ({ project, plan, step }, text) => {
    const { items } = await step.complete({ output: 1, context: [{ ...item, [field]: text }] });
    return { project: project.id, item: items[0] };
  },
  got: itemField(field),
  again: anotherStep,
});

/** Where a text is kept. */
export const textPlaces = [
  {
    name: "createProject: name",
    limit: NAME,
    ready: async (hp) => ({ hp }),
    put: async ({ hp }, name) => at(await hp.createProject({ name })),
    got: async (hp, ticket) => (await (await projectOf(hp, ticket)).get()).name,
  },
  {
    name: "createProject: actor",
    limit: NAMED,
    ready: async (hp) => ({ hp }),
    put: async ({ hp }, actor) => at(await hp.createProject({ name: "x" }, { actor })),
    got: actor,
  },
  {
    name: "createProject: request of its plan",
    limit: LONG,
    ready: async (hp) => ({ hp }),
    put: async ({ hp }, request) => {
      const project = await hp.createProject({ name: "x", plan: { request, steps: ["a"] } });
      return { project: project.id, plan: (await project.listPlans()).items[0].id };
    },
    got: async (hp, ticket) => (await (await planOf(hp, ticket)).get()).request,
  },
  {
    name: "rename: name",
    limit: NAME,
    ready: withProject,
    put: async ({ project }, name) => (await project.rename(name), at(project)),
    got: async (hp, ticket) =>
      (await (await projectOf(hp, ticket)).get({ at: `@${ticket.revision}` })).name,
  },
  {
    name: "rename: actor",
    limit: NAMED,
    ready: withProject,
    put: async ({ project }, actor) => (await project.rename(fresh(), { actor }), at(project)),
    // Whoever looks for what somebody did finds it by their name.
    got: async (hp, ticket) => {
      const name = await actor(hp, ticket);
      const { items } = await (await projectOf(hp, ticket)).history({ actor: name });
      if (!items.some(({ revision }) => revision === ticket.revision)) throw new Error("not found");
      return name;
    },
  },
  {
    name: "pause: reason",
    limit: REASON,
    ready: withProject,
    put: async ({ project }, reason) => {
      const report = await project.pause({ reason });
      if (report.reason !== reason) throw new Error(`reported: ${report.reason}`);
      return at(project);
    },
    got: async (hp, ticket) =>
      (await (await projectOf(hp, ticket)).get({ at: `@${ticket.revision}` })).pause.reason,
    again: ({ project }) => project.resume(),
  },
  {
    name: "stop: reason",
    limit: REASON,
    ready: withProject,
    put: async ({ project }, reason) => (await project.stop({ reason }), at(project)),
    got: said("project_stopped", "reason"),
    again: ({ project }) => project.start(),
  },
  {
    name: "fork: name",
    limit: NAMED,
    ready: withProject,
    put: async ({ project }, name) => at(await project.fork({ name })),
    got: async (hp, ticket) => (await (await projectOf(hp, ticket)).get()).name,
  },
  {
    name: "createPlan: request",
    limit: LONG,
    ready: withProject,
    put: async ({ project }, request) => ({
      project: project.id,
      plan: (await project.createPlan({ request })).id,
    }),
    got: async (hp, ticket) => (await (await planOf(hp, ticket)).get()).request,
  },
  {
    name: "createPlan: a step as a text",
    limit: NAME,
    ready: withProject,
    put: async ({ project }, step) => ({
      project: project.id,
      plan: (await project.createPlan({ request: "x", steps: ["a", step] })).id,
    }),
    got: async (hp, ticket) => (await (await planOf(hp, ticket)).get()).stepList[1].title,
  },
  {
    name: "createPlan: title of a step",
    limit: NAME,
    ready: withProject,
    put: async ({ project }, title) => ({
      project: project.id,
      plan: (await project.createPlan({ request: "x", steps: [{ title }] })).id,
    }),
    got: async (hp, ticket) => (await (await planOf(hp, ticket)).step(0)).title,
  },
  {
    name: "submit: text",
    limit: LONG,
    ready: withPlan({}, { plan: true }),
    put: async ({ project, plan }, text) => {
      await plan.submit({ text, steps: ["a"] });
      return { ...(await at(project)), plan: plan.id };
    },
    got: async (hp, ticket) =>
      (await (await planOf(hp, ticket)).get({ at: `@${ticket.revision}` })).submitted.text,
    again: async ({ plan }) =>
      plan.reject(plan.getSnapshot().next.submission, { reason: "once more" }),
  },
  {
    name: "submit: title of a step",
    limit: NAME,
    ready: withPlan({}, { plan: true }),
    put: async ({ project, plan }, title) => {
      await plan.submit({ text: "x", steps: [{ title }] });
      return { ...(await at(project)), plan: plan.id };
    },
    got: async (hp, ticket) =>
      (await (await planOf(hp, ticket)).get({ at: `@${ticket.revision}` })).stepList[0].title,
    again: async ({ plan }) =>
      plan.reject(plan.getSnapshot().next.submission, { reason: "once more" }),
  },
  {
    name: "reject: reason",
    limit: REJECTION,
    ready: async (hp) => {
      const world = await withPlan({}, { plan: true })(hp);
      await world.plan.submit({ text: "x", steps: ["a"] });
      return world;
    },
    put: async ({ project, plan }, reason) => {
      await plan.reject(plan.getSnapshot().next.submission, { reason });
      return {
        ...(await at(project)),
        plan: plan.id,
        verdict: plan.getSnapshot().verdicts.length - 1,
      };
    },
    got: async (hp, ticket) =>
      (await (await planOf(hp, ticket)).get()).verdicts[ticket.verdict].reason,
    again: ({ plan }) => plan.submit({ text: "x", steps: ["a"] }),
  },
  ...[
    ["recordReview", "review", "notes"],
    ["recordVerification", "verification", "details"],
  ].map(([method, gate, field]) => ({
    name: `${method}: ${field}`,
    limit: { ...LONG, isOptional: true },
    ready: async (hp) => {
      const world = await withPlan({ steps: ["a"] }, { [gate]: true })(hp);
      await done(world.plan);
      await world.plan.get();
      return world;
    },
    put: async ({ project, plan }, text) => {
      const { submission } = (await plan.get()).next;
      await plan[method](submission, { passed: false, [field]: text, fromStep: 0 });
      return {
        project: project.id,
        plan: plan.id,
        verdict: plan.getSnapshot().verdicts.length - 1,
      };
    },
    got: async (hp, ticket) =>
      (await (await planOf(hp, ticket)).get()).verdicts[ticket.verdict].notes,
    // Another plan: a plan is read with all that was ever decided on it.
    again: async (world) => {
      const settings = { ...many, gates: { [gate]: true } };
      world.plan = await world.project.createPlan({ request: "x", steps: ["a"], settings });
      await world.plan.start();
      await done(world.plan);
    },
  })),
  {
    name: "plan.fail: error",
    limit: LONG,
    ready: withPlan({ steps: ["a"] }),
    put: async ({ project, plan }, error) => (
      await plan.fail(error),
      { ...(await at(project)), plan: plan.id }
    ),
    got: async (hp, ticket) =>
      (await (await planOf(hp, ticket)).get({ at: `@${ticket.revision}` })).failure.error,
    again: ({ plan }) => plan.retry(),
  },
  {
    name: "plan.cancel: reason",
    limit: REASON,
    ready: withPlan({ steps: ["a"] }),
    put: async ({ project, plan }, reason) => (await plan.cancel({ reason }), at(project)),
    got: said("plan_cancelled", "reason"),
    again: async (world) => {
      world.plan = await world.project.createPlan({ request: "x", steps: ["a"] });
    },
  },
  {
    name: "plan.revert: reason",
    limit: REASON,
    ready: async (hp) => {
      const world = await withPlan({ steps: ["a", "b"] })(hp);
      await world.plan.run(() => 1, { limit: 1 });
      return world;
    },
    put: async ({ project, plan }, reason) => {
      await plan.revert({ to: "implementing", fromStep: 0, reason });
      return at(project);
    },
    got: said("plan_reverted", "reason"),
    again: ({ plan }) => plan.run(() => 1, { limit: 1 }),
  },
  {
    name: "fail_step: error",
    limit: LONG,
    ready: withStep,
    put: async ({ project, plan, step }, error) => {
      const { attempt } = step;
      await project.execute({ type: "fail_step", plan: plan.id, attempt, error });
      return { ...(await at(project)), plan: plan.id };
    },
    got: async (hp, ticket) =>
      (await (await planOf(hp, ticket)).step(0, { at: `@${ticket.revision}` })).error,
    again: anotherStep,
  },
  context("agent", NAME),
  context("kind", KIND),
  context("text", BODY),
  resultContext("agent", NAME),
  resultContext("kind", KIND),
  resultContext("text", BODY),
  {
    name: "setAgent: agent",
    limit: NAME,
    ready: withProject,
    put: async ({ project }, agent) => (
      await project.setAgent(agent, { tokenLimit: 5 }),
      at(project)
    ),
    got: async (hp, ticket) => {
      const agent = await said("agent_set", "agent")(hp, ticket);
      const { agents } = await (await projectOf(hp, ticket)).get();
      return agents.find((one) => one.agent === agent)?.agent;
    },
  },
  {
    name: "redactItem: reason",
    limit: REASON,
    ready: async (hp) => {
      const world = await withProject(hp);
      [world.item] = await world.project.addContext({ ...item, text: fresh() });
      return world;
    },
    put: async ({ project, item }, reason) => {
      await project.redactItem(item, { reason });
      return { project: project.id, item };
    },
    got: async (hp, ticket) =>
      (await (await projectOf(hp, ticket)).item(ticket.item)).redacted.reason,
    again: async (world) => {
      [world.item] = await world.project.addContext({ ...item, text: fresh() });
    },
  },
  {
    name: "redactOutput: reason",
    limit: REASON,
    ready: async (hp) => {
      const world = await withPlan({ steps: ["a"] })(hp);
      await world.plan.run(fresh);
      return world;
    },
    put: async ({ project, plan }, reason) => {
      await plan.redactOutput(0, { reason });
      return { project: project.id, plan: plan.id };
    },
    got: async (hp, ticket) => (await (await planOf(hp, ticket)).step(0)).outputRedacted.reason,
    again: async (world) => {
      world.plan = await world.project.createPlan({ request: "x", steps: ["a"] });
      await world.plan.start();
      await world.plan.run(fresh);
    },
  },
  checkpoint("name", TITLE),
  checkpoint("description", DESCRIPTION),
  checkpoint("reason", REASON),
  checkpoint("sourceTool", NAMED),
  checkpoint("phase", NAMED),
  checkpoint("externalRef", NAMED),
  {
    name: "plan.createCheckpoint: name",
    limit: TITLE,
    ready: withPlan({ steps: ["a"] }),
    put: async ({ project, plan }, name) => ({
      project: project.id,
      checkpoint: await plan.createCheckpoint({ name }),
    }),
    got: checkpointField("name"),
  },
  {
    name: "rollback of a project: reason",
    limit: REASON,
    ready: async (hp) => {
      const world = await withProject(hp);
      world.checkpoint = await world.project.createCheckpoint({ name: "x" });
      await world.project.addContext(item);
      return world;
    },
    put: async ({ project, checkpoint }, reason) => (
      await project.rollback(checkpoint, { reason }),
      at(project)
    ),
    got: said("rolled_back", "reason"),
    again: ({ project }) => project.addContext(item),
  },
  {
    name: "rollback of a plan: reason",
    limit: REASON,
    ready: async (hp) => {
      const world = await withPlan({ steps: ["a", "b"] })(hp);
      world.checkpoint = await world.plan.createCheckpoint({ name: "x" });
      await world.plan.run(() => 1, { limit: 1 });
      return world;
    },
    put: async ({ project, plan, checkpoint }, reason) => (
      await plan.rollback(checkpoint, { reason }),
      at(project)
    ),
    got: said("rolled_back", "reason"),
    again: ({ plan }) => plan.run(() => 1, { limit: 1 }),
  },
];

/** Where a time is kept, as the moment that it is. */
export const timePlaces = [
  {
    name: "addContext: createdAt",
    put: async ({ project }, createdAt) => {
      const [id] = await project.addContext({ ...item, createdAt });
      const { createdAt: kept, importance } = await project.item(id);
      if (!(importance >= 0 && importance <= 1)) throw new Error(`importance ${importance}`);
      return kept;
    },
  },
];

/** Where a text stands for something else, and none of the corpus is that. */
export const closedPlaces = [
  ["project: id", ({ hp }, text) => hp.project(text)],
  ["verifyProject: id", ({ hp }, text) => hp.verifyProject(text)],
  ["deleteProject: id", ({ hp }, text) => hp.deleteProject(text)],
  ["plan: id", ({ project }, text) => project.plan(text)],
  ["item: id", ({ project }, text) => project.item(text)],
  ["checkpoint: id", ({ project }, text) => project.checkpoint(text)],
  ["rollback: checkpoint", ({ project }, text) => project.rollback(text)],
  ["resume: checkpoint", ({ project }, text) => project.resume({ checkpoint: text })],
  ["pinItems: items", ({ project }, text) => project.pinItems([text])],
  ["addContext: plan", ({ project }, text) => project.addContext({ ...item, plan: text })],
  ["rename: commandId", ({ project }, text) => project.rename("x", { commandId: text })],
  ["createProject: status", ({ hp }, text) => hp.createProject({ name: "x", status: text })],
  [
    "flashSave setting",
    ({ hp }, text) => hp.createProject({ name: "x", settings: { flashSave: text } }),
  ],
  ["redactBody: digest", ({ project }, text) => project.redactBody(text)],
  ["revert: to", ({ plan }, text) => plan.revert({ to: text })],
  ["execute: type", ({ project }, text) => project.execute({ type: text })],
  [
    "execute: a name of a field",
    ({ project }, text) => project.execute({ type: "pause", [text]: 1 }),
  ],
  [
    "createPlan: a gate",
    ({ project }, text) =>
      project.createPlan({ request: "x", settings: { gates: { [text]: true } } }),
  ],
  ["history: types", ({ project }, text) => project.history({ types: [text] })],
  ["history: from", ({ project }, text) => project.history({ from: text })],
  [
    "addContext: createdAt",
    ({ project }, text) => project.addContext({ ...item, createdAt: text }),
  ],
  [
    "exportBundle: projects",
    async ({ hp }, text) =>
      hp
        .exportBundle({ projects: [text] })
        .getReader()
        .read(),
  ],
  [
    "importTrajectory: text",
    ({ hp }, text) => hp.importTrajectory(text, "x.traj"),
    "TRAJECTORY_INVALID",
  ],
  [
    "importBundle: bytes",
    ({ hp }, text) => hp.importBundle(new TextEncoder().encode(text)),
    "BUNDLE_INVALID",
  ],
].map(([name, put, ...codes]) => ({ name, put, codes: ["INVALID_INPUT", "TOO_LONG", ...codes] }));
/** These of them say something where they are points in a project's past. */
const isPoint = (text) => text === "now" || text === "@1";
closedPlaces.push(
  ...[
    ["get: at", ({ project }, text) => project.get({ at: text })],
    ["diff: from", ({ project }, text) => project.diff(text)],
    ["diff: to", ({ project }, text) => project.diff("now", text)],
    ["fork: at", ({ project }, text) => project.fork({ at: text })],
  ].map(([name, put]) => ({ name, put, codes: ["INVALID_INPUT", "TOO_LONG"], isMeant: isPoint })),
);

/** Where a text says what is looked for: what is there of it is found, and nothing else. */
export const filters = [
  {
    name: "listContext: agent",
    limit: NAME,
    ask: async ({ project }, agent) =>
      (await project.listContext({ agent })).items.map((one) => one.agent),
  },
  {
    name: "history: actor",
    limit: NAME,
    ask: async ({ project }, actor) =>
      (await project.history({ actor })).items.map((one) => one.actor),
  },
  {
    name: "flashSave: agent",
    limit: NAME,
    ask: async ({ project }, agent) => {
      await project.flashSave({ agent }).catch((error) => {
        if (error.code !== "AGENT_NOT_FOUND") throw error;
      });
      return [];
    },
  },
];

const JSON_LIMIT = { bytes: 2 ** 20, depth: 100 };
const DATA_LIMIT = { bytes: 2 ** 16, depth: 32 };
const output = async (hp, ticket) => (await (await planOf(hp, ticket)).step(0)).output;
const input = async (hp, ticket) => (await (await planOf(hp, ticket)).step(0)).input;

/** Where any JSON is kept. */
export const jsonPlaces = [
  {
    name: "step.complete: output",
    limit: JSON_LIMIT,
    ready: withStep,
    put: async ({ project, plan, step }, output) => {
      await step.complete({ output });
      return { project: project.id, plan: plan.id };
    },
    got: output,
    again: anotherStep,
  },
  {
    name: "complete_step: output",
    limit: JSON_LIMIT,
    ready: withStep,
    put: async ({ project, plan, step }, output) => {
      await project.execute({
        type: "complete_step",
        plan: plan.id,
        attempt: step.attempt,
        output,
      });
      return { project: project.id, plan: plan.id };
    },
    got: output,
    again: anotherStep,
  },
  {
    name: "createPlan: input of a step",
    limit: JSON_LIMIT,
    ready: withProject,
    put: async ({ project }, input) => ({
      project: project.id,
      plan: (await project.createPlan({ request: "x", steps: [{ title: "a", input }] })).id,
    }),
    got: input,
  },
  {
    name: "submit: input of a step",
    limit: JSON_LIMIT,
    ready: withPlan({}),
    put: async ({ project, plan }, input) => {
      await plan.submit({ text: "x", steps: [{ title: "a", input }] });
      return { project: project.id, plan: plan.id };
    },
    got: input,
    again: async (world) => {
      world.plan = await world.project.createPlan({ request: "x" });
      await world.plan.start();
    },
  },
  {
    name: "createCheckpoint: data",
    limit: DATA_LIMIT,
    ready: withProject,
    put: async ({ project }, data) => ({
      project: project.id,
      checkpoint: await project.createCheckpoint({ name: "x", data }),
    }),
    got: checkpointField("data"),
  },
];
/** What is JSON is taken at each of these, what isn't is refused. */
export const jsonValues = [
  ...Object.entries(data).map(([what, make]) => ({ what, make, fate: "taken" })),
  ...Object.entries(noData).map(([what, make]) => ({ what, make, fate: "INVALID_INPUT" })),
];
