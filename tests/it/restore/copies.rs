//! Sessions under new ids: what their agents take for their own, and imports for copies.

use super::*;

/// Returns the id that a restore under a new one says.
#[track_caller]
fn new_id(home: &Home, session: &str) -> String {
    let run = home.run(&["restore", session, "--as-new", "--json"]).exits(0);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report[0]["copied_from"], session);
    let new = report[0]["session_id"].as_str().unwrap().to_owned();
    assert!(new != session && report[0]["command"].as_str().unwrap().contains(&new), "{report}");
    new
}

#[test]
fn a_copy_has_its_id_everywhere_and_is_archived_as_a_copy() {
    let (home, files) = archived();
    let originals: Vec<Vec<u8>> = files.iter().map(|path| fs::read(home.path(path)).unwrap()).collect();
    let new = new_id(&home, ID);
    for (path, original) in files.iter().zip(&originals) {
        assert!(fs::read(home.path(path)).unwrap() == *original, "{path}");
        assert!(home.path(&path.replace(ID, &new)).is_file(), "{path}");
    }
    let text = fs::read_to_string(home.path(&files[0].replace(ID, &new))).unwrap();
    for (line, original) in text.lines().zip(std::str::from_utf8(&originals[0]).unwrap().lines()) {
        let value = |line| serde_json::from_str::<serde_json::Value>(line).unwrap();
        let (line, original) = (value(line), value(original));
        assert_eq!(line["sessionId"], new.as_str());
        assert_eq!((&line["uuid"], &line["timestamp"]), (&original["uuid"], &original["timestamp"]));
    }
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["forkedFrom"]["sessionId"], ID);
    let part = fs::read_to_string(home.path(&files[1].replace(ID, &new))).unwrap();
    assert!(part.contains(&new) && !part.contains(ID), "{part}");

    let import = home.run(&["import"]).exits(0);
    assert_eq!(import.stdout.lines().count(), 3, "{import:?}");
    let listed = home.listed(&[]);
    assert_eq!(listed.len(), 2);
    let copy = listed.iter().find(|session| session["session_id"] == new.as_str()).unwrap();
    assert_eq!(copy["forked_from"], ID);
    assert_eq!(home.run(&["import"]).exits(0).stdout, "");
}

#[test]
fn copies_of_other_agents_sessions_say_whose_they_are() {
    let session = "01a204f9-4e0b-7c61-aa63-10970996f82a";
    let header = |of: serde_json::Value| format!("{of}\n");
    for (agent, path, text) in [
        (
            "codex",
            ".codex/sessions/2026/06/05/rollout-2026-06-05T14-30-00-SID.jsonl",
            header(serde_json::json!({"timestamp": "2026-06-05T14:30:00.000Z", "type": "session_meta",
                "payload": {"id": session, "session_id": session, "cwd": "/w"}})),
        ),
        (
            "pi",
            ".pi/agent/sessions/--w--/2026-06-05T14-30-00-000Z_SID.jsonl",
            header(serde_json::json!({"type": "session", "version": 3, "id": session, "cwd": "/w",
                "timestamp": "2026-06-05T14:30:00.000Z"})),
        ),
        (
            "gemini",
            ".gemini/tmp/w/chats/session-2026-06-05T14-30-01a204f9.jsonl",
            header(serde_json::json!({"sessionId": session, "projectHash": "0a", "kind": "main",
                "startTime": "2026-06-05T14:30:00.000Z"})),
        ),
        (
            "copilot",
            ".copilot/session-state/SID/events.jsonl",
            header(serde_json::json!({"type": "session.start", "timestamp": "2026-06-05T14:30:01Z",
                "data": {"sessionId": session, "context": {"cwd": "/w"}}})),
        ),
    ] {
        let home = Home::new();
        home.write(&path.replace("SID", session), &text);
        home.run(&["import"]).exits(0);
        let new = new_id(&home, session);
        assert_eq!(&new[14..15], "7", "{agent}");
        assert_eq!(files_of(&home).len(), 2, "{agent}: {:?}", files_of(&home));
        home.run(&["import"]).exits(0);
        let listed = home.listed(&[]);
        let copy = listed.iter().find(|listed| listed["session_id"] == new.as_str());
        assert_eq!(copy.unwrap_or_else(|| panic!("{agent}: {listed:?}"))["forked_from"], session, "{agent}");
    }
}
