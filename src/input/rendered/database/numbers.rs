//! Which rows of a table belong to which session, where the database has no index that tells: found in one pass for all
//! sessions, and not in one for each.
//!
//! What is found is used as a hint alone: the query still asks for the session. A row that came later is not seen, as if the
//! session had been read before; the next run sees that the file changed.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::sync::Arc;

use super::marks::plan_of;
use crate::row_numbers::{KnownRows, SessionRows};

/// Memory for the numbers of one table's rows at most. Of a table with more rows each session is read on its own.
const MOST_BYTES: usize = 12 << 20;

/// What a query has where it asks for the rows of a session.
const OF_SESSION: &str = "session_id = ?1";

/// Returns where the sessions' rows are that `query` asks for in `table`, if it would read all of it.
pub(crate) fn session_rows(
    known: &KnownRows,
    connection: &Connection,
    table: &str,
    query: &str,
) -> Option<Arc<SessionRows>> {
    known.of(query, || match reads_all(connection, table, query) {
        true => find(connection, table).ok().flatten(),
        false => None,
    })
}

/// Returns whether a query for one session goes through all of a table.
fn reads_all(connection: &Connection, table: &str, query: &str) -> bool {
    let plain = table.trim_matches('"');
    let is_scan = |step: &String| {
        let rest =
            step.strip_prefix("SCAN ").and_then(|step| step.trim_start_matches('"').strip_prefix(plain));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '"']))
    };
    query.contains(OF_SESSION) && plan_of(connection, query).iter().any(is_scan)
}

fn find(connection: &Connection, table: &str) -> rusqlite::Result<Option<SessionRows>> {
    let mut statement =
        connection.prepare(&format!("SELECT rowid, session_id FROM {table} ORDER BY rowid"))?;
    let mut rows = statement.query([])?;
    let mut found = SessionRows::default();
    while let Some(row) = rows.next()? {
        let ValueRef::Text(session) = row.get_ref(1)? else { continue };
        if found.add(session, row.get(0)?) > MOST_BYTES {
            return Ok(None);
        }
    }
    Ok(Some(found))
}

/// Returns the query with the rows limited to those whose numbers the list in its second parameter has.
pub(crate) fn limited(query: &str, table: &str) -> String {
    let at = query.find(OF_SESSION).unwrap_or(query.len());
    // The name of its table may stand before it.
    let start = if query[..at].ends_with('.') { query[..at].rfind(' ').map_or(at, |at| at + 1) } else { at };
    let limit = format!("{table}.rowid IN (SELECT value FROM json_each(?2)) AND ");
    format!("{}{limit}{}", &query[..start], &query[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_has_the_numbers_of_a_sessions_rows_finds_them_and_goes_through_no_table() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE part (session_id TEXT, data TEXT)").unwrap();
        let numbers = [i64::MIN, -5, 0, 1, 127, 128, 1 << 40, i64::MAX];
        for (index, number) in numbers.iter().enumerate() {
            let insert = "INSERT INTO part (rowid, session_id) VALUES (?1, ?2)";
            connection.execute(insert, rusqlite::params![number, format!("s{}", index % 2)]).unwrap();
        }
        let query = "SELECT part.rowid FROM part LEFT JOIN part AS o ON 0 WHERE part.session_id = ?1";
        let sessions = session_rows(&KnownRows::default(), &connection, "part", query).unwrap();
        let limited = limited(query, "part");
        let mut statement = connection.prepare(&limited).unwrap();
        let found: Vec<i64> = statement
            .query_map(["s1", &sessions.list("s1")], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        assert_eq!(found, [-5, 1, 128, i64::MAX]);
        assert!(!reads_all(&connection, "part", &limited));
    }

    #[test]
    fn where_an_index_tells_no_table_is_gone_through() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE part (session_id TEXT); CREATE INDEX i ON part (session_id)")
            .unwrap();
        let query = "SELECT rowid FROM part WHERE session_id = ?1";
        assert!(session_rows(&KnownRows::default(), &connection, "part", query).is_none());
    }
}
