// The tables of docs/benchmarks.md, from what `scripts/bench.sh` wrote: no figure is typed by hand.
//
//   node scripts/bench-tables.mjs                      prints all there is
//   node scripts/bench-tables.mjs chromium/peers …     prints some of it
//   node scripts/bench-tables.mjs --write              puts it into docs/benchmarks.md
//
// There, what stands between `<!-- bench RUNNER/PART … -->` and `<!-- /bench -->` is replaced, if the
// runs have all of these; `RUNNER/machine FILE` is what a file was measured on, and `RUNNER/bars FILE`
// all its bars. RUNNER is native, node or chromium; FILE is limits, peers, module or growth.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const DOCUMENT = at("docs/benchmarks.md");
const FOLDER = at("target/bench");

/** Records of all files, with the name of the file. */
function records() {
  if (!existsSync(FOLDER)) return [];
  const names = readdirSync(FOLDER).filter((name) => /^[a-z]+\.jsonl$/.test(name));
  return names.flatMap((name) => {
    const file = name.replace(".jsonl", "");
    const lines = readFileSync(`${FOLDER}/${name}`, "utf8").trim().split("\n");
    return lines.map((line) => ({ file, ...JSON.parse(line) }));
  });
}

const cells = (list) =>
  `| ${list.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;

function table({ head, rows }) {
  const lines = head.map((_, place) => (place === 0 ? "---" : "---:"));
  return [head, lines, ...rows].map(cells).join("\n");
}

const barLine = ({ what, value, bar, verdict }) => `${what}: ${value} (bar ${bar}: ${verdict})`;

/** Tables as tables, and the lines between them as text. */
function shown(all, isHeaded) {
  const blocks = [];
  let text = [];
  const end = () => {
    if (text.length > 0) blocks.push(["```text", ...text, "```"].join("\n"));
    text = [];
  };
  let part;
  for (const record of all) {
    if (isHeaded && record.part !== part) {
      if (text.length > 0) text.push("");
      text.push(`## ${(part = record.part)}`);
    }
    if (record.kind === "table") {
      end();
      blocks.push(table(record));
    } else {
      text.push(record.kind === "bar" ? barLine(record) : record.text);
    }
  }
  end();
  return blocks.join("\n\n");
}

/** What stands for some names, or nothing if a run of one of them is missing. */
function made(all, names) {
  const [first, file] = names;
  const [runner, what] = split(first);
  const ofRunner = all.filter((record) => record.runner === runner && record.file === file);
  if (what === "machine") {
    const machine = ofRunner.find(({ kind }) => kind === "machine");
    return machine && `> ${machine.text}`;
  }
  if (what === "bars") {
    const bars = ofRunner.filter(({ kind }) => kind === "bar");
    const head = ["what", "figure", "limit", "value", "bar", ""];
    const row = ({ what: of, figure = "", limit = "", value, bar, verdict }) => {
      return [of, figure, limit, value, bar, verdict];
    };
    return bars.length > 0 ? table({ head, rows: bars.map(row) }) : undefined;
  }
  const found = names.map((name) => {
    const [ofName, part] = split(name);
    const isOf = (record) => record.runner === ofName && record.part === part;
    return all.filter((record) => isOf(record) && record.kind !== "machine");
  });
  if (found.some((list) => list.length === 0)) return undefined;
  return shown(found.flat(), names.length > 1);
}

/** `chromium/scale/many` is the part `scale/many` of `chromium`. */
function split(name) {
  const place = name.indexOf("/");
  return [name.slice(0, place), name.slice(place + 1)];
}

const given = process.argv.slice(2);
const all = records();
if (given[0] === "--write") {
  const before = readFileSync(DOCUMENT, "utf8");
  const after = before.replace(
    /<!-- bench (.+?) -->\n[\s\S]*?<!-- \/bench -->/g,
    (whole, names) => {
      const content = made(all, names.split(" "));
      console.log(`${content === undefined ? "left as it is" : "written      "}  ${names}`);
      return content === undefined
        ? whole
        : `<!-- bench ${names} -->\n\n${content}\n\n<!-- /bench -->`;
    },
  );
  writeFileSync(DOCUMENT, after);
} else {
  const parts = all.filter(({ part }) => part).map(({ runner, part }) => `${runner}/${part}`);
  for (const name of given.length > 0 ? given : new Set(parts)) {
    const content = made(all, name.split(" "));
    console.log(`### ${name}\n\n${content ?? "there is no run of it in target/bench"}\n`);
  }
}
