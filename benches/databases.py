#!/usr/bin/env python3
"""Measures imports of a database that holds many sessions: the first, one with nothing to do, one after one session changed.

    benches/databases.py [--sessions 2000] [--megabytes 1000] [--program target/release/sessionkeep] [--directory DIR]

The database is made as OpenCode keeps its own, of words drawn from a list: about as compressible as real conversations, and
with a secret in each hundredth part. What is compared with what:

  first import       megabytes of text told a second, 2 threads; the most memory that is not the page cache
  nothing to do      its time less that of `find` over the same home
  one session more   the time, and how many bytes of the database were read (the page cache's counter of the process)

Nothing is flushed from the page cache between runs: what is measured is the program, not the disk.
"""
import argparse, json, os, random, resource, shutil, sqlite3, subprocess, sys, tempfile, time

WORDS = ("the a to of and in is that it for on with as error file line function return value test build run check "
         "session message user assistant tool result output input path name type list map string number index "
         "import export module class struct enum match async await thread lock queue buffer read write open close").split()


def make(path, sessions, megabytes):
    random.seed(7)
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
        "CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT, time_created INTEGER,"
        " time_updated INTEGER);"
        "CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);"
        "CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER,"
        " time_updated INTEGER, data TEXT);"
        "CREATE INDEX message_session ON message (session_id); CREATE INDEX part_message ON part (message_id);"
        "CREATE INDEX part_session ON part (session_id);")
    token = "gh" + "p_" + "".join(random.choice("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(36))
    size, start, part_number = megabytes * 1_000_000 // sessions, 1_780_000_000_000, 0
    paragraphs = [" ".join(random.choice(WORDS) for _ in range(300)) for _ in range(400)]
    for number in range(sessions):
        session, told, message = f"ses_{number:06}", 0, 0
        connection.execute("INSERT INTO session VALUES (?,?,?,?,?,?)",
                           (session, None, f"/work/p{number % 40}", f"session {number}", start + number * 1000, start + number * 1000))
        while told < size:
            message += 1
            name = f"msg_{number:06}_{message:05}"
            role = json.dumps({"role": "user" if message % 2 else "assistant", "modelID": "m"})
            connection.execute("INSERT INTO message VALUES (?,?,?,?,?)", (name, session, start, start, role))
            for _ in range(4):
                part_number += 1
                text = random.choice(paragraphs)[random.randrange(200):] + f" {part_number:x} {random.random()}"
                if part_number % 100 == 0:
                    text += " token " + token
                data = json.dumps({"type": "text", "text": text})
                connection.execute("INSERT INTO part VALUES (?,?,?,?,?,?)", (f"prt_{part_number:09}", name, session, start, start, data))
                told += len(data) + 150
    connection.commit()
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def timed(command, environment):
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    _, errors = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode:
        sys.exit(f"{command} exited with {process.returncode}: {errors}")
    return seconds, errors


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--sessions", type=int, default=2000)
    options.add_argument("--megabytes", type=int, default=1000)
    options.add_argument("--program", default="target/release/sessionkeep")
    options.add_argument("--directory")
    options = options.parse_args()
    home = tempfile.mkdtemp(prefix="databases-", dir=options.directory)
    try:
        data = os.path.join(home, ".local/share/opencode")
        os.makedirs(data)
        database = os.path.join(data, "opencode.db")
        make(database, options.sessions, options.megabytes)
        environment = {"HOME": home, "PATH": os.environ["PATH"]}
        time.sleep(3)
        program = os.path.abspath(options.program)
        command = [program, "import", "--agent", "opencode", "--threads", "2"]
        seconds, errors = timed(command, environment)
        told = 0
        store = os.path.join(home, ".sessionkeep/sessions")
        for directory, _, names in os.walk(store):
            for name in names:
                if name.endswith(".meta.json"):
                    told += json.load(open(os.path.join(directory, name)))["source_bytes"]
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        print(f"database: {os.path.getsize(database) / 1e6:.0f} MB, {options.sessions} sessions, {told / 1e6:.0f} MB told")
        print(f"first import: {seconds:.1f} s, {told / 1e6 / seconds:.0f} MB/s, {memory} MiB at most")
        found = min(timed(["find", data, "-printf", "%s %T@\n"], environment)[0] for _ in range(9))
        nothing = min(timed(command + ["-q"], environment)[0] for _ in range(9))
        print(f"nothing to do: {nothing * 1000:.1f} ms, find {found * 1000:.1f} ms, over it {(nothing - found) * 1000:.1f} ms")
        connection = sqlite3.connect(database)
        now = int(time.time() * 1000) - 60_000
        connection.execute("UPDATE session SET time_updated = ? WHERE id = 'ses_000007'", (now,))
        connection.execute("INSERT INTO part VALUES ('prt_new', 'msg_000007_00001', 'ses_000007', ?, ?, ?)", (now, now, '{"type":"text","text":"more"}'))
        connection.commit()
        connection.close()
        seconds, errors = timed(command, environment)
        line = [line for line in errors.splitlines() if "archived" in line][0]
        print(f"one session more: {seconds * 1000:.0f} ms: {line}")
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
