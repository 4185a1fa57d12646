//! Monitoring, error tracking, analytics and feature flags.

use crate::mask::tokens::vocabulary::*;

pub(crate) const TOKENS: &[Token] = &[
    token("grafana", "Grafana", "service account or cloud token")
        .patterns(&[begins(
            &["glsa_", "glc_"],
            &[Part::Run(ByteClass::of("A-Za-z0-9+/=_"), 32, MANY)],
            DIGIT + DENSE,
        )])
        .hits(&["⟦glsa_{alnum:32}_{hex:8}⟧", "⟦glc_eyJvIjoi{alnum:80}==⟧"])
        .misses(&["glsa_{alnum:12}", "glc_create_a_context_for_2_windows_at_once"]),
    token("grafana-api", "Grafana", "API key (old)")
        .patterns(&[begins(&["eyJrIjoi"], &[base64(40)], SURE)])
        .hits(&["⟦eyJrIjoi{alnum:90}==⟧"])
        .misses(&["eyJrIjoi{alnum:16}"]),
    token("newrelic", "New Relic", "user, insights, browser or admin key")
        .rotate("https://one.newrelic.com/launcher/api-keys-ui.api-keys-launcher")
        .patterns(&[begins(
            &["NRAK-", "NRII-", "NRIQ-", "NRAA-", "NRRA-", "NRBR-", "NRSP-"],
            &[word(19)],
            DIGIT,
        )])
        .hits(&[
            "⟦NRAK-{upper:27}⟧",
            "⟦NRII-{alnum:32}⟧",
            "⟦NRIQ-{alnum:32}⟧",
            "⟦NRAA-{hex:27}⟧",
            "⟦NRRA-{hex:42}⟧",
            "⟦NRBR-{hex:19}⟧",
            "⟦NRSP-{alnum:36}⟧",
        ])
        .misses(&["NRJS-{hex:19}", "NRAK-{upper:9}"]),
    token("sentry", "Sentry", "organisation or user token")
        .rotate("https://sentry.io/settings/account/api/auth-tokens/")
        .patterns(&[begins(
            &["sntrys_", "sntryu_", "sntrya_"],
            &[Part::Run(ByteClass::of("A-Za-z0-9+/=_-"), 40, MANY)],
            SURE,
        )])
        .hits(&["⟦sntrys_eyJpYXQiOjE3{alnum:120}=_{alnum:43}⟧", "⟦sntryu_{hex:64}⟧", "⟦sntrya_{hex:64}⟧"])
        .misses(&["sntryu_{hex:12}"]),
    token("dynatrace", "Dynatrace", "API or platform token")
        .patterns(&[begins(
            &["dt0c01.", "dt0s01.", "dt0s08.", "dt0s16."],
            &[exactly(UPPER, 24), text("."), Part::Run(UPPER, 64, MANY)],
            SURE,
        )])
        .hits(&[
            "⟦dt0c01.{upper:24}.{upper:64}⟧",
            "⟦dt0s01.{upper:24}.{upper:64}⟧",
            "⟦dt0s08.{upper:24}.{upper:64}⟧",
            "⟦dt0s16.{upper:24}.{upper:64}⟧",
        ])
        .misses(&["dt0c01.{upper:24}"]),
    token("datadog", "Datadog", "application key or personal token")
        .rotate("https://app.datadoghq.com/organization-settings/application-keys")
        .patterns(&[begins(&["ddapp_", "ddpat_"], &[alnum(34)], DIGIT)])
        .hits(&["⟦ddapp_{alnum:34}⟧", "⟦ddpat_{alnum:40}⟧"])
        .misses(&["ddapp_{alnum:12}"]),
    token("honeycomb", "Honeycomb", "ingest or management key")
        .patterns(&[begins(&["hcaik_", "hcbik_", "hcxik_", "hcxlk_", "hcxmk_"], &[lower(26)], DIGIT)])
        .hits(&[
            "⟦hcaik_{lower:58}⟧",
            "⟦hcbik_{lower:58}⟧",
            "⟦hcxik_{lower:58}⟧",
            "⟦hcxlk_{lower:26}⟧",
            "⟦hcxmk_{lower:26}⟧",
        ])
        .misses(&["hcaik_{lower:10}"]),
    token("posthog", "PostHog", "personal or feature flag key")
        .rotate("https://app.posthog.com/settings/user-api-keys")
        .patterns(&[begins(&["phx_", "phs_"], &[word(32)], DIGIT + DENSE)])
        .hits(&["⟦phx_{alnum:43}⟧", "⟦phs_{alnum:43}⟧"])
        .misses(&["phc_{alnum:43}", "phx_{alnum:12}"]),
    token("logfire", "Logfire", "write or read token")
        .patterns(&[begins(&["pylf_v1_"], &[word(30)], DIGIT)])
        .hits(&["⟦pylf_v1_us_{alnum:43}⟧"])
        .misses(&["pylf_v1_{alnum:8}"]),
    token("axiom", "Axiom", "API or personal token")
        .rotate("https://app.axiom.co/settings/api-tokens")
        .patterns(&[begins(&["xaat-", "xapt-"], UUID, SURE)])
        .hits(&["⟦xaat-{uuid}⟧", "⟦xapt-{uuid}⟧"])
        .misses(&["xaat-{hex:8}"]),
    token("rootly", "Rootly", "API key")
        .patterns(&[begins(&["rootly_"], &[hex(64)], SURE)])
        .hits(&["⟦rootly_{hex:64}⟧"])
        .misses(&["rootly_{hex:20}"]),
    token("launchdarkly", "LaunchDarkly", "SDK or API key")
        .rotate("https://app.launchdarkly.com/settings/authorization")
        .patterns(&[begins(&["sdk-", "api-"], UUID, ENDS)])
        .hits(&["⟦sdk-{uuid}⟧", "⟦api-{uuid}⟧"])
        .misses(&["mob-{uuid}", "sdk-{hex:8}-{hex:4}", "xsdk-{uuid}"]),
    token("segment", "Segment", "public API token")
        .patterns(&[begins(&["sgp_"], &[exactly(ALNUM, 64)], MIXED)])
        .hits(&["⟦sgp_{alnum:64}⟧"])
        .misses(&["sgp_{alnum:30}"]),
];
