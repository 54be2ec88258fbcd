"""Starting a lab: one that lives and dies with this process, or one that stands alone."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType

from pausetui.errors import CannotLook
from pausetui.lab import client, control
from pausetui.lab.names import socket_name
from pausetui.lab.scenarios import chosen
from pausetui.lab.status import LabStatus, parsed

READY_SECONDS = 30.0
"""How long the pods have to come up."""
_STARTING_SECONDS = 10.0
_ENDING_SECONDS = 5.0
_PYTHON = ("-I", "-S", *(("-B",) if sys.dont_write_bytecode else ()))
"""Nothing from the environment, no site packages; no .pyc files where we were told to write none."""


class RunningLab:
    """A lab that was started by this process.

    Attributes:
        pid: The process that keeps it.
    """

    def __init__(self, launcher: subprocess.Popen[bytes], report: int, lifeline: int | None, errors: int) -> None:
        self.pid = launcher.pid
        self._launcher = launcher
        self._report, self._lifeline, self._errors = report, lifeline, errors
        self._started = False

    def wait_started(self, timeout: float = _STARTING_SECONDS) -> None:
        """Wait until it is there, though its pods may still be coming up: some 0.1 s after ``start``.

        Raises:
            CannotLook: It could not be started, and why.
        """
        if self._started:
            return
        poller = select.poll()
        poller.register(self._report, select.POLLIN | select.POLLHUP)
        if not poller.poll(timeout * 1000):
            raise CannotLook("starting the lab", f"it is not there after {timeout:.0f} s")
        told = os.read(self._report, 65536)
        if not told:
            raise CannotLook("starting the lab", f"it ended at once: {self._last_words()}")
        message = parsed(told)
        if "failed" in message:
            failed = message["failed"]
            raise CannotLook(failed["what"], failed["why"], failed["next"])
        self._started = True

    def wait_ready(self, timeout: float = READY_SECONDS) -> LabStatus:
        """Wait until all its pods do their work.

        Raises:
            CannotLook: It could not be started, or which pod is not up in time, and why.
        """
        self.wait_started()
        return client.wait_ready(timeout)

    def close(self) -> None:
        """End it; returns when nothing of it is left. A second call does nothing."""
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        else:
            self._launcher.terminate()
        try:
            self._launcher.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._launcher.kill()
            self._launcher.wait()
        self._let_go()

    def leave_alone(self) -> None:
        """Let a detached lab go on without us. After ``close`` it does nothing."""
        if self._launcher.returncode is None:
            self._launcher.returncode = 0  # it is not ours to wait for any more
        self._let_go()

    def __enter__(self) -> RunningLab:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _let_go(self) -> None:
        for fd in (self._report, self._errors):
            if fd >= 0:
                os.close(fd)
        self._report = self._errors = -1

    def _last_words(self) -> str:
        self._launcher.wait(_ENDING_SECONDS)
        text = os.pread(self._errors, 65536, 0).decode(errors="replace").strip()
        return text.rpartition("\n")[2] or f"exit code {self._launcher.returncode}"


def start(scenarios: Sequence[str] = ()) -> RunningLab:
    """Start a lab that ends when this process does, however it ends. Returns at once.

    Args:
        scenarios: Names of scenarios; the default ones if none are given.

    Raises:
        UsageError: There is no scenario of that name.
        CannotLook: A lab is up already.
    """
    return _start(scenarios, detached=False)


def start_detached(scenarios: Sequence[str] = ()) -> RunningLab:
    """Start a lab that goes on after this process, until ``pausetui lab down``. Returns at once.

    Raises:
        UsageError: There is no scenario of that name.
        CannotLook: A lab is up already.
    """
    return _start(scenarios, detached=True)


def _start(scenarios: Sequence[str], *, detached: bool) -> RunningLab:
    chosen(scenarios)
    name = socket_name()
    if client.holder() is not None:
        raise control.taken(name)
    report, theirs = os.pipe()
    held_by_it, lifeline = os.pipe()
    errors = os.memfd_create("pausetui-lab-errors")
    owner = ("-", "-") if detached else (str(os.getpid()), str(held_by_it))
    try:
        launcher = subprocess.Popen(
            [sys.executable, *_PYTHON, os.path.dirname(__file__), name, str(theirs), *owner, *scenarios],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=(theirs,) if detached else (theirs, held_by_it),
            start_new_session=True,
            cwd="/",
        )
    except OSError as error:
        for descriptor in (report, lifeline, errors):
            os.close(descriptor)
        why = f"{sys.executable}: {error.strerror}"
        raise CannotLook("starting the lab", why, "Run pausetui with a Python that you may execute.") from error
    finally:
        os.close(theirs)
        os.close(held_by_it)
    if detached:
        os.close(lifeline)
    return RunningLab(launcher, report, None if detached else lifeline, errors)
