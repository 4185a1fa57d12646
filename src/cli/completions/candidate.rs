//! One thing that may stand at the cursor, before it is fitted to a shell.

/// What may stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Candidate {
    pub value: String,
    /// What is said of it where the shell shows that. Not safe for a terminal.
    pub about: String,
}

impl Candidate {
    pub(super) fn new(value: impl Into<String>, about: impl Into<String>) -> Candidate {
        Candidate { value: value.into(), about: about.into() }
    }
}
