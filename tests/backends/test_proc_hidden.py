"""Pods whose namespaces may not be read: by the mark of their network, the depth of their pids, and parentage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pausetui.backends.proc import ProcBackend
from pausetui.core.inventory import PodRecord, PodState
from pausetui.core.namespaces import NOTHING_KNOWN, POD_KINDS, NamespaceId, NamespaceKind
from pausetui.core.observation import NetMark, Network, Observation, Process
from pausetui.kernel.host import HostRoot
from tests.backends.machine import BUSY, IDLE, SERVING, UID, Machine, kubernetes_cgroup

IPC, MNT, NET, PID, USER, UTS = (
    NamespaceKind.IPC,
    NamespaceKind.MNT,
    NamespaceKind.NET,
    NamespaceKind.PID,
    NamespaceKind.USER,
    NamespaceKind.UTS,
)
HOST_MARK = NetMark(900)


class Hidden(Machine):
    """A machine as somebody without rights sees it: for each network a mark, for each pid namespace a depth."""

    def __init__(self) -> None:
        super().__init__()
        self.readable: set[int] = set()

    def look_without_rights(self) -> Observation:
        seen = self.look()
        processes = {pid: self._hidden(each) for pid, each in seen.processes.items()}
        assert self.hosts.net is not None
        known = {HOST_MARK: self.hosts.net}
        for pid in self.readable:
            net = seen.processes[pid].namespaces.net
            assert net is not None
            known[mark_of(net)] = net
        return replace(
            seen,
            processes=processes,
            networks={},
            pins=(),
            vitals={identity: replace(vitals, sockets=None) for identity, vitals in seen.vitals.items()},
            host_mark=HOST_MARK,
            known_marks=known,
            marked_networks={mark_of(net): network for net, network in seen.networks.items()},
        )

    def _hidden(self, process: Process) -> Process:
        net = process.namespaces.net
        assert net is not None
        if process.pid in self.readable:
            return process
        mark = HOST_MARK if net == self.hosts.net else mark_of(net)
        return replace(process, namespaces=NOTHING_KNOWN, net_mark=mark)

    def deep(self, process: Process, *pids: int) -> Process:
        """It has these pids in the namespaces below this /proc's."""
        self.processes[process.pid] = replace(process, namespace_pids=(process.pid, *pids))
        return self.processes[process.pid]


def mark_of(net: NamespaceId) -> NetMark:
    return NetMark(net.inode - 4026540000)


@pytest.fixture
def machine() -> Hidden:
    return Hidden()


@pytest.fixture
def backend(tmp_path: Path) -> ProcBackend:
    return ProcBackend(HostRoot(str(tmp_path)))


def pods(backend: ProcBackend, machine: Hidden) -> tuple[PodRecord, ...]:
    return backend.inventory(machine.look_without_rights()).pods


def only(backend: ProcBackend, machine: Hidden) -> PodRecord:
    (pod,) = pods(backend, machine)
    return pod


def names(pod: PodRecord) -> tuple[str | None, list[str]]:
    return pod.pause.name if pod.pause else None, [member.name for member in pod.members]


def a_pod(machine: Hidden, *members: str) -> Process:
    pause = machine.pause("pause", PID)
    machine.wire(pause, "eth0")
    for member in members:
        machine.member(member, pause)
    return pause


def test_a_pod_with_its_pause_and_members(backend: ProcBackend, machine: Hidden) -> None:
    a_pod(machine, "nginx", "sidecar")
    pod = only(backend, machine)
    assert names(pod) == ("pause", ["nginx", "sidecar"])
    assert (pod.state, pod.host_network) == (PodState.READY, False)


def test_the_pause_is_told_by_several_signs_of_which_sockets_are_none(
    backend: ProcBackend, machine: Hidden
) -> None:
    a_pod(machine, "nginx")
    pause = only(backend, machine).pause
    assert pause is not None
    assert pause.evidence == (
        "it started first of its pod",
        "it is called pause",
        "it sleeps",
        "it uses less than 2 MiB of memory",
        "it has no child process",
        "7 points; 6 are needed",
    )


