//! The bytes of a source: mapped, read whole, or read window by window.
//!
//! Opens for reading only, never waits on a FIFO, and never reads past the length that the file had when it was
//! opened, so that a session that is being written to is archived up to there. Owns no decision about what a change
//! means: it says whether there was one.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Error, Kind, Result};
use crate::platform::sigbus::GuardedMap;
use crate::platform::{self, EntryKind, Stat};

/// Bytes from which a settled file is mapped: below, the system's work for a map costs more than the copy.
const MAP_FROM_BYTES: u64 = 1 << 20;

/// How long a file must have been left alone to be mapped. A live one may be truncated or spliced under the map.
const SETTLED_AFTER: Duration = Duration::from_secs(600);

/// Bytes up to which a file that is not mapped is read whole; a larger one is read window by window.
pub const READ_WHOLE_BYTES: u64 = 8 << 20;

/// Largest window that a zstd frame may ask for, as a power of two: 128 MiB, zstd's own default limit.
const ZSTD_WINDOW_LOG: u32 = 27;

/// What a name ends with if the source is compressed with zstd (Codex does that to rollouts of more than a week).
const ZSTD_EXTENSION: &str = "zst";

/// Whether the last component of a source's path may be a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    Refuse,
    /// The caller has checked where it leads.
    Follow,
}

/// An open source. Belongs to one thread.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    file: File,
    stat: Stat,
    zstd: Option<Zstd>,
}

/// All of a source's bytes.
#[derive(Debug)]
pub enum Bytes {
    Read(Vec<u8>),
    Mapped(GuardedMap),
}

impl Bytes {
    /// Returns whether some bytes were not the file's (it was truncated under the map). Ask when done with them; if
    /// so, throw away what was made of them.
    pub fn is_torn(&self) -> bool {
        matches!(self, Bytes::Mapped(map) if map.is_torn())
    }

    /// Returns the buffer, to be used again; an empty one for a map.
    pub fn into_buffer(self) -> Vec<u8> {
        match self {
            Bytes::Read(buffer) => buffer,
            Bytes::Mapped(_) => Vec::new(),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Read(buffer) => buffer,
            Bytes::Mapped(map) => map,
        }
    }
}

impl Source {
    /// Opens the regular file at `path`. [`Kind::Source`] for anything else, in words that say what it is.
    pub fn open(path: &Path, links: Links) -> Result<Source> {
        let file = open_file(path, links)
            .map_err(|error| Error::io(Kind::Source, "cannot read", path, readable(error)))?;
        let metadata =
            file.metadata().map_err(|error| Error::io(Kind::Source, "cannot read", path, error))?;
        let stat = Stat::of(&metadata);
        if stat.kind != EntryKind::File {
            let error = io::Error::other(format!("not a regular file: {}", kind_in_words(&metadata)));
            return Err(Error::io(Kind::Source, "cannot read", path, error));
        }
        let zstd = path.extension().is_some_and(|extension| extension == ZSTD_EXTENSION).then(Zstd::default);
        Ok(Source { path: path.to_path_buf(), file, stat, zstd })
    }

    /// Returns the path that it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what the file system said when it was opened.
    pub fn stat(&self) -> Stat {
        self.stat
    }

    /// Returns the number of bytes to read; `None` for a compressed source, which tells at its end.
    pub fn len(&self) -> Option<u64> {
        if self.zstd.is_some() { None } else { Some(self.stat.bytes) }
    }

    /// Returns whether the file is empty.
    pub fn is_empty(&self) -> bool {
        self.stat.bytes == 0
    }

    /// Returns all bytes: mapped if the file is large, settled and `may_map`, else read into `buffer`. `None` if it is
    /// too large for that: use [`Source::read_at`].
    pub fn bytes(&mut self, mut buffer: Vec<u8>, may_map: bool) -> Result<Option<Bytes>> {
        if self.zstd.is_none() && self.stat.bytes > READ_WHOLE_BYTES.min(MAP_FROM_BYTES) {
            if may_map && self.stat.bytes >= MAP_FROM_BYTES && is_settled(&self.stat) {
                if let Some(map) = self.map()? {
                    map.advise_sequential();
                    return Ok(Some(Bytes::Mapped(map)));
                }
            }
            if self.stat.bytes > READ_WHOLE_BYTES {
                return Ok(None);
            }
        }
        // One more than fits tells a compressed source that is too large.
        let most = if self.zstd.is_some() { READ_WHOLE_BYTES + 1 } else { self.stat.bytes };
        buffer.clear();
        while (buffer.len() as u64) < most {
            let start = buffer.len();
            let step = if self.zstd.is_some() { 1 << 18 } else { most };
            buffer.resize(start + (most - start as u64).min(step) as usize, 0);
            let count = self.read_at(start as u64, &mut buffer[start..])?;
            buffer.truncate(start + count);
            if count == 0 {
                break;
            }
        }
        if self.zstd.is_some() && buffer.len() as u64 > READ_WHOLE_BYTES {
            return Ok(None);
        }
        Ok(Some(Bytes::Read(buffer)))
    }

