//! One message as an article of a page: who, when and what, folded where it is long and seldom read.
//!
//! In comes a message with the place of its permalink, out goes markup. Whatever it says goes through [`escape`] or
//! [`prose`]; classes and ids are made of names that the program knows, and of numbers.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use maud::{Markup, PreEscaped, html};
use serde_json::Value;

use super::escape::{self, Body, Field};
use super::{highlight, prose};
use crate::message::{Kind, Mark, Role};
use crate::view::call::{self, Edit, Side};
use crate::view::reading::Told;

/// Bytes of one text that are shown unless all is asked for: more is a dump that nobody reads in a browser.
const MOST_BYTES: usize = 128 << 10;

/// Bytes of a line that stands for what is folded.
const LINE_BYTES: usize = 240;

/// How messages are shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// Everything: events that say nothing to people, and texts of whatever length.
    pub is_full: bool,
}

impl Look {
    /// Returns whether a page shows such a message at all.
    pub(super) fn shows(self, told: &Told<'_>) -> bool {
        let message = told.message;
        let is_telling = || [Mark::Damaged, Mark::Compaction].iter().any(|mark| message.marks.has(*mark));
        let is_empty =
            || message.text.is_empty() && message.kind != Kind::ToolCall && message.kind != Kind::ToolResult;
        self.is_full || if message.kind == Kind::Event { is_telling() } else { !is_empty() }
    }
}

/// Appends the message to `out`. `place` is the id of its element; `model` is what answered, where that is worth saying.
pub(super) fn push(told: &Told<'_>, place: &str, look: Look, model: Option<&str>, out: &mut String) {
    let message = told.message;
    let tool = tool(told);
    let mut classes = format!("m {} {}", message.role.name(), message.kind.name());
    for mark in message.marks.iter().filter(|mark| *mark != Mark::Injected) {
        classes.push(' ');
        classes.push_str(mark.name());
    }
    let tool_name = tool.as_deref().map(escape::attribute);
    let opening = html! { article class=(classes) id=(place) data-tool=[tool_name] {} }.into_string();
    out.push_str(opening.strip_suffix("</article>").unwrap_or_default());
    let is_long = |text: &str| text.len() > 600;
    match message.kind {
        Kind::Text => {
            let is_folded =
                message.marks.has(Mark::Injected) || (message.role == Role::System && is_long(&told.text()));
            if is_folded {
                fold(told, place, role_name(message.role), None, out, |out| push_markdown(told, look, out));
            } else {
                push_head(told, place, model, out);
                push_markdown(told, look, out);
            }
        }
        Kind::Thinking => fold(told, place, "Thinking", None, out, |out| push_markdown(told, look, out)),
        Kind::Summary => fold(told, place, "Summary", None, out, |out| push_markdown(told, look, out)),
        Kind::ToolCall => push_call(told, place, tool.as_deref().unwrap_or("tool"), look, out),
        Kind::ToolResult => push_result(told, place, tool.as_deref(), look, out),
        Kind::Image => {
            push_head(told, place, model, out);
            push_image(told, out);
        }
        Kind::Event => {
            let name = told.name();
            fold(told, place, if name.is_empty() { "event" } else { &name }, None, out, |out| {
                push_plain(&told.text(), look, out);
            });
        }
    }
    out.push_str("</article>\n");
}

/// Returns the tool of a call or a result, as people say it.
fn tool(told: &Told<'_>) -> Option<String> {
    let is_tool = matches!(told.message.kind, Kind::ToolCall | Kind::ToolResult);
    let name = if is_tool { told.name() } else { Cow::Borrowed("") };
    (!name.is_empty()).then(|| call::tool_name(&name).into_owned())
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "User",
        Role::Assistant => "Assistant",
        Role::Tool => "Tool",
        Role::System => "System",
    }
}

/// Returns what stands behind the name: marks, failure, time, permalink.
fn tags(told: &Told<'_>) -> Markup {
    let message = told.message;
    html! {
        @for mark in message.marks.iter() { " " span.tag { (mark.name()) } }
        @if let Some(code) = message.outcome.exit_code.filter(|code| *code != 0) {
            " " span.tag.bad { "exit " (code) }
        } @else if message.outcome.failed() {
            " " span.tag.bad { "error" }
        }
    }
}

