//! Text that grows by lines: what its archive holds takes its place, byte for byte. So the two are the same session from then
//! on, and what is masked anywhere in the session is masked here.

use std::io::Write;

use super::archived::Archived;
use super::fate::Reason;
use super::masking::{Counts, Masking};
use super::replace;
use crate::agents::Found;
use crate::archive::header::{Header, MaskedState};
use crate::archive::reader::{Archive, BlockReader};
use crate::error::{Error, Kind, Result};
use crate::input::form::{FIRST_BYTES, Form, form};
use crate::input::{Links, Source};
use crate::mask::mask_whole;
use crate::platform;
use serde::de::IgnoredAny;

/// The level at which zstd packs when nothing is said.
const ZSTD_LEVEL: i32 = 3;

/// Bytes of a source that are read at a time.
const STEP_BYTES: usize = 1 << 20;

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
    let counts = match compare(masking, kept, &archive, &text)? {
        Comparison::Clean => return Ok(Counts::default()),
        Comparison::Masked(lines) => {
            let by_rule = archive.header().map(|header| header.masked_by_rule.clone()).unwrap_or_default();
            Counts { lines, by_rule, uncovered: 0 }
        }
        Comparison::MaskedMore(counts) => counts,
    };
    if !matches!(form, Some(Form::Text | Form::Gzip | Form::Zstd) | None) {
        return Err(Reason::Odd("text of two bytes a character is not masked where it lies"));
    }
    // A lease is given only where the file is open once.
    drop(text);
    let mut write = |out: &mut dyn Write| pack(&archive, form, out);
    let added = |bytes: &[u8]| masking.masked(bytes);
    let is_plain = matches!(form, Some(Form::Text) | None);
    original.replace(&mut write, is_plain.then_some(&added as replace::MaskAdded<'_>))?;
    Ok(counts)
}

enum Comparison {
    /// It holds what its archive holds.
    Clean,
    /// It is what its archive was made of; so many lines are masked there.
    Masked(u64),
    /// It is what its archive held before that was masked again; so much more is masked there now.
    MaskedMore(Counts),
}

/// What is said of text whose lines masking would join, part or break. It never does.
const BROKEN: Reason = Reason::Odd("masked, its lines would not be what they are: please report this");

/// Compares a source with its archive, block by block.
fn compare(
    masking: &Masking,
    kept: &Archived,
    archive: &Archive,
    text: &Source,
) -> Result<Comparison, Reason> {
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
            (_, true) => Err(BROKEN),
            (0, _) => Ok(Comparison::Clean),
            (lines, _) => Ok(Comparison::Masked(lines)),
        };
    }
    // The archive was made of other bytes: those that stood here before they were masked.
    if is_text_of(archive, masked_bytes, text)? {
        return Ok(Comparison::Clean);
    }
    match is_former_text(kept, header, text)? {
        true => masked_more(masking, archive, text).map(Comparison::MaskedMore),
        false => Err(Reason::NotArchived),
    }
}

/// Returns whether a source holds the text of an archive, which has so many bytes.
fn is_text_of(archive: &Archive, bytes: u64, text: &Source) -> Result<bool, Reason> {
    let mut source = Reading { text, at: 0, is_short: false };
    let (mut reader, mut masked) = (BlockReader::new(), Vec::new());
    for index in 0..archive.blocks().len() {
        masked.clear();
        archive.read_block(index, &mut reader, &mut masked).map_err(Reason::Failed)?;
        if source.next(masked.len())? != masked {
            return Ok(false);
        }
    }
    Ok(source.at == bytes && source.next(1)?.is_empty())
}

/// Returns whether a source holds a text that its archive held before it was masked again.
fn is_former_text(kept: &Archived, header: &Header, text: &Source) -> Result<bool, Reason> {
    if header.masked_states.is_empty() {
        return Ok(false);
    }
    let mut source = Reading { text, at: 0, is_short: false };
    let mut hasher = blake3::Hasher::new_keyed(kept.key().bytes());
    while !source.is_short {
        hasher.update(&source.next(STEP_BYTES)?);
    }
    let state = MaskedState { bytes: source.at, hash: *hasher.finalize().as_bytes() };
    Ok(header.masked_states.contains(&state))
}

/// Counts what is masked in the text of an archive and not in that of its source, which has the same lines.
fn masked_more(masking: &Masking, archive: &Archive, text: &Source) -> Result<Counts, Reason> {
    let mut source = Reading { text, at: 0, is_short: false };
    let (mut reader, mut before, mut after) = (BlockReader::new(), Vec::new(), Vec::new());
    let mut counts = Counts::default();
    let blocks = archive.blocks().len();
    for index in 0..=blocks {
        let is_end = index == blocks;
        if !is_end {
            archive.read_block(index, &mut reader, &mut after).map_err(Reason::Failed)?;
        }
        let wanted = ends(&after).count();
        let mut there = ends(&before).count();
        while !source.is_short && (is_end || there < wanted) {
            let more = source.next(STEP_BYTES)?;
            there += ends(&more).count();
            before.extend(more);
        }
        // Whole lines that both have; at the end all that is left.
        let whole = there.min(wanted);
        let cut = |text: &[u8]| match is_end {
            true => text.len(),
            false => whole.checked_sub(1).and_then(|last| ends(text).nth(last)).map_or(0, |end| end + 1),
        };
        let (old, new): (Vec<u8>, Vec<u8>) =
            (before.drain(..cut(&before)).collect(), after.drain(..cut(&after)).collect());
        counts.lines += changed_lines(&old, &new).ok_or(BROKEN)?;
        let pairs = old.split(|byte| *byte == b'\n').zip(new.split(|byte| *byte == b'\n'));
        for (line, _) in pairs.filter(|(old, new)| old != new) {
            let tally = mask_whole(&masking.masker, masking.outside.as_ref(), line).1;
            counts.add_places(masking, &tally);
        }
    }
    Ok(counts)
}

/// Returns where lines end.
fn ends(text: &[u8]) -> memchr::Memchr<'_> {
    memchr::memchr_iter(b'\n', text)
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
