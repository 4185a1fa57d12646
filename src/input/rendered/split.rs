//! Splits a JSON text, as it comes in pieces, into the elements of its lists and what stands around them. Knows tokens by
//! their first bytes alone: whether the text is JSON is for the caller to see to. What lines are made of them is for the
//! caller, too.

use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;

use crate::error::Result;

/// A value or an element of more bytes is not held. As long as what the masker looks at as a whole.
pub(crate) const LONG_BYTES: u64 = 4 << 20;

/// Takes what a source is told in, some bytes at a time. An error ends it.
pub(crate) type Take<'a> = &'a mut dyn FnMut(&[u8]) -> Result<()>;

/// Takes the id of an element of a list and its text, or none and the text around all lists.
pub(crate) type TakeElement<'a> = &'a mut dyn FnMut(Option<&str>, Element<'_>) -> Result<()>;

/// What is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Element<'a> {
    /// Its text, without blanks between tokens.
    Text(&'a [u8]),
    /// Too much to be held: where in the JSON text it stands.
    Long(Range<u64>),
    /// Around the lists is too much to be held: so many bytes.
    LongAround(u64),
}

/// Returns what an element that stands in this range says that it is called.
pub(crate) type NameAt<'a> = &'a dyn Fn(Range<u64>) -> Option<String>;

/// A JSON text on its way through.
pub(crate) struct Splitter<'a> {
    lists: &'a [&'a str],
    name_at: NameAt<'a>,
    /// What is gathered around lists is taken out bit by bit.
    is_around_taken: bool,
    /// Bytes that were pushed.
    at: u64,
    /// What is open: objects and lists, the outermost first.
    open: Vec<Open>,
    is_in_string: bool,
    is_escaped: bool,
    /// The last string, where it may be the name of a member near the top.
    string: Vec<u8>,
    /// What is being gathered of an element, without blanks between tokens.
    element: Vec<u8>,
    /// Where it begins and, so far, ends; empty between two.
    range: Range<u64>,
    /// How much is open outside of the element that is being gathered; `None` around lists.
    depth: Option<usize>,
    around: Vec<u8>,
    around_bytes: u64,
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

