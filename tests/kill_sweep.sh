#!/usr/bin/env bash
# Kills commands at every system call that changes something, one after the other, until the run gets through alive.
# After each kill all that there is must be whole, and the next run must complete the rest without losing, doubling or
# showing anything. Of an import every archive must be whole, and the next import must archive what is missing, once;
# what must hold of the others is in tests/kill_sweep/scenarios.py.
#
#   tests/kill_sweep.sh [SCENARIO...]        import, or those of the other commands, named there at the end [all]
#   CALLS="linkat fsync" tests/kill_sweep.sh import
#   SESSIONKEEP=path                         the program [target/debug/sessionkeep]
#
# Needs strace and python3; takes many minutes. tests/kill_sweep/run.py says what else can be set.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
program=$(realpath "${SESSIONKEEP:-target/debug/sessionkeep}")
for needed in strace python3; do
  command -v $needed >/dev/null || { echo "skipped: $needed is not installed"; [ -z "${CI:-}" ]; exit; }
done
[ -x "$program" ] || { echo "there is no program at $program: set SESSIONKEEP" >&2; exit 2; }
others=()
for scenario in "$@"; do [ "$scenario" = import ] || others+=("$scenario"); done
if [ $# -eq ${#others[@]} ] && [ $# -gt 0 ]; then
  SESSIONKEEP=$program exec python3 "$here/kill_sweep/run.py" "$@"
fi
calls=${CALLS:-write pwrite64 fsync fdatasync syncfs linkat renameat2 renameat rename mkdirat mkdir fchmod ftruncate unlink copy_file_range flock openat}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

session() { # number lines -> a session of its own text
  local id projects=$work/template/.claude/projects/-home-me-p
  id=$(printf '%08x-0000-4000-8000-%012x' $(( $1 * 7919 )) "$1")
  mkdir -p "$projects"
  awk -v id="$id" -v n="$2" 'BEGIN { for (i = 0; i < n; i++) printf "{\"type\":\"user\",\"sessionId\":\"%s\",\"cwd\":\"/home/me/p\",\"message\":{\"role\":\"user\",\"content\":\"line %d of it\"},\"timestamp\":\"2026-06-05T14:30:%02d.000Z\"}\n", id, i, i % 60 }' > "$projects/$id.jsonl"
}

texts() { find "$1" -name '*.gz' -print0 | sort -z | while IFS= read -r -d '' gz; do zcat "$gz" | sha256sum; done | sort; }
sources() { find "$1" -name '*.jsonl' -print0 | while IFS= read -r -d '' source; do sha256sum < "$source"; done | sort; }

kills=0 tries=0
sweep() { # name of the scenario
  local call when home=$work/home
  for call in $calls; do
    for (( when = 1; when <= ${MOST:-150}; when++ )); do
      rm -rf "$home"; cp -a "$work/$1" "$home"
      tries=$((tries + 1))
      HOME=$home strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$when" \
        "$program" import --threads 2 >/dev/null 2>&1 && break || true
      kills=$((kills + 1))
      # The first calls make the store itself.
      [ ! -d "$home/.sessionkeep" ] || find "$home/.sessionkeep" -name '*.gz' -exec gzip -t {} + || { echo "torn archive: $1 $call $when"; exit 1; }
      HOME=$home "$program" import >/dev/null 2>"$work/said" || { echo "not completed: $1 $call $when"; cat "$work/said"; exit 1; }
      [ "$(texts "$home/.sessionkeep")" = "$(sources "$home/.claude")" ] || { echo "other texts: $1 $call $when"; exit 1; }
    done
    echo "$1 $call: $((when - 1)) kills"
  done
}

for number in 1 2 3 4 5 6 7 8 9; do session "$number" 5; done
session 10 25000
# The shell says of every killed child that it was; that is no news here.
sweep template 2>/dev/null
HOME=$work/template "$program" import >/dev/null 2>&1
mv "$work/template" "$work/grown"
for source in "$work/grown/.claude/projects/-home-me-p"/*.jsonl; do tail -1 "$source" >> "$source.new"; cat "$source.new" >> "$source"; rm "$source.new"; done
sweep grown 2>/dev/null
echo "$kills kills survived of $kills ($tries runs)"
if [ $# -eq 0 ] || [ ${#others[@]} -gt 0 ]; then
  SESSIONKEEP=$program python3 "$here/kill_sweep/run.py" "${others[@]}"
fi
