#!/usr/bin/env bash
# Runs the browser tests in headless Chromium. Takes what `cargo test` takes,
# for example `scripts/wasm-test.sh --test rexie_behaviour`; without arguments
# it runs the library's tests and all of tests/, with all that there is for wasm.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly WASM_TARGET=wasm32-unknown-unknown

# PATH, WASM_BINDGEN_DIR, CHROMIUM and CHROMEDRIVER, as set-up finds them.
assignments=$(scripts/setup.sh env)
eval "$assignments"

# Not the documentation's examples: their harness is no wasm-bindgen test.
[ $# -gt 0 ] || set -- --features wasm --lib --tests

# Everything below runs with a TMPDIR of its own: the browser puts its profile
# there, and every process that was started here can be told by it.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/holdpoint-wasm-test.XXXXXX")

started_here() {
    if [ -d /proc/self ]; then
        # Those that end while this looks at them are no error.
        grep -lzxF "TMPDIR=$scratch" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3 || true
    else
        pgrep -f "$scratch" || true
    fi
}

# shellcheck disable=SC2046,SC2086 # process ids, one word each
clean_up() {
    local pids signal tries
    for signal in TERM KILL; do
        for tries in 1 2 3 4 5 6 7 8 9 10; do
            pids=$(started_here)
            [ -n "$pids" ] || break 2
            [ "$tries" != 1 ] || kill -s "$signal" $pids 2>/dev/null || true
            sleep 0.3
        done
    done
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# The driver would look for a browser by itself; name the one that set-up found
# to be of the driver's version.
sed "s|\"goog:chromeOptions\": {|&\"binary\": \"$CHROMIUM\",|" webdriver.json >"$scratch/webdriver.json"

# In the background, because bash attends to a signal only between commands, but
# at once while it waits.
env \
    PATH="$PATH" \
    TMPDIR="$scratch" \
    CHROMEDRIVER="$CHROMEDRIVER" \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER="$WASM_BINDGEN_DIR/wasm-bindgen-test-runner" \
    WASM_BINDGEN_TEST_ONLY_WEB=1 \
    WASM_BINDGEN_TEST_TIMEOUT="${WASM_BINDGEN_TEST_TIMEOUT:-300}" \
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT="${WASM_BINDGEN_TEST_DRIVER_TIMEOUT:-30}" \
    WASM_BINDGEN_TEST_WEBDRIVER_JSON="$scratch/webdriver.json" \
    cargo test --target "$WASM_TARGET" "$@" &
wait $!
