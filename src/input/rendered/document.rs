//! The lines of documents: JSON that its agent writes anew as a whole.

use serde::de::IgnoredAny;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use super::split::{Splitter, split};
use super::value::{compact_json, push_string, push_string_or_bytes};
use crate::error::{Error, Kind, Result};
use crate::locator::{Document, Stamp};
use crate::platform;
use crate::recipe::Shape;

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// A document of up to so many bytes is held in memory, so that it is split as it was when it was found to be JSON.
const HELD_BYTES: u64 = 4 << 20;

/// A document that is one line has so many bytes at most; a longer one is told in pieces.
const WHOLE_BYTES: u64 = 16 << 20;

/// Bytes of a piece, and of one in which there is no place to end it.
const PIECE_BYTES: usize = 512 << 10;
const LONGEST_PIECE_BYTES: usize = 4 << 20;

/// Hands the lines of a document to `take`.
///
/// # Errors
///
/// [`Kind::Source`] when a file of it cannot be read; one that is gone is left out, if it is not the one that stands for
/// all.
pub(crate) fn render(document: &Document, take: &mut dyn FnMut(&[u8])) -> Result<()> {
    let base = document.path.parent().unwrap_or(Path::new(""));
    for (path, shape) in &document.files {
        let name =
            path.strip_prefix(base).map_or_else(|_| tail(path), |below| below.to_string_lossy().into_owned());
        let name = name.replace('\\', "/");
        match told(path, &name, *shape, take) {
            Err(error)
                if *path != document.path
                    && error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound) => {
            }
            told => told?,
        }
    }
    Ok(())
}

/// Returns the last components of a path that lies elsewhere: enough to tell one from another.
fn tail(path: &Path) -> String {
    let mut names: Vec<_> =
        path.components().rev().take(3).map(|name| name.as_os_str().to_string_lossy()).collect();
    names.reverse();
    names.join("/")
}

fn told(path: &Path, name: &str, shape: Shape, take: &mut dyn FnMut(&[u8])) -> Result<()> {
    let cannot = |error| Error::io(Kind::Source, "cannot read", path, error);
    let mut file = platform::open_at_once(path).map_err(cannot)?;
    let before = file.metadata().map_err(cannot)?;
    if !before.is_file() {
        return Err(Error::new(Kind::Source, "cannot read")
            .with_path(path)
            .with_source("not a regular file"));
    }
    match shape {
        Shape::Lists(lists) if before.len() > HELD_BYTES => {
            let reader = BufReader::with_capacity(BUFFER_BYTES, &file);
            let is_json = match serde_json::from_reader::<_, IgnoredAny>(reader) {
                Err(error) if error.is_io() => return Err(cannot(error.into())),
                parsed => parsed.is_ok(),
            };
            file.rewind().map_err(cannot)?;
            // Nobody sees in the middle of a write what a document will be: as bytes, nothing of it is lost.
            if !is_json {
                return in_pieces(file, name, take).map_err(cannot);
            }
            let mut splitter = Splitter::new(lists);
            let mut tell = |id: Option<&str>, text: &[u8]| tell(name, id, text, take);
            each_piece(&file, &mut |piece| splitter.push(piece, &mut tell)).map_err(cannot)?;
            splitter.finish(&mut tell);
            // What was looked at and what was split are one only if nobody wrote to it meanwhile.
            match Stamp::of(&file.metadata().map_err(cannot)?) == Stamp::of(&before) {
                true => Ok(()),
                false => Err(Error::new(Kind::Source, "cannot read")
                    .with_path(path)
                    .with_source("it was written to while it was read")),
            }
        }
        Shape::Whole | Shape::Chat if before.len() > WHOLE_BYTES => {
            in_pieces(file, name, take).map_err(cannot)
        }
        _ => {
            let mut content = Vec::new();
            each_piece(&file, &mut |piece| content.extend_from_slice(piece)).map_err(cannot)?;
            if let Shape::Lists(lists) = shape
                && serde_json::from_slice::<IgnoredAny>(&content).is_ok()
            {
                split(&content, lists, &mut |id, text| tell(name, id, text, take));
                return Ok(());
            }
            let mut line = begin(name, None);
            match compact_json(&content) {
                Some(json) => line.extend_from_slice(&json),
                None => push_string_or_bytes(&content, &mut line),
            }
            line.extend_from_slice(b"}\n");
            take(&line);
            Ok(())
        }
    }
}

/// Tells a document as it is, in lines of about [`PIECE_BYTES`]. They end with a string or a line where that is to be had,
/// so that no secret is cut in two.
fn in_pieces(file: File, name: &str, take: &mut dyn FnMut(&[u8])) -> std::io::Result<()> {
    let (mut number, mut waiting) = (0, Vec::new());
    let mut tell = |text: &[u8]| {
        let mut line = begin(name, Some(&format!("piece {number}")));
        push_string_or_bytes(text, &mut line);
        line.extend_from_slice(b"}\n");
        take(&line);
        number += 1;
    };
    each_piece(&file, &mut |piece| {
        waiting.extend_from_slice(piece);
        if waiting.len() < PIECE_BYTES {
            return;
        }
        let end = memchr::memrchr2(b'"', b'\n', &waiting).map(|at| at + 1);
        let end = end.or_else(|| (waiting.len() >= LONGEST_PIECE_BYTES).then_some(waiting.len()));
        if let Some(end) = end {
            tell(&waiting[..end]);
            waiting.drain(..end);
        }
    })?;
    if !waiting.is_empty() {
        tell(&waiting);
    }
    Ok(())
}

