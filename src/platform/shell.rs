//! Words of command lines, quoted for shells.

/// Returns `word` as one word of a POSIX shell's command line: in quotes unless it is plain.
pub(crate) fn posix_word(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@%".contains(&byte);
    if !word.is_empty() && !word.starts_with('-') && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Returns a path, or a plain word, as one word of a Windows command line. Agents hand hooks there to `cmd.exe`, to
/// PowerShell or to the `bash` of Git, and do not say which: slashes and double quotes mean the same to all of them. What does
/// not, `%` to `cmd.exe` and `$` and the backtick to the others, is left as it is: there is no way to write it for all.
pub(crate) fn windows_word(word: &str) -> String {
    let word = word.replace('\\', "/");
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-+:=@~".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) { word } else { format!("\"{word}\"") }
}

/// Returns `words` as a command line for this system's shell: a program, its options and absolute paths.
pub(crate) fn command_line(words: &[String]) -> String {
    let is_option = |word: &str| {
        let plain = |byte: u8| byte == b'-' || byte.is_ascii_alphanumeric();
        word.starts_with('-') && word.bytes().all(plain)
    };
    let quote = |word: &String| match () {
        () if is_option(word) => word.clone(),
        () if cfg!(windows) => windows_word(word),
        () => posix_word(word),
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives_a_posix_shell() {
        assert_eq!(posix_word("/a/b-c_1.gz"), "/a/b-c_1.gz");
        assert_eq!(posix_word("/a b/it's $HOME"), r"'/a b/it'\''s $HOME'");
        assert_eq!(posix_word("-rf"), "'-rf'");
        assert_eq!(posix_word(""), "''");
    }

    #[test]
    fn a_path_survives_the_shells_of_windows() {
        assert_eq!(windows_word(r"C:\Users\me\sessionkeep.exe"), "C:/Users/me/sessionkeep.exe");
        assert_eq!(
            windows_word(r"C:\Program Files\it's & (x86)\s.exe"),
            "\"C:/Program Files/it's & (x86)/s.exe\""
        );
        assert_eq!(windows_word(r"\\server\share\ü"), "\"//server/share/ü\"");
    }

    #[test]
    fn options_of_a_command_line_stay_options() {
        let words = ["/bin/x", "import", "-q", "--min-age", "30"].map(str::to_owned);
        assert_eq!(command_line(&words), "/bin/x import -q --min-age 30");
    }
}
