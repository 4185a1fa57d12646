//! What is read of an archive is what its lines say, whatever its blocks.

use std::io::Write;
use std::ops::ControlFlow;

use super::*;
use crate::agents;
use crate::archive::reader::Archive;
use crate::message::Mark;

const ROWS: &str = r#"{"type":"user","uuid":"1","parentUuid":null,"message":{"role":"user","content":"one"}}
{"type":"assistant","uuid":"2","parentUuid":"1","message":{"id":"m","model":"opus","role":"assistant","usage":{"output_tokens":3},"content":[{"type":"text","text":"first"}]}}
{"type":"user","uuid":"3","parentUuid":"2","message":{"role":"user","content":"wrong way"}}
{"type":"assistant","uuid":"4","parentUuid":"3","message":{"id":"n","role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls \"a\""}}]}}
{"type":"user","uuid":"5","parentUuid":"2","message":{"role":"user","content":"right way"}}
{"type":"assistant","uuid":"6","parentUuid":"5","message":{"id":"o","role":"assistant","content":[{"type":"tool_use","id":"t2","name":"Read","input":{}}]}}
{"type":"assistant","uuid":"7","parentUuid":"6","message":{"id":"o","role":"assistant","usage":{"output_tokens":9},"content":[{"type":"tool_use","id":"t3","name":"Grep","input":{}}]}}
{"type":"user","uuid":"8","parentUuid":"6","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t2","content":"text"}]}}
{"type":"user","uuid":"9","parentUuid":"7","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t3","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}}
{"type":"user","uuid":"1","parentUuid":null,"message":{"role":"user","content":"one"}}
"#;

/// Reads `text` as another program's archive.
fn read_all(agent: &str, text: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.jsonl.gz");
    let mut encoder =
        flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), Default::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap();
    let archive = Archive::open(&path).unwrap();
    let mut told = Vec::new();
    read(&archive, agents::agent(agent), 2, &mut |message| {
        let is_rewound = if message.message.marks.has(Mark::Rewound) { "~" } else { "" };
        let name = message.name();
        let kind = message.message.kind.name();
        told.push(format!("{is_rewound}{} {kind} {name} {}", message.message.index, message.text()));
        Ok(ControlFlow::Continue(()))
    })
    .unwrap();
    told
}

#[test]
fn copies_are_told_once_results_know_their_tool_and_what_was_left_is_marked() {
    assert_eq!(
        read_all("claude-code", ROWS),
        [
            "1 text  one",
            "2 text  first",
            "~3 text  wrong way",
            "~4 tool_call Bash {\"command\":\"ls \\\"a\\\"\"}",
            "5 text  right way",
            "6 tool_call Read {}",
            "7 tool_call Grep {}",
            "8 tool_result Read text",
            "9 tool_result Grep a",
            "9.2 tool_result Grep b",
        ]
    );
}

#[test]
fn of_lines_about_one_row_the_last_stands_where_the_first_did() {
    let text = r#"{"table":"m","id":"1","role":"user","content":"one"}
{"table":"m","id":"2","role":"assistant","content":"run"}
{"table":"m","id":"3","role":"assistant","content":"gone"}
{"table":"m","id":"2","role":"assistant","content":"done"}
{"sessionkeep":"gone","ids":["3"],"names":["\"m\",\"id\":\"3\""]}
"#;
    let told = read_all("", text);
    assert_eq!(told[..3], ["1 text  one", "4 text  done", "~3 text  gone"]);
}
