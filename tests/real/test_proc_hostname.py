"""The hostname of another UTS namespace, read from inside of it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.kernel.host import HostRoot
from pausetui.kernel.uts import hostname_of
from tests.real.handmade import HandmadePod

pytestmark = pytest.mark.real


@pytest.fixture
def pid(tmp_path: Path) -> Iterator[int]:
    with HandmadePod(tmp_path) as pod:
        yield pod.first(hostname="inside", own=("uts",))


def uts_of(pid: int) -> NamespaceId:
    inode = os.stat(f"/proc/{pid}/ns/uts").st_ino
    return NamespaceId(NamespaceKind.UTS, inode, None, IdentifiedBy.GENERATION)


def test_the_hostname_is_that_of_the_process(pid: int) -> None:
    assert hostname_of(pid, uts_of(pid), HostRoot()) == "inside"


def test_asking_leaves_this_process_where_it_is_and_no_thread_behind(pid: int) -> None:
    before, threads = (socket.gethostname(), uts_of(os.getpid())), threading.active_count()
    hostname_of(pid, uts_of(pid), HostRoot())
    assert (socket.gethostname(), uts_of(os.getpid())) == before
    assert threading.active_count() == threads


def test_asking_keeps_no_descriptor_open(pid: int) -> None:
    before = set(os.listdir("/proc/self/fd"))
    hostname_of(pid, uts_of(pid), HostRoot())
    assert set(os.listdir("/proc/self/fd")) == before


def test_a_process_that_is_not_in_the_expected_namespace_has_no_answer(pid: int) -> None:
    assert hostname_of(pid, uts_of(os.getpid()), HostRoot()) is None


def test_a_process_that_is_gone_has_no_answer(tmp_path: Path) -> None:
    with HandmadePod(tmp_path) as pod:
        gone = pod.first(own=("uts",))
        uts = uts_of(gone)
    assert hostname_of(gone, uts, HostRoot()) is None
