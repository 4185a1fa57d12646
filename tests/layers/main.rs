//! The house as a test: what imports what is read out of `src/`, and fails where a layer reaches up, a stage reaches
//! sideways, files go round in a circle, or a folder holds too much to know.
//!
//! `cargo test --test layers -- --nocapture` prints files, floors and folders.

mod arrows;
mod circles;
mod source;

use arrows::{Arrow, House};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Files that one folder may hold, its `mod.rs` and tests not counted.
const MOST_FILES: usize = 12;

/// Folders whose files are of one kind and know nothing of each other: agents, commands, tables of rules, tests.
const TABLES: [&str; 4] = ["agents/known", "cli", "mask/tokens/rules", "mask/tests"];

/// Layers from the top down, and what is in each. A room may use what stands in a later row; in its own row only what
/// stands to the right of it where the row is an order.
const LAYERS: [(&str, Order, &[&str]); 4] = [
    ("face", Order::Left, &["main", "lib", "cli"]),
    ("flow", Order::Left, &["upkeep", "setup", "view", "search", "engine", "config"]),
    ("stages", Order::Apart, &["agents", "mask", "archive", "input"]),
    (
        "ground",
        Order::Free,
        &[
            "environment",
            "error",
            "identity",
            "locator",
            "message",
            "platform",
            "recipe",
            "report",
            "row_numbers",
        ],
    ),
];

/// A window for benchmarks, fuzz targets and tests: it may look at everything, and nothing looks at it.
const WINDOW: &str = "testing";

/// What rooms of one layer may use of each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Each those to the right of it.
    Left,
    /// None another.
    Apart,
    /// Any, as long as there is no circle.
    Free,
}

fn house() -> House {
    House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// Returns the layer of a room and its place in it.
fn place_of(room: &str) -> Option<(usize, usize)> {
    LAYERS.iter().enumerate().find_map(|(layer, (_, _, rooms))| {
        rooms.iter().position(|known| *known == room).map(|place| (layer, place))
    })
}

/// Returns why `from` may not use `to`, both rooms below `src/`.
fn objection(from: &str, to: &str) -> Option<&'static str> {
    if from == to || from == WINDOW {
        return None;
    }
    let (Some(upper), Some(lower)) = (place_of(from), place_of(to)) else {
        return Some("stands in no layer");
    };
    match (upper.0.cmp(&lower.0), LAYERS[upper.0].1) {
        (std::cmp::Ordering::Less, _) | (std::cmp::Ordering::Equal, Order::Free) => None,
        (std::cmp::Ordering::Equal, Order::Left) if upper.1 < lower.1 => None,
        (std::cmp::Ordering::Equal, Order::Left) => Some("reaches up within its layer"),
        (std::cmp::Ordering::Equal, Order::Apart) => Some("reaches sideways: stages do not use each other"),
        (std::cmp::Ordering::Greater, _) => Some("reaches up"),
    }
}

fn objections(house: &House) -> Vec<String> {
    let told = |arrow: &Arrow| {
        let why = objection(source::room(&arrow.from), source::room(&arrow.to))?;
        Some(format!("src/{} {why}: it uses {} of src/{}", arrow.from, arrow.name, arrow.to))
    };
    house.arrows.iter().filter_map(told).chain(house.hidden.iter().cloned()).collect()
}

