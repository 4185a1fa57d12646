//! Secrets that a structure tells: key files, web tokens, URLs, headers, cookies, command lines, files of credentials.

/// Key files and web tokens, none of which may be missed.
#[rustfmt::skip]
pub const KEYS: &[&str] = &[
    "-----BEGIN PRIVATE KEY-----\n⟦{base64:64}\n{base64:64}\n{base64:40}⟧\n-----END PRIVATE KEY-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\n⟦{base64:64}\n{base64:64}\n{base64:62}==⟧\n-----END RSA PRIVATE KEY-----\n",
    "-----BEGIN EC PRIVATE KEY-----\n⟦{base64:64}\n{base64:64}\n{base64:36}==⟧\n-----END EC PRIVATE KEY-----\n",
    "-----BEGIN DSA PRIVATE KEY-----\n⟦{base64:64}\n{base64:64}\n{base64:31}=⟧\n-----END DSA PRIVATE KEY-----\n",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n⟦b3BlbnNzaC1rZXkt{base64:54}\n{base64:70}\n{base64:70}\n{base64:21}=⟧\n-----END OPENSSH PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n⟦{base64:64}\n{base64:64}\n{base64:22}==⟧\n-----END ENCRYPTED PRIVATE KEY-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,{HEX:32}\n\n⟦{base64:64}\n{base64:64}⟧\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n⟦{base64:64}\n{base64:64}\n{base64:30}==⟧\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n⟦{base64:64}\n{base64:64}⟧\n-----END PGP PRIVATE KEY BLOCK-----",
    "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"me@host\"\n⟦{base64:70}\n{base64:70}⟧\n---- END SSH2 ENCRYPTED PRIVATE KEY ----",
    "     1→-----BEGIN RSA PRIVATE KEY-----\n     2→⟦{base64:64}\n     3→{base64:64}⟧\n     4→-----END RSA PRIVATE KEY-----",
    "1\t-----BEGIN PRIVATE KEY-----\n2\t⟦{base64:64}\n3\t{base64:64}⟧\n4\t-----END PRIVATE KEY-----",
    "+-----BEGIN PRIVATE KEY-----\n+⟦{base64:64}\n+{base64:64}⟧\n+-----END PRIVATE KEY-----",
    "> -----BEGIN PRIVATE KEY-----\n> ⟦{base64:64}\n> {base64:64}⟧\n> -----END PRIVATE KEY-----",
    "key: |\n    -----BEGIN PRIVATE KEY-----\n    ⟦{base64:64}\n    {base64:64}⟧\n    -----END PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\n⟦{base64:64}\n{base64:64}\n{base64:64}⟧\n", "-----BEGIN RSA PRIVATE KEY-----\n⟦{base64:64}\n{base64:20}⟧",
    "⟦{base64:64}\n{base64:64}\n{base64:30}==⟧\n-----END RSA PRIVATE KEY-----\n", "⟦{base64:64}\n{base64:64}⟧\n-----END PRIVATE KEY-----",
    "...\n⟦{base64:70}\n{base64:70}\n{base64:21}=⟧\n-----END OPENSSH PRIVATE KEY-----\n",
    "key = \"-----BEGIN RSA PRIVATE KEY-----\\n\" +\n  \"⟦{base64:64}\\n\" +\n  \"{base64:64}\\n\" +\n  \"{base64:30}==⟧\\n\" +\n  \"-----END RSA PRIVATE KEY-----\"",
    "KEY = ('-----BEGIN PRIVATE KEY-----\\n'\n       '⟦{base64:64}\\n'\n       '{base64:64}⟧\\n'\n       '-----END PRIVATE KEY-----')",
    "PRIVATE_KEY=\"-----BEGIN PRIVATE KEY-----\\n⟦{base64:64}\\n{base64:64}⟧\\n-----END PRIVATE KEY-----\\n\"",
    "{\"type\": \"service_account\", \"private_key_id\": \"{hex:40}\", \"private_key\": \"-----BEGIN PRIVATE KEY-----\\n⟦{base64:64}\\n{base64:64}⟧\\n-----END PRIVATE KEY-----\\n\"}",
    "-----BEGIN RSA PRIVATE KEY-----⟦{base64:800}⟧-----END RSA PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY----- ⟦{base64:64} {base64:64}⟧ -----END EC PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\r\n⟦{base64:64}\r\n{base64:64}⟧\r\n-----END PRIVATE KEY-----\r\n",
    "client-key-data: ⟦LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ{base64:300}==⟧",
    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 1\nAAAA{base64:60}\nPrivate-Lines: 2\n⟦{base64:64}\n{base64:40}⟧\nPrivate-MAC: {hex:64}",
    "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: aes256-cbc\nPublic-Lines: 1\n{base64:64}\nPrivate-Lines: 1\n⟦{base64:64}⟧\nPrivate-MAC: {hex:40}",
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{base64url:43}\",\"y\":\"{base64url:43}\",\"d\":\"⟦{base64url:43}⟧\"}",
    "{\"kty\": \"oct\", \"kid\": \"a\", \"k\": \"⟦{base64url:43}⟧\", \"alg\": \"HS256\"}",
    "⟦eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIx{base64url:80}.{base64url:43}⟧",
    "⟦eyJhbGciOiJSUzI1NiIsImtpZCI6IjEi{base64url:20}.eyJpc3Mi{base64url:200}.{base64url:342}⟧",
    "⟦eyJhbGciOiJub25lIn0.eyJzdWIiOiIx{alnum:40}.⟧", "⟦eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..{alnum:16}.{base64url:80}.{base64url:22}⟧",
    "⟦eyJhbGciOiJSU0EtT0FFUCIs{base64url:20}.{base64url:342}.{base64url:16}.{base64url:120}.{base64url:22}⟧",
    "Authorization: Bearer ⟦eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIx{base64url:80}.{base64url:43}⟧",
    "token=⟦eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIx{base64url:80}.{base64url:43}⟧; Path=/",
    "jwt: '⟦eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJpYXQi{base64url:60}.{base64url:86}⟧'",
];

