# Real agents for scripts that let them run: how each is installed, set up, asked and asked again, against a model on loopback.
# To be sourced; sets no options. Owns no trial: what is tried is the script's that sources it.
#
# Wants $program, the one under test; $agents, a directory where agents are installed, and stay; $work, one for what a trial
# leaves; in a trial $project, where the agent runs; and $mock and $type_into, the programs beside this file.

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

# ---- What is done with all of them.

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

turn() { # NAME PROMPT: in $project, with what it said in a file, and an end to it if it waits for somebody
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

start_model() { # in the agent's network, with what is to be printed in $secret; sets $url
  SECRET=$secret TELL_IN_TEXT=${1:-} HOLD_FILE=$work/hold python3 "$mock" "$work/port" "$work/requests" 2> "$work/mock.txt" &
  local model=$! tries
  # shellcheck disable=SC2064 # this one
  trap "kill $model 2> /dev/null || true" EXIT
  for (( tries = 0; tries < 100; tries++ )); do [ -s "$work/port" ] && break; sleep 0.1; done
  url=http://127.0.0.1:$(cat "$work/port")
  export NO_PROXY=127.0.0.1,localhost CI=1 DO_NOT_TRACK=1 TERM=dumb IS_SANDBOX=1
}

new_secret() { # a GitHub token's shape, from pieces, so that no scanner finds one here
  python3 -c '
import secrets, zlib
letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
body = "".join(secrets.choice(letters) for _ in range(30))
check, tail = zlib.crc32(body.encode()), ""
while check: check, digit = divmod(check, 62); tail = letters[digit] + tail
print("gh" + "p_" + body + tail.rjust(6, "0"))'
}

find_network() { # sets $isolate, the command that gives a program a network of its own, and $own_network, where there is
  isolate=() own_network=
  local own=(unshare --map-root-user --net --pid --fork --kill-child --mount-proc) # what it leaves running ends with it
  if "${own[@]}" ip link set lo up 2> /dev/null; then
    isolate=("${own[@]}")
    own_network=1
  fi
}

# Installs AGENT[@VERSION] in $agents; sets $agent, $version and $path, what is to stand first in $PATH. Fails, with the
# reason in $reason, where it cannot be had.
provide() {
  agent=${1%%@*} version=- reason=
  local directory=$agents/$1 wanted_version=
  [ "$agent" = "$1" ] || wanted_version=${1#*@}
  if ! install "$agent" "$directory" "$wanted_version"; then
    reason="not installed: $(install_error "$directory/install.log")"
    return 1
  fi
  version=$(installed_version "$agent" "$directory")
  path=$directory/node_modules/.bin:$directory/venv/bin
  if ! PATH=$path:$PATH fits_node "$directory/node_modules/${package[$agent]#npm:}/package.json"; then
    newer_node || true
    path=$path:$node_directory
  fi
}

run_trial() { # SCRIPT WORK: SCRIPT --trial, with nothing of this environment: a variable may name an agent's true home, or an account
  # A python3 that is a script of a version manager finds nothing in another home.
  local python_directory
  python_directory=$(dirname "$(python3 -c 'import sys; print(sys.executable)')")
  env -i PATH="$path:$python_directory:$PATH" LANG=C.UTF-8 SESSIONKEEP="$program" secret="$(new_secret)" \
    OWN_NETWORK="$own_network" TURN_SECONDS="${TURN_SECONDS:-}" \
    "${isolate[@]}" bash "$1" --trial "$agent" "$2" "$version"
}
