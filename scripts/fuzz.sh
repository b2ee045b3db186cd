#!/usr/bin/env bash
# Fuzzes: looks for bytes that something panics with, or that come to what they must not.
#
#   scripts/fuzz.sh [target…]              entry, snapshot, bundle, trajectory, command, commands;
#                                          all of them, one after the other, unless some are named
#   scripts/fuzz.sh --minimise [target…]   puts of what was found into the tree what runs the most
#                                          for its size
#
#   FUZZ_SECONDS     how long each one runs (600)
#   FUZZ_SANITIZER   `none`, or `address`: slower, and looks after the `unsafe` of dependencies
#
# A run goes on from where the last one ended: target/fuzz/corpus. Where the first one begins is in
# the tree: tests/fuzz/corpus. What fails is kept in target/fuzz/found, and how to repeat it is said.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly ALL=(entry snapshot bundle trajectory command commands)
readonly SECONDS_EACH=${FUZZ_SECONDS:-600}
readonly SANITIZER=${FUZZ_SANITIZER:-none}
readonly SEEDS=tests/fuzz/corpus KEPT=target/fuzz/corpus FOUND=target/fuzz/found
# More than any target needs; what is held beyond it is a limit that is not kept.
readonly MOST_MIB=1024
# What the tree keeps for each target: a sixth of 200 kB.
readonly BYTES_EACH=33000

minimise=false
if [ "${1:-}" = --minimise ]; then
    minimise=true
    shift
fi
[ $# -gt 0 ] || set -- "${ALL[@]}"
for target in "$@"; do
    if [ ! -f "tests/fuzz/fuzz_targets/$target.rs" ]; then
        echo "fuzz: expected one of ${ALL[*]}, found $target" >&2
        exit 2
    fi
done

scripts/setup.sh fuzz
assignments=$(scripts/setup.sh env-fuzz)
eval "$assignments"

# The coverage that libFuzzer steers by comes from options of the stable compiler. Only sanitizers
# are unstable ones, which a stable compiler takes when it is told to act as if it were not.
[ "$SANITIZER" = none ] || export RUSTC_BOOTSTRAP=1

# Each sanitizer in a folder of its own, or each change of it would compile everything anew.
options=(--fuzz-dir tests/fuzz --target-dir "target/fuzz/$SANITIZER" --sanitizer "$SANITIZER")

dictionary() {
    local file=tests/fuzz/dictionaries/names.dict
    [ "$1" != trajectory ] || file=tests/fuzz/dictionaries/trajectory.dict
    # Its bytes are choices, not texts.
    [ "$1" = commands ] || echo "-dict=$file"
}

minimise() {
    local target=$1 control
    control=$(mktemp -d)
    mkdir -p "$KEPT/$target" "$control/merged"
    # By what is run, not by how often: that would be ten times as much.
    cargo fuzz run "${options[@]}" "$target" "$control/merged" "$KEPT/$target" "$SEEDS/$target" -- \
        -set_cover_merge=1 -use_counters=0 -merge_control_file="$control/control"
    node scripts/fuzz-corpus.mjs "$control/control" "$BYTES_EACH" "$SEEDS/$target"
    rm -r "$control"
}

run() {
    local target=$1
    mkdir -p "$KEPT/$target" "$FOUND/$target"
    echo "fuzzing $target for $SECONDS_EACH seconds"
    # shellcheck disable=SC2046 # no dictionary is no argument
    if ! cargo fuzz run "${options[@]}" "$target" "$KEPT/$target" "$SEEDS/$target" -- \
        -max_total_time="$SECONDS_EACH" -rss_limit_mb="$MOST_MIB" -timeout=20 -print_final_stats=1 \
        -artifact_prefix="$FOUND/$target/" $(dictionary "$target") 2>&1 | tee "target/fuzz/$target.log"; then
        {
            echo "fuzz: $target failed. What it failed with is in $FOUND/$target; to repeat it:"
            echo "  PATH=.tools/bin:\$PATH cargo fuzz run ${options[*]} $target FILE"
            echo "Copied to $SEEDS/$target it is a test: cargo test --all-features --test fuzz_corpus"
        } >&2
        return 1
    fi
    figures "$target"
}

# What libFuzzer said at the end: `#1234 DONE cov: 56 ft: 78 …`, `stat::peak_rss_mb: 9`.
figures() {
    sed -nE "s/^#([0-9]+)[[:space:]]+DONE +cov: ([0-9]+) ft: ([0-9]+).*/fuzz: $1: \\1 executions, \\2 edges, \\3 features/p
        s/^stat::peak_rss_mb: +([0-9]+)/\\1 MiB at most/p" "target/fuzz/$1.log" | paste -sd , | sed 's/,/, /3'
}

for target in "$@"; do
    if [ "$minimise" = true ]; then minimise "$target"; else run "$target"; fi
done
