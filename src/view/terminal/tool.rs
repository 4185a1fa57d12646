//! A call as one line with what it changes, and the first lines of what came back.

use super::style::Style;
use crate::message::{Index, Outcome};
use crate::report::text::columns;
use crate::report::units;
use crate::view::call::{self, Side};
use crate::view::reading::Told;

/// Lines of a result and of a diff that are shown unless all are asked for.
const RESULT_LINES: usize = 6;
const DIFF_LINES: usize = 24;

/// What stands before the lines of a result.
const EDGE: &str = "  │ ";

/// Appends a call. `tags` stand behind it.
pub(super) fn call(told: &Told<'_>, tags: &str, style: &Style, out: &mut String) {
    let colors = &style.colors;
    let (name, input) = (told.name(), told.text());
    let name = style.safe(&call::tool_name(&name)).into_owned();
    let (tool, faint, reset) = (colors.tool, colors.faint, colors.reset);
    let used = columns(&name) + columns(tags) + 6;
    let argument = match style.is_full {
        true => style.safe(&call::argument(&input)).into_owned(),
        false => style.cut(&call::argument(&input), used),
    };
    let gap = if argument.is_empty() { "" } else { "  " };
    out.push_str(&format!("{tool}▶ {name}{reset}{gap}{argument}  {faint}{tags}{reset}\n"));
    let edits = call::edits(&told.name(), &input);
    let is_edit = !edits.is_empty();
    for edit in edits {
        diff(&edit, told.message.index, style, out);
    }
    if style.is_full {
        all_members(&input, is_edit, style, out);
    }
}

/// What it was called with, but for what its one line, or its diff, says.
fn all_members(input: &str, is_edit: bool, style: &Style, out: &mut String) {
    /// Beside a diff, members that are longer are those that the diff was made of.
    const SHORT_BYTES: usize = 80;
    let line = call::argument(input);
    for (name, said) in call::members(input) {
        let is_short = said.len() <= SHORT_BYTES && !said.contains('\n');
        if said == line || (is_edit && !is_short) {
            continue;
        }
        let name = style.safe(&name);
        let (faint, reset) = (style.colors.faint, style.colors.reset);
        if is_short && !name.is_empty() {
            out.push_str(&format!("  {faint}{name}:{reset} {}\n", style.safe(&said)));
            continue;
        }
        if !name.is_empty() {
            out.push_str(&format!("  {faint}{name}:{reset}\n"));
        }
        for line in said.lines() {
            out.push_str(&format!("    {}\n", style.safe(line)));
        }
    }
}

fn diff(edit: &call::Edit, index: Index, style: &Style, out: &mut String) {
    let colors = &style.colors;
    let most = if style.is_full { usize::MAX } else { DIFF_LINES };
    for line in edit.lines.iter().take(most) {
        let (mark, color) = match line.side {
            Side::Kept => (" ", ""),
            Side::Removed => ("-", colors.removed),
            Side::Added => ("+", colors.added),
            Side::Between => ("", colors.faint),
        };
        let text = if style.is_full { style.safe(&line.text).into_owned() } else { style.cut(&line.text, 5) };
        let reset = if color.is_empty() { "" } else { colors.reset };
        out.push_str(&format!("  {color}{mark}{text}{reset}\n"));
    }
    more(edit.lines.len().saturating_sub(most), index, "  ", style, out);
}

/// Appends what came back. `head` names it where it does not stand right behind its call.
pub(super) fn result(told: &Told<'_>, head: Option<&str>, style: &Style, out: &mut String) {
    let colors = &style.colors;
    let (faint, reset) = (colors.faint, colors.reset);
    let text = told.text();
    let text = call::plain(&text);
    if let Some(head) = head {
        let name = told.name();
        let name =
            if name.is_empty() { "result".into() } else { style.safe(&call::tool_name(&name)).into_owned() };
        out.push_str(&format!("{}◀ {name}{reset}  {faint}{head}{reset}\n", colors.tool));
    }
    let mut outcome = told.message.outcome;
    outcome.exit_code = outcome.exit_code.or_else(|| call::exit_code(&text));
    if let Some(ended) = ended(outcome, style) {
        out.push_str(&ended);
    }
    // All of it, as it is kept, for whoever asks for all.
    let output = if style.is_full { text } else { call::output(&text).into_owned().into() };
    if style.is_full {
        for line in output.lines() {
            out.push_str(&format!("{faint}{EDGE}{reset}{}\n", style.safe(line)));
        }
        return;
    }
    let shown = call::beginning(&output, RESULT_LINES);
    for line in &shown.lines {
        out.push_str(&format!("{faint}{EDGE}{reset}{}\n", style.cut(line, columns(EDGE))));
    }
    more(shown.more, told.message.index, EDGE, style, out);
}

fn ended(outcome: Outcome, style: &Style) -> Option<String> {
    let colors = &style.colors;
    let said = match (outcome.exit_code, outcome.is_error) {
        (Some(0), Some(true)) | (None, Some(true)) => "failed".to_owned(),
        (Some(0), _) if style.is_full => {
            return Some(format!("  {}exit code 0{}\n", colors.faint, colors.reset));
        }
        (Some(0) | None, _) => return None,
        (Some(code), _) => format!("exit code {code}"),
    };
    Some(format!("  {}✗ {said}{}\n", colors.failed, colors.reset))
}

fn more(count: usize, index: Index, before: &str, style: &Style, out: &mut String) {
    if count > 0 {
        let (faint, reset) = (style.colors.faint, style.colors.reset);
        out.push_str(&format!(
            "{faint}{before}… {}: #{index}{reset}\n",
            units::count(count as u64, "more line")
        ));
    }
}
