# For scripts that start browsers; sourced. Makes `scratch`, a folder that goes away again with every
# process that was started with it as its TMPDIR: browsers put their profiles there, and leave
# processes behind.

scratch=$(mktemp -d "${TMPDIR:-/tmp}/holdpoint.XXXXXX")

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

# Runs a command with that TMPDIR: in the background, because bash attends to a signal only between
# commands, but at once while it waits.
in_scratch() {
    env TMPDIR="$scratch" "$@" &
    wait $!
}
