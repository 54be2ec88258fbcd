"""Running pausetui as somebody without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from functools import cache

import pytest

from tests.real import labs

NOBODY = pwd.getpwnam("nobody")


def pausetui_as_nobody(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, as nobody."""
    return _run(_python(), "-m", "pausetui", *arguments)


@cache
def _python() -> str:
    """A Python that nobody, too, may run."""
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


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        user=NOBODY.pw_uid,
        group=NOBODY.pw_gid,
        extra_groups=[],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(labs.ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
