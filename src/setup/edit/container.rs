//! Puts items into JSON objects and arrays, takes them out and changes them, as changes to the text: not a byte is touched
//! that does not belong to the item, but for the comma beside it. Knows nothing of what the items mean.

use std::ops::Range;

use jsonc_parser::ast::Value as Node;
use jsonc_parser::common::Ranged;

use super::style::{Item, Style};

/// A piece of text that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub range: Range<usize>,
    pub text: String,
}

/// Returns `text` with all `splices` done, none of which touches another.
pub(super) fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| splice.range.start);
    let mut result = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for splice in splices {
        result.push_str(&text[at..splice.range.start]);
        result.push_str(&splice.text);
        at = splice.range.end;
    }
    result.push_str(&text[at..]);
    result
}

/// An object or array in a text.
pub(super) struct Container<'a> {
    text: &'a str,
    /// Behind its opening bracket, and at its closing one.
    inside: Range<usize>,
    /// Members with their keys, or elements.
    items: Vec<Range<usize>>,
}

impl<'a> Container<'a> {
    /// Returns the object or array that `node` is in `text`; `None` for anything else.
    pub(super) fn of(text: &'a str, node: &Node<'_>) -> Option<Container<'a>> {
        let ranged = |range: jsonc_parser::common::Range| range.start..range.end;
        let items = match node {
            Node::Object(object) => object.properties.iter().map(|item| ranged(item.range)).collect(),
            Node::Array(array) => array.elements.iter().map(|item| ranged(item.range())).collect(),
            _ => return None,
        };
        let range = node.range();
        Some(Container { text, inside: range.start + 1..range.end - 1, items })
    }

    /// Returns what puts `item` behind all others.
    pub(super) fn push(&self, item: &Item<'_>, style: &Style) -> Vec<Splice> {
        match self.items.last() {
            Some(last) => self.push_behind(last, item, style),
            None => vec![self.push_alone(item, style)],
        }
    }

    fn push_behind(&self, last: &Range<usize>, item: &Item<'_>, style: &Style) -> Vec<Splice> {
        let comma = comma_in(self.text, last.end..self.inside.end);
        let end = comma.map_or(last.end, |comma| comma + 1);
        let trailing = if comma.is_some() { "," } else { "" };
        let Some(indent) = own_line_indent(self.text, last.start) else {
            // Beside the last one, in its manner.
            let is_on_lines = self.text[last.clone()].contains('\n');
            let indent = is_on_lines.then(|| line_indent(self.text, last.start));
            let separator = if comma.is_some() { "" } else { "," };
            let text =
                format!("{separator}{}{}{trailing}", style.space_behind_comma(), item.text(style, indent));
            return vec![Splice { range: end..end, text }];
        };
        // Below the last one, and below what is said of it on its line.
        let place = end_of_line(self.text, end).filter(|place| *place <= self.inside.end).unwrap_or(end);
        let new = format!("{}{indent}{}{trailing}", style.line_end, item.text(style, Some(indent)));
        let added = Splice { range: place..place, text: new };
        match comma {
            Some(_) => vec![added],
            None if place == last.end => {
                vec![Splice { range: place..place, text: format!(",{}", added.text) }]
            }
            None => vec![Splice { range: last.end..last.end, text: ",".to_owned() }, added],
        }
    }

    fn push_alone(&self, item: &Item<'_>, style: &Style) -> Splice {
        let inner = &self.text[self.inside.clone()];
        let said = inner.trim_end();
        let Some(unit) = &style.unit else {
            // What stands on one line stays there, unless a line is broken within.
            let place = self.inside.start + said.len();
            let break_before = if said.is_empty() || !inner.contains('\n') { "" } else { &style.line_end };
            let text = format!("{break_before}{}", item.text(style, None));
            let end = if said.is_empty() { self.inside.end } else { place };
            return Splice { range: place..end, text };
        };
        let outer = line_indent(self.text, self.inside.start - 1);
        let indent = format!("{outer}{unit}");
        let (line_end, place) = (&style.line_end, self.inside.start + said.len());
        let text = item.text(style, Some(&indent));
        if said.is_empty() || !inner[said.len()..].contains('\n') {
            // Nothing but white space, or a comment that ends on the bracket's line.
            let text = format!("{line_end}{indent}{text}{line_end}{outer}");
            return Splice { range: place..self.inside.end, text };
        }
        Splice { range: place..place, text: format!("{line_end}{indent}{text}") }
    }

    /// Returns what takes out the item at `index`.
    pub(super) fn remove(&self, index: usize) -> Vec<Splice> {
        let (text, item) = (self.text, &self.items[index]);
        let next = self.items.get(index + 1).map_or(self.inside.end, |next| next.start);
        let comma = comma_in(text, item.end..next);
        let end = comma.map_or(item.end, |comma| comma + 1);
        let is_blank = |range: Range<usize>| text[range].trim().is_empty();
        let gone = |range: Range<usize>| Splice { range, text: String::new() };
        if self.items.len() == 1 && is_blank(self.inside.start..item.start) && is_blank(end..self.inside.end)
        {
            return vec![gone(self.inside.clone())];
        }
        // With its line, where nothing but it and what is said of it stands there.
        let line_start = own_line_start(text, item.start).filter(|_| end_of_line(text, end).is_some());
        let start = line_start.unwrap_or(item.start);
        let is_last = index + 1 == self.items.len();
        if is_last && comma.is_none() && index > 0 {
            let before = self.items[index - 1].end..item.start;
            let Some(comma) = comma_in(text, before) else { return vec![gone(start..end)] };
            if is_blank(comma + 1..item.start)
                && (line_start.is_some() || !text[comma..item.start].contains('\n'))
            {
                return vec![gone(comma..end)];
            }
            return vec![gone(comma..comma + 1), gone(start..end)];
        }
        if line_start.is_none() && !is_last && is_blank(end..next) {
            return vec![gone(start..next)];
        }
        vec![gone(start..end)]
    }
}

