//! What benchmarks, fuzz targets and tests need of the inside, by subject and not by file. Nothing else may use it, and
//! it may change at any time.

pub mod agents {
    pub use crate::agents::hook::parse_payload;
    pub use crate::agents::hook_input::{HookInput, ValueEnd, complete_json_value};
    pub use crate::agents::{describe, guess_path, identify, registry};
}

pub mod archive {
    pub use crate::archive::catalog::Catalog;
    pub use crate::archive::gzip::Compressor;
    pub use crate::archive::header::{Block, Header};
    pub use crate::archive::header_codec;
    pub use crate::archive::reader::{Archive, BlockReader};
    pub use crate::archive::sidecar::Sidecar;
    pub use crate::archive::store::Store;
    pub use crate::identity::Identity;
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
