"""Whether somebody with more rights would see more."""

from __future__ import annotations

from pausetui.core.snapshot import Snapshot

NO_PERMISSION = "Permission denied"
"""How the kernel puts it (EACCES, strerror(3))."""
RUN_AS_ROOT = "run as root"
"""What a ``Problem`` says to do next where root would see what we don't."""


def hides_something(snapshot: Snapshot) -> bool:
    """Whether something of a pod could not be read for want of rights, or whole pods may be hidden that way."""
    if snapshot.pods:
        return any(container.cannot_read for pod in snapshot.pods for container in pod.containers())
    return any(problem.why == NO_PERMISSION or problem.next == RUN_AS_ROOT for problem in snapshot.problems)
