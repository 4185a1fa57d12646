//! The scripts that shells load. They hold nothing of the commands: they ask the program at each key.

use super::shell::Shell;
use std::path::Path;

/// Stands in a script where the program's path goes, quoted for that shell.
const PROGRAM: &str = "@PROGRAM@";

/// Returns the script of `shell`. It asks the program at `path` while that is there, else the one that the shell finds.
pub(super) fn script(shell: Shell, path: Option<&Path>) -> String {
    // A path that is no text, or holds a line end, could not be written into a script.
    let path = path.and_then(Path::to_str).filter(|path| !path.contains(char::is_control)).unwrap_or("");
    let (script, quoted) = match shell {
        Shell::Bash => (include_str!("scripts/sessionkeep.bash"), posix(path)),
        Shell::Zsh => (include_str!("scripts/sessionkeep.zsh"), posix(path)),
        Shell::Fish => {
            let path = path.replace('\\', "\\\\").replace('\'', "\\'");
            (include_str!("scripts/sessionkeep.fish"), format!("'{path}'"))
        }
        Shell::Elvish => (include_str!("scripts/sessionkeep.elv"), doubled(path)),
        Shell::Powershell => (include_str!("scripts/sessionkeep.ps1"), doubled(path)),
    };
    script.replace(PROGRAM, &quoted)
}

fn posix(path: &str) -> String {
    format!("'{}'", path.replace('\'', "'\\''"))
}

fn doubled(path: &str) -> String {
    format!("'{}'", path.replace('\'', "''"))
}
