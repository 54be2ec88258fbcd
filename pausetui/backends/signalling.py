"""Actions that are nothing but signals, for the backends whose containers are nothing but processes."""

from __future__ import annotations

from signal import Signals

from pausetui.core.actions import Action, ActionKind
from pausetui.errors import ActionRefused
from pausetui.kernel.signals import CheckedProcess


def by_signal(action: Action, process: CheckedProcess | None) -> str:
    """Carry out an action by signals to its target, and say in words what was sent.

    RESTART_MEMBER asks first (SIGTERM) and ends it (SIGKILL) if it still runs after the grace period; the
    others end it at once.

    Raises:
        ActionRefused: There is none, it was gone already, or we may not. Nothing was sent.
    """
    if process is None:
        raise ActionRefused(action.subject, "no process is known that a signal could be sent to")
    whom = f"pid {process.process.pid} ({process.name})"
    if action.kind is not ActionKind.RESTART_MEMBER:
        process.send(Signals.SIGKILL)
        return f"sent SIGKILL to {whom}"
    process.send(Signals.SIGTERM)
    if process.ended_within(action.grace_seconds):
        return f"sent SIGTERM to {whom}"
    process.send(Signals.SIGKILL)
    return f"sent SIGTERM to {whom}, and SIGKILL after {action.grace_seconds:.0f} s"
