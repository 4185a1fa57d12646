//! What imports what: arrows from a file to the file that defines what it uses, whoever hands that on.

use crate::source::{self, Import};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

/// A file uses a name that another one defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    pub from: String,
    pub to: String,
    pub name: String,
}

/// The files below `src/`, tests left out, and what imports what.
pub struct House {
    /// By path below `src/`.
    pub texts: BTreeMap<String, String>,
    pub arrows: BTreeSet<Arrow>,
    /// What brings in code or names in a way that is not read here, a sentence each.
    pub hidden: Vec<String>,
}

/// A file as far as imports need it.
struct Room {
    module: Vec<String>,
    imports: Vec<Import>,
    code: String,
    children: BTreeSet<String>,
}

impl House {
    /// Reads all files below `src`.
    pub fn read(src: &Path) -> House {
        let mut texts = BTreeMap::new();
        let mut folders = vec![src.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("src can be listed").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let name =
                        path.strip_prefix(src).expect("it lies below").to_string_lossy().replace('\\', "/");
                    texts.insert(name, fs::read_to_string(&path).expect("source can be read"));
                }
            }
        }
        House::of(texts)
    }

    /// Reads files that are given as text.
    pub fn of(mut texts: BTreeMap<String, String>) -> House {
        let mut codes: BTreeMap<String, String> = BTreeMap::new();
        let mut tests: Vec<String> = Vec::new();
        for (file, text) in &texts {
            let (code, modules) = source::without_tests(&source::plain_code(text));
            let module = source::module(file).join("/");
            tests.extend(
                modules.iter().map(|name| format!("{module}/{name}").trim_start_matches('/').to_owned()),
            );
            tests.extend(named_test_files(file, text));
            codes.insert(file.clone(), code);
        }
        let is_test = |file: &String| {
            let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
            tests.iter().any(|test| path == test || path.starts_with(&format!("{test}/")))
        };
        texts.retain(|file, _| !is_test(file));
        codes.retain(|file, _| !is_test(file));
        let hidden = codes.iter().flat_map(|(file, code)| {
            source::hidden(code).into_iter().map(move |form| format!("src/{file} hides what it uses: {form}"))
        });
        let hidden = hidden.collect();
        let rooms: BTreeMap<String, Room> =
            codes.into_iter().map(|(file, code)| (file.clone(), Room::new(&file, &code))).collect();
        let arrows = Resolver::new(&rooms).arrows();
        House { texts, arrows, hidden }
    }

    /// Returns the names of the files of each folder.
    pub fn folders(&self) -> BTreeMap<String, Vec<String>> {
        let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in self.texts.keys() {
            let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
            folders.entry(folder.to_owned()).or_default().push(name.to_owned());
        }
        folders
    }
}

/// Returns the files of tests that `#[path]` attributes behind `#[cfg(test)]` name.
fn named_test_files(file: &str, text: &str) -> Vec<String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let named = text.split("#[cfg(test)]").skip(1).filter_map(|after| {
        let path = after.trim_start().strip_prefix("#[path = \"")?;
        path.split('"').next()
    });
    named
        .map(|path| format!("{folder}/{}", path.trim_end_matches(".rs")).trim_start_matches('/').to_owned())
        .collect()
}

impl Room {
    fn new(file: &str, code: &str) -> Room {
        let (imports, code) = source::imports(code);
        let names = code.split("mod ").skip(1).filter_map(|rest| {
            let end = rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '_')?;
            rest[end..].trim_start().starts_with(';').then(|| rest[..end].to_owned())
        });
        let children = names.collect();
        Room { module: source::module(file), imports, code, children }
    }
}

/// Finds the file that defines what a path names.
struct Resolver<'a> {
    rooms: &'a BTreeMap<String, Room>,
    by_module: HashMap<Vec<String>, &'a str>,
}

