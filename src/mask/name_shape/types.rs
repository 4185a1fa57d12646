//! Names of types, and variables that are called like what they hold: told by their last word.

use crate::mask::name_shape::identifier::{has_only_name_bytes, is_identifier};
use crate::mask::name_shape::words::{Makeup, Parts};

/// Words that types end with which stand behind telling names.
const TYPE_WORDS: [&[u8]; 48] = [
    b"Hash",
    b"Hasher",
    b"Key",
    b"Token",
    b"Secret",
    b"Credential",
    b"Credentials",
    b"Provider",
    b"String",
    b"Type",
    b"Model",
    b"Manager",
    b"Config",
    b"Option",
    b"Options",
    b"Kind",
    b"Service",
    b"Client",
    b"Error",
    b"Result",
    b"Handler",
    b"Factory",
    b"Builder",
    b"Store",
    b"Data",
    b"Info",
    b"Request",
    b"Response",
    b"Value",
    b"Field",
    b"Schema",
    b"Spec",
    b"Ref",
    b"Source",
    b"Encoder",
    b"Validator",
    b"Policy",
    b"Encryptor",
    b"Bytes",
    b"Id",
    b"Array",
    b"Digest",
    b"Signature",
    b"Map",
    b"List",
    b"Slice",
    b"Stream",
    b"Buffer",
];

/// Returns whether a text reads like the name of a type: capitalised words of which the last says so.
pub(crate) fn is_type_name(text: &[u8]) -> bool {
    let is_capitalised = text.first().is_some_and(u8::is_ascii_uppercase);
    let last = Parts { rest: text }.filter(|piece| !piece[0].is_ascii_digit()).last();
    is_capitalised
        && last.is_some_and(|last| TYPE_WORDS.contains(&last))
        && has_only_name_bytes(text)
        && Makeup::of(text).is_of_words()
}

/// Returns whether a text is a variable that is called like what it holds: `hmacSha256Key`, `user2Password`.
pub(crate) fn is_telling_variable(text: &[u8]) -> bool {
    let last = Parts { rest: text }.filter(|piece| !piece[0].is_ascii_digit()).last();
    text.first().is_some_and(u8::is_ascii_lowercase)
        && last.is_some_and(|last| last == b"Password" || TYPE_WORDS.contains(&last))
        && text.iter().all(u8::is_ascii_alphanumeric)
        && is_identifier(text)
}
