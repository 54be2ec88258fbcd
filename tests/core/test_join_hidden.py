"""What is joined where namespaces may not be read, and their network is known by its mark alone."""

from __future__ import annotations

from dataclasses import replace

from pausetui.core.namespaces import NOTHING_KNOWN
from pausetui.core.observation import NetMark, Network, Observation, Process
from pausetui.core.snapshot import Pod
from tests.core.test_join import NGINX, PAUSE, PAUSE_SPACES, WEB, joined, observation, only_pod
from tests.factories import HOST

MARK, OTHER, HOSTS = NetMark(5), NetMark(6), NetMark(900)


def hidden(process: Process, mark: NetMark | None = MARK) -> Process:
    return replace(process, namespaces=NOTHING_KNOWN, net_mark=mark)


def seen(*processes: Process) -> Observation:
    assert HOST.net is not None
    return replace(
        observation(*processes),
        host_mark=HOSTS,
        known_marks={HOSTS: HOST.net},
        marked_networks={MARK: Network(("10.244.1.9",), source="fib_trie")},
    )


def pod_of(*processes: Process) -> Pod:
    return only_pod(joined(WEB, seen(*processes)))


def test_a_hidden_pod_has_the_address_behind_its_mark() -> None:
    assert pod_of(hidden(PAUSE), hidden(NGINX)).addresses == ("10.244.1.9",)


def test_its_containers_cannot_be_read_and_no_namespace_is_made_up() -> None:
    pod = pod_of(hidden(PAUSE), hidden(NGINX))
    assert [(one.cannot_read, one.namespaces) for one in pod.containers()] == [(True, NOTHING_KNOWN)] * 2
    assert pod.net is None


def test_who_else_shares_it_is_not_known() -> None:
    shell = replace(NGINX, id=replace(NGINX.id, pid=300), parent=1)
    assert pod_of(hidden(PAUSE), hidden(NGINX), hidden(shell)).sharers == ()


def test_without_a_mark_the_address_is_not_known() -> None:
    assert pod_of(hidden(PAUSE, None), hidden(NGINX, None)).addresses is None


def test_a_network_that_could_not_be_read_behind_its_mark_is_not_known() -> None:
    assert pod_of(hidden(PAUSE, OTHER), hidden(NGINX, OTHER)).addresses is None


def test_a_hidden_pod_in_the_hosts_network_is_said_to_be_and_has_no_address() -> None:
    pod = pod_of(hidden(PAUSE, HOSTS), hidden(NGINX, HOSTS))
    assert (pod.host_network, pod.addresses) == (True, ())


def test_a_hidden_member_with_another_mark_is_orphaned() -> None:
    pod = pod_of(hidden(PAUSE), hidden(NGINX, OTHER))
    assert pod.orphans == (pod.members[0].key,)


def test_a_hidden_member_in_the_network_of_a_pause_that_may_be_read_is_not_orphaned() -> None:
    assert PAUSE_SPACES.net is not None
    look = replace(seen(PAUSE, hidden(NGINX)), known_marks={MARK: PAUSE_SPACES.net})
    pod = only_pod(joined(WEB, look))
    assert (pod.orphans, pod.addresses) == ((), ("10.244.1.5",))
