//! `show`: what was said in a session, found, chosen and printed.
//!
//! Comes in: a home with a session in which each kind of message is said once, and more ([`talk`]). To be met in this
//! order: [`finding`] a session, [`choosing`] its messages, the [`forms`] that they are printed in, its [`parts`],
//! [`sources`] that are not archived, what is [`hostile`] in a transcript, and the [`paged`] terminal.

mod choosing;
mod finding;
mod forms;
mod hostile;
#[cfg(target_os = "linux")]
mod paged;
mod parts;
mod sources;

use crate::home::*;
use serde_json::{Value, json};

/// What stands around what somebody says.
fn row(line: u32, kind: &str, more: Value) -> String {
    let mut record = json!({
        "parentUuid": (line > 0).then(|| uuid(line - 1)), "isSidechain": false, "cwd": "/home/me/my-project",
        "sessionId": ID, "version": "2.1.330", "gitBranch": "main", "type": kind, "uuid": uuid(line),
        "timestamp": format!("2026-06-05T14:{:02}:00.000Z", 30 + line),
    });
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    format!("{record}\n")
}

fn uuid(line: u32) -> String {
    format!("00000000-0000-4000-8000-{line:012}")
}

pub fn prompt(line: u32, text: &str) -> String {
    row(line, "user", json!({"message": {"role": "user", "content": text}}))
}

pub fn answer(line: u32, content: Value) -> String {
    let message = json!({"role": "assistant", "model": "claude-opus-4-7", "content": content});
    row(line, "assistant", json!({"message": message}))
}

pub fn call(line: u32, id: &str, name: &str, input: Value) -> String {
    answer(line, json!([{"type": "tool_use", "id": id, "name": name, "input": input}]))
}

pub fn result(line: u32, id: &str, content: &str) -> String {
    let result = json!([{"type": "tool_result", "tool_use_id": id, "content": content}]);
    row(line, "user", json!({"message": {"role": "user", "content": result}}))
}

/// Returns a session of twelve lines: a prompt, a thought, an answer, a call with a long result, an edit, one that fails, a
/// picture, a subagent.
pub fn talk() -> Vec<String> {
    let output: String =
        (1..=20).map(|number| format!("\u{1b}[32mline {number}\u{1b}[0m of the output\n")).collect();
    let failed = json!([{"type": "tool_result", "tool_use_id": "toolu_3", "is_error": true,
        "content": "Exit code 2\nno such target"}]);
    let picture = json!([{"type": "image", "source":
        {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}]);
    vec![
        prompt(0, "Where does the TypeError come from?"),
        answer(1, json!([{"type": "thinking", "thinking": "It must be the parser."}])),
        answer(2, json!([{"type": "text", "text": "# Found\n\nIt is `parse`, **twice**."}])),
        call(3, "toolu_1", "Bash", json!({"command": "cargo test", "description": "Run the tests"})),
        result(4, "toolu_1", &output),
        call(
            5,
            "toolu_2",
            "Edit",
            json!({"file_path": "src/parse.rs", "old_string": "a\nb\n", "new_string": "a\nc\n"}),
        ),
        result(6, "toolu_2", "The file has been updated."),
        call(7, "toolu_3", "Bash", json!({"command": "make x"})),
        row(8, "user", json!({"message": {"role": "user", "content": failed}})),
        row(9, "user", json!({"message": {"role": "user", "content": picture}})),
        call(10, "toolu_4", "Task", json!({"description": "Look around", "prompt": "Look."})),
        result(11, "toolu_4", "Nothing there.\nagentId: a1b2c3d"),
    ]
}

/// Returns a home with that session archived, and its subagent.
pub fn told() -> Home {
    let home = Home::new();
    home.claude_session(ID, &talk());
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    let step =
        |line: u32, text: &str| prompt(line, text).replace("\"isSidechain\":false", "\"isSidechain\":true");
    home.write(&part, step(10, "Look.") + &step(11, "I looked."));
    home.run(&["import"]).exits(0);
    home
}

/// Returns what `show` prints with these arguments.
#[track_caller]
pub fn shown(home: &Home, arguments: &[&str]) -> String {
    let run = home.run(&[&["show"], arguments].concat()).exits(0);
    assert_eq!(run.stderr, "");
    run.stdout
}

/// Returns the messages that `show --json` prints with these arguments.
#[track_caller]
pub fn messages(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let printed = shown(home, &[&["--json"], arguments].concat());
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the indexes of the messages that `show` prints with these arguments.
#[track_caller]
pub fn indexes(home: &Home, arguments: &[&str]) -> Vec<String> {
    let index = |message: &Value| message["index"].as_str().unwrap().to_owned();
    messages(home, arguments).iter().map(index).collect()
}
