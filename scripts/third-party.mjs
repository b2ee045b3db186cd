// Writes the licences of everything that is compiled into the module, as these ask for.
//
//   node scripts/third-party.mjs pkg/THIRD-PARTY-NOTICES.txt
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [to] = process.argv.slice(2);
const { packages, resolve } = JSON.parse(
  execFileSync(
    "cargo",
    [
      ...["metadata", "--format-version", "1", "--locked"],
      ...["--features", "wasm", "--filter-platform", "wasm32-unknown-unknown"],
    ],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  ),
);
const packageOf = new Map(packages.map((item) => [item.id, item]));
const nodeOf = new Map(resolve.nodes.map((node) => [node.id, node]));

/** What runs while compiling leaves nothing of its own in the module. */
const isCompiledIn = ({ targets }) => !targets.some(({ kind }) => kind.includes("proc-macro"));

const reached = new Set();
const visit = (id) => {
  if (reached.has(id) || !isCompiledIn(packageOf.get(id))) return;
  reached.add(id);
  for (const { pkg, dep_kinds: kinds } of nodeOf.get(id).deps) {
    if (kinds.some(({ kind }) => kind === null)) visit(pkg);
  }
};
visit(resolve.root);
reached.delete(resolve.root);

/** The text that was chosen, where there is a choice: MIT, which everybody takes. */
function licenceText({ manifest_path: manifest }) {
  const folder = dirname(manifest);
  const files = readdirSync(folder).filter((name) => /^(LICEN[CS]E|COPYING|UNLICENSE|NOTICE)/i.test(name));
  const mit = files.filter((name) => /MIT/i.test(name));
  const chosen = mit.length > 0 ? mit : files;
  return chosen.map((name) => readFileSync(join(folder, name), "utf8").trim()).join("\n\n");
}

const byText = new Map();
for (const item of [...reached].map((id) => packageOf.get(id))) {
  if (!item.license) {
    console.error(`cannot go on: ${item.name} ${item.version} names no licence`);
    process.exit(1);
  }
  const text = licenceText(item) || `Licensed under ${item.license}. By ${item.authors.join(", ") || "its authors"}.`;
  byText.set(text, [...(byText.get(text) ?? []), `${item.name} ${item.version} (${item.license})`]);
}
const parts = [...byText]
  .map(([text, names]) => `${names.sort().join("\n")}\n\n${text}`)
  .sort();
const line = "\n\n" + "-".repeat(80) + "\n\n";
writeFileSync(
  to,
  `Compiled into holdpoint.wasm, besides Holdpoint itself:${line}${parts.join(line)}\n`,
);
console.log(`${reached.size} crates in ${to}`);
