//! The text inside of transcripts, before any escaping: source code, terminal output, prose; some of it not in
//! English; and secrets, where they are asked for.

use sessionkeep::testing::mask::recipe;

use super::random::Random;

const WORDS: &str = "the to of and a in is that for it with this on as be not are file from or an by will test you \
can error we all has if but function when should code use which there new have any one value line at so no run add \
only what same now name type check first fix return need data then also user path must was more before after each \
other does into make see build call set change read write list time been error message config default state two \
session key input output already without its them over response case request test string number where while \
because both still most like field where given server project command version update create handle cache result \
missing correctly module public instead existing follow package directory index parse format option failing returns \
option empty current through single table page implementation component query buffer behaviour deploy transaction \
client endpoint dependency structure migration argument branch commit pipeline release container memory thread \
schema token window render layout event listener callback async stream filter invalid timeout retry interface \
pattern expected expression iterate connection database recursion serialize boundary concurrency throughput latency \
document paragraph reviewer optional overlapping percentage threshold schedule permission ownership lifetime generic \
closure collection attribute annotation warning deprecated refactor coverage snapshot fixture assertion regression";

const PARTS: &str = "get set user item list data config path name index value state load save parse build render node \
token line block entry key cache file request response handler error result buffer client server session source \
target count size update create delete find match filter map order page view model query event route store queue \
task worker stream reader writer header body field type kind option default input output context scope range start \
end offset length bytes text string number time date group rule archive member stage merge split check verify apply \
resolve fetch send receive connect close open lock thread pool batch plan report summary total limit policy schema";

/// One line of code each: `#` a name, `~` a number, `^` a phrase, `%` a path. Tabs and quotes as in real code.
const CODE: [&str; 46] = [
    "    let # = #.#(#);",
    "        if #.#() {",
    "        self.#.#(#, #);",
    "    }",
    "",
    "    const # = await #(#, { #: # });",
    "        return #;",
    "    # = #[\"#\"]",
    "    // ^",
    "  \"#\": \"^\",",
    "    for # in #.#():",
    "        #: #.#,",
    "\tif err := #.#(#); err != nil {",
    "\t\treturn nil, fmt.Errorf(\"^: %w\", err)",
    "\t}",
    "    /// ^ ^",
    "    assert_eq!(#.#(), ~);",
    "    def #(self, #: str, #: int = ~) -> #:",
    "        \"\"\"^.\"\"\"",
    "import { #, # } from './%';",
    "use crate::#::{#, #};",
    "  <# className=\"#-# #\" onClick={() => #(#)}>",
    "pub fn #(#: &#, #: usize) -> Result<#> {",
    "    expect(#.#(#)).toEqual(~);",
    "        .#(|#| #.# == #)",
    "    } else {",
    "        raise #(f\"^ {#}\")",
    "    #[derive(Clone, Debug)]",
    "export function #(#: #): # {",
    "        logger.#(\"^\", #=#)",
    "# * ~ + #",
    "    * @param {#} # - ^",
    "SELECT #, # FROM # WHERE # = ~ ORDER BY #;",
    "    width: ~px; color: ##;",
    "    let #: Vec<#> = #.iter().map(|#| #.#).collect();",
    "        Some(#) => #.#(#),",
    "        None => return Err(#::#(\"^\")),",
    "try { # = JSON.parse(#) } catch (#) { #(`^ ${#}`) }",
    "#endif // #",
    "    @#.setter",
    "\t\t\t#.#(#, #)",
    "\t\tif # != nil && #.#(#) {",
    "\t\t\t\t# = append(#, #.#)",
    "\t\t\t},",
    "    let # = Regex::new(r\"^\\s*#\\.(\\w+)$\").unwrap();",
    "\t\tconst # = #.replace(/\\n\\s+/g, '\\n');",
];

