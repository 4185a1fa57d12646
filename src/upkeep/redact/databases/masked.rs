//! Databases of SQLite: the values of the tables that sessions are kept in are masked in one transaction, and then nothing of
//! what they held stays in the file, its free pages or its log.
//!
//! No trigger of the agent's fires, since a masked value is no news; what SQLite itself keeps beside the rows for searching is
//! made anew. Keys stay as they are. Bytes that are no text (protobuf, pictures) cannot be masked where they lie: those in
//! which something is to be masked are counted.

use rusqlite::config::DbConfig;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use super::search_index;
use super::search_index::quoted;
use crate::error::{Error, Kind};
use crate::mask::{KnownValues, mask_whole};
use crate::platform::opened::{self, Openness};
use crate::platform::{EntryKind, Stat, set_times};
use crate::recipe::{Schema, Table};
use crate::upkeep::redact::archived::Archived;
use crate::upkeep::redact::fate::Reason;
use crate::upkeep::redact::look;
use crate::upkeep::redact::masking::{Counts, Masking};
use crate::upkeep::redact::plan::{Target, beside};
use crate::upkeep::redact::replace;
use crate::upkeep::redact::retold::{self, THREAD};
use serde::de::IgnoredAny;

/// How long a lock is waited for: whoever has the database open for longer uses it.
const BUSY_WAIT: Duration = Duration::from_secs(2);

/// Packed values are unpacked up to so many bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Frames of zstd begin so (RFC 8878, 3.1.1).
const ZSTD_MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";

/// Members of gzip begin so (RFC 1952, 2.3.1).
const GZIP_MAGIC: &[u8] = b"\x1f\x8b\x08";

/// Masks the database of a target.
pub(crate) fn mask(
    masking: &Masking,
    kept: &Archived,
    target: &Target,
    schemas: &'static [Schema],
) -> Result<Counts, Reason> {
    let learn = || {
        let sources = look::sources(target).map_err(Reason::Failed)?;
        match sources.is_empty() || !sources.iter().all(|source| kept.has(source)) {
            true => Err(Reason::NotArchived),
            false => look::learned(masking, &sources).map_err(Reason::Failed),
        }
    };
    let wanted = wanted(schemas);
    let work = |connection: &Connection, by: &By<'_>| {
        let counts = mask_all(connection, by, &wanted)?;
        Ok((counts.lines > 0, counts))
    };
    in_one_step(masking, target.found.locator.path(), &learn, &work)
}

/// What is done in a transaction, by what values are masked by. Returns whether anything is other than it was, and what is
/// masked.
pub(super) type Step<'a> = &'a dyn Fn(&Connection, &By<'_>) -> rusqlite::Result<(bool, Counts)>;

/// Lets `work` change a database that nobody has open, in one transaction, and cleans it of what it held. `learn` is asked
/// before what is to be masked beside what rules find.
pub(super) fn in_one_step(
    masking: &Masking,
    path: &Path,
    learn: &dyn Fn() -> Result<Option<KnownValues>, Reason>,
    work: Step<'_>,
) -> Result<Counts, Reason> {
    let original = replace::open(path)?;
    let (path, metadata) = (original.path.clone(), original.file.metadata());
    let metadata = metadata.map_err(|error| Reason::cannot("cannot read", &path, error))?;
    is_free(&original.file, &metadata)?;
    // SQLite's locks are the process's own: closing another handle of the file would give them up.
    drop(original);
    let before = state(&path);
    let known = learn()?;
    let by = By { masking, known: known.as_ref(), is_counting: false, touched: None };
    let mut connection = open(&path).map_err(|error| failed(&path, error))?;
    let begin = connection.execute_batch("BEGIN EXCLUSIVE");
    begin.map_err(|error| failed(&path, error))?;
    if state(&path) != before {
        return Err(Reason::Changed);
    }
    let counts = match work(&connection, &by) {
        Ok((false, counts)) => {
            let _ = connection.execute_batch("ROLLBACK");
            return Ok(counts);
        }
        Ok((true, counts)) => counts,
        Err(error) => {
            let _ = connection.execute_batch("ROLLBACK");
            return Err(failed(&path, error));
        }
    };
    connection.execute_batch("COMMIT").map_err(|error| failed(&path, error))?;
    let cleaned = clean(&mut connection);
    drop(connection);
    if let Ok(file) = std::fs::File::options().write(true).open(&path) {
        let _ = set_times(&file, &metadata);
    }
    cleaned.map_err(|error| {
        Reason::Failed(
            Error::new(Kind::Source, "masked, but what it held may still be in free pages of")
                .with_path(&path)
                .with_source(error)
                .with_hint("end the agent and run `sqlite3 FILE VACUUM`"),
        )
    })?;
    Ok(counts)
}

/// Returns nothing if no other process has the file open.
fn is_free(file: &std::fs::File, metadata: &std::fs::Metadata) -> Result<(), Reason> {
    match opened::lease(file) {
        Openness::Free(_) => Ok(()),
        Openness::Held => Err(Reason::Open(opened::holder_of(metadata))),
        Openness::Unknown => opened::holder_of(metadata).map_or(Ok(()), |one| Err(Reason::Open(Some(one)))),
    }
}

/// Returns what the database and its log look like: nobody wrote to them as long as it is the same.
fn state(path: &Path) -> Vec<Option<(u64, i64)>> {
    let look = |path: &Path| std::fs::metadata(path).ok().map(|metadata| Stat::of(&metadata));
    let log = look(&beside(path, "-wal")).filter(|log| log.kind == EntryKind::File && log.bytes > 0);
    [look(path), log].iter().map(|stat| stat.map(|stat| (stat.bytes, stat.mtime_ns))).collect()
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
    // Before the first look at the file: whoever else has it open makes this fail. What is deleted is written over.
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;
         PRAGMA synchronous = FULL;",
    )?;
    Ok(connection)
}

