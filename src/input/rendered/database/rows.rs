//! The lines of one session in a database: a line a row, and one for each piece of a value that is too long for it.

use rusqlite::types::{Value, ValueRef};

use super::open::Database;
use super::query::{Found, LongOne, Query};
use crate::error::Result;
use crate::input::rendered::long::{Piece, Pieces, Told, each_piece, is_json, split_long};
use crate::input::rendered::split::{Element, LONG_BYTES, Splitter, Take};
use crate::input::rendered::value::{
    json_of, piece_id, push_base64, push_piece, push_pieces_of, push_string, push_value,
};
use crate::locator::Rows;
use crate::recipe::Table;
use crate::row_numbers::KnownRows;

/// Hands each row of a session to `take` as a line.
///
/// # Errors
///
/// [`crate::error::Kind::Source`] when the database cannot be read, or was written to by somebody who asked for no lock; that
/// of `take`.
pub(crate) fn render(rows: &Rows, take: Take<'_>) -> Result<()> {
    let database = Database::open(&rows.path)?;
    let mut teller = Teller { database: &database, known: &rows.known, line: Vec::new(), take };
    let session = Value::Text(rows.session.clone());
    match rows.schema {
        Some(schema) if !schema.tables.is_empty() => {
            schema.tables.iter().try_for_each(|table| teller.table(table, &session))?;
            teller.others(schema.tables, &session)?;
        }
        _ => teller.everything()?,
    }
    database.check()
}

struct Teller<'a> {
    database: &'a Database,
    known: &'a KnownRows,
    line: Vec<u8>,
    take: Take<'a>,
}

/// What a row is called.
enum RowId<'a> {
    Value(ValueRef<'a>),
    /// It has no key, where others have one.
    Unnamed(i64),
}

