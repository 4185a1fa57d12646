//! Finds the literals ("anchors") near which a secret may stand, in one pass over a window. Owns the list of anchors
//! and the packed searcher; knows nothing about what makes a secret.

use aho_corasick::AhoCorasick;
use aho_corasick::packed;

/// Which parser looks at an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorKind {
    /// A piece of a key name: `pass`, `oken`.
    Name,
    /// `://`, at any depth of escaping.
    Scheme,
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

/// The anchors. None is a prefix of another, so that at most one stands at each position. Few and distinctive: each
/// costs some speed in the searcher, and a frequent one (`oken`: a thousand a MB, nearly all `input_tokens`) costs a
/// look each.
pub const ANCHORS: &[(&[u8], AnchorKind)] = &[
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
    (b"_pat=", AnchorKind::Name),
    (b"_pat:", AnchorKind::Name),
    (b"_pat\"", AnchorKind::Name),
    (b"_pat\\", AnchorKind::Name),
    (b"_PAT", AnchorKind::Name),
    (b"ignature=", AnchorKind::Query),
    (b"sig=", AnchorKind::Query),
    (b"?code=", AnchorKind::Query),
    (b"&code=", AnchorKind::Query),
    (b"6code=", AnchorKind::Query),
    (b";code=", AnchorKind::Query),
    (b"://", AnchorKind::Scheme),
    (b":\\/", AnchorKind::Scheme),
    (b":\\\\/", AnchorKind::Scheme),
    (b":\\\\\\\\/", AnchorKind::Scheme),
    (b":\\\\\\\\\\\\\\\\/", AnchorKind::Scheme),
    (b"earer", AnchorKind::Bearer),
    (b"EARER", AnchorKind::Bearer),
    (b"ookie", AnchorKind::Cookie),
    (b" -u", AnchorKind::UserFlag),
    (b"--user", AnchorKind::UserFlag),
    (b" -p", AnchorKind::PasswordFlag),
    (b"s-cli ", AnchorKind::AuthFlag),
    (b"SecureString", AnchorKind::SecureString),
    (b"ENTIFIED", AnchorKind::IdentifiedBy),
    (b"entified", AnchorKind::IdentifiedBy),
    (b":5432:", AnchorKind::PasswordFile),
    (b":*:", AnchorKind::PasswordFile),
    (b"AKIA", AnchorKind::AwsKeyId),
    (b"ASIA", AnchorKind::AwsKeyId),
    (b"$2a$", AnchorKind::Hash),
    (b"$2b$", AnchorKind::Hash),
    (b"$2y$", AnchorKind::Hash),
    (b"$1$", AnchorKind::Hash),
    (b"$5$", AnchorKind::Hash),
    (b"$6$", AnchorKind::Hash),
    (b"$y$", AnchorKind::Hash),
    (b"$apr1$", AnchorKind::Hash),
    (b"$argon2", AnchorKind::Hash),
    (b"$krb5", AnchorKind::Hash),
    (b"$pbkdf2", AnchorKind::Hash),
    (b"$scrypt$", AnchorKind::Hash),
    (b"pbkdf2_sha", AnchorKind::Hash),
    (b"pbkdf2:sha", AnchorKind::Hash),
    (b"scrypt:", AnchorKind::Hash),
    (b"{SSHA", AnchorKind::Hash),
];

/// Where an anchor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub start: usize,
    pub end: usize,
    pub kind: AnchorKind,
}

/// The searcher for [`ANCHORS`].
pub struct Finder {
    machine: Machine,
}

enum Machine {
    Packed(packed::Searcher),
    /// Where the processor has no vectors that the packed searcher knows.
    Automaton(AhoCorasick),
}

impl Finder {
    pub fn new() -> Finder {
        let literals = ANCHORS.iter().map(|(literal, _)| *literal);
        // The heuristic limit is 64 literals; beyond it false hits in the first step get more, which measured well
        // enough here, since the literals' first three bytes are spread.
        let packed = packed::Config::new()
            .only_teddy(true)
            .heuristic_pattern_limits(false)
            .builder()
            .extend(literals.clone())
            .build();
        let machine = match packed {
            Some(searcher) => Machine::Packed(searcher),
            None => Machine::Automaton(
                AhoCorasick::new(literals).expect("the anchors are few and short: no limit can be met"),
            ),
        };
        Finder { machine }
    }

    /// Calls `found` for every anchor that begins in `range` of `bytes` and ends in it too, in order, overlapping
    /// ones included: so the result doesn't depend on where the search began.
    pub fn each(&self, bytes: &[u8], range: std::ops::Range<usize>, mut found: impl FnMut(Anchor)) {
        let mut from = range.start;
        while from < range.end {
            let hit = match &self.machine {
                Machine::Packed(searcher) => searcher
                    .find_in(bytes, aho_corasick::Span { start: from, end: range.end })
                    .map(|hit| (hit.start(), hit.end(), hit.pattern())),
                Machine::Automaton(automaton) => automaton
                    .find(aho_corasick::Input::new(bytes).range(from..range.end))
                    .map(|hit| (hit.start(), hit.end(), hit.pattern())),
            };
            let Some((start, end, pattern)) = hit else { break };
            found(Anchor { start, end, kind: ANCHORS[pattern.as_usize()].1 });
            from = start + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_anchor_is_a_prefix_of_another() {
        for (index, (one, _)) in ANCHORS.iter().enumerate() {
            for (other_index, (other, _)) in ANCHORS.iter().enumerate() {
                assert!(index == other_index || !other.starts_with(one), "{}", one.escape_ascii());
            }
        }
    }

    #[test]
    fn every_anchor_is_found_wherever_it_stands() {
        let finder = Finder::new();
        for (literal, kind) in ANCHORS {
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
