//! What the tables of a database are made of, by which it is told whose it is.

use std::path::Path;

use super::open::Database;

/// Returns `table.column` of each column of the database at `path`; nothing for what is none or cannot be read.
pub(crate) fn columns(path: &Path) -> Vec<String> {
    let Ok(database) = Database::open(path) else { return Vec::new() };
    let columns = || -> rusqlite::Result<Vec<String>> {
        let query = "SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'";
        let mut statement = database.connection.prepare(query)?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    columns().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_told_by_its_columns_and_what_is_none_has_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE a (b, c); CREATE VIEW v AS SELECT b FROM a").unwrap();
        assert_eq!(columns(&path), ["a.b", "a.c"]);
        std::fs::write(directory.path().join("y.db"), "no database").unwrap();
        assert!(columns(&directory.path().join("y.db")).is_empty());
    }
}
