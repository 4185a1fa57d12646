//! What a name looks like: words joined as code joins them, a constant, a path, the name of a test or of its file.

use crate::mask::name_shape::identifier::{has_only_name_bytes, has_random_segment, is_identifier};
use crate::mask::name_shape::types::is_type_name;
use crate::mask::name_shape::words::{Makeup, Parts, has_digits_for_letters, is_word};

/// Returns whether a text changes its kind of letter so often, or has so little in it that reads like a word, that it
/// must be drawn by lot: no name in any code looks so, however many abbreviations it is made of.
pub(crate) fn is_scrambled(text: &[u8]) -> bool {
    Makeup::of(text).is_scrambled(text)
}

/// Returns whether a text is a name beyond doubt: a constant (`NGHTTP2_FRAME_ERROR`), words joined by `_`, or a path
/// with a full stop or `::` (`auth.login.step2.label`, `TokenKind.Ident2`). Passwords are hardly made like this.
pub(crate) fn is_joined_name(text: &[u8]) -> bool {
    let segments = || text.split(|byte| b"_.:".contains(byte)).filter(|segment| !segment.is_empty());
    let has_word = || Parts { rest: text }.any(|piece| piece.len() >= 3 && is_word(piece));
    is_identifier(text)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.:".contains(byte))
        && segments().count() >= 2
        && segments().all(|segment| segment.len() <= 40 && (segment.len() < 12 || !is_scrambled(segment)))
        && (has_word() || is_joined_constant(text))
}

/// Returns whether a text is a constant whatever its words are, having three of them: `NT_S390_RI_CB`.
fn is_joined_constant(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b'_').count() >= 2 && !text.iter().any(u8::is_ascii_lowercase)
}

/// Returns whether a text is one word of a report of tests, whatever it looks like: what may stand there has the form of
/// an identifier or a path, and only what has `random_bytes` or more and is drawn by lot does not.
pub(crate) fn is_reported_word(text: &[u8], random_bytes: usize) -> bool {
    let is_start = text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    is_start
        && has_only_name_bytes(text)
        && (text.len() < random_bytes || !is_scrambled(text))
        && !has_random_segment(text, random_bytes)
}

/// Endings of the names of files that tests are in, or that are tests.
const TEST_FILES: [&[u8]; 24] = [
    b".t", b".sh", b".py", b".pl", b".c", b".C", b".cc", b".cpp", b".exe", b".test", b".rb", b".js", b".ts",
    b".lua", b".tcl", b".exp", b".at", b".go", b".rs", b".java", b".f90", b".m", b".d", b".html",
];

/// Returns whether a text is the name or path of a test's file: `01-sha256sum.t`, `g++.dg/cpp0x/lambda-ice14.C`.
pub(crate) fn is_test_file(text: &[u8]) -> bool {
    let is_name_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./:+@%=,".contains(byte);
    text.iter().all(is_name_byte)
        && TEST_FILES.iter().any(|ending| text.ends_with(ending))
        && !has_random_segment(text, 16)
        && (text.contains(&b'/') || Makeup::of(text).longest_word >= 3)
}

/// Returns whether a text is what code calls something: three words or more by case, the first one small or capitalised
/// (`testEd25519PrivateKey`, `StarletteOAuth1App`), nearly all letters in words.
pub(crate) fn is_long_camel_name(text: &[u8]) -> bool {
    let shape = Makeup::of(text);
    text.iter().all(u8::is_ascii_alphanumeric)
        && is_identifier(text)
        && shape.letter_pieces >= 3
        && shape.is_of_words()
        && 4 * shape.word_letters >= 3 * shape.letters
}

/// Returns whether a text is a word with a short number, as no service makes tokens and keys: `issue4521`.
pub(crate) fn is_numbered_word(text: &[u8]) -> bool {
    let shape = Makeup::of(text);
    shape.letter_pieces < 2
        && is_identifier(text)
        && shape.longest_word >= 3
        && shape.digit_pieces <= 1
        && shape.digits <= 5
}

