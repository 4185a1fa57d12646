//! The context rules as a whole: every hit in every embedding, every miss, and what must hold for any bytes.

use super::*;
use crate::mask::recipe::{SURROUNDINGS, Surroundings, embed, expand};
use crate::mask::rule::Placeholder;

fn scanner() -> ContextScanner {
    ContextScanner::new(&|_| false)
}

/// The union of what was found, sorted.
fn spans(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    scanner().scan(&Window::of_whole(bytes, 0..bytes.len()), &mut out);
    unite(&out)
}

fn unite(found: &[Hit<ContextRule>]) -> Vec<(usize, usize)> {
    let mut all: Vec<_> = found.iter().map(|span| (span.start, span.end)).collect();
    all.sort_unstable();
    let mut united: Vec<(usize, usize)> = Vec::new();
    for (start, end) in all {
        match united.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => united.push((start, end)),
        }
    }
    united
}

/// The text with every value replaced.
fn masked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    scanner().scan(&Window::of_whole(bytes, 0..bytes.len()), &mut out);
    let mut text = Vec::new();
    let mut at = 0;
    for (start, end) in unite(&out) {
        let span = out.iter().find(|span| span.start == start).expect("united from it");
        text.extend_from_slice(&bytes[at..start]);
        let rule = rules::all().nth(usize::from(span.rule.0)).expect("a rule");
        match rule.placeholder {
            Placeholder::Fixed(fixed) => text.extend_from_slice(fixed.as_bytes()),
            _ => text.extend_from_slice(format!("***MASKED:{}***", rule.id).as_bytes()),
        }
        at = end;
    }
    text.extend_from_slice(&bytes[at..]);
    text
}

/// Surroundings that leave a context as it is: a sign or escape right before the name changes what it means.
fn is_fair(surroundings: Surroundings) -> bool {
    !matches!(
        surroundings,
        Surroundings::Percent
            | Surroundings::Quoted
            | Surroundings::EscapedEquals
            | Surroundings::EscapedSlash
            | Surroundings::Prose
    )
}

