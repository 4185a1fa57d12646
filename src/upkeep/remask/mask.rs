//! The second look at an archive: masks what was found, compares it with what was there, and makes the new archive. In: an
//! archive that was looked through, and what is known in its session. Out: a file without a name, or nothing where nothing is
//! new.

use super::lines;
use super::listed;
use super::scan::{Bench, Session, Work, Workshop};
use super::text::Text;
use super::told::{Teller, cut_secret};
use crate::archive::content_hash::HashKey;
use crate::archive::gzip::{self, Compressor};
use crate::archive::header::{Block, Header, MaskedState};
use crate::archive::names::Place;
use crate::archive::reader::{Archive, BlockReader};
use crate::archive::rewrite::rewrite;
use crate::archive::sidecar::Sidecar;
use crate::archive::store::Store;
use crate::archive::store::stage::Staged;
use crate::archive::tree::sidecar_of_archive;
use crate::engine::work::find;
use crate::error::{Error, Kind, Result};
use crate::mask::{SHOWN, Tally};
use crate::upkeep::verify::sidecars;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// Blocks that a thread masks in one go.
const BLOCKS_AT_ONCE: usize = 8;

/// What becomes of one archive.
pub(super) struct Ready {
    /// The new archive and its bytes; none where the file stays.
    pub staged: Option<(Staged, u64)>,
    /// The new sidecar; none where there is none, and none can be made.
    pub sidecar: Option<NewSidecar>,
    pub found: BTreeMap<String, u64>,
    /// Lines with their first mask.
    pub lines: u64,
    /// Bytes of the new archive, if there is one.
    pub bytes: Option<u64>,
    /// Only the sidecar is new.
    pub has_sidecar_alone: bool,
    /// More is masked than was, in its text or in what it says of itself.
    pub is_changed: bool,
}

/// A sidecar that is to be written.
pub(super) struct NewSidecar {
    pub name: String,
    pub bytes: Vec<u8>,
    /// As the catalog lists it: of a transcript's archive of ours.
    pub listed: Option<Sidecar>,
}

/// What masking made of an archive's text.
#[derive(Default)]
struct Masked {
    /// Blocks that are new, and their members; no bytes in a dry run.
    members: BTreeMap<usize, (Block, Vec<u8>)>,
    tally: Tally,
    lines: u64,
    /// Where in the title the beginning of a secret begins that ends it.
    cut_title: Option<usize>,
}

