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

# Everything below runs with a TMPDIR of its own: browsers put their profiles
# there, and every process that was started here can be told by it.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/holdpoint-page-test.XXXXXX")

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

# One copy of the page for all files: a build beside the tests changes nothing.
PAGE_TEST_SITE=${PAGE_TEST_SITE:-$(TMPDIR="$scratch" node tests/page/support/copy_site.mjs)}

# In the background, because bash attends to a signal only between commands, but
# at once while it waits.
env PATH="$PATH" TMPDIR="$scratch" CHROMIUM="$CHROMIUM" PAGE_TEST_SITE="$PAGE_TEST_SITE" \
    node --test --test-concurrency=1 --test-reporter=spec "$@" &
wait $!
