"""Which engine is to be asked, as the ``docker`` and ``podman`` programs decide it, and a little further.

``docker`` takes ``-H``, else ``DOCKER_HOST``, else the context that ``DOCKER_CONTEXT`` or ``~/.docker/config.json``
names, else /var/run/docker.sock (cli/command/cli.go of docker/cli). Podman's Docker socket is at
/run/podman/podman.sock for root and below XDG_RUNTIME_DIR for everybody else (podman-system-service(1)). Whoever
became root by sudo gets the own one where root has none.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pausetui.backends.crictl.below import ours
from pausetui.backends.docker.contexts import Context, current
from pausetui.backends.docker.endpoints import DOCKER, DOCKER_SOCKET, PODMAN, PODMAN_SOCKET, Endpoint, Engine
from pausetui.backends.docker.rootless import Rootless, engines, who_called_sudo
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot
from pausetui.text import harmless

DEFAULT_TIMEOUT = 5.0
"""Seconds that an answer may take, if nobody says otherwise."""
_UNIX = "unix://"


@dataclass(frozen=True, slots=True)
class DockerOptions:
    """What the command line says of the engine.

    Attributes:
        host: ``-H``: its address, ``unix:///run/…`` or ``tcp://…``.
        timeout: Seconds that an answer may take.
    """

    host: str | None = None
    timeout: float | None = None


def find(engine: Engine, host: HostRoot, options: DockerOptions, environ: Mapping[str, str]) -> Endpoint:
    """Look for the engine; nobody is asked.

    Args:
        engine: DOCKER or PODMAN.
        host: The machine. Paths of sockets are below its root, whoever named them.
        options: What the command line says.
        environ: The environment, as the engine's own program reads it.

    Raises:
        CannotLook: There is nothing that could be asked.
    """
    chosen = _chosen(engine, host, options, environ)
    if chosen is not None:
        return chosen
    usual = tuple(_usual(engine, environ))
    for path, why in usual:
        if _may_be_socket(host, path):
            return _endpoint(engine, host, _UNIX + path, why)
    paths = ", ".join(harmless(path) for path, _ in usual)
    others = engines(host, engine.own_socket)
    theirs = (f"{one.user} has one: --backend {engine.name} -H {_UNIX}{one.path}. " for one in others)
    raise CannotLook(
        f"finding {engine.name}",
        f"there is no socket {paths}",
        f"{''.join(theirs)}Start it: systemctl start {engine.service}; or name its socket: -H unix:///PATH.",
    )


def of_others(
    engine: Engine, host: HostRoot, options: DockerOptions, environ: Mapping[str, str]
) -> tuple[Rootless, ...]:
    """The engines of users that ``find`` does not find, if nobody has decided which is to be asked."""
    try:
        if _chosen(engine, host, options, environ) is not None:
            return ()
    except CannotLook:
        return ()
    found = next((path for path, _ in _usual(engine, environ) if _may_be_socket(host, path)), None)
    return tuple(one for one in engines(host, engine.own_socket) if one.path != found)


def seems_present(
    host: HostRoot, options: DockerOptions, environ: Mapping[str, str], engine: Engine = DOCKER
) -> bool:
    """Whether there is something to ask: a socket, or an address that somebody named. Connects to nobody."""
    try:
        found = find(engine, host, options, environ)
    except CannotLook:
        return False
    path = found.url.removeprefix(_UNIX)
    return found.socket is None or _may_be_socket(host, path)


def command_for(endpoint: Endpoint, host: HostRoot, name: str) -> tuple[str, ...]:
    """What a person types to ask an endpoint, once it has said what it is: Podman may listen where Docker would."""
    other = PODMAN if name == PODMAN.name else DOCKER
    if (other is PODMAN) is endpoint.is_podmans:
        return endpoint.command
    return (*_where(host), other.name, other.host_flag, endpoint.url)


def timeout_of(options: DockerOptions) -> float:
    """Seconds that an answer may take."""
    return options.timeout or DEFAULT_TIMEOUT


def _chosen(engine: Engine, host: HostRoot, options: DockerOptions, environ: Mapping[str, str]) -> Endpoint | None:
    """What somebody has decided; None if nobody has."""
    if options.host is not None:
        return _endpoint(engine, host, options.host, "from -H")
    told = environ.get(engine.variable)
    if told:
        tls = environ.get("DOCKER_CERT_PATH") if environ.get("DOCKER_TLS_VERIFY") else None
        return _endpoint(engine, host, told, f"from {engine.variable}", tls=tls)
    if engine is DOCKER:
        context = current(environ)
        if context is not None:
            return _of_context(host, context)
    return None


def _usual(engine: Engine, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where it listens if nobody said otherwise: each path, and what is said of it."""
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    own = (f"{runtime}/{engine.own_socket}", f"the usual socket of a rootless {engine.title}")
    mine = (own,) if runtime.startswith("/") else ()
    roots = (engine.socket, "the usual socket")
    is_root = os.geteuid() == 0
    yield from (roots, *mine) if is_root or engine is DOCKER else (*mine, roots)
    before = who_called_sudo(environ) if is_root else None
    if before is not None:
        yield f"{before}/{engine.own_socket}", f"the rootless {engine.title} of the user who called sudo"


def _of_context(host: HostRoot, context: Context) -> Endpoint:
    found = _endpoint(DOCKER, host, context.host, f"from the context {harmless(context.name)}", tls=context.tls)
    command = (*_where(host), "docker", "--context", harmless(context.name))
    return Endpoint(found.url, found.why, command, found.socket, found.tls)


def _endpoint(engine: Engine, host: HostRoot, told: str, why: str, tls: str | None = None) -> Endpoint:
    url = _UNIX + told if told.startswith("/") else told
    path = url.removeprefix(_UNIX) if url.startswith(_UNIX) else None
    is_usual = path in (DOCKER_SOCKET, PODMAN_SOCKET)
    asked = () if is_usual else (engine.host_flag, harmless(url))
    return Endpoint(
        url=harmless(url),
        why=why,
        command=(*_where(host), engine.name, *asked),
        socket=None if path is None else ours(host, path),
        tls=tls,
        is_podmans=engine is PODMAN,
    )


def _where(host: HostRoot) -> tuple[str, ...]:
    return () if host.path.rstrip("/") == "" else ("chroot", host.path)


def _may_be_socket(host: HostRoot, path: str) -> bool:
    """Whether there is a socket, as far as we may know."""
    try:
        return stat.S_ISSOCK(os.stat(ours(host, path)).st_mode)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
