//! The lines of one session in a database: a line a row.

use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql};

use super::database::Database;
use super::split::split;
use super::value::{json_of, push_string, push_value};
use crate::error::Result;
use crate::locator::Rows;
use crate::recipe::Table;

/// Hands each row of a session to `take` as a line.
///
/// # Errors
///
/// [`crate::error::Kind::Source`] when the database cannot be read, or was written to by somebody who asked for no lock.
pub(crate) fn render(rows: &Rows, take: &mut dyn FnMut(&[u8])) -> Result<()> {
    let database = Database::open(&rows.path)?;
    let mut teller = Teller { database: &database, line: Vec::new(), take };
    match rows.schema {
        Some(schema) if !schema.tables.is_empty() => {
            schema.tables.iter().try_for_each(|table| teller.table(table, &rows.session))?;
            teller.others(schema.tables, &rows.session)?;
        }
        _ => teller.everything()?,
    }
    database.check()
}

struct Teller<'a> {
    database: &'a Database,
    line: Vec<u8>,
    take: &'a mut dyn FnMut(&[u8]),
}

impl Teller<'_> {
    /// Tells the rows of `table` that belong to `of`, each followed by those below it.
    fn table(&mut self, table: &Table, of: &dyn ToSql) -> Result<()> {
        // What older and newer versions of an agent do not have is left out.
        let Ok(mut statement) = self.database.connection.prepare_cached(table.rows) else { return Ok(()) };
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let id = table.id.split(',').find_map(|id| names.iter().position(|name| name == id));
        let is_of_session = statement.parameter_count() > 0;
        let rows = if is_of_session { statement.query([of]) } else { statement.query([]) };
        let mut rows = rows.map_err(|error| self.database.error(error))?;
        let mut number = 0;
        while let Some(row) = rows.next().map_err(|error| self.database.error(error))? {
            let id =
                id.map(|id| row.get_ref(id).unwrap_or(ValueRef::Null)).filter(|id| *id != ValueRef::Null);
            let id_value = id.unwrap_or(ValueRef::Integer(number));
            match table.split {
                Some(split) => self.split_row(table.name, split, &names, id_value, row),
                None => self.row(table.name, &names, id_value, row, None),
            }
            number += 1;
            if let Some(id) = id {
                let id = rusqlite::types::Value::try_from(id).unwrap_or(rusqlite::types::Value::Null);
                table.below.iter().try_for_each(|below| self.table(below, &id))?;
            }
        }
        Ok(())
    }

    /// Tells a row; `instead` of the value in the column of this number, which is JSON.
    fn row(
        &mut self,
        table: &str,
        names: &[String],
        id: ValueRef<'_>,
        row: &Row<'_>,
        instead: Option<(usize, &[u8])>,
    ) {
        let line = &mut self.line;
        line.clear();
        push_beginning(table, id, line);
        for (index, name) in names.iter().enumerate() {
            let value = row.get_ref(index).unwrap_or(ValueRef::Null);
            // Said already.
            if name == ROW_NUMBER || (name == "id" && value == id) {
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
                _ => push_value(value, line),
            }
        }
        line.extend_from_slice(b"}\n");
        (self.take)(line);
    }

    /// Tells a row, and behind it the elements of lists in one column of it.
    fn split_row(
        &mut self,
        table: &str,
        (column, lists): (&str, &[&str]),
        names: &[String],
        id: ValueRef<'_>,
        row: &Row<'_>,
    ) {
        let column = names.iter().position(|name| name == column);
        let json = column.and_then(|column| json_of(row.get_ref(column).unwrap_or(ValueRef::Null)));
        let (Some(column), Some(json)) = (column, json) else { return self.row(table, names, id, row, None) };
        let mut around = Vec::new();
        split(&json, lists, &mut |element, text| {
            if element.is_none() {
                around.extend_from_slice(text);
            }
        });
        self.row(table, names, id, row, Some((column, &around)));
        let (line, take) = (&mut self.line, &mut *self.take);
        let row_id = match id {
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            _ => String::new(),
        };
        split(&json, lists, &mut |element, text| {
            let Some(element) = element else { return };
            line.clear();
            push_beginning(table, ValueRef::Text(format!("{row_id}/{element}").as_bytes()), line);
            line.extend_from_slice(b",\"data\":");
            line.extend_from_slice(text);
            line.extend_from_slice(b"}\n");
            take(line);
        });
    }

    /// Tells the rows of a session in tables that the schema does not know: a newer version of the agent made them.
    fn others(&mut self, known: &[Table], session: &str) -> Result<()> {
        const TABLES: &str = "SELECT t.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c \
             WHERE t.schema = 'main' AND t.type = 'table' AND c.name = 'session_id' ORDER BY t.name";
        let names = self.database.connection.prepare_cached(TABLES).and_then(|mut statement| {
            statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<String>>>()
        });
        for name in names.map_err(|error| self.database.error(error))? {
            if is_known(known, &name) {
                continue;
            }
            let rows = format!("SELECT * FROM \"{}\" WHERE session_id = ?1", name.replace('"', "\"\""));
            let Ok(mut statement) = self.database.connection.prepare(&rows) else { continue };
            let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let id = names.iter().position(|name| name == "id");
            let mut rows = statement.query([session]).map_err(|error| self.database.error(error))?;
            let mut number = 0;
            while let Some(row) = rows.next().map_err(|error| self.database.error(error))? {
                let own = id.and_then(|id| row.get_ref(id).ok()).filter(|id| *id != ValueRef::Null);
                self.row(&name, &names, own.unwrap_or(ValueRef::Integer(number)), row, None);
                number += 1;
            }
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
            let by_number = format!("SELECT rowid AS {ROW_NUMBER}, * FROM \"{quoted}\" ORDER BY rowid");
            let in_order = format!("SELECT * FROM \"{quoted}\"");
            // A table without rowids has no such column.
            let query = if connection.prepare(&by_number).is_ok() { by_number } else { in_order };
            self.whole(&name, &query)?;
        }
        Ok(())
    }

    fn whole(&mut self, name: &str, query: &str) -> Result<()> {
        let failed = |error| self.database.error(error);
        let mut statement = self.database.connection.prepare(query).map_err(failed)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let is_numbered = names.first().is_some_and(|name| name == ROW_NUMBER);
        let mut rows = statement.query([]).map_err(failed)?;
        let mut number = 0;
        while let Some(row) = rows.next().map_err(|error| self.database.error(error))? {
            let own = row.get_ref(0).ok().filter(|_| is_numbered);
            self.row(name, &names, own.unwrap_or(ValueRef::Integer(number)), row, None);
            number += 1;
        }
        Ok(())
    }
}

/// Appends the beginning of a line: what it is about.
fn push_beginning(table: &str, id: ValueRef<'_>, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"table\":");
    push_string(table, line);
    line.extend_from_slice(b",\"id\":");
    match id {
        // Never taken for JSON: whoever looks for the line of an id reads no more than this.
        ValueRef::Text(text) => push_string(&String::from_utf8_lossy(text), line),
        id => push_value(id, line),
    }
}

/// Returns whether a schema tells of the table of this name.
fn is_known(tables: &[Table], name: &str) -> bool {
    tables.iter().any(|table| table.name == name || is_known(table.below, name))
}

/// What the number that SQLite gives a row is called in a query of ours.
const ROW_NUMBER: &str = "sessionkeep_row";
