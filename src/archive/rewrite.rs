//! Makes an archive anew out of one that there is: some of its blocks say something else now, and what it says of itself.
//! All other members are copied as they are. Owns no decision about what is to be said.
//!
//! In: an open archive of ours, its new header, and the members that are new. Out: a staged file that was read back, for
//! whoever publishes it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::archive::header::{Header, codec};
use crate::archive::reader::Archive;
use crate::archive::store::Store;
use crate::archive::store::stage::Staged;
use crate::error::{Error, Kind, Result};

/// Writes `archive` anew into the directory `directory` of the store, with `header`, and with `members` in place of those of
/// the blocks of these numbers, of which the header's table tells. Returns the file and its size in bytes.
///
/// # Errors
///
/// [`Kind::Damaged`] when the old archive ends early, and [`Kind::Internal`] when what was written does not read as it
/// should.
pub(crate) fn rewrite(
    store: &Store,
    directory: &str,
    archive: &Archive,
    header: &Header,
    members: &BTreeMap<usize, Vec<u8>>,
) -> Result<(Staged, u64)> {
    let ends_early = || Error::new(Kind::Damaged, "the archive ends early:").with_path(archive.path());
    let mut staged = store.stage(directory)?;
    let first = codec::encode(header)?;
    staged.append(&first)?;
    let mut written = first.len() as u64;
    let count = header.blocks.len();
    let mut next = 0;
    while next < count {
        if let Some(member) = members.get(&next) {
            staged.append(member)?;
            written += member.len() as u64;
            next += 1;
            continue;
        }
        let end = members.range(next..).next().map_or(count, |(index, _)| *index);
        let range = archive.block_range(next..end).ok_or_else(ends_early)?;
        if range.end > archive.stat().bytes {
            return Err(ends_early());
        }
        written += range.end - range.start;
        staged.copy_from(archive.file(), range)?;
        next = end;
    }
    check(&staged, archive.path(), header)?;
    Ok((staged, written))
}

/// Reads back what was written, to the last byte.
fn check(staged: &Staged, path: &Path, header: &Header) -> Result<()> {
    let written = Archive::from_file(staged.reader()?, path)?;
    let blocks = written.blocks().iter().map(|block| (block.compressed_bytes, block.masked_bytes));
    let is_same = blocks.eq(header.blocks.iter().map(|block| (block.compressed_bytes, block.masked_bytes)))
        && written.header().is_some_and(|read| {
            read.identity == header.identity
                && read.content_hash == header.content_hash
                && read.rules_version == header.rules_version
        });
    let problem = written.verify(true).first().map(ToString::to_string);
    match problem {
        None if is_same => Ok(()),
        problem => {
            let why = problem.unwrap_or_else(|| "says something else of itself".to_owned());
            let error =
                Error::new(Kind::Internal, format!("what was to take the place of an archive {why}:"));
            Err(error.with_path(path).with_hint("The archive was left as it is. Please report this."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::gzip::Compressor;
    use crate::archive::header::Block;
    use crate::archive::header::tests::typical;
    use crate::archive::reader::BlockReader;
    use std::fs;

    const TEXTS: [&str; 3] = ["one\n", "two\n", "three\n"];

    /// Returns an archive of three blocks of a line each, at `path`.
    fn write(path: &Path) -> Archive {
        let mut header = typical();
        let (mut compressor, mut members) = (Compressor::new(6).unwrap(), Vec::new());
        header.blocks.clear();
        for text in TEXTS {
            let before = members.len();
            compressor.member(text.as_bytes(), &mut members);
            header.blocks.push(Block {
                compressed_bytes: (members.len() - before) as u32,
                masked_bytes: text.len() as u32,
                source_bytes: text.len() as u32,
                newlines: 1,
                is_masked: false,
            });
        }
        header.source_bytes = TEXTS.concat().len() as u64;
        (header.clean_bytes, header.line_count) = (header.source_bytes, 3);
        fs::write(path, [codec::encode(&header).unwrap(), members].concat()).unwrap();
        Archive::open(path).unwrap()
    }

    /// Returns the archive's header with another text in its second block, and that block's member.
    fn with(archive: &Archive, text: &str) -> (Header, BTreeMap<usize, Vec<u8>>) {
        let mut header = Header { rules_version: "new".to_owned(), ..archive.header().unwrap().clone() };
        let mut bytes = Vec::new();
        Compressor::new(6).unwrap().member(text.as_bytes(), &mut bytes);
        header.blocks[1].compressed_bytes = bytes.len() as u32;
        header.blocks[1].masked_bytes = text.len() as u32;
        (header, BTreeMap::from([(1, bytes)]))
    }

    #[test]
    fn what_is_new_takes_its_place_and_all_else_is_copied() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let archive = write(&root.path().join("a.jsonl.gz"));
        let (header, members) = with(&archive, "***\n");
        let (staged, bytes) = rewrite(&store, "", &archive, &header, &members).unwrap();
        let written = Archive::from_file(staged.reader().unwrap(), Path::new("x")).unwrap();
        assert_eq!(written.stat().bytes, bytes);
        let text = written.read_to_end(&mut BlockReader::new(), 100).unwrap();
        assert_eq!(text, b"one\n***\nthree\n");
        assert_eq!(written.header().unwrap().rules_version, "new");
    }

    #[test]
    fn what_does_not_read_as_it_should_is_not_handed_out() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let archive = write(&root.path().join("a.jsonl.gz"));
        // A line too many for its table.
        let (header, members) = with(&archive, "*\n*\n");
        let error = rewrite(&store, "", &archive, &header, &members).unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
    }
}
