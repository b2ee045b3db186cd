#!/usr/bin/env bash
# Tries at length what Holdpoint promises, part by part, and prints one line for each: figures, date,
# versions. `make test` has the short forms of the same tests. docs/reliability.md says what each is.
#
#   scripts/prove.sh             every part
#   scripts/prove.sh sqlite      one part, or several: see PARTS
#
# HOLDPOINT_KILLS (1000), HOLDPOINT_BROWSER_KILLS (200, in each of two tests), HOLDPOINT_RACE_SECONDS (60),
# FUZZ_SECONDS (600, for each of six targets) and HOLDPOINT_SEED (a new one each time; what was used is
# printed) say how much, and what by chance. All that is said goes to target/prove. The parts with browsers
# need `make package page` before.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"

# Each part is a function `prove_PART`. What it prints that begins with `PART: ` or with one of the
# words in `figures` is a figure.
PARTS=(faults sqlite races indexeddb tabs firefox input fuzz)
figures='faults|kills|killed|disks|races|phases|firefox|two processes at once|bad input'

logs=target/prove
mkdir -p "$logs"

# A fault at every operation of every command, query and import; on memory and on SQLite.
prove_faults() {
    # What is on the disk has no part in this, and flushing it is most of the time.
    local folder=${TMPDIR:-/tmp}
    [ ! -w /dev/shm ] || folder=/dev/shm
    TMPDIR=$folder HOLDPOINT_FAULTS=all cargo test --all-features --test engine faults
}

# Processes that are killed, disks that are full or read-only.
prove_sqlite() {
    HOLDPOINT_KILLS=${HOLDPOINT_KILLS:-1000} \
        cargo test --all-features --test model_based processes::killed
    cargo test --all-features --test crash
    HOLDPOINT_DISKS=all cargo test --all-features --test sqlite disk
    HOLDPOINT_DISKS=all cargo test --all-features --test sqlite phases
}

# Two, four and eight processes that write to one store.
prove_races() {
    HOLDPOINT_RACE_SECONDS=${HOLDPOINT_RACE_SECONDS:-60} \
        cargo test --all-features --test model_based processes::racing
}

# A browser that is killed, has no room, closes connections, deletes and clears.
prove_indexeddb() {
    local seed=${HOLDPOINT_SEED:-$RANDOM$RANDOM}
    PAGE_TEST_KILLS=${HOLDPOINT_BROWSER_KILLS:-200} PAGE_TEST_SEED=$seed \
        scripts/page-test.sh tests/page/kills.test.mjs tests/page/kills_within.test.mjs
    scripts/page-test.sh tests/page/damaged_profile.test.mjs tests/page/storage_trouble.test.mjs
    HOLDPOINT_PHASES=all PACKAGE_TEST_SEED=$seed scripts/package-test.sh \
        tests/package/phases.test.mjs tests/package/trouble.test.mjs
}

# Two, four and eight tabs that write to one IndexedDB.
prove_tabs() {
    local seed=${HOLDPOINT_SEED:-$RANDOM$RANDOM}
    export HOLDPOINT_RACE_SECONDS=${HOLDPOINT_RACE_SECONDS:-60}
    PAGE_TEST_SEED=$seed scripts/page-test.sh tests/page/races.test.mjs
    PACKAGE_TEST_SEED=$seed scripts/package-test.sh tests/package/races.test.mjs
}

# The conformance suite and the page's main job in Firefox.
prove_firefox() {
    scripts/firefox-test.sh
}

# Every text and value of tests/bad_input at every place of the package, in memory and in Chromium; the
# page; the command line. Takes what `make setup package page` has made.
prove_input() {
    HOLDPOINT_BAD_INPUT=all scripts/package-test.sh tests/package/corpus.test.mjs
    scripts/page-test.sh tests/page/corpus.test.mjs tests/page/hostile_text.test.mjs
    cargo test --all-features --test cli safe_output -- --nocapture
}

# What reads bytes from outside, and commands that bytes choose.
prove_fuzz() {
    scripts/fuzz.sh
}

versions() {
    local system commit
    system=$(. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME" || uname -s)
    commit=$(git rev-parse --short HEAD 2>/dev/null || echo "no commit")
    [ -z "$(git status --porcelain 2>/dev/null)" ] || commit="$commit and changes"
    printf '%s, %s, Linux %s, %s cores, at %s' \
        "$(rustc --version | cut -d ' ' -f 1,2)" "$system" "$(uname -r)" "$(nproc)" "$commit"
}

# A part's line: when, with what, and its figures joined.
summary() {
    local part=$1 told=$2 seconds=$3 log=$4
    printf '%s: %s on %s in %s s (%s): ' "$part" "$told" "$(date -u +%Y-%m-%d)" "$seconds" "$(versions)"
    # The test runner may have begun the line.
    grep -hoE "(^|\.\.\. |ℹ )($part|$figures|seed)(: | [0-9]).*" "$log" | sed 's/^\(\.\.\. \|ℹ \)//' | paste -sd ';' | sed 's/; */; /g'
}

[ $# -gt 0 ] || set -- "${PARTS[@]}"
for part in "$@"; do
    if ! declare -F "prove_$part" >/dev/null; then
        printf 'expected a part (%s), found %s\n' "${PARTS[*]}" "$part" >&2
        exit 2
    fi
done

failed=0
: >"$logs/summary.log"
for part in "$@"; do
    printf '=== %s ===\n' "$part"
    began=$SECONDS
    told=passed
    # In a shell of its own, so that its first failure ends it, and only it.
    bash -c "$(declare -f "prove_$part"); set -euo pipefail; prove_$part" 2>&1 | tee "$logs/$part.log" || {
        told=FAILED
        failed=1
    }
    summary "$part" "$told" "$((SECONDS - began))" "$logs/$part.log" | tee -a "$logs/summary.log"
done

if [ $# -gt 1 ]; then
    printf '\n'
    cat "$logs/summary.log"
fi
exit "$failed"
