"""How crictl is called on this machine: a process a call, which ends, whatever the runtime does.

crictl's own ``-t`` does not always end it: up to 1.28 ``stats`` waits for a hung shim for ever. So each call has
a limit of ours, after which its whole process group is killed. Answers (stdout) and complaints (stderr) are
never mixed: good calls of crictl 1.36 complain, too.
"""

from __future__ import annotations

import shlex
import time
from contextlib import closing
from dataclasses import dataclass

from pausetui.backends.crictl.chroots import command_line, refusal
from pausetui.backends.crictl.running import PATHS, Running
from pausetui.errors import CannotLook
from pausetui.text import harmless, shortened

MOST_OUTPUT = 64 * 2**20
"""Bytes that one call may print: 7,000 containers, inspected at once (8.5 KiB each in the recordings)."""

_LONGEST_SHOWN = 100
"""Characters of a command line in a message; an inspect has as many ids as there is news."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a call came to.

    Attributes:
        rc: 0 good, 1 failed, 3 crictl doesn't know the command; -N: it was killed by signal N.
        out: Its answer. Bytes that are no UTF-8 are written as ``\\xNN``; it is not made harmless yet.
        err: What it complained of, in the same way.
    """

    rc: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Program:
    """How crictl is called on this machine.

    Attributes:
        argv: The program and its global options: ``("/usr/bin/crictl",)``, ``("/usr/local/bin/k3s", "crictl")``.
        chroot: The root of the machine if it is not "/"; all paths in ``argv`` are below it.
    """

    argv: tuple[str, ...]
    chroot: str | None = None

    @property
    def as_typed(self) -> tuple[str, ...]:
        """What a person would type before the command: ``("crictl", "-r", "unix:///run/…")``."""
        folder, _, name = self.argv[0].rpartition("/")
        usual = (name if folder in PATHS else self.argv[0], *self.argv[1:])
        return usual if self.chroot is None else ("chroot", self.chroot, *usual)

    def run(self, *args: str, timeout: float) -> Ran:
        """Call it once and wait for its end. That it failed is told by what it returns, not raised.

        Args:
            args: The command and what belongs to it; a global option before it beats the one in ``argv``.
            timeout: Seconds until it is killed, with all that it started.

        Raises:
            CannotLook: It is not there, may not be executed, did not end in time, or printed too much.
        """
        deadline = time.monotonic() + timeout
        with closing(self._start(args)) as running:
            try:
                out, err = running.collect(deadline, MOST_OUTPUT)
                if len(out) + len(err) > MOST_OUTPUT:
                    raise CannotLook(self._doing(args), f"it prints more than {MOST_OUTPUT >> 20} MiB")
                rc = running.wait(deadline)
            except TimeoutError:
                why = f"no answer within {timeout:g} s, so crictl was killed"
                raise CannotLook(self._doing(args), why, "See whether the runtime hangs.") from None
        ran = Ran(rc, out.decode("utf-8", "backslashreplace"), err.decode("utf-8", "backslashreplace"))
        refused = refusal(ran.rc, ran.err, self.chroot, self._doing(args)) if self.chroot else None
        if refused is not None:
            raise refused
        return ran

    def command_line(self, *args: str) -> tuple[str, ...]:
        """What is really executed.

        Raises:
            OSError: It takes the program chroot, and there is none.
        """
        argv = (*self.argv, *args)
        return argv if self.chroot is None else command_line(self.chroot, argv)

    def _start(self, args: tuple[str, ...]) -> Running:
        try:
            return Running(self.command_line(*args))
        except (OSError, ValueError) as error:
            why = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error)
            raise CannotLook(self._doing(args), harmless(why), "Install crictl, or mend it.") from error

    def _doing(self, args: tuple[str, ...]) -> str:
        """What a call does, for messages: "running crictl pods -o json"."""
        return f"running {shortened(harmless(shlex.join((*self.as_typed, *args)), 2048), _LONGEST_SHOWN)}"
