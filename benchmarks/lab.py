"""The lab as something to look at, and what another pausetui says of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pausetui.core.json_value import parse
from pausetui.core.snapshot import Snapshot
from pausetui.core.wire import snapshot_from_json
from pausetui.lab.names import VARIABLE

PAUSETUI = (sys.executable, "-m", "pausetui")


@contextmanager
def lab(*scenarios: str) -> Iterator[None]:
    """The lab with these scenarios, up and ready under a name of its own; down afterwards."""
    os.environ[VARIABLE] = f"bench-{os.getpid()}"
    pausetui("lab", "up", *scenarios)
    try:
        yield
    finally:
        pausetui("lab", "down")


def seen() -> Snapshot:
    """What ``pausetui snapshot --backend lab`` says now."""
    text = pausetui("snapshot", "--backend", "lab", "-o", "json")
    return snapshot_from_json(parse(text, "reading what the lab has"))


def pausetui(*arguments: str) -> str:
    """The stdout of one call; its stderr goes where ours goes."""
    result = subprocess.run([*PAUSETUI, *arguments], stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    return result.stdout
