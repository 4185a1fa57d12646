//! Expands recipes into texts, so that tests, benches and fuzz targets have secrets of the right shape without one
//! standing in the source. Owns the recipe language and the ways in which a text stands in a transcript; knows
//! nothing about rules.
//!
//! A recipe is text in which `{kind:count}` stands for so many pseudo-random bytes: `ghp_⟦{alnum:36}⟧`. The marks
//! `⟦` and `⟧` enclose the part that a masker must take away. Kinds: `alnum`, `lower` (`a-z0-9`), `upper`
//! (`A-Z0-9`), `letters`, `hex`, `HEX`, `base32` (`A-Z2-7`), `digits`, `base64`, `base64url` and `{uuid}`.
//! Braces around anything else stand for themselves.

use std::ops::Range;

/// A text and where in it the secret stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanded {
    pub text: Vec<u8>,
    /// What must vanish; empty (at the end of the text) when the recipe has no marks.
    pub secret: Range<usize>,
}

/// SplitMix64 (Steele, Lea and Flood 2014): enough for shapes, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &[u8] = b"0123456789";

/// Which bytes a kind draws from, and of which sets it must hold at least one each.
fn alphabet(kind: &str) -> Option<(Vec<u8>, &'static [&'static [u8]])> {
    const ALL: &[&[u8]] = &[UPPER, LOWER, DIGITS];
    let (bytes, must): (Vec<u8>, &'static [&'static [u8]]) = match kind {
        "alnum" => ([LOWER, UPPER, DIGITS].concat(), ALL),
        "lower" => ([LOWER, DIGITS].concat(), &[LOWER, DIGITS]),
        "upper" => ([UPPER, DIGITS].concat(), &[UPPER, DIGITS]),
        "letters" => ([LOWER, UPPER].concat(), &[LOWER, UPPER]),
        "hex" => (b"0123456789abcdef".to_vec(), &[b"abcdef", DIGITS]),
        "HEX" => (b"0123456789ABCDEF".to_vec(), &[b"ABCDEF", DIGITS]),
        "base32" => (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".to_vec(), &[UPPER, b"234567"]),
        "digits" => (DIGITS.to_vec(), &[DIGITS]),
        "base64" => ([LOWER, UPPER, DIGITS, b"+/"].concat(), ALL),
        "base64url" => ([LOWER, UPPER, DIGITS, b"-_"].concat(), ALL),
        _ => return None,
    };
    Some((bytes, must))
}

fn fill(random: &mut Random, kind: &str, count: usize, out: &mut Vec<u8>) -> bool {
    let Some((alphabet, must)) = alphabet(kind) else { return false };
    loop {
        let mut made: Vec<u8> = (0..count).map(|_| alphabet[random.below(alphabet.len())]).collect();
        // Enough of a run of plain alphanumerics that no validator may refuse it for the punctuation in it.
        if count >= 16 && alphabet.contains(&b'9') {
            let (from, plain) = (random.below(count - 15), [LOWER, UPPER, DIGITS].concat());
            for byte in &mut made[from..from + 16] {
                while !byte.is_ascii_alphanumeric() {
                    let other = plain[random.below(plain.len())];
                    *byte = if alphabet.contains(&other) { other } else { b'7' };
                }
            }
        }
        let distinct = made.iter().collect::<std::collections::BTreeSet<_>>().len();
        let wanted_distinct = count.min(10).min(alphabet.len()).saturating_sub(count.min(16) / 6);
        let has_all = count < must.len() * 3 || must.iter().all(|set| made.iter().any(|b| set.contains(b)));
        // A value that ends in punctuation would lose it to the text around it in some rules.
        let ends_plain = made.last().is_none_or(u8::is_ascii_alphanumeric);
        if distinct >= wanted_distinct && has_all && ends_plain && !made.windows(6).any(|w| w == b"xxxxxx") {
            out.extend_from_slice(&made);
            return true;
        }
    }
}

/// Expands the inside of a pair of braces; `false` when it is no kind.
fn fill_kind(random: &mut Random, inside: &str, out: &mut Vec<u8>) -> bool {
    if inside == "uuid" {
        for (before, count) in [("", 8), ("-", 4), ("-4", 3), ("-8", 3), ("-", 12)] {
            out.extend_from_slice(before.as_bytes());
            fill(random, "hex", count, out);
        }
        return true;
    }
    let Some((kind, count)) = inside.split_once(':') else { return false };
    let Ok(count) = count.parse::<usize>() else { return false };
    fill(random, kind, count, out)
}

/// Returns the text that `recipe` describes: the same for the same seed, another for another.
pub fn expand(recipe: &str, seed: u64) -> Expanded {
    let mut random = Random(seed ^ 0x5e55_1011_4ee9_u64);
    let mut text = Vec::new();
    let (mut start, mut end) = (None, None);
    let mut rest = recipe;
    while let Some(first) = rest.chars().next() {
        match first {
            '⟦' => start = Some(text.len()),
            '⟧' => end = Some(text.len()),
            '{' => {
                if let Some(close) = rest.find('}')
                    && fill_kind(&mut random, &rest[1..close], &mut text)
                {
                    rest = &rest[close + 1..];
                    continue;
                }
                text.push(b'{');
            }
            other => text.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = &rest[first.len_utf8()..];
    }
    let end = end.unwrap_or(text.len());
    Expanded { secret: start.unwrap_or(end)..end, text }
}

/// What stands around a text in a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surroundings {
    /// Nothing: the text is the whole string.
    Alone,
    /// A sentence with blanks.
    Prose,
    /// `KEY="..."`.
    Quoted,
    /// First on a line that follows another.
    LineStart,
    /// After a tab.
    Tab,
    /// On a removed line of a diff.
    Removed,
    /// On an added line of a diff.
    Added,
    /// Coloured by a terminal escape.
    Colour,
    /// After a line number as a file viewer writes it: `     1→`.
    LineNumber,
    /// In a query string, after `%3D`.
    Percent,
    /// After `=` written `\u003d`, as Go and Gson do.
    EscapedEquals,
    /// After `/` written `\/`, as PHP does.
    EscapedSlash,
}

