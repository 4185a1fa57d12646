//! Reads what stands between a key and its value, in raw JSONL bytes: blanks, operators, and quotes at any depth of
//! escaping. Owns no rule and judges nothing.

/// More backslashes than this in a row belong to no quote: eight levels of nesting would need 255, three are usual.
const MOST_BACKSLASHES: usize = 64;

/// More blanks than this between a key and its value are no layout.
const MOST_BLANKS: usize = 64;

/// A quote as it is written: the byte it stands for and the backslashes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    /// `"`, `'` or a backtick; `&` for an entity as `&quot;`.
    pub byte: u8,
    /// 0 for the quotes of the outermost JSON, 1, 3, 7 for deeper ones.
    pub backslashes: usize,
    /// Written `\u0022` or `\u0027`.
    pub is_unicode: bool,
}

/// Returns how many backslashes stand at `at` (64 at most).
#[inline]
pub(crate) fn backslashes_at(bytes: &[u8], at: usize) -> usize {
    bytes[at.min(bytes.len())..].iter().take(MOST_BACKSLASHES).take_while(|&&byte| byte == b'\\').count()
}

/// Returns the quote at `at` and where it ends.
#[inline]
pub(crate) fn quote_at(bytes: &[u8], at: usize) -> Option<(Quote, usize)> {
    let backslashes = backslashes_at(bytes, at);
    let letter = at + backslashes;
    match *bytes.get(letter)? {
        b'&' => entity_end(bytes, letter + 1)
            .map(|end| (Quote { byte: b'&', backslashes: 0, is_unicode: false }, end)),
        byte @ (b'"' | b'\'' | b'`') => Some((Quote { byte, backslashes, is_unicode: false }, letter + 1)),
        b'u' if backslashes > 0 => {
            let byte = match unicode_escape_at(bytes, letter)? {
                byte @ (b'"' | b'\'' | b'`') => byte,
                b'&' => {
                    return entity_end(bytes, letter + 5)
                        .map(|end| (Quote { byte: b'&', backslashes, is_unicode: true }, end));
                }
                _ => return None,
            };
            Some((Quote { byte, backslashes, is_unicode: true }, letter + 5))
        }
        _ => None,
    }
}

/// Returns where the entity that stands for a quote in XML and HTML ends; `at` is after its `&`.
fn entity_end(bytes: &[u8], at: usize) -> Option<usize> {
    [&b"quot;"[..], b"#34;", b"#39;", b"apos;"]
        .iter()
        .find(|name| bytes[at..].starts_with(name))
        .map(|name| at + name.len())
}

/// Returns the ASCII byte that `uXXXX` at `at` (after its backslashes) stands for.
#[inline]
pub(crate) fn unicode_escape_at(bytes: &[u8], at: usize) -> Option<u8> {
    match bytes.get(at..at + 5)? {
        [b'u', b'0', b'0', high, low] => {
            let high = (*high as char).to_digit(16)?;
            let low = (*low as char).to_digit(16)?;
            let byte = (high * 16 + low) as u8;
            byte.is_ascii().then_some(byte)
        }
        _ => None,
    }
}

/// Returns where the blanks at `at` end: blanks and tabs, raw or escaped.
#[inline]
pub(crate) fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    for _ in 0..MOST_BLANKS {
        match bytes.get(at) {
            Some(b' ' | b'\t') => at += 1,
            Some(b'\\') => {
                let letter = at + backslashes_at(bytes, at);
                if bytes.get(letter) != Some(&b't') {
                    break;
                }
                at = letter + 1;
            }
            _ => break,
        }
    }
    at
}

