//! Makes text from transcripts, paths and file names harmless to a terminal. Knows nothing about where it goes.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

/// How much is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    /// For one line on a terminal: every control character (a tab becomes a space), bidirectional controls,
    /// invisible characters, line separators, and bytes that are not UTF-8.
    Terminal,
    /// For a pipe, which may end at a terminal or a reader after all (`| less -R`): the same, but for what words are made
    /// of or parted by: the tab, and the two zero-width characters that join letters or keep them apart.
    Pipe,
}

/// Returns `bytes` as one line of text that a terminal shows and never obeys.
///
/// Escaped characters appear as `\n`, `\r`, `\x1b`, `\u{202e}`; bytes that are not UTF-8 as `\xff`. A tab becomes a
/// space. Borrowed when there was nothing to escape.
pub(crate) fn terminal_safe(bytes: &[u8]) -> Cow<'_, str> {
    escape(bytes, Escape::Terminal)
}

/// Makes a path harmless as [`terminal_safe`] does.
pub(crate) fn safe_path(path: &Path) -> String {
    terminal_safe(path.as_os_str().as_encoded_bytes()).into_owned()
}

/// Returns `bytes` with everything escaped that `how` says.
pub(crate) fn escape(bytes: &[u8], how: Escape) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !has_live_bytes(bytes, how)
    {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push_escaped(&mut safe, character, how);
        }
        for byte in chunk.invalid() {
            push_hex(&mut safe, *byte);
        }
    }
    Cow::Owned(safe)
}

/// Returns whether `bytes`, which are UTF-8, hold anything that may need escaping. May say yes for nothing: then the
/// slow way copies the text unchanged.
fn has_live_bytes(bytes: &[u8], how: Escape) -> bool {
    // Most text is plain: whole pieces of it are judged at once.
    bytes.chunks(64).any(|piece| {
        let is_plain = piece.iter().fold(true, |is_plain, byte| is_plain & (0x20..0x7f).contains(byte));
        !is_plain && piece.iter().any(|&byte| is_live_byte(byte, how))
    })
}

fn is_live_byte(byte: u8, how: Escape) -> bool {
    match byte {
        0x09 => how == Escape::Terminal,
        0x00..=0x1f | 0x7f => true,
        _ => is_lead_of_live(byte),
    }
}

/// Returns whether what is escaped beyond ASCII may begin with `byte`: C2 (C1 controls), D8 (U+061C), E1 (U+180E), E2 (U+200B
/// to U+2069), EF (the byte order mark), F3 (tags).
fn is_lead_of_live(byte: u8) -> bool {
    matches!(byte, 0xc2 | 0xd8 | 0xe1 | 0xe2 | 0xef | 0xf3)
}

