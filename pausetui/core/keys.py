"""How rows are keyed: by what the user calls the thing, so that a restart is a change and not a new row."""

from __future__ import annotations

from pausetui.core.inventory import Role
from pausetui.core.observation import Net


def pod_key_from_netns(net: Net) -> str:
    """The key of a pod that nobody has named: the identity of its network namespace, or what marks that."""
    return net.token


def container_key(pod_key: str, role: Role, name: str) -> str:
    """The key of a container: its pod, what it is there, and its name (or its runtime id if it has none)."""
    return f"{pod_key}/{role}/{name}"
