"""What an engine says of its containers and pods, as values. Pure.

The API is Docker's (docs.docker.com/reference/api/engine); Podman serves the same, leaves some of it out, and has
pods besides (``/libpod``). All text is made harmless here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from pausetui.core.inventory import ContainerState
from pausetui.core.json_value import At
from pausetui.errors import CannotLook, NotOurFormat
from pausetui.text import harmless

T = TypeVar("T")

_ID = re.compile(r"[0-9a-f]{12,64}", re.ASCII)
_NEVER = "0001-01-01T"
"""How Go writes a time that is not set."""
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_JOINS = "container:"
_STATES = {
    "created": ContainerState.CREATED,
    "configured": ContainerState.CREATED,
    "initialized": ContainerState.CREATED,
    "running": ContainerState.RUNNING,
    "paused": ContainerState.RUNNING,
    "stopping": ContainerState.RUNNING,
    "restarting": ContainerState.EXITED,
    "removing": ContainerState.EXITED,
    "exited": ContainerState.EXITED,
    "stopped": ContainerState.EXITED,
    "dead": ContainerState.EXITED,
}
_PLAIN = frozenset({"created", "running", "exited", "stopped", "configured", "initialized"})
"""Those of the engine's words that ours say as well."""
PODMAN = "Podman Engine"
"""What Podman calls itself among its components."""
_DEFAULT_GRACE = 10.0
"""Seconds that Docker and Podman give a container to end, if it was not made with another time."""


@dataclass(frozen=True, slots=True)
class Version:
    """Who answers."""

    name: str
    version: str | None
    api: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One container as the list has it.

    Attributes:
        name: Without the slash in front; the short id if it has none.
        status: The engine's own word for its state ("restarting").
        created_at: When it was made.
        network_mode: "bridge", "host", "container:ID"…; None if the list does not say (Podman).
        mark: Changes when anything of it does, but not with time.
    """

    id: str
    name: str
    image: str | None
    state: ContainerState
    status: str
    created_at: datetime | None
    labels: Mapping[str, str] = field(default_factory=dict)
    network_mode: str | None = None
    mark: str = ""


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


@dataclass(frozen=True, slots=True)
class PodmanPod:
    """A pod of Podman's: its infra container, None if it was made without one, and all containers in it."""

    id: str
    name: str
    created_at: datetime | None
    infra: str | None
    containers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Bad:
    """One item of a list that could not be read: what it was called, as far as that could be, and why."""

    what: str
    why: str


def version(at: At) -> Version:
    """Who answers ``/version``."""
    try:
        return Version(
            "podman" if PODMAN in components(at) else "docker",
            _word(at, "Version"),
            _word(at, "ApiVersion"),
        )
    except NotOurFormat as error:
        raise unknown(error) from error


def components(at: At) -> Mapping[str, str]:
    """What the answer to ``/version`` says of itself: each component's version of its own API, or ""."""

    def one(part: At) -> tuple[str, str]:
        return part["Name"].text(), part.get("Details", lambda details: _word(details, "APIVersion"), None) or ""

    nothing: tuple[tuple[str, str], ...] = ()
    return dict(at.get("Components", lambda all_: _or_none(all_, lambda found: found.each(one)), nothing))


def listed(at: At) -> tuple[tuple[Listed, ...], tuple[Bad, ...]]:
    """All containers, and those whose entry can't be read.

    Raises:
        CannotLook: It is no list.
    """
    return _each(at, _listed)


def pods(at: At) -> tuple[tuple[PodmanPod, ...], tuple[Bad, ...]]:
    """All pods of Podman's, and those whose entry can't be read.

    Raises:
        CannotLook: It is no list.
    """
    if at.value is None:
        return (), ()
    return _each(at, _pod)


def detail(at: At) -> Detail:
    """One container.

    Raises:
        NotOurFormat: What it says is not understood, and where.
    """
    state, config, host = at["State"], at["Config"], at["HostConfig"]
    network = at["NetworkSettings"]
    status = state["Status"].text()
    now = _STATES.get(status, ContainerState.UNKNOWN)
    grace = config.get("StopTimeout", At.number_or_none, None)
    runs, ended = now is ContainerState.RUNNING, now is ContainerState.EXITED
    return Detail(
        id=_identity(at["Id"]),
        state=now,
        created_at=_moment(at, "Created"),
        pid=(state["Pid"].integer() or None) if runs else None,
        started_at=_moment(state, "StartedAt"),
        finished_at=_moment(state, "FinishedAt") if ended else None,
        exit_code=state["ExitCode"].integer() if ended else None,
        reason=_reason(state, status),
        restarts=at.get("RestartCount", At.integer_or_none, None),
        restart_policy=_policy(host.get("RestartPolicy", lambda one: one, host)),
        network_mode=_word(host, "NetworkMode"),
        mounts=at.get("Mounts", lambda all_: _or_none(all_, _mounts), ()),
        addresses=tuple(_addresses(network)) if runs else (),
        netns_path=_word(network, "SandboxKey") if runs else None,
        grace_seconds=_DEFAULT_GRACE if grace is None else grace,
    )


