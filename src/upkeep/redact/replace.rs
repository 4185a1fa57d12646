//! Puts masked text in the place of a file: at once, as if it had always been so, and only if nobody writes to the file.
//!
//! The new file is made beside the old one, private, and holds masked bytes alone; it is flushed before it takes the name.
//! Whoever dies half-way leaves the old file whole, and at most such a file with a name that [`clean`] knows. There is never a
//! copy of what the old file held.

use std::fs::{self, File, Metadata};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::fate::Reason;
use crate::error::{Error, Kind, Result};
use crate::platform::opened::{self, Openness};
use crate::platform::{self, Stat, TEMPORARY_PREFIX, copy_attributes, temporary_name};

/// How long a process that came between is waited for, to take over what it adds to the old file.
const CAME_BETWEEN: Duration = Duration::from_secs(5);

/// Masks what was added to a file.
pub(crate) type MaskAdded<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;

/// An agent's file that may be replaced.
#[derive(Debug)]
pub(crate) struct Original {
    /// Where the file itself is, links followed.
    pub path: PathBuf,
    pub file: File,
    metadata: Metadata,
}

/// Opens a file that is to be replaced; `Err` says why it is left alone.
pub(crate) fn open(path: &Path) -> Result<Original, Reason> {
    // The link stays: what it leads to is replaced.
    let path = path.canonicalize().map_err(|error| Reason::cannot("cannot read", path, error))?;
    let file = platform::open_at_once(&path).map_err(|error| Reason::cannot("cannot read", &path, error))?;
    let metadata = file.metadata().map_err(|error| Reason::cannot("cannot read", &path, error))?;
    if !metadata.is_file() {
        return Err(Reason::Odd("not a regular file"));
    }
    // Root may replace what is another user's, as it may edit it; nobody else can.
    if !platform::is_own(&metadata) && !is_root() {
        return Err(Reason::Odd("it is another user's"));
    }
    if links(&metadata) > 1 {
        return Err(Reason::Linked(links(&metadata)));
    }
    Ok(Original { path, file, metadata })
}

fn is_root() -> bool {
    cfg!(unix) && platform::process::effective_user() == 0
}

