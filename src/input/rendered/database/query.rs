//! A query for rows, made so that neither it nor a sort holds what stands in them: first it is asked for the numbers of the
//! rows alone, then for each row by its number, without the values that are too long. Those are read piece by piece, from
//! their places in the file.

use rusqlite::blob::Blob;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{CachedStatement, Connection, Row};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use super::numbers::{limited, session_rows};
use super::open::Database;
use crate::error::Result;
use crate::input::rendered::long::Long;
use crate::input::rendered::split::LONG_BYTES;
use crate::input::rendered::value::{Packed, packed_bytes};
use crate::row_numbers::{KnownRows, SessionRows};

/// A query that fits the database.
pub(crate) struct Query<'a> {
    database: &'a Database,
    names: Vec<String>,
    statement: CachedStatement<'a>,
    by_number: Option<ByNumber<'a>>,
    /// Where the rows of sessions are, if `statement` asks for that as well.
    sessions: Option<Arc<SessionRows>>,
}

/// How the rows that a query names are read: `statement` says how long the longest value is, and then all values, but null
/// in the place of one that is too long; `lengths` says how long each is.
struct ByNumber<'a> {
    table: String,
    statement: CachedStatement<'a>,
    lengths: String,
}

/// A row that was found.
pub(crate) struct Found<'a> {
    database: &'a Database,
    names: &'a [String],
    row: &'a Row<'a>,
    /// Its number and table, where the values stand behind another one.
    place: Option<(i64, &'a str)>,
    /// Bytes of each value, if one of them is too long.
    lengths: Vec<u64>,
}

/// How much there is of a value that is too long to be held.
#[derive(Clone, Copy)]
pub(crate) struct LongOne {
    pub bytes: u64,
    is_packed: bool,
}

impl<'a> Query<'a> {
    /// Returns the query; `None` if it does not fit what is in the database.
    pub(crate) fn new(database: &'a Database, query: &str, known: &KnownRows) -> Option<Query<'a>> {
        let connection = &database.connection;
        let statement = connection.prepare_cached(query).ok()?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let Some((numbers, table, by_number)) = by_number(connection, query, &names) else {
            return Some(Query { database, names, statement, by_number: None, sessions: None });
        };
        let in_list = session_rows(known, connection, table, &numbers).and_then(|sessions| {
            Some((connection.prepare_cached(&limited(&numbers, table)).ok()?, Some(sessions)))
        });
        let (statement, sessions) = match in_list {
            Some(in_list) => in_list,
            None => (connection.prepare_cached(&numbers).ok()?, None),
        };
        Some(Query { database, names, statement, by_number: Some(by_number), sessions })
    }

    /// Returns whether rows are read by their numbers.
    pub(crate) fn is_by_number(&self) -> bool {
        self.by_number.is_some()
    }

    /// Returns the columns' names.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Hands each row to `take`: of the session that `of` names, if the query asks for one.
    ///
    /// # Errors
    ///
    /// [`crate::error::Kind::Source`] when the database cannot be read; that of `take`.
    pub(crate) fn each(
        &mut self,
        of: Option<&Value>,
        take: &mut dyn FnMut(&Found<'_>) -> Result<()>,
    ) -> Result<()> {
        let Query { database, names, statement, by_number, sessions } = self;
        let failed = |error| database.error(error);
        let found = match (of.filter(|_| statement.parameter_count() > 0), sessions) {
            (Some(Value::Text(of)), Some(sessions)) => statement.query([of, &sessions.list(of)]),
            (Some(of), _) => statement.query([of]),
            (None, _) => statement.query([]),
        };
        let mut found = found.map_err(failed)?;
        while let Some(row) = found.next().map_err(failed)? {
            let Some(by_number) = by_number else {
                take(&Found { database, names, row, place: None, lengths: Vec::new() })?;
                continue;
            };
            let number: i64 = row.get(0).map_err(failed)?;
            let mut rows = by_number.statement.query([number]).map_err(failed)?;
            let Some(row) = rows.next().map_err(failed)? else { continue };
            let longest: i64 = row.get(0).unwrap_or(0);
            let lengths = match longest > LONG_BYTES as i64 {
                true => {
                    lengths(&database.connection, &by_number.lengths, number, names.len()).map_err(failed)?
                }
                false => Vec::new(),
            };
            take(&Found { database, names, row, place: Some((number, &by_number.table)), lengths })?;
        }
        Ok(())
    }
}

/// Returns the query for the numbers of the rows that `query` is for, which must ask for all columns of one table that has
/// numbers; and how its rows are read.
fn by_number<'a, 'q>(
    connection: &'a Connection,
    query: &'q str,
    names: &[String],
) -> Option<(String, &'q str, ByNumber<'a>)> {
    let (table, rest) = starred(query)?;
    if names.iter().any(|name| name.eq_ignore_ascii_case("rowid")) {
        return None;
    }
    let columns: Vec<String> =
        names.iter().map(|name| format!("{table}.\"{}\"", name.replace('"', "\"\""))).collect();
    let lengths: Vec<String> =
        columns.iter().map(|column| format!("ifnull(octet_length({column}), 0)")).collect();
    let values: Vec<String> = columns
        .iter()
        .map(|column| format!("CASE WHEN octet_length({column}) > {LONG_BYTES} THEN NULL ELSE {column} END"))
        .collect();
    let (values, lengths) = (values.join(","), lengths.join(","));
    let found = format!("FROM {table} WHERE {table}.rowid = ?1");
    let numbers = format!("SELECT {table}.rowid {rest}");
    connection.prepare_cached(&numbers).ok()?;
    let statement = connection.prepare_cached(&format!("SELECT max(0,{lengths}),{values} {found}")).ok()?;
    let name = match table.strip_prefix('"').and_then(|table| table.strip_suffix('"')) {
        Some(table) => table.replace("\"\"", "\""),
        None => table.to_owned(),
    };
    Some((numbers, table, ByNumber { table: name, statement, lengths: format!("SELECT {lengths} {found}") }))
}

/// Splits a query that asks for all columns of one table, and for nothing else, into the table's name and what comes from
/// `FROM` on.
fn starred(query: &str) -> Option<(&str, &str)> {
    let rest = query.strip_prefix("SELECT ")?;
    if let Some(from) = rest.strip_prefix("* ") {
        let named = from.strip_prefix("FROM ")?;
        let end = match named.strip_prefix('"') {
            Some(quoted) => end_of_quoted(quoted)? + 2,
            None => named.find(' ').unwrap_or(named.len()),
        };
        let after = named[end..].trim_start();
        // Of more tables than one, all have columns.
        let is_one = after.is_empty() || after.starts_with("WHERE ") || after.starts_with("ORDER ");
        return is_one.then_some((&named[..end], from));
    }
    let (table, from) = rest.split_once(".* ")?;
    let is_name = table.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && from.starts_with("FROM ")).then_some((table, from))
}

/// Returns where a quoted name ends, of which the first quote is left out.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text.get(at..)?.find('"')?;
        if !text[at + 1..].starts_with('"') {
            return Some(at);
        }
        at += 2;
    }
}

