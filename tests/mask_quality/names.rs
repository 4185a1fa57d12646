//! Values that only a name tells: providers whose keys have no form of their own, and key names of every family, in the
//! ways in which code, settings and prose write them.

/// A provider's name and what its keys are.
#[rustfmt::skip]
pub const PROVIDERS: &[(&str, &str)] = &[
    ("heroku", "{uuid}"), ("ngrok", "{alnum:27}_{alnum:20}"), ("pagerduty", "u+{alnum:18}"), ("postmark", "{uuid}"), ("mailgun", "{hex:32}-{hex:8}-{hex:8}"), ("twilio", "{hex:32}"),
    ("datadog", "{hex:32}"), ("datadog", "{hex:40}"), ("cloudflare", "{base64url:40}"), ("cloudflare", "{hex:37}"), ("vercel", "{alnum:24}"), ("okta", "00{base64url:40}"), ("splunk", "{uuid}"),
    ("adyen", "AQE{base64:120}"), ("alibaba", "{alnum:30}"), ("scaleway", "{uuid}"), ("algolia", "{hex:32}"), ("linode", "{hex:64}"), ("vultr", "{upper:36}"), ("hetzner", "{alnum:64}"),
    ("amplitude", "{hex:32}"), ("mixpanel", "{hex:32}"), ("tencent", "{alnum:32}"), ("bitly", "{hex:40}"), ("abuseipdb", "{hex:80}"), ("twitter", "{alnum:50}"), ("facebook", "{hex:32}"), ("snyk", "{uuid}"),
    ("sentry", "{hex:64}"), ("newrelic", "{hex:40}"), ("shodan", "{alnum:32}"), ("etherscan", "{upper:34}"), ("coinbase", "{alnum:64}"), ("kraken", "{base64:86}=="), ("dropbox", "{lower:15}"), ("fastly", "{base64url:32}"),
    ("trello", "{hex:32}"), ("trello", "{hex:64}"), ("zendesk", "{alnum:40}"), ("asana", "{hex:32}"), ("finnhub", "{lower:20}"), ("discord", "{base64url:32}"), ("jira", "{alnum:24}"), ("confluent", "{base64:64}"),
    ("artifactory", "{alnum:73}"), ("codecov", "{lower:32}"), ("travis", "{base64url:22}"), ("droneci", "{alnum:32}"), ("rapidapi", "{hex:32}{hex:18}"), ("messagebird", "{alnum:25}"), ("mattermost", "{lower:26}"),
    ("bittrex", "{hex:32}"), ("contentful", "{base64url:43}"), ("gitter", "{hex:40}"), ("kucoin", "{uuid}"), ("linkedin", "{alnum:16}"), ("looker", "{lower:24}"), ("nytimes", "{alnum:32}"), ("plaid", "{hex:30}"),
    ("sendbird", "{hex:40}"), ("squarespace", "{uuid}"), ("sumologic", "{alnum:64}"), ("freshdesk", "{alnum:20}"), ("spotify", "{hex:32}"), ("yelp", "{base64url:128}"), ("zoom", "{base64url:22}"), ("mapquest", "{alnum:32}"),
    ("openai", "{alnum:40}"), ("mistral", "{alnum:32}"), ("cohere", "{alnum:40}"), ("deepgram", "{hex:40}"), ("assemblyai", "{hex:32}"), ("ipstack", "{hex:32}"), ("weatherstack", "{hex:32}"), ("openweather", "{hex:32}"),
    ("zapier", "{alnum:32}"), ("pusher", "{hex:20}"), ("mandrill", "{alnum:22}"), ("bugsnag", "{hex:32}"), ("rollbar", "{hex:32}"), ("netlify", "{base64url:43}"), ("circleci", "{hex:40}"), ("buildkite", "{hex:40}"), ("godaddy", "{alnum:37}"),
    ("mailchimp", "{hex:32}"), ("gitlab", "{base64url:20}"), ("azure", "{hex:32}"), ("azure", "{base64:86}=="), ("ibm", "{base64url:44}"), ("oracle", "{base64:32}"), ("salesforce", "{alnum:24}"), ("virustotal", "{hex:64}"), ("wakatime", "{uuid}"),
    ("launchdarkly", "{uuid}"), ("intercom", "{base64:60}="), ("strava", "{hex:40}"), ("telegram", "{hex:32}"), ("instagram", "{hex:32}"), ("clickup", "{upper:32}"), ("zerotier", "{alnum:32}"), ("opsgenie", "{uuid}"), ("nylas", "{alnum:30}"),
];

