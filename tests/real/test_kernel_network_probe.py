"""Connecting to a port of a pod's loopback, from outside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from pausetui.core.network import ProbeResult
from pausetui.kernel.places import Place
from pausetui.kernel.probe import probe
from tests.real.netpods import PROC, listening, net_of, pod
from tests.real.spawn import python, sleeping
from tests.waiting import until

pytestmark = pytest.mark.real

SERVE = """
import socket, sys, time
with socket.create_server(("127.0.0.1", 80)) as server:
    print("ready", flush=True)
    while True:
        with server.accept()[0] as one:
            one.recv(4096)
            for part in eval(sys.argv[1]):
                one.send(part) if isinstance(part, bytes) else time.sleep(part)
"""


@contextmanager
def serving(inside: int, *parts: bytes | int) -> Iterator[None]:
    """A server on 127.0.0.1:80 that answers with these bytes, and waits for so many seconds between them."""
    argv = ["nsenter", "-n", "-t", str(inside), *python(SERVE, repr(parts))]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield
        finally:
            process.kill()


def ask(inside: int, port: int = 80, *, head: bool = False, timeout: float = 5) -> tuple[ProbeResult, ...]:
    return probe(PROC, Place(net_of(inside), inside), port, head=head, timeout=timeout)


def test_a_port_that_listens_inside_is_reached_from_outside() -> None:
    with pod() as inside, listening(inside, "tcp,127.0.0.1,80"):
        four, six = ask(inside)
    assert (four.address, four.port, four.connected, four.error) == ("127.0.0.1", 80, True, "")
    assert (six.address, six.connected, six.error) == ("::1", False, "Connection refused")


def test_the_first_line_of_an_answer_is_made_harmless() -> None:
    with pod() as inside, serving(inside, b"HTTP/1.1 20", b"0 \x1b[31mOK\r\nServer: x\r\n\r\n"):
        found = ask(inside, head=True)[0]
    assert (found.connected, found.answer, found.error) == (True, r"HTTP/1.1 200 \x1b[31mOK", "")


def test_one_that_says_nothing_is_given_up() -> None:
    with pod() as inside, listening(inside, "tcp,127.0.0.1,80"):
        found = ask(inside, head=True, timeout=0.2)[0]
    assert (found.connected, found.answer, found.error) == (True, "", "HEAD: no answer within 0.2 s")


def test_one_that_drips_is_given_up_in_time() -> None:
    with pod() as inside, serving(inside, b"H", 1, b"T", 1, b"T", 60):
        found = ask(inside, head=True, timeout=0.2)[0]
    assert found.error == "HEAD: no answer within 0.2 s"


def test_one_that_closes_at_once_has_no_answer() -> None:
    with pod() as inside, serving(inside):
        found = ask(inside, head=True)[0]
    assert (found.connected, found.error) == (True, "HEAD: closed without an answer")


def test_without_loopback_the_error_says_so() -> None:
    with sleeping(net_of(os.getpid()).kind) as process:
        four, six = ask(process.pid)
    assert not four.connected
    assert four.error == "Network is unreachable"
    assert not six.connected


def test_a_namespace_that_is_gone_is_said() -> None:
    with pod() as inside:
        place = Place(net_of(inside), inside)
    (found,) = probe(PROC, place, 80, addresses=["127.0.0.1"])
    assert found.error == "could not get there: No such file or directory"


def test_another_namespace_with_the_same_number_is_not_tried() -> None:
    with pod() as inside, listening(inside, "tcp,127.0.0.1,80"):
        here = net_of(inside)
        if here.id is None:
            pytest.skip("this kernel tells no ids")
        (found,) = probe(PROC, Place(replace(here, id=here.id + 1), inside), 80, addresses=["127.0.0.1"])
    assert (found.connected, found.error) == (False, "could not get there: another namespace is there now")


def test_nothing_of_it_stays_open() -> None:
    with pod() as inside, listening(inside, "tcp,127.0.0.1,80"):
        held = descriptors()
        ask(inside)
        ask(inside, head=True, timeout=0.1)
        until(lambda: descriptors() == held, what="the end of the thread that made the visits")


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
