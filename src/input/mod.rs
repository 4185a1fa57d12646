//! The bytes of a source: mapped, or read at any place; and its text, where that is not the same.
//!
//! In comes a locator; out come the length, the bytes and the text of what is there. Met in this order: `form` tells by the
//! first bytes what a file is (`pattern` whether it is wide text), `unpack` takes off gzip and zstd, `wide` reads two bytes
//! a character, `decoded` puts them together; all else is text as it is, or refused. `rendered` tells databases and
//! documents in lines.
//!
//! Opens for reading only, never waits on a FIFO, and never reads past the length that the file had when it was
//! opened, so that a session that is being written to is archived up to there. Owns no decision about what a change
//! means: it says whether there was one.

mod decoded;
pub(crate) mod form;
mod pattern;
pub(crate) mod rendered;
mod unpack;
pub(crate) mod wide;

use crate::locator::Locator;
use crate::platform::sync::lock;
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::error::{Error, Kind, Result};
use crate::platform::sigbus::GuardedMap;
use crate::platform::{self, EntryKind, Stat};
use decoded::{Decoded, refusal};
use form::{FIRST_BYTES, Form, form};

/// Bytes of text taken from a decoder at a time.
const STREAM_BYTES: usize = 1 << 20;

/// Whether the last component of a source's path may be a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    Refuse,
    /// The caller has checked where it leads.
    Follow,
}

/// An open source. Threads may share it.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    links: Links,
    /// `None` while it is closed.
    file: Option<File>,
    stat: Stat,
    /// Of one whose text is not its bytes. Behind a lock, so that threads can share a source; such a one is read by one
    /// thread at a time.
    decoded: Option<Mutex<Decoded>>,
    is_own_archive: bool,
    /// Of one that is no text at all.
    rendered: Option<Locator>,
}

impl Source {
    /// Opens what `locator` says. [`Kind::Source`] for anything else, and for a file that is not text, nor packed
    /// text that can be unpacked, in words that say what it is.
    pub(crate) fn open(locator: &Locator, links: Links) -> Result<Source> {
        if locator.is_rendered() {
            return Source::of_rendered(locator);
        }
        let path = locator.path();
        // A network file system forgets a file that was replaced on its server; its name leads to the new one.
        let file = open_file(path, links)
            .or_else(|error| if is_stale(&error) { open_file(path, links) } else { Err(error) })
            .map_err(|error| Error::io(Kind::Source, "cannot read", path, readable(error)))?;
        let metadata =
            file.metadata().map_err(|error| Error::io(Kind::Source, "cannot read", path, error))?;
        let stat = Stat::of(&metadata);
        if stat.kind != EntryKind::File {
            let error = io::Error::other(format!("not a regular file: {}", kind_in_words(&metadata)));
            return Err(Error::io(Kind::Source, "cannot read", path, error));
        }
        let cannot = |error| unreadable(path, error);
        let first = first_bytes(&file, stat.bytes).map_err(cannot)?;
        let decoded = match form(&first, true) {
            Some(Form::Text) | None => None,
            Some(_) => Some(Mutex::new(Decoded::new(&file, stat.bytes).map_err(cannot)?)),
        };
        let is_own_archive = form::is_own_archive(&first);
        Ok(Source {
            path: path.to_path_buf(),
            links,
            file: Some(file),
            stat,
            decoded,
            is_own_archive,
            rendered: None,
        })
    }

    /// Returns the source of what is told in lines; nothing is opened before they are asked for.
    fn of_rendered(locator: &Locator) -> Result<Source> {
        let path = locator.path();
        let metadata =
            std::fs::metadata(path).map_err(|error| Error::io(Kind::Source, "cannot read", path, error))?;
        Ok(Source {
            path: path.to_path_buf(),
            links: Links::Follow,
            file: None,
            stat: Stat::of(&metadata),
            decoded: None,
            is_own_archive: false,
            rendered: Some(locator.clone()),
        })
    }

    /// Returns whether the text is made of rows or documents, each time it is asked for anew: only all of it is to be had,
    /// by [`Source::each_decoded`].
    pub(crate) fn is_rendered(&self) -> bool {
        self.rendered.is_some()
    }

