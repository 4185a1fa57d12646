//! A session of each agent that keeps lines of text comes back, and is the same session; what others keep comes out as lines.

use super::*;
use crate::more_agents::{forks, lay_out, others};

#[test]
fn a_session_of_every_agent_comes_back_where_it_was_and_nothing_of_it_is_archived_again() {
    let mut sessions: Vec<_> = forks().into_iter().chain(others()).collect();
    sessions.extend(well_known());
    let home = lay_out(&sessions, "");
    home.run(&["import"]).exits(0);
    let archives = texts(&home);
    forget(&home);
    let agents: Vec<&str> = sessions.iter().map(|laid| laid.agent).collect();
    let run = home.run(&["restore", "--agent", &agents.join(","), "--yes"]).exits(0);
    assert!(!run.stderr.contains("left out"), "{}", run.stderr);
    for laid in &sessions {
        for (path, text) in &laid.files {
            let found =
                fs::read_to_string(home.path(path)).unwrap_or_else(|_| panic!("{path}\n{}", run.stderr));
            // Of a document's JSON the blanks between the tokens are not kept.
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            let is_same = found == *text || (!path.ends_with(".jsonl") && value(&found) == value(text));
            assert!(is_same, "{path}: {found}");
        }
    }
    let count: usize = sessions.iter().map(|laid| laid.files.len()).sum();
    assert_eq!(files_of(&home).len(), count, "{:?}", files_of(&home));
    home.write(
        ".config/Code/User/workspaceStorage/0a1b2c3d/workspace.json",
        format!("{{\"folder\": \"file://{CWD}\"}}"),
    );
    let import = home.run(&["import"]).exits(0);
    assert_eq!(import.stdout, "", "{}", import.stderr);
    assert_eq!(texts(&home), archives);
}

const CWD: &str = "/home/me/my-project";

fn well_known() -> Vec<crate::more_agents::Laid> {
    let laid = |agent, number: u32, path: &str, rows: &str| {
        let session = id(number);
        let fill = |text: &str| text.replace("SID8", &session[..8]).replace("SID", &session);
        let files = vec![(fill(path), fill(rows))];
        crate::more_agents::Laid { agent, session: session.clone(), files, cwd: None, title: None }
    };
    let gemini = r#"{"sessionId":"SID","projectHash":"0a1b","startTime":"2026-06-05T14:30:00.000Z","lastUpdated":"2026-06-05T14:30:00.000Z","kind":"main"}
{"id":"m1","timestamp":"2026-06-05T14:30:01.000Z","type":"user","content":[{"text":"sort it"}]}
"#;
    let qwen = r#"{"uuid":"u1","parentUuid":null,"sessionId":"SID","timestamp":"2026-06-05T14:30:01.000Z","type":"user","cwd":"/home/me/my-project","message":{"role":"user","parts":[{"text":"sort it"}]}}
"#;
    let codex = r#"{"timestamp":"2026-06-05T14:30:00.000Z","type":"session_meta","payload":{"id":"SID","cwd":"/home/me/my-project"}}
{"timestamp":"2026-06-05T14:30:01.000Z","type":"event_msg","payload":{"type":"user_message","message":"sort it"}}
"#;
    let kimi = r#"{"type":"metadata","protocol_version":"1.0","created_at":1780669800}
{"type":"turn.prompt","time":1780669801000,"input":[{"type":"text","text":"sort it"}]}
"#;
    let pi = r#"{"type":"session","version":3,"id":"SID","cwd":"/home/me/my-project","timestamp":"2026-06-05T14:30:00.000Z"}
"#;
    let mut all = vec![
        laid("gemini", 201, ".gemini/tmp/my-project/chats/session-2026-06-05T14-30-SID8.jsonl", gemini),
        laid("qwen", 202, ".qwen/projects/-home-me-my-project/chats/SID.jsonl", qwen),
        laid("codex", 203, ".codex/sessions/2026/06/05/rollout-2026-06-05T14-30-00-SID.jsonl", codex),
        laid("codex", 204, ".codex/archived_sessions/rollout-2026-06-05T14-30-00-SID.jsonl", codex),
        laid("kimi", 205, ".kimi-code/sessions/wd_p_0a1b2c3d4e5f/session_SID/agents/main/wire.jsonl", kimi),
        laid("pi", 206, ".pi/agent/sessions/--home-me-my-project--/2026-06-05T14-30-00-000Z_SID.jsonl", pi),
        laid(
            "claude-code",
            207,
            ".claude/projects/-home-me-my-project/SID.jsonl",
            &user("SID", 1, "sort it"),
        ),
    ];
    let gemini = &mut all[0];
    let outputs = format!(".gemini/tmp/my-project/tool-outputs/session-{}/shell-1.txt", gemini.session);
    gemini.files.push((outputs, "much\n".to_owned()));
    let kimi = &mut all[4];
    let state = format!(".kimi-code/sessions/wd_p_0a1b2c3d4e5f/session_{}/state.json", kimi.session);
    kimi.files.push((state, "{\"workDir\": \"/home/me/my-project\"}".to_owned()));
    let claude = &mut all[6];
    let meta =
        format!(".claude/projects/-home-me-my-project/{}/subagents/agent-a1.meta.json", claude.session);
    claude.files.push((meta, "{\"agentType\": \"x\"}\n".to_owned()));
    all
}

