// A checkpoint is a bookmark: at 100,000 items it has to cost what it costs at 100.
import {
  answer,
  bytes,
  holdpoint,
  inTurns,
  openDatabase,
  projectWithItems,
  time,
} from "./support.mjs";

const NAME = "checkpoint";

/** Bytes of the entries and checkpoint rows of a project, with their keys and those of indexes. */
async function weight(database, project) {
  const range = IDBKeyRange.bound([project], [project, []]);
  let sum = 0;
  for (const name of ["entries", "checkpoints"]) {
    const store = database.transaction([name]).objectStore(name);
    const [keys, values] = await Promise.all(
      [store.getAllKeys(range), store.getAll(range)].map(answer),
    );
    for (const [place, value] of values.entries()) {
      sum += bytes(keys[place]) + bytes(value);
      for (const index of store.indexNames) {
        const parts = [store.index(index).keyPath].flat().map((path) => value[path]);
        if (parts.every((part) => part !== undefined)) sum += bytes(parts) + bytes(keys[place]);
      }
    }
  }
  return sum;
}

export async function run({ sizes, rounds, warmUp }) {
  const store = await (await holdpoint()).open({ name: NAME });
  const projects = [];
  for (const size of sizes) {
    projects.push({ size, project: await projectWithItems(store, size, Math.min(size, 5000)) });
  }
  const own = await openDatabase(NAME);
  for (const made of projects) made.before = await weight(own, made.project);
  let count = 0;
  const take = (project) => () => {
    const checkpoint = { name: `checkpoint ${(count += 1)}` };
    return time(() =>
      store.execute({ project, command: { type: "create_checkpoint", checkpoint } }),
    );
  };
  const works = Object.fromEntries(projects.map(({ size, project }) => [size, take(project)]));
  const times = await inTurns(works, { rounds, warmUp });
  const found = [];
  for (const { size, project, before } of projects) {
    const grown = (await weight(own, project)) - before;
    found.push({ size, ...times[size], bytes: grown / (rounds + warmUp) });
  }
  own.close();
  store.close();
  return found;
}
