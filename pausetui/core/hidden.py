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


def saw_nothing(snapshot: Snapshot) -> bool:
    """Whether for want of rights no pod was seen, or nothing inside any: what is wrong can't be told then."""
    inside = (one.namespaces.known() for pod in snapshot.pods for one in pod.containers())
    return hides_something(snapshot) and not any(map(any, inside))


def why_hidden(snapshot: Snapshot) -> tuple[str, str]:
    """Why something could not be read, and what to do: as a problem says it, if one does."""
    told = ((one.why, one.next) for one in snapshot.problems if NO_PERMISSION in one.why)
    return next(told, (NO_PERMISSION, RUN_AS_ROOT))
