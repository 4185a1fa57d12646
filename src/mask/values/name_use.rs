//! Whether a value could be a name of something in the session's code, and whether it is used as one where it stands.

use crate::mask::name_shape::is_scrambled;
use std::ops::Range;

/// Returns whether a value has the form of an identifier and does not look drawn by lot.
pub(crate) fn is_nameable(value: &[u8]) -> bool {
    value.len() <= 64
        && !value[0].is_ascii_digit()
        && value.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !is_scrambled(value)
}

/// Words that declare the name after them.
const DECLARING: [&[u8]; 19] = [
    b"fn ",
    b"def ",
    b"func ",
    b"class ",
    b"struct ",
    b"enum ",
    b"type ",
    b"function ",
    b"interface ",
    b"trait ",
    b"const ",
    b"let ",
    b"var ",
    b"val ",
    b"static ",
    b"mut ",
    b"union ",
    b"macro ",
    b"#define ",
];

/// Returns how surely what stands at `at` is used as a name. Twice where it is declared or in a path (`x::y`); once where
/// it is called (`x(`), looked into (`x.y`) or part of another name (`x_y`), all of which may come about by chance. A
/// full stop ends sentences: it counts only where a letter follows.
pub(crate) fn uses_as_name(bytes: &[u8], at: &Range<usize>) -> u64 {
    let (before, after) = (&bytes[..at.start], &bytes[at.end..]);
    let is_in_path = after.starts_with(b"::") || before.ends_with(b"::");
    // `type this word and press enter` is no declaration.
    let signs: [&[u8]; 8] = [b"(", b"<", b":", b"=", b";", b" =", b" {", b" <"];
    let is_followed = || signs.iter().any(|sign| after.starts_with(sign));
    if is_in_path || DECLARING.iter().any(|word| before.ends_with(word)) && is_followed() {
        return 2;
    }
    let is_member = matches!(after, [b'.', next, ..] if next.is_ascii_alphabetic());
    let is_part = after.starts_with(b"_") || before.ends_with(b"_") && before.len() > 1;
    u64::from(is_member || is_part || after.starts_with(b"("))
}
