// What stays in memory: after many commits, and after what is begun and ended over and over.
import { watchWasm } from "/peers/task.mjs";

const NAME = "heap";
/** How many projects are worked on at once, so that commits needn't wait for one another. */
const PROJECTS = 8;

let wasm;
let hp;
let projects;
let items;

export async function open() {
  wasm = watchWasm();
  const { Holdpoint } = await import("/holdpoint/index.js");
  hp = await Holdpoint.open({ name: NAME, durability: "relaxed" });
  projects = [];
  items = [];
  for (let number = 0; number < PROJECTS; number += 1) {
    const project = await hp.createProject({ name: `project ${number}` });
    const item = { agent: "agent", kind: "code", text: "what is used over and over" };
    items.push(await project.addContext(item));
    projects.push(project);
  }
}

/** Commits that leave the state as large as it was: an item is used. */
export async function commits({ count }) {
  const start = performance.now();
  await Promise.all(
    projects.map(async (project, place) => {
      for (let done = place; done < count; done += PROJECTS) {
        await project.touchItems(items[place]);
      }
    }),
  );
  return performance.now() - start;
}

/** Bytes of the module's memory, which never gets smaller. */
export async function memory() {
  return wasm();
}

/** Each is begun and ended so often. */
const CYCLES = {
  "subscribe, unsubscribe": async () => {
    const stop = projects[0].subscribe(() => undefined);
    // Until it has begun to hear: ending it before would be another thing.
    await projects[0].get();
    stop();
  },
  "on, off": async () => {
    const stop = hp.on("step_completed", () => undefined);
    await hp.listProjects({ limit: 1 });
    stop();
  },
  "a handle of a project": async () => {
    await hp.project(projects[0].id);
  },
  "open, close": async () => {
    const { Holdpoint } = await import("/holdpoint/index.js");
    const other = await Holdpoint.open({ name: NAME });
    await other.listProjects({ limit: 1 });
    other.close();
  },
  "a call that is refused": async () => {
    await hp.project("01ARZ3NDEKTSV4RRFFQ69G5FAV").catch(() => undefined);
  },
};

export const cycles = async () => Object.keys(CYCLES);

export async function cycle({ what, count }) {
  const start = performance.now();
  for (let done = 0; done < count; done += 1) await CYCLES[what]();
  return performance.now() - start;
}
