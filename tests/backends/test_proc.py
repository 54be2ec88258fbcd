"""Pods from hand-made looks: the shapes that each runtime leaves in /proc."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pausetui.backends.proc import ProcBackend
from pausetui.core.inventory import Inventory, PodRecord, PodState, Restorer
from pausetui.core.namespaces import NamespaceKind, Namespaces
from pausetui.core.observation import Vitals
from pausetui.kernel.host import HostRoot
from tests.backends.machine import BUSY, IDLE, UID, Machine, container_id, kubernetes_cgroup, unreadable

IPC, MNT, NET, PID, USER, UTS = (
    NamespaceKind.IPC,
    NamespaceKind.MNT,
    NamespaceKind.NET,
    NamespaceKind.PID,
    NamespaceKind.USER,
    NamespaceKind.UTS,
)
PODMAN_POD = "71b289d2028f1c5a5557efaee6f352615311e199997f0ec2fa5b579876eb9e07"


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def backend(tmp_path: Path) -> ProcBackend:
    return ProcBackend(HostRoot(str(tmp_path)))


def pods(backend: ProcBackend, machine: Machine) -> tuple[PodRecord, ...]:
    return backend.inventory(machine.look()).pods


def only(backend: ProcBackend, machine: Machine) -> PodRecord:
    (pod,) = pods(backend, machine)
    return pod


def member_names(pod: PodRecord) -> list[str]:
    return [member.name for member in pod.members]


def pause_name(pod: PodRecord) -> str | None:
    return pod.pause.name if pod.pause else None


def containerd_pod(machine: Machine) -> None:
    pause = machine.pause("pause", PID, MNT, cgroup=kubernetes_cgroup(1))
    machine.member("nginx", pause, cgroup=kubernetes_cgroup(2))
    machine.member("sidecar", pause, cgroup=kubernetes_cgroup(3))


# -- runtimes ---------------------------------------------------------------------------------------------


def test_a_pod_of_containerd(backend: ProcBackend, machine: Machine) -> None:
    containerd_pod(machine)
    pod = only(backend, machine)
    assert (pod.key, pod.uid, pod.state, pod.host_network) == (UID, UID, PodState.READY, False)
    assert pause_name(pod) == "pause"
    assert member_names(pod) == ["nginx", "sidecar"]
    assert [member.runtime_id for member in pod.members] == [container_id(2), container_id(3)]
    assert {member.sandbox_id for member in pod.members} == {container_id(1)}
    assert [sandbox.id for sandbox in pod.sandboxes] == [container_id(1)]


def test_a_pod_of_docker_where_members_have_a_hostname_of_their_own(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause("sleep", PID, MNT, cgroup=f"/docker/{container_id(1)}")
    joins = (pause, (NET, IPC))
    machine.start("nginx", machine.shim, PID, MNT, UTS, joins=joins, cgroup=f"/docker/{container_id(2)}")
    pod = only(backend, machine)
    assert pause_name(pod) == "sleep"
    assert member_names(pod) == ["nginx"]
    assert pause.namespaces.net is not None
    assert pod.key == pause.namespaces.net.token


def test_a_pod_of_podman_is_keyed_by_its_id(backend: ProcBackend, machine: Machine) -> None:
    slice_ = f"/machine.slice/machine-libpod_pod_{PODMAN_POD}.slice"
    pause = machine.pause("catatonit", PID, MNT, cgroup=f"{slice_}/libpod-{container_id(1)}.scope/container")
    machine.start("conmon", machine.init, cgroup=f"{slice_}/libpod-conmon-{container_id(1)}.scope")
    machine.member("nginx", pause, cgroup=f"{slice_}/libpod-{container_id(2)}.scope/container")
    pod = only(backend, machine)
    assert (pod.key, pod.uid) == (PODMAN_POD, None)
    assert pause_name(pod) == "catatonit"
    assert member_names(pod) == ["nginx"]


def test_a_pod_of_cri_o_has_no_pause_and_says_what_holds_it(backend: ProcBackend, machine: Machine) -> None:
    first = machine.start(
        "sleep", machine.shim, NET, IPC, UTS, PID, MNT, cgroup=kubernetes_cgroup(1, runtime="crio"), vitals=IDLE
    )
    machine.member("sleep", first, cgroup=kubernetes_cgroup(2, runtime="crio"), vitals=IDLE)
    for kind in (NET, IPC, UTS):
        machine.pin(first, kind, f"/var/run/{kind}ns/5b2f")
    pod = only(backend, machine)
    assert pod.pause is None
    assert member_names(pod) == ["sleep", "sleep"]
    assert pod.note == "no pause container: bind mounts hold net ipc uts"
    assert pod.state is PodState.READY
    assert pod.netns_path == "/var/run/netns/5b2f"


def test_cri_os_monitor_is_no_member(backend: ProcBackend, machine: Machine) -> None:
    machine.start("conmon", machine.init, cgroup=kubernetes_cgroup(1, runtime="crio-conmon"))
    machine.start("nginx", machine.shim, NET, IPC, UTS, PID, MNT, cgroup=kubernetes_cgroup(1, runtime="crio"))
    assert member_names(only(backend, machine)) == ["nginx"]


def test_a_monitor_whose_container_has_ended_is_no_pod(backend: ProcBackend, machine: Machine) -> None:
    machine.start("conmon", machine.init, cgroup=kubernetes_cgroup(1, runtime="crio-conmon"))
    assert pods(backend, machine) == ()


def test_an_idle_container_of_cri_o_is_no_pause_whatever_made_it(backend: ProcBackend, machine: Machine) -> None:
    first = machine.pause("sleep", PID, MNT, cgroup=f"/crio-{container_id(1)}.scope")
    machine.member("nginx", first, cgroup=f"/crio-{container_id(2)}.scope")
    assert only(backend, machine).pause is None


def test_where_bind_mounts_hold_the_namespaces_an_idle_process_is_no_pause(
    backend: ProcBackend, machine: Machine
) -> None:
    first = machine.pause("sleep")
    machine.member("nginx", first)
    machine.pin(first, IPC, "/run/ipcns/1")
    assert only(backend, machine).pause is None


def test_a_bind_mount_of_the_network_alone_says_nothing_against_a_pause(
    backend: ProcBackend, machine: Machine
) -> None:
    first = machine.pause("sleep")
    machine.member("nginx", first)
    machine.pin(first, NET, "/run/netns/1")
    assert pause_name(only(backend, machine)) == "sleep"


def test_a_pod_in_the_hosts_network_is_found_by_its_cgroup(backend: ProcBackend, machine: Machine) -> None:
    machine.start("pause", machine.shim, IPC, PID, MNT, cgroup=kubernetes_cgroup(1), vitals=IDLE)
    machine.start("etcd", machine.shim, PID, MNT, cgroup=kubernetes_cgroup(2))
    pod = only(backend, machine)
    assert pod.host_network is True
    assert pause_name(pod) == "pause"
    assert member_names(pod) == ["etcd"]


def test_a_container_of_docker_in_the_hosts_network_is_no_pod(backend: ProcBackend, machine: Machine) -> None:
    machine.start("nginx", machine.shim, PID, MNT, cgroup=f"/docker/{container_id(1)}")
    assert pods(backend, machine) == ()


def test_a_container_of_docker_alone_is_shown_without_a_pause(backend: ProcBackend, machine: Machine) -> None:
    machine.start("sleep", machine.shim, NET, IPC, UTS, PID, MNT, cgroup=f"/docker/{container_id(1)}", vitals=IDLE)
    pod = only(backend, machine)
    assert pod.pause is None
    assert member_names(pod) == ["sleep"]
    assert pod.note == "no pause container: this is one container alone, nothing shares its network"


def test_two_network_namespaces_of_one_uid_are_one_pod(backend: ProcBackend, machine: Machine) -> None:
    containerd_pod(machine)
    machine.start("stray", machine.shim, NET, IPC, UTS, PID, MNT, cgroup=kubernetes_cgroup(4))
    assert member_names(only(backend, machine)) == ["nginx", "sidecar", "stray"]


def test_a_container_of_docker_in_a_pods_network_is_that_pods(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause("pause", PID, MNT, cgroup=kubernetes_cgroup(1))
    machine.member("nginx", pause, cgroup=kubernetes_cgroup(2))
    machine.start("debug", machine.shim, PID, MNT, joins=(pause, (NET,)), cgroup=f"/docker/{container_id(9)}")
    assert member_names(only(backend, machine)) == ["nginx", "debug"]


def test_a_pod_of_containerd_whose_pause_is_gone_is_not_ready(backend: ProcBackend, machine: Machine) -> None:
    containerd_pod(machine)
    machine.end(machine.processes[11])
    pod = only(backend, machine)
    assert pod.pause is None
    assert pod.state is PodState.NOTREADY
    assert member_names(pod) == ["nginx", "sidecar"]


def test_a_pod_that_lost_its_pause_is_not_ready_and_says_so(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    machine.member("nginx", pause)
    pods(backend, machine)
    machine.end(pause)
    for _ in range(2):
        pod = only(backend, machine)
        assert (pod.state, pod.pause, pod.note) == (PodState.NOTREADY, None, "its pause container has ended")


def test_without_a_runtime_no_idle_member_takes_its_place_either(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    for _ in range(2):
        machine.member("sleep", pause, vitals=IDLE)
    pods(backend, machine)
    machine.end(pause)
    assert only(backend, machine).pause is None
    assert only(backend, machine).pause is None


def test_an_idle_member_does_not_become_the_pause_when_that_ends(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause("pause", PID, MNT, cgroup=kubernetes_cgroup(1))
    machine.member("sleep", pause, cgroup=kubernetes_cgroup(2), vitals=IDLE)
    machine.member("nginx", pause, cgroup=kubernetes_cgroup(3))
    machine.end(pause)
    assert only(backend, machine).pause is None


# -- without cgroups -----------------------------------------------------------------------------------------


def test_a_pod_without_any_cgroup(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    machine.member("nginx", pause)
    machine.member("sidecar", pause)
    pod = only(backend, machine)
    assert pause_name(pod) == "pause"
    assert member_names(pod) == ["nginx", "sidecar"]
    assert pod.uid is None
    assert pod.brought_back_by is None


def test_a_shared_pid_namespace_whose_pause_has_adopted_an_orphan(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause("pause", PID)
    app = machine.member("app", pause, PID)
    orphan = machine.start("orphan", app)
    machine.processes[orphan.pid] = replace(orphan, parent=pause.pid)
    pod = only(backend, machine)
    assert pod.pause is not None
    assert "it is process 1 of the pid namespace that the members share" in pod.pause.evidence
    assert member_names(pod) == ["app"]


def test_a_shell_that_joined_by_nsenter_is_no_member(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    machine.member("nginx", pause)
    bash = machine.start("bash", machine.init)
    machine.start("tcpdump", bash, joins=(pause, (NET,)))
    assert member_names(only(backend, machine)) == ["nginx"]


def test_a_shell_that_joined_before_the_members_came_is_no_member(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    machine.start("bash", machine.init, joins=(pause, (NET,)))
    machine.member("nginx", pause)
    machine.end(pause)
    assert member_names(only(backend, machine)) == ["nginx"]


def test_a_shell_that_joined_a_runtimes_pod_by_nsenter_is_no_member(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause("pause", PID, MNT, cgroup=kubernetes_cgroup(1))
    machine.member("nginx", pause, cgroup=kubernetes_cgroup(2))
    machine.start("bash", machine.init, joins=(pause, (NET, MNT, PID)), cgroup="/user.slice/session-3.scope")
    assert member_names(only(backend, machine)) == ["nginx"]


def test_what_is_executed_in_a_container_is_no_container_of_its_own(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    nginx = machine.member("nginx", pause)
    machine.start("sh", machine.shim, joins=(nginx, (NET, IPC, UTS, PID, MNT)))
    assert member_names(only(backend, machine)) == ["nginx"]


def test_a_wrapper_around_a_member_is_not_its_main_process(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    wrapper = machine.start("unshare", machine.shim, MNT, joins=(pause, (NET, IPC, UTS)))
    nginx = machine.start("nginx", wrapper, PID)
    (member,) = only(backend, machine).members
    assert member.process == nginx.id


def test_files_of_its_own_do_not_make_a_process_another_container(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    systemd = machine.member("systemd", pause)
    machine.start("logind", systemd, MNT)
    assert member_names(only(backend, machine)) == ["systemd"]


def test_a_first_process_that_starts_the_containers_itself(backend: ProcBackend, machine: Machine) -> None:
    bash = machine.start("bash", machine.init, NET, IPC, UTS)
    machine.start("nginx", bash, PID, MNT)
    machine.start("sidecar", bash, PID, MNT)
    machine.start("grep", bash)
    pod = only(backend, machine)
    assert pod.pause is None
    assert member_names(pod) == ["bash", "nginx", "sidecar"]


def test_zombies_are_in_no_pod(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    nginx = machine.member("nginx", pause)
    machine.processes[nginx.pid] = replace(nginx, zombie=True)
    assert pods(backend, machine)[0].members == ()


# -- what is no pod ------------------------------------------------------------------------------------------


def test_a_machine_without_pods_has_none_and_no_problem(backend: ProcBackend, machine: Machine) -> None:
    inventory = backend.inventory(machine.look())
    assert (inventory.pods, inventory.problems, inventory.stale) == ((), (), False)


def test_a_browsers_sandbox_is_no_pod(backend: ProcBackend, machine: Machine) -> None:
    browser = machine.start("chrome", machine.init)
    zygote = machine.start("chrome", browser, USER, PID, NET)
    machine.start("chrome", zygote)
    assert pods(backend, machine) == ()


def test_a_service_with_a_private_network_is_no_pod(backend: ProcBackend, machine: Machine) -> None:
    machine.start("polkitd", machine.init, NET, MNT, UTS, IPC, cgroup="/system.slice/polkit.service")
    assert pods(backend, machine) == ()


def test_a_shell_in_an_empty_network_is_no_pod(backend: ProcBackend, machine: Machine) -> None:
    machine.start("bash", machine.init, NET)
    assert pods(backend, machine) == ()


def test_a_shell_in_a_wired_network_is_shown_as_what_it_is(backend: ProcBackend, machine: Machine) -> None:
    bash = machine.start("bash", machine.init, NET)
    machine.wire(bash, "veth0")
    pod = only(backend, machine)
    assert (pod.name, pod.pause, member_names(pod)) == ("bash", None, ["bash"])


def test_tunnels_that_the_kernel_adds_everywhere_are_no_wires(backend: ProcBackend, machine: Machine) -> None:
    bash = machine.start("bash", machine.init, NET)
    machine.wire(bash, "tunl0", "sit0")
    assert pods(backend, machine) == ()


def test_the_network_of_a_container_manager_is_no_pod(backend: ProcBackend, machine: Machine) -> None:
    lab = machine.start("lab", machine.init, NET, PID, MNT, inner_pid=1)
    machine.wire(lab, "bridge0")
    pause = machine.start("pause", lab, NET, IPC, UTS, vitals=IDLE)
    machine.start("nginx", lab, PID, MNT, joins=(pause, (NET, IPC, UTS)))
    pod = only(backend, machine)
    assert pause_name(pod) == "pause"
    assert member_names(pod) == ["nginx"]


def test_a_helper_that_a_container_manager_sends_into_a_pod_is_no_member(
    backend: ProcBackend, machine: Machine
) -> None:
    lab = machine.start("lab", machine.init, NET, PID, MNT, inner_pid=1)
    pause = machine.start("pause", lab, NET, IPC, UTS, vitals=IDLE)
    machine.start("nginx", lab, PID, MNT, joins=(pause, (NET, IPC, UTS)))
    machine.start("helper", lab, joins=(pause, (NET,)))
    assert member_names(only(backend, machine)) == ["nginx"]
    machine.end(pause)
    assert member_names(only(backend, machine)) == ["nginx"]


def test_what_was_just_started_may_be_a_container_manager_and_is_no_pod_yet(
    backend: ProcBackend, machine: Machine
) -> None:
    lab = machine.start("lab", machine.init, NET, PID, MNT, inner_pid=1)
    machine.wire(lab, "bridge0")
    machine.processes[lab.pid] = replace(lab, started_at=machine.look().observed_at)
    assert pods(backend, machine) == ()


def test_a_pause_that_was_just_started_is_shown_at_once(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    machine.processes[pause.pid] = replace(pause, started_at=machine.look().observed_at)
    assert pause_name(only(backend, machine)) == "pause"


def test_a_container_manager_stays_one_while_its_pods_are_remade(backend: ProcBackend, machine: Machine) -> None:
    lab = machine.start("lab", machine.init, NET, PID, MNT, inner_pid=1)
    pause = machine.start("pause", lab, NET, IPC, UTS, vitals=IDLE)
    pods(backend, machine)
    machine.end(pause)
    assert pods(backend, machine) == ()


def test_a_container_that_starts_others_is_shown_and_said_to(backend: ProcBackend, machine: Machine) -> None:
    node = f"/docker/{container_id(7)}"
    kind = machine.start("systemd", machine.shim, NET, IPC, UTS, PID, MNT, cgroup=node)
    nested = f"{node}/kubelet{kubernetes_cgroup(1)}"
    machine.start("pause", kind, NET, IPC, UTS, PID, MNT, cgroup=nested, vitals=IDLE)
    inner, outer = sorted(pods(backend, machine), key=lambda pod: pod.uid is None)
    assert inner.uid == UID
    assert outer.note.endswith("a container manager runs in it")


def test_on_a_machine_that_is_a_container_itself_pods_are_told_apart(tmp_path: Path, machine: Machine) -> None:
    ours = f"/docker/{container_id(7)}"
    (tmp_path / "proc/1").mkdir(parents=True)
    (tmp_path / "proc/1/cgroup").write_text(f"0::{ours}\n")
    for base in (1, 2):
        pause = machine.pause(cgroup=ours)
        machine.member(f"app{base}", pause, cgroup=ours)
    found = pods(ProcBackend(HostRoot(str(tmp_path))), machine)
    assert [member_names(pod) for pod in found] == [["app1"], ["app2"]]


# -- the pause: never by one sign alone --------------------------------------------------------------------------


def test_a_busy_process_called_pause_with_sockets_is_no_pause(backend: ProcBackend, machine: Machine) -> None:
    holder = machine.pause(vitals=BUSY)
    machine.member("nginx", holder)
    pod = only(backend, machine)
    assert pod.pause is None
    assert member_names(pod) == ["pause", "nginx"]
    assert "pause comes nearest" in pod.note


def test_an_idle_process_called_pause_with_sockets_is_no_pause(backend: ProcBackend, machine: Machine) -> None:
    holder = machine.pause(vitals=replace(IDLE, sockets=1))
    machine.member("nginx", holder)
    assert only(backend, machine).pause is None


@pytest.mark.parametrize("busy", [replace(IDLE, state="R"), replace(IDLE, cpu_percent=30.0)])
def test_a_busy_process_called_pause_is_no_pause(backend: ProcBackend, machine: Machine, busy: Vitals) -> None:
    holder = machine.pause(vitals=busy)
    machine.member("nginx", holder)
    assert only(backend, machine).pause is None


def test_children_speak_against_a_pause_that_is_not_process_1_of_all(
    backend: ProcBackend, machine: Machine
) -> None:
    holder = machine.start("sh", machine.shim, NET, IPC, UTS, PID, vitals=IDLE, inner_pid=7)
    machine.member("nginx", holder, PID)
    machine.start("child", holder)
    assert only(backend, machine).pause is None


def test_a_member_called_pause_that_started_later_is_no_pause(backend: ProcBackend, machine: Machine) -> None:
    first = machine.pause("nginx", vitals=BUSY)
    late = machine.member("pause", first, vitals=BUSY)
    machine.start("worker", late)
    assert only(backend, machine).pause is None


def test_the_pause_of_kubernetes_has_to_be_called_one(backend: ProcBackend, machine: Machine) -> None:
    first = machine.pause("sleep", PID, MNT, cgroup=kubernetes_cgroup(1))
    machine.member("nginx", first, cgroup=kubernetes_cgroup(2))
    pod = only(backend, machine)
    assert pod.pause is None
    assert pod.note == "no pause container: sleep behaves like one, but is not called one"


def test_without_a_runtime_behaviour_is_enough(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause("sleep")
    machine.member("nginx", pause)
    assert pause_name(only(backend, machine)) == "sleep"


def test_a_pause_stays_one_when_its_last_member_ends(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause("sleep")
    nginx = machine.member("nginx", pause)
    pods(backend, machine)
    machine.end(nginx)
    assert pause_name(only(backend, machine)) == "sleep"


def test_the_evidence_is_told(backend: ProcBackend, machine: Machine) -> None:
    containerd_pod(machine)
    pause = only(backend, machine).pause
    assert pause is not None
    assert pause.evidence == (
        "it started first of its pod",
        "it is called pause",
        "it sleeps",
        "it has no socket open",
        "it uses less than 2 MiB of memory",
        "it has no child process",
        "it has a cgroup of its own beside the members'",
        "9 points; 6 are needed",
    )


def test_what_is_not_known_speaks_neither_for_nor_against(backend: ProcBackend, machine: Machine) -> None:
    holder = machine.pause("pause", PID, MNT, vitals=None)
    machine.member("nginx", holder, vitals=None)
    pod = only(backend, machine)
    assert pod.pause is None
    assert "5 points of the 6 needed" in pod.note


# -- without rights --------------------------------------------------------------------------------------------


def test_without_rights_pods_are_found_by_their_cgroups(backend: ProcBackend, machine: Machine) -> None:
    containerd_pod(machine)
    machine.processes = {pid: unreadable(process) for pid, process in machine.processes.items()}
    machine.hosts = Namespaces()
    pod = only(backend, machine)
    assert pod.host_network is None
    assert pause_name(pod) == "pause"
    assert member_names(pod) == ["nginx", "sidecar"]


def test_without_rights_containers_of_docker_are_shown_one_by_one(backend: ProcBackend, machine: Machine) -> None:
    for number, name in ((1, "nginx"), (2, "redis")):
        machine.start(name, machine.shim, NET, PID, MNT, cgroup=f"/docker/{container_id(number)}")
    machine.processes = {pid: unreadable(process) for pid, process in machine.processes.items()}
    machine.hosts = Namespaces()
    assert [pod.key for pod in pods(backend, machine)] == [container_id(1), container_id(2)]


# -- who brings it back, and the rest of the protocol -----------------------------------------------------------


def test_kubelet_brings_back_what_has_a_uid(backend: ProcBackend, machine: Machine) -> None:
    containerd_pod(machine)
    machine.start("kubelet", machine.init)
    assert only(backend, machine).brought_back_by is Restorer.KUBELET


def test_without_a_kubelet_nobody_is_known_to_bring_it_back(backend: ProcBackend, machine: Machine) -> None:
    containerd_pod(machine)
    assert only(backend, machine).brought_back_by is None


def test_an_inventory_is_as_old_as_the_look_it_was_made_from(backend: ProcBackend, machine: Machine) -> None:
    look = machine.look()
    inventory: Inventory = backend.inventory(look)
    assert inventory.inventory_at == look.observed_at


def test_there_are_no_hints_but_the_kernels(backend: ProcBackend) -> None:
    assert list(backend.hints(threading.Event())) == []
