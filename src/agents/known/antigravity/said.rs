//! What Antigravity's steps say. What a tool answered is a step of the tool's type behind the one that called it; nothing joins
//! the two but their order.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Telling, exit_code};
use crate::message::{Kind, Mark, Outcome, Role, Text};

/// Types of steps, and the tools that they are the answers of. Others, such as `CODE_ACTION`, are of several tools.
const TOOLS: [(&str, &str); 12] = [
    ("LIST_DIRECTORY", "list_dir"),
    ("VIEW_FILE", "view_file"),
    ("VIEW_FILE_OUTLINE", "view_file_outline"),
    ("VIEW_CODE_ITEM", "view_code_item"),
    ("RUN_COMMAND", "run_command"),
    ("COMMAND_STATUS", "command_status"),
    ("GREP_SEARCH", "grep_search"),
    ("FIND", "find_by_name"),
    ("SEARCH_WEB", "search_web"),
    ("READ_URL_CONTENT", "read_url_content"),
    ("BROWSER_SUBAGENT", "browser_subagent"),
    ("GENERATE_IMAGE", "generate_image"),
];

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("created_at"));
    let content = record.get("content");
    let is_from = |source: &str| record.is("source", source);
    match record.text("type").as_deref() {
        Some("USER_INPUT") => told.typed_within("USER_REQUEST", content),
        Some("PLANNER_RESPONSE") => {
            told.text(Role::Assistant, Kind::Thinking, record.get("thinking"));
            told.content(Role::Assistant, content);
            for call in record.get("tool_calls").into_iter().flat_map(Value::elements) {
                told.tool_call(Role::Assistant, call);
            }
        }
        Some("CHECKPOINT") => {
            told.mark(Mark::Compaction);
            told.text(Role::System, Kind::Summary, content);
        }
        Some("SYSTEM_MESSAGE" | "EPHEMERAL_MESSAGE") => {
            told.mark(Mark::Injected);
            told.content(Role::System, content);
        }
        Some(step) if is_from("MODEL") && content.is_some() => {
            let codes: [&[u8]; 2] = [b"failed with exit code: ", b"exited with code "];
            let exit_code = content.and_then(|content| exit_code(content, &codes));
            let is_error = record.text("status").filter(|status| status == "ERROR").map(|_| true);
            let before = told.count();
            told.result(None, record.get("type"), content, Outcome { is_error, exit_code });
            if let Some((_, tool)) = TOOLS.iter().find(|(of, _)| *of == step) {
                told.since(before).iter_mut().for_each(|message| message.name = Text::Named(tool));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn steps_are_told_as_what_they_are() {
        let lines = r##"{"step_index":0,"source":"USER_EXPLICIT","type":"USER_INPUT","created_at":"2026-01-02T03:04:05Z","content":"<USER_REQUEST>\nlist \"it\"\n</USER_REQUEST>\n<ADDITIONAL_METADATA>\nnoon\n</ADDITIONAL_METADATA>\n<USER_SETTINGS_CHANGE>\nx\n</USER_SETTINGS_CHANGE>"}
{"step_index":1,"source":"SYSTEM","type":"CONVERSATION_HISTORY","created_at":"2026-01-02T03:04:05Z"}
{"step_index":2,"source":"MODEL","type":"PLANNER_RESPONSE","thinking":"hm","content":"Well","tool_calls":[{"name":"list_dir","args":{"a":1}}]}
{"step_index":3,"source":"MODEL","type":"RUN_COMMAND","content":"The command failed with exit code: 2\nOutput:\nx"}
{"step_index":4,"source":"SYSTEM","type":"CHECKPOINT","content":"# So far"}
{"step_index":5,"source":"SYSTEM","type":"SYSTEM_MESSAGE","content":"note"}
{"step_index":6,"source":"MODEL","type":"LIST_DIRECTORY","content":"a"}
{"step_index":7,"source":"MODEL","type":"CODE_ACTION","content":"b"}
{"step_index":8,"source":"USER_EXPLICIT","type":"USER_INPUT","content":"go on"}"##;
        assert_eq!(
            told("antigravity", lines),
            [
                "user text: list \"it\"",
                "user text [injected]: <ADDITIONAL_METADATA>\nnoon\n</ADDITIONAL_METADATA>\n<USER_SETTINGS_CHANGE>\nx\n</USER_SETTINGS_CHANGE>",
                &format!("system event CONVERSATION_HISTORY: {}", lines.lines().nth(1).unwrap()),
                "assistant thinking: hm",
                "assistant text: Well",
                r#"assistant tool_call list_dir: {"a":1}"#,
                "tool tool_result run_command exit 2: The command failed with exit code: 2\nOutput:\nx",
                "system summary [compaction]: # So far",
                "system text [injected]: note",
                "tool tool_result list_dir: a",
                "tool tool_result CODE_ACTION: b",
                "user text: go on",
            ]
        );
    }
}
