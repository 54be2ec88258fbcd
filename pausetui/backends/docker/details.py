"""What an engine says of one container: ``inspect``. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pausetui.backends.docker.reading import identity, moment, or_none, state_of, word
from pausetui.core.inventory import ContainerState
from pausetui.core.json_value import At

_PLAIN = frozenset({"created", "running", "exited", "stopped", "configured", "initialized"})
"""Those of the engine's words that ours say as well."""
_DEFAULT_GRACE = 10.0
"""Seconds that Docker and Podman give a container to end, if it was not made with another time."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A place that a container sees: its volume's name or the path on the machine, and where inside."""

    source: str
    path: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One container as ``inspect`` has it.

    Attributes:
        pid: Of its main process; None if it does not run.
        reason: Why it is in its state, where that is told.
        restarts: How often its restart policy has started it again since somebody did.
        restart_policy: "no", "always", "on-failure:3"…
        netns_path: Where its network namespace is pinned, while it runs.
        grace_seconds: How long it gets to end.
        start_error: Of one that has ended, why it could not be started again when that was last tried.
    """

    id: str
    state: ContainerState
    created_at: datetime | None = None
    pid: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    reason: str | None = None
    restarts: int | None = None
    restart_policy: str | None = None
    network_mode: str | None = None
    mounts: tuple[Mount, ...] = ()
    addresses: tuple[str, ...] = ()
    netns_path: str | None = None
    grace_seconds: float = _DEFAULT_GRACE
    start_error: str | None = None


def detail(at: At) -> Detail:
    """One container.

    Raises:
        NotOurFormat: What it says is not understood, and where.
    """
    state, config, host = at["State"], at["Config"], at["HostConfig"]
    network = at["NetworkSettings"]
    status = state["Status"].text()
    now = state_of(status)
    grace = config.get("StopTimeout", At.number_or_none, None)
    runs, ended = now is ContainerState.RUNNING, now is ContainerState.EXITED
    start_error = word(state, "Error") if ended else None
    return Detail(
        id=identity(at["Id"]),
        state=now,
        created_at=moment(at, "Created"),
        pid=(state["Pid"].integer() or None) if runs else None,
        started_at=moment(state, "StartedAt"),
        finished_at=moment(state, "FinishedAt") if ended else None,
        exit_code=state["ExitCode"].integer() if ended else None,
        reason=_reason(state, status),
        restarts=_restarts(at, failed=start_error is not None),
        restart_policy=_policy(host.get("RestartPolicy", lambda one: one, host)),
        network_mode=word(host, "NetworkMode"),
        mounts=at.get("Mounts", lambda all_: or_none(all_, _mounts), ()),
        addresses=tuple(_addresses(network)) if runs else (),
        netns_path=word(network, "SandboxKey") if runs else None,
        grace_seconds=_DEFAULT_GRACE if grace is None else grace,
        start_error=start_error,
    )


def _restarts(at: At, *, failed: bool) -> int | None:
    """Docker counts before it tries: the start that failed, which is the last, was none."""
    counted = at.get("RestartCount", At.integer_or_none, None)
    return max(0, counted - 1) if counted is not None and failed else counted


def _mounts(at: At) -> tuple[Mount, ...]:
    def one(mount: At) -> Mount:
        return Mount(word(mount, "Name") or word(mount, "Source") or "", mount["Destination"].text())

    return tuple(mount for mount in at.each(one) if mount.source)


def _reason(state: At, status: str) -> str | None:
    if state.get("OOMKilled", At.truth, False):
        return "OOMKilled"
    return word(state, "Error") or (None if status in _PLAIN else status)


def _policy(at: At) -> str | None:
    name = word(at, "Name")
    if name is None:
        return "no"
    most = at.get("MaximumRetryCount", At.integer_or_none, None)
    return f"{name}:{most}" if most else name


def _addresses(at: At) -> Iterator[str]:
    networks = at.get("Networks", lambda one: one, at)
    if not isinstance(networks.value, dict) or networks is at:
        return
    for kind in ("IPAddress", "GlobalIPv6Address"):
        for name in networks.value:
            address = word(networks[name], kind)
            if address is not None:
                yield address
