//! Whether a command line calls us, and by what name.

use std::ops::Range;

/// Returns our program as it stands in a command line that calls `sessionkeep hook`.
pub(crate) fn hook_program(command: &str) -> Option<String> {
    calls(command, "hook")
}

/// Returns our program as it stands in a command line that calls it with the subcommand `wanted`.
pub(crate) fn calls(command: &str, wanted: &str) -> Option<String> {
    let (program, ..) = call_in(command, wanted)?;
    Some(program.text)
}

/// Returns the word that is our program in a command line that calls it with the subcommand `wanted`, and whether it is the
/// first.
fn call_in(command: &str, wanted: &str) -> Option<(Word, bool)> {
    let mut words = words(command);
    let is_ours = |word: &Word| {
        let name = word.text.rsplit(['/', '\\']).next().unwrap_or(&word.text);
        matches!(name, "sessionkeep" | "sessionkeep.exe")
    };
    let at = words.iter().position(is_ours)?;
    let is_wanted = words[at + 1..].iter().any(|word| word.text == wanted);
    is_wanted.then(|| (words.swap_remove(at), at == 0))
}

/// Returns `command`, which calls us and does more than that (a redirection, a second command, a variable), with the
/// program that the plain `line` calls in the place of its own; `None` if it does nothing else.
pub(crate) fn with_program(command: &str, line: &str) -> Option<String> {
    let (program, is_first) = call_in(command, "hook")?;
    let mut quotes = Quotes::default();
    let does_more = command.char_indices().any(|(at, character)| {
        let is_plain = quotes.take(character, &command[at..]) == Meaning::Plain;
        is_plain
            && match character {
                '$' => command[at..].starts_with("$("),
                other => matches!(other, ';' | '&' | '|' | '<' | '>' | '`' | '\n'),
            }
    });
    if is_first && !does_more {
        return None;
    }
    let ours = words(line).into_iter().next()?;
    let (before, after) = (&command[..program.range.start], &command[program.range.end..]);
    Some(format!("{before}{}{after}", &line[ours.range]))
}

/// A word of a command line.
struct Word {
    /// Where it stands, its quotes included.
    range: Range<usize>,
    /// Without its quotes.
    text: String,
}

/// Splits a command line at what parts words in shells and in lists of words, outside of quotes. Rough, but programs' paths
/// survive it.
fn words(command: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut quotes = Quotes::default();
    let mut is_in_word = false;
    for (at, character) in command.char_indices() {
        let meaning = quotes.take(character, &command[at..]);
        let parts =
            character.is_whitespace() || matches!(character, ',' | '[' | ']' | ';' | '&' | '|' | '<' | '>');
        if meaning == Meaning::Plain && parts {
            is_in_word = false;
            continue;
        }
        if !is_in_word {
            words.push(Word { range: at..at, text: String::new() });
            is_in_word = true;
        }
        let Some(word) = words.last_mut() else { continue };
        word.range.end = at + character.len_utf8();
        if meaning != Meaning::Quote {
            word.text.push(character);
        }
    }
    words
}

/// What a character of a command line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Itself, outside of quotes: it may part words.
    Plain,
    /// Itself, within quotes or behind a backslash.
    Quoted,
    /// A quote, or the backslash before one.
    Quote,
}

/// Where a command line stands between its quotes. A backslash counts only before a quote or a space: on Windows it parts
/// directories.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    is_escaped: bool,
}

impl Quotes {
    /// Takes the next character, with which `rest` begins.
    fn take(&mut self, character: char, rest: &str) -> Meaning {
        if std::mem::take(&mut self.is_escaped) {
            return Meaning::Quoted;
        }
        let next = rest[character.len_utf8()..].chars().next();
        let escapes: &[char] = match self.open {
            None => &['\'', '"', ' '],
            Some('"') => &['"', '$', '`'],
            Some(_) => &[],
        };
        if character == '\\' && next.is_some_and(|next| escapes.contains(&next)) {
            self.is_escaped = true;
            return Meaning::Quote;
        }
        match self.open {
            Some(open) if character == open => {
                self.open = None;
                Meaning::Quote
            }
            Some(_) => Meaning::Quoted,
            None if matches!(character, '"' | '\'') => {
                self.open = Some(character);
                Meaning::Quote
            }
            None => Meaning::Plain,
        }
    }
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
            (r"'/it'\''s/sessionkeep' hook", None),
            (r"'/it'\''s/sessionkeep' hook || :", Some("'/my bin/sessionkeep' hook || :")),
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
            (r"'/it'\''s/sessionkeep' hook", "/it's/sessionkeep"),
            (r"/my\ bin/sessionkeep hook", "/my bin/sessionkeep"),
            (r#""/a\"b/sessionkeep" hook"#, "/a\"b/sessionkeep"),
            (r#""C:\my bin\sessionkeep.exe" hook"#, r"C:\my bin\sessionkeep.exe"),
            (r#"["/bin/sessionkeep","hook"]"#, "/bin/sessionkeep"),
            ("PATH=/x sessionkeep hook 2>/dev/null", "sessionkeep"),
        ] {
            assert_eq!(calls(command, "hook").as_deref(), Some(program), "{command}");
        }
        for command in ["sessionkeep import", "mysessionkeep hook", "hook sessionkeep", "", "'sessionkeep"] {
            assert_eq!(calls(command, "hook"), None, "{command}");
        }
    }
}