    /// Closes the file: a session may have more of them than can be open. For whatever is asked of it from now on, it
    /// is opened for a moment; an error if another file has its name by then.
    pub(crate) fn close(&mut self) {
        self.file = None;
        if let Some(decoded) = &mut self.decoded {
            *decoded = Mutex::default();
        }
    }

    fn file(&self) -> io::Result<Handle<'_>> {
        if let Some(file) = &self.file {
            return Ok(Handle::Kept(file));
        }
        let file = open_file(&self.path, self.links)?;
        match Stat::of_file(&file)?.inode == self.stat.inode {
            true => Ok(Handle::Again(file)),
            false => Err(io::Error::other("another file has its name now")),
        }
    }

    /// Returns the path that it was opened by.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what the file system said when it was opened.
    pub(crate) fn stat(&self) -> Stat {
        self.stat
    }

    /// Returns the number of bytes to read; `None` for a source that is decoded, which tells at its end.
    pub(crate) fn len(&self) -> Option<u64> {
        if self.is_decoded() { None } else { Some(self.stat.bytes) }
    }

    /// Returns whether the file is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.stat.bytes == 0
    }

    /// Returns whether the bytes come out of a decoder (gzip, zstd, UTF-16): then only reading from start to end is cheap.
    pub(crate) fn is_decoded(&self) -> bool {
        self.decoded.is_some() || self.is_rendered()
    }

    /// Returns whether this is an archive of this program, whose text is masked.
    pub(crate) fn is_own_archive(&self) -> bool {
        self.is_own_archive
    }

    /// Returns all text of a source that is decoded; an error if there are more than `most` bytes of it.
    pub(crate) fn decoded(&self, most: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.each_decoded(most as u64, &mut |piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }

    /// Hands all text of a source that is decoded to `take`, piece by piece; an error if there are more than `most` bytes
    /// of it.
    pub(crate) fn each_decoded(&self, most: u64, take: &mut dyn FnMut(&[u8])) -> Result<()> {
        if let Some(locator) = &self.rendered {
            return rendered::render(locator, &mut |line| {
                take(line);
                Ok(())
            });
        }
        let mut piece = vec![0; STREAM_BYTES];
        let mut start = 0;
        loop {
            let count = self.read_at(start, &mut piece)?;
            if count == 0 {
                return Ok(());
            }
            take(&piece[..count]);
            start += count as u64;
            if start > most {
                return Err(Error::new(Kind::Source, "cannot read")
                    .with_path(&self.path)
                    .with_source(format!("unpacked, it has more than {most} bytes"))
                    .with_hint("Unpack it to a file, which may have any size."));
            }
        }
    }

    /// Returns whether the text of a source that is decoded can be decoded again, and is the same as long as its file is.
    pub(crate) fn can_start_over(&self) -> bool {
        self.is_decoded()
    }

    /// Returns the text of a source that is decoded, from its start, in a decoder of its own.
    pub(crate) fn text(&self) -> Result<Text> {
        if let Some(locator) = &self.rendered {
            let decoded = Decoded::of_stream(Box::new(rendered::Lines::of(locator.clone())));
            return Ok(Text { decoded, path: self.path.clone() });
        }
        let decoded = self.file().and_then(|file| Decoded::new(&file, self.stat.bytes));
        let decoded = decoded.map_err(|error| unreadable(&self.path, error))?;
        Ok(Text { decoded, path: self.path.clone() })
    }

    /// Gives up the decoder until it is needed again, and what it takes up.
    pub(crate) fn rest(&self) {
        if let Some(decoded) = &self.decoded {
            lock(decoded).rest();
        }
    }

    /// Returns what to say of a source that was read to its end and is not whole: cut off while it was written, as a rule.
    /// What was read of it holds all the same.
    pub(crate) fn cut(&self) -> Option<Error> {
        let decoded = lock(self.decoded.as_ref()?);
        let reason = decoded.cut()?.to_owned();
        Some(
            Error::new(Kind::Source, "cannot read all of")
                .with_path(&self.path)
                .with_source(reason)
                .with_hint("What comes before is read; the rest will be when the file is whole."),
        )
    }

    /// Maps the file; `None` where that cannot be (no address space, a file system without maps): reading works
    /// everywhere.
    pub(crate) fn map(&self) -> Option<GuardedMap> {
        let bytes = usize::try_from(self.stat.bytes).ok()?;
        GuardedMap::new(&*self.file().ok()?, bytes).ok().flatten()
    }

    /// Fills `buffer` from `offset`, as far as the source goes; returns the bytes read, 0 at the end. Going back in a
    /// source that is decoded starts it over.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let read = self.file().and_then(|file| match &self.decoded {
            Some(decoded) => lock(decoded).read_at(&file, self.stat.bytes, offset, buffer),
            None => {
                let left = self.stat.bytes.saturating_sub(offset).min(buffer.len() as u64) as usize;
                platform::read_full_at(&file, &mut buffer[..left], offset)
            }
        });
        read.map_err(|error| unreadable(&self.path, error))
    }

    /// Returns what the open file's stat is now.
    pub(crate) fn stat_now(&self) -> io::Result<Stat> {
        Stat::of_file(&*self.file()?)
    }

    /// Returns whether the file was written to since it was opened.
    pub(crate) fn changed(&self) -> io::Result<bool> {
        // What was made of it is ours, and whole.
        if self.is_rendered() {
            return Ok(false);
        }
        let now = self.stat_now()?;
        // The change time also moves when the file is renamed or its mode changes; that is no reason to read it
        // again, but telling it apart from a write with a set-back modification time is not possible.
        Ok((now.bytes, now.mtime_ns, now.ctime_ns)
            != (self.stat.bytes, self.stat.mtime_ns, self.stat.ctime_ns))
    }
}

