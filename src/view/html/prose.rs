//! Markdown of prompts and answers as safe HTML: raw HTML is shown as text, links lead to http, https and mailto alone,
//! pictures become links, and nothing is loaded.
//!
//! In comes text, out goes markup. Parsing is pulldown-cmark's; each tag that is written is written here.

use super::escape;
use super::highlight;
use maud::html;
use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Elements within each other that are written; what is deeper is written without tags of its own. Browsers give up at some
/// hundreds, and people long before.
const MOST_DEPTH: usize = 40;

/// Appends the Markdown `text` to `out`.
pub(super) fn push(text: &str, out: &mut String) {
    if is_plain(text) {
        // No character of it means anything: one paragraph.
        out.push_str("<p>");
        escape::push(text, out);
        out.push_str("</p>");
        return;
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer {
        out,
        open: Vec::new(),
        code: None,
        picture: 0,
        is_head: false,
        columns: Vec::new(),
        column: 0,
    };
    for event in Parser::new_ext(text, options) {
        writer.event(event);
    }
}

/// Returns whether `text` is a single paragraph of words.
fn is_plain(text: &str) -> bool {
    !text.contains("\n\n")
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b' ' | b',' | b'?' | b'\'' | b'"' | b'/' | b'%' | b'@' | b'$')
        })
        && !text.starts_with([' ', '\t'])
}

struct Writer<'o> {
    out: &'o mut String,
    /// What closes each element that is open; empty for those that were not written.
    open: Vec<&'static str>,
    /// The language and the text so far of the code block that is open.
    code: Option<(String, String)>,
    /// Pictures that are open within each other.
    picture: usize,
    is_head: bool,
    columns: Vec<Alignment>,
    column: usize,
}

impl Writer<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => escape::push(&text, self.out),
            },
            Event::Html(text) | Event::InlineHtml(text) => escape::push(&text, self.out),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.out.push_str("<code>");
                escape::push(&text, self.out);
                self.out.push_str("</code>");
            }
            Event::FootnoteReference(text) => escape::push(&text, self.out),
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>"),
            Event::Rule => self.out.push_str("<hr>"),
            Event::TaskListMarker(is_done) => self.out.push_str(if is_done { "☑ " } else { "☐ " }),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',', '\t', '{']).next().unwrap_or("").to_owned()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::Image { dest_url, .. } => {
                self.picture += 1;
                self.link(&dest_url);
                if self.picture == 1 {
                    self.out.push_str("🖼 ");
                }
            }
            Tag::Link { dest_url, .. } => self.link(&dest_url),
            Tag::Heading { level, .. } => {
                let (tag, end) = heading(level);
                self.element(tag, end);
            }
            Tag::List(Some(first)) => {
                if first == 1 {
                    self.element("<ol>", "</ol>");
                } else {
                    self.element("", "</ol>");
                    if self.is_written() {
                        self.out.push_str(&format!("<ol start=\"{first}\">"));
                    }
                }
            }
            Tag::List(None) => self.element("<ul>", "</ul>"),
            Tag::Item => self.element("<li>", "</li>"),
            Tag::Paragraph => self.element("<p>", "</p>"),
            Tag::BlockQuote(_) => self.element("<blockquote>", "</blockquote>"),
            Tag::Table(columns) => {
                self.columns = columns;
                self.element("<div class=\"wide\"><table>", "</tbody></table></div>");
            }
            Tag::TableHead => {
                self.is_head = true;
                self.column = 0;
                self.element("<thead><tr>", "</tr></thead><tbody>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.element("<tr>", "</tr>");
            }
            Tag::TableCell => {
                let is_right = matches!(self.columns.get(self.column), Some(Alignment::Right));
                self.column += 1;
                let (tag, end) = match (self.is_head, is_right) {
                    (true, false) => ("<th>", "</th>"),
                    (true, true) => ("<th class=\"right\">", "</th>"),
                    (false, false) => ("<td>", "</td>"),
                    (false, true) => ("<td class=\"right\">", "</td>"),
                };
                self.element(tag, end);
            }
            Tag::Emphasis => self.element("<em>", "</em>"),
            Tag::Strong => self.element("<strong>", "</strong>"),
            Tag::Strikethrough => self.element("<del>", "</del>"),
            Tag::HtmlBlock => self.element("<p>", "</p>"),
            _ => self.element("", ""),
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::CodeBlock => {
                if let Some((language, code)) = self.code.take() {
                    block(&language, &code, self.out);
                }
                return;
            }
            TagEnd::Image => self.picture = self.picture.saturating_sub(1),
            TagEnd::TableHead => self.is_head = false,
            _ => {}
        }
        if let Some(closing) = self.open.pop() {
            self.out.push_str(closing);
        }
    }

    /// Opens an element, unless too many are open.
    fn element(&mut self, tag: &'static str, closing: &'static str) {
        // A table holds others that make no sense without it, and a list its items.
        if self.open.len() < MOST_DEPTH {
            self.out.push_str(tag);
            self.open.push(closing);
        } else {
            self.open.push("");
        }
    }

    fn is_written(&self) -> bool {
        self.open.len() <= MOST_DEPTH
    }

    /// Opens a link to `to`, if that is a place that a link may lead to; else what stands in it is text.
    fn link(&mut self, to: &CowStr<'_>) {
        // A link within a link is none; a picture within a link belongs to it.
        if !is_harmless(to) || self.open.contains(&"</a>") || self.open.len() >= MOST_DEPTH {
            self.open.push("");
            return;
        }
        let tag =
            html! { a href=(escape::attribute(to)) rel="noopener noreferrer nofollow" {} }.into_string();
        self.out.push_str(tag.strip_suffix("</a>").unwrap_or_default());
        self.open.push("</a>");
    }
}