#[test]
fn every_hit_is_masked_in_every_embedding() {
    let mut failures = Vec::new();
    for rule in rules::all() {
        for hit in rule.hits {
            for depth in 0..4 {
                for surroundings in SURROUNDINGS.into_iter().filter(|&kind| is_fair(kind)) {
                    for seed in 0..6 {
                        let made = embed(&expand(hit, seed), surroundings, depth);
                        let found = spans(&made.text);
                        let is_there = found
                            .iter()
                            .any(|&(start, end)| start <= made.secret.start && made.secret.end <= end);
                        let is_exact = found
                            .iter()
                            .all(|&(start, end)| made.secret.start <= start && end <= made.secret.end);
                        if !is_there || !is_exact {
                            failures.push(format!(
                                "{}: {hit} {surroundings:?} depth {depth}: {} -> {found:?}",
                                rule.id,
                                String::from_utf8_lossy(&made.text)
                            ));
                        }
                    }
                }
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    failures.retain(|failure| seen.insert(failure.split(" depth").next().expect("one").to_string()));
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn no_miss_is_touched_in_any_embedding() {
    for rule in rules::all() {
        for miss in rule.misses {
            for depth in 0..4 {
                for surroundings in SURROUNDINGS {
                    for seed in 0..6 {
                        let made = embed(&expand(miss, seed), surroundings, depth);
                        let found = spans(&made.text);
                        assert!(
                            found.is_empty(),
                            "{}: {} -> {found:?}",
                            rule.id,
                            String::from_utf8_lossy(&made.text)
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn rule_ids_are_unique_and_stand_where_their_constants_say() {
    let ids: std::collections::BTreeSet<_> = rules::all().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules::COUNT);
    for (index, id) in [
        (rules::PASSWORD, "password"),
        (rules::BEARER, "bearer"),
        (rules::PROVIDER_WORD, "provider-word"),
        (rules::AZURE_CONNECTION, "azure-connection-string"),
        (ContextRule(20), "heroku-by-name"),
    ] {
        assert_eq!(rules::all().nth(usize::from(index.0)).expect("a rule").id, id);
    }
}

/// What looks like a secret in a transcript and is none; recipes.
const ORDINARY: &[&str] = &[
    // What recorders write.
    "\"encrypted_content\":\"gAAAAABo{base64url:600}\"",
    "\"signature\":\"EqQBCkYI{base64:400}\"",
    "\"data\":\"iVBORw0KGgo{base64:400}\"",
    "{\"tool_use_id\":\"toolu_01{alnum:22}\",\"type\":\"tool_result\"}",
    "\"parentUuid\":\"{uuid}\",\"sessionId\":\"{uuid}\"",
    "\"usage\":{\"input_tokens\":3,\"cache_creation_input_tokens\":10234,\"output_tokens\":12}",
    "\"max_tokens\":4096,\"token_count\":{digits:5}",
    "\"apiKeySource\":\"none\",\"permissionMode\":\"default\",\"authMethod\":\"oauth\"",
    "\"id\":\"chatcmpl-{alnum:29}\"",
    // Hashes and ids.
    "commit {hex:40}",
    "index {hex:7}..{hex:7} 100644",
    "sha256:{hex:64}",
    "\"integrity\": \"sha512-{base64:86}==\"",
    "checksum = \"{hex:64}\"",
    "github.com/a/b v1.2.3 h1:{base64:43}=",
    "--hash=sha256:{hex:64}",
    "ETag: \"{hex:32}\"",
    "\"key\": \"{hex:40}\"",
    "key: {uuid}",
    "cacheKey: \"{hex:40}\"",
    "dist/index-{alnum:8}.js",
    "SHA256:{base64:43} bob@host (ED25519)",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{base64:43} bob@host",
    "uses: actions/checkout@{hex:40}",
    "\"fingerprint\": \"{hex:40}\"",
    "nonce: {hex:32}",
    "Cache-Key: {hex:32}",
    "\"public_key\": \"{hex:64}\"",
    "primary_key={hex:24}",
    // References.
    "apiKey: process.env.API_KEY",
    "key = os.environ[\"OPENAI_API_KEY\"]",
    "let key = std::env::var(\"STRIPE_KEY\")?;",
    "ENV.fetch(\"API_KEY\")",
    "viper.GetString(\"api_key\")",
    "password: ${DB_PASSWORD}",
    "token: $TOKEN",
    "\"Authorization\": \"Bearer ${token}\"",
    "Bearer $GITHUB_TOKEN",
    "token: ${{ secrets.NPM_TOKEN }}",
    "secret: {{ .Values.tokenSecret }}",
    "password=%(password)s",
    "set PASSWORD=%PASSWORD%",
    "password=@password@",
    "PASSWORD=$(cat /run/secrets/x)",
    "password: op://vault/item/field",
    "secretKeyRef: {name: db, key: password}",
    "secretName: app-tls-cert-prod",
    "credentialsId: deploy-key-main",
    "arn:aws:secretsmanager:us-east-1:1:secret:prod/db-AbCdEf",
    "projects/p/secrets/s/versions/3",
    "password: vault:secret/data/app#password",
    "passwordFile: ~/.vault_pass",
    "--mount=type=secret,id=npmrc",
    // Types and code.
    "password: string;",
    "api_key: Option<String>,",
    "token: ParserTokenKind::Identifier,",
    "pub secret: SecretString,",
    "APIKey string `json:\"api_key\"`",
    "password = models.CharField(max_length=128)",
    "const [password, setPassword] = useState(\"\")",
    "token = next()",
    "self.password = config['password']",
    "let token = word.toLowerCase();",
    "SYS_memfd_secret: c_long = 447",
    "pub pw_passwd: *mut c_char,",
    "crate::token::Token",
    "TokenStream::from(tokens)",
    "\"credentials\": \"include\"",
    "auth: required",
    "export type Opaque<T, Token = unknown>",
    "MODULE_PWD_STATE: 'yes'",
    "token: usize",
    "z.object({password: z.string().min(8)})",
    "tokens.length > maxTokens",
    "primary_key=True",
    "key={`row-${id}`}",
    "if (password !== confirmPassword) return;",
    "password_field = driver.find_element(By.ID, \"password\")",
    "const token = await getAccessToken(user2);",
    "secret_key = generate_key(32)",
    "tokenizer = AutoTokenizer.from_pretrained(\"bert-base-uncased\")",
    "private static final String API_KEY_HEADER = \"X-API-Key\";",
    "password_hash = hash_password(password)",
    "self.token_type_ids = inputs[\"token_type_ids\"]",
    "const KEY_PREFIX: &str = \"session:v2:\";",
    "auth_token = request.headers.get(\"X-Auth-Token\")",
    "accessKey: config.accessKeyId2",
    // Placeholders.
    "api_key: sk-...",
    "ANTHROPIC_API_KEY=sk-ant-***MASKED***",
    "password: [REDACTED]",
    "token: <your-token>",
    "API_KEY=YOUR_API_KEY",
    "api_key = \"xxxxxxxx\"",
    "password: changeme",
    "\"password\": \"\"",
    "password=%s",
    "DB_PASSWORD=\nJWT_SECRET=",
    "postgres://user:password@localhost/db",
    "https://user:pass@example.com",
    "redis://:$REDIS_PASSWORD@cache:6379",
    "mongodb://<user>:<password>@<host>",
    "r\"sk-(?:proj-)?[A-Za-z0-9_\\-]{30,}\"",
    "\"-----BEGIN [A-Z ]*PRIVATE KEY-----\"",
    "grep -rn \"BEGIN OPENSSH PRIVATE KEY\"",
    "key.startswith(\"sk-ant-api03-\")",
    // Prose.
    "Set the password in the settings page",
    "password: must match /^[a-z0-9]{8,}$/i",
    "key: value pairs",
    "Token usage: 12345 input",
    "Secret: keep functions small.",
    "Please enter your password: ",
    "Incorrect API key provided",
    "the bearer authentication/authorization-header is",
    "Bearer token-authentication-middleware-tests",
    "The token: 'a short-lived credential that the server hands out'",
    "docs/how-to-rotate-the-api-key-and-secret-2024.md",
    "feature/task-1234-add-password-reset-with-token-check",
    "https://medium.com/@dev/ask-the-right-question-about-tokens-and-secrets-1a2b3c4d5e6f",
];

#[test]
fn ordinary_lines_stay_as_they_are() {
    let mut changed = Vec::new();
    for recipe in ORDINARY {
        for seed in 0..8 {
            for depth in 0..3 {
                for surroundings in [
                    Surroundings::Alone,
                    Surroundings::LineStart,
                    Surroundings::LineNumber,
                    Surroundings::Tab,
                    Surroundings::Prose,
                ] {
                    let made = embed(&expand(recipe, seed), surroundings, depth);
                    let found = spans(&made.text);
                    if !found.is_empty() {
                        changed
                            .push(format!("{recipe}: {} -> {found:?}", String::from_utf8_lossy(&made.text)));
                    }
                }
            }
        }
    }
    assert!(changed.is_empty(), "{} changed:\n{}", changed.len(), changed.join("\n"));
}

#[test]
fn masked_text_holds_nothing_more_to_mask() {
    for rule in rules::all() {
        for hit in rule.hits {
            for depth in 0..3 {
                let made = embed(&expand(hit, 7), Surroundings::LineStart, depth);
                let once = masked(&made.text);
                assert_ne!(once, made.text);
                assert_eq!(String::from_utf8_lossy(&masked(&once)), String::from_utf8_lossy(&once), "{hit}");
                if depth > 0 {
                    serde_json::from_slice::<serde_json::Value>(&once).expect("still JSON");
                }
            }
        }
    }
}

#[test]
fn escapes_in_place_of_signs_change_nothing() {
    for (recipe, secret) in [
        ("{\"content\":\"API_KEY\\u003d⟦{alnum:32}⟧\\n\"}", true),
        ("{\"content\":\"a\\\\u0026access_token\\\\u003d⟦{alnum:32}⟧\\\\u0026x\"}", true),
        ("{\"content\":\"\\u0022password\\u0022: \\u0022⟦{alnum:14}⟧\\u0022\"}", true),
        ("{\"content\":\"\\\\u003cpassword\\\\u003e⟦{alnum:14}⟧\\\\u003c/password\\\\u003e\"}", true),
        ("{\"content\":\"https:\\\\/\\\\/u:⟦{alnum:14}⟧@h\\\\/x\"}", true),
        ("{\"content\":\"password: '⟦{alnum:6}\\\\/{alnum:6}\\u003d⟧'\"}", true),
        ("{\"content\":\"Authorization: Bearer ⟦{alnum:20}\\\\/{alnum:30}⟧\"}", true),
        ("{\"content\":\"password=\\u003dthe\\n\"}", false),
    ] {
        for seed in 0..20 {
            let made = expand(recipe, seed);
            let wanted = if secret { vec![(made.secret.start, made.secret.end)] } else { Vec::new() };
            assert_eq!(spans(&made.text), wanted, "{}", String::from_utf8_lossy(&made.text));
        }
    }
}

/// Everything that the table has, in one text, with what a hostile line may hold between.
fn mixture(seed: u64) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, rule) in rules::all().enumerate() {
        for (number, recipe) in rule.hits.iter().chain(rule.misses).enumerate() {
            let variant = seed.wrapping_add((index * 31 + number) as u64);
            let depth = (variant % 4) as usize;
            text.extend_from_slice(
                &embed(&expand(recipe, variant), SURROUNDINGS[variant as usize % 12], depth).text,
            );
            text.extend_from_slice(match variant % 5 {
                0 => b"\n",
                1 => b" ",
                2 => b"\\\"password=",
                3 => b"token\":\"",
                _ => b"\\\\\\\\n",
            });
        }
    }
    text
}

mod properties {
    use super::*;
    use crate::mask::window::{LOOK_AHEAD, LOOK_BEHIND};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn findings_do_not_depend_on_the_cut(seed in 0u64..1000, mut cuts in prop::collection::vec(0usize..1_000_000, 1..12)) {
            let text = mixture(seed);
            let scanner = scanner();
            let mut whole = Vec::new();
            scanner.scan(&Window::of_whole(&text, 0..text.len()), &mut whole);
            let whole = unite(&whole);
            cuts.iter_mut().for_each(|cut| *cut %= text.len());
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let mut parts = Vec::new();
            for pair in cuts.windows(2) {
                let from = pair[0].saturating_sub(LOOK_BEHIND);
                let to = (pair[1] + LOOK_AHEAD).min(text.len());
                let window = Window {
                    bytes: &text[from..to],
                    offset: from as u64,
                    wanted: pair[0] - from..pair[1] - from,
                    is_end: to == text.len(),
                };
                let mut out = Vec::new();
                scanner.scan(&window, &mut out);
                parts.extend(out.into_iter().map(|span| Hit { start: span.start + from, end: span.end + from, ..span }));
            }
            prop_assert_eq!(unite(&parts), whole);
        }

        #[test]
        fn no_bytes_make_it_panic_or_cut_an_escape(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
            let text = pieces.concat();
            for (start, end) in spans(&text) {
                prop_assert!(start < end && end <= text.len());
                prop_assert!(crate::mask::text::escape::escape_around(&text, start).is_none(), "start {} in {}", start, text.escape_ascii());
                prop_assert!(crate::mask::text::escape::escape_around(&text, end).is_none(), "end {} in {}", end, text.escape_ascii());
            }
        }
    }

    const PIECES: &[&[u8]] = &[
        b"password",
        b"\"",
        b"\\\"",
        b"\\\\\\\"",
        b"=",
        b": ",
        b"\\u003d",
        b"\\u0022",
        b"\\n",
        b"\\\\n",
        b"\\",
        b"\\\\",
        b"a1B2c3D4e5F6g7H8",
        b"token",
        b"_KEY",
        b"api",
        b"://",
        b":\\/\\/",
        b"@",
        b"u:",
        b"Bearer ",
        b"Authorization",
        b"Cookie: sessionid=",
        b";",
        b"$2b$12$",
        b"AKIAQWERTYUIOPASDFGH",
        b" -p",
        b"mysql ",
        b" -u ",
        b"\\/",
        b"\\u00e9",
        b"\xc3\xa9",
        b"\x00",
        b"\n",
        b"x9",
        b"?sig=",
        b"%3D",
        b"\\u0026",
        b",",
        b"(",
        b")",
        b">",
        b"<",
        b"value",
        b"{SSHA}",
        b"\xff",
        b"'",
        b"`",
        b" ",
    ];
}

#[test]
fn hostile_lines_cost_no_more_than_their_length() {
    let pieces: &[&[u8]] = &[
        b"password=",
        b"password=\"",
        b"\"password\":\"",
        b"password=a1b2c3d4",
        b"\\\\",
        b"\"",
        b"token",
        b"key=",
        b"://",
        b"://a:b",
        b"https://u:aaaaaaaaaaaa",
        b"Cookie: sid=a1;",
        b"mysql -p",
        b" -u a:",
        b"AKIAAAAAAAAAAAAAAAAA",
        b"$2b$",
        b"Authorization: Digest ",
        b"bitly token ",
        b"\\u0022password\\u0022",
        b":5432:",
        b"password: a1\\/",
        b"PASSWORD=x&y1",
    ];
    let scanner = scanner();
    for piece in pieces {
        let text = piece.repeat((1 << 20) / piece.len());
        let started = std::time::Instant::now();
        let mut out = Vec::new();
        scanner.scan(&Window::of_whole(&text, 0..text.len()), &mut out);
        // Generous, since tests run unoptimised and beside others: what is quadratic takes minutes.
        assert!(started.elapsed().as_secs() < 10, "{} took {:?}", piece.escape_ascii(), started.elapsed());
    }
}