/// Decoded text, from start to end.
pub(crate) struct Text {
    decoded: Decoded,
    path: PathBuf,
}

impl Text {
    /// Fills `buffer` with what comes next; returns how many bytes there were.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.decoded.read_on(buffer).map_err(|error| unreadable(&self.path, error))
    }
}

/// The file of a source.
enum Handle<'a> {
    Kept(&'a File),
    /// Opened anew, and closed when this is dropped.
    Again(File),
}

impl Deref for Handle<'_> {
    type Target = File;

    fn deref(&self) -> &File {
        match self {
            Handle::Kept(file) => file,
            Handle::Again(file) => file,
        }
    }
}

/// Returns whether a network file system says that the file it knew is not there any more: what to do is open it again.
pub(crate) fn is_stale(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::StaleNetworkFileHandle
}

#[cfg(unix)]
fn open_file(path: &Path, links: Links) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // Without O_NONBLOCK opening a FIFO waits for a writer for ever. It means nothing for a regular file.
    let mut flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    if links == Links::Refuse {
        flags |= libc::O_NOFOLLOW;
    }
    File::options().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open_file(path: &Path, links: Links) -> io::Result<File> {
    if links == Links::Refuse && std::fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::Error::other("a symbolic link"));
    }
    File::open(path)
}

/// Says "a symbolic link" where the system says "too many levels of symbolic links", which is what refusing to follow
/// one looks like.
fn readable(error: io::Error) -> io::Error {
    if platform::is_link_cycle(&error) {
        return io::Error::other("not a regular file: a symbolic link");
    }
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::ENXIO) {
        return io::Error::other("not a regular file: a socket or a device");
    }
    error
}

fn kind_in_words(metadata: &std::fs::Metadata) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if metadata.is_dir() { "a directory" } else { "something else" }
}

/// Reads what tells what a file is.
fn first_bytes(file: &File, bytes: u64) -> io::Result<Vec<u8>> {
    let mut first = vec![0; FIRST_BYTES.min(usize::try_from(bytes).unwrap_or(FIRST_BYTES))];
    let count = platform::read_full_at(file, &mut first, 0)?;
    first.truncate(count);
    Ok(first)
}

/// Returns the error for a source that cannot be read, with what to do about it where that is known.
fn unreadable(path: &Path, error: io::Error) -> Error {
    match refusal(&error) {
        Some(foreign) => Error::io(Kind::Source, "cannot read", path, error).with_hint(foreign.hint),
        None => Error::io(Kind::Source, "cannot read", path, error),
    }
}

#[cfg(test)]
mod tests;
