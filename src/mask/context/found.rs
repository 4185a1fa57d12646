//! What a parser finds, and how a key and its value are joined: what the parsers of all forms speak of.

use crate::mask::context::values::quote::{Operator, Quote};
use crate::mask::rule::ContextRule;

/// Where the value that was found starts and ends, and the rule that says so.
pub(crate) type Found = (usize, usize, ContextRule);

/// How key and value are joined, as far as it matters to the judgement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Join {
    pub operator: Operator,
    /// A blank before the operator, as in code.
    pub is_spaced: bool,
    /// What opens the value, if it is quoted.
    pub quote: Option<Quote>,
}

impl Join {
    /// Whether a colon joins them.
    pub(crate) fn is_colon(self) -> bool {
        self.operator == Operator::Colon
    }

    /// Whether the value is assigned: `=`, and no comparison.
    pub(crate) fn is_assigned(self) -> bool {
        self.operator == Operator::Assign
    }
}
