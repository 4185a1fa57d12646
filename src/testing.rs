//! What benchmarks, fuzz targets and tests need of the inside, by subject and not by file. Nothing else may use it, and
//! it may change at any time.

pub mod agents {
    pub use crate::agents::hook::{HookInput, ValueEnd, complete_json_value, parse_payload};
    pub use crate::agents::{describe, guess_path, identify, registry};

    use crate::message::{Mark, Message, Text};

    /// What the lines of a transcript say.
    #[derive(Default)]
    pub struct Said(Vec<Message>);

    impl Said {
        /// Tells the lines of `text`, a transcript of the agent of this number in [`registry`], in place of what was told
        /// before; returns how many messages that are.
        pub fn tell(&mut self, agent: usize, text: &[u8]) -> usize {
            self.0.clear();
            let agent = registry().get(agent).copied();
            let (mut start, mut line) = (0, 0);
            while start < text.len() {
                let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
                line += 1;
                crate::agents::tell_line(agent, text, start..end, line, &mut self.0);
                start = end + 1;
            }
            self.0.len()
        }

        /// Checks what was told of `text`.
        ///
        /// # Panics
        ///
        /// If messages are not in order, or if a text stands on another line than its message or is neither a string nor a
        /// value of it.
        pub fn check(&self, text: &[u8]) {
            let lines: Vec<std::ops::Range<usize>> = lines_of(text);
            let mut last = crate::message::Index::default();
            for message in &self.0 {
                assert!(message.index > last, "{last} before {}", message.index);
                last = message.index;
                let line = &lines[message.index.line as usize - 1];
                let is_whole =
                    message.marks.has(Mark::Damaged) || matches!(message.name, Text::Named("line"));
                for said in texts(message) {
                    let Some(range) = said.range() else { continue };
                    let is_inside =
                        line.start <= range.start && range.start <= range.end && range.end <= line.end;
                    assert!(is_inside, "{range:?} of {line:?}");
                    let is_known = is_whole || is_string(text, range) || is_value(&text[range.clone()]);
                    assert!(is_known, "{:?}", String::from_utf8_lossy(said.raw(text)));
                    let _ = said.of(text);
                }
            }
        }
    }

    fn lines_of(text: &[u8]) -> Vec<std::ops::Range<usize>> {
        let mut start = 0;
        let mut lines = Vec::new();
        for line in text.split(|byte| *byte == b'\n') {
            lines.push(start..start + line.len());
            start += line.len() + 1;
        }
        lines
    }

    fn texts(message: &Message) -> [&Text; 8] {
        let Message { id, parent, name, call, model, text, media, part, .. } = message;
        [id, parent, name, call, model, text, media, part]
    }

    /// Returns whether `range` is what stands behind the first quote of a string, which may be cut, and before the other.
    fn is_string(text: &[u8], range: &std::ops::Range<usize>) -> bool {
        let begins = range.start.checked_sub(1).is_some_and(|at| text[at] == b'"');
        let mut bytes = text[range.clone()].iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => return false,
                b'\\' => drop(bytes.next()),
                _ => {}
            }
        }
        begins
    }

    /// Returns whether `raw` may be a whole value: an object, an array, or a word without an end in it.
    fn is_value(raw: &[u8]) -> bool {
        match raw.first() {
            Some(b'{') => raw.len() > 1,
            Some(b'[') => raw.len() > 1,
            Some(_) => !raw.iter().any(|byte| b",}] \t\r\n".contains(byte)),
            None => false,
        }
    }
}

pub mod archive {
    pub use crate::archive::gzip::Compressor;
    pub use crate::archive::header::codec as header_codec;
    pub use crate::archive::header::{Block, Header};
    pub use crate::archive::reader::{Archive, BlockReader};
    pub use crate::archive::sidecar::Sidecar;
    pub use crate::identity::Identity;

    /// Opens the store at `root` and its catalog, as a run does: an older one is made anew.
    ///
    /// # Panics
    ///
    /// If either cannot be opened.
    pub fn open_catalog(root: &std::path::Path) {
        let store = crate::archive::store::Store::open(root).expect("a store opens");
        drop(crate::archive::catalog::Catalog::open(&store).expect("there is always a catalog"));
    }

    /// Opens the store at `root`, which is made, with a catalog of these bytes, and asks the catalog what a run asks:
    /// whatever the bytes are, there is one that answers.
    ///
    /// # Panics
    ///
    /// If there is none, or if the store cannot be made.
    pub fn ask_catalog_of(root: &std::path::Path, bytes: &[u8]) {
        use crate::archive::catalog::{CATALOG_FILE, Catalog};
        let store = crate::archive::store::Store::open(root).expect("a new store opens");
        std::fs::write(store.private_path(CATALOG_FILE), bytes).expect("can be written");
        let (mut catalog, _) = Catalog::open(&store).expect("there is always a catalog");
        let Ok((snapshot, _)) = catalog.snapshot(&store) else { return };
        let identity = Identity { agent: "claude-code".into(), session_id: "a".into(), part_id: None };
        let _ = catalog.rows_of(&identity);
        let _ = catalog.row_at(7);
        drop(snapshot);
    }
}

pub mod config {
    pub use crate::config::{Config, Flags};
    pub use crate::environment::Environment;
}

pub mod engine {
    pub use crate::engine::{Settings, Totals, Where, import};
}

pub mod error {
    pub use crate::error::{Error, Result};
}

pub mod input {
    use crate::agents::{Form, registry};
    use crate::error::Result;
    use crate::input::rendered::{Holder, list, render};
    use crate::locator::{Document, Locator, Stamp};
    use crate::recipe::Shape;
    use std::path::Path;
    use std::sync::Arc;

    fn lines(locator: &Locator) -> Result<Vec<Vec<u8>>> {
        let mut lines = Vec::new();
        render(locator, &mut |line| {
            lines.push(line.to_vec());
            Ok(())
        })?;
        Ok(lines)
    }

    /// Returns the lines that the document at `path` is told in, where the elements of some of its lists are lines.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn document_lines(path: &Path) -> Result<Vec<Vec<u8>>> {
        let files = vec![(path.to_path_buf(), Shape::Lists(&["", "messages", "a.b"]))];
        lines(&Locator::Document(Arc::new(Document { path: path.to_path_buf(), files, section: None })))
    }

    /// Returns the lines of all that the database at `path` holds, as each agent that takes it for its own reads it. What
    /// one of them cannot read is left out.
    ///
    /// # Panics
    ///
    /// If there is no file.
    pub fn database_lines(path: &Path) -> Vec<Vec<u8>> {
        let stamp = Stamp::of(&std::fs::metadata(path).expect("there is a file"));
        let schemas = registry().iter().filter_map(|agent| match agent.form(path) {
            Form::Database(schemas) => Some(schemas),
            _ => None,
        });
        let listed = schemas.filter_map(|schemas| list(Holder::Database(schemas), path, stamp).ok());
        listed
            .flat_map(|listing| listing.sessions)
            .filter_map(|session| lines(&session.locator).ok())
            .flatten()
            .collect()
    }
}

pub mod mask {
    pub use crate::mask::recipe;
    pub use crate::mask::{
        Findings, Learned, Masker, Options, Scratch, StreamMasker, Tally, Window, mask_whole,
    };
}

pub mod report {
    pub use crate::report::Reporter;
}

pub mod search {
    pub use crate::search::{Filter, FoundLine, Hits, Query, Search, Sink, Wanted, run};
}
