//! That nothing which is to be run, or compared with, is left out: test files, scripts, snapshots.

use crate::home::files_below;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn has_suffix(path: &Path, suffix: &str) -> bool {
    path.extension().is_some_and(|extension| extension == suffix)
}

fn stem(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

/// Returns the Rust files in the directories of `tests`, which cargo does not find by itself.
fn modules() -> Vec<PathBuf> {
    let is_below = |path: &PathBuf| has_suffix(path, "rs") && path.parent() != Some(&root().join("tests"));
    files_below(&root().join("tests")).into_iter().filter(is_below).collect()
}

#[test]
fn every_test_file_is_declared_where_its_directory_begins() {
    let modules = modules();
    assert!(modules.len() > 40, "they are found: {modules:?}");
    for path in modules {
        let directory = path.parent().unwrap();
        let (owner, name) = match stem(&path) {
            "main" => continue,
            "mod" => (directory.parent().unwrap(), stem(directory)),
            name => (directory, name),
        };
        let declarations = ["main.rs", "mod.rs"].map(|name| fs::read_to_string(owner.join(name)));
        let declarations: String = declarations.into_iter().flatten().collect();
        let is_declared = declarations.lines().any(|line| {
            line.trim().trim_start_matches("pub ").strip_prefix("mod ") == Some(&format!("{name};"))
        });
        assert!(is_declared, "{} is in no test: add `mod {name};` in {}", path.display(), owner.display());
    }
}

#[test]
fn every_file_of_unit_tests_is_part_of_the_file_that_it_tests() {
    let sources: Vec<PathBuf> =
        files_below(&root().join("src")).into_iter().filter(|path| has_suffix(path, "rs")).collect();
    let tests: Vec<&PathBuf> = sources.iter().filter(|path| stem(path).ends_with("_tests")).collect();
    assert!(tests.len() > 5, "they are found: {tests:?}");
    for path in tests {
        let ways = [format!("#[path = \"{}.rs\"]", stem(path)), format!("mod {};", stem(path))];
        let beside = sources.iter().filter(|source| source.parent() == path.parent());
        let mut lines = beside.flat_map(|source| read(source).lines().map(str::to_owned).collect::<Vec<_>>());
        let is_named = lines.any(|line| ways.iter().any(|way| line.trim() == way));
        assert!(is_named, "no file beside it names {}: add `{}`", path.display(), ways[0]);
    }
}

#[test]
fn every_fuzz_target_is_built() {
    let manifest = read(&root().join("fuzz/Cargo.toml"));
    let targets = files_below(&root().join("fuzz/fuzz_targets"));
    assert!(targets.len() > 5, "they are found: {targets:?}");
    for path in &targets {
        let is_target = manifest.contains(&format!("path = \"fuzz_targets/{}.rs\"", stem(path)));
        let is_module =
            || targets.iter().any(|target| read(target).contains(&format!("mod {};", stem(path))));
        assert!(is_target || is_module(), "fuzz/Cargo.toml does not name {}", path.display());
    }
}

#[test]
fn every_script_is_named_where_somebody_looks() {
    let mut texts = read(&root().join(".ci/run")) + &read(&root().join("README.md"));
    modules().iter().filter(|path| stem(path) != "forgotten").for_each(|path| texts += &read(path));
    let scripts: Vec<PathBuf> = files_below(&root().join("tests"))
        .into_iter()
        .filter(|path| has_suffix(path, "sh") || has_suffix(path, "py"))
        .collect();
    assert!(!scripts.is_empty(), "they are found");
    for script in scripts {
        let relative = script.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let beside = fs::read_to_string(script.with_file_name("README.md")).unwrap_or_default();
        let is_named_beside = beside.contains(script.file_name().unwrap().to_str().unwrap());
        assert!(
            is_named_beside || texts.contains(&relative),
            "neither .ci/run nor a README.md nor a test names {relative}"
        );
    }
}

#[test]
fn every_snapshot_is_compared_with() {
    let sources: String = modules().iter().map(|path| read(path)).collect();
    let snapshots = files_below(&root().join("tests"));
    let snapshots: Vec<_> =
        snapshots.iter().filter(|path| path.to_str().unwrap().contains(".snap")).collect();
    assert!(snapshots.len() > 10, "they are found: {snapshots:?}");
    for path in snapshots {
        assert!(has_suffix(path, "snap"), "{} is for somebody to accept or to remove", path.display());
        // Before the name there may be the module's.
        let name = stem(path).rsplit("__").next().unwrap();
        let ways =
            [format!(".are(\"{name}\""), format!("snapshot(\"{name}\""), format!("snapshot!(\"{name}\"")];
        assert!(ways.iter().any(|way| sources.contains(way)), "no test compares with {}", path.display());
    }
}

#[test]
fn no_snapshot_holds_what_would_be_masked() {
    let home = crate::home::Home::new();
    for path in files_below(&root().join("tests/it/snapshots")) {
        let text = read(&path);
        let run = home.run_with_input(&["mask", "--no-known-values"], text.as_bytes()).exits(0);
        let changed = text.lines().zip(run.stdout.lines()).position(|(line, masked)| line != masked);
        assert!(changed.is_none() && text == run.stdout, "{}: after line {changed:?}", path.display());
    }
}
