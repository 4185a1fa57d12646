//! Room on the store's disk: what a run will write is said before it is much, and a run ends before the disk is full.
//!
//! A store of years may be larger than the disk has room for, and a disk that is full harms more than an archive. The
//! forecast is made only where the sources themselves have more bytes than matter, so that most runs ask for one number.

use super::{Plan, Planned};
use crate::archive::gzip::Compressor;
use crate::engine::Engine;
use crate::error::{Error, Kind, Result};
use crate::input::{Links, Source};
use crate::platform::{self, Space};
use crate::report::units;

/// A run that writes less than this part of the free space is not worth a word.
const WORTH_SAYING: u64 = 10;

/// What is left free at least, in bytes, or a fiftieth of a small disk: enough for whoever else writes to it to go on.
const RESERVE_BYTES: u64 = 64 << 20;

/// Pieces of the sources that the forecast compresses, evenly over all their bytes: a ratio within some percent, in less
/// than half a second.
const SAMPLES: u64 = 128;

/// Bytes of one such piece: twice what deflate looks back on.
const SAMPLE_BYTES: u64 = 64 << 10;

/// What a source of poorly compressible bytes grows by at most, headers, sidecar and catalog row included.
const SESSION_BYTES: u64 = 4 << 10;

/// Says what `plans` will write if that is much of the free space.
///
/// # Errors
///
/// [`Kind::NoSpace`] if there is not enough room for it; nothing was written.
pub(crate) fn forecast(engine: &Engine, plans: &[Plan]) -> Result<()> {
    let is_fresh =
        |planned: &&Planned| !planned.is_unchanged && !engine.history.is_unlikely_changed(&planned.found);
    let sources = || plans.iter().flat_map(|plan| &plan.sources).filter(is_fresh);
    let Some(space) = platform::space(&engine.history.root) else { return Ok(()) };
    let count = sources().count() as u64;
    let total: u64 = sources().map(|planned| planned.found.stamp.bytes()).sum();
    if count == 0 || total + count * SESSION_BYTES <= space.free_bytes / WORTH_SAYING {
        return Ok(());
    }
    let sources: Vec<&Planned> = sources().collect();
    let expected = (total as f64 * ratio(engine, &sources, total)?) as u64 + count * SESSION_BYTES;
    if expected <= space.free_bytes / WORTH_SAYING {
        return Ok(());
    }
    let (expected_shown, free_shown) = (units::size(expected), units::size(space.free_bytes));
    if !engine.settings.is_forced
        && !engine.settings.is_dry_run
        && expected > space.free_bytes.saturating_sub(reserve(&space))
    {
        let what =
            format!("not started: this would write about {expected_shown}, and {free_shown} are free in");
        return Err(Error::new(Kind::NoSpace, what).with_path(&engine.history.root).with_hint(
            "free some space, name another disk with --out, import one agent at a time, or start all the same with --force",
        ));
    }
    let tense = if engine.settings.is_dry_run { "would write" } else { "will write" };
    engine.reporter.say(format_args!(
        "{tense} about {expected_shown} ({} before compression), of {free_shown} that are free",
        units::size(total)
    ));
    Ok(())
}

/// Returns the error that ends a run before the disk is full, if it is time.
pub(crate) fn exhausted(engine: &Engine) -> Option<Error> {
    if engine.settings.is_forced || engine.settings.is_dry_run {
        return None;
    }
    let space = platform::space(&engine.history.root)?;
    (space.free_bytes < reserve(&space)).then(|| {
        let what = format!("stopped before the disk is full: {} are free in", units::size(space.free_bytes));
        Error::new(Kind::NoSpace, what)
            .with_path(&engine.history.root)
            .with_hint("free some space, or go on all the same with --force")
    })
}

fn reserve(space: &Space) -> u64 {
    RESERVE_BYTES.min(space.all_bytes / 50)
}

/// Returns archived bytes a source byte, from pieces spread evenly over `sources`, which have `total` bytes. What
/// cannot be read is not going to be archived either.
fn ratio(engine: &Engine, sources: &[&Planned], total: u64) -> Result<f64> {
    let mut compressor = Compressor::new(engine.level)?;
    let (mut piece, mut member) = (Vec::new(), Vec::new());
    let (mut read, mut written) = (0, 0);
    let (mut index, mut before) = (0, 0);
    for sample in 0..SAMPLES {
        let place = total / SAMPLES * sample;
        while index + 1 < sources.len() && before + sources[index].found.stamp.bytes() <= place {
            before += sources[index].found.stamp.bytes();
            index += 1;
        }
        let Ok(source) = Source::open(&sources[index].found.locator, Links::Follow) else { continue };
        if source.is_decoded() {
            // Its bytes are packed already, and get no smaller by it.
            read += SAMPLE_BYTES as usize;
            written += SAMPLE_BYTES as usize;
            continue;
        }
        piece.resize(SAMPLE_BYTES as usize, 0);
        let Ok(count) = source.read_at(place.saturating_sub(before), &mut piece) else { continue };
        member.clear();
        compressor.member(&piece[..count], &mut member);
        read += count;
        written += member.len();
    }
    Ok(if read == 0 { 1.0 } else { written as f64 / read as f64 })
}
