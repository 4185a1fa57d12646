//! Rust source as far as imports need it: comments, strings and tests blanked out, `use` trees taken apart.

/// One path of a `use` tree: its segments, what it is called here, and whether it is handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub path: Vec<String>,
    pub name: String,
    pub is_handed_on: bool,
}

/// Returns the room below `src/` that a file belongs to: the first component of its path, without an ending.
pub fn room(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// Returns the module that a file is: `engine/plan/mod.rs` is `engine`, `plan`.
pub fn module(file: &str) -> Vec<String> {
    let mut parts: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}

/// Returns the code of `text` in one spelling: comments and the insides of strings as blanks, no blanks or line breaks
/// around `::`, and no `r#` before names.
pub fn plain_code(text: &str) -> String {
    let code = without_comments_and_strings(text).replace("r#", "");
    let mut pieces = code.split("::");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        // `use ::name` begins with `::`: the word before is no part of the path.
        let begins_path = plain.trim_end().ends_with("use");
        if !begins_path {
            plain.truncate(plain.trim_end().len());
        }
        plain.push_str("::");
        plain.push_str(piece.trim_start());
    }
    plain
}

/// Returns the forms in `code` that bring in code or names past everything that is read here.
pub fn hidden(code: &str) -> Vec<&'static str> {
    let squeezed = code.split_whitespace().collect::<Vec<_>>().join(" ").replace(" !", "!");
    let has = |form: &str| {
        let before = |at: usize| squeezed[..at].chars().next_back();
        squeezed
            .match_indices(form)
            .any(|(at, _)| !before(at).is_some_and(|before| before.is_alphanumeric() || before == '_'))
    };
    ["include!", "extern crate", "#[path"].into_iter().filter(|form| has(form)).collect()
}

/// Returns `text` with comments and the insides of strings as blanks.
fn without_comments_and_strings(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => comment_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'r' if is_raw_string(bytes, at) => raw_end(bytes, at),
            b'\'' => character_end(bytes, at),
            _ => at + 1,
        };
        if end > at + 1 {
            out[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        }
        at = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length)
}

fn comment_end(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut at) = (0, at);
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => (depth, at) = (depth + 1, at + 2),
            (b'*', b'/') if depth == 1 => return at + 2,
            (b'*', b'/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

fn is_raw_string(bytes: &[u8], at: usize) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_word_before = at > 0 && is_word(bytes[at - 1]);
    // `br"..."` and `cr"..."`.
    let is_prefixed = at > 0 && matches!(bytes[at - 1], b'b' | b'c') && (at == 1 || !is_word(bytes[at - 2]));
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    (!is_word_before || is_prefixed) && bytes.get(at + 1 + hashes) == Some(&b'"')
}

fn raw_end(bytes: &[u8], at: usize) -> usize {
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let start = at + hashes + 2;
    let found = bytes[start..].windows(end.len()).position(|window| window == end);
    found.map_or(bytes.len(), |length| start + length + end.len())
}

/// Returns the end of a character, or of the quote of a lifetime.
fn character_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at + 1) {
        Some(b'\\') => {
            let end = bytes[(at + 3).min(bytes.len())..].iter().position(|byte| *byte == b'\'');
            end.map_or(at + 1, |length| at + 4 + length)
        }
        Some(_) => {
            let end = bytes[at + 1..].iter().take(5).position(|byte| *byte == b'\'');
            end.filter(|length| {
                *length > 0
                    && std::str::from_utf8(&bytes[at + 1..at + 1 + length])
                        .is_ok_and(|text| text.chars().count() == 1)
            })
            .map_or(at + 1, |length| at + 2 + length)
        }
        None => at + 1,
    }
}

