//! A message that was found as one object of JSON.

use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::common::json::schema;
use crate::message::json::{self, Whose};
use crate::report::text::safe_json;
use crate::search::messages::{Hit, Neighbour, Place};

/// What is said of a message beside what it is itself.
#[derive(Serialize)]
struct More<'a> {
    schema: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    address: &'a str,
    snippet: &'a str,
    matches: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Vec<Value>>,
}

/// Returns whose messages an archive holds, as far as that is known.
pub(super) fn whose(place: &Place) -> Whose {
    if let Some(owner) = place.owner {
        return Whose {
            session: owner.session_id.clone(),
            agent: owner.agent.clone(),
            project: owner.project_slug.clone(),
            part: owner.part_id.clone(),
        };
    }
    // Another program's archive: its sidecar may say it.
    place.session.map_or_else(Whose::default, |session| Whose {
        session: session.session_id.to_string(),
        agent: session.agent.as_deref().unwrap_or_default().to_owned(),
        project: session.project_slug.to_string(),
        part: None,
    })
}

/// Returns the line for a message, without its end; with what stands around it if `has_context`.
pub(super) fn line(place: &Place, whose: &Whose, address: &str, hit: &Hit, has_context: bool) -> String {
    let near = |near: &[Neighbour]| {
        has_context.then(|| near.iter().map(|near| json::value(&near.told(), whose)).collect())
    };
    let matches = hit.snippet.matches.iter().map(|range| json!({"start": range.start, "end": range.end}));
    let more = More {
        schema: &schema("search"),
        path: &place.path.to_string_lossy(),
        title: place.session.and_then(|session| session.title.as_deref()),
        address,
        snippet: &hit.snippet.text,
        matches: matches.collect(),
        before: near(&hit.before),
        after: near(&hit.after),
    };
    let mut out = Vec::new();
    json::write_with_more(&hit.told(), whose, false, &more, &mut out);
    safe_json(String::from_utf8_lossy(&out).trim_end().to_owned())
}
