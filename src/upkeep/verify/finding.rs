//! What a check of a store can find, and how it is named in JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What sort of thing was found. Damage is what makes the exit code 4; what could not be checked makes it 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FindingKind {
    Damaged,
    Unreadable,
    NewerFormat,
    Unmasked,
    SidecarMissing,
    SidecarInvalid,
    SidecarStale,
    SidecarAlone,
    Catalog,
    CatalogRow,
    Ledger,
    Permissions,
    Owner,
    Link,
    TemporaryFile,
    UnknownFile,
    SetAside,
}

impl FindingKind {
    /// Returns the name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            FindingKind::Damaged => "damaged",
            FindingKind::Unreadable => "unreadable",
            FindingKind::NewerFormat => "newer-format",
            FindingKind::Unmasked => "unmasked",
            FindingKind::SidecarMissing => "sidecar-missing",
            FindingKind::SidecarInvalid => "sidecar-invalid",
            FindingKind::SidecarStale => "sidecar-stale",
            FindingKind::SidecarAlone => "sidecar-without-archive",
            FindingKind::Catalog => "catalog",
            FindingKind::CatalogRow => "catalog-row",
            FindingKind::Ledger => "ledger",
            FindingKind::Permissions => "permissions",
            FindingKind::Owner => "owner",
            FindingKind::Link => "link",
            FindingKind::TemporaryFile => "temporary-file",
            FindingKind::UnknownFile => "unknown-file",
            FindingKind::SetAside => "set-aside",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub kind: FindingKind,
    pub path: PathBuf,
    /// What is wrong, to be read after the path: `block 3 does not match its checksum`.
    pub what: String,
    /// A command that mends it.
    pub mend: String,
    /// For [`FindingKind::Unmasked`], what today's rules find, by rule.
    pub rules: BTreeMap<String, u64>,
}

impl Finding {
    /// Returns a finding about the file at `path`.
    pub(crate) fn new(kind: FindingKind, path: &Path, what: String, mend: String) -> Finding {
        Finding { kind, path: path.to_path_buf(), what, mend, rules: BTreeMap::new() }
    }
}
