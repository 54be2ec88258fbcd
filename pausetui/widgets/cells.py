"""What the cells of a row say: the words and glyphs of a pod and a container. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pausetui.core.inventory import ContainerState, Role
from pausetui.core.namespaces import NamespaceKind, Namespaces
from pausetui.core.prose import NEEDS_ROOT
from pausetui.core.sharing import UNKNOWN, held_kinds
from pausetui.core.snapshot import Container, Pod
from pausetui.text import Glyphs
from pausetui.widgets.row import Look

SAME_AGE = timedelta(minutes=1)
"""Less than this apart is not worth two ages."""


def pod_since(pod: Pod) -> datetime | None:
    """When the newest sandbox was made."""
    if pod.sandboxes and pod.sandboxes[0].created_at is not None:
        return pod.sandboxes[0].created_at
    return pod.pause.started_at if pod.pause else None


def since(container: Container) -> datetime | None:
    """When its state began."""
    return container.finished_at if container.state is ContainerState.EXITED else container.started_at


def is_as_old_as_pause(pod: Pod, container: Container) -> bool:
    """Whether a member runs since its pause container does: then only the pause's age is shown, and redrawn."""
    pause = pod.pause
    if pause is None or container.role is Role.PAUSE or container.state is not ContainerState.RUNNING:
        return False
    if pause.state is not ContainerState.RUNNING or pause.started_at is None or container.started_at is None:
        return False
    return abs(container.started_at - pause.started_at) < SAME_AGE


def address(pod: Pod) -> tuple[str, str]:
    """The first address, or why there is none, and how many more there are."""
    if pod.host_network:
        return "host network", ""
    if pod.addresses is None:
        return (NEEDS_ROOT if any(one.cannot_read for one in pod.containers()) else "address unknown"), ""
    if not pod.addresses:
        return "no address", ""
    others = len(pod.addresses) - 1
    return pod.addresses[0], f"+{others}" if others else ""


def container_name(container: Container) -> str:
    """Its name, and its role where that is not plain."""
    return (
        f"{container.name} ({container.role})" if container.role in (Role.INIT, Role.EPHEMERAL) else container.name
    )


def container_look(container: Container, *, orphan: bool) -> Look:
    """Whether it is all right."""
    if orphan or (container.state is ContainerState.EXITED and container.exit_code not in (None, 0)):
        return Look.BAD
    return Look.PLAIN if container.state is ContainerState.RUNNING else Look.QUIET


def state_glyph(container: Container, glyphs: Glyphs) -> str:
    """Running, ended, or the pause container."""
    if container.state is not ContainerState.RUNNING:
        return glyphs.exited
    return glyphs.pause if container.role is Role.PAUSE else glyphs.running


def state_word(container: Container) -> str:
    """Its state, with the exit code."""
    if container.state is ContainerState.EXITED and container.exit_code is not None:
        return f"exited {container.exit_code}"
    return str(container.state)


def restarts(container: Container, glyphs: Glyphs) -> str:
    """How often it was restarted, "" for never."""
    count = container.restarts if container.restarts is not None else container.attempt
    return f"{glyphs.restarts}{count}" if count else ""


def shares(
    pod: Pod, container: Container, shares: Mapping[NamespaceKind, Mapping[str, str]], host: Namespaces
) -> str:
    """Which namespaces it shares (equal letters share), holds, or why that is not shown."""
    if container.state is not ContainerState.RUNNING:
        return container.reason or ""
    if container.cannot_read:
        return NEEDS_ROOT
    if container.role is Role.PAUSE and (kinds := held_kinds(pod, host)):
        return "holds " + " ".join(kinds)
    parts = [
        f"{kind}={by_key[container.key]}" for kind, by_key in shares.items() if by_key[container.key] != UNKNOWN
    ]
    return " ".join(parts) or "namespaces unknown"
