//! What agents keep of sessions once more, in databases: lists of threads with what was asked first, turns that are searched,
//! where in a transcript each turn is. An archive has none of it, for the transcript says it all; but a secret in it would stay.
//!
//! Where Codex keeps turns and where they are in a transcript, those of a transcript that was masked are removed: lengths are
//! others now. Codex makes them anew from the transcript when it resumes the thread.

use rusqlite::{Connection, params_from_iter};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use super::masked::{By, columns, in_one_step, mask_all};
use super::search_index::{self, quoted};
use crate::error::Result;
use crate::input::rendered::Database;
use crate::mask::KnownValues;
use crate::upkeep::redact::fate::Reason;
use crate::upkeep::redact::learning::Learning;
use crate::upkeep::redact::masking::{Counts, Masking};
use crate::upkeep::redact::retold::{THREAD, is_copy, is_said};
use rusqlite::types::ValueRef;

/// The table by which the database is known in which Codex keeps where turns are.
const PROJECTION: &str = "thread_history_projection_state";

/// Counts what is to be masked in the database at `path`.
///
/// # Errors
///
/// When it cannot be read.
pub(crate) fn count(masking: &Masking, path: &Path) -> Result<Counts> {
    let known = learned(masking, path)?;
    let database = Database::open(path)?;
    let by = By { masking, known: known.as_ref(), is_counting: true, touched: None };
    let counts = mask_all(&database.connection, &by, &Some(BTreeSet::new()));
    let counts = counts.map_err(|error| database.error(error))?;
    database.check().map(|()| counts)
}

/// Threads of which transcripts were looked at.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    /// Ids of all that have one.
    pub all: BTreeSet<String>,
    /// Those in whose transcript something was masked.
    pub masked: BTreeSet<String>,
}

/// Masks the database at `path`.
pub(crate) fn mask(masking: &Masking, path: &Path, threads: &Threads) -> Result<Counts, Reason> {
    let learn = || learned(masking, path).map_err(Reason::Failed);
    let work = |connection: &Connection, by: &By<'_>| {
        let touched = RefCell::new(BTreeSet::new());
        let by = By { touched: Some(&touched), ..*by };
        let counts = mask_all(connection, &by, &Some(BTreeSet::new()))?;
        let mut forgotten = touched.into_inner();
        forgotten.retain(|thread| threads.all.contains(thread));
        forgotten.extend(threads.masked.iter().cloned());
        let is_forgotten = forget(connection, &forgotten)?;
        Ok((counts.lines > 0 || is_forgotten, counts))
    };
    in_one_step(masking, path, &learn, &work)
}

/// Removes what a database keeps of where the turns of threads are; returns whether there was any.
fn forget(connection: &Connection, threads: &BTreeSet<String>) -> rusqlite::Result<bool> {
    let (tables, _) = search_index::tables(connection)?;
    if !tables.iter().any(|table| table == PROJECTION) {
        return Ok(false);
    }
    let mut removed = 0;
    for table in tables {
        if columns(connection, &table)?.iter().any(|column| column.name == THREAD) {
            let table = quoted(&table);
            let mut delete = connection.prepare(&format!("DELETE FROM {table} WHERE {THREAD} = ?1"))?;
            for thread in threads {
                removed += delete.execute([thread])?;
            }
        }
    }
    Ok(removed > 0)
}

/// Returns the values that such a database gives away.
fn learned(masking: &Masking, path: &Path) -> Result<Option<KnownValues>> {
    let database = Database::open(path)?;
    let each = |take: &mut dyn FnMut(&[u8])| -> rusqlite::Result<()> {
        let connection = &database.connection;
        for table in search_index::tables(connection)?.0 {
            let columns = columns(connection, &table)?;
            let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
            if !is_copy(&table, names.iter().copied()) {
                continue;
            }
            let said: Vec<String> = names.into_iter().filter(|name| is_said(name)).map(quoted).collect();
            if said.is_empty() {
                continue;
            }
            let query = format!("SELECT {} FROM {}", said.join(", "), quoted(&table));
            let mut statement = connection.prepare(&query)?;
            let mut rows = statement.query(params_from_iter::<[i64; 0]>([]))?;
            while let Some(row) = rows.next()? {
                for index in 0..said.len() {
                    if let ValueRef::Text(text) = row.get_ref(index)? {
                        take(text);
                    }
                }
            }
        }
        Ok(())
    };
    let mut learning = Learning::default();
    let read = each(&mut |text| learning.take(masking, text));
    read.map_err(|error| database.error(error))?;
    let mut again = Ok(());
    let known = learning.known(masking, &mut |count| again = each(count));
    again.map_err(|error| database.error(error))?;
    Ok(known)
}
