// What grows with what there is, and what may not: many projects, and one that is worked on for
// long. `HOLDPOINT_LARGEST` leaves out the sizes above it: making 50,000 entries takes minutes.
import { spread } from "./page/support.mjs";
import { againstBar, line, show, table, times } from "../support/report.mjs";
import { call, inPage, rounds } from "./parts.mjs";

/** The most by which something flat may differ between the smallest size and the largest. */
const FLAT = 1.5;

const upTo = (sizes) =>
  sizes.filter((size) => size <= Number(process.env.HOLDPOINT_LARGEST ?? Infinity));

const grown = (list, from = 0) => list.at(-1) / list[from];

/** A table with a column for each size; the largest is compared with the one at `from`. */
class Growth {
  #head;
  #rows = [];
  #from;

  constructor(what, sizes, from = 0) {
    const last = from === 0 ? "largest / smallest" : `${sizes.at(-1)} / ${sizes[from]}`;
    this.#head = [what, ...sizes, last];
    this.#from = from;
  }

  figures(what, list) {
    this.#rows.push([what, ...list, ""]);
  }

  times(what, list) {
    this.#rows.push([what, ...list.map(show), times(grown(list, this.#from))]);
  }

  print() {
    table(this.#head, this.#rows);
  }
}

function flat(what, list) {
  const ratio = grown(list);
  againstBar({
    what: `${what}, largest against smallest`,
    figure: show(list.at(-1)),
    limit: show(list[0]),
    value: times(ratio),
    bar: "≤ 1.5 ×",
    isMet: ratio <= FLAT,
  });
}

const WHOLE = new Set(["all projects", "all plans that can go on", "statistics of the store"]);

export async function many(environment) {
  const sizes = upTo([1, 10, 100, 1_000]);
  // From here on every page is full.
  const full = Math.min(1, sizes.length - 1);
  const ROUNDS = rounds(40);
  const result = await inPage(environment, (page) =>
    call(page, "many", "run", { sizes, rounds: ROUNDS, warmUp: 5 }),
  );
  const growth = new Growth("projects, 10 plans each", sizes, full);
  for (const { what, times: taken, counts } of result.found) {
    const counted = WHOLE.has(what) ? ` (${counts.join(", ")})` : "";
    growth.times(
      what + counted,
      taken.map(({ p50 }) => p50),
    );
  }
  growth.print();
  for (const { what, times: taken } of result.found) {
    if (WHOLE.has(what)) continue;
    flat(
      what,
      taken.slice(full).map(({ p50 }) => p50),
    );
  }
  line(`what IndexedDB was asked for: ${result.asked.join(", ")}: no project was loaded`);
}

export async function long(environment) {
  const sizes = upTo([100, 1_000, 10_000, 100_000]);
  const ROUNDS = rounds(100);
  const projects = [];
  for (const items of sizes) {
    const project = await inPage(environment, (page) => call(page, "long", "make", { items }));
    projects.push({ items, project });
  }
  const commits = await inPage(environment, (page) =>
    call(page, "long", "commits", { projects, rounds: ROUNDS, warmUp: 10 }),
  );
  const openings = [];
  const wholes = [];
  for (const project of projects) {
    const opened = [];
    for (let round = 0; round < 5; round += 1) {
      opened.push(await inPage(environment, (page) => call(page, "long", "opening", project)));
    }
    openings.push(opened);
    wholes.push(await inPage(environment, (page) => call(page, "long", "wholes", project)));
  }
  const mega = (bytes) => (bytes / 1e6).toFixed(1);
  const growth = new Growth("items; half as many entries", sizes);
  growth.figures(
    "entries in the end",
    wholes.map(({ entries }) => entries),
  );
  for (const { what, times: taken } of commits) {
    growth.times(
      what,
      taken.map(({ p50 }) => p50),
    );
    growth.times(
      `${what}, 95 in 100`,
      taken.map(({ p95 }) => p95),
    );
  }
  growth.times(
    "open, in a page of its own",
    openings.map((opened) => spread(opened.map(({ taken }) => taken)).p50),
  );
  const whole = Object.keys(wholes[0]).filter((what) => what.includes(" "));
  for (const what of whole) {
    growth.times(
      what,
      wholes.map((measured) => measured[what]),
    );
  }
  growth.figures(
    "MB of the newest snapshot",
    wholes.map(({ snapshot }) => mega(snapshot)),
  );
  growth.figures(
    "MB of wasm's memory: open",
    openings.map((opened) => mega(opened[0].memory)),
  );
  growth.figures(
    "MB of wasm's memory: all of it",
    wholes.map(({ memory }) => mega(memory)),
  );
  growth.print();
  for (const { what, times: taken } of commits) {
    flat(
      what,
      taken.map(({ p50 }) => p50),
    );
  }
}

export async function checkpoints(environment) {
  const sizes = upTo([10, 100, 1_000, 10_000]);
  const ROUNDS = rounds(60);
  const projects = [];
  for (const count of sizes) {
    projects.push(
      await inPage(environment, (page) => call(page, "checkpoints", "make", { count })),
    );
  }
  const found = await inPage(environment, (page) =>
    call(page, "checkpoints", "flat", { projects, rounds: ROUNDS, warmUp: 5 }),
  );
  const wholes = [];
  for (const project of projects) {
    const openings = [];
    for (let round = 0; round < 5; round += 1) {
      openings.push(
        await inPage(environment, (page) => call(page, "checkpoints", "opening", project)),
      );
    }
    const whole = await inPage(environment, (page) => call(page, "checkpoints", "wholes", project));
    wholes.push({ "open, in a page of its own": spread(openings).p50, ...whole });
  }
  const growth = new Growth("checkpoints of 1,000 items", sizes);
  const p50s = found.map(({ what, times: taken }) => [what, taken.map(({ p50 }) => p50)]);
  for (const [what, list] of p50s) growth.times(what, list);
  for (const what of Object.keys(wholes[0]).filter((name) => name.includes(" "))) {
    growth.times(
      what,
      wholes.map((whole) => whole[what]),
    );
  }
  growth.figures(
    "entries",
    wholes.map(({ entries }) => entries),
  );
  growth.figures(
    "MB of the newest snapshot",
    wholes.map(({ snapshot }) => (snapshot / 1e6).toFixed(1)),
  );
  growth.print();
  for (const [what, list] of p50s) flat(what, list);
}
