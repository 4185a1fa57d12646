//! What `--json` prints has one rule: each document, each item of a list and each line is an object with a member
//! `schema` that names the command and the version of its shape. A member may be added in a version; one that goes, or means
//! something else, makes the next. `sessionkeep help json` documents all shapes.

use super::output::Output;
use crate::error::{Error, Kind, Result};
use crate::report::text::safe_json;
use serde_json::{Map, Value};

/// The version of the shape of every command.
const VERSION: u32 = 1;

/// Returns the value of the member `schema` for what `command` prints.
pub(crate) fn schema(command: &str) -> String {
    format!("sessionkeep.{command}/{VERSION}")
}

/// Returns `object` with its schema first.
pub(crate) fn with_schema(command: &str, object: Value) -> Value {
    let mut members = Map::new();
    members.insert("schema".to_owned(), Value::from(schema(command)));
    if let Value::Object(own) = object {
        members.extend(own);
    }
    Value::Object(members)
}

/// Writes `object` as the one document that `command` prints.
pub(crate) fn print(command: &str, object: Value, output: &mut Output) -> Result<()> {
    print_value(&with_schema(command, object), output)
}

/// Writes `objects` as the one list that `command` prints.
pub(crate) fn print_list(
    command: &str,
    objects: impl IntoIterator<Item = Value>,
    output: &mut Output,
) -> Result<()> {
    let list = objects.into_iter().map(|object| with_schema(command, object)).collect();
    print_value(&Value::Array(list), output)
}

fn print_value(value: &Value, output: &mut Output) -> Result<()> {
    output.line(pretty(value)?)
}

/// Returns a value laid out for people, and harmless on a terminal.
pub(crate) fn pretty(value: &Value) -> Result<String> {
    serde_json::to_string_pretty(value).map(safe_json).map_err(internal)
}

/// Returns the error for what cannot be written as JSON.
pub(crate) fn internal(error: serde_json::Error) -> Error {
    Error::new(Kind::Internal, "cannot write JSON").with_source(error)
}
