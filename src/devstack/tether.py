"""Become another program that cannot outlive its parent.

Run as a script, in place of a function called between fork and exec: a process with threads may not run Python there.
The order matters. Changing the user clears the parent-death signal, so it is asked for afterwards; and a parent that
died before the kernel was asked never sends it, so its pid is compared last. The process group is new, so that Ctrl-C
in a terminal reaches the supervisor alone, which then stops its children in order.

    python -I -S tether.py SIGNAL PARENT UID GID program [argument …]      (UID and GID are -1 to stay who one is)
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(death_signal: int) -> None:
    """Have the kernel send this process a signal when the thread that started it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused a parent-death signal")


def main(arguments: list[str]) -> None:
    death_signal, parent, uid, gid = (int(argument) for argument in arguments[:4])
    program = arguments[4:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    die_with_parent(death_signal)
    if os.getppid() != parent:
        sys.exit("the parent ended before its child began")
    try:
        os.execvp(program[0], program)
    except OSError as error:
        sys.exit(f"cannot run {program[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
