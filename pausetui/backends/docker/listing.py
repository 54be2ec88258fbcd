"""What an engine says in one answer about all: its version, its containers, Podman's pods. Pure.

The API is Docker's (docs.docker.com/reference/api/engine); Podman serves the same, leaves some of it out, and has
pods besides (``/libpod``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pausetui.backends.docker.reading import Bad, each, identity, or_none, state_of, texts, unknown, word
from pausetui.core.inventory import ContainerState
from pausetui.core.json_value import At
from pausetui.errors import NotOurFormat
from pausetui.text import harmless

PODMAN = "Podman Engine"
"""What Podman calls itself among its components."""
_IN_BRACKETS = re.compile(r"\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Version:
    """Who answers."""

    name: str
    version: str | None


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
class PodmanPod:
    """A pod of Podman's: its infra container, None if it was made without one, and all containers in it."""

    id: str
    name: str
    infra: str | None
    containers: frozenset[str]


def version(at: At) -> Version:
    """Who answers ``/version``."""
    try:
        return Version(
            "podman" if PODMAN in components(at) else "docker",
            word(at, "Version"),
        )
    except NotOurFormat as error:
        raise unknown(error) from error


def components(at: At) -> Mapping[str, str]:
    """What the answer to ``/version`` says of itself: each component's version of its own API, or ""."""

    def one(part: At) -> tuple[str, str]:
        return part["Name"].text(), part.get("Details", lambda details: word(details, "APIVersion"), None) or ""

    nothing: tuple[tuple[str, str], ...] = ()
    return dict(at.get("Components", lambda all_: or_none(all_, lambda found: found.each(one)), nothing))


def listed(at: At) -> tuple[tuple[Listed, ...], tuple[Bad, ...]]:
    """All containers, and those whose entry can't be read.

    Raises:
        CannotLook: It is no list.
    """
    return each(at, _listed)


def pods(at: At) -> tuple[tuple[PodmanPod, ...], tuple[Bad, ...]]:
    """All pods of Podman's, and those whose entry can't be read.

    Raises:
        CannotLook: It is no list.
    """
    if at.value is None:
        return (), ()
    return each(at, _pod)


def _listed(at: At) -> Listed:
    status = at["State"].text()
    id_ = identity(at["Id"])
    return Listed(
        id=id_,
        name=_name(texts(at, "Names")) or id_[:12],
        image=word(at, "Image"),
        state=state_of(status),
        status=status,
        created_at=datetime.fromtimestamp(at["Created"].integer(), UTC),
        labels=at.get("Labels", _labels, {}),
        network_mode=at.get("HostConfig", lambda host: word(host, "NetworkMode"), None),
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
        id=identity(at["Id"]),
        name=word(at, "Name") or identity(at["Id"])[:12],
        infra=word(at, "InfraId"),
        containers=frozenset(_ids(at)),
    )


def _ids(at: At) -> tuple[str, ...]:
    nothing: tuple[str, ...] = ()
    return at.get(
        "Containers", lambda all_: or_none(all_, lambda some: some.each(lambda one: identity(one["Id"]))), nothing
    )
