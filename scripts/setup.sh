#!/usr/bin/env bash
# Finds what building and testing Holdpoint needs, and installs what is missing.
#
#   scripts/setup.sh native    Rust and a C compiler: the command line and its tests
#   scripts/setup.sh page      Rust for wasm, Node and its packages: the page
#   scripts/setup.sh all       both, and a browser: everything that is tested
#   scripts/setup.sh coverage  what `make coverage` needs besides
#   scripts/setup.sh firefox   what is tested in Firefox: Firefox itself and its driver
#   scripts/setup.sh bench     what `make bench` needs: a browser, and what Holdpoint stands beside
#   scripts/setup.sh fuzz      what `make fuzz` needs besides
#   scripts/setup.sh env-page  installs nothing: prints what it finds for the page
#   scripts/setup.sh env       or for the browser tests as well, as shell
#                              assignments, for other scripts
#
# It can be run as often as one likes. Already there: it says so and goes on.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly WASM_TARGET=wasm32-unknown-unknown
readonly TOOLS=$PWD/.tools
readonly OLDEST_NODE=20.19

# Everything that is said goes to stderr: `env` has stdout for itself.
found() { printf 'found       %s\n' "$*" >&2; }
installing() { printf 'installing  %s\n' "$*" >&2; }
cannot() {
    printf 'cannot go on: %s\n' "$1" >&2
    printf '  what to do: %s\n' "$2" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# The first number made of digits and dots in the text: "rustc 1.95.0 (…)" is 1.95.0.
version_in() { sed -n 's/^[^0-9]*\([0-9][0-9.]*\).*/\1/p' <<<"$1" | head -n 1; }

# Whether version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif has sudo; then
        sudo "$@"
    else
        return 1
    fi
}

# apt_install <packages…>: refreshes the package lists once, then installs.
apt_install() {
    local by_hand="install these with your system's package manager, then run this again: $*"
    has apt-get || cannot "there is no apt-get here to install $* with" "$by_hand"
    if [ "$(id -u)" != 0 ] && ! has sudo; then
        cannot "installing $* needs root, and there is no sudo" "$by_hand"
    fi
    {
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
            as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -qq --no-install-recommends "$@"
    } >&2 || cannot "apt-get could not install $*" "$by_hand"
}

# --- native ------------------------------------------------------------------

find_cargo() {
    local home=${CARGO_HOME:-$HOME/.cargo}
    if ! has cargo && [ -x "$home/bin/cargo" ]; then
        PATH=$home/bin:$PATH
    fi
    has cargo && has rustc
}

check_rust() {
    local wanted version
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    find_cargo || cannot "cargo and rustc are neither on PATH nor in ~/.cargo/bin" \
        "install Rust $wanted or newer with rustup, then run this again"
    version=$(version_in "$(rustc --version)")
    at_least "$version" "$wanted" || cannot "rustc is $version, and Holdpoint needs $wanted" \
        "run: rustup update stable && rustup default stable"
    found "rustc $version"
}

# check_component <component> <a command that works only when it is there…>
check_component() {
    local component=$1
    shift
    if "$@" >/dev/null 2>&1; then
        found "$component"
        return
    fi
    local by_hand="install the Rust component $component of the toolchain in use"
    installing "$component because \`$*\` does not work"
    has rustup || cannot "$component is missing and there is no rustup" "$by_hand"
    rustup component add "$component" >&2 || cannot "rustup could not add $component" "$by_hand"
}

check_c_compiler() {
    if has cc; then
        found "C compiler $(command -v cc)"
    else
        installing "gcc and libc6-dev because SQLite is compiled from C and there is no cc"
        apt_install gcc libc6-dev
    fi
}

native() {
    check_rust
    check_component rustfmt cargo fmt --version
    check_component clippy cargo clippy --version
    check_c_compiler
}

# --- page, all ---------------------------------------------------------------

check_wasm_target() {
    local by_hand="install the Rust target $WASM_TARGET of the toolchain in use"
    if [ -d "$(rustc --print target-libdir --target "$WASM_TARGET")" ]; then
        found "Rust target $WASM_TARGET"
        return
    fi
    installing "Rust target $WASM_TARGET because the browser build is compiled for it"
    has rustup || cannot "$WASM_TARGET is missing and there is no rustup" "$by_hand"
    local options=()
    # Only some versions of rustup would update themselves here, and only those
    # have the option that keeps them from it.
    if rustup target add --help | grep -q -- --no-self-update; then
        options+=(--no-self-update)
    fi
    # The odd expansion: an empty array counts as unset for bash 3 (macOS).
    rustup target add ${options[@]+"${options[@]}"} "$WASM_TARGET" >&2 ||
        cannot "rustup could not add $WASM_TARGET" "$by_hand"
}

