"""Where a namespace is, and whether what is found there is still the one that was meant."""

from __future__ import annotations

import errno
import os
import socket
import struct
from dataclasses import dataclass

from pausetui.core.namespaces import IdentifiedBy, NamespaceId
from pausetui.kernel.netns import Opener
from pausetui.kernel.nsfs import open_namespace
from pausetui.kernel.processes import ProcFolder

_SO_NETNS_COOKIE = 71


@dataclass(frozen=True, slots=True)
class Place:
    """Where a namespace can be reached: through a process in it or, if that has ended, a pin."""

    namespace: NamespaceId
    pid: int | None = None
    pin: str | None = None


def opener(proc: ProcFolder, place: Place) -> Opener:
    """How a place is opened; that raises OSError also if another namespace is there by now."""

    def opened() -> int:
        descriptor = _opened(proc, place)
        if os.fstat(descriptor).st_ino != place.namespace.inode:
            os.close(descriptor)
            raise FileNotFoundError(errno.ESTALE, "another namespace is there now")
        return descriptor

    return opened


def _opened(proc: ProcFolder, place: Place) -> int:
    if place.pid is not None:
        try:
            return os.open(proc.namespace_path(place.pid, place.namespace.kind), os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, ProcessLookupError):  # it has ended just now
            if place.pin is None:
                raise
    if place.pin is None:
        raise FileNotFoundError(errno.ENOENT, "nothing leads there")
    return open_namespace(place.pin)


def read_cookie(route: socket.socket) -> int | None:
    """The cookie of the namespace that a socket is in (Linux 5.14), or None."""
    try:
        cookie: int = struct.unpack("Q", route.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8))[0]
    except OSError:
        return None
    return cookie


def is_of(namespace: NamespaceId, cookie: int | None) -> bool:
    """Whether a socket with this cookie is in this namespace, as far as that can be told."""
    # NS_GET_ID of a network namespace and its cookie are the same number.
    comparable = namespace.identified_by in (IdentifiedBy.NS_ID, IdentifiedBy.COOKIE)
    return not comparable or cookie is None or cookie == namespace.id
