//! Splits a JSON text, as it comes in pieces, into the elements of its lists and what stands around them. Knows tokens by
//! their first bytes alone: whether the text is JSON is for the caller to see to. What lines are made of them is for the
//! caller, too.

use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

/// Takes the id of an element of a list and its text, or none and the text around all lists.
pub(crate) type TakeElement<'a> = &'a mut dyn FnMut(Option<&str>, &[u8]);

/// Hands the elements of `lists` in a JSON text to `take`, and what stands around them last.
pub(crate) fn split(json: &[u8], lists: &[&str], take: TakeElement<'_>) {
    let mut splitter = Splitter::new(lists);
    splitter.push(json, take);
    splitter.finish(take);
}

/// A JSON text on its way through.
pub(crate) struct Splitter<'a> {
    lists: &'a [&'a str],
    /// What is open: objects and lists, the outermost first.
    open: Vec<Open>,
    is_in_string: bool,
    is_escaped: bool,
    /// The last string, where it may be the name of a member near the top.
    string: Vec<u8>,
    /// What is being gathered of an element, without blanks between tokens.
    element: Vec<u8>,
    /// How much is open outside of the element that is being gathered; `None` around lists.
    depth: Option<usize>,
    around: Vec<u8>,
    /// How often each id was given.
    given: HashMap<String, u64>,
}

struct Open {
    is_list: bool,
    /// The path of what it is, as recipes name it; `None` further down than they look.
    path: Option<String>,
    /// The element that is next, of a list that is split.
    next: Option<u64>,
}

/// How many objects a list that is split may lie in.
const DEEPEST_LIST: usize = 4;

/// Names that say what an element is, the best first.
#[derive(Deserialize)]
struct Named {
    id: Option<Value>,
    uuid: Option<Value>,
    #[serde(rename = "messageId")]
    message_id: Option<Value>,
    ts: Option<Value>,
    timestamp: Option<Value>,
}

impl<'a> Splitter<'a> {
    /// Returns a splitter of the elements of `lists`.
    pub(crate) fn new(lists: &'a [&'a str]) -> Splitter<'a> {
        Splitter {
            lists,
            open: Vec::new(),
            is_in_string: false,
            is_escaped: false,
            string: Vec::new(),
            element: Vec::new(),
            depth: None,
            around: Vec::new(),
            given: HashMap::new(),
        }
    }

    /// Takes the next bytes, and hands the elements that are whole to `take`.
    pub(crate) fn push(&mut self, bytes: &[u8], take: TakeElement<'_>) {
        for &byte in bytes {
            if self.is_in_string {
                self.in_string(byte);
            } else {
                self.outside(byte, take);
            }
        }
    }

    fn in_string(&mut self, byte: u8) {
        self.write(byte);
        if !self.is_escaped && byte == b'"' {
            self.is_in_string = false;
        } else if self.depth.is_none() {
            self.string.push(byte);
        }
        self.is_escaped = !self.is_escaped && byte == b'\\';
    }

    fn outside(&mut self, byte: u8, take: TakeElement<'_>) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => return,
            b',' | b']' if self.is_between_elements() => self.end_element(take),
            _ => {}
        }
        match byte {
            b',' if self.is_in_split_list() => return,
            b'{' | b'[' => {
                self.begin_element();
                self.write(byte);
                self.enter(byte == b'[');
                return;
            }
            b'}' | b']' => {
                self.open.pop();
                if self.depth.is_some_and(|depth| self.open.len() < depth) {
                    self.depth = None;
                }
            }
            b'"' => {
                self.begin_element();
                self.is_in_string = true;
                self.string.clear();
            }
            _ => self.begin_element(),
        }
        self.write(byte);
    }

    fn write(&mut self, byte: u8) {
        match self.depth {
            Some(_) => self.element.push(byte),
            None => self.around.push(byte),
        }
    }

    /// Whether what is open innermost is a list that is split.
    fn is_in_split_list(&self) -> bool {
        self.open.last().is_some_and(|open| open.next.is_some())
    }

    fn is_between_elements(&self) -> bool {
        self.is_in_split_list() && !self.element.is_empty()
    }

    fn begin_element(&mut self) {
        if self.depth.is_none() && self.is_in_split_list() {
            self.depth = Some(self.open.len());
        }
    }

    fn enter(&mut self, is_list: bool) {
        let path = if self.depth.is_some() { None } else { self.path() };
        let is_split = is_list && path.as_deref().is_some_and(|path| self.lists.contains(&path));
        self.open.push(Open { is_list, path, next: is_split.then_some(0) });
    }

    /// Returns the path of what begins here.
    fn path(&self) -> Option<String> {
        // Lists are split near the top alone.
        if self.open.len() > DEEPEST_LIST {
            return None;
        }
        let Some(outer) = self.open.last() else { return Some(String::new()) };
        if outer.is_list {
            return None;
        }
        let name = std::str::from_utf8(&self.string).ok()?;
        match outer.path.as_deref()? {
            "" => Some(name.to_owned()),
            outer => Some(format!("{outer}.{name}")),
        }
    }

    /// Hands over the element that ends here.
    fn end_element(&mut self, take: TakeElement<'_>) {
        self.depth = None;
        let Some(open) = self.open.last_mut() else { return };
        let number = open.next.unwrap_or(0);
        open.next = Some(number + 1);
        let path = open.path.clone().unwrap_or_default();
        let own = own_id(&self.element).unwrap_or_else(|| number.to_string());
        let id = if path.is_empty() { own } else { format!("{path}/{own}") };
        let count = self.given.entry(id.clone()).and_modify(|count| *count += 1).or_insert(1);
        let id = if *count > 1 { format!("{id}~{count}") } else { id };
        let element = std::mem::take(&mut self.element);
        take(Some(&id), &element);
    }

    /// Hands over what stands around the lists.
    pub(crate) fn finish(self, take: TakeElement<'_>) {
        take(None, &self.around);
    }
}

