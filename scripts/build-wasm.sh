#!/usr/bin/env bash
# Builds the module that JavaScript loads into pkg/wasm, and checks its size against the bar.
#
#   scripts/build-wasm.sh
#
# What was built before stays until the new one is whole.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly WASM_TARGET=wasm32-unknown-unknown
readonly OUT=pkg/wasm
# With brotli, in bytes.
readonly BAR=150000

# PATH and WASM_BINDGEN_DIR, as set-up finds them.
assignments=$(scripts/setup.sh env-page)
eval "$assignments"

[ -x node_modules/.bin/wasm-opt ] || {
    printf 'cannot go on: wasm-opt is missing\n  what to do: npm ci\n' >&2
    exit 1
}

# Panics name the file they come from: without the place of Cargo's folder on this machine.
separator=$'\x1f'
export CARGO_ENCODED_RUSTFLAGS="${RUSTFLAGS:+${RUSTFLAGS// /$separator}$separator}--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"

# The library is no cdylib by itself: native builds would link one for nothing.
#
# What is called once is inlined whatever its size: whole futures into one another, until a function
# has hundreds of locals and no two pieces of code look alike. Kept apart if they need this much of the
# stack, they have more bytes, a tenth fewer with brotli, and are as fast.
cargo rustc --lib --crate-type cdylib --profile wasm --target "$WASM_TARGET" --features wasm -- \
    -C llvm-args=-inline-max-stacksize=32

scratch=$(mktemp -d pkg/.wasm.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

"$WASM_BINDGEN_DIR/wasm-bindgen" --target web --out-dir "$scratch" --out-name holdpoint \
    "${CARGO_TARGET_DIR:-target}/$WASM_TARGET/wasm/holdpoint.wasm"
# With the features that the module says it uses. Never with all: then wasm-opt uses new ones of its
# own accord (compact imports), and Node 20 and most browsers can't load what comes out.
# More than -O1 makes fewer bytes of which more are left with brotli, and nothing faster; but for
# locals that are set to what they have already (--rse), and the order: functions with names alike are
# alike themselves. The names are there until this has written its file.
node_modules/.bin/wasm-opt -O1 --rse --vacuum --reorder-functions-by-name --strip-producers \
    -o "$scratch/holdpoint_bg.wasm" "$scratch/holdpoint_bg.wasm"
# For bundlers' sake wasm-bindgen writes a package of its own; ours is in pkg/.
rm -f "$scratch/package.json" "$scratch/README.md"

node - "$scratch/holdpoint_bg.wasm" "$BAR" <<'JS'
const fs = require("node:fs");
const zlib = require("node:zlib");
const [file, bar] = process.argv.slice(2);
const bytes = fs.readFileSync(file);
// Says why, if this engine can't read it.
new WebAssembly.Module(bytes);
const kilo = (count) => `${(count / 1000).toFixed(1)} kB`;
const brotli = zlib.brotliCompressSync(bytes, {
  params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
}).length;
console.log(
  `wasm: ${kilo(bytes.length)} raw, ${kilo(zlib.gzipSync(bytes, { level: 9 }).length)} gzip, ` +
    `${kilo(brotli)} brotli; the bar is ${kilo(Number(bar))} brotli: ${brotli > Number(bar) ? "missed" : "met"}`,
);
JS

rm -rf "$OUT"
mv "$scratch" "$OUT"
chmod 755 "$OUT"