# wasm-bindgen's command line refuses a module made with any other version of it.
wanted_wasm_bindgen() {
    sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"/\1/p;}' Cargo.lock
}

# Sets WASM_BINDGEN_DIR to the folder with wasm-bindgen and its test runner in
# exactly version $1.
find_wasm_bindgen() {
    local dir tool
    for dir in "$TOOLS/bin" "$(dirname "$(command -v wasm-bindgen || echo .)")"; do
        for tool in wasm-bindgen wasm-bindgen-test-runner; do
            [ -x "$dir/$tool" ] || continue 2
            [ "$(version_in "$("$dir/$tool" --version 2>/dev/null)")" = "$1" ] || continue 2
        done
        WASM_BINDGEN_DIR=$dir
        return 0
    done
    return 1
}

check_wasm_bindgen() {
    local version
    version=$(wanted_wasm_bindgen)
    [ -n "$version" ] || cannot "Cargo.lock names no wasm-bindgen" "restore Cargo.lock from git"
    if ! find_wasm_bindgen "$version"; then
        installing "wasm-bindgen $version into .tools because Cargo.lock has it in that version (some minutes)"
        # Not --locked: its lock file names releases that not every mirror has.
        cargo install wasm-bindgen-cli --version "$version" --root .tools --force >&2 ||
            cannot "cargo could not install wasm-bindgen-cli $version" \
                "see cargo's message above; then run this again, or put wasm-bindgen $version on PATH"
        find_wasm_bindgen "$version" ||
            cannot "wasm-bindgen $version does not run after its installation" \
                "delete .tools and run this again"
    fi
    found "wasm-bindgen $version"
}

# Sets CHROMIUM and CHROMEDRIVER (either may be set beforehand) and CHROMIUM_VERSION,
# if both are there and of the same major version; chromedriver refuses any other.
find_chromium() {
    local name driver_version
    CHROMEDRIVER=${CHROMEDRIVER:-$(command -v chromedriver || true)}
    if [ -z "${CHROMIUM:-}" ]; then
        for name in chromium chromium-browser google-chrome google-chrome-stable; do
            CHROMIUM=$(command -v "$name") && break
        done
    fi
    [ -x "${CHROMIUM:-}" ] && [ -x "$CHROMEDRIVER" ] || return 1
    CHROMIUM_VERSION=$(version_in "$("$CHROMIUM" --version 2>/dev/null)")
    driver_version=$(version_in "$("$CHROMEDRIVER" --version 2>/dev/null)")
    [ -n "$CHROMIUM_VERSION" ] && [ "${CHROMIUM_VERSION%%.*}" = "${driver_version%%.*}" ]
}

check_chromium() {
    if ! find_chromium; then
        installing "chromium and its driver because no pair of the same major version was found"
        # What was set or found is no pair: start afresh.
        unset CHROMIUM CHROMEDRIVER
        apt_install chromium chromium-driver
        find_chromium || cannot "chromium and chromedriver are there now, but not of the same major version" \
            "set CHROMIUM and CHROMEDRIVER to a pair that matches, then run this again"
    fi
    found "Chromium $CHROMIUM_VERSION with chromedriver"
}

# Sets FIREFOX and GECKODRIVER (either may be set beforehand), if both are there.
find_firefox() {
    local name
    if [ -z "${FIREFOX:-}" ]; then
        for name in firefox-esr firefox; do
            FIREFOX=$(command -v "$name") && break
        done
    fi
    if [ -z "${GECKODRIVER:-}" ]; then
        GECKODRIVER=$TOOLS/bin/geckodriver
        [ -x "$GECKODRIVER" ] || GECKODRIVER=$(command -v geckodriver || true)
    fi
    [ -x "${FIREFOX:-}" ] && [ -x "$GECKODRIVER" ]
}

