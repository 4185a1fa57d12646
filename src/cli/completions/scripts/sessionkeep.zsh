#compdef sessionkeep
# Completes sessionkeep in zsh. To load it: source <(sessionkeep completions zsh)
# or write it to a file _sessionkeep in a directory of $fpath.

_sessionkeep() {
    local program=@PROGRAM@ before= answer
    local -a answers unfinished finished
    [[ -x $program ]] || program=${commands[sessionkeep]}
    [[ -n $program ]] || return 1
    # Variables that the line itself sets: they say which store is meant.
    [[ ${BUFFER-} =~ 'SESSIONKEEP_DIR=[^[:space:]]+' ]] && before+="$MATCH "
    [[ ${BUFFER-} =~ 'SESSIONKEEP_CONFIG=[^[:space:]]+' ]] && before+="$MATCH "
    answers=("${(@f)$("$program" complete zsh $((CURRENT - 1)) --before="$before" \
        -- "${(@Q)words}" 2>/dev/null </dev/null)}")
    for answer in $answers; do
        # Behind these the word goes on.
        if [[ $answer == */ || $answer == *= ]]; then
            unfinished+=("$answer")
        else
            finished+=("$answer")
        fi
    done
    local result=1
    (( $#finished )) && _describe -V -t values 'value' finished && result=0
    (( $#unfinished )) && _describe -V -t paths 'path' unfinished -S '' && result=0
    return result
}

if [[ ${funcstack[1]-} == _sessionkeep ]]; then
    _sessionkeep "$@"
elif (( $+functions[compdef] )); then
    compdef _sessionkeep sessionkeep
fi
