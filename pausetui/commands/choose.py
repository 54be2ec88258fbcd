"""Which backend is used, and on which machine."""

from __future__ import annotations

import argparse
import os

from pausetui.backends import registry
from pausetui.backends.base import Backend
from pausetui.errors import UsageError
from pausetui.kernel.host import HostRoot
from pausetui.lab import client

AUTO = "auto"


def host_root(args: argparse.Namespace) -> HostRoot:
    """The machine that ``--host-root`` names.

    Raises:
        UsageError: There is no ``proc`` in it.
    """
    host = HostRoot(os.path.abspath(args.host_root))
    if not os.path.isdir(host.proc):
        raise UsageError(
            f"--host-root {args.host_root}",
            f"there is no folder {host.proc}",
            "Give the folder under which the machine's / is mounted.",
        )
    return host


def backend_name(asked_for: str, host: HostRoot) -> str:
    """The backend to use: the one asked for; for ``auto`` the lab if one runs on this machine, else proc."""
    if asked_for != AUTO:
        return asked_for
    return "lab" if host == HostRoot() and client.is_running() else "proc"


def backend(args: argparse.Namespace, host: HostRoot) -> Backend:
    """The backend that ``--backend`` names, ready to be asked.

    Raises:
        UsageError: There is no backend of this name.
        CannotLook: It is there and could not be made ready.
    """
    return registry.load(backend_name(args.backend, host))(host)
