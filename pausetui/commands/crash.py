"""What is said when the fault is ours: a traceback that holds no value of any variable."""

from __future__ import annotations

import os
import platform
import sys
import traceback

from pausetui import __version__
from pausetui.text import harmless

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h."""


def report(error: BaseException) -> str:
    """Everything somebody needs who is to mend it. Ends with a line break."""
    lines = [
        "pausetui: this is a bug of ours, not a mistake of yours. To report it, send all of this text:",
        f"pausetui {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
        f" {platform.machine()}, user id {os.geteuid()}, {len(sys.argv) - 1} arguments",
    ]
    for entry in traceback.format_exception(error):
        lines.extend(harmless(line, 500) for line in entry.rstrip("\n").split("\n"))
    return "\n".join(lines) + "\n"
