// 1,000 projects with 10 plans each: what is asked of them is answered from rows, so a page costs
// what it costs of 10 projects, and a whole list what is in it.
import { holdpoint, inTurns, time } from "./support.mjs";

const PLANS = 10;
/** So much of an id that nobody else's begins so: its first ten say only when it was made. */
const BEGINNING = 20;
/** How many projects are made at once. */
const AT_ONCE = 10;

/** A project with ten plans, every other of them started and the others cancelled. */
async function makeProject(store) {
  const named = { type: "create_project", name: "one of many" };
  const { project } = await store.execute({ command: named });
  let made;
  for (let number = 0; number < PLANS; number += 1) {
    const plan = { request: "one of ten", steps: [{ title: "first" }, { title: "second" }] };
    const created = await store.execute({ project, command: { type: "create_plan", plan } });
    made = created.outcome.plan;
    const type = number % 2 === 0 ? "start_plan" : "cancel_plan";
    await store.execute({ project, command: { type, plan: made } });
  }
  return { project, plan: made };
}

/** What can be asked, and whether its answer is of one size. */
function questions({ store, middle }) {
  const rows = async (query) => (await store.query(query)).rows.length;
  const { project, plan } = middle;
  const all = async (query) => {
    let count = 0;
    let after;
    do {
      const page = await store.query({ ...query, limit: 500, ...(after && { after }) });
      count += page.rows.length;
      after = page.next;
    } while (after);
    return count;
  };
  const id_starts_with = (id) => id.slice(0, BEGINNING);
  const after = { project, number: 0 };
  return {
    "10 projects": () => rows({ type: "projects", limit: 10 }),
    "5 projects, from the middle on": () => rows({ type: "projects", limit: 5, after }),
    "the plans of one project": () => rows({ type: "plans", project }),
    "50 unfinished plans": () => rows({ type: "plans", unfinished: true, limit: 50 }),
    "the unfinished plans of one project": () => rows({ type: "plans", project, unfinished: true }),
    "a project by how its id begins": () =>
      rows({ type: "projects", id_starts_with: id_starts_with(project) }),
    "a plan by how its id begins": () =>
      rows({ type: "plans", id_starts_with: id_starts_with(plan) }),
    "all projects": () => all({ type: "projects" }),
    "all plans that can go on": async () => (await store.query({ type: "resumable" })).length,
    "statistics of the store": async () =>
      (await store.query({ type: "store_statistics" })).totals.plans,
  };
}

/** Which object stores are asked while something is done. */
async function asked(work) {
  const names = new Set();
  const original = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, ...rest) {
    for (const name of [stores].flat()) names.add(name);
    return original.call(this, stores, ...rest);
  };
  try {
    await work();
  } finally {
    IDBDatabase.prototype.transaction = original;
  }
  return [...names].sort();
}

export async function run({ sizes, rounds, warmUp }) {
  const Holdpoint = await holdpoint();
  const stores = [];
  for (const size of sizes) {
    const store = await Holdpoint.open({ name: `many ${size}`, durability: "relaxed" });
    const made = [];
    while (made.length < size) {
      const length = Math.min(AT_ONCE, size - made.length);
      const some = Array.from({ length }, () => makeProject(store));
      made.push(...(await Promise.all(some)));
    }
    made.sort((one, other) => (one.project < other.project ? -1 : 1));
    stores.push({ size, store, middle: made[Math.floor(size / 2)] });
  }
  const found = [];
  const names = await asked(async () => {
    const bySize = stores.map((store) => [store.size, questions(store)]);
    for (const what of Object.keys(bySize[0][1])) {
      const counts = {};
      const works = bySize.map(([size, all]) => [
        size,
        () =>
          time(async () => {
            counts[size] = await all[what]();
          }),
      ]);
      const times = await inTurns(Object.fromEntries(works), { rounds, warmUp });
      found.push({ what, times: sizes.map((size) => times[size]), counts: Object.values(counts) });
    }
  });
  for (const { store } of stores) store.close();
  return { found, asked: names };
}
