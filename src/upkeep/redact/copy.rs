//! Masked copies of single files. What is copied is read only.

use std::io::Write;
use std::path::Path;

use super::archived::Archived;
use super::fate::{Reason, Request};
use super::masking::Masking;
use super::plan::{self, Target, What};
use super::{document, look, replace, text};
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::input::{Links, Source};
use crate::report::Reporter;
use crate::view::session::Unarchived;
use std::time::Duration;

/// Documents are held in memory while they are masked.
const MOST_BYTES: u64 = 512 << 20;

/// Writes the file at `path`, masked and unpacked, to `out`: as it is masked when it is archived.
///
/// # Errors
///
/// When it cannot be read, or not be masked as it is: databases are not.
pub(crate) fn masked_to(path: &Path, config: &Config, out: &mut dyn Write) -> Result<()> {
    let request = Request { files: vec![path.to_path_buf()], agents: Vec::new(), min_age: Duration::ZERO };
    let targets = plan::targets(config, &request, &Reporter::silent())?;
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let target = targets.iter().find(|target| is_of(target, &absolute));
    let Some(target) = target else {
        // There is nothing in it.
        return Ok(());
    };
    match target.what {
        What::Text | What::RetoldText => of_text(target, config, out),
        What::Database(_) | What::Retold => {
            Err(Error::new(Kind::Source, "cannot make a masked copy of a database:")
                .with_path(path)
                .with_hint(
                    "`sessionkeep export` writes its sessions; `redact --in-place` masks it where it lies",
                ))
        }
        What::Documents(_) | What::Chat => of_document(target, &absolute, config, out),
    }
}

/// Writes the same to a new private file at `to`.
///
/// # Errors
///
/// As [`masked_to`], and when there is a file at `to` already.
pub(crate) fn masked_copy(path: &Path, config: &Config, to: &Path) -> Result<()> {
    if std::fs::symlink_metadata(to).is_ok() {
        return Err(Error::new(Kind::Store, "there is a file already:")
            .with_path(to)
            .with_hint("name another one, or remove it; to mask a transcript where it lies: --in-place"));
    }
    replace::write_new(to, &mut |out| masked_to(path, config, out))
}

fn is_of(target: &Target, path: &Path) -> bool {
    match &target.what {
        What::Documents(files) => files.iter().any(|file| file == path),
        _ => target.found.locator.path() == path,
    }
}

fn of_text(target: &Target, config: &Config, out: &mut dyn Write) -> Result<()> {
    let path = target.found.locator.path();
    let masked = Unarchived::read(path, config)?;
    let mut config = config.clone();
    config.store.path = masked.root().to_path_buf();
    let archive = Archived::open(&config)?.archive(&target.found);
    let archive = archive.ok_or_else(|| Error::new(Kind::Source, "cannot read").with_path(path))?;
    text::write(&archive, out)
}

fn of_document(target: &Target, path: &Path, config: &Config, out: &mut dyn Write) -> Result<()> {
    let masking = Masking::new(config)?;
    let known = look::learned(&masking, &look::sources(target)?)?;
    let source = Source::open(&path.into(), Links::Follow)?;
    let cannot = |error| Error::io(Kind::Source, "cannot read", path, error);
    let bytes = source.stat().bytes;
    if bytes > MOST_BYTES {
        return Err(Error::new(Kind::Source, "cannot mask a document of more than 512 MiB:").with_path(path));
    }
    let text = std::fs::read(path).map_err(cannot)?;
    let masked = document::masked(&masking, known.as_ref(), &text, path)?;
    let masked = masked.map_or(text, |(masked, _)| masked);
    out.write_all(&masked)
        .map_err(|error| Error::new(Kind::Store, "cannot write masked text").with_source(error))
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Error {
        match reason {
            Reason::Failed(error) => error,
            reason => Error::new(Kind::Source, reason.to_string()),
        }
    }
}
