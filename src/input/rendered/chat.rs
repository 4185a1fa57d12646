//! Markdown of chats with Aider: `.aider.chat.history.md` holds all sessions of a project, one after the other.
//!
//! A session begins with `# aider chat started at 2026-01-02 03:04:05` (local time); what the user said begins with
//! `#### `, what tools and the program said with `> `, all else is the model's.

use blake3::Hasher;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::split::Take;
use super::value::{push_string, push_string_or_bytes};
use crate::error::{Error, Kind, Result};
use crate::locator::Stamp;
use crate::platform;

const BEGINS: &[u8] = b"# aider chat started at ";

/// What one line of ours holds of a chat at most.
const MOST_BYTES: usize = 1 << 20;

/// A session in a chat.
#[derive(Debug)]
pub(crate) struct Section {
    /// The line that it begins in, counted from 0.
    pub line: u64,
    pub id: String,
    pub bytes: u64,
    /// Changes when its text does.
    pub mark: u64,
}

/// Returns the sessions in the chat at `path`.
///
/// # Errors
///
/// [`Kind::Source`] when it cannot be read.
pub(crate) fn sections(path: &Path) -> Result<Vec<Section>> {
    let mut sections: Vec<(Section, Hasher)> = Vec::new();
    each_line(path, &mut |number, line| {
        if line.starts_with(BEGINS) || (sections.is_empty() && !line.trim_ascii().is_empty()) {
            let section = Section { line: number, id: id(path, line), bytes: 0, mark: 0 };
            sections.push((section, Hasher::new()));
        }
        if let Some((section, hasher)) = sections.last_mut() {
            section.bytes += line.len() as u64;
            hasher.update(line);
        }
        Ok(true)
    })?;
    let with_mark = |(section, hasher): (Section, Hasher)| Section { mark: Stamp::mark(&hasher), ..section };
    let mut sections: Vec<Section> = sections.into_iter().map(with_mark).collect();
    // Two that were begun within one second.
    for index in 1..sections.len() {
        let is_taken = |id: &str| sections[..index].iter().any(|other| other.id == id);
        let mut number = 2;
        let mut id = sections[index].id.clone();
        while is_taken(&id) {
            id = format!("{}-{number}", sections[index].id);
            number += 1;
        }
        sections[index].id = id;
    }
    Ok(sections)
}

/// Returns the id of a session: when it began, and which project it is of, so that it is the same wherever the project is
/// moved to.
fn id(path: &Path, line: &[u8]) -> String {
    let project = path.parent().and_then(Path::file_name).unwrap_or_default().as_encoded_bytes();
    let started = line.strip_prefix(BEGINS).unwrap_or(b"").trim_ascii();
    let digits: String =
        started.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| *byte as char).collect();
    let hash = blake3::hash(&[project, b"\0", line].concat()).to_hex();
    format!("{}{}{}", if digits.is_empty() { "chat" } else { &digits }, "-", &hash[..8])
}

/// Hands the session that begins in line `from` to `take`, a paragraph a line.
///
/// # Errors
///
/// [`Kind::Source`] when it cannot be read; that of `take`.
pub(crate) fn render(path: &Path, from: u64, take: Take<'_>) -> Result<()> {
    let mut teller = Teller { path, number: 0, role: "", text: Vec::new(), take };
    each_line(path, &mut |number, line| {
        let is_first = number == from;
        if number < from {
            return Ok(true);
        }
        if line.starts_with(BEGINS) && !is_first {
            return Ok(false);
        }
        let role = match line {
            _ if line.starts_with(BEGINS) => "session",
            [b'#', b'#', b'#', b'#', ..] => "user",
            [b'>', ..] => "tool",
            // A blank line belongs to whoever spoke.
            _ if line.trim_ascii().is_empty() && !teller.role.is_empty() && teller.role != "session" => {
                teller.role
            }
            _ => "assistant",
        };
        if role != teller.role || teller.text.len() >= MOST_BYTES {
            teller.finish()?;
            teller.role = role;
        }
        teller.text.extend_from_slice(line);
        Ok(true)
    })?;
    teller.finish()
}

struct Teller<'a> {
    path: &'a Path,
    number: u64,
    role: &'static str,
    text: Vec<u8>,
    take: Take<'a>,
}

impl Teller<'_> {
    /// Tells the paragraph that was gathered, if there is one.
    fn finish(&mut self) -> Result<()> {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return Ok(());
        }
        let mut line = b"{\"document\":".to_vec();
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        push_string(&name, &mut line);
        line.extend_from_slice(format!(",\"id\":{},\"role\":\"{}\"", self.number, self.role).as_bytes());
        if self.number == 0 {
            let directory = self.path.parent().map(Path::to_string_lossy).unwrap_or_default();
            line.extend_from_slice(b",\"directory\":");
            push_string(&directory, &mut line);
        }
        line.extend_from_slice(b",\"text\":");
        push_string_or_bytes(&text, &mut line);
        line.extend_from_slice(b"}\n");
        self.number += 1;
        (self.take)(&line)
    }
}

/// Calls `each` with the number and the bytes of each line, its end included, until it returns false. A line that is too
/// long to hold comes in pieces.
fn each_line(path: &Path, each: &mut dyn FnMut(u64, &[u8]) -> Result<bool>) -> Result<()> {
    let cannot = |error| Error::io(Kind::Source, "cannot read", path, error);
    let file: File = platform::open_at_once(path).map_err(cannot)?;
    if !file.metadata().map_err(cannot)?.is_file() {
        return Err(Error::new(Kind::Source, "cannot read")
            .with_path(path)
            .with_source("not a regular file"));
    }
    let mut reader = BufReader::with_capacity(256 << 10, file);
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        let mut limited = std::io::Read::take(&mut reader, MOST_BYTES as u64);
        if limited.read_until(b'\n', &mut line).map_err(cannot)? == 0 || !each(number, &line)? {
            return Ok(());
        }
        number += u64::from(line.ends_with(b"\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: &str = "\n# aider chat started at 2026-01-02 03:04:05\n\n> Model: x\n\n#### fix it\n\nDone.\n\n# aider chat \
         started at 2026-01-03 03:04:05\n\n#### again\n";

    #[test]
    fn each_session_of_a_chat_is_told_and_nothing_of_it_is_lost() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".aider.chat.history.md");
        std::fs::write(&path, CHAT).unwrap();
        let sections = sections(&path).unwrap();
        assert_eq!(sections.iter().map(|section| section.line).collect::<Vec<_>>(), [1, 9]);
        assert!(sections[0].id.starts_with("20260102030405-"), "{sections:?}");
        let mut told = Vec::new();
        let mut take = |line: &[u8]| {
            told.push(serde_json::from_slice::<serde_json::Value>(line).unwrap());
            Ok(())
        };
        render(&path, 1, &mut take).unwrap();
        let roles: Vec<&str> = told.iter().map(|line| line["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["session", "assistant", "tool", "user", "assistant"]);
        let text: String = told.iter().map(|line| line["text"].as_str().unwrap()).collect();
        assert_eq!(text, CHAT.lines().skip(1).take(8).map(|line| format!("{line}\n")).collect::<String>());
    }
}
