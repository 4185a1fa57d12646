#!/usr/bin/env python3
"""Types a prompt into a program that wants a terminal, and ends it when it has been quiet for a while.

    type_into.py PROMPT QUIET_SECONDS PROGRAM [ARGUMENT...]

The prompt is typed when the program has drawn something and then been quiet for that long, and Enter a second later; the second
time it is ended. What it prints goes to stdout. Ends after 60 seconds in any case.
"""
import os
import pty
import select
import signal
import sys
import time


def main():
    prompt, quiet_seconds, program = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ.pop("CI", None)
        os.execvp(program[0], program)
    begun, heard, is_typed = time.monotonic(), None, False
    while time.monotonic() - begun < 60:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen = os.read(terminal, 65536)
            except OSError:
                break
            if not seen:
                break
            os.write(1, seen)
            # A spinner or a clock that draws a few bytes is quiet.
            if len(seen) > 64:
                heard = time.monotonic()
        if heard is None or time.monotonic() - heard < quiet_seconds:
            continue
        if is_typed:
            break
        os.write(terminal, prompt.encode())
        time.sleep(1)
        os.write(terminal, b"\r")
        is_typed, heard = True, time.monotonic()
    for end in (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, end)
            time.sleep(1)
            if os.waitpid(pid, os.WNOHANG)[0]:
                break
        except (ProcessLookupError, ChildProcessError):
            break
    sys.exit(0 if is_typed else 1)


main()
