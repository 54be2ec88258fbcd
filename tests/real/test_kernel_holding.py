"""Whatever is said to keep a namespace alive does: the others end and it lives, that one ends and it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pausetui.core.holding import Holding
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.kernel.holding import find_holders
from pausetui.kernel.nsfs import IdentityReader
from pausetui.kernel.places import Place
from tests.real.netpods import NET, PROC, ip, wired
from tests.real.spawn import output_of, python, sleeping, stop
from tests.real.test_kernel_leaks import FileHandle, descriptors, handle_of, is_alive
from tests.waiting import until

pytestmark = pytest.mark.real

READY = 'print("ready", flush=True); sys.stdin.read()'
ENTER = """
import array, ctypes, os, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
def move(path):
    descriptor = os.open(path, os.O_RDONLY)
    assert libc.setns(descriptor, 0) == 0
    os.close(descriptor)
there, home = f"/proc/{sys.argv[1]}/ns/net", f"/proc/{os.getppid()}/ns/net"
"""
SOCKETS = {
    "tcp": "made = socket.socket(); made.bind(('0.0.0.0', 80)); made.listen()",
    "udp": "made = socket.socket(type=socket.SOCK_DGRAM); made.bind(('0.0.0.0', 53))",
    "udp6": "made = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); made.bind(('::', 53))",
    "raw": "made = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "unix": "made = socket.socket(socket.AF_UNIX)",
    "netlink": "made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); made.bind((0, 0))",
    "packet": "made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x0300)",
}
IN_FLIGHT = """
one, other = socket.socketpair()
move(there)
made = socket.socket(socket.AF_UNIX)
move(home)
one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [made.fileno()]))])
made.close()
"""
THREAD = """
inside = threading.Event()
def stay():
    move(there)
    inside.set()
    threading.Event().wait()
threading.Thread(target=stay, daemon=True).start()
inside.wait()
"""
SERVER = """
import socket, sys
listening = socket.create_server(("10.9.0.1", 9999))
print("ready", flush=True)
accepted = listening.accept()
"""
FILL = """
import socket, sys
made = socket.create_connection(("10.9.0.1", 9999), timeout=5)
made.setblocking(False)
try:
    while True:
        made.send(b"x" * 65536)
except BlockingIOError:
    pass
