//! What agents tell in several places, read as a whole: told once, with what was taken back marked.

use std::ops::ControlFlow;

use super::rows::Rows;
use super::transcript::tell_all;
use super::unit::Unit;
use crate::agents::agent;
use crate::agents::line_of;

/// Returns the messages of a transcript of the agent of this id, one text a message.
fn read(id: &str, text: &str) -> Vec<String> {
    let unit = Unit::tell(agent(id), text.as_bytes().to_vec(), 1);
    let mut rows = Rows::default();
    unit.messages.iter().for_each(|message| rows.take(message, &unit.bytes));
    let mut lines = Vec::new();
    tell_all(vec![unit], &rows, &mut |told| {
        lines.push(line_of(told.message, told.bytes));
        Ok(ControlFlow::Continue(()))
    })
    .unwrap();
    lines
}

#[test]
fn a_branch_that_a_user_of_pi_left_is_marked_and_the_rest_is_not() {
    let lines = r#"{"type":"message","id":"1","parentId":null,"message":{"role":"user","content":"one"}}
{"type":"message","id":"2","parentId":"1","message":{"role":"assistant","content":[{"type":"toolCall","id":"c","name":"a","arguments":{}},{"type":"toolCall","id":"d","name":"b","arguments":{}}]}}
{"type":"message","id":"3","parentId":"2","message":{"role":"toolResult","toolCallId":"c","content":"x"}}
{"type":"message","id":"4","parentId":"3","message":{"role":"toolResult","toolCallId":"d","content":"y"}}
{"type":"message","id":"5","parentId":"4","message":{"role":"user","content":"two"}}
{"type":"message","id":"6","parentId":"5","message":{"role":"assistant","content":"no"}}
{"type":"branch_summary","id":"7","parentId":"4","summary":"tried two","fromId":"6"}
{"type":"message","id":"8","parentId":"7","message":{"role":"user","content":"three"}}"#;
    assert_eq!(
        read("pi", lines),
        [
            "user text: one",
            "assistant tool_call a (c): {}",
            "assistant tool_call b (d): {}",
            "tool tool_result a (c): x",
            "tool tool_result b (d): y",
            "user text [rewound]: two",
            "assistant text [rewound]: no",
            "system summary: tried two",
            "user text: three",
        ]
    );
}

#[test]
fn calls_of_claude_code_that_run_side_by_side_are_not_taken_for_a_rewind() {
    let lines = r#"{"type":"user","uuid":"1","parentUuid":null,"message":{"content":"one"}}
{"type":"assistant","uuid":"2","parentUuid":"1","message":{"id":"m","content":[{"type":"tool_use","id":"c","name":"A","input":{}}],"usage":{"input_tokens":3,"output_tokens":1}}}
{"type":"assistant","uuid":"3","parentUuid":"2","message":{"id":"m","content":[{"type":"tool_use","id":"d","name":"B","input":{}}],"usage":{"input_tokens":3,"output_tokens":9}}}
{"type":"user","uuid":"4","parentUuid":"2","message":{"content":[{"type":"tool_result","tool_use_id":"c","content":"x"}]}}
{"type":"user","uuid":"5","parentUuid":"3","message":{"content":[{"type":"tool_result","tool_use_id":"d","content":"y"}]}}
{"type":"user","uuid":"6","parentUuid":"5","message":{"content":"wrong"}}
{"type":"assistant","uuid":"7","parentUuid":"6","message":{"id":"n","content":[{"type":"text","text":"no"}]}}
{"type":"attachment","uuid":"8","parentUuid":"5","attachment":{"type":"date_change"}}
{"type":"user","uuid":"9","parentUuid":"8","message":{"content":"right"}}
{"type":"user","uuid":"9","parentUuid":"8","message":{"content":"right"}}"#;
    let told = read("claude-code", lines);
    let said: Vec<&str> = told.iter().map(|line| &**line).filter(|line| !line.contains("event")).collect();
    assert_eq!(
        said,
        [
            "user text: one",
            "assistant tool_call A (c) 3+1+0+0: {}",
            "assistant tool_call B (d) 0+8+0+0: {}",
            "tool tool_result A (c): x",
            "tool tool_result B (d): y",
            "user text [rewound]: wrong",
            "assistant text [rewound]: no",
            "user text: right",
        ]
    );
}

#[test]
fn what_a_user_of_qwen_code_went_back_from_is_marked() {
    let lines = r#"{"uuid":"1","parentUuid":null,"type":"user","message":{"parts":[{"text":"one"}]}}
{"uuid":"2","parentUuid":"1","type":"user","message":{"parts":[{"text":"two"}]}}
{"uuid":"3","parentUuid":"1","type":"system","subtype":"rewind","systemPayload":{"targetUuid":"1"}}
{"uuid":"4","parentUuid":"3","type":"user","message":{"parts":[{"text":"three"}]}}"#;
    let expected =
        ["user text: one", "user text [rewound]: two", "system event rewind: 1", "user text: three"];
    assert_eq!(read("qwen", lines), expected);
}

