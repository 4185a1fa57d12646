//! The words that make a name a key's, or not: what may stand before and after `key`, `token` and the like. How they
//! are used is in `key_name`. Collected from what such names are in source code, settings and transcripts.

/// Words after the telling one that make the name something else: `token_count`, `key_id`, `passwordField`.
#[rustfmt::skip]
pub(crate) const NOT_AFTER: &[&str] = &[
    "id", "ids", "name", "names", "alias", "board", "code", "codes", "frame", "frames", "length", "len",
    "size", "path", "paths", "file", "files", "type", "types", "word", "words", "up", "down", "left",
    "right", "usage", "store", "count", "counts", "kind", "url", "uri", "limit", "limits", "offset",
    "stream", "izer", "ref", "field", "fields", "hash", "reset", "policy", "input", "label", "confirm",
    "strength", "source", "method", "mode", "expires", "expiry", "expiration", "expire", "ttl", "at", "in",
    "on", "time", "timeout", "date", "manager", "provider", "service", "class", "error", "errors", "handler",
    "list", "map", "set", "get", "index", "helper", "schema", "required", "enabled", "valid", "regex",
    "pattern", "hint", "description", "title", "message", "prompt", "header", "headers", "endpoint", "arn",
    "role", "scope", "scopes", "algorithm", "alg", "bits", "rotation", "callback", "button", "form", "page",
    "view", "screen", "link", "dir", "directory", "folder", "exists", "present", "version", "format",
    "prefix", "suffix", "column", "table", "event", "events", "status", "state", "result", "response",
    "request", "model", "mapping", "filter", "rule", "rules", "validator", "validation", "check", "changed",
    "change", "update", "updated", "created", "fingerprint", "spec", "config", "options", "option", "params",
    "param", "parser", "scanner", "budget", "rate", "cost", "price", "total", "used", "bucket", "server",
    "host", "port", "issuer", "audience", "chain", "generator", "gen", "factory", "builder", "util", "utils",
    "cache", "storage", "context", "node", "span", "range", "pos", "position", "char", "chars", "press",
    "pressed", "pair", "pairs", "ring", "space", "spaces", "entry", "entries", "vault", "env", "var",
    "variable", "property", "attribute", "selector", "icon", "modal", "dialog", "screenshot", "callbacks",
    "transform", "func", "fn", "cmd", "command", "script", "module", "package", "import", "ed", "ing",
    "able", "through", "phrases", "test", "tests", "case", "cases", "signing", "checksum", "digest", "sha",
    "sum", "template", "bindings", "binding", "handle", "extractor", "resolver", "fetcher", "getter",
    "setter", "equals", "contains", "startswith", "lower", "upper", "split", "strip", "trim", "replace",
    "push", "slice", "tostring", "decode", "encode", "match", "join", "append", "deref", "clone", "iv",
    "derivation", "agreement", "exchange", "usages", "vaults", "material", "ops", "lookup", "ordering",
    "order", "sort", "separator",
];

/// Words before `key` that make it no secret.
#[rustfmt::skip]
pub(crate) const NOT_BEFORE_KEY: &[&str] = &[
    "public", "primary", "foreign", "partition", "sort", "cache", "idempotency", "row", "map", "group",
    "hot", "schema", "sequence", "index", "pub", "unique", "composite", "natural", "surrogate", "object",
    "dict", "hash", "range", "registry", "lookup", "react", "translation", "arrow", "press", "shortcut",
    "metadata", "storage", "query", "item", "routing", "tree", "dedup", "dedupe", "lock", "bucket",
    "foreignkey", "content", "block", "host", "known", "any", "this", "the", "a", "get", "set", "has", "is",
    "on", "by", "of", "for", "mut", "parent", "child", "event", "message", "trace", "span", "context",
    "feature", "flag", "state", "status", "type", "error", "config", "setting", "settings", "option",
    "param", "env", "attr", "result", "manager", "property", "field", "column", "table", "entity", "node", "path", "file", "name",
    "label", "tag", "topic", "list", "array", "json", "yaml", "toml", "page", "view", "route", "tab", "menu",
    "icon", "modifier", "meta", "ctrl", "shift", "alt", "tab", "escape", "enter", "delete", "return",
    "function", "num", "home", "end", "up", "down", "left", "right", "next", "prev", "first", "last", "max",
    "min", "new", "old", "data", "dispatch", "artifact", "build", "cargo", "toolchain", "restore",
    "fingerprint", "job", "task", "workflow", "run", "step", "image", "layer", "package", "lockfile",
    "dependency", "symbol", "variant", "window", "grid", "chart", "series", "answer", "section", "memo",
    "memoization", "sub", "join", "order", "ordering", "merge", "shard", "distribution", "dist",
    "clustering", "cluster", "search", "suggest", "site", "verify", "verifying", "verification", "ssh",
    "gpg", "pgp", "x", "wpk", "openpgp", "trusted", "ca", "cert", "session", "sess", "prompt", "request",
    "conversation", "thread", "user", "i",
];

/// Words before `token` that make it no secret.
#[rustfmt::skip]
pub(crate) const NOT_BEFORE_TOKEN: &[&str] = &[
    "csrf", "xsrf", "next", "page", "continuation", "cursor", "pagination", "sync", "max", "min", "total",
    "parse", "parser", "current", "peek", "prev", "previous", "last", "first", "start", "end",
    "cancellation", "cancel", "stop", "special", "pad", "bos", "eos", "unk", "mask", "sep", "cls", "lex",
    "lexer", "input", "output", "prompt", "completion", "syntax", "macro", "punct", "ident", "keyword",
    "design", "color", "theme", "css", "raw", "string", "number", "operator", "header", "yaml", "json",
    "erc", "nft", "lp", "text", "word", "sub", "resume", "change", "watch", "shared", "per", "single", "any",
    "the", "this", "a", "is", "has", "get", "find", "open", "close", "injection", "dedupe", "idempotency",
    "concurrency", "fencing", "lock", "unit", "action", "snapshot", "abort", "skip", "comment", "block", "trailing", "leading",
    "expected", "unexpected", "line", "left", "right", "reasoning", "cached", "image", "audio",
];

/// Words that, before `key`, make it surely a secret.
#[rustfmt::skip]
pub(crate) const STRONG_BEFORE_KEY: &[&str] = &[
    "api", "access", "private", "secret", "account", "auth", "encryption", "master", "signing", "priv",
    "sharedaccess", "subscription", "app", "application", "admin", "consumer", "client", "license",
    "webhook", "deploy", "service", "integration", "live", "server", "preshared", "shared", "jwt", "hmac",
    "rest", "write", "ingestion", "instrumentation", "functions", "function", "customer", "storage",
    "cosmos", "developer", "dev", "partner", "merchant", "personal",
];

/// Words that, before `token`, make it surely a secret.
#[rustfmt::skip]
pub(crate) const STRONG_BEFORE_TOKEN: &[&str] = &[
    "auth", "access", "refresh", "bearer", "api", "id", "session", "secret", "bot", "user", "personal",
    "deploy", "service", "oauth", "jwt", "private", "app", "security", "admin", "install", "registration",
    "runner", "webhook", "vault", "client", "account", "push", "server", "publish", "upload", "root",
    "agent", "integration", "device", "job",
];
