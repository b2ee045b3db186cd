// Makes a function of the script that wasm-bindgen writes, so that a module that broke can be
// started afresh: all that the script keeps in variables of its own is then of one running module.
//
//   node scripts/make-glue.mjs pkg/wasm/holdpoint.js pkg/dist/glue.js
import { readFileSync, writeFileSync } from "node:fs";

const [from, to] = process.argv.slice(2);
let script = readFileSync(from, "utf8");

function stop(why) {
  console.error(`cannot go on: ${why}`);
  console.error("  what to do: see what wasm-bindgen writes now, and change scripts/make-glue.mjs");
  process.exit(1);
}

/** Replaces what has to be there: another version of wasm-bindgen may write another script. */
function replace(pattern, by) {
  if (!pattern.test(script)) stop(`expected ${pattern} in ${from}, found nothing like it`);
  script = script.replace(pattern, by);
}

replace(/^\/\* @ts-self-types=.*\n/m, "");
replace(/^export (?=class |function )/gm, "");
// How it is loaded is src/module.ts.
replace(/^async function __wbg_load\([\s\S]*/m, "");
for (const needed of ["function __wbg_get_imports() {", "function __wbg_finalize_init(instance, module) {"]) {
  if (!script.includes(needed)) stop(`expected ${needed} in ${from}, found none`);
}
if (/^(?:import|export)\b|\bimport\.meta\b/m.test(script)) {
  stop(`expected neither imports nor exports in ${from} any more, found one`);
}

writeFileSync(
  to,
  `// Made by scripts/make-glue.mjs of what wasm-bindgen wrote.
export function createGlue() {
${script}
return {
  Holdpoint,
  setLogLevel,
  imports: __wbg_get_imports,
  start: (exports) => void __wbg_finalize_init({ exports }),
};
}
`,
);
