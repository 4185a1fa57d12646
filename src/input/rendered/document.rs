//! The lines of documents: JSON that its agent writes anew as a whole.

use serde::de::IgnoredAny;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::long::{Long, Piece, Pieces, Told, each_piece, is_json, split_long};
use super::split::{LONG_BYTES, Take};
use super::value::{compact_json, piece_id, push_piece, push_pieces_of, push_string, push_string_or_bytes};
use crate::error::{Error, Kind, Result};
use crate::locator::{Document, Stamp};
use crate::platform;
use crate::recipe::Shape;

/// A document of up to so many bytes is held in memory, so that it is split as it was when it was found to be JSON.
const HELD_BYTES: u64 = LONG_BYTES;

/// A document that is one line has so many bytes at most; a longer one is told in pieces.
const WHOLE_BYTES: u64 = 16 << 20;

/// Hands the lines of a document to `take`.
///
/// # Errors
///
/// [`Kind::Source`] when a file of it cannot be read; one that is gone is left out, if it is not the one that stands for
/// all. That of `take`.
pub(crate) fn render(document: &Document, take: Take<'_>) -> Result<()> {
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

fn told(path: &Path, name: &str, shape: Shape, take: Take<'_>) -> Result<()> {
    let cannot = |error| Error::io(Kind::Source, "cannot read", path, error);
    let file = platform::open_at_once(path).map_err(cannot)?;
    let before = file.metadata().map_err(cannot)?;
    if !before.is_file() {
        return Err(Error::new(Kind::Source, "cannot read")
            .with_path(path)
            .with_source("not a regular file"));
    }
    match shape {
        Shape::Lists(lists) if before.len() > HELD_BYTES => {
            // Nobody sees in the middle of a write what a document will be: as bytes, nothing of it is lost.
            if !is_json(&file, false).map_err(cannot)? {
                return in_pieces(&file, name, take).map_err(cannot)?;
            }
            split_long(&file, lists, &mut |told| element(name, told, take)).map_err(cannot)??;
            // What was looked at and what was split are one only if nobody wrote to it meanwhile.
            match Stamp::of(&file.metadata().map_err(cannot)?) == Stamp::of(&before) {
                true => Ok(()),
                false => Err(Error::new(Kind::Source, "cannot read")
                    .with_path(path)
                    .with_source("it was written to while it was read")),
            }
        }
        Shape::Whole | Shape::Chat if before.len() > WHOLE_BYTES => {
            in_pieces(&file, name, take).map_err(cannot)?
        }
        _ => {
            // One that grows meanwhile is no longer what was looked at.
            let most = WHOLE_BYTES.max(before.len());
            let mut content = Vec::new();
            (&file).take(most).read_to_end(&mut content).map_err(cannot)?;
            if let Shape::Lists(lists) = shape
                && serde_json::from_slice::<IgnoredAny>(&content).is_ok()
            {
                let content = &content[..];
                return split_long(&content, lists, &mut |told| element(name, told, take)).map_err(cannot)?;
            }
            let mut line = begin(name, None);
            match compact_json(&content) {
                Some(json) => line.extend_from_slice(&json),
                None => push_string_or_bytes(&content, &mut line),
            }
            line.extend_from_slice(b"}\n");
            take(&line)
        }
    }
}

/// Tells a document as it is, a piece a line.
fn in_pieces(file: &File, name: &str, take: Take<'_>) -> std::io::Result<Result<()>> {
    let mut piece = |piece: Piece<'_>| {
        let id = format!("piece {}", piece.number);
        tell(name, Some(&id), take, |line| push_piece(&piece, line))
    };
    let mut pieces = Pieces::new(&mut piece);
    let told = each_piece(file.read_from(0)?, &mut |bytes| pieces.push(bytes))?;
    Ok(told.and_then(|()| pieces.finish()))
}

/// Tells one element of a list, what stands around lists, or a piece of either.
fn element(name: &str, told: Told<'_>, take: Take<'_>) -> Result<()> {
    match told {
        Told::Whole(id, text) => tell(name, id, take, |line| line.extend_from_slice(text)),
        Told::InPieces(id, bytes) => {
            tell(name, id, take, |line| push_pieces_of(id.unwrap_or(AROUND), bytes, line))
        }
        Told::Piece(id, piece) => {
            let id = piece_id(id.unwrap_or(AROUND), piece.number);
            tell(name, Some(&id), take, |line| push_piece(&piece, line))
        }
    }
}

/// What the pieces of what stands around lists are called by.
const AROUND: &str = "around";

fn tell(name: &str, id: Option<&str>, take: Take<'_>, push: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
    let mut line = begin(name, id);
    push(&mut line);
    line.extend_from_slice(b"}\n");
    take(&line)
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
        let mut take = |line: &[u8]| {
            lines.push(serde_json::from_slice(line).unwrap());
            Ok(())
        };
        render(&document, &mut take).unwrap();
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
