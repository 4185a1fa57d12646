//! A JSON text and what stands where in it, by paths of members.

use std::ops::Range;

use jsonc_parser::ast::{ObjectProp, Value as Node};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, parse_to_ast};
use serde_json::Value;

use crate::agents::settings::WITH_COMMENTS;

use super::container::{Container, Splice, spliced};
use super::style::{Item, Style};
use super::text::Unchangeable;

/// A text that was understood.
pub(super) struct Document<'a> {
    pub text: &'a str,
    /// `None`: nothing but white space and comments.
    pub root: Option<Node<'a>>,
    pub style: Style,
}

impl<'a> Document<'a> {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// When it is no JSON, or no object.
    pub(super) fn parse(text: &'a str) -> Result<Document<'a>, Unchangeable> {
        let document = Document::parse_any(text)?;
        match &document.root {
            Some(root) if root.as_object().is_none() => {
                Err(Unchangeable("it is JSON, but no object".to_owned()))
            }
            _ => Ok(document),
        }
    }

    /// Reads a text of any value.
    ///
    /// # Errors
    ///
    /// When it is no JSON.
    pub(super) fn parse_any(text: &'a str) -> Result<Document<'a>, Unchangeable> {
        let parsed = parse_to_ast(text, &CollectOptions::default(), &WITH_COMMENTS);
        let root = match parsed {
            Ok(parsed) => parsed.value,
            Err(error) => {
                let line = text[..error.range().start.min(text.len())].matches('\n').count() + 1;
                return Err(Unchangeable(format!("line {line} is no valid JSON")));
            }
        };
        let style = Style::of(text, root.as_ref());
        Ok(Document { text, root, style })
    }

    /// Returns what stands at `path`.
    pub(super) fn node_at(&self, path: &[&str]) -> Option<&Node<'a>> {
        path.iter().try_fold(self.root.as_ref()?, |node, key| member(node, key).map(|member| &member.value))
    }

    /// Returns the value at `path`.
    pub(super) fn value_at(&self, path: &[&str]) -> Option<Value> {
        self.node_at(path).map(value_of)
    }

    /// Returns the object or array at `path`, to be changed.
    pub(super) fn container_at(&self, path: &[&str]) -> Option<Container<'a>> {
        Container::of(self.text, self.node_at(path)?)
    }

    /// Returns the text with `value` at `path`, and with the objects on the way that are missing.
    ///
    /// # Errors
    ///
    /// When something on the way is no object.
    pub(super) fn with_value(&self, path: &[&str], value: &Value) -> Result<String, Unchangeable> {
        let Some(root) = &self.root else {
            let said = self.text.trim_end();
            let line_end = &self.style.line_end;
            let separator = if said.is_empty() { "" } else { line_end };
            let text = Item { key: None, value: &nested(path, value) }.text(&self.style, Some(""));
            return Ok(format!("{said}{separator}{text}{line_end}"));
        };
        let mut node = root;
        for (depth, key) in path.iter().enumerate() {
            if is_null(node) {
                return Ok(self.replaced(node, &nested(&path[depth..], value)));
            }
            let container = node.as_object().and_then(|_| Container::of(self.text, node));
            let Some(container) = container else { return Err(not_an_object(&path[..depth])) };
            match member(node, key) {
                Some(member) => node = &member.value,
                None => {
                    let value = nested(&path[depth + 1..], value);
                    let item = Item { key: Some(key), value: &value };
                    return Ok(spliced(self.text, container.push(&item, &self.style)));
                }
            }
        }
        if value_of(node) == *value {
            return Ok(self.text.to_owned());
        }
        Ok(self.replaced(node, value))
    }

    /// Returns the text with `value` instead of `node`.
    fn replaced(&self, node: &Node<'_>, value: &Value) -> String {
        spliced(self.text, vec![self.replacement(node, value)])
    }

    /// Returns what puts `value` in the place of `node`.
    pub(super) fn replacement(&self, node: &Node<'_>, value: &Value) -> Splice {
        let range = range_of(node);
        let start = self.text[..range.start].rfind('\n').map_or(0, |line_feed| line_feed + 1);
        let line = &self.text[start..range.start];
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let indent = self.style.unit.is_some().then_some(indent);
        let text = Item { key: None, value }.text(&self.style, indent);
        Splice { range, text }
    }

    /// Returns the text without the member at `path`.
    pub(super) fn without(&self, path: &[&str]) -> String {
        let Some((key, above)) = path.split_last() else { return self.text.to_owned() };
        let object = self.node_at(above).and_then(Node::as_object);
        let index =
            object.and_then(|object| object.properties.iter().rposition(|item| item.name.as_str() == *key));
        match (index, self.container_at(above)) {
            (Some(index), Some(container)) => spliced(self.text, container.remove(index)),
            _ => self.text.to_owned(),
        }
    }
}

/// Returns the member that an object has under `key`; of several the last, which is the one that counts.
pub(super) fn member<'a, 'b>(node: &'b Node<'a>, key: &str) -> Option<&'b ObjectProp<'a>> {
    node.as_object()?.properties.iter().rfind(|item| item.name.as_str() == key)
}

pub(super) fn value_of(node: &Node<'_>) -> Value {
    node.clone().into()
}

pub(super) fn is_null(node: &Node<'_>) -> bool {
    node.as_null_keyword().is_some()
}

pub(super) fn not_an_object(path: &[&str]) -> Unchangeable {
    Unchangeable(format!("\"{}\" is no object", path.join(".")))
}

fn range_of(node: &Node<'_>) -> Range<usize> {
    let range = node.range();
    range.start..range.end
}

/// Returns `value` below objects with one member each.
pub(super) fn nested(path: &[&str], value: &Value) -> Value {
    path.iter().rev().fold(value.clone(), |value, key| {
        let mut object = serde_json::Map::new();
        object.insert((*key).to_owned(), value);
        Value::Object(object)
    })
}
