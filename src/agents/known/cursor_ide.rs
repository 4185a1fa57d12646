//! Cursor, the editor: `<host>/User/globalStorage/state.vscdb`, a database of all that the editor remembers; of it only the
//! conversations are told, `composerData:<session>` and `bubbleId:<session>:<message>`. Those of editors of the same make
//! hold none.

use std::path::{Path, PathBuf};

use super::rendered::{at, exit_code_in, first, is_something, say, title};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::message::{Kind, Outcome, Role, Text};
use crate::recipe::{NO_SESSIONS, Schema, Table};

const ID: &str = "cursor-ide";

/// Where the editor keeps its data on a machine that is worked on from another, below the user's home.
const SERVER: &str = ".cursor-server/data/User";

/// The editor, and those made of it or from the same source, which may hold conversations that were taken over.
const HOSTS: [&str; 5] = ["Cursor", "Cursor Nightly", "Code", "Code - Insiders", "VSCodium"];

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[],
    sessions: &[
        "SELECT substr(key, 14), NULL, CASE WHEN json_valid(CAST(value AS TEXT)) THEN \
         coalesce(json_extract(CAST(value AS TEXT), '$.lastUpdatedAt'), json_extract(CAST(value AS TEXT), '$.createdAt')) END, \
         octet_length(value) FROM cursorDiskKV WHERE key >= 'composerData:' AND key < 'composerData;' AND value IS NOT NULL",
        // Messages whose conversation is gone are a session still.
        "SELECT substr(key, 10, instr(substr(key, 10), ':') - 1) AS composer, NULL, NULL FROM cursorDiskKV \
         WHERE key >= 'bubbleId:' AND key < 'bubbleId;' GROUP BY composer HAVING composer <> ''",
        NO_SESSIONS,
    ],
    marks: &[
        "SELECT substr(key, 10, instr(substr(key, 10), ':') - 1), NULL, count(*), sum(octet_length(value)) \
         FROM cursorDiskKV WHERE key >= 'bubbleId:' AND key < 'bubbleId;' GROUP BY 1",
        "SELECT substr(key, 14, instr(substr(key, 14), ':') - 1), NULL, count(*), sum(octet_length(value)) \
         FROM cursorDiskKV WHERE key >= 'checkpointId:' AND key < 'checkpointId;' GROUP BY 1",
        "SELECT substr(key, 23, instr(substr(key, 23), ':') - 1), NULL, count(*), sum(octet_length(value)) \
         FROM cursorDiskKV WHERE key >= 'messageRequestContext:' AND key < 'messageRequestContext;' GROUP BY 1",
    ],
    tables: &[
        Table {
            name: "cursorDiskKV",
            id: "key",
            rows: "SELECT * FROM cursorDiskKV WHERE key = 'composerData:' || ?1",
            below: &[],
            // Where messages stood before they had rows of their own.
            split: Some(("value", &["conversation"])),
        },
        Table {
            name: "cursorDiskKV",
            id: "key",
            // In the order that the conversation gives them, those that it does not name last. Sorted by their numbers
            // alone, as what is said may be long; a limit keeps SQLite from leaving the order out.
            rows: "SELECT cursorDiskKV.* FROM (\
                   SELECT bubble.rowid AS place FROM cursorDiskKV AS bubble LEFT JOIN (\
                   SELECT CAST('bubbleId:' || ?1 || ':' || json_extract(header.value, '$.bubbleId') AS TEXT) AS key, header.key AS number \
                   FROM cursorDiskKV AS composer, json_each(CASE WHEN json_valid(CAST(composer.value AS TEXT)) \
                   THEN CAST(composer.value AS TEXT) ELSE '{}' END, '$.fullConversationHeadersOnly') AS header \
                   WHERE composer.key = 'composerData:' || ?1 AND header.type = 'object') AS named ON named.key = bubble.key \
                   WHERE bubble.key >= 'bubbleId:' || ?1 || ':' AND bubble.key < 'bubbleId:' || ?1 || ';' \
                   ORDER BY named.number IS NULL, named.number, bubble.key LIMIT -1) \
                   CROSS JOIN cursorDiskKV ON cursorDiskKV.rowid = place",
            below: &[],
            split: None,
        },
        // What was sent along with messages, and files as they were.
        Table {
            name: "cursorDiskKV",
            id: "key",
            rows: "SELECT * FROM cursorDiskKV \
                   WHERE (key >= 'messageRequestContext:' || ?1 || ':' AND key < 'messageRequestContext:' || ?1 || ';') \
                   OR (key >= 'checkpointId:' || ?1 || ':' AND key < 'checkpointId:' || ?1 || ';') ORDER BY key",
            below: &[],
            split: None,
        },
    ],
}];

