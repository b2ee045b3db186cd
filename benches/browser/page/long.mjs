// One project that grows to 100,000 items and 50,000 entries: what a commit and a checkpoint cost
// may not grow with it; what reads or writes a whole state may, in proportion.
import { answer, holdpoint, inTurns, item, openDatabase, spread, time } from "./support.mjs";

const STEPS = 400;
/** How often what takes longer is done. */
const FEW = 5;

const nameOf = (items) => `long ${items}`;
const open = async (items, options = {}) =>
  (await holdpoint()).open({ name: nameOf(items), ...options });

/** Makes a project with so many items, and with an entry for every two of them. */
export async function make({ items }) {
  const store = await open(items, { durability: "relaxed" });
  const created = await store.execute({ command: { type: "create_project", name: "bench" } });
  const { project } = created;
  const now = Date.now();
  for (let from = 0; from < items; from += 2) {
    // Bodies have no part in what is measured, so few of them differ.
    const some = [from, from + 1].map((number) => item(number, now, 50));
    await store.execute({ project, command: { type: "add_context", items: some } });
  }
  store.close();
  return project;
}

async function startedPlan(store, project) {
  const steps = Array.from({ length: STEPS }, (_, number) => ({ title: `step ${number}` }));
  const plan = { request: "go on with it", steps, settings: { max_reversions: 1_000 } };
  const created = await store.execute({ project, command: { type: "create_plan", plan } });
  const made = created.outcome.plan;
  await store.execute({ project, command: { type: "start_plan", plan: made } });
  return made;
}

async function start(store, project, plan) {
  const started = await store.execute({ project, command: { type: "start_step", plan } });
  return started.outcome.attempt;
}

const complete = (store, project, plan, attempt) =>
  store.execute({ project, command: { type: "complete_step", plan, attempt, output: '"done"' } });

async function checkpoint(store, project) {
  const command = { type: "create_checkpoint", checkpoint: { name: "a checkpoint" } };
  return (await store.execute({ project, command })).outcome.checkpoint;
}

const addItem = (store, project) =>
  store.execute({
    project,
    command: { type: "add_context", items: [item(0, Date.now(), 50)] },
  });

/** What may not grow: commits and checkpoints, of all sizes in turns. */
export async function commits({ projects, rounds, warmUp }) {
  const works = {};
  for (const { items, project } of projects) {
    const store = await open(items);
    const plan = await startedPlan(store, project);
    works[items] = async () => {
      const added = await time(() => addItem(store, project));
      const attempt = await start(store, project, plan);
      const completed = await time(() => complete(store, project, plan, attempt));
      const taken = await time(() => checkpoint(store, project));
      return {
        [`${items} add an item`]: added,
        [`${items} complete a step`]: completed,
        [`${items} checkpoint`]: taken,
      };
    };
  }
  const times = await inTurns(works, { rounds, warmUp });
  const of = (what) => projects.map(({ items }) => times[`${items} ${what}`]);
  return ["add an item", "complete a step", "checkpoint"].map((what) => ({
    what,
    times: of(what),
  }));
}

/** In a page of its own: opens the store and asks how the project is. */
export async function opening({ items, project }) {
  await holdpoint();
  const taken = await time(async () => {
    const store = await open(items);
    await store.query({ type: "project", project });
  });
  return { taken, memory: await memory() };
}

/** How much memory the module has taken, in bytes: it never gives any back. */
async function memory() {
  const loaded = await import("/wasm/holdpoint.js");
  return (await loaded.default()).memory.buffer.byteLength;
}

/** What reads or writes whole states, of one size. */
export async function wholes({ items, project }) {
  const store = await open(items);
  const rollBack = (before) =>
    store.execute({ project, command: { type: "rollback_project", checkpoint: before } });
  const before = await checkpoint(store, project);
  const pauseCold = await time(() => store.pause(project));
  await store.resume(project);
  const pauseBack = await time(() => rollBack(before));
  await store.pause(project);
  const plans = [];
  const pauses = [];
  const projects = [];
  for (let round = 0; round < FEW; round += 1) {
    await store.resume(project);
    pauses.push(await time(() => store.pause(project)));
  }
  await store.resume(project);
  const plan = await startedPlan(store, project);
  const step = async () => complete(store, project, plan, await start(store, project, plan));
  await step();
  for (let round = 0; round < FEW; round += 1) {
    await step();
    plans.push(
      await time(() => store.execute({ project, command: { type: "rollback_plan", plan } })),
    );
    const earlier = await checkpoint(store, project);
    await addItem(store, project);
    projects.push(await time(() => rollBack(earlier)));
  }
  store.close();
  const middle = (times) => spread(times).p50;
  return {
    "pause, a third of it cold": pauseCold,
    "pause, nothing cold": middle(pauses),
    "roll the plan back by a step": middle(plans),
    "roll the project back by an item": middle(projects),
    "roll the project back over the pause": pauseBack,
    memory: await memory(),
    ...(await weight(items)),
  };
}

/** How many entries there are, and how large the newest snapshot is. */
async function weight(items) {
  const database = await openDatabase(nameOf(items));
  const transaction = database.transaction(["entries", "snapshots"]);
  const entries = await answer(transaction.objectStore("entries").count());
  const snapshots = transaction.objectStore("snapshots");
  const keys = await answer(snapshots.getAllKeys());
  const newest = keys.length > 0 ? await answer(snapshots.get(keys.at(-1))) : undefined;
  database.close();
  return { entries, snapshots: keys.length, snapshot: newest?.text.length ?? 0 };
}
