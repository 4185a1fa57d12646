//! Stores that cannot be trusted, written to or believed: refused, survived or repaired, and never followed elsewhere.

use crate::checks::*;
use crate::home::*;
use crate::needs::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::time::Duration;

fn home_with(count: u32) -> (Home, Vec<Vec<u8>>) {
    let home = Home::new();
    let mut texts = Vec::new();
    for number in 0..count {
        home.claude_session(&id(number), &lines(&id(number), 3));
        texts.push(lines(&id(number), 3).concat().into_bytes());
    }
    (home, texts)
}

fn noise(seed: u32) -> u64 {
    u64::from(seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Returns how many messages of the program's own are in what it said.
fn messages(stderr: &str) -> usize {
    stderr.lines().filter(|line| line.starts_with("sessionkeep: ")).count()
}

/// Asserts that a run fails with exit code 1, one message that says `what`, and sources as they were.
#[track_caller]
fn fails(home: &Home, what: &str) {
    let before = sources(home);
    let run = home.run(&["import"]).exits(1);
    assert!(run.stderr.contains(what), "{run:?}");
    assert_eq!(messages(&run.stderr), 1, "one message: {run:?}");
    assert_eq!(sources(home), before);
}

fn sources(home: &Home) -> Vec<(PathBuf, Vec<u8>)> {
    files_below(&home.path(".claude"))
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn a_store_that_is_a_link_or_open_to_others_is_refused() {
    let (home, texts) = home_with(1);
    fs::create_dir_all(home.path("elsewhere")).unwrap();
    fs::create_dir_all(home.path(".sessionkeep")).unwrap();
    symlink(home.path("elsewhere"), home.store()).unwrap();
    fails(&home, "the store is a symbolic link");
    fs::remove_file(home.store()).unwrap();
    fs::create_dir(home.store()).unwrap();
    for mode in [0o777, 0o770, 0o1777] {
        fs::set_permissions(home.store(), fs::Permissions::from_mode(mode)).unwrap();
        fails(&home, "can be written by other users");
    }
    fs::set_permissions(home.store(), fs::Permissions::from_mode(0o700)).unwrap();
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &texts);
    assert_eq!(fs::read_dir(home.path("elsewhere")).unwrap().count(), 0);
}

#[test]
fn planted_links_in_the_store_lead_nowhere() {
    for planted in ["2026", "2026/06", ".sessionkeep", ".sessionkeep/locks", ".sessionkeep/pending"] {
        let (home, _) = home_with(2);
        fs::create_dir_all(home.path("elsewhere")).unwrap();
        let link = home.store().join(planted);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        for private in [home.path(".sessionkeep"), home.store(), home.store().join(".sessionkeep")] {
            let _ = fs::set_permissions(private, fs::Permissions::from_mode(0o700));
        }
        symlink(home.path("elsewhere"), &link).unwrap();
        let run = home.run(&["import"]);
        assert_ne!(run.code, 0, "{planted}: {run:?}");
        assert_eq!(fs::read_dir(home.path("elsewhere")).unwrap().count(), 0, "{planted}");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "{planted}");
        fs::remove_file(&link).unwrap();
        home.run(&["import"]).exits(0);
        assert_eq!(check_store(&home.store()).len(), 2, "{planted}");
    }
}

#[test]
fn a_planted_archive_name_is_neither_followed_nor_replaced() {
    let (home, _) = home_with(1);
    home.run(&["import", "--out", "probe"]).exits(0);
    let name = files_below(&home.path("probe/2026")).remove(0);
    let relative =
        name.strip_prefix(home.path("probe")).unwrap().to_string_lossy().replace(".meta.json", ".jsonl.gz");
    let victim = home.write("victim", "precious");
    for links_to_file in [true, false] {
        let planted = home.store().join(&relative);
        fs::create_dir_all(planted.parent().unwrap()).unwrap();
        let target = if links_to_file { victim.clone() } else { home.path("not there yet") };
        symlink(&target, &planted).unwrap();
        fs::set_permissions(home.store(), fs::Permissions::from_mode(0o700)).unwrap();
        home.run(&["import"]).exits(0);
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        assert!(!home.path("not there yet").exists());
        assert!(fs::symlink_metadata(&planted).unwrap().is_symlink());
        let archives: Vec<String> =
            home.archives().into_iter().filter(|archive| *archive != relative).collect();
        assert_eq!(archives.len(), 1, "under a longer name: {archives:?}");
        fs::remove_dir_all(home.path(".sessionkeep")).unwrap();
    }
}

#[test]
fn the_catalog_is_never_written_through_a_link() {
    let (home, _) = home_with(1);
    home.run(&["import"]).exits(0);
    let catalog = home.store().join(".sessionkeep/catalog.sqlite");
    let victim = home.write("victim", "precious");
    for file in ["catalog.sqlite", "key", "locks/import"] {
        let path = home.store().join(".sessionkeep").join(file);
        let _ = fs::remove_file(&path);
        symlink(&victim, &path).unwrap();
        let run = home.run(&["import"]);
        assert!(run.code <= 1, "{file}: {run:?}");
        assert_eq!(fs::read(&victim).unwrap(), b"precious", "{file}");
        fs::remove_file(&path).unwrap();
        home.run(&["import"]).exits(0);
    }
    assert!(catalog.is_file());
    assert_eq!(check_store(&home.store()).len(), 1);
}

#[test]
fn without_a_home_directory_the_run_says_so() {
    let (home, _) = home_with(1);
    for home_variable in [None, Some("")] {
        let mut command = home.command(&["import"]);
        command.env_remove("HOME");
        if let Some(value) = home_variable {
            command.env("HOME", value);
        }
        // Where the user database knows a home directory, that one is used: then this must not be this user's.
        command.env("SESSIONKEEP_DIR", home.path("store")).env("CLAUDE_CONFIG_DIR", home.path(".claude"));
        command.args(["--claude"]);
        let output = command.output().unwrap();
        let code = output.status.code().unwrap();
        assert!(code <= 2, "{output:?}");
        assert!(
            code == 0 || String::from_utf8_lossy(&output.stderr).starts_with("sessionkeep: "),
            "{output:?}"
        );
    }
}

#[test]
fn a_read_only_store_is_one_message() {
    let (home, texts) = home_with(5);
    fs::create_dir_all(home.store()).unwrap();
    fs::set_permissions(home.store(), fs::Permissions::from_mode(0o700)).unwrap();
    let script = "mount --bind .sessionkeep .sessionkeep && mount -o remount,bind,ro .sessionkeep && exec \"$0\" import";
    let Some(output) = run_with_mounts(&home, script) else { return };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("Read-only file system") && messages(&stderr) == 1, "{stderr}");
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &texts);
    // Reading such a store works, but for what is to be archived.
    let script = script.replace("import", "list");
    let output = run_with_mounts(&home, &script).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\n').count(), 5);
    let script = script.replace("list", "search -l line");
    let output = run_with_mounts(&home, &script).unwrap();
    assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\n').count(), 5, "{output:?}");
}

