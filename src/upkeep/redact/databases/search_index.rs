//! What SQLite keeps beside rows so that they are found by their words (FTS3 to FTS5): made anew from the rows, so that no word
//! of what was masked stays in it.

use rusqlite::Connection;

/// A table of words.
#[derive(Debug)]
pub(super) struct SearchIndex {
    pub name: String,
    /// It keeps the texts themselves; others have them in an ordinary table, or nowhere.
    pub has_own_text: bool,
    /// It can be made anew from the texts.
    can_rebuild: bool,
}

/// Returns the ordinary tables of a database, and its indexes of words. What these keep in tables of their own is left out.
pub(super) fn tables(connection: &Connection) -> rusqlite::Result<(Vec<String>, Vec<SearchIndex>)> {
    let mut statement = connection.prepare(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let all: Vec<(String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default())))?
        .collect::<rusqlite::Result<_>>()?;
    let indexes: Vec<SearchIndex> = all.iter().filter_map(|(name, sql)| index_of(name, sql)).collect();
    let is_shadow = |name: &str| {
        let of = |index: &SearchIndex| {
            let rest = name.strip_prefix(&index.name).and_then(|rest| rest.strip_prefix('_'));
            rest.is_some_and(|rest| {
                ["data", "idx", "content", "docsize", "config", "segments", "segdir", "stat"].contains(&rest)
            })
        };
        indexes.iter().any(of)
    };
    let is_virtual = |sql: &str| compact(sql).starts_with("createvirtualtable");
    let tables = all
        .iter()
        .filter(|(name, sql)| !is_virtual(sql) && !is_shadow(name))
        .map(|(name, _)| name.clone())
        .collect();
    Ok((tables, indexes))
}

/// Makes all indexes of words anew.
pub(super) fn rebuild(connection: &Connection) -> rusqlite::Result<()> {
    for index in tables(connection)?.1.iter().filter(|index| index.can_rebuild) {
        let name = quoted(&index.name);
        connection.execute_batch(&format!("INSERT INTO {name}({name}) VALUES ('rebuild')"))?;
    }
    Ok(())
}

/// Returns a name as SQL has it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn compact(sql: &str) -> String {
    sql.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_ascii_lowercase()
}

fn index_of(name: &str, sql: &str) -> Option<SearchIndex> {
    let sql = compact(sql);
    let is_one = ["usingfts3(", "usingfts4(", "usingfts5("].iter().any(|using| sql.contains(using));
    if !sql.starts_with("createvirtualtable") || !is_one {
        return None;
    }
    let is_without_text = sql.contains("content=''") || sql.contains("content=\"\"");
    Some(SearchIndex {
        name: name.to_owned(),
        has_own_text: !sql.contains("content="),
        can_rebuild: !is_without_text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_of_words_are_told_from_tables() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE message (id TEXT PRIMARY KEY, text TEXT);
                 CREATE VIRTUAL TABLE of_messages USING fts5(text, content='message');
                 CREATE VIRTUAL TABLE own USING fts4(text);",
            )
            .unwrap();
        let (tables, indexes) = tables(&connection).unwrap();
        assert_eq!(tables, ["message"]);
        let told: Vec<_> = indexes.iter().map(|index| (&*index.name, index.has_own_text)).collect();
        assert_eq!(told, [("of_messages", false), ("own", true)]);
        rebuild(&connection).unwrap();
    }
}
