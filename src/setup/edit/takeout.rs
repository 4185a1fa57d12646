//! Takes what is ours out of a text that others have changed since: hooks that call us, and values that are still as we
//! set them. What was there before comes back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{Document, nested};
use super::hooks;
use super::text::{BYTE_ORDER_MARK, Unchangeable, is_own_file, with_body};
use crate::agents::settings::{Change, Wanted};

/// What was put into a file, as it is remembered until it is taken out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::setup) enum Placed {
    Hook { path: Vec<String>, element: Value },
    Member { path: Vec<String>, value: Value, is_default: bool },
    File,
}

impl From<&Wanted> for Placed {
    fn from(wanted: &Wanted) -> Placed {
        let owned = |path: &[&str]| path.iter().map(|&key| key.to_owned()).collect();
        match &wanted.change {
            Change::Hook { path, element } => Placed::Hook { path: owned(path), element: element.clone() },
            Change::Member { path, value, is_default } => {
                Placed::Member { path: owned(path), value: value.clone(), is_default: *is_default }
            }
            Change::File { .. } => Placed::File,
        }
    }
}

/// Returns `text` without what was `placed` in its file. `before` is the text before that: what it had in the place of ours
/// comes back, and objects and arrays that it did not have go if nothing else is in them. Of a file that is ours as a whole
/// nothing is left.
///
/// # Errors
///
/// When one of the texts is no JSON.
pub(in crate::setup) fn take_out(
    text: &str,
    before: &str,
    placed: &[Placed],
) -> Result<String, Unchangeable> {
    if placed.contains(&Placed::File) {
        return Ok(if is_own_file(text) { before } else { text }.to_owned());
    }
    let before = before.trim_start_matches(BYTE_ORDER_MARK);
    let before = Document::parse(before)?;
    let mut text = text.to_owned();
    for placed in placed.iter().rev() {
        text = with_body(&text, |body| one(body, &before, placed))?;
    }
    Ok(text)
}

fn one(text: &str, before: &Document<'_>, placed: &Placed) -> Result<String, Unchangeable> {
    match placed {
        Placed::Hook { path, element } => {
            let path = &borrowed(path)[..];
            let was = before.value_at(path).and_then(|array| hooks::first_of_ours(&array, element));
            let text = match was {
                // As it called us before, perhaps by another name.
                Some(former) => hooks::put_back(text, path, element, &former)?,
                None => hooks::take_out(text, path, element)?,
            };
            without_empty(text, before, path)
        }
        Placed::Member { path, value, is_default } => {
            let path = &borrowed(path)[..];
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
        Placed::File => Ok(text.to_owned()),
    }
}

fn borrowed(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
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