/// How a provider's key is named: `{w}` is the provider, `{W}` in capitals, `{C}` capitalised, `{v}` the value.
#[rustfmt::skip]
pub const PROVIDER_FORMS: &[&str] = &[
    "{W}_API_KEY={v}", "{W}_TOKEN=\"{v}\"", "export {W}_SECRET={v}", "{w}_token: \"{v}\"", "\"{w}Secret\": \"{v}\"", "--{w}-key {v}", "{w}.key = '{v}'", "const {w}Key = \"{v}\";", "{w} token {v}",
    "{w}_api_key: {v}", "{w}ApiKey := \"{v}\"", ":{w}_token => '{v}'", "{w}_key='{v}'", "'{w}_secret': '{v}',", "{C}Token: \"{v}\",", "var {w}Token string = `{v}`", "{w}:\n  token: {v}\n", "{w}:\n  api_key: \"{v}\"\n",
    "[{w}]\napi_key = \"{v}\"\n", "<{w}Token>{v}</{w}Token>", "<add key=\"{C}ApiKey\" value=\"{v}\" />", "{w}.api.token={v}", "System.setProperty(\"{W}_TOKEN\", \"{v}\")", "{W}_TOKEN ?= \"{v}\"", "private val {w}Token = \"{v}\"", "String {w}Token = \"{v}\";",
    "curl -H \"X-{C}-Token: {v}\" https://h", "# {w} key: {v}", "// {w} api token {v}", "{w} key = {v}", "my {w} api key is {v}", "{w}_pat = \"{v}\"", "{w}AccessToken = '{v}'", "os.environ[\"{W}_API_KEY\"] = \"{v}\"", "ENV {W}_TOKEN {v}",
    "ENV {W}_TOKEN={v}", "{W}_AUTH_TOKEN = \"{v}\"", "- name: {W}_API_KEY\n  value: \"{v}\"", "{ \"name\": \"{W}_TOKEN\", \"value\": \"{v}\" }", "{w}_client_secret = {v}", "{w}.setToken(\"{v}\")", "new {C}Client({ apiKey: '{v}' })", "{C}(api_key=\"{v}\")",
    "You can find a {w} secret {v} within", "{w} token = '{v}'", "{w}: \"{v}\"", "{w} = '{v}'", "{w}_api = \"{v}\"", "{w}_keys = [\"{v}\"]", "{w}Tokens: ['{v}']", "[DEBUG] {w} Using Key={v}", "<secret>{AQAAABAAA {v}}</secret><description>{w}</description>",
    "{w}_token=&quot;{v}&quot;", "\"{v}\" # {w} token", "secret_{w} = \"{v}\"", "{W}_KEY: {v}", "set {W}_TOKEN={v}", "$env:{W}_TOKEN = '{v}'", "{w}_secret_key = \"{v}\"", "\"{w}\": {\"api_key\": \"{v}\"}", "{w}_token -> \"{v}\"", "'{w}_token' => '{v}',",
];

/// Key names whose values are secret whatever they are.
#[rustfmt::skip]
pub const STRONG_NAMES: &[&str] = &[
    "password", "DB_PASSWORD", "dbPassword", "passwd", "db_pass", "MYSQL_PWD", "passphrase", "client_secret", "clientSecret", "JWT_SECRET", "secret", "SECRET_KEY_BASE", "api_key", "apiKey", "API_KEY", "x-api-key", "access_key", "accessKey", "private_key",
    "auth_token", "authToken", "access_token", "refresh_token", "ACCESS_TOKEN", "GITHUB_TOKEN", "bot_token", "secret_key", "SECRET_KEY", "encryption_key", "signing_key", "master_key", "webhook_secret", "app_secret", "consumer_secret", "session_token", "apikey",
];

/// What such values are.
pub const STRONG_VALUES: &[&str] = &[
    "{alnum:16}",
    "{alnum:24}",
    "{hex:32}",
    "{hex:40}",
    "{base64:40}",
    "{base64url:32}",
    "{uuid}",
    "{alnum:40}=",
    "{hex:64}",
];

/// What passwords are besides.
pub const PASSWORDS: &[&str] = &[
    "{alnum:10}",
    "{alnum:8}!{alnum:3}",
    "{letters:6}#{digits:3}",
    "S3cr{alnum:4}@{digits:2}",
    "{lower:12}",
    "P@ss{alnum:5}%",
    "{alnum:5}&{alnum:5}",
    "{alnum:4}${alnum:6}",
    "correct-horse-{lower:6}-{digits:2}",
];

/// How name and value are written.
#[rustfmt::skip]
pub const FORMS: &[&str] = &[
    "{n}={v}", "{n}=\"{v}\"", "{n} = '{v}'", "{n}: {v}", "{n}: \"{v}\"", "\"{n}\": \"{v}\"", "'{n}': '{v}',", ":{n} => '{v}'", "{n} := \"{v}\"", "const {n} = \"{v}\";", "let {n} = '{v}'", "export {n}='{v}'", "<{n}>{v}</{n}>", "<add key=\"{n}\" value=\"{v}\"/>",
    "<property name=\"{n}\">{v}</property>", "config.{n} = \"{v}\"", "config['{n}'] = '{v}'", "{n} => \"{v}\"", "{n}: '{v}',", "{n}=&quot;{v}&quot;", "{n}=`{v}`", "# {n}: {v}", "--{n}={v}", "--{n} {v}", "{n}: str = \"{v}\"", "{n}s = [\"{v}\"]",
    "{n}:   \"{v}\",", "if ({n} == \"{v}\") {", "set {n} {v}", "define('{n}', '{v}');", "{n}|{v}", "let {n}: &str = \"{v}\";", "{n} = {v}", "  {n}: {v}  # comment", "{n}={v}; other=1", "{n}={v}&a=b", "conn({n}=\"{v}\")",
];
