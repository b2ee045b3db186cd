#!/usr/bin/env bash
# Builds the npm package into pkg/dist, of the module in pkg/wasm and the sources in pkg/src.
#
#   scripts/build-package.sh
#
# What was built before stays until the new one is whole.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly OUT=pkg/dist

# PATH, as set-up finds it.
assignments=$(scripts/setup.sh env-page)
eval "$assignments"

[ -f pkg/wasm/holdpoint_bg.wasm ] || {
    printf 'cannot go on: there is no module in pkg/wasm\n  what to do: make wasm\n' >&2
    exit 1
}

scratch=$(mktemp -d pkg/.dist.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

node_modules/.bin/tsc --project pkg/tsconfig.json --outDir "$scratch"
node scripts/make-glue.mjs pkg/wasm/holdpoint.js "$scratch/glue.js"
cp pkg/wasm/holdpoint_bg.wasm "$scratch/holdpoint.wasm"
chmod 644 "$scratch/holdpoint.wasm"
# They speak of what is inside; nothing that is public names them.
for inside in glue hub lease own request json names shared ulid waiting; do
    rm -f "$scratch/$inside.d.ts" "$scratch/$inside.d.ts.map"
done

rm -rf "$OUT"
mv "$scratch" "$OUT"
chmod 755 "$OUT"

cp CHANGELOG.md LICENSE-APACHE LICENSE-MIT pkg/
node scripts/third-party.mjs pkg/THIRD-PARTY-NOTICES.txt
