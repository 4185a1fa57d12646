//! Files and directories that begin as what is typed. Follows no more than one directory, and opens no file.

use super::candidate::Candidate;
use std::path::Path;

/// Entries looked at in one directory: more would keep the shell waiting.
const MOST_ENTRIES: usize = 10_000;

/// Returns the paths that begin with `typed`; directories end in a slash, and only they are meant if `only_directories`.
/// `expand` puts the user's home where `~` stands. What is returned begins as it was typed.
pub(super) fn begun(
    typed: &str,
    only_directories: bool,
    expand: impl Fn(&Path) -> std::path::PathBuf,
) -> Vec<Candidate> {
    let name_start = typed.rfind(['/', std::path::MAIN_SEPARATOR]).map_or(0, |slash| slash + 1);
    let (directory, name) = typed.split_at(name_start);
    if directory.is_empty() && name.starts_with('~') {
        return Vec::new();
    }
    let looked_at =
        if directory.is_empty() { Path::new(".").to_owned() } else { expand(Path::new(directory)) };
    let Ok(entries) = std::fs::read_dir(looked_at) else { return Vec::new() };
    let mut found: Vec<Candidate> = Vec::new();
    for entry in entries.take(MOST_ENTRIES).flatten() {
        let Ok(entry_name) = entry.file_name().into_string() else { continue };
        let is_hidden = entry_name.starts_with('.') && !name.starts_with('.');
        if is_hidden || !entry_name.starts_with(name) {
            continue;
        }
        let is_directory = entry.path().is_dir();
        if is_directory || !only_directories {
            let slash = if is_directory { "/" } else { "" };
            found.push(Candidate::new(format!("{directory}{entry_name}{slash}"), ""));
        }
    }
    found.sort_unstable_by(|one, other| one.value.cmp(&other.value));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_have_a_slash_and_hidden_names_are_shown_when_asked_for() {
        let home = tempfile::tempdir().unwrap();
        for name in ["code", "cold.txt", ".config"] {
            if name.contains(".txt") {
                std::fs::write(home.path().join(name), "").unwrap();
            } else {
                std::fs::create_dir(home.path().join(name)).unwrap();
            }
        }
        let expand = |path: &Path| home.path().join(path.strip_prefix("~").unwrap_or(path));
        let begun = |typed: &str, only_directories: bool| -> Vec<String> {
            begun(typed, only_directories, expand).into_iter().map(|found| found.value).collect()
        };
        assert_eq!(begun("~/", false), ["~/code/", "~/cold.txt"]);
        assert_eq!(begun("~/co", true), ["~/code/"]);
        assert_eq!(begun("~/.", false), ["~/.config/"]);
        assert!(begun("~/none/x", false).is_empty() && begun("~", false).is_empty());
    }
}
