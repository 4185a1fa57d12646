//! OpenClaw since 2026-09: `~/.openclaw/agents/<agent>/agent/openclaw-agent.sqlite`. A row of `transcript_events` is one of
//! pi's records, as text or packed with zstd; what was reset or deleted is kept as a whole.

use std::path::{Path, PathBuf};

use super::pi::Pi;
use super::rendered::{first, title};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::environment::Environment;
use crate::message::Text;
use crate::recipe::{Schema, Table};

/// Those that lie beside it, locks and what is being indexed, hold no sessions.
const NAME: &[u8] = b"openclaw-agent.sqlite";

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[&["session_windows", "transcript_events"]],
    sessions: &[
        "SELECT session_id, NULL, max(updated_at, coalesce(transcript_updated_at, 0)), reason, status, ended_at \
         FROM session_windows ORDER BY updated_at DESC",
    ],
    marks: &[
        "SELECT session_id, max(created_at), count(*), max(seq) FROM transcript_events GROUP BY session_id",
        "SELECT session_id, 0, generation FROM transcript_rewrite_watermarks",
        "SELECT session_id, 0, count(*) FROM session_transcript_archives GROUP BY session_id",
    ],
    tables: &[
        Table {
            name: "session_windows",
            id: "session_id",
            rows: "SELECT * FROM session_windows WHERE session_id = ?1",
            below: &[],
            split: None,
        },
        Table {
            name: "session_nodes",
            id: "session_key",
            rows: "SELECT * FROM session_nodes WHERE current_session_id = ?1",
            below: &[],
            split: None,
        },
        Table {
            name: "transcript_events",
            id: "seq",
            rows: "SELECT * FROM transcript_events WHERE session_id = ?1 ORDER BY seq",
            below: &[],
            split: None,
        },
        Table {
            name: "session_transcript_archives",
            id: "generation",
            rows: "SELECT * FROM session_transcript_archives WHERE session_id = ?1 ORDER BY generation",
            below: &[],
            split: None,
        },
        Table {
            name: "session_transcript_cold_archives",
            id: "generation",
            rows: "SELECT * FROM session_transcript_cold_archives WHERE session_id = ?1",
            below: &[],
            split: None,
        },
        Table {
            name: "trajectory_runtime_events",
            id: "seq",
            rows: "SELECT * FROM trajectory_runtime_events WHERE session_id = ?1 ORDER BY seq",
            below: &[],
            split: None,
        },
    ],
}];

pub(crate) struct OpenClawDatabase;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for OpenClawDatabase {
    fn id(&self) -> &'static str {
        "openclaw"
    }

    fn label(&self) -> &'static str {
        "OpenClaw"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.in_home(".openclaw/agents")
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".openclaw"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let guess = Guess { agent: Some(self.id()), session_id: None, part_id: None };
        (path.name() == NAME).then_some(Recognised::Ours(guess))
    }

    fn form(&self, _path: &Path) -> Form {
        Form::Database(&SCHEMAS)
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        for member in ["created_at", "started_at"] {
            if let Some(time) = record.get(member) {
                notes.time(time);
            }
        }
        match record.text("table").as_deref() {
            Some("session_windows" | "session_nodes") => {
                notes.title(TitleRank::Given, record.text("display_name").or_else(|| record.text("label")));
                notes.model(record.text("model"));
            }
            Some("transcript_events") => {
                if let Some(event) = record.record("event_json").or_else(|| record.record("event_zstd")) {
                    Pi.note(&event, notes);
                }
            }
            _ => {}
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        match record.text("table").as_deref() {
            Some("session_windows") => {
                told.time(record.get("created_at"));
                title(told, first(record, &["display_name", "label"]));
                told.state(Text::Named("session"));
            }
            Some("transcript_events") => {
                if let Some(event) = record.record("event_json").or_else(|| record.record("event_zstd")) {
                    Pi.messages(&event, told);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn the_records_of_a_session_are_pis_whether_they_were_packed_or_not() {
        let guess = guess_path(Path::new("/h/.openclaw/agents/main/agent/openclaw-agent.sqlite"));
        assert_eq!(guess.agent, Some("openclaw"));
        let head = br#"{"table":"session_windows","id":"s1","updated_at":1788000009000,"model":"m1","display_name":null}
{"table":"transcript_events","id":0,"event_json":{"type":"session","version":4,"id":"s1","timestamp":"2026-08-29T10:40:00Z","cwd":"/w/app"},"created_at":1788000000000,"event_zstd":null}
{"table":"transcript_events","id":1,"event_json":null,"created_at":1788000001000,"event_zstd":{"type":"message","message":{"role":"user","content":"fix it"}}}
"#;
        let told = describe("openclaw", head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("fix it")));
        assert_eq!(told.started_at.unwrap().as_second(), 1_788_000_000);
    }

    #[test]
    fn a_row_says_what_pis_record_in_it_says() {
        let rows = r#"{"table":"session_windows","id":"s1","updated_at":1788000009000,"display_name":"Fix"}
{"table":"transcript_events","id":1,"event_json":{"type":"message","message":{"role":"user","content":"fix it"}},"created_at":1788000001000}
{"table":"transcript_events","id":2,"event_json":null,"event_zstd":{"type":"message","message":{"role":"assistant","content":[{"type":"toolCall","id":"c1","name":"exec","arguments":{}}]}}}"#;
        assert_eq!(
            told(&OpenClawDatabase, rows),
            [
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
                r#"user text "fix it""#,
                r#"assistant tool_call exec @c1 "{}""#,
            ]
        );
    }
}
