// Chooses what a fuzz target begins with: node scripts/fuzz-corpus.mjs CONTROL BYTES FOLDER
// CONTROL is what libFuzzer writes of a merge: the files, and what each of them runs. Chosen is always
// the file that runs the most for its size of what none before it ran, until all is run, the BYTES are
// used up, or there are enough files. The chosen ones become all that is in FOLDER.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** So many files are enough to look through. */
const MOST = 120;

const [control, bytes, folder] = process.argv.slice(2);
let left = Number(bytes);
const lines = readFileSync(control, "utf8").split("\n");
const count = Number(lines[0]);
const files = lines
  .slice(2, 2 + count)
  .map((path) => ({ data: readFileSync(path), runs: new Set() }));
for (const line of lines.slice(2 + count)) {
  const [kind, file, ...features] = line.split(" ");
  if (kind === "FT") files[Number(file)].runs = new Set(features);
}

const total = new Set(files.flatMap(({ runs }) => [...runs])).size;
let covered = 0;
const chosen = [];
// Of equal ones always the same: by their contents.
const name = (data) => createHash("sha1").update(data).digest("hex").slice(0, 12);
let rest = files.sort((one, other) => (name(one.data) < name(other.data) ? -1 : 1));
while (chosen.length < MOST) {
  rest = rest.filter(({ data, runs }) => runs.size > 0 && data.length <= left);
  const worth = ({ data, runs }) => runs.size / (data.length + 100);
  const best = rest.reduce(
    (best, file) => (best && worth(best) >= worth(file) ? best : file),
    undefined,
  );
  if (best === undefined) break;
  chosen.push(best.data);
  left -= best.data.length;
  covered += best.runs.size;
  const seen = new Set(best.runs);
  for (const { runs } of rest) for (const feature of seen) runs.delete(feature);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const data of chosen) writeFileSync(join(folder, name(data)), data);
console.log(`${folder}: ${chosen.length} of ${count} files, which run ${covered} of ${total}`);