/// Returns what an element says that it is called.
fn own_id(element: &[u8]) -> Option<String> {
    if !element.starts_with(b"{") {
        return None;
    }
    let named: Named = serde_json::from_slice(element).ok()?;
    let all = [named.id, named.uuid, named.message_id, named.ts, named.timestamp];
    all.into_iter().flatten().find_map(|value| match value {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns ids and texts of the elements, and what stands around them under no id.
    fn split_in(pieces: &[&[u8]], lists: &[&str]) -> Vec<(Option<String>, String)> {
        let mut told = Vec::new();
        let mut take = |id: Option<&str>, text: &[u8]| {
            told.push((id.map(str::to_owned), String::from_utf8(text.to_vec()).unwrap()));
        };
        let mut splitter = Splitter::new(lists);
        pieces.iter().for_each(|piece| splitter.push(piece, &mut take));
        splitter.finish(&mut take);
        told
    }

    #[test]
    fn wherever_a_text_is_cut_its_elements_are_the_same() {
        let text = br#"{ "m" : [ {"id": "x\\\" ] }", "m": [1]}, [1, [2]], "s,]" , null, -1.5e3 ], "z": {"m": [3], "q": [ ]}, "n": [7]}"#;
        let whole = split_in(&[text], &["m", "z.q"]);
        let own = |id: &str, text: &str| (Some(id.to_owned()), text.to_owned());
        assert_eq!(
            whole,
            [
                own("m/x\\\" ] }", r#"{"id":"x\\\" ] }","m":[1]}"#),
                own("m/1", "[1,[2]]"),
                own("m/2", "\"s,]\""),
                own("m/3", "null"),
                own("m/4", "-1.5e3"),
                (None, r#"{"m":[],"z":{"m":[3],"q":[]},"n":[7]}"#.to_owned()),
            ]
        );
        for cut in 0..text.len() {
            assert_eq!(split_in(&[&text[..cut], &text[cut..]], &["m", "z.q"]), whole, "{cut}");
        }
    }

    #[test]
    fn what_is_no_json_is_split_without_a_panic() {
        for text in ["", "]", "}}", "[,]", "[[", "{\"", "[1", "[\"a\\", ",,", "{]}", "[}1,2]"] {
            split_in(&[text.as_bytes()], &["", "a"]);
        }
    }
}