/// Returns where a comma stands in `range`, outside of comments: there is one at most between two items.
fn comma_in(text: &str, range: Range<usize>) -> Option<usize> {
    let mut at = range.start;
    while at < range.end {
        let rest = &text[at..range.end];
        match comment_length(rest) {
            Some(length) => at += length,
            None if rest.starts_with(',') => return Some(at),
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    None
}

/// Returns the bytes of the comment that `text` begins with, the end of its line not counted.
fn comment_length(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find(['\n', '\r']).unwrap_or(text.len()));
    }
    text.starts_with("/*").then(|| text[2..].find("*/").map_or(text.len(), |end| end + 4))
}

/// Returns where the line that `at` is on ends, behind comments, if nothing else follows on it; white space before the
/// line's end is left behind that place.
fn end_of_line(text: &str, at: usize) -> Option<usize> {
    let (mut end, mut place) = (at, at);
    loop {
        let rest = &text[place..];
        place += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        match comment_length(&text[place..]) {
            Some(length) => {
                place += length;
                end = place;
            }
            None => return text[place..].starts_with(['\n', '\r']).then_some(end),
        }
    }
}

/// Returns the white space before `at`, if nothing else stands before it on its line and that is not the first.
fn own_line_indent(text: &str, at: usize) -> Option<&str> {
    let start = text[..at].rfind('\n')? + 1;
    let indent = &text[start..at];
    indent.trim().is_empty().then_some(indent)
}

/// Returns where the end of the line before begins, if `at` has a line of its own.
fn own_line_start(text: &str, at: usize) -> Option<usize> {
    let indent = own_line_indent(text, at)?;
    let line_feed = at - indent.len() - 1;
    Some(if text[..line_feed].ends_with('\r') { line_feed - 1 } else { line_feed })
}

/// Returns the white space that the line begins with on which `at` is.
fn line_indent(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |line_feed| line_feed + 1);
    let line = &text[start..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
