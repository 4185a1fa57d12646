//! What a call changes in files: the lines that go, and those that come. Told by what it was called with, whether it went
//! well or not.

use serde_json::{Map, Value};

use super::diff::{Edit, Line, Side, diff};
use super::patch;

const PATHS: [&str; 8] =
    ["file_path", "filePath", "path", "target_file", "absolute_path", "notebook_path", "file", "filename"];
const OLD: [&str; 8] =
    ["old_string", "oldString", "old_str", "oldText", "old_text", "old_content", "old", "search"];
const NEW: [&str; 9] = [
    "new_string",
    "newString",
    "new_str",
    "newText",
    "new_text",
    "new_source",
    "new_content",
    "new",
    "replace",
];
const WHOLE: [&str; 5] = ["content", "contents", "file_text", "text", "newContent"];

/// Returns what a call of the tool `name` with `input` changes; nothing where it is no tool that edits.
pub(crate) fn edits(name: &str, input: &str) -> Vec<Edit> {
    let Ok(Value::Object(members)) = serde_json::from_str(input) else {
        return patch::edits_of_patch(input).unwrap_or_default();
    };
    if let Some(edits) = patches(&members) {
        return edits;
    }
    let path = text(&members, &PATHS).unwrap_or_default();
    if let Some(Value::Array(several)) = members.get("edits").or_else(|| members.get("changes")) {
        let of_one = |edit: &Value| {
            let members = edit.as_object()?;
            let path = text(members, &PATHS).unwrap_or(path);
            replaced(members).map(|lines| Edit { path: path.to_owned(), lines })
        };
        return joined(several.iter().filter_map(of_one).collect());
    }
    let lines = replaced(&members).or_else(|| written(name, &members));
    lines.map(|lines| vec![Edit { path: path.to_owned(), lines }]).unwrap_or_default()
}

fn text<'a>(members: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| members.get(*key)?.as_str())
}

/// Finds a patch in what a command or a tool was given.
fn patches(members: &Map<String, Value>) -> Option<Vec<Edit>> {
    let words = members.get("command").and_then(Value::as_array).into_iter().flatten();
    let texts = ["input", "patch", "patch_text", "patchText", "command", "cmd", "diff"];
    let texts = texts.iter().filter_map(|key| members.get(*key)).chain(words);
    let mut edits = texts.filter_map(Value::as_str).filter_map(patch::edits_of_patch);
    edits.next().or_else(|| {
        let diff = text(members, &["diff", "patch"])?;
        let path = text(members, &PATHS).unwrap_or_default();
        Some(vec![Edit { path: path.to_owned(), lines: patch::lines_of_diff(diff) }])
    })
}

/// Returns the diff of an edit that says what is replaced by what.
fn replaced(members: &Map<String, Value>) -> Option<Vec<Line>> {
    let (old, new) = (text(members, &OLD), text(members, &NEW));
    (old.is_some() || new.is_some()).then(|| diff(old.unwrap_or_default(), new.unwrap_or_default()))
}

/// Returns the lines of a file that is written anew.
fn written(name: &str, members: &Map<String, Value>) -> Option<Vec<Line>> {
    let name = name.to_ascii_lowercase();
    if !["write", "create", "save", "editor"].iter().any(|verb| name.contains(verb))
        || text(members, &PATHS).is_none()
    {
        return None;
    }
    let whole = text(members, &WHOLE)?;
    Some(whole.lines().map(|text| Line { side: Side::Added, text: text.to_owned() }).collect())
}

/// Joins changes of one file that follow each other.
fn joined(edits: Vec<Edit>) -> Vec<Edit> {
    let mut joined: Vec<Edit> = Vec::new();
    for edit in edits {
        match joined.last_mut() {
            Some(last) if last.path == edit.path => {
                last.lines.push(Line { side: Side::Between, text: "…".to_owned() });
                last.lines.extend(edit.lines);
            }
            _ => joined.push(edit),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, input: &str) -> String {
        let mut text = String::new();
        for edit in edits(name, input) {
            text.push_str(&format!("{}\n", edit.path));
            for line in edit.lines {
                let mark = match line.side {
                    Side::Kept => ' ',
                    Side::Removed => '-',
                    Side::Added => '+',
                    Side::Between => '@',
                };
                text.push_str(&format!("{mark}{}\n", line.text));
            }
        }
        text
    }

    #[test]
    fn an_edit_is_told_as_a_diff_whoever_made_it() {
        let expected = "a.rs\n one\n-two\n+2\n";
        for (name, input) in [
            ("Edit", r#"{"file_path":"a.rs","old_string":"one\ntwo\n","new_string":"one\n2\n"}"#),
            ("edit", r#"{"filePath":"a.rs","oldString":"one\ntwo\n","newString":"one\n2\n"}"#),
            ("edit", r#"{"path":"a.rs","oldText":"one\ntwo\n","newText":"one\n2\n"}"#),
            ("replace", r#"{"file_path":"a.rs","old_string":"one\ntwo","new_string":"one\n2"}"#),
            ("apply_patch", "*** Begin Patch\n*** Update File: a.rs\n one\n-two\n+2\n*** End Patch\n"),
            (
                "shell",
                r#"{"command":["apply_patch","*** Begin Patch\n*** Update File: a.rs\n one\n-two\n+2\n*** End Patch"]}"#,
            ),
        ] {
            assert_eq!(shown(name, input), expected, "{name} {input}");
        }
    }

    #[test]
    fn several_edits_of_a_file_stand_together() {
        let input = r#"{"file_path":"a","edits":[{"old_string":"x","new_string":"y"},{"old_string":"1","new_string":""}]}"#;
        assert_eq!(shown("MultiEdit", input), "a\n-x\n+y\n@…\n-1\n");
    }

    #[test]
    fn a_file_that_is_written_is_all_new_and_other_calls_change_nothing() {
        assert_eq!(shown("Write", r#"{"file_path":"a","content":"x\ny\n"}"#), "a\n+x\n+y\n");
        for (name, input) in [
            ("Bash", r#"{"command":"ls"}"#),
            ("Read", r#"{"file_path":"a"}"#),
            ("x", "text"),
            ("Write", "{}"),
        ] {
            assert!(edits(name, input).is_empty(), "{name}");
        }
    }
}
