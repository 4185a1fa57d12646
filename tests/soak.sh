#!/usr/bin/env bash
# Lets everything happen at once for some minutes: transcripts grow, imports and hooks run and are killed, searches
# read; at the end every transcript must be archived once, whole and masked.
#
#   tests/soak.sh [PROGRAM] [SECONDS]
set -euo pipefail
program=$(realpath "${1:-target/debug/sessionkeep}") seconds=${2:-180}
work=$(mktemp -d)
export HOME=$work/home
projects=$HOME/.claude/projects/-home-me-p
mkdir -p "$projects"
until=$((SECONDS + seconds))
children=()
cleanup() { for pid in "${children[@]}"; do kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
running() { [ $SECONDS -lt $until ]; }
id() { printf '%08x-0000-4000-8000-%012x' $(( $1 * 7919 )) "$1"; }
# From pieces, so that no scanner finds one here.
token() { printf 'gh''p_a1B2%s' "$(printf '%s' "$1" | sha256sum | tr -d '\n -' | cut -c1-32)"; }

grow() { # one writer for each session, as agents are
  local number=$1 line=0 text
  while running; do
    for (( n = RANDOM % 20; n >= 0; n-- )); do
      line=$((line + 1)); text="line $line"
      [ $((line % 7)) = 0 ] && text="key $(token "$number-$line")"
      printf '{"type":"user","sessionId":"%s","cwd":"/home/me/p","message":{"role":"user","content":"%s"},"timestamp":"2026-06-05T14:30:%02d.000Z"}\n' \
        "$(id "$number")" "$text" $((line % 60)) >> "$projects/$(id "$number").jsonl"
    done
    sleep "0.$((RANDOM % 9 + 1))"
  done
}
# On a machine that is busy enough a run waits in vain for another; 75 says so, and the next one catches up.
imports() { while running; do "$program" import >/dev/null 2>>"$work/said" || busy_or_wrong import $?; sleep "0.$((RANDOM % 5))"; done; }
busy_or_wrong() { if [ "$2" = 75 ]; then echo >> "$work/busy"; else echo "$1: $2" >> "$work/codes"; fi; }
killed() { while running; do timeout -s KILL "0.0$((RANDOM % 9 + 1))" "$program" import >/dev/null 2>&1 || true; echo >> "$work/kills"; sleep 0.3; done; }
hooks() {
  local number
  while running; do
    number=$((RANDOM % 12))
    printf '{"session_id":"%s","transcript_path":"%s"}' "$(id $number)" "$projects/$(id $number).jsonl" | "$program" hook || echo "hook: $?" >> "$work/codes"
    sleep "0.$((RANDOM % 9))"
  done
}
readers() {
  while running; do
    "$program" search -c line >/dev/null 2>>"$work/said" || [ $? = 1 ] || echo "search: $?" >> "$work/codes"
    find "$HOME/.sessionkeep/sessions/2026" -name '*.gz' -exec gzip -t {} + 2>>"$work/torn" || true
    sleep 0.2
  done
}

for number in 0 1 2 3 4 5 6 7 8 9 10 11; do grow "$number" & children+=($!); done
imports & children+=($!)
imports & children+=($!)
killed 2>/dev/null & children+=($!)
hooks & children+=($!)
readers & children+=($!)
wait
children=()
sleep 3
"$program" import >/dev/null
# `find` may list a name that a growth replaces before gzip opens it; anything else is a torn archive.
if [ -s "$work/torn" ] && grep -v 'No such file' "$work/torn"; then echo "a torn archive was seen"; exit 1; fi
if [ -s "$work/codes" ]; then sort "$work/codes" | uniq -c; sort "$work/said" | uniq -c | sort -rn | head -5; exit 1; fi
count=$(find "$HOME/.sessionkeep/sessions/2026" -name '*.gz' | wc -l)
[ "$count" = 12 ] || { echo "$count archives of 12 sessions"; find "$HOME/.sessionkeep/sessions/2026" -name '*.gz'; exit 1; }
find "$HOME/.sessionkeep/sessions/2026" -name '*.gz' -print0 | xargs -0 -n1 sh -c 'zcat "$0" | sha256sum' | sort > "$work/held"
for source in "$projects"/*.jsonl; do sed -E 's/gh''p_a1B2[0-9a-f]{32}/gh''p_***MASKED***/' "$source" | sha256sum; done | sort > "$work/wanted"
cmp "$work/held" "$work/wanted"
echo "$seconds s, $(cat "$projects"/*.jsonl | wc -l) lines, $(wc -l < "$work/kills") kills, $(cat "$work/busy" 2>/dev/null | wc -l) times busy: every session once, whole and masked"
