// What is printed: figures beside their limits, and in the end one table of all bars.
import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";

const rows = [];

export function heading(text) {
  console.log(`\n## ${text}`);
}

export function line(text) {
  console.log(text);
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

/** A figure beside its bar. Whether it is met changes nothing in how the run goes on. */
export function againstBar({ what, figure, limit = "", value, bar, isMet }) {
  const verdict = isMet ? "met" : "MISSED";
  console.log(`${what}: ${value} (bar ${bar}: ${verdict})`);
  rows.push([what, figure, limit, value, bar, verdict]);
}

export function table() {
  if (rows.length === 0) return;
  const all = [["what", "figure", "limit", "value", "bar", ""], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const written = all.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`,
  );
  written.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  console.log(`\n${written.join("\n")}`);
}

/** Says what all this was measured on. */
export function machine(chromium) {
  const manifest = readFileSync(new URL("../../Cargo.toml", import.meta.url), "utf8");
  const version = /^version = "(.*)"$/m.exec(manifest)?.[1] ?? "?";
  const cores = cpus();
  console.log(
    `holdpoint ${version} on ${cores[0]?.model ?? "an unknown processor"}, ${cores.length} cores, ` +
      `${release()}, Chromium ${chromium}, node ${process.versions.node}, profile on disk`,
  );
}
