//! Agents beside the best known ones: forks, agents of the user's own, and those with trees of their own form. A home with
//! a session of each is imported whole, once.

use crate::home::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The session of an agent, with its parts: paths in the home and text.
pub struct Laid {
    pub agent: &'static str,
    pub session: String,
    pub files: Vec<(String, String)>,
    /// What the session's metadata must say.
    pub cwd: Option<&'static str>,
    pub title: Option<&'static str>,
}

const CWD: &str = "/home/me/my-project";

fn claude_row(session: &str, text: &str) -> String {
    user(session, 1, text)
}

fn pi_rows(session: &str, text: &str) -> String {
    let header = serde_json::json!({"type": "session", "version": 3, "id": session, "cwd": CWD,
        "timestamp": "2026-06-05T14:30:00.000Z"});
    let message = serde_json::json!({"type": "message", "id": "m1", "timestamp": "2026-06-05T14:30:01.000Z",
        "message": {"role": "user", "content": [{"type": "text", "text": text}]}});
    format!("{header}\n{message}\n")
}

fn codex_rows(session: &str, text: &str) -> String {
    let header = serde_json::json!({"timestamp": "2026-06-05T14:30:00.000Z", "type": "session_meta",
        "payload": {"id": session, "cwd": CWD}});
    let message = serde_json::json!({"timestamp": "2026-06-05T14:30:01.000Z", "type": "event_msg",
        "payload": {"type": "user_message", "message": text}});
    format!("{header}\n{message}\n")
}

/// Records of a role and what it says, which name no session.
fn plain_rows(text: &str) -> String {
    let at = |second: u32| format!("2026-06-05T14:30:0{second}.000Z");
    let user = serde_json::json!({"role": "user", "content": text, "timestamp": at(1)});
    let answer = serde_json::json!({"role": "assistant", "content": "done", "timestamp": at(2)});
    format!("{user}\n{answer}\n")
}

/// Returns a session whose records say what [`CWD`] and the title are.
fn told(agent: &'static str, number: u32, path: &str, rows: fn(&str, &str) -> String) -> Laid {
    let (session, title) = (id(number), "sort it");
    let files = vec![(path.replace("SID", &session), rows(&session, title))];
    Laid { agent, session, files, cwd: Some(CWD), title: Some(title) }
}

/// Returns a session of which a document beside it may say more.
fn beside(
    agent: &'static str,
    session: &str,
    (path, rows): (&str, String),
    others: &[(&str, String)],
    (cwd, title): (Option<&'static str>, &'static str),
) -> Laid {
    let mut files = vec![(path.replace("SID", session), rows)];
    files.extend(others.iter().map(|(path, text)| (path.replace("SID", session), text.clone())));
    Laid { agent, session: session.to_owned(), files, cwd, title: Some(title) }
}

pub fn forks() -> Vec<Laid> {
    vec![
        told("openclaude", 1, ".openclaude/projects/-w/SID.jsonl", claude_row),
        told("qoder", 2, ".qoder/projects/-w/SID.jsonl", claude_row),
        told("workbuddy", 3, ".workbuddy/projects/-w/SID.jsonl", claude_row),
        told("iflow", 4, ".iflow/projects/-w/session-SID.jsonl", claude_row),
        told("openclaw", 5, ".openclaw/agents/main/sessions/SID.jsonl", pi_rows),
        told("qclaw", 6, ".qclaw/agents/main/sessions/SID.jsonl", pi_rows),
        told("ohmypi", 7, ".omp/agent/sessions/--w--/2026-06-05T14-30-00-000Z_SID.jsonl", pi_rows),
        told("prime", 8, ".prime/agent/sessions/--w--/2026-06-05T14-30-00-000Z_SID.jsonl", pi_rows),
        told("traex", 9, ".trae/cli/sessions/2026/06/05/rollout-2026-06-05T14-30-00-SID.jsonl", codex_rows),
    ]
}

