"""The commands that are killed, and what must hold after each kill."""

import json
import os
import re

from home import DATABASE, DOCUMENT, PROJECT, STORE, identifier, is_temporary


class Faults(list):
    """What was found wrong: pairs of a kind (lost, doubled, torn, leaked, stuck) and what it is."""

    def unless(self, holds, kind, text):
        if not holds:
            self.append((kind, text))

    def exits(self, home, *arguments):
        """Runs the program, which must end well; returns what it said."""
        code, out, said = home.run(*arguments)
        self.unless(code == 0, "stuck", f"{' '.join(arguments)} ended with {code}: {(said + out)[-400:]}")
        return out + said

    def archives_nothing(self, home):
        said = self.exits(home, "import")
        self.unless(re.search(r"archived 0\b", said), "doubled", f"import archived again: {said[-400:]}")


class Scenario:
    """One command. `prepare` lays the home out, and `learn` looks at what a run makes that is not killed."""

    def prepare(self, home):
        home.sessions()

    def ready(self, home):
        """The home was put back."""

    def learn(self, home):
        """The home is as prepared, and put back afterwards."""

    def done(self, home):
        """The command was run to its end."""

    def check(self, home, number):
        """Returns the faults after a kill, the `number`-th one."""
        raise NotImplementedError


class Prune(Scenario):
    """Sessions that stay are whole, each other one is wholly there or wholly gone, and gone for good."""

    arguments = ["prune", "--keep-last", "3", "--yes", "--threads", "1"]

    def prepare(self, home):
        home.sessions()
        home.must("import")
        # A second version of one that goes.
        home.claude(1, ["ipsum written anew"])
        home.must("import")

    def learn(self, home):
        self.all, self.texts, self.messages = set(home.listed()), home.archives(), home.found()
        self.kept_leaks = home.leaks()

    def done(self, home):
        self.kept = set(home.listed())
        self.left = home.archives()
        assert len(self.kept) == 3 < len(self.all)

    def looks(self, home, faults, when):
        listed, pruned = set(home.listed()), set(home.listed("--pruned"))
        faults.unless(self.kept <= listed, "lost", f"{when}: to be kept, not listed: {self.kept - listed}")
        faults.unless(not listed & pruned, "doubled", f"{when}: listed and pruned: {listed & pruned}")
        faults.unless(listed | pruned == self.all, "lost", f"{when}: neither listed nor pruned: {self.all - listed - pruned}")
        found = home.found()
        for session in sorted(self.all):
            wanted = self.messages.get(session) if session in listed else None
            faults.unless(found.get(session) == wanted, "torn", f"{when}: search finds other messages of {session}")
            code = home.run("show", session, "--full", "--no-pager")[0]
            faults.unless((code == 0) == (session in listed), "torn", f"{when}: show {session} ended with {code}")
        texts = home.archives()
        faults.unless(all(texts.get(name) == text for name, text in self.left.items()), "lost", f"{when}: an archive that stays")
        faults.unless(all(self.texts.get(name) == text for name, text in texts.items()), "torn", f"{when}: an archive is another")
        return listed, texts

    def check(self, home, number):
        faults = Faults()
        listed, _ = self.looks(home, faults, "after the kill")
        faults.exits(home, "verify")
        faults.unless(home.leaks() <= self.kept_leaks, "leaked", str(home.leaks() - self.kept_leaks))
        following = [["import"], ["repair"], self.arguments][number % 3]
        faults.exits(home, *following)
        faults.exits(home, "verify")
        after, texts = self.looks(home, faults, f"after {following[0]}")
        if following[0] != "prune":
            faults.unless(after == listed, "doubled", f"{following[0]} changed what is listed: {after ^ listed}")
        faults.archives_nothing(home)
        faults.unless(home.archives() == texts, "doubled", "import changed the archives")
        faults.exits(home, *self.arguments)
        faults.archives_nothing(home)
        faults.unless(home.archives() == self.left, "stuck", "the second prune left other archives")
        faults.unless(set(home.listed()) == self.kept, "stuck", "the second prune left other sessions")
        faults.unless(not home.litter(), "stuck", f"left behind: {home.litter()}")
        faults.exits(home, "verify")
        return faults