/// Returns whether `character` must not reach a terminal as it is.
pub(crate) fn is_live(character: char, how: Escape) -> bool {
    match character {
        '\t' | '\u{200c}' | '\u{200d}' => how == Escape::Terminal,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => true,
        // Arabic letter mark, Mongolian vowel separator, zero-width characters, directional marks, line and
        // paragraph separators, embeddings and overrides, word joiner and invisible operators, isolates, BOM, and
        // tags, which spell out text that nobody sees.
        '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

fn push_escaped(safe: &mut String, character: char, how: Escape) {
    if !is_live(character, how) {
        safe.push(character);
        return;
    }
    match character {
        '\t' => safe.push(' '),
        '\n' => safe.push_str("\\n"),
        '\r' => safe.push_str("\\r"),
        '\0'..='\x7f' => push_hex(safe, character as u8),
        _ => {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
        }
    }
}

fn push_hex(safe: &mut String, byte: u8) {
    let _ = write!(safe, "\\x{byte:02x}");
}

/// Returns JSON text with what [`is_live`] on a terminal as `\u` escapes: the same values, but harmless. Characters
/// below a space cannot stand raw in JSON strings, so only later ones are looked for.
pub(crate) fn safe_json(json: String) -> String {
    if !has_live_bytes_beyond_ascii(json.as_bytes()) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if character >= '\x7f' && is_live(character, Escape::Terminal) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

fn has_live_bytes_beyond_ascii(bytes: &[u8]) -> bool {
    bytes.iter().any(|&byte| byte == 0x7f || is_lead_of_live(byte))
}

/// Returns how many columns `text` takes on a terminal, near enough: East Asian wide characters and emoji take two,
/// combining marks none. Off by a column for rare scripts; only the alignment of a table suffers.
pub(crate) fn columns(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(column_count).sum()
}

/// Returns the longest prefix of `text` that fits `width` columns, with `…` at its end if anything was cut.
pub(crate) fn fit(text: &str, width: usize) -> Cow<'_, str> {
    if text.len() <= width || columns(text) <= width {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let mut end = 0;
    for (at, character) in text.char_indices() {
        used += column_count(character);
        if used + 1 > width {
            break;
        }
        end = at + character.len_utf8();
    }
    let ellipsis = if width == 0 { "" } else { "…" };
    Cow::Owned(format!("{}{ellipsis}", &text[..end]))
}

/// Columns of one character; ranges after Unicode's East Asian Width (W and F), coarsely.
fn column_count(character: char) -> usize {
    match u32::from(character) {
        0x300..=0x36f | 0x20d0..=0x20ff | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        for text in ["", "plain", "Grüße, 你好, 👍", "back\\slash \"quoted\""] {
            assert!(matches!(terminal_safe(text.as_bytes()), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn every_c0_control_and_del_is_escaped() {
        for byte in (0u8..0x20).chain([0x7f]) {
            let bytes = [b'a', byte, b'b'];
            let safe = terminal_safe(&bytes);
            assert!(!safe.as_bytes().contains(&byte), "{byte:02x}");
            assert!(safe.starts_with('a') && safe.ends_with('b') && safe.len() > 2, "{byte:02x}");
        }
        assert_eq!(terminal_safe(b"a\tb\nc\rd"), "a b\\nc\\rd");
        assert_eq!(terminal_safe(b"\x1b]52;c;YQ==\x07"), "\\x1b]52;c;YQ==\\x07");
    }

    #[test]
    fn c1_controls_are_escaped_encoded_or_raw() {
        for code in 0x80u8..=0x9f {
            let encoded = char::from(code).to_string();
            for how in [Escape::Terminal, Escape::Pipe] {
                assert_eq!(escape(encoded.as_bytes(), how), format!("\\u{{{code:x}}}"));
                assert_eq!(escape(&[code], how), format!("\\x{code:02x}"));
            }
        }
    }

    #[test]
    fn bidirectional_and_invisible_characters_are_escaped() {
        let live = ['\u{61c}', '\u{180e}', '\u{2028}', '\u{2029}', '\u{feff}'];
        let ranges = ('\u{200b}'..='\u{200f}').chain('\u{202a}'..='\u{202e}').chain('\u{2060}'..='\u{206f}');
        let tags = '\u{e0000}'..='\u{e007f}';
        for character in live.into_iter().chain(ranges).chain(tags) {
            let text = format!("a{character}b");
            let expected = format!("a\\u{{{:x}}}b", u32::from(character));
            assert_eq!(terminal_safe(text.as_bytes()), expected);
            let joins = matches!(character, '\u{200c}' | '\u{200d}');
            let expected = if joins { &text } else { &expected };
            assert_eq!(escape(text.as_bytes(), Escape::Pipe), *expected, "a pipe keeps what joins letters");
        }
    }

    #[test]
    fn invalid_utf8_shows_as_hex_and_the_rest_stays() {
        assert_eq!(terminal_safe(b"a\xffb\xc3"), "a\\xffb\\xc3");
        assert_eq!(terminal_safe(b"\xed\xa0\x80 \xc3\xa9"), "\\xed\\xa0\\x80 é");
    }

    #[test]
    fn a_pipe_keeps_tabs_and_loses_escape_sequences() {
        assert_eq!(escape(b"a\tb\x1b[31m", Escape::Pipe), "a\tb\\x1b[31m");
        assert!(matches!(escape(b"a\tb", Escape::Pipe), Cow::Borrowed(_)));
    }

    #[test]
    fn the_quick_look_never_misses_a_live_character() {
        for character in '\0'..=char::MAX {
            let mut buffer = [0; 4];
            let bytes = character.encode_utf8(&mut buffer).as_bytes();
            for how in [Escape::Terminal, Escape::Pipe] {
                assert!(!is_live(character, how) || has_live_bytes(bytes, how), "{character:?}");
            }
        }
    }

    #[test]
    fn json_keeps_its_values_and_its_layout() {
        let text = "a\u{7f}\u{85}\u{202e}\u{feff}\u{e0061}\u{e007f}é你👍\n\u{1b}";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let safe = safe_json(json.clone());
        assert_eq!(serde_json::from_str::<[String; 1]>(&safe).unwrap()[0], text);
        assert_eq!(safe.lines().count(), json.lines().count());
        assert!(safe.chars().all(|character| character == '\n' || !is_live(character, Escape::Terminal)));
    }

    #[test]
    fn text_is_cut_to_columns_not_bytes() {
        assert_eq!(fit("short", 10), "short");
        assert_eq!(fit("abcdefgh", 5), "abcd…");
        assert_eq!(fit("äöüßäöüß", 8), "äöüßäöüß");
        assert_eq!(fit("你好你好", 5), "你好…");
        assert_eq!(columns("你a\u{301}"), 3);
        assert_eq!(fit("ab", 0), "");
        assert_eq!(fit("ab", 1), "…");
    }
}