def test_a_name_alone_makes_no_pause(backend: ProcBackend, machine: Hidden) -> None:
    busy = machine.pause("pause", PID, vitals=BUSY)
    machine.wire(busy, "eth0")
    machine.member("nginx", busy)
    assert names(only(backend, machine)) == (None, ["pause", "nginx"])


def test_behaviour_alone_makes_no_pause(backend: ProcBackend, machine: Hidden) -> None:
    idle = machine.pause("idler", PID)
    machine.wire(idle, "eth0")
    machine.member("nginx", idle)
    assert names(only(backend, machine)) == (None, ["idler", "nginx"])


def test_two_pods_are_told_apart(backend: ProcBackend, machine: Hidden) -> None:
    a_pod(machine, "nginx")
    a_pod(machine, "redis")
    assert [names(pod) for pod in pods(backend, machine)] == [("pause", ["nginx"]), ("pause", ["redis"])]


def test_members_that_share_the_pauses_pids(backend: ProcBackend, machine: Hidden) -> None:
    pause = a_pod(machine)
    for inner, name in ((2, "app"), (3, "forker")):
        machine.start(name, machine.shim, MNT, joins=(pause, (*POD_KINDS, PID)), inner_pid=inner)
    assert names(only(backend, machine)) == ("pause", ["app", "forker"])


def test_a_members_children_are_its_own(backend: ProcBackend, machine: Hidden) -> None:
    pause = a_pod(machine)
    nginx = machine.member("nginx", pause)
    machine.deep(machine.start("worker", nginx), 2)
    assert names(only(backend, machine)) == ("pause", ["nginx"])


def test_what_is_executed_in_a_member_is_no_member(backend: ProcBackend, machine: Hidden) -> None:
    pause = a_pod(machine, "nginx")
    machine.start("bash", machine.shim, joins=(pause, POD_KINDS), inner_pid=17)
    assert names(only(backend, machine)) == ("pause", ["nginx"])


def test_a_shell_that_joined_the_network_from_the_host_is_no_member(backend: ProcBackend, machine: Hidden) -> None:
    pause = a_pod(machine, "nginx")
    machine.start("bash", machine.shim, joins=(pause, (NET,)))
    assert names(only(backend, machine)) == ("pause", ["nginx"])


def test_a_process_in_the_hosts_network_is_in_no_pod(backend: ProcBackend, machine: Hidden) -> None:
    machine.start("chronyd", machine.init, PID, MNT, inner_pid=1)
    assert pods(backend, machine) == ()


def test_a_process_that_may_be_read_is_in_the_pod_of_those_that_may_not(
    backend: ProcBackend, machine: Hidden
) -> None:
    pause = a_pod(machine, "nginx")
    mine = machine.member("mine", pause)
    machine.readable.add(mine.pid)
    assert names(only(backend, machine)) == ("pause", ["nginx", "mine"])


def test_where_the_hosts_network_is_not_known_nothing_is_concluded_from_marks(
    backend: ProcBackend, machine: Hidden
) -> None:
    a_pod(machine, "nginx")
    seen = replace(machine.look_without_rights(), host_mark=None, known_marks={}, host=NOTHING_KNOWN)
    assert backend.inventory(seen).pods == ()


# -- what is no pod ----------------------------------------------------------------------------------------------


def test_a_browsers_sandbox_is_no_pod(backend: ProcBackend, machine: Hidden) -> None:
    browser = machine.start("chrome", machine.init)
    zygote = machine.start("chrome", browser, USER, PID, NET, inner_pid=1)
    for _ in range(2):
        machine.deep(machine.start("chrome", zygote, PID), 2, 1)
    assert pods(backend, machine) == ()


def test_a_service_with_a_private_network_is_no_pod(backend: ProcBackend, machine: Hidden) -> None:
    machine.start("polkitd", machine.init, NET, MNT, UTS, IPC, cgroup="/system.slice/polkit.service")
    assert pods(backend, machine) == ()


def test_two_services_in_one_private_network_are_no_pod(backend: ProcBackend, machine: Hidden) -> None:
    first = machine.start("first", machine.init, NET)
    machine.start("second", machine.init, joins=(first, (NET,)))
    assert pods(backend, machine) == ()


