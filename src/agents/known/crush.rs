//! Crush: `<project>/.crush/crush.db`, a database of the sessions of one project; earlier one for all projects, in the home
//! or in `~/.local/share/crush`. The sessions of its own agents are parts of those that called them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::rendered::{number_behind, say, sums, title};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::message::{Kind, Mark, Outcome, Role, Text};
use crate::recipe::{Schema, Table};

const ID: &str = "crush";

/// The directory of a project's database.
const DIRECTORY: &str = ".crush";

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[&["sessions", "messages"]],
    sessions: &[
        "SELECT id, parent_session_id, updated_at, title FROM sessions ORDER BY updated_at DESC",
        "SELECT id, NULL, created_at, title FROM sessions",
    ],
    marks: &[
        "SELECT session_id, max(updated_at), count(*), sum(updated_at), sum(octet_length(parts)) FROM messages GROUP BY session_id",
        "SELECT session_id, max(created_at), count(*), sum(octet_length(parts)) FROM messages GROUP BY session_id",
        "SELECT session_id, max(updated_at), count(*) FROM files GROUP BY session_id",
    ],
    tables: &[
        Table {
            name: "sessions",
            id: "id",
            // The project is where the database is, and is told nowhere else.
            rows: "SELECT *, (SELECT file FROM pragma_database_list WHERE name = 'main') AS database \
                   FROM sessions WHERE id = ?1",
            below: &[],
            split: None,
        },
        Table {
            name: "messages",
            id: "id",
            // Sorted by their numbers alone, as what is said may be long; a limit keeps SQLite from leaving the order out.
            rows: "SELECT messages.* FROM (SELECT rowid AS place FROM messages WHERE session_id = ?1 \
                   ORDER BY created_at, rowid LIMIT -1) CROSS JOIN messages ON messages.rowid = place",
            below: &[],
            split: None,
        },
        Table {
            name: "files",
            id: "id",
            rows: "SELECT files.* FROM (SELECT rowid AS place FROM files WHERE session_id = ?1 \
                   ORDER BY created_at, rowid LIMIT -1) CROSS JOIN files ON files.rowid = place",
            below: &[],
            split: None,
        },
    ],
}];

pub(crate) struct Crush;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Crush {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Crush"
    }

    /// `~/.crush`; `crush` of `$XDG_DATA_HOME`, else of `~/.local/share`, and of `%LOCALAPPDATA%` on Windows.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let data = environment.path("XDG_DATA_HOME");
        let data = data.map_or_else(|| environment.in_home(".local/share"), |data| vec![data]);
        let windows = environment.path("LOCALAPPDATA");
        let mut roots = environment.in_home(DIRECTORY);
        roots.extend(data.into_iter().chain(windows).map(|data| data.join("crush")));
        roots
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[DIRECTORY, "crush"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        (path.name() == b"crush.db").then(|| Recognised::session(ID, None))
    }

    fn form(&self, _path: &Path) -> Form {
        Form::Database(&SCHEMAS)
    }

    fn in_projects(&self) -> &'static [&'static str] {
        &[".crush/crush.db"]
    }

    /// Logs and commands hold no sessions.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        !matches!(path.name(), b"logs" | b"commands")
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = is_holder_name(stray.name().as_bytes())
            && stray.has_columns(&["sessions.title", "messages.session_id", "messages.parts"]);
        is_ours.then(|| PathBuf::from_iter([DIRECTORY, "crush.db"]))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        for member in ["created_at", "updated_at", "finished_at"] {
            if let Some(time) = record.get(member) {
                notes.time(time);
            }
        }
        match record.text("table").as_deref() {
            Some("sessions") => {
                notes.title(TitleRank::Given, record.text("title"));
                notes.cwd(record.text("database").and_then(|database| project(&database).map(Cow::Owned)));
            }
            Some("messages") => {
                notes.model(record.text("model"));
                if record.is("role", "user") && notes.wants_prompt() {
                    let mut parts = record.get("parts").into_iter().flat_map(|parts| parts.elements());
                    notes.prompt(parts.find_map(|part| part.member("data")?.member("text")));
                }
            }
            _ => {}
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        match record.text("table").as_deref() {
            Some("sessions") => {
                told.time(record.get("created_at"));
                title(told, record.get("title"));
                // Of a session as a whole: messages do not say what they cost.
                told.tokens(sums(record, ["prompt_tokens", "completion_tokens", "", ""]));
                told.state(Text::Named("session"));
            }
            Some("messages") => tell(record, told),
            Some("files") => {
                told.time(record.get("created_at"));
                told.state(Text::Named("file"));
            }
            _ => {}
        }
    }
}