/// The name of no list has so many bytes.
const LONGEST_NAME: usize = 1 << 10;

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
    /// Returns a splitter of the elements of `lists`; `name_at` is asked for those that are too much to be held.
    pub(crate) fn new(lists: &'a [&'a str], name_at: NameAt<'a>) -> Splitter<'a> {
        Splitter {
            lists,
            name_at,
            is_around_taken: false,
            at: 0,
            open: Vec::new(),
            is_in_string: false,
            is_escaped: false,
            string: Vec::new(),
            element: Vec::new(),
            range: 0..0,
            depth: None,
            around: Vec::new(),
            around_bytes: 0,
            given: HashMap::new(),
        }
    }

    /// Returns one of which only what stands around lists is wanted: by [`Splitter::take_around`], bit by bit.
    pub(crate) fn of_around(lists: &'a [&'a str]) -> Splitter<'a> {
        Splitter { is_around_taken: true, ..Splitter::new(lists, &|_| None) }
    }

    /// Returns what stands around lists in what was pushed since this was asked last.
    pub(crate) fn take_around(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.around)
    }

    /// Takes the next bytes, and hands the elements that are whole to `take`.
    ///
    /// # Errors
    ///
    /// That of `take`.
    pub(crate) fn push(&mut self, bytes: &[u8], take: TakeElement<'_>) -> Result<()> {
        for &byte in bytes {
            if self.is_in_string {
                self.in_string(byte);
            } else {
                self.outside(byte, take)?;
            }
            self.at += 1;
        }
        Ok(())
    }

    fn in_string(&mut self, byte: u8) {
        self.write(byte);
        if !self.is_escaped && byte == b'"' {
            self.is_in_string = false;
        } else if self.depth.is_none() && self.string.len() < LONGEST_NAME {
            self.string.push(byte);
        }
        self.is_escaped = !self.is_escaped && byte == b'\\';
    }

    fn outside(&mut self, byte: u8, take: TakeElement<'_>) -> Result<()> {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => return Ok(()),
            b',' | b']' if self.is_between_elements() => self.end_element(take)?,
            _ => {}
        }
        match byte {
            b',' if self.is_in_split_list() => return Ok(()),
            b'{' | b'[' => {
                self.begin_element();
                self.write(byte);
                self.enter(byte == b'[');
                return Ok(());
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
        Ok(())
    }

    fn write(&mut self, byte: u8) {
        let (gathered, is_whole) = match self.depth {
            Some(_) => {
                self.range.end = self.at + 1;
                let is_whole = !self.is_around_taken && !self.is_element_long();
                (&mut self.element, is_whole)
            }
            None => {
                self.around_bytes += 1;
                let is_whole = self.is_around_taken || self.around_bytes <= LONG_BYTES;
                (&mut self.around, is_whole)
            }
        };
        match is_whole {
            true => gathered.push(byte),
            // Given up: what was gathered is read again by who wants it.
            false if !gathered.is_empty() => *gathered = Vec::new(),
            false => {}
        }
    }

    /// Returns whether what stands around lists is too much to be held.
    pub(crate) fn is_around_long(&self) -> bool {
        self.around_bytes > LONG_BYTES
    }

    fn is_element_long(&self) -> bool {
        self.range.end - self.range.start > LONG_BYTES
    }

    /// Whether what is open innermost is a list that is split.
    fn is_in_split_list(&self) -> bool {
        self.open.last().is_some_and(|open| open.next.is_some())
    }

    fn is_between_elements(&self) -> bool {
        self.is_in_split_list() && !self.range.is_empty()
    }

    fn begin_element(&mut self) {
        if self.depth.is_none() && self.is_in_split_list() {
            self.depth = Some(self.open.len());
            self.range = self.at..self.at;
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
    fn end_element(&mut self, take: TakeElement<'_>) -> Result<()> {
        self.depth = None;
        let (text, is_long) = (std::mem::take(&mut self.element), self.is_element_long());
        let range = std::mem::replace(&mut self.range, 0..0);
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let number = open.next.unwrap_or(0);
        open.next = Some(number + 1);
        if self.is_around_taken {
            return Ok(());
        }
        let path = open.path.clone().unwrap_or_default();
        let own = if is_long { (self.name_at)(range.clone()) } else { own_id(&text) };
        let own = own.unwrap_or_else(|| number.to_string());
        let id = if path.is_empty() { own } else { format!("{path}/{own}") };
        let count = self.given.entry(id.clone()).and_modify(|count| *count += 1).or_insert(1);
        let id = if *count > 1 { format!("{id}~{count}") } else { id };
        let element = if is_long { Element::Long(range) } else { Element::Text(&text) };
        take(Some(&id), element)
    }

    /// Hands over what stands around the lists.
    ///
    /// # Errors
    ///
    /// That of `take`.
    pub(crate) fn finish(self, take: TakeElement<'_>) -> Result<()> {
        let around = match self.is_around_long() {
            true => Element::LongAround(self.around_bytes),
            false => Element::Text(&self.around),
        };
        take(None, around)
    }
}

/// Returns what an element says that it is called.
fn own_id(element: &[u8]) -> Option<String> {
    if !element.starts_with(b"{") {
        return None;
    }
    serde_json::from_slice(element).ok().and_then(name_in)
}

/// Returns what an element says that it is called that is read from `text`.
pub(crate) fn own_id_of(text: impl Read) -> Option<String> {
    serde_json::from_reader(text).ok().and_then(name_in)
}

fn name_in(named: Named) -> Option<String> {
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
        let text = pieces.concat();
        let name_at = |range: Range<u64>| own_id_of(&text[range.start as usize..range.end as usize]);
        let mut take = |id: Option<&str>, element: Element<'_>| {
            let text = match element {
                Element::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
                element => format!("{element:?}"),
            };
            told.push((id.map(str::to_owned), text));
            Ok(())
        };
        let mut splitter = Splitter::new(lists, &name_at);
        pieces.iter().for_each(|piece| splitter.push(piece, &mut take).unwrap());
        splitter.finish(&mut take).unwrap();
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

    #[test]
    fn what_is_too_much_to_be_held_is_told_by_where_it_stands() {
        let long = "x".repeat(LONG_BYTES as usize);
        let text =
            format!(r#"{{"a": "{long}", "m": [ {{"t": "{long}", "id": "q"}} , {{"id": "q"}}], "z": 1}}"#);
        let told = split_in(&[text.as_bytes()], &["m"]);
        let start = text.find("{\"t\"").unwrap() as u64;
        let end = text.find(" , {").unwrap() as u64;
        assert_eq!(told[0], (Some("m/q".to_owned()), format!("{:?}", Element::Long(start..end))));
        assert_eq!(told[1], (Some("m/q~2".to_owned()), r#"{"id":"q"}"#.to_owned()));
        let expected = format!(r#"{{"a":"{long}","m":[],"z":1}}"#);
        assert_eq!(told[2], (None, format!("{:?}", Element::LongAround(expected.len() as u64))));
        let mut splitter = Splitter::of_around(&["m"]);
        let mut whole = Vec::new();
        for piece in text.as_bytes().chunks(1000) {
            splitter.push(piece, &mut |_, _| Ok(())).unwrap();
            whole.extend(splitter.take_around());
        }
        assert!(whole == expected.as_bytes());
    }
}
