use super::*;
use std::fs;

struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    fn new() -> Home {
        Home { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write_config(&self, text: &str) -> PathBuf {
        let path = self.path().join(".sessionkeep/config.json");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        close_to_others(&path);
        path
    }

    fn environment_with(&self, variables: &[(&str, &str)]) -> Environment {
        let home = ("HOME".into(), self.path().as_os_str().to_owned());
        let others = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Environment::new(others.chain([home]))
    }

    fn environment(&self) -> Environment {
        Environment::with_home(self.path())
    }

    fn resolve(&self, text: &str) -> Result<Config> {
        self.write_config(text);
        Config::resolve(&Flags::default(), &self.environment())
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn close_to_others(path: &Path) {
    #[cfg(unix)]
    set_mode(path, 0o600);
    #[cfg(not(unix))]
    let _ = path;
}

fn refusal(text: &str) -> String {
    let error = Home::new().resolve(text).expect_err(text);
    assert_eq!(error.kind(), Kind::Config);
    error.to_string()
}

#[test]
fn without_a_file_the_defaults_hold() {
    let home = Home::new();
    let config = Config::resolve(&Flags::default(), &home.environment()).unwrap();
    assert_eq!(config.store.path, home.path().join(".sessionkeep/sessions"));
    assert_eq!(config.store.decided_by, Decided::Default);
    assert!(matches!(&config.file, FileState::Missing(place) if place.decided_by == Decided::Default));
    assert!(config.masks_known_values);
    assert_eq!((config.level, config.placeholders), (DEFAULT_LEVEL, Placeholders::Plain));
    assert!(config.threads() >= 1);
}

#[test]
fn a_flag_beats_the_environment_and_that_beats_the_default() {
    let home = Home::new();
    let environment = home.environment_with(&[(STORE_VARIABLE, "/from/variable")]);
    let config = Config::resolve_without_file(&Flags::default(), &environment).unwrap();
    assert_eq!(
        config.store,
        Chosen { path: "/from/variable".into(), decided_by: Decided::Variable(STORE_VARIABLE) }
    );
    let flags = Flags { store: Some("~/from flag".into()), ..Flags::default() };
    let config = Config::resolve_without_file(&flags, &environment).unwrap();
    assert_eq!(
        config.store,
        Chosen { path: home.path().join("from flag"), decided_by: Decided::Flag("--out") }
    );
}

#[test]
fn relative_stores_become_absolute() {
    let flags = Flags { store: Some("some/store".into()), ..Flags::default() };
    let config = Config::resolve_without_file(&flags, &Environment::default()).unwrap();
    assert!(config.store.path.is_absolute() && config.store.path.ends_with("some/store"));
}

#[test]
fn a_missing_home_is_named_with_the_way_out() {
    let error = Config::resolve(&Flags::default(), &Environment::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.hint().unwrap().contains("--out"));
    let flags = Flags { store: Some("~somebody/store".into()), ..Flags::default() };
    assert!(Config::resolve(&flags, &Environment::default()).is_err());
}

#[test]
fn everything_the_file_can_say_arrives() {
    let config = Home::new()
        .resolve(
            r#"{
                "_comment": "ours",
                "mask_patterns": ["ACME-[0-9]{6}", {"pattern": "X-(\\d+)", "replacement": "X-***"}],
                "mask_literals": ["internal-host.corp"],
                "allow_literals": ["example"],
                "allow_patterns": ["^test"],
                "disable_rules": ["jwt"],
                "placeholders": "tagged",
                "mask_known_values": false
            }"#,
        )
        .unwrap();
    let patterns = [("ACME-[0-9]{6}", "***MASKED***"), ("X-(\\d+)", "X-***")];
    let patterns: Vec<_> = patterns.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    assert_eq!(config.masking.patterns, patterns);
    assert_eq!(config.masking.literals, ["internal-host.corp"]);
    assert_eq!(config.masking.allow_literals, ["example"]);
    assert_eq!(config.masking.allow_patterns, ["^test"]);
    assert_eq!(config.masking.disable_rules, ["jwt"]);
    assert_eq!(config.placeholders, Placeholders::Tagged);
    assert!(!config.masks_known_values);
    assert_eq!(config.warnings, [""; 0]);
    assert!(matches!(config.file, FileState::Read(_)));
}

#[test]
fn null_and_absent_lists_are_empty() {
    let config = Home::new()
        .resolve(r#"{"mask_patterns": null, "mask_literals": null, "placeholders": null, "mask_known_values": null}"#)
        .unwrap();
    assert!(config.masking.patterns.is_empty() && config.masking.literals.is_empty());
    assert!(config.masks_known_values);
}

#[test]
fn unknown_entries_are_warnings() {
    let config = Home::new()
        .resolve(r#"{"mask_pattern": [], "//": "", "$schema": "", "mask_patterns": [{"pattern": "a", "replace": "b"}]}"#)
        .unwrap();
    assert_eq!(config.warnings.len(), 2);
    assert!(config.warnings[0].contains("\"mask_pattern\""));
    assert!(config.warnings[1].contains("\"mask_patterns[0].replace\""));
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(Home::new().resolve("\u{feff}{\"mask_literals\": [\"a\"]}").unwrap().masking.literals, ["a"]);
}

#[test]
fn invalid_json_is_placed_by_line_and_column() {
    assert!(refusal("{\n  \"mask_literals\": [,]\n}").contains("line 2 column 21"));
    assert!(refusal("").contains("line 1 column 0"));
}

#[test]
fn wrong_types_name_the_entry_and_none_of_its_text() {
    let cases = [
        ("[]", "the file: expected a JSON object, found a list"),
        (r#"{"mask_patterns": "s3cr"}"#, "mask_patterns: expected a list, found a string"),
        (r#"{"mask_patterns": ["a", {}, 1]}"#, "mask_patterns[1]: \"pattern\" is missing"),
        (r#"{"mask_patterns": ["a", "b", 1]}"#, "mask_patterns[2]: expected a string or"),
        (
            r#"{"mask_patterns": [{"pattern": 1}]}"#,
            "mask_patterns[0].pattern: expected a string, found a number",
        ),
        (
            r#"{"mask_patterns": [{"pattern": "s3cr", "replacement": []}]}"#,
            "mask_patterns[0].replacement: expected",
        ),
        (r#"{"mask_patterns": [""]}"#, "mask_patterns[0]: must not be empty"),
        (r#"{"mask_literals": ["s3cr", ""]}"#, "mask_literals[1]: must not be empty"),
        (r#"{"mask_literals": ["s3cr", null]}"#, "mask_literals[1]: expected a string, found null"),
        (r#"{"placeholders": "s3cr"}"#, "placeholders: expected \"plain\" or \"tagged\""),
        (r#"{"mask_known_values": "no"}"#, "mask_known_values: expected true or false, found a string"),
    ];
    for (text, expected) in cases {
        let refusal = refusal(text);
        assert!(refusal.contains(expected), "{refusal}");
        assert!(!refusal.contains("s3cr"), "{refusal}");
    }
}

#[test]
fn a_file_named_explicitly_must_exist() {
    let home = Home::new();
    let flags = Flags { file: Some(home.path().join("none.json")), ..Flags::default() };
    let error = Config::resolve(&flags, &home.environment()).unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("config file not found"));
    let environment = home.environment_with(&[(FILE_VARIABLE, "~/none.json")]);
    assert!(Config::resolve(&Flags::default(), &environment).is_err());
}

#[test]
fn a_directory_or_a_huge_file_is_refused() {
    let home = Home::new();
    fs::create_dir_all(home.path().join(".sessionkeep/config.json")).unwrap();
    let error = Config::resolve(&Flags::default(), &home.environment()).unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    let huge = format!("{{\"mask_literals\": [\"{}\"]}}", "a".repeat(file::MAX_FILE_BYTES as usize));
    assert!(refusal(&huge).contains("larger than 1024 KiB"));
}

#[cfg(unix)]
#[test]
fn a_fifo_is_refused_at_once() {
    let home = Home::new();
    let path = home.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let flags = Flags { file: Some(path), ..Flags::default() };
    let error = Config::resolve(&flags, &home.environment()).unwrap_err();
    assert!(error.to_string().contains("not a regular file"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_write_is_refused() {
    for mode in [0o620, 0o602, 0o666] {
        let home = Home::new();
        set_mode(&home.write_config("{}"), mode);
        let error = Config::resolve(&Flags::default(), &home.environment()).unwrap_err();
        assert!(error.to_string().contains("written by others"), "{error}");
        assert!(error.hint().unwrap().contains("chmod go-w"));
    }
    let home = Home::new();
    set_mode(&home.write_config("{}"), 0o644);
    assert!(Config::resolve(&Flags::default(), &home.environment()).is_ok());
}

#[test]
fn the_hook_goes_on_with_the_built_in_rules() {
    let home = Home::new();
    home.write_config("{");
    let (config, error) = Config::resolve_or_builtin(&Flags::default(), &home.environment()).unwrap();
    assert_eq!(config.file, FileState::Unusable);
    assert_eq!(error.unwrap().kind(), Kind::Config);
    home.write_config("{}");
    assert!(Config::resolve_or_builtin(&Flags::default(), &home.environment()).unwrap().1.is_none());
}

#[test]
fn reading_commands_do_not_mind_a_broken_file() {
    let home = Home::new();
    home.write_config("{");
    let config = Config::resolve_without_file(&Flags::default(), &home.environment()).unwrap();
    assert_eq!(config.file, FileState::NotNeeded);
}

#[test]
fn the_flag_switches_known_values_off_whatever_the_file_says() {
    let home = Home::new();
    home.write_config(r#"{"mask_known_values": true}"#);
    let flags = Flags { no_known_values: true, ..Flags::default() };
    assert!(!Config::resolve(&flags, &home.environment()).unwrap().masks_known_values);
}

#[test]
fn colour_follows_the_flag_then_the_environment_then_the_terminal() {
    let colored = |color, no_color: bool, is_terminal| {
        let flags = Flags { color, store: Some("/s".into()), ..Flags::default() };
        let environment = Environment::new(no_color.then(|| ("NO_COLOR".into(), "1".into())));
        Config::resolve_without_file(&flags, &environment).unwrap().is_colored(is_terminal)
    };
    assert!(colored(ColorChoice::Always, true, false));
    assert!(!colored(ColorChoice::Never, false, true));
    assert!(colored(ColorChoice::Auto, false, true));
    assert!(!colored(ColorChoice::Auto, true, true));
    assert!(!colored(ColorChoice::Auto, false, false));
}
