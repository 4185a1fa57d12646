//! Tokens that are known by a byte right before a run of word bytes (`.`, `:`, `!`, `/`) or by a `~`.

use crate::mask::rule::TokenRule;
use crate::mask::sweep::RUN_SEEN;
use crate::mask::text::class::*;
use crate::mask::text::escape::{self, is_left_boundary};
use crate::mask::tokens::checks::{self, CASES, DIGIT, MIXED, SURE};
use crate::mask::tokens::search::Search;
use crate::mask::tokens::starts::{later_starts, may_begin};

const DOTTED: ByteClass = ByteClass::of("A-Za-z0-9_.-");

/// `abc8Q~` and 31 to 34 more; `tilde` is where the `~` is.
pub(crate) fn azure_client_secret(search: &mut Search, rule: TokenRule, tilde: usize) {
    const CLASS: ByteClass = ByteClass::of("A-Za-z0-9_.~-");
    let bytes = search.bytes;
    let Some(start) = tilde.checked_sub(5) else { return };
    if bytes[tilde - 1] != b'Q' || !bytes[tilde - 2].is_ascii_digit() || !all(CLASS, &bytes[start..tilde]) {
        return;
    }
    let (end, count) = match_run(CLASS, 31, bytes, tilde + 1);
    if count == 31 && may_begin(bytes, start) && checks::accept(CASES, &bytes[tilde + 1..end], None) {
        search.add(rule, start, end, CLASS);
    }
}

/// Three parts; the first is the base64 of a number, the run the third.
pub(crate) fn discord_bot(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    let bytes = search.bytes;
    if end - run < 27 || run < 8 || bytes[run - 8] != b'.' || !all(WORD, &bytes[run - 7..run - 1]) {
        return;
    }
    let first = run_before(WORD, 36, bytes, run - 8);
    let starts = [Some(first)].into_iter().chain(later_starts(bytes, first)).flatten();
    let begins = |&start: &usize| {
        (24..=28).contains(&(run - 8).saturating_sub(start))
            && matches!(bytes[start], b'M' | b'N' | b'O')
            && all(ALNUM, &bytes[start..run - 8])
            && may_begin(bytes, start)
            && checks::accept(CASES, &bytes[start..run - 8], None)
    };
    if let Some(start) = starts.into_iter().find(begins)
        && checks::accept(MIXED, &bytes[run..end.min(run + 38)], None)
    {
        search.add(rule, start, end, WORD);
    }
}

/// 14 letters and digits, `.atlasv1.`, the run.
pub(crate) fn terraform(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    let bytes = search.bytes;
    if end - run < 40 || run < 23 || &bytes[run - 9..run] != b".atlasv1." {
        return;
    }
    let start = run - 23;
    if all(ALNUM, &bytes[start..start + 14]) && may_begin(bytes, start) {
        search.add(rule, start, end, WORD);
    }
}

/// `dp.st.`, the name of a configuration, `.`, the run. (Without the name the table knows it.)
pub(crate) fn doppler(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    let bytes = search.bytes;
    if end - run < 40 || !all(ALNUM, &bytes[run..run + 40]) {
        return;
    }
    const NAME: ByteClass = ByteClass::of("a-z0-9_-");
    let name = run_before(NAME, 36, bytes, run - 1);
    let kinds = ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."];
    let Some(kind) = kinds.iter().find(|kind| bytes[..name].ends_with(kind.as_bytes())) else { return };
    let start = name - kind.len();
    if name < run - 1 && may_begin(bytes, start) && checks::accept(SURE, &bytes[run..run + 40], None) {
        search.add(rule, start, end, WORD);
    }
}