/// Appends a block of code in `language`.
pub(super) fn block(language: &str, code: &str, out: &mut String) {
    out.push_str("<pre dir=\"ltr\"><code>");
    highlight::push(language, code, out);
    out.push_str("</code></pre>");
}

/// Returns whether a link may lead to `url`: an absolute address of the web, or a mailbox. A browser takes white space and
/// control characters out of an address before it looks at it, so that none of them may be there.
fn is_harmless(url: &str) -> bool {
    let has = |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    ["http://", "https://", "mailto:"].iter().any(|scheme| has(scheme))
        && !url.chars().any(|character| escape::is_hidden(character) || matches!(character, '\n' | '\t'))
}

fn heading(level: HeadingLevel) -> (&'static str, &'static str) {
    // The page's own headings are h1 and h2.
    match level {
        HeadingLevel::H1 => ("<h3>", "</h3>"),
        HeadingLevel::H2 => ("<h4>", "</h4>"),
        HeadingLevel::H3 => ("<h5>", "</h5>"),
        _ => ("<h6>", "</h6>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pushed(text: &str) -> String {
        let mut out = String::new();
        push(text, &mut out);
        out
    }

    #[test]
    fn what_people_write_is_rendered() {
        for (text, expected) in [
            ("Fix the tests", "<p>Fix the tests</p>"),
            (
                "a *b* **c** ~~d~~ `e<f>`",
                "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e&lt;f&gt;</code></p>",
            ),
            ("# One\n\n- a\n- b", "<h3>One</h3><ul><li>a</li><li>b</li></ul>"),
            ("3. c\n4. d", "<ol start=\"3\"><li>c</li><li>d</li></ol>"),
            ("one\ntwo", "<p>one\ntwo</p>"),
            ("- [x] done", "<ul><li>☑ done</li></ul>"),
            (
                "|a|b|\n|-|-:|\n|1|2|",
                "<div class=\"wide\"><table><thead><tr><th>a</th><th class=\"right\">b</th></tr></thead><tbody><tr><td>1</td><td class=\"right\">2</td></tr></tbody></table></div>",
            ),
            (
                "[x](https://example.com/?a=1&b=2)",
                "<p><a href=\"https://example.com/?a=1&amp;b=2\" rel=\"noopener noreferrer nofollow\">x</a></p>",
            ),
            ("```text\na < b\n```", "<pre dir=\"ltr\"><code>a &lt; b\n</code></pre>"),
        ] {
            assert_eq!(pushed(text), expected, "{text}");
        }
    }

    #[test]
    fn what_could_run_or_load_is_text() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<style>*{}</style>\n\n</style></script>]]>",
            "<svg onload=alert(1)>",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](java\tscript:alert(1))",
            "[a](data:text/html,<script>alert(1)</script>)",
            "[a](vbscript:x) [b](file:///etc/passwd) [c](//evil.example) [d](/x)",
            "![a](javascript:alert(1))",
            "<javascript:alert(1)>",
            "[a]: javascript:alert(1)\n\n[a]",
        ] {
            let out = pushed(text);
            for tag in ["<script", "<img", "<style", "<svg", "href", "</style", "</script"] {
                assert!(!out.contains(tag), "{text}: {out}");
            }
        }
        let picture = pushed("![a](https://example.com/x.png)");
        assert!(picture.contains("<a href=\"https://example.com/x.png\""), "{picture}");
        let quoted = pushed("[a](<https://example.com/\"onclick=alert(1)>)");
        assert!(!quoted.contains("\"onclick"), "{quoted}");
    }

    #[test]
    fn depth_is_bounded() {
        let out = pushed(&format!("{}deep", "> ".repeat(5000)));
        assert_eq!(out.matches("<blockquote>").count(), MOST_DEPTH);
        assert_eq!(out.matches("<blockquote>").count(), out.matches("</blockquote>").count());
        assert!(out.contains("deep"));
    }

    /// Returns whether each element that is opened is closed, in the right order.
    fn is_balanced(out: &str) -> bool {
        let mut open: Vec<&str> = Vec::new();
        for piece in out.split('<').skip(1) {
            let tag = piece.split('>').next().unwrap_or("");
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return false;
                }
            } else if !matches!(tag, "br" | "hr") {
                open.push(tag.split(' ').next().unwrap_or(""));
            }
        }
        open.is_empty()
    }

    proptest! {
        #[test]
        fn any_markdown_gives_balanced_markup_of_known_elements(
            text in proptest::collection::vec(prop_oneof![
                Just("\n"), Just("\n\n"), Just("- "), Just("1. "), Just("> "), Just("`"), Just("```"), Just("*"), Just("**"),
                Just("["), Just("](https://x.example)"), Just("!["), Just("|a|b|\n|-|-|\n|c|d|\n"), Just("<b>"), Just("<!--"),
                Just("]]>"), Just("# "), Just("    "), Just("~~"), Just("word "), Just("\u{202e}"), Just("&lt;"), Just("<a href=x>"),
            ], 0..60)
        ) {
            let out = pushed(&text.concat());
            prop_assert!(is_balanced(&out), "{}", out);
            for piece in out.split('<').skip(1) {
                let name = piece.trim_start_matches('/').split([' ', '>']).next().unwrap_or("");
                let known = ["p", "em", "strong", "del", "code", "pre", "h3", "h4", "h5", "h6", "ul", "ol", "li", "br", "hr", "a",
                    "table", "thead", "tbody", "tr", "th", "td", "div", "blockquote", "span", "i"];
                prop_assert!(known.contains(&name), "{} in {}", name, out);
            }
        }
    }
}
