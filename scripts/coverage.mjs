// Adds up the line coverage of each room from the summary that `cargo llvm-cov --json` writes, and
// ends with 1 if one that has a bar doesn't reach it.
import { readFileSync } from "node:fs";
import { sep } from "node:path";

const BAR = 90;
const WITH_BAR = ["model", "machine", "journal", "engine"];

const summary = JSON.parse(readFileSync(process.argv[2], "utf8"));
const rooms = new Map();
const files = [];
for (const { filename, summary: { lines } } of summary.data[0].files) {
    const path = filename.slice(filename.lastIndexOf(`${sep}src${sep}`) + 5);
    const room = path.includes(sep) ? path.split(sep)[0] : "(top)";
    const sum = rooms.get(room) ?? { count: 0, covered: 0 };
    sum.count += lines.count;
    sum.covered += lines.covered;
    rooms.set(room, sum);
    if (WITH_BAR.includes(room)) files.push({ path, ...lines });
}

const percent = ({ covered, count }) => (count === 0 ? 100 : (100 * covered) / count);
const row = (name, { covered, count }, note = "") =>
    `${name.padEnd(34)} ${String(covered).padStart(6)} of ${String(count).padStart(6)} lines  ${percent({ covered, count }).toFixed(2).padStart(6)} %${note}`;

let isEnough = true;
for (const name of [...rooms.keys()].sort()) {
    const hasBar = WITH_BAR.includes(name);
    const reaches = !hasBar || percent(rooms.get(name)) > BAR;
    isEnough &&= reaches;
    console.log(row(name, rooms.get(name), hasBar ? `  (bar > ${BAR} %: ${reaches ? "met" : "MISSED"})` : ""));
}
for (const name of WITH_BAR.filter((name) => !rooms.has(name))) {
    console.log(`${name}: no file of it was seen`);
    isEnough = false;
}

console.log("\nthe least covered files of these rooms:");
for (const file of files.sort((a, b) => percent(a) - percent(b)).slice(0, 10)) console.log(row(file.path, file));
process.exit(isEnough ? 0 : 1);