fn permalink(told: &Told<'_>, place: &str) -> Markup {
    let time = told.message.time.map(|time| TimeZone::system().to_datetime(time));
    html! {
        " " a.i href={ "#" (place) } title=[time.map(|time| format!("{time:.0}"))] {
            @if let Some(time) = time { (format_args!("{:02}:{:02} ", time.hour(), time.minute())) }
            "#" (told.message.index)
        }
    }
}

fn push_head(told: &Told<'_>, place: &str, model: Option<&str>, out: &mut String) {
    let head = html! {
        header {
            b { (role_name(told.message.role)) }
            @if let Some(model) = model { " " span { (Field(model)) } }
            (tags(told)) (permalink(told, place))
        }
    };
    out.push_str(&head.into_string());
}

/// Appends what `push` appends, folded behind a line that names it: `line`, or the beginning of the text.
fn fold(
    told: &Told<'_>,
    place: &str,
    name: &str,
    line: Option<&str>,
    out: &mut String,
    push: impl FnOnce(&mut String),
) {
    let line = match line {
        Some(line) => line.to_owned(),
        None => beginning(&told.text()).into_owned(),
    };
    let summary = html! {
        summary {
            b { (Field(name)) }
            " " span.t { (Field(&line)) }
            (tags(told)) (permalink(told, place))
        }
    };
    out.push_str("<details>");
    out.push_str(&summary.into_string());
    push(out);
    out.push_str("</details>");
}

/// Returns the beginning of the first line that says something.
pub(super) fn beginning(text: &str) -> Cow<'_, str> {
    let line = text.trim_start().lines().next().unwrap_or("").trim_end();
    match cut(line, LINE_BYTES) {
        (line, 0) => Cow::Borrowed(line),
        (line, _) => Cow::Owned(format!("{line}…")),
    }
}

/// Returns at most `most` bytes of `text`, whole characters, and how many bytes are left.
fn cut(text: &str, most: usize) -> (&str, usize) {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    (&text[..end], text.len() - end)
}

impl Look {
    fn cut(self, text: &str) -> (&str, usize) {
        cut(text, if self.is_full { usize::MAX } else { MOST_BYTES })
    }
}

fn push_markdown(told: &Told<'_>, look: Look, out: &mut String) {
    let text = told.text();
    let (shown, left) = look.cut(&text);
    out.push_str("<div class=\"b\" dir=\"auto\">");
    prose::push(shown, out);
    push_left(left, out);
    out.push_str("</div>");
}

fn push_plain(text: &str, look: Look, out: &mut String) {
    let (shown, left) = look.cut(text);
    let plain = call::plain(shown);
    out.push_str("<pre dir=\"auto\">");
    if is_diff(&plain) {
        highlight::push_diff(&plain, out);
    } else {
        escape::push(&plain, out);
    }
    out.push_str("</pre>");
    push_left(left, out);
}

/// Appends how much of a text is not shown.
fn push_left(left: usize, out: &mut String) {
    if left > 0 {
        let size = crate::report::units::size(left as u64);
        out.push_str(&html! { p.foot { (size) " more; exported whole with --full" } }.into_string());
    }
}

fn is_diff(text: &str) -> bool {
    text.starts_with("diff --git ") || text.starts_with("--- a/") || text.starts_with("Index: ")
}

fn push_call(told: &Told<'_>, place: &str, tool: &str, look: Look, out: &mut String) {
    let input = told.text();
    let argument = call::argument(&input);
    let (line, left) = cut(&argument, LINE_BYTES);
    let line = if left > 0 { format!("{line}…") } else { line.to_owned() };
    fold(told, place, tool, Some(&line), out, |out| {
        let edits = call::edits(&told.name(), &input);
        if edits.is_empty() {
            push_input(&input, look, out);
        } else {
            edits.iter().for_each(|edit| push_edit(edit, look, out));
        }
    });
}

