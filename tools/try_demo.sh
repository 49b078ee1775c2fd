#!/usr/bin/env bash
# Runs `make demo` as a user would, asks the hub for its page, its dataset and a thumbnail, and stops it.
set -euo pipefail
cd "$(dirname "$0")/.."
port=${PORT:-18765}
demo=$(mktemp -d)
make demo DEMO="$demo" PORT="$port" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$demo"' EXIT

ask() { .venv/bin/python -c 'import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen(sys.argv[1], timeout=20).read())' "http://127.0.0.1:$port$1"; }

for _ in $(seq 600); do
    kill -0 "$server" 2>/dev/null || { echo "make demo ended before it served anything" >&2; exit 1; }
    ask /api/v1/health >/dev/null 2>&1 && break
    sleep 1
done
ask / | grep -q '<div id="root">' && echo "the hub answers"
uid=$(ask /api/v1/artifacts | .venv/bin/python -c 'import json, sys; page = json.load(sys.stdin); assert page["total"] == 1, page; print(page["items"][0]["uid"])')
echo "one artifact: $uid"
ask "/api/v1/artifacts/$uid/thumbnail" | head -c 12 | grep -aq WEBP && echo "it has a thumbnail"
ask "/api/v1/artifacts/$uid/vitessce.json" | grep -q '"coordinationSpace"' && echo "it has a view"
