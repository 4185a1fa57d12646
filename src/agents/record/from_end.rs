//! Reads an object from its end, for a record whose beginning is out of reach: exact, because within a string a quote has
//! an odd number of backslashes before it.

use super::json::{Record, Value};

impl<'a> Record<'a> {
    /// Lists the members at the end of the object that `bytes` end with and may begin within: back to one that is cut.
    pub(crate) fn of_end(bytes: &'a [u8]) -> Record<'a> {
        let mut members = Vec::new();
        let mut end = trimmed(bytes, bytes.len());
        end = if bytes[..end].ends_with(b"}") { trimmed(bytes, end - 1) } else { 0 };
        while let Some((member, start)) = last_member(bytes, end) {
            members.push(member);
            end = trimmed(bytes, start);
            end = if bytes[..end].ends_with(b",") { trimmed(bytes, end - 1) } else { 0 };
        }
        members.reverse();
        Record { members }
    }
}

/// Returns the member that ends before `end`, and where it starts; `None` if it is cut at the beginning.
fn last_member(bytes: &[u8], end: usize) -> Option<((&[u8], Value<'_>), usize)> {
    let value = value_start(bytes, end)?;
    let colon = trimmed(bytes, value).checked_sub(1).filter(|colon| bytes[*colon] == b':')?;
    let key_end = trimmed(bytes, colon);
    let key = string_start(bytes, key_end)?;
    Some(((&bytes[key + 1..key_end - 1], Value(&bytes[value..end])), key))
}

/// Returns `end` without the white space before it.
fn trimmed(bytes: &[u8], end: usize) -> usize {
    bytes[..end].trim_ascii_end().len()
}

/// Returns where the value starts that ends before `end`.
fn value_start(bytes: &[u8], end: usize) -> Option<usize> {
    match bytes[..end].last()? {
        b'"' => string_start(bytes, end),
        b'}' | b']' => nested_start(bytes, end),
        _ => {
            let starts = |byte: &u8| matches!(byte, b':' | b',' | b'[' | b'{' | b' ' | b'\t' | b'"');
            bytes[..end].iter().rposition(starts).map(|at| at + 1).filter(|start| *start < end)
        }
    }
}

/// Returns where the string starts whose closing quote is before `end`. A quote within a string has an odd number of
/// backslashes before it.
fn string_start(bytes: &[u8], end: usize) -> Option<usize> {
    let mut at = end.checked_sub(1).filter(|at| bytes[*at] == b'"')?;
    loop {
        at = memchr::memrchr(b'"', &bytes[..at])?;
        let before = bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        // Whether more are cut off cannot be known.
        if before == at {
            return None;
        }
        if before % 2 == 0 {
            return Some(at);
        }
    }
}

/// Returns where the object or array starts whose closing bracket is before `end`.
fn nested_start(bytes: &[u8], end: usize) -> Option<usize> {
    let (mut at, mut depth) = (end, 0_usize);
    loop {
        at = bytes[..at].iter().rposition(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))?;
        match bytes[at] {
            b'"' => at = string_start(bytes, at + 1)?,
            b'}' | b']' => depth += 1,
            _ => depth -= 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::record::records;

    #[test]
    fn an_object_cut_anywhere_tells_the_members_behind_the_cut_and_no_others() {
        let object = r#"{"a":"x\\\\\" \"b\":1,","n":[{"c":"]}\\"}, 2 ] , "t" : true,"e":"","k\"":{"a":1},"z":-1.5e3 } "#;
        let whole: Vec<_> = records(object.as_bytes()).next().unwrap().members;
        assert_eq!(whole.len(), 6);
        for start in 0..object.len() {
            let found = Record::of_end(&object.as_bytes()[start..]).members;
            let expected = &whole[whole.len() - found.len()..];
            for ((key, value), (expected_key, expected_value)) in found.iter().zip(expected) {
                assert_eq!((key, value.0), (expected_key, expected_value.0), "from {start}");
            }
            // All whose keys are behind the cut, and two bytes that tell a cut escape from a quote.
            let behind = whole.iter().filter(|(key, _)| {
                let at = key.as_ptr() as usize - object.as_ptr() as usize;
                at > start + 2
            });
            assert!(found.len() >= behind.count(), "from {start}: {found:?}");
        }
    }

    #[test]
    fn what_is_no_end_of_an_object_has_no_members() {
        for bytes in ["", "}", "a\":1", "\"a\":1]", "1}", ":1}", "\\\":1}", "\"a\" 1}", "}}", "]}"] {
            assert!(Record::of_end(bytes.as_bytes()).members.is_empty(), "{bytes}");
        }
    }
}