/// URLs.
#[rustfmt::skip]
pub const URLS: &[&str] = &[
    "postgres://app:⟦{alnum:16}⟧@db.internal:5432/app", "postgresql://app:⟦{alnum:10}!x⟧@db/app?sslmode=require", "mysql://root:⟦{alnum:12}⟧@h/d",
    "mongodb+srv://u:⟦{alnum:14}⟧@c0.abcde.mongodb.net/db?retryWrites=true", "mongodb://u:⟦{alnum:14}⟧@a:27017,b:27017/db", "redis://:⟦{alnum:24}⟧@cache:6379/0",
    "rediss://default:⟦{alnum:24}⟧@cache:6379", "amqp://u:⟦{alnum:6}%21{alnum:6}⟧@mq:5672/vhost", "amqps://u:⟦{alnum:32}⟧@mq.cloudamqp.com/u",
    "ftp://bob:⟦{alnum:9}⟧@ftp.internal/x", "sftp://bob:⟦{alnum:12}⟧@h", "smtp://u:⟦{alnum:16}⟧@mail:587", "ldap://cn=a:⟦{alnum:12}⟧@ldap", "ssh://u:⟦{alnum:12}⟧@h:22/p",
    "https://user:⟦{alnum:12}⟧@example.org/x.git", "http://admin:⟦{alnum:6}/{alnum:8}⟧@proxy.internal:3128", "https://x-access-token:⟦ghs_{alnum:36}⟧@github.com/a/b.git",
    "https://oauth2:⟦glpat-{alnum:20}⟧@gitlab.com/a/b.git", "https://⟦ghp_{alnum:36}⟧@github.com/a/b.git", "https://⟦{hex:40}⟧@github.com/a/b.git", "https://⟦{hex:40}⟧:x-oauth-basic@github.com/a/b.git",
    "jdbc:mysql://root:⟦{alnum:12}⟧@h:3306/d", "jdbc:oracle:thin:scott/⟦{alnum:12}⟧@//h:1521/x", "jdbc:postgresql://h/d?user=a&password=⟦{alnum:12}⟧", "jdbc:sqlserver://h:1433;databaseName=d;user=sa;password=⟦{alnum:12}⟧;encrypt=true",
    "snowflake://u:⟦{alnum:12}⟧@acct/db", "clickhouse://u:⟦{alnum:12}⟧@h:9000", "nats://u:⟦{alnum:12}⟧@h:4222", "mssql+pyodbc://sa:⟦{alnum:12}⟧@h/d?driver=x", "cockroachdb://u:⟦{alnum:12}⟧@h:26257/d",
    "mariadb://u:⟦{alnum:8}#{alnum:4}⟧@h/d", "postgres://app:⟦p@{alnum:9}⟧@h/d", "https://{hex:32}:⟦{hex:32}⟧@sentry.io/12", "socks5://u:⟦{alnum:12}⟧@h:1080", "rtsp://admin:⟦{alnum:10}⟧@10.0.0.2/live",
    "vnc://u:⟦{alnum:10}⟧@h", "elasticsearch://elastic:⟦{alnum:20}⟧@h:9200", "bolt://neo4j:⟦{alnum:12}⟧@h:7687", "kafka://u:⟦{alnum:12}⟧@h:9092", "mqtt://u:⟦{alnum:12}⟧@h:1883",
    "https://api.internal/v1?access_token=⟦{alnum:24}⟧&x=1", "https://api.internal/v1?api_key=⟦{hex:32}⟧", "https://maps.internal/js?v=3&key=⟦{alnum:39}⟧&libraries=x", "https://h/p?a=1&token=⟦{hex:40}⟧",
    "https://h/p?client_id=x&client_secret=⟦{alnum:32}⟧", "https://h/p?password=⟦{alnum:12}⟧&u=1", "https://h/p?apikey=⟦{alnum:32}⟧", "https://h/p?sig=⟦{alnum:43}%3D⟧", "https://h/p?auth=⟦{alnum:32}⟧", "https://h/p?secret=⟦{alnum:32}⟧",
    "https://h/cb?code=⟦{alnum:40}⟧&state=x", "https://h/p?refresh_token=⟦{alnum:40}⟧", "https://h/p?private_token=⟦{alnum:20}⟧", "https://h/p?subscription-key=⟦{hex:32}⟧", "https://h/p?signature=⟦{hex:64}⟧",
];

