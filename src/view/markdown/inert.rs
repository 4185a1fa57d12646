//! Makes Markdown of a transcript inert: it reads as it was meant, and nothing in it runs, loads or breaks out.
//!
//! Viewers differ in what they take for what, so that no more is relied on than what all of them have in common. Outside of
//! code no `<` is left, which begins all of HTML; no picture, which would be loaded; and no link but to pages and addresses.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::report::text::{Escape, is_live};

/// Schemes that a link may have.
const SCHEMES: [&str; 3] = ["http:", "https:", "mailto:"];

/// Languages of blocks that some viewer draws or runs.
const RUN: [&str; 8] =
    ["mermaid", "dataviewjs", "dataview", "math", "plantuml", "geojson", "topojson", "stl"];

/// Times that a text is gone through: what is made inert may have hidden what comes behind it.
const MOST_ROUNDS: usize = 12;

/// Returns `text`, Markdown that somebody else wrote, so that it can stand among other text. It ends all blocks of code that
/// it begins.
pub(crate) fn inert(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace(['\r', '\0'], "\n");
    for _ in 0..MOST_ROUNDS {
        let next = one_round(&text);
        if next == text {
            return text;
        }
        text = next;
    }
    // Made to keep a reader busy, and nothing else.
    as_code(&text)
}

/// Returns `text` as one block of code.
fn as_code(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// Makes inert what is seen as live, as the text stands now.
fn one_round(text: &str) -> String {
    let found = Found::of(text);
    let mut inert = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        if found.moved.contains(&at) {
            inert.push('\n');
        }
        if found.hidden.iter().any(|range| range.start == at && is_run(&text[range.clone()])) {
            inert.push('_');
        }
        let is_code = found.is_code(at);
        match character {
            _ if found.is_hidden(at) && !is_plain(character) => inert.push('_'),
            '<' if !is_code => inert.push_str("&lt;"),
            '[' if !is_code && (found.is_to_escape(at) || is_definition(text, at)) => inert.push_str("\\["),
            '\u{1b}' | '\u{7f}'..='\u{9f}' => inert.push_str(&format!("\\x{:02x}", u32::from(character))),
            '\0'..='\x08' | '\x0b'..='\x1f' => inert.push_str(&format!("\\x{:02x}", u32::from(character))),
            // What only changes how other text looks, or is not seen itself.
            _ if character != '\n' && is_live(character, Escape::Pipe) => {
                inert.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
            }
            _ => inert.push(character),
        }
    }
    if let Some(fence) = open_fence(text, &found) {
        if !inert.ends_with('\n') {
            inert.push('\n');
        }
        inert.push_str(&fence);
    }
    inert
}

/// What stands where in a text.
#[derive(Default)]
struct Found {
    /// Code: in blocks, and within lines. In order.
    code: Vec<Range<usize>>,
    /// The last block of code with fences that stands in no list and no quotation: those end by themselves.
    last_fenced: Option<Range<usize>>,
    /// Where links and pictures begin that must not be any.
    links: Vec<usize>,
    /// Where the language of a block stands that some viewer would run, or that makes the block none for some: it is text
    /// of the block then.
    moved: Vec<usize>,
    /// The same in lists and quotations, where no line can be begun: what is not plain in it is not shown.
    hidden: Vec<Range<usize>>,
}

impl Found {
    fn of(text: &str) -> Found {
        let mut found = Found::default();
        // As most viewers have them: what is a cell of a table ends no code.
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let mut depth = 0;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            match event {
                Event::Start(Tag::List(_) | Tag::BlockQuote(_)) => depth += 1,
                Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_)) => depth -= 1,
                Event::Code(_) => found.code.push(range),
                Event::Start(Tag::CodeBlock(kind)) => {
                    if let CodeBlockKind::Fenced(language) = kind {
                        found.last_fenced = (depth == 0).then(|| range.clone());
                        if let Some(written) = odd_language(text, &range, &language) {
                            match depth {
                                0 => found.moved.push(written.start),
                                _ => found.hidden.push(written),
                            }
                        }
                    }
                    found.code.push(range);
                }
                Event::Start(Tag::Link { dest_url, .. }) if !is_harmless(&dest_url) => {
                    found.links.push(range.start);
                }
                Event::Start(Tag::Image { .. }) => found.links.push(range.start + 1),
                _ => {}
            }
        }
        found.code.sort_by_key(|range| range.start);
        found
    }

    fn is_code(&self, at: usize) -> bool {
        let behind = self.code.partition_point(|range| range.start <= at);
        // A block within a block does not exist.
        behind.checked_sub(1).is_some_and(|last| self.code[last].contains(&at))
    }

    fn is_hidden(&self, at: usize) -> bool {
        self.hidden.iter().any(|range| range.contains(&at))
    }

    fn is_to_escape(&self, at: usize) -> bool {
        self.links.contains(&at)
    }
}

fn is_harmless(target: &str) -> bool {
    let target: String = target.chars().filter(|character| !character.is_whitespace()).collect();
    let target = target.to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| target.starts_with(scheme))
        // No scheme: a place in the same text or beside it.
        || !target.chars().take_while(|character| !matches!(character, '/' | '#' | '?')).any(|character| character == ':')
}

/// Returns where what stands behind the fence of a block is written, if some viewer would run it, or would not take the block
/// for one because of it. Plain names of languages are neither.
fn odd_language(text: &str, block: &Range<usize>, language: &str) -> Option<Range<usize>> {
    if language.is_empty() || (!is_run(language) && language.chars().all(is_plain)) {
        return None;
    }
    let line = text[block.clone()].split('\n').next()?;
    let fence = line.chars().next()?;
    let marks = line.chars().take_while(|character| *character == fence).count();
    let blank = line[marks..].len() - line[marks..].trim_start().len();
    let start = block.start + marks + blank;
    let written = start..block.start + line.trim_end().len();
    (!written.is_empty()).then_some(written)
}

