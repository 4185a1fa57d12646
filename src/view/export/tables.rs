//! Sessions as tables: a file of messages for each, in directories by agent and month, one row for each session, and
//! one for each rule that masked something in it.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::form::Form;
use super::names;
use crate::error::{Error, Kind, Result};
use crate::report::Reporter;
use crate::search::sessions::{Filter, MetadataReader, Session};
use crate::view::counts::gather::gather;
use crate::view::counts::tally::Tally;
use crate::view::html::{Figures, Source, Write};
use crate::view::ndjson::{messages, sessions};
use crate::view::opened;
use crate::view::site::Entry;

/// One line a message.
pub(crate) struct Ndjson<'a> {
    /// Root of the store.
    pub store: &'a Path,
    pub is_packed: bool,
}

/// Changes whenever the same session would come out otherwise.
const NDJSON_VERSION: u32 = 2;

/// Level of gzip: what is read once by a program and made again at will needs no more.
const LEVEL: u32 = 4;

impl Form for Ndjson<'_> {
    fn suffix(&self) -> &'static str {
        if self.is_packed { ".ndjson.gz" } else { ".ndjson" }
    }

    fn recipe(&self) -> String {
        format!("ndjson {NDJSON_VERSION} {} packed={}", env!("CARGO_PKG_VERSION"), self.is_packed)
    }

    fn path(&self, session: &Session<'_>, _: &Path) -> String {
        let agent = session.agent.as_deref().filter(|agent| !agent.is_empty()).unwrap_or("unknown");
        let began = session.started().map(|time| time.strftime("%Y-%m").to_string());
        let month = began.as_deref().unwrap_or("unknown");
        format!(
            "agent={}/month={month}/{}",
            names::safe(agent),
            names::file_name(&session.stored, self.suffix())
        )
    }

    fn render(&self, source: &Source<'_>, _: usize, write: &mut Write<'_>) -> Result<Figures> {
        let mut failure = None;
        let mut pieces = Pieces { write, failure: &mut failure };
        let written = if self.is_packed {
            let mut packed = GzEncoder::new(&mut pieces, Compression::new(LEVEL));
            let written = write_all(source, &mut packed);
            written.and_then(|count| packed.finish().map(|_| count).map_err(cannot))
        } else {
            let mut buffered = io::BufWriter::with_capacity(1 << 20, &mut pieces);
            let written = write_all(source, &mut buffered);
            written.and_then(|count| buffered.flush().map(|()| count).map_err(cannot))
        };
        match failure {
            Some(error) => Err(error),
            None => written.map(|messages| Figures { messages, ..Figures::default() }),
        }
    }

    fn list(&self, entries: &mut [Entry<'_>], reporter: &Reporter) -> Result<Vec<(&'static str, Vec<u8>)>> {
        let gathered = gather(self.store, &Filter::default(), reporter)?;
        let mut tallies: HashMap<(&str, &str), Vec<&Tally>> = HashMap::new();
        for counted in gathered.tallies.iter().filter(|counted| counted.is_newest) {
            let tally = &counted.tally;
            tallies.entry((&*tally.agent, &*tally.session)).or_default().push(tally);
        }
        tallies.values_mut().for_each(|tallies| tallies.sort_by_key(|tally| tally.is_part));
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        let (mut reader, mut rows, mut masked) = (MetadataReader::default(), Vec::new(), Vec::new());
        // Of several versions, the last holds all.
        let mut told: HashSet<(&str, &str)> = HashSet::new();
        for entry in entries.iter().rev() {
            let session = entry.session;
            let key = (session.agent.as_deref().unwrap_or_default(), &*session.session_id);
            if told.insert(key) {
                let none = Vec::new();
                let tallies = tallies.get(&key).unwrap_or(&none);
                let metadata = reader.read(&session.stored);
                sessions::write_row(&metadata, tallies, &mut rows);
                sessions::write_masked(&metadata, tallies, &mut masked);
            }
        }
        Ok(vec![("sessions.ndjson", rows), ("masked.ndjson", masked)])
    }
}

/// Writes the messages of the session and of its parts; returns how many there are. A part that cannot be opened is left out.
fn write_all(source: &Source<'_>, out: &mut dyn io::Write) -> Result<u64> {
    let mut count = 0;
    if let Some(opened) = source.opened {
        count += messages::write_transcript(opened, source.threads, out, cannot)?;
    }
    for part in source.parts {
        if let Ok(opened) = opened::open(&part.path) {
            count += messages::write_transcript(&opened, source.threads, out, cannot)?;
        }
    }
    Ok(count)
}

fn cannot(error: io::Error) -> Error {
    Error::new(Kind::Store, "cannot write the export").with_source(error)
}

/// A writer that hands its bytes on, and keeps why that failed.
struct Pieces<'a, 'w> {
    write: &'a mut Write<'w>,
    failure: &'a mut Option<Error>,
}

impl io::Write for Pieces<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match (self.write)(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                *self.failure = Some(error);
                Err(io::ErrorKind::Other.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