/// `snyk_uat.`, maybe eight more and a dot, the run.
pub(crate) fn snyk(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    let bytes = search.bytes;
    let inner = run_before(ALNUM, 16, bytes, run - 1);
    let heads = [run, if inner < run - 1 { inner } else { run }];
    let Some(head) = heads.into_iter().find(|&head| {
        let before = &bytes[..head];
        before.ends_with(b"snyk_uat.") || before.ends_with(b"snyk_sat.")
    }) else {
        return;
    };
    let start = head - 9;
    let (body_end, count) = match_run(DOTTED, 30, bytes, head);
    if count == 30 && may_begin(bytes, start) && checks::accept(DIGIT, &bytes[run..end.min(run + 64)], None) {
        search.add(rule, start, body_end, DOTTED);
    }
}

/// 8 to 10 digits, `:`, the run, which begins with `AA`.
pub(crate) fn telegram(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    let bytes = search.bytes;
    if end - run < 35 || &bytes[run..run + 2] != b"AA" {
        return;
    }
    let start = run_before(DIGITS, 11, bytes, run - 1);
    let digits = run - 1 - start;
    let begins = is_left_boundary(bytes, start)
        || bytes[..start].strip_suffix(b"bot").is_some_and(|before| is_left_boundary(bytes, before.len()));
    if (8..=10).contains(&digits) && begins && checks::accept(CASES, &bytes[run..run + 35], None) {
        search.add(rule, start, end, WORD);
    }
}

/// `AAAA` and seven more, `:`, the run.
pub(crate) fn firebase_fcm(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    let bytes = search.bytes;
    // Longer runs are not seen to their end.
    if end - run < RUN_SEEN.min(120) || run < 12 {
        return;
    }
    let start = run - 12;
    if bytes[start..].starts_with(b"AAAA")
        && all(WORD, &bytes[start..run - 1])
        && may_begin(bytes, start)
        && checks::accept(MIXED, &bytes[run..run + 120], None)
    {
        search.add(rule, start, end, WORD);
    }
}

/// `00D` and 12 more, `!`, at least 80 of which the run is the first.
pub(crate) fn salesforce(search: &mut Search, rule: TokenRule, run: usize, _end: usize) {
    const CLASS: ByteClass = ByteClass::of("A-Za-z0-9._");
    let bytes = search.bytes;
    let Some(start) = run.checked_sub(16) else { return };
    let (end, count) = match_run(CLASS, 80, bytes, run);
    if bytes[start..].starts_with(b"00D")
        && all(ALNUM, &bytes[start..run - 1])
        && count == 80
        && may_begin(bytes, start)
    {
        search.add(rule, start, end, CLASS.or(WORD));
    }
}

/// The last part of a Slack webhook's path is the run.
pub(crate) fn slack_hook(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    const PATH: ByteClass = ByteClass::of("A-Za-z0-9/_-");
    let bytes = search.bytes;
    // Most runs after a slash are parts of paths or of base64: the id before it is what is rare.
    let slash = run - 1 - escape::backslashes_before(bytes, run - 1);
    if slash < 6
        || !all(UPPER, &bytes[slash - 6..slash])
        || end - run < 20
        || !all(ALNUM, &bytes[run..run + 20])
    {
        return;
    }
    let mut slash = run - 1;
    for _ in 0..4 {
        let end = slash - escape::backslashes_before(bytes, slash);
        let start = run_before(ALNUM, 24, bytes, end);
        let part = &bytes[start..end];
        if matches!(part, b"services" | b"workflows" | b"triggers") {
            let body = slash + 1;
            let host_end = match bytes[..start].strip_suffix(b"/") {
                Some(before) => before.len() - escape::backslashes_before(bytes, before.len()),
                None => return,
            };
            let host = &bytes[..host_end];
            if host.ends_with(b"hooks.slack.com") || host.ends_with(b"hooks.slack-gov.com") {
                let (end, count) = match_run(PATH, 30, bytes, body);
                if count == 30
                    && matches!(bytes[body], b'T' | b'E')
                    && checks::accept(DIGIT, &bytes[body..end], None)
                {
                    search.add(rule, body, end, PATH);
                }
            }
            return;
        }
        // Ids have at least seven bytes.
        if part.len() < 7 || start == 0 || bytes[start - 1] != b'/' {
            return;
        }
        slash = start - 1;
    }
}
