// 10 to 10,000 checkpoints in one project, by the npm package: taking one and listing some may not
// grow with them.
import { answer, inTurns, openDatabase, spread, time } from "./support.mjs";

const ITEMS = 1_000;
const PAGE = 10;
/** How often what takes longer is done. */
const FEW = 5;
/** Beyond what any checkpoint here is let go of. */
const RETENTION = { perPlan: 1_000_000, ofProject: 1_000_000 };

const nameOf = (count) => `checkpoints ${count}`;

async function open(count, options = {}) {
  const { Holdpoint } = await import("/holdpoint/index.js");
  return Holdpoint.open({ name: nameOf(count), ...options });
}

const take = (project) => project.createCheckpoint({ name: "a checkpoint" });

/** Makes a project with so many checkpoints, which all differ: between two of them an item is used. */
export async function make({ count }) {
  const hp = await open(count, { durability: "relaxed" });
  const settings = { retention: RETENTION };
  const project = await hp.createProject({ name: "bench", settings });
  const text = "what an agent found out about something";
  const items = Array.from({ length: ITEMS }, () => ({ agent: "agent", kind: "code", text }));
  const ids = await project.addContext(items);
  const checkpoints = [];
  for (let number = 0; number < count; number += 1) {
    await project.touchItems([ids[number % ITEMS]]);
    checkpoints.push(await take(project));
  }
  hp.close();
  return { count, project: project.id, checkpoints };
}

/** What may not grow, of all sizes in turns. */
export async function flat({ projects, rounds, warmUp }) {
  const works = {};
  for (const { count, project: id, checkpoints } of projects) {
    const hp = await open(count);
    const project = await hp.project(id);
    const middle = { project: id, number: Math.floor(count / 2) + 1 };
    const last = checkpoints.at(-1);
    works[count] = async () => ({
      [`${count} take one`]: await time(() => take(project)),
      [`${count} the newest of all, one page`]: await time(() =>
        project.listCheckpoints({ limit: PAGE }),
      ),
      [`${count} a page from the middle on`]: await time(() =>
        project.listCheckpoints({ limit: PAGE, after: middle }),
      ),
      [`${count} one, with what was noted`]: await time(() => project.checkpoint(last)),
    });
  }
  const times = await inTurns(works, { rounds, warmUp });
  const what = Object.keys(times)
    .filter((name) => name.startsWith(`${projects[0].count} `))
    .map((name) => name.slice(`${projects[0].count} `.length));
  return what.map((name) => ({
    what: name,
    times: projects.map(({ count }) => times[`${count} ${name}`]),
  }));
}

/** In a page of its own: opens the store and loads the project. */
export async function opening({ count, project }) {
  await (await import("/holdpoint/index.js")).init();
  return time(async () => {
    const hp = await open(count);
    await hp.project(project);
  });
}

/** What reads states. */
export async function wholes({ count, project: id, checkpoints }) {
  const hp = await open(count);
  const project = await hp.project(id);
  const middle = checkpoints[Math.floor(checkpoints.length / 2)];
  const several = async (work) => {
    const times = [];
    for (let round = 0; round < FEW; round += 1) times.push(await time(work));
    return spread(times).p50;
  };
  const found = {
    "the project as it was at the first": await several(() => project.get({ at: checkpoints[0] })),
    "the project as it was at the middle one": await several(() => project.get({ at: middle })),
    "roll back to the newest": await several(() => project.rollback(checkpoints.at(-1))),
    "roll back to the first": await several(() => project.rollback(checkpoints[0])),
  };
  hp.close();
  return { ...found, ...(await weight(count)) };
}

/** How many entries there are, and how large the newest snapshot is. */
async function weight(count) {
  const database = await openDatabase(nameOf(count));
  const transaction = database.transaction(["entries", "snapshots"]);
  const entries = await answer(transaction.objectStore("entries").count());
  const snapshots = transaction.objectStore("snapshots");
  const keys = await answer(snapshots.getAllKeys());
  const newest = keys.length > 0 ? await answer(snapshots.get(keys.at(-1))) : undefined;
  database.close();
  return { entries, snapshot: newest?.text.length ?? 0 };
}
