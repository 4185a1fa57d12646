//! Of several lines about one row or element, the last holds. Knows which lines these are, and what is not there any more.

use std::collections::{HashMap, HashSet};

use crate::agents::GONE;
use crate::message::{Mark, Message, Text, number_of};

/// What is known of the rows of a transcript.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// The last line about each row.
    last: HashMap<u64, u64>,
    gone: HashSet<u64>,
}

impl Rows {
    /// Takes what one message says of rows; its texts stand in `bytes`.
    pub(crate) fn take(&mut self, message: &Message, bytes: &[u8]) {
        if let Some(row) = message.joints.row {
            self.last.insert(row, message.index.line);
            self.gone.remove(&row);
        }
        if matches!(message.name, Text::Named(GONE)) {
            self.gone.extend(gone(message.text.raw(bytes)));
        }
    }

    /// Returns whether no message is about a row.
    pub(crate) fn is_empty(&self) -> bool {
        self.last.is_empty()
    }

    /// Returns whether a later line says what the row of `message` is now.
    pub(crate) fn is_outdated(&self, message: &Message) -> bool {
        let last = message.joints.row.and_then(|row| self.last.get(&row));
        last.is_some_and(|last| *last != message.index.line)
    }

    /// Marks a message whose row is not there any more.
    pub(crate) fn mark(&self, message: &mut Message) {
        if message.joints.row.is_some_and(|row| self.gone.contains(&row)) {
            message.marks.set(Mark::Rewound);
        }
    }
}

/// Reads the names of rows in a line that says what is not there any more: each is the text between `{"table":` or
/// `{"document":` and the member behind `id`, as a string.
fn gone(line: &[u8]) -> Vec<u64> {
    #[derive(serde::Deserialize)]
    struct Gone {
        #[serde(default)]
        names: Vec<String>,
    }
    let Ok(gone) = serde_json::from_slice::<Gone>(line) else { return Vec::new() };
    let number = |name: &String| {
        let (table, id) = name.split_once(",\"id\":")?;
        Some(number_of(&[table.as_bytes(), id.as_bytes()]))
    };
    gone.names.iter().filter_map(number).collect()
}
