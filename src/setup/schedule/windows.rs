//! The definition of a task for Windows' Task Scheduler, as its schema has it:
//! <https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema>.

use super::job::{INTERVAL_MINUTES, Job, MADE_BY};
use super::xml::escape;

/// The task's name.
pub(super) const TASK: &str = "sessionkeep-import";

/// Runs a program of the console without a window, which would flash up every half hour. It comes with Windows since 10;
/// that it takes `--headless` is widely used and documented nowhere.
const WITHOUT_WINDOW: &str = r"%SystemRoot%\System32\conhost.exe";

/// Returns the definition's bytes: UTF-16, little endian, with a mark of that, which is what `schtasks` reads.
pub(super) fn definition(job: &Job) -> Vec<u8> {
    let text = text(job).replace('\n', "\r\n");
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn text(job: &Job) -> String {
    let arguments: Vec<String> =
        std::iter::once("--headless".to_owned()).chain(job.words.iter().map(|word| quoted(word))).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Archives the sessions of AI coding agents. {made_by}</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Repetition>
        <Interval>PT{INTERVAL_MINUTES}M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
      <StartBoundary>2026-01-01T00:{minute:02}:00</StartBoundary>
      <Enabled>true</Enabled>
      <RandomDelay>PT5M</RandomDelay>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{WITHOUT_WINDOW}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"#,
        made_by = escape(MADE_BY),
        minute = job.minute,
        arguments = escape(&arguments.join(" ")),
    )
}

/// Returns a word as `CommandLineToArgvW` reads it: backslashes count twice where a quote follows.
fn quoted(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '"']) {
        return word.to_owned();
    }
    let (mut quoted, mut backslashes) = (String::from("\""), 0);
    for character in word.chars() {
        match character {
            '\\' => backslashes += 1,
            '"' => {
                quoted.push_str(&"\\".repeat(backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        quoted.push(character);
    }
    quoted.push_str(&"\\".repeat(backslashes));
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_windows_reads_them() {
        for (word, expected) in [
            (r"C:\a\b.exe", r"C:\a\b.exe"),
            (r"C:\a b\", r#""C:\a b\\""#),
            (r#"say "x""#, r#""say \"x\"""#),
            (r#"a\"b c"#, r#""a\\\"b c""#),
            ("", r#""""#),
        ] {
            assert_eq!(quoted(word), expected, "{word}");
        }
    }

    #[test]
    fn a_definition_is_utf_16_with_its_mark_and_escapes_what_means_something_in_xml() {
        let words = [r"C:\R & D\ü\sessionkeep.exe", "import", "--min-age", "30"];
        let job = Job { words: words.map(str::to_owned).to_vec(), variables: Vec::new(), minute: 4 };
        let bytes = definition(&job);
        assert_eq!(bytes[..4], [0xff, 0xfe, b'<', 0]);
        let units: Vec<u16> =
            bytes[2..].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let text = String::from_utf16(&units).unwrap();
        let arguments = r"--headless &quot;C:\R &amp; D\ü\sessionkeep.exe&quot; import --min-age 30";
        assert!(text.contains(&format!("<Arguments>{arguments}</Arguments>\r\n")), "{text}");
        for wanted in [
            "<StartWhenAvailable>true<",
            "<DisallowStartIfOnBatteries>false<",
            "<StopIfGoingOnBatteries>false<",
            "<Interval>PT30M<",
            "T00:04:00<",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
    }
}
