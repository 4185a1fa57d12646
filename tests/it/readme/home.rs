//! The home of the user whom the README shows: a few sessions of six agents, about a shop.

use crate::home::{Home, github_token};
use serde_json::{Value, json};

/// What the README calls the home.
pub(super) const SHOWN: &str = "/home/me";

/// Makes the home. Sessions are of fixed days, ids and texts; one result of a tool holds a token, and so does a
/// file of notes.
pub(super) fn of_a_user() -> Home {
    let home = Home::new();
    for directory in ["code/shop", "code/blog"] {
        std::fs::create_dir_all(home.path(directory)).unwrap();
    }
    home.write("notes.txt", format!("deploy with GITHUB_TOKEN={}\n", github_token(11)));
    // The prompts of a session that its agent deleted long ago.
    let prompt = json!({"display": "How do I rename a branch that is pushed?", "pastedContents": {},
        "timestamp": 1_757_300_000_000_u64, "project": format!("{SHOWN}/code/shop"),
        "sessionId": "0d3a8e6f-1c2b-4d5e-8f90-000000000009"});
    home.write(".claude/history.jsonl", lines(&[prompt]));
    claude_code(&home);
    codex(&home);
    gemini_and_qwen(&home);
    pi_and_copilot(&home);
    home
}

/// Returns lines of JSON.
fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// Returns records of Claude Code; each pair is a type and its message.
fn claude_records(session: &str, cwd: &str, day: &str, messages: &[(&str, Value)]) -> Vec<Value> {
    let mut records = Vec::new();
    let uuid = |number: usize| format!("{}-0000-4000-8000-{number:012}", &session[..8]);
    for (number, (kind, message)) in messages.iter().enumerate() {
        let parent = number.checked_sub(1).map(uuid);
        records.push(json!({
            "parentUuid": parent, "isSidechain": false, "userType": "external", "cwd": cwd, "sessionId": session,
            "version": "2.1.330", "gitBranch": "main", "type": kind, "message": message, "uuid": uuid(number),
            "timestamp": format!("{day}T09:{:02}:00.000Z", 12 + number),
        }));
    }
    records
}

fn says(text: &str) -> Value {
    json!({"role": "user", "content": text})
}

fn answers(id: &str, content: Value) -> Value {
    json!({"id": id, "type": "message", "role": "assistant", "model": "claude-opus-4-7", "content": content,
        "stop_reason": "end_turn", "usage": {"input_tokens": 812, "output_tokens": 164}})
}

fn bash(id: &str, call: &str, command: &str) -> Value {
    answers(id, json!([{"type": "tool_use", "id": call, "name": "Bash", "input": {"command": command}}]))
}

fn result(call: &str, text: &str) -> Value {
    json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": call, "content": text}]})
}

fn text(id: &str, text: &str) -> Value {
    answers(id, json!([{"type": "text", "text": text}]))
}

fn claude_code(home: &Home) {
    let cwd = format!("{SHOWN}/code/shop");
    let projects = ".claude/projects/-home-me-code-shop";
    let token = github_token(7);
    let flaky = "4f0c2a91-5d1e-4b7a-9c3f-000000000001";
    let records = claude_records(
        flaky,
        &cwd,
        "2026-11-24",
        &[
            ("user", says("The checkout test fails every third run. Find out why.")),
            ("assistant", bash("msg_1", "toolu_1", "cargo test checkout")),
            (
                "user",
                result(
                    "toolu_1",
                    "test checkout::total ... FAILED\nassertion failed: left == right\n  left: 1998\n right: 1999",
                ),
            ),
            ("assistant", bash("msg_2", "toolu_2", "env | grep -i token")),
            ("user", result("toolu_2", &format!("GITHUB_TOKEN={token}\nCARGO_TERM_COLOR=always"))),
            (
                "assistant",
                text(
                    "msg_3",
                    "The total is rounded twice: once for each item, and once for the sum. I round only the sum now.",
                ),
            ),
        ],
    );
    home.write(&format!("{projects}/{flaky}.jsonl"), lines(&records));
    let part = json!({"parentUuid": null, "isSidechain": true, "userType": "external", "cwd": cwd, "sessionId": flaky,
        "agentId": "a7d3f10", "version": "2.1.330", "type": "user", "message": says("Look for other places that round."),
        "uuid": "4f0c2a91-0000-4000-8000-000000000100", "timestamp": "2026-11-24T09:15:30.000Z"});
    home.write(&format!("{projects}/{flaky}/subagents/agent-a7d3f10.jsonl"), lines(&[part]));
    let search = "9b1d77e0-8a42-4c55-b0de-000000000002";
    let records = claude_records(
        search,
        &cwd,
        "2026-10-30",
        &[
            ("user", says("Searching for an umlaut finds nothing. TypeError: normalize is not a function")),
            ("assistant", text("msg_4", "The query is an array there. I join it before it is normalised.")),
        ],
    );
    home.write(&format!("{projects}/{search}.jsonl"), lines(&records));
}