/// Every kind of surroundings.
pub const SURROUNDINGS: [Surroundings; 12] = [
    Surroundings::Alone,
    Surroundings::Prose,
    Surroundings::Quoted,
    Surroundings::LineStart,
    Surroundings::Tab,
    Surroundings::Removed,
    Surroundings::Added,
    Surroundings::Colour,
    Surroundings::LineNumber,
    Surroundings::Percent,
    Surroundings::EscapedEquals,
    Surroundings::EscapedSlash,
];

impl Surroundings {
    fn around(self) -> (&'static str, &'static str) {
        match self {
            Surroundings::Alone => ("", ""),
            Surroundings::Prose => ("the value is ", " (as printed)"),
            Surroundings::Quoted => ("VALUE=\"", "\"\n"),
            Surroundings::LineStart => ("first line\n", "\nlast line"),
            Surroundings::Tab => ("name\t", "\tmore"),
            Surroundings::Removed => ("@@ -1 +1 @@\n-", "\n+gone"),
            Surroundings::Added => ("@@ -1 +1 @@\n+", "\n"),
            Surroundings::Colour => ("\u{1b}[1;32m", "\u{1b}[0m done"),
            Surroundings::LineNumber => ("     1→", "\n     2→"),
            Surroundings::Percent => ("next%3D", " "),
            Surroundings::EscapedEquals => ("a\\u003d", " b"),
            Surroundings::EscapedSlash => ("path\\/", " b"),
        }
    }
}

/// Writes `text` as the inside of a JSON string.
fn escape_json(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
}

/// Puts `expanded` into `surroundings` and that into so many JSON strings, one in the other; `depth` 0 is plain text.
/// The result is a line without its line end (at depth 0 it may hold line ends).
pub fn embed(expanded: &Expanded, surroundings: Surroundings, depth: usize) -> Expanded {
    let (before, after) = surroundings.around();
    let mut parts = [
        before.as_bytes().to_vec(),
        Vec::new(),
        expanded.text.clone(),
        Vec::new(),
        after.as_bytes().to_vec(),
    ];
    parts[1] = parts[2][..expanded.secret.start].to_vec();
    parts[3] = parts[2][expanded.secret.end..].to_vec();
    parts[2] = parts[2][expanded.secret.clone()].to_vec();
    // `\u003d` and `\/` are themselves escapes of the innermost string.
    let escapes_itself = matches!(surroundings, Surroundings::EscapedEquals | Surroundings::EscapedSlash);
    for level in 0..depth {
        for (index, part) in parts.iter_mut().enumerate() {
            if level == 0 && index == 0 && escapes_itself {
                continue;
            }
            let mut escaped = Vec::with_capacity(part.len() * 2);
            escape_json(part, &mut escaped);
            *part = escaped;
        }
        if level + 1 < depth {
            parts[0].splice(0..0, *b"{\"output\":\"");
            parts[4].extend_from_slice(b"\",\"code\":0}");
        }
    }
    if depth > 0 {
        parts[0].splice(0..0, *b"{\"type\":\"user\",\"content\":\"");
        parts[4].extend_from_slice(b"\"}");
    }
    let start = parts[0].len() + parts[1].len();
    let end = start + parts[2].len();
    Expanded { text: parts.concat(), secret: start..end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_enclose_what_must_vanish() {
        let made = expand("key {k} ghp_⟦{alnum:36}⟧.", 1);
        assert!(made.text.starts_with(b"key {k} ghp_"));
        assert_eq!((made.secret.start, made.secret.len()), (12, 36));
        assert_eq!(made.text.len(), 12 + 36 + 1);
        assert_eq!(made, expand("key {k} ghp_⟦{alnum:36}⟧.", 1));
        assert_ne!(made, expand("key {k} ghp_⟦{alnum:36}⟧.", 2));
    }

    #[test]
    fn alphanumerics_hold_all_that_validators_ask_for() {
        for seed in 0..200 {
            let text = expand("{alnum:20}", seed).text;
            assert_eq!(text.len(), 20);
            assert!(text.iter().any(u8::is_ascii_uppercase));
            assert!(text.iter().any(u8::is_ascii_lowercase));
            assert!(text.iter().any(u8::is_ascii_digit));
            let text = expand("{base64url:24}", seed).text;
            assert!(text.windows(16).any(|run| run.iter().all(u8::is_ascii_alphanumeric)));
        }
    }

    #[test]
    fn a_uuid_has_its_form() {
        let text = String::from_utf8(expand("{uuid}", 3).text).expect("ASCII");
        assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }

    #[test]
    fn embedding_keeps_track_of_the_secret() {
        let made = expand("a\n⟦{alnum:8}\"{alnum:8}⟧", 1);
        for surroundings in SURROUNDINGS {
            for depth in 0..4 {
                let there = embed(&made, surroundings, depth);
                let secret = &there.text[there.secret.clone()];
                assert_eq!(&secret[..8], &made.text[2..10]);
                assert_eq!(secret.len(), 16 + (1 << depth));
                if depth > 0 {
                    let parsed: serde_json::Value = serde_json::from_slice(&there.text).expect("JSON");
                    assert!(parsed.is_object());
                }
            }
        }
    }
}
