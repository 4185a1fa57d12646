//! A session as a whole: what is learned in one place is masked in all, and what hides behind escapes is found.

use crate::mask::masker::Masker;
use crate::mask::masker::options::Options;
use crate::mask::output::mask_whole;
use crate::mask::tests::learner::StreamLearner;
use crate::mask::tests::windows::mask_as_stream;

/// A password as a person may have chosen it, from pieces.
fn password() -> String {
    ["vK7#mq", "Lz2!xP"].concat()
}

fn token() -> String {
    ["gh", "p_", "A1b2C3d4E5f6G7h8I9", "j0K1l2M3n4O5p6Q7r8"].concat()
}

#[test]
fn a_value_learned_late_is_masked_where_it_stood_bare_before() {
    let masker = Masker::new(&Options::default()).unwrap();
    let text = format!(
        "{{\"content\":\"I typed {0} there\"}}\n{{\"output\":\"DB_PASSWORD={0}\\nPORT=1\"}}\n{{\"in\":\"{{\\\"p\\\":\\\"{0}\\\"}}\"}}\n",
        password()
    );
    let mut learner = StreamLearner::new(&masker);
    text.as_bytes().chunks(7).for_each(|chunk| learner.push(chunk));
    let known = masker.known(learner.finish()).expect("the password is worth searching for");
    let (out, tally) = mask_whole(&masker, Some(&known), text.as_bytes());
    assert!(memchr::memmem::find(&out, password().as_bytes()).is_none(), "{}", String::from_utf8_lossy(&out));
    assert_eq!((tally.lines, tally.masked_lines), (3, 3));
    assert!(out.starts_with(b"{\"content\":\"I typed ***MASKED*** there\"}\n"));
    assert_eq!(mask_as_stream(&masker, Some(&known), text.as_bytes(), &[11]).0, out);
}

#[test]
fn the_second_look_finds_what_only_escapes_hide() {
    let masker = Masker::new(&Options::default()).unwrap();
    let hidden = token().replacen("gh", "\\u0067h", 1).replacen("A1", "\\u0041\\u0031", 1);
    let line = format!("{{\"a\":\"{}\",\"b\":\"keep {hidden} this\",\"c\":[1]}}", token());
    let (out, tally) = mask_whole(&masker, None, line.as_bytes());
    let out = String::from_utf8(out).unwrap();
    assert!(!out.contains(&token()[8..]), "{out}");
    assert!(out.contains("\"b\":\"keep ***MASKED*** this\",\"c\":[1]}"), "{out}");
    let second_look = tally.by_rule.iter().find(|(rule, _)| masker.rule_id(**rule) == "second-look");
    assert_eq!(second_look.map(|(_, count)| *count), Some(1));
    assert_eq!(mask_whole(&masker, None, out.as_bytes()).0, out.as_bytes());
}

#[test]
fn a_line_nested_too_deep_for_any_stack_is_masked_all_the_same() {
    let masker = Masker::new(&Options::default()).unwrap();
    let line = format!("{}\"{}\"{}", "[".repeat(100_000), token(), "]".repeat(100_000));
    let (out, tally) = mask_whole(&masker, None, line.as_bytes());
    assert_eq!(tally.masked_lines, 1);
    assert!(memchr::memmem::find(&out, token().as_bytes()).is_none());
    assert!(out.starts_with(b"[[[[") && out.ends_with(b"]]]]"));
}

#[test]
fn allowed_and_disabled_matches_stay() {
    let text = format!("{{\"a\":\"{}\"}}", token());
    let masks =
        |options: Options| mask_whole(&Masker::new(&options).unwrap(), None, text.as_bytes()).1.masked_lines;
    assert_eq!(masks(Options::default()), 1);
    assert_eq!(masks(Options { allow_literals: vec![token()], ..Options::default() }), 0);
    assert_eq!(masks(Options { allow_patterns: vec!["A1b2C3".into()], ..Options::default() }), 0);
    assert_eq!(masks(Options { allow_patterns: vec!["A1b2C4".into()], ..Options::default() }), 1);
    assert!(
        Masker::new(&Options { disable_rules: vec!["no-such-rule".into()], ..Options::default() }).is_err()
    );
}

