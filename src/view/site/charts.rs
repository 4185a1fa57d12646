//! How sessions and messages are spread over agents or projects: a bar each.

use std::cmp::Reverse;
use std::collections::HashMap;

use maud::{Markup, html};

use crate::view::html::escape::{Field, attribute};
use crate::view::html::number;

/// Bars that are shown; what is less is in the table.
const MOST_BARS: usize = 10;

/// Sessions and messages by name.
#[derive(Default)]
pub(super) struct Bars(HashMap<String, (u64, u64)>);

impl Bars {
    /// Adds a session of so many messages to what is called `name`.
    pub(super) fn add(&mut self, name: &str, messages: u64) {
        let bar = match self.0.get_mut(name) {
            Some(bar) => bar,
            None => self.0.entry(name.to_owned()).or_default(),
        };
        bar.0 += 1;
        bar.1 += messages;
    }
}

/// Returns the bars, the longest first. `what` says by what the table is filtered when one is chosen.
pub(super) fn chart(bars: &Bars, what: &str) -> Markup {
    let mut sorted: Vec<(&String, &(u64, u64))> = bars.0.iter().collect();
    sorted.sort_by_key(|(name, count)| (Reverse(**count), *name));
    let most = sorted.first().map_or(1, |(_, (sessions, _))| *sessions).max(1);
    html! {
        table.bars {
            @for (name, (sessions, messages)) in sorted.iter().take(MOST_BARS) {
                tr title={ (number(*messages)) " messages" } {
                    th scope="row" data-filter=(what) data-value=(attribute(name)) { (Field(name)) }
                    td {
                        svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                            rect width=(format!("{:.2}", *sessions as f64 * 100.0 / most as f64)) height="8" {}
                        }
                    }
                    td.n { (number(*sessions)) }
                }
            }
        }
        @if sorted.len() > MOST_BARS { p.dim { "and " (sorted.len() - MOST_BARS) " more" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_first_and_names_are_text() {
        let mut bars = Bars::default();
        for name in ["a", "<b>", "<b>"] {
            bars.add(name, 5);
        }
        let markup = chart(&bars, "agent").into_string();
        assert!(markup.contains("10 messages") && !markup.contains("<b>"), "{markup}");
        assert!(markup.find("&lt;b&gt;") < markup.find(">a<"));
    }
}
