//! The file of pruned sessions: JSON lines that are only ever added to, durable before anything is removed.
//!
//! In come tombstones, and that they end; out comes which session was pruned, and what was covered of each source. A line
//! that a killed run left torn is passed over, and the next one begins behind it. Owns the file; `removal` acts on it.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::tombstone::{Covered, Ended, Line, Removed, Tombstone, is_in_parts};
use crate::archive::catalog::snapshot::{Key, identity_key, key_of_hash};
use crate::archive::names::PRUNED_FILE;
use crate::archive::sidecar::time_text;
use crate::archive::store::Store;
use crate::archive::tree::sidecar_of_archive;
use crate::error::{Error, Kind, Result};
use crate::identity::{FILES, Identity};
use crate::platform::{self, Dir, EntryKind, Stat, clock};

/// Bytes at the end of the file that tell whether a removal was finished: that line is shorter.
const TAIL_BYTES: u64 = 512;

/// Bytes of the longest line that is read: a session would need hundreds of thousands of parts for a longer one.
const MAX_LINE_BYTES: u64 = 256 << 20;

/// How the line begins that says that all files are gone.
const REMOVED: &[u8] = b"{\"removed\":";

/// All that the file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pruned {
    /// Sessions that are pruned now, in the order in which they were.
    live: Vec<Tombstone>,
    /// Where each of them is, by session.
    by_session: HashMap<Key, usize>,
    /// Which archives a session or part had.
    by_identity: HashMap<Key, Vec<(usize, usize)>>,
    by_content: HashMap<Key, (usize, usize)>,
    /// Those whose files may still be there.
    pending: HashSet<Key>,
    /// Numbers of the first and the last line that nobody could have written whole, and how many there are.
    unreadable: Option<(u64, u64, u64)>,
}

/// What was archived of a source that is pruned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub identity: Identity,
    pub covered: Covered,
}

impl Pruned {
    /// Reads the file of the store at `root`; nothing was pruned where there is none.
    ///
    /// # Errors
    ///
    /// [`Kind::Store`] when it is there and cannot be read: without it, what was pruned would be archived again.
    pub(crate) fn read(root: &Path) -> Result<Pruned> {
        let cannot = |error| Error::io(Kind::Store, "cannot read", &root.join(PRUNED_FILE), error);
        match open(root).map_err(cannot)? {
            Some(file) => Pruned::of_lines(BufReader::with_capacity(1 << 16, file)).map_err(cannot),
            None => Ok(Pruned::default()),
        }
    }

    /// Returns an error if the file of the store at `root` is there and cannot be read.
    pub(crate) fn read_beginning(root: &Path) -> Result<()> {
        open(root)
            .map(|_| ())
            .map_err(|error| Error::io(Kind::Store, "cannot read", &root.join(PRUNED_FILE), error))
    }