#[test]
fn a_packed_rollout_comes_back_as_it_was_before_it_was_packed() {
    let home = Home::new();
    let session = "01a204f9-4e0b-7c61-aa63-10970996f82a";
    let text = format!(
        "{{\"timestamp\":\"2026-06-05T14:30:00.000Z\",\"type\":\"session_meta\",\"payload\":{{\"id\":\"{session}\",\"cwd\":\"/w\"}}}}\n"
    );
    let path = format!(".codex/sessions/2026/06/05/rollout-2026-06-05T14-30-00-{session}.jsonl");
    home.write(&format!("{path}.zst"), zstd(&text));
    home.run(&["import"]).exits(0);
    forget(&home);
    let run = home.run(&["restore", "01a2"]).exits(0);
    assert_eq!(run.stdout, format!("codex resume {session}\n"));
    assert_eq!(fs::read_to_string(home.path(&path)).unwrap(), text);
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
}

#[test]
fn what_an_agent_cannot_take_back_comes_out_as_lines_and_says_so() {
    let home = Home::new();
    let task = ".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1780669800000";
    let messages = r#"[{"ts":1780669800000,"type":"say","say":"text","text":"sort it"}]"#;
    home.write(&format!("{task}/ui_messages.json"), messages);
    home.write(&format!("{task}/api_conversation_history.json"), r#"[{"role":"user","content":"sort it"}]"#);
    home.run(&["import"]).exits(0);
    forget(&home);
    let run = home.run(&["restore", "@last"]).exits(0);
    assert!(run.stderr.contains("warning") && run.stderr.contains("cannot take it back"), "{}", run.stderr);
    let path = run.stdout.trim_end();
    assert!(path.ends_with(".ndjson"), "{path}");
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.into_bytes(), home.text(&home.archives()[0]));
    let again = home.run(&["restore", "@last"]).exits(0);
    assert!(again.stderr.contains("already there"), "{}", again.stderr);
    home.run(&["restore", "@last", "--to", "elsewhere"]).exits(0);
    assert_eq!(files_below(&home.path("elsewhere")).len(), home.archives().len());
    fs::write(path, "another").unwrap();
    home.run(&["restore", "@last"]).exits(2);
    home.run(&["restore", "@last", "--as-new"]).exits(2);
    assert_eq!(fs::read_to_string(path).unwrap(), "another");
}

#[test]
fn prompts_of_all_sessions_are_no_session_to_go_on_with() {
    let home = Home::new();
    let line =
        r#"{"display":"sort it","timestamp":1780669800000,"project":"/home/me/my-project","sessionId":"x"}"#;
    home.write(".claude/history.jsonl", format!("{line}\n"));
    home.run(&["import"]).exits(0);
    forget(&home);
    let run = home.run(&["restore", "history", "--to", "back"]).exits(0);
    assert!(run.stdout.trim_end().ends_with(".ndjson"), "{run:?}");
    assert!(files_of(&home).iter().all(|path| path.starts_with("back/")));
}
