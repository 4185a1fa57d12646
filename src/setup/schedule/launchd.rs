//! The property list of a launchd agent, as launchd.plist(5) has it.

use super::job::{Job, MADE_BY, NICE};
use super::xml::escape;

/// The agent's name, and its file's.
pub(super) const LABEL: &str = "sessionkeep.import";

/// Returns the property list.
///
/// `StartCalendarInterval` and not `StartInterval`: what a sleep made it miss runs when the machine wakes.
pub(super) fn plist(job: &Job) -> String {
    let strings: String =
        job.words.iter().map(|word| format!("        <string>{}</string>\n", escape(word))).collect();
    let variables: String = job
        .variables
        .iter()
        .map(|(name, value)| {
            format!("        <key>{}</key>\n        <string>{}</string>\n", escape(name), escape(value))
        })
        .collect();
    let variables = match variables.as_str() {
        "" => String::new(),
        some => format!("    <key>EnvironmentVariables</key>\n    <dict>\n{some}    </dict>\n"),
    };
    let times: String = [job.minute, job.minute + 30]
        .iter()
        .map(|minute| {
            format!("        <dict>\n            <key>Minute</key>\n            <integer>{minute}</integer>\n        </dict>\n")
        })
        .collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- {made_by} -->
<plist version="1.0">
<dict>
    <key>Label</key>
    <string>{LABEL}</string>
    <key>ProgramArguments</key>
    <array>
{strings}    </array>
{variables}    <key>StartCalendarInterval</key>
    <array>
{times}    </array>
    <key>RunAtLoad</key>
    <true/>
    <key>ProcessType</key>
    <string>Background</string>
    <key>Nice</key>
    <integer>{NICE}</integer>
    <key>LowPriorityIO</key>
    <true/>
    <key>LowPriorityBackgroundIO</key>
    <true/>
</dict>
</plist>
"#,
        // Two hyphens end an XML comment.
        made_by = MADE_BY.replace("--undo", "with undo"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_list_escapes_what_means_something_in_xml() {
        let job = Job {
            words: ["/A & B/<k>/\"q\" 'x'", "import", "--min-age", "30"].map(str::to_owned).to_vec(),
            variables: vec![("CODEX_HOME".to_owned(), "/a&b".to_owned())],
            minute: 29,
        };
        let text = plist(&job);
        assert!(
            text.contains("<string>/A &amp; B/&lt;k&gt;/&quot;q&quot; &apos;x&apos;</string>\n"),
            "{text}"
        );
        assert!(text.contains("<key>CODEX_HOME</key>\n        <string>/a&amp;b</string>"), "{text}");
        assert!(text.contains("<integer>29</integer>") && text.contains("<integer>59</integer>"), "{text}");
        let comment = text.split("<!--").nth(1).unwrap().split("-->").next().unwrap();
        assert!(!comment.contains("--"), "{comment}");
        let opened = text.matches("<dict>").count();
        assert_eq!((opened, text.matches("</dict>").count()), (4, 4));
    }
}