pub fn others() -> Vec<Laid> {
    let pretty = |value: serde_json::Value| serde_json::to_string_pretty(&value).unwrap();
    let times =
        serde_json::json!({"created_at": "2026-06-05T14:30:00Z", "updated_at": "2026-06-05T14:31:00Z"});
    let with = |more: serde_json::Value| {
        let mut value = times.clone();
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        pretty(value)
    };
    let prompt = serde_json::json!({"type": "user", "content": [{"type": "text", "text": "sort it"}], "prompt_index": 0});
    let cursor =
        serde_json::json!({"role": "user", "message": {"content": [{"type": "text", "text": "sort it"}]}});
    let step = serde_json::json!({"step_index": 0, "source": "USER_EXPLICIT", "created_at": "2026-06-05T14:30:01Z",
        "content": "<USER_REQUEST>\nsort it\n</USER_REQUEST>"});
    let object = serde_json::json!({"kind": 0, "v": {"sessionId": id(30), "creationDate": 1_780_669_800_000_u64,
        "requests": [{"message": {"text": "sort it"}}]}});
    let start = serde_json::json!({"type": "session.start", "data": {"sessionId": id(30)},
        "timestamp": "2026-06-05T14:30:01Z"});
    let grok = ".grok/sessions/%2Fhome%2Fme%2Fmy-project/SID";
    let brain = ".gemini/antigravity-cli/brain/SID/.system_generated/logs";
    let code = ".config/Code/User/workspaceStorage/0a1b2c3d";
    let cursors = ".cursor/projects/home-me-my-project/agent-transcripts/SID";
    vec![
        beside(
            "grok",
            &id(20),
            (&format!("{grok}/chat_history.jsonl"), format!("{prompt}\n")),
            &[
                (&format!("{grok}/updates.jsonl"), plain_rows("drawn")),
                (&format!("{grok}/summary.json"), with(serde_json::json!({"generated_title": "Sorting"}))),
                (&format!("{grok}/signals.json"), "{\"turns\":1}\n".to_owned()),
            ],
            (Some(CWD), "Sorting"),
        ),
        beside(
            "kiro",
            &id(21),
            (".kiro/sessions/cli/SID.jsonl", plain_rows("sort it")),
            &[(".kiro/sessions/cli/SID.json", with(serde_json::json!({"cwd": CWD, "title": "Sorting"})))],
            (Some(CWD), "Sorting"),
        ),
        beside(
            "kiro",
            &id(22),
            (".kiro/sessions/space/SID/messages.jsonl", plain_rows("sort it")),
            &[],
            (None, "sort it"),
        ),
        beside(
            "vibe",
            "session_20260605_143000_0a1b2c3d",
            (".vibe/logs/session/SID/messages.jsonl", plain_rows("sort it")),
            &[(
                ".vibe/logs/session/SID/meta.json",
                pretty(serde_json::json!({"environment": {"working_directory": CWD}})),
            )],
            (Some(CWD), "sort it"),
        ),
        beside(
            "gptme",
            "2026-06-05-sorting",
            (".local/share/gptme/logs/SID/conversation.jsonl", plain_rows("sort it")),
            &[(".local/share/gptme/logs/SID/config.toml", format!("[chat]\nworkspace = \"{CWD}\"\n"))],
            (Some(CWD), "sort it"),
        ),
        beside(
            "zencoder",
            &id(25),
            (
                ".zencoder/sessions/SID.jsonl",
                format!(
                    "{}\n{}",
                    serde_json::json!({"role": "system", "content": format!("cwd: {CWD}")}),
                    plain_rows("sort it")
                ),
            ),
            &[],
            (Some(CWD), "sort it"),
        ),
        beside(
            "reasonix",
            "sorting-1",
            (".reasonix/sessions/SID.jsonl", plain_rows("sort it")),
            &[(".reasonix/sessions/SID.jsonl.meta", pretty(serde_json::json!({"workspace": CWD})))],
            (Some(CWD), "sort it"),
        ),
        beside(
            "deepseek-harness",
            &id(27),
            (".dsh/sessions/my-project/SID/session.jsonl", plain_rows("sort it")),
            &[],
            (None, "sort it"),
        ),
        beside(
            "antigravity",
            &id(28),
            (&format!("{brain}/transcript.jsonl"), format!("{step}\n")),
            &[(&format!("{brain}/transcript_full.jsonl"), format!("{step}\n{step}\n"))],
            (None, "sort it"),
        ),
        beside(
            "cursor",
            &id(29),
            (&format!("{cursors}/SID.jsonl"), format!("{cursor}\n")),
            &[(&format!("{cursors}/subagents/{}.jsonl", id(129)), format!("{cursor}\n{cursor}\n"))],
            (None, "sort it"),
        ),
        beside(
            "vscode",
            &id(30),
            (&format!("{code}/chatSessions/SID.jsonl"), format!("{object}\n")),
            &[(&format!("{code}/GitHub.copilot-chat/transcripts/SID.jsonl"), format!("{start}\n"))],
            (Some(CWD), "sort it"),
        ),
        beside(
            "kimi",
            &id(32),
            (".kimi/sessions/0cc175b9c0f1b6a831c399e269772661/SID/context.jsonl", plain_rows("sort it")),
            &[(".kimi/sessions/0cc175b9c0f1b6a831c399e269772661/SID/wire.jsonl", plain_rows("drawn"))],
            (None, "sort it"),
        ),
        beside(
            "copilot",
            &id(33),
            (
                ".copilot/session-state/SID/events.jsonl",
                format!(
                    "{}\n{}\n",
                    serde_json::json!({"type": "session.start", "timestamp": "2026-06-05T14:30:01Z",
                        "data": {"sessionId": id(33), "context": {"cwd": CWD}}}),
                    serde_json::json!({"type": "user.message", "data": {"content": "sort it"}})
                ),
            ),
            &[
                (".copilot/session-state/SID/workspace.yaml", format!("cwd: {CWD}\n")),
                (".copilot/session-state/SID/checkpoints/001.md", "# Begun\n".to_owned()),
            ],
            (Some(CWD), "sort it"),
        ),
        beside(
            "droid",
            &id(34),
            (
                ".factory/sessions/-w/SID.jsonl",
                format!(
                    "{}\n{}",
                    serde_json::json!({"type": "session_start", "id": id(34), "cwd": CWD, "title": "Sorting"}),
                    plain_rows("sort it")
                ),
            ),
            &[(".factory/sessions/-w/SID.settings.json", pretty(serde_json::json!({"model": "m"})))],
            (Some(CWD), "Sorting"),
        ),
    ]
}

