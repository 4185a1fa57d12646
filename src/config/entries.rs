//! What the configuration file says: JSON -> masking options. Names the entry that is wrong and shows none of its
//! text, which may be a secret.

use crate::agents::OwnAgent;
use crate::error::{Error, Kind, Result};
use crate::mask::Options;
use serde_json::{Map, Value};
use std::path::Path;

/// How masked text is marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placeholders {
    /// `***MASKED***` and its like, the same for every secret.
    #[default]
    Plain,
    /// With a short keyed tag, the same for the same secret: which of two secrets it was stays visible.
    Tagged,
}

/// What stands in for a match of a custom rule that gives no replacement, as in sessionkeep 0.4.
const DEFAULT_REPLACEMENT: &str = "***MASKED***";

/// What the file says.
#[derive(Debug)]
pub(crate) struct Entries {
    pub masking: Options,
    pub placeholders: Placeholders,
    pub masks_known_values: bool,
    /// Agents of the user's own.
    pub agents: Vec<OwnAgent>,
    /// Entries that mean nothing here.
    pub warnings: Vec<String>,
}

/// Parses the file's `bytes`; `path` is for messages.
///
/// # Errors
///
/// [`Kind::Config`], with line and column for what is no JSON, and the entry's name for what has the wrong type.
pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Entries> {
    // Some editors put a byte order mark in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let root: Value = serde_json::from_slice(bytes)
        .map_err(|error| Error::new(Kind::Config, "invalid config").with_path(path).with_source(error))?;
    let Value::Object(root) = root else {
        return Err(wrong(path, "the file", "a JSON object", &root));
    };
    Reader { path, warnings: Vec::new() }.entries(&root)
}

pub(super) struct Reader<'a> {
    pub(super) path: &'a Path,
    warnings: Vec<String>,
}

impl Reader<'_> {
    fn entries(mut self, root: &Map<String, Value>) -> Result<Entries> {
        let mut masking = Options::default();
        let mut placeholders = Placeholders::Plain;
        let mut masks_known_values = true;
        let mut agents = Vec::new();
        for (name, value) in root {
            match name.as_str() {
                "mask_patterns" => masking.patterns = self.patterns(value)?,
                "mask_literals" => masking.literals = self.texts(name, value)?,
                "allow_literals" => masking.allow_literals = self.texts(name, value)?,
                "allow_patterns" => masking.allow_patterns = self.texts(name, value)?,
                "disable_rules" => masking.disable_rules = self.texts(name, value)?,
                "placeholders" => placeholders = self.placeholders(value)?,
                "mask_known_values" => masks_known_values = self.switch(name, value, true)?,
                "agents" => agents = self.agents(value)?,
                _ => self.unknown(name),
            }
        }
        Ok(Entries { masking, placeholders, masks_known_values, agents, warnings: self.warnings })
    }

    fn patterns(&mut self, value: &Value) -> Result<Vec<(String, String)>> {
        let mut patterns = Vec::new();
        for (index, entry) in self.list("mask_patterns", value)?.iter().enumerate() {
            let name = format!("mask_patterns[{index}]");
            patterns.push(match entry {
                Value::String(pattern) => (self.filled(&name, pattern)?, DEFAULT_REPLACEMENT.to_owned()),
                Value::Object(entry) => self.pattern(&name, entry)?,
                other => return Err(wrong(self.path, &name, "a string or {\"pattern\": ...}", other)),
            });
        }
        Ok(patterns)
    }

    fn pattern(&mut self, name: &str, entry: &Map<String, Value>) -> Result<(String, String)> {
        let pattern = match entry.get("pattern") {
            Some(Value::String(pattern)) => self.filled(&format!("{name}.pattern"), pattern)?,
            Some(other) => return Err(wrong(self.path, &format!("{name}.pattern"), "a string", other)),
            None => return Err(self.invalid(&format!("{name}: \"pattern\" is missing"))),
        };
        let replacement = match entry.get("replacement") {
            Some(Value::String(replacement)) => replacement.clone(),
            None | Some(Value::Null) => DEFAULT_REPLACEMENT.to_owned(),
            Some(other) => return Err(wrong(self.path, &format!("{name}.replacement"), "a string", other)),
        };
        for key in entry.keys() {
            if key != "pattern" && key != "replacement" {
                self.unknown(&format!("{name}.{key}"));
            }
        }
        Ok((pattern, replacement))
    }

    pub(super) fn texts(&self, name: &str, value: &Value) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        for (index, entry) in self.list(name, value)?.iter().enumerate() {
            let name = format!("{name}[{index}]");
            match entry {
                Value::String(text) => texts.push(self.filled(&name, text)?),
                other => return Err(wrong(self.path, &name, "a string", other)),
            }
        }
        Ok(texts)
    }

    pub(super) fn list<'v>(&self, name: &str, value: &'v Value) -> Result<&'v [Value]> {
        match value {
            Value::Array(list) => Ok(list),
            Value::Null => Ok(&[]),
            other => Err(wrong(self.path, name, "a list", other)),
        }
    }

    fn switch(&self, name: &str, value: &Value, default: bool) -> Result<bool> {
        match value {
            Value::Bool(on) => Ok(*on),
            Value::Null => Ok(default),
            other => Err(wrong(self.path, name, "true or false", other)),
        }
    }

    fn placeholders(&self, value: &Value) -> Result<Placeholders> {
        match value {
            Value::Null => Ok(Placeholders::Plain),
            Value::String(text) if text == "plain" => Ok(Placeholders::Plain),
            Value::String(text) if text == "tagged" => Ok(Placeholders::Tagged),
            Value::String(_) => Err(self.invalid("placeholders: expected \"plain\" or \"tagged\"")),
            other => Err(wrong(self.path, "placeholders", "\"plain\" or \"tagged\"", other)),
        }
    }

    /// An empty text matches everywhere, which is never meant.
    pub(super) fn filled(&self, name: &str, text: &str) -> Result<String> {
        if text.is_empty() {
            return Err(self.invalid(&format!("{name}: must not be empty")));
        }
        Ok(text.to_owned())
    }

    /// Keys that begin with `_`, `$` or `//` are comments by custom (JSON has none).
    pub(super) fn unknown(&mut self, name: &str) {
        let key = name.rsplit('.').next().unwrap_or(name);
        if !key.starts_with(['_', '$']) && !key.starts_with("//") {
            self.warnings.push(format!("config {}: unknown entry \"{name}\"", self.path.display()));
        }
    }

    pub(super) fn invalid(&self, what: &str) -> Error {
        invalid(self.path, what)
    }
}

fn invalid(path: &Path, what: &str) -> Error {
    Error::new(Kind::Config, "invalid config").with_path(path).with_source(what).with_hint(
        "\"sessionkeep config check\" shows what the file holds; nothing is archived until it is valid",
    )
}

pub(super) fn wrong(path: &Path, name: &str, expected: &str, found: &Value) -> Error {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    invalid(path, &format!("{name}: expected {expected}, found {found}"))
}
