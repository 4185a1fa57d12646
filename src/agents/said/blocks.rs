//! Tells one block of a message: text, thought, call, result, picture; in the forms of Anthropic's, OpenAI's and Google's
//! interfaces, and of those that agents made of them.

use super::around::Block;
use super::telling::Telling;
use super::tool;
use crate::agents::record::{Record, Value};
use crate::message::{Kind, Text};

/// Tells one block; `value` is the whole of it.
pub(super) fn tell_block(
    told: &mut Telling<'_>,
    around: &Block<'_>,
    block: &Record<'_>,
    value: Value<'_>,
    depth: usize,
) {
    let sort = block.text("type");
    let first = |keys: &[&str]| keys.iter().find_map(|key| block.get(key));
    match sort.as_deref().unwrap_or("") {
        "text" | "input_text" | "output_text" | "Text" | "markdown" => {
            told.blocks(around, first(&["text", "content", "value"]), depth + 1);
        }
        "thinking" | "reasoning" | "think" | "thought" | "summary_text" | "reasoning_text"
        | "reasoning_content" => {
            let thought = first(&["thinking", "text", "think", "reasoning", "thought", "content", "summary"]);
            told.blocks(&Block { kind: Kind::Thinking, ..*around }, thought, depth + 1);
        }
        // The Agent Client Protocol's, around another block.
        "content" => told.blocks(around, block.get("content"), depth + 1),
        // What only the model's maker can read.
        "redacted_thinking" | "redacted-reasoning" => {}
        "tool_use" | "toolCall" | "tool-call" | "tool_call" | "function_call" | "server_tool_use"
        | "mcp_tool_use" | "toolRequest" | "function" => tool::call(told, around, block),
        "tool_result"
        | "toolResult"
        | "tool-result"
        | "mcp_tool_result"
        | "function_call_output"
        | "function_result"
        | "toolResponse"
        | "web_search_tool_result"
        | "code_execution_tool_result" => {
            tool::result(told, around, block, depth);
        }
        "document" if is_text(block) => {
            let source = block.record("source");
            let text = source.and_then(|source| source.get("data").or_else(|| source.get("content")));
            told.blocks(around, text, depth + 1);
        }
        "image" | "input_image" | "image_url" | "document" | "file" | "media" => picture(told, around, block),
        "" => tell_untyped(told, around, block, value, depth),
        _ => tell_unknown(told, around, block, value),
    }
}

/// Blocks without a type: Google's, whose members tell.
fn tell_untyped(
    told: &mut Telling<'_>,
    around: &Block<'_>,
    block: &Record<'_>,
    value: Value<'_>,
    depth: usize,
) {
    if let Some(call) = block.record("functionCall") {
        return tool::call(told, around, &call);
    }
    if let Some(response) = block.record("functionResponse") {
        return tool::result(told, around, &response, depth);
    }
    if block.has("inlineData") || block.has("fileData") || block.has("image_url") {
        return picture(told, around, block);
    }
    match block.get("text").or_else(|| block.get("content")) {
        Some(text) => {
            let is_thought = block.get("thought").is_some_and(Value::is_true);
            let kind = if is_thought { Kind::Thinking } else { around.kind };
            told.blocks(&Block { kind, ..*around }, Some(text), depth + 1);
        }
        None => tell_unknown(told, around, block, value),
    }
}

fn tell_unknown(told: &mut Telling<'_>, around: &Block<'_>, block: &Record<'_>, value: Value<'_>) {
    let name = block.get("type").map_or(Text::None, |name| told.place(name));
    // Part of a result, whatever it is: what the tool said.
    if around.kind == Kind::ToolResult {
        return around.say(told, value);
    }
    let text = told.place(value);
    told.event(name, text);
}

/// Returns whether a document is text as it is, or blocks of such, and not the bytes of a file.
fn is_text(document: &Record<'_>) -> bool {
    document.record("source").is_some_and(|source| source.is("type", "text") || source.is("type", "content"))
}

/// Tells a picture or another file: its type, and its data or where it is.
fn picture(told: &mut Telling<'_>, around: &Block<'_>, block: &Record<'_>) {
    let inner = ["source", "inlineData", "fileData", "image_url", "image", "file"];
    let inner = inner.iter().find_map(|key| block.record(key));
    let find = |keys: &[&str]| {
        let inside = inner.as_ref().and_then(|inner| keys.iter().find_map(|key| inner.get(key)));
        let is_string = |value: &Value<'_>| value.raw().starts_with(b"\"");
        inside.or_else(|| keys.iter().find_map(|key| block.get(key))).filter(is_string)
    };
    let media = find(&["media_type", "mimeType", "mime_type", "mime", "mediaType"]);
    let data = find(&["data", "url", "image_url", "fileUri", "image", "file_data", "path", "file_path"]);
    if media.is_none() && data.is_none() {
        return;
    }
    let place =
        |value: Option<Value<'_>>, told: &Telling<'_>| value.map_or(Text::None, |value| told.place(value));
    let (media, data) = (place(media, told), place(data, told));
    around.put(told, Kind::Image, data).media = media;
}