/// Writes the files of these sessions below a directory of the home; returns the home.
pub fn lay_out(sessions: &[Laid], below: &str) -> Home {
    let home = Home::new();
    for (path, text) in sessions.iter().flat_map(|laid| &laid.files) {
        home.write(&format!("{below}{path}"), text);
    }
    home.write(
        &format!("{below}.config/Code/User/workspaceStorage/0a1b2c3d/workspace.json"),
        format!("{{\"folder\": \"file://{CWD}\"}}"),
    );
    home
}

/// Returns what is kept of a file: of one that grows its text, of a document a line.
fn kept(path: &str, text: &str) -> Vec<u8> {
    if path.ends_with(".jsonl") {
        return text.into();
    }
    let name = serde_json::Value::from(path.rsplit('/').next().unwrap_or(path));
    let json = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(text));
    format!("{{\"document\":{name},\"id\":null,\"data\":{json}}}\n").into_bytes()
}

/// Asserts that the store holds each of these sessions once, with all its parts and nothing else.
#[track_caller]
fn assert_holds(home: &Home, sessions: &[Laid]) {
    let mut texts: BTreeMap<(String, String), Vec<Vec<u8>>> = BTreeMap::new();
    for archive in home.archives() {
        let sidecar = home.sidecar(&archive);
        let text = |key: &str| sidecar[key].as_str().unwrap_or_default().to_owned();
        assert_eq!(sidecar["version"], 1, "{archive}");
        texts.entry((text("agent"), text("session_id"))).or_default().push(home.text(&archive));
        let laid =
            sessions.iter().find(|laid| laid.agent == text("agent") && laid.session == text("session_id"));
        let laid = laid.unwrap_or_else(|| panic!("{archive} is of {} {}", text("agent"), text("session_id")));
        if !archive.contains(".parts/") {
            assert_eq!(text("cwd"), laid.cwd.unwrap_or_default(), "{} {archive}", laid.agent);
            assert_eq!(sidecar["title"].as_str(), laid.title, "{} {archive}", laid.agent);
            // Cursor writes no times.
            let is_dated = archive.starts_with("2026/06/2026-06-05_1430");
            assert!(is_dated || laid.agent == "cursor", "{} {archive}", laid.agent);
        }
    }
    for laid in sessions {
        let mut found = texts.remove(&(laid.agent.to_owned(), laid.session.clone())).unwrap_or_default();
        found.sort();
        let mut written: Vec<Vec<u8>> = laid.files.iter().map(|(path, text)| kept(path, text)).collect();
        written.sort();
        assert_eq!(found, written, "{} {}", laid.agent, laid.session);
    }
}