/// Rewrites the file without what is free in it, and empties the log.
fn clean(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.execute_batch("VACUUM")?;
    // Rows without a number of their own may have others now.
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    search_index::rebuild(connection)?;
    connection.execute_batch("COMMIT")?;
    // Says nothing in a database without a log.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).map(drop)
}

/// Returns the names of the tables that sessions are kept in; `None` where that is all.
fn wanted(schemas: &'static [Schema]) -> Option<BTreeSet<&'static str>> {
    fn add(tables: &'static [Table], names: &mut BTreeSet<&'static str>) {
        for table in tables {
            names.insert(table.name);
            add(table.below, names);
        }
    }
    let mut names = BTreeSet::new();
    for schema in schemas {
        if schema.tables.is_empty() {
            return None;
        }
        add(schema.tables, &mut names);
    }
    Some(names)
}

/// What values are masked by.
pub(super) struct By<'a> {
    pub masking: &'a Masking,
    pub known: Option<&'a KnownValues>,
    /// Nothing is written.
    pub is_counting: bool,
    /// Takes the ids of the threads in whose rows something is masked.
    pub touched: Option<&'a RefCell<BTreeSet<String>>>,
}

/// Masks the tables that are `wanted`, all if there is no such list, and those that hold what sessions say once more.
pub(crate) fn mask_all(
    connection: &Connection,
    by: &By<'_>,
    wanted: &Option<BTreeSet<&'static str>>,
) -> rusqlite::Result<Counts> {
    let mut counts = Counts::default();
    let (tables, indexes) = search_index::tables(connection)?;
    for table in tables {
        let columns = columns(connection, &table)?;
        let is_wanted =
            wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|name| name.eq_ignore_ascii_case(&table)));
        if is_wanted {
            mask_table(connection, by, &table, &columns, &|_| true, &mut counts)?;
        } else if retold::is_copy(&table, columns.iter().map(|column| &*column.name)) {
            mask_table(connection, by, &table, &columns, &retold::is_said, &mut counts)?;
        }
    }
    for index in indexes.iter().filter(|index| index.has_own_text) {
        mask_table(connection, by, &index.name, &columns(connection, &index.name)?, &|_| true, &mut counts)?;
    }
    if counts.lines > 0 && !by.is_counting {
        search_index::rebuild(connection)?;
    }
    Ok(counts)
}

/// A column of a table.
pub(super) struct Column {
    pub name: String,
    /// Its place in the primary key, counted from 1; 0 where it is not in it.
    key: i64,
    /// It is not computed.
    is_stored: bool,
}

/// Returns the columns of a table.
pub(super) fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    let mut statement = connection.prepare("SELECT name, pk, hidden FROM pragma_table_xinfo(?1)")?;
    let column = |row: &rusqlite::Row<'_>| {
        Ok(Column { name: row.get(0)?, key: row.get(1)?, is_stored: row.get::<_, i64>(2)? == 0 })
    };
    statement.query_map([table], column)?.collect()
}

