//! The literals ("anchors") near which a secret may stand: what kinds there are. The list of them is in
//! [`super::literals`]; what is done at one is the business of [`crate::mask::context`].

/// Which parser looks at an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnchorKind {
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

/// Where an anchor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub start: usize,
    pub end: usize,
    pub kind: AnchorKind,
}
