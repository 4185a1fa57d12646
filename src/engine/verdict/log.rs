//! Continues the log of a rendered source: what its archive holds goes into the new one, masked as it would be today.

use super::stage::stage;
use crate::archive::gzip::Compressor;
use crate::archive::header::Block;
use crate::archive::reader::{Archive, BlockReader};
use crate::engine::Engine;
use crate::engine::history::versions::Version;
use crate::engine::session::blocks::{BLOCK_BYTES, Bytes};
use crate::engine::session::log::Log;
use crate::engine::session::work::{Session, Work};
use crate::engine::session::writer::Writer;
use crate::engine::work::find;
use crate::error::{Error, Kind, Result};
use crate::mask::{Findings, Scratch, Tally};

/// Reads the archive of `version` into a writer, and what is needed to tell what is new. Members in which nothing more is
/// masked than was are copied, but small ones at the end are joined, so that many imports do not make many members.
pub(crate) fn continued(
    engine: &Engine,
    session: &Session,
    work: &Work,
    version: &Version,
) -> Result<(Writer, Log)> {
    let path = engine.history.root.join(&version.archive);
    let archive = Archive::open(&path)?;
    let header = archive.header().ok_or_else(|| Error::new(Kind::Damaged, "cannot read").with_path(&path))?;
    let mut writer = match engine.settings.is_dry_run {
        true => Writer::counting(),
        // One more for what is gone.
        false => stage(engine, session, work, header.blocks.len() + work.scanned.len() + 1)?,
    };
    let mut log = Log::of_header(header);
    let is_masked_alike = header.rules_version == engine.masker.rules_version()
        && !knows_values(session)
        && !header.is_rule_set_incomplete;
    // Not those of the thread's worker, which may be at this session already.
    let compressor = Compressor::new(engine.level)?;
    let own = Own { mask: Scratch::default(), input: Vec::new(), compressor, member: Vec::new() };
    let mut reader = Continued { engine, session, own, reader: BlockReader::new(), is_masked_alike };
    let mut waiting: Option<Joined> = None;
    for index in 0..header.blocks.len() {
        let (block, text, is_changed) = reader.block(&archive, index)?;
        log.is_changed |= is_changed;
        log.read(&text);
        match waiting.as_mut().filter(|waiting| waiting.text.len() + text.len() <= BLOCK_BYTES as usize) {
            Some(waiting) => waiting.add(block, &text),
            None => {
                if let Some(waiting) = waiting.take() {
                    reader.write(&archive, waiting, &mut writer)?;
                }
                waiting = Some(Joined { block, text, first: index, count: 1, is_changed });
                continue;
            }
        }
        if let Some(waiting) = &mut waiting {
            waiting.is_changed |= is_changed;
        }
    }
    if let Some(waiting) = waiting {
        reader.write(&archive, waiting, &mut writer)?;
    }
    log.blocks = writer.blocks.len();
    Ok((writer, log))
}

/// Returns whether there is anything to be masked in this session that no rule finds.
fn knows_values(session: &Session) -> bool {
    let outside = session.outside.get().is_some_and(Option::is_some);
    outside || session.known.get().is_some_and(Option::is_some)
}

/// Blocks that follow each other and become one.
struct Joined {
    block: Block,
    text: Vec<u8>,
    first: usize,
    count: usize,
    is_changed: bool,
}

impl Joined {
    fn add(&mut self, block: Block, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.count += 1;
        self.block.masked_bytes += block.masked_bytes;
        self.block.source_bytes = self.block.source_bytes.saturating_add(block.source_bytes);
        self.block.newlines += block.newlines;
        self.block.is_masked |= block.is_masked;
    }
}

/// Buffers and machines.
struct Own {
    mask: Scratch,
    input: Vec<u8>,
    compressor: Compressor,
    member: Vec<u8>,
}

struct Continued<'a> {
    engine: &'a Engine<'a>,
    session: &'a Session,
    own: Own,
    reader: BlockReader,
    is_masked_alike: bool,
}

impl Continued<'_> {
    /// Returns a block of the old archive with its text as it is masked today, and whether that is another.
    fn block(&mut self, archive: &Archive, index: usize) -> Result<(Block, Vec<u8>, bool)> {
        let mut block = archive.blocks()[index];
        let mut text = Vec::new();
        archive.read_block(index, &mut self.reader, &mut text)?;
        if self.is_masked_alike {
            return Ok((block, text, false));
        }
        let Some(masked) = self.masked(&text)? else { return Ok((block, text, false)) };
        block.masked_bytes = masked.len() as u32;
        block.is_masked = true;
        Ok((block, masked, true))
    }

    fn masked(&mut self, text: &[u8]) -> Result<Option<Vec<u8>>> {
        let masker = &self.engine.masker;
        let (bytes, range) = (Bytes::Whole(text), 0..text.len() as u64);
        let Own { mask, input, .. } = &mut self.own;
        let mut findings = Findings::default();
        find::find(masker, &bytes, range.clone(), input, mask, &mut findings, |_, _| {})?;
        let outside = self.session.outside.get().and_then(|outside| outside.as_deref());
        let learned = self.session.known.get().and_then(|known| known.as_ref());
        for known in [outside, learned].into_iter().flatten() {
            find::find_known(masker, &bytes, range.clone(), known, input, &mut findings)?;
        }
        let window = bytes.window(range, input)?;
        let mut masked = Vec::new();
        let is_masked = masker.rewrite(&window, &findings, 0, mask, &mut masked, &mut Tally::default());
        Ok((is_masked && masked != text).then_some(masked))
    }

    fn write(&mut self, archive: &Archive, joined: Joined, writer: &mut Writer) -> Result<()> {
        let Joined { mut block, text, first, count, is_changed } = joined;
        if count == 1 && !is_changed {
            let range = archive.block_range(first..first + 1);
            let range = range.ok_or_else(|| Error::new(Kind::Damaged, "an old archive ends early"))?;
            let mut member = vec![0; (range.end - range.start) as usize];
            let read = crate::platform::read_full_at(archive.file(), &mut member, range.start);
            read.map_err(|error| Error::new(Kind::Damaged, "cannot read an old archive").with_source(error))?;
            return writer.put_old(block, &member);
        }
        let Own { compressor, member, .. } = &mut self.own;
        member.clear();
        compressor.member(&text, member);
        block.compressed_bytes = member.len() as u32;
        writer.put_old(block, member)
    }
}