impl<'a> Resolver<'a> {
    fn new(rooms: &'a BTreeMap<String, Room>) -> Resolver<'a> {
        let by_module = rooms.iter().map(|(file, room)| (room.module.clone(), file.as_str())).collect();
        Resolver { rooms, by_module }
    }

    fn arrows(&self) -> BTreeSet<Arrow> {
        let mut arrows = BTreeSet::new();
        for (file, room) in self.rooms {
            let words: BTreeSet<&str> = room
                .code
                .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
                .collect();
            // What is handed on within a room and not used makes no arrow.
            let used = room.imports.iter().filter(|import| {
                !import.is_handed_on
                    || words.contains(import.name.as_str())
                    || self.leads_elsewhere(file, room, &import.path)
            });
            let mut wanted: Vec<Vec<String>> =
                used.map(|import| bound(room, import.path.clone(), Some(import))).collect();
            wanted.extend(source::paths(&room.code).into_iter().map(|path| bound(room, path, None)));
            for path in wanted {
                let Some(absolute) = self.absolute(room, &path) else { continue };
                let Some((to, mut name)) = self.defines(&absolute, 0) else { continue };
                if name.is_empty() && source::room(to) != source::room(file) {
                    name = format!("the module crate::{}", absolute.join("::"));
                }
                if to != file && !name.is_empty() {
                    arrows.insert(Arrow { from: file.clone(), to: to.to_owned(), name });
                }
            }
        }
        arrows
    }

    fn leads_elsewhere(&self, file: &str, room: &Room, path: &[String]) -> bool {
        let to = self.absolute(room, &bound(room, path.to_vec(), None));
        let to = to.and_then(|absolute| self.defines(&absolute, 0));
        to.is_some_and(|(to, _)| source::room(to) != source::room(file))
    }

    /// Returns a path from the crate's root; `None` for what is not ours.
    fn absolute(&self, room: &Room, path: &[String]) -> Option<Vec<String>> {
        let mut rest = path;
        let mut whole = match rest.first()?.as_str() {
            "crate" => {
                rest = &rest[1..];
                Vec::new()
            }
            "self" | "super" => room.module.clone(),
            first if room.children.contains(first) => room.module.clone(),
            _ => return None,
        };
        while let Some(first) = rest.first().filter(|first| matches!(first.as_str(), "self" | "super")) {
            if first == "super" {
                whole.pop();
            }
            rest = &rest[1..];
        }
        whole.extend(rest.iter().cloned());
        Some(whole)
    }

    /// Returns the file that defines what an absolute path names, and the name: a module's own name for a module.
    fn defines(&self, path: &[String], depth: usize) -> Option<(&'a str, String)> {
        if depth > 8 {
            return None;
        }
        let longest = (0..=path.len()).rev().find(|length| self.by_module.contains_key(&path[..*length]))?;
        let file = self.by_module[&path[..longest]];
        let Some(name) = path.get(longest) else {
            // The module itself: what is used of it stands behind its name, and makes an arrow of its own.
            return Some((file, String::new()));
        };
        let room = &self.rooms[file];
        let handed_on = room.imports.iter().find(|import| import.is_handed_on && import.name == *name);
        if let Some(import) = handed_on {
            let mut target = self.absolute(room, &import.path)?;
            target.extend(path[longest + 1..].iter().cloned());
            return self.defines(&target, depth + 1);
        }
        Some((file, name.clone()))
    }
}

/// Returns a path with its first segment replaced by what an import binds it to, and that import's first segment again.
/// `own` is the import that the path is from: it does not bind its own beginning.
fn bound(room: &Room, mut path: Vec<String>, own: Option<&Import>) -> Vec<String> {
    for _ in 0..8 {
        if matches!(path[0].as_str(), "crate" | "self" | "super") {
            break;
        }
        let binds = |import: &&Import| import.name == path[0] && own.is_none_or(|own| *import != own);
        let Some(import) = room.imports.iter().find(binds) else { break };
        path = import.path.iter().chain(&path[1..]).cloned().collect();
    }
    path
}
