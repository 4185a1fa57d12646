//! Masks a stream of unknown length part by part, in bounded memory, with exactly the bytes that masking it as a whole
//! gives. What is held back is [`super::cutter`]'s business.

use crate::mask::findings::Findings;
use crate::mask::masker::Masker;
use crate::mask::output::cutter::Cutter;
use crate::mask::scan::Scratch;
use crate::mask::tally::Tally;
use crate::mask::text::class::ByteClass;
use crate::mask::values::KnownValues;

/// Input is taken in steps of this many bytes, so that one huge push needs no more memory than many small ones.
pub(crate) const STEP_BYTES: usize = 1 << 20;

/// Masks a stream by rules and, if given, by known values.
///
/// Whole lines come out with the push that completes them, so that a filter in a pipe does not wait, with three
/// exceptions: from a line with the beginning of a private key (`-----BEGIN`, `Private-Lines: `) on, lines are held
/// until the key ends or 64 KiB have gone by; lines that may be the last ones of a key (`MIIE...` and nothing that it
/// begins with) are held until a line says what they are, 4 KiB of them at most; and from a record with a piece of a
/// message on, until 640 KiB have gone by, because what the next pieces say may make a secret of it.
pub struct StreamMasker<'a> {
    masker: &'a Masker,
    known: Option<&'a KnownValues>,
    cutter: Cutter,
    masked_until: u64,
    /// What the span that ends at `masked_until` goes on with, if the bytes at hand ended there.
    open: Option<ByteClass>,
    scratch: Scratch,
    findings: Findings,
    tally: Tally,
}

impl<'a> StreamMasker<'a> {
    pub fn new(masker: &'a Masker, known: Option<&'a KnownValues>) -> StreamMasker<'a> {
        StreamMasker {
            masker,
            known,
            cutter: Cutter::default(),
            masked_until: 0,
            open: None,
            scratch: Scratch::default(),
            findings: Findings::default(),
            tally: Tally::default(),
        }
    }

    /// Makes a masker of what follows the first `offset` bytes of a stream, which end with a line and were masked already:
    /// `before` are the last [`crate::mask::SHOWN`] bytes of them, or all; matches in them reach up to `masked_until`.
    pub fn resumed(
        masker: &'a Masker,
        known: Option<&'a KnownValues>,
        offset: u64,
        before: &[u8],
        masked_until: u64,
        tally: Tally,
    ) -> StreamMasker<'a> {
        let mut resumed = StreamMasker::new(masker, known);
        resumed.cutter = Cutter::resumed(offset, before);
        (resumed.masked_until, resumed.tally) = (masked_until, tally);
        resumed
    }

    /// Takes the next bytes of the stream and appends to `out` what is decided of its masked form.
    pub fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        for step in input.chunks(STEP_BYTES) {
            self.cutter.append(step);
            self.advance(false, out);
        }
    }

    /// Appends the rest and returns what was counted.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Tally {
        self.advance(true, out);
        self.tally
    }

    fn advance(&mut self, is_end: bool, out: &mut Vec<u8>) {
        while let Some(window) = self.cutter.window(is_end) {
            if let Some(open) = self.open {
                let from = (self.masked_until - window.offset) as usize;
                let extent = window.bytes[from..].iter().take_while(|&&byte| open.contains(byte)).count();
                self.masked_until += extent as u64;
                if from + extent < window.bytes.len() {
                    self.open = None;
                }
            }
            self.masker.scan(&window, &mut self.scratch, &mut self.findings);
            if let Some(known) = self.known {
                self.masker.find_known(&window, known, &mut self.findings);
            }
            let (findings, scratch, tally) = (&self.findings, &mut self.scratch, &mut self.tally);
            if !self.masker.rewrite(&window, findings, self.masked_until, scratch, out, tally) {
                out.extend_from_slice(&window.bytes[window.wanted.clone()]);
            }
            let until = findings.masked_until(self.masked_until);
            if until == window.offset + window.bytes.len() as u64 && until > self.masked_until {
                self.open = findings.open;
            }
            self.masked_until = until;
            let taken = window.wanted.end;
            self.cutter.take(taken);
        }
    }
}
