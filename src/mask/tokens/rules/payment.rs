//! Payments, banking and commerce.

use crate::mask::tokens::vocabulary::*;

const STRIPE: ByteClass = ByteClass::of("A-Za-z0-9+/_=-");

pub(crate) const TOKENS: &[Token] = &[
    token("stripe-style-secret", "Stripe and others", "secret or restricted key, live or test")
        .rotate("https://dashboard.stripe.com/apikeys")
        .keeps_literal()
        .patterns(&[begins(
            &["sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_"],
            &[Part::Run(STRIPE, 16, MANY)],
            DIGIT,
        )])
        .hits(&[
            "⟦sk_live_{alnum:24}⟧",
            "⟦sk_test_{alnum:99}⟧",
            "⟦rk_live_{alnum:24}⟧",
            "⟦rk_test_{alnum:99}⟧",
            "⟦sk_prod_{alnum:40}⟧",
        ])
        .misses(&["pk_live_{alnum:24}", "sk_live_{alnum:6}", "disk_test_{alnum:24}"]),
    token("stripe-hook", "Stripe, Svix, Clerk", "webhook signing secret")
        .rotate("https://dashboard.stripe.com/webhooks")
        .patterns(&[begins(&["whsec_"], &[Part::Run(STRIPE, 24, MANY)], DIGIT)])
        .hits(&["⟦whsec_{alnum:32}⟧", "⟦whsec_{alnum:3}/{alnum:5}+{alnum:6}/{base64:24}⟧"])
        .misses(&["whsec_{alnum:10}"]),
    token("stripe-ephemeral", "Stripe", "ephemeral key")
        .patterns(&[begins(
            &["ek_live_", "ek_test_"],
            &[Part::Run(WORD.or(ByteClass::of(",")), 24, MANY)],
            DIGIT,
        )])
        .hits(&["⟦ek_live_{alnum:40}⟧", "⟦ek_test_{alnum:40}⟧"])
        .misses(&["week_test_{alnum:40}", "ek_test_{alnum:10}"]),
    token("stripe-pi", "Stripe", "client secret of a payment or setup intent")
        .patterns(&[begins(
            &["pi_", "seti_", "cs_"],
            &[Part::Run(ALNUM, 16, 64), text("_secret_"), alnum(20)],
            DIGIT,
        )])
        .hits(&[
            "⟦pi_{alnum:24}_secret_{alnum:25}⟧",
            "⟦seti_{alnum:24}_secret_{alnum:25}⟧",
            "⟦cs_{alnum:24}_secret_{alnum:25}⟧",
        ])
        .misses(&["pi_{alnum:24}", "api_{alnum:24}_secret_{alnum:25}"]),
    token("square", "Square", "access token or application secret")
        .rotate("https://developer.squareup.com/apps")
        .patterns(&[
            begins(&["sq0atp-", "sq0csp-", "sq0idp-"], &[word(22)], DIGIT),
            begins(&["EAAA"], &[word(60)], DENSE + MIXED),
        ])
        .hits(&["⟦sq0atp-{alnum:22}⟧", "⟦sq0csp-{alnum:43}⟧", "⟦sq0idp-{alnum:22}⟧", "⟦EAAA{alnum:60}⟧"])
        .misses(&["EAAA{alnum:20}", "sq0atp-{alnum:8}"]),
    token("shopify", "Shopify", "access token or shared secret")
        .patterns(&[begins(
            &["shpat_", "shpca_", "shppa_", "shpss_", "shptka_", "shpit_", "shprt_", "shpua_"],
            &[Part::Run(ANY_HEX, 32, MANY)],
            DIGIT,
        )])
        .hits(&[
            "⟦shpat_{hex:32}⟧",
            "⟦shpca_{hex:32}⟧",
            "⟦shppa_{hex:32}⟧",
            "⟦shpss_{hex:32}⟧",
            "⟦shptka_{hex:32}⟧",
            "⟦shpit_{hex:32}⟧",
            "⟦shprt_{hex:32}⟧",
            "⟦shpua_{hex:32}⟧",
        ])
        .misses(&["shpat_{hex:12}"]),
    token("braintree", "Braintree", "access token")
        .patterns(&[begins(
            &["access_token$production$", "access_token$sandbox$"],
            &[exactly(LOWER, 16), text("$"), hex(32)],
            SURE,
        )])
        .hits(&[
            "⟦access_token$production${lower:16}${hex:32}⟧",
            "⟦access_token$sandbox${lower:16}${hex:32}⟧",
        ])
        .misses(&["access_token$production${lower:16}"]),
    token("razorpay", "Razorpay", "key id")
        .patterns(&[begins(&["rzp_live_", "rzp_test_"], &[alnum(14)], CASES)])
        .hits(&["⟦rzp_live_{alnum:14}⟧", "⟦rzp_test_{alnum:14}⟧"])
        .misses(&["rzp_live_{alnum:5}"]),
    token("plaid", "Plaid", "access token")
        .patterns(&[begins(&["access-production-", "access-development-", "access-sandbox-"], UUID, SURE)])
        .hits(&["⟦access-production-{uuid}⟧", "⟦access-development-{uuid}⟧", "⟦access-sandbox-{uuid}⟧"])
        .misses(&["access-production-{hex:8}", "public-sandbox-{uuid}"]),
    token("flutterwave", "Flutterwave", "secret key")
        .patterns(&[begins(&["FLWSECK_TEST-", "FLWSECK-"], &[alnum(12)], DIGIT)])
        .hits(&["⟦FLWSECK_TEST-{hex:32}-X⟧", "⟦FLWSECK-{hex:32}-X⟧"])
        .misses(&["FLWPUBK-{hex:32}-X", "FLWSECK-{hex:5}"]),
    token("mercadopago", "Mercado Pago", "access token")
        .patterns(&[begins(
            &["APP_USR-"],
            &[
                Part::Run(DIGITS, 10, 20),
                text("-"),
                exactly(DIGITS, 6),
                text("-"),
                exactly(HEX, 32),
                text("-"),
                Part::Run(DIGITS, 4, 20),
            ],
            SURE,
        )])
        .hits(&["⟦APP_USR-{digits:16}-{digits:6}-{hex:32}-{digits:9}⟧"])
        .misses(&["APP_USR-{digits:16}"]),
    token("easypost-shippo-duffel", "EasyPost, Shippo, Duffel", "API key")
        .patterns(&[begins(
            &["EZAK", "EZTK", "shippo_live_", "shippo_test_", "duffel_live_", "duffel_test_"],
            &[Part::Run(WORD.or(ByteClass::of("=")), 40, MANY)],
            DIGIT + DENSE,
        )])
        .hits(&[
            "⟦EZAK{alnum:54}⟧",
            "⟦EZTK{alnum:54}⟧",
            "⟦shippo_live_{hex:40}⟧",
            "⟦shippo_test_{hex:40}⟧",
            "⟦duffel_live_{alnum:43}⟧",
            "⟦duffel_test_{alnum:43}⟧",
        ])
        .misses(&["EZAK{alnum:20}", "shippo_live_{hex:12}"]),
    token("ramp", "Ramp", "client secret")
        .patterns(&[begins(&["ramp_sec_"], &[alnum(40)], SURE)])
        .hits(&["⟦ramp_sec_{alnum:48}⟧"])
        .misses(&["ramp_sec_{alnum:12}", "ramp_id_{alnum:40}"]),
    token("pinterest-polar-paddle", "Pinterest, Polar, Paddle", "access token or API key")
        .patterns(&[begins(
            &["pina_", "polar_oat_", "polar_pat_", "pdl_live_apikey_", "pdl_sdbx_apikey_"],
            &[word(20)],
            DIGIT + DENSE,
        )])
        .hits(&[
            "⟦pina_{upper:60}⟧",
            "⟦polar_oat_{alnum:43}⟧",
            "⟦polar_pat_{alnum:43}⟧",
            "⟦pdl_live_apikey_{lower:26}_{alnum:22}_{alnum:3}⟧",
            "⟦pdl_sdbx_apikey_{lower:26}_{alnum:22}_{alnum:3}⟧",
        ])
        .misses(&["pina_colada_recipe_for_20_people", "polar_oat_{alnum:8}"]),
];
