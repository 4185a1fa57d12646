//! What `--json` prints, command by command: the one place where the shapes are written down.

/// How many objects a command prints.
#[derive(Clone, Copy)]
enum Form {
    One,
    List,
    Lines,
}

/// The shape of what one command prints.
struct Shape {
    /// Behind `sessionkeep.` in the member `schema`; as a command with a space for the hyphen.
    name: &'static str,
    form: Form,
    /// All members but `schema`: `{...}` is an object, `[...]` a list, `?` what may be missing, `*` members by other names; words
    /// in capitals are the shapes of [`COMMON`].
    members: &'static str,
}

const fn shape(name: &'static str, form: Form, members: &'static str) -> Shape {
    Shape { name, form, members }
}

const ARCHIVING: &str = "store, is_dry_run, seconds, exit_code, total {COUNTS}, agents [{name, COUNTS}], masked [{rule, count}], \
    archives [{path, source_bytes, archived_bytes, lines, masked_lines, has_waited}], \
    failures [{path, reason, advice, exit_code}]";

const SHAPES: [Shape; 25] = [
    shape("import", Form::One, ARCHIVING),
    shape("archive", Form::One, ARCHIVING),
    shape(
        "list",
        Form::List,
        "session_id, archived_at, source, cwd, project_slug, source_bytes, archived_bytes, line_count, masked_lines, \
         archive_path, schema_version, agent, started_at, ended_at, title, model, git_branch, parts, rules_version, \
         masked_by_rule {*}, version, supersedes, nul_bytes?, forked_from?, other_ids?, has_main?, pinned?, _meta_path, _archive_path",
    ),
    shape(
        "list-pruned",
        Form::List,
        "session_id, agent, project_slug, title?, started_at?, ended_at?, pruned_at, why, bytes, parts",
    ),
    shape("show", Form::Lines, "MESSAGE, subagent?"),
    shape(
        "search",
        Form::Lines,
        "MESSAGE, path, title?, address, snippet, matches [{start, end}], before?, after?",
    ),
    shape("search-raw", Form::Lines, "path, line, session_id, project, agent, text, matches [{start, end}]"),
    shape(
        "stats",
        Form::One,
        "total {SUMS, ratio}, by_agent? [{name, SUMS}], by_project? [{name, SUMS}], by_month? [{name, SUMS}], \
         by_model? [{name, SUMS}], by_tool? [{name, SUMS}], by_rule? [{name, SUMS}]",
    ),
    shape("export", Form::One, "form, path, list, exported, unchanged, failed, bytes"),
    shape(
        "agents",
        Form::List,
        "agent, label, places [{path, exists}], sessions, parts, bytes, archived, in_store, last_archived_at, \
         cleanup_days, not_read",
    ),
    shape(
        "audit",
        Form::One,
        "files, bytes, count, files_with_findings, errors, \
         rules [{rule, provider, about, rotate, count, sessions, last_seen}], findings_left_out, \
         findings [{path, line, rule, provider, agent, session_id, part_id, last_seen}]",
    ),
    shape(
        "redact",
        Form::One,
        "is_done, files_masked, lines, places, by_rule {*}, not_maskable, files [{path, agent, bytes, fate, reason?, lines?, \
         places?, by_rule? {*}, not_maskable?}], errors",
    ),
    shape(
        "remask",
        Form::One,
        "is_dry_run, sessions_changed, sessions_unchanged, sessions_left_out, sessions_from_source, archives_written, \
         archives_changed, sidecars_written, lines_masked, rules [{rule, matches, sessions}], text_bytes, bytes_before, \
         bytes_after, names, seconds, errors",
    ),
    shape(
        "prune",
        Form::One,
        "schema_version, is_dry_run, total {KEPT}, groups [{project?, agent?, KEPT}], sessions [{action, reasons, \
         session_id, agent, project_slug, title?, started_at?, ended_at?, bytes, archives, archive_path}], errors",
    ),
    shape("pin", Form::List, "session_id, agent, pinned_at"),
    shape(
        "restore",
        Form::List,
        "session_id, agent, state, dry_run?, path?, written?, already_there?, bytes?, remarks?, command?, \
         copied_from?, error?",
    ),
    shape(
        "setup",
        Form::One,
        "version, is_dry_run, files [{agent, file, what, outcome, reason?, lines?}], schedule {outcome, by?, reason?, \
         steps? [{does, path?, words?}]}, notes, undo, import? {archived, skipped}, \
         doctor? {is_well, to_do [{topic, says, advice}]}",
    ),
    shape(
        "setup-undo",
        Form::One,
        "version, is_dry_run, undone [{agent, file, outcome, reason?}], schedule [{does, path?, words?}]",
    ),
    shape(
        "verify",
        Form::One,
        "store, is_deep, is_import_running, archives, archived_bytes, text_bytes, damaged, \
         findings [{kind, is_damage, path, what, mend, rules}]",
    ),
    shape(
        "repair",
        Form::One,
        "is_dry_run, archives, damaged [{archive, set_aside_as, what, source, is_archived_again}], catalog, sidecars, \
         pruned_sessions_removed, \
         errors",
    ),
    shape(
        "doctor",
        Form::One,
        "version, store, is_well, points [{topic, is_ok, says, advice, note, fix}], to_do, left_for_setup, \
         growth {bytes, free_bytes, bytes_per_month, full_on, months}, agents [{agent, files, unarchived, \
         unarchived_bytes, active, never_archived, cleanup_days, archived, deleted_within_7_days, \
         deleted_within_7_days_unarchived, first_deletion, not_read [{path, reason, advice}], \
         left_alone [{path, reason, advice}]}], never_quiet [{agent, path, waits_since}]",
    ),
    shape(
        "config-show",
        Form::One,
        "file, store, store_from, mask_patterns [{pattern, replacement}], mask_literals, allow_literals, allow_patterns, \
         disable_rules, agents [{name, label, family, roots}], placeholders, mask_known_values, threads, level",
    ),
    shape("config-check", Form::One, "file, file_from, is_read, store, store_from, warnings, rules_version"),
    shape("rules", Form::List, "id, provider, about, placeholder, rotate, teaches, disabled"),
    shape("rules-test", Form::List, "line, column, rule, shown"),
];

