//! Key material and tokens that no provider owns: PEM, PuTTY, JWT, JWK, age, NATS, WireGuard, wallets.

use crate::mask::rule::Specificity;
use crate::mask::tokens::shapes::{literal, quoted, whole};
use crate::mask::tokens::vocabulary::*;
use Specificity::Structure;

pub(crate) const TOKENS: &[Token] = &[
    token("pem-private-key", "PEM", "private key")
        .specificity(Structure)
        .placeholder("***PRIVATE_KEY_MASKED***")
        .shape(Shape::Literals(&["PRIVATE KEY", "PRIVATE\x1b[", "PRIVATE\\u001b[", "PRIVATE \x1b[", "PRIVATE \\u001b["], literal::private_key))
        .hits(&[
            "⟦-----BEGIN RSA PRIVATE KEY-----\n{base64:64}\n{base64:64}\n{base64:20}==\n-----END RSA PRIVATE KEY-----⟧\n",
            "⟦-----BEGIN PRIVATE KEY-----\n{base64:64}\n{base64:64}\n-----END PRIVATE KEY-----⟧",
            "⟦-----BEGIN OPENSSH PRIVATE KEY-----\n{base64:70}\n{base64:70}\n-----END OPENSSH PRIVATE KEY-----⟧\n",
            "⟦-----BEGIN EC PRIVATE KEY-----\\n{base64:64}\\n{base64:20}=\\n-----END EC PRIVATE KEY-----⟧\\n",
            "⟦-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{HEX:32}\n\n{base64:64}\n{base64:64}\n-----END RSA PRIVATE KEY-----⟧",
            "⟦-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n{base64:64}\n{base64:64}\n={base64:4}\n-----END PGP PRIVATE KEY BLOCK-----⟧",
            "⟦-----BEGIN ENCRYPTED PRIVATE KEY-----\n{base64:64}\n{base64:64}⟧",
            "⟦-----BEGIN DSA PRIVATE KEY-----{base64:64} {base64:64} -----END DSA PRIVATE KEY-----⟧",
            "⟦-----BEGIN PRIVATE KEY-----\n     2→{base64:64}\n     3→{base64:64}\n     4→-----END PRIVATE KEY-----⟧",
            "+-----BEGIN PRIVATE KEY-----\n+⟦{base64:64}\n+{base64:64}⟧\n+-----END PRIVATE KEY-----",
        ])
        .misses(&[
            "grep -rn \"BEGIN OPENSSH PRIVATE KEY\" .",
            "-----BEGIN [A-Z ]*PRIVATE KEY-----",
            "found -----BEGIN RSA PRIVATE KEY----- in a.txt",
            "-----BEGIN PUBLIC KEY-----\n{base64:64}\n-----END PUBLIC KEY-----",
            "-----BEGIN PGP SIGNATURE-----\n{base64:64}\n-----END PGP SIGNATURE-----",
        ]),
    token("pem-base64", "PEM", "key in base64 (kubeconfig, Kubernetes secrets, CI variables)")
        .specificity(Structure)
        .patterns(&[begins(&["LS0tLS1CRUdJTi"], &[base64(20)], SURE)])
        .hits(&["⟦LS0tLS1CRUdJTiBSU0Eg{base64:300}==⟧"])
        .misses(&["LS0tLS1CRUdJTi{alnum:8}", "LS0tLS1FTkQg{alnum:40}"]),
    token("putty", "PuTTY", "private key file")
        .specificity(Structure)
        .shape(Shape::Literals(&["Private-Lines: "], literal::key_lines))
        .hits(&["PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPublic-Lines: 1\n{base64:64}\nPrivate-Lines: 2\n⟦{base64:64}\n{base64:40}⟧\nPrivate-MAC: {hex:40}"])
        .misses(&["PuTTY-User-Key-File-2: ssh-rsa is the first line"]),
    token("jwt", "JWT", "JSON web token, signed or encrypted")
        .specificity(Structure)
        .patterns(&[
            begins(
                &["eyJ"],
                &[
                    Part::Run(WORD, 8, 12 << 10),
                    text("."),
                    Part::Run(WORD, 0, 12 << 10),
                    text("."),
                    Part::Run(WORD, 8, 12 << 10),
                    text("."),
                    Part::Run(WORD, 8, 12 << 10),
                    text("."),
                    word(8),
                ],
                SURE,
            ),
            begins(&["eyJ"], &[Part::Run(WORD, 8, 12 << 10), text("."), Part::Run(WORD, 8, 24 << 10), text("."), word(0)], SURE),
            begins(&["eyJ"], &[Part::Run(WORD, 8, 12 << 10), text(".eyJ"), word(8)], SURE),
            begins(&["ZXlKaGJH", "ZXlKMGVY", "ZXlKcmFX", "ZXlKbGJt"], &[base64(80)], SURE),
        ])
        .hits(&[
            "⟦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{base64url:40}.{base64url:43}⟧",
            "⟦eyJhbGciOiJub25lIn0.eyJzdWIiOiIx{alnum:30}.⟧",
            "⟦eyJhbGciOiJkaXIiLCJlbmMi{alnum:20}..{alnum:22}.{alnum:80}.{alnum:22}⟧",
            "⟦eyJhbGciOiJSU0EtT0FFUCIs{alnum:20}.{base64url:342}.{alnum:16}.{base64url:80}.{alnum:22}⟧",
            "⟦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{base64url:40}⟧",
            "⟦ZXlKaGJHY2lPaUpJVXpJMU5pSjk{alnum:200}⟧",
            "⟦ZXlKMGVYQWlPaUpLVjFR{alnum:200}⟧",
            "⟦ZXlKcmFXUWlPaUl4{alnum:200}⟧",
            "⟦ZXlKbGJtTWlPaUpC{alnum:200}⟧",
        ])
        .misses(&["eyJhbGciOiJIUzI1NiJ9", "eyJ{alnum:60}", "keyJ{alnum:30}.{alnum:30}.{alnum:30}"]),
    token("teamcity", "TeamCity", "access token")
        .patterns(&[begins(&["eyJ0eXAiOiAiVENWMiJ9."], &[exactly(WORD, 36), text("."), word(48)], SURE)])
        .hits(&["⟦eyJ0eXAiOiAiVENWMiJ9.{alnum:36}.{alnum:48}⟧"])
        .misses(&["eyJ0eXAiOiAiVENWMiJ9.{alnum:16}"]),
    token("jwk-private", "JWK", "private part of a JSON web key")
        .specificity(Structure)
        .shape(Shape::Run(Glance::InDoubleQuotes, quoted::jwk))
        .hits(&[
            "{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"⟦{base64url:43}⟧\",\"x\":\"{base64url:43}\"}",
            "{\"k\": \"⟦{base64url:43}⟧\", \"kty\": \"oct\"}",
        ])
        .misses(&["{\"kty\":\"EC\",\"x\":\"{base64url:43}\"}", "{\"d\":\"{base64url:43}\"}"]),
    token("named-by-provider", "any", "quoted value whose name is a provider's")
        .specificity(Specificity::Context)
        .shape(Shape::Run(Glance::InQuotes, quoted::named_by_provider))
        .hits(&[
            "algolia: \"⟦{hex:32}⟧\"",
            "twitter_api = \"⟦{alnum:50}⟧\"",
            "\"etherscan\": \"⟦{upper:34}⟧\"",
            "build_pat = '⟦{alnum:40}⟧'",
        ])
        .misses(&[
            "\"sentry_project_id\": \"{hex:32}\"",
            "\"gitlab\": \"{hex:40}\"",
            "algolia_index = \"{hex:32}\"",
            "twitter: \"{digits:20}\"",
            "\"algolia\": \"{uuid}\"",
            "case 'etherscan': '{letters:24}'",
        ]),
    token("age", "age", "secret key")
        .patterns(&[begins(&["AGE-SECRET-KEY-1", "AGE-PLUGIN-"], &[Part::Run(ByteClass::of("A-Z0-9-"), 40, MANY)], DIGIT)])
        .hits(&["⟦AGE-SECRET-KEY-1{upper:58}⟧", "⟦AGE-PLUGIN-YUBIKEY-1{upper:48}⟧"])
        .misses(&["age1{lower:58}", "AGE-SECRET-KEY-1{upper:12}"]),
    token("minisign", "minisign", "secret key of minisign or signify")
        .specificity(Structure)
        .shape(Shape::Literals(&["minisign encrypted secret key", "signify secret key"], literal::key_line))
        .hits(&[
            "untrusted comment: minisign encrypted secret key\n⟦{base64:212}⟧\n",
            "untrusted comment: signify secret key\n⟦{base64:140}==⟧\n",
        ])
        .misses(&["untrusted comment: minisign public key\n{base64:56}"]),
    token("nkey", "NATS", "nkey seed")
        .patterns(&[begins(&["SUA", "SAA", "SOA", "SCA", "SNA"], &[exactly(BASE32, 55)], DIGIT + ENDS)])
        .hits(&["⟦SUA{base32:55}⟧", "⟦SAA{base32:55}⟧", "⟦SOA{base32:55}⟧", "⟦SCA{base32:55}⟧", "⟦SNA{base32:55}⟧"])
        .misses(&["UAA{base32:53}", "SUA{base32:60}"]),
    token("wireguard", "WireGuard", "private or preshared key")
        .specificity(Structure)
        .shape(Shape::Literals(&["PresharedKey", "PrivateKey"], literal::wireguard))
        .hits(&["PrivateKey = ⟦{base64:43}=⟧\n", "PresharedKey=⟦{base64:43}=⟧"])
        .misses(&["PublicKey = {base64:43}=", "PrivateKey = {base64:20}"]),
    token("bitcoin-xprv", "Bitcoin", "extended private key")
        .patterns(&[begins(&["xprv9"], &[alnum(100)], DIGIT)])
        .hits(&["⟦xprv9{alnum:106}⟧"])
        .misses(&["xprv9{alnum:30}", "xpub6{alnum:106}"]),
    // No examples: it stands in nothing but a record of its own, never in quoted or nested text; its test is the scanner's.
    token("torn-token", "any", "what a crash left of a token, with the next record behind it on the same line")
        .specificity(Specificity::Context)
        .placeholder("***MASKED***")
        .shape(Shape::Run(Glance::BeforeBrace, whole::torn_token)),
];
