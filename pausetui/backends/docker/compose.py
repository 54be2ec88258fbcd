"""What Docker Compose calls a container (pkg/api/labels.go of docker/compose). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.backends.docker.listing import Listed

_LABEL = "com.docker.compose."


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a Compose project; ``name`` has a number behind where there are several of it."""

    project: str
    name: str


def service(listed: Listed) -> Service | None:
    """Which service of which project a container is; None if it is none, or was only run once."""
    project, name = listed.labels.get(f"{_LABEL}project"), listed.labels.get(f"{_LABEL}service")
    if not project or not name or listed.labels.get(f"{_LABEL}oneoff") == "True":
        return None
    number = listed.labels.get(f"{_LABEL}container-number", "1")
    return Service(project, name if number in ("", "1") else f"{name}-{number}")
