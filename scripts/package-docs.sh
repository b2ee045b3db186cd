#!/usr/bin/env bash
# Makes the npm package's reference, pkg/reference, of the comments in pkg/src. What is public and
# not documented is an error.
#
#   scripts/package-docs.sh           writes it
#   scripts/package-docs.sh --check   looks only whether it could be written
set -euo pipefail
cd "$(dirname "$0")/.."

options=()
[ "${1:-}" != --check ] || options+=(--emit none)
docs/reference/node_modules/.bin/typedoc --options docs/reference/typedoc.json ${options[@]+"${options[@]}"}
