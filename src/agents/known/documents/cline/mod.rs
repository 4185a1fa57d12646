//! Cline and what was made of it, Roo Code and Kilo Code: `tasks/<task>/` in the directory of an extension, with the
//! messages to and from the model in `api_conversation_history.json` and what the user saw in `ui_messages.json`, which is
//! a part. Cline since 4.0 writes `~/.cline/data/sessions/<session>/<session>.messages.json` with a manifest beside it, and
//! child agents' messages under their own names. What the lines say, `said` tells, and `hooks` are
//! the scripts of ours that call our hook.

mod hooks;
mod said;

use std::path::{Path, PathBuf};

use said::{ITEM, MESSAGES, METADATA, SEEN};

use super::editors;
use super::told::{document, guess, note_message, note_prompt, note_times};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::settings::{HookCall, Settings, Wanted};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::recipe::Shape;

/// A list at the top, or in an object.
const LISTS: Shape = Shape::Lists(&["", "messages"]);

/// Cline, or a program that was made of it.
pub(crate) struct Cline {
    pub id: &'static str,
    pub label: &'static str,
    /// What editors call the extension.
    pub extension: &'static str,
    pub given: &'static [&'static str],
}

pub(crate) const CLINE: Cline = Cline {
    id: "cline",
    label: "Cline",
    extension: "saoudrizwan.claude-dev",
    given: &[".cline", "saoudrizwan.claude-dev", "tasks", "globalStorage", "User"],
};

pub(crate) const ROO: Cline = Cline {
    id: "roo",
    label: "Roo Code",
    extension: "rooveterinaryinc.roo-cline",
    given: &["rooveterinaryinc.roo-cline"],
};

pub(crate) const KILO: Cline = Cline {
    id: "kilo-code",
    label: "Kilo Code",
    extension: "kilocode.kilo-code",
    given: &["kilocode.kilo-code"],
};

impl Cline {
    fn is_cline(&self) -> bool {
        self.id == CLINE.id
    }

    /// Recognises the documents of a task. A tree that names no extension is taken for Cline's.
    fn of_task(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let part_id = match path.name() {
            name if name == MESSAGES.as_bytes() => None,
            name if name == SEEN.as_bytes() => Some("ui_messages".to_owned()),
            _ => return None,
        };
        let is_named = path.components().contains(&self.extension.as_bytes());
        let is_ours =
            is_named || (self.is_cline() && (path.above(2) == b"tasks" || path.above(1).is_empty()));
        let task = path.above(1);
        let is_ours = is_ours && !task.is_empty();
        is_ours.then(|| Recognised::Ours(guess(self.id, Some(id_of_name(task)), part_id)))
    }
}

