"""What a runtime said, as pods: which containers are whose, what they were before, and who brings them back."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from pausetui.backends.crictl import kubelet
from pausetui.backends.crictl.asking import Answers, Asking
from pausetui.backends.crictl.pods import problems, records
from pausetui.core.inventory import (
    ContainerRecord,
    ContainerState,
    PodRecord,
    PodState,
    Restorer,
    Role,
    Sandbox,
    Usage,
)
from pausetui.core.observation import Observation, Process, ProcessId
from tests.backends.crictl.node import BORN, BUSY, Node
from tests.backends.crictl.recorded import VERSION, found
from tests.factories import HOST, NODE, NOW, namespaces

KUBELET = kubelet.Kubelet(812, "kubelet", told=True)
NO_KUBELET = kubelet.Kubelet(None, "", told=True)


def answers_of(node: Node) -> Answers:
    return Asking(found(node.crictl), node.clock).look(node.observe())


def pods_of(node: Node, on_node: kubelet.Kubelet = KUBELET) -> tuple[PodRecord, ...]:
    return records(answers_of(node), on_node)


def pod_of(node: Node, on_node: kubelet.Kubelet = KUBELET) -> PodRecord:
    (pod,) = pods_of(node, on_node)
    return pod


def pause_of(node: Node) -> ContainerRecord:
    pause = pod_of(node).pause
    assert pause is not None
    return pause


def seconds(after: int) -> str:
    return str((BORN + after) * 10**9)


def test_a_pod_is_keyed_by_its_uid_and_else_by_its_name() -> None:
    node = Node()
    node.pod("web")
    id_ = node.pod("bare")
    node.sandboxes[id_]["metadata"]["uid"] = ""
    assert [(pod.key, pod.uid, pod.name) for pod in pods_of(node)] == [
        ("uid-web", "uid-web", "web"),
        ("default/bare", None, "bare"),
    ]


def test_a_pause_is_what_the_details_of_the_sandbox_say() -> None:
    node = Node()
    id_ = node.pod("web")
    node.crictl.answers["images"] = '{"images": [{"id": "sha256:9", "repoTags": ["pause:3.9"], "size": "697103"}]}'
    pause = pause_of(node)
    assert (pause.key, pause.name, pause.role) == ("uid-web/pause/pause", "pause", Role.PAUSE)
    assert (pause.runtime_id, pause.sandbox_id, pause.pid) == (id_, id_, node.info[id_]["pid"])
    assert (pause.image, pause.image_bytes) == ("pause:3.9", 697103)
    assert (pause.state, pause.attempt, pause.restarts) == (ContainerState.RUNNING, 0, 0)
    assert pause.started_at is not None


def test_a_pause_that_was_killed_has_exited_and_the_address_is_still_the_runtimes_answer() -> None:
    node = Node()
    node.kill_pause(node.pod("web", "nginx"))
    pod = pod_of(node)
    assert pod.pause is not None
    assert (pod.state, pod.pause.state, pod.pause.pid) == (PodState.NOTREADY, ContainerState.EXITED, None)
    assert pod.runtime_addresses == ("10.0.0.1",)
    assert pod.members[0].state is ContainerState.RUNNING


def test_two_sandboxes_of_one_pod_are_one_pod_the_newest_attempt_first() -> None:
    node = Node()
    old = node.pod("web", "nginx", attempt=0)
    node.kill_pause(old)
    node.end("web-0-nginx-0")
    new = node.pod("web", attempt=1, made=100)
    node.container(new, "nginx", attempt=1, made=101)
    for order in permutations(node.sandboxes.items()):
        node.sandboxes = dict(order)
        pod = pod_of(node)
        assert [(one.id, one.attempt) for one in pod.sandboxes] == [(new, 1), (old, 0)]
        assert pod.sandboxes[1].addresses == ("10.0.0.1",)
        assert (pod.state, pod.attempt) == (PodState.READY, 1)
        assert pod.pause is not None
        assert [(life.attempt, life.runtime_id) for life in pod.pause.previous] == [(0, old)]
        (nginx,) = pod.members
        assert (nginx.attempt, nginx.sandbox_id) == (1, new)
        assert [(life.attempt, life.exit_code, life.reason) for life in nginx.previous] == [(0, 137, "Error")]


def test_of_two_sandboxes_with_one_attempt_the_younger_is_the_newest() -> None:
    node = Node()
    node.pod("web", attempt=0, uid="u")
    younger = node.pod("again", attempt=0, uid="u", made=5)
    assert pod_of(node).sandboxes[0].id == younger


def test_of_two_attempts_the_higher_is_the_newest_also_where_the_clock_was_put_back() -> None:
    node = Node()
    node.pod("web", attempt=0, made=3600)
    newest = node.pod("web", attempt=1, made=5)
    assert pod_of(node).sandboxes[0].id == newest


def test_the_newest_attempt_of_a_member_is_the_record_and_the_older_ones_its_past() -> None:
    node = Node()
    id_ = node.pod("web")
    for attempt in (1, 0, 2):
        life = node.container(id_, "app", attempt=attempt, made=attempt * 10)
        if attempt < 2:
            node.end(life, code=attempt, at=attempt * 10 + 5)
    (app,) = pod_of(node).members
    assert (app.attempt, app.state, app.restarts) == (2, ContainerState.RUNNING, 2)
    assert [(life.attempt, life.exit_code) for life in app.previous] == [(1, 1), (0, 0)]


def test_a_member_of_the_new_sandbox_beats_a_higher_attempt_of_the_old_one() -> None:
    node = Node()
    old = node.pod("web", attempt=0)
    node.end(node.container(old, "app", attempt=7, made=3))
    node.kill_pause(old)
    new = node.pod("web", attempt=1, made=100)
    node.container(new, "app", attempt=0, made=101)
    (app,) = pod_of(node).members
    assert (app.sandbox_id, app.attempt) == (new, 0)


def test_what_kubelet_counted_are_the_restarts() -> None:
    node = Node()
    id_ = node.container(node.pod("web"), "app", attempt=0)
    node.containers[id_]["annotations"] = {
        "io.kubernetes.container.restartCount": "5",
        "io.kubernetes.pod.terminationGracePeriod": "30",
    }
    (app,) = pod_of(node).members
    assert (app.restarts, app.grace_seconds) == (5, 30)


def test_containers_of_a_sandbox_that_is_gone_belong_to_the_pod_of_their_labels() -> None:
    node = Node()
    old = node.pod("web", "nginx", attempt=0)
    node.end("web-0-nginx-0")
    new = node.pod("web", attempt=1, made=100)
    node.container(new, "nginx", attempt=1, made=101)
    del node.sandboxes[old]
    (nginx,) = pod_of(node).members
    assert nginx.sandbox_id == new
    assert [life.attempt for life in nginx.previous] == [0]


def test_containers_of_which_no_sandbox_is_left_are_a_pod_of_which_nothing_else_is_known() -> None:
    node = Node()
    del node.sandboxes[node.pod("web", "nginx")]
    pod = pod_of(node)
    assert (pod.key, pod.state, pod.pause, pod.sandboxes) == ("uid-web", PodState.UNKNOWN, None, ())
    assert pod.members[0].sandbox_id is None
    assert pod.note == "its sandbox is gone"


def test_an_exited_member_says_when_and_why() -> None:
    node = Node()
    node.end(node.container(node.pod("web"), "app"), code=2, at=90)
    (app,) = pod_of(node).members
    assert (app.state, app.exit_code, app.reason, app.pid) == (ContainerState.EXITED, 2, "Error", None)
    assert app.finished_at is not None
    assert app.started_at is not None
    assert (app.finished_at - app.started_at).total_seconds() == 89


@pytest.mark.parametrize(
    ("image", "shown"),
    [({"image": "sha256:" + "1" * 64}, "web:1"), ({"image": "nginx:1.25"}, "nginx:1.25"), (None, "web:1")],
)
def test_an_image_is_called_what_its_user_calls_it_and_else_by_its_tag(image: Any, shown: str) -> None:
    node = Node()
    id_ = node.container(node.pod("web"), "app")
    node.containers[id_]["image"] = image
    node.crictl.answers["images"] = '{"images": [{"id": "sha256:1", "repoTags": ["web:1"], "size": "7"}]}'
    (app,) = pod_of(node).members
    assert (app.image, app.image_bytes) == (shown, 7)


def test_an_image_without_any_name_is_shown_by_its_id() -> None:
    node = Node()
    id_ = node.container(node.pod("web"), "app")
    node.containers[id_]["imageRef"] = "sha256:52d668f841c77702ecaf8b7ee47cf48c4e696c842f4f8d4051dbf700f62f5da2"
    (app,) = pod_of(node).members
    assert app.image == "image 52d668f841c7"


EMPTY_DIR = "/var/lib/kubelet/pods/uid-web/volumes/kubernetes.io~empty-dir"


def test_volumes_that_members_share_are_shown_and_others_are_not() -> None:
    node = Node()
    id_ = node.pod("web")
    for name, path, more in (("app", "/data", "own"), ("sidecar", "/in", "other")):
        mounts = [
            {"hostPath": f"{EMPTY_DIR}/shared", "containerPath": path},
            {"hostPath": f"{EMPTY_DIR}/{more}", "containerPath": "/own"},
            {"hostPath": "/etc/hosts", "containerPath": "/etc/hosts"},
        ]
        node.container(id_, name, mounts=mounts)
    assert [one.mounts for one in pod_of(node).members] == [("shared:/data",), ("shared:/in",)]


def with_init(*, overlaps: bool = False, code: int = 0, restarted: bool = False) -> Node:
    node = Node()
    id_ = node.pod("web")
    node.end(node.container(id_, "init", made=1), code=code, at=10)
    node.container(id_, "app", made=5 if overlaps else 11)
    node.container(id_, "sidecar", made=12)
    if restarted:
        node.end(node.container(id_, "init", attempt=1, made=20), code=0, at=21)
    return node


def test_one_that_ended_well_before_the_others_were_made_is_an_init_container() -> None:
    assert [(one.name, one.role) for one in pod_of(with_init()).members] == [
        ("init", Role.INIT),
        ("app", Role.MEMBER),
        ("sidecar", Role.MEMBER),
    ]


@pytest.mark.parametrize(
    "node", [with_init(overlaps=True), with_init(code=1), with_init(restarted=True)], ids=["overlaps", "1", "again"]
)
def test_one_that_cannot_be_told_from_the_others_is_a_member(node: Node) -> None:
    assert {one.role for one in pod_of(node).members} == {Role.MEMBER}


def test_init_containers_run_one_after_the_other_and_may_fail_first() -> None:
    node = Node()
    id_ = node.pod("web")
    node.end(node.container(id_, "first", made=1), code=1, at=2)
    node.end(node.container(id_, "first", attempt=1, made=3), code=0, at=4)
    node.end(node.container(id_, "second", made=5), code=0, at=6)
    node.container(id_, "app", made=7)
    assert [(one.name, one.role) for one in pod_of(node).members] == [
        ("first", Role.INIT),
        ("second", Role.INIT),
        ("app", Role.MEMBER),
    ]


def test_a_container_alone_that_ended_well_is_a_member() -> None:
    node = Node()
    node.end(node.container(node.pod("job"), "work"), code=0)
    assert pod_of(node).members[0].role is Role.MEMBER


def test_one_that_was_an_init_container_in_an_earlier_sandbox_is_one_while_it_runs_again() -> None:
    node = with_init()
    node.kill_pause("web-0")
    node.container(node.pod("web", attempt=1, made=100), "init", attempt=1, made=101)
    init = next(one for one in pod_of(node).members if one.name == "init")
    assert (init.role, init.state) == (Role.INIT, ContainerState.RUNNING)


def test_the_key_of_a_container_does_not_depend_on_what_its_role_turns_out_to_be() -> None:
    node = Node()
    id_ = node.container(node.pod("web"), "init")
    before = pod_of(node).members[0].key
    node.end(id_, code=0, at=10)
    node.container("web-0", "app", made=11)
    assert pod_of(node).members[0].role is Role.INIT
    assert pod_of(node).members[0].key == before


def test_one_that_lives_in_anothers_pid_namespace_was_added_for_debugging() -> None:
    node = Node()
    id_ = node.container(node.pod("web", "app"), "debugger", made=50)
    options = {"pid": 3, "target_id": "web-0-app-0"}
    node.info[id_]["config"] = {"linux": {"security_context": {"namespace_options": options}}}
    assert [one.role for one in pod_of(node).members] == [Role.MEMBER, Role.EPHEMERAL]


def options(**modes: str) -> dict[str, Any]:
    return {"namespaces": {"options": {"network": "POD", "pid": "CONTAINER", **modes}}}


def test_a_pod_in_the_hosts_network_is_one() -> None:
    node = Node()
    node.status[node.pod("agent")] = {"linux": options(network="NODE"), "network": {"ip": ""}}
    pod = pod_of(node)
    assert pod.host_network
    assert pod.runtime_addresses == ()


def test_a_shared_pid_namespace_is_noted() -> None:
    node = Node()
    node.status[node.pod("web")]["linux"] = options(pid="POD")
    assert pod_of(node).note == "one pid namespace for all: pause is its pid 1"


def test_a_runtime_handler_is_told() -> None:
    node = Node()
    node.sandboxes[node.pod("web")]["runtimeHandler"] = "kata"
    assert pod_of(node).runtime_handler == "kata"


CRI_O = VERSION.replace("containerd", "cri-o")


def test_a_pod_of_cri_o_without_a_pause_process_is_shown_as_what_it_is() -> None:
    node = Node()
    id_ = node.pod("web", "nginx")
    path = "/var/run/netns/3f8f4a1e"
    node.info[id_] = {"runtimeSpec": {"linux": {"namespaces": [{"type": "network", "path": path}]}}}
    node.crictl.answers["version"] = CRI_O
    pod = pod_of(node)
    assert pod.pause is None
    assert pod.netns_path == path
    assert pod.note == "no pause container: CRI-O holds net, ipc and uts by bind mounts"
    assert pod.members[0].pid is not None


def test_a_pod_of_cri_o_with_a_pause_process_has_one() -> None:
    node = Node()
    node.info[node.pod("web")] = {"pid": 4711, "image": "pause:3.9"}
    node.crictl.answers["version"] = CRI_O
    assert pause_of(node).pid == 4711


@pytest.mark.parametrize(
    ("state", "shown"), [("READY", ContainerState.RUNNING), ("NOTREADY", ContainerState.EXITED)]
)
def test_a_runtime_that_tells_no_pid_has_a_pause_all_the_same(state: str, shown: ContainerState) -> None:
    """cri-dockerd has no information of its own."""
    node = Node()
    id_ = node.pod("web")
    node.info[id_] = {}
    node.sandboxes[id_]["state"] = f"SANDBOX_{state}"
    node.crictl.answers["version"] = VERSION.replace("containerd", "docker")
    pause = pause_of(node)
    assert (pause.state, pause.pid) == (shown, None)


def test_a_sandbox_whose_status_fails_is_shown_by_the_lists_beside_its_problem() -> None:
    node = Node()
    id_ = node.pod("web", "nginx")
    node.pod("api", "app")
    node.broken = {id_: BUSY}
    answers = answers_of(node)
    web = next(pod for pod in records(answers, KUBELET) if pod.name == "web")
    assert web.sandboxes == (Sandbox(id_, 0, PodState.READY, web.sandboxes[0].created_at),)
    assert web.pause is not None
    assert (web.pause.state, web.pause.pid, web.host_network) == (ContainerState.RUNNING, None, None)
    (problem,) = problems(answers)
    assert (problem.subject, problem.what) == ("uid-web", "the status of sandbox web-0")
    assert problem.why == "device or resource busy"


def test_a_container_whose_status_fails_is_a_problem_of_that_container() -> None:
    node = Node()
    node.pod("web", "nginx")
    node.broken = {"web-0-nginx-0": BUSY}
    answers = answers_of(node)
    (problem,) = problems(answers)
    assert problem.subject == records(answers, KUBELET)[0].members[0].key


def test_entries_that_cannot_be_read_and_what_there_was_no_time_for_are_problems() -> None:
    node = Node()
    node.pod("web")
    bad = node.pod("bad")
    node.sandboxes[bad]["metadata"]["attempt"] = "often"
    answers = replace(answers_of(node), postponed=7)
    told = [(problem.subject, problem.what) for problem in problems(answers)]
    assert told == [
        ("backend:crictl", "entry bad-0"),
        ("backend:crictl", "the status of 7 sandboxes and containers"),
    ]


def test_usage_is_put_beside_its_pod_and_container() -> None:
    node = Node()
    node.pod("vm", "app")
    usages = {"vm-0": Usage(memory_bytes=2), "vm-0-app-0": Usage(memory_bytes=1)}
    (pod,) = records(replace(answers_of(node), usages=usages), KUBELET)
    assert pod.usage == Usage(memory_bytes=2)
    assert pod.members[0].usage == Usage(memory_bytes=1)


def test_keys_are_there_once_whatever_the_names() -> None:
    node = Node()
    for uid in ("u", "u/member"):
        id_ = node.pod(uid.replace("/", "-"), uid=uid)
        for name in ("pause", "init", "a"):
            node.container(id_, name)
    keys = [record.key for pod in pods_of(node) for record in (pod.pause, *pod.members) if record]
    assert len(keys) == len(set(keys)) == 8


def test_with_a_kubelet_it_brings_back_what_it_made() -> None:
    node = Node()
    node.pod("web")
    assert pod_of(node, KUBELET).brought_back_by is Restorer.KUBELET


def test_with_no_kubelet_nobody_does() -> None:
    node = Node()
    node.pod("web")
    assert pod_of(node, NO_KUBELET).brought_back_by is Restorer.NOBODY


def test_a_pod_made_by_hand_is_brought_back_by_nobody_and_removed_by_a_kubelet() -> None:
    node = Node()
    node.sandboxes[node.pod("mine")]["annotations"] = {}
    pod = pod_of(node, KUBELET)
    assert pod.brought_back_by is Restorer.NOBODY
    assert pod.note == "not made by kubelet, which removes such pods"


def test_where_processes_are_hidden_it_is_not_known_who_does() -> None:
    node = Node()
    node.pod("web")
    assert pod_of(node, kubelet.find(Observation(NOW, NODE))).brought_back_by is None


def machine(*processes: tuple[int, str, int]) -> Observation:
    """A machine with these processes: pid, name, and the base of their namespaces (900 is the host's)."""
    found = {
        pid: Process(ProcessId(pid, pid), name, namespaces=HOST if base == 900 else namespaces(base))
        for pid, name, base in ((1, "systemd", 900), *processes)
    }
    return Observation(NOW, NODE, host=HOST, processes=found)


@pytest.mark.parametrize(
    ("name", "remark"),
    [
        ("kubelet", "kubelet pid 812"),
        ("k3s-server", "kubelet in k3s-server pid 812"),
        ("k3s-agent", "kubelet in k3s-agent pid 812"),
        ("kubelite", "kubelet in kubelite pid 812"),
    ],
)
def test_a_kubelet_is_found_on_its_own_and_inside_of_others(name: str, remark: str) -> None:
    assert kubelet.find(machine((812, name, 900))).remarks == (remark,)


def test_no_kubelet_is_told_where_all_processes_are_seen() -> None:
    assert kubelet.find(machine((812, "kubelet-like", 900))).remarks == ("no kubelet",)


def test_nothing_is_told_of_a_kubelet_where_processes_are_hidden() -> None:
    assert kubelet.find(Observation(NOW, NODE)).remarks == ()


def test_a_kubelet_of_a_node_that_is_a_container_is_not_this_nodes() -> None:
    assert kubelet.find(machine((812, "kubelet", 100))).remarks == ("no kubelet",)
