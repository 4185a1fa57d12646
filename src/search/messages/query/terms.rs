//! Reads a query as it is typed: words and phrases.

/// Returns the words and phrases of `query`, each as it must stand in a text. A phrase stands between quotes that begin where
/// a word could; `\"` in it is a quote. A quote that nothing closes, and one within a word, is a character like any other.
pub(super) fn terms(query: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let (term, length) = match rest.strip_prefix('"').and_then(phrase) {
            Some((phrase, length)) => (phrase, 1 + length),
            None => {
                let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest[..length].to_owned(), length)
            }
        };
        if !term.is_empty() {
            terms.push(term);
        }
        rest = rest[length..].trim_start();
    }
    terms
}

/// Returns the phrase at the start of `text`, which is what follows a quote, and how many bytes it takes, its last quote
/// included; `None` if no quote ends it.
fn phrase(text: &str) -> Option<(String, usize)> {
    let mut phrase = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((phrase, at + 1)),
            '\\' if characters.peek().is_some_and(|next| next.1 == '"') => {
                characters.next();
                phrase.push('"');
            }
            _ => phrase.push(character),
        }
    }
    None
}

/// Returns whether a word or phrase tells upper case from lower: whether it has an upper-case letter.
pub(super) fn tells_case(term: &str) -> bool {
    term.chars().any(char::is_uppercase)
}

/// Returns whether a regular expression tells upper case from lower: whether it has an upper-case letter that stands for
/// itself, not for a class (`\S`, `\p{Lu}`) or a code (`\x4F`).
pub(super) fn pattern_tells_case(pattern: &str) -> bool {
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            if character.is_uppercase() {
                return true;
            }
            continue;
        }
        match characters.next() {
            Some('p' | 'P' | 'x' | 'u' | 'U') => {
                let rest = characters.as_str();
                let length =
                    if rest.starts_with('{') { rest.find('}').map_or(rest.len(), |at| at + 1) } else { 0 };
                let digits = rest.find(|other: char| !other.is_ascii_hexdigit()).unwrap_or(rest.len());
                characters = rest[length.max(digits.min(8))..].chars();
            }
            _ => continue,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_words_and_phrases() {
        for (query, expected) in [
            ("", &[][..]),
            (" one  two\t", &["one", "two"]),
            (r#""a phrase" word"#, &["a phrase", "word"]),
            (r#"say "hello""#, &["say", "hello"]),
            (r#""say \"hello\"""#, &[r#"say "hello""#]),
            (r#"5" disk"#, &[r#"5""#, "disk"]),
            (r#""open"#, &[r#""open"#]),
            (r#"{"type":"user"}"#, &[r#"{"type":"user"}"#]),
            (r"C:\new\file", &[r"C:\new\file"]),
            (r#""""#, &[]),
            ("größe \"два слова\"", &["größe", "два слова"]),
        ] {
            assert_eq!(terms(query), expected, "{query}");
        }
    }

    #[test]
    fn an_upper_case_letter_makes_case_matter_unless_it_is_no_letter() {
        assert!(tells_case("TypeError") && tells_case("Ärger") && !tells_case("größe 1"));
        for (pattern, expected) in [
            ("error", false),
            ("Error", true),
            (r"\S+\W", false),
            (r"\p{Lu}x", false),
            (r"\pLx", true),
            (r"\x4Fx", false),
            (r"\\A", true),
            (r"\bT", true),
        ] {
            assert_eq!(pattern_tells_case(pattern), expected, "{pattern}");
        }
    }
}