#[test]
fn tags_tell_equal_secrets_from_others_and_are_never_masked_again() {
    let masker = Masker::new(&Options { tag_key: Some([3; 32]), ..Options::default() }).unwrap();
    let other = token().replace("A1b2", "Z9y8");
    let text = format!("{0} {0} {other}", token());
    let (out, _) = mask_whole(&masker, None, text.as_bytes());
    let out = String::from_utf8(out).unwrap();
    let words: Vec<&str> = out.split(' ').collect();
    assert!(words[0] == words[1] && words[0] != words[2], "{out}");
    assert_eq!(mask_whole(&masker, None, out.as_bytes()).0, out.as_bytes());
}

#[test]
fn the_version_changes_with_the_rules() {
    let version = |options: Options| Masker::new(&options).unwrap().rules_version().to_owned();
    let plain = version(Options::default());
    assert_eq!(plain, version(Options::default()));
    assert_ne!(plain, version(Options { literals: vec!["a".into()], ..Options::default() }));
    assert_ne!(plain, version(Options { patterns: vec![("a".into(), "b".into())], ..Options::default() }));
}

/// Outputs of test runners, and declarations in which a type with a digit stands behind a telling name.
const NAMED: [&str; 10] = [
    "=== RUN   TestAccQueue_first\n--- PASS: TestAccQueue_first (32.10s)\n    --- PASS: TestRenew2FA/expired_link (0.00s)\n",
    "PASS: gcc.dg/tree/pr54321.c (test for excess errors)\nPASS: libbar/t0042-Config.t\nPASS: Checkout3Flow\n",
    "ok 7 - PASS: ParserModule2Works\nPass: Sha512MatchesReference (12 ms)\n# PASS:  12\n",
    "fn open(secret: X448Secret, private_key: X448SecretKey, secret_key: Ed448SigningKey) -> Self {\n",
    "    def __init__(self, password: Argon2Hash, credentials: OAuth1Credentials | None) -> None:\n",
    "  client_secret: Base32UrlString;\n  api_key: ApiKeyV3Model;\n  session_token: STSv2Token;\n  secret: V2Secret,\n",
    "password_hasher = Argon2PasswordHasher\nlet token = fetchTokenV2();\n",
    "const token: AccessTokenProvider2 = make();\nsecret: SecretString<32>,\n",
    "password: \"auth.login.step2.label\"\nToken = TokenKind.Ident2\n",
    "password = {{ db_password_2 }}\ntoken: ${TOKEN_2}\n",
];

#[test]
fn names_of_tests_and_types_are_neither_masked_nor_taught() {
    let masker = Masker::new(&Options::default()).unwrap();
    for plain in NAMED {
        let json = serde_json::to_string(&serde_json::json!({ "text": plain })).unwrap();
        let twice = serde_json::to_string(&serde_json::json!({ "text": json })).unwrap();
        for text in [plain.to_owned(), json, twice] {
            let (masked, _) = mask_whole(&masker, None, text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&masked), text);
        }
    }
}

#[test]
fn what_is_no_name_is_masked_behind_the_same_words() {
    let masker = Masker::new(&Options::default()).unwrap();
    let secret = ["Tr0ub", "4dor", "zK9"].concat();
    let made_up = [["hunt", "er2x"].concat(), ["Blue", "Sky42"].concat(), ["Sun7", "Garden"].concat()];
    for value in &made_up {
        for context in ["Pass: V\n", "user: me\nPASS: V\n", "password: V\n", "DB_PASS=V\n"] {
            let text = context.replace('V', value);
            let (masked, _) = mask_whole(&masker, None, text.as_bytes());
            assert!(!String::from_utf8_lossy(&masked).contains(value.as_str()), "{text}");
        }
    }
    for text in [
        format!("DB_PASS={secret}\n"),
        format!("password: {secret}\n"),
        format!("Pass: {secret}\n"),
        format!("https://me:{secret}@db.example.net/x\n"),
        format!("login(password: {secret}, user: me)\n"),
    ] {
        let (masked, _) = mask_whole(&masker, None, text.as_bytes());
        assert!(!String::from_utf8_lossy(&masked).contains(&secret), "{text}");
    }
}
