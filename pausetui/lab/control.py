"""The lab's door: one line of JSON asks, lines of JSON answer. Never waits for a client."""

from __future__ import annotations

import errno
import os
import selectors
import socket
from contextlib import suppress
from dataclasses import dataclass, field

from pausetui.errors import CannotLook, NotOurFormat
from pausetui.lab.names import as_address, peer_of
from pausetui.lab.status import line, parsed

_MOST_CLIENTS = 64
_LONGEST_QUESTION = 1024
_MOST_UNREAD = 4 * 1024 * 1024
"""Bytes that a subscriber may leave unread before it is dropped."""


def listen(name: str) -> socket.socket:
    """Take the name.

    Raises:
        CannotLook: A lab is up under it, or somebody else has it.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        listener.bind(as_address(name))
        listener.listen(16)
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise taken(name) from error
    return listener


def taken(name: str) -> CannotLook:
    """What to say when the name is in use."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as other:
        other.settimeout(1.0)
        try:
            other.connect(as_address(name))
        except OSError as error:
            return CannotLook("starting the lab", f"{name} is taken, and nobody answers there ({error.strerror})")
        peer = peer_of(other)
    if peer.uid != os.geteuid():
        return foreign(name, peer.pid, peer.uid)
    return CannotLook(
        "starting the lab",
        f"a lab is already up (pid {peer.pid})",
        "Look at it with: pausetui --backend lab. End it with: pausetui lab down.",
    )


def foreign(name: str, pid: int, uid: int) -> CannotLook:
    """What to say when somebody else has the name."""
    return CannotLook(
        "reaching the lab",
        f"{name} is held by pid {pid} of user {uid}, who is not you",
        "Use another name: PAUSETUI_LAB=mine pausetui --lab.",
    )


@dataclass(slots=True)
class _Client:
    connection: socket.socket
    heard: bytes = b""
    question: str = ""
    answered: bool = False
    unread: bytearray = field(default_factory=bytearray)


class Door:
    """Serves status, subscribe and down to the lab's own user and to root."""

    def __init__(self, listener: socket.socket, selector: selectors.BaseSelector) -> None:
        self._listener, self._selector = listener, selector
        self._clients: dict[socket.socket, _Client] = {}
        self._status = b""
        self.down_wanted = False
        selector.register(listener, selectors.EVENT_READ, self._accept)

    def publish(self, status: bytes) -> None:
        """This is how things are now: remember it and tell those who wait for it."""
        self._status = status
        for client in list(self._clients.values()):
            if client.question == "subscribe" or (client.question and not client.answered):
                self._answer(client)

    def close(self) -> None:
        """The lab is gone: free the name, then say so to those who asked for it."""
        self._selector.unregister(self._listener)
        self._listener.close()
        for client in list(self._clients.values()):
            if client.question == "down":
                client.connection.settimeout(1.0)
                with suppress(OSError):  # whoever asked has gone
                    client.connection.sendall(line({"down": True}))
            self._drop(client)

    def _accept(self, mask: int) -> None:
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        connection.setblocking(False)
        if peer_of(connection).uid not in (os.geteuid(), 0) or len(self._clients) >= _MOST_CLIENTS:
            connection.close()
            return
        client = _Client(connection)
        self._clients[connection] = client
        self._selector.register(connection, selectors.EVENT_READ, lambda ready: self._serve(client, ready))

    def _serve(self, client: _Client, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._flush(client)
        if mask & selectors.EVENT_READ and client.connection in self._clients:
            self._read(client)

    def _read(self, client: _Client) -> None:
        try:
            data = client.connection.recv(_LONGEST_QUESTION)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        client.heard += data
        if not data or len(client.heard) > _LONGEST_QUESTION:
            self._drop(client)
        elif client.heard.endswith(b"\n") and not client.question:
            try:
                client.question = str(parsed(client.heard).get("ask"))
            except NotOurFormat:
                client.question = "?"
            self._answer(client)

    def _answer(self, client: _Client) -> None:
        if client.question == "down":
            self.down_wanted = True
        elif client.question not in ("status", "subscribe"):
            self._send(client, line({"error": "ask for status, subscribe or down"}))
        elif self._status:
            self._send(client, self._status)

    def _send(self, client: _Client, data: bytes) -> None:
        client.answered = True
        client.unread += data
        if len(client.unread) > _MOST_UNREAD:
            self._drop(client)
        else:
            self._flush(client)

    def _flush(self, client: _Client) -> None:
        try:
            sent = client.connection.send(client.unread)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(client)
            return
        del client.unread[:sent]
        if not client.unread and client.question != "subscribe":
            self._drop(client)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.unread else 0)
        self._selector.modify(client.connection, events, lambda ready: self._serve(client, ready))

    def _drop(self, client: _Client) -> None:
        if self._clients.pop(client.connection, None) is not None:
            self._selector.unregister(client.connection)
            client.connection.close()
