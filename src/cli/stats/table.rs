//! Sums as tables: a few lines for all, then a table a group, with a bar a line on a terminal.

use super::by::By;
use crate::cli::common::output::Output;
use crate::error::Result;
use crate::report::terminal::{self, Palette};
use crate::report::text::{columns, fit};
use crate::report::{terminal_safe, units};
use crate::view::counts::groups::{self, Sum};

/// Names are no wider, on a terminal or in a pipe.
const MAX_NAME_COLUMNS: usize = 40;

/// Columns of a bar that stands for the largest number: as many as there is room for, or none.
const MOST_BAR_COLUMNS: usize = 24;
const LEAST_BAR_COLUMNS: usize = 6;

/// Eighths of a column.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

type Cell = fn(&Sum) -> String;

/// Writes what there is in all, and a table of the first `limit` groups of each sort (0: of all).
pub(super) fn print(
    total: &Sum,
    sums: &[(By, Vec<Sum>)],
    limit: usize,
    palette: Palette,
    output: &mut Output,
) -> Result<()> {
    for line in of_total(total) {
        output.line(line)?;
    }
    for (by, sums) in sums {
        if !sums.is_empty() {
            output.line("")?;
            table(*by, sums, limit, palette, output)?;
        }
    }
    Ok(())
}

fn of_total(total: &Sum) -> Vec<String> {
    let failed = match total.tool_errors {
        0 => String::new(),
        errors => format!(", {} failed", number(errors)),
    };
    let mut lines = vec![
        format!("sessions    {} with {}", number(total.sessions), counted(total.parts, "part")),
        format!("messages    {}, {} typed by you", number(total.messages), number(total.prompts)),
        format!("tool calls  {}{failed}", number(total.tool_calls)),
        format!(
            "tokens      {} in, {} out, {} from a cache, {} into it",
            short(total.input_tokens),
            short(total.output_tokens),
            short(total.cache_read_tokens),
            short(total.cache_write_tokens)
        ),
        format!(
            "bytes       {} in {}: {:.1} to 1",
            units::size(total.source_bytes),
            units::size(total.archived_bytes),
            total.ratio()
        ),
    ];
    lines.push(format!(
        "masked      {} in {}",
        counted(total.masked, "secret"),
        counted(total.masked_lines, "line")
    ));
    lines
}

/// Returns the columns behind the name.
fn cells(by: By) -> &'static [(&'static str, Cell)] {
    match by {
        By::Agent | By::Project | By::Month => &[
            ("sessions", |sum| number(sum.sessions)),
            ("messages", |sum| number(sum.messages)),
            ("prompts", |sum| number(sum.prompts)),
            ("calls", |sum| number(sum.tool_calls)),
            ("output", |sum| short(sum.output_tokens)),
            ("size", |sum| units::size(sum.archived_bytes)),
        ],
        By::Model => &[
            ("sessions", |sum| number(sum.sessions)),
            ("answers", |sum| number(sum.messages)),
            ("input", |sum| short(sum.input_tokens)),
            ("cached", |sum| short(sum.cache_read_tokens)),
            ("output", |sum| short(sum.output_tokens)),
        ],
        By::Tool => &[
            ("sessions", |sum| number(sum.sessions)),
            ("calls", |sum| number(sum.tool_calls)),
            ("failed", |sum| number(sum.tool_errors)),
        ],
        By::Rule => &[("sessions", |sum| number(sum.sessions)), ("masked", |sum| number(sum.masked))],
    }
}

fn table(by: By, sums: &[Sum], limit: usize, palette: Palette, output: &mut Output) -> Result<()> {
    let shown = match (limit, by) {
        (0, _) => sums,
        // Months are in order, and the last ones matter.
        (limit, By::Month) => &sums[sums.len().saturating_sub(limit)..],
        (limit, _) => &sums[..sums.len().min(limit)],
    };
    let cells = cells(by);
    let rows: Vec<Vec<String>> = shown
        .iter()
        .map(|sum| {
            let name = if sum.name.is_empty() { "(unknown)" } else { &sum.name };
            let name = terminal_safe(fit(name, MAX_NAME_COLUMNS).as_bytes()).into_owned();
            std::iter::once(name).chain(cells.iter().map(|(_, cell)| cell(sum))).collect()
        })
        .collect();
    let titles: Vec<&str> = std::iter::once(by.name()).chain(cells.iter().map(|(title, _)| *title)).collect();
    let width =
        |at: usize| rows.iter().map(|row| columns(&row[at])).chain([titles[at].len()]).max().unwrap_or(0);
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let used: usize = widths.iter().map(|width| width + 2).sum();
    let room = if output.is_terminal() { terminal::width().saturating_sub(used) } else { 0 };
    let bar_columns = room.min(MOST_BAR_COLUMNS);
    let largest = shown.iter().map(|sum| groups::size(by.groups(), sum)).max().unwrap_or(0);
    let title: Vec<String> = titles.iter().map(|title| title.to_uppercase()).collect();
    output.line(line(&title, &widths))?;
    for (row, sum) in rows.iter().zip(shown) {
        let mut text = line(row, &widths);
        if bar_columns >= LEAST_BAR_COLUMNS {
            let bar = bar(groups::size(by.groups(), sum), largest, bar_columns);
            text.push_str(&format!("  {}{bar}{}", palette.number, palette.reset));
        }
        output.line(text.trim_end())?;
    }
    if shown.len() < sums.len() {
        output.line(format!("... {} more: --limit 0 shows all", sums.len() - shown.len()))?;
    }
    Ok(())
}

/// Lays a row out: the name to the left, numbers to the right.
fn line(row: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
        let blank = " ".repeat(width.saturating_sub(columns(cell)));
        match at {
            0 => text.push_str(&format!("{cell}{blank}")),
            _ => text.push_str(&format!("  {blank}{cell}")),
        }
    }
    text.trim_end().to_owned()
}

fn bar(number: u64, largest: u64, columns: usize) -> String {
    if largest == 0 {
        return String::new();
    }
    let eighths = (number as f64 / largest as f64 * columns as f64 * 8.0).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8]);
    }
    bar
}

/// Writes a number with a comma between thousands.
fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(count), if count == 1 { "" } else { "s" })
}

/// Writes a large number as people say it: 950, 12.3k, 4.5M.
fn short(count: u64) -> String {
    const UNITS: [&str; 4] = ["k", "M", "G", "T"];
    let mut value = count as f64;
    let mut unit = "";
    for next in UNITS {
        if value < 999.95 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if unit.is_empty() { count.to_string() } else { format!("{value:.1}{unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0, 999, 1000, 999_949, 999_950, 12_345_678].map(short),
            ["0", "999", "1.0k", "999.9k", "1.0M", "12.3M"]
        );
        assert_eq!(counted(1, "part"), "1 part");
    }

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(5, 5, 24), "█".repeat(24));
        assert_eq!(bar(0, 5, 24), "");
        assert_eq!(bar(1, 48, 24), "▌");
        assert_eq!(bar(0, 0, 24), "");
    }
}
