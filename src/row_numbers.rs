//! Which rows of a table belong to which session, in little memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::platform::sync::lock;

/// What is known of the tables of one file, by the queries for their rows. Whoever reads its first session finds it out, for
/// all that follow.
#[derive(Debug, Default)]
pub(crate) struct KnownRows(Mutex<HashMap<String, Option<Arc<SessionRows>>>>);

/// Numbers of rows by the session that they belong to.
#[derive(Debug, Default)]
pub(crate) struct SessionRows {
    sessions: HashMap<Box<[u8]>, Distances>,
    bytes: usize,
}

/// Numbers, each as the distance to the one before, seven bits a byte.
#[derive(Debug, Default)]
struct Distances {
    bytes: Vec<u8>,
    last: i64,
}

impl KnownRows {
    /// Returns what is known of the rows that `query` asks for; `find` finds it out, once, where that is of any use.
    pub(crate) fn of(
        &self,
        query: &str,
        find: impl FnOnce() -> Option<SessionRows>,
    ) -> Option<Arc<SessionRows>> {
        let mut known = lock(&self.0);
        if let Some(known) = known.get(query) {
            return known.clone();
        }
        let found = find().map(Arc::new);
        known.insert(query.to_owned(), found.clone());
        found
    }
}

impl SessionRows {
    /// Notes that a row belongs to a session; returns the bytes that all takes up, about.
    pub(crate) fn add(&mut self, session: &[u8], number: i64) -> usize {
        if !self.sessions.contains_key(session) {
            self.sessions.insert(session.into(), Distances::default());
            self.bytes += session.len() + size_of::<(Box<[u8]>, Distances)>();
        }
        if let Some(numbers) = self.sessions.get_mut(session) {
            self.bytes += numbers.push(number);
        }
        self.bytes
    }

    /// Returns the numbers of a session's rows as a list of JSON.
    pub(crate) fn list(&self, session: &str) -> String {
        let mut list = String::from("[");
        let (mut number, mut distance, mut shift) = (0i64, 0u64, 0);
        for &byte in self.sessions.get(session.as_bytes()).map_or(&[][..], |numbers| &numbers.bytes) {
            distance |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                number = number.wrapping_add(distance as i64);
                (distance, shift) = (0, 0);
                let comma = if list.len() > 1 { "," } else { "" };
                list.push_str(&format!("{comma}{number}"));
            }
        }
        list.push(']');
        list
    }
}

impl Distances {
    fn push(&mut self, number: i64) -> usize {
        let before = self.bytes.len();
        let mut distance = number.wrapping_sub(self.last) as u64;
        while distance >= 0x80 {
            self.bytes.push(distance as u8 | 0x80);
            distance >>= 7;
        }
        self.bytes.push(distance as u8);
        self.last = number;
        self.bytes.len() - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_has_the_numbers_of_its_rows_whatever_they_are() {
        let mut rows = SessionRows::default();
        for (index, number) in [i64::MIN, -5, 0, 1, 127, 128, 1 << 40, i64::MAX].into_iter().enumerate() {
            rows.add(format!("s{}", index % 2).as_bytes(), number);
        }
        assert_eq!(rows.list("s0"), format!("[{},0,127,{}]", i64::MIN, 1i64 << 40));
        assert_eq!(rows.list("s1"), format!("[-5,1,128,{}]", i64::MAX));
        assert_eq!(rows.list("none"), "[]");
    }
}
