//! Documents that an agent writes anew at each turn: JSON, and Markdown of chats. Their text is masked as it is, by rules and
//! by what their sessions give away; JSON stays JSON.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::archived::Archived;
use super::fate::Reason;
use super::look;
use super::masking::{Counts, Masking};
use super::plan::Target;
use super::replace::{self, Original};
use crate::error::{Error, Kind, Result};
use crate::mask::{KnownValues, mask_whole};
use crate::platform;
use serde::de::IgnoredAny;

/// Documents are held in memory while they are masked; a longer one is left alone.
const MOST_BYTES: u64 = 512 << 20;

/// Masks the files of one source.
pub(super) fn mask(
    masking: &Masking,
    kept: &Archived,
    target: &Target,
    files: &[PathBuf],
) -> Result<Counts, Reason> {
    let sources = look::sources(target).map_err(Reason::Failed)?;
    if sources.is_empty() || !sources.iter().all(|source| kept.has(source)) {
        return Err(Reason::NotArchived);
    }
    let known = look::learned(masking, &sources).map_err(Reason::Failed)?;
    // All are opened before it is looked once more whether they are what is archived: what changes later is seen then.
    let mut originals = Vec::with_capacity(files.len());
    for file in files {
        if file.exists() {
            originals.push(replace::open(file)?);
        }
    }
    let again = look::sources(target).map_err(Reason::Failed)?;
    if !again.iter().all(|source| kept.has(source)) {
        return Err(Reason::Changed);
    }
    let mut counts = Counts::default();
    for original in originals {
        counts.add(&mask_one(masking, known.as_ref(), original)?);
    }
    Ok(counts)
}

fn mask_one(masking: &Masking, known: Option<&KnownValues>, original: Original) -> Result<Counts, Reason> {
    let bytes = original.stat().bytes;
    if bytes > MOST_BYTES {
        return Err(Reason::Odd("a document of more than 512 MiB is not masked where it lies"));
    }
    let mut text = vec![0; bytes as usize];
    let read = platform::read_full_at(&original.file, &mut text, 0)
        .map_err(|error| Reason::cannot("cannot read", &original.path, error))?;
    text.truncate(read);
    let Some((masked, counts)) = masked(masking, known, &text, &original.path).map_err(Reason::Failed)?
    else {
        return Ok(Counts::default());
    };
    let cannot = |error| Error::new(Kind::Source, "cannot write masked text").with_source(error);
    original.replace(&mut |out: &mut dyn Write| out.write_all(&masked).map_err(cannot), None)?;
    Ok(counts)
}

/// Returns a document masked, and what is masked in it; `None` where that is nothing.
///
/// # Errors
///
/// Where JSON would be none any more.
pub(super) fn masked(
    masking: &Masking,
    known: Option<&KnownValues>,
    text: &[u8],
    path: &Path,
) -> Result<Option<(Vec<u8>, Counts)>> {
    let (masked, tally) = mask_whole(&masking.masker, known.into_iter().chain(&masking.outside), text);
    if masked == text {
        return Ok(None);
    }
    let is_json = |text: &[u8]| serde_json::from_slice::<IgnoredAny>(text).is_ok();
    if is_json(text) && !is_json(&masked) {
        return Err(Error::new(Kind::Internal, "masked, it would be no JSON any more: please report this:")
            .with_path(path));
    }
    Ok(Some((masked, Counts::of(masking, &tally))))
}
