"""Where a lab is found: an abstract Unix socket, which is no file and vanishes with the process that has it."""

from __future__ import annotations

import os
import re
import socket
import struct
from dataclasses import dataclass

from pausetui.errors import UsageError

VARIABLE = "PAUSETUI_LAB"
"""Environment variable that names the lab to make or to look at, where there is more than one."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_CREDENTIALS = struct.Struct("=iII")


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a Unix socket, as the kernel says (SO_PEERCRED, unix(7))."""

    pid: int
    uid: int


def socket_name() -> str:
    """The name of this user's lab, with ``@`` for the zero byte that an abstract name begins with.

    Raises:
        UsageError: PAUSETUI_LAB is no name.
    """
    name = os.environ.get(VARIABLE, "")
    if name and not _NAME.fullmatch(name):
        raise UsageError(f"reading {VARIABLE}={name!r}", "a lab's name is a-z, 0-9 and '-', at most 32 characters")
    return f"@pausetui-lab-{os.geteuid()}" + (f"-{name}" if name else "")


def as_address(name: str) -> str:
    """A name as the socket module wants it."""
    return "\0" + name.removeprefix("@")


def peer_of(connection: socket.socket) -> Peer:
    """Who is at the other end."""
    pid, uid, _ = _CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return Peer(pid, uid)
