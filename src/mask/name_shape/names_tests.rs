//! What names look like, and what is none.

use super::*;
use crate::mask::tests::random::{ALPHANUMERIC, Random};

const NAMES: [&str; 19] = [
    "Argon2Hash",
    "X25519SecretKey",
    "Ed25519SigningKey",
    "OAuth2Credentials",
    "V1Secret",
    "Base64UrlString",
    "ApiKeyV2Model",
    "TestAccInstance_basic",
    "TestRefresh2FA/expired_token",
    "CheckoutFlow2Regression",
    "Sha256HashMatchesReference",
    "access_token_v2",
    "auth.login.step2.label",
    "TokenKind.Ident2",
    "crypto::sha2::Sha256Hasher",
    "HTTPServer2",
    "my-service-name-2",
    "fetchTokenV2",
    "AccessTokenProvider",
];

#[test]
fn what_is_made_of_words_is_a_name() {
    for text in NAMES {
        assert!(is_name(text.as_bytes()), "{text}");
    }
    for text in ["gcc.dg/vect/pr12345.c", "libfoo/t1234-Basic.t"] {
        assert!(is_path_name(text.as_bytes()), "{text}");
    }
    for text in ["TestAccInstance_basic", "CheckoutFlow2Regression", "expired_token2"] {
        assert!(is_long_name(text.as_bytes()), "{text}");
    }
    for text in ["BlueSky42", "Sunshine7Rainbow", "aB3x/dE5.y"] {
        assert!(!is_long_name(text.as_bytes()) && !is_path_name(text.as_bytes()), "{text}");
    }
}

#[test]
fn passwords_and_random_values_are_no_names() {
    for text in [
        "Tr0ub4dor",
        "hunter2024",
        "S3cure-Pa55",
        "hunter2-Gx8qLw93",
        "hq8zk2mw",
        "xkqzvwtrlm",
        "Summer2024!",
        "p@ssw0rd!9",
    ] {
        assert!(!is_name(text.as_bytes()), "{text}");
    }
    // Drawn by lot, by a generator of the test's own: base 62, base 36 and hexadecimal.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut taken = [0; 3];
    for _ in 0..20_000 {
        for (alphabet, taken) in [62, 36, 16].iter().zip(&mut taken) {
            let text: Vec<u8> = (0..20)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        [(state >> 20) as usize % alphabet]
                })
                .collect();
            *taken += usize::from(is_name(&text));
        }
    }
    // Of 20,000 each: half a percent at most is taken for a name, and then only where code goes on, or to be taught.
    assert!(taken[0] <= 100 && taken[1] <= 200 && taken[2] <= 20, "{taken:?}");
}

#[test]
fn names_made_of_abbreviations_and_numbers_teach_nothing() {
    for text in [
        "IsMips64p32le",
        "v4l2_rect",
        "OBJ_nid2ln",
        "idna2008",
        "avx512dq",
        "SetS3KmsKeyArn",
        "GetPPC64Shiftmb",
        "EM_TI_C6000",
        "IFT_G703AT2MB",
        "D3DDDIFMT_L6V5U5",
        "blkcnt64_t",
        "IsArm64be",
        "I2OLCTGET",
        "Rfc1952Crc",
        "Inet6Pktinfo",
        "AV_386_2_AVX512VL",
        "FscryptPolicyV1",
        "StrToInt64ExA",
        "FromP1xP1",
        "PeekASN1Tag",
        "Pow2Divs",
        "issue45451Undefined",
        "xor_int64_9223372036854775807",
        "SetS3Uri",
        "NoFix32B",
        "is8BitInt",
        "p256Int1",
        "hunter2024",
    ] {
        assert!(could_be_name(text.as_bytes()), "{text}");
    }
}

#[test]
fn what_is_drawn_by_lot_or_spelt_with_digits_teaches() {
    for text in ["Tr0ub4dor", "hq8zk2mw", "xkqzvwtrlm", "S3cure-Pa55", "p@ssw0rd!9", "Tr0ub4dorzK9"] {
        assert!(!could_be_name(text.as_bytes()), "{text}");
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for (alphabet, length, most) in [(62, 12, 800), (62, 20, 200), (62, 32, 50), (36, 20, 250), (16, 32, 5)] {
        let mut draw = || random.letters(&ALPHANUMERIC[..alphabet], length);
        let taken = (0..10_000).filter(|_| could_be_name(draw().as_bytes())).count();
        assert!(taken <= most, "{taken} of 10,000 with {length} of {alphabet}");
    }
}

#[test]
fn types_are_told_by_their_last_word() {
    for text in ["Argon2Hash", "X25519SecretKey", "STSv2Token", "V1Secret"] {
        assert!(is_type_name(text.as_bytes()), "{text}");
    }
    for text in ["Sunshine7Rainbow", "argon2Hash", "Tr0ub4dorKey", "Key"] {
        assert!(!is_type_name(text.as_bytes()), "{text}");
    }
}
