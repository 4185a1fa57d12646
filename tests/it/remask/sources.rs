//! Sessions that are archived again from their sources: what one of these teaches is masked in all of the session.

use super::*;
use sessionkeep::testing::archive::Archive;

/// Returns a home in which a transcript and a part hold the password, the one that `teaches` as one, and only the transcript
/// was archived with today's rules, after it grew.
pub fn half_stale(is_taught_by_transcript: bool) -> Home {
    let home = Home::new();
    home.write(".sessionkeep/config.json", OLDER);
    let (teaches, says) = (format!("DB_PASSWORD={}", password()), format!("it is {} after all", password()));
    let (transcript, part) = if is_taught_by_transcript { (teaches, says) } else { (says, teaches) };
    let path = home.path(&part_source());
    home.write(&part_source(), user(ID, 1, &part));
    let source = home.claude_session(ID, &[user(ID, 0, &transcript)]);
    home.run(&["import"]).exits(0);
    todays_rules(&home);
    append(&source, &user(ID, 9, "one more"));
    // Without its part, as a hook archives it.
    let hidden = home.path("hidden");
    fs::rename(&path, &hidden).unwrap();
    home.run(&["import"]).exits(0);
    fs::rename(&hidden, &path).unwrap();
    assert_ne!(rules_of(&home, NAME), rules_of(&home, PART), "only the part is of older rules");
    assert!(holds(&home, &password()));
    home
}

pub fn part_source() -> String {
    format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl")
}

fn rules_of(home: &Home, archive: &str) -> String {
    Archive::open(&home.store().join(archive)).unwrap().header().unwrap().rules_version.clone()
}

#[test]
fn what_a_transcript_of_todays_rules_teaches_is_masked_in_a_part_of_older_ones() {
    let home = half_stale(true);
    home.run(&["remask", "--from-source"]).exits(0);
    assert!(!holds(&home, &password()));
    is_clean(&home);
}

#[test]
fn what_a_part_of_older_rules_teaches_is_masked_in_a_transcript_of_todays() {
    for arguments in [&["remask", "--from-source"][..], &["remask"]] {
        let home = half_stale(false);
        home.run(arguments).exits(0);
        assert!(!holds(&home, &password()), "{arguments:?}");
        is_clean(&home);
    }
}