/// Recognises the documents of a session of Cline's since 4.0.
fn of_session(path: &PathTail<'_>) -> Option<Recognised> {
    let session = path.above(1);
    let is_of_session = |stem: &[u8]| !session.is_empty() && stem == session;
    let id = Some(id_of_name(session));
    if let Some(stem) = path.name().strip_suffix(b".messages.json") {
        if is_of_session(stem) {
            return Some(Recognised::Ours(guess(CLINE.id, id, None)));
        }
        let is_child = path.above(2) == b"sessions" && !stem.is_empty();
        return is_child.then(|| Recognised::Ours(guess(CLINE.id, id, Some(id_of_name(stem)))));
    }
    path.name().strip_suffix(b".compaction.json").filter(|stem| is_of_session(stem))?;
    Some(Recognised::Ours(guess(CLINE.id, id, Some("compaction".to_owned()))))
}

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Cline {
    fn id(&self) -> &'static str {
        self.id
    }

    fn label(&self) -> &'static str {
        self.label
    }

    /// The extension's tasks in each editor. Cline's sessions are in `$CLINE_SESSION_DATA_DIR`, else in `sessions/` of
    /// `$CLINE_DATA_DIR`, else of `data/` in `$CLINE_DIR` or `~/.cline`; tasks of its older programs beside them.
    /// `$CLINE_DIR`, else `~/.cline`, of Cline since 4.0.
    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        let home =
            environment.path("CLINE_DIR").map_or_else(|| environment.in_home(".cline"), |home| vec![home]);
        if self.is_cline() { home } else { Vec::new() }
    }

    fn settings(&self, home: &Path) -> Option<Settings> {
        self.is_cline().then(|| hooks::of_home(home))
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        if self.is_cline() { hooks::wanted(home, call) } else { Vec::new() }
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let mut roots: Vec<PathBuf> =
            editors::of_extension(self.extension, environment).iter().map(|own| own.join("tasks")).collect();
        if self.is_cline() {
            let home = self.homes(environment).into_iter().next();
            let data = environment.path("CLINE_DATA_DIR").or_else(|| Some(home?.join("data")));
            let sessions = environment.path("CLINE_SESSION_DATA_DIR");
            roots.extend(sessions.or_else(|| Some(data.as_ref()?.join("sessions"))));
            roots.extend(data.map(|data| data.join("tasks")));
        }
        roots
    }

    fn given_names(&self) -> &'static [&'static str] {
        self.given
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let of_session = || if self.is_cline() { of_session(path) } else { None };
        self.of_task(path).or_else(of_session)
    }

    /// Copies of the user's files as they were are no sessions.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        !matches!(path.name(), b"checkpoints" | b".git")
    }

    fn form(&self, path: &Path) -> Form {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = |name: &str| path.with_file_name(name);
        let this = (path.to_path_buf(), LISTS);
        let directory = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        Form::Documents(match &*name {
            MESSAGES => vec![(beside(METADATA), Shape::Whole), this, (beside(ITEM), Shape::Whole)],
            name => {
                match name.strip_suffix(".messages.json").map(|stem| (stem, beside(&format!("{stem}.json"))))
                {
                    Some((stem, manifest)) if stem == directory || manifest.is_file() => {
                        vec![(manifest, Shape::Whole), this]
                    }
                    _ => vec![this],
                }
            }
        })
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let name = stray.name();
        if name == MESSAGES || name == SEEN {
            // What was made of it writes the same.
            let is_ours = self.is_cline() || stray.is_trusted;
            let tasks = format!(".config/Code/User/globalStorage/{}/tasks", self.extension);
            return is_ours.then(|| stray.in_root(&tasks, 2));
        }
        let session = name.strip_suffix(".messages.json").filter(|_| self.is_cline())?;
        let is_main = stray.above(1) == session || stray.has_beside(&format!("{session}.json"));
        let is_ours = is_main && stray.is_document(|document| document.has("messages"));
        is_ours.then(|| PathBuf::from_iter([".cline/data/sessions", session, name]))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        let Some(data) = record.record("data") else { return };
        match &*document(record) {
            METADATA => note_metadata(&data, notes),
            ITEM => {
                notes.cwd(data.text("cwdOnTaskInitialization").or_else(|| data.text("workspace")));
                notes.title(TitleRank::Summary, data.text("task"));
                // It says when something was last said.
                if let Some(time) = data.get("ts").filter(|_| notes.description().started_at.is_some()) {
                    notes.time(time);
                }
            }
            SEEN => {
                note_times(&data, notes);
                // The first that is said is the task.
                if data.is("type", "say") && (data.is("say", "text") || data.is("say", "task")) {
                    note_prompt(&data.text("text").unwrap_or_default(), notes);
                }
            }
            name if name.ends_with(".messages.json") || name == MESSAGES => {
                let info = data.record("modelInfo");
                notes.model(info.and_then(|info| info.text("modelId").or_else(|| info.text("id"))));
                note_message(&data, notes);
            }
            _ => note_manifest(&data, notes),
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }
}

/// Takes when which model was asked.
fn note_metadata(data: &Record<'_>, notes: &mut Notes) {
    for usage in data.get("model_usage").into_iter().flat_map(Value::elements) {
        usage.member("ts").into_iter().for_each(|time| notes.time(time));
        notes.model(usage.member("model_id").and_then(Value::filled_text));
    }
}