/// Masks the values of one table, row by row, in those columns that `is_said` names.
fn mask_table(
    connection: &Connection,
    by: &By<'_>,
    table: &str,
    columns: &[Column],
    is_said: &dyn Fn(&str) -> bool,
    counts: &mut Counts,
) -> rusqlite::Result<()> {
    let named = |is: &dyn Fn(&Column) -> bool| -> Vec<String> {
        let stored = columns.iter().filter(|column| column.is_stored && is(column));
        stored.map(|column| quoted(&column.name)).collect()
    };
    let values = named(&|column| column.key == 0 && is_said(&column.name));
    let keys = named(&|column| column.key > 0);
    if values.is_empty() {
        return Ok(());
    }
    let thread = columns.iter().find(|column| column.name == THREAD && column.is_stored);
    let table = quoted(table);
    let has_numbers = connection.prepare(&format!("SELECT rowid FROM {table}")).is_ok();
    let keys = if has_numbers { vec!["rowid".to_owned()] } else { keys };
    let mut statement = connection.prepare(&format!("SELECT {} FROM {table}", keys.join(", ")))?;
    let rows: Vec<Vec<Value>> = statement
        .query_map([], |row| (0..keys.len()).map(|index| row.get(index)).collect())?
        .collect::<rusqlite::Result<_>>()?;
    let place: Vec<String> =
        keys.iter().enumerate().map(|(index, key)| format!("{key} = ?{}", index + 1)).collect();
    let place = place.join(" AND ");
    let mut read = connection.prepare(&format!("SELECT {} FROM {table} WHERE {place}", values.join(", ")))?;
    for row in rows {
        let masked: Vec<(usize, Value)> = read.query_row(params_from_iter(&row), |found| {
            let mut masked = Vec::new();
            for index in 0..values.len() {
                if let Some(value) = by.masked(found.get_ref(index)?, counts) {
                    masked.push((index, value));
                }
            }
            Ok(masked)
        })?;
        if masked.is_empty() || by.is_counting {
            continue;
        }
        if let (Some(touched), Some(_)) = (by.touched, thread) {
            let query = format!("SELECT {THREAD} FROM {table} WHERE {place}");
            let id = connection.query_row(&query, params_from_iter(&row), |row| row.get(0))?;
            touched.borrow_mut().insert(id);
        }
        for (index, value) in masked {
            let update = format!("UPDATE {table} SET {} = ?{} WHERE {place}", values[index], row.len() + 1);
            let mut parameters = row.clone();
            parameters.push(value);
            match connection.prepare_cached(&update)?.execute(params_from_iter(parameters)) {
                Ok(_) => {}
                // Two that differ in what is masked alone, where no two may be the same.
                Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
                    counts.uncovered += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

impl By<'_> {
    /// Returns a value masked, of the kind that it was; `None` where nothing in it is masked.
    fn masked(&self, value: ValueRef<'_>, counts: &mut Counts) -> Option<Value> {
        match value {
            ValueRef::Text(text) => {
                let masked = self.text(text, counts)?;
                match String::from_utf8(masked) {
                    Ok(text) => Some(Value::Text(text)),
                    Err(_) => {
                        counts.uncovered += 1;
                        None
                    }
                }
            }
            ValueRef::Blob(bytes) => self.bytes(bytes, counts).map(Value::Blob),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
        }
    }

    fn bytes(&self, bytes: &[u8], counts: &mut Counts) -> Option<Vec<u8>> {
        if bytes.starts_with(ZSTD_MAGIC) {
            let mut text = Vec::new();
            let reader = zstd::stream::read::Decoder::new(bytes).ok()?;
            reader.take(MOST_BYTES).read_to_end(&mut text).ok()?;
            return zstd::encode_all(&self.text(&text, counts)?[..], 3).ok();
        }
        if bytes.starts_with(GZIP_MAGIC) {
            let mut text = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes).take(MOST_BYTES).read_to_end(&mut text).ok()?;
            let masked = self.text(&text, counts)?;
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            packer.write_all(&masked).ok()?;
            return packer.finish().ok();
        }
        if std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0) {
            return self.text(bytes, counts);
        }
        // Lengths stand in bytes like these: what is masked may not become longer or shorter.
        if self.text(bytes, &mut Counts::default()).is_some() {
            counts.uncovered += 1;
        }
        None
    }

    fn text(&self, text: &[u8], counts: &mut Counts) -> Option<Vec<u8>> {
        let Masking { masker, outside } = self.masking;
        let (masked, tally) = mask_whole(masker, self.known.into_iter().chain(outside), text);
        if masked == text {
            return None;
        }
        let is_json = |text: &[u8]| serde_json::from_slice::<IgnoredAny>(text).is_ok();
        if is_json(text) && !is_json(&masked) {
            counts.uncovered += 1;
            return None;
        }
        counts.lines += 1;
        counts.add_places(self.masking, &tally);
        Some(masked)
    }
}

fn failed(path: &Path, error: rusqlite::Error) -> Reason {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    match error.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => Reason::Open(None),
        _ => Reason::Failed(Error::new(Kind::Source, "cannot mask").with_path(path).with_source(error)),
    }
}
