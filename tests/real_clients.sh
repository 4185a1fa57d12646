#!/usr/bin/env bash
# Sets real agents up with `sessionkeep setup` and lets their hooks archive what they do, against a model on loopback.
#
#   tests/real_clients.sh [AGENT[@VERSION]...]     default: claude codex, in their newest versions
#
# Each agent gets a home, a project and (where the system allows it) a network of its own that has loopback only. After
# `setup --yes` it is asked something, runs a command that prints a secret, and ends: its hook must have archived the
# session, masked, so that an import finds nothing left to do; resumed, the session must grow. Of Claude Code and Codex,
# moreover: a fork is a second session; a session whose transcript was deleted is put back, masked, and resumed; while a
# transcript of 200 MB is archived the hook returns in time; and the next import catches what a killed agent left.
#
# $SESSIONKEEP       the program under test [default: target/release/sessionkeep]
# $REAL_AGENTS_DIR   where agents are installed, and stay [default: a temporary directory, removed at the end]
# $KEEP_HOMES        a directory to keep the agents' homes, stores and outputs in
# $TURN_SECONDS      when an agent that does not come to an end is ended [default: 240]
#
# An agent that cannot be installed, or does not run without an account, is skipped, with the reason. Exit code 1 if
# any failed, 77 if all were skipped. Needs node, npm, python3 and zgrep. No schedule is set: it would be this machine's.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/.." && pwd)
program=$(realpath "${SESSIONKEEP:-$checkout/target/release/sessionkeep}")
mock=$checkout/tests/real_agents/mock_model.py
type_into=$checkout/tests/real_agents/type_into.py
# shellcheck source=tests/real_agents/common.sh
. "$checkout/tests/real_agents/common.sh"

# Those that have hooks, and the directory that each makes when it is first run: by it `setup` finds the agent.
declare -A home_of=(
  [claude]=.claude [codex]=.codex [gemini]=.gemini [qwen]=.qwen [copilot]=.copilot [opencode]=.config/opencode
  [kilo]=.config/kilo [pi]=.pi/agent [cline]=.cline
)
# Those that give a title or a summary when their hooks were called already: an import may find more.
declare -A writes_on=([opencode]=yes [kilo]=yes [cline]=yes)
# Milliseconds that the two give a hook at a session's end if nothing is said.
declare -A budget=([claude]=1500 [codex]=1000)

# Codex calls no hook that its user has not trusted in /hooks.
codex_run() {
  codex exec --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox --dangerously-bypass-hook-trust "$@"
}
codex_first() { codex_run "$1"; }
codex_resume() { codex_run resume --last "$1"; }
codex_fork() { codex_run fork "$id" "$1"; }
codex_again() { codex_run resume "$id" "$1"; }
claude_fork() { claude --allowedTools Bash --resume "$id" --fork-session --print "$1"; }
claude_again() { claude --allowedTools Bash --resume "$id" --print "$1"; }

wrong=()
expect() { # WHAT COMMAND...
  if "${@:2}"; then return; fi
  wrong+=("$1")
}

# What the store holds of the agent, by its command for scripts.
listed() { # PYTHON: an expression over `sessions`
  "$program" list --json 2>> "$work/list.txt" | python3 -c '
import json, sys
agent, wanted = sys.argv[1:]
sessions = [one for one in json.load(sys.stdin) if one["agent"] == agent]
print(eval(wanted))' "${name[$agent]:-$agent}" "$1"
}
# Versions of one are one: Gemini CLI begins a file of its own for a session that it then resumes in the old one.
has_sessions() { [ "$(listed "len({one['session_id'] for one in sessions})")" = "$1" ]; }
transcript_of() { listed "[one['source'] for one in sessions if one['session_id'] == '$1'][0]"; }

