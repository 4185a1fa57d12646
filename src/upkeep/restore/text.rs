//! What stands in a file that is put back: the masked text of an archive, or the document that was told in it, under the
//! session's own id or a new one.

use std::ops::ControlFlow;

use super::renaming::{Renamer, Renaming};
use crate::agents::{Agent, END_BYTES, marked_copy, whole_document};
use crate::archive::reader::{Archive, BlockReader};
use crate::error::{Error, Kind, Result};

/// Documents beside transcripts are small; one that was longer than this is not put together again.
const MAX_DOCUMENT_BYTES: usize = 64 << 20;

/// Lines at the beginning of a transcript in which one is looked for that can say whose copy it is.
const MOST_MARKED: usize = 100;

/// The text of one file.
pub(super) struct Text<'a> {
    pub archive: &'a Archive,
    /// A document, of which each state was archived as a line.
    pub is_document: bool,
    pub renaming: Option<&'a Renaming>,
    /// The agent whose transcript is to say whose copy it is.
    pub marks: Option<&'a dyn Agent>,
}

impl Text<'_> {
    /// Hands the text to `each`, in order, in pieces.
    ///
    /// # Errors
    ///
    /// Those of `each`, and of the archive; [`Kind::Store`] for a document that cannot be put together again.
    pub(super) fn for_each(&self, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if self.is_document {
            let document = self.document()?;
            return match self.renaming {
                Some(renaming) => {
                    let mut renamer = Renamer::new(renaming);
                    each(&renamer.push(&document))?;
                    each(&renamer.finish())
                }
                None => each(&document),
            };
        }
        let mut renamer = self.renaming.map(Renamer::new);
        let mut marks = self.marks.zip(self.renaming);
        let mut failed = None;
        self.archive.for_each_chunk(&mut BlockReader::new(), &mut |chunk| {
            let handed = match &mut renamer {
                None => each(chunk),
                Some(renamer) => {
                    let text = renamer.push(chunk);
                    match marks.take() {
                        Some((agent, renaming)) => each(&marked(agent, &text, &renaming.old).unwrap_or(text)),
                        None => each(&text),
                    }
                }
            };
            match handed {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        match (failed, renamer) {
            (Some(error), _) => Err(error),
            (None, Some(renamer)) => each(&renamer.finish()),
            (None, None) => Ok(()),
        }
    }

    fn document(&self) -> Result<Vec<u8>> {
        let lines = self.archive.read_to_end(&mut BlockReader::new(), MAX_DOCUMENT_BYTES)?;
        whole_document(&lines).ok_or_else(|| {
            Error::new(Kind::Store, "cannot put the document together again from")
                .with_path(self.archive.path())
        })
    }
}

/// What lines begin with that a database or a document was told in.
const TOLD: [&[u8]; 3] = [b"{\"table\":", b"{\"document\":", b"{\"sessionkeep\":"];

/// Returns whether a text that begins so is made of lines that a database or a document was told in.
pub(super) fn is_told(head: &[u8]) -> bool {
    TOLD.iter().any(|told| head.starts_with(told))
}

/// Returns the first bytes of the text.
pub(super) fn head_of(archive: &Archive) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    archive.for_each_chunk(&mut BlockReader::new(), &mut |chunk| {
        head.extend_from_slice(&chunk[..chunk.len().min(END_BYTES)]);
        ControlFlow::Break(())
    })?;
    Ok(head)
}

/// Returns the beginning of a transcript with the line changed that can say whose copy it is; `None` where none can.
fn marked(agent: &dyn Agent, text: &[u8], original: &str) -> Option<Vec<u8>> {
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n').take(MOST_MARKED) {
        let end = start + line.len();
        if line.ends_with(b"\n")
            && let Some(marked) = marked_copy(agent, line, original)
        {
            return Some([&text[..start], &marked, &text[end..]].concat());
        }
        start = end;
    }
    None
}
