"""A home in which four agents keep sessions with secrets, and what can be asked about it."""

import gzip
import json
import os
import random
import sqlite3
import string
import subprocess
import time

PROGRAM = os.path.realpath(os.environ.get("SESSIONKEEP", "target/debug/sessionkeep"))
STORE = ".sessionkeep/sessions"
PROJECT = ".claude/projects/-home-me-app"
DATABASE = ".local/share/opencode/opencode.db"
CATALOG = f"{STORE}/.sessionkeep/catalog.sqlite"
DOCUMENT = ".cline/data/sessions/cline-1/cline-1.messages.json"
# Programs that setup finds: no systemctl, so that only our own crontab is there to be asked.
CRONTAB = """#!/bin/sh
table=$HOME/crontab.txt
case $1 in
-l) [ -f "$table" ] || { echo "no crontab for me" >&2; exit 1; }; /bin/cat "$table" ;;
-r) /bin/rm -f "$table" ;;
*) /bin/cat "$1" > "$table.new" && /bin/mv "$table.new" "$table" ;;
esac
"""


def identifier(number):
    """Returns the id of a session of Claude Code."""
    return f"{number * 7919 + 0x1A2B3C4D:08x}-0000-4000-8000-{number:012x}"


def is_temporary(name):
    """Returns whether a file has a name that no agent looks for: what is written until it takes its name."""
    return "/.tmp-" in name or ".sessionkeep-setup.tmp-" in name or name == "crontab.txt.new"


def secrets_of(seed):
    """Returns two tokens and a password, random, put together from pieces."""
    chosen = random.Random(seed)
    characters = string.ascii_letters + string.digits

    def any_of(length):
        return "".join(chosen.choice(characters) for _ in range(length))

    return ["gh" + "p_" + "a1" + any_of(34), "gh" + "p_" + "b2" + any_of(34), "hT4z9" + any_of(8) + "Xq7"]


