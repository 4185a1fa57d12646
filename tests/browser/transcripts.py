"""Transcripts as Claude Code writes them, for the browser's tests: one with something hostile in every field, one of every
day, one of 100,000 messages. All text is made up."""

import json

# Each would set `window.ran`, change the title or load something, if it were anything but text.
PAYLOADS = [
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=2>",
    "\"><svg onload=window.ran=3>",
    "' onmouseover=window.ran=4 autofocus onfocus=window.ran=5 x='",
    "</style></script></title></textarea><script>window.ran=6</script>",
    "]]><script>window.ran=7</script><!--",
    "<iframe srcdoc=\"<script>parent.ran=8</script>\"></iframe>",
    "<base href=https://evil.example/><meta http-equiv=refresh content=0;url=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css><style>*{background:url(https://evil.example/y)}</style>",
    "<a href=javascript:window.ran=9>a</a>",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "\x1b]0;title\x07\x1b[31mred\x1b[0m \x00\x08\x9b31m",
    "{{constructor.constructor('window.ran=10')()}} ${window.ran=11}",
]
MARKDOWN = [
    "[a](javascript:window.ran=20) [b](JaVaScRiPt&colon;window.ran=21) [c](data:text/html,<script>window.ran=22</script>)",
    "![a](https://evil.example/pixel.png) ![b](javascript:window.ran=23)",
    "<https://evil.example/\"onmouseover=\"window.ran=24> [x](https://ok.example/\"><script>window.ran=25</script>)",
    "```html\n</code></pre><script>window.ran=26</script>\n```",
    "```\"><img/src=x/onerror=window.ran=27>\nx\n```",
    "|<img src=x onerror=window.ran=28>|b|\n|-|-|\n|[x](vbscript:x)|d|",
    "[ref]: javascript:window.ran=29\n\n[ref]",
    "<svg><animate onbegin=window.ran=30 attributeName=x dur=1s></svg>",
    "<details open ontoggle=window.ran=31>",
]
SVG = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0icGFyZW50LnJhbj0zMiIvPg=="
PNG = ("iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAFUlEQVR42mNk+M+ABzDhkxzBcqOQFgAxOgETfQ4P6wAAAABJRU5ErkJggg==")


class Transcript:
    """Lines of a session."""

    def __init__(self, session, cwd):
        self.session, self.cwd, self.lines, self.count = session, cwd, [], 0

    def add(self, kind, content, **more):
        self.count += 1
        seconds = self.count
        time = f"2026-06-{5 + seconds // 86400:02}T{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000Z"
        line = {"type": kind, "uuid": f"{self.session}-{self.count}", "sessionId": self.session, "timestamp": time,
                "cwd": self.cwd, "version": "2.1.0", "gitBranch": "main", "isSidechain": False, "userType": "external",
                "parentUuid": f"{self.session}-{self.count - 1}" if self.count > 1 else None}
        message = {"role": kind, "content": content}
        if kind == "assistant":
            message.update(id=f"msg_{self.count}", type="message", model=more.pop("model", "claude-opus-4-7"),
                           usage={"input_tokens": 3, "output_tokens": 5})
        self.lines.append({**line, "message": message, **more})

    def ask(self, text):
        self.add("user", text)

    def answer(self, text, **more):
        self.add("assistant", [{"type": "text", "text": text}], **more)

    def call(self, name, given, result, is_error=False):
        call = f"toolu_{self.count}"
        self.add("assistant", [{"type": "tool_use", "id": call, "name": name, "input": given}])
        content = result if isinstance(result, list) else [{"type": "text", "text": result}]
        self.add("user", [{"type": "tool_result", "tool_use_id": call, "content": content, "is_error": is_error}])

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            for line in self.lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def hostile():
    every = " ".join(PAYLOADS)
    session = Transcript("0badc0de-0000-4000-8000-000000000001", "/tmp/<script>window.ran=40<script>")
    session.lines.append({"type": "ai-title", "aiTitle": "Title " + every, "sessionId": session.session})
    session.lines.append({"type": "summary", "summary": "Summary " + every, "leafUuid": "x"})
    for text in PAYLOADS + MARKDOWN:
        session.ask(text)
        session.answer(text, model="claude " + text)
        session.add("assistant", [{"type": "thinking", "thinking": text, "signature": text}])
        session.call(text, {text: text, "command": text, "file_path": text, "content": text}, text, is_error=True)
        session.call("Edit", {"file_path": text, "old_string": text, "new_string": text + "\nmore"}, text)
        session.lines.append({"type": text, "uuid": text, "sessionId": session.session, "content": text, "subtype": text})
    for media, data in [("image/svg+xml", SVG), ("image/png\"><script>window.ran=41</script>", PNG), ("image/png", PNG),
                        ("image/png", "x\" onerror=\"window.ran=42"), ("text/html", PNG)]:
        session.add("user", [{"type": "image", "source": {"type": "base64", "media_type": media, "data": data}}])
    session.add("user", [{"type": "image", "source": {"type": "url", "url": "https://evil.example/picture.png"}}])
    session.ask("The end")
    return session


