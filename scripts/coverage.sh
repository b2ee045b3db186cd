#!/usr/bin/env bash
# Measures which lines the native tests run, and fails where one of the rooms that
# everything rests on is at 90 % or below: model, machine, journal, engine.
# Takes what `cargo llvm-cov` takes after the features, for example `--test engine`;
# without arguments it runs the tests of the library. Not those of the program, which
# runs as others than whoever measures, too.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh coverage
assignments=$(scripts/setup.sh env-coverage)
eval "$assignments"

[ $# -gt 0 ] || set -- --lib --test machine --test engine --test memory --test sqlite \
    --test model_based --test digests --test trajectories --test logging

source scripts/scratch.sh

# Tests that stand beside the code are no code that has to be tested.
cargo llvm-cov --all-features --ignore-filename-regex '(_tests|/tests|arbitrary|_round_trip)(\.rs|/)' \
    --json --summary-only --output-path "$scratch/coverage.json" "$@"
node scripts/coverage.mjs "$scratch/coverage.json"