fn codex(home: &Home) {
    let session = "019ab3c4-7e10-7d20-a5b6-000000000003";
    let at = |minute: u32| format!("2026-11-20T16:{minute:02}:00.000Z");
    let message = |minute: u32, role: &str, text: &str| {
        let kind = if role == "user" { "input_text" } else { "output_text" };
        json!({"timestamp": at(minute), "type": "response_item", "payload": {"type": "message", "role": role,
            "content": [{"type": kind, "text": text}]}})
    };
    let records = [
        json!({"timestamp": at(2), "type": "session_meta", "payload": {"id": session, "timestamp": at(2),
            "cwd": format!("{SHOWN}/code/shop"), "originator": "codex_cli_rs", "cli_version": "0.171.0",
            "git": {"branch": "payments"}}}),
        json!({"timestamp": at(2), "type": "turn_context", "payload": {"cwd": format!("{SHOWN}/code/shop"), "model": "gpt-5-codex"}}),
        message(3, "user", "Add a retry with backoff to the payment client"),
        message(
            5,
            "assistant",
            "Done: three attempts, 200 ms, 400 ms, 800 ms, and only for errors that may pass.",
        ),
    ];
    home.write(
        &format!(".codex/sessions/2026/11/20/rollout-2026-11-20T16-02-00-{session}.jsonl"),
        lines(&records),
    );
}

fn gemini_and_qwen(home: &Home) {
    let session = "c81e728d-9d4c-4f63-a067-000000000004";
    let at = |second: u32| format!("2026-11-22T20:15:{second:02}.000Z");
    let records = [
        json!({"sessionId": session, "projectHash": "0b7dfb12", "startTime": at(0), "lastUpdated": at(0), "kind": "main"}),
        json!({"id": "g1", "timestamp": at(5), "type": "user", "content": [{"text": "Write a post about keeping sessions"}]}),
        json!({"id": "g2", "timestamp": at(30), "type": "gemini", "content": "Here is a draft.", "thoughts": [],
            "tokens": {"input": 90, "output": 40, "cached": 0, "thoughts": 0, "tool": 0, "total": 130}, "model": "gemini-3-flash"}),
    ];
    home.write(".gemini/tmp/blog/.project_root", format!("{SHOWN}/code/blog\n"));
    home.write(".gemini/tmp/blog/chats/session-2026-11-22T20-15-c81e728d.jsonl", lines(&records));
    let session = "e4da3b7f-bbce-4345-9777-000000000005";
    let record = |number: u32, kind: &str, role: &str, said: &str| {
        json!({"uuid": format!("e4da3b7f-0000-4000-8000-{number:012}"), "parentUuid": null, "sessionId": session,
            "timestamp": format!("2026-11-18T08:0{number}:00.000Z"), "type": kind, "cwd": format!("{SHOWN}/code/blog"),
            "version": "0.24.4", "message": {"role": role, "parts": [{"text": said}]}})
    };
    let records = [
        record(1, "user", "user", "Check the links in the last post"),
        record(2, "assistant", "model", "All 14 links lead somewhere."),
    ];
    home.write(&format!(".qwen/projects/-home-me-code-blog/chats/{session}.jsonl"), lines(&records));
}

fn pi_and_copilot(home: &Home) {
    let session = "a87ff679-a2f3-471d-9e0b-000000000006";
    let said = |number: u32, role: &str, text: &str| {
        json!({"type": "message", "id": format!("m{number}"), "timestamp": format!("2026-11-15T11:0{number}:00.000Z"),
            "message": {"role": role, "content": [{"type": "text", "text": text}]}})
    };
    let records = [
        json!({"type": "session", "version": 3, "id": session, "cwd": format!("{SHOWN}/code/shop"), "timestamp": "2026-11-15T11:00:00.000Z"}),
        said(1, "user", "Why is the image in the container so large?"),
        said(
            2,
            "assistant",
            "It holds the build tools. A second stage leaves them out: 1.1 GB become 82 MB.",
        ),
    ];
    let path = format!(".pi/agent/sessions/--home-me-code-shop--/2026-11-15T11-00-00-000Z_{session}.jsonl");
    home.write(&path, lines(&records));
    let session = "1679091c-5a88-4faf-8b4c-000000000007";
    let event = |number: u32, kind: &str, data: Value| {
        json!({"type": kind, "data": data, "id": format!("e{number}"), "parentId": null,
            "timestamp": format!("2026-11-12T13:4{number}:00.000Z")})
    };
    let records = [
        event(
            0,
            "session.start",
            json!({"sessionId": session, "version": 1, "startTime": "2026-11-12T13:40:00.000Z",
            "context": {"cwd": format!("{SHOWN}/code/shop"), "branch": "main"}}),
        ),
        event(1, "user.message", json!({"content": "Rename Basket to Cart everywhere", "attachments": []})),
        event(
            2,
            "assistant.message",
            json!({"messageId": "m1", "content": "Renamed in 31 files.", "toolRequests": []}),
        ),
    ];
    home.write(&format!(".copilot/session-state/{session}/events.jsonl"), lines(&records));
}