check_firefox() {
    if ! find_firefox && [ ! -x "${FIREFOX:-}" ]; then
        installing "firefox-esr because no Firefox was found"
        apt_install firefox-esr
    fi
    unset GECKODRIVER
    if ! find_firefox; then
        installing "geckodriver into .tools because Firefox is driven by it (a minute)"
        cargo install geckodriver --root .tools >&2 ||
            cannot "cargo could not install geckodriver" "see cargo's message above; or put geckodriver on PATH, then run this again"
        unset GECKODRIVER
        find_firefox || cannot "Firefox or its driver does not run after its installation" \
            "set FIREFOX and GECKODRIVER to a pair that matches, then run this again"
    fi
    found "$("$FIREFOX" --version) with $("$GECKODRIVER" --version | head -n 1)"
}

check_node() {
    local by_hand="install Node $OLDEST_NODE or newer with npm, then run this again" version
    has node || cannot "there is no node on PATH" "$by_hand"
    version=$(version_in "$(node --version)")
    at_least "$version" "$OLDEST_NODE" ||
        cannot "node is $version, and the page needs $OLDEST_NODE or newer" "$by_hand"
    has npm || cannot "there is a node on PATH, but no npm" "$by_hand"
    found "node $version"
}

# What npm installed says of itself, made when all of it was there.
readonly NPM_MARK=node_modules/.package-lock.json

check_packages() {
    if [ -f "$NPM_MARK" ] && [ ! package-lock.json -nt "$NPM_MARK" ]; then
        found "npm packages in node_modules"
        return
    fi
    installing "npm packages into node_modules, in the versions of package-lock.json"
    local workspaces=(--include-workspace-root) folder
    # Not benches/peers: libraries that only benchmarks need, one of which is compiled from C++.
    for folder in pkg docs/reference www tests/page tests/package; do
        workspaces+=(--workspace "$folder")
    done
    npm ci --no-progress "${workspaces[@]}" >&2 ||
        cannot "npm could not install the packages" "see npm's message above; then run this again"
    touch "$NPM_MARK"
}

# Other versions of Node, for the tests of the npm package. These are skipped where there are none.
check_other_nodes() {
    local dir=tests/package/nodes
    local mark=$dir/node_modules/.package-lock.json
    if [ -f "$mark" ] && [ ! "$dir/package-lock.json" -nt "$mark" ]; then
        found "other versions of Node in $dir"
        return
    fi
    installing "Node 22 and 24 into $dir because the npm package is tested with them too"
    if npm ci --prefix "$dir" --no-progress >&2; then
        touch "$mark"
    else
        found "no other versions of Node: the package is tested with $(node --version) alone"
    fi
}

# The SQLite of Node that one of the peers uses, compiled.
readonly PEERS_MARK=node_modules/better-sqlite3/build/Release/better_sqlite3.node

check_peers() {
    if [ -f "$PEERS_MARK" ] && [ ! package-lock.json -nt "$PEERS_MARK" ]; then
        found "the peers' packages in node_modules"
        return
    fi
    installing "what Holdpoint is measured beside, and compiling better-sqlite3 (some minutes)"
    has g++ && has make || apt_install g++ make
    has python3 || apt_install python3
    # Scripts later: as it comes, better-sqlite3 would fetch a file from elsewhere.
    npm ci --no-progress --ignore-scripts >&2 ||
        cannot "npm could not install the peers" "see npm's message above; then run this again"
    touch "$NPM_MARK"
    # With Node's own headers, where it brought them: otherwise they are fetched.
    local prefix
    prefix=$(node -p 'path.dirname(path.dirname(process.execPath))')
    [ -f "$prefix/include/node/node.h" ] || prefix=
    env npm_config_build_from_source=true ${prefix:+npm_config_nodedir="$prefix"} \
        npm rebuild >&2 ||
        cannot "better-sqlite3 could not be compiled" "see npm's message above; then run this again"
    touch "$PEERS_MARK"
}

page_tools() {
    check_wasm_target
    check_wasm_bindgen
    check_node
    check_packages
}

page() {
    check_rust
    page_tools
}

all() {
    native
    page_tools
    check_other_nodes
    check_chromium
}

firefox() {
    native
    page_tools
    check_firefox
}

bench() {
    native
    page_tools
    check_chromium
    check_peers
}

# --- coverage ----------------------------------------------------------------

