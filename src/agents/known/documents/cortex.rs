//! Cortex Code of Snowflake: `~/.snowflake/cortex/conversations/<uuid>.json`; `<uuid>.history.jsonl` beside it is a part.

use std::path::{Path, PathBuf};

use super::told::{guess, note_message};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::known::rendered::{first, say, title};
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::{is_uuid, uuid_in};
use crate::message::{Kind, Mark, Outcome, Role, Text};
use crate::recipe::Shape;

const ID: &str = "cortex";

pub(crate) struct Cortex;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Cortex {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Cortex Code"
    }

    /// `cortex/conversations` in `$SNOWFLAKE_HOME`, else in `~/.snowflake`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let home = environment.path("SNOWFLAKE_HOME");
        let homes = home.map_or_else(|| environment.in_home(".snowflake"), |home| vec![home]);
        homes.iter().map(|home| home.join("cortex/conversations")).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["cortex", ".snowflake", "conversations"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        if path.above(1) != b"conversations" || path.above(2) != b"cortex" {
            return None;
        }
        let ours = |stem: &[u8], part: Option<String>| {
            is_uuid(stem).then(|| Recognised::Ours(guess(ID, uuid_in(stem), part)))
        };
        match path.name().strip_suffix(b".history.jsonl") {
            Some(stem) => ours(stem, Some("history".to_owned())),
            None => ours(path.name().strip_suffix(b".json")?, None),
        }
    }

    fn form(&self, path: &Path) -> Form {
        Form::Documents(vec![(path.to_path_buf(), Shape::Lists(&["history", "messages"]))])
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let stem = stray.name().strip_suffix(".json").filter(|stem| is_uuid(stem.as_bytes()))?;
        let is_ours = stray.is_document(|document| {
            let is_told =
                document.has("working_directory") || stray.has_beside(&format!("{stem}.history.jsonl"));
            document.has("session_id") && is_told
        });
        is_ours.then(|| stray.in_root(".snowflake/cortex/conversations", 1))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        // The part's records are the agent's own, without anything around them.
        let Some(data) = record.record("data") else { return note_message(record, notes) };
        note_message(&data, notes);
        notes.cwd(data.text("working_directory").or_else(|| data.text("cwd")));
        notes.git_branch(data.text("git_branch"));
        notes.title(TitleRank::Given, data.text("title"));
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let data = record.record("data");
        let data = data.as_ref().unwrap_or(record);
        let role = match data.text("role").as_deref() {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            Some("system") => Role::System,
            _ if !record.has("document") => return,
            _ => {
                told.time(data.get("created_at"));
                title(told, data.get("title"));
                return told.state(Text::Named("session"));
            }
        };
        told.time(first(data, &["user_sent_time", "timestamp", "created_at"]));
        told.id(data.get("id"));
        let content = data.get("content");
        if content.is_some_and(|content| content.raw().starts_with(b"[")) {
            content.into_iter().flat_map(Value::elements).for_each(|block| tell_block(role, block, told));
        } else {
            say(told, role, Kind::Text, content);
        }
        told.state_otherwise(Text::Named("message"));
    }
}

/// Tells a block; calls and results stand one level further down.
fn tell_block(role: Role, value: Value<'_>, told: &mut Telling<'_>) {
    let before = told.count();
    if let Some(call) = value.member("tool_use").and_then(Value::record) {
        told.call(role, first(&call, &["tool_use_id", "id"]), call.get("name"), call.get("input"));
    } else if let Some(result) = value.member("tool_result").or_else(|| value.member("tool_results")) {
        let Some(result) = result.record() else { return };
        let is_error = result.text("status").map(|status| &*status == "error");
        let is_error = is_error.or_else(|| result.get("is_error").map(Value::is_true));
        let call = first(&result, &["tool_use_id", "id"]);
        told.result(call, result.get("name"), result.get("content"), Outcome { is_error, exit_code: None });
    } else {
        say(told, role, Kind::Text, Some(value));
    }
    if value.member("internalOnly").is_some_and(Value::is_true) {
        told.since(before).iter_mut().for_each(|message| message.marks.set(Mark::Injected));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_conversation_has_its_history_for_a_part() {
        let id = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        for (ending, part) in [("json", None), ("history.jsonl", Some("history"))] {
            let found = guess_path(Path::new(&format!("/x/cortex/conversations/{id}.{ending}")));
            let told = (found.agent, found.session_id.as_deref(), found.part_id.as_deref());
            assert_eq!(told, (Some("cortex"), Some(id), part));
        }
    }

    #[test]
    fn what_stands_around_the_messages_tells_where_it_was() {
        let head = br#"{"document":"x.json","id":"history/0","data":{"role":"user","content":[{"type":"text","text":"count"}]}}
{"document":"x.json","id":null,"data":{"session_id":"x","title":"Rows","working_directory":"/w/app","created_at":"2026-01-02T03:04:05Z","last_updated":"2026-01-02T03:05:05Z","history":[]}}
"#;
        let told = describe("cortex", head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("Rows")));
        assert_eq!(
            told.ended_at.unwrap() - told.started_at.unwrap(),
            jiff::Span::new().seconds(60).fieldwise()
        );
    }

    #[test]
    fn calls_and_results_are_told_from_within_their_blocks() {
        let lines = r#"{"document":"x.json","id":"history/0","data":{"role":"user","content":[{"type":"text","text":"<system-reminder>x</system-reminder>"},{"type":"text","text":"told to it","internalOnly":true},{"type":"text","text":"count"}]}}
{"document":"x.json","id":"history/1","data":{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"tool_use","tool_use":{"tool_use_id":"c1","name":"sql","input":{"q":"1"}}}]}}
{"document":"x.json","id":"history/2","data":{"role":"user","content":[{"type":"tool_result","tool_result":{"tool_use_id":"c1","name":"sql","content":[{"type":"text","text":"1"}],"status":"success"}}]}}
{"document":"x.json","id":null,"data":{"title":"Rows","history":[]}}
{"role":"assistant","content":"There is one."}"#;
        assert_eq!(
            told(&Cortex, lines),
            [
                r#"user text "<system-reminder>x</system-reminder>" +injected"#,
                r#"user text "told to it" +injected"#,
                r#"user text "count""#,
                r#"assistant thinking "hm""#,
                r#"assistant tool_call sql @c1 "{"q":"1"}""#,
                r#"tool tool_result sql @c1 "1" error=false"#,
                r#"system event title "Rows""#,
                r#"system event session "LINE""#,
                r#"assistant text "There is one.""#,
            ]
        );
    }
}
