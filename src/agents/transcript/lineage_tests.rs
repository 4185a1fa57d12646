//! What each agent's records tell of copies and of other sessions.

use super::*;
use crate::agents::elsewhere::imports;
use crate::agents::facts::{Lineage, MAX_IDS};

const OWN: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
const OTHER: &str = "11111111-2222-4333-8444-555555555555";
const THIRD: &str = "99999999-2222-4333-8444-555555555555";

fn filled(text: &str) -> String {
    text.replace("OWN", OWN).replace("OTHER", OTHER).replace("THIRD", THIRD)
}

fn of(agent: &str, head: &str) -> Lineage {
    describe(agent, filled(head).as_bytes(), b"").lineage
}

#[test]
fn each_agent_says_whose_copy_a_session_is_in_its_own_way() {
    for (agent, head) in [
        (
            "claude-code",
            r#"{"type":"user","uuid":"u1","sessionId":"OWN","forkedFrom":{"sessionId":"OTHER","messageUuid":"u1"}}"#,
        ),
        ("claude-code", r#"{"type":"derived-from","sessionId":"OWN","derivedFromSessionId":"OTHER"}"#),
        ("claude-code", r#"{"type":"derived-from","sessionId":"OWN","source":{"sessionId":"OTHER"}}"#),
        ("codex", r#"{"type":"session_meta","payload":{"id":"OWN","forked_from_id":"OTHER"}}"#),
        ("codex", r#"{"type":"session_meta","payload":{"id":"OWN","forked_from":"OTHER"}}"#),
        (
            "codex",
            r#"{"type":"session_meta","payload":{"id":"OWN","history_base":{"thread_id":"OTHER","end_ordinal_exclusive":3}}}"#,
        ),
        (
            "codex",
            "{\"type\":\"session_meta\",\"payload\":{\"id\":\"OWN\"}}\n{\"type\":\"session_meta\",\"payload\":{\"id\":\"OTHER\"}}",
        ),
        (
            "codex",
            "{\"type\":\"session_meta\",\"payload\":{\"id\":\"OWN\",\"forked_from_id\":\"OTHER\"}}\n{\"type\":\"session_meta\",\"payload\":{\"id\":\"THIRD\"}}",
        ),
        (
            "pi",
            r#"{"type":"session","id":"OWN","parentSession":"/h/.pi/agent/sessions/--w--/2026-01-02T03-04-05-678Z_OTHER.jsonl"}"#,
        ),
        (
            "pi",
            r#"{"type":"session","id":"OWN","branchedFrom":"C:\\Users\\me\\sessions\\2026-01-02T03-04-05-678Z_OTHER.jsonl"}"#,
        ),
        ("pi", r#"{"type":"session","id":"OWN","parentSession":"OTHER"}"#),
        ("gemini", r#"{"sessionId":"OWN","projectHash":"h","kind":"main","forkedFrom":"OTHER"}"#),
        ("qwen", r#"{"uuid":"u","sessionId":"OWN","type":"user","forkedFrom":{"sessionId":"OTHER"}}"#),
        ("droid", r#"{"type":"session_start","id":"OWN","forkedFrom":"OTHER"}"#),
        ("copilot", r#"{"type":"session.start","data":{"sessionId":"OWN","forkedFromSessionId":"OTHER"}}"#),
        ("kimi", r#"{"type":"metadata","protocol_version":"1","forked_from":"OTHER"}"#),
    ] {
        assert_eq!(of(agent, head).forked_from.as_deref(), Some(OTHER), "{agent}: {head}");
    }
}

#[test]
fn what_names_no_session_makes_no_fork() {
    for (agent, head) in [
        ("claude-code", r#"{"type":"user","uuid":"u1","sessionId":"OWN","forkedFrom":null}"#),
        (
            "claude-code",
            r#"{"type":"user","uuid":"u1","sessionId":"OWN","message":{"content":[{"forkedFrom":"OTHER"}]}}"#,
        ),
        ("codex", r#"{"type":"session_meta","payload":{"id":"OWN","parent_thread_id":"OTHER"}}"#),
        (
            "codex",
            "{\"type\":\"session_meta\",\"payload\":{\"id\":\"OWN\"}}\n{\"type\":\"session_meta\",\"payload\":{\"id\":\"OWN\"}}",
        ),
        ("pi", r#"{"type":"session","id":"OWN","parentSession":"no id at all"}"#),
        ("droid", r#"{"type":"session_start","id":"OWN","forkedFrom":7}"#),
    ] {
        assert_eq!(of(agent, head).forked_from, None, "{agent}: {head}");
    }
}

#[test]
fn a_background_copy_is_known_by_its_first_record() {
    let row = r#"{"type":"user","uuid":"first","sessionId":"OWN","sessionKind":"bg"}"#;
    let head = format!("{{\"type\":\"summary\"}}\n{row}\n{}", row.replace("first", "second"));
    assert_eq!(of("claude-code", &head).unnamed_copy(), Some("first"));
    assert_eq!(of("claude-code", &head.replace("bg", "fg")).unnamed_copy(), None);
    let named = head.replace("\"bg\"", "\"bg\",\"forkedFrom\":{\"sessionId\":\"OTHER\"}");
    assert_eq!(of("claude-code", &named).unnamed_copy(), None);
}

#[test]
fn other_ids_are_found_in_long_rows_anywhere_and_only_where_records_have_them() {
    let row = |id: &str, more: &str| {
        filled(&format!(
            "{{\"type\":\"user\",\"uuid\":\"u\",\"message\":{{\"content\":\"{}\"{more}}},\"sessionId\":\"{id}\"}}\n",
            "x".repeat(5000)
        ))
    };
    let said = ",\"arguments\":{\"sessionId\":\"THIRD\"},\"text\":\"{\\\"sessionId\\\":\\\"THIRD\\\"}\"";
    let text = row("OWN", "") + &row("OWN", said) + &row("OTHER", "") + &row("OWN", "");
    let mut ids = vec![OWN.to_owned()];
    find_ids("claude-code", text.as_bytes(), &mut ids);
    assert_eq!(ids, [OWN, OTHER]);
    find_ids(
        "claude-code",
        row("THIRD", "").to_uppercase().replace("SESSIONID", "sessionId").as_bytes(),
        &mut ids,
    );
    assert_eq!(ids.len(), 2, "no row of that type");
    let mut none = vec![OWN.to_owned()];
    find_ids("codex", text.as_bytes(), &mut none);
    assert_eq!(none, [OWN]);
}

#[test]
fn ids_are_bounded_and_nothing_but_ids() {
    let row = |id: &str| format!("{{\"type\":\"user\",\"uuid\":\"u\",\"sessionId\":\"{id}\"}}\n");
    let many: String = (0..100).map(|number| row(&format!("id-{number}"))).collect();
    let mut ids = vec![OWN.to_owned()];
    find_ids("claude-code", many.as_bytes(), &mut ids);
    assert_eq!(ids.len(), 1 + MAX_IDS);
    let odd = row("../../x") + &row(&"x".repeat(129)) + &row("") + &row("a b");
    let mut ids = vec![OWN.to_owned()];
    find_ids("claude-code", odd.as_bytes(), &mut ids);
    assert_eq!(ids, [OWN]);
}

#[test]
fn notes_on_imports_are_read_in_any_of_their_forms() {
    let path = "/h/.claude/projects/-w/OTHER.jsonl";
    for text in [
        format!(
            r#"{{"records":[{{"source_path":"{path}","content_sha256":"ab","imported_thread_id":"OWN","imported_at":17}}]}}"#
        ),
        format!(r#"[{{"path":"{path}","threadId":"OWN","thread_id":"OWN"}}]"#),
        format!(r#"{{"sessions":{{"{path}":{{"thread_id":"OWN"}}}}}}"#),
        format!(r#"{{"{path}":"OWN"}}"#),
    ] {
        let imports = imports(filled(&text).as_bytes());
        assert_eq!(imports.get(OWN).map(String::as_str), Some(OTHER), "{text}");
        assert_eq!(imports.len(), 1, "{text}");
    }
    for text in ["", "null", "[", "7", r#"{"thread_id":"OWN"}"#, r#"{"source_path":"/a/OTHER.jsonl"}"#] {
        assert!(imports(filled(text).as_bytes()).is_empty(), "{text}");
    }
}
