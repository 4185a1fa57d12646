//! What is written for a session, and what it leads to.

use super::*;

/// Returns a home with three sessions, that of the highest number worked on last.
fn three() -> Home {
    let home = Home::new();
    for (number, id) in ["aa110000-x", "aa220000-x", "bb330000-x"].iter().enumerate() {
        let text = user(id, number as u32 * 60, &format!("session {number}"));
        home.claude_session(id, &[text]);
    }
    home.run(&["import"]).exits(0);
    home
}

#[test]
fn a_session_is_found_by_its_beginning_by_its_age_and_by_its_path() {
    let home = three();
    let archive = home.archives().into_iter().find(|name| name.contains("aa11")).unwrap();
    let archive = home.store().join(archive).to_str().unwrap().to_owned();
    for (written, number) in [
        ("aa11", 0),
        ("AA22", 1),
        ("bb330000-x", 2),
        ("@last", 2),
        ("@last~1", 1),
        ("@last~2", 0),
        (&archive, 0),
    ] {
        let said = messages(&home, &[written]);
        assert_eq!(said[0]["text"], format!("session {number}"), "{written}");
    }
}

#[test]
fn a_session_that_tells_no_time_is_not_the_last_one() {
    let home = three();
    let summary = json!({"type": "summary", "summary": "of old", "leafUuid": "x"}).to_string() + "\n";
    home.claude_session("cc440000-x", &[summary]);
    home.run(&["import"]).exits(0);
    assert_eq!(messages(&home, &["@last"])[0]["text"], "session 2");
    assert_eq!(messages(&home, &["@last~3"])[0]["session"], "cc440000-x");
    let exported = home.run(&["export", "--markdown", "@last", "-o", "-"]).exits(0).stdout;
    assert!(exported.contains("session 2"), "{exported}");
}

#[test]
fn a_beginning_of_several_ids_names_them_all() {
    let home = three();
    let run = home.run(&["show", "aa"]).exits(2);
    assert_eq!(run.stdout, "");
    for expected in [
        "aa110000-x  claude-code  my-project  2026-06-05 14:30  session 0",
        "aa220000-x",
        "any of 2 sessions",
        "hint: ",
    ] {
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
    assert!(!run.stderr.contains("bb330000"));
    // The whole of an id is that session, whatever else begins so.
    home.claude_session("aa", &[user("aa", 200, "short")]);
    home.run(&["import"]).exits(0);
    assert_eq!(messages(&home, &["aa"])[0]["text"], "short");
}

#[test]
fn options_narrow_what_is_looked_at() {
    let home = three();
    assert_eq!(messages(&home, &["aa", "--title", "session 1"])[0]["text"], "session 1");
    assert_eq!(messages(&home, &["@last", "--until", "2026-06-05T14:30:30Z"])[0]["text"], "session 0");
    let run = home.run(&["show", "@last", "--agent", "codex"]).exits(1);
    assert!(
        run.stderr.contains("no archived session is '@last'") && run.stderr.contains("hint"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_leads_to_nothing_says_what_to_do() {
    let home = three();
    for (written, code, said) in [
        ("cc", 1, "no archived session is 'cc'"),
        ("@last~3", 1, "only 3 fit"),
        ("@first", 2, "@last"),
        ("./nowhere.jsonl.gz", 3, "nowhere.jsonl.gz"),
        ("aa11#7", 1, "no message #7"),
        ("aa11#", 1, "no archived session"),
    ] {
        let run = home.run(&["show", written]).exits(code);
        assert_eq!(
            run.stdout.lines().filter(|line| line.contains("session 0")).count(),
            usize::from(written == "aa11#7")
        );
        assert!(run.stderr.contains(said) && run.stderr.contains("hint: "), "{written}: {}", run.stderr);
    }
    let empty = Home::new();
    let run = empty.run(&["show", "@last"]).exits(1);
    assert!(run.stderr.contains("sessionkeep import"), "{}", run.stderr);
}

#[test]
fn of_several_versions_of_a_session_the_latest_is_shown() {
    let home = Home::new();
    home.claude_session(ID, &lines(ID, 3));
    home.run(&["import"]).exits(0);
    home.claude_session(ID, &[user(ID, 0, "written anew"), user(ID, 1, "and more")]);
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives().len(), 2);
    assert_eq!(messages(&home, &["a1b2"])[0]["text"], "written anew");
}
