//! What Claude Code's rows say. A message of the model is several rows, one a block, which share the message's id and each
//! tell what it cost; a result stands in a row of the user's, and again, larger, in `toolUseResult`.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, exit_code_at_start, tokens};
use crate::message::{Kind, Mark, Message, Outcome, Role, Text};

/// A piece of a subagent's result that is not its own words begins so.
const AGENT_ID: &[u8] = b"agentId: ";

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    if record.has("display") && !record.has("type") {
        return typed(record, told);
    }
    told.time(record.get("timestamp").or_else(|| record.get("_audit_timestamp")));
    told.id(record.get("uuid"));
    // Behind a compaction a row has no parent, but one in what was summed up.
    let parent = record.get("parentUuid").filter(|parent| parent.raw() != b"null");
    told.parent(parent.or_else(|| record.get("logicalParentUuid")));
    told.once(record.get("uuid"));
    let is_true = |key: &str| record.get(key).is_some_and(Value::is_true);
    if is_true("isSidechain") {
        told.mark(Mark::Sidechain);
    }
    if is_true("isMeta") || is_task(record.get("origin")) {
        told.mark(Mark::Injected);
    }
    match record.text("type").as_deref() {
        Some("user") => user(record, told),
        Some("assistant") => assistant(record, told),
        Some("system") => system(record, told),
        Some("attachment") => attachment(record, told),
        // The steps of a subagent, which its own transcript has.
        Some("progress") => match record.inside("data", "message") {
            Some(_) => told.nothing(),
            None => told.otherwise(&[record.inside("data", "type")]),
        },
        Some("summary") => told.title(record.get("summary")),
        Some("ai-title") => told.title(record.get("aiTitle")),
        Some("agent-name") => told.title(record.get("agentName")),
        Some("custom-title") => told.title(record.get("customTitle")),
        // A prompt, which has a row of its own.
        Some("last-prompt") => told.record_as(record.get("type"), None),
        Some("queue-operation") => told.record_as(record.get("type"), record.get("operation")),
        // How a run ended, and its last answer once more.
        Some("result") if record.has("subtype") => told.record_as(record.get("type"), record.get("subtype")),
        // A journal of a workflow: the subagents that began and ended in it.
        Some("started" | "result") => told.part(record.get("agentId")),
        // What lies beside a subagent's transcript.
        None if record.has("agentType") => told.name_otherwise("subagent"),
        _ => {}
    }
}

/// A prompt of the history of all sessions, and what was pasted into it.
fn typed(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("timestamp"));
    told.text(Role::User, Kind::Text, record.get("display"));
    for (_, pasted) in record.record("pastedContents").iter().flat_map(Record::members) {
        told.text(Role::User, Kind::Text, pasted.member("content"));
    }
}

/// Returns whether an origin is the end of a task in the background, which nobody typed.
fn is_task(origin: Option<Value<'_>>) -> bool {
    let kind = origin.and_then(|origin| origin.member("kind"));
    kind.is_some_and(|kind| kind.raw() == b"\"task-notification\"")
}

fn user(record: &Record<'_>, told: &mut Telling<'_>) {
    let content = record.inside("message", "content");
    if record.get("isCompactSummary").is_some_and(Value::is_true) {
        return told.content_of(Role::User, Kind::Summary, content);
    }
    // Most of these hold much, and few of them that.
    let of_subagent = |result: &Value<'_>| memchr::memmem::find(result.raw(), b"\"agentId\":").is_some();
    if let Some(result) = record.get("toolUseResult").filter(of_subagent) {
        told.part(result.member("agentId"));
    }
    let Some(list) = content.filter(|content| content.raw().starts_with(b"[")) else {
        return told.content(Role::User, content);
    };
    for (value, block) in list.records() {
        match block.as_ref().filter(|block| block.is("type", "tool_result")) {
            Some(result) => answered(result, told),
            None => told.block(Role::User, value, block.as_ref()),
        }
    }
}

/// A tool's answer. Of a command that failed it begins with the exit code.
fn answered(result: &Record<'_>, told: &mut Telling<'_>) {
    let output = result.get("content");
    let is_error = result.get("is_error").map(Value::is_true);
    let exit_code = output.filter(|_| is_error == Some(true));
    let exit_code = exit_code.and_then(|output| exit_code_at_start(output, b"Exit code "));
    let before = told.count();
    told.result(result.get("tool_use_id"), None, output, Outcome { is_error, exit_code });
    // What a subagent is called and what it cost stands behind what it said.
    let ending = told.count() - 1;
    let is_trailer = |message: &Message| told.raw(&message.text).starts_with(AGENT_ID);
    if ending > before && told.last().is_some_and(is_trailer) {
        for message in told.since(ending) {
            (message.role, message.kind) = (Role::System, Kind::Event);
            (message.name, message.call) = (Text::Named("subagent"), Text::None);
        }
    }
}

