//! Rollouts of Codex, in the two forms that are about: before 0.140 (every turn repeats the user's instructions) and
//! after it (every command's output stands there twice).

use std::path::PathBuf;

use super::random::Random;
use super::row::{escape, escaped, fill, string, time};
use super::text::Writer;

struct Session<'a> {
    random: &'a mut Random,
    text: &'a mut Writer,
    out: Vec<u8>,
    now: i64,
    ordinal: usize,
    is_new: bool,
    id: String,
    cwd: String,
    /// AGENTS.md and the like, 13 KB in the old form.
    instructions: Vec<u8>,
    total_tokens: usize,
}

/// Returns path and bytes of a rollout of at least `bytes`.
pub fn session(random: &mut Random, text: &mut Writer, bytes: usize) -> (PathBuf, Vec<u8>) {
    // From 2026-01-01; a thread's id is a UUID of version 7, but for the random part alike.
    let now = 1_767_225_600_000 + random.below(50 * 86_400_000) as i64;
    let mut id = random.uuid();
    id.replace_range(..15, &format!("{:08x}-{:04x}-7", now >> 16, now & 0xffff));
    let start = time(now);
    let path = PathBuf::from(format!(
        "codex/sessions/{}/{}/{}/rollout-{}-{id}.jsonl",
        &start[..4],
        &start[5..7],
        &start[8..10],
        start[..19].replace(':', "-"),
    ));
    let mut instructions = Vec::new();
    text.prose(13_000, &mut instructions);
    let cwd = format!("/home/dev/work/project-{}", random.below(40));
    let is_new = random.percent(60);
    let mut session = Session {
        random,
        text,
        out: Vec::new(),
        now,
        ordinal: 0,
        is_new,
        id,
        cwd,
        instructions,
        total_tokens: 0,
    };
    session.header();
    while session.out.len() < bytes {
        session.turn(bytes);
    }
    (path, session.out)
}