/// What several shapes have in common.
const COMMON: [(&str, &str); 4] = [
    ("KEPT", "keep, keep_bytes, remove, remove_bytes"),
    (
        "COUNTS",
        "archived, unchanged, too_young, waited, empty, failed, not_tried, source_bytes, archived_bytes, lines, \
         masked_lines",
    ),
    (
        "SUMS",
        "sessions, parts, messages, prompts, tool_calls, tool_errors, input_tokens, output_tokens, cache_read_tokens, \
         cache_write_tokens, source_bytes, archived_bytes, masked_lines, masked, seconds",
    ),
    (
        "MESSAGE",
        "session, agent, project, part?, index, line, role, kind, time?, id?, parent?, tool?, event?, call?, model?, \
         media?, is_error?, exit_code?, tokens? {input, output, cache_read, cache_write}, marks?, image_bytes?, range?, \
         text",
    ),
];

const BEFORE: &str = "\
What --json prints:
  Each document, each item of a list and each line is an object with a member \"schema\", such as
  \"sessionkeep.import/1\": the command, and the version of its shape. In a version members may be added,
  none goes or changes what it means. Sizes are bytes; times are RFC 3339; what is not known is null, or
  left out where a ? stands. Messages and progress go to stderr; the exit code is the same as without --json.
  A command that cannot begin (exit code 1, 2 or 75) prints no JSON, and says why on stderr.";

/// Widest line.
const COLUMNS: usize = 100;

/// Returns the shapes of all.
pub(crate) fn text() -> String {
    let mut text = format!("{BEFORE}\n");
    for shape in &SHAPES {
        let form = match shape.form {
            Form::One => "one object",
            Form::List => "a list of objects",
            Form::Lines => "an object a line",
        };
        text.push_str(&format!("\nsessionkeep.{}/1: {form}\n", shape.name));
        wrap(shape.members, &mut text);
    }
    for (name, members) in COMMON {
        text.push_str(&format!("\n{name}:\n"));
        wrap(members, &mut text);
    }
    text
}

/// Appends `members`, indented, in lines that are not too wide.
fn wrap(members: &str, text: &mut String) {
    let mut line = String::new();
    for word in members.split_whitespace() {
        if line.len() + word.len() + 3 > COLUMNS {
            text.push_str(&format!("  {}\n", line.trim_end()));
            line.clear();
        }
        line.push_str(word);
        line.push(' ');
    }
    text.push_str(&format!("  {}\n", line.trim_end()));
}
