//! Whether what was printed is what a terminal record shows, apart from what differs from run to run.

use regex_automata::meta::Regex;
use std::sync::LazyLock;

/// What differs from run to run, and what it is counted as. In order: the first wins.
static VARIES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let patterns = [
        // Times behind those of the sessions, which count.
        (
            r"\b(2026-11-2[5-9]|2026-11-30|2026-12-\d\d|202[7-9]-\d\d-\d\d|20[3-9]\d-\d\d-\d\d)T[\d:.]+(Z|\+00:00)",
            "<now>",
        ),
        (r"\b20\d\d-\d\d-\d\d \d\d:\d\d\b", "<minute>"),
        (r"\b\d+(\.\d+)? ?[KMGT]i?B/s", "<rate>"),
        // What an archive says of its source is longer in a home of a longer name, and its hashes compress by chance.
        (r"\b\d+(\.\d+)?([KMGT]i)?B\b", "<size>"),
        (r"\(\d\.\dx\)|: \d\.\d to 1", "<ratio>"),
        (r"\b\d+(\.\d+)? ?(ms|s|min|seconds?)\b", "<time>"),
        // Columns are as wide as the home's real name makes them.
        (r" {2,}", "  "),
    ];
    patterns.map(|(pattern, name)| (Regex::new(pattern).unwrap(), name)).into()
});

/// Returns a line with what varies replaced by names.
fn settled(line: &str) -> String {
    let mut line = line.to_owned();
    for (pattern, name) in VARIES.iter() {
        let ranges: Vec<_> = pattern.find_iter(&line).map(|found| found.range()).collect();
        for range in ranges.into_iter().rev() {
            line.replace_range(range, name);
        }
    }
    line
}

/// Compares what a record shows with what was printed; a line `...` of the record stands for any lines, none too.
///
/// # Errors
///
/// The first line of the record that was not printed, or the first that was printed and is not in it.
pub(super) fn compare(shown: &[String], printed: &[String]) -> Result<(), String> {
    let printed: Vec<String> = printed.iter().map(|line| settled(line)).collect();
    let mut at = 0;
    for (index, part) in shown.split(|line| line == "...").enumerate() {
        let part: Vec<String> = part.iter().map(|line| settled(line)).collect();
        let is_last = index + 1 == shown.split(|line| line == "...").count();
        let fits = |from: usize| printed[from.min(printed.len())..].starts_with(&part);
        let found = match (index, is_last) {
            (0, _) => fits(0).then_some(0),
            (_, true) => printed.len().checked_sub(part.len()).filter(|from| *from >= at && fits(*from)),
            _ => (at..=printed.len()).find(|from| fits(*from)),
        };
        let Some(found) = found else {
            let missing = part.iter().find(|line| !printed.contains(line));
            return Err(format!("not printed, or not there: {}", missing.unwrap_or(&part[0])));
        };
        at = found + part.len();
    }
    match printed.get(at) {
        Some(line) if shown.last().is_none_or(|last| last != "...") => Err(format!("not shown: {line}")),
        _ => Ok(()),
    }
}

#[test]
fn only_what_varies_may_differ() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let fits = |shown: &str, printed: &str| compare(&lines(shown), &lines(printed)).is_ok();
    assert!(fits("3 files, 0.4s (34.5MiB/s)", "3 files, 12.1s (1.0MiB/s)"));
    assert!(!fits("3 files, 0.4s", "4 files, 0.4s"));
    assert!(fits("last called 2026-01-02 03:04", "last called 2027-05-06 07:08"));
    assert!(!fits("2026-06-05T14:30:00Z", "2026-06-05T14:31:00Z"));
    assert!(fits("2026-11-28T14:30:00+00:00", "2027-06-05T14:31:00+00:00"));
    assert!(fits("1.1KiB in 630B", "1.2KiB in 1.0MiB"));
    assert!(fits("a\n...\nd", "a\nb\nc\nd") && fits("a\n...", "a") && fits("...\nc", "b\nc"));
    assert!(!fits("a\n...\nd", "a\nb\nc") && !fits("a", "a\nb") && !fits("a\nb", "a") && !fits("", "a"));
    assert!(fits("a\n...\nc\n...\ne", "a\nb\nc\nd\ne") && !fits("a\n...\nc\n...\ne", "a\nb\nd\ne"));
    assert!(fits("", ""));
}
