// From nothing to the first answer, in a page that was just opened.
import { answer, holdpoint, openDatabase } from "./support.mjs";

const NAME = "start";

export async function make({ projects }) {
  const store = await (await holdpoint()).open({ name: NAME });
  for (let number = 0; number < projects; number += 1) {
    const steps = Array.from({ length: 10 }, (_, step) => ({ title: `step ${step}` }));
    const plan = { plan: { request: `plan ${number}`, steps } };
    await store.execute({ command: { type: "create_project", name: `project ${number}`, plan } });
  }
  store.close();
}

/** Times are since the navigation began. */
export async function engine() {
  const Holdpoint = await holdpoint();
  const loaded = performance.now();
  const store = await Holdpoint.open({ name: NAME });
  const opened = performance.now();
  const found = await store.query({ type: "resumable" });
  return { loaded, opened, answered: performance.now(), rows: found.length };
}

export async function bare() {
  const loaded = performance.now();
  const database = await openDatabase(NAME);
  const opened = performance.now();
  const found = await answer(database.transaction(["plans"]).objectStore("plans").getAll());
  return { loaded, opened, answered: performance.now(), rows: found.length };
}

/** When the browser has drawn what is in the page now. */
function drawn() {
  return new Promise((resolve) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      port2.postMessage(undefined);
    }),
  );
}

async function showNames(names) {
  const list = document.createElement("ul");
  for (const name of names)
    list.append(Object.assign(document.createElement("li"), { textContent: name }));
  document.body.append(list);
  const shown = await drawn();
  const asked = performance.getEntriesByType("resource");
  const transferred = asked.reduce((sum, { transferSize }) => sum + transferSize, 0);
  return { shown, rows: list.children.length, transferred };
}

/** From the navigation to the list of projects on the screen, by the npm package. */
export async function listByPackage() {
  const { Holdpoint } = await import(new URL("holdpoint/index.js", document.baseURI).href);
  const loaded = performance.now();
  const hp = await Holdpoint.open({ name: NAME });
  const opened = performance.now();
  const { items } = await hp.listProjects();
  const answered = performance.now();
  return { loaded, opened, answered, ...(await showNames(items.map(({ name }) => name))) };
}

/** The same list by IndexedDB alone. */
export async function listByHand() {
  const loaded = performance.now();
  const database = await openDatabase(NAME);
  const opened = performance.now();
  const found = await answer(database.transaction(["projects"]).objectStore("projects").getAll());
  const answered = performance.now();
  return { loaded, opened, answered, ...(await showNames(found.map(({ name }) => name))) };
}

/** Compiling alone: each time other bytes, since Chromium keeps what it has compiled. */
export async function compile({ rounds }) {
  const compiles = [];
  const instances = [];
  const exactly = [];
  for (let round = 0; round < rounds; round += 1) {
    const bytes = await (await fetch("/wasm/holdpoint_bg.wasm")).arrayBuffer();
    const start = performance.now();
    await WebAssembly.compile(bytes);
    compiles.push(performance.now() - start);
  }
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await WebAssembly.compileStreaming(fetch("/wasm/holdpoint_bg.wasm"));
    instances.push(performance.now() - start);
  }
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await (await fetch("/wasm/holdpoint_bg.wasm")).arrayBuffer();
    exactly.push(performance.now() - start);
  }
  return { compiles, streaming: instances, downloads: exactly };
}