#[test]
fn a_home_with_a_session_of_every_agent_is_imported_once_and_whole() {
    let sessions: Vec<Laid> = forks().into_iter().chain(others()).collect();
    let home = lay_out(&sessions, "");
    home.run(&["import"]).exits(0);
    assert_holds(&home, &sessions);
    let again = home.run(&["import"]).exits(0);
    assert_eq!(again.stdout, "");
    assert!(!again.stderr.contains("not archived"), "{}", again.stderr);
    home.run(&["verify"]).exits(0);
    // The agents that nobody laid out a session of are those that other tests have.
    let known = home.run(&["import", "--agent", "nobody"]).exits(2).stderr;
    let known: BTreeSet<String> = known
        .split_once("known agents: ")
        .map(|(_, names)| names.lines().next().unwrap_or_default().split(", ").map(str::to_owned).collect())
        .unwrap_or_default();
    for laid in &sessions {
        assert!(known.contains(laid.agent), "{} in {known:?}", laid.agent);
    }
}

#[test]
fn a_document_beside_a_transcript_is_kept_in_each_state_that_was_seen() {
    let grok = others().into_iter().find(|laid| laid.agent == "grok").unwrap();
    let home = lay_out(&[grok], "");
    home.run(&["import"]).exits(0);
    let before = home.archives();
    let summary = format!(".grok/sessions/%2Fhome%2Fme%2Fmy-project/{}/summary.json", id(20));
    home.write(
        &summary,
        "{\n  \"generated_title\": \"Sorted\",\n  \"updated_at\": \"2026-06-05T14:32:00Z\"\n}",
    );
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), before);
    let archive = before.iter().find(|archive| archive.contains(".parts/summary")).unwrap();
    let text = String::from_utf8(home.text(archive)).unwrap();
    assert!(text.contains("Sorting") && text.contains("Sorted"), "{text}");
}

#[test]
fn an_agent_is_known_by_its_tree_wherever_that_lies() {
    let sessions: Vec<Laid> = forks().into_iter().chain(others()).collect();
    let home = lay_out(&sessions, "backup/of/");
    home.run(&["import", "--from", "backup"]).exits(0);
    assert_holds(&home, &sessions);
    assert_eq!(home.run(&["import", "--from", "backup"]).exits(0).stdout, "");
}

#[test]
fn what_openclaw_sets_aside_stays_a_session() {
    let home = Home::new();
    let sessions = ".openclaw/agents/main/sessions";
    let write = |name: &str, number: u32, text: &str| {
        home.write(&format!("{sessions}/{}{name}", id(number)), pi_rows(&id(number), text));
    };
    write(".jsonl", 1, "archived, then reset");
    home.run(&["import"]).exits(0);
    let live = home.path(&format!("{sessions}/{}.jsonl", id(1)));
    fs::rename(&live, live.with_file_name(format!("{}.jsonl.reset.2026-06-06T04-00-00.000Z", id(1))))
        .unwrap();
    write(".jsonl.deleted.2026-06-06T04-00-00.000Z", 2, "deleted before anybody archived it");
    write(".jsonl", 3, "goes on under its id");
    write(".jsonl.reset.2026-06-06T04-00-00.000Z", 3, "what was before");
    home.write(&format!("{sessions}/sessions.json"), "{}");
    home.run(&["import"]).exits(0);
    let texts: Vec<String> =
        home.archives().iter().map(|archive| String::from_utf8(home.text(archive)).unwrap()).collect();
    for text in ["archived, then reset", "deleted before", "goes on under", "what was before"] {
        assert_eq!(texts.iter().filter(|one| one.contains(text)).count(), 1, "{text}");
    }
    assert_eq!(texts.len(), 4);
    for archive in home.archives() {
        assert_eq!(home.sidecar(&archive)["agent"], "openclaw", "{archive}");
    }
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
    let found = home.run(&["search", "what was before"]).exits(0);
    assert!(found.stdout.contains("what was before"), "{}", found.stdout);
}

#[test]
fn a_packed_session_is_read_through_its_packing() {
    let home = Home::new();
    let path = format!(".dsh/sessions/my-project/{}/session.jsonl.zstd", id(1));
    home.write(&path, zstd(&plain_rows("sort it")));
    home.run(&["import"]).exits(0);
    let [archive] = &home.archives()[..] else { panic!("{:?}", home.archives()) };
    assert_eq!(home.text(archive), plain_rows("sort it").into_bytes());
    assert_eq!(home.sidecar(archive)["agent"], "deepseek-harness");
}

