"""The same environment on every machine, set before Textual reads it.

Loaded by ``-p tests.environment`` (see pyproject.toml), because the snapshot plug-in imports Textual before any
conftest.py runs, and Textual reads its constants and its theme from the environment at that moment.
"""

from __future__ import annotations

import os
import time
from collections.abc import MutableMapping

KEPT = "TEXTUAL_SNAPSHOT_"
"""The snapshot plug-in tells its folder to the workers of xdist through the environment."""
REMOVED_PREFIXES = ("TEXTUAL_", "PAUSETUI_", "SSH_", "XDG_", "LC_")
REMOVED = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TERM_PROGRAM", "COLUMNS", "LINES", "LANG", "LANGUAGE")
SET = {
    "TERM": "xterm-256color",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "TEXTUAL_ANIMATIONS": "none",
}


def scrub(environment: MutableMapping[str, str]) -> None:
    """Take out what changes a picture or steers pausetui, and set what must be the same everywhere."""
    for name in tuple(environment):
        if name in REMOVED or (name.startswith(REMOVED_PREFIXES) and not name.startswith(KEPT)):
            del environment[name]
    environment.update(SET)


scrub(os.environ)
time.tzset()
