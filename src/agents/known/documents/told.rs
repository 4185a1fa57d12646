//! What the lines of documents have in common, whichever agent wrote the documents: times, messages of a model, and what
//! agents put into the user's words.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::agents::facts::{Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::record::{Record, Value};

/// Longest piece of a first prompt taken as a title.
const PROMPT_CHARACTERS: usize = 2000;

/// What is put around what the user typed.
const AROUND_PROMPTS: [&str; 4] = ["<task>", "<user_message>", "<user_input", "<feedback>"];

/// What stands before the working directory in what agents tell the model of where it is.
const BEFORE_DIRECTORIES: [&str; 2] = ["Current Working Directory (", "Current Workspace Directory ("];

/// Members that say when something began, then those that say when it ended.
const TIMES: [&str; 18] = [
    "created_at",
    "createdAt",
    "created",
    "creationDate",
    "started_at",
    "startedAt",
    "start_time",
    "startTime",
    "timestamp",
    "ts",
    "sentAt",
    "updated_at",
    "updatedAt",
    "last_updated",
    "lastUpdated",
    "lastMessageDate",
    "ended_at",
    "endedAt",
];

/// Returns what a path says of whose a document is.
pub(super) fn guess(agent: &'static str, session_id: Option<String>, part_id: Option<String>) -> Guess {
    Guess { agent: Some(agent), session_id, part_id }
}

/// Returns the last component of the name of the document that a line is of: `base_state.json`.
pub(super) fn document<'a>(line: &Record<'a>) -> Cow<'a, str> {
    match line.text("document") {
        Some(Cow::Borrowed(name)) => Cow::Borrowed(name.rsplit('/').next().unwrap_or(name)),
        Some(Cow::Owned(name)) => Cow::Owned(name.rsplit('/').next().unwrap_or_default().to_owned()),
        None => Cow::Borrowed(""),
    }
}

/// Takes the times that a part of a document tells.
pub(super) fn note_times(data: &Record<'_>, notes: &mut Notes) {
    TIMES.iter().filter_map(|name| data.get(name)).for_each(|time| notes.time(time));
}

/// Takes what a message to or from a model tells, in the shape that most agents give them: `role`, and `content` that is
/// text or a list of blocks.
pub(super) fn note_message(data: &Record<'_>, notes: &mut Notes) {
    note_times(data, notes);
    notes.model(data.text("model").or_else(|| data.text("modelId")));
    if !data.is("role", "user") {
        return;
    }
    let Some(content) = data.get("content") else { return };
    for text in texts(content) {
        note_surroundings(&text, notes);
        note_prompt(&text, notes);
    }
}

/// Returns the texts of a message.
fn texts(content: Value<'_>) -> impl Iterator<Item = Cow<'_, str>> {
    let blocks = content.elements().filter_map(|block| block.member("text").and_then(Value::text));
    content.text().into_iter().chain(blocks)
}

/// Takes the first prompt for a title, without what the agent put around it.
pub(super) fn note_prompt(text: &str, notes: &mut Notes) {
    if !notes.wants_prompt() {
        return;
    }
    let mut typed = text.trim();
    if let Some(tag) = AROUND_PROMPTS.iter().find(|tag| typed.starts_with(**tag)) {
        let Some((_, inside)) = typed.split_once('>') else { return };
        let name = tag.trim_start_matches('<').trim_end_matches('>');
        typed = inside.split(&format!("</{name}>")).next().unwrap_or(inside).trim();
    }
    if typed.starts_with('<') || typed.starts_with("[ERROR]") {
        return;
    }
    let start: String = typed.chars().take(PROMPT_CHARACTERS).collect();
    notes.title(TitleRank::Prompt, Some(Cow::Owned(start)));
}

/// Takes the working directory and the time of day from what an agent tells the model of where it is.
fn note_surroundings(text: &str, notes: &mut Notes) {
    if !text.contains("<environment_details>") {
        return;
    }
    if notes.description().cwd.is_none() {
        notes.cwd(directory(text).map(Cow::Borrowed));
    }
    let mut lines = text.lines().skip_while(|line| !line.trim_start().starts_with("# Current Time"));
    if let Some(time) = lines.nth(1).and_then(time_of_day) {
        notes.moment(time);
    }
}

fn directory(text: &str) -> Option<&str> {
    let behind = BEFORE_DIRECTORIES.iter().find_map(|before| Some(text.split_once(before)?.1))?;
    let line = behind.lines().next()?;
    // A directory's name may hold brackets; what follows it is `Files`.
    let end = line.rfind(") Files").or_else(|| line.rfind(')'))?;
    Some(&line[..end]).filter(|path| !path.is_empty())
}

/// Reads `1/2/2026, 3:04:05 PM (Europe/Berlin, UTC+1:00)`, and `Current time in ISO 8601 UTC format: 2026-01-02T...`.
fn time_of_day(line: &str) -> Option<Timestamp> {
    if let Some((_, time)) = line.split_once("ISO 8601 UTC format: ") {
        return time.trim().parse().ok();
    }
    let (time, zone) = line.split_once(" (")?;
    let time = time.replace('\u{202f}', " ");
    let time = DateTime::strptime("%m/%d/%Y, %I:%M:%S %p", &time).ok()?;
    let offset = zone.rsplit_once("UTC")?.1.trim_end_matches(')');
    let (hours, minutes) = offset.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()?.checked_mul(3600)?;
    let minutes = minutes.parse::<i32>().ok()?.checked_mul(60)?;
    let offset = if hours.starts_with('-') { seconds - minutes } else { seconds + minutes };
    Offset::from_seconds(offset).ok()?.to_timestamp(time).ok()
}

/// Returns the files in a directory whose names end with `.json`, by the numbers in their names and then by their names;
/// nothing of a directory that is not there.
pub(super) fn listed(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let is_document = |entry: &std::fs::DirEntry| {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        is_file && entry.path().extension().is_some_and(|extension| extension == "json")
    };
    let mut paths: Vec<PathBuf> = entries.filter(is_document).map(|entry| entry.path()).collect();
    paths.sort_by_cached_key(|path| (number(path), path.clone()));
    paths
}

/// Returns the first number in a file's name.
fn number(path: &Path) -> u64 {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let digits =
        name.iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| u64::saturating_add(number.saturating_mul(10), u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_as_cline_and_roo_write_them() {
        for (line, expected) in [
            ("1/2/2026, 3:04:05 PM (Europe/Berlin, UTC+1:00)", "2026-01-02T14:04:05Z"),
            ("11/22/2026, 12:04:05\u{202f}AM (America/St_Johns, UTC-3:30)", "2026-11-22T03:34:05Z"),
            ("Current time in ISO 8601 UTC format: 2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05Z"),
        ] {
            assert_eq!(time_of_day(line), expected.parse().ok(), "{line}");
        }
        assert_eq!(time_of_day("yesterday (UTC+99:00)"), None);
    }

    #[test]
    fn directories_may_hold_brackets() {
        assert_eq!(directory("# Current Working Directory (/w/a (b)) Files\nx"), Some("/w/a (b)"));
        assert_eq!(directory("# Current Workspace Directory (/w/a)\nx)"), Some("/w/a"));
        assert_eq!(directory("# Files"), None);
    }

    #[test]
    fn documents_are_listed_in_the_order_of_their_numbers() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["10.json", "9.json", "x.txt", "event-00003-a1.json"] {
            std::fs::write(directory.path().join(name), "{}").unwrap();
        }
        let names: Vec<_> = listed(directory.path());
        let names: Vec<_> = names.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["event-00003-a1.json", "9.json", "10.json"]);
    }
}
