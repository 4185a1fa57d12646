//! VS Code's Copilot chat: `<host>/User/workspaceStorage/<workspace>/chatSessions/<session>.jsonl`, those of windows without
//! a workspace in `globalStorage/`, and a second copy of some in `GitHub.copilot-chat/transcripts/<session>.jsonl`, in
//! Copilot CLI's records.
//!
//! A session is a log of mutations of one object: `kind` 0 is the whole object, 1 sets a value at a path, 2 appends to a
//! list, 3 deletes. Before version 1.109 of VS Code it was one document, written again at each turn.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say.

mod said;

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::known::beside;
use crate::agents::known::copilot::Copilot;
use crate::agents::known::documents::CopilotChat;
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::{id_of_name, uuid_in};

const ID: &str = "vscode";

/// Programs that are VS Code, as their directories are called.
const HOSTS: [&str; 4] = ["Code", "Code - Insiders", "VSCodium", "Cursor"];

/// Where such a program keeps its data on a machine that is worked on from another, below the user's home.
const SERVERS: [&str; 3] =
    [".vscode-server/data/User", ".vscode-server-insiders/data/User", ".cursor-server/data/User"];

/// Directories of sessions.
const CHATS: [&[u8]; 3] = [b"chatSessions", b"emptyWindowChatSessions", b"transferredChatSessions"];

/// What the extension calls its directory.
const EXTENSION: &[u8] = b"GitHub.copilot-chat";

pub(crate) struct VsCode;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for VsCode {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "VS Code Copilot chat"
    }

    /// `workspaceStorage/` and `globalStorage/` of each host that there is.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let mut applications = environment.in_home(".config");
        applications.extend(environment.in_home("Library/Application Support"));
        applications.extend(environment.path("APPDATA"));
        let hosts = applications.iter().flat_map(|data| HOSTS.map(|host| data.join(host).join("User")));
        let servers = SERVERS.iter().flat_map(|server| environment.in_home(server));
        hosts
            .chain(servers)
            .flat_map(|user| [user.join("workspaceStorage"), user.join("globalStorage")])
            .collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[
            "workspaceStorage",
            "globalStorage",
            "chatSessions",
            "emptyWindowChatSessions",
            "transferredChatSessions",
        ]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let Some(stem) = path.jsonl_stem() else { return CopilotChat.recognise(path) };
        let session_id = || uuid_in(stem).unwrap_or_else(|| id_of_name(stem));
        if CHATS.contains(&path.above(1)) {
            return Some(Recognised::session(ID, Some(session_id())));
        }
        let is_copy = path.above(1) == b"transcripts" && path.above(2).eq_ignore_ascii_case(EXTENSION);
        is_copy.then(|| Recognised::part(ID, session_id(), "transcript".to_owned()))
    }

    fn form(&self, path: &Path) -> Form {
        match path.extension().is_some_and(|extension| extension == "json") {
            true => CopilotChat.form(path),
            false => Form::Text,
        }
    }

    /// Other extensions keep much in the same directories.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        let is_ours = |name: &[u8]| CHATS.contains(&name) || name.eq_ignore_ascii_case(EXTENSION);
        match () {
            () if path.above(1) == b"globalStorage" || path.above(2) == b"workspaceStorage" => {
                is_ours(path.name())
            }
            () if path.above(2) == b"globalStorage" || path.above(3) == b"workspaceStorage" => {
                path.name() == b"transcripts"
            }
            () => path.above(1) == b"workspaceStorage",
        }
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = stray.name().ends_with(".json")
            && stray.is_document(|document| {
                let is_dated = document.has("creationDate") || document.has("requesterUsername");
                document.has("sessionId") && document.has("requests") && is_dated
            });
        is_ours.then(|| stray.in_root(".config/Code/User/globalStorage/emptyWindowChatSessions", 1))
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let kind = record.get("kind")?.number()?;
        let object = record.get("v");
        match kind {
            0.0 => Some(Claim::session(object?.record()?.text("sessionId")?)),
            1.0 | 2.0 | 3.0 if record.has("k") => Some(Claim::agent_only()),
            _ => None,
        }
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"kind\":0"]
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        match () {
            () if record.has("document") => CopilotChat.messages(record, told),
            () if record.has("data") => Copilot.messages(record, told),
            () => said::tell(record, told),
        }
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        if record.has("document") {
            return CopilotChat.note(record, notes);
        }
        if record.has("data") {
            return Copilot.note(record, notes);
        }
        let (Some(path), Some(value)) = (record.get("k"), record.get("v")) else {
            if let Some(object) = record.record("v").filter(|_| record.has("kind")) {
                note_object(&object, notes);
            }
            return;
        };
        let path_has_message = path.elements().any(|name| name.text().is_some_and(|name| name == "message"));
        let mut path = path.elements();
        let first = path.next().and_then(Value::text);
        match (first.as_deref(), path.last().and_then(Value::text).as_deref()) {
            (Some("customTitle"), None) => notes.title(TitleRank::Given, value.filled_text()),
            (Some("requests"), None) => value.elements().for_each(|request| note_request(request, notes)),
            (Some("requests"), Some("modelId")) => notes.model(value.filled_text()),
            // A log may have lost its beginning.
            (Some("requests"), Some("text")) if path_has_message => notes.prompt(Some(value)),
            _ => {}
        }
    }

    /// `workspace.json` of the workspace that the session is of.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        let Some(workspace) = path.ancestors().nth(2) else { return };
        let Some(text) = beside::read(&workspace.join("workspace.json")) else { return };
        let Some(document) = Record::of_document(text.as_bytes()) else { return };
        let folder = document.text("folder").and_then(|url| beside::path_of_url(&url));
        // A file that lists folders lies in the one that they belong to, as a rule.
        let listed = || {
            let file = beside::path_of_url(&document.text("workspace")?)?;
            file.rsplit_once('/').map(|(directory, _)| directory.to_owned())
        };
        notes.cwd(folder.or_else(listed).map(Into::into));
    }
}

