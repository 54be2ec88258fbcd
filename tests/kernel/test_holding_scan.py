"""One pass over processes, their threads and descriptors."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from pausetui.core.namespaces import KINDS, NamespaceKind
from pausetui.kernel.holding_scan import Scanned, Scanner
from pausetui.kernel.processes import ProcFolder
from tests.kernel.fake_proc import HOST, FakeProc

NET, PID = NamespaceKind.NET, NamespaceKind.PID
POD = b"net:[4026539999]"


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    there = FakeProc(tmp_path)
    there.process(7, spaces={"net": 4026539999})
    there.process(8)
    for pid in (7, 8):
        (there.path / str(pid) / "task" / str(pid)).mkdir(parents=True)
        for kind in ("pid", "time"):
            born = there.path / str(pid) / "ns" / f"{kind}_for_children"
            born.symlink_to(f"{kind}:[{HOST[kind]}]")
    return there


def scanned(proc: FakeProc, kinds: Collection[NamespaceKind] = (NET,), sockets: Collection[int] = ()) -> Scanned:
    return Scanner(ProcFolder(str(proc.path)), kinds, sockets).scan()


def opened(proc: FakeProc, pid: int, number: int, what: str) -> None:
    (proc.path / str(pid) / "fd" / str(number)).symlink_to(what)


def test_members_are_told_of_the_kinds_that_were_asked_for(proc: FakeProc) -> None:
    assert scanned(proc).members == {POD: [7], b"net:[%d]" % HOST["net"]: [8]}


def test_descriptors_of_namespaces_are_told_of_all_kinds(proc: FakeProc) -> None:
    opened(proc, 8, 3, POD.decode())
    opened(proc, 8, 4, "uts:[5]")
    opened(proc, 8, 5, "anon_inode:[eventfd]")
    opened(proc, 8, 6, "pipe:[5]")
    assert scanned(proc).descriptors == {POD: [(8, 3)], b"uts:[5]": [(8, 4)]}


def test_only_the_sockets_that_were_asked_for_are_told(proc: FakeProc) -> None:
    opened(proc, 8, 3, "socket:[11]")
    opened(proc, 8, 4, "socket:[12]")
    assert scanned(proc, sockets={12}).sockets == {12: [(8, 4)]}


def test_files_that_show_a_network_are_told(proc: FakeProc) -> None:
    opened(proc, 8, 3, "/proc/7/net/tcp")
    opened(proc, 8, 4, "/proc/7/stat")
    assert scanned(proc).files == [((8, 3), b"/proc/7/net/tcp")]


def test_a_thread_that_is_elsewhere_is_told(proc: FakeProc) -> None:
    folder = proc.path / "8" / "task" / "88" / "ns"
    folder.mkdir(parents=True)
    (folder / "net").symlink_to(POD.decode())
    assert scanned(proc).threads == {POD: [(8, 88)]}


def test_where_children_will_be_is_told_if_that_is_elsewhere(proc: FakeProc) -> None:
    born = proc.path / "8" / "ns" / "pid_for_children"
    born.unlink()
    born.symlink_to("pid:[77]")
    assert scanned(proc, (PID,)).for_children == {b"pid:[77]": [8]}


def test_a_process_whose_children_will_be_in_a_new_namespace_is_not_passed_over(proc: FakeProc) -> None:
    (proc.path / "8" / "ns" / "pid_for_children").unlink()
    opened(proc, 8, 3, POD.decode())
    assert scanned(proc, KINDS).descriptors == {POD: [(8, 3)]}


def test_one_that_is_gone_or_a_zombie_holds_nothing(proc: FakeProc) -> None:
    (proc.path / "7" / "ns" / "net").unlink()
    found = scanned(proc)
    assert POD not in found.members
    assert found.unasked == 0


def test_who_refuses_is_counted(proc: FakeProc, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(scanner: Scanner, pid: int, folder: bytes) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Scanner, "_scan_descriptors", refuse)
    assert scanned(proc).unasked == 2
