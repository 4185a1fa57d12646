//! An archive that is open, and whose transcript it holds: as its header says, or, of other programs' files, as their first
//! records do.

use std::ops::ControlFlow;
use std::path::Path;

use super::json::Whose;
use crate::agents::{self, Agent, END_BYTES, guess_path, identify};
use crate::archive::names::split_version;
use crate::archive::reader::{Archive, BlockReader};
use crate::error::Result;
use crate::identity::FILES;

/// An open archive and whose it is.
pub(crate) struct Opened {
    pub archive: Archive,
    pub agent: Option<&'static dyn Agent>,
    pub whose: Whose,
}

/// Opens the archive at `path`.
///
/// # Errors
///
/// Those of [`Archive::open`].
pub(crate) fn open(path: &Path) -> Result<Opened> {
    let archive = Archive::open(path)?;
    let whose = match archive.header() {
        Some(header) => Whose {
            session: header.identity.session_id.clone(),
            agent: header.identity.agent.clone(),
            project: header.project_slug.clone(),
            part: header.identity.part_id.clone(),
        },
        None => told(&archive, path),
    };
    let agent = agents::agent(&whose.agent);
    Ok(Opened { archive, agent, whose })
}

/// Sees whose transcript it is from its beginning, and its project from the name that sessionkeep 0.4 gave it:
/// `DATE_TIME_PROJECT_ID`.
fn told(archive: &Archive, path: &Path) -> Whose {
    let mut head = Vec::new();
    // What cannot be read is told when it is read.
    let _ = archive.for_each_chunk(&mut BlockReader::new(), &mut |chunk| {
        head.extend_from_slice(&chunk[..chunk.len().min(END_BYTES)]);
        ControlFlow::Break(())
    });
    let inner = path.with_extension("");
    let identified = identify(&inner, &guess_path(&inner), &head);
    let stem = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default();
    let mut pieces = split_version(stem).0.splitn(3, '_').skip(2);
    let project = pieces.next().and_then(|rest| rest.rsplit_once('_')).map(|(project, _)| project.to_owned());
    let agent = if identified.agent == FILES { String::new() } else { identified.agent.to_owned() };
    Whose {
        session: identified.session_id,
        agent,
        project: project.unwrap_or_default(),
        part: identified.part_id,
    }
}