#[test]
fn an_agent_of_the_users_own_is_imported_like_any_other() {
    let home = Home::new();
    let config = serde_json::json!({"agents": [
        {"name": "ours", "label": "Our agent", "family": "claude-code", "roots": ["~/.ours/projects"]},
        {"name": "theirs", "family": "pi", "roots": [home.path("data/theirs")]},
    ]});
    home.write(".sessionkeep/config.json", config.to_string());
    home.write(&format!(".ours/projects/-w/{}.jsonl", id(1)), claude_row(&id(1), "ours"));
    home.write(&format!("data/theirs/{}.jsonl", id(2)), pi_rows(&id(2), "theirs"));
    home.claude_session(ID, &lines(ID, 2));
    let run = home.run(&["import", "--agent", "ours"]).exits(0);
    assert!(run.stderr.contains("Our agent: archived 1"), "{}", run.stderr);
    home.run(&["import"]).exits(0);
    let agents: BTreeSet<String> = home
        .archives()
        .iter()
        .map(|archive| home.sidecar(archive)["agent"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(agents.iter().map(String::as_str).collect::<Vec<_>>(), ["claude-code", "ours", "theirs"]);
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
    let check = home.run(&["config", "check"]).exits(0);
    assert!(
        check.stdout.contains("agents[0]: ours (\"Our agent\"), as claude-code: \"~/.ours/projects\""),
        "{}",
        check.stdout
    );
    home.write(
        ".sessionkeep/config.json",
        r#"{"agents": [{"name": "codex", "family": "pi", "roots": ["/x"]}]}"#,
    );
    let check = home.run(&["config", "check"]).exits(2);
    assert!(check.stderr.contains("agents[0].name"), "{}", check.stderr);
}

#[test]
fn public_transcripts_are_taken_in_their_agents_trees() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if !samples.is_dir() {
        return eprintln!("skipped: no public transcripts are here");
    }
    let home = Home::new();
    let fixtures = |agent: &str| samples.join(agent).join("agent-sessions-fixtures");
    let mut laid: Vec<(&str, String)> = Vec::new();
    let mut lay = |agent: &'static str, from: &Path, to: String| {
        home.write(&to, fs::read(from).unwrap());
        laid.push((agent, to));
    };
    for (number, name) in ["small", "large", "schema_drift"].iter().enumerate() {
        let (from, id) = (fixtures("cursor").join(format!("{name}.jsonl")), id(number as u32));
        lay("cursor", &from, format!(".cursor/projects/x/agent-transcripts/{id}/{id}.jsonl"));
        let from = fixtures("openclaw").join(format!("{name}.jsonl"));
        lay("openclaw", &from, format!(".openclaw/agents/main/sessions/openclaw-stage0-{number}.jsonl"));
    }
    let child = fixtures("cursor").join("subagent/subagents/child.jsonl");
    lay("cursor", &child, format!(".cursor/projects/x/agent-transcripts/{}/subagents/child.jsonl", id(0)));
    for (number, name) in ["cli_small", "cli_schema_drift"].iter().enumerate() {
        let from = fixtures("antigravity").join(format!("{name}.jsonl"));
        let brain = format!(".gemini/antigravity-cli/brain/{}", id(number as u32));
        lay("antigravity", &from, format!("{brain}/.system_generated/logs/transcript.jsonl"));
    }
    for (number, directory) in ["", "subagent/"].iter().enumerate() {
        for name in ["chat_history.jsonl", "summary.json"] {
            let from = fixtures("grok").join(format!("{directory}{name}"));
            lay("grok", &from, format!(".grok/sessions/%2Fw/{}/{name}", id(number as u32)));
        }
    }
    let kimi = format!(".kimi-code/sessions/wd_project_0/session_{}", id(0));
    lay("kimi", &fixtures("kimi").join("small.jsonl"), format!("{kimi}/agents/main/wire.jsonl"));
    lay(
        "kimi",
        &fixtures("kimi").join("subagent_agent-0.jsonl"),
        format!("{kimi}/agents/agent-0/wire.jsonl"),
    );
    lay("kimi", &fixtures("kimi").join("state.json"), format!("{kimi}/state.json"));
    home.run(&["import"]).exits(0);
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for archive in home.archives() {
        *found.entry(home.sidecar(&archive)["agent"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for (agent, _) in &laid {
        *expected.entry((*agent).to_owned()).or_default() += 1;
    }
    assert_eq!(found, expected, "{:?}", home.archives());
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
}
