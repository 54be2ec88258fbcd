"""The system calls that Python 3.11 has no function for, raising OSError with the path or flags they were about."""

from __future__ import annotations

import ctypes
import os
import sys

NEWNS = 0x00020000
NEWUTS = 0x04000000
NEWIPC = 0x08000000
NEWUSER = 0x10000000
NEWPID = 0x20000000
NEWNET = 0x40000000
"""CLONE_NEW… of ``<linux/sched.h>``."""

MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

_SIGCHLD = 17
_SYS_CLONE = {"x86_64": 56, "aarch64": 220}
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_CAP_NET_ADMIN = 12
_CAP_SYS_ADMIN = 21

# PyDLL keeps the interpreter's lock: between the two halves of a clone no other thread may come in.
_libc = ctypes.PyDLL(None, use_errno=True)


def machine() -> str:
    """What kind of program this processor runs as we do: "x86_64", "aarch64", "x86_64, 32 bit"."""
    name = os.uname().machine
    return name if sys.maxsize > 2**32 else f"{name}, 32 bit"


def clone(flags: int) -> int:
    """Fork into new namespaces: 0 in the child, the child's pid in the parent.

    Like ``os.fork()`` with flags, and with the same hooks around it, so that the child is a sound interpreter.
    Only for a process with one thread. With NEWPID the child is pid 1 at once, with no process in between
    whose parent-death signal or exit would have to be looked after.

    Raises:
        OSError: EPERM without the rights, ENOSPC where a limit of ``/proc/sys/user`` is reached.
    """
    number = _SYS_CLONE[machine()]
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = int(_libc.syscall(number, flags | _SIGCHLD, 0, 0, 0, 0))
    error = ctypes.get_errno()
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(error, os.strerror(error), "clone")
    return pid


def setns(fd: int, kind: int) -> None:
    """Enter the namespace that a descriptor of ``/proc/PID/ns`` stands for."""
    _check(_libc.setns(fd, kind), "setns")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _check(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """mount(2)."""
    done = _libc.mount(
        os.fsencode(source), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    _check(done, target)


def unmount(target: str) -> None:
    """Take the topmost mount off a path, lazily."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), target)


def die_with_parent(number: int) -> None:
    """Be sent a signal when the thread that made us ends. Not enough alone: it may have ended before."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0), "PR_SET_PDEATHSIG")


def set_name(name: str) -> None:
    """Set this process's ``comm``, at most 15 bytes."""
    _check(_libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0), "PR_SET_NAME")


def may_make_namespaces() -> bool:
    """Whether we have the rights for namespaces and links without a user namespace of our own."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        effective = next(int(line.split()[1], 16) for line in status if line.startswith("CapEff:"))
    needed = 1 << _CAP_SYS_ADMIN | 1 << _CAP_NET_ADMIN
    return effective & needed == needed


def _check(result: int, subject: str) -> None:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), subject)
