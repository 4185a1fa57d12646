//! Goes through what a query groups, where the database would sort whole rows for it: in one pass, and nothing is held but a
//! group at a time for each session.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row};
use std::collections::HashMap;

/// How the values of a column become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Together {
    First,
    Max,
    Sum,
}

/// Calls `take` with the values of each row that a query finds.
///
/// # Errors
///
/// That of the database. [`Unfit`] where the query asks for what the database does not have.
pub(crate) fn each_row(
    connection: &Connection,
    query: &str,
    take: &mut dyn FnMut(&[ValueRef<'_>]),
) -> Result<(), Unfit> {
    let mut statement = connection.prepare(query).map_err(|_| Unfit::Query)?;
    if let Some((plain, together)) = ungrouped(query).filter(|_| sorts(connection, query)) {
        return Ok(grouped(connection, &plain, &together, take)?);
    }
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let values: Vec<ValueRef<'_>> = (0..columns).map(|index| value(row, index)).collect();
        take(&values);
    }
    Ok(())
}

/// Why there are no rows, or no more.
pub(crate) enum Unfit {
    /// What the query asks for is not there.
    Query,
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Unfit {
    fn from(error: rusqlite::Error) -> Unfit {
        Unfit::Failed(error)
    }
}

fn value<'a>(row: &'a Row<'_>, index: usize) -> ValueRef<'a> {
    row.get_ref(index).unwrap_or(ValueRef::Null)
}

/// Returns whether the database would sort all rows.
fn sorts(connection: &Connection, query: &str) -> bool {
    plan_of(connection, query).iter().any(|step| step.contains("TEMP B-TREE FOR GROUP BY"))
}

/// Returns how the database would answer a query, step by step: <https://www.sqlite.org/eqp.html>.
pub(crate) fn plan_of(connection: &Connection, query: &str) -> Vec<String> {
    let steps = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).and_then(|mut statement| {
        // What stands for a session does not matter to the plan.
        let nothing = rusqlite::params_from_iter(vec![rusqlite::types::Null; statement.parameter_count()]);
        statement
            .query_map(nothing, |row| row.get::<_, String>(3))?
            .collect::<rusqlite::Result<Vec<String>>>()
    });
    steps.unwrap_or_default()
}

fn grouped(
    connection: &Connection,
    plain: &str,
    together: &[Together],
    take: &mut dyn FnMut(&[ValueRef<'_>]),
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(plain)?;
    let mut rows = statement.query([])?;
    let (mut groups, mut places): (Vec<Vec<Value>>, HashMap<String, usize>) = (Vec::new(), HashMap::new());
    while let Some(row) = rows.next()? {
        // Sessions are named by text or by numbers.
        let key = match value(row, 0) {
            ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(_) | ValueRef::Null => continue,
        };
        let owned = |index| Value::try_from(value(row, index)).unwrap_or(Value::Null);
        match places.get(&key) {
            None => {
                places.insert(key, groups.len());
                groups.push((0..together.len()).map(owned).collect());
            }
            Some(place) => {
                for (index, (sum, how)) in groups[*place].iter_mut().zip(together).enumerate() {
                    add(sum, value(row, index), *how);
                }
            }
        }
    }
    for group in &groups {
        take(&group.iter().map(ValueRef::from).collect::<Vec<_>>());
    }
    Ok(())
}

fn add(sum: &mut Value, value: ValueRef<'_>, how: Together) {
    let of_number = |value: ValueRef<'_>| match value {
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Real(number) => Some(number),
        _ => None,
    };
    let known = of_number(ValueRef::from(&*sum));
    let is_more = match (how, known, of_number(value)) {
        (Together::First, _, _) => false,
        (Together::Max, Some(known), Some(new)) => new > known,
        // Times as text: in the order of time, as all are written alike.
        (Together::Max, _, _) => {
            let text = |value: ValueRef<'_>| value.as_bytes().ok().map(<[u8]>::to_vec);
            text(value) > text(ValueRef::from(&*sum)) || matches!(sum, Value::Null)
        }
        (Together::Sum, _, _) => {
            *sum = match (&*sum, value) {
                (Value::Integer(known), ValueRef::Integer(new)) => Value::Integer(known.wrapping_add(new)),
                (_, new) => match (known, of_number(new)) {
                    (Some(known), Some(new)) => Value::Real(known + new),
                    (None, Some(_)) => Value::try_from(new).unwrap_or(Value::Null),
                    (_, None) => return,
                },
            };
            return;
        }
    };
    if is_more {
        *sum = Value::try_from(value).unwrap_or(Value::Null);
    }
}

/// Returns a query for what another one groups by its first column, without grouping it, and how its columns go together.
fn ungrouped(query: &str) -> Option<(String, Vec<Together>)> {
    let (columns, rest) = query.strip_prefix("SELECT ")?.split_once(" FROM ")?;
    let (from, group) = rest.rsplit_once(" GROUP BY ")?;
    let columns = at_commas(columns);
    if columns.first() != Some(&group) && group != "1" {
        return None;
    }
    let within = |column: &str, name: &str| {
        Some(column.strip_prefix(name)?.strip_suffix(')')?.to_owned()).filter(|inner| !inner.contains(") "))
    };
    let (mut plain, mut together) = (Vec::new(), Vec::new());
    for column in columns {
        let (column, how) = match column {
            "count(*)" => ("1".to_owned(), Together::Sum),
            _ => match (within(column, "max("), within(column, "sum(")) {
                (Some(inner), _) => (inner, Together::Max),
                (_, Some(inner)) => (inner, Together::Sum),
                (None, None) => (column.to_owned(), Together::First),
            },
        };
        plain.push(column);
        together.push(how);
    }
    Some((format!("SELECT {} FROM {from}", plain.join(", ")), together))
}

/// Splits what a query asks for at the commas that are in no brackets and no text.
fn at_commas(columns: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut is_quoted) = (Vec::new(), 0, 0, false);
    for (at, byte) in columns.bytes().enumerate() {
        match byte {
            b'\'' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'(' => depth += 1,
            b')' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(columns[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(columns[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns all rows, as the query says them and as they are put together here.
    fn both(connection: &Connection, query: &str) -> [Vec<String>; 2] {
        let (mut here, mut there) = (Vec::new(), Vec::new());
        assert!(sorts(connection, query), "{query}");
        assert!(each_row(connection, query, &mut |values| here.push(format!("{values:?}"))).is_ok());
        let mut statement = connection.prepare(query).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<ValueRef<'_>> = (0..columns).map(|index| value(row, index)).collect();
            there.push(format!("{values:?}"));
        }
        here.sort();
        there.sort();
        [here, there]
    }

    #[test]
    fn what_is_grouped_here_is_what_the_database_would_say() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE t (s TEXT, n INTEGER, r REAL, x TEXT);
                 INSERT INTO t VALUES ('a', 3, 0.5, '2026-01-01'), ('b', NULL, 1.5, 'é'), ('a', 9, 0.25, '2026-01-02'),
                     ('b', 4, NULL, NULL), ('a', -1, 2, '2025-12-31'), ('c', NULL, NULL, 'only one');",
            )
            .unwrap();
        for query in [
            "SELECT s, max(n), count(*), sum(n), sum(octet_length(x)) FROM t GROUP BY s",
            "SELECT s, NULL, sum(r), max(x) FROM t GROUP BY s",
            "SELECT substr(s || '(,', 1, 1), NULL, max(r) FROM t WHERE s >= 'a' GROUP BY 1",
        ] {
            let [here, there] = both(&connection, query);
            assert_eq!(here, there, "{query}");
        }
    }
}
