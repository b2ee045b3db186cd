// Checks that every test that a page of the documentation names has run, and passed, in the runs
// whose output `make test` keeps in target/ran: that of cargo, natively and for wasm, and that of
// the package's and the page's tests.
import { readFileSync } from "node:fs";

const PAGES = ["docs/guarantees.md", "docs/requirements.md"];
const RUNS = ["native", "wasm", "package", "page"];

/** Names of the tests that passed, each with the runs it passed in. */
const passed = new Map();
for (const run of RUNS) {
    let text;
    try {
        text = readFileSync(`target/ran/${run}.log`, "utf8");
    } catch (error) {
        if (error.code !== "ENOENT") throw error;
        console.error(`ran: expected the output of the ${run} tests in target/ran/${run}.log, found none; run: make test`);
        process.exit(1);
    }
    for (const line of text.split("\n")) {
        const cargo = /^test (\S+)(?: - should panic)? \.\.\. ok/.exec(line);
        const node = /^\s*✔ (\S+) \(/.exec(line);
        const name = cargo?.[1].split("::").at(-1) ?? node?.[1];
        if (name !== undefined) passed.set(name, (passed.get(name) ?? new Set()).add(run));
    }
}

let missing = 0;
for (const page of PAGES) {
    // What is still to come names no tests, and what isn't in a table isn't shown by any.
    const rows = readFileSync(page, "utf8").split("\n").filter((line) => line.startsWith("| "));
    let named = 0;
    for (const row of rows) {
        const shown = row.split("|").at(-2) ?? "";
        for (const [, name] of shown.matchAll(/`([a-z0-9_]{12,})`/g)) {
            named += 1;
            if (passed.has(name)) continue;
            missing += 1;
            console.error(`${page}: ${name} is named, and has not run and passed`);
        }
    }
    console.log(`${page}: ${named} names of tests`);
    if (named === 0) {
        console.error(`${page}: expected it to name tests, found none`);
        missing += 1;
    }
}
console.log(`${passed.size} names of tests ran and passed`);
process.exit(missing === 0 ? 0 : 1);
