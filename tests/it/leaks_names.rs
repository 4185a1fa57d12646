//! Secrets in names: of directories and files, in recorded and reported ids, in the fields of a hook's payload. Nothing
//! that is kept or said holds them, and what is unchanged is known to be all the same.

use crate::checks::*;
use crate::home::*;
use crate::leaks::{no_file_holds, run_watched};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// Sessions whose names hold secrets wherever a name can; returns the secrets and the sources.
fn plant(home: &Home) -> (Vec<String>, Vec<PathBuf>) {
    let tokens: Vec<String> = (100..116).map(github_token).collect();
    let mangled = format!("-home-me-{}", tokens[0]);
    let mut sources = Vec::new();
    let mut put = |path: String, text: String| sources.push(home.write(&path, text));
    // A working directory with a secret in its name, as Claude Code writes it into its own.
    put(
        format!(".claude/projects/{mangled}/{}.jsonl", id(1)),
        in_directory(&id(1), &format!("/home/me/{}", tokens[0])),
    );
    put(
        format!(".claude/projects/{mangled}/{}/subagents/agent-{}.jsonl", id(1), tokens[1]),
        in_directory(&id(1), "/home/me/p"),
    );
    put(
        format!(".claude/projects/{mangled}/{}/tool-results/a b {}.txt", id(1), tokens[2]),
        "plain text of a tool\n".to_owned(),
    );
    // Names that are nobody's, with the secret at every place in them.
    for (number, name) in [
        format!("{}.jsonl", tokens[3]),
        format!("notes {}.jsonl", tokens[4]),
        format!("notes-{}.jsonl", tokens[5]),
        format!("a.{}.jsonl", tokens[6]),
        format!("{} {}.jsonl", "x".repeat(30), tokens[7]),
        format!("{}/{}.jsonl", tokens[8], "y".repeat(10)),
        format!("{}-{}.jsonl", "z".repeat(130), tokens[9]),
    ]
    .into_iter()
    .enumerate()
    {
        put(format!("logs/{name}"), format!("{{\"text\":\"number {number}\"}}\n"));
    }
    // Ids that the records say.
    put(
        format!(".claude/projects/-home-me-p/{}.jsonl", "recorded-id"),
        in_directory(&tokens[10], "/home/me/p").replace("main", &format!("fix/{}", tokens[11])),
    );
    put(
        format!(".claude/projects/-home-me-p/{}.jsonl", "recorded-odd-id"),
        in_directory(&format!("an id/{}", tokens[12]), &format!("/home/me/x-{}", tokens[13]))
            .replace(&tokens[13], "y"),
    );
    (tokens, sources)
}

fn in_directory(session: &str, cwd: &str) -> String {
    user(session, 1, "hello").replace("/home/me/my-project", cwd)
}

/// The two commands that import all of it.
fn imports(home: &Home) -> [Vec<String>; 2] {
    let logs = home.path("logs").to_str().unwrap().to_owned();
    [vec!["import".into(), "-v".into()], vec!["import".into(), "-v".into(), "--from".into(), logs]]
}

fn watch_imports(home: &Home, secrets: &[String]) -> Option<()> {
    for arguments in imports(home) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        run_watched(home, secrets, &[], &arguments, b"")?;
    }
    Some(())
}

#[test]
fn secrets_in_names_are_nowhere_in_the_store_and_unchanged_sources_are_still_known() {
    let home = Home::new();
    let (secrets, sources) = plant(&home);
    let Some(()) = watch_imports(&home, &secrets) else { return };
    assert_eq!(check_store(&home.store()).len(), sources.len());
    for source in &sources {
        set_age(source, Duration::from_secs(3600));
    }
    // Touched: looked at, and recorded anew.
    watch_imports(&home, &secrets);
    settle_sources(&home);
    assert_eq!(check_store(&home.store()).len(), sources.len());
    let log = home.path("trace");
    for arguments in imports(&home) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let strace = ["-e", "trace=openat,open", "-o", log.to_str().unwrap()];
        let again = home.traced(&strace, &arguments).output().unwrap();
        assert!(String::from_utf8_lossy(&again.stderr).contains("archived 0"), "{again:?}");
        // What was pruned stands in a file of the store, which is no transcript.
        let opened = fs::read_to_string(&log).unwrap().replace("\"pruned.jsonl\"", "");
        assert!(
            opened.contains("catalog.sqlite") && !opened.contains(".jsonl\""),
            "a transcript was opened again"
        );
    }
    for arguments in [
        &["list", "-v"][..],
        &["list", "--json"],
        &["search", "hello"],
        &["search", "--json", "hello"],
        &["verify", "--deep"],
        &["verify", "--json"],
        &["doctor"],
        &["audit", "--all", "-v"],
        &["repair"],
    ] {
        let run = home.run(arguments);
        for (number, secret) in secrets.iter().enumerate() {
            assert!(!run.stdout.contains(secret), "secret {number} on stdout of {arguments:?}");
            assert!(!run.stderr.contains(secret), "secret {number} on stderr of {arguments:?}");
        }
    }
    no_file_holds(&home.path(".sessionkeep"), &secrets);
}

