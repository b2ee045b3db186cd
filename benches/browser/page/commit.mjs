// A commit, engine and border and all, against a bare transaction that puts the same.
import { likeness, recorded, renewed } from "./record.mjs";
import { bytes, completed, holdpoint, inTurns, openDatabase, settle, time } from "./support.mjs";

const STEPS = 1000;
/** Without checkpoints of its own, so that all commits put the same. */
const SETTINGS = { auto_checkpoint_interval: 0 };
const OUTPUT = JSON.stringify({ result: "x".repeat(300) });

/** A project with a plan of many steps, and the commands that go through them. */
async function worker(durability) {
  const name = `commit ${durability}`;
  const store = await (await holdpoint()).open({ name, durability });
  const steps = Array.from({ length: STEPS }, (_, step) => ({ title: `step ${step}` }));
  const plan = { plan: { request: "bench", steps, settings: SETTINGS } };
  const command = { type: "create_project", name: "bench", plan };
  const { project, outcome } = await store.execute({ command });
  const id = outcome.plan;
  let attempt = 0;
  return {
    name,
    start: async () => {
      const request = { project, command: { type: "start_step", plan: id } };
      attempt = (await store.execute(request)).outcome.attempt;
    },
    complete: () =>
      store.execute({
        project,
        command: { type: "complete_step", plan: id, attempt, output: OUTPUT },
      }),
  };
}

/** The same by the npm package, which has a module of its own. */
async function packaged() {
  const { Holdpoint } = await import("/holdpoint/index.js");
  const hp = await Holdpoint.open({ name: "commit package" });
  const project = await hp.createProject({ name: "bench" });
  const steps = Array.from({ length: STEPS }, (_, step) => `step ${step}`);
  const settings = { autoCheckpointInterval: SETTINGS.auto_checkpoint_interval };
  const plan = await project.createPlan({ request: "bench", steps, settings });
  await project.execute({ type: "start_plan", plan: plan.id });
  const output = JSON.parse(OUTPUT);
  let attempt = 0;
  return {
    start: async () => {
      const { outcome } = await project.execute({ type: "start_step", plan: plan.id });
      attempt = outcome.attempt;
    },
    complete: () => project.execute({ type: "complete_step", plan: plan.id, attempt, output }),
  };
}

/** Of the bare transactions so far: each has keys of its own. */
let number = 0;

/** Puts the same as a commit, in one transaction, with nothing around it. */
function bare(database, writes, durability, isExplicit) {
  const stores = [...new Set(writes.map((write) => write.store))];
  return () => {
    const renewedWrites = renewed(writes, (number += 1));
    return time(() => {
      const transaction = database.transaction(stores, "readwrite", { durability });
      for (const { store, method, value, key } of renewedWrites) {
        transaction.objectStore(store)[method](value, key);
      }
      if (isExplicit) transaction.commit();
      return completed(transaction);
    });
  };
}

export async function run(options) {
  const strict = await worker("strict");
  const relaxed = await worker("relaxed");
  const byPackage = await packaged();
  await strict.start();
  const ofStart = await recorded(async () => {
    await strict.complete();
    await strict.start();
  });
  const ofComplete = await recorded(strict.complete);
  await relaxed.start();
  await relaxed.complete();

  const own = await openDatabase(strict.name);
  const plain = await likeness(own, "bare plain", false);
  const indexed = await likeness(own, "bare indexed", true);
  own.close();

  const started = ofStart.slice(ofComplete.length);
  const times = await inTurns(
    {
      strict: async () => ({
        startStrict: await time(strict.start),
        completeStrict: (await settle(), await time(strict.complete)),
      }),
      relaxed: async () => ({
        startRelaxed: await time(relaxed.start),
        completeRelaxed: (await settle(), await time(relaxed.complete)),
      }),
      package: async () => {
        await byPackage.start();
        await settle();
        return { completePackage: await time(byPackage.complete) };
      },
      bareStart: bare(indexed, started, "strict", false),
      barePlain: bare(plain, ofComplete, "strict", false),
      bareIndexed: bare(indexed, ofComplete, "strict", false),
      bareExplicit: bare(indexed, ofComplete, "strict", true),
      bareRelaxed: bare(indexed, ofComplete, "relaxed", false),
      bareRelaxedExplicit: bare(indexed, ofComplete, "relaxed", true),
    },
    options,
  );
  plain.close();
  indexed.close();
  const weight = (writes) =>
    writes.reduce((sum, { key, value }) => sum + bytes(key) + bytes(value), 0);
  return {
    times,
    complete: { puts: ofComplete.map((write) => write.store), bytes: weight(ofComplete) },
    start: { puts: started.map((write) => write.store), bytes: weight(started) },
  };
}
