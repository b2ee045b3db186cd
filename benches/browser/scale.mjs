// What grows with what there is, and what may not: many projects, and one that is worked on for
// long. `HOLDPOINT_LARGEST` leaves out the sizes above it: making 50,000 entries takes minutes.
import { spread } from "./page/support.mjs";
import { call, inPage, rounds, times } from "./parts.mjs";
import { againstBar, line, show } from "./report.mjs";

/** The most by which something flat may differ between the smallest size and the largest. */
const FLAT = 1.5;

const upTo = (sizes) =>
  sizes.filter((size) => size <= Number(process.env.HOLDPOINT_LARGEST ?? Infinity));

function row(cells) {
  line(`| ${cells.join(" | ")} |`);
}

function head(what, sizes) {
  row([what, ...sizes, "largest / smallest"]);
  row(["---", ...sizes.map(() => "---:"), "---:"]);
}

const grown = (list) => list.at(-1) / list[0];

function timesOf(what, list) {
  row([what, ...list.map(show), times(grown(list))]);
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
  const sizes = upTo([10, 100, 1_000]);
  const ROUNDS = rounds(40);
  const result = await inPage(environment, (page) =>
    call(page, "many", "run", { sizes, rounds: ROUNDS, warmUp: 5 }),
  );
  head("projects, 10 plans each", sizes);
  for (const { what, times: taken, counts } of result.found) {
    const counted = WHOLE.has(what) ? ` (${counts.join(", ")})` : "";
    timesOf(
      what + counted,
      taken.map(({ p50 }) => p50),
    );
  }
  for (const { what, times: taken } of result.found) {
    if (WHOLE.has(what)) continue;
    flat(
      what,
      taken.map(({ p50 }) => p50),
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
  head("items; half as many entries", sizes);
  row(["entries in the end", ...wholes.map(({ entries }) => entries), ""]);
  for (const { what, times: taken } of commits) {
    timesOf(
      what,
      taken.map(({ p50 }) => p50),
    );
    timesOf(
      `${what}, 95 in 100`,
      taken.map(({ p95 }) => p95),
    );
  }
  timesOf(
    "open, in a page of its own",
    openings.map((opened) => spread(opened.map(({ taken }) => taken)).p50),
  );
  const whole = Object.keys(wholes[0]).filter((what) => what.includes(" "));
  for (const what of whole) {
    timesOf(
      what,
      wholes.map((measured) => measured[what]),
    );
  }
  row(["MB of the newest snapshot", ...wholes.map(({ snapshot }) => mega(snapshot)), ""]);
  row(["MB of wasm's memory: open", ...openings.map((opened) => mega(opened[0].memory)), ""]);
  row(["MB of wasm's memory: all of it", ...wholes.map(({ memory }) => mega(memory)), ""]);
  for (const { what, times: taken } of commits) {
    flat(
      what,
      taken.map(({ p50 }) => p50),
    );
  }
}
