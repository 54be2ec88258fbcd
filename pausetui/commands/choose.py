"""Which backend is used, and on which machine."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from functools import partial

from pausetui.backends import registry
from pausetui.backends.base import Backend
from pausetui.backends.candidates import Candidate, Elsewhere
from pausetui.backends.switch import AUTO, Switch
from pausetui.errors import UsageError
from pausetui.kernel.host import HostRoot
from pausetui.lab import client

IN_A_DEBUG_CONTAINER = "/host"
"""Where ``kubectl debug node/…`` mounts the node's root."""


def host_root(args: argparse.Namespace) -> HostRoot:
    """The machine that ``--host-root`` names; without it the node around a debug container, else this one.

    Raises:
        UsageError: There is no ``proc`` in it.
    """
    if args.host_root is None:
        around = os.path.exists(f"{IN_A_DEBUG_CONTAINER}/proc/1")
        return HostRoot(IN_A_DEBUG_CONTAINER) if around else HostRoot()
    host = HostRoot(os.path.abspath(args.host_root))
    if not os.path.isdir(host.proc):
        raise UsageError(
            f"--host-root {args.host_root}",
            f"there is no folder {host.proc}",
            "Give the folder under which the machine's / is mounted.",
        )
    return host


def switch(args: argparse.Namespace, host: HostRoot, *, every: bool = False) -> Switch:
    """The backend that ``--backend`` names, ready to be asked, and the others to change to.

    Args:
        args: The command line.
        host: The machine to look at.
        every: Those of other packages, too, which auto never takes: finding them costs as much as a start.

    Raises:
        UsageError: There is no backend of this name.
    """
    candidates = tuple(_candidates(args, host))
    wanted = wanted_backend(args)
    more = registry.names() if every else (wanted,)
    ours = {candidate.name for candidate in candidates}
    others = (Candidate(name, partial(registry.load(name), host)) for name in more if name not in (*ours, AUTO))
    return Switch((*candidates, *others), wanted)


def wanted_backend(args: argparse.Namespace) -> str:
    """The backend that is asked for by name, or by an option that only it has."""
    if args.backend != AUTO:
        name: str = args.backend
        return name
    if args.docker_host is not None:
        return "docker"
    return "crictl" if args.runtime_endpoint is not None or args.config is not None else AUTO


def _candidates(args: argparse.Namespace, host: HostRoot) -> Iterator[Candidate]:
    """In the order in which auto tries them.

    Nothing of them is imported here: that is done on the thread that asks, while the screen is put together.
    """
    yield Candidate("crictl", partial(_crictl, args, host), partial(_has_crictl, args, host))
    for name in ("docker", "podman"):
        make, there = partial(_engine, name, args, host), partial(_has_engine, name, args, host)
        yield Candidate(name, make, there, elsewhere=partial(_other_engines, name, args, host))
    if host == HostRoot():
        yield Candidate("lab", lambda: registry.load("lab")(host), client.is_running)
    yield Candidate("proc", lambda: registry.load("proc")(host), concludes=True)


def _crictl(args: argparse.Namespace, host: HostRoot) -> Backend:
    from pausetui.backends.crictl.backend import CrictlBackend
    from pausetui.backends.crictl.finding import CrictlOptions

    return CrictlBackend(host, CrictlOptions(args.runtime_endpoint, args.config, args.timeout))


def _has_crictl(args: argparse.Namespace, host: HostRoot) -> bool:
    from pausetui.backends.crictl import finding

    options = finding.CrictlOptions(args.runtime_endpoint, args.config, args.timeout)
    return finding.seems_present(host, options, os.environ)


def _engine(name: str, args: argparse.Namespace, host: HostRoot) -> Backend:
    from pausetui.backends.docker import backend, finding

    made = backend.DockerBackend if name == "docker" else backend.PodmanBackend
    return made(host, finding.DockerOptions(args.docker_host, args.timeout))


def _has_engine(name: str, args: argparse.Namespace, host: HostRoot) -> bool:
    from pausetui.backends.docker import endpoints, finding

    options = finding.DockerOptions(args.docker_host, args.timeout)
    return finding.seems_present(host, options, os.environ, endpoints.ENGINES[name])


def _other_engines(name: str, args: argparse.Namespace, host: HostRoot) -> tuple[Elsewhere, ...]:
    from pausetui.backends.docker import endpoints, finding

    options = finding.DockerOptions(args.docker_host, args.timeout)
    others = finding.of_others(endpoints.ENGINES[name], host, options, os.environ)
    return tuple(Elsewhere(one.user, f"--backend {name} -H unix://{one.path}") for one in others)
