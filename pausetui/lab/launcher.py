"""The process that keeps the lab: it makes the lab's pid 1, answers those who ask, and ends with its owner.

It has one thread and stays in the host's namespaces. The lab's pid 1 is tied to it twice, by the parent-death
signal and by their channel; it is itself tied to its owner twice, by a pidfd and by a pipe that only the owner
holds open. Either of each pair is enough, and neither cares which thread of the owner started it.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

import pausetui
from pausetui.errors import CannotLook, PausetuiError
from pausetui.lab import control, init, linux
from pausetui.lab.elf import MACHINES
from pausetui.lab.refusals import refused
from pausetui.lab.scenarios import PodSpec, chosen
from pausetui.lab.status import SCHEMA, line, parsed

_NAMESPACES = linux.NEWPID | linux.NEWNS | linux.NEWNET | linux.NEWIPC | linux.NEWUTS


def main(arguments: Sequence[str]) -> int:
    """Keep a lab.

    Args:
        arguments: The socket's name; the descriptor on which to report that it is up, or why not; the owner's
            pid and the descriptor that it holds open, or "-" and "-"; the scenarios.
    """
    name, report, owner, lifeline, *scenarios = arguments
    linux.set_name("pausetui-lab")
    os.chdir("/")
    for inherited in (report, lifeline):
        if inherited != "-":
            os.set_inheritable(int(inherited), False)
    signals = _wake_up_on_signals()
    try:
        launcher = Launcher(control.listen(name), int(report), signals, chosen(scenarios))
    except OSError as error:
        return _give_up(refused(error), int(report))
    except PausetuiError as error:
        return _give_up(error, int(report))
    if owner != "-":
        launcher.live_and_die_with(int(owner), int(lifeline))
    return launcher.run()


def _give_up(error: PausetuiError, report: int) -> int:
    os.write(report, line(init.failure(error)))
    return 2


class Launcher:
    """One lab, kept."""

    def __init__(
        self, listener: socket.socket, report: int, signals: socket.socket, specs: Sequence[PodSpec]
    ) -> None:
        if linux.machine() not in MACHINES:
            raise CannotLook("starting the lab", f"it has no pause program for {linux.machine()}")
        self._report = report
        self._owner: int | None = None
        self._started_at = datetime.now(UTC)
        self._buffer = b""
        self._ending = False
        self._exit_code = 0
        self._channel, theirs = socket.socketpair()
        self._init = self._make_init(theirs, listener, specs)
        theirs.close()
        self._channel.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._channel, selectors.EVENT_READ, self._hear)
        self._door = control.Door(listener, self._selector)
        self._selector.register(signals, selectors.EVENT_READ, self._end)

    def live_and_die_with(self, owner: int, lifeline: int) -> None:
        """End when this process ends, or when the last descriptor of the other end of the pipe is closed."""
        self._owner = owner
        self._selector.register(lifeline, selectors.EVENT_READ, self._end)
        try:
            pidfd = os.pidfd_open(owner)
        except ProcessLookupError:
            self._ending = True
            return
        except OSError:
            return  # before Linux 5.3: the pipe alone
        self._selector.register(pidfd, selectors.EVENT_READ, self._end)

    def run(self) -> int:
        """Until somebody or something ends it; returns the exit code, with nothing of the lab left."""
        while not self._ending and not self._door.down_wanted:
            for key, mask in self._selector.select():
                key.data(mask)
        self._end_init()
        self._door.close()
        return self._exit_code

    def _make_init(self, channel: socket.socket, listener: socket.socket, specs: Sequence[PodSpec]) -> int:
        alone = linux.may_make_namespaces()
        identity = None if alone else (os.geteuid(), os.getegid())
        pid = linux.clone(_NAMESPACES | (0 if alone else linux.NEWUSER))
        if pid:
            return pid
        code = 70
        try:
            self._channel.close()
            listener.close()
            os.close(self._report)
            code = init.run(channel, specs, identity)
        finally:
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            os._exit(code)

    def _hear(self, mask: int) -> None:
        data = self._channel.recv(65536)
        if not data:
            self._ending, self._exit_code = True, self._exit_code or 70
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for each in lines:
            message = parsed(each)
            if "failed" in message:
                self._exit_code = 2
                self._tell_owner(each + b"\n")
                continue
            about = {
                "schema": SCHEMA,
                "pid": os.getpid(),
                "owner": self._owner,
                "started_at": self._started_at,
                "version": pausetui.__version__,
            }
            self._door.publish(line({**about, **message}))
            self._tell_owner(line({"up": os.getpid()}))

    def _tell_owner(self, data: bytes) -> None:
        if self._report >= 0:
            with suppress(BrokenPipeError):  # whoever started us no longer listens
                os.write(self._report, data)
            os.close(self._report)
            self._report = -1

    def _end(self, mask: int) -> None:
        self._ending = True

    def _end_init(self) -> None:
        self._channel.close()
        os.kill(self._init, signal.SIGKILL)
        os.waitpid(self._init, 0)


def _wake_up_on_signals() -> socket.socket:
    ours, handlers = socket.socketpair()
    handlers.setblocking(False)
    signal.set_wakeup_fd(handlers.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: None)
    return ours
