//! Puts the members of one archive into their order and into its staged file, whichever thread made them.

use crate::archive::header::{Block, Header, codec};
use crate::archive::store::Store;
use crate::archive::store::stage::Staged;
use crate::engine::state::tickets::Ticket;
use crate::error::Result;
use crate::mask::Tally;
use std::collections::BTreeMap;

/// One block that was worked on.
pub(crate) struct Member<'a> {
    pub block: Block,
    pub tally: Tally,
    /// Its compressed form; empty where the old archive's member is kept.
    pub bytes: &'a [u8],
    /// Kept until the member is written, so that members that wait count as work in flight.
    pub ticket: Option<Ticket>,
}

/// Where members go.
enum Target {
    /// Nowhere: a dry run.
    Nothing,
    /// Into memory, to be written at once with the first member: for few blocks.
    Held(Vec<u8>),
    /// Into a file, after room for the first member.
    File(Box<Staged>),
}

/// A member that came before its turn.
struct Early {
    block: Block,
    tally: Tally,
    bytes: Vec<u8>,
    _ticket: Option<Ticket>,
}

/// The members of one archive on their way into its file.
pub(crate) struct Writer {
    target: Target,
    /// Bytes left for the first member.
    first_bytes: u64,
    /// Where the next member goes.
    offset: u64,
    /// Index of the block whose turn it is.
    next: usize,
    /// Blocks before this one are in the file already, as members of the archive that this one grows from.
    fresh_from: usize,
    /// Members that came before their turn; as many as there are tickets, no more.
    early: BTreeMap<usize, Early>,
    pub blocks: Vec<Block>,
    pub tally: Tally,
}

impl Writer {
    /// Makes a writer that only counts.
    pub(crate) fn counting() -> Writer {
        Writer::to(Target::Nothing, 0)
    }

    /// Makes a writer for few blocks, which holds them in memory.
    pub(crate) fn held() -> Writer {
        Writer::to(Target::Held(Vec::new()), 0)
    }

    /// Makes a writer into a staged file, which leaves `first_bytes` bytes for the first member.
    pub(crate) fn staged(staged: Staged, first_bytes: u64) -> Writer {
        Writer::to(Target::File(Box::new(staged)), first_bytes)
    }

    fn to(target: Target, first_bytes: u64) -> Writer {
        Writer {
            target,
            first_bytes,
            offset: first_bytes,
            next: 0,
            fresh_from: 0,
            early: BTreeMap::new(),
            blocks: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Copies `range` of `old`, the members of `blocks`, to the front. Blocks before `fresh_from` are only counted.
    pub(crate) fn keep(
        &mut self,
        old: &std::fs::File,
        range: std::ops::Range<u64>,
        blocks: &[Block],
        fresh_from: usize,
    ) -> Result<()> {
        if let Target::File(staged) = &mut self.target {
            // A byte at the end of the first member's room, so that copies are appended after it.
            staged.write_at(self.first_bytes.saturating_sub(1), &[0])?;
            staged.copy_from(old, range.clone())?;
        }
        self.offset += range.end - range.start;
        self.blocks.extend_from_slice(blocks);
        self.fresh_from = fresh_from;
        Ok(())
    }

    /// Writes a member of an older archive in front of all others.
    pub(crate) fn put_old(&mut self, block: Block, bytes: &[u8]) -> Result<()> {
        self.append(block, bytes)
    }

    /// Writes a member, now or when its turn comes.
    pub(crate) fn put(&mut self, index: usize, member: Member) -> Result<()> {
        if index != self.next {
            let Member { block, tally, bytes, ticket } = member;
            self.early.insert(index, Early { block, tally, bytes: bytes.to_vec(), _ticket: ticket });
            return Ok(());
        }
        self.write(member.block, &member.tally, member.bytes)?;
        while let Some(early) = self.early.remove(&self.next) {
            self.write(early.block, &early.tally, &early.bytes)?;
        }
        Ok(())
    }

    fn write(&mut self, block: Block, tally: &Tally, bytes: &[u8]) -> Result<()> {
        let index = self.next;
        self.next += 1;
        self.tally.merge(tally);
        if block.source_bytes == 0 || index < self.fresh_from {
            return Ok(());
        }
        self.append(block, bytes)
    }

    fn append(&mut self, block: Block, bytes: &[u8]) -> Result<()> {
        match &mut self.target {
            Target::Nothing => {}
            Target::Held(held) => held.extend_from_slice(bytes),
            Target::File(staged) => staged.write_at(self.offset, bytes)?,
        }
        self.offset += bytes.len() as u64;
        self.blocks.push(block);
        Ok(())
    }

    /// Calls `each` with every member's block and bytes, in order, until it returns false.
    pub(crate) fn for_each_member(&self, mut each: impl FnMut(&Block, &[u8]) -> bool) -> Result<()> {
        let (mut offset, mut buffer) = (self.first_bytes, Vec::new());
        for block in &self.blocks {
            let length = block.compressed_bytes as usize;
            let bytes = match &self.target {
                Target::Nothing => return Ok(()),
                Target::Held(held) => &held[offset as usize..offset as usize + length],
                Target::File(staged) => {
                    buffer.resize(length, 0);
                    staged.read_at(&mut buffer, offset)?;
                    &buffer[..]
                }
            };
            if !each(block, bytes) {
                break;
            }
            offset += length as u64;
        }
        Ok(())
    }

    /// Returns the complete archive, if it is in memory: to be written when it is published.
    pub(crate) fn held_archive(&self, header: &Header) -> Result<Option<Vec<u8>>> {
        let Target::Held(held) = &self.target else { return Ok(None) };
        let mut bytes = codec::encode(header)?;
        bytes.extend_from_slice(held);
        Ok(Some(bytes))
    }

    /// Writes the first member and returns the complete file and its size in bytes; no file in a dry run.
    pub(crate) fn finish(
        self,
        store: Option<&Store>,
        directory: &str,
        header: &Header,
    ) -> Result<(Option<Staged>, u64)> {
        match (self.target, store) {
            (Target::Held(held), Some(store)) => {
                let mut bytes = codec::encode(header)?;
                bytes.extend_from_slice(&held);
                let mut staged = store.stage(directory)?;
                staged.append(&bytes)?;
                Ok((Some(staged), bytes.len() as u64))
            }
            (Target::File(mut staged), _) => {
                staged.write_at(0, &codec::encode_padded(header, self.first_bytes as usize)?)?;
                Ok((Some(*staged), self.offset))
            }
            (Target::Nothing | Target::Held(_), _) => Ok((None, self.offset)),
        }
    }
}
