"""What state a running container's main process is in, where that is worth a word. Pure."""

from __future__ import annotations

from pausetui.core.inventory import ContainerState
from pausetui.core.observation import Vitals
from pausetui.core.snapshot import Container

IDLE_STATES = {"T": "stopped", "t": "traced", "Z": "zombie", "X": "dead"}
"""The states of proc(5) in which a process that still exists does nothing."""


def process_state(container: Container, vitals: Vitals | None) -> str:
    """ "stopped" or "zombie" for a container that is running and yet does nothing, else ""."""
    if container.state is not ContainerState.RUNNING:
        return ""
    if container.processes and container.processes[0].zombie:
        return IDLE_STATES["Z"]
    return IDLE_STATES.get(vitals.state, "") if vitals is not None else ""
