#!/usr/bin/env bash
# Runs the page's tests in headless Chromium, against the page in www/dist as `make page` built it.
# Takes what `node --test` takes, for example
#
#   scripts/page-test.sh tests/page/offline.test.mjs
#   scripts/page-test.sh --test-name-pattern=r71_
#
# Without a file it runs all of tests/page.
set -euo pipefail
cd "$(dirname "$0")/.."

# PATH and CHROMIUM, as set-up finds them.
assignments=$(scripts/setup.sh env)
eval "$assignments"

has_file=
for argument in "$@"; do
    case $argument in *.mjs) has_file=1 ;; esac
done
[ -n "$has_file" ] || set -- "$@" tests/page/*.test.mjs

source scripts/scratch.sh

# One copy of the page for all files: a build beside the tests changes nothing.
PAGE_TEST_SITE=${PAGE_TEST_SITE:-$(TMPDIR="$scratch" node tests/page/support/copy_site.mjs)}

in_scratch PATH="$PATH" CHROMIUM="$CHROMIUM" PAGE_TEST_SITE="$PAGE_TEST_SITE" \
    node --test --test-concurrency="${PAGE_TEST_CONCURRENCY:-2}" --test-reporter=spec "$@"