def test_a_sandbox_that_somebody_entered_is_no_pod(backend: ProcBackend, machine: Hidden) -> None:
    jail = machine.start("firejail", machine.init, NET, PID, MNT, inner_pid=1)
    machine.start("bash", machine.init, joins=(jail, (NET, PID, MNT)), inner_pid=9)
    assert pods(backend, machine) == ()


def test_the_network_of_a_container_manager_is_no_pod(backend: ProcBackend, machine: Hidden) -> None:
    lab = machine.start("lab", machine.init, NET, PID, MNT, inner_pid=1)
    machine.wire(lab, "bridge0")
    pause = machine.deep(machine.start("pause", lab, *POD_KINDS, PID, vitals=IDLE), 2, 1)
    machine.wire(pause, "eth0")
    nginx = machine.start("nginx", lab, PID, MNT, joins=(pause, POD_KINDS), vitals=SERVING)
    machine.deep(nginx, 3, 1)
    assert names(only(backend, machine)) == ("pause", ["nginx"])


def test_a_browser_in_a_container_does_not_make_that_a_manager(backend: ProcBackend, machine: Hidden) -> None:
    pause = a_pod(machine)
    chrome = machine.member("chrome", pause)
    machine.deep(machine.start("chrome", chrome, USER, PID, NET), 2, 1)
    assert names(only(backend, machine)) == ("pause", ["chrome"])


# -- names and keys ----------------------------------------------------------------------------------------------


def test_it_is_called_like_its_members_and_that_is_said(backend: ProcBackend, machine: Hidden) -> None:
    a_pod(machine, "sidecar", "nginx")
    pod = only(backend, machine)
    assert (pod.namespace, pod.name, pod.note) == ("", "nginx+sidecar", "its name needs root")


def test_of_many_members_it_has_the_names_of_three(backend: ProcBackend, machine: Hidden) -> None:
    a_pod(machine, "a", "e", "b", "d", "c", "c")
    assert only(backend, machine).name == "a+b+c+2"


def test_it_keeps_its_name_while_a_member_is_restarted(backend: ProcBackend, machine: Hidden) -> None:
    pause = a_pod(machine, "nginx", "sidecar")
    before = only(backend, machine)
    machine.end(next(each for each in machine.processes.values() if each.name == "nginx"))
    without = only(backend, machine)
    machine.member("nginx", pause)
    after = only(backend, machine)
    assert before.name == without.name == after.name == "nginx+sidecar"
    assert before.key == without.key == after.key


def test_a_pause_alone_is_called_pause_until_there_is_a_member(backend: ProcBackend, machine: Hidden) -> None:
    pause = a_pod(machine)
    assert only(backend, machine).name == "pause"
    machine.member("nginx", pause)
    assert only(backend, machine).name == "nginx"


def test_the_key_is_the_mark_and_no_namespace(backend: ProcBackend, machine: Hidden) -> None:
    pause = a_pod(machine, "nginx")
    assert pause.namespaces.net is not None
    key = only(backend, machine).key
    assert key == mark_of(pause.namespaces.net).token
    assert key != pause.namespaces.net.token


def test_a_pod_whose_cgroup_names_it_is_one_however_little_may_be_read(
    backend: ProcBackend, machine: Hidden
) -> None:
    pause = machine.pause("pause", PID, MNT, cgroup=kubernetes_cgroup(1))
    machine.member("nginx", pause, cgroup=kubernetes_cgroup(2))
    pod = only(backend, machine)
    assert (pod.key, pod.uid, pod.host_network) == (UID, UID, False)


def test_a_pod_in_the_hosts_network_is_said_to_be(backend: ProcBackend, machine: Hidden) -> None:
    machine.start("pause", machine.shim, PID, MNT, cgroup=kubernetes_cgroup(1), vitals=IDLE)
    assert only(backend, machine).host_network is True


def test_a_network_with_an_address_is_that_of_its_mark(machine: Hidden) -> None:
    pause = a_pod(machine)
    assert pause.namespaces.net is not None
    seen = machine.look_without_rights()
    assert seen.network_of(mark_of(pause.namespaces.net)) == Network((), ("lo", "eth0"))