/// Returns whether a value is shaped like any name, one word with a number included: too little to leave it in clear
/// behind a telling name, and too much to have it masked wherever it stands.
pub(crate) fn could_be_name(text: &[u8]) -> bool {
    let shape = Makeup::of(text);
    let has_words = 2 * shape.read_letters >= shape.letters
        && shape.longest_word >= if text.len() < 16 { 3 } else { 4 }
        || shape.longest_word >= 4 && 3 * shape.read_letters >= shape.letters && text.len() < 24;
    // `SetS3Uri`, `is8BitInt`: too short to tell from what is drawn by lot but by its capitals.
    let is_short = text.len() < 12
        && text.first().is_some_and(u8::is_ascii_alphabetic)
        && has_only_name_bytes(text)
        && !has_digits_for_letters(text, &shape)
        && shape.capitalised >= 1
        && shape.digit_pieces <= 2
        && shape.letter_pieces <= 3 + usize::from(shape.longest_word >= 4);
    // `StrToInt64ExA`.
    let is_short_camel = text.len() < 16
        && text[0].is_ascii_uppercase()
        && text.iter().all(u8::is_ascii_alphanumeric)
        && !has_digits_for_letters(text, &shape)
        && shape.capitalised >= 2
        && shape.digit_pieces == 1
        && shape.letter_pieces <= 5;
    let pieces = shape.letter_pieces + shape.digit_pieces;
    let is_camel =
        shape.capitalised >= 2 && shape.letters + shape.digits >= 3 * pieces && shape.digit_pieces <= 2;
    // `I2OLCTGET`, `EM_TI_C6000`: abbreviations with a number, or several joined.
    let is_constant = has_only_name_bytes(text)
        && text.first().is_some_and(u8::is_ascii_uppercase)
        && !text.iter().any(u8::is_ascii_lowercase)
        && (shape.digit_pieces <= 1 && shape.digits <= 4 || text.contains(&b'_') && text.len() <= 40);
    // `v4l2_rect`, `OBJ_nid2ln`, `blkcnt64_t`: short words, joined.
    let is_snake = text.contains(&b'_')
        && !text[0].is_ascii_digit()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && text.split(|byte| *byte == b'_').all(|segment| {
            let has = |test: fn(&u8) -> bool| segment.iter().any(test);
            (segment.len() < 12 || segment.iter().all(u8::is_ascii_digit))
                && !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase))
        });
    let is_hash = text.len() >= 16 && shape.digits >= 4 && text.iter().all(u8::is_ascii_hexdigit);
    !is_hash
        && (is_short
            || is_short_camel
            || is_constant
            || is_snake
            || is_numbered(text)
            || is_identifier(text) && (has_words || is_camel))
        || is_name(text)
        || is_type_name(text)
        || is_joined_name(text)
}

/// Returns whether a text is a word, whatever it looks like, with a number: `idna2008`, `avx512dq`.
fn is_numbered(text: &[u8]) -> bool {
    let letters = text.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let digits = text[letters..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &text[letters + digits..];
    (3..=12).contains(&letters)
        && text[..letters].iter().any(|byte| b"aeiouy".contains(byte))
        && (1..=4).contains(&digits)
        && rest.len() <= 2
        && rest.iter().all(u8::is_ascii_lowercase)
}

/// Returns whether a text could be a name in code: several words, joined by case, digits, `_`, `-`, `.`, `/`, `::`.
/// `hunter2024` is none, being one word; `Tr0ub4dor` is none, having no word.
pub(crate) fn is_name(text: &[u8]) -> bool {
    let shape = Makeup::of(text);
    has_only_name_bytes(text)
        && shape.letter_pieces >= 2
        && shape.is_of_words()
        && 3 * shape.word_letters >= 2 * shape.letters
}

/// Returns whether a text is a name of at least two words.
pub(crate) fn is_compound(text: &[u8]) -> bool {
    is_name(text) && Makeup::of(text).words >= 2
}

/// Returns whether so much of a text is words that no password is likely to be made of them: three, or two that are
/// joined as passwords are not.
pub(crate) fn is_long_name(text: &[u8]) -> bool {
    let words = Makeup::of(text).words;
    is_name(text) && (words >= 3 || words == 2 && text.iter().any(|byte| b"_/".contains(byte)))
}

/// Returns whether a text reads like the path of a file, with a word in it.
pub(crate) fn is_path_name(text: &[u8]) -> bool {
    let shape = Makeup::of(text);
    text.contains(&b'/')
        && text.iter().any(|byte| b"._-".contains(byte))
        && has_only_name_bytes(text)
        && shape.longest_word >= 4
        && 3 * shape.word_letters >= shape.letters
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
