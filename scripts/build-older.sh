#!/usr/bin/env bash
# Builds the command line of an earlier commit, the one that tests/older/commit names, and says on
# stdout where the program is. Says nothing where that commit isn't known: in a shallow clone, or
# outside of one.
#
# Its libraries are those of today's build, as far as they are the same; so it is built beside it,
# under another name.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly target=${1:-target}
commit=$(cat tests/older/commit)
readonly source=$target/older/$commit

if [ ! -e "$source/whole" ]; then
    if ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
        echo "skipped: commit $commit isn't known here" >&2
        exit 0
    fi
    rm -rf "$source"
    mkdir -p "$source"
    git archive "$commit" Cargo.toml Cargo.lock src benches | tar -x -C "$source"
    # The program alone: the name of the library is part of what is hashed into its own files.
    sed -i '/^\[\[bin\]\]/,/^$/s/^name = "holdpoint"$/name = "holdpoint-older"/' "$source/Cargo.toml"
    touch "$source/whole"
fi

"${CARGO:-cargo}" build --quiet --locked --all-features --bin holdpoint-older \
    --manifest-path "$source/Cargo.toml" --target-dir "$target" >&2
echo "$target/debug/holdpoint-older"
