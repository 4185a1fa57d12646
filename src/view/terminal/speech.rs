//! What somebody said, line by line. Its Markdown stays as it was written, and is coloured so that it reads well; no letter
//! is lost.

use super::style::Style;

/// What is known of the lines before.
#[derive(Default)]
pub(super) struct Speech {
    /// The mark that ends the block of code that the line stands in.
    fence: Option<(char, usize)>,
}

impl Speech {
    /// Appends `text`, each line behind `before`.
    pub(super) fn write(text: &str, before: &str, style: &Style, out: &mut String) {
        let mut speech = Speech::default();
        for line in text.trim_end_matches(['\n', '\r']).split('\n') {
            out.push_str(before);
            speech.line(line, style, out);
            out.push('\n');
        }
    }

    fn line(&mut self, line: &str, style: &Style, out: &mut String) {
        let safe = style.safe(line);
        let colors = &style.colors;
        if !colors.are_there() {
            out.push_str(&safe);
            return;
        }
        let trimmed = safe.trim_start();
        if let Some(mark) = fence(trimmed) {
            match self.fence {
                None => self.fence = Some(mark),
                Some(open) if open.0 == mark.0 && mark.1 >= open.1 => self.fence = None,
                Some(_) => {}
            }
            return paint(&safe, colors.faint, colors.reset, out);
        }
        if self.fence.is_some() {
            return paint(&safe, colors.code, colors.reset, out);
        }
        let hashes = trimmed.bytes().take_while(|byte| *byte == b'#').count();
        if (1..=6).contains(&hashes) && trimmed[hashes..].starts_with(' ') {
            return paint(&safe, colors.strong, colors.reset, out);
        }
        if trimmed.starts_with('>') {
            return paint(&safe, colors.faint, colors.reset, out);
        }
        spans(&safe, style, out);
    }
}

fn paint(text: &str, color: &str, reset: &str, out: &mut String) {
    if text.is_empty() {
        return;
    }
    out.extend([color, text, reset]);
}

/// Returns the mark and its length of a line that begins or ends a block of code.
fn fence(line: &str) -> Option<(char, usize)> {
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = line.chars().take_while(|character| *character == mark).count();
    (length >= 3).then_some((mark, length))
}

/// Colours code and strong words within a line.
fn spans(line: &str, style: &Style, out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['`', '*']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let is_code = from.starts_with('`');
        let mark = if is_code { &from[..from.len() - from.trim_start_matches('`').len()] } else { "**" };
        let inner = from.strip_prefix(mark).and_then(|after| after.find(mark).filter(|length| *length > 0));
        let color = if is_code { style.colors.code } else { style.colors.strong };
        match inner {
            Some(length) => {
                let end = length + 2 * mark.len();
                paint(&from[..end], color, style.colors.reset, out);
                rest = &from[end..];
            }
            None => {
                let skipped = if is_code { mark.len() } else { 1 };
                out.push_str(&from[..skipped]);
                rest = &from[skipped..];
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::super::style::Colors;
    use super::*;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn written(text: &str, is_colored: bool) -> String {
        let colors = Colors::new(is_colored);
        let style = Style { columns: None, zone: TimeZone::UTC, is_full: false, colors };
        let mut out = String::new();
        Speech::write(text, "", &style, &mut out);
        out
    }

    #[test]
    fn headings_code_and_strong_words_stand_out() {
        let shown = written("# Head\na `b` **c** *d* ``\n```rs\nfn\n```\n> q", true);
        assert_eq!(
            shown,
            "\x1b[1m# Head\x1b[0m\na \x1b[36m`b`\x1b[0m \x1b[1m**c**\x1b[0m *d* ``\n\x1b[2m```rs\x1b[0m\n\
             \x1b[36mfn\x1b[0m\n\x1b[2m```\x1b[0m\n\x1b[2m> q\x1b[0m\n"
        );
    }

    proptest! {
        #[test]
        fn no_letter_is_lost_whatever_is_coloured(text in "[`*#> a-c~\n]{0,60}") {
            let plain = written(&text, false);
            let colored = written(&text, true);
            prop_assert_eq!(&*crate::view::call::plain(&colored), &plain);
            prop_assert_eq!(plain.trim_end_matches('\n'), text.trim_end_matches('\n'));
        }
    }
}