/// Returns where a line end (raw, `\n`, `\r\n`, at any depth) at `at` ends, if one stands there.
pub(crate) fn skip_line_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'\n' => Some(at + 1),
        b'\r' => Some(at + 1 + usize::from(bytes.get(at + 1) == Some(&b'\n'))),
        b'\\' => {
            let letter = at + backslashes_at(bytes, at);
            match bytes.get(letter)? {
                b'n' => Some(letter + 1),
                b'r' => Some(skip_line_end(bytes, letter + 1).unwrap_or(letter + 1)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What joins a key and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `=`, `:=`, `?=`, `+=`, `=>`, `->`, `\u003d`, `%3D`.
    Assign,
    /// `==`, `!=` and longer.
    Compare,
    /// `:`.
    Colon,
    /// `,` as between the arguments of a call.
    Comma,
    /// `(`: a call.
    Call,
    /// `>`: the end of an XML tag.
    Tag,
}

/// Returns the operator at `at` and where it ends.
#[inline]
pub(crate) fn operator_at(bytes: &[u8], at: usize) -> Option<(Operator, usize)> {
    let rest = &bytes[at.min(bytes.len())..];
    let (operator, length) = match rest {
        [b'=', b'=', b'=', ..] => (Operator::Compare, 3),
        [b'=', b'=', ..] => (Operator::Compare, 2),
        [b'=', b'>', ..] => (Operator::Assign, 2),
        [b'=', b'~', ..] => return None,
        [b'=', ..] => (Operator::Assign, 1),
        [b'!', b'=', b'=', ..] => (Operator::Compare, 3),
        [b'!', b'=', ..] => (Operator::Compare, 2),
        [b':', b':', b'=', ..] => (Operator::Assign, 3),
        [b':', b':', ..] => return None,
        [b':', b'=', ..] => (Operator::Assign, 2),
        [b':' | b'?' | b'+', b'\\', ..] => return half_escaped_operator_at(bytes, at),
        [b':', ..] => (Operator::Colon, 1),
        [b'?' | b'+', b'=', ..] => (Operator::Assign, 2),
        [b'?', b'?', b'=', ..] | [b'|', b'|', b'=', ..] => (Operator::Assign, 3),
        [b'-', b'>', ..] | [b'<', b'-', ..] => (Operator::Assign, 2),
        [b'-', b'\\', b'u', b'0', b'0', b'3', b'e' | b'E', ..] => (Operator::Assign, 7),
        [b',', ..] => (Operator::Comma, 1),
        [b'(', ..] => (Operator::Call, 1),
        [b'>', ..] => (Operator::Tag, 1),
        [b'%', b'3', b'D' | b'd', ..] => (Operator::Assign, 3),
        [b'%', b'2', b'5', b'3', b'D' | b'd', ..] => (Operator::Assign, 5),
        [b'&', b'g', b't', b';', ..] => (Operator::Tag, 4),
        [b'\\', ..] => return escaped_operator_at(bytes, at),
        _ => return None,
    };
    Some((operator, at + length))
}

/// [`operator_at`] for `:=` and its kin with only the second sign escaped, as JSON encoders for the web do.
fn half_escaped_operator_at(bytes: &[u8], at: usize) -> Option<(Operator, usize)> {
    let letter = at + 1 + backslashes_at(bytes, at + 1);
    match (bytes[at], unicode_escape_at(bytes, letter)) {
        (_, Some(b'=')) => Some((Operator::Assign, letter + 5)),
        (b':', _) => Some((Operator::Colon, at + 1)),
        _ => None,
    }
}

/// [`operator_at`] for operators written as `\u00XX`, each sign of which may be escaped by itself.
fn escaped_operator_at(bytes: &[u8], at: usize) -> Option<(Operator, usize)> {
    let letter = at + backslashes_at(bytes, at);
    let end = letter + 5;
    match unicode_escape_at(bytes, letter)? {
        b'=' => match operator_at(bytes, end) {
            Some((Operator::Assign, end)) => Some((Operator::Compare, end)),
            Some((Operator::Compare | Operator::Tag, end)) => Some((Operator::Assign, end)),
            _ => Some((Operator::Assign, end)),
        },
        b'>' => Some((Operator::Tag, end)),
        b':' => Some((Operator::Colon, end)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_read_at_every_depth() {
        for (text, backslashes, is_unicode) in [
            (&b"\"v"[..], 0, false),
            (b"\\\"v", 1, false),
            (b"\\\\\\\"v", 3, false),
            (b"\\u0022v", 1, true),
            (b"\\\\u0022v", 2, true),
        ] {
            let (quote, end) = quote_at(text, 0).expect("a quote");
            assert_eq!(quote, Quote { byte: b'"', backslashes, is_unicode });
            assert_eq!(text[end], b'v');
        }
        assert_eq!(quote_at(b"\\n", 0), None);
        assert_eq!(quote_at(b"\\u003d", 0), None);
        assert_eq!(quote_at(b"u0022v", 0), None);
    }

    #[test]
    fn operators_are_read_escaped_or_not() {
        for (text, operator) in [
            (&b"=v"[..], Operator::Assign),
            (b":=v", Operator::Assign),
            (b"=>v", Operator::Assign),
            (b"\\u003dv", Operator::Assign),
            (b"\\\\u003D\\\\u003ev", Operator::Assign),
            (b":\\u003dv", Operator::Assign),
            (b"%3Dv", Operator::Assign),
            (b"===v", Operator::Compare),
            (b":v", Operator::Colon),
        ] {
            let (found, end) = operator_at(text, 0).expect("an operator");
            assert_eq!((found, text[end]), (operator, b'v'), "{}", text.escape_ascii());
        }
        assert_eq!(operator_at(b"::v", 0), None);
        assert_eq!(operator_at(b"\\nv", 0), None);
    }
}
