//! Whose transcript is this? Joins what the path tells with what the first records tell.
//!
//! The same bytes must get the same identity wherever they lie and whoever found them: a walk of an agent's own
//! root, a directory named by the user, a hook. So records decide where they speak, and the path where they don't:
//!
//! - The agent is the one whose records these are. Only then the one whose tree the file lies in. A fork writes the
//!   records of its family: where the tree is the fork's and the records are the family's, the agent is the fork.
//! - The session is the id in the file's name if the records know that id too, or know none. If they only know
//!   others, the file was copied or renamed, and the first recorded id is the session.
//! - A part keeps the id that its path gives; a part that was moved out of its tree says in its records what it is.

use std::path::Path;

use crate::agents::agent::Agent;
use crate::agents::facts::Claim;
use crate::agents::found::Guess;
use crate::agents::known::{self, registry};
use crate::agents::names::{self, HISTORY_ID, is_history_id};
use crate::agents::record::{Record, records};
use crate::identity::{FILES, id_of_name, id_of_record};

/// Records that are looked at for ids. The first one nearly always answers; a few agents begin with some that say
/// nothing, and a resumed session of old may begin with those of another.
const MAX_RECORDS: usize = 1000;

/// Where a session's id comes from, and so how far it can be trusted to be unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdFrom {
    /// The records say it (and the name, if it has an id, agrees or is overruled).
    Records,
    /// The path says it: a UUID in the file's name, or the directory that an agent gives to a session.
    Name,
    /// The file's stem: nothing better was found. Two unrelated files may well share it.
    Stem,
}

/// The identity of one file; ids are `[A-Za-z0-9_-]{1,128}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// An [`Agent::id`], or [`FILES`].
    pub agent: &'static str,
    pub session_id: String,
    pub part_id: Option<String>,
    pub id_from: IdFrom,
    /// More of the file cannot change the answer.
    pub is_settled: bool,
}

impl Identified {
    /// Returns the identity of what has no records that could say more than its place.
    pub(crate) fn of_guess(guess: &Guess) -> Identified {
        Identified {
            agent: guess.agent.unwrap_or(FILES),
            session_id: guess.session_id.clone().unwrap_or_else(|| FILES.to_owned()),
            part_id: guess.part_id.clone(),
            id_from: IdFrom::Name,
            is_settled: true,
        }
    }
}

/// Returns whose transcript the file at `path` is. `guess` is what its walk gave or
/// [`guess_path`](crate::agents::guess_path); `head` the first bytes of its (decompressed) content, at most
/// [`END_BYTES`](super::END_BYTES), possibly cut inside a record, possibly empty or no text at all.
pub fn identify(path: &Path, guess: &Guess, head: &[u8]) -> Identified {
    let name = path.file_name().map_or(&b""[..], |name| name.as_encoded_bytes());
    if let Some(agent) = prompt_history_of(head).filter(|_| guess.part_id.is_none()) {
        let agent = of_fork(guess, agent).unwrap_or(agent);
        // Which of several it is, no record tells.
        let named = guess.session_id.as_deref().filter(|id| is_history_id(id));
        let session_id = named.unwrap_or(HISTORY_ID).to_owned();
        return Identified { agent, session_id, part_id: None, id_from: IdFrom::Records, is_settled: true };
    }
    let recorded =
        if records_may_speak(name, guess) { read_claims(guess, head) } else { Recorded::default() };
    let recorded_agent = recorded.agent.map(|agent| agent.id());
    let by_fork = recorded_agent.and_then(|id| of_fork(guess, id));
    let agent = by_fork.or(recorded_agent).or(guess.agent).unwrap_or(FILES);
    let (session_id, id_from) = match (&guess.session_id, recorded.session_ids.first()) {
        (Some(named), Some(_)) if recorded.session_ids.contains(named) => (named.clone(), IdFrom::Records),
        // A part lies in its session's directory, whatever session its records were copied from.
        (Some(named), Some(_)) if guess.part_id.is_some() => (named.clone(), IdFrom::Name),
        (_, Some(first)) => (first.clone(), IdFrom::Records),
        (Some(named), None) => (named.clone(), IdFrom::Name),
        (None, None) => (id_of_name(names::telling_stem(path)), IdFrom::Stem),
    };
    let is_named_main = guess.part_id.is_none() && guess.session_id.as_ref() == Some(&session_id);
    let part_id = match &guess.part_id {
        // A part of nobody knows what is kept as a session of its own, under its own name.
        Some(_) if id_from == IdFrom::Stem => None,
        Some(part) => Some(part.clone()),
        None if is_named_main => None,
        None => recorded.part_id,
    };
    Identified { agent, session_id, part_id, id_from, is_settled: recorded.is_settled }
}

