"""What ``/proc/PID`` says of one process. Nothing is kept open, nothing is remembered.

A process may vanish between any two reads: that is an answer (None), never an error.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from pausetui.core.namespaces import KINDS, NamespaceKind
from pausetui.text import decoded

Label = bytes
"""What readlink says: ``net:[4026532177]``. Bytes, because decoding them takes a seventh of a first look."""
Labels = tuple[Label | None, ...]
"""The labels of all eight kinds, in the order of ``KINDS``; None where there is none."""

MAX_ARGUMENTS = 64
"""How many arguments of a command line are kept."""

_HIERARCHIES = {b"": 0, b"name=systemd": 1, b"pids": 2, b"memory": 3}
"""By controllers: the unified hierarchy, else those of version 1 in which every runtime makes cgroups."""
_LAST_RANK = len(_HIERARCHIES)
_NET, _MNT = KINDS.index(NamespaceKind.NET), KINDS.index(NamespaceKind.MNT)
_PF_KTHREAD = 0x00200000
_STAT_BYTES = 8192
"""More than any stat file has, whatever name a process could be given."""
_READ_ONLY = os.O_RDONLY | os.O_CLOEXEC
_VANISHED = (FileNotFoundError, ProcessLookupError, NotADirectoryError)


class Stat(NamedTuple):
    """``/proc/PID/stat``, proc_pid_stat(5). A named tuple, because one is made for every process of the node."""

    name: str
    state: str
    parent: int
    is_kernel_thread: bool
    cpu_ticks: int
    threads: int
    start_ticks: int


class ProcFolder:
    """A ``/proc`` and the readers of its files."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._base = path.rstrip("/") + "/"
        self._raw_base = os.fsencode(self._base)
        self._links = tuple(f"/ns/{kind}".encode() for kind in KINDS)

    def pids(self) -> list[int]:
        """Every process that is listed.

        Raises:
            OSError: The folder itself can't be read.
        """
        return [int(name) for name in os.listdir(self._base) if name.isdecimal() and name.isascii()]

    def stat(self, pid: int) -> Stat | None:
        """Name, state, parent, threads and times; None if it is gone or the file is not whole."""
        raw = self.raw_stat(pid)
        return parsed_stat(raw) if raw is not None else None

    def raw_stat(self, pid: int) -> bytes | None:
        """The whole ``stat`` file, for ``parsed_stat``; None if it is gone."""
        try:
            descriptor = os.open(f"{self._base}{pid}/stat", _READ_ONLY)
        except OSError:
            return None
        try:
            return os.read(descriptor, _STAT_BYTES)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def labels(self, pid: int) -> Labels | None:
        """The labels of its namespaces; None if it is gone or has none any more (a zombie).

        Raises:
            PermissionError: It is there, and we may not look.
        """
        base = self._raw_base + b"%d" % pid
        try:
            return tuple([os.readlink(base + link) for link in self._links])
        except _VANISHED:
            return self._labels_one_by_one(base)

    def _labels_one_by_one(self, base: bytes) -> Labels | None:
        found = tuple([_readlink(base + link) for link in self._links])
        # One that is ending has let go of most of them already, though the links of pid and user still answer.
        return found if found[_NET] is not None or found[_MNT] is not None else None

    def label(self, pid: int, kind: str) -> Label | None:
        """The label of one of its namespaces, or None."""
        try:
            return _readlink(self._raw_base + f"{pid}/ns/{kind}".encode())
        except PermissionError:
            return None

    def net_inode(self, pid: int) -> int | None:
        """The inode of the files that show its network (``core.observation.NetMark``); no rights are needed."""
        try:
            return os.stat(f"{self._base}{pid}/net/dev").st_ino
        except OSError:
            return None

    def namespace_path(self, pid: int, kind: str) -> str:
        """Where the namespace of a process (or thread) can be opened."""
        return f"{self._base}{pid}/ns/{kind}"

    def owner(self, pid: int) -> int | None:
        """The user id that owns ``/proc/PID``: its effective one, root's if it may not be dumped (proc(5))."""
        try:
            return os.stat(f"{self._base}{pid}").st_uid
        except OSError:
            return None

    def threads(self, pid: int) -> list[int]:
        """The ids of its threads, without that of the process itself; [] if it is gone."""
        try:
            names = os.listdir(f"{self._base}{pid}/task")
        except OSError:
            return []
        return [int(name) for name in names if name != str(pid) and name.isdecimal()]

    def cgroup(self, pid: int) -> str | None:
        """Its cgroup path: of the unified hierarchy unless that is "/", else name=systemd, pids or memory."""
        raw = self.read(f"{pid}/cgroup", 16384)
        return chosen_cgroup(raw) if raw is not None else None

    def namespace_pids(self, pid: int) -> tuple[int, ...]:
        """``NSpid`` of its status, outermost first; () if it can't be read."""
        raw = self.read(f"{pid}/status", 8192) or b""
        # The name in the first line is escaped by the kernel, so "NSpid:" at a line's start is the real one.
        start = raw.find(b"\nNSpid:")
        if start < 0:
            return ()
        numbers = raw[start + 7 : raw.find(b"\n", start + 1)].split()
        return tuple(int(number) for number in numbers if number.isdigit())

    def command(self, pid: int) -> tuple[str, ...]:
        """Its argv, made harmless; () for a kernel thread or a zombie, or if it can't be read."""
        raw = self.read(f"{pid}/cmdline", 16384)
        if not raw:
            return ()
        return tuple(decoded(part) for part in raw.rstrip(b"\0").split(b"\0")[:MAX_ARGUMENTS])

    def resident_pages(self, pid: int) -> int | None:
        """Resident pages from statm, which is exact where stat lags behind."""
        fields = (self.read(f"{pid}/statm", 256) or b"").split()
        return int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else None

    def read(self, name: str, size: int) -> bytes | None:
        """The beginning of a file below this folder, or None if it can't be read."""
        try:
            descriptor = os.open(self._base + name, _READ_ONLY | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            return os.read(descriptor, size)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def read_all(self, name: str, most: int) -> bytes | None:
        """A whole file below this folder, at most so many bytes of it, or None if it can't be read."""
        try:
            with open(self._base + name, "rb", buffering=0) as file:
                parts: list[bytes] = []
                while most > 0 and (part := file.read(min(most, 65536))):
                    parts.append(part)
                    most -= len(part)
                return b"".join(parts)
        except OSError:
            return None


def parsed_stat(raw: bytes) -> Stat | None:
    """The fields of ``/proc/PID/stat``. The name may hold blanks, newlines and ")": it ends at the last one."""
    opening, closing = raw.find(b"("), raw.rfind(b")")
    if opening < 0 or closing < opening:
        return None
    fields = raw[closing + 2 :].split(None, 20)
    if len(fields) < 21:
        return None
    try:
        return Stat(
            name=decoded(raw[opening + 1 : closing]),
            state=fields[0].decode("ascii"),
            parent=int(fields[1]),
            is_kernel_thread=bool(int(fields[6]) & _PF_KTHREAD),
            cpu_ticks=int(fields[11]) + int(fields[12]),
            threads=int(fields[17]),
            start_ticks=int(fields[19]),
        )
    except ValueError:
        return None


def chosen_cgroup(raw: bytes) -> str | None:
    """The path in ``/proc/PID/cgroup`` that names a container if any does: hierarchies in ``_HIERARCHIES``."""
    best, chosen = _LAST_RANK + 1, None
    for line in raw.split(b"\n"):
        _, _, rest = line.partition(b":")
        controllers, colon, path = rest.partition(b":")
        rank = _HIERARCHIES.get(controllers, best)
        if not controllers and path.endswith(b".service"):
            rank = _LAST_RANK  # where v1 has the container, v2 may have the runtime's own service
        if colon and path.strip(b"/.") and rank < best:  # from another cgroup namespace the root is /../..
            best, chosen = rank, path
    if chosen is not None:
        return decoded(chosen, 1024)
    return "/" if raw else None


def _readlink(path: bytes) -> Label | None:
    try:
        return os.readlink(path)
    except _VANISHED:
        return None