stored() { # WORDS
  local archives
  mapfile -t archives < <(find "$store" -name '*.gz' 2> /dev/null)
  [ ${#archives[@]} -gt 0 ] && zgrep -qaF -e "$1" "${archives[@]}" 2> /dev/null
}

arrives() { # WORDS [TRIES]: whether they come into the store without an import, and nothing that hooks asked for is left
  local tries
  for (( tries = 0; tries < ${2:-100}; tries++ )); do
    if stored "$1" && [ -z "$(ls "$store/.sessionkeep/pending" 2> /dev/null)" ]; then return; fi
    sleep 0.2
  done
  return 1
}

# Nothing of the session is missing in the store: a whole import has nothing to do.
is_complete() {
  [ -z "$("$program" import 2>> "$work/import.txt")" ] || [ -n "${writes_on[$agent]:-}" ]
}
is_whole() { "$program" verify > "$work/verify.txt" 2>&1; }
is_clear_nowhere() { ! grep -rqaF -e "$secret" "$store" && ! stored "$secret"; }

result() { # VERDICT [REASON]
  printf '%s\t%s\t%s\t%s\n' "$agent" "$version" "$1" "${2:-}" > "$work/verdict"
  exit 0
}

# A session whose transcript is gone is put back, goes on, and is still one.
put_back() {
  local transcript
  transcript=$(transcript_of "$id")
  rm "$transcript"
  if ! "$program" restore "$id" > "$work/restore.txt" 2>&1; then
    wrong+=("restore: $(last_words "$work/restore.txt")")
    return
  fi
  expect 'restore did not put the transcript back' [ -s "$transcript" ]
  expect 'what was put back is not masked' grep -qF -e '***MASKED***' "$transcript"
  expect 'what was put back holds the secret' [ "$(grep -cF -e "$secret" "$transcript")" = 0 ]
  if ! turn again 'fourth prompt about dates'; then
    wrong+=("what was put back is not resumed: $(last_words "$work/again.txt")")
    return
  fi
  expect 'what was put back and resumed was not archived by the hook' arrives 'fourth prompt about dates'
  expect 'what was put back became another session' has_sessions 2
  expect 'an import after the restored session had something to do' is_complete
}

# Makes a transcript long: 200 MB of records that the agent passes over.
lengthen() { # TRANSCRIPT
  python3 - "$1" "$agent" <<'END'
import json, sys, uuid
path, agent = sys.argv[1:]
text = " ".join(str(uuid.uuid4()) for _ in range(2700))
with open(path, "a") as file:
    for number in range(2000):
        if agent == "claude":
            snapshot = {"messageId": str(uuid.uuid4()), "trackedFileBackups": {}, "text": text}
            record = {"type": "file-history-snapshot", "messageId": str(uuid.uuid4()), "isSnapshotUpdate": False,
                      "snapshot": snapshot}
        else:
            record = {"timestamp": "2026-01-02T03:04:05.000Z", "type": "event_msg",
                      "payload": {"type": "background_event", "message": text}}
        file.write(json.dumps(record) + "\n")
END
}

# The hook is called again while the worker of the agent's own call archives.
be_quick() {
  local transcript begun taken
  transcript=$(transcript_of "$id")
  lengthen "$transcript"
  if ! turn again 'fifth prompt about elderberries'; then
    wrong+=("a long session is not resumed: $(last_words "$work/again.txt")")
    return
  fi
  begun=$(date +%s%3N)
  printf '{"session_id":"%s","transcript_path":"%s","hook_event_name":"SessionEnd"}' "$id" "$transcript" |
    "$program" hook
  taken=$(( $(date +%s%3N) - begun ))
  echo "$taken ms" > "$work/hook-time.txt"
  expect "the hook took $taken ms of ${budget[$agent]}" [ "$taken" -lt "${budget[$agent]}" ]
  expect 'a transcript of 200 MB was not archived by the hook' arrives 'fifth prompt about elderberries' 600
}

# An agent that is killed calls no hook.
kill_it() {
  local prompt='sixth prompt about figs' pid tries
  touch "$work/hold"
  ( cd "$project" && "${agent}_first" "$prompt" < /dev/null > "$work/killed.txt" 2>&1 ) & pid=$!
  for (( tries = 0; tries < 100; tries++ )); do
    grep -rqaF --include='*.jsonl' -e "$prompt" "$HOME/${home_of[$agent]}"/*/ 2> /dev/null && break
    sleep 0.2
  done
  end_tree "$pid"
  wait "$pid" 2> /dev/null || true
  rm "$work/hold"
  "$program" import > "$work/killed.paths" 2>> "$work/import.txt" || true
  expect 'an import did not catch what a killed agent left' stored "$prompt"
}

trial() { # in the agent's network; leaves a verdict
  # $secret comes in the environment, from pieces that were put together by the caller.
  export HOME=$work/home
  project=$HOME/project store=$HOME/.sessionkeep/sessions
  mkdir -p "$project" "$HOME/${home_of[$agent]}"
  printf 'apples\npears\n' > "$project/fruit.txt"
  start_model
  cd "$project"
  "${agent}_setup" < /dev/null > "$work/setup.txt" 2>&1 || result skipped "set-up: $(last_words "$work/setup.txt")"
  "$program" setup --yes --no-schedule > "$work/sessionkeep-setup.txt" 2>&1 ||
    result failed "sessionkeep setup: $(last_words "$work/sessionkeep-setup.txt")"
  turn first 'first prompt about apples' || result skipped "first turn: $(last_words "$work/first.txt")"
  grep -q POST "$work/requests" || result skipped "it did not ask the model: $(last_words "$work/first.txt")"
  expect 'the hook did not archive the session' arrives 'first prompt about apples'
  expect 'there is not one session' has_sessions 1
  expect 'an import after the first turn had something to do' is_complete
  expect 'there is no masked secret in the store' stored '***MASKED***'
  [ ${#wrong[@]} = 0 ] || result failed "$(IFS=';'; echo "${wrong[*]}")"
  id=$(listed 'sessions[0]["session_id"]')

  turn resume 'second prompt about pears' || result skipped "resume: $(last_words "$work/resume.txt")"
  expect 'the hook did not archive the resumed session' arrives 'second prompt about pears'
  expect 'resuming made another session' has_sessions 1
  expect 'an import after the resumed session had something to do' is_complete
  if [ -n "${budget[$agent]:-}" ]; then
    turn fork 'third prompt about cherries' || wrong+=("it does not fork: $(last_words "$work/fork.txt")")
    expect 'the hook did not archive the fork' arrives 'third prompt about cherries'
    expect 'the fork is not a second session' has_sessions 2
    put_back
    be_quick
    kill_it
  fi
  expect 'the secret is in the store in clear' is_clear_nowhere
  expect 'the store is not whole' is_whole
  [ ${#wrong[@]} = 0 ] || result failed "$(IFS=';'; echo "${wrong[*]}")"
  result ok
}

if [ "${1:-}" = --trial ]; then # AGENT WORK VERSION: this script, in the network that was made below
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

[ $# -gt 0 ] || set -- claude codex
for agent in "$@"; do
  [ -n "${home_of[${agent%%@*}]:-}" ] ||
    { echo "no such agent with hooks: $agent (there are: ${!home_of[*]})" >&2; exit 2; }
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

printf '\n%-9s %-12s %-8s %s\n' AGENT VERSION RESULT REASON
code=77
for wanted in "$@"; do
  IFS=$'\t' read -r agent version verdict reason < "$homes/$wanted/verdict"
  printf '%-9s %-12s %-8s %s\n' "$agent" "$version" "$verdict" "$reason"
  case $verdict in
    failed) code=1 ;;
    ok) [ $code = 1 ] || code=0 ;;
  esac
done
exit $code
