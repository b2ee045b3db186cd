#!/usr/bin/env bash
# Runs the browser tests in headless Chromium, or in Firefox with WASM_TEST_BROWSER=firefox. Takes what `cargo test` takes,
# for example `scripts/wasm-test.sh --test rexie_behaviour`; without arguments
# it runs the library's tests and all of tests/, with all that there is for wasm, two files at once.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly WASM_TARGET=wasm32-unknown-unknown

# PATH, WASM_BINDGEN_DIR, and a browser with its driver, as set-up finds them.
case ${WASM_TEST_BROWSER:-chromium} in
    chromium) assignments=$(scripts/setup.sh env) ;;
    firefox) assignments=$(scripts/setup.sh env-page && scripts/setup.sh env-firefox) ;;
    *)
        printf 'expected chromium or firefox in WASM_TEST_BROWSER, found %s\n' "$WASM_TEST_BROWSER" >&2
        exit 2
        ;;
esac
eval "$assignments"

source scripts/scratch.sh

# The driver would look for a browser by itself; name the one that set-up found
# to be of the driver's version.
if [ "${WASM_TEST_BROWSER:-chromium}" = firefox ]; then
    driver=GECKODRIVER=$GECKODRIVER
    printf '{ "timeouts": { "script": 600000 }, "moz:firefoxOptions": { "binary": "%s" } }\n' \
        "$FIREFOX" >"$scratch/webdriver.json"
else
    driver=CHROMEDRIVER=$CHROMEDRIVER
    sed "s|\"goog:chromeOptions\": {|&\"binary\": \"$CHROMIUM\",|" webdriver.json >"$scratch/webdriver.json"
fi

environment=(
    PATH="$PATH"
    "$driver"
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER="$WASM_BINDGEN_DIR/wasm-bindgen-test-runner"
    WASM_BINDGEN_TEST_ONLY_WEB=1
    WASM_BINDGEN_TEST_TIMEOUT="${WASM_BINDGEN_TEST_TIMEOUT:-300}"
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT="${WASM_BINDGEN_TEST_DRIVER_TIMEOUT:-30}"
    WASM_BINDGEN_TEST_WEBDRIVER_JSON="$scratch/webdriver.json"
)

if [ $# -gt 0 ]; then
    in_scratch "${environment[@]}" cargo test --target "$WASM_TARGET" "$@"
    exit
fi

# All of it. A file's tests run one after the other in one page, so a second core would have nothing to
# do. Not the documentation's examples: their harness is no wasm-bindgen test.
in_scratch "${environment[@]}" cargo test --target "$WASM_TARGET" --features wasm --lib --tests \
    --no-run --message-format=json-render-diagnostics >"$scratch/built"
sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' "$scratch/built" >"$scratch/files"
[ -s "$scratch/files" ] || {
    printf 'expected the tests that were built, found none\n' >&2
    exit 1
}

# What one prints is kept until it is over, and then printed by one at a time.
# shellcheck disable=SC2016 # for the shell that xargs starts
in_scratch "${environment[@]}" bash -c '
    one() {
        local failed=0 said=$TMPDIR/said.$$
        printf "     Running %s\n" "${1##*/}" >"$said"
        "$CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER" "$1" >>"$said" 2>&1 || failed=1
        until mkdir "$TMPDIR/printing" 2>/dev/null; do sleep 0.1; done
        cat "$said"
        rmdir "$TMPDIR/printing"
        return "$failed"
    }
    export -f one
    sort "$TMPDIR/files" | xargs -P 2 -I{} bash -c "one {}"
'
