"""What the runtime says, held against what the kernel says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.inventory import (
    ContainerRecord,
    ContainerState,
    Inventory,
    PodRecord,
    PodState,
    Role,
    Runtime,
)
from pausetui.core.join import join
from pausetui.core.namespaces import NOTHING_KNOWN, Namespaces
from pausetui.core.observation import Network, Observation, Pin, Process, ProcessId, Thread, Vitals
from pausetui.core.snapshot import Pod, Snapshot
from tests.factories import HOST, NODE, NOW, member_namespaces, namespaces

PAUSE_SPACES = replace(namespaces(10), user=HOST.user, cgroup=HOST.cgroup, time=HOST.time)
MEMBER_SPACES = member_namespaces(PAUSE_SPACES, 30)


def process(pid: int, spaces: Namespaces = HOST, parent: int = 1, name: str = "x", **more: object) -> Process:
    return Process(ProcessId(pid, pid * 10), name, parent, 0, spaces, **more)  # type: ignore[arg-type]


INIT = process(1, parent=0, name="init")
PAUSE = process(100, PAUSE_SPACES, name="pause")
NGINX = process(200, MEMBER_SPACES, name="nginx")


def record(name: str, role: Role = Role.MEMBER, pid: int | None = None, **more: object) -> ContainerRecord:
    identity = ProcessId(pid, pid * 10) if pid else None
    fields: dict[str, object] = {"state": ContainerState.RUNNING, "process": identity, **more}
    return ContainerRecord(f"p/{role}/{name}", name, role, **fields)  # type: ignore[arg-type]


def inventory(
    *members: ContainerRecord, pause: ContainerRecord | None = None, seconds: float = -1, **pod: object
) -> Inventory:
    one = PodRecord("p", "default", "web", "p", PodState.READY, pause=pause, members=members, **pod)  # type: ignore[arg-type]
    return Inventory("lab", NOW + timedelta(seconds=seconds), Runtime("lab"), (one,))


def observation(*processes: Process, **more: object) -> Observation:
    assert PAUSE_SPACES.net is not None
    fields: dict[str, object] = {"networks": {PAUSE_SPACES.net: Network(("10.244.1.5",))}, **more}
    found = {each.pid: each for each in (INIT, *processes)}
    return Observation(NOW, NODE, HOST, found, **fields)  # type: ignore[arg-type]


WEB = inventory(record("nginx", pid=200), pause=record("pause", Role.PAUSE, 100))


def joined(of: Inventory, seen: Observation) -> Snapshot:
    return join(of, seen, NOW)


def only_pod(snapshot: Snapshot) -> Pod:
    (pod,) = snapshot.pods
    return pod


def test_a_pod_has_the_address_that_the_kernel_has_in_its_pauses_network_namespace() -> None:
    assert only_pod(joined(WEB, observation(PAUSE, NGINX))).addresses == ("10.244.1.5",)


def test_a_cached_answer_of_the_runtime_stays_beside_what_the_kernel_has() -> None:
    told = replace(WEB, pods=(replace(WEB.pods[0], runtime_addresses=("10.244.1.4",)),))
    pod = only_pod(joined(told, observation(PAUSE, NGINX)))
    assert (pod.addresses, pod.runtime_addresses) == (("10.244.1.5",), ("10.244.1.4",))


def test_a_member_whose_process_is_gone_is_exited_before_its_runtime_says_so() -> None:
    pod = only_pod(joined(WEB, observation(PAUSE)))
    assert pod.members[0].state is ContainerState.EXITED
    assert pod.members[0].process is None


def test_a_pod_whose_pause_is_gone_is_notready_before_its_runtime_says_so() -> None:
    pod = only_pod(joined(WEB, observation(NGINX)))
    assert pod.state is PodState.NOTREADY


def test_another_process_with_the_same_pid_is_not_taken_for_the_member() -> None:
    reused = replace(NGINX, id=ProcessId(200, 999_999))
    assert only_pod(joined(WEB, observation(PAUSE, reused))).members[0].process is None


def test_a_zombie_is_not_a_running_member() -> None:
    pod = only_pod(joined(WEB, observation(PAUSE, replace(NGINX, zombie=True))))
    assert pod.members[0].state is ContainerState.EXITED


def test_a_process_younger_than_the_look_is_left_to_the_next_look() -> None:
    young = inventory(record("nginx", pid=777), pause=record("pause", Role.PAUSE, 100), seconds=1)
    member = only_pod(joined(young, observation(PAUSE))).members[0]
    assert (member.state, member.process) == (ContainerState.RUNNING, None)


def test_a_bare_pid_is_believed_if_its_cgroup_names_the_container() -> None:
    told = inventory(replace(record("nginx"), pid=200, runtime_id="abc123"))
    seen = observation(replace(NGINX, cgroup="/kubepods/podX/abc123"))
    assert only_pod(joined(told, seen)).members[0].process == NGINX.id


def test_a_bare_pid_in_another_containers_cgroup_is_not_believed_and_a_problem_says_why() -> None:
    told = inventory(replace(record("nginx"), pid=200, runtime_id="abc123"))
    snapshot = joined(told, observation(replace(NGINX, cgroup="/kubepods/podX/fff999")))
    assert only_pod(snapshot).members[0].process is None
    assert "does not name container abc123" in snapshot.problems[0].why


def test_a_bare_pid_without_cgroup_is_believed_only_if_it_started_when_the_runtime_says() -> None:
    told = inventory(replace(record("nginx"), pid=200, runtime_id="abc", started_at=NOW))
    right = observation(replace(NGINX, started_at=NOW + timedelta(milliseconds=300)))
    wrong = observation(replace(NGINX, started_at=NOW + timedelta(seconds=30)))
    assert only_pod(joined(told, right)).members[0].process == NGINX.id
    assert only_pod(joined(told, wrong)).members[0].process is None


def test_where_proc_is_not_ours_a_pid_is_believed_with_the_same_evidence_and_nothing_may_be_done() -> None:
    not_ours = {"read_only_because": "this /proc is not ours"}
    reused = replace(NGINX, id=replace(NGINX.id, start_ticks=1))
    snapshot = joined(WEB, observation(PAUSE, NGINX, **not_ours))
    assert only_pod(snapshot).members[0].process == NGINX.id
    assert only_pod(joined(WEB, observation(PAUSE, reused, **not_ours))).members[0].process is None
    assert snapshot.read_only_because == "this /proc is not ours"


def test_children_of_the_main_process_are_the_containers_own() -> None:
    worker = process(201, MEMBER_SPACES, parent=200, name="worker")
    pod = only_pod(joined(WEB, observation(PAUSE, NGINX, worker)))
    assert [each.name for each in pod.members[0].processes] == ["nginx", "worker"]


def test_a_host_process_that_joined_the_pods_network_is_named_as_a_sharer() -> None:
    shell = process(300, replace(HOST, net=PAUSE_SPACES.net), name="bash")
    (sharer,) = only_pod(joined(WEB, observation(PAUSE, NGINX, shell))).sharers
    assert (sharer.name, sharer.id.pid, sharer.kinds) == ("bash", 300, ("net",))


def test_a_host_process_with_only_a_thread_in_the_pods_network_is_a_sharer_too() -> None:
    thread = Thread(301, replace(HOST, net=PAUSE_SPACES.net))
    hidden = process(300, HOST, name="agent", threads=(thread,))
    (sharer,) = only_pod(joined(WEB, observation(PAUSE, NGINX, hidden))).sharers
    assert sharer.name == "agent"


def test_the_runtimes_own_process_is_no_sharer_where_pause_lives_in_its_pid_namespace() -> None:
    supervisor = process(50, replace(HOST, pid=PAUSE_SPACES.pid, mnt=PAUSE_SPACES.mnt), name="supervisor")
    assert only_pod(joined(WEB, observation(PAUSE, NGINX, supervisor))).sharers == ()


def test_a_member_in_another_network_namespace_than_its_pause_is_an_orphan() -> None:
    stranded = replace(NGINX, namespaces=replace(MEMBER_SPACES, net=namespaces(500).net))
    pod = only_pod(joined(WEB, observation(PAUSE, stranded)))
    assert pod.orphans == ("p/member/nginx",)


def test_what_is_left_to_an_orphan_is_what_is_in_the_network_it_is_in() -> None:
    net = namespaces(500).net
    assert net is not None
    stranded = replace(NGINX, namespaces=replace(MEMBER_SPACES, net=net))
    pod = only_pod(joined(WEB, observation(PAUSE, stranded, networks={net: Network((), ("lo",))})))
    assert [one.stranded_with for one in pod.members] == [("lo",)]


JOINED = inventory(
    record("nginx", pid=200, joins="id-of-pause"),
    pause=record("pause", Role.PAUSE, runtime_id="id-of-pause", state=ContainerState.EXITED),
)


def test_a_member_whose_pause_ended_and_took_the_address_along_is_an_orphan() -> None:
    assert MEMBER_SPACES.net is not None
    emptied = {MEMBER_SPACES.net: Network(())}
    assert only_pod(joined(JOINED, observation(NGINX, networks=emptied))).orphans == ("p/member/nginx",)


def test_a_member_whose_pause_ended_is_no_orphan_while_its_network_has_an_address() -> None:
    assert MEMBER_SPACES.net is not None
    kept = {MEMBER_SPACES.net: Network(("10.244.1.5",))}
    assert only_pod(joined(JOINED, observation(NGINX, networks=kept))).orphans == ()


def test_a_hostnetwork_pod_has_no_address_of_its_own() -> None:
    spaces = replace(PAUSE_SPACES, net=HOST.net)
    pod = only_pod(joined(WEB, observation(replace(PAUSE, namespaces=spaces))))
    assert (pod.host_network, pod.addresses) == (True, ())


def test_namespaces_that_may_not_be_read_are_unknown_and_not_empty() -> None:
    hidden = (replace(PAUSE, namespaces=NOTHING_KNOWN), replace(NGINX, namespaces=NOTHING_KNOWN))
    pod = only_pod(joined(WEB, observation(*hidden)))
    assert pod.addresses is None
    assert pod.members[0].cannot_read


def test_a_pod_with_no_process_left_has_no_address() -> None:
    assert only_pod(joined(WEB, observation())).addresses == ()


def test_a_pin_keeps_the_network_of_a_pod_whose_processes_are_gone() -> None:
    assert PAUSE_SPACES.net is not None
    told = replace(WEB, pods=(replace(WEB.pods[0], netns_path="/var/run/netns/cni-1"),))
    pod = only_pod(joined(told, observation(pins=(Pin(PAUSE_SPACES.net, "/run/netns/cni-1"),))))
    assert pod.addresses == ("10.244.1.5",)
    assert [pin.path for pin in pod.pins] == ["/run/netns/cni-1"]


def test_only_the_vitals_of_the_pods_processes_are_kept() -> None:
    stranger = process(999)
    vitals = {NGINX.id: Vitals("S", 1000), stranger.id: Vitals("R", 1)}
    snapshot = joined(WEB, observation(PAUSE, NGINX, stranger, vitals=vitals))
    assert dict(snapshot.vitals) == {NGINX.id: Vitals("S", 1000)}


def test_an_equal_pod_is_the_same_object_as_before() -> None:
    first = joined(WEB, observation(PAUSE, NGINX))
    second = join(WEB, observation(PAUSE, NGINX), NOW + timedelta(seconds=1), first)
    assert second.pods is first.pods


def test_before_the_runtime_has_answered_there_are_no_pods_and_no_inventory_time() -> None:
    snapshot = join(None, observation(PAUSE), NOW, backend="lab")
    assert (snapshot.pods, snapshot.inventory_at, snapshot.backend) == ((), None, "lab")


CROWD = (
    PAUSE,
    NGINX,
    process(201, MEMBER_SPACES, parent=200, name="worker"),
    process(202, MEMBER_SPACES, parent=201, name="worker"),
    process(300, replace(HOST, net=PAUSE_SPACES.net), name="bash"),
    process(400, name="host"),
)


@given(st.permutations(CROWD))
def test_the_order_of_processes_changes_nothing(order: list[Process]) -> None:
    assert joined(WEB, observation(*order)).pods == joined(WEB, observation(*CROWD)).pods
