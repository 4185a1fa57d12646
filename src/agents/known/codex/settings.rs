//! Codex's `hooks.json` and `config.toml`: our hooks.

use std::path::Path;

use crate::agents::settings::{
    HOOK_SNIPPET, Hook, HookCall, Settings, Wanted, hook_program, hooks_in, read, read_json,
};

/// Returns what the settings in one of Codex's homes say.
pub(crate) fn of_home(home: &Path) -> Settings {
    let file = home.join("hooks.json");
    let how_to_add =
        format!("add to {}: {HOOK_SNIPPET} and trust it once with /hooks in Codex", file.display());
    let mut settings = Settings { how_to_add, ..Settings::default() };
    if let Some(value) = read_json(&file, &mut settings.broken) {
        settings.hooks.extend(hooks_in(&value, &file));
    }
    let file = home.join("config.toml");
    if let Some(text) = read(&file) {
        settings.hooks.extend(hooks_in_toml(&text, &file));
    }
    settings
}

/// When Codex calls us, and the seconds that it may take: on SessionEnd Codex grants no more than three, and one if
/// nothing is said.
const EVENTS: [(&str, u64); 3] = [("SessionEnd", 3), ("PreCompact", 10), ("SessionStart", 10)];

/// What the user has to do for hooks that Codex has not seen before: it skips them without a word until then.
const TRUST: &str =
    "start Codex, type /hooks and trust the hooks of sessionkeep: until then Codex skips them";

/// Returns our hooks for `hooks.json` in one of Codex's homes, but for those that its `config.toml` has.
pub(crate) fn wanted_hooks(home: &Path, call: &HookCall) -> Vec<Wanted> {
    let text = read(&home.join("config.toml")).unwrap_or_default();
    let in_toml = hooks_in_toml(&text, home);
    let is_missing = |event: &str| in_toml.iter().all(|hook| hook.event != event);
    let wanted = EVENTS.iter().filter(|(event, _)| is_missing(event)).map(|&(event, timeout)| Wanted {
        note: Some(TRUST),
        ..Wanted::grouped_hook(home.join("hooks.json"), event, call, timeout)
    });
    wanted.collect()
}

/// Finds our hooks in Codex's `config.toml`: `notify = ["sessionkeep", "hook"]`, and commands in tables below
/// `[[hooks.EVENT]]`. A look at lines, not a parser: what it misses is only reported as missing.
fn hooks_in_toml(text: &str, file: &Path) -> Vec<Hook> {
    let mut found = Vec::new();
    let mut table = String::new();
    let hook = |event: &str, program: String| Hook {
        file: file.to_path_buf(),
        event: event.to_owned(),
        program,
        timeout: None,
    };
    for line in joined_arrays(text) {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') && line.ends_with(']') {
            table = line.trim_matches(['[', ']']).trim().to_owned();
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let event = match (table.as_str(), key.trim()) {
            ("", "notify") => "notify",
            (table, "command") if table.starts_with("hooks.") => table.split('.').nth(1).unwrap_or(table),
            _ => continue,
        };
        // A string in quotes is one word, and the command line within it is split once more.
        let inner = value.trim().trim_matches(['"', '\'']);
        if let Some(program) = hook_program(value).or_else(|| hook_program(inner)) {
            found.push(hook(event, program));
        }
    }
    found
}

/// Returns the lines of `text`, those of an array over several lines joined.
fn joined_arrays(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        match lines.last_mut().filter(|_| is_open) {
            Some(last) => last.push_str(line.trim()),
            None => lines.push(line.to_owned()),
        }
        let joined = lines.last().map_or("", String::as_str);
        is_open = joined.split_once('=').is_some_and(|(_, value)| {
            value.trim_start().starts_with('[') && !value.contains(']') && value.len() < 4096
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codex_settings_are_read_without_a_parser() {
        let text = "model = \"x\"\n# notify = [\"sessionkeep\", \"hook\"]\nnotify = [\n  \"/bin/sessionkeep\",\n  \"hook\",\n]\n\
                    [[hooks.SessionEnd]]\n[[hooks.SessionEnd.hooks]]\ntype = \"command\"\ncommand = \"sessionkeep hook\"\n\
                    [tools]\ncommand = \"sessionkeep hook\"\n";
        let found = hooks_in_toml(text, Path::new("/c"));
        let events: Vec<_> = found.iter().map(|hook| (hook.event.as_str(), hook.program.as_str())).collect();
        assert_eq!(events, [("notify", "/bin/sessionkeep"), ("SessionEnd", "sessionkeep")]);
    }
}
