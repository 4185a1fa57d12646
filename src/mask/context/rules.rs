//! The table of context rules: what each is called, what it is about, and examples. The parsers refer to the rules by
//! the constants here.

use super::key_name::{Family, Key};
use crate::mask::rule::{Placeholder, Rule, Specificity};

pub(super) const PASSWORD: u16 = 0;
pub(super) const SECRET: u16 = 1;
pub(super) const TOKEN: u16 = 2;
pub(super) const KEY: u16 = 3;
pub(super) const CREDENTIAL: u16 = 4;
pub(super) const URL_PASSWORD: u16 = 5;
pub(super) const URL_TOKEN: u16 = 6;
pub(super) const QUERY_SECRET: u16 = 7;
pub(super) const AUTHORIZATION: u16 = 8;
pub(super) const AUTHORIZATION_BASIC: u16 = 9;
pub(super) const BEARER: u16 = 10;
pub(super) const COOKIE: u16 = 11;
pub(super) const COMMAND_LINE: u16 = 12;
pub(super) const PASSWORD_FILE: u16 = 13;
pub(super) const AWS_SECRET_KEY: u16 = 14;
pub(super) const PASSWORD_HASH: u16 = 15;
pub(super) const PROVIDER_WORD: u16 = 16;
pub(super) const OKTA_SSWS: u16 = 17;
pub(super) const SPLUNK_HEC: u16 = 18;
pub(super) const AZURE_CONNECTION: u16 = 19;
pub(super) const FIRST_NAMED: u16 = 20;

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
pub(super) fn for_key(name: &[u8], key: &Key) -> u16 {
    let holds = |word: &[u8]| name.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    let is_aws = (holds(b"aws") || holds(b"secretaccesskey")) && (holds(b"secret") || holds(b"session"));
    if is_aws {
        return AWS_SECRET_KEY;
    }
    if holds(b"AccountKey") || holds(b"SharedAccessKey") {
        return AZURE_CONNECTION;
    }
    if let Some(named) = NAMED.iter().position(|word| holds(word)) {
        return FIRST_NAMED + named as u16;
    }
    match key.family {
        Family::Password => PASSWORD,
        Family::Secret => SECRET,
        Family::Token => TOKEN,
        Family::Key => KEY,
        Family::Other => CREDENTIAL,
    }
}

/// A rule that labels by the name of its id and teaches the value it found.
const fn context(
    id: &'static str,
    provider: &'static str,
    about: &'static str,
    rotate: Option<&'static str>,
    hits: &'static [&'static str],
    misses: &'static [&'static str],
) -> Rule {
    Rule {
        id,
        provider,
        about,
        rotate,
        placeholder: Placeholder::RuleId,
        specificity: Specificity::Context,
        teaches: true,
        hits,
        misses,
    }
}

/// [`context`] for structures, which say more surely what the value is.
const fn structure(
    id: &'static str,
    provider: &'static str,
    about: &'static str,
    hits: &'static [&'static str],
    misses: &'static [&'static str],
) -> Rule {
    Rule { specificity: Specificity::Structure, ..context(id, provider, about, None, hits, misses) }
}