fn push_edit(edit: &Edit, look: Look, out: &mut String) {
    if !edit.path.is_empty() {
        out.push_str(&html! { div { code { (Field(&edit.path)) } } }.into_string());
    }
    out.push_str("<pre dir=\"ltr\">");
    let mut room = if look.is_full { usize::MAX } else { MOST_BYTES };
    for line in &edit.lines {
        let (class, sign) = match line.side {
            Side::Kept => (None, " "),
            Side::Removed => (Some("d"), "-"),
            Side::Added => (Some("a"), "+"),
            Side::Between => (Some("h"), ""),
        };
        if line.text.len() > room {
            out.push('…');
            break;
        }
        room -= line.text.len();
        if let Some(class) = class {
            out.push_str("<i class=\"");
            out.push_str(class);
            out.push_str("\">");
        }
        out.push_str(sign);
        escape::push(&line.text, out);
        out.push_str(if class.is_some() { "\n</i>" } else { "\n" });
    }
    out.push_str("</pre>");
}

/// Appends what a tool was called with: the members of an object one by one, texts as they read.
fn push_input(input: &str, look: Look, out: &mut String) {
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(input) else {
        return push_plain(input, look, out);
    };
    let path =
        ["file_path", "path", "filePath"].iter().find_map(|key| members.get(*key)?.as_str()).unwrap_or("");
    out.push_str("<dl class=\"args\">");
    for (key, value) in &members {
        out.push_str(&html! { dt { (Field(key)) } }.into_string());
        out.push_str("<dd>");
        let language = match key.as_str() {
            "command" | "cmd" | "script" => "sh",
            "content" | "contents" | "code" | "file_text" => path.rsplit('.').next().unwrap_or(""),
            _ => "",
        };
        match value {
            Value::String(text) if language.is_empty() && !text.contains('\n') => {
                let (shown, left) = look.cut(text);
                escape::push(shown, out);
                push_left(left, out);
            }
            Value::String(text) => {
                let (shown, left) = look.cut(text);
                prose::block(language, shown, out);
                push_left(left, out);
            }
            Value::Array(_) | Value::Object(_) => {
                let text = serde_json::to_string_pretty(value).unwrap_or_default();
                let (shown, left) = look.cut(&text);
                prose::block("json", shown, out);
                push_left(left, out);
            }
            other => out.push_str(&html! { (Body(&other.to_string())) }.into_string()),
        }
        out.push_str("</dd>");
    }
    out.push_str("</dl>");
}

fn push_result(told: &Told<'_>, place: &str, tool: Option<&str>, look: Look, out: &mut String) {
    let text = told.text();
    let output = call::output(&text);
    let first = call::plain(cut(&output, 2 * LINE_BYTES).0).into_owned();
    let line = beginning(&first);
    let line = if line.is_empty() { Cow::Borrowed("no output") } else { line };
    let name = tool.map_or(Cow::Borrowed("Result"), |tool| Cow::Owned(format!("↳ {tool}")));
    fold(told, place, &name, Some(&line), out, |out| push_plain(&output, look, out));
}

/// Media types whose data a browser draws and never runs.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// Appends the picture itself, where it stands in the message and is of a sort that cannot hold a program; else what it is.
fn push_image(told: &Told<'_>, out: &mut String) {
    let (media, data) = (told.message.media.of(told.bytes), told.text());
    let (media, base64) = match data.strip_prefix("data:").and_then(|rest| rest.split_once(',')) {
        Some((kind, data)) => (Cow::Borrowed(kind.strip_suffix(";base64").unwrap_or("")), data),
        None => (media, &*data),
    };
    let is_base64 = !base64.is_empty()
        && base64.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    let picture = PICTURES.iter().find(|known| **known == media).filter(|_| is_base64);
    let label = call::image_label(&media, data.as_bytes());
    let markup = match picture {
        Some(media) => html! {
            img loading="lazy" decoding="async" alt=(escape::attribute(&label))
                src={ "data:" (media) ";base64," (PreEscaped(base64)) };
        },
        None => html! { p { "🖼 " (Field(&beginning(&label))) } },
    };
    out.push_str(&markup.into_string());
}
