"""Puts a program ``crictl`` into a folder."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAUNCHER = """#!{python}
import os, sys, time
began = time.monotonic()
sys.path.insert(0, {root!r})
os.environ.setdefault("CRICTL_STANDIN_LOG", {log!r})
from tests.crictl_standin.main import logged
raise SystemExit(logged(sys.argv[1:], began))
"""


def install(folder: Path, log: Path) -> Path:
    """Write the program; what it is called with is added to ``log`` unless CRICTL_STANDIN_LOG says another."""
    program = folder / "crictl"
    program.write_text(LAUNCHER.format(python=sys.executable, root=str(ROOT), log=str(log)))
    program.chmod(0o755)
    return program