pub(crate) struct CursorIde;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for CursorIde {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Cursor IDE"
    }

    /// `globalStorage/` and `workspaceStorage/` of each host that there is.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let mut applications = environment.in_home(".config");
        applications.extend(environment.in_home("Library/Application Support"));
        applications.extend(environment.path("APPDATA"));
        let hosts = applications.iter().flat_map(|data| HOSTS.map(|host| data.join(host).join("User")));
        hosts
            .chain(environment.in_home(SERVER))
            .flat_map(|user| [user.join("globalStorage"), user.join("workspaceStorage")])
            .collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["Cursor", "globalStorage", "workspaceStorage"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        (path.name() == b"state.vscdb").then(|| Recognised::session(ID, None))
    }

    /// A directory for each workspace, but not what extensions keep.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        path.above(1) == b"workspaceStorage"
    }

    fn form(&self, _path: &Path) -> Form {
        Form::Database(&SCHEMAS)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = is_holder_name(stray.name().as_bytes())
            && stray.has_columns(&["cursorDiskKV.key", "cursorDiskKV.value"]);
        is_ours.then(|| PathBuf::from(".config/Cursor/User/globalStorage/state.vscdb"))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        // A message, in a row of its own or split off its conversation, or the conversation.
        let Some(told) = record.record("value").or_else(|| record.record("data")) else { return };
        let is_conversation = is_conversation(record);
        for member in ["createdAt", "lastUpdatedAt"] {
            if let Some(time) = told.get(member) {
                notes.time(time);
            }
        }
        if is_conversation {
            notes.title(TitleRank::Given, told.text("name"));
            notes.git_branch(told.text("createdOnBranch"));
            notes.model(told.inside("modelConfig", "modelName").and_then(Value::filled_text));
        } else if told.get("type").is_some_and(|kind| kind.raw() == b"1") {
            notes.prompt(told.get("text"));
        }
        let folder = told.get("workspaceProjectDir").and_then(Value::filled_text);
        notes.cwd(folder.or_else(|| told.inside("workspaceUris", "fsPath").and_then(Value::filled_text)));
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let Some(data) = record.record("value").or_else(|| record.record("data")) else { return };
        told.time(data.get("createdAt"));
        if is_conversation(record) {
            told.from_here(
                data.inside("modelConfig", "modelName").filter(|name| name.filled_text().is_some()),
            );
            title(told, data.get("name"));
            return told.state(Text::Named("session"));
        }
        told.id(data.get("bubbleId"));
        bubble(&data, told);
        told.state_otherwise(Text::Named("bubble"));
    }
}

fn is_conversation(record: &Record<'_>) -> bool {
    record.text("id").is_some_and(|id| id.strip_prefix("composerData:").is_some_and(|id| !id.contains('/')))
}

/// Tells a message: what the user said, or a piece of an answer, which is a thought, a text or the use of a tool.
fn bubble(data: &Record<'_>, told: &mut Telling<'_>) {
    let role =
        if data.get("type").is_some_and(|kind| kind.raw() == b"1") { Role::User } else { Role::Assistant };
    if role == Role::Assistant {
        told.model(data.inside("modelInfo", "modelName"));
        told.tokens(tokens(data.get("tokenCount"), Cached::Apart));
    }
    say(told, role, Kind::Thinking, data.inside("thinking", "text"));
    if role == Role::User && data.get("isSummary").is_some_and(Value::is_true) {
        say(told, role, Kind::Summary, data.get("text"));
    } else {
        say(told, role, Kind::Text, data.get("text"));
    }
    for picture in data.get("images").into_iter().flat_map(Value::elements) {
        let Some(picture) = picture.record() else { continue };
        let text = told.optional(first(&picture, &["data", "url", "path", "uuid"]));
        told.say(role, Kind::Image, text);
    }
    if let Some(tool) = data.record("toolFormerData") {
        use_of_tool(&tool, data.inside("timingInfo", "clientEndTime"), told);
    }
    for result in data.get("toolResults").into_iter().flat_map(Value::elements) {
        told.content(Role::Tool, Some(result));
    }
}

