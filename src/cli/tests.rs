use super::*;

fn arguments(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn parse(line: &str) -> std::result::Result<Cli, clap::Error> {
    super::parse(arguments(line))
}

#[test]
fn the_parser_is_sound() {
    program().debug_assert();
}

#[test]
fn every_command_of_sessionkeep_0_4_is_still_understood() {
    for line in [
        "sessionkeep archive a.jsonl",
        "sessionkeep archive a.jsonl --dry-run --out d --config c -q --project p",
        "sessionkeep hook",
        "sessionkeep hook --out d --dry-run -q --config c",
        "sessionkeep list --limit 10 --project p --since 2026-06-01 --json --out d",
        "sessionkeep search token -i --max 50 --out d",
        "sessionkeep search q --ignore-case",
        "sessionkeep import --codex --min-age 30 --project p --dry-run --quiet",
        "sessionkeep import --from d --pattern *.jsonl",
    ] {
        if let Err(error) = parse(line) {
            panic!("{line}: {error}");
        }
    }
}

#[test]
fn common_options_stand_before_or_after_the_command() {
    for line in ["sessionkeep --out d -q list", "sessionkeep list --out d -q"] {
        let cli = parse(line).unwrap();
        assert_eq!(cli.common.out.as_deref(), Some(Path::new("d")), "{line}");
        assert!(cli.common.quiet, "{line}");
    }
}

#[test]
fn wrong_usage_is_refused_with_exit_code_2() {
    for line in [
        "sessionkeep archive",
        "sessionkeep archive a --level 13",
        "sessionkeep archive a --level 0",
        "sessionkeep import --from",
        "sessionkeep import --codex --from d",
        "sessionkeep import --pattern *.log",
        "sessionkeep search",
        "sessionkeep search a -l -c",
        "sessionkeep list --sort colour",
        "sessionkeep nonsense",
        "sessionkeep list -q -v",
    ] {
        let error = parse(line).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn the_hook_is_recognised_whatever_is_wrong_with_the_rest() {
    for line in
        ["sessionkeep hook", "sessionkeep hook --bogus", "sessionkeep -q --out d hook", "x --out=d hook"]
    {
        assert!(is_hook(&arguments(line)), "{line}");
    }
    for line in
        ["sessionkeep", "sessionkeep search hook", "sessionkeep --out hook list", "sessionkeep --bogus"]
    {
        assert!(!is_hook(&arguments(line)), "{line}");
    }
}