fn assistant(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(message) = record.record("message") else { return };
    told.model(message.get("model"));
    told.answer(message.get("id"));
    told.tokens(tokens(message.get("usage"), Cached::Apart));
    let content = message.get("content");
    let before = told.count();
    told.content(Role::Assistant, content);
    // A thought of which only the signature is kept.
    let is_hidden =
        |block: Value<'_>| block.member("type").is_some_and(|sort| sort.raw().ends_with(b"thinking\""));
    if told.count() == before && content.is_some_and(|content| content.elements().any(is_hidden)) {
        told.say(Role::Assistant, Kind::Thinking, Text::None);
    }
}

fn system(record: &Record<'_>, told: &mut Telling<'_>) {
    told.otherwise(&[record.get("subtype")]);
    if record.is("subtype", "compact_boundary") {
        told.mark(Mark::Compaction);
    }
    let name = record.get("subtype").or_else(|| record.get("type"));
    let (name, text) = (told.optional(name), told.optional(record.get("content")));
    // Without a text, the whole row says what happened.
    if !text.is_empty() {
        told.event(name, text);
    }
}

/// What is given to the model beside what was typed; and what was typed while it worked.
fn attachment(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(attachment) = record.record("attachment") else { return };
    told.otherwise(&[attachment.get("type")]);
    if attachment.is("type", "queued_command") {
        if attachment.is("commandMode", "task-notification") || is_task(attachment.get("origin")) {
            told.mark(Mark::Injected);
        }
        told.content(Role::User, attachment.get("prompt"));
    }
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn rows_of_a_conversation_are_told() {
        let lines = r#"{"type":"user","uuid":"1","parentUuid":null,"timestamp":"2026-01-02T03:04:05Z","message":{"role":"user","content":"fix \"it\""}}
{"type":"assistant","uuid":"2","parentUuid":"1","message":{"id":"m1","model":"opus","role":"assistant","content":[{"type":"thinking","thinking":"","signature":"x"}],"usage":{"input_tokens":3,"output_tokens":1,"cache_read_input_tokens":7,"cache_creation_input_tokens":5}}}
{"type":"assistant","uuid":"3","parentUuid":"2","message":{"id":"m1","model":"opus","content":[{"type":"tool_use","id":"c","name":"Bash","input":{"command":"ls"}}],"usage":{"input_tokens":3,"output_tokens":9}}}
{"type":"user","uuid":"4","parentUuid":"3","message":{"content":[{"tool_use_id":"c","type":"tool_result","content":"Exit code 2\nnone","is_error":true}]},"toolUseResult":"Error: Exit code 2\nnone"}
{"type":"user","uuid":"5","parentUuid":"4","message":{"content":[{"tool_use_id":"d","type":"tool_result","content":[{"type":"text","text":"found"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]}]},"toolUseResult":{"status":"completed","agentId":"a0ad4f"}}
{"type":"user","uuid":"6","isMeta":true,"message":{"content":"Caveat: x"}}
{"type":"user","uuid":"7","message":{"content":"<command-name>/clear</command-name>\n  <command-message>clear</command-message>\n  <command-args></command-args>"}}
{"type":"user","uuid":"8","message":{"content":"done"},"origin":{"kind":"task-notification"}}
{"type":"system","uuid":"9","subtype":"compact_boundary","content":"Conversation compacted","logicalParentUuid":"5"}
{"type":"user","uuid":"10","isCompactSummary":true,"message":{"content":"So far"}}
{"type":"user","uuid":"11","isSidechain":true,"message":{"content":[{"type":"text","text":"look"}]}}
{"type":"attachment","uuid":"12","attachment":{"type":"queued_command","prompt":"and then","commandMode":"prompt"}}
{"type":"assistant","uuid":"13","message":{"id":"m2","model":"<synthetic>","content":[{"type":"text","text":"API Error"}]}}"#;
        assert_eq!(
            told("claude-code", lines),
            [
                "user text: fix \"it\"",
                "assistant thinking by opus 3+1+7+5: ",
                r#"assistant tool_call Bash (c) by opus 3+9+0+0: {"command":"ls"}"#,
                "tool tool_result (c) failed exit 2: Exit code 2\nnone",
                "tool tool_result (d) in a0ad4f: found",
                "tool image (d) image/png in a0ad4f: aGk=",
                "user text [injected]: Caveat: x",
                "user text [injected]: <command-name>/clear</command-name>\n  <command-message>clear</command-message>\n  <command-args></command-args>",
                "user text [injected]: done",
                "system event compact_boundary [compaction]: Conversation compacted",
                "user summary: So far",
                "user text [sidechain]: look",
                "user text: and then",
                "assistant text: API Error",
            ]
        );
    }

    #[test]
    fn a_result_of_several_pieces_ends_once_and_what_the_agent_adds_is_none_of_them() {
        let lines = r#"{"type":"user","uuid":"1","message":{"content":[{"tool_use_id":"c","type":"tool_result","is_error":true,"content":[{"type":"text","text":"one"},{"type":"text","text":"two"},{"type":"text","text":"agentId: a0ad4f (to go on)\n<usage>tokens: 7</usage>"}]}]}}
{"type":"user","uuid":"2","message":{"content":[{"tool_use_id":"d","type":"tool_result","content":[{"type":"text","text":"agentId: all"}]}]}}
{"type":"user","uuid":"3","message":{"content":[{"tool_use_id":"e","type":"tool_result","is_error":true,"content":[]}]}}"#;
        assert_eq!(
            told("claude-code", lines),
            [
                "tool tool_result (c) failed: one",
                "tool tool_result (c): two",
                "system event subagent: agentId: a0ad4f (to go on)\n<usage>tokens: 7</usage>",
                "tool tool_result (d): agentId: all",
                "tool tool_result (e) failed: []",
            ]
        );
    }

    #[test]
    fn what_an_editor_or_a_hook_adds_to_a_prompt_was_not_typed() {
        let lines = r#"{"type":"user","uuid":"1","message":{"content":[{"type":"text","text":"<ide_opened_file>The user opened a.rs</ide_opened_file>"},{"type":"text","text":"<ide_selection>Lines 1 to 2</ide_selection>\n<ide_diagnostics>[]</ide_diagnostics>"},{"type":"text","text":"<user-prompt-submit-hook>Be kind</user-prompt-submit-hook>"},{"type":"text","text":"fix"}]}}
{"type":"user","uuid":"2","message":{"content":"<ide_selection>Lines 1 to 2</ide_selection>\nfix these"}}
{"type":"user","uuid":"3","message":{"content":"<bash-input>ls</bash-input>"}}
{"type":"user","uuid":"4","message":{"content":"<bash-stdout>a</bash-stdout><bash-stderr></bash-stderr>"}}"#;
        assert_eq!(
            told("claude-code", lines),
            [
                "user text [injected]: <ide_opened_file>The user opened a.rs</ide_opened_file>",
                "user text [injected]: <ide_selection>Lines 1 to 2</ide_selection>\n<ide_diagnostics>[]</ide_diagnostics>",
                "user text [injected]: <user-prompt-submit-hook>Be kind</user-prompt-submit-hook>",
                "user text: fix",
                "user text: <ide_selection>Lines 1 to 2</ide_selection>\nfix these",
                "user text: <bash-input>ls</bash-input>",
                "user text [injected]: <bash-stdout>a</bash-stdout><bash-stderr></bash-stderr>",
            ]
        );
    }

    #[test]
    fn a_document_of_text_is_a_text_and_another_a_picture() {
        let lines = r#"{"type":"user","uuid":"1","message":{"content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"a\nb"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"aGk="}},{"type":"document","source":{"type":"content","content":[{"type":"text","text":"c"}]}}]}}"#;
        assert_eq!(
            told("claude-code", lines),
            ["user text: a\nb", "user image application/pdf: aGk=", "user text: c"]
        );
    }

    #[test]
    fn rows_about_a_session_are_events_named_by_what_they_tell() {
        let lines = r#"{"type":"ai-title","aiTitle":"Fix it","sessionId":"s"}
{"type":"custom-title","customTitle":"Mine","sessionId":"s"}
{"type":"summary","summary":"Fixing","leafUuid":"1"}
{"type":"last-prompt","lastPrompt":"fix it","sessionId":"s"}
{"type":"queue-operation","operation":"enqueue","content":"fix it","sessionId":"s"}
{"type":"progress","uuid":"1","data":{"type":"hook_progress","command":"x"}}
{"type":"progress","uuid":"2","data":{"type":"agent_progress","message":{"type":"user"}}}
{"type":"system","uuid":"3","subtype":"api_error","error":{"status":429}}
{"type":"attachment","uuid":"4","attachment":{"type":"nested_memory","path":"/w/CLAUDE.md"}}
{"type":"mode","mode":"normal","sessionId":"s"}
{"type":"started","key":"v2:k","agentId":"a1"}"#;
        let line = |number: usize| lines.lines().nth(number - 1).unwrap();
        assert_eq!(
            told("claude-code", lines),
            [
                "system event title: Fix it",
                "system event title: Mine",
                "system event title: Fixing",
                "system event last-prompt: ",
                "system event queue-operation: enqueue",
                &format!("system event hook_progress: {}", line(6)),
                &format!("system event api_error: {}", line(8)),
                &format!("system event nested_memory: {}", line(9)),
                &format!("system event mode: {}", line(10)),
                &format!("system event started in a1: {}", line(11)),
            ]
        );
    }

    #[test]
    fn each_line_of_the_history_is_a_prompt() {
        let lines = r#"{"display":"fix it [Pasted text #1]","pastedContents":{"1":{"id":1,"type":"text","content":"a\nb"}},"timestamp":1767323045000,"project":"/w","sessionId":"s"}"#;
        assert_eq!(told("claude-code", lines), ["user text: fix it [Pasted text #1]", "user text: a\nb"]);
    }
}