class Redact(Scenario):
    """Each source is the old one or the masked one, and archived if it is the masked one; no clear text is added."""

    arguments = ["redact", "--in-place", "--yes", "--threads", "1"]

    def learn(self, home):
        self.old, self.old_rows, self.old_leaks = home.sources(), home.rows()[1], home.leaks()

    def done(self, home):
        self.new, self.new_rows, self.texts = home.sources(), home.rows()[1], sorted(home.archives().values())
        self.sessions = set(home.listed())
        assert not home.leaks() and self.old.keys() == self.new.keys() and self.old_rows != self.new_rows

    def check(self, home, number):
        faults = Faults()
        sources, texts = home.sources(), home.archives()
        for name, text in sources.items():
            if name in self.old:
                faults.unless(text in (self.old[name], self.new[name]), "torn", f"{name} is neither the old nor the masked one")
                if text == self.new[name] != self.old[name] and name.endswith(".jsonl"):
                    faults.unless(text in texts.values(), "lost", f"{name} is masked and not archived")
                try:
                    for line in [text] if name.endswith(".json") else text.splitlines():
                        json.loads(line)
                except ValueError:
                    faults.append(("torn", f"{name} is no JSON"))
            else:
                faults.unless(is_temporary(name), "torn", f"{name} was not there before")
        faults.unless(self.old.keys() <= sources.keys(), "lost", f"{self.old.keys() - sources.keys()} are gone")
        faults.unless(None not in texts.values(), "torn", "an archive is cut off")
        is_sound, rows = home.rows()
        faults.unless(is_sound and rows in (self.old_rows, self.new_rows), "torn", "the database")
        # What SQLite needs to take its transaction back is the agent's own database until then.
        new = home.leaks() - self.old_leaks - {DATABASE + "-journal", DATABASE + "-wal"}
        faults.unless(not new, "leaked", f"{new}")
        listed = home.listed() if os.path.isdir(home.at(STORE)) else []
        faults.unless(rows == self.old_rows or "ses_open" in listed, "lost", "the database is masked and not archived")
        faults.unless(sources.get(DOCUMENT) == self.old[DOCUMENT] or "cline-1" in listed, "lost", "a document, as well")
        if os.path.isdir(home.at(STORE)):
            faults.exits(home, "verify")
        faults.exits(home, *self.arguments, "--min-age", "0")
        faults.unless(home.sources() == self.new, "stuck",
                      f"the next run left {[name for name, text in home.sources().items() if self.new.get(name) != text]}")
        faults.unless(home.rows() == (True, self.new_rows), "stuck", "the next run left the database")
        faults.unless(not home.leaks(), "leaked", f"after the next run: {home.leaks()}")
        faults.archives_nothing(home)
        after = home.archives()
        faults.unless(None not in after.values() and sorted(after.values()) == self.texts, "doubled",
                      f"archives are others than those of a run that was not killed: {sorted(after)}")
        faults.unless(set(home.listed()) == self.sessions, "lost", "other sessions are listed")
        faults.exits(home, "verify")
        return faults


class RedactArchived(Redact):
    """The same where the sessions are archived already: nothing is archived that is not new."""

    def prepare(self, home):
        home.sessions()
        home.must("import")