/// All context rules, at the indices of the constants above.
pub(crate) static CONTEXT_RULES: &[Rule] = &[
    context(
        "password",
        "any",
        "value of a key name that says password",
        None,
        &[
            "DB_PASSWORD=⟦{alnum:16}⟧",
            "password: ⟦{alnum:12}⟧",
            "\"password\": \"⟦{alnum:10}!⟧\"",
            "db.password = '⟦{alnum:12}⟧'",
            "<password>⟦{alnum:12}⟧</password>",
            "<property name=\"password\">⟦{alnum:12}⟧</property>",
            "the password is ⟦{alnum:14}⟧",
            "ldap_bind_pw=⟦{alnum:14}⟧",
            "define('DB_PASSWORD', '⟦{alnum:14}⟧');",
            "setPassword(\"⟦{alnum:12}⟧\")",
            "config[\"password\"] = \"⟦{alnum:12}⟧\"",
            "--password ⟦{alnum:12}⟧",
            "--password=⟦{alnum:12}⟧",
            "PGPASSWORD=⟦{alnum:12}⟧ psql -h db",
            "export MYSQL_PWD=⟦{alnum:12}⟧",
            "Server=db;User Id=sa;Password=⟦{alnum:12}⟧;Encrypt=yes",
            "passphrase := \"⟦{alnum:14}⟧\"",
            "$env:SMTP_PASSWORD = \"⟦{alnum:14}⟧\"",
            "ENV DB_PASSWORD ⟦{alnum:14}⟧",
            "machine example.org login bob password ⟦{alnum:12}⟧",
            "password: str = \"⟦{alnum:12}⟧\"",
            "- name: DB_PASSWORD\n  value: ⟦{alnum:14}⟧",
            "{\"name\": \"DB_PASSWORD\", \"value\": \"⟦{alnum:14}⟧\"}",
            "ALTER USER bob WITH PASSWORD '⟦{alnum:12}⟧'",
            "password => '⟦{alnum:12}⟧'",
        ],
        &[
            "password: string;",
            "password = models.CharField(max_length=128)",
            "DB_PASSWORD=\nJWT_SECRET=",
            "\"password\": \"\"",
            "password=%s",
            "password: ${DB_PASSWORD}",
            "self.password = config['password']",
            "passwordFile: ~/.vault_pass",
            "password: must match /^[a-z0-9]{8,}$/i",
            "Please enter your password: ",
            "PASSWORD=***MASKED:password***",
            "const [password, setPassword] = useState(\"\")",
            "password = os.environ[\"DB_PASSWORD\"]",
            "--- PASS: TestRefresh2FA/expired_token (0.00s)",
            "PASS: gcc.dg/vect/pr12345.c (test for excess errors)",
            "password: Argon2Hash,",
            "password: \"auth.login.step2.label\"",
            "val passwd: Vissue22958? = null",
        ],
    ),
    context(
        "secret",
        "any",
        "value of a key name that says secret",
        None,
        &[
            "client_secret=⟦{alnum:24}⟧",
            "\"clientSecret\": \"⟦{alnum:24}⟧\"",
            "JWT_SECRET: ⟦{base64url:32}⟧",
            "secret = '⟦{hex:32}⟧'",
            "const webhookSecret = \"⟦{alnum:24}⟧\";",
        ],
        &[
            "secretName: app-tls-cert-prod",
            "Secret: keep functions small.",
            "pub secret: SecretString",
            "SYS_memfd_secret: c_long = 447",
            "secretKeyRef: {name: db, key: password}",
        ],
    ),
    context(
        "token",
        "any",
        "value of a key name that says token",
        None,
        &[
            "ACCESS_TOKEN=⟦{alnum:24}⟧",
            "\"refresh_token\": \"⟦{base64url:40}⟧\"",
            "token: ⟦{hex:40}⟧",
            "X-Auth-Token: ⟦{alnum:24}⟧",
            "//registry.internal/:_authToken=⟦{uuid}⟧",
            "./config.sh --url https://example.org --token ⟦A{upper:28}⟧",
        ],
        &[
            "\"max_tokens\":4096",
            "\"input_tokens\":3",
            "token = next()",
            "token: ParserTokenKind::Identifier",
            "token: usize",
            "tokens.length > maxTokens",
            "crate::token::Token",
            "Token usage: 12345 input",
            "let token = word.toLowerCase();",
            "Token = TokenKind.Ident2",
            "token = await fetch_token_v2(x)",
        ],
    ),
    context(
        "api-key",
        "any",
        "value of a key name that says key",
        None,
        &[
            "API_KEY=⟦{alnum:32}⟧",
            "\"apiKey\": \"⟦{hex:32}⟧\"",
            "x-api-key: ⟦{alnum:32}⟧",
            "private_key = \"⟦0x{hex:64}⟧\"",
            "encryption_key: ⟦{base64:44}⟧",
            "apikey='⟦{alnum:20}⟧'",
            "API key: ⟦{hex:32}⟧",
            "access key = \"⟦{alnum:32}⟧\"",
        ],
        &[
            "\"key\": \"{hex:40}\"",
            "cache_key = \"secret:disk:v2:index\"",
            "primary_key=True",
            "\"apiKeySource\":\"none\"",
            "key: value pairs",
            "api_key: Option<String>",
            "YOUR_API_KEY",
            "cacheKey: {hex:40}",
            "public_key: {hex:64}",
            "api_key = viper.GetString(\"api_key\")",
            "Incorrect API key provided",
        ],
    ),
    context(
        "credential",
        "any",
        "value of a key name that says auth or credentials",
        None,
        &["\"auth\": \"⟦{base64:24}⟧\"", "_auth=⟦{base64:24}⟧", "credentials: \"⟦{alnum:24}⟧\""],
        &[
            "\"credentials\": \"include\"",
            "auth: required",
            "credentialsId: deploy-key-main",
            "\"authMethod\":\"oauth\"",
        ],
    ),
    structure(
        "url-password",
        "any",
        "password in a URL",
        &[
            "postgres://app:⟦{alnum:12}⟧@db.internal:5432/app",
            "mongodb+srv://u:⟦{alnum:12}⟧@c.example.net/x",
            "redis://:⟦{alnum:12}⟧@cache:6379",
            "https://x-access-token:⟦{alnum:30}⟧@github.com/a/b.git",
            "jdbc:mysql://root:⟦{alnum:12}⟧@h/d",
            "amqp://u:⟦{alnum:6}%21{alnum:6}⟧@mq",
            "smtp:\\/\\/u:⟦{alnum:12}⟧@mail.internal",
            "jdbc:oracle:thin:scott/⟦{alnum:12}⟧@//h:1521/x",
            "ftp://bob:⟦s3cr3tpw⟧@ftp.internal",
        ],
        &[
            "postgres://user:password@localhost/db",
            "https://user:pass@example.com",
            "redis://:$REDIS_PASSWORD@h",
            "mongodb://<user>:<password>@<host>",
            "postgres://app:${DB_PASSWORD}@db",
            "https://example.com:8080/@me",
            "postgres://postgres:postgres@localhost",
            "https://u:***MASKED:url-password***@h",
            "http://localhost:3000/a@b",
        ],
    ),
    structure(
        "url-token",
        "any",
        "token in place of the user in a URL",
        &[
            "https://⟦{alnum:40}⟧@github.com/a/b.git",
            "https://⟦{alnum:40}⟧:x-oauth-basic@github.com/a/b.git",
            "https://⟦{alnum:24}⟧:@api.internal/v1",
        ],
        &[
            "ssh://git@github.com/a/b.git",
            "https://{hex:32}@o1.ingest.sentry.io/2",
            "https://my-long-user-name-here@example.com",
        ],
    ),
    structure(
        "query-secret",
        "any",
        "secret in a query string",
        &[
            "https://h/p?access_token=⟦{alnum:24}⟧&x=1",
            "?a=b&key=⟦{alnum:32}⟧",
            "?sv=1&sig=⟦{alnum:40}%3D⟧",
            "/cb?code=⟦{alnum:32}⟧&state=x",
            "?a=1&amp;token=⟦{alnum:24}⟧",
            "?a=1\\u0026token=⟦{alnum:24}⟧",
        ],
        &["?key=value&page=2", "?code=200", "/search?token=next-page-token", "?signature=v1"],
    ),
    structure(
        "authorization-header",
        "any",
        "token in an Authorization header",
        &[
            "Authorization: Bearer ⟦{alnum:32}⟧",
            "\"Authorization\": \"token ⟦{hex:40}⟧\"",
            "authorization: Bot ⟦{base64url:40}⟧",
            "-H 'Authorization: ⟦{alnum:32}⟧'",
            "Authorization: GenieKey ⟦{uuid}⟧",
            "headers[\"Authorization\"] = \"Bearer ⟦{alnum:32}⟧\"",
        ],
        &[
            "Authorization: Bearer ${TOKEN}",
            "Authorization: Bearer $GITHUB_TOKEN",
            "\"Authorization\": f\"Bearer {token}\"",
            "AuthorizationLayer::new",
            "Authorization: Bearer <token>",
        ],
    ),
    structure(
        "authorization-basic",
        "any",
        "user and password in an Authorization header",
        &["Authorization: Basic ⟦{alnum:22}==⟧", "\"authorization\":\"Basic ⟦{alnum:19}=⟧\""],
        &["Authorization: Basic authentication", "Authorization: Basic <credentials>"],
    ),
    Rule {
        placeholder: Placeholder::Fixed("***MASKED***"),
        // `Bearer ***MASKED***` also for a JWT; only a provider's own format says more.
        specificity: Specificity::Family,
        ..structure(
            "bearer",
            "any",
            "token after the word Bearer",
            &[
                "Bearer ⟦{alnum:24}⟧",
                "bearer ⟦{alnum:20}.{alnum:20}⟧",
                "\"Bearer ⟦{alnum:16}\\/{alnum:16}⟧\"",
            ],
            &[
                "Bearer token-authentication-middleware-tests",
                "the bearer authentication/authorization-header is",
                "Bearer ${token}",
                "Bearer $GITHUB_TOKEN",
                "Bearer ***MASKED***",
            ],
        )
    },
    structure(
        "cookie",
        "any",
        "session cookie",
        &[
            "Cookie: theme=dark; sessionid=⟦{alnum:32}⟧; x=1",
            "Set-Cookie: connect.sid=⟦s%3A{alnum:32}.{alnum:20}⟧; Path=/; HttpOnly",
            "-H 'cookie: _gitlab_session=⟦{hex:32}⟧'",
        ],
        &["Cookie: theme=dark; lang=en", "cookie: session=...", "Cookies: sessions are kept for ever"],
    ),
    structure(
        "command-line-password",
        "any",
        "password on a command line",
        &[
            "curl -u bob:⟦{alnum:12}⟧ https://h/",
            "curl --user 'bob:⟦{alnum:12}⟧' https://h/",
            "mysql -u root -p⟦{alnum:12}⟧ app",
            "sshpass -p ⟦{alnum:12}⟧ ssh h",
            "docker login -u bob -p ⟦{alnum:16}⟧",
            "redis-cli -h c -a ⟦{alnum:12}⟧ ping",
            "ConvertTo-SecureString \"⟦{alnum:12}⟧\" -AsPlainText -Force",
            "CREATE USER 'a'@'%' IDENTIFIED BY '⟦{alnum:12}⟧'",
        ],
        &[
            "git push -u origin main:main",
            "mkdir -p build/output",
            "docker run -u 1000:1000 x",
            "mysql -u root -p app",
            "ps -u bob",
            "docker login -u bob -p $PASSWORD",
        ],
    ),
    structure(
        "password-file",
        "any",
        "password in a line of .pgpass",
        &["db.internal:5432:app:bob:⟦{alnum:12}⟧", "*:*:*:bob:⟦{alnum:12}⟧"],
        &["0.0.0.0:5432:5432", "arn:aws:s3:*:*:bucket:role:x", "db:5432:app:bob:password"],
    ),
    Rule {
        rotate: Some("https://console.aws.amazon.com/iam/home#/security_credentials"),
        ..structure(
            "aws-secret-key",
            "AWS",
            "secret access key or session token",
            &[
                "aws_secret_access_key = ⟦{base64:40}⟧",
                "AWS_SECRET_ACCESS_KEY=⟦{base64:40}⟧",
                "\"SecretAccessKey\": \"⟦{base64:40}⟧\"",
                "AKIA{base32:16},⟦{base64:40}⟧",
                "AKIA{base32:16}\t⟦{base64:40}⟧",
                "AWS_SESSION_TOKEN=⟦{base64:120}⟧",
            ],
            &[
                "aws_secret_access_key = ${AWS_SECRET}",
                "aws_secret_access_key     ****************ABCD shared-credentials-file",
            ],
        )
    },
    structure(
        "password-hash",
        "any",
        "hash of a password",
        &[
            "bob:⟦$2b$12${alnum:53}⟧",
            "root:⟦$6${alnum:12}${alnum:86}⟧:19000:0:99999:7:::",
            "⟦$argon2id$v=19$m=65536,t=3,p=4${alnum:22}${alnum:43}⟧",
            "⟦pbkdf2_sha256$600000${alnum:22}${alnum:43}=⟧",
            "⟦$y$j9T${alnum:22}${alnum:43}⟧",
        ],
        &["$2b$12$", "$6$rounds=5000", "echo $5 $6 $1", "scrypt:32768:8:1"],
    ),
    context(
        "provider-word",
        "any",
        "value near the name of a provider and a word such as token",
        None,
        &[
            "the bitly KEY (prod) is ⟦{hex:40}⟧",
            "algolia admin token -> ⟦{hex:32}⟧",
            "my clearbit secret is ⟦{alnum:32}⟧",
        ],
        &["bitly token documentation", "circleci key sha {hex:40}", "the sentry token test passes"],
    ),
    Rule {
        provider: "Okta",
        ..structure(
            "okta-ssws",
            "Okta",
            "API token after SSWS",
            &["Authorization: SSWS ⟦00{alnum:40}⟧"],
            &["Authorization: SSWS ${TOKEN}"],
        )
    },
    structure(
        "splunk-hec",
        "Splunk",
        "HTTP Event Collector token",
        &["Authorization: Splunk ⟦{uuid}⟧"],
        &["Authorization: Splunk <token>"],
    ),
    structure(
        "azure-connection-string",
        "Azure",
        "key in a connection string",
        &[
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=⟦{base64:86}==⟧;EndpointSuffix=x",
            "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=⟦{base64:43}=⟧",
        ],
        &["AccountKey=<key>;", "SharedAccessKeyName=RootManageSharedAccessKey;"],
    ),
    context(
        "heroku-by-name",
        "Heroku",
        "API key",
        Some("https://dashboard.heroku.com/account"),
        &["HEROKU_API_KEY=⟦{uuid}⟧"],
        &["HEROKU_API_KEY=$KEY"],
    ),
    context(
        "ngrok",
        "ngrok",
        "authtoken",
        Some("https://dashboard.ngrok.com/get-started/your-authtoken"),
        &["NGROK_AUTHTOKEN=⟦{alnum:27}_{alnum:20}⟧"],
        &["ngrok_token: string"],
    ),
    context(
        "pagerduty",
        "PagerDuty",
        "API key",
        None,
        &["pagerduty_api_key: ⟦u+{alnum:18}⟧"],
        &["pagerduty_api_key: ${X}"],
    ),
    context(
        "postmark",
        "Postmark",
        "server token",
        None,
        &["X-Postmark-Server-Token: ⟦{uuid}⟧"],
        &["X-Postmark-Server-Token: $T"],
    ),
    context(
        "mailgun-by-name",
        "Mailgun",
        "API key",
        None,
        &["MAILGUN_API_KEY=⟦{hex:32}-{hex:8}-{hex:8}⟧"],
        &["MAILGUN_API_KEY="],
    ),
    context(
        "twilio-by-name",
        "Twilio",
        "auth token",
        Some("https://console.twilio.com"),
        &["TWILIO_AUTH_TOKEN=⟦{hex:32}⟧"],
        &["TWILIO_AUTH_TOKEN=xxxxxxxx"],
    ),
    context(
        "datadog-by-name",
        "Datadog",
        "API or application key",
        None,
        &["datadog_app_key = \"⟦{hex:40}⟧\""],
        &["DATADOG_API_KEY=<key>"],
    ),
    context(
        "cloudflare-by-name",
        "Cloudflare",
        "API key or token",
        Some("https://dash.cloudflare.com/profile/api-tokens"),
        &["CLOUDFLARE_API_TOKEN=⟦{base64url:40}⟧"],
        &["CLOUDFLARE_API_TOKEN: ${X}"],
    ),
    context(
        "vercel-by-name",
        "Vercel",
        "token",
        Some("https://vercel.com/account/tokens"),
        &["VERCEL_TOKEN=⟦{alnum:24}⟧"],
        &["VERCEL_TOKEN=$X"],
    ),
    context(
        "okta",
        "Okta",
        "API token or client secret",
        None,
        &["OKTA_API_TOKEN=⟦00{alnum:40}⟧"],
        &["okta_token: string"],
    ),
    context("splunk", "Splunk", "token", None, &["SPLUNK_TOKEN=⟦{uuid}⟧"], &["SPLUNK_TOKEN="]),
    context(
        "adyen",
        "Adyen",
        "API key",
        None,
        &["ADYEN_API_KEY=⟦AQE{alnum:60}⟧"],
        &["ADYEN_API_KEY=your-key"],
    ),
    context(
        "alibaba-by-name",
        "Alibaba Cloud",
        "access key secret",
        None,
        &["ALIBABA_ACCESS_KEY_SECRET=⟦{alnum:30}⟧"],
        &["alibaba_secret: str"],
    ),
    context(
        "scaleway",
        "Scaleway",
        "secret key",
        None,
        &["SCALEWAY_SECRET_KEY=⟦{uuid}⟧"],
        &["SCALEWAY_SECRET_KEY="],
    ),
    context(
        "algolia",
        "Algolia",
        "API key",
        None,
        &["ALGOLIA_ADMIN_KEY=⟦{hex:32}⟧"],
        &["ALGOLIA_ADMIN_KEY=..."],
    ),
    context("linode", "Linode", "token", None, &["LINODE_TOKEN=⟦{hex:64}⟧"], &["LINODE_TOKEN="]),
    context("vultr", "Vultr", "API key", None, &["VULTR_API_KEY=⟦{upper:36}⟧"], &["VULTR_API_KEY="]),
    context(
        "hetzner",
        "Hetzner",
        "API token",
        None,
        &["HETZNER_API_TOKEN=⟦{alnum:64}⟧"],
        &["HETZNER_API_TOKEN="],
    ),
];