#[test]
fn a_full_disk_is_one_message_and_the_same_command_completes_it() {
    let home = Home::new();
    let mut texts = Vec::new();
    for number in 0..40 {
        // Noise, so that archives take room.
        let text: String = (0..600).map(|line| format!("{:x} ", noise(number * 1000 + line))).collect();
        home.claude_session(&id(number), &[user(&id(number), 1, &text)]);
        texts.push(user(&id(number), 1, &text).into_bytes());
    }
    let large: Vec<String> =
        (0..4000).map(|line| user(&id(90), line % 600, &format!("{:x}", noise(line)))).collect();
    home.claude_session(&id(90), &large);
    texts.push(large.concat().into_bytes());
    fs::create_dir_all(home.path("mounted")).unwrap();
    let script = "mount -t tmpfs -o size=320k,mode=0700 none mounted
        \"$0\" import --force --out mounted; code=$?
        echo first $code
        find mounted -name '*.gz' | wc -l
        mount -o remount,size=60m mounted
        \"$0\" import --out mounted; echo second $?
        cp -a mounted/. kept";
    let Some(output) = run_with_mounts(&home, script) else { return };
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("first 1") && stdout.contains("second 0"), "{stdout}{stderr}");
    assert_eq!(messages(&stderr), 1, "one message: {stderr}");
    assert!(
        stderr.contains("No space left on device") && stderr.contains("sources are untouched"),
        "{stderr}"
    );
    check_holds(&home.path("kept"), &texts);
}

