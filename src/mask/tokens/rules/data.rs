//! Databases, data platforms and workflow engines.

use crate::mask::tokens::vocabulary::*;

pub(crate) const TOKENS: &[Token] = &[
    token("supabase", "Supabase", "secret or management key")
        .rotate("https://supabase.com/dashboard/account/tokens")
        .patterns(&[begins(&["sb_secret_", "sbp_"], &[word(31)], DIGIT + DENSE)])
        .hits(&["⟦sb_secret_{alnum:22}_{alnum:8}⟧", "⟦sbp_{hex:40}⟧", "⟦sbp_v0_{hex:40}⟧"])
        .misses(&["sb_publishable_{alnum:31}", "sbp_{hex:12}"]),
    token("planetscale", "PlanetScale", "service token, password or OAuth token")
        .rotate("https://app.planetscale.com")
        .patterns(&[begins(
            &["pscale_tkn_", "pscale_pw_", "pscale_oauth_"],
            &[Part::Run(ByteClass::of("A-Za-z0-9_.=-"), 32, MANY)],
            DIGIT,
        )])
        .hits(&["⟦pscale_tkn_{base64url:43}⟧", "⟦pscale_pw_{base64url:43}⟧", "⟦pscale_oauth_{base64url:43}⟧"])
        .misses(&["pscale_tkn_{alnum:12}"]),
    token("neon", "Neon", "API key")
        .rotate("https://console.neon.tech/app/settings/api-keys")
        .patterns(&[begins(&["napi_"], &[alnum(40)], DIGIT)])
        .hits(&["⟦napi_{alnum:64}⟧"])
        .misses(&["napi_{alnum:20}", "napi_create_reference_and_then_delete_it_again"]),
    token("databricks", "Databricks", "personal access or OAuth token")
        .patterns(&[begins(
            &["dapi", "dkea", "dose"],
            &[exactly(HEX, 32), Part::Maybe(&[text("-"), Part::Run(DIGITS, 1, 4)])],
            DIGIT + ENDS,
        )])
        .hits(&["⟦dapi{hex:32}⟧", "⟦dapi{hex:32}-2⟧", "⟦dkea{hex:32}⟧", "⟦dose{hex:32}⟧"])
        .misses(&["dapi{hex:40}", "xdapi{hex:32}"]),
    token("aiven-db", "Aiven", "database password")
        .rotate("https://console.aiven.io")
        .patterns(&[begins(&["AVNS_"], &[word(16)], DIGIT)])
        .hits(&["⟦AVNS_{alnum:19}⟧"])
        .misses(&["AVNS_{alnum:8}"]),
    token("mongodb-atlas", "MongoDB", "Atlas service account secret")
        .rotate("https://cloud.mongodb.com")
        .patterns(&[begins(&["mdb_sa_sk_"], &[word(40)], SURE)])
        .hits(&["⟦mdb_sa_sk_{base64url:40}⟧"])
        .misses(&["mdb_sa_sk_{alnum:12}", "mdb_sa_id_{hex:24}"]),
    token("cockroach", "CockroachDB", "Cloud API key")
        .patterns(&[begins(&["CCDB1_"], &[exactly(ALNUM, 22), text("_"), alnum(40)], SURE)])
        .hits(&["⟦CCDB1_{alnum:22}_{alnum:40}⟧"])
        .misses(&["CCDB1_{alnum:22}"]),
    token("datastax-astra", "DataStax", "Astra application token")
        .rotate("https://astra.datastax.com/settings/tokens")
        .patterns(&[begins(
            &["AstraCS:"],
            &[alnum(20), Part::Maybe(&[text(":"), Part::Run(ANY_HEX, 40, MANY)])],
            DIGIT,
        )])
        .hits(&["⟦AstraCS:{alnum:20}:{hex:64}⟧", "⟦AstraCS:{alnum:24}⟧"])
        .misses(&["AstraCS:{alnum:8}"]),
    token("prefect", "Prefect", "user or service account key")
        .rotate("https://app.prefect.cloud/my/api-keys")
        .patterns(&[begins(&["pnu_", "pnb_"], &[alnum(36)], DIGIT)])
        .hits(&["⟦pnu_{alnum:36}⟧", "⟦pnb_{alnum:36}⟧"])
        .misses(&["pnu_{alnum:20}"]),
    token("dbt", "dbt", "cloud service or user token")
        .patterns(&[begins(&["dbtc_", "dbtu_"], &[word(36)], DIGIT)])
        .hits(&["⟦dbtc_{base64url:44}⟧", "⟦dbtu_{base64url:44}⟧"])
        .misses(&["dbtc_{alnum:12}"]),
    token("elastic-cloud", "Elastic", "cloud API key")
        .rotate("https://cloud.elastic.co/account/keys")
        .patterns(&[begins(&["essu_"], &[Part::Run(WORD.or(ByteClass::of("=")), 60, MANY)], SURE)])
        .hits(&["⟦essu_{alnum:80}==⟧"])
        .misses(&["essu_{alnum:20}"]),
];
