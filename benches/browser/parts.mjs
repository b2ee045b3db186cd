// What is measured: each part opens its pages, lets them measure, and says what came of it.
import { spread } from "./page/support.mjs";
import * as report from "../support/report.mjs";

const { againstBar, both, line, show, times } = report;

/** Opens a page of its own for some work in it, and closes it. */
export async function inPage({ context, origin }, work, address = "/index.html") {
  const page = await context.newPage();
  const failures = [];
  page.on("pageerror", (error) => failures.push(error));
  try {
    await page.goto(origin + address);
    const result = await work(page);
    if (failures.length > 0) throw failures[0];
    return result;
  } finally {
    await page.close();
  }
}

/** Calls a function of a module of `page/`. */
export function call(page, module, name, options) {
  return page.evaluate(
    async ([from, called, given]) => (await import(from))[called](given),
    [`/${module}.mjs`, name, options],
  );
}

/** How many rounds: as many as it takes for steady ratios, unless it is said. */
export const rounds = (usual) => Number(process.env.HOLDPOINT_ROUNDS ?? usual);

const kilo = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;

export async function commit(environment) {
  const ROUNDS = rounds(300);
  const found = await inPage(environment, (page) =>
    call(page, "commit", "run", { rounds: ROUNDS, warmUp: 30 }),
  );
  const t = found.times;
  const puts = ({ puts, bytes }) => `${puts.length} puts (${puts.join(", ")}), ${bytes} bytes`;
  line(`complete_step with an output: ${puts(found.complete)}; ${ROUNDS} of each, in turns`);
  line(`strict:  engine ${both(t.completeStrict)}, mean ${show(t.completeStrict.mean)}`);
  line(
    `  bare, the same stores and indexes: ${both(t.bareIndexed)}; without indexes: ${both(t.barePlain)}`,
  );
  line(`  bare with commit(): ${both(t.bareExplicit)}`);
  line(`  engine, by the npm package: ${both(t.completePackage)}`);
  line(`relaxed: engine ${both(t.completeRelaxed)}`);
  line(`  bare ${both(t.bareRelaxed)}, with commit() ${both(t.bareRelaxedExplicit)}`);
  line(`start_step: ${puts(found.start)}`);
  line(`strict:  engine ${both(t.startStrict)}, bare ${both(t.bareStart)}`);
  const ratio = (one, other) => t[one].p50 / t[other].p50;
  line(`start_step against bare: ${times(ratio("startStrict", "bareStart"))}`);
  line(`against bare with commit(): ${times(ratio("completeStrict", "bareExplicit"))}`);
  line(
    `by the npm package, against the engine: ${times(ratio("completePackage", "completeStrict"))}`,
  );
  line(`against bare without indexes: ${times(ratio("completeStrict", "barePlain"))}`);
  line(
    `relaxed against relaxed: ${times(ratio("completeRelaxed", "bareRelaxed"))}, with commit(): ${times(ratio("completeRelaxed", "bareRelaxedExplicit"))}`,
  );
  const value = ratio("completeStrict", "bareIndexed");
  againstBar({
    what: "commit against a bare transaction",
    figure: show(t.completeStrict.p50),
    limit: show(t.bareIndexed.p50),
    value: times(value),
    bar: "≤ 1.25 ×",
    isMet: value <= 1.25,
  });
}
export async function pause(environment) {
  const ITEMS = 10_000;
  const ROUNDS = rounds(15);
  const found = await inPage(environment, (page) =>
    call(page, "pause", "run", { items: ITEMS, rounds: ROUNDS, warmUp: 2 }),
  );
  const t = found.times;
  line(
    `pause of ${ITEMS} items, ${found.cold} of them cold: ${both(t.pause)}; those rows ` +
      `(${found.bytes} bytes) put one by one, in one transaction: ${both(t.rows)}, each awaited: ` +
      `${both(t.rowsAwaited)}; ${ROUNDS} of each, in turns`,
  );
  const ratio = t.rows.p50 / t.pause.p50;
  againstBar({
    what: "pause against its rows one by one",
    figure: show(t.pause.p50),
    limit: show(t.rows.p50),
    value: `${ratio.toFixed(1)} × faster`,
    bar: "≥ 10 ×",
    isMet: ratio >= 10,
  });
  againstBar({
    what: "pause",
    figure: show(t.pause.p50),
    value: show(t.pause.p50),
    bar: "≤ 25 ms",
    isMet: t.pause.p50 <= 25,
  });
}

