//! The commands that look after the store: verify, repair, doctor.

use super::*;
use std::fs;

fn flip_last_byte(home: &Home) {
    let path = home.store().join(ARCHIVE);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
}

#[test]
fn verify_prints_a_finding_for_each_fault() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("no store").run(&["verify"]).run(&["verify", "--json"]).run(&["verify", "--out", "nowhere"]);
    runs.home = archived();
    runs.when("a store that is well").run(&["verify"]).run(&["verify", "--json"]).run(&["verify", "--deep"]);
    fs::remove_file(runs.home.store().join(ARCHIVE.replace(".jsonl.gz", ".meta.json"))).unwrap();
    let notes = runs.home.store().join("2020/01/notes.txt");
    fs::write(&notes, "not ours").unwrap();
    fs::set_permissions(&notes, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    runs.when("warnings").run(&["verify"]).run(&["verify", "-q"]);
    flip_last_byte(&runs.home);
    runs.when("damage").run(&["verify"]).run(&["verify", "--json"]).run(&["verify", "-q"]);
    runs.home.write("file", "no store\n");
    runs.when("a store that is none").run(&["verify", "--out", "file"]);
    runs.when("wrong usage").run(&["verify", "store"]);
    runs.are("verify");
}

#[test]
fn repair_prints_what_it_mended() {
    let mut runs = Runs::in_home(Home::new());
    runs.when("no store").run(&["repair"]).run(&["repair", "--json"]);
    runs.home = archived();
    runs.when("a store that is well").run(&["repair"]).run(&["repair", "--json"]);
    fs::remove_file(runs.home.store().join(ARCHIVE.replace(".jsonl.gz", ".meta.json"))).unwrap();
    runs.when("a lost sidecar").run(&["repair", "--dry-run"]).run(&["repair"]).run(&["repair"]);
    flip_last_byte(&runs.home);
    runs.when("a damaged archive").run(&["repair", "--dry-run"]).run(&["repair"]).run(&["repair"]);
    flip_last_byte(&runs.home);
    fs::remove_dir_all(runs.home.path(".claude")).unwrap();
    runs.when("one whose source is gone").run(&["repair", "--json"]).run(&["verify"]);
    runs.home.write("file", "no store\n");
    runs.when("a store that is none").run(&["repair", "--out", "file"]);
    runs.are("repair");
}

#[test]
fn doctor_prints_what_to_do() {
    let mentions =
        |path: std::path::PathBuf| fs::read_to_string(path).is_ok_and(|text| text.contains("sessionkeep"));
    let tables = fs::read_dir("/etc/cron.d").into_iter().flatten().flatten().map(|entry| entry.path());
    if tables.chain(["/etc/crontab".into()]).any(mentions) {
        return crate::needs::skip("this machine has a schedule of its own");
    }
    let mut runs = Runs::in_home(Home::new());
    runs.when("no agent and no store").run(&["doctor"]).run(&["doctor", "--json"]).run(&["doctor", "-q"]);
    session(&runs.home);
    let projects = ".claude/projects/-home-me-my-project";
    runs.home.write(&format!("{projects}/notes.txt"), "no transcript\n");
    std::os::unix::fs::symlink("nowhere", runs.home.path(&format!("{projects}/link.jsonl"))).unwrap();
    runs.when("nothing is set up").run(&["doctor"]).run(&["doctor", "-v"]).run(&["doctor", "--json"]);
    fs::remove_file(runs.home.path(&format!("{projects}/link.jsonl"))).unwrap();
    let hook = "{\"hooks\": {\"SessionEnd\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"sessionkeep hook\"}]}]}}";
    runs.home.write(".claude/settings.json", hook);
    runs.home
        .write(".config/systemd/user/sessionkeep.service", "[Service]\nExecStart=sessionkeep import -q\n");
    runs.home.write(".config/systemd/user/sessionkeep.timer", "[Timer]\nOnCalendar=hourly\n");
    runs.home.run(&["import"]).exits(0);
    runs.when("all is set up, and switched off").run(&["doctor", "-q"]);
    fs::create_dir_all(runs.home.path("bin")).unwrap();
    std::os::unix::fs::symlink(PROGRAM, runs.home.path("bin/sessionkeep")).unwrap();
    let wanted = runs.home.path(".config/systemd/user/timers.target.wants");
    fs::create_dir_all(&wanted).unwrap();
    std::os::unix::fs::symlink("../sessionkeep.timer", wanted.join("sessionkeep.timer")).unwrap();
    runs.when("all is set up").run(&["doctor"]).run(&["doctor", "-q"]);
    runs.home.write(".sessionkeep/config.json", "{");
    runs.when("a configuration that is none").run(&["doctor"]);
    runs.are("doctor");
}
