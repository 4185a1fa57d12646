//! Every token rule with its examples in every surroundings, and what must hold for any bytes.

use super::*;
use crate::mask::recipe::{Expanded, SURROUNDINGS, Surroundings, embed, expand};
use crate::mask::window::{LOOK_AHEAD, LOOK_BEHIND};
use proptest::prelude::*;

fn scanner() -> &'static TokenScanner {
    static SCANNER: std::sync::OnceLock<TokenScanner> = std::sync::OnceLock::new();
    SCANNER.get_or_init(|| TokenScanner::new(&|_| false))
}

fn scan(bytes: &[u8]) -> Vec<Hit<TokenRule>> {
    let mut out = Vec::new();
    scanner().scan(&Window::of_whole(bytes, 0..bytes.len()), &mut TokenScratch::default(), &mut out);
    out
}

fn id_of(rule: TokenRule) -> &'static str {
    rules::all().nth(usize::from(rule.0)).map_or("", |(_, token)| token.rule.id)
}

fn show(bytes: &[u8], spans: &[Hit<TokenRule>]) -> String {
    let found: Vec<_> = spans
        .iter()
        .map(|span| format!("{} {}", id_of(span.rule), bytes[span.start..span.end].escape_ascii()))
        .collect();
    format!("{}\n  -> {found:?}", bytes.escape_ascii())
}

/// Returns what is wrong unless exactly the secret is found in `made`.
fn check_hit(made: &Expanded, rule: &str) -> Option<String> {
    let spans = scan(&made.text);
    let start = spans.iter().map(|span| span.start).min();
    let end = spans.iter().map(|span| span.end).max();
    let right = (start, end) == (Some(made.secret.start), Some(made.secret.end));
    (!right).then(|| format!("{rule}, wanted {:?}: {}", made.secret, show(&made.text, &spans)))
}

/// The escapes that stand inside of a multi-line key, or that a text has of its own, make these meaningless.
fn fits(made: &Expanded, surroundings: Surroundings) -> bool {
    let many_lines = made.text.contains(&b'\n') || made.text.windows(2).any(|w| w == b"\\n");
    let bare = made.secret == (0..made.text.len());
    match surroundings {
        Surroundings::Removed | Surroundings::Added | Surroundings::LineNumber => !many_lines,
        Surroundings::Percent | Surroundings::EscapedEquals | Surroundings::EscapedSlash => {
            bare && !many_lines
        }
        _ => true,
    }
}

/// Whether a rule's matches may stand in any surroundings, so that examples can be put into them.
fn has_examples(token: &Token) -> bool {
    token.rule.id != "torn-token"
}

