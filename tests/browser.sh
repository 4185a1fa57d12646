#!/usr/bin/env bash
# Opens exported pages in a real browser: see browser/run.py. Installs Chromium where it is not there; exit code 77 where it
# cannot be had.
#
#   tests/browser.sh [BINARY [PICTURES]]
set -euo pipefail
cd "$(dirname "$0")/.."
skip() { printf 'SKIPPED: %s\n' "$1"; exit 77; }
command -v python3 >/dev/null || skip 'there is no Python 3'
if ! { command -v chromium && command -v chromedriver; } >/dev/null 2>&1; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium chromium-driver; } >/dev/null 2>&1 ||
    skip 'Chromium and its driver cannot be had'
fi
binary=${1:-target/debug/sessionkeep}
[ -x "$binary" ] || cargo build --locked
exec env PYTHONDONTWRITEBYTECODE=1 python3 tests/browser/run.py "$binary" "${@:2}"
