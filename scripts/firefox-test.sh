#!/usr/bin/env bash
# Runs the conformance suite and the storage's own tests in headless Firefox, and the page's main job,
# against the page as `make page` built it. Not a part of `make test`: scripts/setup.sh firefox gets
# what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."

# FIREFOX and GECKODRIVER, as set-up finds them.
assignments=$(scripts/setup.sh env-firefox)
eval "$assignments"

source scripts/scratch.sh

WASM_TEST_BROWSER=firefox scripts/wasm-test.sh --features wasm --test indexeddb --test memory 2>&1 |
    tee "$scratch/storage.log"
passed=$(sed -n 's/^test result: ok. \([0-9]*\) passed.*/\1/p' "$scratch/storage.log" | paste -sd '+')
printf 'firefox: tests of the storages on IndexedDB and in memory: %s passed\n' "${passed/+/ and }"

PAGE_TEST_SITE=${PAGE_TEST_SITE:-$(TMPDIR="$scratch" node tests/page/support/copy_site.mjs)}

in_scratch PATH="$PATH" FIREFOX="$FIREFOX" GECKODRIVER="$GECKODRIVER" PAGE_TEST_SITE="$PAGE_TEST_SITE" \
    node --test --test-reporter=spec "$@" tests/page/firefox/*.test.mjs
