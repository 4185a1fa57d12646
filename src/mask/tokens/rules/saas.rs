//! Work tools, content, maps, social networks, identity and everything else.

use crate::mask::tokens::shapes::{literal, sign, whole};
use crate::mask::tokens::vocabulary::*;

pub(crate) const TOKENS: &[Token] = &[
    token("notion", "Notion", "integration token")
        .rotate("https://www.notion.so/profile/integrations")
        .patterns(&[begins(&["ntn_", "secret_"], &[alnum(43)], MIXED)])
        .hits(&["⟦ntn_{digits:11}{alnum:35}⟧", "⟦secret_{alnum:43}⟧"])
        .misses(&["secret_{hex:64}", "ntn_{alnum:12}", "my_secret_{alnum:43}"]),
    token("linear", "Linear", "API key, OAuth token or webhook secret")
        .rotate("https://linear.app/settings/account/security")
        .patterns(&[begins(&["lin_api_", "lin_oauth_", "lin_wh_"], &[alnum(32)], DIGIT)])
        .hits(&["⟦lin_api_{alnum:40}⟧", "⟦lin_oauth_{hex:64}⟧", "⟦lin_wh_{alnum:40}⟧"])
        .misses(&["lin_api_{alnum:12}"]),
    token("figma", "Figma", "personal, OAuth or plan token")
        .rotate("https://www.figma.com/settings")
        .patterns(&[begins(
            &["figd_", "figp_", "figo_", "figor_", "figu_", "figur_", "figoh_", "figdr_"],
            &[Part::Run(WORD.or(ByteClass::of("=")), 38, MANY)],
            DIGIT,
        )])
        .hits(&[
            "⟦figd_{base64url:40}⟧",
            "⟦figp_{base64url:40}⟧",
            "⟦figo_{base64url:40}⟧",
            "⟦figor_{base64url:40}⟧",
            "⟦figu_{base64url:40}⟧",
            "⟦figur_{base64url:40}⟧",
            "⟦figoh_{base64url:40}⟧",
            "⟦figdr_{base64url:40}⟧",
        ])
        .misses(&["figd_{alnum:12}"]),
    token("airtable", "Airtable", "personal access token")
        .rotate("https://airtable.com/create/tokens")
        .patterns(&[begins(&["pat"], &[exactly(ALNUM, 14), text("."), hex(64)], SURE)])
        .hits(&["⟦pat{alnum:14}.{hex:64}⟧"])
        .misses(&["pat{alnum:14}.{hex:20}", "xpat{alnum:14}.{hex:64}"]),
    token("asana", "Asana", "personal access token")
        .rotate("https://app.asana.com/0/my-apps")
        .patterns(&[begins(
            &["1/", "2/"],
            &[exactly(DIGITS, 16), Part::Maybe(&[text("/"), exactly(DIGITS, 16)]), text(":"), hex(32)],
            SURE,
        )])
        .hits(&["⟦1/{digits:16}:{hex:32}⟧", "⟦2/{digits:16}/{digits:16}:{hex:32}⟧"])
        .misses(&["1/{digits:16}", "x1/{digits:16}:{hex:32}"]),
    token("clickup", "ClickUp", "personal token")
        .rotate("https://app.clickup.com/settings/apps")
        .patterns(&[begins(
            &["pk_"],
            &[Part::Run(DIGITS, 6, 9), text("_"), Part::Run(UPPER, 32, MANY)],
            SURE,
        )])
        .hits(&["⟦pk_{digits:8}_{upper:32}⟧"])
        .misses(&["pk_live_{alnum:24}", "pk_{digits:8}_{upper:12}"]),
    token("intercom", "Intercom", "access token")
        .patterns(&[begins(&["dG9rO"], &[base64(40)], MIXED)])
        .hits(&["⟦dG9rO{alnum:54}=⟧"])
        .misses(&["dG9rO{alnum:20}", "xdG9rO{alnum:54}"]),
    token("hubspot", "HubSpot", "private app token")
        .patterns(&[begins(&["pat-na1-", "pat-eu1-", "pat-na2-"], UUID, SURE)])
        .hits(&["⟦pat-na1-{uuid}⟧", "⟦pat-eu1-{uuid}⟧", "⟦pat-na2-{uuid}⟧"])
        .misses(&["pat-na1-{hex:8}"]),
    token("typeform", "Typeform", "personal access token")
        .rotate("https://admin.typeform.com/user/tokens")
        .patterns(&[begins(&["tfp_"], &[word(40)], DIGIT)])
        .hits(&["⟦tfp_{alnum:44}⟧"])
        .misses(&["tfp_{alnum:12}"]),
    token("contentful", "Contentful", "management token")
        .patterns(&[begins(&["CFPAT-"], &[word(43)], SURE)])
        .hits(&["⟦CFPAT-{base64url:43}⟧"])
        .misses(&["CFPAT-{alnum:12}"]),
    token("readme", "ReadMe", "API key")
        .patterns(&[begins(&["rdme_"], &[lower(70)], SURE)])
        .hits(&["⟦rdme_{lower:70}⟧"])
        .misses(&["rdme_{lower:20}"]),
    token("postman", "Postman", "API key")
        .rotate("https://go.postman.co/settings/me/api-keys")
        .patterns(&[begins(
            &["PMAK-"],
            &[exactly(ANY_HEX, 24), text("-"), Part::Run(ANY_HEX, 34, MANY)],
            SURE,
        )])
        .hits(&["⟦PMAK-{hex:24}-{hex:34}⟧"])
        .misses(&["PMAK-{hex:24}"]),
    token("adobe", "Adobe", "client secret")
        .patterns(&[begins(&["p8e-", "s8e-"], &[exactly(WORD, 32)], DIGIT + ENDS)])
        .hits(&["⟦p8e-{alnum:32}⟧", "⟦s8e-{alnum:32}⟧"])
        .misses(&["p8e-{alnum:12}", "xp8e-{alnum:32}"]),
    token("frameio", "Frame.io", "API token")
        .patterns(&[begins(&["fio-u-"], &[Part::Run(WORD.or(ByteClass::of("=")), 64, MANY)], SURE)])
        .hits(&["⟦fio-u-{base64url:64}⟧"])
        .misses(&["fio-u-{alnum:12}"]),
    token("1password", "1Password", "service account token or secret key")
        .patterns(&[
            begins(&["ops_eyJ"], &[Part::Run(WORD.or(BASE64), 100, MANY)], SURE),
            begins(
                &["A3-"],
                &[
                    exactly(UPPER, 6),
                    text("-"),
                    exactly(UPPER, 11),
                    text("-"),
                    exactly(UPPER, 5),
                    text("-"),
                    exactly(UPPER, 5),
                    text("-"),
                    exactly(UPPER, 5),
                ],
                ENDS,
            ),
            begins(
                &["A3-"],
                &[
                    exactly(UPPER, 6),
                    text("-"),
                    exactly(UPPER, 6),
                    text("-"),
                    exactly(UPPER, 5),
                    text("-"),
                    exactly(UPPER, 5),
                    text("-"),
                    exactly(UPPER, 5),
                    text("-"),
                    exactly(UPPER, 5),
                ],
                ENDS,
            ),
        ])
        .hits(&[
            "⟦ops_eyJ{alnum:300}⟧",
            "⟦A3-{upper:6}-{upper:11}-{upper:5}-{upper:5}-{upper:5}⟧",
            "⟦A3-{upper:6}-{upper:6}-{upper:5}-{upper:5}-{upper:5}-{upper:5}⟧",
        ])
        .misses(&["A3-{upper:6}-{upper:6}", "ops_eyJ{alnum:20}"]),
    token("bitwarden", "Bitwarden", "machine account access token")
        .patterns(&[begins(
            &["0."],
            &[
                exactly(ANY_HEX, 8),
                text("-"),
                exactly(ANY_HEX, 4),
                text("-"),
                exactly(ANY_HEX, 4),
                text("-"),
                exactly(ANY_HEX, 4),
                text("-"),
                exactly(ANY_HEX, 12),
                text("."),
                Part::Run(ALNUM, 30, 30),
                text(":"),
                base64(22),
            ],
            SURE,
        )])
        .hits(&["⟦0.{uuid}.{alnum:30}:{alnum:22}==⟧"])
        .misses(&["0.{uuid}"]),
    token("facebook", "Meta", "Facebook access token")
        .rotate("https://developers.facebook.com/tools/debug/accesstoken/")
        .patterns(&[begins(&["EAAG", "EAAC", "EAAB", "EAAM", "EAAJ", "EAAD"], &[alnum(80)], MIXED)])
        .hits(&[
            "⟦EAAG{alnum:150}⟧",
            "⟦EAAC{alnum:150}⟧",
            "⟦EAAB{alnum:150}⟧",
            "⟦EAAM{alnum:150}⟧",
            "⟦EAAJ{alnum:150}⟧",
            "⟦EAAD{alnum:150}⟧",
        ])
        .misses(&["EAAG{alnum:40}", "xEAAG{alnum:150}"]),
    token("twitter-bearer", "X (Twitter)", "bearer token")
        .rotate("https://developer.x.com/en/portal/dashboard")
        .patterns(&[begins(
            &["AAAAAAAAAAAAAAAAAAAAA"],
            &[Part::Run(ALNUM, 0, 60), text("%"), Part::Run(ByteClass::of("A-Za-z0-9%"), 30, MANY)],
            MIXED,
        )])
        .hits(&["⟦AAAAAAAAAAAAAAAAAAAAA{alnum:12}%2B{alnum:24}%3D{alnum:50}⟧"])
        .misses(&[
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAA{alnum:90}",
        ]),
    token("mapbox", "Mapbox", "secret or temporary token")
        .rotate("https://account.mapbox.com/access-tokens/")
        .patterns(&[begins(&["sk.eyJ1", "tk.eyJ1"], &[word(20), text("."), word(20)], SURE)])
        .hits(&["⟦sk.eyJ1{alnum:60}.{alnum:22}⟧", "⟦tk.eyJ1{alnum:60}.{alnum:22}⟧"])
        .misses(&["pk.eyJ1{alnum:60}", "sk.eyJ1{alnum:8}"]),
    token("maxmind", "MaxMind", "license key")
        .rotate("https://www.maxmind.com/en/accounts/current/license-key")
        .shape(Shape::Run(Glance::EndsInMmk, whole::maxmind))
        .hits(&["⟦{alnum:6}_{alnum:29}_mmk⟧"])
        .misses(&["{alnum:6}_{alnum:29}_mmx", "{alnum:6}_{alnum:20}_mmk"]),
    token("dropbox", "Dropbox", "short-lived access token")
        .patterns(&[begins(&["sl.u.", "sl."], &[word(120)], SURE)])
        .hits(&["⟦sl.{base64url:130}⟧", "⟦sl.u.{base64url:900}⟧"])
        .misses(&["sl.{alnum:40}", "xsl.{alnum:130}"]),
    token("salesforce", "Salesforce", "session id")
        .shape(Shape::Run(Glance::AfterExclamation, sign::salesforce))
        .hits(&["⟦00D{alnum:12}!{alnum:96}⟧"])
        .misses(&["00D{alnum:12}", "00D{alnum:12}!{alnum:20}"]),
    token("salesforce-oauth", "Salesforce", "consumer key or refresh token")
        .patterns(&[begins(
            &["3MVG9", "5Aep861"],
            &[Part::Run(ByteClass::of("A-Za-z0-9._="), 76, MANY)],
            SURE,
        )])
        .hits(&["⟦3MVG9{alnum:80}⟧", "⟦5Aep861{alnum:80}⟧"])
        .misses(&["3MVG9{alnum:20}"]),
    token("zoho", "Zoho", "OAuth token")
        .patterns(&[begins(&["1000."], &[exactly(HEX, 32), text("."), hex(32)], SURE)])
        .hits(&["⟦1000.{hex:32}.{hex:32}⟧"])
        .misses(&["1000.{hex:32}"]),
    token("zapier-tines-hook", "Zapier, Tines", "webhook")
        .patterns(&[begins(
            &[".tines.com/webhook/"],
            &[Part::Run(ByteClass::of("A-Za-z0-9/"), 32, MANY)],
            DIGIT,
        )
        .keeps_literal()])
        .shape(Shape::Literals(&["hooks.zapier.com"], literal::zapier_hook))
        .hits(&[
            "https://x.tines.com/webhook/⟦{hex:32}/{hex:32}⟧",
            "https://hooks.zapier.com/hooks/catch/⟦{digits:7}/{lower:7}⟧/",
        ])
        .misses(&["https://hooks.zapier.com/hooks/catch/", "https://x.tines.com/webhook/{hex:12}"]),
    token("infura-alchemy", "Infura, Alchemy, QuickNode", "key in a node's URL")
        .patterns(&[begins(&[".infura.io/v3/", ".alchemy.com/v2/", ".quiknode.pro/"], &[word(20)], DIGIT)
            .keeps_literal()])
        .hits(&[
            "https://mainnet.infura.io/v3/⟦{hex:32}⟧",
            "https://eth-mainnet.g.alchemy.com/v2/⟦{base64url:32}⟧",
            "https://a-b.quiknode.pro/⟦{hex:40}⟧/",
        ])
        .misses(&[
            "https://mainnet.infura.io/v3/YOUR-PROJECT-ID",
            "https://mainnet.infura.io/v3/your-infura-project-id-here",
        ]),
    token("onfido-voiceflow", "Onfido, Voiceflow", "API token")
        .patterns(&[
            begins(
                &["api_live.", "api_live_us.", "api_live_ca."],
                &[Part::Run(ByteClass::of("A-Za-z0-9_.-"), 20, MANY)],
                DIGIT,
            ),
            begins(&["VF.DM.", "VF.WS."], &[Part::Run(ByteClass::of("A-Za-z0-9_.-"), 20, MANY)], DIGIT),
        ])
        .hits(&[
            "⟦api_live.{alnum:32}⟧",
            "⟦api_live_us.{alnum:32}⟧",
            "⟦api_live_ca.{alnum:32}⟧",
            "⟦VF.DM.{hex:24}.{alnum:16}⟧",
            "⟦VF.WS.{hex:24}.{alnum:16}⟧",
        ])
        .misses(&["api_live.{alnum:8}"]),
    token("aikido-apify-adafruit-asaas-onesignal", "Aikido, Apify, Adafruit, Asaas, OneSignal", "API key")
        .patterns(&[begins(
            &["AIK_SECRET_", "AIK_CI_", "apify_api_", "aio_", "os_v2_app_", "os_v2_org_", "aact_"],
            &[word(20)],
            DIGIT + DENSE,
        )])
        .hits(&[
            "⟦AIK_SECRET_{alnum:40}⟧",
            "⟦AIK_CI_{alnum:40}⟧",
            "⟦apify_api_{alnum:36}⟧",
            "⟦aio_{alnum:28}⟧",
            "⟦os_v2_app_{lower:100}⟧",
            "⟦os_v2_org_{lower:100}⟧",
            "$⟦aact_{alnum:160}⟧",
        ])
        .misses(&["aio_pika_connection_pool_with_2_channels", "apify_api_{alnum:8}"]),
    token("stackhawk-dtrack", "StackHawk, Dependency-Track", "API key")
        .patterns(&[
            begins(&["hawk."], &[Part::Run(ByteClass::of("A-Za-z0-9_.-"), 32, MANY)], DIGIT + DENSE),
            begins(&["odt_"], &[word(32)], DIGIT + DENSE),
        ])
        .hits(&["⟦hawk.{alnum:20}.{alnum:20}⟧", "⟦odt_{alnum:40}⟧"])
        .misses(&["odt_{alnum:12}", "tomahawk.{alnum:20}.{alnum:20}"]),
    token("octopus", "Octopus Deploy", "API key")
        .patterns(&[begins(&["API-"], &[Part::Run(UPPER, 25, 32)], DIGIT + ENDS)])
        .hits(&["⟦API-{upper:26}⟧"])
        .misses(&["API-{upper:10}", "MY-API-{upper:26}"]),
    token("valtown-zuplo", "Val Town, Zuplo", "API key")
        .patterns(&[begins(&["vtwn_", "zpka_"], &[word(20)], DIGIT)])
        .hits(&["⟦vtwn_{alnum:26}⟧", "⟦zpka_{hex:32}_{hex:8}⟧"])
        .misses(&["vtwn_{alnum:8}"]),
];
