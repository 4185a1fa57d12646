//! Custom rules and choices, as the configuration gives them.

/// Custom rules and choices, as the configuration gives them; see [`crate::mask::Masker::new`].
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `mask_patterns`: regex and replacement template in Python's syntax (`\1`, `\g<name>`).
    pub patterns: Vec<(String, String)>,
    /// `mask_literals`.
    pub literals: Vec<String>,
    /// `allow_literals`: a match that equals one of them is left alone.
    pub allow_literals: Vec<String>,
    /// `allow_patterns`: a match in which one of these regexes matches is left alone.
    pub allow_patterns: Vec<String>,
    /// `disable_rules`: ids of built-in rules.
    pub disable_rules: Vec<String>,
    /// Key for the short tags of `"placeholders": "tagged"`; none: no tags.
    pub tag_key: Option<[u8; 32]>,
}
