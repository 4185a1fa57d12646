//! Writes what no agent takes back, the lines that a database or a document was told in, as files of JSON Lines.

use std::path::{Path, PathBuf};

use super::asked::{Outcome, Request, State};
use super::base::{self, Base};
use super::same::{Same, compare};
use super::text::Text;
use crate::archive::names::split_version;
use crate::archive::reader::Archive;
use crate::error::{Error, Kind, Result};
use crate::platform::process;
use crate::search::sessions::Stored;
use crate::view::session::Part;

/// What the names of the files end with.
const SUFFIX: &str = ".ndjson";

/// Writes a session's lines, and those of its parts, below `directory`.
pub(super) fn write(
    request: &Request<'_>,
    stored: &Stored,
    main: Option<&Archive>,
    parts: &[Part],
    directory: &Path,
    mut outcome: Outcome,
) -> Result<Outcome> {
    let parts_directory = format!("{}.parts", split_version(&stored.stem).0);
    let of_part = |part: &Part| Path::new(&parts_directory).join(format!("{}{SUFFIX}", part.id));
    let mut files: Vec<(PathBuf, Archive)> = Vec::new();
    for part in parts {
        files.push((of_part(part), part.open()?));
    }
    let mut base = Base::open(directory)?;
    let main = main.map(|archive| (PathBuf::from(format!("{}{SUFFIX}", stored.stem)), archive));
    let all = files.iter().map(|(path, archive)| (path, archive));
    let mut missing = Vec::new();
    for (path, archive) in all.chain(main.iter().map(|(path, archive)| (path, *archive))) {
        let text = Text { archive, is_document: false, renaming: None, marks: None };
        let whole = directory.join(path);
        match base.find(path)? {
            None => missing.push((path, text, whole)),
            Some(file) if compare(&file, &text, None, None)? == Same::AsArchived => outcome.known.push(whole),
            Some(_) => {
                let error = Error::new(Kind::Usage, "there is another file already:").with_path(&whole);
                return Err(error.with_hint("write below another directory with --to DIR"));
            }
        }
    }
    outcome.state = if missing.is_empty() { State::AlreadyThere } else { State::Lines };
    for (path, text, whole) in missing {
        if !request.is_dry_run {
            put(&mut base, path, &text, &mut outcome.bytes)?;
        }
        outcome.written.push(whole);
    }
    outcome.path = main.map_or(directory.join(&parts_directory), |(path, _)| directory.join(path));
    Ok(outcome)
}

/// Writes one file.
pub(super) fn put(base: &mut Base, path: &Path, text: &Text<'_>, bytes: &mut u64) -> Result<()> {
    written(base, path, text, bytes)?.publish()
}

/// Writes one file that has no name yet, and flushes it.
pub(super) fn written(
    base: &mut Base,
    path: &Path,
    text: &Text<'_>,
    bytes: &mut u64,
) -> Result<base::Unfinished> {
    let mut file = base.begin(path)?;
    text.for_each(&mut |piece| {
        if let Some(signal) = process::interrupted() {
            return Err(Error::new(Kind::Interrupted(signal), "stopped"));
        }
        *bytes += piece.len() as u64;
        file.append(piece)
    })?;
    file.flush()?;
    Ok(file)
}
