//! How a JSON text is laid out: line ends, steps of indentation, spaces. What is added is written as the rest is.

use jsonc_parser::ast::Value as Node;
use jsonc_parser::common::Ranged;
use serde_json::Value;

/// Steps of indentation where the text has none to follow.
const DEFAULT_UNIT: &str = "  ";

/// The layout of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// `\n` or `\r\n`: as the first line ends.
    pub line_end: String,
    /// One step of indentation; `None` for a text that is all on one line.
    pub unit: Option<String>,
    /// Whether a space stands behind colons and commas.
    is_spaced: bool,
}

impl Style {
    /// Returns the layout of `text`, whose value is `root`; of a text without one, the usual.
    pub(super) fn of(text: &str, root: Option<&Node<'_>>) -> Style {
        let line_end = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let usual =
            Style { line_end: line_end.to_owned(), unit: Some(DEFAULT_UNIT.to_owned()), is_spaced: true };
        let Some(Node::Object(object)) = root else { return usual };
        let Some(first) = object.properties.first() else { return usual };
        let between = &text[first.name.range().end..first.value.range().start];
        let is_spaced = between.ends_with(char::is_whitespace);
        let body = &text[object.range.start..object.range.end];
        let unit = body.contains('\n').then(|| unit_of(text, root.into_iter()).unwrap_or(DEFAULT_UNIT));
        Style { unit: unit.map(str::to_owned), is_spaced, ..usual }
    }

    pub(super) fn space_behind_comma(&self) -> &'static str {
        if self.is_spaced { " " } else { "" }
    }

    /// Writes `value` on lines that are indented by `indent`, or on one line.
    fn write(&self, value: &Value, indent: Option<&str>, out: &mut String) {
        let unit = self.unit.as_deref().unwrap_or(DEFAULT_UNIT);
        let inner = indent.map(|indent| format!("{indent}{unit}"));
        let line = |indent: Option<&str>, out: &mut String| {
            if let Some(indent) = indent {
                out.push_str(&self.line_end);
                out.push_str(indent);
            }
        };
        let separate = |index: usize, out: &mut String| {
            if index > 0 {
                out.push(',');
                if inner.is_none() {
                    out.push_str(self.space_behind_comma());
                }
            }
            line(inner.as_deref(), out);
        };
        match value {
            Value::Object(members) if !members.is_empty() => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    separate(index, out);
                    self.write_key(key, out);
                    self.write(value, inner.as_deref(), out);
                }
                line(indent, out);
                out.push('}');
            }
            Value::Array(elements) if !elements.is_empty() => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    separate(index, out);
                    self.write(element, inner.as_deref(), out);
                }
                line(indent, out);
                out.push(']');
            }
            plain => out.push_str(&plain.to_string()),
        }
    }

    fn write_key(&self, key: &str, out: &mut String) {
        out.push_str(&Value::from(key).to_string());
        out.push(':');
        if self.is_spaced {
            out.push(' ');
        }
    }
}

/// A member, or an element, that is to be written.
pub(super) struct Item<'a> {
    /// `None` for an element.
    pub key: Option<&'a str>,
    pub value: &'a Value,
}

impl Item<'_> {
    /// Returns the item on lines whose first is indented by `indent` already, or on one line.
    pub(super) fn text(&self, style: &Style, indent: Option<&str>) -> String {
        let mut out = String::new();
        if let Some(key) = self.key {
            style.write_key(key, &mut out);
        }
        style.write(self.value, indent, &mut out);
        out
    }
}

/// Returns by how much the first item that has a line of its own is further in than the line that its container begins on.
fn unit_of<'a>(text: &'a str, nodes: impl Iterator<Item = &'a Node<'a>>) -> Option<&'a str> {
    for node in nodes {
        let (first, within): (Option<usize>, Vec<&Node<'_>>) = match node {
            Node::Object(object) => (
                object.properties.first().map(|item| item.range.start),
                object.properties.iter().map(|item| &item.value).collect(),
            ),
            Node::Array(array) => {
                (array.elements.first().map(|item| item.range().start), array.elements.iter().collect())
            }
            _ => continue,
        };
        let outer = indent_at(text, node.range().start);
        let unit = first.filter(|first| text[node.range().start..*first].contains('\n'));
        let unit = unit.and_then(|first| indent_at(text, first).strip_prefix(outer));
        if let Some(unit) = unit.filter(|unit| !unit.is_empty()) {
            return Some(unit);
        }
        if let Some(unit) = unit_of(text, within.into_iter()) {
            return Some(unit);
        }
    }
    None
}

fn indent_at(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |line_feed| line_feed + 1);
    let line = &text[start..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
