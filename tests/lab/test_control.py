from __future__ import annotations

import json
import selectors
import socket
import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest

from pausetui.errors import CannotLook
from pausetui.lab import control
from pausetui.lab.names import as_address

NAME = f"@pausetui-test-{uuid4().hex}"


class Served:
    """A door that is served by a thread, until it is asked to be down."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self.door = control.Door(control.listen(NAME), self._selector)
        self._wake, wake = socket.socketpair()
        self._selector.register(wake, selectors.EVENT_READ, lambda mask: self._do(wake))
        self._orders: list[bytes | None] = []
        self._wakes = wake
        self._over = False
        self._published = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def publish(self, status: bytes) -> None:
        """Returns when the door has it."""
        self._published.clear()
        self._orders.append(status)
        self._wake.send(b"!")
        assert self._published.wait(5)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._orders.append(None)
            self._wake.send(b"!")
        self._thread.join()
        self._wake.close()
        self._wakes.close()
        self._selector.close()

    def _do(self, wake: socket.socket) -> None:
        wake.recv(16)
        while self._orders:
            order = self._orders.pop(0)
            if order is None:
                self._over = True
            else:
                self.door.publish(order)
                self._published.set()

    def _serve(self) -> None:
        while not self._over and not self.door.down_wanted:
            for key, mask in self._selector.select():
                key.data(mask)
        self.door.close()


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.stop()


def ask(question: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect(as_address(NAME))
    connection.sendall(json.dumps({"ask": question}).encode() + b"\n")
    return connection


def test_status_is_answered_once_and_closed(served: Served) -> None:
    served.publish(b'{"n":1}\n')
    with ask("status") as connection:
        assert b"".join(iter(lambda: connection.recv(100), b"")) == b'{"n":1}\n'


def test_whoever_asks_before_there_is_a_status_gets_the_first(served: Served) -> None:
    with ask("status") as connection:
        served.publish(b'{"n":1}\n')
        assert connection.recv(100) == b'{"n":1}\n'


def test_a_subscriber_gets_every_status_in_order(served: Served) -> None:
    served.publish(b'{"n":1}\n')
    with ask("subscribe") as connection, connection.makefile("rb") as lines:
        assert lines.readline() == b'{"n":1}\n'
        for number in range(2, 50):
            served.publish(b'{"n":%d}\n' % number)
        assert [json.loads(lines.readline())["n"] for _ in range(48)] == list(range(2, 50))


def test_a_subscriber_that_does_not_read_is_dropped_and_others_are_served(served: Served) -> None:
    big = b'"' + b"x" * 1_000_000 + b'"\n'
    served.publish(big)
    with ask("subscribe") as lazy:
        lazy.recv(1)  # the door knows that it subscribed
        for _ in range(8):
            served.publish(big)
        with ask("status") as other:
            assert len(b"".join(iter(lambda: other.recv(65536), b""))) == len(big)
        assert len(b"".join(iter(lambda: lazy.recv(65536), b""))) < 9 * len(big)


def test_down_is_answered_when_the_door_is_closed(served: Served) -> None:
    with ask("down") as connection:
        assert json.loads(connection.recv(100)) == {"down": True}


def test_down_is_heard_before_there_is_any_status(served: Served) -> None:
    with ask("down") as connection:
        assert connection.recv(100)


@pytest.mark.parametrize("question", ["", "shutdown", "status; down"])
def test_another_question_is_answered_with_the_ones_there_are(served: Served, question: str) -> None:
    with ask(question) as connection:
        assert b"ask for status, subscribe or down" in connection.recv(200)


def test_a_taken_name_is_said(served: Served) -> None:
    with pytest.raises(CannotLook, match="a lab is already up"):
        control.listen(NAME)


def test_the_name_is_free_again_at_once(served: Served) -> None:
    with ask("down") as connection:
        connection.recv(100)
    control.listen(NAME).close()
