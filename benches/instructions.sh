#!/usr/bin/env bash
# Counts the instructions of fixed work under callgrind: the masker on several inputs, and dry imports.
#
#   benches/instructions.sh            print the counts
#   benches/instructions.sh --check    compare them with benches/instructions.tsv; exit 1 if one grew too much
#   benches/instructions.sh --update   write them there
#
# Counts do not depend on what else the machine does, so that a loss of a few percent shows anywhere. They do depend on
# the compiler, and on the instructions that the processor seems to have: valgrind shows AVX2 where the machine has it,
# never AVX-512. The file says what it was made with. With another compiler or valgrind --check allows more; with
# another instruction set there is nothing to compare with, and it says so.
set -euo pipefail
cd "$(dirname "$0")/.."

# What may come and go with a change that nobody would mind.
TOLERANCE_PERCENT=3
# What another compiler or valgrind makes of the same code.
OTHER_TOOLS_TOLERANCE_PERCENT=15
FIGURES=benches/instructions.tsv
PARTS="scan-clean mask-clean mask-realistic mask-dense-secrets import-dry import-tiny-dry"

fail() { printf 'instructions: %s\n' "$1" >&2; exit 1; }

mode=${1:-print}
case $mode in print | --check | --update) ;; *) fail "usage: benches/instructions.sh [--check|--update]" ;; esac
command -v valgrind >/dev/null || fail 'valgrind is not installed'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo bench --locked --no-run --bench instructions --message-format=json-render-diagnostics >"$work/messages"
program=$(sed -n 's/.*"name":"instructions".*"executable":"\([^"]*\)".*/\1/p' "$work/messages" | tail -1)
[ -x "$program" ] || fail 'cargo does not say where the program is'

# The instruction set that the program finds under valgrind.
instruction_set() {
  local features=baseline
  if grep -qw avx2 /proc/cpuinfo 2>/dev/null; then features=avx2; fi
  printf '%s %s' "$(uname -m)" "$features"
}

tools() { printf '%s, %s' "$(rustc --version | cut -d' ' -f1,2)" "$(valgrind --version)"; }

# All instructions of a run, of all its threads.
count_run() { # part repeats
  env -i HOME="$work" PATH="$PATH" valgrind --tool=callgrind --callgrind-out-file="$work/$1.$2.out" \
    "$program" "$1" "$2" >"$work/$1.$2.log" 2>&1 || { cat "$work/$1.$2.log" >&2; return 1; }
  sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/$1.$2.log"
}

# Two repeats less one: preparation and start-up drop out.
measure() { # part
  local one two
  one=$(count_run "$1" 1)
  two=$(count_run "$1" 2)
  printf '%s\t%s\n' "$1" $((two - one)) >"$work/$1.tsv"
}

# Two at a time: counts are the same on a busy machine.
running=0
for part in $PARTS; do
  measure "$part" &
  running=$((running + 1))
  if [ "$running" -ge 2 ]; then wait -n || fail 'a run failed'; running=$((running - 1)); fi
done
while [ "$running" -gt 0 ]; do wait -n || fail 'a run failed'; running=$((running - 1)); done

{
  printf '# Instructions of fixed work; see benches/instructions.sh.\n'
  printf '# instruction set: %s\n# tools: %s\n' "$(instruction_set)" "$(tools)"
  for part in $PARTS; do cat "$work/$part.tsv"; done
} >"$work/figures"

if [ "$mode" = print ]; then cat "$work/figures"; exit 0; fi
if [ "$mode" = --update ]; then cp "$work/figures" "$FIGURES"; cat "$FIGURES"; exit 0; fi

[ -f "$FIGURES" ] || fail "there is no $FIGURES; make it with --update"
printf 'instructions: counted with %s, %s\n' "$(instruction_set)" "$(tools)"
recorded_set=$(sed -n 's/^# instruction set: //p' "$FIGURES")
recorded_tools=$(sed -n 's/^# tools: //p' "$FIGURES")
if [ "$recorded_set" != "$(instruction_set)" ]; then
  printf 'instructions: recorded with %s: nothing to compare with\n' "$recorded_set"
  cat "$work/figures"
  exit 0
fi
tolerance=$TOLERANCE_PERCENT
if [ "$recorded_tools" != "$(tools)" ]; then
  tolerance=$OTHER_TOOLS_TOLERANCE_PERCENT
  printf 'instructions: recorded with %s, so %s %% are allowed\n' "$recorded_tools" "$tolerance"
fi
status=0
while IFS=$'\t' read -r part count; do
  before=$(awk -F'\t' -v part="$part" '$1 == part { print $2 }' "$FIGURES")
  [ -n "$before" ] || fail "$FIGURES has no figure for $part; make it with --update"
  change=$(awk -v now="$count" -v before="$before" 'BEGIN { printf "%+.2f", (now / before - 1) * 100 }')
  printf 'instructions: %-20s %14d  before %14d  %s %%\n' "$part" "$count" "$before" "$change"
  if awk -v change="$change" -v limit="$tolerance" 'BEGIN { exit !(change > limit) }'; then
    printf 'instructions: %s takes %s %% more instructions than recorded; %s %% are allowed\n' \
      "$part" "$change" "$tolerance" >&2
    status=1
  fi
done < <(grep -v '^#' "$work/figures")
[ "$status" = 0 ] || printf 'instructions: if that is worth it, say why and run benches/instructions.sh --update\n' >&2
exit "$status"
