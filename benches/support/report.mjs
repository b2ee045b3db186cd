// What is printed: figures beside their limits, and in the end one table of all bars. The same goes
// to the file in `HOLDPOINT_BENCH_JSON`, one record a line, of which `scripts/bench-tables.mjs`
// makes the tables of the documentation.
import { appendFileSync, readFileSync } from "node:fs";
import { cpus, release } from "node:os";

const rows = [];

let runner = "";
let part = "";

function record(kind, content) {
  const file = process.env.HOLDPOINT_BENCH_JSON;
  if (file) appendFileSync(file, `${JSON.stringify({ kind, runner, part, ...content })}\n`);
}

export function heading(text) {
  part = text;
  console.log(`\n## ${text}`);
}

export function line(text) {
  console.log(text);
  record("line", { text });
}

/** A short time for people, from milliseconds. */
export function show(milliseconds) {
  return milliseconds < 1
    ? `${(milliseconds * 1000).toFixed(0)} µs`
    : `${milliseconds.toFixed(2)} ms`;
}

/** The middle, and what 95 in 100 are below. */
export function both({ p50, p95 }) {
  return `${show(p50)} (p95 ${show(p95)})`;
}

/** A number of bytes for people. */
export function weigh(bytes) {
  if (bytes < 10_000) return `${bytes.toFixed(0)} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/** A ratio. */
export const times = (ratio) => `${ratio.toFixed(2)} ×`;

/** A figure beside its bar. Whether it is met changes nothing in how the run goes on. */
export function againstBar({ what, figure, limit = "", value, bar, isMet }) {
  const verdict = isMet ? "met" : "MISSED";
  console.log(`${what}: ${value} (bar ${bar}: ${verdict})`);
  record("bar", { what, figure, limit, value, bar, verdict });
  rows.push([what, figure, limit, value, bar, verdict]);
}

/** A table, as Markdown: the first column is text, the others are figures. */
export function table(head, body) {
  const cells = (list) => console.log(`| ${list.join(" | ")} |`);
  cells(head);
  cells(head.map((_, place) => (place === 0 ? "---" : "---:")));
  body.forEach(cells);
  record("table", { head, rows: body.map((list) => list.map(String)) });
}

/** All that has a bar, once more. */
export function bars() {
  if (rows.length === 0) return;
  const all = [["what", "figure", "limit", "value", "bar", ""], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const written = all.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`,
  );
  written.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  console.log(`\n${written.join("\n")}`);
}

/** Says what all this was measured on, and when. `name` is what runs it, for the records. */
export function machine(name, versions) {
  runner = name;
  const manifest = readFileSync(new URL("../../Cargo.toml", import.meta.url), "utf8");
  const version = /^version = "(.*)"$/m.exec(manifest)?.[1] ?? "?";
  const cores = cpus();
  const text =
    `${new Date().toISOString().slice(0, 10)}: holdpoint ${version} on ` +
    `${cores[0]?.model ?? "an unknown processor"}, ${cores.length} cores, ${release()}, ` +
    [...versions, `node ${process.versions.node}`].join(", ");
  console.log(text);
  record("machine", { text });
}

/** The version of an installed package. */
export function versionOf(name) {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(manifest, "utf8")).version}`;
}