export async function open(environment) {
  const ITEMS = 10_000;
  const ROUNDS = rounds(15);
  // Made in one command, the newest snapshot has it all; in many, some of it is still entries.
  const histories = [
    { name: "all in the snapshot", batch: ITEMS, after: 0 },
    { name: "made in 100 commands", batch: ITEMS / 100, after: 0 },
  ];
  for (const history of histories) {
    history.made = await inPage(environment, (page) =>
      call(page, "open", "make", { items: ITEMS, ...history }),
    );
    history.resumes = [];
  }
  const alone = [];
  const [first] = histories;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { made, resumes } of histories) {
      resumes.push(await inPage(environment, (page) => call(page, "open", "resume", made)));
    }
    alone.push(await inPage(environment, (page) => call(page, "open", "rows", { items: ITEMS })));
  }
  const opened = spread(alone.map(({ all }) => all));
  const read = spread(alone.map(({ read: taken }) => taken));
  line(
    `getAll of ${ITEMS} rows of ${first.made.rowBytes} bytes: ${both(read)}, with the opening ` +
      `${both(opened)}; each in a page of its own, ${ROUNDS} of each, in turns`,
  );
  for (const { name, made, resumes } of histories) {
    const all = spread(resumes.map((resumed) => resumed.all));
    const warm = await inPage(environment, (page) =>
      call(page, "open", "resumeWarm", { ...made, times: 10 }),
    );
    line(
      `open and resume, ${name} (snapshot ${kilo(made.snapshot.bytes)}, ${made.snapshot.items} ` +
        `items; ${made.entries.count} entries after it, ${kilo(made.entries.bytes)}): ` +
        `${both(all)}, of which Holdpoint.open ${show(spread(resumes.map(({ opened }) => opened)).p50)}`,
    );
    line(`  ten times in one page: ${warm.map(show).join(", ")}`);
    const ratio = read.p50 / all.p50;
    againstBar({
      what: `open and resume, ${name}, against getAll`,
      figure: show(all.p50),
      limit: show(read.p50),
      value: `${ratio.toFixed(2)} × faster`,
      bar: "≥ 5 ×",
      isMet: ratio >= 5,
    });
  }
  const traced = await inPage(environment, (page) =>
    call(page, "open", "resume", { ...first.made, isTraced: true }),
  );
  line("what IndexedDB did in one of them; what lies between is computing:");
  for (const { what, from, to = NaN } of traced.seen) {
    line(`  ${show(from).padStart(9)} to ${show(to).padStart(9)}  ${what}`);
  }
  line(`  ${show(traced.all).padStart(9)}               resumed`);
}

export async function checkpoint(environment) {
  const SIZES = [100, 1_000, 10_000, 100_000];
  const ROUNDS = rounds(150);
  const found = await inPage(environment, (page) =>
    call(page, "checkpoint", "run", { sizes: SIZES, rounds: ROUNDS, warmUp: 10 }),
  );
  for (const { size, bytes, ...taken } of found) {
    line(`${size} items: ${both(taken)} and ${bytes.toFixed(0)} bytes a checkpoint`);
  }
  const least = found.at(0);
  const most = found.at(-1);
  const ratio = most.p50 / least.p50;
  againstBar({
    what: "checkpoint, 100,000 items against 100",
    figure: show(most.p50),
    limit: show(least.p50),
    value: times(ratio),
    bar: "≤ 1.2 ×",
    isMet: ratio <= 1.2,
  });
  const largest = Math.max(...found.map(({ bytes }) => bytes));
  againstBar({
    what: "bytes a checkpoint",
    figure: `${largest.toFixed(0)} bytes`,
    value: `${largest.toFixed(0)} bytes`,
    bar: "≤ 1 KB",
    isMet: largest <= 1024,
  });
}