/// Takes what a manifest tells.
fn note_manifest(data: &Record<'_>, notes: &mut Notes) {
    note_times(data, notes);
    notes.cwd(data.text("cwd").or_else(|| data.text("workspace_root")));
    notes.model(data.text("model"));
    let title = data.text("title").or_else(|| data.inside("metadata", "title")?.filled_text());
    notes.title(TitleRank::Given, title);
    if let Some(prompt) = data.text("prompt") {
        note_prompt(&prompt, notes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    fn of(path: &str) -> (Option<&'static str>, Option<String>, Option<String>) {
        let guess = guess_path(Path::new(path));
        (guess.agent, guess.session_id, guess.part_id)
    }

    #[test]
    fn tasks_are_told_apart_by_the_extension_that_they_lie_in() {
        for (path, agent) in [
            ("/c/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1788/", "cline"),
            ("/c/Cursor/User/globalStorage/rooveterinaryinc.roo-cline/tasks/1788/", "roo"),
            ("/c/Code/User/globalStorage/kilocode.kilo-code/tasks/1788/", "kilo-code"),
            ("/h/.cline/data/tasks/1788/", "cline"),
            ("/elsewhere/tasks/1788/", "cline"),
        ] {
            let id = Some("1788".to_owned());
            assert_eq!(of(&format!("{path}{MESSAGES}")), (Some(agent), id.clone(), None), "{path}");
            let seen = (Some(agent), id, Some("ui_messages".to_owned()));
            assert_eq!(of(&format!("{path}{SEEN}")), seen, "{path}");
        }
    }

    #[test]
    fn a_session_has_one_transcript_and_its_child_agents_are_parts() {
        let own = |part: Option<&str>| (Some("cline"), Some("s1".to_owned()), part.map(str::to_owned));
        let path = |name: &str| of(&format!("/h/.cline/data/sessions/s1/{name}"));
        assert_eq!(path("s1.messages.json"), own(None));
        assert_eq!(path("agent-2.messages.json"), own(Some("agent-2")));
        assert_eq!(path("s1.compaction.json"), own(Some("compaction")));
        assert_eq!(path("s1.json"), (None, None, None));
        let Form::Documents(files) = CLINE.form(Path::new("/s/s1/s1.messages.json")) else { panic!() };
        let names: Vec<_> = files.iter().map(|(path, _)| path.file_name().unwrap()).collect();
        assert_eq!(names, ["s1.json", "s1.messages.json"]);
    }

    #[test]
    fn a_manifest_tells_what_the_session_was_about() {
        let head = br#"{"document":"s1.json","id":null,"data":{"session_id":"s1","cwd":"/w/app","model":"m-1","metadata":{"title":"Fix"},"started_at":"2026-01-02T03:04:05Z"}}
{"document":"s1.messages.json","id":"messages/1","data":{"id":"1","role":"user","ts":1767323046000,"content":"fix it"}}
{"document":"s1.messages.json","id":"messages/2","data":{"id":"2","role":"assistant","modelInfo":{"id":"m-2"}}}
"#;
        let told = describe("cline", head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("Fix")));
        assert_eq!(told.model.as_deref(), Some("m-2"));
        assert_eq!(told.started_at, "2026-01-02T03:04:05Z".parse().ok());
        assert_eq!(told.ended_at, "2026-01-02T03:04:06Z".parse().ok());
    }

    #[test]
    fn a_task_tells_it_in_its_first_message_or_in_a_document_beside() {
        let message = r##"{"document":"api_conversation_history.json","id":"0","data":{"role":"user","content":[{"type":"text","text":"<task>\nfix it\n</task>"},{"type":"text","text":"<environment_details>\n# Current Time\n1/2/2026, 3:04:05 AM (UTC, UTC+0:00)\n\n# Current Working Directory (/w/app) Files\na.rs\n</environment_details>"}]}}"##;
        let told = describe("cline", format!("{message}\n").as_bytes(), b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("fix it")));
        assert_eq!(told.started_at, "2026-01-02T03:04:05Z".parse().ok());
        let beside = r#"{"document":"history_item.json","id":null,"data":{"id":"x","ts":1767323999000,"task":"fix it","workspace":"/w/other"}}"#;
        let metadata = r#"{"document":"task_metadata.json","id":null,"data":{"model_usage":[{"ts":1767323045000,"model_id":"m"}]}}"#;
        let told = describe("roo", format!("{metadata}\n{beside}\n").as_bytes(), b"");
        assert_eq!((told.cwd.as_deref(), told.model.as_deref()), (Some("/w/other"), Some("m")));
        assert_eq!(told.started_at.unwrap().as_second(), 1_767_323_045);
        assert_eq!(told.ended_at.unwrap().as_second(), 1_767_323_999);
    }

    #[test]
    fn variables_say_where_sessions_are() {
        let environment = |variables: &[(&str, &str)]| {
            Environment::new(variables.iter().map(|(name, value)| (name.into(), value.into())))
        };
        for (variables, expected) in [
            (&[("HOME", "/h")][..], "/h/.cline/data/sessions"),
            (&[("HOME", "/h"), ("CLINE_DIR", "/c")], "/c/data/sessions"),
            (&[("HOME", "/h"), ("CLINE_DIR", "/c"), ("CLINE_DATA_DIR", "/d")], "/d/sessions"),
            (&[("HOME", "/h"), ("CLINE_DATA_DIR", "/d"), ("CLINE_SESSION_DATA_DIR", "/s")], "/s"),
        ] {
            assert!(CLINE.roots(&environment(variables)).contains(&PathBuf::from(expected)), "{expected}");
        }
    }

    #[test]
    fn messages_of_both_generations_say_who_said_what() {
        let lines = r##"{"document":"s1.json","id":null,"data":{"session_id":"s1","metadata":{"title":"Fix"},"started_at":"2026-01-02T03:04:05Z"}}
{"document":"s1.messages.json","id":"messages/1","data":{"id":"1","role":"user","ts":1767323046000,"content":[{"type":"text","text":"<user_input mode=\"act\">fix it</user_input>"}]}}
{"document":"s1.messages.json","id":"messages/2","data":{"id":"2","role":"assistant","modelInfo":{"id":"m"},"metrics":{"inputTokens":3,"outputTokens":4},"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"I do."},{"type":"tool_use","id":"c1","name":"run_commands","input":{"commands":["ls"]}}]}}
{"document":"s1.messages.json","id":"messages/3","data":{"id":"3","role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"query":"ls","result":"a","success":true}]}]}}
{"document":"s1.messages.json","id":null,"data":{"version":1,"messages":[],"system_prompt":"You are"}}
{"document":"api_conversation_history.json","id":"0","data":{"role":"user","content":[{"type":"text","text":"<task>\nfix it\n</task>"},{"type":"text","text":"<environment_details>\n# Files\n</environment_details>"}]}}
{"document":"api_conversation_history.json","id":"1","data":{"role":"assistant","content":[{"type":"text","text":"<read_file><path>a</path></read_file>"}]}}
{"document":"api_conversation_history.json","id":"2","data":{"role":"user","content":[{"type":"text","text":"[read_file for 'a'] Result:"},{"type":"text","text":"fn a"},{"type":"text","text":"<environment_details>x</environment_details>"}]}}
{"document":"api_conversation_history.json","id":"3","data":{"role":"user","content":"[ERROR] You did not use a tool"}}
{"document":"api_conversation_history.json","id":"4","data":{"role":"assistant","isSummary":true,"content":"so far"}}
{"document":"ui_messages.json","id":"5","data":{"ts":5,"type":"say","say":"api_req_started","text":"{\"tokensIn\":7}"}}
{"document":"ui_messages.json","id":"6","data":{"ts":6,"type":"ask","ask":"command","text":"ls"}}
{"document":"history_item.json","id":null,"data":{"ts":7,"task":"fix it","tokensIn":5}}"##;
        assert_eq!(
            told(&CLINE, lines),
            [
                r##"system event title "Fix""##,
                r##"system event session "LINE""##,
                r##"user text "<user_input mode="act">fix it</user_input>""##,
                r##"assistant thinking "hm""##,
                r##"assistant text "I do.""##,
                r##"assistant tool_call run_commands @c1 "{"commands":["ls"]}""##,
                r##"tool tool_result @c1 "{"query":"ls","result":"a","success":true}""##,
                r##"system text "You are" +injected"##,
                r##"user text "<task>\nfix it\n</task>""##,
                r##"user text "<environment_details>\n# Files\n</environment_details>" +injected"##,
                r##"assistant text "<read_file><path>a</path></read_file>""##,
                r##"tool tool_result read_file "[read_file for 'a'] Result:""##,
                r##"tool tool_result read_file "fn a""##,
                r##"user text "<environment_details>x</environment_details>" +injected"##,
                r##"user text "[ERROR] You did not use a tool" +injected"##,
                r##"assistant summary "so far" +compaction"##,
                r##"system event api_req_started "{"tokensIn":7}""##,
                r##"system event command "ls""##,
                r##"system event task "LINE""##,
            ]
        );
    }
}
