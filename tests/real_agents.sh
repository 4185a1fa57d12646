#!/usr/bin/env bash
# Lets real agents write their sessions, against a model on loopback, and checks what becomes of them in a store.
#
#   tests/real_agents.sh [AGENT[@VERSION]...]     default: all of them, in their newest versions
#
# Each agent is installed with npm or pip, gets a home, a project and (where the system allows it) a network of its
# own that has loopback only. It is asked "first prompt about apples", runs a command that prints a secret, and is
# resumed with "second prompt about pears"; after each turn its sessions are imported. Then there must be one session
# of this agent in the store (of aider two: it has no other resuming), with both prompts and the masked secret, the
# secret nowhere in clear, and a further import must archive nothing.
#
# $SESSIONKEEP       the program under test [default: target/release/sessionkeep]
# $REAL_AGENTS_DIR   where agents are installed, and stay [default: a temporary directory, removed at the end]
# $KEEP_HOMES        a directory to keep the agents' homes, stores and outputs in
# $TURN_SECONDS      when an agent that does not come to an end is ended [default: 240]
#
# An agent that cannot be installed, or does not run without an account, is skipped, with the reason. Exit code 1 if
# any failed. Needs node, npm, python3 and zgrep; some agents need a newer node, which is then installed beside them.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/.." && pwd)
program=$(realpath "${SESSIONKEEP:-$checkout/target/release/sessionkeep}")
mock=$checkout/tests/real_agents/mock_model.py
type_into=$checkout/tests/real_agents/type_into.py
# shellcheck source=tests/real_agents/common.sh
. "$checkout/tests/real_agents/common.sh"
all=(opencode gemini qwen crush cline kilo openclaw pi copilot aider gptme hermes claude codex)

# Agents whose sessions lie in the project alone: where no other agent's session tells of it, an import must name it.
declare -A in_project=([aider]=yes [crush]=yes)
# Agents whose second run is a session of its own, in the same file.
declare -A sessions_of=([aider]=2)

result() { # VERDICT [REASON]
  printf '%s\t%s\t%s\t%s\n' "$agent" "$version" "$1" "${2:-}" > "$work/verdict"
  exit 0
}

import() { # NAME; gives how many were archived
  local output=$work/$1.txt
  timeout -k 5 120 "$program" import --out "$store" > "$work/$1.paths" 2> "$output" || { last_words "$output"; return 1; }
  if [ -n "${in_project[$agent]:-}" ]; then
    timeout -k 5 120 "$program" import --out "$store" --from "$project" >> "$work/$1.paths" 2>> "$output" || { last_words "$output"; return 1; }
  fi
  grep -c . "$work/$1.paths" || true
}

files_with() { # WORDS; the files of the home that hold them
  (cd "$HOME" && grep -rlaF --exclude-dir=node_modules --exclude-dir=.cache --exclude-dir=.npm -e "$1" . 2> /dev/null || true) |
    sed 's#^\./#~/#' | sort | tr '\n' ' '
}

