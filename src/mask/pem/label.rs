//! Reads the labels that begin and end a private key: `-----BEGIN RSA PRIVATE KEY-----`, `---- BEGIN SSH2 ...`.

use memchr::memmem;
use std::ops::Range;

/// A label, and what it names.
pub(crate) struct Label<'a> {
    /// With its dashes.
    pub at: Range<usize>,
    /// `RSA PRIVATE KEY`.
    pub name: &'a [u8],
}

/// What a line has of labels.
pub(crate) enum Mark {
    None,
    /// The label that ends the key, and where it ends in the line.
    End(usize),
    /// One of something else.
    Other,
}

/// Returns the label that names what `PRIVATE KEY` at `at` is the end of, if it begins with `verb`.
pub(crate) fn around<'a>(bytes: &'a [u8], at: usize, verb: &[u8]) -> Option<Label<'a>> {
    let words = bytes[..at]
        .iter()
        .rev()
        .take(40)
        .take_while(|&&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ')
        .count();
    let words = at - words;
    let start = words - bytes[..words].iter().rev().take(5).take_while(|&&byte| byte == b'-').count();
    let spaces = bytes[words..at].iter().take_while(|&&byte| byte == b' ').count();
    if words - start < 4 || !bytes[words + spaces..at].starts_with(verb) {
        return None;
    }
    let (name_end, end) = end_of_label(bytes, at)?;
    Some(Label { at: start..end, name: &bytes[words + spaces + verb.len()..name_end] })
}

/// Returns where the name that goes on with `PRIVATE KEY` at `at` ends, and its dashes.
fn end_of_label(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut rest = bytes[at..].strip_prefix(b"PRIVATE KEY")?;
    rest = rest.strip_prefix(b" BLOCK").unwrap_or(rest);
    let name_end = bytes.len() - rest.len();
    rest = rest.strip_prefix(b"-----").or_else(|| rest.strip_prefix(b" ----"))?;
    Some((name_end, bytes.len() - rest.len()))
}

/// Returns what label the line has, looking for the one that ends `name`. The last line may be cut off within it.
pub(crate) fn mark_in(line: &[u8], name: &[u8], is_last: bool) -> Mark {
    let Some(first) = memmem::find(line, b"----") else { return Mark::None };
    for (from, verb) in [(first, &b"END "[..]), (first, &b"BEGIN "[..])] {
        for at in memmem::find_iter(&line[from..], verb).map(|at| from + at) {
            let before = line[..at].strip_suffix(b" ").unwrap_or(&line[..at]);
            if !before.ends_with(b"----") {
                continue;
            }
            let after = &line[at + verb.len()..];
            let length = after
                .iter()
                .take_while(|&&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ')
                .count();
            let named = after[..length].trim_ascii_end();
            let is_cut = is_last && length == after.len() && name.starts_with(named);
            if verb == b"BEGIN " || name.is_empty() || named != name && !is_cut {
                return Mark::Other;
            }
            let dashes = after[length..].iter().take(5).take_while(|&&byte| byte == b'-').count();
            return Mark::End(at + verb.len() + length + dashes);
        }
    }
    let dashes = line[first..].iter().take_while(|&&byte| byte == b'-').count();
    let rest = line[first + dashes..].trim_ascii_start();
    if is_last && !name.is_empty() && b"END ".starts_with(rest) { Mark::End(line.len()) } else { Mark::None }
}

/// Whether the line says that lines are left out: `...`, `[12 lines omitted]`. No line with a label does, else each of
/// many labels would be followed over all others.
pub(crate) fn leaves_out(line: &[u8]) -> bool {
    let says = [&b"..."[..], "…".as_bytes(), b"\\u2026", b"omitted", b"truncated", b"snip"];
    line.len() <= 500
        && memmem::find(line, b"Private-Lines").is_none()
        && says.iter().any(|said| memmem::find(line, said).is_some())
}
