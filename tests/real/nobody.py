"""Running pausetui as somebody without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from functools import cache

import pytest

from tests.real import labs
from tests.real.ptys import Pty

NOBODY = pwd.getpwnam("nobody")
_BECOME_NOBODY = ("setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups")


def pausetui_as_nobody(*arguments: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, as nobody; ``before`` is a command of root's that runs it in some other place."""
    if not before:
        return _run(python_for_anybody(), "-m", "pausetui", *arguments)
    command = [*before, *_BECOME_NOBODY, python_for_anybody(), "-m", "pausetui", *arguments]
    return subprocess.run(
        command, cwd="/", env=_environment(), capture_output=True, text=True, timeout=60, check=False
    )


def screen_as_nobody(*arguments: str, size: tuple[int, int]) -> Pty:
    """The screen in a terminal, as nobody."""
    return Pty(
        [*_BECOME_NOBODY, python_for_anybody(), "-m", "pausetui", *arguments],
        size=size,
        environment={"PYTHONPATH": with_textual(), "PYTHONDONTWRITEBYTECODE": "1"},
    )


@cache
def python_for_anybody() -> str:
    """A Python that everybody may run."""
    others = [shutil.which(f"python3.{minor}") for minor in (11, 12, 13, 14)]
    for candidate in (sys.executable, "/usr/bin/python3", *others):
        if candidate is None:
            continue
        try:
            if _run(candidate, "-c", "import sys; sys.exit(sys.version_info < (3, 11))").returncode == 0:
                return candidate
        except OSError:
            continue
    pytest.fail("no Python 3.11 that nobody may run: apt-get install python3")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(labs.ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def with_textual() -> str:
    """Where that Python finds the program and what it needs: it may not be the one that these are installed for."""
    return os.pathsep.join((str(labs.ROOT), sysconfig.get_paths()["purelib"]))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        user=NOBODY.pw_uid,
        group=NOBODY.pw_gid,
        extra_groups=[],
        cwd="/",
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
