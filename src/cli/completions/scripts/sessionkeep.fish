# Completes sessionkeep in fish. To load it: sessionkeep completions fish | source

function __sessionkeep_complete
    set -l program @PROGRAM@
    test -x "$program"; or set program (command -s sessionkeep); or return
    set -l words (commandline -opc)
    # Variables that the line itself sets: they say which store is meant.
    set -l before
    while set -q words[1]; and string match -qr '^[A-Za-z_][A-Za-z_0-9]*=' -- $words[1]
        set -a before $words[1]
        set -e words[1]
    end
    set -l current (commandline -ct | string collect)
    $program complete fish (count $words) --before="$before" -- $words "$current" 2>/dev/null </dev/null
end

complete -c sessionkeep -e
complete -c sessionkeep -f -k -a '(__sessionkeep_complete)'