/// Tells a row that is a message.
fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("created_at"));
    told.id(record.get("id"));
    let role = match record.text("role").as_deref() {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("tool") => Role::Tool,
        _ => Role::System,
    };
    if role == Role::Assistant {
        told.model(record.get("model"));
    }
    let is_summary = record.get("is_summary_message").is_some_and(|is| matches!(is.raw(), b"1" | b"true"));
    if is_summary {
        told.mark(Mark::Compaction);
    }
    let before = told.count();
    for part in record.get("parts").into_iter().flat_map(Value::elements) {
        let Some(data) = part.member("data").and_then(Value::record) else { continue };
        match part.member("type").and_then(Value::text).as_deref() {
            Some("text") => {
                let kind = if is_summary { Kind::Summary } else { Kind::Text };
                say(told, role, kind, data.get("text"));
            }
            Some("reasoning") => say(told, role, Kind::Thinking, data.get("thinking")),
            Some("tool_call") => {
                told.call(role, data.get("id"), data.get("name"), data.get("input"));
            }
            Some("tool_result") => answer(&data, told),
            Some("image_url") => {
                let text = told.optional(data.get("url"));
                told.say(role, Kind::Image, text);
            }
            Some("binary") => {
                let (text, media) = (told.optional(data.get("Data")), told.optional(data.get("MIMEType")));
                told.say(role, Kind::Image, text).media = media;
            }
            _ => {
                let (name, text) = (told.optional(part.member("type")), told.optional(part.member("data")));
                told.event(name, text);
            }
        }
    }
    // An answer that is just begun.
    if told.count() == before && record.has("parts") {
        told.state(Text::Named("message"));
    }
}

/// What a tool answered; of a command the last line says how it ended if it failed.
fn answer(data: &Record<'_>, told: &mut Telling<'_>) {
    let content = data.get("content");
    let exit_code = content.and_then(|content| {
        let raw = content.raw();
        number_behind(b"Exit code ", &raw[raw.len().saturating_sub(40)..])
    });
    let outcome = Outcome { is_error: data.get("is_error").map(Value::is_true), exit_code };
    told.result(data.get("tool_call_id"), data.get("name"), content, outcome);
    let picture = data.get("data").filter(|data| data.filled_text().is_some());
    if let Some(picture) = picture {
        let (text, media) = (told.place(picture), told.optional(data.get("mime_type")));
        let call = told.optional(data.get("tool_call_id"));
        let message = told.say(Role::Tool, Kind::Image, text);
        message.media = media;
        message.call = call;
    }
}

/// Returns the project whose database is at this path; `None` for that of all projects.
fn project(database: &str) -> Option<String> {
    let (directory, _) = database.rsplit_once(['/', '\\'])?;
    let (project, name) = directory.rsplit_once(['/', '\\'])?;
    (name == DIRECTORY && !project.is_empty()).then(|| project.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn rows_tell_the_project_by_the_place_of_the_database() {
        let rows = br#"{"table":"sessions","id":"s","title":"Fix","created_at":1788000000,"updated_at":1788000009,"database":"/w/app/.crush/crush.db"}
{"table":"messages","id":"m","role":"user","parts":[{"type":"text","data":{"text":"do it"}}],"model":"m","created_at":1788000001}
"#;
        let told = describe(ID, rows, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("Fix"), Some("/w/app")));
        assert_eq!((told.model.as_deref(), told.ended_at.unwrap().as_second()), (Some("m"), 1_788_000_009));
        let untitled = describe(ID, &rows[rows.iter().position(|byte| *byte == b'\n').unwrap() + 1..], b"");
        assert_eq!(untitled.title.as_deref(), Some("do it"));
        assert_eq!(project("/home/me/.local/share/crush/crush.db"), None);
        assert_eq!(guess_path(Path::new("/w/app/.crush/crush.db")).agent, Some(ID));
    }

    #[test]
    fn the_parts_of_a_row_are_told_one_by_one() {
        let rows = r#"{"table":"sessions","id":"s","title":"Fix","created_at":1788000000,"prompt_tokens":5}
{"table":"messages","id":"m1","role":"user","parts":[{"type":"text","data":{"text":"do it"}},{"type":"binary","data":{"Path":"a.png","MIMEType":"image/png","Data":"AAAA"}}]}
{"table":"messages","id":"m2","role":"assistant","parts":[{"type":"reasoning","data":{"thinking":"hm"}},{"type":"tool_call","data":{"id":"c1","name":"bash","input":"{}","finished":true}},{"type":"finish","data":{"reason":"tool_use"}}],"model":"m"}
{"table":"messages","id":"m3","role":"tool","parts":[{"type":"tool_result","data":{"tool_call_id":"c1","name":"bash","content":"no\nExit code 2","is_error":false}}]}
{"table":"messages","id":"m4","role":"assistant","parts":[{"type":"text","data":{"text":"so far"}}],"is_summary_message":1}
{"table":"messages","id":"m5","role":"assistant","parts":[]}
{"table":"files","id":"f","path":"a.rs","content":"x"}"#;
        assert_eq!(
            told(&Crush, rows),
            [
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
                r#"user text "do it""#,
                r#"user image "AAAA""#,
                r#"assistant thinking "hm""#,
                r#"assistant tool_call bash @c1 "{}""#,
                r#"system event finish "{"reason":"tool_use"}""#,
                r#"tool tool_result bash @c1 "no\nExit code 2" error=false exit=2"#,
                r#"assistant summary "so far" +compaction"#,
                r#"system event message "LINE""#,
                r#"system event file "LINE""#,
            ]
        );
    }
}
