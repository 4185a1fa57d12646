"""Counts the system calls of all threads together, and kills a program at one of them, before it is done.

strace counts those of each thread for itself, so a kill at the third never reaches the third of a thread that is slower.
Here a filter of seccomp stops the program at the calls that are asked for, and at no other. Linux on x86-64 alone.
"""

import ctypes
import os
import platform
import signal
import struct

IS_ABLE = platform.system() == "Linux" and platform.machine() == "x86_64"

# Numbers of calls on x86-64: asm/unistd_64.h.
NUMBERS = {"openat": 257, "write": 1, "pwrite64": 18, "writev": 20, "rename": 82, "renameat": 264, "renameat2": 316, "link": 86,
           "linkat": 265, "symlink": 88, "symlinkat": 266, "unlink": 87, "unlinkat": 263, "ftruncate": 77, "fallocate": 285,
           "fsync": 74, "fdatasync": 75, "syncfs": 306, "mkdir": 83, "mkdirat": 258, "rmdir": 84, "utimensat": 280,
           "fchmod": 91, "chmod": 90, "fchown": 93, "chown": 92, "fsetxattr": 190, "copy_file_range": 326, "sendfile": 40,
           "flock": 73}
NAMES = {number: name for name, number in NUMBERS.items()}

# linux/ptrace.h, linux/prctl.h, linux/seccomp.h, linux/wait.h
TRACEME, PEEKUSER, CONT, SETOPTIONS = 0, 3, 7, 0x4200
FORK, VFORK, CLONE, EXEC, SECCOMP, EXIT_KILL = 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 7, 1 << 20
SECCOMP_EVENT, SET_NO_NEW_PRIVILEGES, SET_SECCOMP, MODE_FILTER = 7, 38, 22, 2
OF_THIS_THREAD, OF_ALL_KINDS = 0x20000000, 0x40000000
# Places of registers in struct user: the call's number, and its third argument.
ORIG_RAX, RDX = 15 * 8, 12 * 8
O_CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.restype = ctypes.c_long
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
LIBC.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


def filter_of(calls):
    """Returns a program for the kernel that stops at these calls and lets all others pass."""
    numbers = [NUMBERS[call] for call in calls]
    code = [struct.pack("HBBI", 0x20, 0, 0, 0)]
    for at, number in enumerate(numbers):
        code.append(struct.pack("HBBI", 0x15, len(numbers) - at, 0, number))
    code += [struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000), struct.pack("HBBI", 0x06, 0, 0, 0x7FF00000)]
    return b"".join(code), len(code)


def run(command, environment, calls, kill_at=None):
    """Runs a command; `kill_at` is a call and which of them, of all threads and children. Returns the exit code, negative for
    a signal, and of each call in their order: thread, name, and whether it changes something."""
    code, length = filter_of(calls)
    held = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxQ", length, ctypes.addressof(held))
    described = ctypes.create_string_buffer(program)
    nothing = os.open(os.devnull, os.O_RDWR)
    main = os.fork()
    if main == 0:
        try:
            for stream in range(3):
                os.dup2(nothing, stream)
            LIBC.ptrace(TRACEME, 0, None, None)
            os.kill(os.getpid(), signal.SIGSTOP)
            LIBC.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
            LIBC.prctl(SET_SECCOMP, MODE_FILTER, ctypes.addressof(described), 0, 0)
            os.execve(command[0], command, environment)
        finally:
            os._exit(127)
    os.close(nothing)
    os.waitpid(main, OF_ALL_KINDS)
    LIBC.ptrace(SETOPTIONS, main, None, FORK | VFORK | CLONE | EXEC | SECCOMP | EXIT_KILL)
    LIBC.ptrace(CONT, main, None, None)
    seen, counts, ended = [], {}, None
    while True:
        try:
            thread, status = os.waitpid(-1, OF_ALL_KINDS | OF_THIS_THREAD)
        except ChildProcessError:
            return ended, seen
        if not os.WIFSTOPPED(status):
            if thread == main:
                ended = os.waitstatus_to_exitcode(status)
            continue
        event, stopped_by = status >> 16, os.WSTOPSIG(status)
        if event == SECCOMP_EVENT:
            name = NAMES.get(LIBC.ptrace(PEEKUSER, thread, ORIG_RAX, None))
            changes = name != "openat" or bool(LIBC.ptrace(PEEKUSER, thread, RDX, None) & O_CHANGES)
            seen.append((thread, name, changes))
            counts[name] = counts.get(name, 0) + 1
            if kill_at == (name, counts[name]):
                os.kill(main, signal.SIGKILL)
        # New threads begin stopped; all other signals are for the program.
        passed_on = 0 if event or stopped_by in (signal.SIGSTOP, signal.SIGTRAP) else stopped_by
        LIBC.ptrace(CONT, thread, None, passed_on)
