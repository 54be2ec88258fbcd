"""The shell command that does what an action does, without the checks."""

from __future__ import annotations

import shlex

from pausetui.core.actions import GRACE_SECONDS, ActionKind
from pausetui.core.snapshot import Container, Pod, Snapshot

SHORT_ID = 13
"""How many digits of an id runtimes print, and take for the whole."""


def command_for(kind: ActionKind, snapshot: Snapshot, pod: Pod, container: Container | None) -> str:
    """The command line, or "" where there is none.

    Args:
        kind: What to do.
        snapshot: How the runtime is asked is in there.
        pod: The pod.
        container: The member, or the pod's pause if there is one.
    """
    if kind in snapshot.abilities.by_runtime:
        return shlex.join((*snapshot.runtime.command, *_asked(kind, pod, container)))
    if container is None or container.process is None:
        return ""
    return f"kill -{'TERM' if kind is ActionKind.RESTART_MEMBER else 'KILL'} {container.process.pid}"


def _asked(kind: ActionKind, pod: Pod, container: Container | None) -> tuple[str, ...]:
    sandbox = pod.sandboxes[0].id[:SHORT_ID] if pod.sandboxes else ""
    match kind:
        case ActionKind.STOP_SANDBOX:
            return ("stopp", sandbox)
        case ActionKind.REMOVE_SANDBOX:
            return ("rmp", "-f", sandbox)
        case _:
            grace = container.grace_seconds if container else None
            member = (container.runtime_id or "")[:SHORT_ID] if container else ""
            return ("stop", "--timeout", f"{grace or GRACE_SECONDS:.0f}", member)
