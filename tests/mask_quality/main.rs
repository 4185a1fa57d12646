//! How well the masker masks: what share of planted secrets is gone, by kind and by the way they stand in a transcript,
//! and what share of harmless lines stays as it is.

mod benign;
mod names;
mod structures;
mod tokens;

use sessionkeep::testing::mask::mask_whole;
use sessionkeep::testing::mask::recipe::{Expanded, expand};
use sessionkeep::testing::mask::{Masker, Options};
use std::collections::BTreeMap;

/// The ways in which a text stands in a transcript.
const EMBEDDINGS: [&str; 7] = ["claude", "codex", "nested", "u003d", "slash", "bare", "quoted"];

fn masker() -> Masker {
    Masker::new(&Options::default()).expect("the built-in rules compile")
}

/// Writes `text` as a JSON string with its quotes.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is always JSON")
}

/// Writes `text` as it stands in a transcript, `embedding` being one of [`EMBEDDINGS`].
fn embed(text: &str, embedding: &str) -> String {
    match embedding {
        "claude" => format!(
            r#"{{"type":"user","message":{{"content":{}}}}}"#,
            quoted(&format!("$ cat x\n{text}\ndone"))
        ),
        "codex" => {
            let inner = format!(r#"{{"output":{},"exit_code":0}}"#, quoted(&format!("first\n{text}\n")));
            format!(r#"{{"type":"response_item","payload":{{"output":{}}}}}"#, quoted(&inner))
        }
        "nested" => format!(r#"{{"a":{{"b":[{{"c":{}}},1]}}}}"#, quoted(text)),
        "u003d" => {
            let mut line = quoted(text);
            for (sign, escape) in
                [("=", "\\u003d"), ("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e"), ("'", "\\u0027")]
            {
                line = line.replace(sign, escape);
            }
            format!(r#"{{"content":{line}}}"#)
        }
        "slash" => format!(r#"{{"content":{}}}"#, quoted(text).replace('/', "\\/")),
        "quoted" => format!(r#"{{"content":{}}}"#, quoted(&format!("value := \"{text}\""))),
        _ => text.to_owned(),
    }
}

/// Undoes the escapes of `text` until nothing is left to undo, so that what is read out of it can be compared.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let after = rest[at..].trim_start_matches('\\');
        let code = after.strip_prefix("u00").and_then(|code| u8::from_str_radix(code.get(..2)?, 16).ok());
        rest = match (after.chars().next(), code) {
            (_, Some(code)) => {
                plain.push(char::from(code));
                &after[5..]
            }
            (Some('n' | 't' | 'r'), _) => {
                plain.push('\n');
                &after[1..]
            }
            _ => after,
        };
    }
    plain + rest
}

/// Whether any eight bytes in a row of the secret can still be read.
fn is_left(secret: &str, masked: &str) -> bool {
    let masked = unescaped(masked);
    let secret = unescaped(secret);
    let words = secret.split(['\n', ' ', '"', '+', '\'']).filter(|word| word.len() >= 8);
    let mut pieces = words.flat_map(|word| {
        let last = word.len() - 8;
        (0..=last).step_by(4).chain([last]).map(move |at| &word[at..at + 8])
    });
    pieces.any(|piece| masked.contains(piece))
}

/// What was planted and found, by tier and embedding; and a few of the missed.
#[derive(Default)]
struct Score {
    counts: BTreeMap<(&'static str, &'static str), (usize, usize)>,
    missed: BTreeMap<(&'static str, String), usize>,
    /// Masked lines that are no JSON any more, or that masking changes again.
    unstable: Vec<String>,
}

impl Score {
    fn plant(&mut self, masker: &Masker, tier: &'static str, recipe: &str, made: &Expanded) {
        let text = String::from_utf8(made.text.clone()).expect("recipes are text");
        let secret = &text[made.secret.clone()];
        for embedding in EMBEDDINGS {
            if embedding == "quoted" && (tier != "prefix" || text.contains('"'))
                || embedding == "bare" && (text.contains("\\n") || text.contains("Comment:"))
            {
                continue;
            }
            let line = embed(&text, embedding);
            let (masked, _) = mask_whole(masker, None, line.as_bytes());
            let masked = String::from_utf8(masked).expect("a mask is text");
            let is_json = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
            let again = mask_whole(masker, None, masked.as_bytes()).0;
            if again != masked.as_bytes() || embedding != "bare" && !is_json(&masked) {
                self.unstable.push(format!("{embedding:7} {recipe}\n  {masked}"));
            }
            let count = self.counts.entry((tier, embedding)).or_default();
            count.0 += 1;
            if is_left(secret, &masked) {
                *self.missed.entry((tier, format!("{embedding:7} {recipe}"))).or_default() += 1;
            } else {
                count.1 += 1;
            }
        }
    }

    fn plant_recipe(&mut self, masker: &Masker, tier: &'static str, recipe: &str, seed: u64) {
        let mut made = expand(recipe, seed);
        if made.secret.is_empty() {
            // What a token begins with says whose it is, and may stay.
            made.secret = recipe.find('{').unwrap_or(0)..made.text.len();
        }
        self.plant(masker, tier, recipe, &made);
    }

    /// Percent found of what `of` picks.
    fn recall(&self, of: impl Fn(&str, &str) -> bool) -> f64 {
        let picked = self.counts.iter().filter(|((tier, embedding), _)| of(tier, embedding));
        let (planted, found) = picked.fold((0, 0), |sum, (_, count)| (sum.0 + count.0, sum.1 + count.1));
        100.0 * found as f64 / planted.max(1) as f64
    }

    fn table(&self) -> String {
        let mut tiers: Vec<&str> = self.counts.keys().map(|key| key.0).collect();
        tiers.dedup();
        let mut table = format!("{:10}", "tier");
        EMBEDDINGS.iter().for_each(|embedding| table += &format!("{embedding:>8}"));
        for tier in tiers {
            table += &format!("\n{tier:10}");
            for embedding in EMBEDDINGS {
                table += &format!("{:8.1}", self.recall(|one, other| one == tier && other == embedding));
            }
            table += &format!("{:8.1}", self.recall(|one, _| one == tier));
        }
        for ((tier, recipe), count) in &self.missed {
            table += &format!("\n{tier} {count:3} {recipe}");
        }
        table
    }
}

/// Fills the blanks of a form: `{w}` and its kin with the name, `{v}` with a marked value.
fn filled(form: &str, name: &str, value: &str) -> String {
    let capitalised = name[..1].to_uppercase() + &name[1..];
    form.replace("{w}", name)
        .replace("{n}", name)
        .replace("{W}", &name.to_uppercase())
        .replace("{C}", &capitalised)
        .replace("{v}", &format!("⟦{value}⟧"))
}

#[test]
fn secrets_are_masked_wherever_they_stand() {
    let masker = masker();
    let mut score = Score::default();
    for seed in 0..6 {
        for recipe in tokens::TOKENS.iter().chain(tokens::IN_PLACE) {
            score.plant_recipe(&masker, "prefix", recipe, seed);
        }
        for recipe in structures::KEYS {
            score.plant_recipe(&masker, "key file", recipe, seed);
        }
        for recipe in structures::URLS {
            score.plant_recipe(&masker, "url", recipe, seed);
        }
        for recipe in structures::STRUCTURES {
            score.plant_recipe(&masker, "structure", recipe, seed);
        }
    }
    for (index, (word, value)) in names::PROVIDERS.iter().enumerate() {
        for (number, form) in names::PROVIDER_FORMS.iter().enumerate() {
            let made = expand(&filled(form, word, value), (index * 100 + number) as u64);
            score.plant(&masker, "provider", form, &made);
        }
    }
    let mut seed = 0;
    for name in names::STRONG_NAMES {
        let is_password = name.to_lowercase().contains("pass") || name.ends_with("PWD");
        let values = names::STRONG_VALUES.iter().chain(names::PASSWORDS.iter().filter(|_| is_password));
        for value in values {
            for form in names::FORMS {
                seed += 1;
                let made = expand(&filled(form, name, value), seed);
                score.plant(&masker, "key name", form, &made);
            }
        }
    }
    assert!(score.unstable.is_empty(), "{}", score.unstable.join("\n"));
    let recall = |tier: &str| score.recall(|one, _| one == tier);
    let overall = score.recall(|_, _| true);
    let is_enough = recall("prefix") >= 99.0
        && recall("key file") >= 99.99
        && recall("url") >= 99.9
        && recall("structure") >= 97.0
        && recall("provider") >= 94.0
        && recall("key name") >= 94.0
        && score.recall(|tier, embedding| tier == "prefix" && embedding == "bare") >= 99.0
        && score.recall(|_, embedding| embedding == "u003d") >= 91.0
        && overall >= 95.0;
    assert!(is_enough, "{overall:.1} % in all\n{}", score.table());
}

#[test]
fn harmless_lines_stay_as_they_are() {
    let masker = masker();
    let (mut lines, mut changed) = (0, Vec::new());
    for seed in 0..8 {
        for recipe in benign::LINES {
            let text = String::from_utf8(expand(recipe, seed).text).expect("recipes are text");
            for embedding in ["claude", "codex", "nested", "u003d", "bare"] {
                let line = embed(&text, embedding);
                let (masked, _) = mask_whole(&masker, None, line.as_bytes());
                lines += 1;
                if masked != line.as_bytes() {
                    changed.push(format!("{embedding:7} {}", String::from_utf8_lossy(&masked)));
                }
            }
        }
    }
    let kept = 100.0 - 100.0 * changed.len() as f64 / lines as f64;
    assert!(kept >= 99.7, "{kept:.2} % of {lines} kept\n{}", changed.join("\n"));
}