/// Tells one element of a list, or what stands around lists.
fn tell(name: &str, id: Option<&str>, text: &[u8], take: &mut dyn FnMut(&[u8])) {
    let mut line = begin(name, id);
    line.extend_from_slice(text);
    line.extend_from_slice(b"}\n");
    take(&line);
}

/// Returns the beginning of a line up to what it holds.
fn begin(name: &str, id: Option<&str>) -> Vec<u8> {
    let mut line = b"{\"document\":".to_vec();
    push_string(name, &mut line);
    line.extend_from_slice(b",\"id\":");
    match id {
        Some(id) => push_string(id, &mut line),
        None => line.extend_from_slice(b"null"),
    }
    line.extend_from_slice(b",\"data\":");
    line
}

fn each_piece(mut file: &File, take: &mut dyn FnMut(&[u8])) -> std::io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => take(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn lines(content: &[u8], shape: Shape) -> Vec<Value> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        std::fs::write(&path, content).unwrap();
        let document = Document { path: path.clone(), files: vec![(path, shape)], section: None };
        let mut lines = Vec::new();
        render(&document, &mut |line| lines.push(serde_json::from_slice(line).unwrap())).unwrap();
        lines
    }

    #[test]
    fn each_element_of_a_list_is_a_line_and_what_stands_around_them_another() {
        let content = b"{\n \"title\": \"x\", \"messages\": [ {\"id\":\"m1\", \"text\": \"a]b\\\"\"},\n {\"n\": [1, 2]}, 7 ], \"z\": {\"q\": []}\n}";
        let told = lines(content, Shape::Lists(&["messages", "z.q"]));
        assert_eq!(
            told,
            [
                json!({"document": "a.json", "id": "messages/m1", "data": {"id": "m1", "text": "a]b\""}}),
                json!({"document": "a.json", "id": "messages/1", "data": {"n": [1, 2]}}),
                json!({"document": "a.json", "id": "messages/2", "data": 7}),
                json!({"document": "a.json", "id": null, "data": {"title": "x", "messages": [], "z": {"q": []}}}),
            ]
        );
        let told = lines(b"[{\"ts\": 5}, {\"ts\": 5}]", Shape::Lists(&[""]));
        assert_eq!(
            told,
            [
                json!({"document": "a.json", "id": "5", "data": {"ts": 5}}),
                json!({"document": "a.json", "id": "5~2", "data": {"ts": 5}}),
                json!({"document": "a.json", "id": null, "data": []}),
            ]
        );
    }

    #[test]
    fn a_document_that_is_cut_or_none_is_kept_as_it_is() {
        let told = lines(b"[{\"a\": 1}, {\"b\"", Shape::Lists(&[""]));
        assert_eq!(told, [json!({"document": "a.json", "id": null, "data": "[{\"a\": 1}, {\"b\""})]);
        let told = lines(b"\xff\n", Shape::Whole);
        assert_eq!(told, [json!({"document": "a.json", "id": null, "data": {"base64": "/wo="}})]);
        let told = lines(b"[{\"a word\": \"caf\xc3", Shape::Lists(&[""]));
        let pieces = json!({"bytes": ["[{\"a word\": \"caf", {"base64": "ww=="}]});
        assert_eq!(told, [json!({"document": "a.json", "id": null, "data": pieces})]);
        assert_eq!(
            lines(b"{\"a\":\n1}", Shape::Whole),
            [json!({"document": "a.json", "id": null, "data": {"a": 1}})]
        );
    }

    #[test]
    fn a_large_document_is_split_as_a_small_one_is_and_told_in_pieces_where_it_is_cut() {
        let text = "é".repeat(3000);
        let elements: Vec<String> =
            (0..1000).map(|n| format!("{{\"id\": \"{n}\", \"t\": \"{text}\"}}")).collect();
        let content = format!("{{\"messages\": [{}]}}", elements.join(", "));
        assert!(content.len() as u64 > HELD_BYTES);
        let told = lines(content.as_bytes(), Shape::Lists(&["messages"]));
        assert_eq!(told.len(), 1001);
        assert_eq!(told[999]["data"]["t"], text);
        let cut = &content.as_bytes()[..content.len() - 20];
        let told = lines(cut, Shape::Lists(&["messages"]));
        assert!(told.len() > 5 && told[1]["id"] == "piece 1", "{}", told.len());
        let mut again = Vec::new();
        for line in &told {
            let data = line["data"].as_array().cloned().unwrap_or_else(|| vec![line["data"].clone()]);
            for piece in data {
                match piece.as_str() {
                    Some(text) => again.extend_from_slice(text.as_bytes()),
                    None => again.extend(base64(piece["base64"].as_str().unwrap())),
                }
            }
        }
        assert!(again == cut);
    }

    fn base64(text: &str) -> Vec<u8> {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.decode(text).unwrap()
    }
}
