//! Text that grows by lines: what its archive holds takes its place, byte for byte. So the two are the same session from then
//! on, and what is masked anywhere in the session is masked here.

use std::io::Write;

use super::archived::Archived;
use super::fate::Reason;
use super::masking::{Counts, Masking};
use super::replace;
use crate::agents::Found;
use crate::archive::reader::{Archive, BlockReader};
use crate::error::{Error, Kind, Result};
use crate::input::form::{FIRST_BYTES, Form, form};
use crate::input::{Links, Source};
use crate::platform;
use serde::de::IgnoredAny;

/// The level at which zstd packs when nothing is said.
const ZSTD_LEVEL: i32 = 3;

/// Masks one file.
pub(super) fn mask(masking: &Masking, kept: &Archived, found: &Found) -> Result<Counts, Reason> {
    let original = replace::open(found.locator.path())?;
    let archive = kept.archive(found).ok_or(Reason::NotArchived)?;
    let mut first = vec![0; FIRST_BYTES];
    let read = platform::read_full_at(&original.file, &mut first, 0)
        .map_err(|error| Reason::cannot("cannot read", &original.path, error))?;
    let form = form(&first[..read], true);
    let text = Source::open(&original.path.as_path().into(), Links::Refuse).map_err(Reason::Failed)?;
    if text.is_own_archive() {
        return Err(Reason::Odd("it is an archive of sessionkeep itself"));
    }
    match compare(kept, &archive, &text)? {
        Comparison::Clean => Ok(Counts::default()),
        Comparison::Masked(lines) => {
            if !matches!(form, Some(Form::Text | Form::Gzip | Form::Zstd) | None) {
                return Err(Reason::Odd("text of two bytes a character is not masked where it lies"));
            }
            // A lease is given only where the file is open once.
            drop(text);
            let mut write = |out: &mut dyn Write| pack(&archive, form, out);
            let added = |bytes: &[u8]| masking.masked(bytes);
            let is_plain = matches!(form, Some(Form::Text) | None);
            original.replace(&mut write, is_plain.then_some(&added as replace::MaskAdded<'_>))?;
            let by_rule = archive.header().map(|header| header.masked_by_rule.clone()).unwrap_or_default();
            Ok(Counts { lines, by_rule, uncovered: 0 })
        }
    }
}

enum Comparison {
    /// It holds what its archive holds.
    Clean,
    /// It is what its archive was made of; so many lines are masked there.
    Masked(u64),
}

/// Compares a source with its archive, block by block.
fn compare(kept: &Archived, archive: &Archive, text: &Source) -> Result<Comparison, Reason> {
    let header = archive.header().ok_or(Reason::NotArchived)?;
    let masked_bytes: u64 = header.blocks.iter().map(|block| u64::from(block.masked_bytes)).sum();
    let mut source = Reading { text, at: 0, is_short: false };
    let mut hasher = blake3::Hasher::new_keyed(kept.key().bytes());
    let (mut reader, mut masked, mut lines) = (BlockReader::new(), Vec::new(), 0);
    let mut is_odd = false;
    for (index, block) in header.blocks.iter().enumerate() {
        let before = source.next(block.source_bytes as usize)?;
        hasher.update(&before);
        if block.is_masked {
            masked.clear();
            archive.read_block(index, &mut reader, &mut masked).map_err(Reason::Failed)?;
            match changed_lines(&before, &masked) {
                Some(changed) => lines += changed,
                None => is_odd = true,
            }
        }
    }
    let is_whole = !source.is_short && source.next(1)?.is_empty();
    if is_whole && *hasher.finalize().as_bytes() == header.content_hash {
        return match (lines, is_odd) {
            (_, true) => Err(Reason::Odd("masked, its lines would not be what they are: please report this")),
            (0, _) => Ok(Comparison::Clean),
            (lines, _) => Ok(Comparison::Masked(lines)),
        };
    }
    // The archive was made of other bytes: those that stood here before they were masked.
    let mut source = Reading { text, at: 0, is_short: false };
    for index in 0..header.blocks.len() {
        masked.clear();
        archive.read_block(index, &mut reader, &mut masked).map_err(Reason::Failed)?;
        if source.next(masked.len())? != masked {
            return Err(Reason::NotArchived);
        }
    }
    match source.at == masked_bytes && source.next(1)?.is_empty() {
        true => Ok(Comparison::Clean),
        false => Err(Reason::NotArchived),
    }
}

/// Returns how many lines differ; `None` where they are not as many, or one is no JSON any more that was some.
fn changed_lines(before: &[u8], after: &[u8]) -> Option<u64> {
    let lines = |text: &[u8]| memchr::memchr_iter(b'\n', text).count();
    if lines(before) != lines(after) {
        return None;
    }
    let is_json = |line: &[u8]| serde_json::from_slice::<IgnoredAny>(line).is_ok();
    let pairs = before.split(|byte| *byte == b'\n').zip(after.split(|byte| *byte == b'\n'));
    let mut changed = 0;
    for (before, after) in pairs.filter(|(before, after)| before != after) {
        if is_json(before) && !is_json(after) {
            return None;
        }
        changed += 1;
    }
    Some(changed)
}

/// A source's text, from its start.
struct Reading<'a> {
    text: &'a Source,
    at: u64,
    is_short: bool,
}

impl Reading<'_> {
    /// Returns the next bytes, fewer where it ends.
    fn next(&mut self, bytes: usize) -> Result<Vec<u8>, Reason> {
        let (mut buffer, mut filled) = (vec![0; bytes], 0);
        while filled < bytes {
            let read = self.text.read_at(self.at, &mut buffer[filled..]).map_err(Reason::Failed)?;
            if read == 0 {
                self.is_short = true;
                break;
            }
            filled += read;
            self.at += read as u64;
        }
        buffer.truncate(filled);
        Ok(buffer)
    }
}

