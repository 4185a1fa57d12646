//! Whether a command line calls us, and by what name.

/// Returns our program as it stands in a command line that calls `sessionkeep hook`.
pub(crate) fn hook_program(command: &str) -> Option<String> {
    calls(command, "hook")
}

/// Returns our program as it stands in a command line that calls it with the subcommand `wanted`.
pub(crate) fn calls(command: &str, wanted: &str) -> Option<String> {
    let words: Vec<&str> = words(command);
    let is_ours = |word: &str| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
        matches!(name, "sessionkeep" | "sessionkeep.exe")
    };
    let at = words.iter().position(|word| is_ours(word))?;
    words[at + 1..].contains(&wanted).then(|| words[at].to_owned())
}

/// Returns `command`, which calls us and does more than that (a redirection, a second command, a variable), with the
/// program that the plain `line` calls in the place of its own; `None` if it does nothing else.
pub(crate) fn with_program(command: &str, line: &str) -> Option<String> {
    let program = hook_program(command)?;
    let start = command.find(&program)?;
    let is_first = command[..start].trim_matches(['"', '\'']).trim().is_empty();
    let mut open = None;
    let does_more = command.char_indices().any(|(at, character)| match (open, character) {
        (Some(quote), _) => {
            open = open.filter(|_| character != quote);
            false
        }
        (None, '"' | '\'') => {
            open = Some(character);
            false
        }
        (None, '$') => command[at..].starts_with("$("),
        (None, _) => matches!(character, ';' | '&' | '|' | '<' | '>' | '`' | '\n'),
    });
    if is_first && !does_more {
        return None;
    }
    let (before, after) = (&command[..start], &command[start + program.len()..]);
    let is_quoted = ['"', '\''].into_iter().any(|quote| before.ends_with(quote) && after.starts_with(quote));
    let (before, after) =
        if is_quoted { (&before[..before.len() - 1], &after[1..]) } else { (before, after) };
    Some(format!("{before}{}{after}", first_word(line)))
}

/// Returns the first word of a command line, its quotes included.
fn first_word(line: &str) -> &str {
    let mut open = None;
    let end = line.find(|character: char| {
        match open {
            Some(quote) if character == quote => open = None,
            None if matches!(character, '"' | '\'') => open = Some(character),
            _ => {}
        }
        open.is_none() && character.is_whitespace()
    });
    &line[..end.unwrap_or(line.len())]
}

/// Splits a command line at spaces outside of quotes; the quotes go. Rough, but programs' paths survive it.
fn words(command: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote) = (Vec::new(), None, None);
    for (at, character) in command.char_indices() {
        match (quote, character) {
            (Some(open), _) if character == open => {
                words.push(&command[start.take().unwrap_or(at)..at]);
                quote = None;
            }
            (Some(_), _) => {}
            (None, '"' | '\'') => {
                words.extend(start.map(|start| &command[start..at]));
                start = Some(at + 1);
                quote = Some(character);
            }
            (None, _)
                if character.is_whitespace()
                    || matches!(character, ',' | '[' | ']' | ';' | '&' | '|' | '<' | '>') =>
            {
                words.extend(start.take().map(|start: usize| &command[start..at]));
            }
            (None, _) => {
                start.get_or_insert(at);
            }
        }
    }
    words.extend(start.map(|start| &command[start..]));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_does_more_than_call_us_keeps_the_rest() {
        let line = "'/my bin/sessionkeep' hook --out '/a b'";
        for (command, becomes) in [
            ("sessionkeep hook", None),
            ("\"/old/sessionkeep\" hook --wait", None),
            ("$HOME/bin/sessionkeep hook", None),
            ("sessionkeep hook 2>/dev/null || true", Some("'/my bin/sessionkeep' hook 2>/dev/null || true")),
            ("X=1 '/old/sessionkeep' hook", Some("X=1 '/my bin/sessionkeep' hook")),
            ("date; sessionkeep hook", Some("date; '/my bin/sessionkeep' hook")),
            ("other", None),
        ] {
            assert_eq!(with_program(command, line).as_deref(), becomes, "{command}");
        }
        assert_eq!(with_program("a;sessionkeep hook", "/x hook").as_deref(), Some("a;/x hook"));
    }

    #[test]
    fn a_command_line_that_calls_us_is_recognised() {
        for (command, program) in [
            ("sessionkeep hook", "sessionkeep"),
            ("/opt/bin/sessionkeep hook --wait", "/opt/bin/sessionkeep"),
            ("'/my bin/sessionkeep' -q hook", "/my bin/sessionkeep"),
            ("PATH=/x sessionkeep hook 2>/dev/null", "sessionkeep"),
        ] {
            assert_eq!(calls(command, "hook").as_deref(), Some(program), "{command}");
        }
        for command in ["sessionkeep import", "mysessionkeep hook", "hook sessionkeep", "", "'sessionkeep"] {
            assert_eq!(calls(command, "hook"), None, "{command}");
        }
    }
}
