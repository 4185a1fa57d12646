//! Writes what may stand at the cursor as each shell takes it. Nothing that it writes can act in the shell: what a value
//! holds that means something to bash is kept from meaning it here, the other shells do that themselves.

use super::candidate::Candidate;
use super::line::Line;
use super::shell::Shell;
use crate::report::terminal_safe;
use crate::report::text::{Escape, columns, fit, is_live};

/// Columns of what is said behind a value.
const ABOUT_COLUMNS: usize = 72;

/// What bash says when it shows a list and puts nothing but the common beginning into the line: `?`, `!`, `@`.
const LISTING: [u8; 3] = [b'?', b'!', b'@'];

/// Returns the lines for the script of `shell`.
pub(super) fn text(shell: Shell, kind: u8, line: &Line, candidates: &[Candidate]) -> String {
    let is_harmless = |text: &str| !text.chars().any(|character| is_live(character, Escape::Terminal));
    let found: Vec<&Candidate> = candidates.iter().filter(|one| is_harmless(&one.value)).collect();
    let mut text = String::new();
    match shell {
        Shell::Bash => bash(kind, line, &found, &mut text),
        Shell::Zsh => {
            for one in found {
                // A value ends at the first colon that has no backslash.
                let value = one.value.replace('\\', "\\\\").replace(':', "\\:");
                push(&mut text, &value, ':', &about(one));
            }
        }
        Shell::Fish | Shell::Elvish => {
            found.iter().for_each(|one| push(&mut text, &one.value, '\t', &about(one)));
        }
        Shell::Powershell => {
            for one in found {
                let value = match one.value.chars().all(is_plain) {
                    true => one.value.clone(),
                    false => format!("'{}'", one.value.replace('\'', "''")),
                };
                push(&mut text, &value, '\t', &about(one));
            }
        }
    }
    text
}

fn bash(kind: u8, line: &Line, found: &[&Candidate], text: &mut String) {
    let values: Vec<(String, &Candidate)> = found
        .iter()
        .filter_map(|one| {
            let value = one.value.get(line.cut..)?;
            // Within quotes a backslash would stand for itself.
            match (line.is_quoted, value.chars().all(is_plain)) {
                (true, false) => None,
                (_, true) => Some((value.to_owned(), *one)),
                (false, false) => Some((escaped(value), *one)),
            }
        })
        .collect();
    let shows_about = values.len() > 1 && LISTING.contains(&kind);
    let width = values.iter().map(|(value, _)| columns(value)).max().unwrap_or(0);
    for (value, one) in &values {
        text.push_str(value);
        let about = about(one);
        if shows_about && !about.is_empty() {
            text.push_str(&" ".repeat(width - columns(value)));
            text.push_str(&format!("  ({about})"));
        }
        text.push('\n');
    }
}

fn push(text: &mut String, value: &str, separator: char, about: &str) {
    text.push_str(value);
    if !about.is_empty() {
        text.push(separator);
        text.push_str(about);
    }
    text.push('\n');
}

/// Returns what is said behind a value: one line that no terminal obeys.
fn about(one: &Candidate) -> String {
    let safe = terminal_safe(one.about.as_bytes());
    fit(safe.trim(), ABOUT_COLUMNS).into_owned()
}

/// Returns whether a character means nothing to bash or PowerShell wherever it stands. A tilde does at the beginning, where
/// paths are meant to begin so.
fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || "_@%+=:,./~-".contains(character)
}

/// Returns a value with a backslash before each character that means something to bash.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 8);
    for character in value.chars() {
        if !is_plain(character) {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELLS: [Shell; 5] = [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::Powershell, Shell::Zsh];

    fn print(shell: Shell, kind: u8, candidates: &[(&str, &str)]) -> String {
        let candidates: Vec<Candidate> =
            candidates.iter().map(|(value, about)| Candidate::new(*value, *about)).collect();
        text(shell, kind, &Line::default(), &candidates)
    }

    #[test]
    fn no_value_can_act_in_bash_or_powershell() {
        let value = "a$(touch x);`y`'\"*?[b]{c}|&<>!#\\ d";
        let bash = print(Shell::Bash, 9, &[(value, "")]);
        assert_eq!(
            bash,
            "a\\$\\(touch\\ x\\)\\;\\`y\\`\\'\\\"\\*\\?\\[b\\]\\{c\\}\\|\\&\\<\\>\\!\\#\\\\\\ d\n"
        );
        let power = print(Shell::Powershell, 0, &[(value, "")]);
        assert_eq!(power, format!("'{}'\n", value.replace('\'', "''")));
    }

    #[test]
    fn control_characters_stay_out_of_values_and_are_shown_in_what_is_said() {
        for shell in SHELLS {
            let text = print(
                shell,
                b'?',
                &[("a\x1b[31m", ""), ("b\nc", ""), ("d", "x\x1b]0;t\x07\ty\nz"), ("e", "")],
            );
            assert_eq!(text.lines().count(), 2, "{shell:?}");
            let is_control = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
            assert!(!text.contains(is_control), "{shell:?} {text:?}");
            assert!(text.matches('\t').count() <= 1, "{text:?}");
        }
    }

    #[test]
    fn bash_shows_what_is_said_where_it_only_lists() {
        let two = [("ab", "one"), ("abc", "two")];
        assert_eq!(print(Shell::Bash, b'\t', &two), "ab\nabc\n");
        assert_eq!(print(Shell::Bash, b'?', &two), "ab   (one)\nabc  (two)\n");
        assert_eq!(print(Shell::Bash, b'?', &two[..1]), "ab\n");
    }

    #[test]
    fn bash_gets_only_what_it_takes_for_the_word() {
        let line = Line { cut: 10, ..Line::default() };
        let found = [Candidate::new("--project=foo", "")];
        assert_eq!(text(Shell::Bash, 9, &line, &found), "foo\n");
        let quoted = Line { is_quoted: true, ..Line::default() };
        let found = [Candidate::new("a b", ""), Candidate::new("ab", "")];
        assert_eq!(text(Shell::Bash, 9, &quoted, &found), "ab\n");
    }

    #[test]
    fn zsh_finds_the_end_of_a_value_with_colons() {
        assert_eq!(print(Shell::Zsh, 0, &[("a:b\\c", "d:e")]), "a\\:b\\\\c:d:e\n");
    }
}
