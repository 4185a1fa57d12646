//! Our two lines in a user's cron table, and the table with and without them; every other byte of it stays. Escapes as
//! crontab(5) has them.

use crate::setup::schedule::job::{Job, MADE_BY, NICE};
use jiff::civil::Date;
use std::path::Path;

/// Programs that lower a command's priority; a cron table's own `PATH` is not relied on.
const NICE_PROGRAMS: [&str; 2] = ["/usr/bin/nice", "/bin/nice"];

/// Programs that set variables for a command, whatever the table's shell.
const ENV_PROGRAM: &str = "/usr/bin/env";

/// What the line before ours begins with, by which ours is known; the day on which it was made follows.
const MARKER: &str = "# sessionkeep import since ";

/// Returns the line before ours.
fn marker(made: Date) -> String {
    format!("{MARKER}{made}. {MADE_BY}")
}

/// Returns the day on which our line in a table was made.
pub(crate) fn made_on(table: &[u8]) -> Option<Date> {
    let lines = lines(table);
    let marker = String::from_utf8_lossy(lines.get(position(&lines)?)?).into_owned();
    marker.strip_prefix(MARKER)?.get(..DATE_BYTES)?.parse().ok()
}

/// Bytes of a date: `2026-11-28`.
const DATE_BYTES: usize = 10;

/// Returns the line that runs the job.
pub(crate) fn line(job: &Job) -> String {
    let mut words = Vec::new();
    if !job.variables.is_empty() {
        words.push(ENV_PROGRAM.to_owned());
        words.extend(job.variables.iter().map(|(name, value)| format!("{name}={}", shell_word(value))));
    }
    if let Some(nice) = NICE_PROGRAMS.iter().find(|program| Path::new(program).is_file()) {
        words.extend([(*nice).to_owned(), "-n".to_owned(), NICE.to_string()]);
    }
    words.extend(job.words.iter().map(|word| shell_word(word)));
    let minute = job.minute;
    format!("{minute},{} * * * * {}", minute + 30, escaped(&words.join(" ")))
}

/// Returns the table with our line in it, made `today`: in the place of an older one, else at the end. The same line stays
/// as it is.
pub(crate) fn with(table: &[u8], line: &str, today: Date) -> Vec<u8> {
    let mut lines = lines(table);
    let ours = format!("{}\n{line}\n", marker(today));
    if let Some(at) = position(&lines) {
        let next = lines.get(at + 1);
        if next.is_some_and(|next| next.trim_ascii_end() == line.as_bytes()) {
            return table.to_vec();
        }
        let is_line = next.is_some_and(|next| is_ours(next));
        lines.splice(at..at + 1 + usize::from(is_line), [ours.as_bytes()]);
        return lines.concat();
    }
    let mut whole = table.to_vec();
    if !whole.is_empty() && !whole.ends_with(b"\n") {
        whole.push(b'\n');
    }
    whole.extend_from_slice(ours.as_bytes());
    whole
}

/// Returns the table without our lines; `None` if they are not in it.
pub(crate) fn without(table: &[u8]) -> Option<Vec<u8>> {
    let mut lines = lines(table);
    let at = position(&lines)?;
    let is_line = lines.get(at + 1).is_some_and(|next| is_ours(next));
    lines.drain(at..at + 1 + usize::from(is_line));
    Some(lines.concat())
}

/// Returns the lines of a table, each with its end.
fn lines(table: &[u8]) -> Vec<&[u8]> {
    table.split_inclusive(|&byte| byte == b'\n').collect()
}

/// Returns where our marker stands.
fn position(lines: &[&[u8]]) -> Option<usize> {
    lines.iter().position(|line| {
        line.starts_with(MARKER.as_bytes()) && line.trim_ascii_end().ends_with(MADE_BY.as_bytes())
    })
}

/// Returns whether the line behind our marker is ours: one that imports, perhaps switched off by hand.
fn is_ours(line: &[u8]) -> bool {
    String::from_utf8_lossy(line).contains("import --min-age")
}

/// Returns `text` as one word of a POSIX shell.
fn shell_word(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns a shell's command line as cron wants it: `%` would end it.
fn escaped(command: &str) -> String {
    let mut escaped = String::new();
    for character in command.chars() {
        if character == '%' {
            if escaped.ends_with('\\') {
                // Cron would take that backslash for an escaped one. A word with a backslash is in quotes: end them and
                // begin them anew.
                escaped.push_str("''");
            }
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn job(words: &[&str]) -> Job {
        Job { words: words.iter().map(|word| (*word).to_owned()).collect(), variables: Vec::new(), minute: 7 }
    }

    #[test]
    fn a_line_escapes_for_the_shell_and_for_cron() {
        let line = line(&job(&["/a b/it's/100%/sessionkeep", "import", "--min-age", "30"]));
        assert!(line.starts_with("7,37 * * * * "), "{line}");
        assert!(line.ends_with(r"'/a b/it'\''s/100\%/sessionkeep' import --min-age 30"), "{line}");
        assert_eq!(escaped(r"'/a\%b'"), r"'/a\''\%b'");
    }

    #[test]
    fn variables_are_set_by_a_program_and_not_by_the_shell() {
        let mut job = job(&["/x"]);
        job.variables.push(("CODEX_HOME".to_owned(), "/a b".to_owned()));
        assert!(line(&job).contains("* /usr/bin/env CODEX_HOME='/a b' "), "{}", line(&job));
    }

    #[test]
    fn the_rest_of_a_table_stays_byte_for_byte() {
        let (today, later) = (date(2026, 11, 28), date(2026, 12, 1));
        for table in
            [&b""[..], b"MAILTO=me\n\n# a comment\r\n*/5 * * * * /bin/x \\% y\n", b"# caf\xe9 \xff\n\n\n"]
        {
            let made = with(table, "7,37 * * * * /x import --min-age 30", today);
            assert!(made.starts_with(table) && made.len() > table.len());
            assert_eq!(made_on(&made), Some(today));
            let again = with(&made, "7,37 * * * * /x import --min-age 30", later);
            assert_eq!(again, made, "twice changes nothing");
            assert_eq!(without(&made).unwrap(), table);
            let newer = with(&made, "8,38 * * * * /y import --min-age 30", later);
            assert_eq!(newer.len(), made.len(), "an older line is replaced");
            assert_eq!((made_on(&newer), made_on(table)), (Some(later), None));
            assert_eq!(without(&newer).unwrap(), table);
            assert_eq!(without(table), None);
        }
    }

    #[test]
    fn lines_of_others_that_were_put_behind_the_marker_stay() {
        let today = date(2026, 11, 28);
        let table = format!("{}\n0 0 * * * /bin/backup\n", marker(today));
        assert_eq!(without(table.as_bytes()).unwrap(), b"0 0 * * * /bin/backup\n");
        let made = with(table.as_bytes(), "7,37 * * * * /x import --min-age 30", today);
        assert!(made.ends_with(b"/x import --min-age 30\n0 0 * * * /bin/backup\n"));
    }
}