impl Workshop<'_> {
    /// Masks an archive again and makes the new one; `None` when it is another one by now.
    ///
    /// # Errors
    ///
    /// When something cannot be read or written, and [`Kind::Internal`] when more than masks would be new.
    pub(super) fn make(
        &self,
        store: Option<&Store>,
        session: &Session,
        work: &Work,
    ) -> Result<Option<Ready>> {
        let text = self.open(&work.head)?;
        if text.archive.stat() != work.stat {
            return Ok(None);
        }
        let named = |error: Error| match error.path() {
            Some(_) => error,
            None => error.with_path(self.root.join(&work.head.relative)),
        };
        let masked = self.mask(&text, session, work).map_err(named)?;
        let mut found = BTreeMap::new();
        for (rule, count) in &masked.tally.by_rule {
            *found.entry(self.masker.rule_id(*rule).to_owned()).or_insert(0) += count;
        }
        let (lines, is_changed) = (masked.lines, !masked.members.is_empty());
        let mut ready = Ready {
            staged: None,
            sidecar: None,
            found,
            lines,
            bytes: None,
            has_sidecar_alone: false,
            is_changed,
        };
        let known = session.known();
        let teller = Teller { masker: self.masker, known: &known };
        match &work.header {
            Some(header) => {
                self.make_ours(store, (session, &teller), (work, header), &text, masked, &mut ready)?;
            }
            None => self.make_plain(store, &teller, work, &text, masked, &mut ready)?,
        }
        ready.bytes = ready.staged.as_ref().map(|(_, bytes)| *bytes);
        ready.has_sidecar_alone = ready.staged.is_none() && ready.sidecar.is_some();
        Ok(Some(ready))
    }

    fn make_ours(
        &self,
        store: Option<&Store>,
        (session, teller): (&Session, &Teller),
        (work, old): (&Work, &Header),
        text: &Text,
        masked: Masked,
        ready: &mut Ready,
    ) -> Result<()> {
        let Masked { mut members, lines, cut_title, .. } = masked;
        let mut header = old.clone();
        teller.header(&mut header, cut_title);
        ready.is_changed |= header != *old;
        header.rules_version = self.masker.rules_version().to_owned();
        header.is_rule_set_incomplete = false;
        for (rule, count) in &ready.found {
            *header.masked_by_rule.entry(rule.clone()).or_insert(0) += count;
        }
        header.masked_lines = (header.masked_lines + lines).min(header.line_count);
        if !members.is_empty() {
            header.masked_lines = header.masked_lines.max(1);
        }
        for (index, (block, _)) in &members {
            header.blocks[*index] = *block;
        }
        if work.head.is_stale || !members.is_empty() {
            mark_beside(&mut header.blocks);
        }
        let (Some(store), true) = (store, header != *old || work.head.has_old_sidecar) else { return Ok(()) };
        let place = split(&work.head.relative);
        let mut bytes = work.stat.bytes;
        if header != *old {
            if let (false, Some(key)) = (members.is_empty(), &self.key) {
                add_state(&mut header, state_of(&text.archive, old, key)?);
            }
            let members =
                std::mem::take(&mut members).into_iter().map(|(at, (_, bytes))| (at, bytes)).collect();
            let staged = rewrite(store, place.0, &text.archive, &header, &members)?;
            bytes = staged.1;
            ready.staged = Some(staged);
        }
        if Place::of_path(&work.head.relative).is_some() {
            let sidecar = self.sidecar(session, &header, bytes, &work.head.relative);
            let listed = header.identity.part_id.is_none();
            ready.sidecar = Some(NewSidecar {
                name: sidecar_of_archive(place.1),
                bytes: sidecar.to_bytes(),
                listed: listed.then_some(sidecar),
            });
        }
        Ok(())
    }

    /// Returns the sidecar of an archive of ours. That of a transcript lists the parts that its last one did, as far as they
    /// are there; where it had none, those in its directory of parts.
    fn sidecar(&self, session: &Session, header: &Header, bytes: u64, relative: &str) -> Sidecar {
        let shown = self.masker.mask_name(&self.root.join(relative).to_string_lossy());
        let mut parts = Vec::new();
        if header.identity.part_id.is_none() {
            let directory = self.root.join(split(relative).0);
            parts = match listed::sidecar(self.root, relative) {
                Some(older) => older.parts,
                None => {
                    let beside = Place::of_path(relative).map(|place| place.parts_directory());
                    let all = session.works.iter().map(|work| work.head.relative.as_str());
                    let is_beside = |relative: &&str| Some(split(relative).0) == beside.as_deref();
                    sidecars::list_parts(self.root, all.filter(is_beside))
                }
            };
            parts.retain(|part| directory.join(&part.archive).is_file());
        }
        Sidecar::of_header(header, bytes, &shown, parts)
    }

    /// Makes another program's archive anew, in the form that it had: text in members, and what its sidecar says.
    fn make_plain(
        &self,
        store: Option<&Store>,
        teller: &Teller,
        work: &Work,
        text: &Text,
        masked: Masked,
        ready: &mut Ready,
    ) -> Result<()> {
        let place = split(&work.head.relative);
        let members = sidecar_members(self.root, &work.head.relative);
        let mut new = members.clone();
        let mut bytes = work.stat.bytes;
        if !masked.members.is_empty()
            && let Some(store) = store
        {
            let mut staged = store.stage(place.0)?;
            bytes = 0;
            self.with_bench(|bench| -> Result<()> {
                let reader = text.reader();
                for index in 0..text.blocks() {
                    let member = match masked.members.get(&index) {
                        Some((_, member)) => member,
                        None => {
                            bench.again.clear();
                            let compressor = compressor(&mut bench.compressor, self.level)?;
                            let block = reader.bytes();
                            let block = block.read(text.range(index), &mut bench.input)?;
                            compressor.member(block, &mut bench.again);
                            &bench.again
                        }
                    };
                    staged.append(member)?;
                    bytes += member.len() as u64;
                }
                Ok(())
            })?;
            ready.staged = Some((staged, bytes));
        }
        let Some(new) = &mut new else { return Ok(()) };
        teller.sidecar(new);
        ready.is_changed |= members.as_ref() != Some(new);
        let number = |name: &str| new.get(name).and_then(Value::as_u64).unwrap_or(0);
        let masked_lines = number("masked_lines") + ready.lines;
        new.insert("masked_lines".to_owned(), masked_lines.into());
        new.insert("archived_bytes".to_owned(), bytes.into());
        new.insert("rules_version".to_owned(), self.masker.rules_version().into());
        if members.as_ref() == Some(new) || store.is_none() {
            return Ok(());
        }
        let mut written = serde_json::to_vec_pretty(&new)
            .map_err(|error| Error::new(Kind::Internal, "cannot write JSON").with_source(error))?;
        written.push(b'\n');
        let name = sidecar_of_archive(place.1);
        ready.sidecar = Some(NewSidecar { name, bytes: written, listed: None });
        Ok(())
    }

    /// Masks those blocks in which there may be anything to mask.
    fn mask(&self, text: &Text, session: &Session, work: &Work) -> Result<Masked> {
        let is_any = |(index, scanned): (usize, &super::scan::Scanned)| {
            scanned.is_found || session.learned.is_some() || scanned.until > text.range(index).start
        };
        let wanted: Vec<usize> =
            work.scanned.iter().enumerate().filter(|one| is_any(*one)).map(|(index, _)| index).collect();
        let chunks: Vec<&[usize]> = wanted.chunks(BLOCKS_AT_ONCE).collect();
        let parts: Vec<Masked> = chunks
            .into_par_iter()
            .map(|blocks| self.with_bench(|bench| self.mask_blocks(text, session, work, blocks, bench)))
            .collect::<Result<_>>()?;
        let mut all = Masked::default();
        for part in parts {
            all.members.extend(part.members);
            for (rule, count) in part.tally.by_rule {
                *all.tally.by_rule.entry(rule).or_insert(0) += count;
            }
            all.lines += part.lines;
            all.cut_title = all.cut_title.into_iter().chain(part.cut_title).min();
        }
        Ok(all)
    }

    fn mask_blocks(
        &self,
        text: &Text,
        session: &Session,
        work: &Work,
        blocks: &[usize],
        bench: &mut Bench,
    ) -> Result<Masked> {
        let (reader, mut made) = (text.reader(), Masked::default());
        let bytes = reader.bytes();
        let title = work.header.as_ref().and_then(|header| header.title.as_deref());
        for &index in blocks {
            let (scanned, range) = (&work.scanned[index], text.range(index));
            let Bench { input, mask, findings, masked, .. } = &mut *bench;
            findings.set_nothing_but(range.clone(), scanned.counts);
            if scanned.is_found {
                find::find(self.masker, &bytes, range.clone(), input, mask, findings, |_, _| {})?;
            }
            let mut until = scanned.until;
            for known in session.known() {
                let to = find::find_known(self.masker, &bytes, range.clone(), known, input, findings)?;
                until = until.max(to);
            }
            let window = bytes.window(range.clone(), input)?;
            masked.clear();
            let mut tally = Tally::default();
            let is_masked = self.masker.rewrite(&window, findings, until, mask, masked, &mut tally);
            let old = &window.bytes[window.wanted.clone()];
            if !is_masked || old == &masked[..] {
                continue;
            }
            let is_touched = |line: Range<usize>| {
                let line = range.start + line.start as u64..range.start + line.end as u64;
                let next = findings.spans.partition_point(|span| span.end <= line.start);
                until > line.start || findings.spans.get(next).is_some_and(|span| span.start < line.end)
            };
            made.lines += lines::compare(old, masked, is_touched)?.newly_masked;
            for span in findings.spans.iter().filter(|_| title.is_some()) {
                let secret = &old[span.within(range.start, &(0..old.len()))];
                let cut = title.and_then(|title| cut_secret(title, secret));
                made.cut_title = made.cut_title.into_iter().chain(cut).min();
            }
            for (rule, count) in tally.by_rule {
                *made.tally.by_rule.entry(rule).or_insert(0) += count;
            }
            let before = text.archive.blocks().get(index).copied();
            let member = self.member(before, old.len(), bench)?;
            made.members.insert(index, member);
        }
        Ok(made)
    }

    /// Compresses what was masked, and reads it back. `before` is the block that it is to take the place of, whose text had
    /// `length` bytes.
    fn member(&self, before: Option<Block>, length: usize, bench: &mut Bench) -> Result<(Block, Vec<u8>)> {
        let Bench { masked, again, compressor: made, .. } = bench;
        let mut member = Vec::new();
        if !self.is_dry_run {
            compressor(made, self.level)?.member(masked, &mut member);
            again.clear();
            let mut decompressor = libdeflater::Decompressor::new();
            let read = gzip::inflate_member(&mut decompressor, &member, masked.len(), again);
            if read.is_err() || again != masked {
                return Err(Error::new(Kind::Internal, "what was compressed does not read as it was"));
            }
        }
        let block = Block {
            compressed_bytes: member.len() as u32,
            masked_bytes: masked.len() as u32,
            source_bytes: before.map_or(length as u32, |block| block.source_bytes),
            newlines: memchr::memchr_iter(b'\n', masked).count() as u32,
            is_masked: true,
        };
        match before {
            Some(before) if before.newlines != block.newlines => {
                Err(Error::new(Kind::Internal, "masking again changed the number of lines"))
            }
            _ => Ok((block, member)),
        }
    }
}

