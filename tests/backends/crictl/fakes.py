"""Fake crictls: small shell scripts that do what a test needs to see done."""

from __future__ import annotations

import stat
from pathlib import Path


def script(path: Path, body: str) -> str:
    """An executable shell script; its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return str(path)
