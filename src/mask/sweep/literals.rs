//! The short literals that are searched for: pieces of key names and other anchors of context rules, and what those
//! tokens and key files hold that need not hold a long run of word bytes. Owns the list, and tells which literal
//! stands at a place that looks like one; the search for such places is that of `runs`.

use crate::mask::sweep::anchor::AnchorKind;

/// How many bytes of a literal are its stem.
pub(crate) const STEM_BYTES: usize = 3;

/// Whose a literal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// An anchor of context rules.
    Anchor(AnchorKind),
    /// Begins tokens that need not hold a long run of word bytes.
    Start,
    /// Gives a token or a key file away that no literal at its start does.
    Shape,
    /// Begins tokens that nothing else looks like: also after a hyphen or an underscore, which join a token to a name
    /// (`fix-TOKEN`, `KEY_TOKEN`).
    Joined,
    /// Stands in records that hold a piece of a message.
    Piece,
}

/// A literal, and where in it the three bytes are that are searched for: the rarest ones, in transcripts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal {
    pub text: &'static [u8],
    pub stem_at: usize,
    pub meaning: Meaning,
}

const fn anchor(text: &'static [u8], stem_at: usize, kind: AnchorKind) -> Literal {
    Literal { text, stem_at, meaning: Meaning::Anchor(kind) }
}

const fn start(text: &'static [u8], stem_at: usize) -> Literal {
    Literal { text, stem_at, meaning: Meaning::Start }
}

const fn shape(text: &'static [u8], stem_at: usize) -> Literal {
    Literal { text, stem_at, meaning: Meaning::Shape }
}

const fn joined(text: &'static [u8], stem_at: usize) -> Literal {
    Literal { text, stem_at, meaning: Meaning::Joined }
}

const fn piece(text: &'static [u8], stem_at: usize) -> Literal {
    Literal { text, stem_at, meaning: Meaning::Piece }
}

/// The literals, in buckets. The search takes a place for a stem if each half of each of the three bytes occurs there in
/// a stem of one bucket: so those that share halves share a bucket. This division was made by joining, again and
/// again, the two buckets that let through the fewest places more; it lets through some 8600 of a million places
/// in transcripts, of which 1700 are stems (half of them `oken`). Eight buckets would let 53000 through.
pub(crate) const BUCKETS: [&[Literal]; 16] = [
    &[
        anchor(b"pass", 0, AnchorKind::Name),
        anchor(b"Pass", 0, AnchorKind::Name),
        anchor(b"_pw=", 0, AnchorKind::Name),
        anchor(b"_pw\"", 0, AnchorKind::Name),
        anchor(b"_pw:", 0, AnchorKind::Name),
        anchor(b"_PW", 0, AnchorKind::Name),
        anchor(b"_PAT", 0, AnchorKind::Name),
        joined(b"sk-ant-", 0),
        joined(b"npm_", 1),
    ],
    &[shape(b"ACDb", 1), anchor(b"Cred", 0, AnchorKind::Name), shape(b"+AIo", 1), shape(b"+AEh", 1)],
    &[
        anchor(b"PASS", 0, AnchorKind::Name),
        shape(b"+ACR", 0),
        shape(b"+ASt", 0),
        shape(b"+ASb", 0),
        anchor(b"SecureString", 4, AnchorKind::SecureString),
        start(b"xoxd-", 2),
        anchor(b"\\/\\", 0, AnchorKind::EscapedSlashes),
    ],
    &[
        anchor(b"pwd", 0, AnchorKind::Name),
        anchor(b"Pwd", 0, AnchorKind::Name),
        anchor(b"PWD", 0, AnchorKind::Name),
        anchor(b"dsn", 0, AnchorKind::Name),
        anchor(b"DSN", 0, AnchorKind::Name),
        anchor(b"_pat\"", 2, AnchorKind::Name),
    ],
    &[
        anchor(b"://", 0, AnchorKind::Scheme),
        anchor(b":thin:", 0, AnchorKind::OracleUrl),
        shape(b"Private-Lines: ", 7),
        anchor(b"$y$", 0, AnchorKind::Hash),
        piece(b"delta\"", 2),
        joined(b"pypi-AgE", 4),
    ],
    &[
        anchor(b"ASIA", 1, AnchorKind::AwsKeyId),
        anchor(b"ENTIFIED", 4, AnchorKind::IdentifiedBy),
        anchor(b"AKIA", 1, AnchorKind::AwsKeyId),
        shape(b"PresharedKey", 7),
        shape(b"PRIVATE KEY", 6),
        shape(b"PRIVATE\x1b[", 2),
        shape(b"PRIVATE\\u001b[", 2),
        shape(b"PRIVATE \x1b[", 2),
        shape(b"PRIVATE \\u001b[", 2),
    ],
    &[
        anchor(b":*:", 0, AnchorKind::PasswordFile),
        anchor(b":5432:", 3, AnchorKind::PasswordFile),
        joined(b"ghp_", 1),
        joined(b"gho_", 1),
        joined(b"ghs_", 1),
        joined(b"ghr_", 1),
    ],
    &[
        shape(b"hooks.zapier.com", 5),
        anchor(b"$1$", 0, AnchorKind::Hash),
        anchor(b"$5$", 0, AnchorKind::Hash),
        anchor(b"Auth", 0, AnchorKind::Name),
        anchor(b"scrypt", 3, AnchorKind::Hash),
    ],
    &[
        anchor(b" -u", 0, AnchorKind::UserFlag),
        anchor(b"--user", 0, AnchorKind::UserFlag),
        shape(b"AzFu", 0),
        shape(b"AzCa", 0),
        shape(b"AzSe", 0),
    ],
    &[
        anchor(b"cred", 1, AnchorKind::Name),
        anchor(b"entified", 5, AnchorKind::IdentifiedBy),
        anchor(b"CRED", 1, AnchorKind::Name),
        piece(b"\"kind\":2", 0),
        piece(b"\"kind\": 2", 0),
        piece(b"\"kind\" : 2", 0),
    ],
    &[
        anchor(b"ecret", 0, AnchorKind::Name),
        shape(b"minisign encrypted secret key", 20),
        shape(b"signify secret key", 9),
        start(b"whsec_", 3),
        anchor(b"key", 0, AnchorKind::Name),
        anchor(b"Key", 0, AnchorKind::Name),
        anchor(b"KEY", 0, AnchorKind::Name),
        anchor(b"earer", 2, AnchorKind::Bearer),
        joined(b"github_pat_", 4),
    ],
    &[
        anchor(b"ECRET", 1, AnchorKind::Name),
        anchor(b"EARER", 1, AnchorKind::Bearer),
        anchor(b"s-cli ", 3, AnchorKind::AuthFlag),
        anchor(b"oken", 0, AnchorKind::Name),
        anchor(b"ookie", 2, AnchorKind::Cookie),
        anchor(b"OKEN", 0, AnchorKind::Name),
        shape(b"PrivateKey", 6),
    ],
    &[
        anchor(b"pbkdf2", 0, AnchorKind::Hash),
        anchor(b" -p", 0, AnchorKind::PasswordFlag),
        piece(b"content.part", 6),
        joined(b"glpat-", 0),
        joined(b"sk-proj-", 1),
    ],
    &[
        anchor(b"auth", 1, AnchorKind::Name),
        anchor(b"AUTH", 1, AnchorKind::Name),
        anchor(b"SSHA", 0, AnchorKind::Hash),
        joined(b"xox", 0),
        piece(b"chunk\"", 2),
        piece(b"chunks\"", 2),
    ],
    &[
        anchor(b"_pat=", 2, AnchorKind::Name),
        anchor(b"ature=", 3, AnchorKind::Query),
        anchor(b"code=", 2, AnchorKind::Query),
        anchor(b"sig=", 1, AnchorKind::Query),
        anchor(b"ature\\u", 3, AnchorKind::Query),
        anchor(b"code\\", 2, AnchorKind::Query),
        anchor(b"sig\\u", 1, AnchorKind::Query),
    ],
    &[
        anchor(b"$6$", 0, AnchorKind::Hash),
        anchor(b"$2a$", 0, AnchorKind::Hash),
        anchor(b"$krb5", 0, AnchorKind::Hash),
        anchor(b"$argon2", 0, AnchorKind::Hash),
        anchor(b"$apr1$", 0, AnchorKind::Hash),
        anchor(b"$2y$", 0, AnchorKind::Hash),
        anchor(b"$2b$", 0, AnchorKind::Hash),
    ],
];