/// Returns `code` without what is compiled for tests only, and the names of the modules for tests in files of their own.
pub fn without_tests(code: &str) -> (String, Vec<String>) {
    let (mut code, mut modules) = (code.to_owned(), Vec::new());
    while let Some(at) = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|sign| code.find(sign)).min() {
        let end = item_end(&code, at);
        let item = &code[at..end];
        if let Some(name) = item.split("mod ").nth(1).and_then(|rest| rest.trim_end().strip_suffix(';')) {
            modules.push(name.trim().to_owned());
        }
        let blank: String =
            item.chars().map(|character| if character == '\n' { '\n' } else { ' ' }).collect();
        code.replace_range(at..end, &blank);
    }
    (code, modules)
}

/// Returns where the item that begins with an attribute ends: at its semicolon, or the end of its braces.
fn item_end(code: &str, at: usize) -> usize {
    let (mut depth, mut brackets) = (0usize, 0usize);
    for (offset, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'[' | b'(' => brackets += 1,
            b']' | b')' => brackets = brackets.saturating_sub(1),
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && brackets == 0 {
                    return offset + 1;
                }
            }
            b';' | b',' if depth == 0 && brackets == 0 => return offset + 1,
            _ => {}
        }
    }
    code.len()
}

/// Returns the imports of `code`, and `code` without them.
pub fn imports(code: &str) -> (Vec<Import>, String) {
    let (mut found, mut rest) = (Vec::new(), String::new());
    let mut from = 0;
    while let Some(at) = next_use(code, from) {
        let end = code[at..].find(';').map_or(code.len(), |length| at + length);
        let item = code[..at].rfind([';', '{', '}']).map_or(0, |before| before + 1);
        let is_handed_on =
            code[item..at].split_whitespace().any(|word| word == "pub" || word.starts_with("pub("));
        take_tree(&code[at + 4..end], &[], is_handed_on, &mut found);
        rest.push_str(&code[from..at]);
        from = (end + 1).min(code.len());
    }
    rest.push_str(&code[from..]);
    (found, rest)
}

fn next_use(code: &str, from: usize) -> Option<usize> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut at = from;
    while let Some(next) = code[at..].find("use ").map(|length| at + length) {
        if next == 0 || !is_word(code.as_bytes()[next - 1]) {
            return Some(next);
        }
        at = next + 4;
    }
    None
}

/// Adds the paths of a `use` tree below `before`.
fn take_tree(tree: &str, before: &[String], is_handed_on: bool, found: &mut Vec<Import>) {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let mut path = before.to_vec();
        path.extend(
            tree[..open].split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned),
        );
        let inside = tree[open + 1..].strip_suffix('}').unwrap_or(&tree[open + 1..]);
        split_top(inside).into_iter().for_each(|piece| take_tree(piece, &path, is_handed_on, found));
        return;
    }
    if tree.is_empty() {
        return;
    }
    let (path, name) = tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name.trim())));
    let mut whole = before.to_vec();
    whole.extend(path.split("::").map(|part| part.trim().to_owned()));
    if whole.len() > 1 && whole.last().is_some_and(|last| last == "self") {
        whole.pop();
    }
    let name = name.map(str::to_owned).or_else(|| whole.last().cloned()).unwrap_or_default();
    found.push(Import { path: whole, name, is_handed_on });
}

/// Splits at commas that are in no braces.
fn split_top(text: &str) -> Vec<&str> {
    let (mut pieces, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// Returns the paths of two segments and more that stand in `code`.
pub fn paths(code: &str) -> Vec<Vec<String>> {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("::") {
        let start = rest[..at].rfind(|character| !is_word(character)).map_or(0, |before| before + 1);
        let mut path = vec![rest[start..at].to_owned()];
        let mut end = at;
        while let Some(next) = rest[end..].strip_prefix("::") {
            let length = next.find(|character| !is_word(character)).unwrap_or(next.len());
            if length == 0 {
                break;
            }
            path.push(next[..length].to_owned());
            end += 2 + length;
        }
        if path.len() > 1 && !path[0].is_empty() {
            paths.push(path);
        }
        rest = &rest[end.max(at + 2)..];
    }
    paths
}