    fn map(&self) -> Result<Option<GuardedMap>> {
        let Ok(bytes) = usize::try_from(self.stat.bytes) else { return Ok(None) };
        match GuardedMap::new(&self.file, bytes) {
            Ok(map) => Ok(map),
            // No address space, a file system without maps: reading works everywhere.
            Err(_) => Ok(None),
        }
    }

    /// Fills `buffer` from `offset`, as far as the source goes; returns the bytes read, 0 at the end. Going back in a
    /// compressed source starts it over.
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let read = match &mut self.zstd {
            Some(zstd) => zstd.read_at(&self.file, self.stat.bytes, offset, buffer),
            None => {
                let left = self.stat.bytes.saturating_sub(offset).min(buffer.len() as u64) as usize;
                platform::read_full_at(&self.file, &mut buffer[..left], offset)
            }
        };
        read.map_err(|error| Error::io(Kind::Source, "cannot read", &self.path, error))
    }

    /// Returns what the open file's stat is now.
    pub fn stat_now(&self) -> io::Result<Stat> {
        Stat::of_file(&self.file)
    }

    /// Returns whether the file was written to since it was opened.
    pub fn changed(&self) -> io::Result<bool> {
        let now = self.stat_now()?;
        // The change time also moves when the file is renamed or its mode changes; that is no reason to read it
        // again, but telling it apart from a write with a set-back modification time is not possible.
        Ok((now.bytes, now.mtime_ns, now.ctime_ns)
            != (self.stat.bytes, self.stat.mtime_ns, self.stat.ctime_ns))
    }
}

/// Returns whether a file was left alone for a while. One with a time in the future was not.
fn is_settled(stat: &Stat) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let newest = u128::try_from(stat.mtime_ns).unwrap_or(0);
    newest + SETTLED_AFTER.as_nanos() < now
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
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::ELOOP) {
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

/// A position in the text of a zstd-compressed file.
#[derive(Default)]
struct Zstd {
    decoder: Option<zstd::stream::read::Decoder<'static, BufReader<Positioned>>>,
    /// Where in the text the decoder is.
    position: u64,
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Zstd({})", self.position)
    }
}

