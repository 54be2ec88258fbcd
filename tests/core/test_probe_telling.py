"""From where localhost is tried, and in whose words the answer is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.network import Listener, NetworkView, NftRules, PacketRules, ProbeResult
from pausetui.core.observation import Problem, ProcessId
from pausetui.core.port_clashes import who_answers
from pausetui.core.probe_telling import Asked, Probed, choices, told
from pausetui.core.snapshot import Pod, Sharer
from pausetui.core.vantage import Vantage, vantage
from tests import factories
from tests.factories import ns
from tests.scenes import classic

ANY = Listener("tcp", 4, "0.0.0.0", 80, owners=(1001,))
REFUSED = ProbeResult("::1", 80, connected=False, milliseconds=0.1, error="Connection refused")
ACCEPTED = ProbeResult("127.0.0.1", 80, connected=True, milliseconds=0.2)


def seen_from(pod: Pod, name: str | None = None) -> Vantage:
    key = next((one.key for one in pod.containers() if one.name == name), None)
    found = vantage(factories.snapshot(pod), pod.key, key)
    assert isinstance(found, Vantage)
    return found


def said(seen: Vantage, *results: ProbeResult, listeners: tuple[Listener, ...] | None = (ANY,)) -> list[str]:
    view = NetworkView(seen.net, 0.0, listeners=listeners)
    return [
        f"{one.label}  {one.text}" if one.label else one.text
        for one in told(seen, Asked(80), Probed(results, view))
    ]


def refusal(pod: Pod, container_key: str | None = None) -> str:
    found = vantage(factories.snapshot(pod), pod.key, container_key)
    assert isinstance(found, str)
    return found


def test_another_members_socket_is_told_in_the_words_of_who_asked() -> None:
    lines = said(seen_from(factories.pod(), "sidecar"), ACCEPTED, REFUSED)
    assert lines == [
        "From sidecar, localhost:80 is nginx's: nginx (pid 1001) accepted.",
        "It is the same socket for all in net 4026532010: pause, nginx, sidecar.",
        "127.0.0.1:80  accepted after 0.2 ms, nginx's: nginx (pid 1001)",
        "[::1]:80  Connection refused after 0.1 ms: nobody listens there",
    ]


def test_its_own_socket_is_told_as_its_own() -> None:
    lines = said(seen_from(factories.pod(), "nginx"), ACCEPTED)
    assert lines[0] == "From nginx, localhost:80 is its own: nginx (pid 1001) accepted."


def test_of_a_pod_it_is_told_whose_the_socket_is() -> None:
    lines = said(seen_from(factories.pod()), ACCEPTED)
    assert lines[0] == "From default/web, localhost:80 is nginx's: nginx (pid 1001) accepted."


def test_a_process_from_outside_can_be_the_one() -> None:
    pod = replace(factories.pod(), sharers=(Sharer(ProcessId(4711, 1), "socat", (NamespaceKind.NET,)),))
    lines = said(seen_from(pod, "sidecar"), ACCEPTED, listeners=(replace(ANY, owners=(4711,)),))
    assert lines[0] == "From sidecar, localhost:80 is from outside: socat (pid 4711) accepted."


@pytest.mark.parametrize(
    ("listeners", "words"),
    [
        ((replace(ANY, owners=None),), "was accepted; whose it is, is not known."),
        ((replace(ANY, owners=()),), "was accepted; it is of no process of this pod."),
        ((), "was accepted; though nobody is seen to listen there."),
    ],
)
def test_what_is_not_known_of_whose_it_is_is_said(listeners: tuple[Listener, ...], words: str) -> None:
    assert words in said(seen_from(factories.pod(), "sidecar"), ACCEPTED, listeners=listeners)[0]


def test_packet_rules_that_may_have_led_elsewhere_are_said() -> None:
    seen = seen_from(factories.pod(), "sidecar")
    rules = PacketRules(NftRules(("ip nat",), 1, 3), ())
    view = NetworkView(seen.net, 0.0, listeners=(), rules=rules)
    assert "3 packet rules in this network" in told(seen, Asked(80), Probed((ACCEPTED,), view))[-1].text


def test_two_programs_behind_one_port_are_told_apart_by_address() -> None:
    six = Listener("tcp", 6, "::1", 80, v6_only=True, owners=(1002,))
    lines = said(
        seen_from(factories.pod(), "sidecar"), ACCEPTED, replace(ACCEPTED, address="::1"), listeners=(ANY, six)
    )
    assert lines[0] == "From sidecar, localhost:80 is not one: the address decides who answers."
    assert lines[-1] == "[::1]:80  accepted after 0.2 ms, sidecar's: sidecar (pid 1002)"


def test_a_listener_that_does_not_answer_is_told_with_what_may_be_the_reason() -> None:
    late = ProbeResult("127.0.0.1", 80, connected=False, milliseconds=2000.0, error="no answer within 2 s")
    lines = said(seen_from(factories.pod(), "sidecar"), late)
    assert lines[0] == "From sidecar, localhost:80 was not accepted."
    assert lines[-1].endswith(", though somebody listens, nginx's: nginx (pid 1001): its queue may be full")


@pytest.mark.parametrize("error", ["Network is unreachable", "could not get there: another namespace is there now"])
def test_of_other_failures_nothing_is_concluded(error: str) -> None:
    lines = said(seen_from(factories.pod(), "sidecar"), replace(REFUSED, error=error), listeners=())
    assert lines[-1] == f"[::1]:80  {error} after 0.1 ms"


def test_the_answer_and_what_went_wrong_with_it_have_lines_of_their_own() -> None:
    seen = seen_from(factories.pod(), "sidecar")
    assert "  HEAD /  HTTP/1.1 200 OK" in said(seen, replace(ACCEPTED, answer="HTTP/1.1 200 OK"))
    assert "  HEAD /  HEAD: closed without an answer" in said(
        seen, replace(ACCEPTED, error="HEAD: closed without an answer")
    )


def test_an_orphans_localhost_is_another_one_and_has_nothing() -> None:
    lines = said(seen_from(classic(), "db"), replace(REFUSED, address="127.0.0.1"), listeners=())
    assert lines[:2] == [
        "From db, localhost:80 was not accepted.",
        "db is an orphan: it is alone in net 4026532555, not in its pod's. Its localhost has nothing.",
    ]


def test_what_an_orphan_has_itself_is_said() -> None:
    own = Listener("tcp", 4, "127.0.0.1", 5432, owners=(3002,))
    lines = said(seen_from(classic(), "db"), REFUSED, listeners=(own,))
    assert lines[1].endswith("Its localhost has only 1 port: 5432.")


def test_what_could_not_be_seen_is_said() -> None:
    seen = seen_from(factories.pod(), "sidecar")
    view = NetworkView(seen.net, 0.0, problems=(Problem("net", "its network", "gone"),))
    assert told(seen, Asked(80), Probed((REFUSED,), view))[-1].text == "its network: gone"


def test_the_namespace_is_that_of_the_container_and_is_reached_through_its_process() -> None:
    pod = classic()
    db = seen_from(pod, "db")
    assert (db.net, db.process, db.orphan, db.sharing) == (
        ns(NamespaceKind.NET, 555),
        pod.members[1].process,
        True,
        ("db",),
    )
    assert seen_from(pod).net == pod.net


def test_there_is_no_way_into_the_hosts_network() -> None:
    pod = factories.pod()
    assert pod.pause is not None
    hosts = replace(pod.pause, namespaces=replace(pod.pause.namespaces, net=factories.HOST.net))
    assert refusal(replace(pod, pause=hosts)) == "web uses the host's network: its localhost is this machine's own"


def test_where_there_is_no_way_in_the_reason_is_said() -> None:
    pod = factories.pod()
    nginx = pod.members[0]
    ended = replace(pod, members=(replace(nginx, process=None), *pod.members[1:]))
    unreadable = replace(pod, members=(replace(nginx, namespaces=replace(nginx.namespaces, net=None)),))
    assert refusal(ended, nginx.key) == "nginx is not running"
    assert refusal(unreadable, nginx.key) == "no process of nginx is known whose network can be entered"
    assert refusal(pod, "another") == "this container of default/web is gone"
    assert vantage(factories.snapshot(pod), "another", None) == "this pod is gone"


def test_ports_are_listed_once_with_who_listens() -> None:
    seen = seen_from(factories.pod(), "sidecar")
    listeners = (
        replace(ANY, version=6, address="::"),
        ANY,
        Listener("udp", 4, "0.0.0.0", 53, owners=(1001,)),
        Listener("tcp", 4, "127.0.0.1", 22, owners=(1002,)),
        Listener("tcp", 4, "10.244.1.5", 9090, owners=(1002,)),
    )
    assert [(one.port, one.who) for one in choices(seen, NetworkView(seen.net, 0.0, listeners=listeners))] == [
        (22, "sidecar's: sidecar (pid 1002)"),
        (80, "nginx's: nginx (pid 1001)"),
        (9090, "sidecar's: sidecar (pid 1002), not by localhost: it listens on 10.244.1.5"),
    ]


@pytest.mark.parametrize(
    ("address", "listening", "expected"),
    [
        ("127.0.0.1", ["0.0.0.0", "127.0.0.1"], ["127.0.0.1"]),
        ("127.0.0.1", ["0.0.0.0", "::"], ["0.0.0.0"]),
        ("127.0.0.1", ["::"], ["::"]),
        ("::1", ["0.0.0.0", "::"], ["::"]),
        ("::1", ["0.0.0.0"], []),
        ("127.0.0.1", ["10.0.0.1"], []),
    ],
)
def test_who_answers_is_whom_the_kernel_chooses(address: str, listening: list[str], expected: list[str]) -> None:
    listeners = [Listener("tcp", 6 if ":" in one else 4, one, 80, v6_only=False) for one in listening]
    assert [one.address for one in who_answers(listeners, address, 80)] == expected


def test_sharers_of_one_port_all_may_answer_and_other_links_never() -> None:
    twice = (replace(ANY, inode=1), replace(ANY, inode=2), replace(ANY, link="eth0"))
    assert who_answers(twice, "127.0.0.1", 80) == twice[:2]
