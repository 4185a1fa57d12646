//! Takes what is ours out of a text that others have changed since: hooks that call us, and values that are still as we
//! set them. What was there before comes back.

use serde_json::Value;

use super::document::{Document, nested};
use super::{Unchangeable, hooks, with_body};
use crate::agents::settings::{Change, Wanted};

/// Returns `text` without what is `wanted` of its file. `before` is the text before it was brought in: what that had in the
/// place of ours comes back, and objects and arrays that it did not have go if nothing else is in them.
///
/// # Errors
///
/// When one of the texts is no JSON.
pub(in crate::setup) fn take_out(text: &str, before: &str, wanted: &[Wanted]) -> Result<String, Unchangeable> {
    let before = before.trim_start_matches(super::BYTE_ORDER_MARK);
    let before = Document::parse(before)?;
    let mut text = text.to_owned();
    for wanted in wanted.iter().rev() {
        text = with_body(&text, |body| one(body, &before, &wanted.change))?;
    }
    Ok(text)
}

fn one(text: &str, before: &Document<'_>, change: &Change) -> Result<String, Unchangeable> {
    match change {
        Change::Hook { path, element } => {
            let was = before.value_at(path).and_then(|array| hooks::first_of_ours(&array, element));
            let text = match was {
                // As it called us before, perhaps by another name.
                Some(former) => hooks::put_back(text, path, element, &former)?,
                None => hooks::take_out(text, path, element)?,
            };
            without_empty(text, before, path)
        }
        Change::Member { path, value, is_default } => {
            let document = Document::parse(text)?;
            let is_as_we_left_it = document.value_at(path).as_ref() == Some(value);
            if !is_as_we_left_it || (*is_default && has_more_than(&document, path, value)) {
                return Ok(text.to_owned());
            }
            match before.value_at(path) {
                Some(former) => document.with_value(path, &former),
                None => {
                    let shorter = document.without(path);
                    without_empty(shorter, before, &path[..path.len().saturating_sub(1)])
                }
            }
        }
        Change::File { .. } => Ok(text.to_owned()),
    }
}

/// Returns whether anything but one value stands in a text.
fn has_more_than(document: &Document<'_>, path: &[&str], value: &Value) -> bool {
    document.value_at(&[]).is_some_and(|all| all != nested(path, value))
}

/// Returns the text without what stands at `path` and above it, as long as that is empty and was not there before.
fn without_empty(mut text: String, before: &Document<'_>, path: &[&str]) -> Result<String, Unchangeable> {
    for depth in (1..=path.len()).rev() {
        let path = &path[..depth];
        let shorter = {
            let document = Document::parse(&text)?;
            let is_empty = document.value_at(path).is_some_and(|value| match value {
                Value::Object(members) => members.is_empty(),
                Value::Array(elements) => elements.is_empty(),
                _ => false,
            });
            if !is_empty || before.node_at(path).is_some() {
                break;
            }
            document.without(path)
        };
        text = shorter;
    }
    Ok(text)
}