    fn of_lines(mut reader: impl BufRead) -> io::Result<Pruned> {
        let mut sessions: Vec<Option<Tombstone>> = Vec::new();
        let mut found: HashMap<Key, usize> = HashMap::new();
        let mut pending = HashSet::new();
        let mut unreadable: Option<(u64, u64, u64)> = None;
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            if reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
            let mut note = || {
                let (first, _, count) = unreadable.unwrap_or((number, number, 0));
                unreadable = Some((first, number, count + 1));
            };
            // Without its line end it may be half of what was to be written.
            let Some(text) = bytes.strip_suffix(b"\n") else {
                note();
                if bytes.len() as u64 == MAX_LINE_BYTES && skip_line(&mut reader)? {
                    continue;
                }
                break;
            };
            match serde_json::from_slice(text) {
                Ok(Line::Pruned(tombstone)) => {
                    let key = identity_key(&tombstone.session());
                    pending.insert(key);
                    if let Some(former) = found.insert(key, sessions.len()) {
                        sessions[former] = None;
                    }
                    sessions.push(Some(tombstone));
                }
                Ok(Line::Ended(Ended { agent, session_id, .. })) => {
                    let key = identity_key(&Identity { agent, session_id, part_id: None });
                    pending.remove(&key);
                    if let Some(former) = found.remove(&key) {
                        sessions[former] = None;
                    }
                }
                Ok(Line::Removed(_)) => pending.clear(),
                // A newer program may say what this one does not know.
                Err(_) if is_object(text) => {}
                Err(_) => note(),
            }
        }
        let live = sessions.into_iter().flatten().collect();
        let mut pruned = Pruned { live, pending, unreadable, ..Pruned::default() };
        for (index, tombstone) in pruned.live.iter().enumerate() {
            pruned.by_session.insert(identity_key(&tombstone.session()), index);
            for (nth, (covered, identity)) in
                tombstone.archives.iter().zip(tombstone.identities()).enumerate()
            {
                pruned.by_identity.entry(identity_key(&identity)).or_default().push((index, nth));
                if let Some(hash) = &covered.content_hash {
                    pruned.by_content.insert(key_of_hash(hash), (index, nth));
                }
            }
        }
        Ok(pruned)
    }

    /// Returns what to warn of if a line cannot be read: written by a run that was killed, which does no harm, or damaged.
    pub(crate) fn warning(&self) -> Option<String> {
        let (first, last, count) = self.unreadable?;
        let lines = match count {
            1 => format!("line {first}"),
            _ => format!("{count} lines, from {first} to {last},"),
        };
        Some(format!("{lines} cannot be read: what was pruned there may be archived again"))
    }

    /// Returns whether no session is pruned.
    pub(crate) fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// Returns the sessions that are pruned, in the order in which they were.
    pub(crate) fn all(&self) -> &[Tombstone] {
        &self.live
    }

    /// Returns what is kept of a session, or of the one that a part is of.
    pub(crate) fn session(&self, identity: &Identity) -> Option<&Tombstone> {
        let of =
            |session: &Identity| self.by_session.get(&identity_key(session)).map(|&index| &self.live[index]);
        let is_unnamed = |tombstone: &&Tombstone| tombstone.archives.iter().all(is_unhashed);
        of(&identity.session()).or_else(|| of(&unnamed(&identity.session())).filter(is_unnamed))
    }

    /// Returns whether an archive of the session or part with this key was pruned.
    pub(crate) fn has(&self, identity: Key) -> bool {
        self.by_identity.contains_key(&identity)
    }

    /// Returns the pruned archive of a session or part that covered these bytes of its source. Where the key of the hashes
    /// is another one by now (`key` is the mark of today's), the number of bytes has to do.
    pub(crate) fn covering(
        &self,
        identity: &Identity,
        bytes: u64,
        hash: &[u8; 32],
        key: i64,
    ) -> Option<Known> {
        let of = |identity: &Identity| self.by_identity.get(&identity_key(identity)).into_iter().flatten();
        let is_unnamed = |&&(index, nth): &&(usize, usize)| is_unhashed(&self.live[index].archives[nth]);
        let is_it = |&&(index, nth): &&(usize, usize)| {
            let (tombstone, covered) = (&self.live[index], &self.live[index].archives[nth]);
            match covered.content_hash.filter(|_| tombstone.key == key) {
                Some(known) => known == *hash,
                None => covered.source_bytes == bytes,
            }
        };
        let as_unnamed = || of(&unnamed(identity)).filter(is_unnamed).rfind(is_it);
        of(identity).rfind(is_it).or_else(as_unnamed).map(|&place| self.known(place))
    }

    /// Returns the pruned archive of whatever session that had this content.
    pub(crate) fn with_content(&self, hash: &[u8; 32]) -> Option<Known> {
        let place = *self.by_content.get(&key_of_hash(hash))?;
        Some(self.known(place)).filter(|known| known.covered.content_hash == Some(*hash))
    }

    fn known(&self, (index, nth): (usize, usize)) -> Known {
        let tombstone = &self.live[index];
        let covered = tombstone.archives[nth].clone();
        Known { identity: Identity { part_id: covered.part_id.clone(), ..tombstone.session() }, covered }
    }

    /// Returns the sessions whose removal was begun, and not finished as far as anybody knows.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &Tombstone> {
        self.live.iter().filter(|tombstone| self.pending.contains(&identity_key(&tombstone.session())))
    }

    /// Returns the files and directories of parts, relative to the store, of the sessions whose removal was begun: they
    /// are nobody's any more.
    pub(crate) fn pending_paths(&self) -> HashSet<String> {
        let mut paths = HashSet::new();
        for tombstone in self.pending() {
            paths.extend(tombstone.files());
            paths.extend(tombstone.parts.iter().cloned());
            for covered in tombstone.archives.iter().filter(|covered| is_in_parts(&covered.archive)) {
                paths.extend([covered.archive.clone(), sidecar_of_archive(&covered.archive)]);
            }
        }
        paths
    }
}

/// Returns whom sessionkeep 0.4 would have archived this as: it did not say of which agent a session is, and hashed nothing.
fn unnamed(identity: &Identity) -> Identity {
    Identity { agent: FILES.to_owned(), ..identity.clone() }
}

/// Returns whether an archive did not tell the hash of its source, as those of sessionkeep 0.4 do not.
fn is_unhashed(covered: &Covered) -> bool {
    covered.content_hash.is_none()
}

/// Reads on to behind the end of a line; returns whether it has one.
fn skip_line(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(false);
        }
        let end = memchr::memchr(b'\n', buffer);
        let length = end.map_or(buffer.len(), |end| end + 1);
        reader.consume(length);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// Returns whether a line is a JSON object.
