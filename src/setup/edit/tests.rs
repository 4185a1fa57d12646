//! Texts before and after.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Placed, Unchangeable, bring_in};
use crate::agents::settings::{Change, HookCall, Wanted};

fn take_out(text: &str, before: &str, wanted: &[Wanted]) -> Result<String, Unchangeable> {
    super::take_out(text, before, &wanted.iter().map(Placed::from).collect::<Vec<_>>())
}

fn call() -> HookCall {
    HookCall { line: "/bin/sessionkeep hook".into(), words: vec!["/bin/sessionkeep".into(), "hook".into()] }
}

fn hook(event: &'static str) -> Wanted {
    Wanted::grouped_hook("f".into(), event, &call(), 10)
}

fn days(days: u64) -> Wanted {
    let change = Change::Member { path: vec!["cleanupPeriodDays"], value: days.into(), is_default: false };
    Wanted { file: "f".into(), what: String::new(), change, note: None }
}

fn plain(text: &str) -> Value {
    let document = super::document::Document::parse_any(text.trim_start_matches('\u{feff}')).ok().unwrap();
    super::document::value_of(document.root.as_ref().unwrap())
}

#[test]
fn what_is_added_is_laid_out_as_the_rest_is() {
    let element = r#"{"hooks": [{"type": "command", "command": "/bin/sessionkeep hook", "timeout": 10}]}"#;
    let compact = element.replace(": ", ":").replace(", ", ",");
    let lines = |indent: &str, unit: &str, end: &str| {
        let [one, two, three] = [1, 2, 3].map(|depth| format!("{end}{indent}{}", unit.repeat(depth)));
        let inner = format!(
            "{three}\"type\": \"command\",{three}\"command\": \"/bin/sessionkeep hook\",{three}\"timeout\": 10"
        );
        format!("{{{one}\"hooks\": [{two}{{{inner}{two}}}{one}]{end}{indent}}}")
    };
    let whole = |unit: &str, end: &str| {
        let (one, two) = (unit, unit.repeat(2));
        let three = unit.repeat(3);
        format!(
            "{one}\"hooks\": {{{end}{two}\"SessionEnd\": [{end}{three}{}{end}{two}]{end}{one}}}",
            lines(&three, unit, end)
        )
    };
    let w2 = whole("  ", "\n");
    for (before, after) in [
        (String::new(), format!("{{\n{w2}\n}}\n")),
        ("{}".into(), format!("{{\n{w2}\n}}")),
        ("{\n}\n".into(), format!("{{\n{w2}\n}}\n")),
        ("\u{feff}{}\r\n".into(), format!("\u{feff}{{\r\n{}\r\n}}\r\n", whole("  ", "\r\n"))),
        ("{\n  \"a\": 1\n}".into(), format!("{{\n  \"a\": 1,\n{w2}\n}}")),
        ("{\n\t\"a\": 1,\n}\n".into(), format!("{{\n\t\"a\": 1,\n{},\n}}\n", whole("\t", "\n"))),
        (
            "{\n  \"a\": 1 // one\n  // two\n}\n".into(),
            format!("{{\n  \"a\": 1, // one\n{w2}\n  // two\n}}\n"),
        ),
        ("{\n  // nothing yet\n}\n".into(), format!("{{\n  // nothing yet\n{w2}\n}}\n")),
        ("// head\n".into(), format!("// head\n{{\n{w2}\n}}\n")),
        (r#"{"a":1}"#.into(), format!(r#"{{"a":1,"hooks":{{"SessionEnd":[{compact}]}}}}"#)),
        (r#"{ "a": 1 }"#.into(), format!(r#"{{ "a": 1, "hooks": {{"SessionEnd": [{element}]}} }}"#)),
        (r#"{"hooks":{},"b":2}"#.into(), format!(r#"{{"hooks":{{"SessionEnd":[{compact}]}},"b":2}}"#)),
        (r#"{"hooks": null}"#.into(), format!(r#"{{"hooks": {{"SessionEnd": [{element}]}}}}"#)),
    ] {
        let wanted = [hook("SessionEnd")];
        assert_eq!(bring_in(&before, &wanted).as_deref(), Ok(&*after), "{before}");
        assert_eq!(bring_in(&after, &wanted).as_deref(), Ok(&*after), "twice: {before}");
    }
}

#[test]
fn a_hook_stands_behind_those_of_others_and_below_what_is_said_of_them() {
    let before = "{\r\n    \"hooks\": {\r\n        \"SessionEnd\": [\r\n            { \"hooks\": [] } /* mine */ // and more\r\n        ]\r\n    }\r\n}";
    let after = bring_in(before, &[hook("SessionEnd")]).unwrap();
    assert!(after.starts_with(
        "{\r\n    \"hooks\": {\r\n        \"SessionEnd\": [\r\n            { \"hooks\": [] }, /* mine */ // and more\r\n            {\r\n                \"hooks\": [\r\n"
    ), "{after}");
    assert!(after.ends_with("\r\n                ]\r\n            }\r\n        ]\r\n    }\r\n}"), "{after}");
    assert!(!after.replace("\r\n", "").contains('\n'));
    assert_eq!(take_out(&after, before, &[hook("SessionEnd")]).as_deref(), Ok(before));
}

#[test]
fn an_older_hook_is_brought_up_to_date_where_it_is() {
    let wanted = [hook("SessionEnd")];
    let text =
        |hook: &str| format!(r#"{{"hooks": {{"SessionEnd": [{{"matcher": "", "hooks": [{hook}]}}]}}}}"#);
    let ours = r#"{"type": "command", "command": "/bin/sessionkeep hook", "timeout": 10}"#;
    for (before, after) in [
        (r#"{"type": "command", "command": "sessionkeep hook"}"#, ours),
        (r#"{"type": "command", "command": "/gone/sessionkeep hook", "timeout": 1}"#, ours),
        (r#"{"type": "command", "command": "/bin/sessionkeep hook", "timeout": "5"}"#, ours),
        (
            r#"{"command": "sessionkeep hook", "timeout": 60, "x": 1,}"#,
            r#"{"command": "/bin/sessionkeep hook", "timeout": 60, "x": 1, "type": "command",}"#,
        ),
        (
            r#"{"type": "command", "command": "sessionkeep hook || true", "timeout": 10}"#,
            r#"{"type": "command", "command": "/bin/sessionkeep hook || true", "timeout": 10}"#,
        ),
        (
            r#"{"type": "x", "command": "other"}, {"type": "command", "command": "sessionkeep hook", "timeout": 10}"#,
            r#"{"type": "x", "command": "other"}, {"type": "command", "command": "/bin/sessionkeep hook", "timeout": 10}"#,
        ),
    ] {
        let (before, after) = (text(before), text(after));
        assert_eq!(bring_in(&before, &wanted).as_deref(), Ok(&*after), "{before}");
        let back = take_out(&after, &before, &wanted).unwrap();
        assert_eq!(plain(&back), plain(&before), "{after}");
    }
}

#[test]
fn several_hooks_of_ours_become_one_and_those_for_other_occasions_stay() {
    let ours = |matcher: &str, line: &str| {
        let matcher = if matcher.is_empty() { String::new() } else { format!(r#""matcher": "{matcher}", "#) };
        format!(r#"{{{matcher}"hooks": [{{"type": "command", "command": "{line}", "timeout": 10}}]}}"#)
    };
    let (old, new) = ("sessionkeep hook", "/bin/sessionkeep hook");
    let text = |elements: &[String]| format!(r#"{{"hooks": {{"SessionEnd": [{}]}}}}"#, elements.join(", "));
    for (before, after) in [
        (vec![ours("", old), ours("", new)], vec![ours("", new)]),
        (vec![ours("clear", old), ours("", old)], vec![ours("", new)]),
        (vec![ours("clear", old), ours("logout", old)], vec![ours("clear", new), ours("logout", new)]),
    ] {
        assert_eq!(bring_in(&text(&before), &[hook("SessionEnd")]).as_deref(), Ok(&*text(&after)));
    }
    let shared = r#"{"hooks": {"SessionEnd": [{"hooks": [{"command": "other"}, {"command": "sessionkeep hook"}, {"command": "sessionkeep hook"}]}]}}"#;
    let after = bring_in(shared, &[hook("SessionEnd")]).unwrap();
    let hooks = plain(&after)["hooks"]["SessionEnd"][0]["hooks"].clone();
    assert_eq!(hooks.as_array().unwrap().len(), 2);
    assert_eq!(hooks[0]["command"], "other");
}

#[test]
fn what_is_no_json_or_of_another_kind_is_left_alone() {
    for (text, reason) in [
        ("{", "line 1 is no valid JSON"),
        ("{\n  a: 1\n}", "line 2 is no valid JSON"),
        ("{\"a\": 1} x", "line 1 is no valid JSON"),
        ("{\"a\": 1 \"b\": 2}", "line 1 is no valid JSON"),
        ("[]", "it is JSON, but no object"),
        ("{\"hooks\": []}", "\"hooks\" is no object"),
        ("{\"hooks\": \"x\"}", "\"hooks\" is no object"),
        ("{\"hooks\": {\"SessionEnd\": {}}}", "\"hooks.SessionEnd\" is no array"),
    ] {
        let refused = bring_in(text, &[hook("SessionEnd")]).unwrap_err().0;
        assert_eq!(refused, reason, "{text}");
    }
}

#[test]
fn a_value_is_set_where_it_stands_and_the_last_of_two_counts() {
    for (before, after) in [
        (
            "{\n  \"cleanupPeriodDays\": 30, // why\n  \"b\": 1\n}",
            "{\n  \"cleanupPeriodDays\": 3650, // why\n  \"b\": 1\n}",
        ),
        (
            "{\"cleanupPeriodDays\":1,\"cleanupPeriodDays\":2}",
            "{\"cleanupPeriodDays\":1,\"cleanupPeriodDays\":3650}",
        ),
        ("{\"cleanupPeriodDays\": \"x\"}", "{\"cleanupPeriodDays\": 3650}"),
    ] {
        assert_eq!(bring_in(before, &[days(3650)]).as_deref(), Ok(after));
    }
    let version = Change::Member { path: vec!["version"], value: 1.into(), is_default: true };
    let version = Wanted { file: "f".into(), what: String::new(), change: version, note: None };
    assert_eq!(bring_in("{\"version\": 2}", &[version.clone()]).as_deref(), Ok("{\"version\": 2}"));
    assert_eq!(bring_in("", &[version]).as_deref(), Ok("{\n  \"version\": 1\n}\n"));
}

#[test]
fn what_others_changed_since_stays_when_ours_is_taken_out() {
    let wanted = [hook("SessionEnd"), hook("SessionStart"), days(3650)];
    let before = "{\n  \"model\": \"x\",\n  \"cleanupPeriodDays\": 20\n}\n";
    let after = bring_in(before, &wanted).unwrap();
    let changed = after.replace("\"x\"", "\"y\", // mine");
    assert_eq!(take_out(&changed, before, &wanted).unwrap(), before.replace("\"x\"", "\"y\", // mine"));
    // A value that somebody else set since is theirs.
    let theirs = after.replace("3650", "99");
    assert_eq!(
        plain(&take_out(&theirs, before, &wanted).unwrap()),
        json!({"model": "x", "cleanupPeriodDays": 99})
    );
    // A hook of theirs beside ours keeps what it needs.
    let beside =
        after.replacen("\"SessionEnd\": [", "\"SessionEnd\": [{\"hooks\": [{\"command\": \"o\"}]}, ", 1);
    let left = plain(&take_out(&beside, before, &wanted).unwrap());
    assert_eq!(left["hooks"], json!({"SessionEnd": [{"hooks": [{"command": "o"}]}]}));
}

/// Settings as people and programs lay them out.
fn settings() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("1".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just(r#""a // b, {\"c\"}""#.to_owned()),
        Just("\"ü\\u00e9 😀\"".to_owned()),
    ];
    let space = prop_oneof![
        Just(String::new()),
        Just(" ".to_owned()),
        Just("\n  ".to_owned()),
        Just("\r\n\t".to_owned()),
        Just(" // a, b ]\n".to_owned()),
        Just("/* { , */".to_owned()),
    ];
    let command = prop_oneof![
        Just("other"),
        Just("sessionkeep hook"),
        Just("/x/sessionkeep hook -q"),
        Just("a && sessionkeep hook")
    ];
    let hook = (command, space.clone(), any::<bool>()).prop_map(|(command, s, has_timeout)| {
        let timeout = if has_timeout { r#","timeout":3"# } else { "" };
        format!("{s}{{\"command\":{s}\"{command}\"{timeout}{s}}}{s}")
    });
    let list = |item: BoxedStrategy<String>| {
        (proptest::collection::vec(item, 0..3), any::<bool>(), space.clone()).prop_map(
            |(items, trailing, s)| {
                let comma = if trailing && !items.is_empty() { "," } else { "" };
                format!("[{s}{}{comma}{s}]", items.join(","))
            },
        )
    };
    let element = (list(hook.boxed()), space.clone())
        .prop_map(|(hooks, s)| format!("{s}{{\"matcher\":\"\",{s}\"hooks\":{hooks}}}{s}"));
    let events = (list(element.boxed()), space.clone(), any::<bool>()).prop_map(|(elements, s, trailing)| {
        format!("{{{s}\"SessionEnd\"{s}:{elements}{}}}", if trailing { "," } else { "" })
    });
    let hooks = prop_oneof![Just("{}".to_owned()), Just("null".to_owned()), events];
    (scalar, hooks, space, any::<[bool; 4]>()).prop_map(|(value, hooks, s, [bom, trailing, first, has])| {
        let mark = if bom { "\u{feff}" } else { "" };
        let a = format!("{s}\"a\":{s}{value}");
        let h = format!("{s}\"hooks\"{s}:{hooks}{s}");
        let members = match (has, first) {
            (false, _) => a,
            (true, true) => format!("{h},{a}"),
            (true, false) => format!("{a},{h}"),
        };
        format!("{mark}{s}{{{members}{}{s}}}{s}", if trailing { "," } else { "" })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn settings_keep_all_that_is_not_ours(text in settings()) {
        let wanted = [hook("SessionEnd"), hook("PreCompact"), days(3650)];
        let after = bring_in(&text, &wanted).unwrap();
        prop_assert_eq!(&bring_in(&after, &wanted).unwrap(), &after, "twice");
        let (was, is) = (plain(&text), plain(&after));
        prop_assert_eq!(&was["a"], &is["a"]);
        prop_assert_eq!(&is["cleanupPeriodDays"], 3650);
        prop_assert_eq!(&is["hooks"]["PreCompact"][0]["hooks"][0]["command"], "/bin/sessionkeep hook");
        for comment in ["// a, b ]", "/* { , */"] {
            // A hook that is there twice goes with what is said within it.
            let count = |text: &str| text.matches(comment).count();
            let ours = text.matches("sessionkeep hook").count();
            prop_assert!(ours > 1 || count(&text) == count(&after));
        }
        let back = take_out(&after, &text, &wanted).unwrap();
        if text.matches("sessionkeep").count() == 0 && !text.contains("null") {
            prop_assert_eq!(plain(&back), was);
        }
    }
}
