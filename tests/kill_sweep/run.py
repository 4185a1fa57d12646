"""Kills commands at every system call that changes something, each time in a fresh home, and checks what is left.

`run.py SCENARIO...`: the program is $SESSIONKEEP, WORKERS (2) homes are used at once, CALLS="renameat fsync" leaves out
all other calls, MOST=n all behind the n-th of each, KEEP=DIR keeps the homes as the kills with faults left them, SEED=n
makes the secrets of an earlier run. Calls are counted over all threads where `counted.py` can do that. Elsewhere, and with
BY=strace, strace counts those of each thread for itself: the N-th call is that of the thread that comes to it first.
"""

import collections
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

# No files beside the sources.
sys.dont_write_bytecode = True

import counted
from home import PROGRAM, Home
from scenarios import SCENARIOS

CALLS = os.environ.get("CALLS", """openat write pwrite64 writev rename renameat renameat2 link linkat symlink symlinkat unlink
    unlinkat ftruncate fallocate fsync fdatasync syncfs mkdir mkdirat rmdir utimensat fchmod chmod fchown chown fsetxattr
    copy_file_range sendfile flock""").split()
IS_COUNTED = counted.IS_ABLE and os.environ.get("BY") != "strace"
MOST = int(os.environ.get("MOST", "100000"))
CHANGES = re.compile(r"O_CREAT|O_WRONLY|O_RDWR|O_TMPFILE|O_TRUNC")


def killed(home, call, when, arguments):
    """Runs the program and kills it at a call; returns the exit code, negative for a signal."""
    if IS_COUNTED:
        return counted.run([PROGRAM, *arguments], home.environment, [call], (call, when))[0]
    return traced(home, ["-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}"], arguments)


def traced(home, options, arguments):
    # strace itself is looked for in our own PATH, the program's programs in the home's.
    command = [shutil.which("strace"), "-f", "-qq", *options, PROGRAM, *arguments]
    return subprocess.run(command, env=home.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=300).returncode


def calls_of(home, arguments):
    """Runs the program to its end; returns of each call its thread, its name and whether it changes something."""
    if IS_COUNTED:
        code, seen = counted.run([PROGRAM, *arguments], home.environment, CALLS)
    else:
        trace = home.path + ".trace"
        code = traced(home, ["-o", trace, "-e", "trace=" + ",".join(CALLS)], arguments)
        with open(trace, errors="replace") as lines:
            begun = ((line, re.match(r"(\d+) +(\w+)\(", line)) for line in lines)
            seen = [(match[1], match[2], match[2] != "openat" or bool(CHANGES.search(line))) for line, match in begun if match]
    if code != 0:
        raise SystemExit(f"{' '.join(arguments)} ended with {code} without a kill")
    return seen


def places(home, arguments):
    """Returns the calls and numbers to kill at, and how many calls these leave out since another thread comes to that
    number first."""
    counts, changing, left_out = collections.Counter(), {}, collections.Counter()
    for thread, call, changes in calls_of(home, arguments):
        counter = (None if IS_COUNTED else thread, call)
        counts[counter] += 1
        place = (call, counts[counter])
        left_out[call] += place in changing and changes
        changing[place] = changing.get(place, False) or changes
    return sorted(place for place, changes in changing.items() if changes and place[1] <= MOST), +left_out


def sweep(name, work, seed, workers):
    """Goes through one scenario; returns its counts."""
    free = []
    for worker in range(workers):
        directory = os.path.join(work, name, f"worker-{worker}")
        os.makedirs(directory)
        home, scenario = Home(directory, seed), SCENARIOS[name]()
        os.makedirs(home.path)
        scenario.prepare(home)
        home.keep()
        scenario.ready(home)
        scenario.learn(home)
        home.back()
        scenario.ready(home)
        if worker == 0:
            chosen, left_out = places(home, scenario.arguments)
        else:
            home.must(*scenario.arguments)
        scenario.done(home)
        free.append((home, scenario))
    counts, lock, kills_of = collections.Counter(), threading.Lock(), collections.Counter()
    beside = f", not reached since other threads come first: {dict(left_out)}" if left_out else ""
    print(f"{name}: {len(chosen)} places{beside}", flush=True)

    def one(place):
        number, (call, when) = place
        with lock:
            home, scenario = free.pop()
        try:
            home.back()
            scenario.ready(home)
            code = killed(home, call, when, scenario.arguments)
            kept = home.path + ".killed"
            if os.environ.get("KEEP"):
                subprocess.run(["rm", "-rf", kept], check=True)
                subprocess.run(["cp", "-a", home.path, kept], check=True)
            try:
                faults = scenario.check(home, number)
            except Exception:
                faults = [("stuck", traceback.format_exc(limit=3))]
            with lock:
                counts["runs"] += 1
                # A run that ends otherwise got through: a child of it was killed, or the call never came.
                is_killed = code in (-9, 137)
                counts["kills"] += is_killed
                kills_of[call] += is_killed
                for kind in {kind for kind, _ in faults}:
                    counts[kind] += 1
                for kind, text in faults:
                    print(f"FAULT {kind}: {name}, {call} {when} (exit {code}, followed by way {number}): {text}", flush=True)
                if faults and os.environ.get("KEEP"):
                    to = os.path.join(os.environ["KEEP"], f"{name}-{call}-{when}")
                    shutil.copytree(kept, to, symlinks=True, dirs_exist_ok=True)
        finally:
            with lock:
                free.append((home, scenario))

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, enumerate(chosen)))
    print(f"{name} by call: " + ", ".join(f"{call} {count}" for call, count in sorted(kills_of.items()) if count), flush=True)
    shutil.rmtree(os.path.join(work, name))
    return counts


def main():
    names = sys.argv[1:] or list(SCENARIOS)
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        raise SystemExit(f"no such scenario: {' '.join(unknown)}; there are: import {' '.join(SCENARIOS)}")
    os.umask(0o077)
    seed = os.environ.get("SEED") or str(time.time_ns())
    print(f"SEED={seed}")
    work = tempfile.mkdtemp(prefix="kill-sweep-")
    rows = []
    try:
        for name in names:
            began = time.time()
            counts = sweep(name, work, seed, int(os.environ.get("WORKERS", "2")))
            rows.append([name] + [str(counts[kind]) for kind in ("runs", "kills", "lost", "doubled", "torn", "leaked", "stuck")]
                        + [f"{time.time() - began:.0f}"])
            heads = ["scenario", "runs", "kills", "lost", "doubled", "torn", "leaked", "stuck", "seconds"]
            for row in [heads] + rows if name == names[-1] else [heads, rows[-1]]:
                print("  ".join(cell.ljust(14 if at == 0 else 7) for at, cell in enumerate(row)), flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if any(cell != "0" for row in rows for cell in row[3:8]):
        sys.exit(1)


main()
