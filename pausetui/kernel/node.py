"""Which machine this is."""

from __future__ import annotations

from pausetui import __version__
from pausetui.core.observation import Node
from pausetui.kernel.processes import ProcFolder
from pausetui.text import decoded


def read_node(proc: ProcFolder) -> Node:
    """Hostname, kernel release and boot id of the machine whose /proc this is; "" for what can't be read."""
    return Node(
        hostname=_line(proc, "sys/kernel/hostname"),
        kernel=_line(proc, "sys/kernel/osrelease"),
        boot_id=_line(proc, "sys/kernel/random/boot_id"),
        pausetui=__version__,
    )


def _line(proc: ProcFolder, name: str) -> str:
    return decoded((proc.read(name, 4096) or b"").rstrip(b"\n"))
