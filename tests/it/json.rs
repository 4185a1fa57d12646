//! What `--json` prints is what `help json` says: exactly the members that are written there.

use crate::home::*;
use serde_json::Value;
use std::collections::BTreeMap;

/// What may stand as a value.
#[derive(Clone, Debug)]
enum Shape {
    /// A number, a text, a list of them, null.
    Plain,
    Object(BTreeMap<String, (bool, Shape)>),
    List(Box<Shape>),
    /// Members of whatever name.
    Map,
}

/// The shapes of `help json`, by what stands in `schema`, and those that they share, by their names in capitals.
fn documented(home: &Home) -> BTreeMap<String, String> {
    let text = home.run(&["help", "json"]).exits(0).stdout;
    let mut shapes: BTreeMap<String, String> = BTreeMap::new();
    let mut name = None;
    for line in text.lines().skip_while(|line| !line.is_empty()) {
        match line.strip_prefix("  ") {
            Some(members) => {
                shapes.entry(Option::clone(&name).unwrap()).or_default().push_str(&format!("{members} "))
            }
            None => name = line.split_once(':').map(|(name, _)| name.to_owned()),
        }
    }
    shapes
}

/// Reads members up to a closing bracket.
fn parse(text: &mut std::iter::Peekable<std::str::Chars>, common: &BTreeMap<String, String>) -> Shape {
    let mut members = BTreeMap::new();
    loop {
        while text.next_if(|character| matches!(character, ' ' | ',')).is_some() {}
        match text.peek() {
            None | Some('}' | ']') => break,
            Some('*') => {
                text.next();
                return Shape::Map;
            }
            Some('{') => {
                text.next();
                let shape = parse(text, common);
                text.next();
                return shape;
            }
            _ => {}
        }
        let mut name = String::new();
        while let Some(character) =
            text.next_if(|character| character.is_alphanumeric() || matches!(character, '_' | '-'))
        {
            name.push(character);
        }
        assert!(!name.is_empty(), "{:?}", text.clone().collect::<String>());
        let is_optional = text.next_if_eq(&'?').is_some();
        if name.chars().all(|character| character.is_ascii_uppercase()) {
            let Shape::Object(of_common) = parse(&mut common[&name].chars().peekable(), common) else {
                panic!()
            };
            members.extend(of_common);
            continue;
        }
        text.next_if_eq(&' ');
        let shape = match text.peek() {
            Some('{') => {
                text.next();
                let shape = parse(text, common);
                assert_eq!(text.next(), Some('}'), "{name}");
                shape
            }
            Some('[') => {
                text.next();
                let shape = parse(text, common);
                assert_eq!(text.next(), Some(']'), "{name}");
                Shape::List(Box::new(shape))
            }
            _ => Shape::Plain,
        };
        members.insert(name, (is_optional, shape));
    }
    Shape::Object(members)
}

/// Asserts that a value has the shape; `place` says where it stands.
fn check(value: &Value, shape: &Shape, place: &str) {
    match (shape, value) {
        (Shape::Plain | Shape::Map, _) | (_, Value::Null) => {}
        (Shape::List(each), Value::Array(values)) => {
            values.iter().for_each(|value| check(value, each, &format!("{place}[]")));
        }
        (Shape::Object(members), Value::Object(found)) => {
            for (name, (is_optional, _)) in members {
                assert!(*is_optional || found.contains_key(name), "{place} lacks {name}: {value}");
            }
            for (name, value) in found {
                let Some((_, shape)) = members.get(name) else { panic!("{place}.{name} is not documented") };
                check(value, shape, &format!("{place}.{name}"));
            }
        }
        _ => panic!("{place} is no {shape:?}: {value}"),
    }
}

/// Returns the objects that a command prints with `--json`: one, those of a list, or one a line.
fn printed(run: &Run) -> Vec<Value> {
    match serde_json::from_str(&run.stdout) {
        Ok(Value::Array(objects)) => objects,
        Ok(object) => vec![object],
        Err(_) => run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    }
}

