//! Looks after what is archived and what is to be: checks the store, mends it, says what is missing on this machine,
//! and counts the secrets in transcripts. Only `repair` writes.
//!
//! | question | answered by |
//! |---|---|
//! | is every archive whole, and does everything beside it agree? | [`verify`] |
//! | what has to be mended, and can it be? | [`repair`] |
//! | is archiving set up, and does it keep up? | [`doctor`] |
//! | which secrets are in transcripts? | [`audit`] |

pub(crate) mod audit;
pub(crate) mod doctor;
pub(crate) mod finding;
mod hooks;
pub(crate) mod inventory;
pub(crate) mod left_alone;
mod mains;
pub(crate) mod never_quiet;
pub(crate) mod points;
pub(crate) mod recheck;
pub(crate) mod repair;
mod scan;
mod schedules;
pub(crate) mod sidecars;
pub(crate) mod unarchived;
pub(crate) mod verify;

use crate::config::{Config, Decided};
use std::path::Path;

/// Returns `path` as a word of a POSIX shell's command line, to be pasted: in quotes unless it is plain.
pub(crate) fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@%".contains(&byte);
    if !text.is_empty() && !text.starts_with('-') && text.bytes().all(is_plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns the command line of one of our own commands for the store in use.
pub(crate) fn own_command(config: &Config, words: &str) -> String {
    match config.store.decided_by {
        Decided::Flag(_) => format!("sessionkeep {words} --out {}", shell_word(&config.store.path)),
        _ => format!("sessionkeep {words}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives_the_shell() {
        assert_eq!(shell_word(Path::new("/a/b-c_1.gz")), "/a/b-c_1.gz");
        assert_eq!(shell_word(Path::new("/a b/it's $HOME")), r"'/a b/it'\''s $HOME'");
        assert_eq!(shell_word(Path::new("-rf")), "'-rf'");
    }
}
