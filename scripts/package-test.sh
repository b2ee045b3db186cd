#!/usr/bin/env bash
# Runs the npm package's tests, against pkg/ as `npm pack` packs it once `make package` has built it.
# Takes what `node --test` takes, for example
#
#   scripts/package-test.sh tests/package/runner.test.mjs
#   scripts/package-test.sh --test-name-pattern=r72_
#
# Without a file it runs all of tests/package.
set -euo pipefail
cd "$(dirname "$0")/.."

# PATH and CHROMIUM, as set-up finds them.
assignments=$(scripts/setup.sh env)
eval "$assignments"

[ -f pkg/dist/index.js ] || {
    printf 'cannot go on: the package in pkg/dist was not built\n  what to do: make package\n' >&2
    exit 1
}

has_file=
for argument in "$@"; do
    case $argument in *.mjs) has_file=1 ;; esac
done
[ -n "$has_file" ] || set -- "$@" tests/package/*.test.mjs

source scripts/scratch.sh

# Packed once for all files: a build beside the tests changes nothing.
npm pack ./pkg --pack-destination "$scratch" --silent >/dev/null
tar -xzf "$scratch"/holdpoint-*.tgz -C "$scratch"
# What apps use besides is found one folder further up, as in any workspace.
ln -s "$PWD/node_modules" "$scratch/node_modules"

in_scratch PATH="$PATH" CHROMIUM="$CHROMIUM" PACKAGE_TEST_PACKED="$scratch" \
    node --test --test-concurrency="${PACKAGE_TEST_CONCURRENCY:-2}" --test-reporter=spec "$@"
