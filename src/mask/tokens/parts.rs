//! What patterns are written with: texts and runs of bytes of a class. How bytes are compared with them is
//! [`super::pattern`]'s business.

use crate::mask::text::class::{ALNUM, ANY_HEX, BASE64, ByteClass, HEX, LOWER, WORD};

/// No upper limit to a run.
pub(crate) const MANY: usize = usize::MAX;

/// A piece of what follows a literal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// This text.
    Text(&'static str),
    /// So many bytes of a class: at least, at most; as many as there are.
    Run(ByteClass, usize, usize),
    /// This sequence, if it is there.
    Maybe(&'static [Part]),
}

/// At least `least` letters and digits.
pub(crate) const fn alnum(least: usize) -> Part {
    Part::Run(ALNUM, least, MANY)
}

/// At least `least` bytes of `[A-Za-z0-9_-]`.
pub(crate) const fn word(least: usize) -> Part {
    Part::Run(WORD, least, MANY)
}

/// At least `least` lowercase letters and digits.
pub(crate) const fn lower(least: usize) -> Part {
    Part::Run(LOWER, least, MANY)
}

/// At least `least` lowercase hexadecimal digits.
pub(crate) const fn hex(least: usize) -> Part {
    Part::Run(HEX, least, MANY)
}

/// At least `least` bytes of standard base64, padding included.
pub(crate) const fn base64(least: usize) -> Part {
    Part::Run(BASE64, least, MANY)
}

/// Exactly `count` bytes of `class` at this place (more may follow: see [`super::checks::ENDS`]).
pub(crate) const fn exactly(class: ByteClass, count: usize) -> Part {
    Part::Run(class, count, count)
}

/// This text.
pub(crate) const fn text(text: &'static str) -> Part {
    Part::Text(text)
}

/// A UUID in either case.
pub(crate) const UUID: &[Part] = &[
    exactly(ANY_HEX, 8),
    text("-"),
    exactly(ANY_HEX, 4),
    text("-"),
    exactly(ANY_HEX, 4),
    text("-"),
    exactly(ANY_HEX, 4),
    text("-"),
    exactly(ANY_HEX, 12),
];
