//! Rules for structures in which a secret has its place: URLs, headers, cookies, command lines, files.

use crate::mask::context::rules::entry::{context, structure};
use crate::mask::rule::{Placeholder, Rule, Specificity};

pub(crate) const RULES: &[Rule] = &[
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
];
