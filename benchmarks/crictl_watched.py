"""``python -m benchmarks.crictl_watched NETNS …``: pausetui, on a node whose pods' wires are in NETNS.

On a real node one network has these wires and the process connector, which tells of programs that start. Here the
wires are in a network of the benchmark's own, so that the machine's stays as it is, and only the machine's has the
connector. So that is opened before we go over: what is heard is what is heard on a node.
"""

from __future__ import annotations

import ctypes
import os
import sys

from pausetui.commands.main import main
from pausetui.kernel import hints
from pausetui.kernel.births import Births

_CLONE_NEWNET = 0x40000000


def enter(network: str) -> None:
    """Live in another network namespace, keeping the hints of births; before any thread is started."""
    births = Births()
    setattr(hints, "Births", lambda *_: births)  # noqa: B010 - nothing of pausetui's is made for this
    descriptor = os.open(network, os.O_RDONLY | os.O_CLOEXEC)
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), f"can't enter {network}")
    os.close(descriptor)


if __name__ == "__main__":
    enter(sys.argv[1])
    raise SystemExit(main(sys.argv[2:]))
