//! The second look at a block: mask it, compress it into a member, hand the member to the archive's writer.

use super::{find, scan};
use crate::archive::header::Block;
use crate::engine::Engine;
use crate::engine::session::access::Access;
use crate::engine::session::changes::{changed, changing};
use crate::engine::session::work::{Scanned, Session, Stop, Work};
use crate::engine::session::writer::Member;
use crate::engine::state::tickets::Ticket;
use crate::engine::state::workers::Worker;
use crate::engine::verdict::growth;
use crate::error::Result;
use crate::mask::{Findings, Tally};
use crate::platform::sync::lock;
use memchr::memrchr;

/// A cut-off token at the very end of a torn source is masked from this length on: what is left of a secret that
/// was cut is too short for its own rule, but eight characters are worth guessing from.
const TORN_TOKEN_BYTES: usize = 8;

/// What stands in place of the last token of a torn source.
const TORN_TOKEN_MASK: &[u8] = b"***MASKED***";

/// Masks and compresses block `index`, and writes it when all blocks before it are written.
pub(crate) fn compress_block(
    engine: &Engine,
    session: &Session,
    work: &Work,
    index: usize,
    worker: &mut Worker,
    ticket: Option<Ticket>,
) -> Result<(), Stop> {
    let mut scanned = take_scan(work, index);
    let range = scanned.range.clone();
    if let Some(old) = quiet_block(session, work, &scanned) {
        let tally = Tally::of_lines(u64::from(old.newlines));
        engine.reporter.advance(range.end - range.start);
        return Ok(put(work, index, Member { block: *old, tally, bytes: &[], ticket })?);
    }
    let mut tally = Tally::default();
    let mut findings = findings_of(engine, session, work, &mut scanned, worker)?;
    let Worker { input, masked, member, mask, compressor, reader, old_text, .. } = worker;
    let bytes = work.bytes();
    let window = bytes.window(range.clone(), input)?;
    let source_text = &window.bytes[window.wanted.clone()];
    masked.clear();
    let mut is_masked =
        engine.masker.rewrite(&window, &findings, scanned.masked_until, mask, masked, &mut tally);
    findings.clear();
    let is_last = range.end == work.covered;
    if is_last && work.is_tail_torn {
        if !is_masked {
            masked.extend_from_slice(source_text);
        }
        mask_torn_token(masked, &mut tally);
        is_masked = true;
    }
    let text = if is_masked { &masked[..] } else { source_text };
    let is_cut_off = is_last && text.last().is_some_and(|byte| *byte != b'\n');
    let newlines = tally.lines - u64::from(is_cut_off);
    member.clear();
    match work.kept.get().and_then(|kept| Some((&kept.old, kept.old.block(&range)?))) {
        Some((old, block)) => {
            if !growth::is_same(old, block, is_masked.then_some(text), reader, old_text) {
                return Err(Stop::Refused);
            }
        }
        None if engine.settings.is_dry_run || text.is_empty() => {}
        None => {
            compressor.member(text, member);
        }
    }
    let block = Block {
        compressed_bytes: member.len() as u32,
        masked_bytes: text.len() as u32,
        source_bytes: (range.end - range.start) as u32,
        newlines: newlines as u32,
        is_masked,
    };
    // What was made of bytes that changed under a map was scanned as something else: it must not be written.
    if matches!(work.access, Access::Mapped(_)) && changed(&work.source)? {
        return Err(changing(work.planned.found.locator.path()).into());
    }
    engine.reporter.advance(range.end - range.start);
    Ok(put(work, index, Member { block, tally, bytes: member, ticket })?)
}

pub(crate) fn put(work: &Work, index: usize, member: Member) -> Result<()> {
    let mut writer = lock(&work.writer);
    match writer.as_mut() {
        Some(writer) => writer.put(index, member),
        None => Ok(()),
    }
}

/// Returns the old block that stands for one that was not searched, where no known values are to be looked for.
fn quiet_block<'a>(session: &Session, work: &'a Work, scanned: &Scanned) -> Option<&'a Block> {
    let knows_none =
        session.outside.get().is_none_or(Option::is_none) && session.known.get().is_none_or(Option::is_none);
    let old = work.old.as_ref().filter(|_| scanned.is_quiet && knows_none)?;
    old.quiet_block(&scanned.range)
}

pub(crate) fn take_scan(work: &Work, index: usize) -> Scanned {
    let mut scanned = lock(&work.scanned[index]);
    scanned.take().unwrap_or_default()
}

/// Returns all matches of a block: by rules, as kept from the scan or found anew, and of known values.
pub(crate) fn findings_of(
    engine: &Engine,
    session: &Session,
    work: &Work,
    scanned: &mut Scanned,
    worker: &mut Worker,
) -> Result<Findings> {
    let bytes = work.bytes();
    let range = scanned.range.clone();
    let mut findings = match scanned.findings.take() {
        Some(findings) => {
            scan::release(&engine.kept_findings, &findings);
            findings
        }
        None => {
            let mut findings = std::mem::take(&mut worker.findings);
            findings.set_nothing_but(range.clone(), scanned.counts);
            if scanned.reach > 0 || !work.keeps_findings() {
                let Worker { input, mask, .. } = worker;
                find::find(&engine.masker, &bytes, range.clone(), input, mask, &mut findings, |_, _| {})?;
            }
            findings
        }
    };
    let outside = session.outside.get().and_then(|outside| outside.as_deref());
    let learned = session.known.get().and_then(|known| known.as_ref());
    for known in [outside, learned].into_iter().flatten() {
        let reached =
            find::find_known(&engine.masker, &bytes, range.clone(), known, &mut worker.input, &mut findings)?;
        scanned.masked_until = scanned.masked_until.max(reached);
    }
    Ok(findings)
}

/// Masks the last token of `text`, whose last line was cut off in the middle of a write.
fn mask_torn_token(text: &mut Vec<u8>, tally: &mut Tally) {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_+/=.~%@:!$&".contains(byte);
    let token = text.iter().rev().take_while(|byte| is_token(byte)).count();
    if token < TORN_TOKEN_BYTES {
        return;
    }
    text.truncate(text.len() - token);
    let line = memrchr(b'\n', text).map_or(0, |at| at + 1);
    if memchr::memmem::find(&text[line..], b"***").is_none() {
        tally.masked_lines += 1;
    }
    text.extend_from_slice(TORN_TOKEN_MASK);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn torn(text: &str) -> (String, u64) {
        let mut bytes = text.as_bytes().to_vec();
        let mut tally = Tally::default();
        mask_torn_token(&mut bytes, &mut tally);
        (String::from_utf8(bytes).unwrap(), tally.masked_lines)
    }

    #[test]
    fn the_last_token_of_a_torn_line_is_masked_when_it_is_long_enough_to_be_a_secret() {
        assert_eq!(
            torn("{\"a\":1}\n{\"key\":\"ghp_abcd12"),
            ("{\"a\":1}\n{\"key\":\"***MASKED***".into(), 1)
        );
        assert_eq!(torn("{\"a\":1}\n{\"key\":\"abc"), ("{\"a\":1}\n{\"key\":\"abc".into(), 0));
        assert_eq!(torn("{\"a\":1}\n"), ("{\"a\":1}\n".into(), 0));
    }
}