export async function start(environment) {
  const PROJECTS = 10;
  const ROUNDS = rounds(15);
  await inPage(environment, (page) => call(page, "start", "make", { projects: PROJECTS }));
  const pages = { engine: [], bare: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of Object.keys(pages)) {
      const taken = await inPage(
        environment,
        (page) => page.evaluate("result"),
        `/start-${name}.html`,
      );
      if (taken.rows !== PROJECTS)
        throw new Error(`expected ${PROJECTS} rows, found ${taken.rows}`);
      pages[name].push(taken);
    }
  }
  const compiled = await inPage(environment, (page) =>
    call(page, "start", "compile", { rounds: ROUNDS }),
  );
  const of = (name, moment) => spread(pages[name].map((taken) => taken[moment]));
  for (const name of Object.keys(pages)) {
    const moments = ["loaded", "opened", "answered"].map((moment) => show(of(name, moment).p50));
    line(`${name}: scripts there ${moments[0]}, store open ${moments[1]}, answered ${moments[2]}`);
  }
  const [compile, streaming, download] = ["compiles", "streaming", "downloads"].map((name) =>
    show(spread(compiled[name]).p50),
  );
  line(`the wasm file: download ${download}, compile ${compile}, both at once ${streaming}`);
  const [engine, bare] = ["engine", "bare"].map((name) => of(name, "answered").p50);
  line(
    `navigation to the first answer: ${show(engine)}; the same page with IndexedDB alone: ` +
      `${show(bare)}: ${times(engine / bare)}, ${show(engine - bare)} more (no bar)`,
  );
  await firstList(environment, ROUNDS, PROJECTS);
}

/** A page that shows the store's projects, by the package and by hand; anew, and when it was there. */
async function firstList(environment, ROUNDS, PROJECTS) {
  const found = {};
  const visit = async (name, address) => {
    const taken = await inPage(environment, (page) => page.evaluate("result"), address);
    if (taken.rows !== PROJECTS) throw new Error(`expected ${PROJECTS} rows, found ${taken.rows}`);
    (found[name] ??= []).push(taken);
  };
  const which = ["package", "bare"];
  // Chromium keeps compiled code after some visits.
  for (let count = 0; count < 4; count += 1) {
    for (const name of which) await visit("before", `/kept/list-${name}.html`);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of which) {
      await visit(`${name}, cold`, `/anew/${round}/list-${name}.html`);
      await visit(`${name}, warm`, `/kept/list-${name}.html`);
    }
  }
  const at = (name, moment) => spread(found[name].map((taken) => taken[moment]));
  const moments = ["loaded", "opened", "answered", "shown"];
  report.table(
    [
      `${PROJECTS} projects, from navigation`,
      ...["from the server", "scripts there", "store open", "list there", "list shown"],
      "95 in 100",
      "package / bare",
    ],
    [
      ["package, cold", "bare, cold"],
      ["package, warm", "bare, warm"],
    ].flatMap(([own, bare]) =>
      [own, bare].map((name) => [
        name,
        kilo(at(name, "transferred").p50),
        ...moments.map((moment) => show(at(name, moment).p50)),
        show(at(name, "shown").p95),
        name === own ? times(at(own, "shown").p50 / at(bare, "shown").p50) : "",
      ]),
    ),
  );
  line(
    `cold: every script and the module from the server on this machine, compiled anew; warm: from ` +
      `the HTTP cache, with what Chromium keeps of compiled code; ${ROUNDS} of each, in turns`,
  );
}
