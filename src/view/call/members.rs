//! All that a call was called with, member by member, for whoever wants to see it whole.

use serde_json::Value;

/// Returns what a call with `input` was called with: each member's name, and what it says. Of what is no JSON object, there
/// is one without a name.
pub(crate) fn members(input: &str) -> Vec<(String, String)> {
    let said = |value: Value| match value {
        Value::String(text) => text,
        value => value.to_string(),
    };
    match serde_json::from_str(input) {
        Ok(Value::Object(members)) => members.into_iter().map(|(name, value)| (name, said(value))).collect(),
        Ok(Value::String(text)) => vec![(String::new(), text)],
        _ if input.is_empty() => Vec::new(),
        _ => vec![(String::new(), input.to_owned())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_members_are_told() {
        let told = members(r#"{"command":"a\nb","timeout":5,"list":["x"]}"#);
        let expected = [("command", "a\nb"), ("timeout", "5"), ("list", r#"["x"]"#)];
        assert_eq!(told, expected.map(|(name, said)| (name.to_owned(), said.to_owned())));
        assert_eq!(members("text"), [(String::new(), "text".to_owned())]);
        assert!(members("").is_empty());
    }
}