impl Teller<'_> {
    /// Tells the rows of `table` that belong to `of`, each followed by those below it.
    fn table(&mut self, table: &Table, of: &Value) -> Result<()> {
        // What older and newer versions of an agent do not have is left out.
        let database = self.database;
        let Some(mut query) = Query::new(database, table.rows, self.known) else { return Ok(()) };
        let id = table.id.split(',').find_map(|id| query.names().iter().position(|name| name == id));
        let mut count = 0;
        query.each(Some(of), &mut |row| {
            let own = id.map(|id| row.value(id)).filter(|id| *id != ValueRef::Null);
            let named = match (own, id) {
                (Some(own), _) => RowId::Value(own),
                (None, Some(_)) => RowId::Unnamed(row.number().unwrap_or(count)),
                (None, None) => RowId::Value(ValueRef::Integer(count)),
            };
            match table.split {
                Some(split) => self.split_row(table.name, split, &named, row)?,
                None => self.row(table.name, &named, row, None)?,
            }
            count += 1;
            let Some(own) = own else { return Ok(()) };
            let own = Value::try_from(own).unwrap_or(Value::Null);
            table.below.iter().try_for_each(|below| self.table(below, &own))
        })
    }

    /// Tells a row; `instead` of the value in the column of this number, which is JSON.
    fn row(
        &mut self,
        table: &str,
        id: &RowId<'_>,
        row: &Found<'_>,
        instead: Option<(usize, &[u8])>,
    ) -> Result<()> {
        let mut in_pieces: Vec<(usize, LongOne)> = Vec::new();
        let line = &mut self.line;
        line.clear();
        push_beginning(table, id, line);
        for (index, name) in row.names().iter().enumerate() {
            let value = row.value(index);
            // Said already.
            if name == ROW_NUMBER || (name == "id" && matches!(id, RowId::Value(id) if value == *id)) {
                continue;
            }
            line.push(b',');
            push_string(
                match &**name {
                    "id" => "row_id",
                    "table" => "table_name",
                    name => name,
                },
                line,
            );
            line.push(b':');
            match instead {
                Some((column, json)) if column == index => line.extend_from_slice(json),
                _ => match row.long(index)? {
                    Some(long) => {
                        push_pieces_of(&id.within(name), long.bytes, line);
                        in_pieces.push((index, long));
                    }
                    None => push_value(value, line),
                },
            }
        }
        line.extend_from_slice(b"}\n");
        (self.take)(line)?;
        self.line.shrink_to(LONG_BYTES as usize);
        for (index, long) in in_pieces {
            let name = id.within(&row.names()[index]);
            let value = row.open(index, long);
            let mut piece = |piece: Piece<'_>| self.piece(table, &name, &piece);
            let mut pieces = Pieces::new(&mut piece);
            let told =
                value.read_from(0).and_then(|value| each_piece(value, &mut |bytes| pieces.push(bytes)));
            told.map_err(|error| row.cannot(error))??;
            pieces.finish()?;
        }
        Ok(())
    }

    /// Tells a piece of what is called `name`.
    fn piece(&mut self, table: &str, name: &str, piece: &Piece<'_>) -> Result<()> {
        self.element(table, &piece_id(name, piece.number), |line| push_piece(piece, line))
    }

    /// Tells an element of a list that a row holds.
    fn element(&mut self, table: &str, name: &str, push: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        let line = &mut self.line;
        line.clear();
        push_beginning(table, &RowId::text(name), line);
        line.extend_from_slice(b",\"data\":");
        push(line);
        line.extend_from_slice(b"}\n");
        (self.take)(line)
    }

    /// Tells a row, and behind it the elements of lists in one column of it.
    fn split_row(
        &mut self,
        table: &str,
        (column, lists): (&str, &[&str]),
        id: &RowId<'_>,
        row: &Found<'_>,
    ) -> Result<()> {
        let Some(column) = row.names().iter().position(|name| name == column) else {
            return self.row(table, id, row, None);
        };
        if let Some(long) = row.long(column)? {
            return self.split_long_row(table, (column, lists), id, row, long);
        }
        let Some(json) = json_of(row.value(column)) else { return self.row(table, id, row, None) };
        // Not longer than what is held, and so are its elements.
        let mut around = Vec::new();
        split(&json, lists, &mut |element, text| {
            if element.is_none() {
                around.extend_from_slice(text);
            }
            Ok(())
        })?;
        self.row(table, id, row, Some((column, &around)))?;
        split(&json, lists, &mut |element, text| match element {
            Some(element) => self.element(table, &id.within(element), |line| line.extend_from_slice(text)),
            None => Ok(()),
        })
    }

    /// The same, of JSON that is too long to be held.
    fn split_long_row(
        &mut self,
        table: &str,
        (column, lists): (usize, &[&str]),
        id: &RowId<'_>,
        row: &Found<'_>,
        long: LongOne,
    ) -> Result<()> {
        let json = row.open(column, long);
        if !is_json(&*json, true).map_err(|error| row.cannot(error))? {
            return self.row(table, id, row, None);
        }
        let around_name = || id.within(&format!("{}/around", row.names()[column]));
        let mut around = Vec::new();
        let found = split_long(&*json, lists, &mut |told| {
            match told {
                Told::Whole(None, text) => around.extend_from_slice(text),
                Told::InPieces(None, bytes) => push_pieces_of(&around_name(), bytes, &mut around),
                _ => {}
            }
            Ok(())
        });
        found.map_err(|error| row.cannot(error))??;
        self.row(table, id, row, Some((column, &around)))?;
        let told = split_long(&*json, lists, &mut |told| match told {
            Told::Whole(None, _) | Told::InPieces(None, _) => Ok(()),
            Told::Whole(Some(element), text) => {
                self.element(table, &id.within(element), |line| line.extend_from_slice(text))
            }
            Told::InPieces(Some(element), bytes) => {
                let name = id.within(element);
                self.element(table, &name, |line| push_pieces_of(&name, bytes, line))
            }
            Told::Piece(element, piece) => {
                let name = element.map_or_else(around_name, |element| id.within(element));
                self.piece(table, &name, &piece)
            }
        });
        told.map_err(|error| row.cannot(error))?
    }

    /// Tells the rows of a session in tables that the schema does not know: a newer version of the agent made them.
    fn others(&mut self, tables: &[Table], session: &Value) -> Result<()> {
        const TABLES: &str = "SELECT t.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c \
             WHERE t.schema = 'main' AND t.type = 'table' AND c.name = 'session_id' ORDER BY t.name";
        let names = self.database.connection.prepare_cached(TABLES).and_then(|mut statement| {
            statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<String>>>()
        });
        for name in names.map_err(|error| self.database.error(error))? {
            if is_known(tables, &name) {
                continue;
            }
            let rows = format!("SELECT * FROM \"{}\" WHERE session_id = ?1", name.replace('"', "\"\""));
            let Some(mut query) = Query::new(self.database, &rows, self.known) else { continue };
            let id = query.names().iter().position(|name| name == "id");
            let mut count = 0;
            query.each(Some(session), &mut |row| {
                let own = id.map(|id| row.value(id)).filter(|id| *id != ValueRef::Null);
                let named = match (own, id) {
                    (Some(own), _) => RowId::Value(own),
                    (None, Some(_)) => RowId::Unnamed(row.number().unwrap_or(count)),
                    (None, None) => RowId::Value(ValueRef::Integer(count)),
                };
                count += 1;
                self.row(&name, &named, row, None)
            })?;
        }
        Ok(())
    }

    /// Tells all tables, row by row.
    fn everything(&mut self) -> Result<()> {
        // Shadow tables of indices hold nothing that the indexed tables do not.
        const TABLES: &str = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        let connection = &self.database.connection;
        let names = connection.prepare(TABLES).and_then(|mut statement| {
            statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<String>>>()
        });
        for name in names.map_err(|error| self.database.error(error))? {
            let quoted = name.replace('"', "\"\"");
            let queries = [
                format!("SELECT * FROM \"{quoted}\" ORDER BY rowid"),
                format!("SELECT rowid AS {ROW_NUMBER}, * FROM \"{quoted}\" ORDER BY rowid"),
                // A table without rowids has no such column.
                format!("SELECT * FROM \"{quoted}\""),
            ];
            let mut fitting = queries.iter().enumerate().filter_map(|(index, query)| {
                let query = Query::new(self.database, query, self.known)?;
                (index > 0 || query.is_by_number()).then_some(query)
            });
            if let Some(mut query) = fitting.next() {
                drop(fitting);
                self.whole(&name, &mut query)?;
            } else {
                // Says why.
                let failed = connection.prepare(&queries[2]).err();
                failed.map_or(Ok(()), |error| Err(self.database.error(error)))?;
            }
        }
        Ok(())
    }

    fn whole(&mut self, name: &str, query: &mut Query<'_>) -> Result<()> {
        let is_numbered = query.names().first().is_some_and(|name| name == ROW_NUMBER);
        let mut count = 0;
        query.each(None, &mut |row| {
            let own = match row.number() {
                Some(number) => ValueRef::Integer(number),
                None if is_numbered => row.value(0),
                None => ValueRef::Integer(count),
            };
            count += 1;
            self.row(name, &RowId::Value(own), row, None)
        })
    }
}

