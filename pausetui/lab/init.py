"""Pid 1 of the lab: when this process ends, for whatever reason, the kernel ends everything in the lab."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import time
from collections.abc import Sequence

from pausetui.errors import PausetuiError
from pausetui.lab import linux
from pausetui.lab.kubelet import Kubelet
from pausetui.lab.machine import Machine
from pausetui.lab.refusals import refused
from pausetui.lab.scenarios import PodSpec
from pausetui.lab.status import Json, line, pods_as_json

_HOUSEKEEPING_SECONDS = 30.0


def run(channel: socket.socket, specs: Sequence[PodSpec], identity: tuple[int, int] | None) -> int:
    """Be the lab until the launcher is gone.

    Args:
        channel: To the launcher. It is told what there is, a line at each change; when its end closes, all ends.
        identity: The user and group to be known as outside, if we are in a user namespace of our own.

    Returns:
        The exit code: 0, or 2 if the kernel refused, which the launcher has been told.
    """
    linux.die_with_parent(signal.SIGKILL)
    linux.set_name("pausetui-lab")
    channel.setblocking(True)
    wakeup = _wake_up_on_children()
    try:
        if identity is not None:
            _be_known_as(*identity)
        host_proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        machine = Machine(host_proc)
    except OSError as error:
        channel.sendall(line(failure(refused(error))))
        return 2
    except PausetuiError as error:
        channel.sendall(line(failure(error)))
        return 2
    _Loop(channel, wakeup, machine, Kubelet(specs, machine)).run()
    return 0


def failure(error: PausetuiError) -> Json:
    """An error as one of the launcher's lines."""
    return {"failed": {"what": error.what, "why": error.why, "next": error.next_step}}


class _Loop:
    def __init__(self, channel: socket.socket, wakeup: socket.socket, machine: Machine, kubelet: Kubelet) -> None:
        self._channel, self._wakeup = channel, wakeup
        self._machine, self._kubelet = machine, kubelet
        self._selector = selectors.DefaultSelector()
        self._selector.register(channel, selectors.EVENT_READ)
        self._selector.register(wakeup, selectors.EVENT_READ)
        self._told: bytes = b""
        self._watched: set[int] = set()
        self._housekeeping = time.monotonic() + _HOUSEKEEPING_SECONDS

    def run(self) -> None:
        """Until the launcher closes its end."""
        while True:
            self._reap()
            again = self._kubelet.step()
            self._watch_reports()
            self._tell()
            if not self._wait(again):
                return

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._kubelet.ended(pid, status)

    def _watch_reports(self) -> None:
        for fd in self._machine.reports.keys() - self._watched:
            self._selector.register(fd, selectors.EVENT_READ)
            self._watched.add(fd)

    def _wait(self, again: float | None) -> bool:
        now = time.monotonic()
        until = min(self._housekeeping, again) if again is not None else self._housekeeping
        for key, _ in self._selector.select(max(0.0, until - now)):
            if key.fileobj is self._channel:
                return False
            if key.fileobj is self._wakeup:
                self._wakeup.recv(4096)
            else:
                self._report(key.fd)
        if time.monotonic() >= self._housekeeping:
            self._machine.shorten_logs()
            self._housekeeping = time.monotonic() + _HOUSEKEEPING_SECONDS
        return True

    def _report(self, fd: int) -> None:
        pid = self._machine.reports.pop(fd)
        self._selector.unregister(fd)
        self._watched.discard(fd)
        if os.read(fd, 16):
            self._kubelet.does_its_work(pid)
        os.close(fd)

    def _tell(self) -> None:
        document = pods_as_json(self._kubelet.records(), self._kubelet.waiting(), self._machine.problems)
        now = line(document)
        if now != self._told:
            self._channel.sendall(now)
            self._told = now


def _wake_up_on_children() -> socket.socket:
    ours, handlers = socket.socketpair()
    ours.setblocking(False)
    handlers.setblocking(False)
    signal.set_wakeup_fd(handlers.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    return ours


def _be_known_as(uid: int, gid: int) -> None:
    for name, content in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(content)
