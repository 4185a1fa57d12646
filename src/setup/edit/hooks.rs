//! Hooks of ours in an array of hooks: added where there is none, brought up to date where there is an older one, and left
//! once where there are several. Hooks of others stay as they are.

use jsonc_parser::ast::Value as Node;
use serde_json::Value;

use super::container::{Container, Splice, spliced};
use super::document::{Document, is_null, member, value_of};
use super::style::Item;
use super::text::Unchangeable;
use crate::agents::settings::{hook_program, with_program};

/// Returns `text` with the hook of ours that is in `element`, in the array at `path`.
///
/// # Errors
///
/// When the text is no JSON, or when something that is no array, or no object on the way to it, stands there.
pub(super) fn bring_in(text: &str, path: &[&str], element: &Value) -> Result<String, Unchangeable> {
    let Some(wanted) = hook_in(element) else { return Ok(text.to_owned()) };
    let mut text = text.to_owned();
    // Each round takes out one that is there twice.
    while let Some(shorter) = without_double(&text, path, &wanted)? {
        text = shorter;
    }
    let document = Document::parse(&text)?;
    let Some(array) = document.node_at(path).filter(|node| !is_null(node)) else {
        return document.with_value(path, &Value::Array(vec![element.clone()]));
    };
    let Some(elements) = array.as_array() else {
        return Err(Unchangeable(format!("\"{}\" is no array", path.join("."))));
    };
    if ours_in(&elements.elements, &wanted).is_empty() {
        let item = Item { key: None, value: element };
        let container = Container::of(&text, array);
        let splices = container.map(|array| array.push(&item, &document.style)).unwrap_or_default();
        return Ok(spliced(&text, splices));
    }
    // Each round changes one thing.
    while let Some(newer) =
        with_next(&text, path, |document, hook| next_change(document, hook, &wanted), &wanted)?
    {
        text = newer;
    }
    Ok(text)
}

/// Returns the text with the first change that `change` has for a hook of ours in the array at `path`; `None` if it has
/// none.
fn with_next(
    text: &str,
    path: &[&str],
    change: impl Fn(&Document<'_>, &Node<'_>) -> Vec<Splice>,
    wanted: &serde_json::Map<String, Value>,
) -> Result<Option<String>, Unchangeable> {
    let document = Document::parse(text)?;
    let Some(Node::Array(array)) = document.node_at(path) else { return Ok(None) };
    let changes = ours_in(&array.elements, wanted).into_iter().map(|ours| change(&document, ours.hook));
    Ok(changes.into_iter().find(|splices| !splices.is_empty()).map(|splices| spliced(text, splices)))
}

/// Returns the first hook in an array that calls us as the one in `element` does.
pub(super) fn first_of_ours(array: &Value, element: &Value) -> Option<Value> {
    let wanted = hook_in(element)?;
    let text = array.to_string();
    let parsed = Document::parse_any(&text).ok()?;
    let found = ours_in(&parsed.root.as_ref()?.as_array()?.elements, &wanted).into_iter().next();
    found.map(|ours| value_of(ours.hook))
}

/// Returns the text with the hooks of ours in the array at `path` as `former` was.
pub(super) fn put_back(
    text: &str,
    path: &[&str],
    element: &Value,
    former: &Value,
) -> Result<String, Unchangeable> {
    let Some(wanted) = hook_in(element) else { return Ok(text.to_owned()) };
    let differs = |hook: &Node<'_>| value_of(hook) != *former;
    let change = |document: &Document<'_>, hook: &Node<'_>| {
        differs(hook).then(|| document.replacement(hook, former)).into_iter().collect()
    };
    Ok(with_next(text, path, change, &wanted)?.unwrap_or_else(|| text.to_owned()))
}

/// A hook of ours in an array.
struct Ours<'a, 'b> {
    hook: &'b Node<'a>,
    /// What the element that it is in, or it itself, says of when it is called; empty: always.
    matcher: String,
    /// Where it is: indices of elements and keys of members, below the array.
    place: Vec<Step>,
}

/// One step down into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Element(usize),
    Member(String),
}

/// Returns the members of the hook that is in `element`.
fn hook_in(element: &Value) -> Option<serde_json::Map<String, Value>> {
    match element {
        Value::Object(members) if members.values().any(calls_us) => Some(members.clone()),
        Value::Object(members) => members.values().find_map(hook_in),
        Value::Array(elements) => elements.iter().find_map(hook_in),
        _ => None,
    }
}

fn calls_us(value: &Value) -> bool {
    value.as_str().is_some_and(|text| hook_program(text).is_some())
}

/// Returns whether an object is a hook of ours: it calls us by a member by which the wanted hook does.
fn is_ours(node: &Node<'_>, wanted: &serde_json::Map<String, Value>) -> bool {
    let keys = wanted.iter().filter(|(_, value)| calls_us(value)).map(|(key, _)| key);
    keys.filter_map(|key| member(node, key)).any(|member| calls_us(&value_of(&member.value)))
}

/// Returns the hooks of ours in an array's elements, at whatever depth.
fn ours_in<'a, 'b>(elements: &'b [Node<'a>], wanted: &serde_json::Map<String, Value>) -> Vec<Ours<'a, 'b>> {
    let mut found = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let matcher = member(element, "matcher").map(|matcher| value_of(&matcher.value));
        // As the agents read it: nothing, an empty text and a star mean any.
        let matcher = match matcher {
            None => String::new(),
            Some(Value::String(text)) if matches!(text.as_str(), "" | "*") => String::new(),
            Some(other) => other.to_string(),
        };
        descend(element, &mut vec![Step::Element(index)], &matcher, wanted, &mut found);
    }
    found
}

