//! Whose a record is, as its agent says.

/// What a record says of the transcript that it is in.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    /// The session's id as recorded, not cleaned.
    pub session_id: Option<String>,
    /// The part's id, if the record says that it is in a part.
    pub part_id: Option<String>,
}

impl Claim {
    /// A record that is of this agent's making and tells no more.
    pub(crate) fn agent_only() -> Claim {
        Claim::default()
    }

    /// A record of the session `id`.
    pub(crate) fn session(id: impl Into<String>) -> Claim {
        Claim { session_id: Some(id.into()), part_id: None }
    }
}
