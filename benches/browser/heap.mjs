// What stays in memory when the garbage has been collected: after so many commits, and after what is
// begun and ended over and over. `HOLDPOINT_LARGEST` leaves out the counts above it.
import { line, show, table } from "../support/report.mjs";
import { call, inPage } from "./parts.mjs";

const PAGE = 65_536;
const COUNTS = [0, 1_000, 10_000, 100_000];
/**
 * How often each is begun and ended, twice, and how often before, until all is there that stays. What
 * leaks grows in the second half as it did in the first.
 */
const CYCLES = { most: 2_000, "open, close": 300 };
const WARM_UP = 50;

const kilo = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;

export async function heap(environment) {
  const largest = Number(process.env.HOLDPOINT_LARGEST ?? Infinity);
  await inPage(environment, async (page) => {
    const session = await environment.context.newCDPSession(page);
    await session.send("HeapProfiler.enable");
    await session.send("Performance.enable");
    await call(page, "heap", "open");
    const look = async () => {
      // What a first collection lets go of may hold on to more, until its own end was told.
      for (let count = 0; count < 3; count += 1) {
        await page.waitForTimeout(100);
        await session.send("HeapProfiler.collectGarbage");
      }
      const { usedSize } = await session.send("Runtime.getHeapUsage");
      const { metrics } = await session.send("Performance.getMetrics");
      const { value: listeners } = metrics.find(({ name }) => name === "JSEventListeners");
      return { heap: usedSize, wasm: await call(page, "heap", "memory"), listeners };
    };

    const looks = [];
    let done = 0;
    for (const count of new Set(COUNTS.map((some) => Math.min(some, largest)))) {
      const taken = await call(page, "heap", "commits", { count: count - done });
      if (count > done) line(`commits ${done} to ${count}: ${show(taken)}`);
      done = count;
      looks.push({ count, ...(await look()) });
    }
    const last = looks.at(-1);
    const [first] = looks.filter(({ count }) => count > 0);
    table(
      ["commits", "JS heap", "wasm's memory", "its pages", "event listeners"],
      looks.map(({ count, heap: used, wasm, listeners }) => [
        count,
        kilo(used),
        kilo(wasm),
        wasm / PAGE,
        listeners,
      ]),
    );
    line(
      `from ${first.count} to ${last.count} commits: JS heap ${(last.heap / first.heap).toFixed(2)} ×, ` +
        `${((last.heap - first.heap) / Math.max(1, last.count - first.count)).toFixed(2)} bytes a commit; ` +
        `wasm's memory ${(last.wasm / first.wasm).toFixed(2)} ×`,
    );

    const rows = [];
    for (const what of await call(page, "heap", "cycles")) {
      const count = Math.min(CYCLES[what] ?? CYCLES.most, largest);
      await call(page, "heap", "cycle", { what, count: Math.min(WARM_UP, count) });
      const before = await look();
      const taken = await call(page, "heap", "cycle", { what, count });
      const middle = await look();
      await call(page, "heap", "cycle", { what, count });
      const after = await look();
      rows.push([
        what,
        2 * count,
        show(taken / count),
        `${kilo(middle.heap - before.heap)}, ${kilo(after.heap - middle.heap)}`,
        `${((after.heap - middle.heap) / count).toFixed(1)} bytes`,
        `${(middle.wasm - before.wasm) / PAGE}, ${(after.wasm - middle.wasm) / PAGE}`,
        after.listeners - before.listeners,
      ]);
    }
    table(
      [
        "begun and ended",
        "times",
        "each",
        "JS heap: more in each half",
        "of each in the second",
        "wasm pages: more in each half",
        "listeners: more",
      ],
      rows,
    );
  });
}
