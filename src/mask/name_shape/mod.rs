//! Whether a text has the shape of a name: of a type, a test, a function, a file. In comes a text, out comes yes or no;
//! where a name stands and what follows from it is said by the callers.
//!
//! Digits alone make no secret of a name (`Argon2Hash`, `X25519SecretKey`, `TestRefresh2FA`): what tells names from
//! tokens is that the letters between digits, signs and changes of case make up words.
//!
//! In the order in which they are met: [`words`] (pieces of a text and which of them are words), [`identifier`] (the form
//! of an identifier), [`types`] (types and what is called like them), [`names`] (all other names).

mod identifier;
mod names;
mod types;
mod words;

pub(crate) use identifier::is_identifier;
pub(crate) use names::{
    could_be_name, is_compound, is_joined_name, is_long_camel_name, is_long_name, is_name, is_numbered_word,
    is_path_name, is_reported_word, is_scrambled, is_test_file,
};
pub(crate) use types::{is_telling_variable, is_type_name};
