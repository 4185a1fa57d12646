//! What a shell says is being typed, as words. Knows no commands.

use super::shell::Shell;
use std::ffi::OsString;

/// A line up to the cursor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The words before the one at the cursor, without the program's name, quotes taken away.
    pub before: Vec<String>,
    /// The beginning of the word at the cursor.
    pub current: String,
    /// How many bytes of `current` the shell does not take for a part of the word: bash parts words at `=`.
    pub cut: usize,
    /// The current word begins with a quote that is still open.
    pub is_quoted: bool,
    /// Variables that the line sets for the command.
    pub variables: Vec<(String, String)>,
}

impl Line {
    /// Reads `words`, of which the one at `index` is being typed. `before` is what stands before the program's name.
    pub(super) fn new(shell: Shell, words: &[OsString], index: usize, before: Option<&str>) -> Line {
        let is_raw = matches!(shell, Shell::Bash | Shell::Powershell);
        let words: Vec<String> =
            words.iter().take(index + 1).skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
        let mut joined: Vec<(String, usize)> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let is_sign = shell == Shell::Bash && word == "=";
            let follows_sign = shell == Shell::Bash && at > 0 && words[at - 1] == "=";
            match joined.last_mut() {
                Some((last, _)) if is_sign && last.starts_with("--") => last.push('='),
                Some((last, cut)) if follows_sign && last.ends_with('=') => {
                    *cut = last.len();
                    last.push_str(word);
                }
                _ => joined.push((word.clone(), 0)),
            }
        }
        // Behind the last word, with nothing typed yet.
        if words.len() < index {
            joined.push((String::new(), 0));
        }
        let (mut current, mut cut) = joined.pop().unwrap_or_default();
        if shell == Shell::Bash && cut == 0 && words.last().is_some_and(|last| last == "=") {
            cut = current.len();
        }
        let is_quoted = is_raw && current[cut..].starts_with(['"', '\'']);
        if is_raw {
            current = format!("{}{}", &current[..cut], unquoted(&current[cut..]));
        }
        let before_words =
            joined.into_iter().map(|(word, _)| if is_raw { unquoted(&word) } else { word }).collect();
        let variables = before.unwrap_or_default().split_whitespace().filter_map(|set| set.split_once('='));
        let variables = variables.map(|(name, value)| (name.to_owned(), unquoted(value))).collect();
        Line { before: before_words, current, cut, is_quoted, variables }
    }

    /// Returns the value of the option `--name` where it stands before the cursor, the last one.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        let long = format!("--{name}");
        let mut value = None;
        for (at, word) in self.before.iter().enumerate() {
            match word.strip_prefix(&long) {
                Some("") => value = self.before.get(at + 1).map(String::as_str),
                Some(rest) if rest.starts_with('=') => value = Some(&rest[1..]),
                _ => {}
            }
        }
        value
    }
}

/// Returns a word as a shell would hand it over: without its quotes and the backslashes that keep characters from meaning
/// something. A quote that is not closed ends with the word. Variables stay as they are, but for the home directory.
fn unquoted(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    let mut quote = None;
    let mut characters = word.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\'' | '"', None) => quote = Some(character),
            (_, Some(open)) if character == open => quote = None,
            ('\\', None) => text.extend(characters.next()),
            ('\\', Some('"')) if matches!(characters.peek(), Some('"' | '\\' | '$' | '`')) => {
                text.extend(characters.next());
            }
            _ => text.push(character),
        }
    }
    for home in ["$HOME/", "${HOME}/"] {
        if let Some(rest) = text.strip_prefix(home) {
            return format!("~/{rest}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(shell: Shell, words: &[&str], index: usize) -> Line {
        Line::new(shell, &words.iter().map(OsString::from).collect::<Vec<_>>(), index, None)
    }

    #[test]
    fn words_behind_the_cursor_play_no_part() {
        let line = line(Shell::Zsh, &["sessionkeep", "show", "a1", "--full"], 2);
        assert_eq!((line.before, &*line.current), (vec!["show".to_owned()], "a1"));
    }

    #[test]
    fn a_word_that_is_not_begun_is_empty() {
        for words in [&["sessionkeep", "show", ""][..], &["sessionkeep", "show"]] {
            let line = line(Shell::Bash, words, 2);
            assert_eq!((line.before, &*line.current), (vec!["show".to_owned()], ""));
        }
    }

    #[test]
    fn bash_parts_words_at_the_sign_and_they_are_put_together() {
        for (words, index, current, cut) in [
            (&["sk", "list", "--project", "=", "fo"][..], 4, "--project=fo", 10),
            (&["sk", "list", "--project", "="], 3, "--project=", 10),
            (&["sk", "list", "--project", "=", ""], 4, "--project=", 10),
            (&["sk", "list", "--project=fo"], 2, "--project=fo", 0),
            (&["sk", "list", "--project", "fo"], 3, "fo", 0),
        ] {
            let line = line(Shell::Bash, words, index);
            assert_eq!((&*line.current, line.cut), (current, cut), "{words:?}");
        }
    }

    #[test]
    fn options_are_read_without_quotes() {
        let words = ["sk", "--out", "=", "'/a b'", "show", "--config", "/c\\ d", ""];
        let line = line(Shell::Bash, &words, 7);
        assert_eq!((line.option("out"), line.option("config")), (Some("/a b"), Some("/c d")));
        assert_eq!(line.option("project"), None);
        for (word, expected) in
            [("\"$HOME/x\"", "~/x"), ("'a\"b'", "a\"b"), ("\"a\\\"b", "a\"b"), ("~/x", "~/x"), ("\\", "")]
        {
            assert_eq!(unquoted(word), expected);
        }
    }

    #[test]
    fn variables_before_the_command_are_heard() {
        let line = Line::new(Shell::Bash, &["sk".into()], 1, Some("X SESSIONKEEP_DIR='/a' B="));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(line.variables, [pair("SESSIONKEEP_DIR", "/a"), pair("B", "")]);
    }
}