/// Returns whether records can say more than the path does. A tool's saved output is text that may well look like
/// somebody's transcript; it belongs where it lies.
fn records_may_speak(name: &[u8], guess: &Guess) -> bool {
    guess.part_id.is_none() || name.ends_with(b".jsonl")
}

/// Returns the fork of the agent `family` in whose tree the file lies, if it lies in one.
fn of_fork(guess: &Guess, family: &str) -> Option<&'static str> {
    let fork = known::agent(guess.agent?)?;
    fork.family().filter(|agent| agent.id() == family).map(|_| fork.id())
}

/// Returns the agent whose prompt history begins with `head`, wherever the file lies: each record is of another session,
/// and the file is of none of them.
fn prompt_history_of(head: &[u8]) -> Option<&'static str> {
    let record = records(head).next()?;
    registry().iter().find(|agent| agent.is_prompt_history(&record)).map(|agent| agent.id())
}

/// Returns whether what a file says of times and directories is said of its session: not so in a tool's result, a
/// script, or what the user pasted.
pub(crate) fn is_own_text(path: &Path, guess: &Guess) -> bool {
    let name = path.file_name().map_or(&b""[..], |name| name.as_encoded_bytes());
    let agent = guess.agent.and_then(known::agent);
    let is_foreign = |part: &String| agent.is_some_and(|agent| agent.is_foreign_part(part));
    name.ends_with(b".jsonl") || !guess.part_id.as_ref().is_some_and(is_foreign)
}

/// What all records in the head say together.
#[derive(Default)]
struct Recorded {
    agent: Option<&'static dyn Agent>,
    /// In order of appearance, clean, each once.
    session_ids: Vec<String>,
    part_id: Option<String>,
    /// The id that the name gives was found.
    is_settled: bool,
}

/// Asks the agents about the records in `head`; stops at the id that the name gives.
fn read_claims(guess: &Guess, head: &[u8]) -> Recorded {
    let mut recorded = Recorded::default();
    for record in records(head).take(MAX_RECORDS) {
        let claim = match recorded.agent {
            Some(agent) => agent.claim(&record),
            None => first_claim(guess, &record).map(|(agent, claim)| {
                recorded.agent = Some(agent);
                claim
            }),
        };
        let Some(claim) = claim else { continue };
        if recorded.session_ids.is_empty() {
            recorded.part_id = claim.part_id.map(|part| id_of_record(part.as_bytes()));
        }
        if let Some(id) = claim.session_id.map(|id| id_of_record(id.as_bytes()))
            && !recorded.session_ids.contains(&id)
        {
            recorded.session_ids.push(id);
        }
        if guess.session_id.as_ref().is_some_and(|named| recorded.session_ids.contains(named)) {
            recorded.is_settled = true;
            break;
        }
    }
    recorded
}