impl<'a> RowId<'a> {
    fn text(text: &'a str) -> RowId<'a> {
        RowId::Value(ValueRef::Text(text.as_bytes()))
    }

    /// Returns the name of something that the row holds.
    fn within(&self, name: &str) -> String {
        match self {
            RowId::Value(ValueRef::Text(text)) => format!("{}/{name}", String::from_utf8_lossy(text)),
            RowId::Value(ValueRef::Integer(number)) => format!("{number}/{name}"),
            RowId::Value(_) => {
                let mut id = Vec::new();
                push_id(self, &mut id);
                format!("{}/{name}", String::from_utf8_lossy(&id))
            }
            RowId::Unnamed(number) => format!("row {number}/{name}"),
        }
    }
}

/// Hands the elements of lists in JSON that is held to `take`, and what stands around them.
fn split(
    json: &[u8],
    lists: &[&str],
    take: &mut impl FnMut(Option<&str>, &[u8]) -> Result<()>,
) -> Result<()> {
    let name_at = |_| None;
    let mut splitter = Splitter::new(lists, &name_at);
    let mut take = |id: Option<&str>, element: Element<'_>| match element {
        Element::Text(text) => take(id, text),
        Element::Long(_) | Element::LongAround(_) => unreachable!("no part of it is longer than all of it"),
    };
    splitter.push(json, &mut take)?;
    splitter.finish(&mut take)
}

/// Appends the beginning of a line: what it is about.
fn push_beginning(table: &str, id: &RowId<'_>, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"table\":");
    push_string(table, line);
    line.extend_from_slice(b",\"id\":");
    push_id(id, line);
}

/// Appends an id: whoever looks for the line of one reads a string, or up to the first comma or brace.
fn push_id(id: &RowId<'_>, line: &mut Vec<u8>) {
    match id {
        // Never taken for JSON.
        RowId::Value(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => push_string(text, line),
            Err(_) => push_base64(bytes, line),
        },
        RowId::Value(id) => push_value(*id, line),
        RowId::Unnamed(number) => push_string(&format!("row {number}"), line),
    }
}

/// Returns whether a schema tells of the table of this name.
fn is_known(tables: &[Table], name: &str) -> bool {
    tables.iter().any(|table| table.name == name || is_known(table.below, name))
}

/// What the number that SQLite gives a row is called in a query of ours.
const ROW_NUMBER: &str = "sessionkeep_row";
