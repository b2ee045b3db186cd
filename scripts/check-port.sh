#!/usr/bin/env bash
# Whether the page can be served at PORT, asked before minutes are spent on building it.
set -euo pipefail

port=${PORT:-4173}
if ! [[ $port =~ ^[0-9]{1,5}$ ]] || ((10#$port > 65535)); then
    echo "PORT is \"$port\"; it has to be a number from 0 to 65535." >&2
    exit 2
fi
# 0 lets the system choose one.
if ((10#$port != 0)) && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "Port $port is taken by another program, perhaps an earlier make run. Choose another one, for example: PORT=$((10#$port % 65535 + 1)) make run" >&2
    exit 2
fi
