//! Finds the literals ("anchors") near which a secret may stand, in one pass over a window. Owns the list of anchors
//! and the packed searcher; knows nothing about what makes a secret.

use aho_corasick::AhoCorasick;
use aho_corasick::packed;

/// Which parser looks at an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorKind {
    /// A piece of a key name: `pass`, `oken`.
    Name,
    /// `://`.
    Scheme,
    /// The middle of `:\/\/`, at any depth.
    EscapedSlashes,
    /// `jdbc:oracle:thin:user/V@host`.
    OracleUrl,
    /// A query parameter whose name is no key name elsewhere: `sig=`.
    Query,
    /// `Bearer`.
    Bearer,
    /// `Cookie`.
    Cookie,
    /// `-u`, `--user`.
    UserFlag,
    /// ` -p`.
    PasswordFlag,
    /// `redis-cli -a`.
    AuthFlag,
    /// `ConvertTo-SecureString`.
    SecureString,
    /// `IDENTIFIED BY`.
    IdentifiedBy,
    /// A line of `.pgpass`.
    PasswordFile,
    /// An AWS key id, near which its secret may stand.
    AwsKeyId,
    /// The start of a crypt hash.
    Hash,
}

/// An anchor's literal and its parser.
type Entry = (&'static [u8], AnchorKind);

/// The anchors, in groups that a packed searcher each looks for: one searcher's first step looks at the low halves of
/// three bytes only, so that letters and signs in one group raise its false hits tenfold. Measured on transcripts:
/// 7, 9 and 14 GB/s for these three; 0.8 GB/s for all in one. Within a group no literal is a prefix of another, so
/// that at most one stands at each position. A frequent literal (`oken`: a thousand a MB, nearly all `input_tokens`)
/// costs a look each.
pub const GROUPS: [&[Entry]; 3] = [NAMES, WORDS, SIGNS];

/// Pieces of key names, and URLs.
const NAMES: &[Entry] = &[
    (b"pass", AnchorKind::Name),
    (b"Pass", AnchorKind::Name),
    (b"PASS", AnchorKind::Name),
    (b"pwd", AnchorKind::Name),
    (b"Pwd", AnchorKind::Name),
    (b"PWD", AnchorKind::Name),
    (b"_pw=", AnchorKind::Name),
    (b"_pw\"", AnchorKind::Name),
    (b"_pw:", AnchorKind::Name),
    (b"_PW", AnchorKind::Name),
    (b"ecret", AnchorKind::Name),
    (b"ECRET", AnchorKind::Name),
    (b"oken", AnchorKind::Name),
    (b"OKEN", AnchorKind::Name),
    (b"key", AnchorKind::Name),
    (b"Key", AnchorKind::Name),
    (b"KEY", AnchorKind::Name),
    (b"cred", AnchorKind::Name),
    (b"Cred", AnchorKind::Name),
    (b"CRED", AnchorKind::Name),
    (b"auth", AnchorKind::Name),
    (b"Auth", AnchorKind::Name),
    (b"AUTH", AnchorKind::Name),
    (b"dsn", AnchorKind::Name),
    (b"DSN", AnchorKind::Name),
    (b"_PAT", AnchorKind::Name),
    (b"_pat=", AnchorKind::Name),
    (b"_pat\"", AnchorKind::Name),
    (b"://", AnchorKind::Scheme),
    (b"\\/\\", AnchorKind::EscapedSlashes),
];

/// Other words.
const WORDS: &[Entry] = &[
    (b"earer", AnchorKind::Bearer),
    (b"EARER", AnchorKind::Bearer),
    (b"ookie", AnchorKind::Cookie),
    (b"code=", AnchorKind::Query),
    (b"code\\", AnchorKind::Query),
    (b"sig\\u", AnchorKind::Query),
    (b"ature\\u", AnchorKind::Query),
    (b"sig=", AnchorKind::Query),
    (b"ature=", AnchorKind::Query),
    (b"SecureString", AnchorKind::SecureString),
    (b"entified", AnchorKind::IdentifiedBy),
    (b"ENTIFIED", AnchorKind::IdentifiedBy),
    (b":thin:", AnchorKind::OracleUrl),
    (b"AKIA", AnchorKind::AwsKeyId),
    (b"ASIA", AnchorKind::AwsKeyId),
    (b"pbkdf2", AnchorKind::Hash),
    (b"scrypt", AnchorKind::Hash),
    (b"SSHA", AnchorKind::Hash),
];

/// Signs of command lines, hashes and files.
const SIGNS: &[Entry] = &[
    (b" -u", AnchorKind::UserFlag),
    (b"--user", AnchorKind::UserFlag),
    (b" -p", AnchorKind::PasswordFlag),
    (b"s-cli ", AnchorKind::AuthFlag),
    (b":*:", AnchorKind::PasswordFile),
    (b":5432:", AnchorKind::PasswordFile),
    (b"$1$", AnchorKind::Hash),
    (b"$5$", AnchorKind::Hash),
    (b"$6$", AnchorKind::Hash),
    (b"$2a$", AnchorKind::Hash),
    (b"$2b$", AnchorKind::Hash),
    (b"$2y$", AnchorKind::Hash),
    (b"$y$", AnchorKind::Hash),
    (b"$apr1$", AnchorKind::Hash),
    (b"$argon2", AnchorKind::Hash),
    (b"$krb5", AnchorKind::Hash),
];

/// Where an anchor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub start: usize,
    pub end: usize,
    pub kind: AnchorKind,
}