class Home:
    """A home directory that is laid out once and then put back as often as wanted, at the same path."""

    def __init__(self, directory, seed):
        self.path = os.path.join(directory, "home")
        self.kept = os.path.join(directory, "kept")
        self.bin = os.path.join(directory, "bin")
        self.secrets = secrets_of(seed)
        os.makedirs(self.bin)
        with open(os.path.join(self.bin, "crontab"), "w") as file:
            file.write(CRONTAB)
        os.chmod(os.path.join(self.bin, "crontab"), 0o755)
        os.symlink(PROGRAM, os.path.join(self.bin, "sessionkeep"))
        self.environment = {"HOME": self.path, "PATH": self.bin, "LANG": "C.UTF-8", "TZ": "UTC"}

    def at(self, name):
        return os.path.join(self.path, name)

    def keep(self):
        """What is here now is what [`back`] puts back."""
        subprocess.run(["rm", "-rf", self.kept], check=True)
        subprocess.run(["cp", "-a", self.path, self.kept], check=True)

    def back(self):
        subprocess.run(["rm", "-rf", self.path], check=True)
        subprocess.run(["cp", "-a", self.kept, self.path], check=True)

    def run(self, *arguments):
        """Runs the program; returns its exit code, standard output and standard error."""
        done = subprocess.run([PROGRAM, *arguments], env=self.environment, capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=120)
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    def must(self, *arguments):
        code, out, said = self.run(*arguments)
        if code != 0:
            raise SystemExit(f"{' '.join(arguments)} ended with {code}: {said}")
        return out

    def write(self, name, text):
        path = self.at(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text.encode())
        # Older than what commands leave alone because it may still be written to.
        os.utime(path, (time.time() - 7200,) * 2)

    def forget_listing(self):
        """Makes the catalog's listing anew: its rows are found by inodes, and those of a copy are others."""
        connection = sqlite3.connect(self.at(CATALOG))
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("DELETE FROM listing")
        connection.commit()
        connection.execute("VACUUM")
        connection.close()
        self.must("import")

    def files(self, below=""):
        """Returns the paths of all files, relative to the home."""
        found = []
        for directory, _, names in os.walk(self.at(below)):
            found += [os.path.relpath(os.path.join(directory, name), self.path) for name in names]
        return sorted(found)

    def bytes(self, name):
        with open(self.at(name), "rb") as file:
            return file.read()

    def sources(self):
        """Returns the agents' own files with their bytes, without databases."""
        names = [name for name in self.files() if not name.startswith((".sessionkeep/", DATABASE))]
        return {name: self.bytes(name) for name in names}

    def archives(self):
        """Returns the text of each archive by its path; None where it cannot be unpacked."""
        texts = {}
        for name in self.files(STORE):
            # What prune has set aside is no archive any more.
            if name.endswith(".gz") and ".removed-" not in name:
                try:
                    texts[name] = gzip.decompress(self.bytes(name))
                except (OSError, EOFError, ValueError):
                    texts[name] = None
        return texts

    def leaks(self):
        """Returns the paths of all files with a secret in clear, packed or not."""
        found = set()
        for name in self.files():
            held = self.bytes(name)
            if name.endswith(".gz"):
                try:
                    held = gzip.decompress(held)
                except (OSError, EOFError, ValueError):
                    pass
            if any(secret.encode() in held for secret in self.secrets):
                # Until the next run, SQLite's log is a part of the catalog, with whole pages of it.
                found.add(CATALOG if name == CATALOG + "-wal" else name)
        return found

    def litter(self):
        """Returns the files that a killed run may leave for a while: temporary ones, and what is being removed."""
        return [name for name in self.files() if is_temporary(name) or ".removed-" in name]

    def listed(self, *arguments):
        """Returns the ids of the sessions that `list` shows."""
        code, out, said = self.run("list", "--json", *arguments)
        if code != 0:
            raise AssertionError(f"list {' '.join(arguments)} ended with {code}: {said}")
        return [session["session_id"] for session in json.loads(out or "[]")]

    def found(self):
        """Returns what `search` finds of the word that every file holds: addresses of messages, by session."""
        _, out, _ = self.run("search", "lorem", "--json")
        found = {}
        for line in out.splitlines():
            message = json.loads(line)
            found.setdefault(message["session"], []).append((message.get("part"), message["line"]))
        return {session: sorted(messages, key=str) for session, messages in found.items()}

    def rows(self):
        """Returns the texts of the database, read from a copy so that nothing is recovered here, and whether it is sound."""
        copy = self.path + ".database"
        subprocess.run(["rm", "-rf", copy], check=True)
        os.makedirs(copy)
        for ending in ["", "-wal", "-journal"]:
            if os.path.exists(self.at(DATABASE + ending)):
                subprocess.run(["cp", self.at(DATABASE + ending), copy], check=True)
        connection = sqlite3.connect(os.path.join(copy, "opencode.db"))
        try:
            is_sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            rows = [row[0] for row in connection.execute("SELECT data FROM part ORDER BY id")]
        except sqlite3.DatabaseError as error:
            is_sound, rows = False, [str(error)]
        connection.close()
        return is_sound, rows

    # What agents write.

    def claude(self, number, texts, part_of=None, name=None):
        """Writes a session of Claude Code, or a part of one."""
        identity = identifier(number)
        lines = [json.dumps({"type": "user", "uuid": f"{identity}-{line}", "sessionId": identity, "cwd": "/home/me/app",
                             "message": {"role": "user", "content": f"lorem {text}"},
                             "timestamp": f"2026-06-{number + 1:02d}T14:30:{line % 60:02d}.000Z"}) + "\n"
                 for line, text in enumerate(texts)]
        below = f"{identifier(part_of)}/subagents/{name}" if part_of is not None else identity
        self.write(f"{PROJECT}/{below}.jsonl", "".join(lines))

    def codex(self, number, text):
        identity = f"0199a213-81c0-7800-8aa1-bbab2a035a{number:02d}"
        time_of = f"2026-06-{number + 10:02d}T14:30:00"
        meta = {"timestamp": time_of + ".000Z", "type": "session_meta", "payload": {
            "id": identity, "timestamp": time_of + ".000Z", "cwd": "/w/codex", "originator": "codex_cli_rs",
            "cli_version": "0.169.0"}}
        message = {"timestamp": time_of + ".000Z", "type": "response_item", "payload": {
            "type": "message", "role": "user", "content": [{"type": "input_text", "text": f"lorem {text}"}]}}
        name = f"rollout-{time_of.replace(':', '-')}-{identity}.jsonl"
        self.write(f".codex/sessions/2026/06/{number + 10:02d}/{name}", json.dumps(meta) + "\n" + json.dumps(message) + "\n")

    def database(self):
        self.write(DATABASE, "")
        connection = sqlite3.connect(self.at(DATABASE))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript("""
            CREATE TABLE session (id TEXT PRIMARY KEY, project_id TEXT, parent_id TEXT, directory TEXT, title TEXT,
                version TEXT, time_created INTEGER, time_updated INTEGER);
            CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
            CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER,
                time_updated INTEGER, data TEXT);
            INSERT INTO session VALUES ('ses_open', 'p', NULL, '/w/open', 't', '1', 1780308000000, 1780308009000);
            INSERT INTO message VALUES ('msg_1', 'ses_open', 1780308000000, 1780308000000, '{"role":"user"}');""")
        for number in range(60):
            said = {3: f"push with {self.secrets[0]}", 5: f"DB_PASSWORD={self.secrets[2]}"}.get(number, "ipsum " * 10)
            data = json.dumps({"type": "text", "text": f"lorem {said}"})
            connection.execute("INSERT INTO part VALUES (?, 'msg_1', 'ses_open', ?, 1780308000000, ?)",
                               (f"prt_{number:03d}", 1780308000000 + number, data))
        connection.commit()
        connection.close()
        os.utime(self.at(DATABASE), (time.time() - 7200,) * 2)

    def cline(self):
        messages = {"version": 1, "messages": [
            {"id": "m0", "role": "user", "content": f"lorem use {self.secrets[0]}"},
            {"id": "m1", "role": "user", "content": f"lorem API_PASSWORD={self.secrets[2]}"}]}
        self.write(DOCUMENT, json.dumps(messages, indent=1))
        manifest = {"session_id": "cline-1", "cwd": "/w/app", "started_at": "2026-01-02T03:04:05Z"}
        self.write(DOCUMENT.replace(".messages", ""), json.dumps(manifest))

    def sessions(self):
        """Writes what all four agents have."""
        first, second, password = self.secrets
        self.claude(0, [f"push with {first}", "ipsum", f"DB_PASSWORD={password}", "ipsum"])
        self.claude(0, [f"it is {password}"], part_of=0, name="agent-0123456789abcde01")
        self.claude(0, ["ipsum"], part_of=0, name="agent-0123456789abcde02")
        self.claude(1, ["ipsum one", f"use {second} now"])
        self.claude(2, ["ipsum two"] * 5)
        self.claude(2, [f"found {second}"], part_of=2, name="agent-0123456789abcde03")
        # Of several blocks.
        self.claude(3, [f"{number} " + "dolor sit amet " * 60 for number in range(1500)] + [f"end {first}"])
        self.codex(1, f"push with {first}")
        self.codex(2, "ipsum")
        self.database()
        self.cline()
