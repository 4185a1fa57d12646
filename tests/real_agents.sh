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
all=(opencode gemini qwen crush cline kilo openclaw pi copilot aider gptme hermes claude codex)

# ---- The agents. For each: what it is installed from, what `sessionkeep` calls it, and how it is set up, asked and
# ---- asked again. These functions run in the agent's project, with $HOME its own, $url the model's address, and the
# ---- agent's programs first in $PATH.

declare -A package=(
  [opencode]=npm:opencode-ai [gemini]=npm:@google/gemini-cli [qwen]=npm:@qwen-code/qwen-code
  [crush]=npm:@charmland/crush [cline]=npm:cline [kilo]=npm:@kilocode/cli [openclaw]=npm:openclaw
  [pi]=npm:@mariozechner/pi-coding-agent [copilot]=npm:@github/copilot [aider]=pip:aider-chat [gptme]=pip:gptme
  [hermes]=pip:hermes-agent [claude]=npm:@anthropic-ai/claude-code [codex]=npm:@openai/codex
)
declare -A name=([kilo]=kilo-cli [claude]=claude-code)
# Agents whose sessions lie in the project alone: where no other agent's session tells of it, an import must name it.
declare -A in_project=([aider]=yes [crush]=yes)
# Agents whose second run is a session of its own, in the same file.
declare -A sessions_of=([aider]=2)

json() { mkdir -p "$(dirname "$1")"; cat > "$1"; }

opencode_like_configuration() {
  json "$1" <<END
{"provider": {"mock": {"npm": "@ai-sdk/openai-compatible", "name": "Mock", "options": {"baseURL": "$url/v1", "apiKey": "none"},
  "models": {"mock-model": {"name": "Mock", "limit": {"context": 200000, "output": 4000}}}}},
 "model": "mock/mock-model", "small_model": "mock/mock-model", "permission": {"bash": "allow"}, "autoupdate": false, "share": "disabled"}
END
}
opencode_setup() { opencode_like_configuration "$HOME/.config/opencode/opencode.json"; }
opencode_first() { opencode run "$1"; }
opencode_resume() { opencode run --continue "$1"; }

kilo_setup() { opencode_like_configuration "$HOME/.config/kilo/kilo.json"; }
kilo_first() { kilo run --auto --model mock/mock-model "$1"; }
kilo_resume() { kilo run --auto --model mock/mock-model --continue "$1"; }

gemini_setup() {
  export GOOGLE_GEMINI_BASE_URL=$url GEMINI_API_KEY=none GEMINI_CLI_TRUST_WORKSPACE=true
  json "$HOME/.gemini/settings.json" <<< '{"security": {"auth": {"selectedType": "gemini-api-key"}}, "privacy": {"usageStatisticsEnabled": false}}'
}
gemini_first() { gemini --yolo --model gemini-2.5-flash --prompt "$1"; }
gemini_resume() { gemini --yolo --model gemini-2.5-flash --resume latest --prompt "$1"; }

qwen_setup() { export OPENAI_API_KEY=none OPENAI_BASE_URL=$url/v1 OPENAI_MODEL=mock-model; }
qwen_first() { qwen --yolo --auth-type openai --prompt "$1"; }
qwen_resume() { qwen --yolo --auth-type openai --continue --prompt "$1"; }

crush_setup() {
  export CRUSH_DISABLE_PROVIDER_AUTO_UPDATE=1 CRUSH_DISABLE_METRICS=1
  json "$HOME/.config/crush/crush.json" <<END
{"providers": {"mock": {"type": "openai-compat", "base_url": "$url/v1", "api_key": "none",
  "models": [{"id": "mock-model", "name": "Mock", "context_window": 200000, "default_max_tokens": 4000}]}},
 "models": {"large": {"provider": "mock", "model": "mock-model"}, "small": {"provider": "mock", "model": "mock-model"}}}
END
}
crush_first() { crush run --quiet "$1"; }
crush_resume() { crush run --quiet --continue "$1"; }

cline_setup() { cline auth --provider openai --apikey none --baseurl "$url/v1" --modelid mock-model; }
cline_first() { cline --auto-approve true "$1"; }
cline_resume() { # an old session wants a terminal
  local id
  id=$(find "$HOME/.cline/data/sessions" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | tail -1)
  python3 "$type_into" "$1" 4 cline --auto-approve true --id "$id"
}