#[test]
fn the_last_wording_of_a_message_of_geminis_holds_and_what_is_taken_back_is_marked() {
    let lines = r#"{"id":"1","type":"user","content":[{"text":"one"}]}
{"id":"2","type":"gemini","content":"","model":"m","tokens":{"input":5,"output":1}}
{"id":"2","type":"gemini","content":"Well","model":"m","tokens":{"input":5,"output":1},"toolCalls":[{"id":"c","name":"ls","args":{},"result":[{"functionResponse":{"id":"c","name":"ls","response":{"output":"a"}}}]}]}
{"id":"3","type":"user","content":[{"functionResponse":{"id":"c","name":"ls","response":{"output":"a"}}}]}
{"id":"4","type":"user","content":[{"text":"two"}]}
{"$rewindTo":"4"}
{"id":"5","type":"user","content":[{"text":"three"}]}
{"$set":{"messages":[{"id":"1","type":"user","content":[{"text":"one"}]},{"id":"5","type":"user","content":[{"text":"four"}]}]}}"#;
    assert_eq!(
        read("gemini", lines),
        [
            "user text: one",
            "assistant text by m 5+1+0+0: Well",
            "assistant tool_call ls (c) by m: {}",
            "tool tool_result ls (c) by m: a",
            "user text [rewound]: two",
            "system event rewind: 4",
            "user text: four",
        ]
    );
}

#[test]
fn prompts_of_codex_are_told_once_with_the_turns_model_and_marked_when_rolled_back() {
    let lines = r#"{"type":"turn_context","payload":{"model":"m"}}
{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"one"}]}}
{"type":"event_msg","payload":{"type":"user_message","message":"one"}}
{"type":"event_msg","payload":{"type":"agent_message","message":"Well"}}
{"type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Well"}]}}
{"type":"event_msg","payload":{"type":"user_message","message":"two"}}
{"type":"event_msg","payload":{"type":"thread_rolled_back","num_turns":1}}
{"type":"compacted","payload":{"message":"so far"}}
{"type":"event_msg","payload":{"type":"context_compacted"}}"#;
    assert_eq!(
        read("codex", lines),
        [
            "user text: one",
            "assistant text by m: Well",
            "user text [rewound]: two",
            "system event rewind: 1",
            "system summary [compaction]: so far",
        ]
    );
}

#[test]
fn a_call_of_copilots_and_a_thought_are_told_once_and_a_snapshot_takes_back() {
    let lines = r#"{"type":"user.message","data":{"content":"one"},"id":"1"}
{"type":"assistant.reasoning","data":{"content":"hm"},"id":"2"}
{"type":"assistant.message","data":{"content":"","reasoningText":"hm","toolRequests":[{"toolCallId":"c","name":"bash","arguments":{}}]},"id":"3"}
{"type":"tool.execution_start","data":{"toolCallId":"c","toolName":"bash","arguments":{}},"id":"4"}
{"type":"tool.execution_complete","data":{"toolCallId":"c","success":true,"result":{"content":"a"}},"id":"5"}
{"type":"session.snapshot_rewind","data":{"upToEventId":"3"},"id":"6"}"#;
    assert_eq!(
        read("copilot", lines),
        [
            "user text: one",
            "assistant thinking: hm",
            "assistant tool_call bash (c) [rewound]: {}",
            "tool tool_result bash (c) [rewound]: a",
            "system event rewind: 3",
        ]
    );
}

#[test]
fn prompts_and_costs_of_kimi_are_told_once() {
    let lines = r#"{"type":"turn.prompt","input":[{"type":"text","text":"hi"}],"origin":{"kind":"user"}}
{"type":"context.append_message","message":{"role":"user","content":[{"type":"text","text":"hi"}],"origin":{"kind":"user"}}}
{"type":"llm.request","model":"k2"}
{"type":"context.append_loop_event","event":{"type":"content.part","part":{"type":"text","text":"Well"}}}
{"type":"context.append_loop_event","event":{"type":"step.end","usage":{"inputOther":9,"output":4}}}
{"type":"usage.record","model":"moonshot/k2","usage":{"inputOther":9,"output":4}}
{"type":"turn.prompt","input":[{"type":"text","text":"hi"}],"origin":{"kind":"user"}}
{"type":"context.append_message","message":{"role":"user","content":[{"type":"text","text":"hi"}],"origin":{"kind":"user"}}}"#;
    assert_eq!(
        read("kimi", lines),
        [
            "user text: hi",
            "system event llm.request: k2",
            "assistant text by k2: Well",
            "system event tokens by k2 9+4+0+0: ",
            "user text: hi",
        ]
    );
}

#[test]
fn parents_in_a_circle_are_no_rewind_and_have_an_end() {
    let lines = r#"{"type":"system","subtype":"a","uuid":"1","parentUuid":"2"}
{"type":"system","subtype":"b","uuid":"2","parentUuid":"1"}
{"type":"user","uuid":"3","parentUuid":"1","message":{"content":"x"}}
{"type":"system","subtype":"c","uuid":"4","parentUuid":"2"}"#;
    assert_eq!(read("claude-code", lines).len(), 4);
}
