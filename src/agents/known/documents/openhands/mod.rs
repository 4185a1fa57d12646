//! OpenHands: `~/.openhands/conversations/<id>/base_state.json` with one document an event in `events/` beside it; before,
//! `~/.openhands/sessions/<id>/events/<number>.json`. What the events say, `said` tells.

mod said;

use std::path::{Path, PathBuf};

use said::STATE;

use super::told::{document, guess, listed, note_prompt};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::recipe::Shape;

const ID: &str = "openhands";

/// What stood for all documents of a conversation before there was [`STATE`]: its first event.
const FIRST: &str = "0.json";

pub(crate) struct OpenHands;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for OpenHands {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "OpenHands"
    }

    /// `conversations/` and `sessions/` of `$OPENHANDS_PERSISTENCE_DIR`, else of `~/.openhands`; and
    /// `$OPENHANDS_CONVERSATIONS_DIR`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let home = environment.path("OPENHANDS_PERSISTENCE_DIR");
        let homes = home.map_or_else(|| environment.in_home(".openhands"), |home| vec![home]);
        let own = homes.iter().flat_map(|home| [home.join("conversations"), home.join("sessions")]);
        environment.path("OPENHANDS_CONVERSATIONS_DIR").into_iter().chain(own).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".openhands", "conversations", "events"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let ours =
            |id: &[u8]| (!id.is_empty()).then(|| Recognised::Ours(guess(ID, Some(id_of_name(id)), None)));
        let is_old = path.above(1) == b"events" && path.above(3) == b"sessions";
        match path.name() {
            name if name == STATE.as_bytes() => ours(path.above(1)),
            name if name == FIRST.as_bytes() && is_old => ours(path.above(2)),
            _ => None,
        }
    }

    fn form(&self, path: &Path) -> Form {
        let directory = path.parent().unwrap_or(Path::new(""));
        let is_state = path.file_name().is_some_and(|name| name == STATE);
        let events = if is_state { listed(&directory.join("events")) } else { listed(directory) };
        let state = is_state.then(|| path.to_path_buf());
        let beside = directory.parent().filter(|_| !is_state).map(|session| session.join("metadata.json"));
        let files = beside.into_iter().chain(state).chain(events);
        Form::Documents(files.map(|path| (path, Shape::Whole)).collect())
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        let Some(data) = record.record("data") else { return };
        if let Some(time) = data.get("timestamp").or_else(|| data.get("created_at")) {
            notes.time(time);
        }
        if document(record) == STATE {
            notes.cwd(data.inside("workspace", "working_dir").and_then(Value::filled_text));
            let model = data.inside("agent", "llm").and_then(|llm| llm.member("model")?.filled_text());
            notes.model(model);
        }
        notes.title(TitleRank::Given, data.text("title"));
        if data.is("source", "user") {
            let message = data.inside("llm_message", "content");
            let blocks = message.into_iter().flat_map(Value::elements);
            for text in blocks.filter_map(|block| block.member("text")?.text()) {
                note_prompt(&text, notes);
            }
            if let Some(text) = data.inside("args", "content").and_then(Value::filled_text) {
                note_prompt(&text, notes);
            }
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_conversation_is_all_its_events_in_the_order_of_their_numbers() {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "{}").unwrap();
            path
        };
        let state = write("conversations/c1/base_state.json");
        for name in ["event-00010-a.json", "event-00002-b.json"] {
            write(&format!("conversations/c1/events/{name}"));
        }
        let first = write("sessions/s1/events/0.json");
        for number in [1, 2, 10] {
            write(&format!("sessions/s1/events/{number}.json"));
        }
        let names = |path: &Path| -> Vec<String> {
            let Form::Documents(files) = OpenHands.form(path) else { panic!() };
            files.iter().map(|(path, _)| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&state), ["base_state.json", "event-00002-b.json", "event-00010-a.json"]);
        assert_eq!(names(&first), ["metadata.json", "0.json", "1.json", "2.json", "10.json"]);
        let found = |path: &Path| guess_path(path).session_id;
        assert_eq!((found(&state).as_deref(), found(&first).as_deref()), (Some("c1"), Some("s1")));
        assert_eq!(guess_path(&home.path().join("sessions/s1/events/1.json")).agent, None);
    }

    #[test]
    fn its_state_and_its_first_message_tell_what_it_was_about() {
        let head = br#"{"document":"base_state.json","id":null,"data":{"id":"c1","agent":{"llm":{"model":"m"}},"workspace":{"working_dir":"/w/app"}}}
{"document":"events/event-00001-a.json","id":null,"data":{"id":"a","timestamp":"2026-01-02T03:04:05.678901","source":"user","llm_message":{"role":"user","content":[{"type":"text","text":"fix it"}]}}}
"#;
        let told = describe(ID, head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("fix it")));
        assert_eq!(told.model.as_deref(), Some("m"));
        assert!(told.started_at.is_some());
    }

    #[test]
    fn events_of_both_generations_say_who_did_what() {
        let lines = r#"{"document":"base_state.json","id":null,"data":{"id":"c1","agent":{"llm":{"model":"m"}}}}
{"document":"events/1.json","id":null,"data":{"id":"a","kind":"SystemPromptEvent","source":"agent","system_prompt":{"type":"text","text":"You are"}}}
{"document":"events/2.json","id":null,"data":{"id":"b","kind":"MessageEvent","source":"user","llm_message":{"role":"user","content":[{"type":"text","text":"fix it"}]},"extended_content":[{"type":"text","text":"skills"}]}}
{"document":"events/3.json","id":null,"data":{"id":"c","kind":"ActionEvent","source":"agent","reasoning_content":"hm","thought":[{"type":"text","text":"I do."}],"action":{"kind":"TerminalAction","command":"ls"},"tool_name":"terminal","tool_call_id":"t1","tool_call":{"id":"t1","name":"terminal","arguments":"{}"}}}
{"document":"events/4.json","id":null,"data":{"id":"d","kind":"ObservationEvent","source":"environment","tool_name":"terminal","tool_call_id":"t1","observation":{"kind":"TerminalObservation","content":[{"type":"text","text":"a"}],"exit_code":1,"is_error":false}}}
{"document":"events/5.json","id":null,"data":{"id":"e","kind":"AgentErrorEvent","source":"agent","tool_name":"x","tool_call_id":"t2","error":"no"}}
{"document":"events/6.json","id":null,"data":{"id":"f","kind":"Condensation","source":"environment","summary":"so far"}}
{"document":"events/7.json","id":null,"data":{"id":"g","kind":"ConversationStateUpdateEvent","source":"environment","key":"x"}}
{"document":"0.json","id":null,"data":{"id":0,"source":"user","action":"message","args":{"content":"fix it"}}}
{"document":"1.json","id":null,"data":{"id":1,"source":"agent","action":"run","args":{"command":"ls","thought":"I do."},"tool_call_metadata":{"function_name":"execute_bash","tool_call_id":"t3","model_response":{"id":"r","model":"m","usage":{"prompt_tokens":3}}}}}
{"document":"2.json","id":null,"data":{"id":2,"source":"agent","observation":"run","content":"a","cause":1,"extras":{"metadata":{"exit_code":0}},"success":true,"tool_call_metadata":{"function_name":"execute_bash","tool_call_id":"t3"}}}
{"document":"3.json","id":null,"data":{"id":3,"source":"environment","observation":"agent_state_changed","content":"","extras":{}}}"#;
        assert_eq!(
            told(&OpenHands, lines),
            [
                r#"system event introduction """#,
                r#"system event session "LINE""#,
                r#"system text "You are" +injected"#,
                r#"user text "fix it""#,
                r#"user text "skills" +injected"#,
                r#"assistant thinking "hm""#,
                r#"assistant text "I do.""#,
                r#"assistant tool_call terminal @t1 "{}""#,
                r#"tool tool_result terminal @t1 "a" error=false exit=1"#,
                r#"tool tool_result x @t2 "no" error=true"#,
                r#"assistant summary "so far" +compaction"#,
                r#"system event ConversationStateUpdateEvent "LINE""#,
                r#"user text "fix it""#,
                r#"assistant text "I do.""#,
                r#"assistant tool_call execute_bash @t3 "{"command":"ls","thought":"I do."}""#,
                r#"tool tool_result execute_bash @t3 "a" error=false exit=0"#,
                r#"system event agent_state_changed "LINE""#,
            ]
        );
    }
}
