#!/usr/bin/env python3
"""Counts what the masker changes in text that holds no secrets: source, documentation, and the logs of test runners.

Transcripts are built from the source trees given: records as Claude Code writes them, each with some 50 KB of a file as
a tool's result, and between them logs made of the identifiers found in those trees. `sessionkeep import` archives them
with a home of its own, and each masked text is laid beside what it was. Every piece is printed with its rule; whether
a changed line really held a secret (trees of tests do) is for the reader to say.

    benches/ambient.py ~/.cargo/registry/src /usr/share/doc
    benches/ambient.py --program target/release/sessionkeep --most-mb 100 --show 200 DIR...
"""

import argparse
import collections
import difflib
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
RECORD_BYTES = 50_000
SESSION_BYTES = 4_000_000
MEBIBYTE = 1 << 20
SUFFIXES = set(
    ".c .cc .cfg .cjs .cpp .css .go .h .hpp .htm .html .in .ini .java .js .json .kt .lua .md .mjs .php .pl .pm .po .proto"
    " .py .pyi .rb .rs .rst .sh .sql .swift .tcl .toml .ts .tsx .txt .xml .yaml .yml".split()
)
# Where a name is defined: what merely has the letters of a name may be a hash or the middle of a blob.
IDENTIFIER = re.compile(
    r"\b(?:fn|func|def|class|struct|enum|trait|type|const|interface|function|let|var|mod|static|namespace)"
    r" (?:\([^)\n]{1,40}\) )?([A-Za-z_][A-Za-z0-9_]{5,39})\b"
)
TYPE = re.compile(r"^[A-Z][a-z]+(?:[A-Z0-9]+[a-z]+)*[0-9]*[A-Za-z0-9]*$")
LOG_MARK = "$ make check\n"
PLACEHOLDER = re.compile(r"\*\*\*(?:MASKED(?::([a-z0-9-]+))?|PRIVATE_KEY_MASKED)\*\*\*")


def files_of(trees, seed):
    """Yields the text files of the trees in a random order that is the same each time."""
    paths = []
    for tree in trees:
        for directory, folders, names in os.walk(tree):
            folders[:] = sorted(folder for folder in folders if folder != ".git")
            paths += [Path(directory, name) for name in sorted(names)]
    random.Random(seed).shuffle(paths)
    for path in paths:
        is_text = path.suffix.lower() in SUFFIXES or not path.suffix
        try:
            if is_text and path.is_file() and not path.is_symlink() and path.stat().st_size < 2 * MEBIBYTE:
                yield path, path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue


def pieces_of(text):
    """Cuts a text at line ends into pieces of about the size of a record."""
    piece, size = [], 0
    for line in text.splitlines(keepends=True):
        piece.append(line)
        size += len(line)
        if size >= RECORD_BYTES:
            yield "".join(piece)
            piece, size = [], 0
    if piece:
        yield "".join(piece)