/// Writes the text of an archive, packed as the source was.
fn pack(archive: &Archive, form: Option<Form>, out: &mut dyn Write) -> Result<()> {
    let cannot = |error| Error::new(Kind::Source, "cannot write masked text").with_source(error);
    match form {
        Some(Form::Zstd) => {
            let mut packer = zstd::stream::write::Encoder::new(out, ZSTD_LEVEL).map_err(cannot)?;
            packer.include_checksum(true).map_err(cannot)?;
            write(archive, &mut packer)?;
            packer.finish().map(drop).map_err(cannot)
        }
        Some(Form::Gzip) => {
            let mut packer = flate2::write::GzEncoder::new(out, flate2::Compression::default());
            write(archive, &mut packer)?;
            packer.finish().map(drop).map_err(cannot)
        }
        _ => write(archive, out),
    }
}

/// Writes the text of an archive.
pub(super) fn write(archive: &Archive, out: &mut dyn Write) -> Result<()> {
    let (mut reader, mut text) = (BlockReader::new(), Vec::new());
    for index in 0..archive.blocks().len() {
        text.clear();
        archive.read_block(index, &mut reader, &mut text)?;
        let cannot = |error: std::io::Error| {
            let kind = if crate::error::is_no_space(&error) { Kind::NoSpace } else { Kind::Source };
            Error::new(kind, "cannot write masked text").with_source(error)
        };
        out.write_all(&text).map_err(cannot)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_are_counted_and_what_is_no_json_any_more_is_refused() {
        assert_eq!(changed_lines(b"{\"a\":1}\n{\"b\":2}\n", b"{\"a\":1}\n{\"b\":3}\n"), Some(1));
        assert_eq!(changed_lines(b"a\nb", b"a\nc"), Some(1));
        assert_eq!(changed_lines(b"{\"a\":1}\n", b"{\"a\":\n"), None);
        assert_eq!(changed_lines(b"a\nb\n", b"ab\n"), None);
    }
}