/// How many slots the table of stems has: few enough to stay in the cache, enough that two stems seldom share one.
const SLOTS: usize = 1024;

/// The literals by their stems.
pub(crate) struct Literals {
    /// Sorted by slot.
    literals: Vec<Literal>,
    /// Where the literals of each slot begin; they end where those of the next begin.
    slots: Box<[u8; SLOTS + 1]>,
}

fn slot(stem: u32) -> usize {
    (stem.wrapping_mul(0x9e37_79b1) >> 22) as usize
}

fn stem_of(bytes: &[u8], at: usize) -> Option<u32> {
    let stem = bytes.get(at..at + STEM_BYTES)?;
    Some(u32::from(stem[0]) | u32::from(stem[1]) << 8 | u32::from(stem[2]) << 16)
}

impl Literals {
    pub(crate) fn new() -> Literals {
        let slot_of = |literal: &Literal| stem_of(literal.text, literal.stem_at).map_or(0, slot);
        let mut literals: Vec<Literal> = BUCKETS.concat();
        literals.sort_by_key(slot_of);
        let mut slots = Box::new([0; SLOTS + 1]);
        for (index, begin) in slots.iter_mut().enumerate() {
            *begin = literals.partition_point(|literal| slot_of(literal) < index) as u8;
        }
        Literals { literals, slots }
    }

    /// Calls `found` with the start of each literal whose stem is at `at`.
    #[inline]
    pub(crate) fn each(&self, bytes: &[u8], at: usize, mut found: impl FnMut(&Literal, usize)) {
        let Some(stem) = stem_of(bytes, at) else { return };
        let slot = slot(stem);
        let here = usize::from(self.slots[slot])..usize::from(self.slots[slot + 1]);
        for literal in &self.literals[here] {
            // Most are four bytes long: a loop is faster than the library's comparison.
            if let Some(start) = at.checked_sub(literal.stem_at)
                && let Some(there) = bytes.get(start..start + literal.text.len())
                && there.iter().zip(literal.text).all(|(one, other)| one == other)
            {
                found(literal, start);
            }
        }
    }
}
