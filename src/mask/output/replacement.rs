//! What stands in the masked text for a span.

use crate::mask::findings::Match;
use crate::mask::masker::Masker;
use crate::mask::masker::table::PIECE_AFTER_RULE;
use crate::mask::rule::Placeholder;
use crate::mask::text::json_string::Escaping;
use crate::mask::{built_in, placeholder};

impl Masker {
    /// Appends what stands in place of a span labelled by `label`. `line` is the line it starts in (or what is at
    /// hand of it), and begins at `line_offset` of the stream.
    pub(crate) fn write_placeholder(
        &self,
        label: &Match,
        line: &[u8],
        line_offset: u64,
        how: Escaping,
        out: &mut Vec<u8>,
    ) {
        if label.rule == PIECE_AFTER_RULE {
            return;
        }
        let start = ((label.start.max(line_offset) - line_offset) as usize).min(line.len());
        if self.custom.owns(label.rule) {
            return self.custom.replace(label.rule, line, start, how, out);
        }
        let end = ((label.end.max(line_offset) - line_offset) as usize).clamp(start, line.len());
        let rule = self.rule(label.rule);
        let value = &line[start..end];
        let kept = match rule.placeholder {
            Placeholder::KeepLiteral => built_in::kept_bytes(label.rule, value),
            _ => 0,
        };
        placeholder::write(rule.placeholder, &rule.id, value, kept, self.tag_key.as_ref(), out);
    }
}