fn descend<'a, 'b>(
    node: &'b Node<'a>,
    place: &mut Vec<Step>,
    matcher: &str,
    wanted: &serde_json::Map<String, Value>,
    found: &mut Vec<Ours<'a, 'b>>,
) {
    if is_ours(node, wanted) {
        return found.push(Ours { hook: node, matcher: matcher.to_owned(), place: place.clone() });
    }
    let mut below = |node: &'b Node<'a>, step: Step, found: &mut Vec<Ours<'a, 'b>>| {
        place.push(step);
        descend(node, place, matcher, wanted, found);
        place.pop();
    };
    match node {
        Node::Object(object) => object
            .properties
            .iter()
            .for_each(|item| below(&item.value, Step::Member(item.name.as_str().to_owned()), found)),
        Node::Array(array) => array
            .elements
            .iter()
            .enumerate()
            .for_each(|(index, element)| below(element, Step::Element(index), found)),
        _ => {}
    }
}

/// Returns the text without one hook of ours that another one of ours makes needless; `None` if there is no such hook.
fn without_double(
    text: &str,
    path: &[&str],
    wanted: &serde_json::Map<String, Value>,
) -> Result<Option<String>, Unchangeable> {
    let document = Document::parse(text)?;
    let Some(Node::Array(array)) = document.node_at(path) else { return Ok(None) };
    let ours = ours_in(&array.elements, wanted);
    let makes_needless = |index: usize| {
        ours.iter().enumerate().any(|(other, kept)| {
            let is_first = other < index;
            let is_same = kept.matcher == ours[index].matcher;
            (is_first && is_same) || (kept.matcher.is_empty() && !ours[index].matcher.is_empty())
        })
    };
    let double = (0..ours.len()).find(|&index| makes_needless(index));
    Ok(double.map(|index| without(&document, path, &ours[index].place)))
}

/// Returns the text without all hooks in the array at `path` that call us as the one in `element` does, and without the
/// elements that held nothing else.
pub(super) fn take_out(text: &str, path: &[&str], element: &Value) -> Result<String, Unchangeable> {
    let Some(wanted) = hook_in(element) else { return Ok(text.to_owned()) };
    let mut text = text.to_owned();
    loop {
        let shorter = {
            let document = Document::parse(&text)?;
            let Some(Node::Array(array)) = document.node_at(path) else { break };
            let ours = ours_in(&array.elements, &wanted);
            let Some(first) = ours.first() else { break };
            without(&document, path, &first.place)
        };
        text = shorter;
    }
    Ok(text)
}

/// Returns the text without the hook at `place` below the array at `path`, and without the element that held it alone.
fn without(document: &Document<'_>, path: &[&str], place: &[Step]) -> String {
    // Up as long as nothing else is there.
    let mut place = place.to_vec();
    while place.len() > 1 {
        let above = &place[..place.len() - 1];
        let is_alone = match node_below(document.node_at(path), above) {
            Some(Node::Array(array)) => array.elements.len() == 1,
            // What says when the hooks are called says nothing without hooks.
            Some(Node::Object(object)) => {
                object.properties.iter().filter(|item| item.name.as_str() != "matcher").count() == 1
            }
            _ => false,
        };
        if !is_alone {
            break;
        }
        place.pop();
    }
    let Some((last, above)) = place.split_last() else { return document.text.to_owned() };
    let node = node_below(document.node_at(path), above);
    let index = match (last, node) {
        (Step::Element(index), _) => Some(*index),
        (Step::Member(key), Some(Node::Object(object))) => {
            object.properties.iter().position(|item| item.name.as_str() == key)
        }
        _ => None,
    };
    let container = node.and_then(|node| Container::of(document.text, node));
    match (index, container) {
        (Some(index), Some(container)) => spliced(document.text, container.remove(index)),
        _ => document.text.to_owned(),
    }
}

fn node_below<'a, 'b>(node: Option<&'b Node<'a>>, place: &[Step]) -> Option<&'b Node<'a>> {
    place.iter().try_fold(node?, |node, step| match (step, node) {
        (Step::Element(index), Node::Array(array)) => array.elements.get(*index),
        (Step::Member(key), Node::Object(object)) => {
            object.properties.iter().find(|item| item.name.as_str() == key).map(|item| &item.value)
        }
        _ => None,
    })
}

/// Returns what brings one member of a hook of ours nearer to the wanted one, nothing where all are: a text becomes the
/// same, a number is only raised, a command that does more than call us gets the program alone.
fn next_change(
    document: &Document<'_>,
    hook: &Node<'_>,
    wanted: &serde_json::Map<String, Value>,
) -> Vec<Splice> {
    for (key, value) in wanted {
        let Some(member) = member(hook, key) else {
            let item = Item { key: Some(key), value };
            let container = Container::of(document.text, hook);
            return container.map(|container| container.push(&item, &document.style)).unwrap_or_default();
        };
        let now = value_of(&member.value);
        let becomes = match (&now, value) {
            (Value::Number(now), Value::Number(least)) if now.as_f64() >= least.as_f64() => continue,
            (Value::String(now), Value::String(line)) if calls_us(value) => {
                Value::String(with_program(now, line).unwrap_or_else(|| line.clone()))
            }
            _ => value.clone(),
        };
        if now != becomes {
            return vec![document.replacement(&member.value, &becomes)];
        }
    }
    Vec::new()
}
