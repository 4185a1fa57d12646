//! What a call is about, in one line: the command, the file, the words that were looked for.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// No line that anybody reads is longer, in bytes; a command may have megabytes.
const MOST_BYTES: usize = 2000;

/// Members that say what a call is about, the most telling first.
const TELLING: [&str; 32] = [
    "command",
    "cmd",
    "script",
    "commands",
    "file_path",
    "filePath",
    "notebook_path",
    "target_file",
    "absolute_path",
    "pattern",
    "query",
    "search_query",
    "path",
    "url",
    "urls",
    "description",
    "subject",
    "summary",
    "prompt",
    "question",
    "questions",
    "plan",
    "skill",
    "task",
    "message",
    "text",
    "code",
    "chars",
    "input",
    "todos",
    "bash_id",
    "dir_path",
];

/// Returns a tool's name as people say it: that of a server's tool as `server/tool`.
pub(crate) fn tool_name(name: &str) -> Cow<'_, str> {
    let of_server = name.strip_prefix("mcp__").and_then(|rest| rest.split_once("__"));
    match of_server {
        Some((server, tool)) if !server.is_empty() && !tool.is_empty() => format!("{server}/{tool}").into(),
        _ => Cow::Borrowed(name),
    }
}

/// Returns what a call with `input` is about, on one line; ` …` at its end says that there is more. Empty where the tool was
/// called with nothing. `input` is JSON as a rule, and any text at times.
pub(crate) fn argument(input: &str) -> String {
    let text = match serde_json::from_str(input) {
        Ok(Value::Object(members)) => of_members(&members),
        Ok(Value::String(text)) => text,
        Ok(value) => compact(&value),
        Err(_) => of_patch(input).unwrap_or_else(|| input.to_owned()),
    };
    one_line(&text)
}

fn of_members(members: &Map<String, Value>) -> String {
    let told = TELLING.iter().find_map(|key| said(members.get(*key)?));
    let told = told.or_else(|| members.values().find_map(said));
    let Some(told) = told else {
        return if members.is_empty() { String::new() } else { compact(&Value::Object(members.clone())) };
    };
    let told = of_patch(&told).unwrap_or(told);
    // Where it was looked for.
    let is_search = ["pattern", "query"].iter().any(|key| members.contains_key(*key));
    match members.get("path").and_then(Value::as_str) {
        Some(path) if is_search && path != told => format!("{told} in {path}"),
        _ => told,
    }
}

/// Returns what a member says, if it says anything.
fn said(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            command_line(&words)
        }
        Value::Array(items) => {
            let first = items.first()?.as_object()?;
            let first = ["question", "content", "text", "title", "command"]
                .iter()
                .find_map(|key| said(first.get(*key)?))?;
            if items.len() == 1 { first } else { format!("{first} … ({} in all)", items.len()) }
        }
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Returns a command's words as one would type them; of a shell that is given a script, the script.
fn command_line(words: &[&str]) -> String {
    if let [shell, option, script] = words
        && shell.ends_with("sh")
        && option.starts_with('-')
        && option.ends_with('c')
    {
        return (*script).to_owned();
    }
    let is_plain = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./=:,@%+".contains(&byte))
    };
    let quoted = |word: &&str| match is_plain(word) {
        true => (*word).to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Returns the files that a patch changes.
fn of_patch(text: &str) -> Option<String> {
    let edits = super::patch::edits_of_patch(text)?;
    let paths: Vec<String> = edits.into_iter().map(|edit| edit.path).collect();
    (!paths.is_empty()).then(|| paths.join(", "))
}

fn compact(value: &Value) -> String {
    value.to_string()
}

fn one_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
    let Some(first) = lines.next() else { return String::new() };
    let first = first.trim_start();
    let end = (0..=MOST_BYTES.min(first.len())).rev().find(|at| first.is_char_boundary(*at)).unwrap_or(0);
    let is_cut = end < first.len() || lines.next().is_some();
    format!("{}{}", &first[..end], if is_cut { " …" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_by_its_most_telling_member() {
        for (input, expected) in [
            (r#"{"command":"ls -la","description":"List"}"#, "ls -la"),
            (r#"{"description":"List","command":"a\nb"}"#, "a …"),
            (r#"{"command":["bash","-lc","echo 'a b'"]}"#, "echo 'a b'"),
            (r#"{"command":["git","commit","-m","it's"]}"#, r"git commit -m 'it'\''s'"),
            (r#"{"file_path":"/a/b.rs","offset":3}"#, "/a/b.rs"),
            (r#"{"pattern":"fn main","path":"src"}"#, "fn main in src"),
            (r#"{"pattern":"**/*.rs"}"#, "**/*.rs"),
            (r#"{"description":"Look around","prompt":"Long\ntext"}"#, "Look around"),
            (r#"{"questions":[{"question":"Which?"},{"question":"When?"}]}"#, "Which? … (2 in all)"),
            (r#"{"anything":"else"}"#, "else"),
            (r#"{"n":1}"#, r#"{"n":1}"#),
            ("{}", ""),
            ("", ""),
            ("plain\ntext", "plain …"),
            ("*** Begin Patch\n*** Update File: a.rs\n@@\n-x\n+y\n*** End Patch", "a.rs"),
            ("[1, 2]", "[1,2]"),
        ] {
            assert_eq!(argument(input), expected, "{input}");
        }
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let cut = argument(&"ä".repeat(5000));
        assert!(cut.ends_with(" …") && cut.len() <= MOST_BYTES + " …".len());
    }

    #[test]
    fn a_tool_of_a_server_says_so() {
        assert_eq!(tool_name("mcp__github__list_issues"), "github/list_issues");
        for name in ["Bash", "mcp__x", "mcp____y", ""] {
            assert_eq!(tool_name(name), name);
        }
    }
}
