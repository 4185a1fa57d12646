//! What benchmarks, fuzz targets and tests need of the inside, by subject and not by file. Nothing else may use it, and
//! it may change at any time.

pub mod agents {
    pub use crate::agents::hook::{HookInput, ValueEnd, complete_json_value, parse_payload};
    pub use crate::agents::{describe, guess_path, identify, registry};
}

pub mod archive {
    pub use crate::archive::gzip::Compressor;
    pub use crate::archive::header::codec as header_codec;
    pub use crate::archive::header::{Block, Header};
    pub use crate::archive::reader::{Archive, BlockReader};
    pub use crate::archive::sidecar::Sidecar;
    pub use crate::identity::Identity;

    /// Opens the store at `root` and its catalog, as a run does: an older one is made anew.
    ///
    /// # Panics
    ///
    /// If either cannot be opened.
    pub fn open_catalog(root: &std::path::Path) {
        let store = crate::archive::store::Store::open(root).expect("a store opens");
        drop(crate::archive::catalog::Catalog::open(&store).expect("there is always a catalog"));
    }

    /// Opens the store at `root`, which is made, with a catalog of these bytes, and asks the catalog what a run asks:
    /// whatever the bytes are, there is one that answers.
    ///
    /// # Panics
    ///
    /// If there is none, or if the store cannot be made.
    pub fn ask_catalog_of(root: &std::path::Path, bytes: &[u8]) {
        use crate::archive::catalog::{CATALOG_FILE, Catalog};
        let store = crate::archive::store::Store::open(root).expect("a new store opens");
        std::fs::write(store.private_path(CATALOG_FILE), bytes).expect("can be written");
        let (mut catalog, _) = Catalog::open(&store).expect("there is always a catalog");
        let Ok((snapshot, _)) = catalog.snapshot(&store) else { return };
        let identity = Identity { agent: "claude-code".into(), session_id: "a".into(), part_id: None };
        let _ = catalog.rows_of(&identity);
        let _ = catalog.row_at(7);
        drop(snapshot);
    }
}

pub mod config {
    pub use crate::config::{Config, Flags};
    pub use crate::environment::Environment;
}

pub mod engine {
    pub use crate::engine::{Settings, Totals, Where, import};
}

pub mod error {
    pub use crate::error::{Error, Result};
}

pub mod mask {
    pub use crate::mask::recipe;
    pub use crate::mask::{
        Findings, Learned, Masker, Options, Scratch, StreamMasker, Tally, Window, mask_whole,
    };
}

pub mod report {
    pub use crate::report::Reporter;
}

pub mod search {
    pub use crate::search::{Filter, FoundLine, Hits, Query, Search, Sink, Wanted, run};
}
