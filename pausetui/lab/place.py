"""Where the lab's files are mounted: a folder that every machine has and that nothing we need lies under."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from pausetui.errors import CannotLook

PATH_INSIDE = ("/mnt", "/media", "/srv", "/opt", "/home")
"""Candidates, best first. Only the lab's own mount namespace sees what is mounted there."""


def mount_point(candidates: Sequence[str], needed: Sequence[str] = ()) -> str:
    """The first candidate that exists and that hides nothing needed.

    Args:
        needed: Paths that must stay visible; those of this Python and of pausetui if not given.

    Raises:
        CannotLook: There is none.
    """
    visible = {os.path.realpath(path) for path in needed or _needed_to_run()}
    for candidate in candidates:
        if (
            os.path.isdir(candidate)
            and not os.path.islink(candidate)
            and not any(path == candidate or path.startswith(candidate + "/") for path in visible)
        ):
            return candidate
    raise CannotLook(
        "finding a place for the lab's files",
        f"none of {', '.join(candidates)} is a folder that Python and pausetui do not lie under",
        f"Make one: mkdir {candidates[0]}",
    )


def _needed_to_run() -> tuple[str, ...]:
    return (sys.executable, sys.prefix, sys.base_prefix, os.__file__, __file__, "/proc", "/dev/null")