#[test]
fn a_run_that_would_fill_the_disk_says_so_and_does_not_start() {
    let home = Home::new();
    let large: Vec<String> =
        (0..20_000).map(|line| user(&id(1), line % 600, &format!("{:x}", noise(line)))).collect();
    home.claude_session(&id(1), &large);
    fs::create_dir_all(home.path("mounted")).unwrap();
    let script = "mount -t tmpfs -o size=400k,mode=0700 none mounted
        \"$0\" import --out mounted; echo first $?
        find mounted -name '*.gz' | wc -l
        mount -o remount,size=2m mounted
        \"$0\" import --dry-run --out mounted; echo dry $?
        \"$0\" import --out mounted; echo second $?
        \"$0\" import --out mounted; echo third $?
        cp -a mounted/. kept";
    let Some(output) = run_with_mounts(&home, script) else { return };
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("first 1\n0\n") && stdout.contains("second 0"), "{stdout}{stderr}");
    assert!(stdout.contains("dry 0") && stdout.contains("third 0"), "{stdout}{stderr}");
    assert!(
        stderr.contains("not started: this would write about ") && stderr.contains("--force"),
        "{stderr}"
    );
    assert_eq!(stderr.matches("] would write about ").count(), 1, "{stderr}");
    assert_eq!(
        stderr.matches("] will write about ").count(),
        1,
        "nothing to say where nothing is new: {stderr}"
    );
    check_holds(&home.path("kept"), &[large.concat().into_bytes()]);
}

#[test]
fn a_disk_that_others_fill_is_left_with_some_room() {
    let (home, texts) = home_with(2);
    fs::create_dir_all(home.path("mounted")).unwrap();
    // So much is left that the forecast has nothing to say, and less than is to be left.
    let script = "mount -t tmpfs -o size=8m,mode=0700 none mounted
        mkdir -m 700 mounted/store
        \"$0\" import --from mounted --out mounted/store; echo empty $?
        free=$(($(stat -f -c '%a * %S' mounted))); head -c $((free - 140000)) /dev/zero > mounted/others
        \"$0\" import --out mounted/store; echo first $?
        \"$0\" import --force --out mounted/store; echo forced $?
        cp -a mounted/store/. kept";
    let Some(output) = run_with_mounts(&home, script) else { return };
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("empty 0") && stdout.contains("first 1"), "{stdout}{stderr}");
    assert!(stdout.contains("forced 0"), "{stdout}{stderr}");
    assert!(
        stderr.contains("stopped before the disk is full") && !stderr.contains("not started"),
        "{stderr}"
    );
    check_holds(&home.path("kept"), &texts);
}

#[test]
fn a_limit_of_file_sizes_is_an_error_and_not_a_death() {
    let home = Home::new();
    let large: Vec<String> =
        (0..4000).map(|line| user(&id(1), line % 600, &format!("{:x}", noise(line)))).collect();
    home.claude_session(&id(1), &large);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -f 64; exec \"$0\" import", env!("CARGO_BIN_EXE_sessionkeep")]);
    let output = command.env_clear().env("HOME", home.path("")).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("File too large"), "{stderr}");
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &[large.concat().into_bytes()]);
}

#[test]
fn thirty_two_open_files_are_enough() {
    let (home, texts) = home_with(80);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -n 32; exec \"$0\" import --threads 8", env!("CARGO_BIN_EXE_sessionkeep")]);
    let output = command.env_clear().env("HOME", home.path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    check_holds(&home.store(), &texts);
}

