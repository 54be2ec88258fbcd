"""The two engines, and where one of them listens."""

from __future__ import annotations

from dataclasses import dataclass

DOCKER_SOCKET = "/var/run/docker.sock"
PODMAN_SOCKET = "/run/podman/podman.sock"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine listens.

    Attributes:
        url: As it was told: ``unix:///var/run/docker.sock``, a path of the machine that is looked at.
        why: Where that comes from, in words: "from DOCKER_HOST".
        command: What a person types to ask it: ``("docker", "-H", "unix:///…")``.
        socket: The path under which we reach it, or None if it is no unix socket.
        tls: The folder with ca.pem, cert.pem and key.pem to show to it, or None.
        is_podmans: It was looked for as Podman's.
    """

    url: str
    why: str
    command: tuple[str, ...]
    socket: str | None = None
    tls: str | None = None
    is_podmans: bool = False


@dataclass(frozen=True, slots=True)
class Engine:
    """One of the two programs: what it is called and what tells it whom to ask.

    Attributes:
        title: Its name in a sentence.
        host_flag: The option that names the engine on its command line.
        variable: The environment variable that does.
        service: What systemd calls it.
        socket: Where root's listens.
        own_socket: Where that of somebody who is not root does, below the user's runtime folder.
    """

    name: str
    title: str
    host_flag: str
    variable: str
    service: str
    socket: str
    own_socket: str


DOCKER = Engine("docker", "Docker", "-H", "DOCKER_HOST", "docker", DOCKER_SOCKET, "docker.sock")
PODMAN = Engine("podman", "Podman", "--url", "CONTAINER_HOST", "podman.socket", PODMAN_SOCKET, "podman/podman.sock")
ENGINES = {engine.name: engine for engine in (DOCKER, PODMAN)}
