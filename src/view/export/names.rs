//! What an exported session's file is called: as its archive, in the same directories below the root.
//!
//! So a name is stable, tells the session to people, and is safe on every system: whatever an archive is called, nothing but
//! letters, digits and a few signs is left of it.

use std::path::Path;

use crate::search::sessions::Stored;

/// Bytes of a name beside its suffix: file systems take 255.
const MOST_BYTES: usize = 200;

/// Returns the path of the session's file below the root of an export of the store at `store`: `2026/06/NAME.html`.
pub(super) fn relative_path(stored: &Stored, store: &Path, suffix: &str) -> String {
    let below = stored.directory.strip_prefix(store).ok().and_then(Path::to_str).unwrap_or("");
    let mut path = String::new();
    for component in below.split(['/', std::path::MAIN_SEPARATOR]).filter(|component| !component.is_empty()) {
        path.push_str(&safe(component));
        path.push('/');
    }
    path.push_str(&file_name(stored, suffix));
    path
}

/// Returns the name of the session's file.
pub(crate) fn file_name(stored: &Stored, suffix: &str) -> String {
    format!("{}{suffix}", safe(&stored.stem))
}

/// Returns `name` with nothing in it that a file system, a shell or an address takes for more than a letter. Names that
/// differ stay different.
pub(super) fn safe(name: &str) -> String {
    let is_plain =
        |character: char| character.is_alphanumeric() || matches!(character, '-' | '_') || character == '.';
    let is_safe = name.len() <= MOST_BYTES && !name.starts_with('.') && name.chars().all(is_plain);
    if is_safe && !name.is_empty() {
        return name.to_owned();
    }
    let hash = blake3::hash(name.as_bytes()).to_hex();
    let mut plain: String =
        name.trim_start_matches('.').chars().filter(|character| is_plain(*character)).collect();
    while plain.len() > MOST_BYTES - 17 {
        plain.pop();
    }
    format!("{plain}-{}", &hash[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(directory: &str, stem: &str) -> Stored {
        Stored {
            directory: Path::new(directory).into(),
            stem: stem.to_owned(),
            archive_suffix: Some(".jsonl.gz"),
            has_sidecar: true,
            part_count: 0,
            is_part: false,
        }
    }

    #[test]
    fn a_page_lies_where_its_archive_lies_under_the_same_name() {
        let path =
            relative_path(&stored("/s/2026/06", "2026-06-05_1430_проект_a1.v2"), Path::new("/s"), ".html");
        assert_eq!(path, "2026/06/2026-06-05_1430_проект_a1.v2.html");
        assert_eq!(relative_path(&stored("/elsewhere", "a"), Path::new("/s"), ".html"), "a.html");
    }

    #[test]
    fn names_that_mean_something_to_anybody_lose_it_and_stay_different() {
        let mut names: Vec<String> = Vec::new();
        let long = "x".repeat(300);
        for stem in
            ["..", ".", "", "a/b", "a\\b", "a b", "a\nb", "<b>", "a\u{202e}b", "C:x", "ab", "%2e", &long]
        {
            let name = file_name(&stored("/s", stem), ".html");
            assert!(!name.starts_with('.') && name.len() < 255, "{name}");
            assert!(!name.contains(['/', '\\', ' ', '<', '\n', '\u{202e}', ':', '%', '#', '?']), "{name}");
            names.push(name);
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 13);
    }
}
