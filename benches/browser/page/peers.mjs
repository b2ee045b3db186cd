// The task of `benches/peers`, carried out in a page.
import { back, watchWasm, work } from "/peers/task.mjs";
import { answer, bytes } from "./support.mjs";

async function contender({ module, make, options, kept }) {
  const { [make ?? "create"]: create } = await import(`/peers/${module}.mjs`);
  return create(options, kept);
}

/** The first part. */
export async function inFront(given) {
  const wasm = watchWasm();
  const made = await contender(given);
  const found = await work(made, given);
  await made.close();
  return { ...found, wasm: wasm() || undefined };
}

/** The second part, in a page that knows nothing of the first. */
export async function goBack(given) {
  return back(await contender(given), given);
}

/** Keys and values of all stores of all databases, as JSON, one by one: copies are large. */
export async function weigh() {
  let sum = 0;
  for (const { name } of await indexedDB.databases()) {
    const database = await answer(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const request = database.transaction([store]).objectStore(store).openCursor();
      await new Promise((resolve, reject) => {
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const cursor = request.result;
          if (cursor === null) return resolve();
          sum += bytes(cursor.key) + bytes(cursor.value);
          cursor.continue();
        };
      });
    }
    database.close();
  }
  return sum;
}
