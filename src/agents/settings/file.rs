//! Reads agents' settings: the user's own files, which are only looked at. Comments and trailing commas are allowed in
//! JSON, as most agents allow them; what is no JSON says nothing.

use std::fs;
use std::path::{Path, PathBuf};

use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

/// Bytes of a settings file that are read. Claude Code's grew to megabytes where it kept its history in them.
pub(crate) const MAX_SETTINGS_BYTES: u64 = 32 << 20;

/// Returns a settings file's text; `None` where there is no regular file of an honest size, or no text in it.
pub(crate) fn read(file: &Path) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_SETTINGS_BYTES {
        return None;
    }
    fs::read_to_string(file).ok()
}

/// JSON with comments and trailing commas, which some agents allow in their settings, and nothing beyond.
pub(crate) const WITH_COMMENTS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

fn parse(text: &str) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lenient = || parse_to_ast(text, &CollectOptions::default(), &WITH_COMMENTS).ok()?.value;
    serde_json::from_str(text).ok().or_else(|| lenient().map(Value::from))
}

/// Returns what a settings file holds, comments and trailing commas allowed: not every agent reads such a file, but whoever
/// wrote it meant what it says.
pub(crate) fn read_leniently(file: &Path) -> Option<Value> {
    let text = read(file)?;
    let text = text.trim_start_matches('\u{feff}');
    let options = jsonc_parser::ParseOptions::default();
    let parsed = jsonc_parser::parse_to_ast(text, &jsonc_parser::CollectOptions::default(), &options).ok()?;
    parsed.value.map(Value::from)
}

/// Returns what a settings file holds. One that is there and is no JSON is added to `broken`; an empty one is as good as
/// none.
pub(crate) fn read_json(file: &Path, broken: &mut Vec<PathBuf>) -> Option<Value> {
    let text = read(file)?;
    let value = parse(&text);
    if value.is_none() && !text.trim().is_empty() {
        broken.push(file.to_path_buf());
    }
    value
}