#[test]
fn every_hit_of_every_rule_is_found_in_all_surroundings_and_depths() {
    let mut wrong = Vec::new();
    for (_, token) in rules::all().filter(|(_, token)| has_examples(token)) {
        assert!(!token.rule.hits.is_empty(), "{} has no hit", token.rule.id);
        for (index, recipe) in token.rule.hits.iter().enumerate() {
            for seed in 0..3 {
                let made = expand(recipe, seed * 1000 + index as u64);
                for surroundings in SURROUNDINGS.into_iter().filter(|&surroundings| fits(&made, surroundings))
                {
                    for depth in 0..4 {
                        wrong.extend(check_hit(&embed(&made, surroundings, depth), token.rule.id));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_near_miss_is_touched() {
    for (_, token) in rules::all().filter(|(_, token)| has_examples(token)) {
        assert!(!token.rule.misses.is_empty(), "{} has no near-miss", token.rule.id);
        for recipe in token.rule.misses {
            for seed in 0..3 {
                let made = expand(recipe, seed);
                for surroundings in [Surroundings::Alone, Surroundings::LineStart, Surroundings::Quoted] {
                    for depth in 0..3 {
                        let there = embed(&made, surroundings, depth);
                        let spans = scan(&there.text);
                        assert!(spans.is_empty(), "{}: {}", token.rule.id, show(&there.text, &spans));
                    }
                }
            }
        }
    }
}

#[test]
fn every_literal_has_a_hit() {
    for (_, token) in rules::all() {
        for literal in token.patterns.iter().flat_map(|pattern| pattern.literals) {
            let is_in = |recipe: &&str| recipe.replace(['⟦', '⟧'], "").contains(literal);
            // `SK0` to `SKf` and `6Lc` to `6Lf` stand for one literal and the first byte of what follows it.
            let expanded = |recipe: &&str| recipe.contains("SK{hex") || recipe.contains("6Ld");
            assert!(token.rule.hits.iter().any(|recipe| is_in(recipe) || expanded(recipe)), "{literal}");
        }
    }
}

#[test]
fn ids_are_unique_and_no_placeholder_is_itself_a_match() {
    let mut ids: Vec<_> = rules::all().map(|(_, token)| token.rule.id).collect();
    for id in &ids {
        let text = format!("{{\"a\":\"***MASKED:{id}***\",\"b\":\"KEY=***MASKED:{id}***\"}}");
        assert!(scan(text.as_bytes()).is_empty(), "{id}");
    }
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn what_is_masked_once_is_not_masked_again() {
    for (_, token) in rules::all() {
        for recipe in token.rule.hits {
            let made = embed(&expand(recipe, 5), Surroundings::LineStart, 1);
            let mut masked = made.text.clone();
            let placeholder = format!("***MASKED:{}***", token.rule.id);
            masked.splice(made.secret.clone(), placeholder.bytes());
            let spans = scan(&masked);
            assert!(spans.is_empty(), "{}", show(&masked, &spans));
        }
    }
}

#[test]
fn disabled_rules_find_nothing() {
    let scanner = TokenScanner::new(&|id| id == "groq" || id == "pem-private-key");
    for recipe in ["⟦gsk_{alnum:52}⟧", "-----BEGIN PRIVATE KEY-----\n{base64:64}\n-----END PRIVATE KEY-----"]
    {
        let text = expand(recipe, 1).text;
        let mut out = Vec::new();
        scanner.scan(&Window::of_whole(&text, 0..text.len()), &mut TokenScratch::default(), &mut out);
        assert!(out.is_empty());
        assert!(!scan(&text).is_empty());
    }
}

#[test]
fn a_kept_literal_is_the_one_that_stands_there() {
    let text = expand("gho_{alnum:36}", 1).text;
    let span = scan(&text)[0];
    assert_eq!(rules::kept_literal(span.rule, &text), "gho_");
}

#[test]
fn ten_megabytes_of_base64_hold_no_token() {
    for (kind, around) in [("base64url", "encrypted_content"), ("base64", "signature"), ("base64", "data")] {
        let mut found = 0;
        for seed in 0..850 {
            let recipe = format!("{{\"type\":\"x\",\"{around}\":\"{{{kind}:4000}}\"}}");
            let text = expand(&recipe, seed).text;
            found += scan(&text).len();
        }
        assert_eq!(found, 0, "{kind}");
    }
}

#[test]
fn two_dots_hold_no_name_of_a_configuration() {
    let made = expand("dp.st..{alnum:40}", 1).text;
    let spans = scan(&made);
    assert!(spans.is_empty(), "{}", show(&made, &spans));
}

#[test]
fn a_web_token_on_the_line_after_another_is_no_part_of_a_blob() {
    let token = expand("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{alnum:342}", 1).text;
    for line_end in [&b"\n"[..], b"\r\n", b"\\n"] {
        let text = [&token[..], line_end, &token, line_end, &token].concat();
        let starts: Vec<usize> = scan(&text).iter().map(|span| span.start).collect();
        let step = token.len() + line_end.len();
        assert_eq!(starts, [0, step, 2 * step], "{}", line_end.escape_ascii());
    }
}

#[test]
fn names_hashes_and_ids_are_left_alone() {
    for recipe in [
        "docs/risk-assessment-for-the-new-payment-pipeline.md",
        "feature/task-1234-add-login-form-with-remember-me",
        "pd-disk-encryption-set-for-production-cluster",
        "target/debug/deps/task-scheduler-integration-tests-helpers-0.1",
        "https://medium.com/@dev/ask-the-right-question-about-tokens-and-secrets-{hex:12}",
        "fn ghs_refresh_token_rotates_every_hour()",
        "toolu_01{alnum:22} msg_01{alnum:22} req_011C{alnum:20} call_{alnum:24} fc_{hex:48} rs_{hex:48}",
        "chatcmpl-{alnum:29} srvtoolu_01{alnum:22} agent-{hex:8} {uuid}",
        "index {hex:7}..{hex:7} commit {hex:40} sha256:{hex:64}",
        "\"integrity\": \"sha512-{base64:86}==\"",
        "checksum = \"{hex:64}\" h1:{base64:43}= --hash=sha256:{hex:64} ETag: \"{hex:32}\"",
        "/nix/store/{lower:32}-name .pnpm/x@1_{hex:32} dist/index-{alnum:8}.js",
        "SHA256:{base64:43} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{base64:43}",
        "actions/checkout@{hex:40} pk_live_{alnum:24} phc_{alnum:43} AROA{base32:16} AC{hex:32} org-{alnum:24}",
        "sk-ant-***MASKED*** sk-... ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx AKIA****************",
        "key.startswith(\"sk-ant-api03-\") r\"sk-(?:proj-)?[A-Za-z0-9_\\-]{30,}\"",
        "\"mappings\":\"AAAA;AACA,SAASA,KAAK,CAAC,CAAC;AACjB,OAAO,CAACC,GAAG\"",
    ] {
        for seed in 0..20 {
            for depth in 0..3 {
                let there = embed(&expand(recipe, seed), Surroundings::LineStart, depth);
                let spans = scan(&there.text);
                assert!(spans.is_empty(), "{}", show(&there.text, &spans));
            }
        }
    }
}

/// All matches of a stream that is seen through windows of `step` wanted bytes, with as little around them as allowed.
fn scan_in_windows(bytes: &[u8], step: usize) -> Vec<(usize, usize, TokenRule)> {
    let mut found = Vec::new();
    let mut scratch = TokenScratch::default();
    for from in (0..bytes.len()).step_by(step) {
        let to = (from + step).min(bytes.len());
        let (first, last) = (from.saturating_sub(LOOK_BEHIND), (to + LOOK_AHEAD).min(bytes.len()));
        let window = Window {
            bytes: &bytes[first..last],
            offset: first as u64,
            wanted: from - first..to - first,
            is_end: last == bytes.len(),
        };
        let mut out = Vec::new();
        scanner().scan(&window, &mut scratch, &mut out);
        for span in out {
            let (start, mut end) = (first + span.start, first + span.end);
            if let Some(class) = span.open {
                end += bytes[end..].iter().take_while(|&&byte| class.contains(byte)).count();
            }
            found.push((start, end, span.rule));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[test]
fn a_match_longer_than_the_window_stays_open() {
    let bytes = [&b"ghp_"[..], &b"aB3dE6gH9".repeat(20_000)].concat();
    assert_eq!(scan_in_windows(&bytes, 1000), scan_in_windows(&bytes, usize::MAX / 2));
    assert_eq!(scan_in_windows(&bytes, 1000)[0].1, bytes.len());
}

/// Asks no clock: with work that grows as the square of the input this does not end while anybody waits.
#[test]
fn hostile_input_is_scanned_to_its_end() {
    for piece in [
        &b"ghs_aB3dE6gH9kL2mN5pQ8."[..],
        b"\\",
        b"-",
        b"sk-ant-api03-",
        b"eyJhbGciOiJIUzI1NiJ9.",
        b"-----BEGIN PRIVATE KEY-----\\n",
        b"Private-Lines: 99...\naB3dE6gH9kL2mN5pQ8aB3dE6gH9kL2mN5pQ8...\n",
        b"-----END PRIVATE KEY-----\n7:aB3dE6gH9kL2mN5pQ8aB3dE6gH9kL2mN5pQ8\n8:",
        b"AAAAAAAAAAAAAAAAAAAAAAAAAA%",
        b"a/bcdefghijklmnopqrst/",
        b"rt_aB3dE6gH9kL2mN5pQ8rS1tU4vW7xY0zA3bC6dE9fG2hI5jK8.",
    ] {
        scan(&piece.repeat((4 << 20) / piece.len()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn matches_do_not_depend_on_how_a_stream_is_cut(
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, 0usize..4, 0u64..1000), 1..30),
        step in 1usize..3000,
    ) {
        let recipes: Vec<&str> = rules::all().flat_map(|(_, token)| token.rule.hits.iter().chain(token.rule.misses)).copied().collect();
        let mut bytes = Vec::new();
        for (recipe, surroundings, depth, seed) in picks {
            let made = expand(recipes[recipe.index(recipes.len())], seed);
            bytes.extend_from_slice(&embed(&made, SURROUNDINGS[surroundings], depth).text);
            if seed % 3 == 0 {
                bytes.push(b'\n');
            }
        }
        let mut whole: Vec<_> = scan(&bytes).iter().map(|span| (span.start, span.end, span.rule)).collect();
        whole.sort_unstable();
        whole.dedup();
        prop_assert_eq!(scan_in_windows(&bytes, step), whole);
    }

    #[test]
    fn no_match_tears_an_escape_apart(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "\\", "\\n", "\\\\n", "\\u003d", "\"", "-", "sk-", "ghp_", "eyJ", ".", "/", "aB3dE6gH9kL2mN5pQ8",
            "0Q~", "AA", ":", "npm_", "nfp_", "tfp_", "%3D", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", " ",
        ]), 0..60),
    ) {
        let bytes = pieces.concat().into_bytes();
        for span in scan(&bytes) {
            prop_assert!(span.start < span.end && span.end <= bytes.len());
            let after = escape::escape_around(&bytes, span.end).is_some_and(|e| e.start < span.end && !(span.start..span.end).contains(&e.start));
            prop_assert!(!after, "{}", show(&bytes, &[span]));
        }
    }
}

#[test]
fn what_is_left_of_a_token_before_a_glued_record_is_found_and_nothing_in_whole_records_or_code() {
    let scanner = TokenScanner::new(&|_| false);
    let found = |text: &str| {
        let mut out = Vec::new();
        let window = Window::of_whole(text.as_bytes(), 0..text.len());
        scanner.scan(&window, &mut TokenScratch::default(), &mut out);
        out.iter().map(|span| text[span.start..span.end].to_owned()).collect::<Vec<_>>()
    };
    let cut = "aB3xK9pQ2mZ7vL5tR";
    for text in [
        format!("{{\"a\":\"key {cut}{{\"type\":\"user\"}}\n"),
        format!("{{\"b\":1}}\n{{\"a\":\"k\\n{cut}{{\"parentUuid\":null}}\n"),
        format!("{{\"a\":\"{} {cut}{{\"type\":1}}", "x ".repeat(4000)),
    ] {
        assert_eq!(found(&text), [cut], "{text}");
    }
    for text in [
        format!("{{\"a\":\"func {cut}{{\"}}"),
        format!("return {cut}{{\"type\": 1}}\n"),
        format!("{{\"a\":\"{cut}{{\\\"type\\\":1}}\"}}"),
        "{\"a\":\"key aB3xK9p{\"type\":1}".to_owned(),
    ] {
        assert_eq!(found(&text), [""; 0], "{text}");
    }
}

#[test]
fn a_token_that_is_joined_to_a_name_is_found_and_one_in_a_blob_is_not() {
    let tokens = [
        "ghp_{alnum:36}",
        "github_pat_{alnum:22}_{alnum:59}",
        "glpat-{alnum:20}",
        "xoxb-{digits:12}-{digits:12}-{alnum:24}",
    ];
    for recipe in tokens {
        let token = expand(recipe, 3).text;
        for before in [
            "fix-",
            "KEY_",
            "a_b-",
            "{\"branch\":\"feature/rotate-",
            "x\\nKEY_",
            "my-very-long-name-of-a-branch-",
        ] {
            let text = [before.as_bytes(), &token, b"\" and more"].concat();
            let spans = scan(&text);
            assert_eq!(spans.len(), 1, "{}", show(&text, &spans));
            let span = spans[0];
            assert!(
                before.len() <= span.start && span.end == before.len() + token.len(),
                "{}",
                show(&text, &spans)
            );
        }
    }
    let token = expand("ghp_{alnum:36}", 3).text;
    let blob = expand("{alnum:30}_{alnum:30}-", 5).text;
    assert!(scan(&[&blob[..], &token].concat()).is_empty(), "of any few letters there are some in a blob");
}

#[test]
fn the_sweep_looks_for_every_literal_that_a_shape_wants_to_see() {
    let mut wanted: Vec<&[u8]> = Vec::new();
    for (_, token) in rules::all() {
        if let Some(Shape::Literals(literals, _)) = token.shape {
            wanted.extend(literals.iter().map(|literal| literal.as_bytes()));
        }
    }
    let is_shape = |literal: &&crate::mask::sweep::Literal| literal.meaning == Meaning::Shape;
    let all = crate::mask::sweep::BUCKETS.concat();
    let mut looked_for: Vec<&[u8]> = all.iter().filter(is_shape).map(|literal| literal.text).collect();
    wanted.sort_unstable();
    looked_for.sort_unstable();
    assert_eq!(wanted, looked_for);
}
