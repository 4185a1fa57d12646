//! Tests of forks: whose a transcript is that lies in a fork's tree.

use super::*;
use crate::agents::{describe, guess_path, identify};

const SESSION: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

fn found(path: &str, head: &str) -> (&'static str, String, Option<String>) {
    let path = PathBuf::from(path.replace("SID", SESSION));
    let found = identify(&path, &guess_path(&path), head.replace("SID", SESSION).as_bytes());
    (found.agent, found.session_id, found.part_id)
}

#[test]
fn records_of_a_family_in_the_tree_of_a_fork_are_the_forks_wherever_the_tree_lies() {
    let claude = r#"{"type":"user","uuid":"u","sessionId":"SID","message":{"role":"user","content":"hi"}}"#;
    let pi = r#"{"type":"session","version":3,"id":"SID","timestamp":"2026-01-02T03:04:05Z","cwd":"/w"}"#;
    let codex =
        r#"{"timestamp":"2026-01-02T03:04:05Z","type":"session_meta","payload":{"id":"SID","cwd":"/w"}}"#;
    for (path, head, agent) in [
        ("/h/.openclaude/projects/-w/SID.jsonl", claude, "openclaude"),
        ("/backup/of/.openclaude/projects/-w/SID.jsonl", claude, "openclaude"),
        ("/h/.qoder/projects/-w/SID.jsonl", claude, "qoder"),
        ("/h/.qoderwork/projects/-w/SID.jsonl", claude, "qoder"),
        ("/h/.config/Qoder/SharedClientCache/cli/projects/-w/SID.jsonl", claude, "qoder"),
        ("/h/Library/Application Support/Qoder/x/projects/-w/SID.jsonl", claude, "qoder"),
        ("/h/.workbuddy/projects/-w/SID.jsonl", claude, "workbuddy"),
        ("/h/.iflow/projects/-w/session-SID.jsonl", claude, "iflow"),
        ("/h/.openclaw/agents/main/sessions/SID.jsonl", pi, "openclaw"),
        ("/h/.clawdbot/agents/main/sessions/SID.jsonl", pi, "openclaw"),
        ("/h/.qclaw/agents/main/sessions/SID.jsonl", pi, "qclaw"),
        ("/h/.omp/agent/sessions/--w--/2026-01-02T03-04-05-678Z_SID.jsonl", pi, "ohmypi"),
        ("/h/.prime/agent/sessions/--w--/2026-01-02T03-04-05-678Z_SID.jsonl", pi, "prime"),
        ("/h/.trae/cli/sessions/2026/01/02/rollout-2026-01-02T03-04-05-SID.jsonl", codex, "traex"),
        // What is no fork's tree, though it lies near one.
        ("/h/.qoder/backup/.claude/projects/-w/SID.jsonl", claude, "claude-code"),
        ("/h/Qoder/.claude/projects/-w/SID.jsonl", claude, "claude-code"),
        ("/elsewhere/SID.jsonl", claude, "claude-code"),
        ("/elsewhere/SID.jsonl", pi, "pi"),
        // And what is another's, though it lies in one.
        ("/h/.openclaude/projects/-w/SID.jsonl", codex, "codex"),
    ] {
        assert_eq!(found(path, head), (agent, SESSION.to_owned(), None), "{path}");
    }
}

