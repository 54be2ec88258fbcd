"""All that an engine said in one look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pausetui.backends.docker.details import Detail
from pausetui.backends.docker.listing import Listed, PodmanPod, Version
from pausetui.backends.docker.reading import Bad
from pausetui.core.inventory import ContainerState


@dataclass(frozen=True, slots=True)
class Seen:
    """One container: its entry in the list, and what is known besides, None if it was not asked about (yet)."""

    listed: Listed
    detail: Detail | None = None

    @property
    def id(self) -> str:
        """Its id, all 64 digits."""
        return self.listed.id

    @property
    def state(self) -> ContainerState:
        """Its state: the newer word of the two."""
        return self.detail.state if self.detail else self.listed.state

    @property
    def created_at(self) -> datetime | None:
        """When it was made; the list knows only the second."""
        return (self.detail.created_at if self.detail else None) or self.listed.created_at

    @property
    def network_mode(self) -> str | None:
        """What its network is: "bridge", "host", "container:ID"…; None if not told."""
        return self.listed.network_mode or (self.detail.network_mode if self.detail else None)


@dataclass(frozen=True, slots=True)
class Answers:
    """All that the engine said in one look.

    Attributes:
        pods: Podman's.
        failed: Why nothing (new) is known of a container, by id.
        postponed: How many were not asked about for lack of time.
        gone: Names of containers that others still refer to and that are no more, by id, from earlier looks.
    """

    version: Version
    containers: tuple[Seen, ...] = ()
    pods: tuple[PodmanPod, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    bad: tuple[Bad, ...] = ()
    postponed: int = 0
    gone: Mapping[str, Listed] = field(default_factory=dict)
