#!/usr/bin/env bash
# Runs the benchmarks: every figure beside its limit, its bar or a peer, from one run on one machine.
#
#   scripts/bench.sh          all parts
#   scripts/bench.sh PART…    some of them:
#
#   limits   commits, checkpoints, pauses, openings and replays, beside bare transactions and their bars
#   peers    the same task for Holdpoint and for what somebody would take instead
#   module   the wasm module: cold start, size, what stays in memory
#   growth   from few to many items, checkpoints and projects
#
# Nothing here fails on time. What is printed goes to target/bench/PART.jsonl as well, of which
# scripts/bench-tables.mjs makes the tables of docs/benchmarks.md. HOLDPOINT_ROUNDS, HOLDPOINT_RUNS,
# HOLDPOINT_CHECKPOINTS and HOLDPOINT_LARGEST make it shorter, for trying it: that goes to
# target/bench/PART.short.jsonl, which no table is made of.
set -euo pipefail
cd "$(dirname "$0")/.."

# PATH, as set-up finds it.
assignments=$(scripts/setup.sh env)
eval "$assignments"

[ $# -gt 0 ] || set -- limits peers module growth
for part in "$@"; do
    case $part in
        limits | peers | module | growth) ;;
        *)
            printf "cannot go on: '%s' is not one of limits, peers, module, growth\n" "$part" >&2
            exit 1
            ;;
    esac
done

heading() { printf '\n=== %s ===\n' "$1"; }

# native <parts>, chromium <parts>: names as benches/native.rs and benches/browser/run.mjs have them.
native() { HOLDPOINT_BENCH=$1 cargo bench --quiet --features sqlite --bench native; }
chromium() { HOLDPOINT_BENCH=$1 scripts/browser-bench.sh; }

limits() {
    heading 'Benchmarks: beside the limits, natively'
    native commit,checkpoint,pause,open,replay
    heading 'Benchmarks: beside the limits, in Chromium'
    chromium commit,pause,open,checkpoint
}

peers() {
    heading 'Benchmarks: beside peers, in Node and natively'
    # Where the built benchmark is: each of its turns is a process of its own.
    HOLDPOINT_NATIVE=$(cargo bench --features sqlite --bench native --no-run --message-format=json |
        sed -n 's/.*"name":"native".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
    export HOLDPOINT_NATIVE
    node benches/peers/run.mjs
    heading 'Benchmarks: beside peers, in Chromium'
    chromium peers
}

module() {
    heading 'Benchmarks: the module'
    chromium start,size,heap
}

growth() {
    heading 'Benchmarks: growth, natively'
    native scale
    heading 'Benchmarks: growth, in Chromium'
    chromium scale
}

short=
[ -z "${HOLDPOINT_ROUNDS:-}${HOLDPOINT_RUNS:-}${HOLDPOINT_CHECKPOINTS:-}${HOLDPOINT_LARGEST:-}" ] || short=.short

mkdir -p target/bench
began=$(date +%s)
for part in "$@"; do
    # Kept only when all of it is there.
    export HOLDPOINT_BENCH_JSON=$PWD/target/bench/$part.jsonl.part
    rm -f "$HOLDPOINT_BENCH_JSON"
    "$part"
    mv "$HOLDPOINT_BENCH_JSON" "target/bench/$part$short.jsonl"
done
printf '\n%s minutes in all\n' "$((($(date +%s) - began + 30) / 60))"
