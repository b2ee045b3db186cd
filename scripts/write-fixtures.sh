#!/usr/bin/env bash
# Makes tests/fixtures/v1 out of what this program writes, where there is nothing yet.
#
# `--anew` makes what is there anew. That is for the time before the release only: what a released
# program wrote is never edited. Whoever releases takes that option out of this script.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly folder=tests/fixtures/v1
readonly files=(entries.jsonl snapshot.json state.json store.db indexeddb.json bundle.jsonl)

cd "$folder"
if [ "${1:-}" = --anew ]; then
    rm -f "${files[@]}"
fi
for file in "${files[@]}"; do
    if [ -s "$file" ]; then
        echo "expected nothing in $folder, found $file: fixtures are never edited" >&2
        exit 1
    fi
    # The tests have them compiled in, so they have to be there.
    : >"$file"
done
cd - >/dev/null

cargo test --features cli,sqlite --test fixtures_v1 -- --ignored write_the_fixture
said=$(mktemp)
trap 'rm -f "$said"' EXIT
scripts/wasm-test.sh --features wasm --test fixtures_v1 -- --include-ignored --nocapture \
    write_the_fixture_of_an_indexeddb | tee "$said" | grep -v 'fixture: ' || true
sed -n 's/^.*fixture: //p' "$said" >"$folder/indexeddb.json"
[ -s "$folder/indexeddb.json" ]
wc -c "${files[@]/#/$folder/}"

# What was written opens, in both worlds.
cargo test --features cli,sqlite --test fixtures_v1
scripts/wasm-test.sh --features wasm --test fixtures_v1
