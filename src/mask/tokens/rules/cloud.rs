//! Clouds, hosting and infrastructure.

use crate::mask::tokens::shapes::{literal, sign, whole};
use crate::mask::tokens::vocabulary::*;

const URL_ENCODED: ByteClass = ByteClass::of("A-Za-z0-9%+/=_-");

pub(crate) const TOKENS: &[Token] = &[
    token("google-api", "Google", "API key (Maps, Gemini, Firebase)")
        .rotate("https://console.cloud.google.com/apis/credentials")
        .placeholder("AIza***MASKED***")
        .patterns(&[begins(&["AIza"], &[word(35)], CASES)])
        .hits(&["⟦AIza{base64url:35}⟧", "⟦AIzaSy{base64url:33}⟧"])
        .misses(&["AIza{alnum:20}", "xAIza{alnum:35}"]),
    token("gemini-2025", "Google", "AI Studio key (2025)")
        .rotate("https://aistudio.google.com/apikey")
        .patterns(&[begins(&["AQ.Ab"], &[word(40)], SURE)])
        .hits(&["⟦AQ.Ab8RN6{alnum:44}⟧"])
        .misses(&["AQ.Ab{alnum:20}", "FAQ.Ab8RN6{alnum:44}"]),
    token("google-oauth", "Google", "OAuth access token")
        .rotate("https://myaccount.google.com/permissions")
        .placeholder("ya29.***MASKED***")
        .patterns(&[begins(
            &["ya29.c.", "ya29."],
            &[exactly(WORD, 1), Part::Run(WORD.or(ByteClass::of(".")), 19, MANY)],
            DIGIT,
        )])
        .hits(&["⟦ya29.a0{base64url:150}⟧", "⟦ya29.c.b0{base64url:150}⟧"])
        .misses(&["ya29.{alnum:10}", "xya29.{alnum:60}"]),
    token("google-refresh", "Google", "OAuth refresh token")
        .rotate("https://myaccount.google.com/permissions")
        .patterns(&[begins(&["1//0"], &[word(40)], DENSE)])
        .hits(&["⟦1//0{alnum:98}⟧"])
        .misses(&["1//0{alnum:20}", "http://127.0.0.1//0-a-path-with-a-long-name-in-lower-case"]),
    token("google-secret", "Google", "OAuth client secret")
        .rotate("https://console.cloud.google.com/apis/credentials")
        .patterns(&[begins(&["GOCSPX-"], &[word(28)], SURE)])
        .hits(&["⟦GOCSPX-{alnum:28}⟧"])
        .misses(&["GOCSPX-{alnum:12}"]),
    token("firebase-fcm", "Google", "Firebase Cloud Messaging server key (legacy)")
        .shape(Shape::Run(Glance::AfterColon, sign::firebase_fcm))
        .hits(&["⟦AAAA{alnum:7}:APA91b{alnum:134}⟧"])
        .misses(&["AAAA{alnum:7}:{alnum:40}"]),
    token("recaptcha", "Google", "reCAPTCHA secret")
        .patterns(&[
            begins(&["6Lc", "6Ld", "6Le", "6Lf"], &[exactly(WORD, 37)], MIXED + ENDS).near("recaptcha")
        ])
        .hits(&["RECAPTCHA_SECRET=⟦6Ld{alnum:37}⟧"])
        .misses(&["value=6Ld{alnum:37}"]),
    token("aws-key-id", "AWS", "access key id")
        .rotate("https://console.aws.amazon.com/iam/home#/security_credentials")
        .keeps_literal()
        .patterns(&[begins(
            &["AKIA", "ASIA", "ABIA", "ACCA"],
            &[exactly(UPPER, 16)],
            NO_EXAMPLE + ENDS_ALNUM,
        )])
        .hits(&["⟦AKIA{base32:16}⟧", "⟦ASIA{base32:16}⟧", "⟦ABIA{base32:16}⟧", "⟦ACCA{base32:16}⟧"])
        .misses(&[
            "AKIAIOSFODNN7EXAMPLE",
            "AROA{base32:16}",
            "XAKIA{base32:16}",
            "AKIA{base32:24}",
            "AKIA****************",
        ]),
    token("aws-bedrock", "AWS", "Bedrock API key, long-lived")
        .patterns(&[begins(&["ABSK"], &[base64(100)], MIXED)])
        .hits(&["⟦ABSKQmVkcm9ja0FQSUtleS{alnum:100}=⟧"])
        .misses(&["ABSK{alnum:40}"]),
    token("aws-bedrock-short", "AWS", "Bedrock API key, short-lived")
        .patterns(&[begins(&["bedrock-api-key-"], &[base64(40)], MIXED)])
        .hits(&["⟦bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t{base64:200}=⟧"])
        .misses(&["bedrock-api-key-rotation-for-all-of-our-accounts-and-regions"]),
    token("aws-mws", "AWS", "Marketplace Web Service token")
        .patterns(&[begins(&["amzn.mws."], UUID, SURE)])
        .hits(&["⟦amzn.mws.{uuid}⟧"])
        .misses(&["amzn.mws.{hex:8}"]),
    token("aws-appsync", "AWS", "AppSync API key")
        .patterns(&[begins(&["da2-"], &[exactly(LOWER, 26)], DIGIT + ENDS)])
        .hits(&["⟦da2-{lower:26}⟧"])
        .misses(&["da2-{lower:40}", "sda2-{lower:26}"]),
    token("aws-session", "AWS", "session token")
        .patterns(&[begins(
            &["FwoGZXIvYXdz", "IQoJb3JpZ2lu", "FQoGZXIvYXdz"],
            &[Part::Run(ByteClass::of("A-Za-z0-9+/=%"), 80, MANY)],
            SURE,
        )])
        .hits(&[
            "⟦FwoGZXIvYXdzEJr2{base64:300}==⟧",
            "⟦IQoJb3JpZ2luX2Vj{base64:300}==⟧",
            "⟦FQoGZXIvYXdzEJr2{base64:300}==⟧",
        ])
        .misses(&["IQoJb3JpZ2lu{alnum:20}"]),
    token("aws-presigned", "AWS", "signature or token of a presigned URL")
        .patterns(&[begins(
            &["X-Amz-Signature=", "X-Amz-Security-Token="],
            &[Part::Run(URL_ENCODED, 32, MANY)],
            DIGIT,
        )
        .keeps_literal()])
        .hits(&[
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=⟦{hex:64}⟧&x=1",
            "X-Amz-Security-Token=⟦{alnum:200}⟧",
        ])
        .misses(&["X-Amz-Signature=<the-signature-of-the-request>", "X-Amz-Signature={hex:8}"]),
    token("azure-client-secret", "Azure", "Entra client secret")
        .rotate("https://entra.microsoft.com")
        .shape(Shape::Tilde(sign::azure_client_secret))
        .hits(&["⟦{alnum:3}8Q~{alnum:34}⟧", "⟦{alnum:3}8Q~{alnum:10}.{alnum:11}_{alnum:11}⟧"])
        .misses(&["abc8Q~{alnum:12}", "ls ~/{alnum:34}"]),
    token("azure-devops", "Azure", "DevOps personal access token")
        .rotate("https://dev.azure.com")
        .shape(Shape::Run(Glance::Long, whole::azure_devops))
        .hits(&["⟦{alnum:52}AACAAAAAAAAAAAASAZDO{alnum:4}⟧", "⟦{alnum:76}AZDO{alnum:4}⟧"])
        .misses(&["{alnum:52}AACAAAAAAAAAAAASXXXX{alnum:4}"]),
    token("azure-ai-key", "Azure", "OpenAI or AI services key")
        .rotate("https://portal.azure.com")
        .shape(Shape::Run(Glance::Long, whole::azure_ai))
        .hits(&["⟦{alnum:52}JQQJ99{alnum:18}ACOG{alnum:4}⟧"])
        .misses(&["{alnum:52}JQQJ98{alnum:26}"]),
    token("azure-storage-cosmos", "Azure", "storage, Cosmos DB, Service Bus or IoT key")
        .rotate("https://portal.azure.com")
        .shape(Shape::Literals(
            &["ACDb", "+AIo", "+AEh", "+ACR", "+ASt", "+ASb", "AzFu", "AzCa", "AzSe"],
            literal::azure_storage,
        ))
        .hits(&["⟦{alnum:76}+ASt{alnum:6}==⟧", "⟦{alnum:20}/{alnum:20}+{alnum:34}ACDb{alnum:6}==⟧"])
        .misses(&["sha512-{alnum:86}==", "{alnum:76}+ASt{alnum:9}=="]),
    token("azure-sas", "Azure", "shared access signature")
        .patterns(&[begins(&["sig="], &[Part::Run(URL_ENCODED, 40, MANY)], MIXED)
            .near("sv=")
            .keeps_literal()])
        .hits(&["https://a.blob.core.windows.net/c?sv=2024-05-04&sig=⟦{alnum:43}%3D⟧"])
        .misses(&["sv=1&sig={alnum:20}", "config={alnum:43}"]),
    token("ms-refresh", "Microsoft", "OAuth refresh token")
        .patterns(&[begins(
            &["0.A", "1.A"],
            &[word(50), text(".Ag"), word(100), Part::Maybe(&[text(".A"), word(50)])],
            DIGIT,
        )])
        .hits(&["⟦0.A{alnum:60}.Ag{alnum:300}⟧", "⟦1.A{alnum:60}.Ag{alnum:300}.A{alnum:60}⟧"])
        .misses(&["0.A{alnum:60}"]),
    token("circleci", "CircleCI", "personal or project token")
        .rotate("https://app.circleci.com/settings/user/tokens")
        .patterns(&[begins(
            &["CCIPAT_", "CCIPRJ_"],
            &[exactly(ALNUM, 22), text("_"), Part::Run(ANY_HEX, 40, MANY)],
            SURE,
        )])
        .hits(&["⟦CCIPAT_{alnum:22}_{hex:40}⟧", "⟦CCIPRJ_{alnum:22}_{hex:40}⟧"])
        .misses(&["CCIPAT_{alnum:22}"]),
    token("buildkite", "Buildkite", "access token")
        .rotate("https://buildkite.com/user/api-access-tokens")
        .patterns(&[begins(
            &["bkua_", "bkaa_", "bkaj_", "bkct_", "bkpt_", "bkps_", "bkpat_", "bkar_"],
            &[word(40)],
            DIGIT,
        )])
        .hits(&[
            "⟦bkua_{alnum:40}⟧",
            "⟦bkaa_{alnum:40}⟧",
            "⟦bkaj_{alnum:40}⟧",
            "⟦bkct_{alnum:40}⟧",
            "⟦bkpt_{alnum:40}⟧",
            "⟦bkps_{alnum:40}⟧",
            "⟦bkpat_{alnum:40}⟧",
            "⟦bkar_{alnum:40}⟧",
        ])
        .misses(&["bkua_{alnum:20}"]),
    token("harness", "Harness", "personal or service account token")
        .patterns(&[begins(
            &["pat.", "sat."],
            &[exactly(WORD, 22), text("."), exactly(HEX, 24), text("."), alnum(20)],
            SURE,
        )])
        .hits(&["⟦pat.{alnum:22}.{hex:24}.{alnum:20}⟧", "⟦sat.{alnum:22}.{hex:24}.{alnum:20}⟧"])
        .misses(&["pat.{alnum:22}.{hex:24}"]),
    token("sonar", "Sonar", "SonarQube or SonarCloud token")
        .patterns(&[begins(&["sqp_", "squ_", "sqa_", "sqco_"], &[alnum(40)], DIGIT)])
        .hits(&["⟦sqp_{hex:40}⟧", "⟦squ_{hex:40}⟧", "⟦sqa_{hex:40}⟧", "⟦sqco_{alnum:59}⟧"])
        .misses(&["squ_{hex:20}"]),
    token("mergify", "Mergify", "application key")
        .patterns(&[begins(&["mergify_application_key_"], &[word(40)], SURE)])
        .hits(&["⟦mergify_application_key_{alnum:60}⟧"])
        .misses(&["mergify_application_key_{alnum:12}"]),
    token("pulumi", "Pulumi", "access token")
        .rotate("https://app.pulumi.com/account/tokens")
        .patterns(&[begins(&["pul-"], &[hex(40)], DIGIT)])
        .hits(&["⟦pul-{hex:40}⟧"])
        .misses(&["pul-{hex:20}", "xpul-{hex:40}"]),
    token("terraform", "HashiCorp", "Terraform Cloud token")
        .rotate("https://app.terraform.io/app/settings/tokens")
        .shape(Shape::Run(Glance::AfterStop, sign::terraform))
        .hits(&["⟦{alnum:14}.atlasv1.{alnum:67}⟧"])
        .misses(&["x.atlasv1.{alnum:67}", "{alnum:14}.atlasv2.{alnum:67}"]),
    token("infracost", "Infracost", "API key")
        .patterns(&[begins(&["ico-"], &[exactly(ALNUM, 32)], MIXED + ENDS)])
        .hits(&["⟦ico-{alnum:32}⟧"])
        .misses(&["ico-{lower:32}", "mexico-{alnum:32}"]),
    token("docker-swarm", "Docker", "Swarm join token or unlock key")
        .patterns(&[
            begins(&["SWMTKN-1-", "SWMKEY-1-"], &[base64(40)], SURE),
            begins(&["SWMTKN-1-"], &[word(40)], SURE),
        ])
        .hits(&["⟦SWMTKN-1-{lower:50}-{lower:25}⟧", "⟦SWMKEY-1-{base64:43}⟧"])
        .misses(&["SWMTKN-1-{lower:12}"]),
    token("digitalocean", "DigitalOcean", "personal, OAuth or refresh token")
        .rotate("https://cloud.digitalocean.com/account/api/tokens")
        .patterns(&[begins(&["dop_v1_", "doo_v1_", "dor_v1_"], &[hex(64)], SURE)])
        .hits(&["⟦dop_v1_{hex:64}⟧", "⟦doo_v1_{hex:64}⟧", "⟦dor_v1_{hex:64}⟧"])
        .misses(&["dop_v1_{hex:32}"]),
    token("fly", "Fly.io", "access token")
        .rotate("https://fly.io/user/personal_access_tokens")
        .patterns(&[begins(
            &["fm2_", "fm1r_", "fm1a_", "fo1_"],
            &[Part::Run(ByteClass::of("A-Za-z0-9+/=,_-"), 40, MANY)],
            DENSE,
        )])
        .hits(&[
            "FlyV1 ⟦fm2_lJPECAAAAAAA{base64:200}==,fm2_lJPETwAAAAAA{base64:100}⟧",
            "⟦fm1r_{alnum:60}⟧",
            "⟦fm1a_{alnum:60}⟧",
            "⟦fo1_{alnum:43}⟧",
        ])
        .misses(&["fo1_{alnum:20}", "fm2_radio_receiver_with_a_name_in_snake_case_of_50_bytes"]),
    token("heroku", "Heroku", "API key")
        .rotate("https://dashboard.heroku.com/account")
        .patterns(&[begins(&["HRKU-"], &[word(36)], DIGIT)])
        .hits(&["⟦HRKU-AA{alnum:58}⟧", "⟦HRKU-{uuid}⟧"])
        .misses(&["HRKU-{alnum:12}"]),
    token("vercel", "Vercel", "access token")
        .rotate("https://vercel.com/account/tokens")
        .patterns(&[begins(&["vcp_", "vci_", "vca_", "vcr_"], &[word(40)], DIGIT + DENSE)])
        .hits(&["⟦vcp_{alnum:56}⟧", "⟦vci_{alnum:56}⟧", "⟦vca_{alnum:56}⟧", "⟦vcr_{alnum:56}⟧"])
        .misses(&["vcp_{alnum:20}"]),
    token("netlify", "Netlify", "access token")
        .rotate("https://app.netlify.com/user/applications")
        .patterns(&[begins(&["nfp_", "nfc_", "nfo_", "nfu_", "nfb_"], &[alnum(36)], DIGIT)])
        .hits(&[
            "⟦nfp_{alnum:36}⟧",
            "⟦nfc_{alnum:36}⟧",
            "⟦nfo_{alnum:36}⟧",
            "⟦nfu_{alnum:36}⟧",
            "⟦nfb_{alnum:36}⟧",
        ])
        .misses(&["nfp_{alnum:20}"]),
    token("doppler", "Doppler", "CLI, service or personal token")
        .rotate("https://dashboard.doppler.com")
        .patterns(&[begins(
            &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."],
            &[alnum(40)],
            SURE,
        )])
        .shape(Shape::Run(Glance::AfterStop, sign::doppler))
        .hits(&[
            "⟦dp.pt.{alnum:43}⟧",
            "⟦dp.st.{alnum:43}⟧",
            "⟦dp.ct.{alnum:43}⟧",
            "⟦dp.sa.{alnum:43}⟧",
            "⟦dp.scim.{alnum:43}⟧",
            "⟦dp.audit.{alnum:43}⟧",
            "⟦dp.st.prd_main.{alnum:43}⟧",
        ])
        .misses(&["dp.pt.{alnum:20}", "xdp.pt.{alnum:43}"]),
    token("vault", "HashiCorp", "Vault token")
        .patterns(&[begins(&["hvs.", "hvb.", "hvr."], &[word(24)], SURE)])
        .hits(&["⟦hvs.{alnum:24}⟧", "⟦hvb.{base64url:138}⟧", "⟦hvr.{alnum:24}⟧"])
        .misses(&["hvs.{alnum:12}", "xhvs.{alnum:30}"]),
    token("cloudflare", "Cloudflare", "API token (2026)")
        .rotate("https://dash.cloudflare.com/profile/api-tokens")
        .patterns(&[begins(&["cfut_", "cfat_", "cfk_"], &[alnum(40)], DIGIT)])
        .hits(&["⟦cfut_{alnum:40}{hex:8}⟧", "⟦cfat_{alnum:40}{hex:8}⟧", "⟦cfk_{alnum:40}{hex:8}⟧"])
        .misses(&["cfut_{alnum:20}"]),
    token("cloudflare-ca", "Cloudflare", "origin CA key")
        .patterns(&[begins(&["v1.0-"], &[exactly(HEX, 24), text("-"), hex(100)], SURE)])
        .hits(&["⟦v1.0-{hex:24}-{hex:146}⟧"])
        .misses(&["v1.0-{hex:24}"]),
    token("render", "Render", "API key")
        .rotate("https://dashboard.render.com/u/settings#api-keys")
        .patterns(&[begins(&["rnd_"], &[alnum(28)], MIXED)])
        .hits(&["⟦rnd_{alnum:28}⟧"])
        .misses(&["rnd_{lower:28}", "rnd_{alnum:12}"]),
    token("scalingo", "Scalingo", "API token")
        .patterns(&[begins(&["tk-us-"], &[word(48)], MIXED)])
        .hits(&["⟦tk-us-{base64url:48}⟧"])
        .misses(&["tk-us-{alnum:20}"]),
    token("deno", "Deno", "Deploy token")
        .patterns(&[begins(&["ddp_", "ddw_"], &[alnum(36)], DIGIT)])
        .hits(&["⟦ddp_{alnum:36}⟧", "⟦ddw_{alnum:36}⟧"])
        .misses(&["ddp_{alnum:16}"]),
    token("tailscale", "Tailscale", "auth, API, OAuth or webhook key")
        .rotate("https://login.tailscale.com/admin/settings/keys")
        .patterns(&[begins(
            &["tskey-"],
            &[Part::Run(ByteClass::of("a-z"), 2, 20), text("-"), alnum(6), text("-"), alnum(12)],
            DIGIT,
        )])
        .hits(&["⟦tskey-auth-k{alnum:12}CNTRL-{alnum:32}⟧"])
        .misses(&["tskey-auth-{alnum:8}"]),
    token("upcloud", "UpCloud", "API token")
        .patterns(&[begins(&["ucat_"], &[alnum(24)], DIGIT)])
        .hits(&["⟦ucat_{alnum:26}⟧"])
        .misses(&["ucat_{alnum:12}"]),
    token("openshift", "OpenShift", "user token")
        .patterns(&[begins(&["sha256~"], &[exactly(WORD, 43)], ENDS + MIXED)])
        .hits(&["⟦sha256~{alnum:43}⟧"])
        .misses(&["sha256:{hex:64}", "sha256~{hex:64}"]),
    token("alibaba", "Alibaba Cloud", "access key id")
        .patterns(&[begins(&["LTAI"], &[Part::Run(ALNUM, 12, 20)], MIXED + ENDS)])
        .hits(&["⟦LTAI{alnum:20}⟧"])
        .misses(&["LTAI{alnum:30}", "XLTAI{alnum:20}"]),
    token("tencent", "Tencent Cloud", "secret id")
        .patterns(&[begins(&["AKID"], &[exactly(ALNUM, 32)], MIXED + ENDS)])
        .hits(&["⟦AKID{alnum:32}⟧"])
        .misses(&["AKID{alnum:40}"]),
    token("yandex", "Yandex", "IAM, API, OAuth or static key")
        .patterns(&[
            begins(
                &["t1.9eu", "AQVN", "y0_"],
                &[Part::Run(ByteClass::of("A-Za-z0-9_.=-"), 30, MANY)],
                DENSE + MIXED,
            ),
            begins(&["YCAJ", "YCM"], &[Part::Run(WORD, 20, 60)], DENSE + MIXED + ENDS),
        ])
        .hits(&[
            "⟦t1.9euelZ{alnum:60}.{alnum:60}⟧",
            "⟦AQVN{alnum:36}⟧",
            "⟦y0_{alnum:55}⟧",
            "⟦YCAJE{alnum:20}⟧",
            "⟦YCM{alnum:37}⟧",
        ])
        .misses(&["y0_initial_guess_for_the_solver_of_equations", "AQVN{alnum:12}", "YCM{upper:37}"]),
];
