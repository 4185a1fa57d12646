//! Transcripts of Claude Code: rows in the shares and sizes counted in sessions of January and February 2026.

mod tools;

use std::path::PathBuf;

use super::random::Random;
use super::row::{escape, escaped, fill, string, time};
use super::text::Writer;

/// One session being written.
struct Session<'a> {
    random: &'a mut Random,
    text: &'a mut Writer,
    out: Vec<u8>,
    /// What stands in every row after `parentUuid`: ids, directory, version, branch.
    envelope: String,
    id: String,
    parent: String,
    model: &'static str,
    now: i64,
    /// 21 % of files have times that are out of order.
    is_unsorted: bool,
    /// The sources that the session works on: read, edited and printed again and again.
    files: Vec<(String, Vec<u8>)>,
}

const MODELS: [&str; 4] = [
    "claude-opus-4-5-20251101",
    "claude-sonnet-4-5-20250929",
    "claude-haiku-4-5-20251001",
    "claude-opus-4-6",
];

/// Returns path and bytes of a session's main file of at least `bytes`.
pub fn session(random: &mut Random, text: &mut Writer, bytes: usize) -> (PathBuf, Vec<u8>) {
    let id = random.uuid();
    let project = format!("project-{}", random.below(40));
    let path = PathBuf::from(format!("claude/projects/-home-dev-work-{project}/{id}.jsonl"));
    if bytes == 0 {
        return (path, Vec::new());
    }
    let mut session = Session::new(random, text, id, &project, None);
    if session.random.percent(30) {
        session.summary();
    }
    // Sessions of late 2026 record the whole request, mostly the same for everybody.
    if session.random.percent(12) && bytes > 400_000 {
        session.request_records();
    }
    session.prompt();
    while session.out.len() < bytes {
        session.step();
    }
    (path, session.out)
}

/// Returns path and bytes of a subagent's file: many hold two lines and no more.
pub fn subagent(random: &mut Random, text: &mut Writer, bytes: usize) -> (PathBuf, Vec<u8>) {
    let id = random.uuid();
    let agent = random.id("a", 0) + &format!("{:016x}", random.next());
    let project = format!("project-{}", random.below(40));
    let path =
        PathBuf::from(format!("claude/projects/-home-dev-work-{project}/{id}/subagents/agent-{agent}.jsonl"));
    let mut session = Session::new(random, text, id, &project, Some(&agent));
    if bytes < 2500 {
        session.user_row("\"Warmup\"".as_bytes(), b"");
        session.assistant_text();
        return (path, session.out);
    }
    session.prompt();
    while session.out.len() < bytes {
        session.tool_step();
    }
    (path, session.out)
}

