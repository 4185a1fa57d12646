//! The archive of a rendered source is a log of what was seen: a line stays, and one that says the same again is not added.
//!
//! A row changes while its session runs, and a document is written anew; so what they are told in does not grow by what is
//! behind its end. Each import adds the lines that say something new, compared as they are masked, and names what is gone.

use crate::archive::header::Header;
use crate::platform::sync::lock;
use crate::recipe::GONE_MEMBER;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

/// What the archive of a rendered source holds, and what of it was met again.
#[derive(Default)]
pub(crate) struct Log {
    /// What each thing was last: its name as lines begin with it, and the hash of the line. `None`: it was gone.
    last: HashMap<Box<[u8]>, Option<u64>>,
    /// Hashes of all lines.
    lines: HashSet<u64>,
    /// Names of what is told of now.
    told: Mutex<HashSet<u64>>,
    /// Documents that are told as they are now, since they are no JSON: they were caught in the middle of a write, or are
    /// damaged, and what they held may be there again.
    torn: Mutex<HashSet<Vec<u8>>>,
    /// Some blocks are not as they were.
    pub is_changed: bool,
    /// How many blocks of the writer are the old archive's.
    pub blocks: usize,
    pub nul_bytes: u64,
    pub line_count: u64,
    pub masked_lines: u64,
    pub masked_by_rule: Vec<(String, u64)>,
}

impl Log {
    /// Returns the log of an archive that says this of itself, before any of its text is read.
    pub(crate) fn of_header(header: &Header) -> Log {
        Log {
            nul_bytes: header.nul_bytes,
            line_count: header.line_count,
            masked_lines: header.masked_lines,
            masked_by_rule: header.masked_by_rule.clone().into_iter().collect(),
            ..Log::default()
        }
    }

    /// Takes in text of the archive, whole lines.
    pub(crate) fn read(&mut self, text: &[u8]) {
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(GONE_MEMBER.as_bytes()) {
                self.read_gone(line);
                continue;
            }
            let hash = hash(line);
            self.lines.insert(hash);
            if let Some(name) = name(line) {
                self.last.insert(name.into(), Some(hash));
            }
        }
    }

    fn read_gone(&mut self, line: &[u8]) {
        let Ok(serde_json::Value::Object(gone)) = serde_json::from_slice(line) else { return };
        for id in gone.get("names").and_then(|names| names.as_array()).into_iter().flatten() {
            if let Some(last) = id.as_str().and_then(|id| self.last.get_mut(id.as_bytes())) {
                *last = None;
            }
        }
    }

    /// Returns whether a line of today, as it is masked, says something new; notes what it is about.
    pub(crate) fn is_new(&self, line: &[u8]) -> bool {
        let hash = hash(line);
        let Some(name) = name(line) else { return !self.lines.contains(&hash) };
        lock(&self.told).insert(hash_of_name(name));
        if let Some(document) = torn_document(line, name) {
            lock(&self.torn).insert(document.to_vec());
        }
        match self.last.get(name) {
            // Where the name itself was masked, several things have it.
            _ if memchr::memmem::find(name, b"***").is_some() => !self.lines.contains(&hash),
            Some(last) => *last != Some(hash),
            None => true,
        }
    }

    /// Returns the line that names what the archive holds and is not told of any more; `None` where there is nothing. To be
    /// asked when all lines of today were looked at.
    pub(crate) fn gone(&self) -> Option<Vec<u8>> {
        let (told, torn) = (lock(&self.told), lock(&self.torn));
        let is_torn = |name: &[u8]| document(name).is_some_and(|document| torn.contains(document));
        let is_gone = |name: &[u8], last: &Option<u64>| {
            last.is_some() && !told.contains(&hash_of_name(name)) && !is_torn(name)
        };
        let mut gone: Vec<&str> = self
            .last
            .iter()
            .filter(|(name, last)| is_gone(name, last))
            .filter_map(|(name, _)| std::str::from_utf8(name).ok())
            .collect();
        if gone.is_empty() {
            return None;
        }
        gone.sort_unstable();
        let names: Vec<String> = gone.iter().map(|name| serde_json::Value::from(*name).to_string()).collect();
        let ids: Vec<&str> = gone.iter().map(|name| id_in(name)).collect();
        let (ids, names) = (ids.join(","), names.join(","));
        Some(format!("{GONE_MEMBER}{ids}],\"names\":[{names}]}}\n").into_bytes())
    }
}

fn hash(line: &[u8]) -> u64 {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let hash = blake3::hash(line);
    u64::from_le_bytes(std::array::from_fn(|index| hash.as_bytes()[index]))
}

