//! Whether a text has the form of an identifier: the first thing that is asked of a name.

use crate::mask::name_shape::words::{Makeup, has_digits_for_letters};

/// Returns whether a text has the form of an identifier or a path of such (`OpAMD64SETEQ`, `a::b2`, `x.y.Z3`), made of
/// whatever: for places where a value cannot be a literal. Neither drawn by lot, nor with digits for letters.
pub(crate) fn is_identifier(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && has_only_name_bytes(text)
        && {
            let shape = Makeup::of(text);
            !shape.is_scrambled(text)
                && !has_digits_for_letters(text, &shape)
                && !has_random_segment(text, 16)
        }
}

/// Returns whether a run of `least` letters and digits in a text, or of more, is not made of words: what services draw by
/// lot and put behind a prefix (`acme_...`, `key....`).
pub(crate) fn has_random_segment(text: &[u8], least: usize) -> bool {
    text.split(|byte| !byte.is_ascii_alphanumeric()).any(|segment| {
        segment.len() >= least
            && segment.iter().any(u8::is_ascii_digit)
            && segment.iter().any(u8::is_ascii_alphabetic)
            && !Makeup::of(segment).is_of_words()
    })
}

/// Whether the bytes of names are all there are: letters, digits, and what joins words to names and paths.
pub(crate) fn has_only_name_bytes(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:<>[]".contains(byte))
}