impl Session<'_> {
    /// Appends a line with `payload`, a JSON object.
    fn line(&mut self, kind: &str, payload: &[u8]) {
        self.now += 5 + self.random.below(3000) as i64;
        let time = time(self.now);
        let ordinal = if self.is_new { format!("\"ordinal\":{},", self.ordinal) } else { String::new() };
        self.ordinal += 1;
        fill(
            "{\"timestamp\":\"@\",@\"type\":\"@\",\"payload\":@}\n",
            &[time.as_bytes(), ordinal.as_bytes(), kind.as_bytes(), payload],
            &mut self.out,
        );
    }

    fn header(&mut self) {
        let mut base = Vec::new();
        // The same for everybody who runs this version.
        Writer::new(9, 0.0).prose(if self.is_new { 20_000 } else { 7000 }, &mut base);
        let mut payload = Vec::new();
        let start = time(self.now);
        fill(
            "{\"id\":\"@\",\"session_id\":\"@\",\"timestamp\":\"@\",\"cwd\":\"@\",\"originator\":\"codex_cli_rs\",\
             \"cli_version\":\"0.@.0\",\"source\":\"cli\",\"model_provider\":\"openai\",\"base_instructions\":{\"text\":\"@\"},\
             \"git\":{\"commit_hash\":\"0123456789abcdef0123456789abcdef01234567\",\"branch\":\"main\"}}",
            &[
                self.id.as_bytes(),
                self.id.as_bytes(),
                start.as_bytes(),
                self.cwd.as_bytes(),
                if self.is_new { b"169" } else { b"104" },
                &escaped(&base),
            ],
            &mut payload,
        );
        self.line("session_meta", &payload);
    }

    fn turn(&mut self, bytes: usize) {
        let turn = self.random.uuid();
        let mut payload = Vec::new();
        fill(
            "{\"turn_id\":\"@\",\"cwd\":\"@\",\"approval_policy\":\"never\",\"sandbox_policy\":{\"type\":\
             \"danger-full-access\"},\"model\":\"gpt-5.1-codex\",\"effort\":\"high\",\"summary\":\"auto\"",
            &[turn.as_bytes(), self.cwd.as_bytes()],
            &mut payload,
        );
        if !self.is_new {
            payload.extend_from_slice(b",\"user_instructions\":");
            string(&self.instructions, &mut payload);
        }
        payload.push(b'}');
        self.line("turn_context", &payload);
        self.user_message(&turn);
        for _ in 0..1 + self.random.below(10) {
            if self.out.len() >= bytes {
                return;
            }
            if self.random.percent(60) {
                self.reasoning();
            }
            self.command(&turn);
            self.tokens();
        }
        self.answer();
    }

    fn user_message(&mut self, turn: &str) {
        let bytes = self.random.log_normal(200.0, 1.2).min(20_000.0) as usize;
        let mut text = Vec::new();
        self.text.prose(bytes, &mut text);
        let text = escaped(&text);
        let item = [
            b"{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"",
            &text[..],
            b"\"}]}",
        ]
        .concat();
        self.line("response_item", &item);
        let mut event = Vec::new();
        if self.is_new {
            fill(
                "{\"type\":\"item_completed\",\"turn_id\":\"@\",\"item\":{\"type\":\"UserMessage\",\"content\":[{\"type\":\
                 \"text\",\"text\":\"@\"}]}}",
                &[turn.as_bytes(), &text],
                &mut event,
            );
        } else {
            fill("{\"type\":\"user_message\",\"message\":\"@\",\"images\":[]}", &[&text], &mut event);
        }
        self.line("event_msg", &event);
    }

    fn reasoning(&mut self) {
        let mut text = Vec::new();
        self.text.prose(70, &mut text);
        let mut encrypted = b"gAAAAA".to_vec();
        let bytes = 300 + self.random.log_normal(500.0, 0.8) as usize;
        self.random.base64_url(bytes / 4 * 4, &mut encrypted);
        let mut payload = Vec::new();
        fill(
            "{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"@\"}],\"content\":null,\
             \"encrypted_content\":\"@\"}",
            &[&escaped(&text), &encrypted],
            &mut payload,
        );
        self.line("response_item", &payload);
    }

    /// A command and its output. Arguments are JSON inside of a JSON string.
    fn command(&mut self, turn: &str) {
        let call = self.random.id("call_", 24);
        let mut command = b"rg -n \"".to_vec();
        self.text.prose(10, &mut command);
        command.extend_from_slice(b"\" ");
        command.extend_from_slice(self.text.path().as_bytes());
        let mut arguments = b"{\"cmd\":".to_vec();
        string(&command, &mut arguments);
        arguments.extend_from_slice(b",\"workdir\":\"/home/dev/work\"}");
        let mut payload = Vec::new();
        fill(
            "{\"type\":\"function_call\",\"name\":\"exec_command\",\"arguments\":\"@\",\"call_id\":\"@\"}",
            &[&escaped(&arguments), call.as_bytes()],
            &mut payload,
        );
        self.line("response_item", &payload);

        let bytes = self.random.log_normal(2600.0, 1.5).min(80_000.0) as usize;
        let mut output = Vec::with_capacity(bytes + 200);
        let head = self.random.below(bytes.max(1));
        if self.random.percent(50) {
            self.text.code(head, &mut output);
        } else {
            self.text.terminal(head, &mut output);
        }
        self.text.plant(bytes * 7 / 2, &mut output);
        self.text.terminal(bytes - head, &mut output);
        if self.is_new {
            let mut event = Vec::new();
            fill(
                "{\"type\":\"item_completed\",\"turn_id\":\"@\",\"item\":{\"type\":\"CommandExecution\",\"id\":\"@\",\
                 \"command\":[\"/bin/bash\",\"-lc\",\"@\"],\"cwd\":\"file://@\",\"status\":\"completed\",\
                 \"aggregated_output\":\"",
                &[turn.as_bytes(), call.as_bytes(), &escaped(&command), self.cwd.as_bytes()],
                &mut event,
            );
            escape(&output, &mut event);
            event.extend_from_slice(b"\",\"exit_code\":0,\"duration\":{\"secs\":0,\"nanos\":51234567}}}");
            self.line("event_msg", &event);
        }
        let mut result = Vec::new();
        fill(
            "{\"type\":\"function_call_output\",\"call_id\":\"@\",\"output\":\"",
            &[call.as_bytes()],
            &mut result,
        );
        escape(b"Wall time: 0.0512 seconds\nProcess exited with code 0\nOutput:\n", &mut result);
        escape(&output, &mut result);
        result.extend_from_slice(b"\"}");
        self.line("response_item", &result);
    }

    fn tokens(&mut self) {
        let (used, new) = (1000 + self.random.below(40_000), self.random.below(900));
        self.total_tokens += used + new;
        let numbers: Vec<String> = [self.total_tokens, used, new].iter().map(usize::to_string).collect();
        let mut payload = Vec::new();
        fill(
            "{\"type\":\"token_count\",\"info\":{\"total_token_usage\":{\"input_tokens\":@,\"cached_input_tokens\":0,\
             \"output_tokens\":@,\"reasoning_output_tokens\":0,\"total_tokens\":@},\"last_token_usage\":{\"input_tokens\":@,\
             \"cached_input_tokens\":0,\"output_tokens\":@,\"reasoning_output_tokens\":0,\"total_tokens\":@},\
             \"model_context_window\":258400},\"rate_limits\":{\"primary\":null,\"secondary\":null,\"credits\":null}}",
            &[
                numbers[0].as_bytes(),
                numbers[2].as_bytes(),
                numbers[0].as_bytes(),
                numbers[1].as_bytes(),
                numbers[2].as_bytes(),
                numbers[1].as_bytes(),
            ],
            &mut payload,
        );
        self.line("event_msg", &payload);
    }

    fn answer(&mut self) {
        let bytes = self.random.log_normal(400.0, 1.0) as usize;
        let mut text = Vec::new();
        self.text.prose(bytes, &mut text);
        let text = escaped(&text);
        let item = [
            b"{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"",
            &text[..],
            b"\"}]}",
        ]
        .concat();
        self.line("response_item", &item);
        let event = [b"{\"type\":\"agent_message\",\"message\":\"", &text[..], b"\"}"].concat();
        self.line("event_msg", &event);
    }
}
