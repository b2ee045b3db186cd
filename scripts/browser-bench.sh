#!/usr/bin/env bash
# Runs the benchmarks in headless Chromium, on the module in pkg/wasm as `make wasm` built it. See
# benches/browser/run.mjs for what can be chosen.
set -euo pipefail
cd "$(dirname "$0")/.."

# PATH and CHROMIUM, as set-up finds them.
assignments=$(scripts/setup.sh env)
eval "$assignments"

source scripts/scratch.sh
in_scratch PATH="$PATH" CHROMIUM="$CHROMIUM" node benches/browser/run.mjs
