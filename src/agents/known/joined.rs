//! An agent whose sessions are read in two ways: what it appends as text, and what it keeps in a database, each in a file of
//! its own. Together they are one.

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::lost::{Lost, Resume};
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::agents::settings::{HookCall, Settings, Wanted};
use crate::agents::stray::Stray;
use crate::environment::Environment;

/// Two halves with the same id; the first has the say where only one can.
pub(crate) struct Joined {
    pub text: &'static dyn Agent,
    pub database: &'static dyn Agent,
    /// The names that both give.
    pub given: &'static [&'static str],
}

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Joined {
    fn id(&self) -> &'static str {
        self.text.id()
    }

    fn label(&self) -> &'static str {
        self.text.label()
    }

    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        self.text.homes(environment)
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let mut roots = self.text.roots(environment);
        roots.extend(self.database.roots(environment));
        roots
    }

    fn given_names(&self) -> &'static [&'static str] {
        self.given
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        self.text.recognise(path).or_else(|| self.database.recognise(path))
    }

    fn form(&self, path: &Path) -> Form {
        let tail = PathTail::new(path);
        match self.database.form(path) {
            // In a tree of another name the form alone tells.
            form if self.database.recognise(&tail).is_some() => form,
            Form::Text => self.text.form(path),
            _ if self.text.recognise(&tail).is_some() => self.text.form(path),
            form => form,
        }
    }

    fn enters(&self, path: &PathTail<'_>) -> bool {
        self.text.enters(path) || self.database.enters(path)
    }

    fn takes_any_name(&self, path: &PathTail<'_>) -> bool {
        self.text.takes_any_name(path) || self.database.takes_any_name(path)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        self.text.place(stray).or_else(|| self.database.place(stray))
    }

    fn stands_alone(&self, part_id: &str) -> bool {
        self.database.stands_alone(part_id)
    }

    fn tells_of_session(&self, part_id: &str) -> bool {
        self.database.tells_of_session(part_id)
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        self.text.claim(record)
    }

    /// Lines of our making say which table they are from.
    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        match record.has("table") || record.has("document") {
            true => self.database.note(record, notes),
            false => self.text.note(record, notes),
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        match record.has("table") {
            true => self.database.messages(record, told),
            false => self.text.messages(record, told),
        }
    }

    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        self.text.note_beside(path, notes);
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        self.text.id_needles()
    }

    fn recorded_id(&self, record: &Record<'_>) -> Option<String> {
        self.text.recorded_id(record)
    }

    fn is_named_by_path(&self) -> bool {
        self.text.is_named_by_path()
    }

    fn settings(&self, home: &Path) -> Option<Settings> {
        self.text.settings(home)
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        self.text.wanted_hooks(home, call)
    }

    fn wanted_days(&self, home: &Path, days: u64) -> Vec<Wanted> {
        self.text.wanted_days(home, days)
    }

    fn cleanup_days(&self, environment: &Environment) -> Option<u64> {
        self.text.cleanup_days(environment)
    }

    fn home_variable(&self) -> Option<&'static str> {
        self.text.home_variable()
    }

    fn session_path(&self, lost: &Lost<'_>) -> Option<PathBuf> {
        self.text.session_path(lost)
    }

    fn part_path(&self, lost: &Lost<'_>, part_id: &str) -> Option<PathBuf> {
        self.text.part_path(lost, part_id)
    }

    fn resume(&self, lost: &Lost<'_>, path: &Path) -> Option<Resume> {
        self.text.resume(lost, path)
    }

    fn marked_copy(&self, line: &[u8], record: &Record<'_>, original: &str) -> Option<Vec<u8>> {
        self.text.marked_copy(line, record, original)
    }
}