/// Takes what the whole object tells.
fn note_object(object: &Record<'_>, notes: &mut Notes) {
    if let Some(time) = object.get("creationDate") {
        notes.time(time);
    }
    notes.title(TitleRank::Given, object.text("customTitle"));
    if let Some(requests) = object.get("requests") {
        requests.elements().for_each(|request| note_request(request, notes));
    }
    if let Some(time) = object.get("lastMessageDate") {
        notes.time(time);
    }
}

fn note_request(request: Value<'_>, notes: &mut Notes) {
    let Some(request) = request.record() else { return };
    if let Some(time) = request.get("timestamp") {
        notes.time(time);
    }
    notes.model(request.text("modelId"));
    let message = request.get("message");
    notes.prompt(message.and_then(|message| message.member("text")).or(message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path, identify};
    use std::fs;

    const SESSION: &str = "3a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn a_log_of_every_host_is_a_session_and_the_extensions_copy_a_part_of_it() {
        let user = "/h/.config/Code/User";
        for (path, part) in [
            (format!("{user}/workspaceStorage/ab12/chatSessions/{SESSION}.jsonl"), None),
            (format!("{user}/globalStorage/emptyWindowChatSessions/{SESSION}.jsonl"), None),
            (
                format!("{user}/workspaceStorage/ab12/GitHub.copilot-chat/transcripts/{SESSION}.jsonl"),
                Some("transcript"),
            ),
        ] {
            let path = Path::new(&path);
            let found = identify(path, &guess_path(path), br#"{"kind":1,"k":["x"],"v":false}"#);
            assert_eq!(
                (found.agent, &*found.session_id, found.part_id.as_deref()),
                (ID, SESSION, part),
                "{path:?}"
            );
        }
        let roots = VsCode.roots(&Environment::with_home("/h"));
        for root in [
            "/h/.config/VSCodium/User/workspaceStorage",
            "/h/Library/Application Support/Code - Insiders/User/globalStorage",
            "/h/.vscode-server/data/User/workspaceStorage",
        ] {
            assert!(roots.contains(&PathBuf::from(root)), "{root}");
        }
    }

    #[test]
    fn a_log_tells_its_session_title_prompt_and_times() {
        let head = format!(
            r#"{{"kind":0,"v":{{"version":3,"sessionId":"{SESSION}","creationDate":1767323045000,"requests":[]}}}}
{{"kind":2,"k":["requests"],"v":[{{"requestId":"r","timestamp":1767323046000,"message":{{"text":"why twice?"}},"modelId":"copilot/m"}}]}}
{{"kind":2,"k":["requests",0,"response"],"v":[{{"value":"Because"}}]}}"#
        );
        let path = Path::new("/x/copy.jsonl");
        let found = identify(path, &guess_path(path), head.as_bytes());
        assert_eq!((found.agent, &*found.session_id), (ID, SESSION));
        let description = describe(ID, head.as_bytes(), b"");
        assert_eq!(description.title.as_deref(), Some("why twice?"));
        assert_eq!(description.model.as_deref(), Some("copilot/m"));
        assert_eq!(description.started_at, "2026-01-02T03:04:05Z".parse().ok());
        assert_eq!(description.ended_at, "2026-01-02T03:04:06Z".parse().ok());
        let cut = br#"{"kind":1,"k":["hasPendingEdits"],"v":false}
{"kind":1,"k":["requests",0,"message","text"],"v":"without a beginning"}"#;
        assert_eq!(describe(ID, cut, b"").title.as_deref(), Some("without a beginning"));
        let titled = format!("{head}\n{{\"kind\":1,\"k\":[\"customTitle\"],\"v\":\"Twice\"}}");
        assert_eq!(describe(ID, titled.as_bytes(), b"").title.as_deref(), Some("Twice"));
    }

    #[test]
    fn the_workspace_says_in_which_directory_a_session_was() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("chatSessions/x.jsonl");
        let cwd = |text: &str| {
            fs::write(home.path().join("workspace.json"), text).unwrap();
            describe_with_beside(ID, &path, describe(ID, b"", b"")).cwd
        };
        assert_eq!(cwd(r#"{"folder":"file:///home/me/my%20app"}"#).as_deref(), Some("/home/me/my app"));
        assert_eq!(cwd(r#"{"workspace":"file:///home/me/all.code-workspace"}"#).as_deref(), Some("/home/me"));
        assert_eq!(cwd("{}"), None);
    }

    #[test]
    fn what_other_extensions_keep_is_not_walked_through() {
        for (path, is_entered) in [
            ("/u/workspaceStorage/ab12", true),
            ("/u/workspaceStorage/ab12/chatSessions", true),
            ("/u/workspaceStorage/ab12/redhat.java", false),
            ("/u/workspaceStorage/ab12/GitHub.copilot-chat", true),
            ("/u/workspaceStorage/ab12/GitHub.copilot-chat/transcripts", true),
            ("/u/workspaceStorage/ab12/GitHub.copilot-chat/local-index", false),
            ("/u/globalStorage/emptyWindowChatSessions", true),
            ("/u/globalStorage/ms-python.python", false),
        ] {
            assert_eq!(VsCode.enters(&PathTail::new(Path::new(path))), is_entered, "{path}");
        }
    }
}
