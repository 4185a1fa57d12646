//! Text of a transcript as text of a page: nothing of it is markup, nothing of it is obeyed, nothing of it is invisible.
//!
//! Owns what a character becomes. What is between tags goes through [`push`], what is in an attribute or a short field
//! through [`Field`]; nothing of a transcript reaches a page another way.

use crate::report::text::{Escape, is_live, terminal_safe};

/// Appends `text` to `out` for a place between tags. Sequences that colour or steer a terminal are left out; other control
/// characters, and those that turn or hide text, are shown by their names. Line ends and tabs stay.
pub(crate) fn push(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut from = 0;
    let mut at = 0;
    while at < bytes.len() {
        if !LOOKED_AT[usize::from(bytes[at])] {
            at += 1;
            continue;
        }
        let Some((what, length)) = replaced(text, at) else {
            at += 1;
            continue;
        };
        out.push_str(&text[from..at]);
        match what {
            Replaced::By(markup) => out.push_str(markup),
            Replaced::Named(character) => push_named(character, out),
        }
        at += length;
        from = at;
    }
    out.push_str(&text[from..]);
}

/// A short text, shown on one line and apart from what stands around it, whichever way it is written.
pub(crate) struct Field<'a>(pub &'a str);

impl maud::Render for Field<'_> {
    fn render_to(&self, out: &mut String) {
        out.push_str("<bdi>");
        push(self.0, out);
        out.push_str("</bdi>");
    }
}

/// A text between tags, as [`push`] has it.
pub(crate) struct Body<'a>(pub &'a str);

impl maud::Render for Body<'_> {
    fn render_to(&self, out: &mut String) {
        push(self.0, out);
    }
}

/// Returns `text` for the value of an attribute, which whoever writes it still has to quote: one line, all of it to be seen.
pub(crate) fn attribute(text: &str) -> String {
    terminal_safe(text.as_bytes()).into_owned()
}

/// Returns whether `character` steers something, turns the direction of text, or takes no room and joins nothing.
pub(crate) fn is_hidden(character: char) -> bool {
    !matches!(character, '\n' | '\t') && is_live(character, Escape::Pipe)
}

enum Replaced {
    By(&'static str),
    Named(char),
}

/// Returns what stands for the character at `at`, and the bytes that this takes the place of; `None` where it stays.
fn replaced(text: &str, at: usize) -> Option<(Replaced, usize)> {
    let byte = text.as_bytes()[at];
    let markup = match byte {
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'&' => "&amp;",
        b'"' => "&quot;",
        b'\'' => "&#39;",
        // Of a line end of two characters, one says it.
        b'\r' if text.as_bytes().get(at + 1) == Some(&b'\n') => "",
        0x1b => {
            let length = escape_sequence(&text.as_bytes()[at..]);
            if length > 0 {
                return Some((Replaced::By(""), length));
            }
            return Some((Replaced::Named('\x1b'), 1));
        }
        0x00..=0x1f | 0x7f => return Some((Replaced::Named(char::from(byte)), 1)),
        _ => {
            let character = text.get(at..)?.chars().next()?;
            return is_hidden(character).then(|| (Replaced::Named(character), character.len_utf8()));
        }
    };
    Some((Replaced::By(markup), 1))
}

fn push_named(character: char, out: &mut String) {
    use std::fmt::Write;
    out.push_str("<span class=\"x\">");
    let code = u32::from(character);
    let _ = match code {
        0x00..=0x7f => write!(out, "\\x{code:02x}"),
        _ => write!(out, "U+{code:04X}"),
    };
    out.push_str("</span>");
}

/// Returns how long the sequence is that the escape character at the start of `bytes` begins (ECMA-48, and what terminals
/// know beside it); 0 where it begins none. What has no end is taken to its line's end at most.
pub(super) fn escape_sequence(bytes: &[u8]) -> usize {
    /// Beyond it, what looks like a sequence is text.
    const MOST_BYTES: usize = 4096;
    let rest = &bytes[..bytes.len().min(MOST_BYTES)];
    match rest.get(1) {
        Some(b'[') => {
            let parameters = rest[2..].iter().take_while(|byte| (0x20..0x40).contains(*byte)).count();
            match rest.get(2 + parameters) {
                Some(0x40..=0x7e) => 3 + parameters,
                _ => 0,
            }
        }
        // Titles, links, and strings to the terminal end with a bell or with ESC \.
        Some(b']' | b'P' | b'X' | b'^' | b'_') => {
            let end = rest[2..].iter().position(|byte| matches!(byte, 0x07 | 0x1b | b'\n'));
            match end.map(|end| (2 + end, rest[2 + end])) {
                Some((end, 0x07)) => end + 1,
                Some((end, 0x1b)) if rest.get(end + 1) == Some(&b'\\') => end + 2,
                _ => 0,
            }
        }
        Some(b'(' | b')') if rest.get(2).is_some_and(u8::is_ascii_alphanumeric) => 3,
        Some(b'=' | b'>' | b'7' | b'8' | b'c') => 2,
        _ => 0,
    }
}

/// Bytes that may be replaced, or begin what may be.
static LOOKED_AT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'\n' as usize] = false;
    table[b'\t' as usize] = false;
    // Marks of HTML; DEL; and what the characters begin with that are shown by their names.
    let others = [b'<', b'>', b'&', b'"', b'\'', 0x7f, 0xc2, 0xd8, 0xe1, 0xe2, 0xef, 0xf3];
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pushed(text: &str) -> String {
        let mut out = String::new();
        push(text, &mut out);
        out
    }

    #[test]
    fn markup_is_text_and_what_cannot_be_seen_is_named() {
        for (text, expected) in [
            ("a <b> & \"c\" 'd'\n\te", "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;\n\te"),
            ("\x1b[1;31mred\x1b[0m", "red"),
            ("\x1b]8;;http://x\x07link\x1b]8;;\x1b\\", "link"),
            ("\x1b[31", "<span class=\"x\">\\x1b</span>[31"),
            ("a\u{202e}b", "a<span class=\"x\">U+202E</span>b"),
            ("a\u{e0062}b\u{f0000}", "a<span class=\"x\">U+E0062</span>b\u{f0000}"),
            ("\0\r\n\r", "<span class=\"x\">\\x00</span>\n<span class=\"x\">\\x0d</span>"),
            ("Grüße – 日本 👨\u{200d}👩", "Grüße – 日本 👨\u{200d}👩"),
            ("\u{85}\u{7f}", "<span class=\"x\">U+0085</span><span class=\"x\">\\x7f</span>"),
        ] {
            assert_eq!(pushed(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_of_any_text_is_markup_or_hidden(text in any::<String>()) {
            let out = pushed(&text).replace("<span class=\"x\">", "").replace("</span>", "");
            prop_assert!(!out.contains(['<', '>', '"', '\'']));
            prop_assert!(!out.chars().any(is_hidden), "{:?}", out);
        }

        #[test]
        fn sequences_end_within_the_text(text in "\x1b[\\[\\]P(=0-9;m\x07\x1b\\\\\na]{0,20}") {
            prop_assert!(escape_sequence(text.as_bytes()) <= text.len());
            pushed(&text);
        }
    }
}
