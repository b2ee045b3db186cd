#!/usr/bin/env bash
# The main job on a sample, in a folder of its own that goes away again: import what an agent did,
# play half of it, pause, resume, finish, look at the checkpoints, roll back and check everything.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOLDPOINT_STORE="$folder/demo.db" HOLDPOINT_ACTOR=demo

bold='' plain=''
if [[ -t 1 ]]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s$ holdpoint%s%s\n' "$bold" "$(printf ' %q' "$@")" "$plain"; }
run() { say "$@"; target/release/holdpoint "$@"; }
# The value of a field in a line of JSON.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

sample=$(find samples -name '*.traj' | sort | head -n 1)
imported=$(target/release/holdpoint --json import "$sample")
project=$(field project_id <<<"$imported")
plan=$(field plan_id <<<"$imported")
say import "$sample"
echo "project $project"
echo "plan    $plan"
# The plan that was just imported is the one that can go on.
steps=$(sed -n 's/.*"steps":\([0-9]*\).*/\1/p' <<<"$imported")

run plan run "$plan" --steps $((steps / 2))
run project pause "$project" --reason "time for lunch"
say resumable
target/release/holdpoint resumable
run project resume "$project"
run plan run "$plan"
run checkpoint list "$project"
run plan rollback "$plan" --dry-run
run verify
printf '\nThis ran on a store that is deleted now. Yours will be ./holdpoint.db, or where --store says.\n'
printf 'Next: target/release/holdpoint import FILE.traj, and target/release/holdpoint help.\n'
