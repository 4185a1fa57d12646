//! Tool calls, their progress and their results: nine tenths of a transcript's bytes.

use super::super::row::{escape, escaped, fill, string};
use super::Session;

impl Session<'_> {
    fn tool_use(&mut self, message: &str, request: &str, tool: &str, name: &str, input: &[u8]) {
        let mut block = Vec::new();
        fill(
            "{\"type\":\"tool_use\",\"id\":\"@\",\"name\":\"@\",\"input\":@}",
            &[tool.as_bytes(), name.as_bytes(), input],
            &mut block,
        );
        self.assistant(message, request, &block);
        let hooks = if self.random.percent(35) { 2 } else { 1 };
        for hook in ["PreToolUse", "PostToolUse"].iter().take(hooks) {
            self.hook_progress(tool, hook, name);
        }
        if self.random.percent(14) {
            self.agent_progress(tool);
        }
    }

    fn hook_progress(&mut self, tool: &str, event: &str, name: &str) {
        let data = format!(
            "{{\"type\":\"hook_progress\",\"hookEvent\":\"{event}\",\"hookName\":\"{event}:{name}\",\
             \"command\":\"node /home/dev/.claude/hooks/check.js --event {event}\"}}"
        );
        self.progress(tool, data.as_bytes());
    }

    /// A subagent's message, repeated whole in its parent's file.
    fn agent_progress(&mut self, tool: &str) {
        let bytes = self.random.log_normal(3500.0, 1.4).min(120_000.0) as usize;
        let output = self.output(bytes);
        let mut data =
            b"{\"message\":{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\
                         \"tool_result\",\"content\":\""
                .to_vec();
        escape(&output, &mut data);
        data.extend_from_slice(b"\"}]}},\"normalizedMessages\":[],\"type\":\"agent_progress\"}");
        self.progress(tool, &data);
    }

    fn progress(&mut self, tool: &str, data: &[u8]) {
        self.begin();
        fill(
            "\"type\":\"progress\",\"data\":@,\"parentToolUseID\":\"@\",\"toolUseID\":\"@\"",
            &[data, tool.as_bytes(), tool.as_bytes()],
            &mut self.out,
        );
        self.end(b"");
    }

    /// A result: the text for the model, and the structured copy `result` (JSON).
    fn tool_result(&mut self, tool: &str, text: &[u8], result: &[u8]) {
        let mut content = Vec::new();
        fill(
            "[{\"tool_use_id\":\"@\",\"type\":\"tool_result\",\"content\":\"",
            &[tool.as_bytes()],
            &mut content,
        );
        escape(text, &mut content);
        content.extend_from_slice(b"\"}]");
        let more = [b",\"toolUseResult\":", result].concat();
        self.user_row(&content, &more);
    }

    /// What a command printed: about `bytes`, now and then with a secret in it.
    fn output(&mut self, bytes: usize) -> Vec<u8> {
        let mut output = Vec::with_capacity(bytes + 200);
        let head = self.random.below(bytes.max(1));
        self.text.terminal(head, &mut output);
        // Outputs are about an eighth of a transcript (without their copies), and all secrets are in them.
        self.text.plant(bytes * 15 / 2, &mut output);
        self.text.terminal(bytes - head, &mut output);
        output
    }

    pub fn bash(&mut self, message: &str, request: &str, tool: &str) {
        let mut command = b"cd /home/dev/work && rg -n \"".to_vec();
        self.text.prose(12, &mut command);
        command.extend_from_slice(b"\" ");
        command.extend_from_slice(self.text.path().as_bytes());
        let mut input = b"{\"command\":".to_vec();
        string(&command, &mut input);
        input.extend_from_slice(b",\"description\":\"Search the sources\"}");
        self.tool_use(message, request, tool, "Bash", &input);
        let bytes = self.random.log_normal(900.0, 1.5).min(30_000.0) as usize;
        let output = self.output(bytes);
        let mut result = b"{\"stdout\":".to_vec();
        string(&output, &mut result);
        result.extend_from_slice(b",\"stderr\":\"\",\"interrupted\":false,\"isImage\":false}");
        self.tool_result(tool, &output, &result);
    }

    pub fn read(&mut self, message: &str, request: &str, tool: &str) {
        let at = self.random.skewed(self.files.len());
        let (path, code) = self.files[at].clone();
        let mut input = b"{\"file_path\":".to_vec();
        string(path.as_bytes(), &mut input);
        input.push(b'}');
        self.tool_use(message, request, tool, "Read", &input);
        // Most reads are of a part.
        let length = (self.random.log_normal(2500.0, 1.3) as usize).min(code.len());
        let start = self.random.below(code.len() - length + 1);
        let part = &code[start..start + length];
        let mut numbered = Vec::new();
        self.text.numbered(part, &mut numbered);
        let mut result = b"{\"type\":\"text\",\"file\":{\"filePath\":".to_vec();
        string(path.as_bytes(), &mut result);
        result.extend_from_slice(b",\"content\":");
        string(part, &mut result);
        result.extend_from_slice(b",\"numLines\":200,\"startLine\":1,\"totalLines\":800}}");
        self.tool_result(tool, &numbered, &result);
    }

    /// An edit: the result holds the whole file as it was, and the patch.
    pub fn edit(&mut self, message: &str, request: &str, tool: &str) {
        let at = self.random.skewed(self.files.len());
        let (path, code) = self.files[at].clone();
        let length = (self.random.log_normal(350.0, 1.0) as usize).min(code.len());
        let start = self.random.below(code.len() - length + 1);
        let old = code[start..start + length].to_vec();
        let mut new = old.clone();
        self.text.code(length / 4 + 20, &mut new);
        let mut strings = b"\"filePath\":".to_vec();
        string(path.as_bytes(), &mut strings);
        for (key, value) in [("oldString", &old), ("newString", &new)] {
            fill(",\"@\":", &[key.as_bytes()], &mut strings);
            string(value, &mut strings);
        }
        let input = [b"{\"replace_all\":false,", &strings[..], b"}"].concat();
        self.tool_use(message, request, tool, "Edit", &input);
        let mut result = [b"{", &strings[..], b",\"originalFile\":"].concat();
        string(&code, &mut result);
        result.extend_from_slice(b",\"structuredPatch\":[{\"oldStart\":12,\"oldLines\":7,\"newStart\":12,\"newLines\":9,\"lines\":[");
        for (number, line) in new.split(|byte| *byte == b'\n').enumerate() {
            if number > 0 {
                result.push(b',');
            }
            string(&[b"+", line].concat(), &mut result);
        }
        result.extend_from_slice(b"]}],\"userModified\":false,\"replaceAll\":false}");
        let mut text = Vec::new();
        fill(
            "The file @ has been updated. Here's the result of running `cat -n`:\n",
            &[path.as_bytes()],
            &mut text,
        );
        self.text.numbered(&new, &mut text);
        self.tool_result(tool, &text, &result);
        self.files[at].1.splice(start..start + length, new);
    }

    pub fn todo(&mut self, message: &str, request: &str, tool: &str) {
        let mut list = b"[".to_vec();
        for number in 0..3 + self.random.below(5) {
            let mut words = Vec::new();
            self.text.prose(40, &mut words);
            let separator: &[u8] = if number > 0 { b"," } else { b"" };
            fill(
                "@{\"content\":\"@\",\"status\":\"pending\",\"activeForm\":\"@\"}",
                &[separator, &escaped(&words), &escaped(&words)],
                &mut list,
            );
        }
        list.push(b']');
        self.tool_use(message, request, tool, "TodoWrite", &[b"{\"todos\":", &list[..], b"}"].concat());
        let result = [b"{\"oldTodos\":[],\"newTodos\":", &list[..], b"}"].concat();
        self.tool_result(
            tool,
            b"Todos have been modified successfully. Please proceed with the current tasks.",
            &result,
        );
    }

    /// A picture, in base64, twice.
    pub fn image(&mut self, message: &str, request: &str, tool: &str) {
        let input = b"{\"file_path\":\"/home/dev/work/screenshot.png\"}";
        self.tool_use(message, request, tool, "Read", input);
        let bytes = self.random.log_normal(120_000.0, 0.8).min(500_000.0) as usize;
        let mut data = b"iVBORw0KGgoAAAANSUhEUgAA".to_vec();
        self.random.base64(bytes / 4 * 4, &mut data);
        let mut content = Vec::new();
        fill(
            "[{\"tool_use_id\":\"@\",\"type\":\"tool_result\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\
             \"base64\",\"data\":\"@\",\"media_type\":\"image/png\"}}]}]",
            &[tool.as_bytes(), &data],
            &mut content,
        );
        let mut result = Vec::new();
        fill(
            ",\"toolUseResult\":{\"type\":\"image\",\"file\":{\"base64\":\"@\",\"type\":\"image/png\"}}",
            &[&data],
            &mut result,
        );
        self.user_row(&content, &result);
    }
}
