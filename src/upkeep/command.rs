//! Command lines that a reader can paste into a shell: our own, for the store in use.

use crate::config::{Config, Decided};
use crate::platform::shell;
use std::path::Path;

/// Returns `path` as a word of a POSIX shell's command line, to be pasted: in quotes unless it is plain.
pub(crate) fn shell_word(path: &Path) -> String {
    shell::posix_word(&path.to_string_lossy())
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
