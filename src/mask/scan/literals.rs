//! Searches for the literals of what need not hold a long run of word bytes: key files, URLs, values with escapes in
//! them. All at once, with a packed search.

use crate::mask::rules::Special;
use aho_corasick::{AhoCorasick, packed};

/// What tokens hold that need not hold a long run, and what key files begin with.
const LITERALS: [(&str, Special); 18] = [
    ("PRIVATE KEY", Special::Pem),
    ("Private-Lines: ", Special::Putty),
    ("minisign encrypted secret key", Special::Minisign),
    ("signify secret key", Special::Minisign),
    ("hooks.zapier.com", Special::ZapierHook),
    ("PrivateKey", Special::Wireguard),
    ("PresharedKey", Special::Wireguard),
    ("xoxd-", Special::SlackCookie),
    ("whsec_", Special::WebhookSecret),
    ("+ASt", Special::AzureStorage),
    ("+ASb", Special::AzureStorage),
    ("+ACR", Special::AzureStorage),
    ("+AEh", Special::AzureStorage),
    ("+AIo", Special::AzureStorage),
    ("ACDb", Special::AzureStorage),
    ("AzFu", Special::AzureStorage),
    ("AzCa", Special::AzureStorage),
    ("AzSe", Special::AzureStorage),
];

/// A search for [`LITERALS`].
pub(super) enum Literals {
    Packed(Box<packed::Searcher>),
    Automaton(Box<AhoCorasick>),
    Off,
}

impl Literals {
    pub(super) fn new() -> Literals {
        let patterns = || LITERALS.iter().map(|(literal, _)| literal.as_bytes());
        match packed::Searcher::new(patterns()) {
            Some(searcher) => Literals::Packed(Box::new(searcher)),
            // Where there are no vector instructions for a packed search.
            None => AhoCorasick::new(patterns())
                .map_or(Literals::Off, |found| Literals::Automaton(Box::new(found))),
        }
    }

    /// Calls `found` with the kind and the place of each literal in `bytes`.
    pub(super) fn each(&self, bytes: &[u8], mut found: impl FnMut(Special, usize)) {
        let mut each = |pattern: aho_corasick::PatternID, start| found(LITERALS[pattern.as_usize()].1, start);
        match self {
            Literals::Packed(searcher) => {
                searcher.find_iter(bytes).for_each(|hit| each(hit.pattern(), hit.start()))
            }
            Literals::Automaton(searcher) => {
                searcher.find_iter(bytes).for_each(|hit| each(hit.pattern(), hit.start()));
            }
            Literals::Off => {}
        }
    }
}
