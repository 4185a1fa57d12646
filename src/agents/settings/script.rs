//! Scripts of ours that agents run within themselves, as plugins, extensions or hooks: they hand a session's payload to our
//! hook and nothing else. In comes how our hook is called; out comes JavaScript, or what such a file says of our hook.

use std::path::Path;

use super::command::hook_program;
use super::file::read;
use super::hooks::Hook;
use super::wanted::{HookCall, OWN_FILE_MARK};

/// What stands before the words of our call.
const COMMAND: &str = "const command = ";

/// What hands a payload over. It never throws, prints or waits, and does nothing where our program is not there: what is
/// spawned is a process of its own, and errors come as events, which are taken and forgotten.
const ARCHIVE: &str = r#"
const archive = (payload) => {
  try {
    const options = { stdio: ["pipe", "ignore", "ignore"], detached: true, windowsHide: true };
    const hook = spawn(command[0], command.slice(1), options);
    hook.on("error", () => {});
    hook.stdin.on("error", () => {});
    hook.stdin.end(JSON.stringify(payload));
    hook.unref();
  } catch {}
};
"#;

/// Returns a script with this body, in which `archive(payload)` hands a payload to our hook.
pub(crate) fn script(call: &HookCall, body: &str) -> String {
    let words: Vec<String> =
        call.words.iter().map(|word| serde_json::Value::from(word.as_str()).to_string()).collect();
    format!(
        "// {OWN_FILE_MARK}: hands sessions to sessionkeep, which archives them in the background.\n\
         // Does nothing where sessionkeep is not installed. To remove it: sessionkeep setup --undo\n\
         import {{ spawn }} from \"node:child_process\";\n\n\
         {COMMAND}[{}];\n{ARCHIVE}\n{}\n",
        words.join(", "),
        body.trim(),
    )
}

/// Returns our hook in a script of ours, which is called when `event` happens.
pub(crate) fn hook_in_script(file: &Path, event: &str) -> Option<Hook> {
    let text = read(file)?;
    let program = text.lines().filter_map(|line| line.strip_prefix(COMMAND)).find_map(hook_program)?;
    Some(Hook { file: file.to_path_buf(), event: event.to_owned(), program, timeout: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_its_program_so_that_it_is_found_again() {
        let program = "/my \"own\" bin/sessionkeep";
        let call = HookCall { line: String::new(), words: vec![program.to_owned(), "hook".to_owned()] };
        let text = script(&call, "\nexport default {};\n");
        assert!(text.lines().next().unwrap().contains(OWN_FILE_MARK), "{text}");
        assert!(
            text.contains("const command = [\"/my \\\"own\\\" bin/sessionkeep\", \"hook\"];\n"),
            "{text}"
        );
        assert!(text.ends_with("};\n\nexport default {};\n"), "{text}");
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("sessionkeep.js");
        assert_eq!(hook_in_script(&file, "idle"), None);
        let call = HookCall { words: vec!["/my bin/sessionkeep".to_owned(), "hook".to_owned()], ..call };
        std::fs::write(&file, script(&call, "")).unwrap();
        let hook = hook_in_script(&file, "idle").unwrap();
        assert_eq!((hook.program.as_str(), hook.event.as_str()), ("/my bin/sessionkeep", "idle"));
        std::fs::write(&file, "const command = [\"other\"];\n").unwrap();
        assert_eq!(hook_in_script(&file, "idle"), None);
    }
}
