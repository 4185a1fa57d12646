//! What agents tell in several places, read as a whole: told once, with what was taken back marked.

use std::ops::ControlFlow;

use super::rows::Rows;
use super::transcript::tell_all;
use super::unit::Unit;
use crate::agents::agent;
use crate::agents::line_of;
use crate::message::told::Told;
use crate::message::{Kind, Role, Tokens};

/// Hands the messages of a transcript of the agent of this id to `each`.
fn each(id: &str, text: &str, each: &mut dyn FnMut(&Told<'_>)) {
    let unit = Unit::tell(agent(id), text.as_bytes().to_vec(), 1);
    let mut rows = Rows::default();
    unit.messages.iter().for_each(|message| rows.take(message, &unit.bytes));
    tell_all(vec![unit], &rows, &mut |told| {
        each(told);
        Ok(ControlFlow::Continue(()))
    })
    .unwrap();
}

/// Returns these messages, one text each.
fn read(id: &str, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    each(id, text, &mut |told| lines.push(line_of(told.message, told.bytes)));
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

/// A public transcript: whose, where, and what is in it, counted by hand: prompts, answers, thoughts, calls, results, pictures;
/// tokens read anew, written, read from and into a cache; and the title, if it has one.
struct Sample {
    agent: &'static str,
    path: &'static str,
    said: [usize; 6],
    paid: [u64; 4],
    title: &'static str,
}

const SAMPLES: [Sample; 12] = [
    Sample {
        agent: "claude-code",
        path: "claude-code/claude-code-log/projects/-Users-dain-workspace-coderabbit-review-helper/cb2e607c-c758-415a-8b45-c49e4631906a.jsonl",
        said: [5, 44, 80, 76, 76, 0],
        paid: [735, 23_714, 3_483_153, 152_097],
        title: "",
    },
    Sample {
        agent: "codex",
        path: "codex/generated-0.169.0/sessions/2026/11/22/rollout-2026-11-22T20-37-42-01a204fa-9b02-70a2-b21d-3ad55a85e02f.jsonl",
        said: [6, 6, 41, 64, 63, 1],
        paid: [110_355, 5_810, 63_000, 0],
        title: "",
    },
    Sample {
        agent: "pi",
        path: "pi/pi-mono/sessions/--Users-badlogic-workspaces-pi-mono--/2025-12-09T00-53-29-825Z_ffae836b-9420-4060-ac13-7745215f90ff.jsonl",
        said: [55, 253, 49, 457, 451, 0],
        paid: [3_689, 187_895, 54_693_675, 1_685_320],
        title: "",
    },
    Sample {
        agent: "openclaw",
        path: "openclaw/agent-sessions-fixtures/large.jsonl",
        said: [1, 3, 0, 2, 2, 0],
        paid: [0; 4],
        title: "",
    },
    Sample {
        agent: "gemini",
        path: "gemini/generated/tmp/work/chats/session-2026-11-22T20-46-426133a3.jsonl",
        said: [1, 1, 10, 5, 5, 0],
        paid: [600, 120, 0, 0],
        title: "",
    },
    Sample {
        agent: "qwen",
        path: "qwen/generated/projects/-home-alice-projects-work/chats/7fd091c8-09ce-4d7b-9de5-b62a2c71e7ab.jsonl",
        said: [1, 6, 0, 5, 5, 0],
        paid: [600, 120, 0, 0],
        title: "",
    },
    Sample {
        agent: "copilot",
        path: "copilot/agent-sessions-fixtures/large.jsonl",
        said: [3, 3, 0, 2, 1, 0],
        paid: [0; 4],
        title: "",
    },
    Sample {
        agent: "droid",
        path: "droid/agent-sessions-fixtures/session_store_large.jsonl",
        said: [2, 3, 0, 1, 1, 0],
        paid: [0; 4],
        title: "Stage0 Droid Large",
    },
    Sample {
        agent: "grok",
        path: "grok/agent-sessions-fixtures/chat_history.jsonl",
        said: [2, 1, 2, 3, 2, 1],
        paid: [0; 4],
        title: "",
    },
    Sample {
        agent: "antigravity",
        path: "antigravity/agent-sessions-fixtures/cli_small.jsonl",
        said: [2, 1, 3, 2, 9, 0],
        paid: [0; 4],
        title: "",
    },
    Sample {
        agent: "cursor",
        path: "cursor/agent-sessions-fixtures/large.jsonl",
        said: [3, 4, 1, 2, 2, 0],
        paid: [0; 4],
        title: "",
    },
    Sample {
        agent: "kimi",
        path: "kimi/agent-sessions-fixtures/assistant_tools.jsonl",
        said: [8, 6, 22, 19, 19, 0],
        paid: [30_174, 5_515, 661_504, 0],
        title: "",
    },
];

#[test]
fn public_transcripts_say_what_was_counted_in_them_by_hand() {
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if !samples.is_dir() {
        return;
    }
    for sample in &SAMPLES {
        let text = std::fs::read_to_string(samples.join(sample.path)).unwrap();
        let (mut said, mut paid, mut title) = ([0; 6], Tokens::default(), String::new());
        each(sample.agent, &text, &mut |told| {
            let message = told.message;
            let is_bare = message.marks.iter().next().is_none();
            let at = match (message.role, message.kind) {
                (Role::User, Kind::Text) if is_bare => Some(0),
                (Role::Assistant, Kind::Text) => Some(1),
                (_, Kind::Thinking) => Some(2),
                (_, Kind::ToolCall) => Some(3),
                (_, Kind::ToolResult) => Some(4),
                (_, Kind::Image) => Some(5),
                _ => None,
            };
            at.into_iter().for_each(|at| said[at] += 1);
            message.tokens.into_iter().for_each(|tokens| paid.add(tokens));
            if told.name() == "title" {
                title = told.text().into_owned();
            }
        });
        let paid = [paid.input, paid.output, paid.cache_read, paid.cache_write];
        assert_eq!((said, paid, &*title), (sample.said, sample.paid, sample.title), "{}", sample.path);
    }
}
