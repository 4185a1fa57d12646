//! What Qwen Code's rows say: a tree as Claude Code's, of messages as Gemini's.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Telling, exit_code, google_tokens};
use crate::message::{Kind, Mark, Outcome, Rewind, Role, Text};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("timestamp"));
    told.id(record.get("uuid"));
    told.parent(record.get("parentUuid"));
    told.once(record.get("uuid"));
    told.otherwise(&[record.get("subtype")]);
    if record.get("isSidechain").is_some_and(Value::is_true) {
        told.mark(Mark::Sidechain);
    }
    let parts = record.inside("message", "parts").or_else(|| record.inside("message", "content"));
    match record.text("type").as_deref() {
        Some("user") => {
            // Of the end of something in the background, for one.
            if record.is("subtype", "notification") || record.is("subtype", "cron") {
                told.mark(Mark::Injected);
            }
            let before = told.count();
            told.content(Role::User, parts);
            hooked(before, record.inside("systemPayload", "hookContext"), told);
        }
        Some("assistant") => {
            told.model(record.get("model"));
            told.tokens(google_tokens(record.get("usageMetadata")));
            told.content(Role::Assistant, parts);
        }
        Some("tool_result") => result(record, parts, told),
        Some("system") => system(record, told),
        _ => {}
    }
}

/// Marks what a hook added to a prompt, told since there were `before` messages: parts behind the first that hold `context`.
fn hooked(before: usize, context: Option<Value<'_>>, told: &mut Telling<'_>) {
    let context = told.optional(context);
    let context = told.raw(&context).to_vec();
    if context.is_empty() {
        return;
    }
    for at in before + 1..told.count() {
        let text = told.since(at)[0].text.clone();
        if memchr::memmem::find(told.raw(&text), &context).is_some() {
            told.since(at)[0].marks.set(Mark::Injected);
        }
    }
}

/// What a tool answered, and beside it how that ended.
fn result(record: &Record<'_>, parts: Option<Value<'_>>, told: &mut Telling<'_>) {
    let beside = record.record("toolCallResult");
    let of_result = |key: &str| beside.as_ref()?.get(key);
    let status = of_result("status").and_then(Value::text);
    let is_error = status.map(|status| status == "error");
    for part in parts.into_iter().flat_map(Value::elements) {
        let Some(response) = part.record().and_then(|part| part.record("functionResponse")) else {
            told.content(Role::Tool, Some(part));
            continue;
        };
        let (id, name) = (response.get("id").or_else(|| of_result("callId")), response.get("name"));
        let whole = response.get("response");
        let inner = whole.and_then(|whole| whole.member("output").or_else(|| whole.member("error")));
        let output = inner.or(whole);
        let is_shell = name.is_some_and(|name| name.raw() == b"\"run_shell_command\"");
        let exit_code =
            output.filter(|_| is_shell).and_then(|output| exit_code(output, &[b"\\nExit Code: "]));
        told.result(id, name, output, Outcome { is_error, exit_code });
    }
}

fn system(record: &Record<'_>, told: &mut Telling<'_>) {
    let payload = record.record("systemPayload");
    let of_payload = |key: &str| payload.as_ref()?.get(key);
    match record.text("subtype").as_deref() {
        Some("custom_title") => told.title(of_payload("customTitle")),
        Some("rewind") => {
            let text = told.optional(of_payload("targetUuid"));
            told.event(Text::Named("rewind"), text).joints.rewind = Some(Rewind::Branch);
        }
        Some("chat_compression") => {
            told.mark(Mark::Compaction);
            told.text(Role::System, Kind::Summary, of_payload("summary"));
        }
        Some("slash_command") => {
            let text = told.optional(of_payload("rawCommand"));
            if !text.is_empty() {
                told.event(Text::Named("slash_command"), text);
            }
        }
        // Costs and calls, which the messages tell as well, with what was said.
        Some("ui_telemetry") => {
            let event = of_payload("uiEvent");
            let name = event.and_then(|event| event.member("event.name"));
            let text = event.and_then(|event| event.member("duration_ms"));
            let (name, text) = (told.optional(name), told.optional(text));
            if !name.is_empty() {
                told.event(name, text);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn what_a_hook_added_to_a_prompt_was_not_typed() {
        let lines = r#"{"uuid":"1","type":"user","systemPayload":{"displayText":"hi","hookContext":"be kind"},"message":{"role":"user","parts":[{"text":"hi, be kind"},{"text":"<qwen:user-prompt-submit-context>\nbe kind\n</qwen:user-prompt-submit-context>"}]}}
{"uuid":"2","type":"user","systemPayload":{"hookContext":"be \"kind\""},"message":{"role":"user","parts":[{"text":"hi"},{"text":"Hook: be \"kind\""},{"text":"a file"}]}}
{"uuid":"3","type":"user","message":{"role":"user","parts":[{"text":"<qwen:user-prompt-submit-context>be kind</qwen:user-prompt-submit-context>"}]}}"#;
        assert_eq!(
            told("qwen", lines),
            [
                "user text: hi, be kind",
                "user text [injected]: <qwen:user-prompt-submit-context>\nbe kind\n</qwen:user-prompt-submit-context>",
                "user text: hi",
                "user text [injected]: Hook: be \"kind\"",
                "user text: a file",
                "user text [injected]: <qwen:user-prompt-submit-context>be kind</qwen:user-prompt-submit-context>",
            ]
        );
    }

    #[test]
    fn rows_of_users_models_tools_and_the_agent_are_told() {
        let lines = r#"{"uuid":"1","parentUuid":null,"timestamp":"2026-01-02T03:04:05Z","type":"user","message":{"role":"user","parts":[{"text":"hi"}]}}
{"uuid":"2","parentUuid":"1","type":"assistant","model":"m","message":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"Well"},{"functionCall":{"id":"c","name":"run_shell_command","args":{"command":"ls"}}}]},"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":20,"thoughtsTokenCount":5,"totalTokenCount":120,"cachedContentTokenCount":40}}
{"uuid":"3","parentUuid":"2","type":"tool_result","message":{"role":"user","parts":[{"functionResponse":{"id":"c","name":"run_shell_command","response":{"output":"a\nExit Code: 0\nSignal: 0"}}}]},"toolCallResult":{"callId":"c","status":"success"}}
{"uuid":"4","parentUuid":"3","type":"system","subtype":"ui_telemetry","systemPayload":{"uiEvent":{"event.name":"qwen-code.api_response","duration_ms":17,"response_text":"Well"}}}
{"uuid":"5","parentUuid":"4","type":"system","subtype":"custom_title","systemPayload":{"customTitle":"Greeting"}}
{"uuid":"6","parentUuid":"5","type":"user","subtype":"notification","message":{"role":"user","parts":[{"text":"It ended."}]}}
{"uuid":"7","parentUuid":"1","type":"system","subtype":"rewind","systemPayload":{"targetUuid":"1"}}
{"uuid":"8","parentUuid":"7","type":"system","subtype":"attribution_snapshot","systemPayload":{}}"#;
        assert_eq!(
            told("qwen", lines),
            [
                "user text: hi",
                "assistant thinking by m 60+20+40+0: hm",
                "assistant text by m: Well",
                r#"assistant tool_call run_shell_command (c) by m: {"command":"ls"}"#,
                "tool tool_result run_shell_command (c) exit 0: a\nExit Code: 0\nSignal: 0",
                "system event qwen-code.api_response: 17",
                "system event title: Greeting",
                "user text [injected]: It ended.",
                "system event rewind: 1",
                &format!("system event attribution_snapshot: {}", lines.lines().last().unwrap()),
            ]
        );
    }
}
