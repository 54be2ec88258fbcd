"""The same pod or container in what another backend says. Pure."""

from __future__ import annotations

from pausetui.core.snapshot import Snapshot


def counterparts(key: str, before: Snapshot, now: Snapshot) -> tuple[str, ...]:
    """The keys in ``now`` of what had this key in ``before``, the best first: itself, then its pod.

    Backends that know a pod's uid give the same key; others have names of their own for it. Then it is the one that
    has the same process.
    """
    found = before.container(key)
    pod = found[0] if found else before.pod(key)
    if pod is None:
        return ()
    first = (found[1],) if found else ()
    owners = {
        one.process: (one.key, other.key)
        for other in now.pods
        for one in other.containers()
        if one.process is not None
    }
    for one in (*first, *pod.containers()):
        owner = owners.get(one.process) if one.process is not None else None
        if owner is not None:
            return owner if one in first else owner[1:]
    return ()