fn lengths(connection: &Connection, query: &str, number: i64, count: usize) -> rusqlite::Result<Vec<u64>> {
    let mut statement = connection.prepare_cached(query)?;
    statement.query_row([number], |row| {
        (0..count).map(|index| row.get::<_, i64>(index).map(|bytes| bytes as u64)).collect()
    })
}

impl Found<'_> {
    /// Returns the columns' names.
    pub(crate) fn names(&self) -> &[String] {
        self.names
    }

    /// Returns the number that the database gives the row, if it is known.
    pub(crate) fn number(&self) -> Option<i64> {
        self.place.map(|(number, _)| number)
    }

    /// Returns a value; null for one that is too long.
    pub(crate) fn value(&self, column: usize) -> ValueRef<'_> {
        self.row.get_ref(column + usize::from(self.place.is_some())).unwrap_or(ValueRef::Null)
    }

    /// Returns how much there is of a value that is too long; `None` for others.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn long(&self, column: usize) -> Result<Option<LongOne>> {
        let bytes = match (self.lengths.get(column), self.value(column)) {
            (Some(bytes), _) if *bytes > LONG_BYTES => *bytes,
            (_, ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => {
                // Nearly all values are short and not packed.
                if bytes.len() as u64 <= LONG_BYTES && !Packed::is_packed(bytes) {
                    return Ok(None);
                }
                bytes.len() as u64
            }
            _ => return Ok(None),
        };
        let raw = self.raw(column);
        if let Some(bytes) = packed_bytes(&*raw).map_err(|error| self.cannot(error))? {
            return Ok((bytes > LONG_BYTES).then_some(LongOne { bytes, is_packed: true }));
        }
        Ok((bytes > LONG_BYTES).then_some(LongOne { bytes, is_packed: false }))
    }

    /// Returns what a value that is too long says.
    pub(crate) fn open(&self, column: usize, long: LongOne) -> Box<dyn Long + '_> {
        let raw = self.raw(column);
        if long.is_packed { Box::new(Packed(raw)) } else { raw }
    }

    fn raw(&self, column: usize) -> Box<dyn Long + '_> {
        match (self.place, self.value(column)) {
            (_, ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => Box::new(bytes),
            (Some((number, table)), _) => Box::new(InFile {
                connection: &self.database.connection,
                table,
                column: &self.names[column],
                number,
            }),
            (None, _) => Box::new(&b""[..]),
        }
    }

    /// Returns the error for a value that cannot be read.
    pub(crate) fn cannot(&self, error: io::Error) -> crate::error::Error {
        let path = self.database.path();
        match error.downcast::<rusqlite::Error>() {
            Ok(error) => self.database.error(error),
            Err(error) => crate::error::Error::io(crate::error::Kind::Source, "cannot read", path, error),
        }
    }
}

/// A value where it stands in the database.
struct InFile<'a> {
    connection: &'a Connection,
    table: &'a str,
    column: &'a str,
    number: i64,
}

impl Long for InFile<'_> {
    fn read_from(&self, offset: u64) -> io::Result<Box<dyn Read + '_>> {
        let InFile { connection, table, column, number } = *self;
        let opened = connection.blob_open(c"main", table, column, number, true);
        let mut blob: Blob<'_> = opened.map_err(io::Error::other)?;
        blob.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(blob))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_for_all_columns_of_one_table_is_told_from_others() {
        for (query, expected) in [
            ("SELECT * FROM a", Some(("a", "FROM a"))),
            (
                "SELECT * FROM \"a \"\"b\" ORDER BY rowid",
                Some(("\"a \"\"b\"", "FROM \"a \"\"b\" ORDER BY rowid")),
            ),
            ("SELECT * FROM a WHERE b = ?1 ORDER BY c", Some(("a", "FROM a WHERE b = ?1 ORDER BY c"))),
            ("SELECT a.* FROM a JOIN b ON 1", Some(("a", "FROM a JOIN b ON 1"))),
            ("SELECT * FROM a JOIN b", None),
            ("SELECT * FROM (SELECT 1)", None),
            ("SELECT *, 1 FROM a", None),
            ("SELECT a.*, b.* FROM a", None),
            ("SELECT id FROM a", None),
        ] {
            assert_eq!(starred(query), expected, "{query}");
        }
    }
}
