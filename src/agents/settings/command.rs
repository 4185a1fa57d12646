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