/// The searchers for [`GROUPS`].
pub struct Finder {
    machines: [Machine; 3],
}

enum Machine {
    Packed(packed::Searcher),
    /// Where the processor has no vectors that the packed searcher knows.
    Automaton(AhoCorasick),
}

impl Machine {
    fn new(group: &[Entry], is_fat: bool) -> Machine {
        let literals = group.iter().map(|(literal, _)| *literal);
        let build = |fat: Option<bool>| {
            let mut config = packed::Config::new();
            config.only_teddy(true).only_teddy_fat(fat).heuristic_pattern_limits(false);
            config.builder().extend(literals.clone()).build()
        };
        // Sixteen buckets in place of eight, where the processor has them (AVX2).
        match build(is_fat.then_some(true)).or_else(|| build(None)) {
            Some(searcher) => Machine::Packed(searcher),
            None => Machine::Automaton(
                AhoCorasick::new(literals.clone())
                    .expect("the anchors are few and short: no limit can be met"),
            ),
        }
    }

    /// Returns start, end and index of the first literal in `from..to`.
    #[inline]
    fn find(&self, bytes: &[u8], from: usize, to: usize) -> Option<(usize, usize, usize)> {
        match self {
            Machine::Packed(searcher) => searcher
                .find_in(bytes, aho_corasick::Span { start: from, end: to })
                .map(|hit| (hit.start(), hit.end(), hit.pattern().as_usize())),
            Machine::Automaton(automaton) => automaton
                .find(aho_corasick::Input::new(bytes).range(from..to))
                .map(|hit| (hit.start(), hit.end(), hit.pattern().as_usize())),
        }
    }
}

impl Finder {
    pub fn new() -> Finder {
        Finder {
            machines: [Machine::new(NAMES, true), Machine::new(WORDS, false), Machine::new(SIGNS, false)],
        }
    }

    /// Calls `found` for every anchor that begins in `range` of `bytes` and ends in it too, group by group,
    /// overlapping ones included: so the result doesn't depend on where the search began.
    pub fn each(&self, bytes: &[u8], range: std::ops::Range<usize>, mut found: impl FnMut(Anchor)) {
        for (machine, group) in self.machines.iter().zip(GROUPS) {
            let mut from = range.start;
            while let Some((start, end, index)) = machine.find(bytes, from, range.end) {
                found(Anchor { start, end, kind: group[index].1 });
                from = start + 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_anchor_is_a_prefix_of_another() {
        for group in GROUPS {
            for (index, (one, _)) in group.iter().enumerate() {
                let mut others = group.iter().enumerate().filter(|(other, _)| *other != index);
                assert!(others.all(|(_, (other, _))| !other.starts_with(one)), "{}", one.escape_ascii());
            }
        }
    }

    #[test]
    fn every_anchor_is_found_wherever_it_stands() {
        let finder = Finder::new();
        for (literal, kind) in GROUPS.into_iter().flatten() {
            for shift in 0..70 {
                let mut text = vec![b'.'; shift];
                text.extend_from_slice(literal);
                text.extend_from_slice(&[b'.'; 40]);
                let mut all = Vec::new();
                finder.each(&text, 0..text.len(), |anchor| all.push(anchor));
                let wanted = Anchor { start: shift, end: shift + literal.len(), kind: *kind };
                assert!(all.contains(&wanted), "{}", literal.escape_ascii());
            }
        }
    }
}