#[test]
fn thirty_two_open_files_are_enough_for_a_session_of_five_hundred_parts() {
    let (home, mut texts) = home_with(500);
    let part = |number: u32, line: u32| user(&id(0), line, &format!("part {number}"));
    let path = |number: u32| {
        format!(".claude/projects/-home-me-my-project/{}/subagents/agent-{number:017x}.jsonl", id(0))
    };
    for number in 0..500 {
        home.write(&path(number), part(number, 1));
        texts.push(part(number, 1).into_bytes());
    }
    let limited = || {
        let mut command = std::process::Command::new("sh");
        command.args([
            "-c",
            "ulimit -n 32; exec \"$0\" import --threads 8",
            env!("CARGO_BIN_EXE_sessionkeep"),
        ]);
        let output = command.env_clear().env("HOME", home.path("")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    limited();
    check_holds(&home.store(), &texts);
    // All of it grown.
    for number in 0..500 {
        home.write(&path(number), part(number, 1) + &part(number, 2));
        texts[500 + number as usize].extend_from_slice(part(number, 2).as_bytes());
    }
    limited();
    check_holds(&home.store(), &texts);
}

#[test]
fn thirty_two_open_files_are_enough_for_a_session_of_many_large_parts() {
    let (home, mut texts) = home_with(3);
    // More than what is read in one go, which is closed at once.
    let filler = "lorem ipsum ".repeat(5_000);
    let part = |number: u32, count: u32| -> String {
        (0..count).map(|line| user(&id(0), line, &format!("part {number} {filler}"))).collect()
    };
    let path = |number: u32| {
        format!(".claude/projects/-home-me-my-project/{}/subagents/agent-{number:017x}.jsonl", id(0))
    };
    let limited = || {
        let mut command = std::process::Command::new("sh");
        let script = "ulimit -n 32; exec \"$0\" import --threads 8";
        command.args(["-c", script, env!("CARGO_BIN_EXE_sessionkeep")]);
        let output = command.env_clear().env("HOME", home.path("")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    for (count, age) in [(18, Duration::ZERO), (19, Duration::from_secs(7200))] {
        texts.truncate(3);
        for number in 0..24 {
            // Those that are being written to are read block by block, the others are mapped.
            let path = home.write(&path(number), part(number, count));
            set_age(&path, if number % 2 == 0 { Duration::ZERO } else { age });
            texts.push(part(number, count).into_bytes());
        }
        limited();
        check_holds(&home.store(), &texts);
    }
}

#[test]
fn names_that_other_systems_reserve_or_take_for_one_are_avoided() {
    let (home, mut texts) = home_with(1);
    let base = format!(".claude/projects/-home-me-my-project/{}", id(0));
    // Devices of Windows, and a dot at the end, which it drops.
    for (number, name) in ["con.txt", "NUL.txt", "aux..txt", "com1.txt", "a b..txt"].iter().enumerate() {
        let text = format!("output {number}\n");
        home.write(&format!("{base}/tool-results/{name}"), &text);
        texts.push(text.into_bytes());
    }
    home.write(&format!("{base}/subagents/agent-A.jsonl"), user(&id(0), 1, "upper"));
    texts.push(user(&id(0), 1, "upper").into_bytes());
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &texts);
    for archive in home.archives() {
        let stem = archive.rsplit('/').next().unwrap().split('.').next().unwrap().to_lowercase();
        assert!(!["con", "nul", "aux", "com1"].contains(&stem.as_str()), "{archive}");
        assert!(
            archive.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-.".contains(&byte)),
            "{archive}"
        );
        assert!(!archive.contains("..") && !archive.contains("./"), "{archive}");
    }
    // As a file system that takes upper and lower case for one shows it: the other part's name is there already.
    let upper = home.archives().into_iter().find(|archive| archive.ends_with("agent-A.jsonl.gz")).unwrap();
    let lower = home.store().join(upper.replace("agent-A", "agent-a"));
    fs::copy(home.store().join(&upper), &lower).unwrap();
    let before = fs::read(&lower).unwrap();
    home.write(&format!("{base}/subagents/agent-a.jsonl"), user(&id(0), 2, "lower"));
    home.run(&["import"]).exits(0);
    assert_eq!(fs::read(&lower).unwrap(), before, "the other part's archive stays");
    fs::remove_file(&lower).unwrap();
    texts.push(user(&id(0), 2, "lower").into_bytes());
    check_holds(&home.store(), &texts);
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 0"), "{run:?}");
}

#[test]
fn a_damaged_archive_is_never_replaced_by_its_source() {
    let (home, texts) = home_with(1);
    home.run(&["import"]).exits(0);
    let archive = home.store().join(&home.archives()[0]);
    let mut bytes = fs::read(&archive).unwrap();
    bytes[20] ^= 0x55;
    fs::write(&archive, &bytes).unwrap();
    let mut grown = texts[0].clone();
    grown.extend_from_slice(user(&id(0), 9, "more").as_bytes());
    home.write(&format!(".claude/projects/-home-me-my-project/{}.jsonl", id(0)), &grown);
    home.run(&["import"]).exits(0);
    assert_eq!(fs::read(&archive).unwrap(), bytes, "kept for whoever can still read it");
    let others: Vec<String> =
        home.archives().into_iter().filter(|name| home.store().join(name) != archive).collect();
    assert_eq!(others.len(), 1);
    assert!(home.text(&others[0]) == grown);
}

#[test]
fn a_missing_or_stale_sidecar_and_a_lost_archive_are_made_up_for() {
    let (home, texts) = home_with(2);
    home.run(&["import"]).exits(0);
    for archive in home.archives() {
        let sidecar = home.store().join(archive.replace(".jsonl.gz", ".meta.json"));
        fs::write(sidecar, "{not json").unwrap();
    }
    assert_eq!(home.run(&["list"]).exits(0).stdout.lines().count(), 2);
    fs::remove_file(home.store().join(&home.archives()[0])).unwrap();
    fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    home.run(&["import"]).exits(0);
    let held: Vec<Vec<u8>> = home.archives().iter().map(|archive| home.text(archive)).collect();
    assert!(texts.iter().all(|text| held.contains(text)) && held.len() == 2);
}

#[test]
fn a_lost_key_archives_nothing_twice_and_growth_goes_on() {
    let (home, mut texts) = home_with(3);
    home.run(&["import"]).exits(0);
    fs::remove_file(home.store().join(".sessionkeep/key")).unwrap();
    for (number, text) in texts.iter_mut().enumerate().take(2) {
        let path = home.claude_session(&id(number as u32), &[]);
        if number == 0 {
            text.extend_from_slice(user(&id(0), 8, "more").as_bytes());
        }
        fs::write(path, &*text).unwrap();
    }
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &texts);
    fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
    home.run(&["import"]).exits(0);
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 0"), "{run:?}");
    check_holds(&home.store(), &texts);
    texts[2].extend_from_slice(user(&id(2), 9, "more").as_bytes());
    home.write(&format!(".claude/projects/-home-me-my-project/{}.jsonl", id(2)), &texts[2]);
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &texts);
}

#[test]
fn a_catalog_that_is_locked_or_unusable_stops_nothing() {
    let (home, texts) = home_with(3);
    home.run(&["import"]).exits(0);
    let catalog = home.store().join(".sessionkeep/catalog.sqlite");
    let more = home.claude_session(&id(50), &lines(&id(50), 2));
    let texts: Vec<Vec<u8>> = texts.into_iter().chain([fs::read(more).unwrap()]).collect();
    let connection = rusqlite::Connection::open(&catalog).unwrap();
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let run = home.run(&["import"]);
    assert!(run.code == 0 || run.code == 75, "{run:?}");
    drop(connection);
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &texts);
    fs::remove_file(&catalog).unwrap();
    fs::create_dir(&catalog).unwrap();
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("catalog"), "{run:?}");
    check_holds(&home.store(), &texts);
}

#[test]
fn an_archive_that_a_killed_run_did_not_record_is_not_replaced_by_less() {
    let (home, texts) = home_with(1);
    home.run(&["import"]).exits(0);
    let catalog = home.store().join(".sessionkeep/catalog.sqlite");
    let old = fs::read(&catalog).unwrap();
    let path = format!(".claude/projects/-home-me-my-project/{}.jsonl", id(0));
    let grown = |count: u32| {
        (3..count)
            .fold(texts[0].clone(), |text, line| [text, user(&id(0), line, "more").into_bytes()].concat())
    };
    home.write(&path, grown(9));
    home.run(&["import"]).exits(0);
    // As if the run had died between the archive's name and the catalog's record.
    fs::write(&catalog, old).unwrap();
    home.write(&path, grown(6));
    home.run(&["import"]).exits(0);
    let held = check_store(&home.store());
    assert!(held.iter().any(|(_, text)| *text == grown(9)), "lines that were archived are lost");
    home.write(&path, grown(12));
    home.run(&["import"]).exits(0);
    assert!(check_store(&home.store()).iter().any(|(_, text)| *text == grown(12)));
}
