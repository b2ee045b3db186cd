// A pause that archives a third of 10,000 items is one append; against putting those rows one by
// one, in one transaction, as a store with a row for each item would.
import {
  answer,
  completed,
  holdpoint,
  inTurns,
  openDatabase,
  projectWithItems,
  settle,
  time,
} from "./support.mjs";

const COLD = 3333;

export async function run({ items, rounds, warmUp }) {
  const store = await (await holdpoint()).open({ name: "pause" });
  const rows = await openDatabase("pause rows", (database) => database.createObjectStore("items"));
  let records;
  const put = (isAwaited) => async () => {
    const transaction = rows.transaction(["items"], "readwrite", { durability: "strict" });
    const into = transaction.objectStore("items");
    const ended = completed(transaction);
    for (const record of records) {
      const request = into.put(record, record.id);
      if (isAwaited) await answer(request);
    }
    await ended;
  };
  const times = await inTurns(
    {
      pause: async () => {
        const project = await projectWithItems(store, items, items / 5);
        await settle(50);
        let report;
        const pause = await time(async () => (report = await store.pause(project)));
        if (report.items_archived !== COLD) {
          throw new Error(`expected ${COLD} cold items, found ${report.items_archived}`);
        }
        const query = { type: "context", project, archived: true, limit: COLD };
        records ??= (await store.query(query)).items;
        return pause;
      },
      rows: () => time(put(false)),
      rowsAwaited: () => time(put(true)),
    },
    { rounds, warmUp },
  );
  store.close();
  rows.close();
  return { times, cold: COLD, bytes: JSON.stringify(records[0]).length };
}