impl<'a> Session<'a> {
    fn new(
        random: &'a mut Random,
        text: &'a mut Writer,
        id: String,
        project: &str,
        agent: Option<&str>,
    ) -> Session<'a> {
        let version = format!("2.1.{}", random.below(42));
        let branch = random.pick(&["main", "feature/parser", "fix/retry", "develop"]);
        let agent_id = agent.map(|agent| format!(",\"agentId\":\"{agent}\"")).unwrap_or_default();
        let envelope = format!(
            "\"isSidechain\":{},\"userType\":\"external\",\"cwd\":\"/home/dev/work/{project}\",\"sessionId\":\"{id}\",\
             \"version\":\"{version}\",\"gitBranch\":\"{branch}\"{agent_id}",
            agent.is_some()
        );
        let count = 3 + random.below(8);
        let files = (0..count)
            .map(|_| {
                let bytes = random.log_normal(14_000.0, 1.0).min(250_000.0);
                let mut code = Vec::new();
                text.code(bytes as usize, &mut code);
                (format!("/home/dev/work/{project}/{}", text.path()), code)
            })
            .collect();
        let model = random.pick(&MODELS);
        // From 2026-01-01.
        let now = 1_767_225_600_000 + random.below(50 * 86_400_000) as i64;
        let is_unsorted = random.percent(21);
        Session {
            random,
            text,
            out: Vec::new(),
            envelope,
            id,
            parent: String::new(),
            model,
            now,
            is_unsorted,
            files,
        }
    }

    /// Returns the next row's time.
    fn tick(&mut self) -> String {
        self.now += 20 + self.random.below(9000) as i64;
        let back = if self.is_unsorted && self.random.percent(3) { 4000 } else { 0 };
        time(self.now - back)
    }

    /// Begins a row of the conversation: up to the branch, with a comma.
    fn begin(&mut self) {
        let parent = if self.parent.is_empty() { "null".into() } else { format!("\"{}\"", self.parent) };
        fill("{\"parentUuid\":@,@,", &[parent.as_bytes(), self.envelope.as_bytes()], &mut self.out);
    }

    /// Ends a row: its own id and time, then `more` members. About one row in six thousand is glued to the next.
    fn end(&mut self, more: &[u8]) {
        let (uuid, time) = (self.random.uuid(), self.tick());
        fill(
            ",\"uuid\":\"@\",\"timestamp\":\"@\"@}",
            &[uuid.as_bytes(), time.as_bytes(), more],
            &mut self.out,
        );
        if self.random.below(6000) != 0 {
            self.out.push(b'\n');
        }
        self.parent = uuid;
    }

    /// A user's row; `content` is JSON, `more` further members with a leading comma.
    fn user_row(&mut self, content: &[u8], more: &[u8]) {
        self.begin();
        fill("\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":@}", &[content], &mut self.out);
        self.end(more);
    }

    fn prompt(&mut self) {
        let bytes = self.random.log_normal(180.0, 1.2).min(20_000.0) as usize;
        let mut prompt = Vec::new();
        self.text.prose(bytes, &mut prompt);
        let mut content = Vec::new();
        string(&prompt, &mut content);
        self.user_row(
            &content,
            b",\"thinkingMetadata\":{\"level\":\"high\",\"disabled\":false,\"triggers\":[]},\"todos\":[]",
        );
        self.snapshot();
    }

    /// One thing that happens. The shares of row types come out as counted: of a hundred rows 41 of the assistant, 31
    /// of progress, 22 of the user.
    fn step(&mut self) {
        match self.random.below(100) {
            0..5 => self.prompt(),
            5..12 => self.system(),
            _ => self.tool_step(),
        }
    }

    /// Thinking or text now and then, then a tool call, its progress and its result.
    fn tool_step(&mut self) {
        let message = self.random.id("msg_01", 22);
        let request = self.random.id("req_011C", 20);
        if self.random.percent(38) {
            self.thinking(&message, &request);
        }
        if self.random.percent(45) {
            let bytes = self.random.log_normal(160.0, 1.0) as usize;
            let mut text = Vec::new();
            self.text.prose(bytes, &mut text);
            let block = [b"{\"type\":\"text\",\"text\":\"", &escaped(&text)[..], b"\"}"].concat();
            self.assistant(&message, &request, &block);
        }
        let tool = self.random.id("toolu_01", 22);
        match self.random.below(100) {
            0..38 => self.bash(&message, &request, &tool),
            38..68 => self.read(&message, &request, &tool),
            68..94 => self.edit(&message, &request, &tool),
            94..99 => self.todo(&message, &request, &tool),
            _ if self.random.percent(7) => self.image(&message, &request, &tool),
            _ => self.bash(&message, &request, &tool),
        }
    }

    /// A row of the assistant's with one block; rows of one answer share ids and usage.
    fn assistant(&mut self, message: &str, request: &str, block: &[u8]) {
        let numbers: Vec<String> =
            [5000, 90_000, 3000, 900].iter().map(|bound| self.random.below(*bound).to_string()).collect();
        self.begin();
        fill(
            "\"message\":{\"model\":\"@\",\"id\":\"@\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[@],\
             \"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":@,\
             \"cache_creation_input_tokens\":@,\"cache_read_input_tokens\":@,\"cache_creation\":{\
             \"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":@},\"output_tokens\":@,\
             \"service_tier\":\"standard\"}},\"requestId\":\"@\",\"type\":\"assistant\"",
            &[
                self.model.as_bytes(),
                message.as_bytes(),
                block,
                numbers[0].as_bytes(),
                numbers[2].as_bytes(),
                numbers[1].as_bytes(),
                numbers[2].as_bytes(),
                numbers[3].as_bytes(),
                request.as_bytes(),
            ],
            &mut self.out,
        );
        self.end(b"");
    }

    fn assistant_text(&mut self) {
        let (message, request) = (self.random.id("msg_01", 22), self.random.id("req_011C", 20));
        let mut text = Vec::new();
        self.text.prose(150, &mut text);
        let block = [b"{\"type\":\"text\",\"text\":\"", &escaped(&text)[..], b"\"}"].concat();
        self.assistant(&message, &request, &block);
    }

    fn thinking(&mut self, message: &str, request: &str) {
        let bytes = self.random.log_normal(350.0, 1.0) as usize;
        let mut text = Vec::new();
        self.text.prose(bytes, &mut text);
        let mut block = b"{\"type\":\"thinking\",\"thinking\":\"".to_vec();
        escape(&text, &mut block);
        block.extend_from_slice(b"\",\"signature\":\"");
        let signature = 240 + self.random.log_normal(500.0, 0.9) as usize;
        self.random.base64(signature / 4 * 4, &mut block);
        block.extend_from_slice(b"\"}");
        self.assistant(message, request, &block);
    }

    fn system(&mut self) {
        match self.random.below(4) {
            0 => {
                self.begin();
                let milliseconds = self.random.below(200_000).to_string();
                fill(
                    "\"type\":\"system\",\"subtype\":\"turn_duration\",\"durationMs\":@,\"isMeta\":false",
                    &[milliseconds.as_bytes()],
                    &mut self.out,
                );
                self.end(b"");
            }
            1 => self.snapshot(),
            2 => {
                let id = self.id.clone();
                let time = self.tick();
                fill(
                    "{\"type\":\"queue-operation\",\"operation\":\"dequeue\",\"timestamp\":\"@\",\"sessionId\":\"@\"}\n",
                    &[time.as_bytes(), id.as_bytes()],
                    &mut self.out,
                );
            }
            _ => self.summary(),
        }
    }

    fn summary(&mut self) {
        let mut title = Vec::new();
        self.text.prose(30, &mut title);
        let leaf = self.random.uuid();
        fill(
            "{\"type\":\"summary\",\"summary\":\"@\",\"leafUuid\":\"@\"}\n",
            &[&escaped(&title), leaf.as_bytes()],
            &mut self.out,
        );
    }

    fn snapshot(&mut self) {
        let (id, time) = (self.random.uuid(), self.tick());
        let mut backups = Vec::new();
        for at in 0..self.random.below(self.files.len()) {
            let mut hash = Vec::new();
            self.random.hex(16, &mut hash);
            let separator: &[u8] = if at > 0 { b"," } else { b"" };
            fill(
                "@\"@\":{\"backupFileName\":\"@@v2\",\"version\":2,\"backupTime\":\"@\"}",
                &[separator, self.files[at].0.as_bytes(), &hash, b"@", time.as_bytes()],
                &mut backups,
            );
        }
        fill(
            "{\"type\":\"file-history-snapshot\",\"messageId\":\"@\",\"snapshot\":{\"messageId\":\"@\",\
             \"trackedFileBackups\":{@},\"timestamp\":\"@\"},\"isSnapshotUpdate\":false}\n",
            &[id.as_bytes(), id.as_bytes(), &backups, time.as_bytes()],
            &mut self.out,
        );
    }

    /// The system prompt and the tools' schemas, the same text in every session.
    fn request_records(&mut self) {
        let mut writer = Writer::new(7, 0.0);
        for (kind, key, bytes) in [
            ("api-request-shape", "shape", 30_000),
            ("api-request-blob", "blob", 55_000),
            ("api-request", "request", 4000),
        ] {
            let mut text = Vec::new();
            writer.prose(bytes, &mut text);
            let time = self.tick();
            let mut line = Vec::new();
            fill(
                "{\"type\":\"@\",\"sessionId\":\"@\",\"timestamp\":\"@\",\"@\":",
                &[kind.as_bytes(), self.id.as_bytes(), time.as_bytes(), key.as_bytes()],
                &mut line,
            );
            string(&text, &mut line);
            line.extend_from_slice(b"}\n");
            self.out.extend_from_slice(&line);
        }
    }
}