class Remask(Scenario):
    """Each archive is the old one or the new one, and no secret is in a file that it was not in before."""

    arguments = ["remask", "--threads", "1"]

    def prepare(self, home):
        home.sessions()
        home.write(".sessionkeep/config.json", '{"disable_rules": ["github-classic", "password"]}')
        home.must("import")

    def ready(self, home):
        # With the old rules, for what is stale must be so in the listing, too.
        home.forget_listing()
        os.remove(home.at(".sessionkeep/config.json"))

    def learn(self, home):
        self.old, self.old_leaks, self.sessions, self.sources = home.archives(), home.leaks(), set(home.listed()), home.sources()
        assert sum(name.startswith(STORE) for name in self.old_leaks) >= 6, self.old_leaks

    def done(self, home):
        self.new, self.new_leaks = home.archives(), home.leaks()
        assert not any(name.startswith(STORE) for name in self.new_leaks) and self.old.keys() == self.new.keys()

    def check(self, home, number):
        faults = Faults()
        texts = home.archives()
        faults.unless(texts.keys() == self.old.keys(), "lost", f"other archives: {texts.keys() ^ self.old.keys()}")
        for name, text in texts.items():
            faults.unless(text in (self.old.get(name), self.new.get(name)), "torn", name)
        faults.unless(home.leaks() <= self.old_leaks, "leaked", str(home.leaks() - self.old_leaks))
        faults.exits(home, "verify")
        faults.unless(set(home.listed()) == self.sessions, "lost", "other sessions are listed")
        # An import may come between, and must not take what is masked anew for something else.
        if number % 2:
            faults.archives_nothing(home)
        faults.exits(home, *self.arguments)
        faults.unless(home.archives() == self.new, "stuck", "the next run left other archives than one that was not killed")
        faults.unless(home.leaks() <= self.new_leaks, "leaked", f"after the next run: {home.leaks() - self.new_leaks}")
        faults.archives_nothing(home)
        faults.unless(home.archives() == self.new, "doubled", "import changed the archives")
        faults.unless(home.sources() == self.sources, "torn", "a source was changed")
        faults.exits(home, "verify")
        return faults


class RemaskFromSource(Remask):
    """The same with archives that are made anew from the sources."""

    arguments = ["remask", "--from-source", "--threads", "1"]


class Restore(Scenario):
    """A transcript is absent or whole, never there before its parts, and nothing that is there is written over."""

    arguments = ["restore", identifier(0), "--threads", "1"]
    gone = [f"{PROJECT}/{identifier(0)}.jsonl"] + [
        f"{PROJECT}/{identifier(0)}/subagents/agent-0123456789abcde0{part}.jsonl" for part in (1, 2)]

    def prepare(self, home):
        home.sessions()
        home.must("import")
        for name in self.gone:
            os.remove(home.at(name))

    def learn(self, home):
        self.old, self.texts, self.sessions, self.old_leaks = home.sources(), home.archives(), set(home.listed()), home.leaks()

    def done(self, home):
        self.new = home.sources()
        assert self.new.keys() - self.old.keys() == set(self.gone)

    def check(self, home, number):
        faults = Faults()
        sources = home.sources()
        added = {name for name in sources.keys() - self.old.keys() if not is_temporary(name)}
        faults.unless(all(sources.get(name) == text for name, text in self.old.items()), "lost", "a file that was there")
        for name in added:
            faults.unless(sources[name] == self.new.get(name), "torn", name)
        faults.unless(self.gone[0] not in added or set(self.gone) <= added, "torn", "the transcript came before its parts")
        faults.unless(home.leaks() <= self.old_leaks, "leaked", str(home.leaks() - self.old_leaks))
        if number % 2:
            faults.archives_nothing(home)
        faults.exits(home, *self.arguments)
        faults.unless({name: text for name, text in home.sources().items() if not is_temporary(name)} == self.new, "stuck",
                      "the next run left other files than one that was not killed")
        faults.archives_nothing(home)
        faults.unless(home.archives() == self.texts, "doubled", "other archives")
        faults.unless(set(home.listed()) == self.sessions, "doubled", "other sessions are listed")
        faults.exits(home, "verify")
        return faults


