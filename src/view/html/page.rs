//! The page of one session: what stands before its messages, among them and behind them.
//!
//! Messages come in order, one at a time; the page goes out in pieces, so that a session of any length takes the same memory.
//! What is only known at the end, such as the table of prompts, stands at the end and is laid out at the side.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::article::{self, Look};
use super::escape::{Field, attribute};
use super::figures::Figures;
use super::policy::{Assets, PAGE};
use crate::error::Result;
use crate::message::{Kind, Mark, Role};
use crate::view::reading::Told;

/// Bytes that are collected before they are written.
const PIECE_BYTES: usize = 1 << 20;

/// Messages in a section: a browser lays out those sections that are in sight.
const SECTION_MESSAGES: usize = 150;

/// Prompts in the table at the side; there is no reading more.
const MOST_PROMPTS: usize = 5000;

/// What stands at the top of a session's page. All of it is masked, none of it harmless.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heading {
    pub title: String,
    /// What it is and where it is from: name and value.
    pub facts: Vec<(&'static str, String)>,
    /// Where the list of all sessions is, from here.
    pub home: Option<String>,
}

/// Takes pieces of a page in order.
pub(crate) type Write<'w> = dyn FnMut(&[u8]) -> Result<()> + 'w;

/// A page that is being written.
pub(crate) struct Page<'w> {
    write: &'w mut Write<'w>,
    out: String,
    look: Look,
    figures: Figures,
    prompts: Vec<(String, String)>,
    /// What is open, the session itself first.
    levels: Vec<Level>,
    model: String,
    day: Option<Date>,
    hidden_events: u64,
}

/// The session, or a part that is told in it.
#[derive(Default)]
struct Level {
    /// What the ids of its messages begin with.
    prefix: String,
    /// Messages in the section that is open; `None` where none is.
    section: Option<usize>,
}

