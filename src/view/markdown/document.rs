//! Writes a session as Markdown, message by message.

use jiff::tz::TimeZone;

use super::fence::{block, span, words};
use super::inert::inert;
use crate::message::{Kind, Mark, Message, Role};
use crate::report::units;
use crate::view::about::About;
use crate::view::call::{self, Side};
use crate::view::reading::Told;
use crate::view::rendering::{Counts, Rendering, Steps};
use crate::view::session::Part;

/// Writes sessions as Markdown.
pub(crate) struct Document {
    zone: TimeZone,
    /// Parts that are being told, each in the one before.
    depth: usize,
}

impl Document {
    /// Returns one that says times in this zone.
    pub(crate) fn new(zone: TimeZone) -> Document {
        Document { zone, depth: 0 }
    }

    /// Writes a heading; that of a message stands below that of its session or part.
    fn heading(&self, below: usize, text: &str, out: &mut String) {
        let level = (1 + self.depth + below).min(6);
        out.push_str(&format!("\n{} {text}\n\n", "#".repeat(level)));
    }

    fn tags(&self, message: &Message) -> String {
        let time = message
            .time
            .map(|time| time.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S ").to_string());
        let marks: String = message.marks.iter().map(|mark| format!(" ({})", mark_name(mark))).collect();
        format!("{}\\#{}{marks}", time.unwrap_or_default(), message.index)
    }

    fn call(&self, told: &Told<'_>, out: &mut String) {
        let (name, input) = (told.name(), told.text());
        let line = call::argument(&input);
        self.heading(2, &format!("{} — {}", span(&call::tool_name(&name)), self.tags(told.message)), out);
        let edits = call::edits(&name, &input);
        for edit in &edits {
            out.push_str(&format!("{}\n\n", span(&edit.path)));
            block(&diff(edit), "diff", out);
            out.push('\n');
        }
        if !edits.is_empty() {
            return;
        }
        match &call::members(&input)[..] {
            [] => {}
            [(_, only)] => block(only, "", out),
            _ if line.ends_with('…') || line.is_empty() => block(&input, "json", out),
            several => {
                let others: Vec<String> =
                    several.iter().map(|(name, said)| format!("{name}: {said}")).collect();
                block(&others.join("\n"), "", out);
            }
        }
    }

    fn result(&self, told: &Told<'_>, out: &mut String) {
        let text = told.text();
        let text = call::plain(&text);
        let mut outcome = told.message.outcome;
        outcome.exit_code = outcome.exit_code.or_else(|| call::exit_code(&text));
        let ended = match (outcome.exit_code, outcome.is_error) {
            (Some(code), _) if code != 0 => format!(", exit code {code}"),
            (_, Some(true)) => ", failed".to_owned(),
            _ => String::new(),
        };
        let name = told.name();
        let name =
            if name.is_empty() { String::new() } else { format!(" of {}", span(&call::tool_name(&name))) };
        out.push_str(&format!("\nResult{name}{ended} — {}\n\n", self.tags(told.message)));
        block(&text, "text", out);
    }
}

fn mark_name(mark: Mark) -> &'static str {
    match mark {
        Mark::Sidechain => "subagent",
        mark => mark.name(),
    }
}

fn diff(edit: &call::Edit) -> String {
    let line = |line: &call::Line| {
        let mark = match line.side {
            Side::Kept => " ",
            Side::Removed => "-",
            Side::Added => "+",
            Side::Between => "@ ",
        };
        format!("{mark}{}\n", line.text)
    };
    edit.lines.iter().map(line).collect()
}

impl Rendering for Document {
    fn begin(&mut self, about: &About, out: &mut String) {
        let title = about.title.as_deref().unwrap_or(&about.whose.session);
        out.push_str(&format!("# {}\n\n", words(title)));
        for fact in about.facts(&self.zone) {
            out.push_str(&format!("- {}\n", words(&fact)));
        }
    }

    fn message(&mut self, told: &Told<'_>, out: &mut String) {
        let message = told.message;
        let tags = self.tags(message);
        let name = match (message.kind, message.role) {
            (Kind::ToolCall, _) => return self.call(told, out),
            (Kind::ToolResult, _) => return self.result(told, out),
            (Kind::Image, _) => {
                let media = message.media.of(told.bytes);
                let label = call::image_label(&media, message.text.raw(told.bytes));
                out.push_str(&format!("\nImage: {} — {tags}\n", words(&label)));
                return;
            }
            (Kind::Event, _) => {
                out.push_str(&format!("\nEvent {} — {tags}\n\n", span(&told.name())));
                if !message.text.is_empty() {
                    block(&told.text(), "", out);
                }
                return;
            }
            (Kind::Thinking, _) => "Thinking",
            (Kind::Summary, _) => "Summary of what was said before",
            (_, Role::User) => "User",
            (_, Role::Assistant) => "Assistant",
            (_, Role::Tool) => "Tool",
            (_, Role::System) => "System",
        };
        self.heading(1, &format!("{name} — {tags}"), out);
        out.push_str(&inert(told.text().trim_end()));
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }

    fn part(&mut self, part: &Part, out: &mut String) {
        let title = part.title.as_deref().map(|title| format!(": {}", words(title))).unwrap_or_default();
        let lines = units::count(part.line_count, "line");
        out.push_str(&format!("\nPart {}{title} ({lines})\n", span(&part.id)));
    }

    fn open_part(&mut self, part: &Part, out: &mut String) {
        self.depth += 1;
        let title = part.title.as_deref().map(|title| format!(": {}", words(title))).unwrap_or_default();
        self.heading(0, &format!("Part {}{title}", span(&part.id)), out);
    }

    fn close_part(&mut self, out: &mut String) {
        self.depth = self.depth.saturating_sub(1);
        out.push_str("\nEnd of the part.\n");
    }

    fn steps(&mut self, steps: &Steps, out: &mut String) {
        let count = units::count(steps.count, "message");
        out.push_str(&format!("\nSubagent: {} ({count}, from \\#{})\n", words(&steps.about), steps.first));
    }

    fn end(&mut self, counts: &Counts, out: &mut String) {
        if counts.hidden_thinking + counts.hidden_events > 0 {
            out.push_str(&format!(
                "\n{}; left out: {} of thinking, {}.\n",
                counts.told(),
                counts.hidden_thinking,
                units::count(counts.hidden_events, "event")
            ));
        }
    }
}