/// One line of terminal output each; `$` is a hash, `!` a time, `?` a coloured word.
const TERMINAL: [&str; 24] = [
    "%:~:~: #.#(#)",
    "./%",
    "-rw-r--r--  1 dev dev ~~ !  %",
    "drwxr-xr-x  4 dev dev 4096 !  #",
    "\tmodified:   %",
    "test #::#::# ... ok",
    " ✓ ^ (~ ms)",
    "   Compiling # v0.~.~",
    "$ ^",
    "@@ -~,7 +~,9 @@ fn #(#",
    "+    let # = #.#(#);",
    "-    let # = #.#();",
    "     #.#(#)",
    "diff --git a/% b/%",
    "[!] INFO  #: ^ id=~",
    "?: ^",
    "  File \"%\", line ~, in #",
    "{\"#\": \"#\", \"#\": ~, \"#\": [~, ~]}",
    "=== RUN   Test#/#",
    "~ % /usr/bin/# --#=# --# ~",
    "└── # — ^",
    "|  # | ~ | ~.~ | ^ |",
    "GET /api/#/~?#=# 200 ~ms",
    "",
];

const OTHER_LANGUAGES: [&str; 10] = [
    "プロジェクトの設定ファイルを確認してください。",
    "Пожалуйста, проверьте файл конфигурации.",
    "Bitte prüfen, ob die Änderung schon übernommen wurde.",
    "请先运行测试，然后再提交代码。",
    "Vérifiez d'abord les paramètres déjà chargés.",
    "설정을 다시 불러온 뒤 테스트를 실행했습니다.",
    "naïve café, jalapeño, résumé",
    "⚠️  ✅  🚀 done — ready…",
    "════════════════════════════════",
    "│ ● │ ○ │ → │ ← │ ≥ 10 │",
];

/// What is planted: the shapes of well-known keys, of bytes that no escape changes. The rest of the line is what
/// would stand there.
const SECRETS: [&str; 12] = [
    "export GITHUB_TOKEN=⟦ghp_{alnum:36}⟧",
    "ANTHROPIC_API_KEY=⟦sk-ant-api03-{base64url:93}AA⟧",
    "aws_access_key_id = ⟦AKIA{base32:16}⟧",
    "  \"token\": \"⟦glpat-{alnum:20}⟧\",",
    "SLACK_BOT_TOKEN: ⟦xoxb-{digits:12}-{digits:12}-{alnum:24}⟧",
    "key: '⟦AIza{alnum:35}⟧'",
    "STRIPE_SECRET_KEY=⟦sk_live_{alnum:24}⟧",
    "//registry/:_authToken=⟦npm_{alnum:36}⟧",
    "> Authorization: Bearer ⟦{alnum:40}⟧",
    "HF_TOKEN=⟦hf_{letters:34}⟧",
    "⟦ghs_{alnum:36}⟧",
    "OPENAI_API_KEY=⟦sk-proj-{alnum:48}⟧",
];

/// Writes text of one session: it has its own names and paths, which come back again and again.
pub struct Writer {
    random: Random,
    words: Vec<&'static str>,
    names: Vec<String>,
    paths: Vec<String>,
    /// Lines written before: code and logs repeat themselves.
    recent: Vec<Vec<u8>>,
    secrets_per_byte: f64,
    planted: Vec<Vec<u8>>,
}

/// Names and paths that a session knows. More of them, and the text compresses worse.
const NAMES: usize = 260;
const PATHS: usize = 40;

/// Lines that may come back, and how many of a hundred do: set so that gzip gets out of a file what it gets out of
/// real ones.
const RECENT_LINES: usize = 300;
const REPEATED_PERCENT: usize = 38;

