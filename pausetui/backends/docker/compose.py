"""What Docker Compose says of a container by its labels (pkg/api/labels.go of docker/compose). Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
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


def network_service(listed: Listed) -> Service | None:
    """The service whose network a container was made to join, where that can be told; None where it can't.

    Compose hands the engine an id. The service's name is among those that it depends on (NAME:CONDITION:RESTART):
    one that is there only because of ``network_mode: service:NAME`` is to be restarted with it, which others seldom
    are (normalize.go of compose-spec/compose-go).
    """
    own = service(listed)
    if own is None:
        return None
    told = [tuple(one.split(":")) for one in listed.labels.get(f"{_LABEL}depends_on", "").split(",") if one]
    restarted = [one for one in told if one[2:] == ("true",)]
    likely = restarted or told
    return Service(own.project, likely[0][0]) if len(likely) == 1 and likely[0][0] else None


def remake_command(program: str, containers: Iterable[Listed]) -> str:
    """What makes containers of one project anew; "" if they are none of Compose's, or of several projects.

    Args:
        program: The engine's.
        containers: Those to make anew.
    """
    found = tuple(containers)
    services = [one.labels.get(f"{_LABEL}service", "") for one in found]
    projects = {one.labels.get(f"{_LABEL}project", "") for one in found}
    if not found or not all(services) or len(projects) != 1 or not all(projects):
        return ""
    if any(name.startswith("-") for name in services):
        return ""  # an image can set labels, and one like this would be an option
    files = found[0].labels.get(f"{_LABEL}project.config_files", "")
    where = tuple(_files(files)) if files else ("-p", *projects)
    return shlex.join((program, "compose", *where, "up", "-d", "--force-recreate", *dict.fromkeys(services)))


def _files(told: str) -> Iterator[str]:
    for path in told.split(","):
        yield from ("-f", path)
