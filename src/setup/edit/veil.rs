//! A settings file's text as it may be shown: without the values that are secrets by where they stand, whatever they look
//! like. What looks like a secret is found by the masking rules, and not here.

use jsonc_parser::ast::Value as Node;
use jsonc_parser::common::Ranged;

use super::container::{Splice, spliced};
use super::document::Document;
use super::text::with_body;

/// Members that hold what agents hand to programs and servers: variables and headers, where secrets are kept.
const HOLDERS: [&str; 4] = ["env", "environment", "environmentvariables", "headers"];

/// What the name of a member has in it whose text is a secret.
const SECRET_NAMES: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "api_key"];

/// What stands in the place of a value.
const VEILED: &str = "\"***MASKED***\"";

/// Returns `text` with [`VEILED`] in the place of those texts in it. What is no JSON is as it was.
pub(crate) fn veiled(text: &str) -> String {
    let veiled = with_body(text, |body| {
        let document = Document::parse_any(body)?;
        let mut splices = Vec::new();
        if let Some(root) = &document.root {
            descend(root, false, &mut splices);
        }
        Ok(spliced(body, splices))
    });
    veiled.unwrap_or_else(|_| text.to_owned())
}

fn descend(node: &Node<'_>, is_veiled: bool, splices: &mut Vec<Splice>) {
    match node {
        Node::StringLit(_) if is_veiled => {
            let range = node.range();
            splices.push(Splice { range: range.start..range.end, text: VEILED.to_owned() });
        }
        Node::Object(object) => {
            for member in &object.properties {
                let name = member.name.as_str().to_ascii_lowercase();
                let is_secret =
                    HOLDERS.contains(&&*name) || SECRET_NAMES.iter().any(|part| name.contains(part));
                descend(&member.value, is_veiled || is_secret, splices);
            }
        }
        Node::Array(array) => array.elements.iter().for_each(|element| descend(element, is_veiled, splices)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::BYTE_ORDER_MARK;
    use super::*;

    #[test]
    fn what_is_a_secret_by_its_place_is_not_shown_and_all_else_is() {
        let text = r#"{
  // mine
  "env": {"PIN": "4711", "MODEL": "x", "DEEP": {"a": ["b"]}, "N": 1},
  "mcpServers": {"s": {"command": "run", "args": ["-v"], "headers": {"X-Key": "horse battery"}}},
  "proxyPassword": "two words", "maxTokens": 3, "hooks": {},
}"#;
        let expected = r#"{
  // mine
  "env": {"PIN": "***MASKED***", "MODEL": "***MASKED***", "DEEP": {"a": ["***MASKED***"]}, "N": 1},
  "mcpServers": {"s": {"command": "run", "args": ["-v"], "headers": {"X-Key": "***MASKED***"}}},
  "proxyPassword": "***MASKED***", "maxTokens": 3, "hooks": {},
}"#;
        assert_eq!(veiled(text), expected);
        let marked = format!("{BYTE_ORDER_MARK}{text}");
        assert_eq!(veiled(&marked), format!("{BYTE_ORDER_MARK}{expected}"));
        assert_eq!(veiled("const env = \"x\";"), "const env = \"x\";");
    }
}
