"""A ``/proc`` made of files in a folder: what the kernel would show, or a hostile process make it show."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from pausetui.core.namespaces import KINDS
from pausetui.kernel.host import HostRoot

FIRST_INODE = 4026532000
HOST: dict[str, int] = {kind.value: FIRST_INODE + place for place, kind in enumerate(KINDS)}


def stat_line(
    pid: int = 7, name: bytes = b"sleep", state: str = "S", parent: int = 1, threads: int = 1, start: int = 100
) -> bytes:
    """A line of /proc/PID/stat with 52 fields."""
    before = f"{pid} (".encode() + name + f") {state} {parent} 1 1 0 -1 4194304 1 2 3 4 250 50".encode()
    after = f" 0 0 20 0 {threads} 0 {start} 9 10 11 12 ".encode()
    return before + after + b" ".join([b"0"] * 28) + b"\n"


class FakeProc:
    """The folder, and what is done to it between two looks."""

    def __init__(self, root: Path) -> None:
        self.host = HostRoot(str(root))
        self.path = root / "proc"
        self.write("uptime", b"5000.00 4000.00\n")
        self.write("stat", b"cpu 1 2 3\nbtime 1700000000\n")
        self.write("sys/kernel/hostname", b"node1\n")
        self.write("sys/kernel/osrelease", b"6.1.0\n")
        self.write("sys/kernel/random/boot_id", b"0b1c2d3e\n")

    def write(self, name: str, content: bytes) -> None:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def process(
        self,
        pid: int,
        *,
        name: bytes = b"sleep",
        state: str = "S",
        parent: int = 1,
        start: int = 100,
        spaces: Mapping[str, int] | None = None,
        cmdline: bytes = b"",
        cgroup: bytes = b"0::/\n",
        status: bytes = b"",
    ) -> None:
        """A process; ``spaces`` are the inodes that differ from the host's."""
        self.end(pid)
        self.write(f"{pid}/stat", stat_line(pid, name, state, parent, start=start))
        self.write(f"{pid}/cmdline", cmdline)
        self.write(f"{pid}/cgroup", cgroup)
        self.write(f"{pid}/statm", b"100 25 1 1 0 1 0\n")
        self.write(f"{pid}/status", status or f"Name:\tx\nNSpid:\t{pid}\n".encode())
        (self.path / str(pid) / "fd").mkdir()
        (self.path / str(pid) / "ns").mkdir()
        shown: dict[str, int] = {**HOST, **(spaces or {})}
        for kind, inode in shown.items():
            (self.path / str(pid) / "ns" / kind).symlink_to(f"{kind}:[{inode}]")

    def end(self, pid: int) -> None:
        shutil.rmtree(self.path / str(pid), ignore_errors=True)