impl<'w> Page<'w> {
    /// Begins a page; `write` gets its pieces.
    pub(crate) fn new(heading: &Heading, look: Look, write: &'w mut Write<'w>) -> Page<'w> {
        let mut out = String::with_capacity(PIECE_BYTES + (PIECE_BYTES >> 2));
        let top = html! {
            (head(&heading.title, &PAGE))
            header.top {
                h1 { (Field(&heading.title)) }
                @if let Some(home) = &heading.home { a href=(home) { "All sessions" } }
                a.side href="#side" { "Prompts" }
                div.bar hidden {
                    input #find type="search" placeholder="Find (/)" aria-label="Find in this session" autocomplete="off" spellcheck="false";
                    output #count for="find" {}
                    button #show-filter type="button" title="Filter by role, kind and tool (f)" { "Filter" }
                    button #turn type="button" title="Light or dark (t)" aria-label="Light or dark" { "◐" }
                    button #show-help type="button" title="Keys (?)" aria-label="Keys" { "?" }
                }
                form #filter.filter hidden {}
            }
        };
        out.push_str(&top.into_string());
        out.push_str("<div class=\"page\"><main>");
        let facts = html! {
            ul.facts {
                @for (name, value) in heading.facts.iter().filter(|(_, value)| !value.is_empty()) {
                    li { (name) " " b { (Field(value)) } }
                }
            }
        };
        out.push_str(&facts.into_string());
        Page {
            write,
            out,
            look,
            figures: Figures::default(),
            prompts: Vec::new(),
            levels: vec![Level::default()],
            model: String::new(),
            day: None,
            hidden_events: 0,
        }
    }

    /// Adds a message.
    pub(crate) fn message(&mut self, told: &Told<'_>) -> Result<()> {
        self.figures.take(told, self.levels.len() > 1);
        if !self.look.shows(told) {
            self.hidden_events += u64::from(told.message.kind == Kind::Event);
            return Ok(());
        }
        self.begin_section();
        let place = self.place(told);
        let message = told.message;
        if let Some(time) = message.time.filter(|_| self.levels.len() == 1) {
            let day = time.to_zoned(TimeZone::system()).date();
            if self.day.is_some_and(|last| last != day) {
                self.out.push_str(&html! { h2.day { (day) } }.into_string());
            }
            self.day = Some(day);
        }
        let is_prompt = message.role == Role::User
            && message.kind == Kind::Text
            && self.levels.len() == 1
            && ![Mark::Injected, Mark::Sidechain].iter().any(|mark| message.marks.has(*mark));
        if is_prompt && self.prompts.len() < MOST_PROMPTS {
            self.prompts.push((place.clone(), article::beginning(&told.text()).into_owned()));
        }
        let model = message.model.of(told.bytes);
        let is_said = matches!(message.kind, Kind::Text | Kind::Image);
        let is_new_model =
            is_said && message.role == Role::Assistant && !model.is_empty() && *model != *self.model;
        if is_new_model {
            self.model = model.into_owned();
        }
        let model = is_new_model.then_some(&*self.model);
        article::push(told, &place, self.look, model, &mut self.out);
        self.write_piece()
    }

    /// Begins a part: what follows, up to [`Page::end_part`], was said in it.
    pub(crate) fn begin_part(&mut self, id: &str, facts: &[&str]) -> Result<()> {
        self.begin_section();
        let prefix = format!("{}/", name_of(id));
        let markup = html! {
            details.part id=(prefix.trim_end_matches('/')) {
                summary {
                    b { (Field(id)) }
                    @for fact in facts.iter().filter(|fact| !fact.is_empty()) { " · " (Field(fact)) }
                }
            }
        };
        self.out.push_str(markup.into_string().strip_suffix("</details>").unwrap_or_default());
        self.levels.push(Level { prefix, section: None });
        self.write_piece()
    }

    /// Adds text that is no messages: a file that a tool wrote.
    pub(crate) fn text(&mut self, text: &str) -> Result<()> {
        self.out.push_str("<pre dir=\"auto\">");
        super::escape::push(text, &mut self.out);
        self.out.push_str("</pre>");
        self.write_piece()
    }

    /// Ends a part.
    pub(crate) fn end_part(&mut self) -> Result<()> {
        if self.levels.len() > 1 {
            self.end_section();
            self.levels.pop();
            self.out.push_str("</details>\n");
        }
        self.write_piece()
    }

    /// Ends the page; returns what was counted.
    pub(crate) fn finish(mut self) -> Result<Figures> {
        while self.levels.len() > 1 {
            self.end_part()?;
        }
        self.end_section();
        let figures = &self.figures;
        let rest = html! {
            @if self.hidden_events > 0 {
                p.foot { (number(self.hidden_events)) " events say nothing to people and are not shown; --full exports them." }
            }
        };
        self.out.push_str(&rest.into_string());
        self.out.push_str("</main>");
        let end = html! {
            aside #side {
                a.close href="#" { "Close" }
                @if !self.prompts.is_empty() {
                    h2 { "Prompts" }
                    nav { ol {
                        @for (place, line) in &self.prompts { li { a href={ "#" (place) } title=(attribute(line)) { (Field(line)) } } }
                    } }
                }
                h2 { "In all" }
                dl {
                    @for (name, count) in figures.named().iter().filter(|(_, count)| *count > 0) { dt { (name) } dd { (number(*count)) } }
                }
            }
        };
        self.out.push_str(&end.into_string());
        self.out.push_str("</div>");
        let foot = html! {
            dialog #help {
                h2 { "Keys" }
                dl {
                    @for (key, what) in KEYS { dt { kbd { (key) } } dd { (what) } }
                }
                form method="dialog" { button { "Close" } }
            }
            (script(&PAGE))
        };
        self.out.push_str(&foot.into_string());
        (self.write)(self.out.as_bytes())?;
        Ok(self.figures)
    }

    fn place(&self, told: &Told<'_>) -> String {
        let prefix = self.levels.last().map_or("", |level| &level.prefix);
        format!("{prefix}m{}", told.message.index)
    }

    /// Begins a section where none is open, or where the one that is open is full.
    fn begin_section(&mut self) {
        let is_full = |level: &Level| level.section.is_some_and(|count| count >= SECTION_MESSAGES);
        if self.levels.last().is_some_and(is_full) {
            self.end_section();
        }
        let Some(level) = self.levels.last_mut() else { return };
        match &mut level.section {
            Some(count) => *count += 1,
            None => {
                level.section = Some(1);
                self.out.push_str("<section>\n");
            }
        }
    }

    fn end_section(&mut self) {
        if self.levels.last_mut().and_then(|level| level.section.take()).is_some() {
            self.out.push_str("</section>\n");
        }
    }

    fn write_piece(&mut self) -> Result<()> {
        if self.out.len() >= PIECE_BYTES {
            (self.write)(self.out.as_bytes())?;
            self.out.clear();
        }
        Ok(())
    }
}

const KEYS: [(&str, &str); 8] = [
    ("j k", "next and previous message"),
    ("/", "find; Enter and Shift+Enter for the next and the previous place, Esc to end"),
    ("n N", "next and previous place found"),
    ("o", "unfold or fold the message"),
    ("f", "filter by role, kind and tool"),
    ("t", "light or dark"),
    ("#17", "in the address: the message with this index"),
    ("?", "this help"),
];

/// Returns what every page begins with, up to its body.
pub(crate) fn head(title: &str, assets: &Assets) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en";
        meta charset="utf-8";
        meta http-equiv="Content-Security-Policy" content=(assets.policy);
        meta name="viewport" content="width=device-width,initial-scale=1";
        meta name="referrer" content="no-referrer";
        meta name="color-scheme" content="light dark";
        meta name="generator" content={ "sessionkeep " (env!("CARGO_PKG_VERSION")) };
        // Without it, a browser asks the server for one.
        link rel="icon" href="data:,";
        title { (attribute(title)) }
        style { (PreEscaped(assets.style)) }
    }
}

/// Returns the script that every page ends with.
pub(crate) fn script(assets: &Assets) -> Markup {
    html! { script { (PreEscaped(assets.script)) } }
}

/// Returns `id` as the name of an element: letters, digits and a few signs.
fn name_of(id: &str) -> String {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    let name: String =
        id.chars().map(|character| if is_plain(character) { character } else { '_' }).collect();
    format!("p-{name}")
}

/// Returns a number as people read it: 1,234,567.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