/// Returns whether some viewer draws or runs what is in this language.
fn is_run(language: &str) -> bool {
    RUN.iter().any(|run| language.eq_ignore_ascii_case(run))
}

/// Returns whether all viewers take a character for one of a language's name.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '#' | '.' | '_' | '-')
}

/// Returns whether a `[` begins a line and what that line says where `[name]` leads: that holds for all of the text around.
fn is_definition(text: &str, at: usize) -> bool {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let before = &text[line_start..at];
    before.chars().all(|character| {
        matches!(character, ' ' | '>' | '-' | '*' | '+' | '\t' | '.') || character.is_ascii_digit()
    }) && text[at..].find("]:").is_some_and(|end| end < 1000)
}

/// Returns the line that ends the block of code at the end of `text`, if it has none.
fn open_fence(text: &str, found: &Found) -> Option<String> {
    let block = found.last_fenced.as_ref()?;
    if text[block.end..].trim().is_empty() {
        let block = &text[block.clone()];
        let mark = block.chars().next()?;
        let length = block.chars().take_while(|character| *character == mark).count();
        let last = block.trim_end().lines().last()?;
        let blank = last.len() - last.trim_start_matches(' ').len();
        let last = last.trim();
        let is_end = blank < 4
            && last.len() >= length
            && last.chars().all(|character| character == mark)
            && block.trim_end().contains('\n');
        return (!is_end).then(|| mark.to_string().repeat(length) + "\n");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_would_run_or_load_or_lead_astray_is_text() {
        for (text, expected) in [
            ("a <script>alert(1)</script>", "a &lt;script>alert(1)&lt;/script>"),
            ("`<b>` and <b>", "`<b>` and &lt;b>"),
            ("```\n<b>\n```", "```\n<b>\n```"),
            ("[x](javascript:alert(1))", "\\[x](javascript:alert(1))"),
            ("[x](data:text/html,a)", "\\[x](data:text/html,a)"),
            ("[x](https://a/b) [y](#c) [z](d.md)", "[x](https://a/b) [y](#c) [z](d.md)"),
            ("![x](https://a/b.png)", "!\\[x](https://a/b.png)"),
            ("[a]: javascript:b\n\n[a]", "\\[a]: javascript:b\n\n\\[a]"),
            ("<javascript:a>", "&lt;javascript:a>"),
            ("<!-- a", "&lt;!-- a"),
            ("```js\nopen", "```js\nopen\n```\n"),
            ("```\n```\nx", "```\n```\nx"),
            ("```dataviewjs\nx\n```", "```\ndataviewjs\nx\n```"),
            ("```html\"><b>\nx\n```", "```\nhtml\"><b>\nx\n```"),
            ("```c++\nx\n```", "```c++\nx\n```"),
            ("> ```mermaid\n> x\n> ```", "> ```_mermaid\n> x\n> ```"),
            ("> ```a <b>\n> x\n> ```", "> ```a__b_\n> x\n> ```"),
            ("a\u{202e}b\u{1b}[1m", "a\\u{202e}b\\x1b[1m"),
            ("<!--\n```", "&lt;!--\n```\n```\n"),
            ("<script>![]()", "&lt;script>!\\[]()"),
            ("a\u{e0062}b\u{200b}c", "a\\u{e0062}b\\u{200b}c"),
            ("| ` | <b> ` |\n|---|---|\n| ` | <b> ` |", "| ` | &lt;b> ` |\n|---|---|\n| ` | &lt;b> ` |"),
        ] {
            assert_eq!(inert(text), expected, "{text}");
        }
    }

    fn runs(markdown: &str) -> Option<String> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        Parser::new_ext(markdown, options).find_map(|event| match event {
            Event::Html(html) | Event::InlineHtml(html) => Some(html.into_string()),
            Event::Start(Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
            Event::Start(Tag::Link { dest_url, .. }) if !is_harmless(&dest_url) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
    }

    #[test]
    fn what_keeps_a_reader_busy_is_code() {
        assert_eq!(as_code("a ``` b\n"), "````\na ``` b\n````\n");
    }

    proptest! {
        // What fails is written as a case above, not to a file of seeds.
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_runs_whatever_is_written(
            pieces in proptest::collection::vec(prop_oneof![
                Just("<"), Just("script>"), Just("!["), Just("["), Just("]"), Just("]("), Just("]: "), Just(")"),
                Just("javascript:x"), Just("`"), Just("```"), Just("~~~"), Just("\n"), Just("\n\n"), Just("    "),
                Just("- "), Just("> "), Just("\\"), Just("|"), Just("a"), Just("|---|\n"), Just("&lt;"), Just("\""),
            ], 0..24),
        ) {
            let text = pieces.concat();
            // As it stands in a document: behind a heading, before another.
            let document = format!("## a\n\n{}\n\n## end\n\n[a] \\<b>\n", inert(&text));
            prop_assert_eq!(runs(&document), None, "{}", document);
        }

        #[test]
        fn what_follows_is_not_swallowed(
            pieces in proptest::collection::vec(prop_oneof![
                Just("```"), Just("~~~"), Just("````"), Just("\n"), Just("a"), Just("- "), Just("> "), Just("  "), Just("<!--"),
            ], 0..16),
        ) {
            let document = format!("{}\n\n## end\n", inert(&pieces.concat()));
            let has_end = Parser::new(&document).any(|event| matches!(event, Event::Text(text) if &*text == "end"));
            prop_assert!(has_end, "{}", document);
        }
    }
}