fn is_object(line: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line).is_ok()
}

/// Returns the paths of [`Pruned::pending_paths`], reading no more than the file's end where nothing is left to do: for
/// readers, who take what cannot be read for nothing.
pub(crate) fn pending_paths(root: &Path) -> HashSet<String> {
    match open(root).ok().flatten() {
        Some(file) if !is_all_removed(&file) => Pruned::read(root).unwrap_or_default().pending_paths(),
        _ => HashSet::new(),
    }
}

/// Returns whether a removal was begun in the store at `root` and not finished.
pub(crate) fn is_any_pending(root: &Path) -> bool {
    let is_open = |file: File| !is_all_removed(&file);
    open(root).ok().flatten().is_some_and(is_open)
        && Pruned::read(root).is_ok_and(|pruned| pruned.pending().next().is_some())
}

/// Returns how long the file is: it only ever grows.
pub(crate) fn length(root: &Path) -> u64 {
    std::fs::symlink_metadata(root.join(PRUNED_FILE)).map_or(0, |metadata| metadata.len())
}

fn open(root: &Path) -> io::Result<Option<File>> {
    let opened =
        root.canonicalize().and_then(|root| Dir::open(&root)).and_then(|root| root.open_file(PRUNED_FILE));
    match opened {
        Ok(file) if Stat::of_file(&file)?.kind == EntryKind::File => Ok(Some(file)),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether the last line says that all files are gone.
fn is_all_removed(file: &File) -> bool {
    let Ok(stat) = Stat::of_file(file) else { return false };
    let start = stat.bytes.saturating_sub(TAIL_BYTES);
    let mut tail = vec![0; (stat.bytes - start) as usize];
    if platform::read_full_at(file, &mut tail, start).ok() != Some(tail.len()) {
        return false;
    }
    let Some(lines) = tail.strip_suffix(b"\n") else { return tail.is_empty() };
    let last = memchr::memrchr(b'\n', lines).map_or(0, |end| end + 1);
    (last > 0 || start == 0) && lines[last..].starts_with(REMOVED)
}

/// Notes that these sessions are pruned, durably; returns how long the file is then. Their files are to be removed after
/// it.
pub(super) fn bury(store: &Store, tombstones: &[Tombstone]) -> Result<u64> {
    let _held = store.lock_ledger()?;
    append(store, &tombstones.iter().cloned().map(Line::Pruned).collect::<Vec<_>>())
}

/// Notes that these sessions may be archived again, durably; only those that are pruned. Returns what was kept of them.
pub(crate) fn end(store: &Store, sessions: &[Identity], why: &str) -> Result<Vec<Tombstone>> {
    let _held = store.lock_ledger()?;
    let pruned = Pruned::read(store.path())?;
    let ended: Vec<Tombstone> =
        sessions.iter().filter_map(|session| pruned.session(session)).cloned().collect();
    if ended.is_empty() {
        return Ok(ended);
    }
    let at = time_text(clock::now());
    let line = |tombstone: &Tombstone| {
        let Tombstone { agent, session_id, .. } = tombstone.clone();
        Line::Ended(Ended { agent, session_id, at: at.clone(), why: why.to_owned() })
    };
    let mut lines: Vec<Line> = ended.iter().map(line).collect();
    if pruned.pending().next().is_none() {
        // So that readers still see at the end of the file that nothing is left to remove.
        lines.push(Line::Removed(Removed { at }));
    }
    append(store, &lines)?;
    Ok(ended)
}

/// Notes that the files of these sessions are gone, unless others have been pruned since: `length` is that of the file when
/// their tombstones were its end.
pub(super) fn settle(store: &Store, done: &[Identity], length: Option<u64>) -> Result<()> {
    let _held = store.lock_ledger()?;
    if length != Some(self::length(store.path())) {
        let pruned = Pruned::read(store.path())?;
        let is_done = |tombstone: &Tombstone| done.contains(&tombstone.session());
        if !pruned.pending().all(is_done) {
            return Ok(());
        }
    }
    append(store, &[Line::Removed(Removed { at: time_text(clock::now()) })]).map(|_| ())
}

/// Makes what the file says survive a power loss: it may be a killed run's, which had not.
pub(super) fn flush(store: &Store) -> Result<()> {
    let cannot = |error| Error::io(Kind::Store, "cannot flush", &store.path().join(PRUNED_FILE), error);
    let file = store.root().open_or_create(PRUNED_FILE).map_err(cannot)?;
    file.sync_all().and_then(|()| store.root().sync()).map_err(cannot)
}

/// Adds lines in one go, durably; returns the file's new length. What cannot be written whole is taken back.
fn append(store: &Store, lines: &[Line]) -> Result<u64> {
    let cannot = |error| Error::io(Kind::Store, "cannot write", &store.path().join(PRUNED_FILE), error);
    let file = store.root().open_or_create(PRUNED_FILE).map_err(cannot)?;
    let stat = Stat::of_file(&file).map_err(cannot)?;
    if stat.kind != EntryKind::File {
        return Err(cannot(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    let mut bytes = Vec::new();
    let mut last = [b'\n'];
    if stat.bytes > 0 {
        platform::read_full_at(&file, &mut last, stat.bytes - 1).map_err(cannot)?;
    }
    if last != *b"\n" {
        bytes.push(b'\n');
    }
    for line in lines {
        serde_json::to_writer(&mut bytes, line)
            .map_err(|error| Error::new(Kind::Internal, "cannot write JSON").with_source(error))?;
        bytes.push(b'\n');
    }
    let written = platform::write_all_at(&file, &bytes, stat.bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| if stat.bytes == 0 { store.root().sync() } else { Ok(()) });
    if let Err(error) = written {
        let _ = file.set_len(stat.bytes);
        return Err(cannot(error));
    }
    Ok(stat.bytes + bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tombstone(session_id: &str, bytes: u64) -> Tombstone {
        let covered = Covered {
            archive: format!("2026/06/{session_id}.jsonl.gz"),
            source_bytes: bytes,
            content_hash: Some([bytes as u8; 32]),
            ..Covered::default()
        };
        Tombstone {
            agent: "codex".into(),
            session_id: session_id.into(),
            key: 7,
            archives: vec![covered],
            ..Tombstone::default()
        }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        (root, store)
    }

    fn names(pruned: &Pruned) -> Vec<&str> {
        pruned.all().iter().map(|tombstone| &*tombstone.session_id).collect()
    }

    #[test]
    fn what_is_pruned_is_so_until_it_ends_and_pending_until_it_is_removed() {
        let (root, store) = store();
        assert!(Pruned::read(root.path()).unwrap().is_empty() && !is_any_pending(root.path()));
        let length = bury(&store, &[tombstone("a", 1), tombstone("b", 2)]).unwrap();
        assert!(is_any_pending(root.path()));
        assert_eq!(pending_paths(root.path()).len(), 4);
        settle(&store, &[tombstone("a", 1).session(), tombstone("b", 2).session()], Some(length)).unwrap();
        assert!(!is_any_pending(root.path()) && pending_paths(root.path()).is_empty());
        let ended = end(&store, &[tombstone("a", 1).session(), tombstone("c", 1).session()], "w").unwrap();
        assert_eq!(ended, [tombstone("a", 1)]);
        assert!(!is_any_pending(root.path()));
        assert_eq!(names(&Pruned::read(root.path()).unwrap()), ["b"]);
    }

    #[test]
    fn a_session_is_known_by_its_content_and_by_its_bytes_where_the_key_is_lost() {
        let (root, store) = store();
        bury(&store, &[tombstone("a", 1)]).unwrap();
        let pruned = Pruned::read(root.path()).unwrap();
        let a = tombstone("a", 1).session();
        assert!(pruned.covering(&a, 1, &[1; 32], 7).is_some());
        assert!(pruned.covering(&a, 1, &[2; 32], 7).is_none(), "other bytes, as many");
        assert!(pruned.covering(&a, 1, &[2; 32], 8).is_some(), "hashed with another key");
        assert!(pruned.covering(&a, 2, &[1; 32], 8).is_none());
        assert_eq!(pruned.with_content(&[1; 32]).unwrap().identity, a);
        assert!(pruned.with_content(&[2; 32]).is_none());
    }

    #[test]
    fn a_torn_line_hides_nothing_but_itself() {
        let (root, store) = store();
        bury(&store, &[tombstone("a", 1)]).unwrap();
        let path = root.path().join(PRUNED_FILE);
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            std::fs::write(&path, [&whole[..], &whole[..cut]].concat()).unwrap();
            assert_eq!(names(&Pruned::read(root.path()).unwrap()), ["a"]);
            bury(&store, &[tombstone("b", 2)]).unwrap();
            assert_eq!(names(&Pruned::read(root.path()).unwrap()), ["a", "b"], "cut at {cut}");
        }
    }

    #[test]
    fn what_was_pruned_meanwhile_stays_pending() {
        let (root, store) = store();
        let length = bury(&store, &[tombstone("a", 1)]).unwrap();
        bury(&store, &[tombstone("b", 2)]).unwrap();
        settle(&store, &[tombstone("a", 1).session()], Some(length)).unwrap();
        assert!(is_any_pending(root.path()));
    }
}
