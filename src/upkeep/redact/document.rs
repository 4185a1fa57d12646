//! Documents that an agent writes anew at each turn: JSON, and Markdown of chats. Their text is masked as it is, by rules and
//! by what their sessions give away; JSON stays JSON.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::archived::Archived;
use super::fate::Reason;
use super::learning::Learning;
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
        let text = text_of(&original)?;
        counts.add(&mask_one(masking, known.as_ref(), original, &text, None)?);
    }
    Ok(counts)
}

/// Masks a list, in JSON or lines of it, that says once more what sessions say.
pub(super) fn mask_retold(masking: &Masking, path: &Path) -> Result<Counts, Reason> {
    let original = replace::open(path)?;
    let text = text_of(&original)?;
    let mut learning = Learning::default();
    learning.take(masking, &text);
    let known = learning.known(masking, &mut |count| count(&text));
    let added = |bytes: &[u8]| masking.masked(bytes);
    let grows = path.extension().is_some_and(|ending| ending == "jsonl");
    let added = grows.then_some(&added as replace::MaskAdded<'_>);
    mask_one(masking, known.as_ref(), original, &text, added)
}

fn text_of(original: &Original) -> Result<Vec<u8>, Reason> {
    let bytes = original.stat().bytes;
    if bytes > MOST_BYTES {
        return Err(Reason::Odd("a document of more than 512 MiB is not masked where it lies"));
    }
    let mut text = vec![0; bytes as usize];
    let read = platform::read_full_at(&original.file, &mut text, 0)
        .map_err(|error| Reason::cannot("cannot read", &original.path, error))?;
    text.truncate(read);
    Ok(text)
}

/// Masks one file, which holds `text`. `added` masks what is added to it meanwhile, where it grows by lines.
fn mask_one(
    masking: &Masking,
    known: Option<&KnownValues>,
    original: Original,
    text: &[u8],
    added: Option<replace::MaskAdded<'_>>,
) -> Result<Counts, Reason> {
    let Some((masked, counts)) = masked(masking, known, text, &original.path).map_err(Reason::Failed)? else {
        return Ok(Counts::default());
    };
    let cannot = |error| Error::new(Kind::Source, "cannot write masked text").with_source(error);
    original.replace(&mut |out: &mut dyn Write| out.write_all(&masked).map_err(cannot), added)?;
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