/// Returns the agent that `record` is of: the guessed one if it claims the record, else the first that does. The
/// place of a part names its agent for good.
fn first_claim(guess: &Guess, record: &Record<'_>) -> Option<(&'static dyn Agent, Claim)> {
    let ask = |agent: &'static dyn Agent| agent.claim(record).map(|claim| (agent, claim));
    let guessed = guess.agent.and_then(known::agent).map(|agent| agent.family().unwrap_or(agent));
    if let Some(answer) = guessed.and_then(ask) {
        return Some(answer);
    }
    // Where an agent's own place has named the session, others' records tell nothing.
    let is_placed = guess.session_id.is_some() && guessed.is_some_and(|agent| agent.is_named_by_path());
    if guess.part_id.is_some() || is_placed {
        return None;
    }
    registry().iter().copied().find_map(ask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path, hook};
    use proptest::prelude::*;
    use std::path::PathBuf;

    const SESSION: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    fn found(path: &str, head: &str) -> Identified {
        let path = PathBuf::from(path.replace("SID", SESSION));
        identify(&path, &guess_path(&path), head.replace("SID", SESSION).as_bytes())
    }

    /// One transcript of each agent: its path in the agent's tree, its first records, and what these must tell.
    struct Sample {
        agent: &'static str,
        path: &'static str,
        head: &'static str,
        session_id: &'static str,
        cwd: Option<&'static str>,
        model: &'static str,
        title: &'static str,
    }

    /// Of those whose records name a session each, or that recognise others' shapes. The others' are in their own files.
    const SAMPLES: [Sample; 8] = [
        Sample {
            agent: "claude-code",
            path: "/h/.claude/projects/-w/SID.jsonl",
            head: r#"{"type":"permission-mode","permissionMode":"default","sessionId":"SID"}
{"parentUuid":null,"isSidechain":false,"cwd":"/w","sessionId":"SID","gitBranch":"dev","type":"user","message":{"role":"user","content":"hi"},"uuid":"1","timestamp":"2026-01-02T03:04:05.678Z"}
{"sessionId":"SID","type":"assistant","message":{"model":"opus","content":[]},"uuid":"2","timestamp":"2026-01-02T03:04:06Z"}
{"sessionId":"SID","type":"assistant","message":{"model":"<synthetic>","content":[]},"uuid":"3"}"#,
            session_id: SESSION,
            cwd: Some("/w"),
            model: "opus",
            title: "hi",
        },
        Sample {
            agent: "codex",
            path: "/h/.codex/sessions/2026/01/02/rollout-2026-01-02T03-04-05-SID.jsonl",
            head: r#"{"timestamp":"2026-01-02T03:04:05.678Z","type":"session_meta","payload":{"id":"SID","cwd":"/w"}}
{"timestamp":"2026-01-02T03:04:06Z","type":"turn_context","payload":{"model":"gpt"}}
{"timestamp":"2026-01-02T03:04:06Z","type":"event_msg","payload":{"type":"user_message","message":"hi"}}"#,
            session_id: SESSION,
            cwd: Some("/w"),
            model: "gpt",
            title: "hi",
        },
        Sample {
            agent: "gemini",
            path: "/h/.gemini/tmp/w/chats/session-2026-01-02T03-04-0a1b2c3d.jsonl",
            head: r#"{"sessionId":"SID","projectHash":"0","startTime":"2026-01-02T03:04:05.678Z","kind":"main"}
{"$set":{"directories":["/w"]}}
{"id":"1","timestamp":"2026-01-02T03:04:06Z","type":"user","content":[{"text":"<session_context>"}]}
{"id":"1","timestamp":"2026-01-02T03:04:06Z","type":"user","content":[{"text":"hi"}]}
{"id":"2","timestamp":"2026-01-02T03:04:06Z","type":"gemini","content":"","model":"flash"}"#,
            session_id: SESSION,
            cwd: Some("/w"),
            model: "flash",
            title: "hi",
        },
        Sample {
            agent: "qwen",
            path: "/h/.qwen/projects/-w/chats/SID.jsonl",
            head: r#"{"uuid":"1","parentUuid":null,"sessionId":"SID","timestamp":"2026-01-02T03:04:05.678Z","type":"user","cwd":"/w","message":{"role":"user","parts":[{"text":"first"}]}}{"uuid":"2","sessionId":"SID","type":"assistant","model":"coder","message":{"role":"model","parts":[]}}
{"uuid":"3","sessionId":"SID","timestamp":"2026-01-02T03:04:06Z","type":"system","subtype":"custom_title","systemPayload":{"customTitle":"hi"}}"#,
            session_id: SESSION,
            cwd: Some("/w"),
            model: "coder",
            title: "hi",
        },
        Sample {
            agent: "pi",
            path: "/h/.pi/agent/sessions/--w--/2026-01-02T03-04-05-678Z_SID.jsonl",
            head: r#"{"type":"session","version":3,"id":"SID","timestamp":"2026-01-02T03:04:05.678Z","cwd":"/w"}
{"type":"model_change","timestamp":"2026-01-02T03:04:06Z","modelId":"m"}
{"type":"message","message":{"role":"user","content":[{"type":"text","text":"hi"}]}}"#,
            session_id: SESSION,
            cwd: Some("/w"),
            model: "m",
            title: "hi",
        },
        Sample {
            agent: "copilot",
            path: "/h/.copilot/session-state/SID/events.jsonl",
            head: r#"{"type":"session.start","data":{"sessionId":"SID","context":{"cwd":"/w","branch":"main"},"selectedModel":"gpt"},"timestamp":"2026-01-02T03:04:05.678Z"}
{"type":"user.message","data":{"content":"hi"},"timestamp":"2026-01-02T03:04:06Z"}"#,
            session_id: SESSION,
            cwd: Some("/w"),
            model: "gpt",
            title: "hi",
        },
        Sample {
            agent: "droid",
            path: "/h/.factory/sessions/-w/SID.jsonl",
            head: r#"{"type":"session_start","id":"SID","title":"hi","cwd":"/w"}
{"type":"message","timestamp":"2026-01-02T03:04:05.678Z","message":{"role":"user","content":[{"type":"text","text":"first"}]}}
{"type":"message","timestamp":"2026-01-02T03:04:06Z","message":{"role":"assistant","content":[]}}"#,
            session_id: SESSION,
            cwd: Some("/w"),
            model: "",
            title: "hi",
        },
        Sample {
            agent: "kimi",
            path: "/h/.kimi-code/sessions/wd_w_0/session_SID/agents/main/wire.jsonl",
            head: r#"{"type":"metadata","protocol_version":"1.4","created_at":1767323045678}
{"type":"config.update","cwd":"/w","time":1767323045678}
{"type":"turn.prompt","input":[{"type":"text","text":"hi"}],"time":1767323046000}
{"type":"llm.request","model":"k2","time":1767323046000}"#,
            session_id: SESSION,
            cwd: Some("/w"),
            model: "k2",
            title: "hi",
        },
    ];

    #[test]
    fn every_sample_is_recognised() {
        for agent in registry() {
            assert_eq!(id_of_name(agent.id().as_bytes()), agent.id());
        }
        for sample in &SAMPLES {
            let identified = found(sample.path, sample.head);
            let expected = (sample.agent, sample.session_id, None);
            assert_eq!(
                (identified.agent, &*identified.session_id, identified.part_id.as_deref()),
                expected,
                "{}",
                sample.agent
            );
            let head = sample.head.as_bytes();
            let description = describe(sample.agent, head, b"");
            assert_eq!(description.cwd.as_deref(), sample.cwd, "{}", sample.agent);
            assert_eq!(description.model.as_deref().unwrap_or(""), sample.model, "{}", sample.agent);
            assert_eq!(description.title.as_deref(), Some(sample.title), "{}", sample.agent);
            assert_eq!(description.started_at, "2026-01-02T03:04:05.678Z".parse().ok(), "{}", sample.agent);
            assert_eq!(description.ended_at, "2026-01-02T03:04:06Z".parse().ok(), "{}", sample.agent);
            assert_eq!(describe(sample.agent, head, head), description, "{}", sample.agent);
        }
    }

    #[test]
    fn a_transcript_that_left_its_tree_keeps_its_agent_and_session() {
        for sample in &SAMPLES {
            let identified = found("/elsewhere/copy.jsonl", sample.head);
            assert_eq!(identified.agent, sample.agent);
            if sample.agent == "kimi" {
                // Nothing in its records says which session they are of.
                assert_eq!(identified.id_from, IdFrom::Stem);
            } else {
                assert_eq!(identified.session_id, SESSION, "{}", sample.agent);
            }
        }
    }

    #[test]
    fn an_agents_path_is_enough_when_the_records_say_nothing() {
        for sample in &SAMPLES {
            let identified = found(sample.path, "no json at all");
            assert_eq!(identified.agent, sample.agent);
            if sample.agent != "gemini" {
                assert_eq!((&*identified.session_id, identified.id_from), (SESSION, IdFrom::Name));
            }
        }
        let subagent = found("/h/.qwen/projects/-w/subagents/SID/agent-0123abcd.jsonl", "");
        assert_eq!((subagent.agent, subagent.part_id.as_deref()), ("qwen", Some("agent-0123abcd")));
        let subagent = found("/h/.kimi-code/sessions/wd_w_0/session_SID/agents/agent-0/wire.jsonl", "");
        assert_eq!((&*subagent.session_id, subagent.part_id.as_deref()), (SESSION, Some("agent-0")));
    }

    #[test]
    fn files_of_unknown_origin_are_named_after_themselves() {
        let identified = found("/x/notes of may.jsonl", "{\"a\":1}");
        assert_eq!((identified.agent, identified.id_from), (FILES, IdFrom::Stem));
        assert!(identified.session_id.starts_with("notes_of_may-"), "{}", identified.session_id);
        assert_eq!(found("/x/my-SID-copy.jsonl", "").session_id, SESSION);
        assert_eq!(found("/x/run_1.jsonl", "").session_id, "run_1");
    }

    #[test]
    fn what_a_head_cut_anywhere_says_is_never_a_cut_id() {
        for sample in &SAMPLES {
            let head = sample.head.replace("SID", SESSION);
            for end in 0..head.len() {
                let identified =
                    identify(Path::new("/x/a.jsonl"), &Guess::default(), &head.as_bytes()[..end]);
                assert!(identified.session_id == SESSION || identified.session_id == "a", "{}", sample.agent);
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_and_any_path_give_a_safe_identity(
            which in 0..SAMPLES.len(), flips in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..20),
            path in "[a-zA-Z0-9./~\u{e9} -]{0,60}") {
            let mut head = SAMPLES[which].head.as_bytes().to_vec();
            for (at, byte) in flips {
                let at = at % head.len();
                head[at] = byte;
            }
            let path = PathBuf::from(path);
            let identified = identify(&path, &guess_path(&path), &head);
            for id in [Some(&identified.session_id), identified.part_id.as_ref()].into_iter().flatten() {
                prop_assert!((1..=128).contains(&id.len()));
                prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            }
            for agent in registry() {
                let _ = describe(agent.id(), &head, &head[head.len() / 2..]);
            }
            let _ = hook::parse_payload(&head);
        }
    }
}
