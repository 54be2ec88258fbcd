"""Asking the lab that runs on this machine, whoever owns it."""

from __future__ import annotations

import errno
import os
import select
import socket
import threading
import time
from collections.abc import Iterator

from pausetui.errors import CannotLook
from pausetui.lab.control import foreign
from pausetui.lab.names import Peer, as_address, peer_of, socket_name
from pausetui.lab.status import Json, LabStatus, line, parsed, status_from_json

_ANSWER_SECONDS = 5.0
_LISTEN_SECONDS = 0.25
_AGAIN_SECONDS = 1.0
_GOES_ON = "It goes on trying; look with: pausetui lab status. End it with: pausetui lab down."


def status(timeout: float = _ANSWER_SECONDS) -> LabStatus:
    """The lab as it is now.

    Args:
        timeout: Seconds to wait for the answer.

    Raises:
        CannotLook: No lab is up, somebody else has its name, or it did not answer.
        NotOurFormat: It is one of another version.
    """
    return status_from_json(_ask("status", timeout))


def document(timeout: float = _ANSWER_SECONDS) -> Json:
    """The same as it came, for printing as JSON."""
    return _ask("status", timeout)


def is_running() -> bool:
    """Whether a lab of ours is up. That somebody else has its name does not count."""
    peer = holder()
    return peer is not None and peer.uid == os.geteuid()


def holder() -> Peer | None:
    """Who has the lab's name, if anybody."""
    with _socket(1.0) as connection:
        if connection.connect_ex(as_address(socket_name())) != 0:
            return None
        return peer_of(connection)


def down(timeout: float = 10.0) -> None:
    """End the lab and return when nothing of it is left.

    Raises:
        CannotLook: No lab is up, or it did not end in time.
    """
    with _connected(timeout) as connection:
        keeper = _pidfd(peer_of(connection).pid)
        try:
            answer = _answer(connection, "down", timeout)
            if keeper >= 0:
                _wait_for_end(keeper, timeout)
        finally:
            if keeper >= 0:
                os.close(keeper)
    if not answer.get("down"):
        raise CannotLook("ending the lab", "it answered something else", "End it by its pid: pausetui lab status.")


def changes(stop: threading.Event) -> Iterator[None]:
    """Yield whenever the lab has changed, come up or gone, until ``stop`` is set."""
    while not stop.is_set():
        try:
            connection = _connected(_LISTEN_SECONDS)
        except (CannotLook, OSError):
            stop.wait(_AGAIN_SECONDS)
            continue
        with connection:
            for told in _lines(connection, stop):
                if told is not None:
                    yield None
        if not stop.is_set():
            yield None


def wait_ready(timeout: float) -> LabStatus:
    """Wait until all pods do their work.

    Args:
        timeout: Seconds to wait.

    Raises:
        CannotLook: Some do not by then, and why; or the lab ended.
    """
    deadline = time.monotonic() + timeout
    stop = threading.Event()
    newest: LabStatus | None = None
    with _connected(_LISTEN_SECONDS) as connection:
        for answer in _lines(connection, stop):
            if answer is not None:
                newest = status_from_json(parsed(answer))
                if not newest.waiting:
                    return newest
            if time.monotonic() > deadline:
                waiting = "; ".join(newest.waiting) if newest else "it says nothing"
                raise CannotLook(f"waiting {timeout:.0f} s for the lab's pods", waiting, _GOES_ON)
    raise CannotLook("waiting for the lab's pods", "the lab ended meanwhile")


def _lines(connection: socket.socket, stop: threading.Event) -> Iterator[bytes | None]:
    """The lines of a subscription as they come, and None now and then while none does; ends with it."""
    connection.sendall(line({"ask": "subscribe"}))
    buffer = b""
    while not stop.is_set():
        try:
            data = connection.recv(65536)
        except TimeoutError:
            yield None
            continue
        except ConnectionError:
            return
        if not data:
            return
        *lines, buffer = (buffer + data).split(b"\n")
        yield from lines


def _ask(question: str, timeout: float) -> Json:
    with _connected(timeout) as connection:
        return _answer(connection, question, timeout)


def _answer(connection: socket.socket, question: str, timeout: float) -> Json:
    try:
        connection.sendall(line({"ask": question}))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    except TimeoutError as error:
        raise CannotLook("asking the lab", f"no answer within {timeout:.0f} s") from error
    except OSError as error:
        raise CannotLook("asking the lab", error.strerror or str(error)) from error
    return parsed(answer)


def _pidfd(pid: int) -> int:
    """A pidfd, or -1 where there is none to be had (before Linux 5.3, or in another pid namespace)."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def _wait_for_end(pidfd: int, timeout: float) -> None:
    poller = select.poll()
    poller.register(pidfd, select.POLLIN)
    if not poller.poll(timeout * 1000):
        raise CannotLook("ending the lab", f"its last process has not ended within {timeout:.0f} s")


def _connected(timeout: float) -> socket.socket:
    name = socket_name()
    connection = _socket(timeout)
    try:
        connection.connect(as_address(name))
        peer = peer_of(connection)
        if peer.uid != os.geteuid():
            raise foreign(name, peer.pid, peer.uid)
    except OSError as error:
        connection.close()
        if error.errno == errno.ECONNREFUSED:
            raise CannotLook("reaching the lab", "none is up", "Start one with: pausetui lab up") from error
        raise CannotLook("reaching the lab", error.strerror or str(error)) from error
    except CannotLook:
        connection.close()
        raise
    return connection


def _socket(timeout: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    connection.settimeout(timeout)
    return connection