fn use_of_tool(tool: &Record<'_>, ended: Option<Value<'_>>, told: &mut Telling<'_>) {
    let (call, name) = (tool.get("toolCallId"), first(tool, &["name", "tool"]));
    told.call(Role::Assistant, call, name, first(tool, &["rawArgs", "params", "args"]));
    let status = tool.text("status");
    let is_error = matches!(status.as_deref(), Some("error" | "failed" | "cancelled" | "rejected"));
    let result = first(tool, &["result", "error"]).filter(|result| is_something(*result));
    if result.is_none() && !is_error && status.as_deref() != Some("completed") {
        return;
    }
    let exit_code = result.and_then(|result| exit_code_in(result.raw()));
    let before = told.count();
    told.result(call, name, result, Outcome { is_error: Some(is_error), exit_code });
    at(told, before, ended);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_conversation_tells_its_name_and_its_times() {
        let rows = br#"{"table":"cursorDiskKV","id":"composerData:c","key":"composerData:c","value":{"name":"Fix","createdAt":1788000000000,"lastUpdatedAt":1788000009000,"modelConfig":{"modelName":"m"}}}
{"table":"cursorDiskKV","id":"bubbleId:c:1","key":"bubbleId:c:1","value":{"type":1,"text":"do it"}}
"#;
        let told = describe(ID, rows, b"");
        assert_eq!((told.title.as_deref(), told.model.as_deref()), (Some("Fix"), Some("m")));
        assert_eq!(told.started_at.unwrap().as_second(), 1_788_000_000);
        assert_eq!(told.ended_at.unwrap().as_second(), 1_788_000_009);
        let untitled = describe(ID, &rows[rows.iter().position(|byte| *byte == b'\n').unwrap() + 1..], b"");
        assert_eq!(untitled.title.as_deref(), Some("do it"));
        let guess = guess_path(Path::new("/h/.config/Cursor/User/globalStorage/state.vscdb"));
        assert_eq!(guess.agent, Some(ID));
    }

    #[test]
    fn a_bubble_is_a_text_a_thought_or_the_use_of_a_tool() {
        let rows = r#"{"table":"cursorDiskKV","id":"composerData:c","value":{"name":"Fix","modelConfig":{"modelName":"m"}}}
{"table":"cursorDiskKV","id":"bubbleId:c:1","value":{"type":1,"bubbleId":"1","text":"do it"}}
{"table":"cursorDiskKV","id":"bubbleId:c:2","value":{"type":2,"text":"","thinking":{"text":"hm"}}}
{"table":"cursorDiskKV","id":"bubbleId:c:3","value":{"type":2,"text":"","toolFormerData":{"tool":15,"name":"run_terminal_cmd","toolCallId":"c1","status":"completed","rawArgs":"{}","result":"{\"output\":\"a\",\"exitCodeV2\":1}"}}}
{"table":"cursorDiskKV","id":"bubbleId:c:4","value":{"type":2,"text":"","toolFormerData":{"name":"read_file","toolCallId":"c2","status":"loading","rawArgs":"{}"}}}
{"table":"cursorDiskKV","id":"bubbleId:c:5","value":{"type":2,"text":"Done."}}
{"table":"cursorDiskKV","id":"bubbleId:c:6","value":{"type":2,"text":""}}
{"table":"cursorDiskKV","id":"composerData:c/conversation/0","data":{"type":1,"text":"earlier"}}"#;
        assert_eq!(
            told(&CursorIde, rows),
            [
                r#"system event introduction """#,
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
                r#"user text "do it""#,
                r#"assistant thinking "hm""#,
                r#"assistant tool_call run_terminal_cmd @c1 "{}""#,
                r#"tool tool_result run_terminal_cmd @c1 "{"output":"a","exitCodeV2":1}" error=false exit=1"#,
                r#"assistant tool_call read_file @c2 "{}""#,
                r#"assistant text "Done.""#,
                r#"system event bubble "LINE""#,
                r#"user text "earlier""#,
            ]
        );
    }
}