/// Returns the id in a name, as JSON has it; that of its document or table where it has none of its own.
fn id_in(name: &str) -> &str {
    match name.split_once(",\"id\":") {
        Some((of, "null")) => of,
        Some((_, id)) => id,
        None => name,
    }
}

fn hash_of_name(name: &[u8]) -> u64 {
    hash(name)
}

/// Returns what names the thing that a line is about: `"part","id":"prt_1"` of `{"table":"part","id":"prt_1",...}`.
fn name(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"{\"table\":").or_else(|| line.strip_prefix(b"{\"document\":"))?;
    let kind = string(rest)?;
    let id = rest[kind..].strip_prefix(b",\"id\":")?;
    let start = kind + b",\"id\":".len();
    let end = match id.first()? {
        b'"' => string(id)?,
        _ => memchr::memchr2(b',', b'}', id)?,
    };
    Some(&rest[..start + end])
}

/// Returns which document or table the name of a thing begins with.
fn document(name: &[u8]) -> Option<&[u8]> {
    Some(&name[..string(name)?])
}

/// Returns the document that a line tells as text, or as bytes, where others tell what it holds.
fn torn_document<'a>(line: &[u8], name: &'a [u8]) -> Option<&'a [u8]> {
    let is_document = line.starts_with(b"{\"document\":");
    let rest = line.get(b"{\"document\":".len() + name.len()..)?.strip_prefix(b",\"data\":")?;
    let is_text =
        [&b"\""[..], b"{\"bytes\":[", b"{\"base64\":\""].iter().any(|start| rest.starts_with(start));
    let is_whole = name.ends_with(b"\"id\":null") || memchr::memmem::find(name, b"\"id\":\"piece ").is_some();
    document(name).filter(|_| is_document && is_text && is_whole)
}

/// Returns the length of the JSON string that text begins with.
fn string(text: &[u8]) -> Option<usize> {
    if text.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: &str, text: &str) -> Vec<u8> {
        format!("{{\"table\":\"part\",\"id\":\"{id}\",\"data\":{{\"text\":\"{text}\"}}}}\n").into_bytes()
    }

    #[test]
    fn a_line_is_new_unless_it_is_what_was_last_said_of_the_same_thing() {
        let mut log = Log::default();
        log.read(&[part("1", "running"), part("2", "x"), part("1", "done")].concat());
        assert!(!log.is_new(&part("1", "done")));
        assert!(log.is_new(&part("1", "running")), "it went back to what it was");
        assert!(log.is_new(&part("3", "x")));
        assert_eq!(
            log.gone().unwrap(),
            b"{\"sessionkeep\":\"gone\",\"ids\":[\"2\"],\"names\":[\"\\\"part\\\",\\\"id\\\":\\\"2\\\"\"]}\n"
        );
    }

    #[test]
    fn what_was_gone_and_is_there_again_is_new() {
        let mut log = Log::default();
        log.read(&part("1", "a"));
        let gone = Log::gone(&log).unwrap();
        log.read(&gone);
        assert_eq!(log.gone(), None, "it is said once");
        assert!(log.is_new(&part("1", "a")));
        log.read(&part("1", "a"));
        assert!(!log.is_new(&part("1", "a")));
    }

    #[test]
    fn what_a_document_held_is_not_gone_while_it_is_torn() {
        let (element, around) = (
            br#"{"document":"m.json","id":"1","data":{"text":"a"}}"#,
            br#"{"document":"m.json","id":null,"data":{"list":[]}}"#,
        );
        let other = br#"{"document":"n.json","id":"1","data":{"text":"a"}}"#;
        let mut log = Log::default();
        log.read(&[&element[..], b"\n", &around[..], b"\n", &other[..], b"\n"].concat());
        assert!(log.is_new(b"{\"document\":\"m.json\",\"id\":null,\"data\":\"[{\\\"tex\"}\n"));
        let gone = String::from_utf8(log.gone().unwrap()).unwrap();
        assert!(gone.contains("n.json") && !gone.contains("m.json"), "{gone}");
    }

    #[test]
    fn the_name_of_a_thing_is_found_whatever_it_is_called() {
        for (line, expected) in [
            (&br#"{"table":"a\"b","id":"x\\","d":1}"#[..], Some(&br#""a\"b","id":"x\\""#[..])),
            (br#"{"document":"m.json","id":null,"data":[]}"#, Some(br#""m.json","id":null"#)),
            (br#"{"table":"t","id":12}"#, Some(br#""t","id":12"#)),
            (br#"{"table":"t","data":12}"#, None),
            (br#"{"table":"t"#, None),
            (b"plain", None),
        ] {
            assert_eq!(name(line), expected, "{}", String::from_utf8_lossy(line));
        }
    }
}