#[test]
fn half_of_a_secret_in_a_name_is_not_kept_either() {
    let home = Home::new();
    let (secrets, _) = plant(&home);
    for arguments in imports(&home) {
        home.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).exits(0);
    }
    // What an id or a project's name keeps is cut to a length.
    let halves: Vec<String> = secrets.iter().map(|secret| secret[..20].to_owned()).collect();
    no_file_holds(&home.path(".sessionkeep"), &halves);
    for path in files_below(&home.path(".sessionkeep")) {
        let path = path.to_string_lossy().into_owned();
        assert!(halves.iter().all(|half| !path.contains(half.as_str())), "{path}");
    }
}

#[test]
fn messages_about_files_with_secrets_in_their_names_hold_none() {
    let home = Home::new();
    let secrets: Vec<String> = (200..204).map(github_token).collect();
    home.write("logs/good.jsonl", "{}\n");
    fs::create_dir_all(home.path("logs")).unwrap();
    let fifo = home.path(&format!("logs/{}.jsonl", secrets[0]));
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    std::os::unix::fs::symlink("/etc/passwd", home.path(&format!("logs/x-{}.jsonl", secrets[1]))).unwrap();
    fs::create_dir_all(home.path(&format!("logs/{}.jsonl", secrets[2]))).unwrap();
    let runs = [
        home.run(&["import", "-v", "--from", home.path("logs").to_str().unwrap()]),
        home.run(&["archive", home.path(&format!("gone-{}.jsonl", secrets[3])).to_str().unwrap()]),
        home.run(&["archive", fifo.to_str().unwrap()]),
        home.run(&["audit", "-v", fifo.to_str().unwrap()]),
    ];
    for run in &runs {
        assert!(
            secrets.iter().all(|secret| !run.stderr.contains(secret) && !run.stdout.contains(secret)),
            "{run:?}"
        );
    }
    assert!(runs[0].stderr.contains("not a regular file") && runs[0].code == 3, "{:?}", runs[0]);
    assert!(runs[1].stderr.contains("No such file"), "{:?}", runs[1]);
}

#[test]
fn a_hook_finds_a_transcript_in_a_directory_named_after_a_secret_and_its_marker_does_not_say_it() {
    let home = Home::new();
    let (mut secrets, sources) = plant(&home);
    secrets.push(github_token(300));
    let payload = |transcript: &PathBuf, session: &str| {
        let secret = github_token(300);
        serde_json::json!({
            "session_id": session, "hook_event_name": "SessionEnd", "reason": secret, "cwd": format!("/w/{secret}"),
            "transcript_path": transcript, "agent_transcript_path": home.path(&format!("none/{secret}.jsonl")),
            secret.clone(): secret,
        })
        .to_string()
    };
    // The worker's lock is held, so that the marker stays to be looked at.
    home.run(&["list"]);
    home.run_with_input(&["hook"], b"{}");
    let locks = home.store().join(".sessionkeep/locks");
    fs::create_dir_all(&locks).unwrap();
    let lock =
        fs::File::options().create(true).truncate(false).write(true).open(locks.join("worker")).unwrap();
    lock.lock().unwrap();
    for directory in [home.path(".sessionkeep"), home.store(), home.store().join(".sessionkeep")] {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
    }
    for (transcript, session) in [(&sources[0], &id(1)), (&sources[3], &secrets[3])] {
        let payload = payload(transcript, session);
        let Some(()) = run_watched(&home, &secrets, &[], &["hook"], payload.as_bytes()) else { return };
    }
    let pending = home.store().join(".sessionkeep/pending");
    assert_eq!(fs::read_dir(&pending).unwrap().count(), 2);
    no_file_holds(&home.path(".sessionkeep"), &secrets);
    drop(lock);
    let Some(()) = run_watched(&home, &secrets, &[], &["hook", "--work"], b"") else { return };
    let started = Instant::now();
    while fs::read_dir(&pending).unwrap().count() > 0 && started.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(fs::read_dir(&pending).unwrap().count(), 0);
    // The transcript with its two parts, and the file that is nobody's.
    assert_eq!(check_store(&home.store()).len(), 4);
    no_file_holds(&home.path(".sessionkeep"), &secrets);
}
