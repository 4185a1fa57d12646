# Completes sessionkeep in elvish. To load it: eval (sessionkeep completions elvish | slurp)
use os
use str

set edit:completion:arg-completer[sessionkeep] = {|@words|
    var program = @PROGRAM@
    if (not (os:exists $program)) {
        set program = sessionkeep
    }
    var index = (- (count $words) 1)
    try {
        (external $program) complete elvish $index -- $@words 2>/dev/null | from-lines | each {|line|
            var parts = [(str:split &max=2 "\t" $line)]
            if (== (count $parts) 2) {
                edit:complex-candidate $parts[0] &display=$parts[0]'  '$parts[1]
            } else {
                edit:complex-candidate $parts[0]
            }
        }
    } catch {
        nop
    }
}