"""


def namespace_of(pid: int, kind: NamespaceKind = NET) -> NamespaceId:
    seen = IdentityReader().read(f"/proc/{pid}/ns/{kind}", kind)
    assert seen is not None
    return NamespaceId(kind, seen.inode, seen.id, seen.by)


def held(pid: int, kind: NamespaceKind = NET) -> Holding:
    """What holds the namespace that a process is in."""
    before = descriptors()
    namespace = namespace_of(pid, kind)
    found = find_holders(PROC, [Place(namespace, pid)])[namespace]
    until(lambda: descriptors() <= before, what="the end of the thread that made the visits")
    return found


@contextmanager
def doing(code: str, *arguments: str, into: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs this code and then waits, in the network namespace of another one or in ours."""
    enter = [] if into is None else ["nsenter", "-n", "-t", str(into)]
    argv = [*enter, *python(f"{code}\n{READY}", *arguments)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        stop(process)


@contextmanager
def keeping(path: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has this open."""
    with doing("import os, sys\nkept = os.open(sys.argv[1], os.O_RDONLY)", path) as process:
        yield process


@contextmanager
def left_alone(kind: NamespaceKind = NET) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a namespace of its own that a test may end; in the end nothing keeps the namespace."""
    with sleeping(kind) as process:
        handle = handle_of(process.pid, kind)
        yield process
    until(lambda: not is_alive(handle), what="the end of the namespace")


def outlives(process: subprocess.Popen[bytes], kind: NamespaceKind = NET) -> bool:
    """End the process; whether its namespace is still there then."""
    handle = handle_of(process.pid, kind)
    stop(process)
    return lasts(handle)


def lasts(handle: FileHandle) -> bool:
    # What ends in the background (a network namespace does) takes some milliseconds.
    with pytest.raises(AssertionError, match="not within"):
        until(lambda: not is_alive(handle), 0.3)
    return is_alive(handle)


def test_a_process_that_joined_from_outside() -> None:
    with left_alone() as first, doing("import sys", into=first.pid) as joined:
        found = held(first.pid)
        assert [one.id.pid for one in found.processes] == sorted([first.pid, joined.pid])
        assert outlives(first)


def test_who_has_it_open() -> None:
    with left_alone() as first, keeping(f"/proc/{first.pid}/ns/net") as other:
        (one,) = held(first.pid).descriptors
        assert (one.process.id.pid, one.path) == (other.pid, "")
        assert os.readlink(f"/proc/{other.pid}/fd/{one.number}") == namespace_of(first.pid).label
        assert outlives(first)


def test_who_has_a_file_open_that_shows_it() -> None:
    with left_alone() as first, keeping(f"/proc/{first.pid}/net/dev") as other:
        (one,) = held(first.pid).descriptors
        assert (one.process.id.pid, one.path) == (other.pid, f"/proc/{first.pid}/net/dev")
        assert outlives(first)


def test_a_file_that_shows_another_network_is_none_of_its_holders() -> None:
    with left_alone() as first, left_alone() as second, keeping(f"/proc/{second.pid}/net/dev"):
        assert held(first.pid).descriptors == ()


@pytest.mark.parametrize("protocol", SOCKETS)
def test_a_socket_whose_process_has_gone_elsewhere(protocol: str) -> None:
    code = f"{ENTER}\nmove(there)\n{SOCKETS[protocol]}\nmove(home)"
    with left_alone() as first, doing(code, str(first.pid)) as other:
        found = held(first.pid)
        (one,) = found.sockets or ()
        assert one.protocol == protocol
        assert [owner.process.id.pid for owner in one.owners] == [other.pid]
        assert [process.id.pid for process in found.processes] == [first.pid]
        assert outlives(first)


def test_a_socket_of_a_process_that_is_in_it_goes_with_that_process_and_is_not_told() -> None:
    with left_alone() as first, doing(f"import socket, sys\n{SOCKETS['udp']}", into=first.pid):
        assert held(first.pid).sockets == ()


def test_a_socket_on_its_way_from_one_process_to_another() -> None:
    with left_alone() as first, doing(ENTER + IN_FLIGHT, str(first.pid)):
        (one,) = held(first.pid).sockets or ()
        assert (one.protocol, one.owners) == ("unix", ())
        assert outlives(first)


def test_a_thread_whose_process_is_elsewhere() -> None:
    with left_alone() as first, doing(ENTER + THREAD, str(first.pid)) as other:
        (one,) = held(first.pid).threads
        assert one.process.id.pid == other.pid != one.tid
        assert outlives(first)


@contextmanager
def served(then: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A pod, and on its node a server that accepts at 10.9.0.1:9999 and then does this."""
    with wired() as (inside, node):
        ip(node, "addr add 10.9.0.1/24 dev cni0")
        ip(inside, "addr add 10.9.0.2/24 dev eth0")
        argv = ["nsenter", "-n", "-t", str(node), *python(f"{SERVER}\n{then}\nsys.stdin.read()")]
        server = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert server.stdout is not None
        assert server.stdin is not None
        try:
            assert server.stdout.readline() == b"ready\n"
            yield inside, server
        finally:
            server.stdin.close()
            stop(server)


def test_a_connection_that_no_process_has_any_more() -> None:
    with served("") as (inside, server):
        with doing(FILL, into=inside):
            assert held(inside).connections == ()
        found = until(lambda: held(inside).connections)
        assert [(one.state, one.remote) for one in found] == [("FIN_WAIT1", "10.9.0.1:9999")]
        handle = handle_of(inside)
        os.kill(inside, signal.SIGKILL)
        assert lasts(handle)
        stop(server)
        until(lambda: not is_alive(handle), what="the end of the namespace with that of the connection")


@pytest.mark.parametrize("then", ["", "accepted[0].recv(1); accepted[0].close()"], ids=["FIN_WAIT2", "TIME_WAIT"])
def test_a_connection_that_waits_for_its_time_to_end_holds_nothing_and_is_not_told(then: str) -> None:
    with served(then) as (inside, _):
        with doing(
            "import socket, sys\nsocket.create_connection(('10.9.0.1', 9999), timeout=5).close()", into=inside
        ):
            waits = until(lambda: Path(f"/proc/{inside}/net/tcp").read_text().splitlines()[1:])
        assert len(waits) == 1
        assert held(inside).connections == ()
        handle = handle_of(inside)
        os.kill(inside, signal.SIGKILL)
        until(lambda: not is_alive(handle), what="the end of the namespace")


def test_another_namespace_with_the_same_number_is_not_the_one_that_was_asked_for() -> None:
    with left_alone() as first:
        now = namespace_of(first.pid)
        assert now.id is not None
        assert find_holders(PROC, [Place(replace(now, id=now.id - 1), first.pid)]) == {}


def children_of(pid: int, kind: NamespaceKind) -> dict[NamespaceId, bool]:
    return {one.namespace: one.owned for one in held(pid, kind).children}


def test_a_child_pid_namespace() -> None:
    with joined("--pid", "--fork", "--kill-child") as outer, joined("--pid", "--fork", inside=outer) as inner:
        child = namespace_of(inner, NamespaceKind.PID)
        handle = handle_of(outer, NamespaceKind.PID)
        assert children_of(outer, NamespaceKind.PID) == {child: False}
        assert children_of(inner, NamespaceKind.PID) == {}
        with keeping(f"/proc/{inner}/ns/pid"):
            os.kill(outer, signal.SIGKILL)  # and the kernel ends whatever is below
            until(lambda: not os.path.exists(f"/proc/{inner}/ns/net"))
            assert lasts(handle)
        until(lambda: not is_alive(handle), what="the end of the namespace with that of its child")


def test_a_user_namespace_and_what_it_owns() -> None:
    kinds = (NamespaceKind.USER, NamespaceKind.NET, NamespaceKind.UTS)
    with sleeping(*kinds) as process:
        handle = handle_of(process.pid, NamespaceKind.USER)
        owned = {namespace_of(process.pid, kind): True for kind in kinds[1:]}
        assert children_of(process.pid, NamespaceKind.USER) == owned
        with keeping(f"/proc/{process.pid}/ns/net"):
            assert outlives(process, NamespaceKind.USER)
        until(lambda: not is_alive(handle), what="the end of the namespace with those that it owns")


def test_a_process_whose_next_child_will_be_in_it() -> None:
    code = f"{ENTER}\nmove(f'/proc/{{sys.argv[1]}}/ns/pid')"
    with joined("--pid", "--fork", "--kill-child") as first:
        handle = handle_of(first, NamespaceKind.PID)
        with doing(code, str(first)) as other:
            born_in_it = [one.id.pid for one in held(first, NamespaceKind.PID).for_children]
            assert other.pid in born_in_it  # beside the one that started the first
            os.kill(first, signal.SIGKILL)
            assert lasts(handle)
    until(lambda: not is_alive(handle), what="the end of the namespace")


def test_a_process_that_has_left_its_pid_namespace_and_has_no_child_yet_is_asked_like_any_other() -> None:
    with left_alone() as first:
        code = "import os, sys\nfrom ctypes import CDLL\nassert CDLL(None).unshare(0x20000000) == 0\n"
        code += "kept = os.open(sys.argv[1], 0)"
        with doing(code, f"/proc/{first.pid}/ns/net") as other:
            places = [Place(namespace_of(first.pid, kind), first.pid) for kind in NamespaceKind]
            (one,) = find_holders(PROC, places)[places[0].namespace].descriptors
            assert one.process.id.pid == other.pid


PINNED = """
import os, subprocess, sys
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.kernel.holding import find_holders
from pausetui.kernel.places import Place
from pausetui.kernel.nsfs import IdentityReader
from pausetui.kernel.processes import ProcFolder
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
open("/run/pin", "w").close()
subprocess.run(["unshare", "-n", "sh", "-c", "mount --bind /proc/self/ns/net /run/pin"], check=True)
seen = IdentityReader().read("/run/pin", NamespaceKind.NET)
net = NamespaceId(NamespaceKind.NET, seen.inode, seen.id, seen.by)
def found():
    return find_holders(ProcFolder("/proc"), [Place(net, pin="/run/pin")])
join = "import socket, sys; made = socket.socket(socket.AF_UNIX); print(flush=True); sys.stdin.read()"
alone = found()[net]
inside = subprocess.Popen(["nsenter", "--net=/run/pin", sys.executable, "-c", join],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)
inside.stdout.readline()
joined = found()[net]
inside.communicate()
before = len(os.listdir("/proc/self/fd"))
found()
print(alone.processes, alone.sockets, alone.connections, len(joined.processes), joined.sockets)
subprocess.run(["umount", "/run/pin"], check=True)
print(found())
"""


def test_a_pinned_namespace_without_a_process_is_looked_at_through_its_pin() -> None:
    said = output_of(["unshare", "-m", *python(PINNED)]).splitlines()
    assert said == ["() () () 1 ()", "{}"]


OPENED_BY_ITS_PIN = """
import subprocess, sys
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.kernel.holding import find_holders
from pausetui.kernel.nsfs import IdentityReader
from pausetui.kernel.places import Place
from pausetui.kernel.processes import ProcFolder
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
for name in ("/run/pin", "/run/other", "/run/file"):
    open(name, "w").close()
subprocess.run(["unshare", "--net=/run/pin", "true"], check=True)
subprocess.run(["mount", "--bind", "/run/pin", "/run/other"], check=True)
seen = IdentityReader().read("/run/other", NamespaceKind.NET)
net = NamespaceId(NamespaceKind.NET, seen.inode, seen.id, seen.by)
keeper = subprocess.Popen(["sh", "-c", "exec 7</ 8</run/file 9</run/pin; echo; read line"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)
keeper.stdout.readline()
def found():
    holding = find_holders(ProcFolder("/proc"), [Place(net, pin="/run/other")], ["/run/pin", "/run/file"])[net]
    return [(one.number, one.process.id.pid == keeper.pid) for one in holding.descriptors]
print(found())
subprocess.run(["umount", "-l", "/run/pin"], check=True)
print(found())
keeper.communicate()
print(found())
"""


def test_who_has_it_open_through_a_pin_is_told_also_when_that_is_gone() -> None:
    said = output_of(["unshare", "-m", *python(OPENED_BY_ITS_PIN)]).splitlines()
    assert said == ["[(9, True)]", "[(9, True)]", "[]"]


@contextmanager
def joined(*how: str, inside: int | None = None) -> Iterator[int]:
    """The pid of a sleeping process that ``unshare`` started so, in the pid namespace of another one or in ours."""
    enter = [] if inside is None else ["nsenter", "-p", "-t", str(inside)]
    parent = subprocess.Popen([*enter, "unshare", *how, "sleep", "infinity"])
    found = []
    try:
        found = until(lambda: [pid for pid in below(parent.pid) if named(pid) == "sleep"])
        yield found[0]
    finally:
        for pid in (*found, parent.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        parent.wait()


def below(pid: int) -> list[int]:
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [found for child in map(int, children) for found in (child, *below(child))]
    return []


def named(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""