#[cfg(unix)]
fn links(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn links(_: &Metadata) -> u64 {
    1
}

impl Original {
    /// Returns what the file system said when it was opened.
    pub(crate) fn stat(&self) -> Stat {
        Stat::of(&self.metadata)
    }

    /// Returns whether the file, under its name, is still what it was when it was opened.
    fn is_unchanged(&self) -> bool {
        let key = |stat: Stat| (stat.bytes, stat.mtime_ns, stat.ctime_ns, stat.inode);
        let then = key(self.stat());
        let named = fs::symlink_metadata(&self.path).map(|metadata| key(Stat::of(&metadata)));
        let opened = Stat::of_file(&self.file).map(key);
        named.is_ok_and(|now| now == then) && opened.is_ok_and(|now| now == then)
    }

    /// Replaces the file by what `write` writes, which must be masked. `mask` masks what a process adds to the old file that
    /// came just between; `None` where that cannot be put behind the new one.
    ///
    /// # Errors
    ///
    /// Why the file was left as it was.
    pub(crate) fn replace(
        self,
        write: &mut dyn FnMut(&mut dyn Write) -> Result<()>,
        mask: Option<MaskAdded<'_>>,
    ) -> Result<(), Reason> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        let cannot = |error| Reason::cannot("cannot write beside", &self.path, error);
        let name = temporary_name().map_err(cannot)?;
        let temporary = Temporary(Some(directory.join(name)));
        let file = create_private(temporary.path()).map_err(cannot)?;
        let mut writer = BufWriter::with_capacity(1 << 18, &file);
        write(&mut writer).map_err(Reason::Failed)?;
        writer.flush().map_err(cannot)?;
        drop(writer);
        copy_attributes(&self.file, &self.metadata, &file)
            .map_err(|error| Reason::cannot("cannot keep owner, mode and times of", &self.path, error))?;
        file.sync_all().map_err(cannot)?;
        let lease = match opened::lease(&self.file) {
            Openness::Free(lease) => Some(lease),
            Openness::Held => return Err(Reason::Open(opened::holder_of(&self.metadata))),
            Openness::Unknown => match opened::holder_of(&self.metadata) {
                Some(holder) => return Err(Reason::Open(Some(holder))),
                None => None,
            },
        };
        if !self.is_unchanged() {
            return Err(Reason::Changed);
        }
        if lease.as_ref().is_some_and(opened::Lease::is_wanted) {
            return Err(Reason::Open(opened::holder_of(&self.metadata)));
        }
        fs::rename(temporary.path(), &self.path).map_err(cannot)?;
        temporary.keep();
        sync_directory(directory).map_err(|error| Reason::cannot("cannot flush", directory, error))?;
        let is_wanted = lease.as_ref().is_some_and(opened::Lease::is_wanted);
        drop(lease);
        self.take_over(is_wanted, mask)
    }

    /// Puts behind the new file what was added to the old one by a process that had got hold of it just before it lost its
    /// name.
    fn take_over(&self, is_wanted: bool, mask: Option<MaskAdded<'_>>) -> Result<(), Reason> {
        let started = Instant::now();
        while is_wanted && started.elapsed() < CAME_BETWEEN {
            match opened::lease(&self.file) {
                Openness::Held => std::thread::sleep(Duration::from_millis(20)),
                _ => break,
            }
        }
        let cannot = |error| Reason::cannot("cannot take over what was added to", &self.path, error);
        let (then, now) = (self.stat().bytes, Stat::of_file(&self.file).map_err(cannot)?.bytes);
        if now <= then {
            return Ok(());
        }
        let Some(mask) = mask else { return Err(Reason::Lost) };
        let mut added = vec![0; (now - then) as usize];
        let read = platform::read_full_at(&self.file, &mut added, then).map_err(cannot)?;
        let mut file = File::options().append(true).open(&self.path).map_err(cannot)?;
        file.write_all(&mask(&added[..read])).and_then(|()| file.sync_all()).map_err(cannot)
    }
}

/// A temporary file's path; the file is removed when this is dropped, unless it is kept.
struct Temporary(Option<PathBuf>);

impl Temporary {
    fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// Writes a new private file at `path`, at once; an error if there is one already.
pub(crate) fn write_new(path: &Path, write: &mut dyn FnMut(&mut dyn Write) -> Result<()>) -> Result<()> {
    let cannot = |error| Error::io(Kind::Store, "cannot write", path, error);
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = Temporary(Some(directory.join(temporary_name().map_err(cannot)?)));
    let file = create_private(temporary.path()).map_err(cannot)?;
    let mut writer = BufWriter::with_capacity(1 << 18, &file);
    write(&mut writer)?;
    writer.flush().map_err(cannot)?;
    drop(writer);
    file.sync_all().map_err(cannot)?;
    // A link gives the name only where there is none; file systems without links take a rename.
    match fs::hard_link(temporary.path(), path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(cannot(error)),
        Err(_) if fs::symlink_metadata(path).is_err() => {
            fs::rename(temporary.path(), path).map_err(cannot)?;
            temporary.keep();
        }
        Err(error) => return Err(cannot(error)),
    }
    sync_directory(directory).map_err(cannot)
}

fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn sync_directory(directory: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    let _ = directory;
    Ok(())
}

/// Removes what a run that died left in a directory. Only while no other run replaces files.
pub(crate) fn clean(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours =
            name.to_str().and_then(|name| name.strip_prefix(TEMPORARY_PREFIX)).is_some_and(|rest| {
                let (process, number) = rest.split_once('-').unwrap_or_default();
                process.parse::<u32>().is_ok()
                    && number.len() == 16
                    && number.bytes().all(|byte| byte.is_ascii_hexdigit())
            });
        if is_ours && entry.metadata().is_ok_and(|metadata| metadata.is_file() && platform::is_own(&metadata))
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}
