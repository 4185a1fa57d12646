//! Text as it is, between fences that nothing in it ends; and words within a line.

use crate::report::text::{Escape, is_live};

/// Appends `text` as a block of code in `language`.
pub(super) fn block(text: &str, language: &str, out: &mut String) {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    out.push_str(&format!("{fence}{language}\n"));
    for line in text.trim_end_matches('\n').split('\n') {
        push_visible(line.strip_suffix('\r').unwrap_or(line), out);
        out.push('\n');
    }
    out.push_str(&format!("{fence}\n"));
}

/// Returns one line of `text` as code within a line; nothing where there is none.
pub(super) fn span(text: &str) -> String {
    let mut line = String::new();
    push_visible(&text.replace(['\n', '\r'], " "), &mut line);
    if line.trim().is_empty() {
        return String::new();
    }
    // In a table or a list a bar or a tag within code is not code to all viewers.
    let marks = "`".repeat(longest_run(&line) + 1);
    let space = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{marks}{space}{line}{space}{marks}")
}

/// Returns one line of `text` as plain words: no character of it means anything to Markdown.
pub(super) fn words(text: &str) -> String {
    let mut line = String::new();
    push_visible(&text.replace(['\n', '\r', '\t'], " "), &mut line);
    let mut words = String::with_capacity(line.len() + 8);
    for character in line.chars() {
        match character {
            '<' => words.push_str("&lt;"),
            '&' => words.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                words.extend(['\\', character])
            }
            _ => words.push(character),
        }
    }
    words
}

/// Appends `text` with characters that no viewer should obey written out.
fn push_visible(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '\t' => out.push('\t'),
            '\0'..='\x1f' | '\x7f'..='\u{9f}' => out.push_str(&format!("\\x{:02x}", u32::from(character))),
            _ if is_live(character, Escape::Pipe) => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
            }
            _ => out.push(character),
        }
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Parser};

    #[test]
    fn a_span_is_as_long_as_it_must_be() {
        for (text, expected) in
            [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("", ""), ("a\nb", "`a b`")]
        {
            assert_eq!(span(text), expected);
        }
        assert_eq!(words("# <b> [x](y)\n*"), "\\# &lt;b> \\[x\\](y) \\*");
    }

    proptest! {
        #[test]
        fn nothing_ends_a_block(text in "[`~<\na#>-]{0,40}") {
            let mut document = String::new();
            block(&text, "text", &mut document);
            let code: String = Parser::new(&document)
                .filter_map(|event| match event {
                    Event::Text(text) => Some(text.into_string()),
                    Event::Start(_) | Event::End(_) => None,
                    event => panic!("{event:?}"),
                })
                .collect();
            prop_assert_eq!(code.trim_end_matches('\n'), text.trim_end_matches('\n'));
        }

        #[test]
        fn words_are_words(text in "[`~<a#>\\[\\]()!*_&;\\\\:-]{0,30}") {
            let document = format!("x {}", words(&text));
            for event in Parser::new(&document) {
                prop_assert!(!matches!(event, Event::Html(_) | Event::InlineHtml(_) | Event::Code(_)), "{}", document);
            }
        }
    }
}
