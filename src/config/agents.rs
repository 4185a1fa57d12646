//! The entry `agents` of the configuration file: agents of the user's own, each of the form of one that is known.

use super::entries::{Reader, wrong};
use crate::agents::{OwnAgent, family_names, is_taken};
use crate::error::{Error, Result};
use serde_json::{Map, Value};
use std::path::Path;

impl Reader<'_> {
    /// Returns the agents that the list `value` names.
    ///
    /// # Errors
    ///
    /// A name that cannot be one or is another agent's, a family that nobody knows, no roots, or one that is not absolute.
    pub(super) fn agents(&mut self, value: &Value) -> Result<Vec<OwnAgent>> {
        let mut agents: Vec<OwnAgent> = Vec::new();
        for (index, entry) in self.list("agents", value)?.iter().enumerate() {
            let name = format!("agents[{index}]");
            let Value::Object(entry) = entry else {
                return Err(wrong(
                    self.path,
                    &name,
                    "{\"name\": ..., \"family\": ..., \"roots\": ...}",
                    entry,
                ));
            };
            let agent = self.agent(&name, entry)?;
            if agents.iter().any(|other| other.name == agent.name) {
                return Err(self.taken(&name));
            }
            agents.push(agent);
        }
        Ok(agents)
    }

    fn agent(&mut self, place: &str, entry: &Map<String, Value>) -> Result<OwnAgent> {
        let name = self.text(place, "name", entry)?;
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !name.bytes().all(is_name) || name.len() > 64 {
            let rule = "expected up to 64 of a to z, 0 to 9 and -";
            return Err(self.invalid(&format!("{place}.name: {rule}")));
        }
        if is_taken(&name) {
            return Err(self.taken(place));
        }
        let family = self.text(place, "family", entry)?;
        if !family_names().contains(&family.as_str()) {
            let known = family_names().join(", ");
            return Err(self.invalid(&format!("{place}.family: there is no such agent; known: {known}")));
        }
        let label = match entry.get("label") {
            None | Some(Value::Null) => name.clone(),
            Some(_) => self.text(place, "label", entry)?,
        };
        let roots = self.roots(place, entry.get("roots").unwrap_or(&Value::Null))?;
        for key in entry.keys() {
            if !["name", "label", "family", "roots"].contains(&key.as_str()) {
                self.unknown(&format!("{place}.{key}"));
            }
        }
        Ok(OwnAgent { name, label, family, roots })
    }

    fn text(&self, place: &str, key: &str, entry: &Map<String, Value>) -> Result<String> {
        let place = format!("{place}.{key}");
        match entry.get(key) {
            Some(Value::String(text)) => self.filled(&place, text),
            Some(other) => Err(wrong(self.path, &place, "a string", other)),
            None => Err(self.invalid(&format!("{place} is missing"))),
        }
    }

    fn roots(&self, place: &str, value: &Value) -> Result<Vec<String>> {
        let name = format!("{place}.roots");
        let roots = self.texts(&name, value)?;
        if roots.is_empty() {
            return Err(self.invalid(&format!("{name}: expected at least one directory")));
        }
        for (index, root) in roots.iter().enumerate() {
            let below = root.strip_prefix("~/");
            // All of a home or of a disk is nobody's directory of sessions.
            let is_directory = below.is_some_and(|below| !below.trim_matches('/').is_empty())
                || (Path::new(root).is_absolute() && Path::new(root).parent().is_some());
            if !is_directory {
                let rule = "expected a directory, absolute or below ~/";
                return Err(self.invalid(&format!("{name}[{index}]: {rule}")));
            }
        }
        Ok(roots)
    }

    fn taken(&self, place: &str) -> Error {
        self.invalid(&format!("{place}.name: there is an agent of that name already"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::entries::parse;

    fn agents(json: &str) -> Result<Vec<OwnAgent>> {
        parse(format!("{{\"agents\": {json}}}").as_bytes(), Path::new("c.json")).map(|entries| entries.agents)
    }

    #[test]
    fn an_agent_has_a_name_a_family_and_roots() {
        let found = agents(
            r#"[{"name": "ours", "family": "claude-code", "roots": ["~/.ours/projects", "/data/x"]},
            {"name": "theirs-2", "label": "Theirs", "family": "pi", "roots": ["~/t"]}]"#,
        )
        .unwrap();
        let own = |name: &str, label: &str, family: &str, roots: &[&str]| OwnAgent {
            name: name.into(),
            label: label.into(),
            family: family.into(),
            roots: roots.iter().map(|root| root.to_string()).collect(),
        };
        assert_eq!(
            found,
            [
                own("ours", "ours", "claude-code", &["~/.ours/projects", "/data/x"]),
                own("theirs-2", "Theirs", "pi", &["~/t"])
            ]
        );
        assert_eq!(agents("null").unwrap(), []);
    }

    #[test]
    fn what_is_wrong_with_an_agent_is_said() {
        let good = |name: &str| format!(r#"{{"name": "{name}", "family": "pi", "roots": ["~/x"]}}"#);
        for (json, says) in [
            ("{}".to_owned(), "agents: expected a list"),
            ("[1]".to_owned(), "agents[0]: expected"),
            (r#"[{"family": "pi", "roots": ["/x"]}]"#.to_owned(), "agents[0].name is missing"),
            (format!("[{}]", good("")), "agents[0].name: must not be empty"),
            (format!("[{}]", good("Ours")), "agents[0].name: expected up to 64"),
            (format!("[{}]", good("a/b")), "agents[0].name: expected up to 64"),
            (format!("[{}]", good("codex")), "agents[0].name: there is an agent"),
            (format!("[{}]", good("openclaw")), "agents[0].name: there is an agent"),
            (format!("[{}]", good("files")), "agents[0].name: there is an agent"),
            (format!("[{}, {}]", good("a"), good("a")), "agents[1].name: there is an agent"),
            (
                r#"[{"name": "a", "family": "p", "roots": ["/x"]}]"#.to_owned(),
                "family: there is no such agent",
            ),
            (r#"[{"name": "a", "roots": ["/x"]}]"#.to_owned(), "agents[0].family is missing"),
            (r#"[{"name": "a", "family": "pi"}]"#.to_owned(), "agents[0].roots: expected at least one"),
            (
                r#"[{"name": "a", "family": "pi", "roots": []}]"#.to_owned(),
                "agents[0].roots: expected at least",
            ),
            (
                r#"[{"name": "a", "family": "pi", "roots": ["x"]}]"#.to_owned(),
                "agents[0].roots[0]: expected a",
            ),
            (
                r#"[{"name": "a", "family": "pi", "roots": ["~/"]}]"#.to_owned(),
                "agents[0].roots[0]: expected a",
            ),
            (
                r#"[{"name": "a", "family": "pi", "roots": ["/x", "/"]}]"#.to_owned(),
                "agents[0].roots[1]: exp",
            ),
            (
                r#"[{"name": "a", "family": "pi", "roots": [1]}]"#.to_owned(),
                "agents[0].roots[0]: expected a string",
            ),
        ] {
            let error = agents(&json).expect_err(&json).to_string();
            assert!(error.contains(says), "{json}: {error}");
        }
    }
}
