//! What the catalog knows of the parts of sessions, whether their transcript is archived or not.

use rusqlite::Connection;

use super::rows::{COLUMNS, Catalog, Row, read_row, sql_error};
use crate::error::Result;
use crate::identity::Identity;

/// Parts are few beside transcripts, and asked for by their session: an index of theirs alone.
pub(super) const CREATE_INDEX: &str =
    "CREATE INDEX IF NOT EXISTS part_by_session ON source (session_id) WHERE part_id IS NOT NULL;";

/// Makes the index in a catalog of a program that had none. Without it, what is asked here is answered slowly.
pub(super) fn index(connection: &Connection) {
    let _ = connection.execute_batch(CREATE_INDEX);
}

impl Catalog {
    /// Returns all rows of the parts of the session that `identity` is of, or is a part of, but for pruned ones.
    pub(crate) fn rows_of_parts(&self, identity: &Identity) -> Result<Vec<Row>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM source
             WHERE part_id IS NOT NULL AND session_id = ?1 AND agent = ?2 AND flags & 4 = 0"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(sql_error)?;
        let rows =
            statement.query_map([&identity.session_id, &identity.agent], read_row).map_err(sql_error)?;
        rows.collect::<rusqlite::Result<_>>().map_err(sql_error)
    }

    /// Returns every session that has parts which are not pruned.
    pub(crate) fn sessions_with_parts(&self) -> Result<Vec<SessionWithParts>> {
        let mut statement = self
            .connection
            .prepare(
                "SELECT session_id, agent, min(archive), count(DISTINCT part_id) FROM source
                 WHERE part_id IS NOT NULL AND flags & 4 = 0 GROUP BY session_id, agent",
            )
            .map_err(sql_error)?;
        let rows = statement.query_map([], |row| {
            Ok(SessionWithParts {
                identity: Identity { session_id: row.get(0)?, agent: row.get(1)?, part_id: None },
                archive: row.get(2)?,
                parts: row.get::<_, i64>(3)? as u64,
            })
        });
        rows.map_err(sql_error)?.collect::<rusqlite::Result<_>>().map_err(sql_error)
    }
}

/// A session some of whose parts are archived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionWithParts {
    /// That of its transcript, which may not be archived.
    pub identity: Identity,
    /// Path, relative to the store, of the archive of one of its parts: of all, the one that sorts first.
    pub archive: String,
    pub parts: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::store::Store;

    fn row(session: &str, part: Option<&str>) -> Row {
        let archive = format!("2026/06/{session}{}.jsonl.gz", part.unwrap_or_default());
        let identity =
            Identity { agent: "codex".into(), session_id: session.into(), part_id: part.map(str::to_owned) };
        Row::without_source(identity, archive)
    }

    #[test]
    fn the_parts_of_a_session_are_found_by_it_and_without_a_look_at_all_rows() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let (mut catalog, _) = Catalog::open(&store).unwrap();
        let rows =
            [row("a", None), row("a", Some("x")), row("a", Some("y")), row("b", None), row("c", Some("z"))];
        catalog.record(&rows).unwrap();
        let of = |session: &str| {
            let parts = catalog.rows_of_parts(&row(session, None).identity).unwrap();
            parts.into_iter().filter_map(|row| row.identity.part_id).collect::<Vec<_>>()
        };
        assert_eq!((of("a"), of("b")), (vec!["x".into(), "y".into()], vec![]));
        let sessions = catalog.sessions_with_parts().unwrap();
        assert_eq!(sessions.len(), 2);
        let archive = row("a", Some("x")).archive;
        assert_eq!(sessions[0], SessionWithParts { identity: row("a", None).identity, archive, parts: 2 });
        let plan: String = catalog
            .connection
            .query_row(
                "EXPLAIN QUERY PLAN SELECT * FROM source WHERE part_id IS NOT NULL AND session_id = 'a' AND agent = 'b'",
                [],
                |row| row.get(3),
            )
            .unwrap();
        assert!(plan.contains("part_by_session"), "{plan}");
    }
}
