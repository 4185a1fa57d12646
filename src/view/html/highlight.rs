//! Colours in code: comments, strings, numbers and keywords, for the languages that sessions are full of.
//!
//! A small tokenizer that goes through the text once and never back. It does not understand a language; what it gets wrong is
//! a colour. [`languages`](super::languages) has what it must know of each.

use super::escape;
use super::languages::{Language, language};

/// Bytes of code up to which it is coloured: what is longer is a log or a dump, and costs the browser an element a token.
const MOST_BYTES: usize = 256 << 10;

/// Appends `code`, which is in the language `name`, to `out`: with colours where the language is known.
pub(super) fn push(name: &str, code: &str, out: &mut String) {
    if name.eq_ignore_ascii_case("diff") || name.eq_ignore_ascii_case("patch") {
        return push_diff(code, out);
    }
    match language(name) {
        Some(language) if code.len() <= MOST_BYTES => push_tokens(language, code, out),
        _ => escape::push(code, out),
    }
}

/// Appends the lines of a diff, those that were added or removed in colour.
pub(super) fn push_diff(code: &str, out: &mut String) {
    for line in code.split_inclusive('\n') {
        let class = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'@', ..] => Some("h"),
            [b'*', b'*', b'*', b' ', ..] => Some("h"),
            [b'+', ..] => Some("a"),
            [b'-', ..] => Some("d"),
            _ => None,
        };
        match class {
            Some(class) => push_token(class, line, out),
            None => escape::push(line, out),
        }
    }
}

fn push_token(class: &str, text: &str, out: &mut String) {
    out.push_str("<i class=\"");
    out.push_str(class);
    out.push_str("\">");
    escape::push(text, out);
    out.push_str("</i>");
}

fn push_tokens(language: &Language, code: &str, out: &mut String) {
    let bytes = code.as_bytes();
    // What is plain is kept back until something else comes.
    let mut plain = 0;
    let mut at = 0;
    while at < bytes.len() {
        let (class, end) = token(language, bytes, at);
        if let Some(class) = class {
            escape::push(&code[plain..at], out);
            push_token(class, &code[at..end], out);
            plain = end;
        }
        at = end;
    }
    escape::push(&code[plain..], out);
}

/// Returns the class of the token at `at`, if it has a colour, and where it ends: always further on, and where a character
/// ends.
fn token(language: &Language, bytes: &[u8], at: usize) -> (Option<&'static str>, usize) {
    let byte = bytes[at];
    let rest = &bytes[at..];
    if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
        let end = at + rest.iter().take_while(|byte| is_word(byte)).count();
        let is_keyword = language.is_keyword(&bytes[at..end]);
        return (is_keyword.then_some("k"), end);
    }
    if byte.is_ascii_digit() {
        let is_number = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(*byte, b'.' | b'_');
        return (Some("n"), at + rest.iter().take_while(|byte| is_number(byte)).count());
    }
    // In a shell, a number sign within a word is no comment.
    let begins = at == 0 || bytes[at - 1].is_ascii_whitespace() || byte != b'#';
    if begins && language.line_comments.iter().any(|start| rest.starts_with(start.as_bytes())) {
        return (Some("c"), at + memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
    }
    if let Some((start, end)) = language.block_comment
        && rest.starts_with(start.as_bytes())
    {
        let inside = &rest[start.len()..];
        let length = memchr::memmem::find(inside, end.as_bytes()).map(|found| found + end.len());
        return (Some("c"), at + start.len() + length.unwrap_or(inside.len()));
    }
    if language.quotes.as_bytes().contains(&byte) {
        return string(language, bytes, at);
    }
    (None, at + 1)
}

/// Returns the string that the quote at `at` begins. One that does not end where it could is no string, but an apostrophe;
/// what was looked through for its end has no colour, as it would else be looked through again for each quote in it.
fn string(language: &Language, bytes: &[u8], at: usize) -> (Option<&'static str>, usize) {
    let quote = bytes[at];
    let triple = [quote; 3];
    if language.has_triple_quotes && bytes[at..].starts_with(&triple) {
        let inside = &bytes[at + 3..];
        let length = memchr::memmem::find(inside, &triple).map_or(inside.len(), |found| found + 3);
        return (Some("s"), at + 3 + length);
    }
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'\\' => end += 1,
            b'\n' if quote != b'`' && !language.has_long_strings => return (None, end),
            byte if *byte == quote => return (Some("s"), end + 1),
            _ => {}
        }
        end += 1;
    }
    (None, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::html::languages::LANGUAGES;
    use proptest::prelude::*;

    fn pushed(name: &str, code: &str) -> String {
        let mut out = String::new();
        push(name, code, &mut out);
        out
    }

    #[test]
    fn tokens_have_their_colours() {
        for (name, code, expected) in [
            (
                "rust",
                "let a = 1; // b",
                "<i class=\"k\">let</i> a = <i class=\"n\">1</i>; <i class=\"c\">// b</i>",
            ),
            (
                "python",
                "def f(): # x\n  return 'a'",
                "<i class=\"k\">def</i> f(): <i class=\"c\"># x</i>\n  <i class=\"k\">return</i> <i class=\"s\">&#39;a&#39;</i>",
            ),
            ("js", "`a\nb` /* c */", "<i class=\"s\">`a\nb`</i> <i class=\"c\">/* c */</i>"),
            ("sh", "echo a#b \"c\"", "<i class=\"k\">echo</i> a#b <i class=\"s\">&quot;c&quot;</i>"),
            ("json", "{\"a\": true}", "{<i class=\"s\">&quot;a&quot;</i>: <i class=\"k\">true</i>}"),
            (
                "sql",
                "select 1 -- x",
                "<i class=\"k\">select</i> <i class=\"n\">1</i> <i class=\"c\">-- x</i>",
            ),
            ("diff", "+a\n-b\n c", "<i class=\"a\">+a\n</i><i class=\"d\">-b\n</i> c"),
            ("none", "let <a>", "let &lt;a&gt;"),
        ] {
            assert_eq!(pushed(name, code), expected, "{name}");
        }
    }

    #[test]
    fn quotes_that_never_end_are_looked_through_once() {
        // Each quote would look through all that follows: ten thousand million steps.
        let code = "`\\".repeat(100_000);
        for name in ["js", "python", "sh"] {
            assert_eq!(pushed(name, &code).replace("&#39;", "'").len(), code.len());
        }
    }

    proptest! {
        #[test]
        fn colours_change_nothing_of_the_text(
            code in "[a-z0-9 '\"`/*#\\\\\n<>é日+@-]{0,80}", at in 0..LANGUAGES.len()
        ) {
            let mut plain = String::new();
            escape::push(&code, &mut plain);
            let mut out = pushed(LANGUAGES[at].names[0], &code).replace("</i>", "");
            for class in ["k", "s", "c", "n"] {
                out = out.replace(&format!("<i class=\"{class}\">"), "");
            }
            prop_assert_eq!(out, plain);
        }
    }
}
