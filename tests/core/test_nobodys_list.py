"""Namespaces that are nobody's, with whoever has to let go of them."""

from __future__ import annotations

from pausetui.core.holding import HeldByConnection, HeldByDescriptor, HeldBySocket, Holding, Named
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Pod, Unclaimed
from pausetui.core.tabs import nobodys_list
from tests.factories import ns, snapshot
from tests.scenes import web

NET = ns(NamespaceKind.NET, 77)
LEFT = Unclaimed(NET, ("/run/netns/cni-77",), ("10.244.1.9",))
SLEEP = Named(ProcessId(812, 1), "sleep")
WITHOUT_PIN = "Whoever else holds one, as by an open descriptor, keeps it alive without its pin, too."


def told(holding: Holding | None, *pods: Pod) -> list[str]:
    """What is said below the heading."""
    found = {} if holding is None else {NET: holding}
    return [one.text for one in nobodys_list.entries(snapshot(*pods), (LEFT,), found)][2:]


def test_until_somebody_has_looked_it_is_said_that_others_may_hold_it() -> None:
    assert told(None)[0] == WITHOUT_PIN


def test_one_that_its_pin_alone_holds_is_told_with_the_command_and_nothing_more() -> None:
    assert told(Holding(NET)) == [
        "4026532077 pinned at /run/netns/cni-77, with 10.244.1.9",
        "ip netns delete cni-77",
    ]


def test_who_has_it_open_is_told_and_that_it_has_to_let_go() -> None:
    assert told(Holding(NET, descriptors=(HeldByDescriptor(SLEEP, 9),)))[2:] == [
        "descriptor 9 of sleep (pid 812)",
        "sleep (pid 812) has to let go of it, too: until then it lives on without its pin",
    ]


def test_sockets_and_connections_are_told_and_all_of_them_have_to_let_go() -> None:
    socket = HeldBySocket("udp", 4711, (HeldByDescriptor(SLEEP, 3),))
    ending = HeldByConnection("FIN_WAIT1", "10.244.1.9:80", "10.244.1.1:99")
    assert told(Holding(NET, sockets=(socket,), connections=(ending,)))[2:] == [
        "socket udp 4711, descriptor 3 of sleep (pid 812)",
        "connection 10.244.1.9:80 to 10.244.1.1:99 FIN_WAIT1, of no process",
        "sleep (pid 812), 1 orphaned connection have to let go of it, too: until then it lives on without its pin",
    ]


def test_a_container_that_holds_it_is_told_by_its_pod() -> None:
    pod = web()
    member = pod.members[0]
    assert member.process is not None
    process = Named(member.process, "nginx")
    last = told(Holding(NET, descriptors=(HeldByDescriptor(process, 9),)), pod)[-1]
    assert last.startswith(f"{process} of {pod.title} {member.name} has to let go")


def test_processes_that_could_not_be_asked_are_counted() -> None:
    assert told(Holding(NET, unasked=2))[-1] == "2 processes could not be asked for descriptors and threads."