def everyday():
    session = Transcript("5afe0000-0000-4000-8000-000000000002", "/home/ada/code/parser")
    session.lines.append({"type": "ai-title", "aiTitle": "Fix the flaky parser test", "sessionId": session.session})
    session.ask("The test `parses_nested` fails about once in ten runs. Please find out **why** and fix it.\n\nThanks!")
    session.add("assistant", [{"type": "thinking", "thinking": "First I should see the test itself.\n\n- run it often\n- read it",
                               "signature": "x"}])
    session.answer("I'll run it a few times and look at what differs.")
    session.call("Bash", {"command": "for i in $(seq 20); do cargo test parses_nested || break; done", "description": "Run it"},
                 "\x1b[32mok\x1b[0m\n" * 7 + "\x1b[31mFAILED\x1b[0m: left == right\nthread 'main' panicked at src/parser.rs:42", True)
    session.call("Read", {"file_path": "/home/ada/code/parser/src/parser.rs"},
                 "\n".join(f"{n:5}\u2192    let line_{n} = {n};" for n in range(1, 60)))
    session.call("Edit", {"file_path": "/home/ada/code/parser/src/parser.rs",
                          "old_string": "fn order(map: &HashMap<Key, Node>) {\n    for key in map.keys() {\n        visit(key);\n    }\n}",
                          "new_string": "fn order(map: &BTreeMap<Key, Node>) {\n    for key in map.keys() {\n        visit(key);\n    }\n}"},
                 "The file was updated.")
    session.answer("## What was wrong\n\nThe order of a `HashMap` differs from run to run. It has an order of its own now:\n\n"
                   "```rust\n// Sorted, so that every run sees the same order.\nfn order(map: &BTreeMap<Key, Node>) -> usize {\n"
                   "    let count = 42;\n    println!(\"{}\", \"visited\");\n    count\n}\n```\n\n| run | before | after |\n|---|--:|--:|\n"
                   "| 1 | 0.91 | 1.00 |\n| 2 | 0.88 | 1.00 |\n\n1. Sorted keys\n2. A test that runs **twenty** times\n\n"
                   "> Nothing else changed.\n\nSee [the docs](https://doc.rust-lang.org/std/).")
    session.add("user", [{"type": "text", "text": "And this is what I saw:"},
                         {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}])
    session.ask("Lovely. Now write a changelog entry")
    session.call("Write", {"file_path": "/home/ada/code/parser/CHANGELOG.md", "content": "# Changes\n\n- Parsing is stable\n"}, "Written.")
    session.call("Grep", {"pattern": "needle-in-a-fold", "path": "src"}, "src/lib.rs:3: only here: needle-in-a-fold\n")
    session.answer("Done.")
    return session


def long(messages):
    session = Transcript("10000000-0000-4000-8000-000000000003", "/home/ada/code/long")
    session.lines.append({"type": "ai-title", "aiTitle": "A very long session", "sessionId": session.session})
    for n in range(messages // 4):
        session.ask(f"Prompt number {n}: what comes next, and why is it *that*?")
        session.answer(f"Answer number {n}. It is `value_{n}`.\n\n- one thing\n- another thing")
        session.call("Bash", {"command": f"echo step {n}"}, f"step {n}\n" + "output " * 12)
    session.ask("haystack-end is only here")
    return session
