//! Tokens that no literal at their start gives away: one function each, named in the rule's entry. In come the window, the
//! rule, and a run of word bytes or the place of a literal; each looks at what it is about from there, and adds a match if
//! there is one. What must be seen for a function to be called is said in the entry, too: see
//! [`super::vocabulary::Shape`].
//!
//! In this order, by what gives them away: [`sign`], [`whole`], [`quoted`], [`literal`].

pub(crate) mod literal;
pub(crate) mod quoted;
pub(crate) mod sign;
pub(crate) mod whole;