#[test]
fn no_room_uses_one_above_or_beside_it() {
    let objections = objections(&house());
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[test]
fn no_files_go_round_in_a_circle() {
    let circles = circles::chains(&house().arrows);
    assert!(circles.is_empty(), "{}", circles.join("\n\n"));
}

#[test]
fn no_folder_holds_more_files_than_one_can_know_and_each_says_what_it_is() {
    let house = house();
    let mut faults = Vec::new();
    for (folder, files) in house.folders() {
        let counted = files.iter().filter(|name| !matches!(name.as_str(), "mod.rs" | "tests.rs")).count();
        if counted > MOST_FILES && !TABLES.contains(&folder.as_str()) {
            faults.push(format!("src/{folder} holds {counted} files"));
        }
    }
    for (file, text) in &house.texts {
        if !text.starts_with("//!") {
            faults.push(format!("src/{file} does not begin by saying what it owns"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Returns what folders hold that the docs of their modules do not name. Nobody has to name each entry of a table.
fn unnamed(house: &House) -> Vec<String> {
    let mut unnamed = Vec::new();
    for file in house.texts.keys() {
        let module = source::module(file);
        // What is in the folder of this file's folder, if the file is not the folder's own.
        let Some((name, above)) = module.split_last().filter(|(_, above)| !above.is_empty()) else {
            continue;
        };
        let folder = above.join("/");
        let own = [format!("{folder}/mod.rs"), format!("{folder}.rs")];
        let Some(text) = own.iter().find_map(|own| house.texts.get(own)) else { continue };
        let doc = text.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join("\n");
        let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let is_named = doc.split('`').skip(1).step_by(2).any(|quoted| {
            quoted
                .trim_start_matches("mod@")
                .strip_prefix(name.as_str())
                .is_some_and(|rest| !rest.starts_with(is_word))
        });
        if !is_named && !TABLES.contains(&folder.as_str()) {
            unnamed.push(format!("the docs of the module src/{folder} do not name `{name}`"));
        }
    }
    unnamed
}

#[test]
fn the_docs_of_each_folder_name_what_is_in_it() {
    let unnamed = unnamed(&house());
    assert!(unnamed.is_empty(), "{}", unnamed.join("\n"));
}

#[test]
fn a_file_or_folder_that_the_docs_of_its_folder_leave_out_is_seen() {
    let lib = ("lib.rs", "mod engine;");
    for (doc, missing) in [
        ("//! In: a plan. `plan` makes it, [`work::Work`] does it.", 0),
        ("//! In: a plan. `plan_b` makes it, `work` does it.", 1),
        ("//! In: work, by a plan.\n\n// `plan`, `work`", 2),
    ] {
        for own in ["engine/mod.rs", "engine.rs"] {
            let house = made_up(&[
                lib,
                (own, doc),
                ("engine/plan.rs", "//! Plans."),
                ("engine/work/mod.rs", "//! Works."),
            ]);
            assert_eq!(unnamed(&house).len(), missing, "{own}: {doc}");
        }
    }
}

#[test]
fn every_room_stands_in_a_layer_and_every_layer_is_true() {
    let rooms: BTreeSet<String> = house()
        .texts
        .keys()
        .map(|file| source::room(file).to_owned())
        .filter(|room| room != WINDOW)
        .collect();
    let known: BTreeSet<String> =
        LAYERS.iter().flat_map(|(_, _, rooms)| rooms.iter().map(|room| (*room).to_owned())).collect();
    assert_eq!(rooms, known);
}

/// Reads a made-up house: these checks must be able to fail.
fn made_up(files: &[(&str, &str)]) -> House {
    House::of(files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect())
}

#[test]
fn a_use_upward_or_sideways_is_seen_in_whatever_way_it_is_written() {
    let lib = ("lib.rs", "mod agents; mod engine; mod error; mod mask;");
    let mask = ("mask/mod.rs", "mod masker;\npub(crate) use masker::Masker;");
    let masker = ("mask/masker.rs", "pub(crate) struct Masker;\nimpl Masker { fn new() {} }");
    for (file, text) in [
        ("error.rs", "use crate::engine::Engine;"),
        ("error.rs", "fn f() { crate::engine::run(); }"),
        ("error.rs", "use crate::{engine::{self, Engine}};"),
        ("error.rs", "use crate::engine;"),
        ("error.rs", "pub(crate) use crate::engine::Engine;"),
        ("error.rs", "use crate::engine; use engine::Engine;"),
        ("error.rs", "use crate as c; use c::engine::Engine;"),
        ("error.rs", "use crate::engine as e; use e::Engine as _;"),
        ("error.rs", "use crate as c; use c::engine as e; fn f() { e::run(); }"),
        ("error.rs", "extern crate self as me;"),
        ("error.rs", "include!(\"engine/mod.rs\");"),
        ("error.rs", "include !(\"engine/mod.rs\");"),
        ("error.rs", "#[path = \"engine/mod.rs\"]\nmod engine;"),
        ("error.rs", "use crate :: engine :: Engine;"),
        ("error.rs", "fn f() { crate\n    ::engine\n    ::run(); }"),
        ("error.rs", "use crate::r#engine::Engine;"),
        ("error.rs", "pub(crate)\nuse crate::engine::Engine;"),
        ("error.rs", "const S: &CStr = cr\"\\\"; use crate::engine::Engine; const T: &str = \"\";"),
        ("agents/mod.rs", "use crate::mask::Masker;"),
        ("agents/mod.rs", "pub(crate) use crate::mask;"),
        ("agents/mod.rs", "fn f(_: &super::mask::Masker) {}"),
        ("agents/mod.rs", "use crate::mask; fn f() { mask::Masker::new(); }"),
    ] {
        let house =
            made_up(&[lib, mask, masker, ("engine/mod.rs", "struct Engine; fn run() {}"), (file, text)]);
        assert_eq!(objections(&house).len().min(1), 1, "{file}: {text}");
    }
    for (file, text) in [
        ("engine/mod.rs", "use crate::mask::Masker;"),
        ("error.rs", "// use crate::engine::Engine;"),
        ("error.rs", "const S: &str = \"crate::engine::Engine\";"),
        ("error.rs", "const S: &CStr = cr\"\\\"; const T: &str = \"use crate::engine::Engine;\";"),
        (
            "error.rs",
            "use std::fs; use ::std::io; fn f() -> ::std::io::Result<()> { fs::read(include_bytes!(\"x\")) }",
        ),
        ("error.rs", "#[cfg(test)]\nmod tests { use crate::engine::Engine; }"),
    ] {
        let house = made_up(&[lib, mask, masker, (file, text)]);
        assert_eq!(objections(&house), Vec::<String>::new(), "{file}: {text}");
    }
}

#[test]
fn a_circle_is_seen_also_where_it_leads_through_what_a_folder_hands_on() {
    let lib = ("lib.rs", "mod mask;");
    let one = ("mask/one.rs", "use super::Two;\npub(crate) struct One;");
    let two = ("mask/two.rs", "use super::one::One;\npub(crate) struct Two;");
    let house = made_up(&[lib, ("mask/mod.rs", "mod one; mod two;\npub(crate) use two::Two;"), one, two]);
    assert_eq!(
        circles::chains(&house.arrows),
        ["mask/one.rs -> mask/two.rs (Two)\nmask/two.rs -> mask/one.rs (One)"]
    );
    // A folder that only hands on is no part of a circle; one that uses its files, which use it, is.
    let user = "mod two;\nuse two::Two;\npub(crate) struct Both(Two);";
    let house =
        made_up(&[lib, ("mask/mod.rs", user), ("mask/two.rs", "use super::Both;\npub(crate) struct Two;")]);
    assert_eq!(circles::chains(&house.arrows).len(), 1);
}

#[test]
#[expect(clippy::print_stdout, reason = "whoever asks for it wants to read it")]
fn the_house_in_figures() {
    let house = house();
    let floors = circles::floors(&house.arrows, house.texts.keys());
    let height = floors.values().max().copied().unwrap_or_default();
    let lines: Vec<usize> = house.texts.values().map(|text| text.lines().count()).collect();
    println!("{} files, {} lines, {} arrows", lines.len(), lines.iter().sum::<usize>(), house.arrows.len());
    println!("{height} floors, {} circles", circles::chains(&house.arrows).len());
    let large: BTreeMap<&String, usize> = house
        .texts
        .iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, count)| *count > 400)
        .collect();
    println!("files of more than 400 lines: {large:?}");
    for (folder, files) in house.folders() {
        println!("{:>3} src/{folder}", files.len());
    }
    assert!(height > 1, "what imports what could not be read");
}
