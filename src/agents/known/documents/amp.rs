//! Amp, before it kept threads on its servers alone: `~/.local/share/amp/threads/T-<uuid>.json`, one document each.

use std::path::{Path, PathBuf};

use super::told::{guess, note_message, note_times};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::known::beside::path_of_url;
use crate::agents::known::rendered::{first, say, title};
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid};
use crate::message::{Kind, Mark, Outcome, Role, Text};
use crate::recipe::Shape;

const ID: &str = "amp";

pub(crate) struct Amp;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Amp {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Amp"
    }

    /// `$AMP_THREADS_DIR`, and `amp/threads` in `$XDG_DATA_HOME`, else in `~/.local/share`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let data = environment.path("XDG_DATA_HOME");
        let homes = data.map_or_else(|| environment.in_home(".local/share"), |data| vec![data]);
        let own = homes.iter().map(|home| home.join("amp/threads"));
        environment.path("AMP_THREADS_DIR").into_iter().chain(own).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["amp", "threads"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let stem = path.name().strip_suffix(b".json")?;
        is_uuid(stem.strip_prefix(b"T-")?).then(|| Recognised::Ours(guess(ID, Some(id_of_name(stem)), None)))
    }

    fn form(&self, path: &Path) -> Form {
        Form::Documents(vec![(path.to_path_buf(), Shape::Lists(&["messages"]))])
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        let Some(data) = record.record("data") else { return };
        if let Some(sent) = data.inside("meta", "sentAt") {
            notes.time(sent);
        }
        if let Some(usage) = data.record("usage") {
            notes.model(usage.text("model"));
            note_times(&usage, notes);
        }
        note_message(&data, notes);
        notes.title(TitleRank::Given, data.text("title"));
        let Some(tree) = data.inside("env", "initial").and_then(|initial| initial.member("trees")) else {
            return;
        };
        let Some(tree) = tree.elements().next() else { return };
        let directory = tree.member("uri").and_then(Value::text);
        notes.cwd(directory.and_then(|url| path_of_url(&url)).map(Into::into));
        let branch = tree.member("repository").and_then(|repository| repository.member("ref")?.text());
        notes.git_branch(branch.map(|name| match name.strip_prefix("refs/heads/") {
            Some(branch) => branch.to_owned().into(),
            None => name,
        }));
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let Some(data) = record.record("data") else { return };
        if data.has("role") {
            return tell(&data, told);
        }
        told.time(data.get("created"));
        title(told, data.get("title"));
        told.state(Text::Named("session"));
    }
}

fn tell(data: &Record<'_>, told: &mut Telling<'_>) {
    let usage = data.get("usage");
    let inside = |key: &str| usage.and_then(|usage| usage.member(key));
    told.time(data.inside("meta", "sentAt").or_else(|| inside("timestamp")));
    told.id(data.get("messageId"));
    let role = if data.is("role", "assistant") { Role::Assistant } else { Role::User };
    if role == Role::Assistant {
        told.model(inside("model"));
        told.tokens(tokens(usage, Cached::Apart));
    }
    for value in data.get("content").into_iter().flat_map(Value::elements) {
        let Some(block) = value.record() else { continue };
        match block.text("type").as_deref() {
            Some("tool_result") if block.has("run") => answer(&block, told),
            Some("summary") => {
                let summary = block.get("summary");
                let text = summary.and_then(|summary| summary.member("summary")).or(summary);
                let text = told.optional(text);
                told.say(role, Kind::Summary, text).marks.set(Mark::Compaction);
            }
            _ => say(told, role, Kind::Text, Some(value)),
        }
    }
    told.state_otherwise(Text::Named("message"));
}

/// What a tool answered: text, or an object that says how a command ended.
fn answer(block: &Record<'_>, told: &mut Telling<'_>) {
    let Some(run) = block.record("run") else { return };
    let result = run.get("result");
    let inside = |key: &str| result.and_then(|result| result.member(key));
    let exit_code = inside("exitCode").and_then(Value::number).map(|code| code as i64);
    let is_error =
        run.text("status").map(|status| matches!(&*status, "error" | "cancelled" | "rejected-by-user"));
    let error = run.get("error").map(|error| error.member("message").unwrap_or(error));
    let output = inside("output").filter(|_| exit_code.is_some()).or(result).or(error);
    let call = first(block, &["toolUseID", "tool_use_id"]);
    told.result(call, None, output, Outcome { is_error, exit_code });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_thread_is_named_by_its_file_and_tells_where_it_was() {
        let id = "T-0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let found = guess_path(Path::new(&format!("/x/{id}.json")));
        assert_eq!((found.agent, found.session_id.as_deref()), (Some("amp"), Some(id)));
        assert_eq!(guess_path(Path::new("/x/T-1.json")).agent, None);
        let head = br#"{"document":"T.json","id":"messages/0","data":{"role":"user","content":[{"type":"text","text":"fix it"}],"meta":{"sentAt":1767323045678}}}
{"document":"T.json","id":"messages/1","data":{"role":"assistant","content":[],"usage":{"model":"m","timestamp":"2026-01-02T03:05:00Z"}}}
{"document":"T.json","id":null,"data":{"v":2,"created":1767323045678,"messages":[],"env":{"initial":{"trees":[{"uri":"file:///w/my%20app","repository":{"ref":"refs/heads/dev"}}]}}}}
"#;
        let told = describe("amp", head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/my app"), Some("fix it")));
        assert_eq!((told.model.as_deref(), told.git_branch.as_deref()), (Some("m"), Some("dev")));
        assert_eq!(told.started_at, "2026-01-02T03:04:05.678Z".parse().ok());
        assert_eq!(told.ended_at, "2026-01-02T03:05:00Z".parse().ok());
    }

    #[test]
    fn a_message_is_told_block_by_block() {
        let lines = r#"{"document":"T.json","id":"messages/0","data":{"role":"user","content":[{"type":"text","text":"fix it"}],"meta":{"sentAt":1767323045678}}}
{"document":"T.json","id":"messages/1","data":{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"tool_use","id":"c1","name":"Bash","input":{"cmd":"ls"},"complete":true}],"usage":{"model":"m","inputTokens":2,"cacheReadInputTokens":9}}}
{"document":"T.json","id":"messages/2","data":{"role":"user","content":[{"type":"tool_result","toolUseID":"c1","run":{"status":"done","result":{"output":"a","exitCode":1}}},{"type":"tool_result","toolUseID":"c2","run":{"status":"error","error":{"message":"no"}}}]}}
{"document":"T.json","id":"messages/3","data":{"role":"user","content":[{"type":"summary","summary":{"type":"message","summary":"so far"}}]}}
{"document":"T.json","id":null,"data":{"v":2,"title":"Fix","messages":[]}}"#;
        assert_eq!(
            told(&Amp, lines),
            [
                r#"user text "fix it""#,
                r#"assistant thinking "hm""#,
                r#"assistant tool_call Bash @c1 "{"cmd":"ls"}""#,
                r#"tool tool_result @c1 "a" error=false exit=1"#,
                r#"tool tool_result @c2 "no" error=true"#,
                r#"user summary "so far" +compaction"#,
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
            ]
        );
    }
}