def joined(network_mode: str | None) -> str | None:
    """The id or name of the container whose network a network mode says to join, or None."""
    if network_mode is None or not network_mode.startswith(_JOINS):
        return None
    return network_mode.removeprefix(_JOINS).removeprefix("/") or None


def _listed(at: At) -> Listed:
    status = at["State"].text()
    id_ = _identity(at["Id"])
    return Listed(
        id=id_,
        name=_name(_texts(at, "Names")) or id_[:12],
        image=_word(at, "Image"),
        state=_STATES.get(status, ContainerState.UNKNOWN),
        status=status,
        created_at=datetime.fromtimestamp(at["Created"].integer(), UTC),
        labels=at.get("Labels", _labels, {}),
        network_mode=at.get("HostConfig", lambda host: _word(host, "NetworkMode"), None),
        mark=_mark(at),
    )


def _mark(at: At) -> str:
    """Everything of an entry but its words for an age: of "Exited (137) 3 minutes ago" the number stays."""
    assert isinstance(at.value, dict)
    status = at.value.get("Status")
    told = _IN_BRACKETS.findall(status) if isinstance(status, str) else []
    return json.dumps({**at.value, "Status": told}, sort_keys=True)


def _name(names: tuple[str, ...]) -> str:
    """Its own name: with links there are others, ``/other/alias``."""
    own = [name.removeprefix("/") for name in names if "/" not in name.removeprefix("/")]
    return own[0] if own else ""


def _labels(at: At) -> Mapping[str, str]:
    if not isinstance(at.value, dict):
        return {}
    return {key: harmless(value) for key, value in at.value.items() if isinstance(value, str)}


def _pod(at: At) -> PodmanPod:
    return PodmanPod(
        id=_identity(at["Id"]),
        name=_word(at, "Name") or _identity(at["Id"])[:12],
        created_at=_moment(at, "Created"),
        infra=_word(at, "InfraId"),
        containers=frozenset(_ids(at)),
    )


def _ids(at: At) -> tuple[str, ...]:
    nothing: tuple[str, ...] = ()
    return at.get(
        "Containers", lambda all_: _or_none(all_, lambda some: some.each(lambda one: _identity(one["Id"]))), nothing
    )


def _texts(at: At, key: str) -> tuple[str, ...]:
    nothing: tuple[str, ...] = ()
    return at.get(key, lambda found: _or_none(found, At.texts), nothing)


def _mounts(at: At) -> tuple[Mount, ...]:
    def one(mount: At) -> Mount:
        return Mount(_word(mount, "Name") or _word(mount, "Source") or "", mount["Destination"].text())

    return tuple(mount for mount in at.each(one) if mount.source)


def _reason(state: At, status: str) -> str | None:
    if state.get("OOMKilled", At.truth, False):
        return "OOMKilled"
    return _word(state, "Error") or (None if status in _PLAIN else status)


def _policy(at: At) -> str | None:
    name = _word(at, "Name")
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
            address = _word(networks[name], kind)
            if address is not None:
                yield address


def _word(at: At, key: str) -> str | None:
    """A text, None if there is none or it is empty."""
    told = at.get(key, At.text_or_none, None)
    return harmless(told) if told else None


def _moment(at: At, key: str) -> datetime | None:
    told = _word(at, key)
    return None if told is None or told.startswith(_NEVER) else at[key].moment()


def _or_none(at: At, read: Callable[[At], tuple[T, ...]]) -> tuple[T, ...]:
    return () if at.value is None else read(at)


def _identity(at: At) -> str:
    if not isinstance(at.value, str) or not _ID.fullmatch(at.value):
        raise at.wrong("an id")
    return at.value


def _each(at: At, read: Callable[[At], T]) -> tuple[tuple[T, ...], tuple[Bad, ...]]:
    good, bad = [], []
    try:
        items = at.each(lambda item: item)
    except NotOurFormat as error:
        raise unknown(error) from error
    for item in items:
        try:
            good.append(read(item))
        except NotOurFormat as error:
            bad.append(Bad(item.path, error.why))
        except (OverflowError, OSError) as error:  # a time that no calendar has
            bad.append(Bad(item.path, str(error)))
    return tuple(good), tuple(bad)


def unknown(error: NotOurFormat) -> CannotLook:
    """What is said of an answer that is none of an engine."""
    return CannotLook(
        f"reading {error.what}", error.why, "Is it Docker's or Podman's API? Name another: -H unix:///PATH."
    )