#[test]
fn every_command_prints_exactly_the_members_that_are_documented() {
    let home = Home::archived();
    let texts = documented(&home);
    let secret = user(&id(7), 1, &format!("it is {}", github_token(1)));
    home.claude_session(&id(7), &[secret.clone(), user(&id(7), 2, "done")]);
    home.write("secret.jsonl", secret);
    home.write("own.json", r#"{"mask_patterns": ["ACME-[0-9]{6}"], "agents": [{"name": "ours", "label": "Ours", "family": "claude-code", "roots": ["~/ours"]}]}"#);
    let mut met: Vec<String> = Vec::new();
    let mut expect = |name: &str, arguments: &[&str], codes: &[i32]| {
        let run = home.run(arguments);
        assert!(codes.contains(&run.code), "{arguments:?} {run:?}");
        let objects = printed(&run);
        assert!(!objects.is_empty(), "{arguments:?} {run:?}");
        let schema = format!("sessionkeep.{name}/1");
        let Shape::Object(mut members) = parse(&mut texts[&schema].chars().peekable(), &texts) else {
            panic!()
        };
        members.insert("schema".to_owned(), (false, Shape::Plain));
        for object in &objects {
            assert_eq!(object["schema"], *schema, "{arguments:?}");
            check(object, &Shape::Object(members.clone()), &schema);
        }
        met.push(schema);
    };
    expect("import", &["import", "--json", "--dry-run"], &[0]);
    expect("import", &["import", "--json"], &[0]);
    expect("archive", &["archive", "--json", "secret.jsonl", "missing.jsonl"], &[3]);
    expect("list", &["list", "--json"], &[0]);
    expect("list", &["list", "--json", "--part-of", "a1b2"], &[0]);
    expect("show", &["show", "@last", "--json"], &[0]);
    expect("search", &["search", "--json", "done", "-C", "1"], &[0]);
    expect("search-raw", &["search", "--json", "--raw", "done"], &[0]);
    expect("stats", &["stats", "--json"], &[0]);
    expect("stats", &["stats", "--json", "--by", "rule"], &[0]);
    expect("export", &["export", "--html", "--all", "site", "--json"], &[0]);
    expect("export", &["export", "--markdown", "@last", "--json"], &[0]);
    expect("agents", &["agents", "--json"], &[0]);
    expect("audit", &["audit", "secret.jsonl", "--json"], &[0]);
    expect("doctor", &["doctor", "--json"], &[0, 1]);
    expect("config-show", &["config", "show", "--json", "--config", "own.json"], &[0]);
    expect("config-check", &["config", "check", "--json"], &[0]);
    expect("rules", &["rules", "--json"], &[0]);
    expect("rules", &["rules", "show", "jwt", "--json"], &[0]);
    expect("rules-test", &["rules", "test", "secret.jsonl", "--json"], &[0]);
    expect("verify", &["verify", "--json"], &[0]);
    expect("setup", &["setup", "--json", "--dry-run"], &[0, 1]);
    expect("setup-undo", &["setup", "--json", "--undo", "--dry-run"], &[0, 1]);
    expect("restore", &["restore", "--json", "--dry-run", "@last"], &[0]);
    expect("redact", &["redact", "--in-place", "--json"], &[0, 1, 3]);
    expect("remask", &["remask", "--all", "--json"], &[0]);
    home.run(&["pin", "@last"]).exits(0);
    expect("pin", &["pin", "--list", "--json"], &[0]);
    expect("list", &["list", "--json"], &[0]);
    expect("prune", &["prune", "--json", "--keep-last", "1", "--group-by", "project"], &[0]);
    let archive = home.store().join(NAME);
    let mut bytes = std::fs::read(&archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    std::fs::write(&archive, bytes).unwrap();
    expect("verify", &["verify", "--json"], &[4]);
    expect("repair", &["repair", "--json"], &[0]);
    home.run(&["prune", "--yes", "--keep-last", "1"]).exits(0);
    expect("list-pruned", &["list", "--pruned", "--json"], &[0]);
    let commands = texts.keys().filter(|name| name.starts_with("sessionkeep."));
    let missing: Vec<_> = commands.filter(|name| !met.contains(name)).collect();
    assert!(missing.is_empty(), "no command was run for {missing:?}");
}

#[test]
fn every_command_that_takes_json_is_documented() {
    let home = Home::new();
    let texts = documented(&home);
    for (command, help) in crate::help::all(&home) {
        if help.lines().any(|line| line.trim_start().starts_with("--json")) {
            let name = command
                .strip_prefix("sessionkeep ")
                .unwrap()
                .replace(' ', "-")
                .replace("rules-show", "rules");
            let name = name.replace("unpin", "pin");
            assert!(texts.contains_key(&format!("sessionkeep.{name}/1")), "{command}");
        }
    }
}

#[test]
fn the_readme_says_where_the_shapes_are() {
    let readme = include_str!("../../README.md");
    assert!(readme.contains("`sessionkeep help json`"));
}

#[test]
fn an_import_as_json_counts_what_it_did_and_prints_no_paths() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 1, &format!("it is {}", github_token(1))), user(ID, 2, "done")]);
    let run = home.run(&["import", "--json"]).exits(0);
    let object: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&object["total"]["archived"], &object["total"]["masked_lines"]), (&1.into(), &1.into()));
    assert_eq!(object["agents"][0]["name"], "Claude Code");
    assert_eq!(object["masked"], serde_json::json!([{"rule": "github-classic", "count": 1}]));
    assert!(object["archives"][0]["path"].as_str().unwrap().ends_with(NAME), "{object}");
    assert!(run.stderr.contains("archived 1"), "what people read stays: {run:?}");
    let again: Value = serde_json::from_str(&home.run(&["import", "--json"]).exits(0).stdout).unwrap();
    assert_eq!((&again["total"]["archived"], &again["total"]["unchanged"]), (&0.into(), &1.into()));
}

#[test]
fn what_could_not_be_archived_is_named_with_its_reason_and_nothing_of_a_secret() {
    let home = Home::new();
    let name = format!("gone-{}.jsonl", github_token(3));
    let run = home.run(&["archive", "--json", &name]).exits(3);
    let object: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(object["failures"].as_array().unwrap().len(), 1, "{object}");
    assert_eq!(object["failures"][0]["exit_code"], 3);
    assert!(object["failures"][0]["reason"].as_str().unwrap().contains("cannot"), "{object}");
    assert!(!run.stdout.contains(&github_token(3)) && run.stdout.contains("MASKED"), "{object}");
}
