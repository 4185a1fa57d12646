//! A message as one object of JSON: what `show --json`, `search --json` and `export --ndjson` write.

use serde::Serialize;

use super::told::Told;
use super::{Index, Kind, Mark};

/// Whose messages they are: what is the same for all of a transcript. All text is masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Whose {
    pub session: String,
    pub agent: String,
    pub project: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

#[derive(Serialize)]
struct Object<'a> {
    #[serde(flatten)]
    whose: &'a Whose,
    index: Index,
    line: u64,
    role: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    parent: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    tool: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    event: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    call: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    model: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    media: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    subagent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_error: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Counted>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<&'static str>,
    /// Of an image without its data.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_bytes: Option<u64>,
    /// Where the text stands in its line: bytes from the line's start, the end not included.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[usize; 2]>,
    text: &'a str,
}

#[derive(Serialize)]
struct Counted {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
}

impl Serialize for Index {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The object and what else is known of the message where it is told.
#[derive(Serialize)]
struct WithMore<'a, M> {
    #[serde(flatten)]
    object: &'a Object<'a>,
    #[serde(flatten)]
    more: &'a M,
}

/// Appends `told` as one line of JSON, with its line end, the members of `more` behind its own. The data of images is left
/// out unless `with_images`.
pub(crate) fn write_with_more(
    told: &Told<'_>,
    whose: &Whose,
    with_images: bool,
    more: &impl Serialize,
    out: &mut Vec<u8>,
) {
    with_object(told, whose, with_images, |object| append(&WithMore { object, more }, out));
}

/// Returns the object of `told`, without the data of images.
pub(crate) fn value(told: &Told<'_>, whose: &Whose) -> serde_json::Value {
    with_object(told, whose, false, |object| serde_json::to_value(object).unwrap_or_default())
}

fn append(object: &impl Serialize, out: &mut Vec<u8>) {
    // Nothing of it can fail: there are no keys but names, and a vector takes all.
    if serde_json::to_writer(&mut *out, object).is_ok() {
        out.push(b'\n');
    }
}

fn with_object<R>(
    told: &Told<'_>,
    whose: &Whose,
    with_images: bool,
    then: impl FnOnce(&Object<'_>) -> R,
) -> R {
    let message = told.message;
    let is_image = message.kind == Kind::Image && !with_images;
    let name = told.name();
    let (tool, event) = if message.kind == Kind::Event { ("", &*name) } else { (&*name, "") };
    let [id, parent, call, model, media, subagent] =
        [&message.id, &message.parent, &message.call, &message.model, &message.media, &message.part]
            .map(|text| text.of(told.bytes));
    let text = if is_image { Default::default() } else { told.text() };
    let object = Object {
        whose,
        index: message.index,
        line: message.index.line,
        role: message.role.name(),
        kind: message.kind.name(),
        time: message.time.map(|time| time.to_string()),
        id: &id,
        parent: &parent,
        tool,
        event,
        call: &call,
        model: &model,
        media: &media,
        subagent: &subagent,
        is_error: message.outcome.is_error,
        exit_code: message.outcome.exit_code,
        tokens: message.tokens.map(|tokens| Counted {
            input: tokens.input,
            output: tokens.output,
            cache_read: tokens.cache_read,
            cache_write: tokens.cache_write,
        }),
        marks: message.marks.iter().map(Mark::name).collect(),
        image_bytes: (message.kind == Kind::Image).then(|| image_bytes(message.text.raw(told.bytes))),
        range: told.range().map(|range| [range.start, range.end]),
        text: &text,
    };
    then(&object)
}

/// Returns the bytes of the picture that `data` is: base64, perhaps behind `data:image/png;base64,`; 0 for an address.
pub(crate) fn image_bytes(data: &[u8]) -> u64 {
    let data = match data.strip_prefix(b"data:") {
        Some(rest) => memchr::memchr(b',', rest).map_or(&b""[..], |comma| &rest[comma + 1..]),
        None if memchr::memmem::find(&data[..data.len().min(16)], b"://").is_some() => b"",
        None => data,
    };
    let padding = data.iter().rev().take(2).filter(|byte| **byte == b'=').count() as u64;
    (data.len() as u64 / 4 * 3).saturating_sub(padding)
}
