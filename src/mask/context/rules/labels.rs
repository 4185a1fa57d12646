//! The rules as the parsers refer to them: by constants, and by what a key name says.

use crate::mask::context::keys::key_name::{Family, Key};
use crate::mask::rule::ContextRule;

pub(crate) const PASSWORD: ContextRule = ContextRule(0);
pub(crate) const SECRET: ContextRule = ContextRule(1);
pub(crate) const TOKEN: ContextRule = ContextRule(2);
pub(crate) const KEY: ContextRule = ContextRule(3);
pub(crate) const CREDENTIAL: ContextRule = ContextRule(4);
pub(crate) const URL_PASSWORD: ContextRule = ContextRule(5);
pub(crate) const URL_TOKEN: ContextRule = ContextRule(6);
pub(crate) const QUERY_SECRET: ContextRule = ContextRule(7);
pub(crate) const AUTHORIZATION: ContextRule = ContextRule(8);
pub(crate) const AUTHORIZATION_BASIC: ContextRule = ContextRule(9);
pub(crate) const BEARER: ContextRule = ContextRule(10);
pub(crate) const COOKIE: ContextRule = ContextRule(11);
pub(crate) const COMMAND_LINE: ContextRule = ContextRule(12);
pub(crate) const PASSWORD_FILE: ContextRule = ContextRule(13);
pub(crate) const AWS_SECRET_KEY: ContextRule = ContextRule(14);
pub(crate) const PASSWORD_HASH: ContextRule = ContextRule(15);
pub(crate) const PROVIDER_WORD: ContextRule = ContextRule(16);
pub(crate) const OKTA_SSWS: ContextRule = ContextRule(17);
pub(crate) const SPLUNK_HEC: ContextRule = ContextRule(18);
pub(crate) const AZURE_CONNECTION: ContextRule = ContextRule(19);
const FIRST_NAMED: u16 = 20;

/// Providers whose keys have no form of their own; a key name that holds the word is labelled with the rule at
/// [`FIRST_NAMED`] plus its index.
const NAMED: &[&[u8]] = &[
    b"heroku",
    b"ngrok",
    b"pagerduty",
    b"postmark",
    b"mailgun",
    b"twilio",
    b"datadog",
    b"cloudflare",
    b"vercel",
    b"okta",
    b"splunk",
    b"adyen",
    b"alibaba",
    b"scaleway",
    b"algolia",
    b"linode",
    b"vultr",
    b"hetzner",
];

/// Returns the rule for a key name and its family.
pub(crate) fn for_key(name: &[u8], key: &Key) -> ContextRule {
    let holds = |word: &[u8]| name.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    let is_aws = (holds(b"aws") || holds(b"secretaccesskey")) && (holds(b"secret") || holds(b"session"));
    if is_aws {
        return AWS_SECRET_KEY;
    }
    if holds(b"AccountKey") || holds(b"SharedAccessKey") {
        return AZURE_CONNECTION;
    }
    if let Some(named) = NAMED.iter().position(|word| holds(word)) {
        return ContextRule(FIRST_NAMED + named as u16);
    }
    match key.family {
        Family::Password => PASSWORD,
        Family::Secret => SECRET,
        Family::Token => TOKEN,
        Family::Key => KEY,
        Family::Other => CREDENTIAL,
    }
}