impl Zstd {
    fn read_at(&mut self, file: &File, bytes: u64, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset < self.position {
            self.decoder = None;
        }
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            none => {
                let from_start = Positioned { file: file.try_clone()?, offset: 0, end: bytes };
                let mut decoder = zstd::stream::read::Decoder::new(from_start)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                self.position = 0;
                none.insert(decoder)
            }
        };
        let mut skipped = [0; 8192];
        while self.position < offset {
            let step = (offset - self.position).min(skipped.len() as u64) as usize;
            match decoder.read(&mut skipped[..step])? {
                0 => return Ok(0),
                count => self.position += count as u64,
            }
        }
        let mut filled = 0;
        while filled < buffer.len() {
            match decoder.read(&mut buffer[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        self.position += filled as u64;
        Ok(filled)
    }
}

/// Reads a file from its start to the length that it had, without touching its shared position.
struct Positioned {
    file: File,
    offset: u64,
    end: u64,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = (self.end - self.offset).min(buffer.len() as u64) as usize;
        let count = platform::read_at(&self.file, &mut buffer[..most], self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source_file(bytes: &[u8], age: Duration) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("s.jsonl");
        std::fs::write(&path, bytes).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        (root, path)
    }

    fn text(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|index| b'a' + (index % 23) as u8).collect()
    }

    const OLD: Duration = Duration::from_secs(3600);
    const NEW: Duration = Duration::ZERO;

    #[test]
    fn large_settled_files_are_mapped_and_others_are_read() {
        for (size, age, may_map, is_mapped) in [
            (0, OLD, true, Some(false)),
            (1000, OLD, true, Some(false)),
            (2 << 20, OLD, true, cfg!(unix).then_some(true).or(Some(false))),
            (2 << 20, OLD, false, Some(false)),
            (2 << 20, NEW, true, Some(false)),
            (9 << 20, NEW, true, None),
        ] {
            let expected = text(size);
            let (_root, path) = source_file(&expected, age);
            let mut source = Source::open(&path, Links::Refuse).unwrap();
            let bytes = source.bytes(Vec::new(), may_map).unwrap();
            assert_eq!(bytes.as_ref().map(|bytes| matches!(bytes, Bytes::Mapped(_))), is_mapped, "{size}");
            if let Some(bytes) = bytes {
                assert!(*bytes == *expected && !bytes.is_torn());
            }
            let mut window = vec![0; 1000];
            let count = source.read_at(500, &mut window).unwrap();
            assert_eq!(window[..count], expected[size.min(500)..size.min(1500)]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused_in_the_right_words() {
        let (root, path) = source_file(b"x\n", OLD);
        let link = root.path().join("link.jsonl");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let fifo = root.path().join("fifo.jsonl");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let socket = root.path().join("socket.jsonl");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, words) in [
            (fifo.as_path(), "not a regular file: a FIFO"),
            (root.path(), "not a regular file: a directory"),
            (&link, "a symbolic link"),
            (&socket, "a socket"),
            (Path::new("/dev/null"), "not a regular file: a device"),
        ] {
            let error = Source::open(path, Links::Refuse).unwrap_err();
            assert_eq!(error.kind(), Kind::Source);
            assert!(error.to_string().contains(words), "{error}");
        }
        assert!(Source::open(&link, Links::Follow).is_ok());
    }

    #[test]
    fn a_source_that_grows_is_read_to_where_it_was() {
        use std::io::Write;
        let (_root, path) = source_file(b"one\n", OLD);
        let mut source = Source::open(&path, Links::Refuse).unwrap();
        assert!(!source.changed().unwrap());
        File::options().append(true).open(&path).unwrap().write_all(b"two\n").unwrap();
        assert_eq!(&*source.bytes(Vec::new(), true).unwrap().unwrap(), b"one\n");
        assert!(source.changed().unwrap());
        let now = source.stat_now().unwrap();
        assert!(now.bytes == 8 && now.inode == source.stat().inode);
    }

    #[cfg(unix)]
    #[test]
    fn a_mapped_source_truncated_in_use_is_torn() {
        let (_root, path) = source_file(&text(3 << 20), OLD);
        let mut source = Source::open(&path, Links::Refuse).unwrap();
        let bytes = source.bytes(Vec::new(), true).unwrap().unwrap();
        File::options().write(true).open(&path).unwrap().set_len(10).unwrap();
        assert_eq!(bytes[2 << 20], 0);
        assert!(bytes.is_torn() && source.changed().unwrap());
        // Read again, it is what is left.
        assert_eq!(source.bytes(bytes.into_buffer(), false).unwrap().unwrap().len(), 10);
    }

    #[test]
    fn a_compressed_rollout_is_read_forwards_and_backwards() {
        let expected = text(3 << 20);
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("rollout.jsonl.zst");
        std::fs::write(&path, zstd::encode_all(&expected[..], 3).unwrap()).unwrap();
        let mut source = Source::open(&path, Links::Refuse).unwrap();
        assert_eq!(source.len(), None);
        let mut window = vec![0; 10_000];
        for offset in [0, 10_000, 2 << 20, 5, (3 << 20) - 50] {
            let count = source.read_at(offset as u64, &mut window).unwrap();
            let end = expected.len().min(offset + 10_000);
            assert_eq!(window[..count], expected[offset..end]);
        }
        assert_eq!(source.read_at(9 << 20, &mut window).unwrap(), 0);
        assert_eq!(*source.bytes(Vec::new(), true).unwrap().unwrap(), *expected);
    }

    #[test]
    fn a_compressed_rollout_too_large_to_hold_is_left_to_windows() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("large.jsonl.zst");
        std::fs::write(&path, zstd::encode_all(&vec![b'x'; 9 << 20][..], 1).unwrap()).unwrap();
        let mut source = Source::open(&path, Links::Refuse).unwrap();
        assert!(source.bytes(Vec::new(), true).unwrap().is_none());
        let mut byte = [0];
        assert_eq!(source.read_at((9 << 20) - 1, &mut byte).unwrap(), 1);
    }

    #[test]
    fn a_broken_compressed_rollout_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("broken.jsonl.zst");
        let whole = zstd::encode_all(&text(1 << 20)[..], 3).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let error = Source::open(&path, Links::Refuse).unwrap().bytes(Vec::new(), true).unwrap_err();
        assert_eq!(error.kind(), Kind::Source);
    }
}