# Sets LLVM_COV_DIR to the folder with cargo-llvm-cov.
find_llvm_cov() {
    local dir
    for dir in "$TOOLS/bin" "$(dirname "$(command -v cargo-llvm-cov || echo .)")"; do
        if [ -x "$dir/cargo-llvm-cov" ]; then
            LLVM_COV_DIR=$dir
            return 0
        fi
    done
    return 1
}

coverage() {
    native
    check_node
    check_component llvm-tools find_llvm_tools
    if ! find_llvm_cov; then
        installing "cargo-llvm-cov into .tools because it reads what the compiler counts (a minute)"
        cargo install cargo-llvm-cov --root .tools >&2 ||
            cannot "cargo could not install cargo-llvm-cov" "see cargo's message above; then run this again"
        find_llvm_cov || cannot "cargo-llvm-cov is not there after its installation" "delete .tools and run this again"
    fi
    found "cargo-llvm-cov"
}

find_llvm_tools() {
    compgen -G "$(rustc --print sysroot)/lib/rustlib/*/bin/llvm-cov*"
}

environment_coverage() {
    local by_hand="run: scripts/setup.sh coverage"
    find_cargo || cannot "cargo was not found" "$by_hand"
    find_llvm_cov || cannot "cargo-llvm-cov was not found" "$by_hand"
    printf '%s=%q\n' PATH "$LLVM_COV_DIR:$PATH"
}

# --- fuzz --------------------------------------------------------------------

# Sets FUZZ_DIR to the folder with cargo-fuzz.
find_cargo_fuzz() {
    local dir
    for dir in "$TOOLS/bin" "$(dirname "$(command -v cargo-fuzz || echo .)")"; do
        if [ -x "$dir/cargo-fuzz" ]; then
            FUZZ_DIR=$dir
            return 0
        fi
    done
    return 1
}

check_cpp_compiler() {
    if has c++; then
        found "C++ compiler $(command -v c++)"
    else
        installing "g++ because libFuzzer is compiled from C++ and there is no c++"
        apt_install g++
    fi
}

fuzz() {
    native
    check_cpp_compiler
    if ! find_cargo_fuzz; then
        installing "cargo-fuzz into .tools because it builds programs that libFuzzer runs (a minute)"
        cargo install cargo-fuzz --root .tools >&2 ||
            cannot "cargo could not install cargo-fuzz" "see cargo's message above; then run this again"
        find_cargo_fuzz || cannot "cargo-fuzz is not there after its installation" "delete .tools and run this again"
    fi
    found "cargo-fuzz"
}

environment_fuzz() {
    local by_hand="run: scripts/setup.sh fuzz"
    find_cargo || cannot "cargo was not found" "$by_hand"
    find_cargo_fuzz || cannot "cargo-fuzz was not found" "$by_hand"
    printf '%s=%q\n' PATH "$FUZZ_DIR:$PATH"
}

# --- env ---------------------------------------------------------------------

environment_page() {
    local by_hand="run: scripts/setup.sh page"
    find_cargo || cannot "cargo was not found" "$by_hand"
    find_wasm_bindgen "$(wanted_wasm_bindgen)" || cannot "wasm-bindgen was not found" "$by_hand"
    printf '%s=%q\n' PATH "$PATH" WASM_BINDGEN_DIR "$WASM_BINDGEN_DIR"
}

environment() {
    environment_page
    find_chromium || cannot "Chromium and chromedriver were not found" "run: scripts/setup.sh all"
    printf '%s=%q\n' CHROMIUM "$CHROMIUM" CHROMEDRIVER "$CHROMEDRIVER"
}

environment_firefox() {
    find_firefox || cannot "Firefox and geckodriver were not found" "run: scripts/setup.sh firefox"
    printf '%s=%q\n' FIREFOX "$FIREFOX" GECKODRIVER "$GECKODRIVER"
}

case ${1:-} in
    native | page | all | coverage | firefox | bench | fuzz) "$1" ;;
    env) environment ;;
    env-page) environment_page ;;
    env-coverage) environment_coverage ;;
    env-fuzz) environment_fuzz ;;
    env-firefox) environment_firefox ;;
    *) cannot "'${1:-}' is not one of native, page, all, coverage, firefox, bench, fuzz, env, env-page, env-coverage, env-fuzz, env-firefox" "see the top of scripts/setup.sh" ;;
esac