#[test]
fn parts_and_sessions_that_were_set_aside_stay_with_their_fork() {
    let session = SESSION.to_owned();
    for (path, agent, part) in [
        ("/h/.openclaude/projects/-w/SID/subagents/agent-a0.jsonl", "openclaude", Some("agent-a0")),
        ("/h/.qoder/projects/-w/SID-session.json", "qoder", Some("session")),
        ("/h/.openclaw/agents/main/sessions/SID.jsonl.reset.2026-01-02T03-04-05.678Z", "openclaw", None),
        ("/h/.openclaw/agents/main/sessions/SID.jsonl.deleted.2026-01-02T03-04-05.678Z", "openclaw", None),
    ] {
        assert_eq!(found(path, ""), (agent, session.clone(), part.map(str::to_owned)), "{path}");
    }
    let claude = r#"{"isSidechain":true,"sessionId":"SID","agentId":"0123abcd","type":"user","message":{},"uuid":"u"}"#;
    let subagent = found("/h/.openclaude/projects/-w/agent-0123abcd.jsonl", claude);
    assert_eq!(subagent, ("openclaude", session, Some("agent-0123abcd".to_owned())));
    for path in
        ["/h/.openclaw/agents/main/sessions/sessions.json", "/h/.openclaw/agents/main/sessions/a.jsonl.lock"]
    {
        assert_eq!(guess_path(Path::new(path)).agent, None, "{path}");
    }
}

#[test]
fn a_fork_describes_its_sessions_as_its_family_does() {
    let head = br#"{"type":"session","id":"x","timestamp":"2026-01-02T03:04:05Z","cwd":"/w"}
{"type":"message","message":{"role":"user","content":"hi"}}"#;
    let description = describe("openclaw", head, b"");
    assert_eq!((description.cwd.as_deref(), description.title.as_deref()), (Some("/w"), Some("hi")));
    assert_eq!(description, describe("pi", head, b""));
}

#[test]
fn an_application_holds_much_that_is_no_session() {
    let fork = crate::agents::known::agent("qoder").unwrap();
    let path = Path::new("/h/.config/Qoder/logs/x.jsonl");
    assert_eq!(fork.recognise(&PathTail::new(path)), Some(Recognised::NotATranscript));
    assert!(!fork.enters(&PathTail::new(Path::new("/h/.config/Qoder/GPUCache"))));
    assert!(fork.enters(&PathTail::new(Path::new("/h/.qoder/projects/GPUCache"))));
}

#[test]
fn a_fork_keeps_its_prompts_where_its_family_does() {
    let homes = |id| crate::agents::known::agent(id).unwrap().homes(&Environment::with_home("/h"));
    assert_eq!(homes("openclaude"), [Path::new("/h/.openclaude")]);
    assert_eq!(homes("traex"), [Path::new("/h/.trae/cli")]);
    assert_eq!(homes("qoder"), [Path::new("/h/.qoder"), Path::new("/h/.qoderwork")]);
    let path = Path::new("/h/.openclaude/history.jsonl");
    let guess = Guess { agent: Some("openclaude"), session_id: Some("history".into()), part_id: None };
    let found = identify(path, &guess, br#"{"display":"x","timestamp":1,"project":"/w"}"#);
    assert_eq!((found.agent, &*found.session_id), ("openclaude", "history"));
}

#[test]
fn an_agent_of_the_users_own_is_a_fork_like_any_other() {
    let roots = vec!["/data/team/logs/sessions".to_owned(), "~/.mine/chats".to_owned()];
    let own = OwnAgent { name: "mine".into(), label: "Mine".into(), family: "pi".into(), roots };
    assert!(own_fork(&own, &[&ClaudeCode]).is_none());
    let fork = own_fork(&own, &[&ClaudeCode, &Pi]).unwrap();
    assert_eq!((fork.id(), fork.label()), ("mine", "Mine"));
    let home = Environment::with_home("/h");
    assert_eq!(fork.roots(&home), [Path::new("/data/team/logs/sessions"), Path::new("/h/.mine/chats")]);
    for (path, is_own) in [
        ("/data/team/logs/sessions/a.jsonl", true),
        ("/elsewhere/team/logs/sessions/a.jsonl", true),
        ("/x/.mine/chats/a/b.jsonl", true),
        ("/x/logs/sessions/a.jsonl", false),
    ] {
        assert_eq!(fork.recognise(&PathTail::new(Path::new(path))).is_some(), is_own, "{path}");
    }
}