impl Writer {
    pub fn new(seed: u64, secrets_per_mebibyte: f64) -> Writer {
        let mut random = Random::new(seed);
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let parts: Vec<&str> = PARTS.split_whitespace().collect();
        let names: Vec<String> = (0..NAMES).map(|_| name(&mut random, &parts)).collect();
        let paths = (0..PATHS).map(|_| path(&mut random, &parts)).collect();
        // A planted line mostly stands twice in a transcript; what counts is how often it was planted.
        let secrets_per_byte = secrets_per_mebibyte / f64::from(1 << 20);
        Writer { random, words, names, paths, recent: Vec::new(), secrets_per_byte, planted: Vec::new() }
    }

    /// Returns the secrets planted so far.
    pub fn into_planted(self) -> Vec<Vec<u8>> {
        self.planted
    }

    /// Returns one of the session's paths.
    pub fn path(&mut self) -> String {
        let at = self.random.skewed(self.paths.len());
        self.paths[at].clone()
    }

    /// Plants a secret for `bytes` of transcript, as often as asked for: a line of its own.
    pub fn plant(&mut self, bytes: usize, out: &mut Vec<u8>) {
        let mut expected = self.secrets_per_byte * bytes as f64;
        while self.random.fraction() < expected {
            expected -= 1.0;
            let recipe = SECRETS[self.random.below(SECRETS.len())];
            let line = recipe::expand(recipe, self.random.next());
            out.extend_from_slice(&line.text);
            out.push(b'\n');
            self.planted.push(line.text[line.secret].to_vec());
        }
    }

    /// Appends source code of about `bytes`.
    pub fn code(&mut self, bytes: usize, out: &mut Vec<u8>) {
        let end = out.len() + bytes;
        // One file uses a few lines' shapes and names much more than others.
        let (shape, first_name) = (self.random.below(CODE.len()), self.random.below(NAMES));
        while out.len() < end {
            if self.random.below(150) == 0 {
                self.foreign(out);
            }
            let at = (shape + self.random.skewed(CODE.len())) % CODE.len();
            self.line(CODE[at], first_name, out);
        }
    }

    /// Appends what commands print, about `bytes`.
    pub fn terminal(&mut self, bytes: usize, out: &mut Vec<u8>) {
        let end = out.len() + bytes;
        let (shape, first_name) = (self.random.below(TERMINAL.len()), self.random.below(NAMES));
        while out.len() < end {
            let at = (shape + self.random.skewed(TERMINAL.len())) % TERMINAL.len();
            self.line(TERMINAL[at], first_name, out);
        }
    }

    /// Appends a code file as a viewer shows it, with numbered lines.
    pub fn numbered(&mut self, code: &[u8], out: &mut Vec<u8>) {
        let separator = if self.random.percent(12) { "→" } else { "\t" };
        for (number, line) in code.split(|byte| *byte == b'\n').enumerate() {
            out.extend_from_slice(format!("{:>6}{separator}", number + 1).as_bytes());
            out.extend_from_slice(line);
            out.push(b'\n');
        }
    }

    /// Appends sentences of about `bytes`.
    pub fn prose(&mut self, bytes: usize, out: &mut Vec<u8>) {
        let end = out.len() + bytes;
        while out.len() < end {
            match self.random.below(80) {
                0..2 => out.extend_from_slice(b"\n\n"),
                2..4 => out.extend_from_slice(b"\n- "),
                4..6 => out.extend_from_slice(b"\n\n## "),
                6 => self.foreign(out),
                7 => out.extend_from_slice("I’ll fix this — ".as_bytes()),
                _ => {}
            }
            let words = 6 + self.random.below(12);
            self.phrase(words, out);
            match self.random.below(6) {
                0 => {
                    out.extend_from_slice(b" `");
                    let at = self.random.skewed(NAMES);
                    out.extend_from_slice(self.names[at].as_bytes());
                    out.extend_from_slice(b"`. ");
                }
                1 => out.extend_from_slice(b", "),
                _ => out.extend_from_slice(b". "),
            }
        }
    }

