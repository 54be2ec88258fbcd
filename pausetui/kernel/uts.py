"""The hostname that a process sees: of its UTS namespace, which /proc doesn't show.

A thread made for it joins the namespace, asks, and ends. It never has to come back, and nothing else ever runs
on it.
"""

from __future__ import annotations

import ctypes
import os
import socket
import stat
import threading

from pausetui.core.namespaces import NamespaceId
from pausetui.kernel.host import HostRoot
from pausetui.text import decoded, harmless

_CLONE_NEWUTS = 0x04000000
_LONGEST = 64
"""Bytes of a hostname at most: HOST_NAME_MAX, gethostname(2)."""


def hostname_of(pid: int, uts: NamespaceId, host: HostRoot) -> str | None:
    """The hostname in a process's UTS namespace, made harmless, or None if it can't be had.

    Without the right to join it, what the container's own ``/etc/hostname`` says.

    Args:
        pid: The process, as in the machine's /proc.
        uts: The namespace it was seen in. If it is not in that any more, the answer is None.
        host: Where the machine's files are.
    """
    folder = host.join("proc", str(pid))
    try:
        namespace = os.open(f"{folder}/ns/uts", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if os.fstat(namespace).st_ino != uts.inode:
            return None
        return _asked_inside(namespace) or _in_its_files(folder)
    finally:
        os.close(namespace)


def _asked_inside(namespace: int) -> str | None:
    answers: list[str] = []

    def ask() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(namespace, _CLONE_NEWUTS) == 0:
            answers.append(socket.gethostname())

    thread = threading.Thread(target=ask, name="pausetui-uts", daemon=True)
    thread.start()
    thread.join()
    return harmless(answers[0]) if answers and answers[0] else None


def _in_its_files(folder: str) -> str | None:
    """The container's /etc/hostname. No link is followed: it could lead to any file of the machine's."""
    try:
        root = os.open(f"{folder}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if os.path.samestat(os.fstat(root), os.stat("/")):
            return None
        return _file_below(root, "etc", "hostname")
    except OSError:
        return None
    finally:
        os.close(root)


def _file_below(root: int, folder: str, name: str) -> str | None:
    within = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=within)
    finally:
        os.close(within)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        lines = os.read(file, _LONGEST + 1).splitlines()
        return decoded(lines[0].strip()) or None if lines else None
    finally:
        os.close(file)
