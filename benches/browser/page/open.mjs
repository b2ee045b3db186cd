// Opening a project of 10,000 items and resuming it, against reading 10,000 rows of its size.
import {
  answer,
  completed,
  holdpoint,
  openDatabase,
  projectWithItems,
  settle,
} from "./support.mjs";
import { watch } from "./trace.mjs";

const NAME = "open";

/** Makes both databases, and the paused project in one of them. */
export async function make({ items, batch, after }) {
  const name = `${NAME} ${batch}`;
  const store = await (await holdpoint()).open({ name });
  const project = await projectWithItems(store, items, batch);
  for (let count = 0; count < after; count += 1) {
    await store.execute({ project, command: { type: "rename_project", name: `bench ${count}` } });
  }
  await store.pause(project);
  store.close();
  const own = await openDatabase(name);
  const transaction = own.transaction(["snapshots", "entries"]);
  // Its form is its own: only the key and the size are looked at.
  const snapshots = transaction.objectStore("snapshots");
  const [[, revision]] = (await answer(snapshots.getAllKeys())).slice(-1);
  const newest = await answer(snapshots.get([project, revision]));
  const entries = await answer(transaction.objectStore("entries").getAll());
  own.close();
  const itemsOf = ({ text }) =>
    JSON.parse(text).events.flatMap((event) => (event.type === "items_added" ? event.items : []));
  const records = entries.flatMap(itemsOf);
  const rows = await openDatabase(`${NAME} rows`, (database) =>
    database.createObjectStore("items"),
  );
  // The same rows for each history.
  const put = rows.transaction(["items"], "readwrite");
  put.objectStore("items").clear();
  for (const record of records) put.objectStore("items").put(record, record.id);
  await completed(put);
  rows.close();
  return {
    project,
    name,
    snapshot: {
      bytes: newest.text.length,
      items: entries.slice(0, revision).flatMap(itemsOf).length,
    },
    entries: {
      count: entries.length - revision,
      bytes: entries.slice(revision).reduce((sum, { text }) => sum + text.length, 0),
    },
    rowBytes: JSON.stringify(records[0]).length,
  };
}

/** In a page of its own: opens and resumes. */
export async function resume({ name, project, isTraced }) {
  const Holdpoint = await holdpoint();
  await settle(100);
  const trace = isTraced ? watch() : undefined;
  const start = performance.now();
  const store = await Holdpoint.open({ name });
  const opened = performance.now() - start;
  trace?.("opened");
  await store.resume(project);
  const all = performance.now() - start;
  const seen = trace?.();
  return { all, opened, seen, store: await pauseAgain(store, project) };
}

/** The same once more in the page where that was: the module is compiled to its best by then. */
export async function resumeWarm({ name, project, times }) {
  const found = [];
  for (let round = 0; round < times; round += 1) {
    found.push((await resume({ name, project })).all);
  }
  return found;
}

async function pauseAgain(store, project) {
  await store.pause(project);
  store.close();
}

/** In a page of its own: reads all rows. */
export async function rows({ items }) {
  await holdpoint();
  await settle(100);
  const start = performance.now();
  const database = await openDatabase(`${NAME} rows`);
  const opened = performance.now() - start;
  const all = await answer(database.transaction(["items"]).objectStore("items").getAll());
  const taken = performance.now() - start;
  if (all.length !== items) throw new Error(`expected ${items} rows, found ${all.length}`);
  database.close();
  return { all: taken, read: taken - opened };
}