openclaw_setup() {
  json "$HOME/.openclaw/openclaw.json" <<END
{"models": {"providers": {"mock": {"baseUrl": "$url/v1", "apiKey": "none", "api": "openai-completions",
  "models": [{"id": "mock-model", "name": "Mock", "reasoning": false, "input": ["text"], "contextWindow": 200000, "maxTokens": 4000,
   "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}}]}}},
 "agents": {"defaults": {"model": {"primary": "mock/mock-model"}, "workspace": "$PWD"}},
 "tools": {"exec": {"host": "gateway", "security": "full", "ask": "off"}}}
END
}
openclaw_first() { openclaw agent --local --agent main --message "$1"; }
openclaw_resume() { openclaw agent --local --agent main --message "$1"; }

pi_setup() {
  export PI_OFFLINE=1
  json "$HOME/.pi/agent/models.json" <<END
{"providers": {"mock": {"baseUrl": "$url/v1", "apiKey": "none", "api": "openai-completions", "models": [{"id": "mock-model"}]}}}
END
}
pi_first() { pi --provider mock --model mock-model --print "$1"; }
pi_resume() { pi --provider mock --model mock-model --continue --print "$1"; }

copilot_setup() {
  export COPILOT_PROVIDER_BASE_URL=$url/v1 COPILOT_PROVIDER_TYPE=openai COPILOT_PROVIDER_API_KEY=none
  export COPILOT_MODEL=mock-model COPILOT_OFFLINE=true COPILOT_AUTO_UPDATE=false
}
copilot_first() { copilot --allow-all-tools --prompt "$1"; }
copilot_resume() { copilot --allow-all-tools --continue --prompt "$1"; }

aider_setup() {
  export OPENAI_API_BASE=$url/v1 OPENAI_API_KEY=none AIDER_ANALYTICS=false AIDER_CHECK_UPDATE=false
  export AIDER_SHOW_MODEL_WARNINGS=false AIDER_YES_ALWAYS=true AIDER_GIT=false AIDER_DETECT_URLS=false
}
aider_first() { aider --model openai/mock-model --chat-mode ask --message "$1"; }
aider_resume() { aider --model openai/mock-model --chat-mode ask --restore-chat-history --message "$1"; }

gptme_setup() { export OPENAI_BASE_URL=$url/v1 OPENAI_API_KEY=none; }
gptme_first() { gptme --non-interactive --model local/mock-model --name apples "$1"; }
gptme_resume() { gptme --non-interactive --model local/mock-model --name apples --resume "$1"; }

hermes_setup() {
  json "$HOME/.hermes/config.yaml" <<END
model: {default: mock-model, provider: custom, base_url: "$url/v1", api_key: none, context_length: 200000}
END
}
hermes_first() { hermes chat --yolo --query "$1"; }
hermes_resume() { hermes chat --yolo --continue --query "$1"; }

claude_setup() {
  export ANTHROPIC_BASE_URL=$url ANTHROPIC_API_KEY=none CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1
}
claude_first() { claude --allowedTools Bash --print "$1"; }
claude_resume() { claude --allowedTools Bash --continue --print "$1"; }

codex_setup() {
  mkdir -p "$HOME/.codex"
  cat > "$HOME/.codex/config.toml" <<END
model = "mock-model"
model_provider = "mock"
[model_providers.mock]
name = "Mock"
base_url = "$url/v1"
wire_api = "responses"
END
}
codex_first() { codex exec --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox "$1"; }
codex_resume() { codex exec --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox resume --last "$1"; }

# ---- What is done with each.

installed_version() { # AGENT DIRECTORY
  local source=${package[$1]}
  case $source in
    npm:*) node -p 'require(process.argv[1]).version' "$2/node_modules/${source#npm:}/package.json" ;;
    pip:*) "$2/venv/bin/python" -c 'import importlib.metadata as m, sys; print(m.version(sys.argv[1]))' "${source#pip:}" ;;
  esac 2>> "$2/install.log"
}

npm_install() { # DIRECTORY PACKAGE
  mkdir -p "$1"
  [ -f "$1/package.json" ] || echo '{"private": true}' > "$1/package.json"
  (cd "$1" && timeout 540 npm install --no-audit --no-fund --loglevel=error "$2") >> "$1/install.log" 2>&1
}

install() { # AGENT DIRECTORY VERSION, which may be empty; not again what is there
  installed_version "$1" "$2" > /dev/null 2>&1 && return
  mkdir -p "$2"
  local source=${package[$1]} latest
  case $source in
    npm:*)
      source=${source#npm:}
      latest=${3:-$(npm view "$source" version)}
      # npm takes the newest version that fits the node at hand, which may be a mere placeholder: name the version, and
      # let a node be at hand that fits.
      npm_install "$2" "$source@$latest" && fits_node "$2/node_modules/$source/package.json" && return
      newer_node
      PATH=$node_directory:$PATH npm_install "$2" "$source@$latest" && return
      # The newest can be there before the pieces that it is made of are.
      [ -z "$3" ] && PATH=$node_directory:$PATH npm_install "$2" "$source@<$latest" ;;
    pip:*)
      python3 -m venv "$2/venv" &&
        timeout 540 "$2/venv/bin/pip" --quiet install "${source#pip:}${3:+==$3}" >> "$2/install.log" 2>&1 ;;
  esac
}

node_directory=
newer_node() { # sets $node_directory
  node_directory=$agents/node/node_modules/.bin
  [ -x "$node_directory/node" ] || npm_install "$agents/node" node@24
}

fits_node() { # PACKAGE_JSON; whether this node is as new as the package wants it
  [ -f "$1" ] || return 0
  node -e '
    const wanted = /(\d+)(?:\.(\d+))?/.exec((require(process.argv[1]).engines || {}).node || "0");
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > +wanted[1] || (major === +wanted[1] && minor >= +(wanted[2] || 0)) ? 0 : 1)' "$1"
}

turn() { # NAME PROMPT; with what it said in a file, and an end to it if it waits for somebody
  local wait=${TURN_SECONDS:-240} output=$work/$1.txt pid
  ( cd "$project" && "${agent}_$1" "$2" < /dev/null > "$output" 2>&1 ) & pid=$!
  for (( ; wait > 0; wait-- )); do
    kill -0 "$pid" 2> /dev/null || { wait "$pid"; return; }
    sleep 1
  done
  echo "no end after ${TURN_SECONDS:-240} s" >> "$output"
  end_tree "$pid"
  return 1
}

end_tree() { # the process and all that it started
  local child
  for child in $(ps -o pid= --ppid "$1"); do end_tree "$child"; done
  kill -KILL "$1" 2> /dev/null || true
}

last_words() { # FILE
  tr -d '\r\033' < "$1" | sed 's/\[[0-9;?]*[a-zA-Z]//g' | grep -v '^[[:space:]]*$' | tail -1 | cut -c1-160
}

install_error() { # FILE; the last line that names an error, else the last
  { grep -E 'Error: |ERROR: |notarget No ' "$1" || cat "$1"; } | tail -1 | cut -c1-160
}

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
  SECRET=$secret TELL_IN_TEXT=$tell python3 "$mock" "$work/port" "$work/requests" 2> "$work/mock.txt" & mock_pid=$!
  trap 'kill $mock_pid 2> /dev/null || true' EXIT
  for (( tries = 0; tries < 100; tries++ )); do [ -s "$work/port" ] && break; sleep 0.1; done
  url=http://127.0.0.1:$(cat "$work/port")
  export NO_PROXY=127.0.0.1,localhost CI=1 DO_NOT_TRACK=1 TERM=dumb IS_SANDBOX=1
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
# A python3 that is a script of a version manager finds nothing in another home.
python_directory=$(dirname "$(python3 -c 'import sys; print(sys.executable)')")
isolate=() own_network=
own=(unshare --map-root-user --net --pid --fork --kill-child --mount-proc) # what it leaves running ends with it
if "${own[@]}" ip link set lo up 2> /dev/null; then
  isolate=("${own[@]}")
  own_network=1
fi

[ $# -gt 0 ] || set -- "${all[@]}"
for agent in "$@"; do
  [ -n "${package[${agent%%@*}]:-}" ] || { echo "no such agent: $agent (there are: ${all[*]})" >&2; exit 2; }
done
for wanted in "$@"; do
  agent=${wanted%%@*} version=-
  work=$homes/$wanted directory=$agents/$wanted wanted_version=
  [ "$agent" = "$wanted" ] || wanted_version=${wanted#*@}
  rm -rf "$work"
  mkdir -p "$work"
  echo "$wanted ..." >&2
  if ! install "$agent" "$directory" "$wanted_version"; then
    (result skipped "not installed: $(install_error "$directory/install.log")")
    continue
  fi
  version=$(installed_version "$agent" "$directory")
  path=$directory/node_modules/.bin:$directory/venv/bin
  if ! PATH=$path:$PATH fits_node "$directory/node_modules/${package[$agent]#npm:}/package.json"; then
    newer_node || true
    path=$path:$node_directory
  fi
  # A GitHub token's shape, from pieces, so that no scanner finds one here.
  secret=$(python3 -c '
import secrets, zlib
letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
body = "".join(secrets.choice(letters) for _ in range(30))
check, tail = zlib.crc32(body.encode()), ""
while check: check, digit = divmod(check, 62); tail = letters[digit] + tail
print("gh" + "p_" + body + tail.rjust(6, "0"))')
  # Nothing of this environment: a variable may name the true home of an agent, or an account.
  env -i PATH="$path:$python_directory:$PATH" LANG=C.UTF-8 SESSIONKEEP="$program" secret="$secret" OWN_NETWORK="$own_network" \
    TURN_SECONDS="${TURN_SECONDS:-}" "${isolate[@]}" bash "$0" --trial "$agent" "$work" "$version" || true
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
