//! Counts what is to be masked in a source, and learns what its session gives away. Nothing is written, nothing is kept.

use std::collections::HashMap;

use super::learning::Learning;
use super::masking::{Counts, Masking};
use super::plan::{Target, What};
use crate::agents::Found;
use crate::engine::plan::rendered;
use crate::error::Result;
use crate::input::{Links, Source};
use crate::locator::Locator;
use crate::mask::{KnownValues, StreamMasker, Tally, mask_whole};

/// Text of up to so many bytes is held, so that what it teaches is looked for in all of it. In a longer one the rules alone
/// count; what an archive's text masks more is masked in any case.
const HELD_BYTES: u64 = 64 << 20;

/// Bytes taken from a longer one at a time.
const STEP_BYTES: usize = 1 << 20;

/// Most bytes of unpacked text that are looked at.
const MOST_BYTES: u64 = 1 << 30;

/// Values that sessions of several files of text give away in any of them.
#[derive(Default)]
pub(super) struct Sessions(HashMap<(&'static str, String), Option<KnownValues>>);

impl Sessions {
    /// Learns from the files of those sessions. What cannot be read teaches nothing.
    pub(super) fn of(masking: &Masking, targets: &[&Target]) -> Sessions {
        let mut groups: HashMap<_, Vec<&Target>> = HashMap::new();
        for target in targets.iter().filter(|target| matches!(target.what, What::Text)) {
            if let Some(session) = session(target) {
                groups.entry(session).or_default().push(target);
            }
        }
        groups.retain(|_, targets| targets.len() > 1);
        let known = groups.into_iter().map(|(session, targets)| {
            let each = |take: &mut dyn FnMut(&[u8])| {
                let held = targets.iter().filter(|target| target.found.stamp.bytes() <= HELD_BYTES);
                for target in held {
                    let source = Source::open(&target.found.locator, Links::Follow);
                    if let Ok(text) = source.and_then(|source| text(&source)) {
                        take(&text);
                    }
                }
            };
            let mut learning = Learning::default();
            each(&mut |text| learning.take(masking, text));
            (session, learning.known(masking, &mut |count| each(count)))
        });
        Sessions(known.collect())
    }

    fn known(&self, target: &Target) -> Option<&Option<KnownValues>> {
        self.0.get(&session(target)?)
    }
}

fn session(target: &Target) -> Option<(&'static str, String)> {
    let guess = &target.found.guess;
    Some((guess.agent?, guess.session_id.clone()?))
}

/// Counts what would be masked in a target.
///
/// # Errors
///
/// When it cannot be read.
pub(super) fn count(masking: &Masking, sessions: &Sessions, target: &Target) -> Result<Counts> {
    let mut counts = Counts::default();
    for found in sources(target)? {
        let source = Source::open(&found.locator, Links::Follow)?;
        let tally = match (&target.what, source.len()) {
            (What::Text | What::RetoldText, Some(bytes)) if bytes > HELD_BYTES => stream(masking, &source)?,
            (What::Text | What::RetoldText, _) => whole(masking, sessions.known(target), &text(&source)?),
            _ => {
                let known = learned(masking, std::slice::from_ref(&found))?;
                let mut tally = Tally::default();
                source.each_decoded(MOST_BYTES, &mut |line| {
                    let known = known.iter().chain(&masking.outside);
                    tally.merge(&mask_whole(&masking.masker, known, line).1);
                })?;
                tally
            }
        };
        counts.add(&Counts::of(masking, &tally));
    }
    Ok(counts)
}

/// Returns the sources in a target: one, or the sessions of a database.
///
/// # Errors
///
/// When it cannot be listed.
pub(super) fn sources(target: &Target) -> Result<Vec<Found>> {
    match target.what {
        What::Text | What::RetoldText => Ok(vec![target.found.clone()]),
        _ => rendered::sources(target.found.clone()),
    }
}

fn text(source: &Source) -> Result<Vec<u8>> {
    match source.len() {
        None => source.decoded(MOST_BYTES as usize),
        Some(bytes) => {
            let mut text = vec![0; bytes as usize];
            let read = source.read_at(0, &mut text)?;
            text.truncate(read);
            Ok(text)
        }
    }
}

fn whole(masking: &Masking, known: Option<&Option<KnownValues>>, text: &[u8]) -> Tally {
    let own = known.is_none().then(|| {
        let mut learning = Learning::default();
        learning.take(masking, text);
        learning.known(masking, &mut |count| count(text))
    });
    let known = known.or(own.as_ref()).and_then(Option::as_ref);
    mask_whole(&masking.masker, known.into_iter().chain(&masking.outside), text).1
}

fn stream(masking: &Masking, source: &Source) -> Result<Tally> {
    let mut masker = StreamMasker::new(&masking.masker, masking.outside.as_ref());
    let (mut input, mut out, mut at) = (vec![0; STEP_BYTES], Vec::new(), 0);
    loop {
        let read = source.read_at(at, &mut input)?;
        if read == 0 {
            return Ok(masker.finish(&mut out));
        }
        masker.push(&input[..read], &mut out);
        out.clear();
        at += read as u64;
    }
}

/// Returns the values that sources give away which are told in lines, as an import of them learns.
///
/// # Errors
///
/// When one cannot be read.
pub(super) fn learned(masking: &Masking, sources: &[Found]) -> Result<Option<KnownValues>> {
    let mut learning = Learning::default();
    let each = |take: &mut dyn FnMut(&[u8])| -> Result<()> {
        for found in sources.iter().filter(|found| !matches!(found.locator, Locator::File(_))) {
            Source::open(&found.locator, Links::Follow)?.each_decoded(MOST_BYTES, &mut |line| take(line))?;
        }
        Ok(())
    };
    each(&mut |line| learning.take(masking, line))?;
    let mut again = Ok(());
    let known = learning.known(masking, &mut |count| again = each(count));
    again.map(|()| known)
}
