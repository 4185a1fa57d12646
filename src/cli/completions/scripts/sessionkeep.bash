# Completes sessionkeep in bash. To load it: source <(sessionkeep completions bash)

_sessionkeep() {
    local program=@PROGRAM@ before= answer word
    [[ -x $program ]] || program=$(type -P sessionkeep) || return 0
    # Variables that the line itself sets: they say which store is meant.
    word=${COMP_LINE-}
    while [[ $word =~ (SESSIONKEEP_(DIR|CONFIG)=[^[:space:]]+)(.*) ]]; do
        before+="${BASH_REMATCH[1]} "
        word=${BASH_REMATCH[3]}
    done
    COMPREPLY=()
    while IFS= read -r answer; do
        COMPREPLY+=("$answer")
    done < <("$program" complete bash "$COMP_CWORD" --kind="${COMP_TYPE:-0}" --before="$before" \
        -- "${COMP_WORDS[@]}" 2>/dev/null </dev/null)
    # Behind these the word goes on.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}

# What the program orders stays in order, where bash can.
complete -o nosort -o bashdefault -o default -F _sessionkeep sessionkeep 2>/dev/null ||
    complete -o bashdefault -o default -F _sessionkeep sessionkeep
