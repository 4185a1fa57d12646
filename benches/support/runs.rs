//! Runs of the engine in this process, on directories made for them.

use std::path::{Path, PathBuf};

use sessionkeep::testing::config::{Config, Environment, Flags};
use sessionkeep::testing::engine::{self, Settings, Totals, Where};
use sessionkeep::testing::report::Reporter;

/// What a run is to be like.
#[derive(Clone, Copy, Debug)]
pub struct Import {
    pub threads: usize,
    pub level: u8,
    pub is_dry_run: bool,
}

impl Import {
    /// Imports all transcripts below `from` into the store `store`, says nothing, and returns what was done.
    pub fn run(self, from: &Path, store: &Path) -> Totals {
        let flags = Flags {
            store: Some(store.to_owned()),
            threads: Some(self.threads),
            level: Some(self.level),
            // The machine's own credentials are no part of a measurement.
            no_known_values: true,
            ..Flags::default()
        };
        let environment = Environment::with_home(from);
        let config = Config::resolve(&flags, &environment).expect("these flags fit each other");
        let settings = Settings { is_dry_run: self.is_dry_run, ..Settings::default() };
        let origins =
            [Where::Directory { path: from.to_owned(), pattern: "*.jsonl".to_owned(), agent: None }];
        let totals = engine::import(&config, &settings, &origins, None, &Reporter::silent())
            .expect("the store can be used");
        assert!(totals.errors.is_empty(), "{:?}", totals.errors);
        totals
    }
}

/// Returns the files below a directory whose names end in `suffix`.
pub fn files_below(directory: &Path, suffix: &str) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(directory).sort_by_file_name().into_iter().flatten();
    let paths = walk.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
    paths.filter(|path| path.as_os_str().as_encoded_bytes().ends_with(suffix.as_bytes())).collect()
}

/// Writes `count` Claude Code sessions of a few lines each below `directory`.
pub fn write_tiny_sessions(directory: &Path, count: usize) {
    for index in 0..count {
        let folder = directory.join(format!("project-{}", index / 500));
        if index % 500 == 0 {
            std::fs::create_dir_all(&folder).expect("the directory can be written to");
        }
        let id = format!("{:08x}-0000-4000-8000-{index:012x}", (index as u32).wrapping_mul(0x9e37_79b1));
        let (minute, second) = (index / 60 % 60, index % 60);
        let mut text = String::new();
        for line in 0..3 {
            text.push_str(&format!(
                "{{\"parentUuid\":null,\"cwd\":\"/home/me/project-{}\",\"sessionId\":\"{id}\",\"type\":\"user\",\
                 \"message\":{{\"role\":\"user\",\"content\":\"question {line} of session {index}\"}},\
                 \"timestamp\":\"2026-06-05T14:{minute:02}:{second:02}.{line:03}Z\"}}\n",
                index / 500
            ));
        }
        std::fs::write(folder.join(format!("{id}.jsonl")), text).expect("the session can be written");
    }
}
