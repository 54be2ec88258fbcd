"""The engines of those who are not root: each has its socket in its user's own folder, /run/user/UID."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pausetui.kernel.host import HostRoot
from pausetui.text import harmless

FOLDER = "/run/user"
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Rootless:
    """Somebody's engine.

    Attributes:
        user: Whose: a name, or "uid 1500" where there is none.
        path: Its socket, a path of the machine.
    """

    user: str
    path: str


def engines(host: HostRoot, socket: str) -> tuple[Rootless, ...]:
    """Those of all users, as far as we may see them; nobody is asked.

    Args:
        host: The machine.
        socket: Where the engine's socket is in a user's folder: "podman/podman.sock".
    """
    return tuple(_engines(host, socket))


def who_called_sudo(environ: Mapping[str, str]) -> str | None:
    """The folder of the user who became root by sudo, or None."""
    uid = environ.get("SUDO_UID", "")
    return f"{FOLDER}/{uid}" if uid.isascii() and uid.isdigit() and uid != "0" else None


def _engines(host: HostRoot, socket: str) -> Iterator[Rootless]:
    try:
        uids = sorted(
            (name for name in os.listdir(host.join(FOLDER)) if name.isascii() and name.isdigit()), key=int
        )
    except OSError:
        return
    users: Mapping[str, str] | None = None
    for uid in uids:
        path = f"{FOLDER}/{uid}/{socket}"
        if uid != "0" and _is_socket(host.join(path)):
            users = _users(host) if users is None else users
            yield Rootless(users.get(uid, f"uid {uid}"), path)


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:
        return False


def _users(host: HostRoot) -> Mapping[str, str]:
    """Who is who, by uid (passwd(5))."""
    try:
        with open(host.join("etc/passwd"), "rb") as file:
            lines = file.read(_LONGEST).decode("utf-8", "replace").splitlines()
    except OSError:
        return {}
    entries = (line.split(":") for line in lines)
    return {entry[2]: harmless(entry[0]) for entry in entries if len(entry) > 2}
