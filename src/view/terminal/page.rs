//! A session as it is read in a terminal: its head, what was said and done, where parts ran, and what is not shown.

use jiff::civil::Date;

use super::speech::Speech;
use super::style::Style;
use super::tool;
use crate::message::{Kind, Mark, Message, Role};
use crate::report::units;
use crate::view::about::About;
use crate::view::call;
use crate::view::reading::Told;
use crate::view::rendering::{Counts, Rendering, Steps};
use crate::view::session::Part;

/// What was written last, as far as it decides about the next blank line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Nothing,
    Line,
    Speech,
}

/// Writes sessions for a terminal.
pub(crate) struct Page {
    style: Style,
    last: Last,
    day: Option<Date>,
    /// What joins the call that was written last and its result.
    call: String,
    /// What is told is itself a part.
    is_part: bool,
    /// The parts that are being told, each in the one before.
    depth: usize,
    /// What was written of the session that a part is in when it began.
    outer: Vec<(Option<Date>, String)>,
}

/// What stands before each line of a part.
const PART_EDGE: &str = "┃ ";

impl Page {
    /// Returns one with nothing on it.
    pub(crate) fn new(style: Style) -> Page {
        let call = String::new();
        Page { style, last: Last::Nothing, day: None, call, is_part: false, depth: 0, outer: Vec::new() }
    }

    /// Has the messages that follow told whole, or not.
    pub(crate) fn set_full(&mut self, is_full: bool) {
        self.style.is_full = is_full;
    }

    /// Appends what `write` writes, behind what stands before each line of a part.
    fn put(&mut self, out: &mut String, write: impl FnOnce(&mut Page, &mut String)) {
        if self.depth == 0 {
            return write(self, out);
        }
        let mut inner = String::new();
        write(self, &mut inner);
        let edge = PART_EDGE.repeat(self.depth);
        let (faint, reset) = (self.style.colors.faint, self.style.colors.reset);
        for line in inner.lines() {
            out.push_str(&format!("{faint}{edge}{reset}{line}\n"));
        }
    }

    fn gap(&mut self, next: Last, out: &mut String) {
        let is_apart = next == Last::Speech || self.last == Last::Speech;
        if is_apart && self.last != Last::Nothing {
            out.push('\n');
        }
        self.last = next;
    }

    fn new_day(&mut self, message: &Message, out: &mut String) {
        let Some(time) = message.time else { return };
        let day = time.to_zoned(self.style.zone.clone()).date();
        if self.day.is_some_and(|known| known != day) {
            let (faint, reset) = (self.style.colors.faint, self.style.colors.reset);
            self.gap(Last::Speech, out);
            out.push_str(&format!("{faint}── {day} ──{reset}\n"));
        }
        self.day = Some(day);
    }

    /// Returns the time, the index and the marks of a message.
    fn tags(&self, message: &Message) -> String {
        let mut tags = message.time.map(|time| self.style.clock(time) + " ").unwrap_or_default();
        tags.push_str(&format!("#{}", message.index));
        for mark in message.marks.iter() {
            let name = match mark {
                // All of a part is a subagent's.
                Mark::Sidechain if self.is_part || self.depth > 0 => continue,
                Mark::Sidechain => "subagent",
                Mark::Compaction => "compacted",
                mark => mark.name(),
            };
            tags.push_str(&format!(" [{name}]"));
        }
        tags
    }

    fn write(&mut self, told: &Told<'_>, out: &mut String) {
        let message = told.message;
        self.new_day(message, out);
        let tags = self.tags(message);
        match message.kind {
            Kind::ToolCall => {
                self.gap(Last::Line, out);
                tool::call(told, &tags, &self.style, out);
                self.call = message.call.of(told.bytes).into_owned();
            }
            Kind::ToolResult => {
                let call = message.call.of(told.bytes);
                let follows = self.last == Last::Line && !call.is_empty() && *call == self.call;
                self.gap(Last::Line, out);
                tool::result(told, (!follows).then_some(&*tags), &self.style, out);
                // What came back may be told in several pieces.
                self.call = call.into_owned();
            }
            Kind::Image => {
                self.gap(Last::Line, out);
                let media = message.media.of(told.bytes);
                let label = call::image_label(&media, message.text.raw(told.bytes));
                self.aside(&format!("[image: {label}]"), &tags, out);
            }
            Kind::Event => self.event(told, &tags, out),
            Kind::Text | Kind::Thinking | Kind::Summary => self.speech(told, &tags, out),
        }
    }

    fn speech(&mut self, told: &Told<'_>, tags: &str, out: &mut String) {
        let message = told.message;
        let text = told.text();
        let colors = self.style.colors;
        let is_folded = message.kind == Kind::Summary || message.marks.has(Mark::Injected);
        if is_folded && !self.style.is_full {
            self.gap(Last::Line, out);
            let shown = call::beginning(&text, 1);
            let first = shown.lines.first().copied().unwrap_or_default();
            let sort = if message.kind == Kind::Summary { "summary of what was said before: " } else { "" };
            let more = match shown.more {
                0 => String::new(),
                more => format!(" … {}", units::count(more as u64, "more line")),
            };
            let used = tags.len() + more.len() + sort.len() + 6;
            let line = format!("{sort}{}{more}", self.style.cut(first, used));
            return self.aside_safe(&line, tags, out);
        }
        self.gap(Last::Speech, out);
        let (name, color) = match (message.kind, message.role) {
            (Kind::Thinking, _) => ("thinking", colors.faint),
            (Kind::Summary, _) => ("summary", colors.system),
            (_, Role::User) => ("user", colors.user),
            (_, Role::Assistant) => ("assistant", colors.assistant),
            (_, Role::Tool) => ("tool", colors.tool),
            (_, Role::System) => ("system", colors.system),
        };
        out.push_str(&format!("{color}{name}{}  {}{tags}{}\n", colors.reset, colors.faint, colors.reset));
        Speech::write(&text, "", &self.style, out);
    }

