//! `doctor --fix`, and `doctor -q` for a shell's prompt.

use super::*;

/// Runs the program where the only other programs are none.
fn run(home: &Home, arguments: &[&str]) -> Run {
    let bin = home.path("bin");
    fs::create_dir_all(&bin).unwrap();
    Run::of(home.command(arguments).env("PATH", &bin).output().unwrap())
}

#[test]
fn what_a_command_of_ours_mends_is_run_when_it_may_be() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    home.write(".claude/settings.json", HOOKS.replace("sessionkeep hook", &format!("{PROGRAM} hook")));
    let refused = run(&home, &["doctor", "--fix"]).exits(2);
    assert!(refused.stderr.contains("  sessionkeep import\n"), "{}", refused.stderr);
    assert!(refused.stderr.contains("doctor --fix --yes"), "{}", refused.stderr);
    assert!(!home.store().exists(), "nobody agreed");
    let mended = run(&home, &["doctor", "--fix", "--yes", "--json"]).exits(0);
    let report: serde_json::Value = serde_json::from_str(&mended.stdout).unwrap();
    assert_eq!(report["is_well"], true, "{report}");
    assert!(mended.stderr.contains("  sessionkeep import\n"), "{}", mended.stderr);
    assert_eq!(home.archives().len(), 1);
    let again = run(&home, &["doctor", "--fix", "--yes"]).exits(0);
    assert!(!again.stderr.contains("sessionkeep import"), "nothing is left to mend: {}", again.stderr);
}

#[test]
fn what_mends_is_run_on_the_store_that_was_named() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    home.write(".claude/settings.json", HOOKS.replace("sessionkeep hook", &format!("{PROGRAM} hook")));
    let store = home.path("my store");
    let store = store.to_str().unwrap();
    let mended = run(&home, &["doctor", "--fix", "--yes", "--out", store]).exits(0);
    assert!(mended.stderr.contains(&format!("  sessionkeep import --out '{store}'\n")), "{}", mended.stderr);
    assert!(!home.store().exists() && home.path("my store/2026").is_dir());
}

#[test]
fn a_prompt_gets_one_line_only_if_something_is_to_do() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    let told = run(&home, &["doctor", "-q"]).exits(1);
    let line = "sessionkeep: 4 to do: store, claude-code-hook, schedule, claude-code-sessions (sessionkeep doctor)\n";
    assert_eq!((told.stdout.as_str(), told.stderr.as_str()), (line, ""));
    for name in ["a.jsonl", "b.jsonl"] {
        std::os::unix::fs::symlink("nowhere", home.path(".claude/projects").join(name)).unwrap();
    }
    let told = run(&home, &["doctor", "-q"]).exits(1);
    assert!(
        told.stdout.ends_with("claude-code-sessions and 1 more (sessionkeep doctor)\n"),
        "{}",
        told.stdout
    );
    home.write(".claude/settings.json", HOOKS.replace("sessionkeep hook", &format!("{PROGRAM} hook")));
    fs::remove_file(home.path(".claude/projects/a.jsonl")).unwrap();
    fs::remove_file(home.path(".claude/projects/b.jsonl")).unwrap();
    run(&home, &["import"]).exits(0);
    let told = run(&home, &["doctor", "-q"]).exits(0);
    assert_eq!((told.stdout.as_str(), told.stderr.as_str()), ("", ""));
}
