//! Which sessions a file holds that holds many: a database, or a chat that goes on for ever.

use blake3::Hasher;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use rusqlite::types::{Value, ValueRef};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::marks::{Unfit, each_row};
use super::open::{Database, companion};
use crate::error::{Error, Kind, Result};
use crate::input::rendered::chat;
use crate::locator::{Document, Locator, Rows, Stamp};
use crate::recipe::{Schema, Shape};
use crate::row_numbers::KnownRows;

/// A file that holds sessions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holder {
    /// A database; the schemas of which it may have one.
    Database(&'static [Schema]),
    /// Markdown of a chat.
    Chat,
}

/// One session in such a file.
#[derive(Debug)]
pub(crate) struct Listed {
    pub id: String,
    /// The session that it is a part of.
    pub parent: Option<String>,
    pub locator: Locator,
    pub stamp: Stamp,
}

impl Holder {
    /// Returns the stamp of the file: when it is as it was, so are all sessions in it. What a database has not taken over
    /// from its log yet counts as well.
    ///
    /// # Errors
    ///
    /// When the file cannot be looked at.
    pub(crate) fn stamp(&self, path: &Path) -> std::io::Result<Stamp> {
        let stamp = Stamp::of(&std::fs::metadata(path)?);
        let Holder::Database(_) = self else { return Ok(stamp) };
        let log = std::fs::metadata(companion(path, "-wal")).ok().filter(|log| log.len() > 0);
        Ok(match log {
            Some(log) => Stamp::of_all(&[stamp, Stamp::of(&log)]),
            None => stamp,
        })
    }
}

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Listing {
    pub sessions: Vec<Listed>,
    /// What is to be said of it, since not all of it may be told.
    pub odd: Option<Error>,
}

/// Returns the sessions that the file at `path` holds.
///
/// # Errors
///
/// [`crate::error::Kind::Source`] when it cannot be read.
pub(crate) fn list(holder: Holder, path: &Path, stamp: Stamp) -> Result<Listing> {
    match holder {
        Holder::Database(schemas) => in_database(path, schemas, stamp),
        Holder::Chat => Ok(Listing { sessions: in_chat(path, stamp)?, odd: None }),
    }
}

fn in_chat(path: &Path, stamp: Stamp) -> Result<Vec<Listed>> {
    let sections = chat::sections(path)?;
    let last = sections.len().saturating_sub(1);
    let found = sections.into_iter().enumerate().map(|(index, section)| {
        let files = vec![(path.to_path_buf(), Shape::Chat)];
        let document = Document { path: path.to_path_buf(), files, section: Some(section.line) };
        // Nothing but the last one goes on.
        let modified_ns = if index == last { stamp.modified_ns } else { 0 };
        Listed {
            id: section.id,
            parent: None,
            locator: Locator::Document(Arc::new(document)),
            stamp: Stamp { bytes: section.bytes, modified_ns, changed_ns: 0, inode: section.mark },
        }
    });
    Ok(found.collect())
}

fn in_database(path: &Path, schemas: &'static [Schema], stamp: Stamp) -> Result<Listing> {
    let database = Database::open(path)?;
    let known: Arc<KnownRows> = Arc::default();
    let locator = |schema, session: &str| {
        let (path, session) = (PathBuf::from(path), session.to_owned());
        Locator::Rows(Arc::new(Rows { path, schema, session, known: Arc::clone(&known) }))
    };
    for schema in schemas {
        let Some((listed, damage)) = seen_in(&database, schema)? else { continue };
        let found = listed.into_iter().map(|(id, row)| Listed {
            locator: locator(Some(schema), &id),
            // Of all of a file, the file's tells more.
            stamp: if id.is_empty() { stamp } else { row.stamp(stamp.modified_ns) },
            parent: row.parent,
            id,
        });
        let odd = damage.map(|error| database.error(error)).or_else(|| half(&database, schema));
        return Ok(Listing { sessions: found.collect(), odd });
    }
    // Nobody knows how sessions lie in it. It is kept as a whole, and what changes in it is seen.
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let odd = Error::new(Kind::Source, "cannot tell sessions apart in")
        .with_path(path)
        .with_source("its tables are none that are known")
        .with_hint("It is archived as a whole, table by table; a newer sessionkeep may know it.");
    Ok(Listing {
        sessions: vec![Listed { id, parent: None, locator: locator(None, ""), stamp }],
        odd: Some(odd),
    })
}

/// Says which table is missing of those that come together.
fn half(database: &Database, schema: &Schema) -> Option<Error> {
    let is_there = |name: &&str| {
        const QUERY: &str = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1";
        database.connection.query_row(QUERY, [name], |_| Ok(())).is_ok()
    };
    let halves = schema.together.iter().filter(|tables| tables.first().is_some_and(is_there));
    let missing = halves.flat_map(|tables| tables.iter()).find(|name| !is_there(name))?;
    Some(
        Error::new(Kind::Source, "cannot read all of")
            .with_path(database.path())
            .with_source(format!(
                "it has no table \"{missing}\": its agent has not finished changing it, or is a newer one"
            ))
            .with_hint("What is there is archived; the rest will be when it can be read."),
    )
}

/// Sessions by their ids, and what kept more of them from being seen.
type SeenSessions = (Vec<(String, Seen)>, Option<rusqlite::Error>);

/// What is known of a session without reading it.
struct Seen {
    parent: Option<String>,
    modified_ns: i64,
    /// Of all that its rows say.
    hasher: Hasher,
}

