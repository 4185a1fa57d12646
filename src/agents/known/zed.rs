//! Zed: `~/.local/share/zed/threads/threads.db`, a database of all threads; each is a document in one row, packed, and
//! written anew at each turn.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::recipe::{Schema, Table};

const ID: &str = "zed";

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[],
    sessions: &[
        "SELECT id, parent_id, updated_at FROM threads ORDER BY updated_at DESC",
        "SELECT id, NULL, updated_at FROM threads ORDER BY updated_at DESC",
    ],
    marks: &["SELECT id, NULL, summary, octet_length(data) FROM threads"],
    tables: &[Table {
        name: "threads",
        id: "id",
        rows: "SELECT * FROM threads WHERE id = ?1",
        below: &[],
        split: Some(("data", &["messages"])),
    }],
}];

pub(crate) struct Zed;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Zed {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Zed"
    }

    /// `zed/threads` of `$XDG_DATA_HOME`, else of `~/.local/share`; macOS and Windows have places of their own.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let data = environment.path("XDG_DATA_HOME");
        let data = data.map_or_else(|| environment.in_home(".local/share"), |data| vec![data]);
        let mut roots: Vec<PathBuf> = data.into_iter().map(|data| data.join("zed/threads")).collect();
        roots.extend(environment.in_home("Library/Application Support/Zed/threads"));
        roots.extend(environment.path("LOCALAPPDATA").map(|data| data.join("Zed/threads")));
        roots
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["zed", "Zed", "threads"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let is_own = path.name() == b"threads.db";
        is_own.then(|| Recognised::session(ID, None))
    }

    fn form(&self, _path: &Path) -> Form {
        Form::Database(&SCHEMAS)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = is_holder_name(stray.name().as_bytes())
            && stray.has_columns(&["threads.id", "threads.data_type", "threads.data"]);
        is_ours.then(|| PathBuf::from(".local/share/zed/threads/threads.db"))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        for member in ["created_at", "updated_at"] {
            if let Some(time) = record.get(member) {
                notes.time(time);
            }
        }
        notes.title(TitleRank::Generated, record.text("summary"));
        let Some(data) = record.record("data") else { return };
        notes.title(TitleRank::Given, data.text("title"));
        notes.model(data.inside("model", "model").and_then(Value::filled_text));
        let trees = data.inside("initial_project_snapshot", "worktree_snapshots");
        if let Some(tree) = trees.and_then(|trees| trees.elements().next()) {
            notes.cwd(tree.member("worktree_path").and_then(Value::filled_text));
            let branch = tree.member("git_state").and_then(|state| state.member("current_branch"));
            notes.git_branch(branch.and_then(Value::filled_text));
        }
        // Of several directories, one a line.
        let folders = record.text("folder_paths");
        let first = |folders: Cow<'_, str>| folders.lines().next().map(|first| Cow::Owned(first.to_owned()));
        notes.cwd(folders.and_then(first));
        if notes.wants_prompt() {
            let content = data.inside("User", "content").into_iter().flat_map(|content| content.elements());
            content.filter_map(|block| block.member("Text")).for_each(|text| notes.prompt(Some(text)));
            if data.is("role", "user") {
                notes.prompt(data.get("segments"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_thread_tells_title_model_directory_and_branch() {
        let rows = br#"{"table":"threads","id":"t","summary":"Fix","updated_at":"2026-08-29T10:40:00Z","data_type":"zstd","data":{"title":"Fix it","model":{"provider":"p","model":"m"},"initial_project_snapshot":{"worktree_snapshots":[{"worktree_path":"/w/app","git_state":{"current_branch":"dev"}}]},"messages":[]}}
{"table":"threads","id":"t/messages/0","data":{"User":{"id":"u","content":[{"Text":"do it"}]}}}
"#;
        let told = describe(ID, rows, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("Fix it"), Some("/w/app")));
        assert_eq!((told.model.as_deref(), told.git_branch.as_deref()), (Some("m"), Some("dev")));
        let untitled = describe(ID, &rows[rows.iter().position(|byte| *byte == b'\n').unwrap() + 1..], b"");
        assert_eq!(untitled.title.as_deref(), Some("do it"));
        assert_eq!(guess_path(Path::new("/h/.local/share/zed/threads/threads.db")).agent, Some(ID));
    }
}
