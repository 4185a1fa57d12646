# Completes sessionkeep in bash. To load it: source <(sessionkeep completions bash)

_sessionkeep() {
    local program=@PROGRAM@ answer
    [[ -x $program ]] || program=$(type -P sessionkeep) || return 0
    COMPREPLY=()
    while IFS= read -r answer; do
        COMPREPLY+=("$answer")
    done < <("$program" complete bash "$COMP_CWORD" --kind="${COMP_TYPE:-0}" \
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