    /// Appends a few lines that are not ASCII: where there is one, there are more.
    fn foreign(&mut self, out: &mut Vec<u8>) {
        for _ in 0..2 + self.random.below(7) {
            out.extend_from_slice(b"    // ");
            out.extend_from_slice(self.random.choose(&OTHER_LANGUAGES).as_bytes());
            out.push(b'\n');
        }
    }

    fn phrase(&mut self, words: usize, out: &mut Vec<u8>) {
        for at in 0..words {
            if at > 0 {
                out.push(b' ');
            }
            let word = self.words[self.random.skewed(self.words.len())];
            out.extend_from_slice(word.as_bytes());
        }
    }

    /// Appends a line made after `template`, or one of the lines written before.
    fn line(&mut self, template: &str, first_name: usize, out: &mut Vec<u8>) {
        if self.random.percent(REPEATED_PERCENT) && self.recent.len() == RECENT_LINES {
            let at = self.random.below(RECENT_LINES);
            out.extend_from_slice(&self.recent[at]);
            return;
        }
        let start = out.len();
        self.expand(template, first_name, out);
        if self.recent.len() < RECENT_LINES {
            self.recent.push(out[start..].to_vec());
        } else {
            let at = self.random.below(RECENT_LINES);
            self.recent[at].clear();
            self.recent[at].extend_from_slice(&out[start..]);
        }
    }

    /// Appends a line made after `template`, and a line break.
    fn expand(&mut self, template: &str, first_name: usize, out: &mut Vec<u8>) {
        for piece in template.split_inclusive(['#', '~', '^', '%', '$', '!', '?']) {
            let (text, mark) = piece.split_at(piece.len() - 1);
            match mark {
                "#" | "~" | "^" | "%" | "$" | "!" | "?" => out.extend_from_slice(text.as_bytes()),
                _ => out.extend_from_slice(piece.as_bytes()),
            }
            match mark {
                "#" => {
                    let at = (first_name + self.random.skewed(NAMES)) % NAMES;
                    out.extend_from_slice(self.names[at].as_bytes());
                }
                "~" => {
                    let digits = 1 + self.random.below(4) as u32;
                    let number = self.random.below(10usize.pow(digits));
                    out.extend_from_slice(number.to_string().as_bytes());
                }
                "^" => {
                    let words = 2 + self.random.below(5);
                    self.phrase(words, out);
                }
                "%" => {
                    let at = self.random.skewed(PATHS);
                    out.extend_from_slice(self.paths[at].as_bytes());
                }
                "$" => self.random.hex(40, out),
                "!" => out.extend_from_slice(b"Jan 12 10:24"),
                // Most programs print no colours when nobody is there to see them.
                "?" if !self.random.percent(12) => out.extend_from_slice(b"warning"),
                "?" => {
                    let colour = 30 + self.random.below(8);
                    out.extend_from_slice(format!("\u{1b}[1;{colour}mwarning\u{1b}[0m").as_bytes());
                }
                _ => {}
            }
        }
        out.push(b'\n');
    }
}

fn name(random: &mut Random, parts: &[&str]) -> String {
    let is_snake = random.percent(55);
    let mut name = String::new();
    for at in 0..1 + random.below(3) {
        let part = parts[random.below(parts.len())];
        match (at, is_snake) {
            (0, _) => name.push_str(part),
            (_, true) => {
                name.push('_');
                name.push_str(part);
            }
            (_, false) => {
                name.push_str(&part[..1].to_uppercase());
                name.push_str(&part[1..]);
            }
        }
    }
    name
}

fn path(random: &mut Random, parts: &[&str]) -> String {
    let top = random.pick(&["src", "tests", "lib", "app/components", "packages/core/src", "docs"]);
    let extension = random.pick(&["rs", "ts", "py", "tsx", "go", "md", "json", "toml"]);
    let (one, two) = (parts[random.skewed(parts.len())], parts[random.below(parts.len())]);
    format!("{top}/{one}/{two}.{extension}")
}
