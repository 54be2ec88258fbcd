"""What listens in a network namespace, who owns it, what is connected, and which ports clash."""

from __future__ import annotations

import subprocess

import pytest

from pausetui.core.network import NetworkView
from pausetui.core.port_clashes import ClashKind, port_clashes
from pausetui.kernel.netview_files import view_from_files
from tests.real.netpods import PROC, ip, listening, net_of, pod, view_of
from tests.real.spawn import output_of, python, sleeping
from tests.waiting import until

pytestmark = pytest.mark.real


def listens(view: NetworkView | None) -> list[tuple[str, int, str, int, bool | None]]:
    assert view is not None
    assert view.listeners is not None
    return [(one.protocol, one.version, one.address, one.port, one.v6_only) for one in view.listeners]


def test_everything_that_listens_is_found_with_its_owner() -> None:
    sockets = ("tcp,127.0.0.1,80", "tcp,::,81", "tcp6only,::,82", "udp,0.0.0.0,53", "udp,::1,54")
    with pod() as inside, listening(inside, *sockets) as server:
        view = view_of(inside, inside, server)
    assert listens(view) == [
        ("udp", 4, "0.0.0.0", 53, None),
        ("udp", 6, "::1", 54, True),
        ("tcp", 4, "127.0.0.1", 80, None),
        ("tcp", 6, "::", 81, False),
        ("tcp", 6, "::", 82, True),
    ]
    assert {one.owners for one in view.listeners or ()} == {(server,)}
    assert {one.uid for one in view.listeners or ()} == {0}


def test_the_files_say_the_same_but_for_what_they_lack() -> None:
    with pod() as inside, listening(inside, "tcp,127.0.0.1,80", "tcp,::,81", "udp,::1,54") as server:
        by_files = view_from_files(PROC, net_of(inside), inside, 0.0)
        by_diag = view_of(inside, server)
    assert [one[:4] for one in listens(by_files)] == [one[:4] for one in listens(by_diag)]
    assert by_files is not None
    assert [one.inode for one in by_files.listeners or ()] == [one.inode for one in by_diag.listeners or ()]


def test_a_socket_bound_to_a_link_names_it() -> None:
    code = """
import socket, sys
made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"br0")
made.bind(("0.0.0.0", 80)); made.listen(); print("ready", flush=True); sys.stdin.read()
"""
    with pod() as inside:
        ip(inside, "link add br0 type bridge", "link set br0 up")
        argv = ["nsenter", "-n", "-t", str(inside), *python(code)]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            found = view_of(inside).listeners
            process.kill()
    assert found is not None
    assert [one.link for one in found] == ["br0"]


def test_a_listener_that_none_of_those_asked_has_open_has_no_owner() -> None:
    with pod() as inside, listening(inside, "tcp,127.0.0.1,80"):
        assert [one.owners for one in view_of(inside, inside).listeners or ()] == [()]
        assert [one.owners for one in view_of(inside).listeners or ()] == [None]


CONNECT = """
import socket, sys
with socket.create_server(("127.0.0.1", 80)) as server, socket.create_connection(("127.0.0.1", 80)) as one:
    other, _ = server.accept()
    with socket.create_connection(("127.0.0.1", 80)) as third, server.accept()[0] as fourth:
        third.shutdown(socket.SHUT_WR)
        fourth.recv(1)
        print("ready", flush=True)
        sys.stdin.read()
"""


def test_connections_are_counted_by_state() -> None:
    with pod() as inside:
        assert view_of(inside).connections == {}
        argv = ["nsenter", "-n", "-t", str(inside), *python(CONNECT)]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            expected = {"ESTABLISHED": 2, "FIN_WAIT2": 1, "CLOSE_WAIT": 1}
            until(lambda: view_of(inside).connections == expected, what="the acknowledgement of an end")
            process.kill()


def test_a_connection_that_only_waits_for_its_end_is_counted() -> None:
    code = """
import socket
with socket.create_server(("::1", 80), family=socket.AF_INET6) as server:
    one = socket.create_connection(("::1", 80))
    other, _ = server.accept()
    one.close(); other.close()
"""
    with pod() as inside:
        output_of(["nsenter", "-n", "-t", str(inside), *python(code)])
        until(lambda: view_of(inside).connections == {"TIME_WAIT": 1})


def test_names_in_the_abstract_space_are_counted() -> None:
    code = """
import socket, sys
open_here = [socket.socket(socket.AF_UNIX) for _ in range(3)]
for number, one in enumerate(open_here[:2]):
    one.bind(f"\\0name {number}")
print("ready", flush=True)
sys.stdin.read()
"""
    with pod() as inside:
        assert view_of(inside).abstract_sockets == 0
        argv = ["nsenter", "-n", "-t", str(inside), *python(code)]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert view_of(inside).abstract_sockets == 2
            process.kill()


def clashes(inside: int, *servers: int) -> list[ClashKind]:
    return [clash.kind for clash in port_clashes(view_of(inside, *servers).listeners or ())]


def test_two_programs_on_one_port_clash() -> None:
    with (
        pod() as inside,
        listening(inside, "tcp,0.0.0.0,80", "tcp,0.0.0.0,90") as one,
        listening(inside, "tcp,127.0.0.1,80", "tcp,0.0.0.0,90", "tcp,::1,91") as other,
    ):
        assert clashes(inside, one, other) == [ClashKind.SHADOWED, ClashKind.SHARED]


def test_who_is_said_to_shadow_does_answer() -> None:
    ask = "import socket,sys; print(socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).recv(9).decode())"
    answer = """
import socket, sys
family, address, port, only = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, *sys.argv[1:]
made = socket.socket(family, socket.SOCK_STREAM)
made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
if family == socket.AF_INET6:
    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(only))
made.bind((address, int(port))); made.listen(); print("ready", flush=True)
while True:
    made.accept()[0].send(address.encode())
"""

    def answering(inside: int, address: str, port: int) -> subprocess.Popen[bytes]:
        argv = ["nsenter", "-n", "-t", str(inside), *python(answer, address, str(port), "0")]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    with pod() as inside:
        pairs = [("0.0.0.0", "127.0.0.1", 80), ("::", "0.0.0.0", 81), ("127.0.0.1", "::", 82)]
        started = [answering(inside, address, port) for *both, port in pairs for address in both]
        try:
            found = port_clashes(view_of(inside, *(one.pid for one in started)).listeners or ())
            said = {clash.first.port: clash.first.address for clash in found}
            for port in said:
                argv = ["nsenter", "-n", "-t", str(inside), *python(ask, str(port))]
                assert output_of(argv).strip() == said[port]
        finally:
            for one in started:
                one.kill()
                one.communicate()
    assert [clash.kind for clash in found] == [ClashKind.SHADOWED] * 3


def test_one_program_on_both_families_is_no_clash() -> None:
    with pod() as inside, listening(inside, "tcp,0.0.0.0,80", "tcp6only,::,80") as server:
        assert clashes(inside, server) == []


def test_two_programs_on_localhost_of_each_family_split_it() -> None:
    with (
        pod() as inside,
        listening(inside, "tcp,127.0.0.1,80") as one,
        listening(inside, "tcp,::1,80") as other,
        sleeping() as third,
    ):
        assert clashes(inside, one, other, third.pid) == [ClashKind.SPLIT]