class RestoreAsNew(Scenario):
    """As a new session: each file of it is absent or whole, with its new id, and the one that is there stays."""

    arguments = ["restore", identifier(0), "--as-new", "--threads", "1"]

    def prepare(self, home):
        home.sessions()
        home.must("import")

    def learn(self, home):
        self.old, self.texts, self.old_leaks = home.sources(), home.archives(), home.leaks()
        self.sessions = set(home.listed())
        below = [text for name, text in self.texts.items() if identifier(0).encode() in text]
        self.wanted = sorted(below)
        assert len(self.wanted) == 3

    def copies(self, home, faults):
        """Returns the copies that are there, with the id taken back: transcripts and parts by their new id."""
        sources = home.sources()
        faults.unless(all(sources.get(name) == text for name, text in self.old.items()), "lost", "a file that was there")
        copies = {}
        for name in sorted(sources.keys() - self.old.keys()):
            if is_temporary(name):
                continue
            match = re.match(re.escape(PROJECT) + r"/([0-9a-f-]{36})(\.jsonl|/.*)$", name)
            faults.unless(match, "torn", f"{name} is no name of a copy")
            if match:
                kind = "transcript" if match[2] == ".jsonl" else "parts"
                text = sources[name].replace(match[1].encode(), identifier(0).encode())
                faults.unless(text in self.wanted, "torn", name)
                copies.setdefault(match[1], {}).setdefault(kind, []).append(text)
        for session, copy in copies.items():
            faults.unless("transcript" not in copy or len(copy.get("parts", [])) == 2, "torn", f"{session} came before its parts")
        return copies

    def check(self, home, number):
        faults = Faults()
        self.copies(home, faults)
        faults.unless(home.leaks() <= self.old_leaks, "leaked", str(home.leaks() - self.old_leaks))
        faults.exits(home, *self.arguments)
        after = self.copies(home, faults)
        faults.unless(any("transcript" in copy for copy in after.values()), "stuck", "the next run made no copy")
        faults.exits(home, "import")
        faults.archives_nothing(home)
        texts = home.archives()
        faults.unless(all(texts.get(name) == text for name, text in self.texts.items()), "lost", "an archive")
        faults.unless(self.sessions <= set(home.listed()), "lost", "a session is not listed any more")
        faults.exits(home, "verify")
        return faults


class Setup(Scenario):
    """Each settings file is the old one or the new one, and undo gives the bytes back."""

    arguments = ["setup", "--yes", "--no-import"]
    undo = ["setup", "--undo", "--yes"]
    killed_is_undo = False

    def prepare(self, home):
        home.sessions()
        home.write(".claude/settings.json",
                   '{\n    "model": "opus",\n    "hooks": {\n        "Stop": []\n    },\n    "b": [1,2]\n}')
        home.write(".gemini/settings.json", '{"theme": "dark"}\n')
        home.write(".codex/config.toml", '# mine\nmodel = "x"\n')
        home.write("crontab.txt", "# mine\n5 4 * * * true\n")
        self.before = home.sources()
        if self.killed_is_undo:
            home.must(*Setup.arguments)

    def learn(self, home):
        if self.killed_is_undo:
            self.after = home.sources()

    def done(self, home):
        if self.killed_is_undo:
            assert home.sources() == self.before, "undo gives everything back"
        else:
            self.after = home.sources()
        assert self.after["crontab.txt"] != self.before["crontab.txt"]
        assert self.after[".claude/settings.json"] != self.before[".claude/settings.json"]

    def check(self, home, number):
        faults = Faults()
        for name, text in home.sources().items():
            if is_temporary(name):
                continue
            faults.unless(text in (self.before.get(name), self.after.get(name)), "torn",
                          f"{name} is neither the old nor the new one")
            if name.endswith("settings.json"):
                try:
                    json.loads(text)
                except ValueError:
                    faults.append(("torn", f"{name} is no JSON"))
        missing = self.before.keys() - home.sources().keys()
        faults.unless(not missing, "lost", f"{missing}")
        # The half-done work is finished, or taken back as it is.
        if number % 2:
            faults.exits(home, *Setup.arguments)
            self.equals(home, self.after, faults, "the next setup")
        faults.exits(home, *self.undo)
        self.equals(home, self.before, faults, "undo")
        return faults

    def equals(self, home, wanted, faults, after):
        # What the fake crontab leaves when it is killed itself is not the program's.
        there = home.sources()
        there.pop("crontab.txt.new", None)
        other = sorted(name for name in there.keys() | wanted.keys() if there.get(name) != wanted.get(name))
        faults.unless(not other, "stuck", f"after {after} these are others: {other}")


class Undo(Setup):
    """The same, with undo as what is killed."""

    arguments = Setup.undo
    killed_is_undo = True


SCENARIOS = {"prune": Prune, "redact": Redact, "redact-archived": RedactArchived, "remask": Remask,
             "remask-from-source": RemaskFromSource, "restore": Restore, "restore-as-new": RestoreAsNew, "setup": Setup,
             "undo": Undo}