    fn event(&mut self, told: &Told<'_>, tags: &str, out: &mut String) {
        let message = told.message;
        self.gap(Last::Line, out);
        let name = told.name();
        let text = told.text();
        if self.style.is_full {
            self.aside(&name, tags, out);
            return text.lines().for_each(|line| {
                out.push_str(&format!("    {}\n", self.style.safe(line)));
            });
        }
        let shown = call::beginning(&text, 1);
        let first = shown.lines.first().copied().unwrap_or_default();
        let line = match message.marks.has(Mark::Compaction) {
            true => format!("── the conversation was compacted here ── {first}"),
            false if first.is_empty() => name.into_owned(),
            false => format!("{name}: {first}"),
        };
        self.aside(&line, tags, out);
    }

    /// Writes one line that is no part of the conversation.
    fn aside(&self, line: &str, tags: &str, out: &mut String) {
        self.aside_safe(&self.style.cut(line, tags.len() + 4), tags, out);
    }

    fn aside_safe(&self, line: &str, tags: &str, out: &mut String) {
        let (faint, reset) = (self.style.colors.faint, self.style.colors.reset);
        out.push_str(&format!("{faint}  {line}  {tags}{reset}\n"));
    }

    /// Returns the line that names a part.
    fn part_line(&self, part: &Part, how: &str) -> String {
        let colors = &self.style.colors;
        let sort = if part.id.starts_with("agent-") { "subagent" } else { "part" };
        let id = self.style.safe(&part.id).into_owned();
        let facts = format!("{}, {how}", units::count(part.line_count, "line"));
        let used = id.len() + facts.len() + sort.len() + 12;
        let title = part.title.as_deref().map(|title| self.style.cut(title, used)).unwrap_or_default();
        let gap = if title.is_empty() { "" } else { "  " };
        format!(
            "{}▣ {sort} {id}{}{gap}{title}  {}({facts}){}\n",
            colors.system, colors.reset, colors.faint, colors.reset
        )
    }
}

impl Rendering for Page {
    fn begin(&mut self, about: &About, out: &mut String) {
        let colors = self.style.colors;
        self.is_part = about.whose.part.is_some();
        self.day = about.started.map(|time| time.to_zoned(self.style.zone.clone()).date());
        if let Some(title) = &about.title {
            out.push_str(&format!("{}{}{}\n", colors.strong, self.style.safe(title), colors.reset));
        }
        let facts = about.facts(&self.style.zone);
        let facts: Vec<_> = facts.iter().map(|fact| self.style.safe(fact)).collect();
        out.push_str(&format!("{}{}{}\n", colors.faint, facts.join(" · "), colors.reset));
        self.last = Last::Speech;
    }

    fn message(&mut self, told: &Told<'_>, out: &mut String) {
        self.put(out, |page, out| page.write(told, out));
    }

    fn part(&mut self, part: &Part, out: &mut String) {
        self.put(out, |page, out| {
            page.gap(Last::Line, out);
            page.call.clear();
            out.push_str(&page.part_line(part, &format!("--part {}", page.style.safe(&part.id))));
        });
    }

    fn open_part(&mut self, part: &Part, out: &mut String) {
        self.put(out, |page, out| {
            page.gap(Last::Speech, out);
            out.push_str(&page.part_line(part, "unfolded"));
        });
        self.depth += 1;
        self.outer.push((self.day.take(), std::mem::take(&mut self.call)));
        self.day = part.started.map(|time| time.to_zoned(self.style.zone.clone()).date());
        self.last = Last::Nothing;
    }

    fn close_part(&mut self, out: &mut String) {
        self.depth = self.depth.saturating_sub(1);
        (self.day, self.call) = self.outer.pop().unwrap_or_default();
        self.put(out, |page, out| {
            let (faint, reset) = (page.style.colors.faint, page.style.colors.reset);
            out.push_str(&format!("{faint}┗━{reset}\n"));
        });
        self.last = Last::Speech;
    }

    fn steps(&mut self, steps: &Steps, out: &mut String) {
        self.put(out, |page, out| {
            page.gap(Last::Line, out);
            let colors = page.style.colors;
            let facts = format!("({}, from #{}; --parts)", units::count(steps.count, "message"), steps.first);
            let about = page.style.cut(&steps.about, facts.len() + 16);
            let gap = if about.is_empty() { "" } else { "  " };
            out.push_str(&format!(
                "{}▣ subagent{}{gap}{about}  {}{facts}{}\n",
                colors.system, colors.reset, colors.faint, colors.reset
            ));
        });
    }

    fn end(&mut self, counts: &Counts, out: &mut String) {
        let mut said = vec![counts.told()];
        if counts.hidden_thinking > 0 {
            said.push(format!("{} of thinking hidden (--thinking)", counts.hidden_thinking));
        }
        if counts.hidden_events > 0 {
            said.push(format!("{} hidden (--events)", units::count(counts.hidden_events, "event")));
        }
        if counts.shown + counts.hidden_thinking + counts.hidden_events == 0 && !counts.is_cut {
            return;
        }
        self.gap(Last::Speech, out);
        let (faint, reset) = (self.style.colors.faint, self.style.colors.reset);
        out.push_str(&format!("{faint}{}{reset}\n", said.join(", ")));
    }
}
