//! What agents put around that which the user typed, and in its place: elements of markup. Texts are looked at as they are
//! written in JSON, between the quotes.

use std::ops::Range;

use memchr::memmem;

/// Texts that agents put into the user's mouth begin with one of these.
const INJECTED: [&[u8]; 28] = [
    b"<system-reminder",
    b"<system_reminder",
    b"<command-name",
    b"<command-message",
    b"<command-args",
    b"<local-command-",
    b"<bash-stdout",
    b"<bash-stderr",
    b"<ide_",
    b"<user-prompt-submit-hook",
    b"<session-start-hook",
    b"<pre-tool-use-hook",
    b"<post-tool-use-hook",
    b"<teammate-message",
    b"<qwen:user-prompt-submit-context",
    b"<task-notification",
    b"<subagent_notification",
    b"<git-context",
    b"<environment_context",
    b"<environment_details",
    b"<user_instructions",
    b"<session_context",
    b"<turn_aborted",
    b"<user_info",
    b"<permissions",
    b"# AGENTS.md instructions",
    b"Caveat: The messages below",
    b"[Request interrupted",
];

/// Returns whether a text of the user's is the agent's, all of it: behind a reminder may stand what the user typed.
pub(super) fn is_injected(text: &[u8]) -> bool {
    let mut rest = without_blanks(text);
    let mut is_any = false;
    while let Some(start) = INJECTED.iter().find(|start| rest.starts_with(start)) {
        is_any = true;
        rest = without_blanks(behind_envelope(start, rest));
    }
    is_any && rest.is_empty()
}

/// Returns where in `text` what stands before the element `name`, in it and behind it is, each without the blanks around it;
/// `None` where there is no such element. One without an end goes up to the end.
pub(super) fn within(name: &str, text: &[u8]) -> Option<[Range<usize>; 3]> {
    let (start, inner) = tag(&format!("<{name}>"), text)?;
    let (end, behind) = tag(&format!("</{name}>"), &text[inner..])
        .map_or((text.len(), text.len()), |(end, behind)| (inner + end, inner + behind));
    Some([0..start, inner..end, behind..text.len()].map(|range| trimmed(text, range)))
}

/// Returns where a tag begins and ends, however its brackets are written.
fn tag(tag: &str, text: &[u8]) -> Option<(usize, usize)> {
    let escaped = |less: &str, more: &str| tag.replace('<', less).replace('>', more);
    let forms = [tag.to_owned(), escaped("\\u003c", "\\u003e"), escaped("\\u003C", "\\u003E")];
    forms.iter().find_map(|form| memmem::find(text, form.as_bytes()).map(|at| (at, at + form.len())))
}

fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let rest = without_blanks(&text[range.clone()]);
    let start = range.end - rest.len();
    let mut end = range.end;
    loop {
        let kept = text[start..end].trim_ascii_end();
        end = start + kept.len();
        let is_escape = [&b"\\n"[..], b"\\r", b"\\t"].iter().any(|escape| kept.ends_with(escape));
        // A backslash that is itself escaped stands for one, and the letter for itself.
        let slashes = kept[..kept.len().saturating_sub(1)].iter().rev().take_while(|byte| **byte == b'\\');
        if !is_escape || slashes.count() % 2 == 0 {
            return start..end;
        }
        end -= 2;
    }
}

/// Returns what stands behind the element of markup that `text` begins with; nothing where it has no end, and where what the
/// agent says begins with none.
fn behind_envelope<'t>(start: &[u8], text: &'t [u8]) -> &'t [u8] {
    let Some(name) = start.strip_prefix(b"<") else { return b"" };
    let name_end =
        text.iter().skip(1).position(|byte| !(byte.is_ascii_alphanumeric() || b"-_:".contains(byte)));
    let name = name_end.map_or(name, |end| &text[1..=end]);
    let close = [b"</", name, b">"].concat();
    memmem::find(text, &close).map_or(b"", |at| &text[at + close.len()..])
}

/// Returns `text`, which is written in JSON, without blanks and line ends before it.
fn without_blanks(mut text: &[u8]) -> &[u8] {
    loop {
        text = text.trim_ascii_start();
        match text
            .strip_prefix(b"\\n")
            .or_else(|| text.strip_prefix(b"\\r"))
            .or_else(|| text.strip_prefix(b"\\t"))
        {
            Some(rest) => text = rest,
            None => return text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_in_and_behind_an_element_is_told_apart() {
        let pieces = |text: &'static str| {
            let pieces = within("Q", text.as_bytes())?;
            Some(pieces.map(|range| &text[range]))
        };
        assert_eq!(pieces(r"<Q>\nsort\t\n</Q>\n<X>\nset\n</X>\n"), Some(["", "sort", r"<X>\nset\n</X>"]));
        assert_eq!(pieces(r"a <Q>C:\\n</Q>"), Some(["a", r"C:\\n", ""]));
        assert_eq!(pieces(r"\u003cQ\u003esort\u003c/Q\u003e b"), Some(["", "sort", "b"]));
        assert_eq!(pieces(r"<Q>\n \n"), Some(["", "", ""]));
        assert_eq!(pieces("sort"), None);
    }

    #[test]
    fn a_text_is_injected_if_nothing_else_stands_in_it() {
        assert!(is_injected(br"\n<ide_selection>a</ide_selection>\n<git-context>b</git-context>"));
        assert!(is_injected(b"<qwen:user-prompt-submit-context>a</qwen:user-prompt-submit-context>"));
        assert!(!is_injected(br"<ide_selection>a</ide_selection>\nfix"));
        assert!(!is_injected(b"<bash-input>ls</bash-input>"));
    }
}