impl Seen {
    /// Returns the stamp of a session in a file that was written to at `modified_ns`.
    fn stamp(&self, modified_ns: i64) -> Stamp {
        // Where no row says when it changed, it was not after the file did.
        let modified_ns = if self.modified_ns == 0 { modified_ns } else { self.modified_ns };
        // How much there is to read nobody knows without reading it.
        Stamp { bytes: 1, modified_ns, changed_ns: 0, inode: Stamp::mark(&self.hasher) }
    }
}

/// Returns the sessions of a database, by their ids, in the order in which it lists them; `None` if it has no table of
/// the schema.
fn seen_in(database: &Database, schema: &Schema) -> Result<Option<SeenSessions>> {
    let mut listed: Vec<(String, Seen)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let (mut is_known, mut damage) = (false, None);
    let queries = schema
        .sessions
        .iter()
        .map(|query| (query, true))
        .chain(schema.marks.iter().map(|query| (query, false)));
    for (query, is_session) in queries {
        let found = each_row(&database.connection, query, &mut |values| {
            let column = |index: usize| values.get(index).copied().unwrap_or(ValueRef::Null);
            let Some(id) = text(column(0)) else { return };
            let place = match places.get(&id) {
                Some(place) => *place,
                None if !is_session => return,
                None => {
                    let new = Seen { parent: None, modified_ns: 0, hasher: Hasher::new() };
                    listed.push((id.clone(), new));
                    places.insert(id, listed.len() - 1);
                    listed.len() - 1
                }
            };
            let session = &mut listed[place].1;
            let (first, parent) = if is_session { (2, text(column(1))) } else { (1, None) };
            session.parent = session.parent.take().or(parent.filter(|parent| !parent.is_empty()));
            session.modified_ns = session.modified_ns.max(nanoseconds(column(first)));
            for value in values.iter().skip(first) {
                hash(*value, &mut session.hasher);
            }
        });
        match found {
            // Its tables are not there; but a database that cannot be read at all says so here, too.
            Err(Unfit::Query) => {
                probe(database)?;
                continue;
            }
            // Sessions that can be read are, and of the others it is said when they are.
            Err(Unfit::Failed(error)) if is_damage(&error) => damage = Some(error),
            Err(Unfit::Failed(error)) => return Err(database.error(error)),
            Ok(()) => {}
        }
        is_known |= is_session;
    }
    database.check()?;
    Ok(is_known.then_some((listed, damage)))
}

fn is_damage(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt)
}

/// Returns the error of a database of which nothing can be read.
fn probe(database: &Database) -> Result<()> {
    let count = database.connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()));
    count.map_err(|error| database.error(error))
}

fn hash(value: ValueRef<'_>, hasher: &mut Hasher) {
    // What kind of value it is, too: 1 and "1" are two.
    hasher.update(format!("{:?}", value.data_type()).as_bytes());
    match Value::try_from(value) {
        Ok(Value::Integer(number)) => hasher.update(&number.to_le_bytes()),
        Ok(Value::Real(number)) => hasher.update(&number.to_le_bytes()),
        Ok(Value::Text(text)) => hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes()),
        Ok(Value::Blob(bytes)) => hasher.update(&(bytes.len() as u64).to_le_bytes()).update(&bytes),
        Ok(Value::Null) | Err(_) => hasher.update(b"\0"),
    };
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Text(text) | ValueRef::Blob(text) => std::str::from_utf8(text).ok().map(str::to_owned),
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(_) | ValueRef::Null => None,
    }
}

/// Returns a time in nanoseconds since 1970, UTC, of a number whose size tells its unit, or of text; 0 for what is none.
fn nanoseconds(value: ValueRef<'_>) -> i64 {
    const SECONDS: f64 = 1e11;
    const MILLISECONDS: f64 = 1e14;
    const MICROSECONDS: f64 = 1e17;
    let of_number = |number: f64| match number.abs() {
        size if size < SECONDS => number * 1e9,
        size if size < MILLISECONDS => number * 1e6,
        size if size < MICROSECONDS => number * 1e3,
        _ => number,
    };
    match value {
        ValueRef::Integer(number) => of_number(number as f64) as i64,
        ValueRef::Real(number) => of_number(number) as i64,
        ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(of_text).unwrap_or(0),
        ValueRef::Blob(_) | ValueRef::Null => 0,
    }
}

/// SQLite's `CURRENT_TIMESTAMP` is UTC and says so nowhere.
fn of_text(text: &str) -> Option<i64> {
    let timestamp = text.parse::<Timestamp>().ok().or_else(|| {
        let zoned: Option<Zoned> = text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
        zoned.map(|zoned| zoned.timestamp())
    })?;
    i64::try_from(timestamp.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_the_size_of_their_numbers() {
        let expected = 1_788_000_000_000_000_000;
        for value in [
            ValueRef::Integer(1_788_000_000),
            ValueRef::Integer(1_788_000_000_000),
            ValueRef::Integer(1_788_000_000_000_000),
            ValueRef::Real(1_788_000_000.0),
            ValueRef::Text(b"2026-08-29T10:40:00Z"),
            ValueRef::Text(b"2026-08-29 10:40:00"),
        ] {
            assert_eq!(nanoseconds(value), expected, "{value:?}");
        }
        assert_eq!(nanoseconds(ValueRef::Text(b"yesterday")), 0);
        assert_eq!(nanoseconds(ValueRef::Null), 0);
    }
}