/// Connection strings, headers, cookies, command lines, files and hashes.
#[rustfmt::skip]
pub const STRUCTURES: &[&str] = &[
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=⟦{base64:86}==⟧;EndpointSuffix=core.windows.net", "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=⟦{base64:43}=⟧",
    "HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=⟦{base64:43}=⟧", "AccountEndpoint=https://a.documents.azure.com:443/;AccountKey=⟦{base64:86}==⟧;",
    "Server=tcp:db,1433;Database=d;User ID=sa;Password=⟦{alnum:12}⟧;Encrypt=True", "Data Source=h;User Id=u;Pwd=⟦{alnum:12}⟧;", "Driver={ODBC Driver 17};Server=h;UID=u;PWD=⟦{alnum:12}⟧", "host=h port=5432 user=u password=⟦{alnum:12}⟧ dbname=d",
    "Authorization: Bearer ⟦{alnum:40}⟧", "Authorization: Basic ⟦{base64:32}==⟧", "authorization: token ⟦{hex:40}⟧", "Authorization: Bot ⟦{alnum:59}⟧", "Authorization: SSWS ⟦00{base64url:40}⟧", "Authorization: GenieKey ⟦{uuid}⟧",
    "Authorization: Splunk ⟦{uuid}⟧", "Authorization: ApiKey ⟦{base64:40}==⟧", "Proxy-Authorization: Basic ⟦{base64:24}⟧", "curl -H \"Authorization: Bearer ⟦{alnum:40}⟧\" https://h", "curl -H 'authorization: Bearer ⟦{hex:64}⟧' https://h",
    "headers = {\"Authorization\": \"Bearer ⟦{alnum:40}⟧\"}", "headers: { Authorization: 'Bearer ⟦{alnum:40}⟧' }", "req.Header.Set(\"Authorization\", \"Bearer ⟦{alnum:40}⟧\")", "'Authorization' => 'Bearer ⟦{alnum:40}⟧'", "Bearer ⟦{base64url:43}⟧",
    "curl -H 'X-Api-Key: ⟦{alnum:32}⟧' https://h", "x-auth-token: ⟦{hex:32}⟧", "PRIVATE-TOKEN: ⟦{base64url:20}⟧", "X-Vault-Token: ⟦s.{alnum:24}⟧", "X-Figma-Token: ⟦{alnum:40}⟧", "DD-API-KEY: ⟦{hex:32}⟧", "Ocp-Apim-Subscription-Key: ⟦{hex:32}⟧",
    "X-Shopify-Access-Token: ⟦{hex:32}⟧", "X-Postmark-Server-Token: ⟦{uuid}⟧", "x-goog-api-key: ⟦{alnum:39}⟧", "X-Amz-Security-Token: ⟦{base64:300}⟧", "api-key: ⟦{hex:32}⟧", "-H 'apikey: ⟦{alnum:32}⟧'",
    "Cookie: sessionid=⟦{lower:32}⟧; theme=dark", "Set-Cookie: connect.sid=⟦s%3A{alnum:32}.{alnum:43}⟧; Path=/", "Cookie: a=1; auth_token=⟦{hex:40}⟧", "Cookie: PHPSESSID=⟦{lower:26}⟧", "Cookie: JSESSIONID=⟦{HEX:32}⟧", "-b 'session=⟦{alnum:40}⟧'",
    "curl -u bob:⟦{alnum:12}⟧ https://h", "curl --user bob:⟦{alnum:12}⟧ https://h", "mysql -u root -p⟦{alnum:12}⟧ db", "mysqldump --password=⟦{alnum:12}⟧ db", "sshpass -p ⟦{alnum:12}⟧ ssh h", "sshpass -p '⟦{alnum:10}!⟧' ssh h", "PGPASSWORD=⟦{alnum:12}⟧ psql -h db", "docker login -u u -p ⟦{alnum:20}⟧ r.internal",
    "redis-cli -h h -a ⟦{alnum:20}⟧ ping", "ConvertTo-SecureString \"⟦{alnum:12}⟧\" -AsPlainText -Force", "az login --service-principal -u x --password ⟦{alnum:34}⟧ --tenant y", "--api-key ⟦{alnum:32}⟧", "--token=⟦{alnum:32}⟧", "--client-secret '⟦{alnum:32}⟧'", "htpasswd -b f u ⟦{alnum:12}⟧", "wget --http-password=⟦{alnum:12}⟧ h",
    "machine api.internal login u password ⟦{alnum:20}⟧", "machine h\n  login u\n  password ⟦{alnum:20}⟧\n", "db.internal:5432:app:bob:⟦{alnum:12}⟧", "*:*:*:bob:⟦{alnum:12}⟧", "//registry.internal/:_authToken=⟦{uuid}⟧", "//r/:_password=⟦{base64:24}⟧", "_auth=⟦{base64:28}=⟧", "[pypi]\nusername = u\npassword = ⟦{alnum:16}⟧\n",
    "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"⟦{base64:30}==⟧\"}}}", "[default]\naws_access_key_id = AKIA{base32:16}\naws_secret_access_key = ⟦{base64:40}⟧\n", "export AWS_SECRET_ACCESS_KEY=⟦{base64:40}⟧", "AWS_SESSION_TOKEN=⟦{base64:300}⟧", "\"SecretAccessKey\": \"⟦{base64:40}⟧\"", "AKIA{base32:16},⟦{base64:40}⟧", "| AKIA{base32:16} | ⟦{base64:40}⟧ |", "AKIA{base32:16}\t⟦{base64:40}⟧",
    "{\"client_id\": \"x\", \"client_secret\": \"⟦{alnum:24}⟧\", \"refresh_token\": \"⟦{alnum:60}⟧\"}",
    "root:⟦$6${alnum:16}${alnum:86}⟧:19000:0:99999:7:::", "⟦$2b$12${alnum:53}⟧", "⟦$2y$10${alnum:53}⟧", "⟦$argon2id$v=19$m=65536,t=3,p=4${alnum:22}${alnum:43}⟧", "⟦$1${alnum:8}${alnum:22}⟧", "⟦$5${alnum:16}${alnum:43}⟧", "⟦$y$j9T${alnum:22}${alnum:43}⟧", "⟦$apr1${alnum:8}${alnum:22}⟧", "⟦pbkdf2_sha256$260000${alnum:22}${alnum:43}=⟧",
];
