//! Builds small stores: archives of ours through the crate's own formats, and those of sessionkeep 0.4.

use sessionkeep::testing::archive::Compressor;
use sessionkeep::testing::archive::Sidecar;
use sessionkeep::testing::archive::header_codec;
use sessionkeep::testing::archive::{Block, Header, Identity};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One session of a store.
pub struct Session<'a> {
    /// Path in the store without suffix.
    pub stem: &'a str,
    pub session_id: &'a str,
    pub agent: &'a str,
    pub project: &'a str,
    pub archived_at: &'a str,
    pub started_at: Option<&'a str>,
    pub ended_at: Option<&'a str>,
    pub title: Option<&'a str>,
    pub model: Option<&'a str>,
    pub branch: Option<&'a str>,
    pub cwd: &'a str,
    pub blocks: &'a [&'a [u8]],
}

impl Default for Session<'_> {
    fn default() -> Self {
        Session {
            stem: "2026/06/2026-06-05_1430_project_a1b2c3d4",
            session_id: "a1b2c3d4-0000",
            agent: "claude-code",
            project: "project",
            archived_at: "2026-06-05T14:30:00+00:00",
            started_at: None,
            ended_at: None,
            title: None,
            model: None,
            branch: None,
            cwd: "/home/someone/project",
            blocks: &[b"{\"text\":\"hello\"}\n"],
        }
    }
}

impl Session<'_> {
    /// Writes the archive and its sidecar; returns the archive's path.
    pub fn write(&self, store: &Path) -> PathBuf {
        let path = self.write_without_sidecar(store);
        let archived_bytes = fs::metadata(&path).expect("was written").len();
        let sidecar = Sidecar::of_header(&self.header(), archived_bytes, &path.to_string_lossy(), Vec::new());
        fs::write(store.join(format!("{}.meta.json", self.stem)), sidecar.to_bytes())
            .expect("can be written");
        path
    }

    pub fn write_without_sidecar(&self, store: &Path) -> PathBuf {
        let mut archive = header_codec::encode(&self.header()).expect("fits");
        archive.extend(self.blocks.iter().flat_map(|block| member(block)));
        write(store, self.stem, &archive)
    }

    fn header(&self) -> Header {
        let blocks: Vec<Block> = self
            .blocks
            .iter()
            .map(|text| Block {
                compressed_bytes: member(text).len() as u32,
                masked_bytes: text.len() as u32,
                source_bytes: text.len() as u32,
                newlines: newlines(text) as u32,
                is_masked: false,
            })
            .collect();
        let bytes = self.blocks.iter().map(|text| text.len() as u64).sum();
        Header {
            identity: Identity {
                agent: self.agent.to_owned(),
                session_id: self.session_id.to_owned(),
                part_id: None,
            },
            source: "/home/someone/session.jsonl".to_owned(),
            source_bytes: bytes,
            clean_bytes: bytes,
            content_hash: [1; 32],
            head_hash: [2; 32],
            rules_version: "test".to_owned(),
            is_rule_set_incomplete: false,
            version: 1,
            supersedes: None,
            archived_at: self.archived_at.to_owned(),
            started_at: self.started_at.map(str::to_owned),
            ended_at: self.ended_at.map(str::to_owned),
            cwd: self.cwd.to_owned(),
            project_slug: self.project.to_owned(),
            title: self.title.map(str::to_owned),
            model: self.model.map(str::to_owned),
            git_branch: self.branch.map(str::to_owned),
            forked_from: None,
            other_ids: Vec::new(),
            masked_states: Vec::new(),
            nul_bytes: 0,
            line_count: self.blocks.iter().map(|text| newlines(text)).sum(),
            masked_lines: 0,
            masked_by_rule: BTreeMap::new(),
            blocks,
        }
    }
}

/// Writes an archive as sessionkeep 0.4 did: one member without a header, and a sidecar with its eleven fields.
pub fn write_as_0_4(store: &Path, stem: &str, text: &[u8]) -> PathBuf {
    let archive = member(text);
    let path = write(store, stem, &archive);
    let sidecar = serde_json::json!({
        "session_id": "old", "archived_at": "2025-01-02T03:04:05", "source": "/old.jsonl", "cwd": "",
        "project_slug": "old-project", "source_bytes": text.len(), "archived_bytes": archive.len(),
        "line_count": newlines(text), "masked_lines": 0, "archive_path": path.to_string_lossy(),
        "schema_version": 1,
    });
    let sidecar = serde_json::to_vec_pretty(&sidecar).expect("is JSON");
    fs::write(store.join(format!("{stem}.meta.json")), sidecar).expect("can be written");
    path
}

/// Writes the bytes of an archive.
pub fn write(store: &Path, stem: &str, archive: &[u8]) -> PathBuf {
    let path = store.join(format!("{stem}.jsonl.gz"));
    fs::create_dir_all(path.parent().expect("is in the store")).expect("can be made");
    fs::write(&path, archive).expect("can be written");
    path
}

/// Returns one gzip member with `text` in it.
pub fn member(text: &[u8]) -> Vec<u8> {
    let mut member = Vec::new();
    Compressor::new(6).expect("a level").member(text, &mut member);
    member
}

fn newlines(text: &[u8]) -> u64 {
    text.iter().filter(|&&byte| byte == b'\n').count() as u64
}
