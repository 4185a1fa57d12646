//! Copilot chat of VS Code before 1.109: `User/workspaceStorage/<workspace>/chatSessions/<session>.json`, one document a
//! session, and those of windows without a workspace in `User/globalStorage/`.

use std::path::{Path, PathBuf};

use super::editors::user_directories;
use super::requests;
use super::told::{document, guess, note_prompt, note_times};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::known::beside::path_of_url;
use crate::agents::known::rendered::title;
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::message::Text;
use crate::recipe::Shape;

/// That of the log that these documents became.
const ID: &str = "vscode";

/// Directories of sessions: in that of a workspace, and in that of all.
const IN_WORKSPACE: &str = "chatSessions";
const WITHOUT: [&str; 2] = ["emptyWindowChatSessions", "transferredChatSessions"];

/// Which directory the workspace is.
const WORKSPACE: &str = "workspace.json";

pub(crate) struct CopilotChat;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for CopilotChat {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Copilot Chat"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let of_user = |user: PathBuf| {
            let without = WITHOUT.map(|name| user.join("globalStorage").join(name));
            without.into_iter().chain([user.join("workspaceStorage")])
        };
        user_directories(environment).into_iter().flat_map(of_user).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["workspaceStorage", IN_WORKSPACE, WITHOUT[0], WITHOUT[1]]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let stem = path.name().strip_suffix(b".json").filter(|stem| !stem.is_empty())?;
        let is_chat = is_of_chats(path.above(1));
        is_chat.then(|| Recognised::Ours(guess(ID, Some(id_of_name(stem)), None)))
    }

    /// A workspace's directory holds what all extensions keep of it.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        path.above(1) == b"workspaceStorage" || is_of_chats(path.name())
    }

    fn form(&self, path: &Path) -> Form {
        let chats = path.parent().filter(|chats| chats.file_name().is_some_and(|name| name == IN_WORKSPACE));
        let workspace = chats.and_then(Path::parent).map(|workspace| workspace.join(WORKSPACE));
        let this = (path.to_path_buf(), Shape::Lists(&["requests"]));
        Form::Documents(workspace.map(|path| (path, Shape::Whole)).into_iter().chain([this]).collect())
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        let Some(data) = record.record("data") else { return };
        if document(record) == WORKSPACE {
            let folder = data.text("folder");
            notes.cwd(folder.and_then(|url| path_of_url(&url)).map(Into::into));
            return;
        }
        note_times(&data, notes);
        notes.model(data.text("modelId"));
        notes.title(TitleRank::Given, data.text("customTitle"));
        if let Some(text) = data.inside("message", "text").and_then(Value::filled_text) {
            note_prompt(&text, notes);
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let Some(data) = record.record("data") else { return };
        if data.has("message") {
            return requests::tell(&data, told);
        }
        told.time(data.get("creationDate"));
        title(told, data.get("customTitle"));
        let is_session = data.has("requests");
        told.state(Text::Named(if is_session { "session" } else { "workspace" }));
    }
}

fn is_of_chats(directory: &[u8]) -> bool {
    directory == IN_WORKSPACE.as_bytes() || WITHOUT.iter().any(|name| name.as_bytes() == directory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_chat_is_told_with_the_workspace_that_it_was_in() {
        let user = "/h/.config/Code/User";
        for path in
            ["workspaceStorage/a1/chatSessions/s1.json", "globalStorage/emptyWindowChatSessions/s1.json"]
        {
            let found = guess_path(Path::new(&format!("{user}/{path}")));
            assert_eq!((found.agent, found.session_id.as_deref()), (Some(ID), Some("s1")), "{path}");
        }
        let Form::Documents(files) = CopilotChat.form(Path::new("/w/a1/chatSessions/s1.json")) else {
            panic!()
        };
        assert_eq!(files[0].0, Path::new("/w/a1/workspace.json"));
        let head = br#"{"document":"w/a1/workspace.json","id":null,"data":{"folder":"file:///w/app"}}
{"document":"s1.json","id":"requests/0","data":{"requestId":"r","message":{"text":"fix it"},"timestamp":1767323045678,"modelId":"copilot/m"}}
{"document":"s1.json","id":null,"data":{"version":3,"creationDate":1767323045000,"lastMessageDate":1767323046000,"requests":[]}}
"#;
        let told = describe(ID, head, b"");
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("fix it")));
        assert_eq!(told.model.as_deref(), Some("copilot/m"));
        assert_eq!(told.ended_at, "2026-01-02T03:04:06Z".parse().ok());
    }
}