/// Returns what the text of an archive is known by once it is another one: its source may hold it, masked where it lies or
/// put back. `None` where nothing is masked in it: such a source is known by its own hash.
///
/// # Errors
///
/// When it cannot be read.
fn state_of(archive: &Archive, header: &Header, key: &HashKey) -> Result<Option<MaskedState>> {
    if header.masked_lines == 0 {
        return Ok(None);
    }
    let (mut reader, mut text) = (BlockReader::new(), Vec::new());
    let (mut hasher, mut bytes) = (blake3::Hasher::new_keyed(key.bytes()), 0);
    for index in 0..archive.blocks().len() {
        text.clear();
        archive.read_block(index, &mut reader, &mut text)?;
        hasher.update(&text);
        bytes += text.len() as u64;
    }
    Ok(Some(MaskedState { bytes, hash: *hasher.finalize().as_bytes() }))
}

/// Adds a masked text to those that an archive held before, each once.
fn add_state(header: &mut Header, state: Option<MaskedState>) {
    if let Some(state) = state {
        header.masked_states.retain(|older| *older != state);
        header.masked_states.push(state);
    }
}

/// Marks blocks beside those in which something is masked: what rules look at around them is not what it was in the source,
/// so that nobody knows that nothing is to be found in them there. When the session grows, they are searched again.
fn mark_beside(blocks: &mut [Block]) {
    let masked: Vec<usize> = (0..blocks.len()).filter(|index| blocks[*index].is_masked).collect();
    let mark = |beside: &mut dyn Iterator<Item = &mut Block>| {
        let mut shown = 0;
        for block in beside {
            if shown >= SHOWN {
                break;
            }
            block.is_masked = true;
            shown += block.masked_bytes as usize;
        }
    };
    for at in masked {
        mark(&mut blocks[at + 1..].iter_mut());
        mark(&mut blocks[..at].iter_mut().rev());
    }
}

fn compressor(made: &mut Option<Compressor>, level: u8) -> Result<&mut Compressor> {
    Ok(match made {
        Some(made) => made,
        None => made.insert(Compressor::new(level)?),
    })
}

/// Returns the directory and the name of a path relative to the store.
pub(super) fn split(relative: &str) -> (&str, &str) {
    relative.rsplit_once('/').unwrap_or(("", relative))
}

/// Returns the members of a sidecar as they stand in it; `None` where it is no JSON object.
fn sidecar_members(root: &std::path::Path, relative: &str) -> Option<serde_json::Map<String, Value>> {
    listed::sidecar(root, relative)?;
    let bytes = std::fs::read(root.join(sidecar_of_archive(relative))).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}
