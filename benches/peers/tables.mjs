// What comes of the task: a table for each size, and one of how many times a peer takes what
// Holdpoint takes.
import { line, show, table, times, weigh } from "../support/report.mjs";

function middle(list) {
  const sorted = list.filter((value) => value !== undefined).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

function at(list, share) {
  const sorted = [...list].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The middle of all runs, figure by figure. */
function figures(runs) {
  const of = (figure) => middle(runs.map(figure));
  return {
    p50: of((run) => at(run.times, 0.5)),
    p95: of((run) => at(run.times, 0.95)),
    alone: of((run) => (run.alone.length > 0 ? at(run.alone, 0.5) : undefined)),
    bytes: of((run) => run.bytes),
    disk: of((run) => run.disk),
    list: of((run) => run.list),
    read: of((run) => run.read),
    restore: of((run) => run.restore),
    reopen: of((run) => run.reopen),
    peak: of((run) => run.peak),
    before: of((run) => run.before),
    peakBack: of((run) => run.peakBack),
    wasm: of((run) => run.wasm),
  };
}

const or = (show_, value) => (value === undefined ? "–" : show_(value));
const mega = (bytes) => (bytes / 1e6).toFixed(0);

export function print({ items, checkpoints, to, runs, contenders, hasDisk }) {
  const found = new Map(contenders.map(({ id, runs: all }) => [id, figures(all)]));
  const head = [
    `${items} items, ${checkpoints} checkpoints`,
    "a checkpoint",
    "95 in 100",
    hasDisk ? "kept for it, as JSON" : "kept for it",
    ...(hasDisk ? ["on disk"] : []),
    `read no. ${to}`,
    `make it current`,
    "reopen",
    "peak MB, in front",
    "peak MB, going back",
    "what it keeps",
  ];
  const rows = contenders.map(({ id, name, keeps }) => {
    const figure = found.get(id);
    return [
      name,
      show(figure.p50),
      show(figure.p95),
      or(weigh, figure.bytes),
      ...(hasDisk ? [or(weigh, figure.disk)] : []),
      or(show, figure.read),
      or(show, figure.restore),
      or(show, figure.reopen),
      `${or(mega, figure.peak)} (${or(mega, figure.before)})`,
      or(mega, figure.peakBack),
      keeps,
    ];
  });
  table(head, rows);
  ratios(items, contenders, found, hasDisk);
  for (const { id, name } of contenders) {
    const { alone, list, wasm } = found.get(id);
    if (alone === undefined) continue;
    line(
      `${name}, ${items} items: the checkpoint alone ${show(alone)}` +
        (list === undefined ? "" : `; no. ${to} as a list without texts ${show(list)}`) +
        (wasm === undefined ? "" : `; wasm's memory ${mega(wasm)} MB`),
    );
  }
  line(`each figure is the middle of ${runs} runs, in turns`);
}

function ratios(items, contenders, found, hasDisk) {
  const names = ["p50", "bytes", ...(hasDisk ? ["disk"] : []), "read", "restore", "reopen", "peak"];
  const head = [
    `peer / Holdpoint, ${items} items`,
    "a checkpoint",
    "kept for it",
    ...(hasDisk ? ["on disk"] : []),
    "read",
    "make current",
    "reopen",
    "peak",
  ];
  const rows = contenders
    .filter(({ beside }) => found.has(beside))
    .map(({ id, name, beside }) => {
      const [peer, own] = [found.get(id), found.get(beside)];
      const ratio = (figure) =>
        peer[figure] === undefined || !own[figure] ? "–" : times(peer[figure] / own[figure]);
      const besides = contenders.find((other) => other.id === beside).name;
      return [`${name} / ${besides}`, ...names.map(ratio)];
    });
  table(head, rows);
}