class Names:
    """Identifiers of the source, to make logs and declarations of."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.all = collections.Counter()

    def add(self, text):
        self.all.update(set(IDENTIFIER.findall(text)))

    def settle(self):
        # Names with a digit are the ones that are taken for passwords: half of what the logs are made of.
        names = sorted(self.all)
        self.plain = [name for name in names if not re.search(r"[0-9]", name)] or ["plain_name"]
        self.digits = [name for name in names if re.search(r"[0-9]", name)] or ["name_2"]
        self.types = [name for name in names if TYPE.match(name) and re.search("[a-z]", name)] or ["Type2"]
        self.digit_types = [name for name in self.types if re.search(r"[0-9]", name)] or ["Type2"]

    def one(self):
        return self.random.choice(self.digits if self.random.random() < 0.5 else self.plain)

    def type(self):
        return self.random.choice(self.digit_types if self.random.random() < 0.5 else self.types)


def test_log(names):
    """Returns what a test runner prints, and declarations that have a type behind a telling name."""
    one, kind, number, choice = names.one, names.type, names.random.randrange, names.random.choice
    camel = lambda: "".join(part.capitalize() for part in one().split("_"))
    seconds = lambda: f"{number(900) / 100:.2f}"
    key = lambda: choice(
        "password passwd passphrase secret token api_key apiKey private_key client_secret clientSecret access_token"
        " accessToken authToken auth_token secret_key secretKey credentials Password Token Secret APIKey".split()
    )
    verdict = lambda: choice(["PASS", "FAIL", "Pass", "Fail", "XFAIL", "SKIP", "XPASS", "ERROR"])
    forms = [
        lambda: f"=== RUN   Test{camel()}_{one()}\n--- PASS: Test{camel()}_{one()} ({seconds()}s)\n"
        f"    --- PASS: Test{camel()}/{one()} ({seconds()}s)\n--- FAIL: Test{camel()} ({seconds()}s)\n",
        lambda: f"{verdict()}: tests/{one()}.sh\n{verdict()}: {one()}.t {number(90)} - {one()}\n{verdict()}: {one()}\n",
        lambda: f"\x1b[0;32m{verdict()}\x1b[m: {one()}\n\x1b[32mPASS: {camel()}\x1b[0m\n  {verdict()}: {camel()}.{one()}\n",
        lambda: f"2026-01-0{number(9) + 1}T10:00:00Z INFO {verdict()}: {one()}\n[{number(900)}] {verdict()}: {camel()}\n",
        lambda: f"ok {number(90)} - {one()}\nnot ok {number(90)} - {camel()}\nok {number(90)} - PASS: {one()}\n",
        lambda: f"{verdict()}: gcc.dg/{one()}/{one()}.c (test for excess errors)\n{verdict()}: {one()}/{one()}.exp: {one()}\n",
        lambda: f"tests/{one()}.py::Test{camel()}::test_{one()} PASSED [{number(99)}%]\nFAILED tests/{one()}.py::test_{one()}\n",
        lambda: f"test {one()}::tests::{one()} ... ok\nPASS [   {seconds()}s] {one()} {one()}::{one()}\n",
        lambda: f"PASS src/{one()}.test.ts\n  ✓ {one()} ({number(90)} ms)\n  {camel()}\n    ✕ pass: {one()}\n",
        lambda: f"{number(90)}/{number(90)} Test #{number(90)}: {one()} ...........   Passed    {seconds()} sec\n",
        lambda: f'<testcase classname="{one()}.{camel()}" name="{one()}" time="{seconds()}"/>\n',
        lambda: f"{key()}: {kind()},\n    {key()}: {kind()};\n  private {key()}: {kind()} = new {kind()}();\n",
        lambda: f"    pub {key()}: Option<{kind()}>,\nfn f({key()}: {kind()}, {key()}: &{kind()}) -> {kind()} {{\n",
        lambda: f"  val {key()}: {kind()}? = null\n  var {key()}: {kind()} by lazy {{ {camel()}() }}\n",
        lambda: f"def f(self, {key()}: {kind()} = None, *, {key()}: {kind()}) -> None:\n{key()}: {kind()} | None\n",
        lambda: f"{key()} = {one()}({one()})\n{key()} := {one()}.{one()}()\nlet {key()} = {kind()}::{one()};\n",
        lambda: f"{key()} = {one()}\n{key()} = {kind()}.{camel()}\n{key()}: {one()}.{one()}\n{one()}(a, {key()}={one()}, b=1)\n",
        lambda: f"{{{{ {one()} }}}}\n{key()}: ${{{one()}}}\n{key()}=${one()}\n{key()}: {{{{ {one()} }}}}\n",
        lambda: f'{key()}: "{one()}.{one()}.label"\n{key()}: \'{one()}.{one()}\'\n',
        lambda: f'{key()}: t("{one()}.{one()}"),\n{key()} = await {one()}({one()})\n',
        lambda: f"{key()} {kind()} `json:\"{one()}\"`\n\t{key()}: {one()}[{number(9)}],\n",
    ]
    return LOG_MARK + "".join(choice(forms)() for _ in range(300))


def record(session, number, text):
    return json.dumps({
        "parentUuid": None, "isSidechain": False, "userType": "external", "cwd": "/work/ambient", "sessionId": session,
        "version": "2.1.0", "gitBranch": "main", "type": "user",
        "message": {"role": "user", "content": [
            {"tool_use_id": f"toolu_{number:024d}", "type": "tool_result", "content": text}]},
        "uuid": f"00000000-0000-4000-8000-{number:012d}", "timestamp": "2026-01-02T03:04:05.000Z",
    }, ensure_ascii=False) + "\n"


def build(trees, folder, most_bytes, seed):
    """Writes transcripts to a folder; returns how many bytes of files and of logs."""
    names, records, size = Names(seed), [], 0
    for path, text in files_of(trees, seed):
        names.add(text)
        for piece in pieces_of(text):
            records.append((f"/{path.name}", piece))
            size += len(piece)
        if size >= most_bytes:
            break
    names.settle()
    sizes, session, number, out = {"files": 0, "logs": 0}, 0, 0, None
    for index, (_, piece) in enumerate(records):
        # A log after each megabyte or so of files: it stands among the source that defines its names.
        texts = [piece] + ([test_log(names)] if index % 60 == 59 or index == len(records) - 1 else [])
        for text in texts:
            if out is None or out.tell() > SESSION_BYTES:
                if out:
                    out.close()
                session += 1
                identity = f"00000000-0000-4000-9000-{session:012d}"
                out = open(folder / f"{identity}.jsonl", "w", encoding="utf-8", newline="\n")
            number += 1
            out.write(record(identity, number, text))
            sizes["logs" if text.startswith(LOG_MARK) else "files"] += len(text.encode())
    if out:
        out.close()
    return sizes


def masked_pieces(before, after):
    """Yields rule and masked text of each placeholder in a changed line."""
    parts, position = [], 0
    for found in PLACEHOLDER.finditer(after):
        parts.append((after[position:found.start()], found))
        position = found.end()
    here = 0
    rest = after[position:]
    for index, (text, found) in enumerate(parts):
        here = before.find(text, here)
        if here < 0:
            yield "?", before.strip()
            return
        here += len(text)
        following = parts[index + 1][0] if index + 1 < len(parts) else rest
        end = before.find(following, here) if following.strip() else len(before)
        end = len(before) if end < 0 else end
        if before[here:here + len(found[0])] != found[0]:
            yield found[1] or "unlabelled", before[here:end]
        here = end


def changes(source, masked):
    """Yields the changed lines of two texts, before and after."""
    old, new = source.split("\n"), masked.split("\n")
    if len(old) == len(new):
        yield from ((one, other) for one, other in zip(old, new) if one != other)
        return
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield "\n".join(old[a:b]), "\n".join(new[c:d])


def compare(folder, store):
    """Returns the changed lines with their pieces, and rule counts from the sidecars."""
    changed, by_rule = [], collections.Counter()
    for sidecar in sorted(store.rglob("*.meta.json")):
        meta = json.loads(sidecar.read_text())
        by_rule.update(meta["masked_by_rule"])
        if not meta["masked_by_rule"]:
            continue
        archive = sidecar.with_name(sidecar.name.replace(".meta.json", ".jsonl.gz"))
        with open(meta["source"], encoding="utf-8", newline="\n") as old, gzip.open(archive, "rt", encoding="utf-8", newline="\n") as new:
            for one, other in zip(old, new):
                if one != other:
                    content = lambda line: json.loads(line)["message"]["content"][0]["content"]
                    kind = "logs" if content(one).startswith(LOG_MARK) else "files"
                    changed += [(kind, *change) for change in changes(content(one), content(other))]
    return changed, by_rule


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--program", type=Path, default=PROJECT / "target/release/sessionkeep")
    parser.add_argument("--most-mb", type=float, default=100)
    parser.add_argument("--show", type=int, default=100, help="changed lines to print")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ambient-") as home:
        folder, store = Path(home, "transcripts"), Path(home, "store")
        folder.mkdir()
        sizes = build(arguments.trees, folder, arguments.most_mb * MEBIBYTE, arguments.seed)
        environment = {"HOME": home, "PATH": os.environ["PATH"]}
        command = [arguments.program.resolve(), "import", "--from", folder, "--out", store, "-q", "--force"]
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=home)
        if done.returncode:
            sys.exit(f"import failed: {done.returncode}\n{done.stderr.decode()[:500]}")
        changed, by_rule = compare(folder, store)
    learned = collections.Counter()
    for index, (kind, before, after) in enumerate(changed):
        for rule, text in masked_pieces(before, after):
            if rule in ("unlabelled", "known-value"):
                learned[text] += 1
            if index < arguments.show:
                at = max(before.find(text) - 60, 0)
                print(f"{kind:5} {rule:22} {text[:60]!r:40} {before[at:at + 160].strip()!r}")
    print()
    for kind, size in sizes.items():
        lines = sum(1 for change in changed if change[0] == kind)
        print(f"{kind}: {size / MEBIBYTE:.1f} MB, {lines} lines changed, {lines * MEBIBYTE / max(size, 1):.3f} a MB")
    print(f"by rule: {dict(by_rule)}")
    print(f"values masked without a label: {learned.most_common(40)}")


if __name__ == "__main__":
    main()
