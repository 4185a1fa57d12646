//! Replacement texts of custom patterns, in the syntax of Python's `re.sub`: `\1`, `\g<1>`, `\g<name>`, `\\`, `\n`.
//! Owns the parsing and the filling in; which match is replaced is not its business.

use crate::error::{Error, Kind, Result};
use crate::mask::text::json_string::{Escaping, escape_json};
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;

/// A parsed replacement text.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    parts: Vec<TemplatePart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum TemplatePart {
    Text(Vec<u8>),
    Group(usize),
}

impl Template {
    /// Parses the replacement text of entry `number` (from 1) of `mask_patterns`.
    pub(crate) fn parse(number: usize, text: &str, regex: &Regex) -> Result<Template> {
        let fail = |position: usize, reason: String| {
            let what = format!(
                "cannot use the replacement of mask_patterns entry {number}: at character {position}, {reason}"
            );
            Err(Error::new(Kind::Config, what).with_hint(
                "Replacements know \\1 to \\99, \\g<1>, \\g<name>, \\n, \\t, \\r and \\\\ for a backslash.",
            ))
        };
        let characters: Vec<char> = text.chars().collect();
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        let mut position = 0;
        while let Some(&character) = characters.get(position) {
            position += 1;
            if character != '\\' {
                plain.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            let rest = &characters[position..];
            match rest.first() {
                None => return fail(position, "a lone backslash stands at the end".into()),
                Some('g') | Some('1'..='9') => {
                    let (name, length) = match reference(rest) {
                        Some(found) => found,
                        None => return fail(position, "`\\g` is not followed by `<name>`".into()),
                    };
                    let Some(group) = group_index(regex, &name) else {
                        return fail(position, format!("the pattern has no group `{name}`"));
                    };
                    flush(&mut plain, &mut parts);
                    parts.push(TemplatePart::Group(group));
                    position += length;
                }
                Some(&escaped) => {
                    match escaped {
                        'n' => plain.push(b'\n'),
                        't' => plain.push(b'\t'),
                        'r' => plain.push(b'\r'),
                        'a' => plain.push(7),
                        'b' => plain.push(8),
                        'f' => plain.push(12),
                        'v' => plain.push(11),
                        '\\' => plain.push(b'\\'),
                        other if other.is_ascii_alphanumeric() => {
                            return fail(position, format!("`\\{other}` has no meaning"));
                        }
                        other => {
                            plain.push(b'\\');
                            plain.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                        }
                    }
                    position += 1;
                }
            }
        }
        flush(&mut plain, &mut parts);
        Ok(Template { parts })
    }

    /// Returns a template without groups.
    #[cfg(test)]
    pub(crate) fn fixed(text: &[u8]) -> Template {
        Template { parts: vec![TemplatePart::Text(text.to_vec())] }
    }

    /// Returns whether the text depends on what groups matched.
    pub(crate) fn has_groups(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, TemplatePart::Group(_)))
    }

    /// Appends the replacement. A group that took no part in the match, or is not known because `captures` is
    /// not given, adds nothing. A newline of the template stays out unless it is escaped: lines stay lines.
    pub(crate) fn expand(&self, captures: Option<(&Captures, &[u8])>, escaping: Escaping, out: &mut Vec<u8>) {
        for part in &self.parts {
            match (part, captures) {
                (TemplatePart::Text(text), _) if escaping == Escaping::None => {
                    out.extend(text.iter().map(|&byte| if byte == b'\n' { b' ' } else { byte }));
                }
                (TemplatePart::Text(text), _) => escape_json(text, out),
                (TemplatePart::Group(group), Some((captures, haystack))) => {
                    if let Some(span) = captures.get_group(*group) {
                        out.extend_from_slice(&haystack[span.range()]);
                    }
                }
                (TemplatePart::Group(_), None) => {}
            }
        }
    }
}

fn flush(plain: &mut Vec<u8>, parts: &mut Vec<TemplatePart>) {
    if !plain.is_empty() {
        parts.push(TemplatePart::Text(std::mem::take(plain)));
    }
}

/// Returns the group that `1`, `12`, `g<1>` or `g<name>` refers to, and how many characters that takes.
fn reference(rest: &[char]) -> Option<(String, usize)> {
    if rest[0] != 'g' {
        let length = 1 + usize::from(rest.get(1).is_some_and(char::is_ascii_digit));
        return Some((rest[..length].iter().collect(), length));
    }
    if rest.get(1) != Some(&'<') {
        return None;
    }
    let end = rest.iter().position(|&character| character == '>')?;
    (end > 2).then(|| (rest[2..end].iter().collect(), end + 1))
}

fn group_index(regex: &Regex, name: &str) -> Option<usize> {
    let groups = regex.group_info();
    let pattern = regex_automata::PatternID::ZERO;
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return name.parse().ok().filter(|&index: &usize| index < groups.group_len(pattern));
    }
    groups.to_index(pattern, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(pattern: &str, template: &str, text: &str) -> String {
        let regex = Regex::new(pattern).unwrap();
        let template = Template::parse(1, template, &regex).unwrap();
        let mut captures = regex.create_captures();
        regex.captures(text, &mut captures);
        let mut out = Vec::new();
        template.expand(Some((&captures, text.as_bytes())), Escaping::None, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn groups_are_filled_in_as_python_does() {
        assert_eq!(filled(r"(\w+)=(\d+)", r"\1=<\g<2>>", "id=42"), "id=<42>");
        assert_eq!(filled(r"(?P<key>\w+)=", r"\g<key>:\g<0>", "id="), "id:id=");
        assert_eq!(filled(r"a(b)?c", r"[\1]", "ac"), "[]");
        assert_eq!(filled(r"a", r"\\\t\.", "a"), "\\\t\\.");
        assert_eq!(filled(r"a", r"$1 {0}", "a"), "$1 {0}");
    }

    #[test]
    fn a_reference_to_no_group_is_an_error_with_its_position() {
        let regex = Regex::new("(a)").unwrap();
        for (template, position) in
            [(r"x\2", 3), (r"\g<name>", 2), (r"\g1", 2), (r"a\", 2), (r"\q", 1), (r"\0", 1)]
        {
            let error = Template::parse(4, template, &regex).expect_err(template);
            assert_eq!(error.kind(), Kind::Config);
            let text = error.to_string();
            assert!(text.contains("mask_patterns entry 4: at character"), "{text} {position}");
        }
    }

    #[test]
    fn text_inside_a_json_string_is_escaped() {
        let mut out = Vec::new();
        Template::fixed(b"a\"b\\\n\x01").expand(None, Escaping::Json, &mut out);
        assert_eq!(out, br#"a\"b\\\n\u0001"#);
    }
}