trial() { # in the agent's network; leaves a verdict and the list of the files
  # $secret comes in the environment, from pieces that were put together by the caller.
  export HOME=$work/home
  project=$HOME/project store=$work/store
  mkdir -p "$project"
  printf 'apples\npears\n' > "$project/fruit.txt"
  local tell=
  [ "$agent" = aider ] && tell=1
  start_model "$tell"
  local prompt_1='first prompt about apples' prompt_2='second prompt about pears'

  cd "$project"
  "${agent}_setup" < /dev/null > "$work/setup.txt" 2>&1 || result skipped "set-up: $(last_words "$work/setup.txt")"
  if ! turn first "$prompt_1"; then
    result skipped "first turn: $(last_words "$work/first.txt")"
  fi
  grep -q POST "$work/requests" || result skipped "it did not ask the model: $(last_words "$work/first.txt")"
  local first second third
  files_with "$prompt_1" > "$work/files"
  first=$(import import-1) || result failed "import 1: $first"
  turn resume "$prompt_2" || result skipped "resume: $(last_words "$work/resume.txt")"
  { files_with "$prompt_1"; files_with "$prompt_2"; } | tr ' ' '\n' | sort -u | grep . | tr '\n' ' ' > "$work/files" || true
  second=$(import import-2) || result failed "import 2: $second"
  third=$(import import-3) || result failed "import 3: $third"

  local called=${name[$agent]:-$agent} listed sessions archives wrong=()
  listed=$("$program" list --out "$store" --json 2> "$work/list.txt" || true)
  echo "$listed" > "$work/list.json"
  sessions=$(python3 -c '
import json, sys
print(sum(1 for session in json.loads(sys.argv[1] or "[]") if session.get("agent") == sys.argv[2]))' "$listed" "$called")
  [ "$first" -gt 0 ] || wrong+=("the first import archived nothing")
  [ "$second" -gt 0 ] || wrong+=("the second import archived nothing")
  [ "$third" = 0 ] || wrong+=("a further import archived $third")
  [ "$sessions" = "${sessions_of[$agent]:-1}" ] || wrong+=("$sessions sessions of $called in the store")
  mapfile -t archives < <(find "$store" -name '*.gz' 2> /dev/null)
  local has
  has() { [ ${#archives[@]} -gt 0 ] && zgrep -qaF -e "$1" "${archives[@]}"; }
  has "$prompt_1" || wrong+=("the first prompt is not in the store")
  has "$prompt_2" || wrong+=("the second prompt is not in the store")
  if has "$secret" || grep -rqaF -e "$secret" "$store" 2> /dev/null; then wrong+=("the secret is in the store in clear"); fi
  if grep -rqaF -e "$secret" "$HOME" 2> /dev/null; then
    has '***MASKED***' || wrong+=("no masked secret in the store")
  fi
  if [ ${#wrong[@]} -gt 0 ]; then result failed "$(IFS=';'; echo "${wrong[*]}")"; fi
  result ok
}

if [ "${1:-}" = --trial ]; then # AGENT WORK PATH: this script, in the network that was made below
  agent=$2 work=$3 version=$4
  if [ -n "${OWN_NETWORK:-}" ]; then ip link set lo up; fi
  trial
fi

[ -x "$program" ] || { echo "no program at $program: cargo build --release, or set \$SESSIONKEEP" >&2; exit 2; }
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
agents=${REAL_AGENTS_DIR:-$temporary/agents}
homes=${KEEP_HOMES:-$temporary/homes}
mkdir -p "$agents" "$homes"
agents=$(realpath "$agents") homes=$(realpath "$homes")
find_network

[ $# -gt 0 ] || set -- "${all[@]}"
for agent in "$@"; do
  [ -n "${package[${agent%%@*}]:-}" ] || { echo "no such agent: $agent (there are: ${all[*]})" >&2; exit 2; }
done
for wanted in "$@"; do
  work=$homes/$wanted
  rm -rf "$work"
  mkdir -p "$work"
  echo "$wanted ..." >&2
  if ! provide "$wanted"; then
    (result skipped "$reason")
    continue
  fi
  run_trial "$0" "$work" || true
  [ -s "$work/verdict" ] || (result failed "the trial itself broke off")
done

printf '\n%-9s %-12s %-8s %s\n' AGENT VERSION RESULT 'FILES WITH THE PROMPTS; REASON'
failed=0
for wanted in "$@"; do
  IFS=$'\t' read -r agent version verdict reason < "$homes/$wanted/verdict"
  [ "$verdict" = failed ] && failed=1
  printf '%-9s %-12s %-8s %s\n' "$agent" "$version" "$verdict" "$(cat "$homes/$wanted/files" 2> /dev/null)${reason:+($reason)}"
done
exit $failed
