"""The command that would show what is hidden: this very program, with its flags, as root."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence

from pausetui.core.prose import NEEDS_ROOT

KEPT = ("PYTHONPATH", "PAUSETUI_NS_IDENTITY")
"""Variables that sudo and su drop, and without which it would not be the same program."""


def root_command(
    argv: Sequence[str] | None = None,
    *,
    euid: int | None = None,
    environment: Mapping[str, str] | None = None,
    find: Callable[[str], str | None] = shutil.which,
) -> str | None:
    """How to start this program again as root, ready to be pasted into a shell; None if we are root.

    Args:
        argv: ``sys.argv`` unless given.
        euid: Our effective user id unless given.
        environment: ``os.environ`` unless given.
        find: Where a program is, as ``shutil.which``.
    """
    arguments = list(sys.argv if argv is None else argv)
    if (os.geteuid() if euid is None else euid) == 0:
        return None
    around = os.environ if environment is None else environment
    kept = [f"{name}={around[name]}" for name in KEPT if around.get(name)]
    program = _program(arguments[0] if arguments else "")
    command = shlex.join([*(["env", *kept] if kept else []), *program, *arguments[1:]])
    if find("sudo"):
        return f"sudo {command}"
    return f"su -c {shlex.quote(command)}"


def to_see_the_rest(command: str) -> str:
    """What to tell somebody from whom something is hidden."""
    return f"{NEEDS_ROOT} to see the rest: {command}"


def _program(started_as: str) -> list[str]:
    name = os.path.basename(started_as)
    path = os.path.abspath(started_as) if os.sep in started_as else shutil.which(started_as)
    if name and name != "__main__.py" and path and os.access(path, os.X_OK):
        return [path]
    return [sys.executable, "-m", "pausetui"]
