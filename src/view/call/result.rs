//! What came back from a tool: its output without what only a terminal needs, its first lines, how it ended.

use std::borrow::Cow;

use serde_json::Value;

/// The first lines of a text, and how many more there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beginning<'a> {
    pub lines: Vec<&'a str>,
    pub more: usize,
}

/// Returns the first lines of `text`, at most `most`; blank ones at its beginning and end do not count.
pub(crate) fn beginning(text: &str, most: usize) -> Beginning<'_> {
    let text = text.trim_end();
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    let first: Vec<&str> = lines.by_ref().take(most).collect();
    Beginning { lines: first, more: lines.count() }
}

/// Bytes before the output that some tools write to say how a command ended.
const HEAD_BYTES: usize = 400;

/// Returns what a tool said in `text`, a result as its agent keeps it: taken out of the JSON around it, and without the lines
/// before it that say how long it took.
pub(crate) fn output(text: &str) -> Cow<'_, str> {
    if text.trim_start().starts_with('{')
        && let Ok(Value::Object(members)) = serde_json::from_str::<Value>(text)
    {
        let keys = ["output", "stdout", "result", "content", "error", "text"];
        let said = keys.iter().filter_map(|key| members.get(*key)?.as_str()).find(|said| !said.is_empty());
        if let Some(said) = said
            // What else there is must be no more than how it ended.
            && members.values().all(|value| value.as_str().is_none_or(|other| other.len() <= said.len()))
        {
            return Cow::Owned(without_head(said).to_owned());
        }
    }
    Cow::Borrowed(without_head(text))
}

fn without_head(text: &str) -> &str {
    const HEADS: [&str; 4] = ["Chunk ID: ", "Wall time: ", "Exit code: ", "Process exited with code "];
    const MARKS: [&str; 2] = ["\nOutput:\n", "\nFinal output:\n"];
    if !HEADS.iter().any(|head| text.starts_with(head)) {
        return text;
    }
    let end = (0..=HEAD_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let after = MARKS.iter().find_map(|mark| text[..end].find(mark).map(|at| at + mark.len()));
    after.map_or(text, |after| &text[after..])
}

/// Returns the exit code that a result says in its first lines; `None` where it says none.
pub(crate) fn exit_code(text: &str) -> Option<i64> {
    let first = |line: &str| {
        let before = ["Exit code ", "Exit code: ", "Exit Code: ", "Process exited with code ", "exit code: "];
        let code = before.iter().find_map(|before| line.strip_prefix(before))?;
        code.split(|character: char| !character.is_ascii_digit() && character != '-').next()?.parse().ok()
    };
    text.lines().take(4).find_map(first)
}

/// Returns `text` without sequences that colour a terminal, move its cursor or name its window; a line that was written over
/// is one of its own.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, 0x1b | b'\r' | 8)) && !text.contains('\u{9b}') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_sequence(&mut characters),
            '\u{9b}' => skip_control(&mut characters),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => plain.push('\n'),
            // Bold, as manual pages were once printed: a letter over itself.
            '\u{8}' if characters.peek().is_some_and(|next| plain.ends_with(*next)) => {
                characters.next();
            }
            _ => plain.push(character),
        }
    }
    Cow::Owned(plain)
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_sequence(characters: &mut Characters<'_>) {
    match characters.peek() {
        Some('[') => {
            characters.next();
            skip_control(characters);
        }
        // What it says to the terminal, up to its end: a bell, or an escape and a backslash. One without an end is no
        // sequence, and the text behind it stays.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            let mut ahead = characters.clone();
            while let Some(character) = ahead.next() {
                match character {
                    '\u{7}' => {
                        *characters = ahead;
                        return;
                    }
                    '\u{1b}' if ahead.peek() == Some(&'\\') => {
                        ahead.next();
                        *characters = ahead;
                        return;
                    }
                    '\n' => return,
                    _ => {}
                }
            }
        }
        Some('(' | ')' | '#' | '%') => {
            characters.next();
            characters.next();
        }
        Some('=' | '>' | '7' | '8' | 'c' | 'M' | 'D' | 'E' | 'H') => {
            characters.next();
        }
        _ => {}
    }
}

/// Skips the rest of a control sequence: digits and signs, then the letter that ends it.
fn skip_control(characters: &mut Characters<'_>) {
    while let Some(character) = characters.next_if(|character| (' '..='~').contains(character)) {
        if ('@'..='~').contains(&character) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sequences_for_a_terminal_are_taken_out_and_text_stays() {
        for (text, expected) in [
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}a", "a"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}]no end", "]no end"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("b\u{8}bo\u{8}old", "bold"),
            ("\u{1b}(Bx\u{9b}2Jy", "xy"),
            ("\u{1b}[12\nrest", "\nrest"),
            ("plain", "plain"),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_output_is_found_in_what_its_agent_wrote_around_it() {
        for (text, expected) in [
            ("just this", "just this"),
            (r#"{"output":"a\nb","metadata":{"exit_code":1}}"#, "a\nb"),
            (r#"{"id":"long identifier","output":"x"}"#, r#"{"id":"long identifier","output":"x"}"#),
            ("Chunk ID: 1\nWall time: 2 s\nProcess exited with code 0\nOutput:\nhello", "hello"),
            ("Exit code: 1\nWall time: 1 s\nOutput:\nno", "no"),
            ("{broken", "{broken"),
        ] {
            assert_eq!(output(text), expected, "{text}");
        }
    }

    #[test]
    fn an_exit_code_stands_in_the_first_lines() {
        assert_eq!(exit_code("Exit code 127\nnot found"), Some(127));
        assert_eq!(exit_code("Chunk ID: 1\nWall time: 1\nProcess exited with code 2"), Some(2));
        assert_eq!(exit_code("fine"), None);
    }

    #[test]
    fn the_beginning_says_how_much_more_there_is() {
        assert_eq!(beginning("\n\na\nb\nc\n\n", 2), Beginning { lines: vec!["a", "b"], more: 1 });
        assert_eq!(beginning("", 2), Beginning { lines: vec![], more: 0 });
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_is_left(text in "[\u{1b}\\]\\[\r\n\u{8}\u{7}a-c0-9;m\u{9b}\\\\]{0,40}") {
            let plain = plain(&text);
            prop_assert!(!plain.contains(['\u{1b}', '\r', '\u{9b}']), "{plain:?}");
        }
    }
}
