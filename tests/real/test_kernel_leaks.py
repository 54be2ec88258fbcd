"""Looking holds nothing: no descriptor, no thread, and above all no namespace of a pod that has ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
from contextlib import closing

import pytest

from pausetui.core.namespaces import NamespaceKind
from pausetui.kernel.observer import Observer
from tests.real.spawn import sleeping, start, stop
from tests.waiting import until

pytestmark = pytest.mark.real

NAMESPACES = 200
_FD_NSFS_ROOT, _AT_EMPTY_PATH = -10003, 0x1000
_libc = ctypes.CDLL(None, use_errno=True)


class FileHandle(ctypes.Structure):
    _fields_ = (("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("handle", ctypes.c_ubyte * 128))


def handle_of(pid: int, kind: NamespaceKind = NamespaceKind.NET) -> FileHandle:
    """A handle of one of a process's namespaces, which does not keep it alive (Linux 6.18)."""
    handle, mount = FileHandle(bytes=128), ctypes.c_int()
    descriptor = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
    try:
        assert (
            _libc.name_to_handle_at(descriptor, b"", ctypes.byref(handle), ctypes.byref(mount), _AT_EMPTY_PATH) == 0
        )
    finally:
        os.close(descriptor)
    return handle


def is_alive(handle: FileHandle) -> bool:
    descriptor = _libc.open_by_handle_at(_FD_NSFS_ROOT, ctypes.byref(handle), os.O_RDONLY)
    if descriptor >= 0:
        os.close(descriptor)
    return bool(descriptor >= 0)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_no_network_namespace_outlives_its_processes_because_of_us() -> None:
    before = descriptors()
    with closing(Observer()) as observer:
        observer.observe()
        handles = []
        for _ in range(NAMESPACES // 20):
            pods = [start((NamespaceKind.NET,)) for _ in range(20)]
            handles += [handle_of(pod.pid) for pod in pods]
            observation = observer.observe()
            assert all(observation.processes[pod.pid].namespaces.net in observation.networks for pod in pods)
            for pod in pods:
                stop(pod)
            observer.drain()
        until(lambda: not any(map(is_alive, handles)), 20, "all namespaces gone")
        observer.observe()
    assert len(handles) == NAMESPACES
    until(lambda: descriptors() == before, what="the end of the thread that made the visits")


def kept_open() -> list[str]:
    """What our descriptors are, without those that stand for a process (others start some all the time)."""
    links = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the one that listed them
            links.append(os.readlink(f"/proc/self/fd/{name}"))
    return sorted(link for link in links if "pidfd" not in link)


def test_open_descriptors_do_not_grow_with_looking() -> None:
    with closing(Observer()) as observer, sleeping(NamespaceKind.NET, NamespaceKind.MNT):
        observer.observe()
        before = kept_open()
        for _ in range(50):
            observer.observe()
            observer.drain()
        assert kept_open() == before


def test_closing_ends_our_threads() -> None:
    with closing(Observer()) as observer, sleeping(NamespaceKind.NET):
        observer.observe()
    until(lambda: not [one for one in threading.enumerate() if one.name.startswith("pausetui-")])
