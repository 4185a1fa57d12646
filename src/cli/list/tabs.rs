//! Sessions for other programs, a line each: fields with tabs between them, called as in the sidecars.

use crate::cli::common::output::Output;
use crate::error::Result;
use crate::report::terminal_safe;
use crate::search::sessions::Session;

const FIELDS: [&str; 16] = [
    "session_id",
    "agent",
    "project_slug",
    "title",
    "model",
    "git_branch",
    "started_at",
    "ended_at",
    "archived_at",
    "line_count",
    "masked_lines",
    "archived_bytes",
    "parts",
    "forked_from",
    "cwd",
    "archive_path",
];

/// Writes a line that names the fields, and one for each session. Their text is as it is stored, but for what would end a
/// field; on a terminal it is made harmless.
pub(crate) fn print(sessions: &[&Session], output: &mut Output) -> Result<()> {
    output.line(FIELDS.join("\t"))?;
    let is_terminal = output.is_terminal();
    let mut line: Vec<u8> = Vec::new();
    for session in sessions {
        line.clear();
        push_fields(session, &mut |field: &[u8]| {
            push(&mut line, field, is_terminal);
            line.push(b'\t');
        });
        // The tab behind the last field.
        line.pop();
        output.line(&line)?;
    }
    Ok(())
}

fn push_fields(session: &Session, push: &mut dyn FnMut(&[u8])) {
    let texts = [
        Some(&session.session_id),
        session.agent.as_ref(),
        Some(&session.project_slug),
        session.title.as_ref(),
        session.model.as_ref(),
        session.git_branch.as_ref(),
        session.started_at.as_ref(),
        session.ended_at.as_ref(),
        Some(&session.archived_at),
    ];
    texts.iter().for_each(|text| push(text.map_or("", |text| text).as_bytes()));
    let parts = session.stored.part_count;
    for number in [session.line_count, session.masked_lines, session.archived_bytes, parts] {
        push(number.to_string().as_bytes());
    }
    for text in [session.forked_from.as_ref(), Some(&session.cwd)] {
        push(text.map_or("", |text| text).as_bytes());
    }
    push(session.stored.archive_path().as_os_str().as_encoded_bytes());
}

/// Appends a field with everything escaped that would end it.
fn push(line: &mut Vec<u8>, field: &[u8], is_terminal: bool) {
    let start = line.len();
    for &byte in field {
        match byte {
            b'\t' => line.extend(b"\\t"),
            b'\n' => line.extend(b"\\n"),
            b'\r' => line.extend(b"\\r"),
            b'\\' => line.extend(b"\\\\"),
            _ => line.push(byte),
        }
    }
    if is_terminal {
        let safe = terminal_safe(&line[start..]).into_owned();
        line.truncate(start);
        line.extend(safe.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_field_is_escaped_and_all_else_stays() {
        for (is_terminal, expected) in
            [(false, &b"a\\tb\\nc\\rd\\\\e\x1b\xff"[..]), (true, b"a\\tb\\nc\\rd\\\\e\\x1b\\xff")]
        {
            let mut line = Vec::new();
            push(&mut line, b"a\tb\nc\rd\\e\x1b\xff", is_terminal);
            assert_eq!(line, expected);
        }
    }
}
