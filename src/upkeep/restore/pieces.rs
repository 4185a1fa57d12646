//! The files that a session is put back as: which of them are there already, and writing those that are not, the
//! transcript last.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::asked::Outcome;
use super::base::{self, Base};
use super::lines;
use super::place::Place;
use super::renaming::Renaming;
use super::same::{Same, compare};
use super::text::{Text, head_of, is_told};
use crate::agents::{Agent, Form};
use crate::archive::content_hash::HashKey;
use crate::archive::reader::Archive;
use crate::error::Result;
use crate::view::session::Part;

/// A file that is to be there.
pub(super) struct Piece<'a> {
    pub archive: Cow<'a, Path>,
    pub opened: Opened<'a>,
    pub relative: PathBuf,
    pub is_document: bool,
    /// What lies there stays, whatever it is: the agent's own later state, or what other sessions share.
    pub stays: bool,
}

/// Archives of parts are many, and opened one at a time.
pub(super) enum Opened<'a> {
    Main(&'a Archive),
    Part,
}

/// Returns what a part is that goes to `relative`; `None` where it is told in lines that do not make it whole again.
pub(super) fn piece_of<'a>(
    agent: &dyn Agent,
    part: &'a Part,
    archive: &Archive,
    place: &Place,
    relative: PathBuf,
) -> Result<Option<Piece<'a>>> {
    let is_document = match agent.form(&place.of(&relative)) {
        Form::Text => false,
        // Some are text that is called like a document.
        Form::Documents(_) => is_told(&head_of(archive)?),
        Form::Database(_) | Form::Chat => return Ok(None),
    };
    let is_shared = part.id.starts_with("paste-") || part.id.starts_with("file-history-");
    Ok(Some(Piece {
        archive: Cow::Borrowed(&part.path),
        opened: Opened::Part,
        relative,
        is_document,
        stays: is_document || is_shared,
    }))
}

/// What writing a session takes.
pub(super) struct Writing<'a> {
    pub place: &'a Place,
    pub renaming: Option<&'a Renaming>,
    pub agent: &'a dyn Agent,
    pub key: Option<&'a HashKey>,
}

impl Writing<'_> {
    /// Hands the text of a piece to `act`.
    fn with_text<T>(&self, piece: &Piece<'_>, act: impl FnOnce(&Text<'_>) -> Result<T>) -> Result<T> {
        let of_part;
        let (archive, marks) = match piece.opened {
            Opened::Main(archive) => (archive, Some(self.agent)),
            Opened::Part => {
                of_part = Archive::open(&piece.archive)?;
                (&of_part, None)
            }
        };
        act(&Text { archive, is_document: piece.is_document, renaming: self.renaming, marks })
    }

    /// Returns the pieces that are not there; notes those that are.
    pub(super) fn look<'p>(
        &self,
        base: &Base,
        pieces: Vec<Piece<'p>>,
        outcome: &mut Outcome,
    ) -> Result<Vec<Piece<'p>>> {
        let mut missing = Vec::new();
        for piece in pieces {
            let path = self.place.of(&piece.relative);
            let Some(file) = base.find(&piece.relative)? else {
                // Nothing is written before it is known that all of it can be read.
                if piece.is_document
                    && let Err(error) = self.with_text(&piece, |text| text.for_each(&mut |_| Ok(())))
                {
                    outcome.remarks.push(format!("{error}: it is left out"));
                    continue;
                }
                missing.push(piece);
                continue;
            };
            let same = self.with_text(&piece, |text| compare(&file, text, text.archive.header(), self.key));
            match same {
                Ok(Same::AsArchived | Same::Original) => {}
                Ok(Same::Other) | Err(_) if piece.stays => {
                    outcome.remarks.push(format!("{} was there, and stays as it is", path.display()));
                }
                Ok(Same::Other) => return Err(base::is_there(&path)),
                Err(error) => return Err(error),
            }
            outcome.known.push(path);
        }
        Ok(missing)
    }

    /// Writes what is missing: the parts, then the transcript, so that an agent never sees a session without them. What was
    /// written is taken back if not all can be.
    pub(super) fn write(&self, base: &mut Base, missing: &[Piece<'_>], outcome: &mut Outcome) -> Result<()> {
        let mut done: Vec<&Path> = Vec::new();
        let mut bytes = 0;
        let written = (|| {
            // The transcript first, as far as its name: it is the largest, and tells soonest that the disk is full.
            let (parts, main) = match missing.split_last() {
                Some((last, parts)) if matches!(last.opened, Opened::Main(_)) => (parts, Some(last)),
                _ => (missing, None),
            };
            let put = |base: &mut Base, piece: &Piece<'_>, bytes: &mut u64| {
                self.with_text(piece, |text| lines::written(base, &piece.relative, text, bytes))
            };
            let main = match main {
                Some(piece) => Some((put(base, piece, &mut bytes)?, piece)),
                None => None,
            };
            for piece in parts {
                put(base, piece, &mut bytes)?.publish()?;
                done.push(&piece.relative);
            }
            if let Some((file, piece)) = main {
                file.publish()?;
                done.push(&piece.relative);
            }
            Ok(())
        })();
        if let Err(error) = written {
            for path in done {
                let _ = base.take_back(path);
            }
            return Err(error);
        }
        outcome.bytes = bytes;
        outcome.written = done.iter().map(|path| self.place.of(path)).collect();
        Ok(())
    }
}
