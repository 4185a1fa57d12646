//! Factory Droid: `~/.factory/sessions/<project>/<session>.jsonl`.

use std::path::PathBuf;

use crate::agents::agent::{Agent, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::environment::Environment;
use crate::identity::{is_uuid, uuid_in};

const ID: &str = "droid";

pub(crate) struct Droid;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Droid {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Factory Droid"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.in_home(".factory/sessions")
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".factory", "sessions"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let stem = path.jsonl_stem().filter(|stem| is_uuid(stem))?;
        let is_ours = [(2, 3), (1, 2)]
            .iter()
            .any(|(sessions, home)| path.above(*sessions) == b"sessions" && path.above(*home) == b".factory");
        let session_id = uuid_in(stem);
        is_ours.then_some(Recognised::Ours(Guess { agent: Some(ID), session_id, part_id: None }))
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        record.text("id").filter(|_| record.is("type", "session_start")).map(Claim::session)
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"session_start\""]
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        match record.text("type").as_deref() {
            Some("session_start") => {
                notes.copied_by_header(record);
                notes.lineage().id(record.text("id"));
                notes.cwd(record.text("cwd"));
                notes.title(TitleRank::Generated, record.text("title"));
                notes.title(TitleRank::Generated, record.text("sessionTitle"));
            }
            Some("message") => {
                let message = record.record("message").filter(|message| message.is("role", "user"));
                notes.prompt(message.and_then(|message| message.get("content")));
            }
            _ => {}
        }
    }
}
