"""Which containers are a pod, and which of them holds it together."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime

import pytest

from pausetui.backends.crictl.kubelet import Kubelet
from pausetui.backends.docker.asking import Asking
from pausetui.backends.docker.client import Client
from pausetui.backends.docker.grouping import groups
from pausetui.backends.docker.records import SHARES_NOTHING, records
from pausetui.core.inventory import ContainerRecord, ContainerState, PodRecord, PodState, Restorer, Role
from pausetui.core.namespaces import Namespaces
from pausetui.core.observation import Observation, Process, ProcessId
from tests.backends.docker.engine import FakeContainer, FakeEngine, id_of
from tests.factories import HOST, NODE, NOW, namespaces

NOBODY = Kubelet(None, "", told=True)
KUBELET = Kubelet(812, "kubelet", told=True)
UID = "0b6f1f5e-1111-4222-8333-444455556666"


def pods_of(
    engine: FakeEngine, *processes: Process, kubelet: Kubelet = NOBODY, asking: Asking | None = None
) -> tuple[PodRecord, ...]:
    observation = Observation(NOW, NODE, HOST, {each.pid: each for each in processes})
    with closing(Client(engine.endpoint, 5, {})) as client:
        answers = (asking or Asking(client)).look(observation)
    return records(groups(answers, observation), kubelet)


def only(pods: tuple[PodRecord, ...]) -> PodRecord:
    assert [pod.name for pod in pods] == [pods[0].name]
    return pods[0]


def names(pod: PodRecord) -> tuple[str | None, list[str]]:
    return pod.pause.name if pod.pause else None, [member.name for member in pod.members]


def process(container: FakeContainer, spaces: Namespaces, name: str = "x", age: int = 0) -> Process:
    identity = ProcessId(container.pid, 10 * container.pid - age)
    return Process(identity, name, namespaces=spaces, cgroup=f"/docker/{container.id}")


def member(pod: PodRecord, name: str) -> ContainerRecord:
    return next(each for each in pod.members if each.name == name)


def labels(container: str, kind: str, sandbox: int = 0, uid: str = UID) -> dict[str, str]:
    return {
        "io.kubernetes.docker.type": kind,
        "io.kubernetes.pod.name": "web",
        "io.kubernetes.pod.namespace": "default",
        "io.kubernetes.pod.uid": uid,
        "io.kubernetes.container.name": container,
        **({"io.kubernetes.sandbox.id": id_of(sandbox)} if sandbox else {}),
    }


def kubelets_pod(engine: FakeEngine, *, labelled: bool = True) -> None:
    def called(container: str, kind: str) -> dict[str, str]:
        return labels(container, kind, 1) if labelled else {}

    engine.add(1, f"k8s_POD_web_default_{UID}_0", network="none", labels=called("POD", "podsandbox"))
    engine.add(
        2, f"k8s_nginx_web_default_{UID}_1", network=f"container:{id_of(1)}", labels=called("nginx", "container")
    )


@pytest.mark.parametrize("labelled", [True, False], ids=["by labels", "by names"])
def test_a_pod_of_kubelet_is_known_by_labels_and_by_names(engine: FakeEngine, labelled: bool) -> None:
    kubelets_pod(engine, labelled=labelled)
    pod = only(pods_of(engine, kubelet=KUBELET))
    assert (pod.key, pod.namespace, pod.name, pod.uid) == (UID, "default", "web", UID)
    assert names(pod) == ("pause", ["nginx"])
    assert (pod.attempt, pod.members[0].attempt, pod.members[0].restarts) == (0, 1, 1)
    assert pod.members[0].key == f"{UID}/member/nginx"
    assert pod.brought_back_by is Restorer.KUBELET


def test_a_name_with_a_random_part_is_kubelets_too(engine: FakeEngine) -> None:
    engine.add(1, f"k8s_POD_web_default_{UID}_2_a1b2c3d4")
    pod = only(pods_of(engine))
    assert (pod.name, pod.attempt) == ("web", 2)


@pytest.mark.parametrize("name", ["k8s_POD_web_default", "k8s_POD_web_default_uid_x", "k8s_a_b_c_d_1_e_f", "k8s_"])
def test_a_name_that_only_begins_like_kubelets_is_anybodys(engine: FakeEngine, name: str) -> None:
    engine.add(1, name)
    assert only(pods_of(engine)).note == SHARES_NOTHING


def test_without_a_kubelet_nobody_brings_its_pods_back(engine: FakeEngine) -> None:
    kubelets_pod(engine)
    assert only(pods_of(engine)).brought_back_by is Restorer.NOBODY


def test_two_sandboxes_of_a_pod_are_one_pod_with_a_history(engine: FakeEngine) -> None:
    kubelets_pod(engine)
    engine.containers[0].state = engine.containers[1].state = "exited"
    engine.containers[1].exit_code = 137
    engine.add(3, f"k8s_POD_web_default_{UID}_1", labels=labels("POD", "podsandbox"))
    engine.add(
        4, f"k8s_nginx_web_default_{UID}_2", network=f"container:{id_of(3)}", labels=labels("nginx", "container", 3)
    )
    pod = only(pods_of(engine))
    assert [sandbox.attempt for sandbox in pod.sandboxes] == [1, 0]
    assert [sandbox.state for sandbox in pod.sandboxes] == [PodState.READY, PodState.NOTREADY]
    (nginx,) = pod.members
    assert (nginx.attempt, nginx.state, nginx.sandbox_id) == (2, ContainerState.RUNNING, id_of(3))
    assert [(past.attempt, past.exit_code) for past in nginx.previous] == [(1, 137)]


def test_a_container_that_somebody_joined_to_a_pod_of_kubelet_is_a_member_with_a_name_of_its_own(
    engine: FakeEngine,
) -> None:
    kubelets_pod(engine)
    engine.add(3, "nginx", network=f"container:{id_of(1)}")
    pod = only(pods_of(engine))
    assert names(pod) == ("pause", ["nginx", "nginx (000000000003)"])


def test_whose_network_others_join_is_the_pause(engine: FakeEngine) -> None:
    engine.add(1, "web")
    engine.add(2, "app", network=f"container:{id_of(1)}")
    pod = only(pods_of(engine))
    assert names(pod) == ("web", ["app"])
    assert (pod.key, pod.members[0].key, pod.members[0].joins) == ("web", "web/member/app", id_of(1))
    assert pod.pause is not None
    assert (pod.pause.key, pod.pause.role, pod.pause.evidence) == (
        "web/pause/pause",
        Role.PAUSE,
        ("the network of others is its own: container:ID",),
    )


def test_a_chain_is_one_pod(engine: FakeEngine) -> None:
    engine.add(3, "last", network=f"container:{id_of(2)}")
    engine.add(2, "middle", network=f"container:{id_of(1)}")
    engine.add(1, "first")
    assert names(only(pods_of(engine))) == ("first", ["middle", "last"])


def test_a_container_joined_by_its_name_is_the_same(engine: FakeEngine) -> None:
    engine.add(1, "web")
    engine.add(2, "app", network="container:web")
    assert names(only(pods_of(engine))) == ("web", ["app"])


def test_containers_in_a_ring_are_no_pod_and_no_loop(engine: FakeEngine) -> None:
    engine.add(1, "one", network=f"container:{id_of(2)}")
    engine.add(2, "two", network=f"container:{id_of(1)}")
    engine.add(3, "self", network=f"container:{id_of(3)}")
    assert [names(pod) for pod in pods_of(engine)] == [(None, ["one"]), (None, ["two"]), (None, ["self"])]


def test_those_that_joined_a_container_which_is_gone_are_a_pod_that_says_so(engine: FakeEngine) -> None:
    engine.add(2, "app", network=f"container:{id_of(1)}")
    engine.add(3, "db", network=f"container:{id_of(1)}")
    pod = only(pods_of(engine))
    assert (pod.name, names(pod)) == (f"container {id_of(1)[:12]}", (None, ["app", "db"]))
    assert not pod.shares_nothing


def test_a_pod_keeps_its_key_when_its_pause_is_removed_and_when_it_is_made_again(engine: FakeEngine) -> None:
    web = engine.add(1, "web")
    engine.add(2, "app", network=f"container:{id_of(1)}")
    with closing(Client(engine.endpoint, 5, {})) as client:
        asking = Asking(client)
        assert only(pods_of(engine, asking=asking)).key == "web"
        engine.containers.remove(web)
        removed = only(pods_of(engine, asking=asking))
        assert (removed.key, removed.pause) == ("web", None)
        engine.add(9, "web")
        again = only(pods_of(engine, asking=asking))
    assert (again.key, names(again)) == ("web", ("web", ["app"]))


def podmans_pod(engine: FakeEngine, *ids: int, infra: int | None) -> None:
    engine.pods.append(
        {
            "Id": id_of(1000),
            "Name": "web",
            "Created": "2026-11-24T10:50:09.256111839Z",
            "InfraId": id_of(infra) if infra else "",
            "Containers": [{"Id": id_of(each), "Names": "x", "Status": "running"} for each in ids],
        }
    )


def test_podmans_infra_is_the_pause_whatever_its_image_is(podman: FakeEngine) -> None:
    podman.add(1, "busy-infra")
    podman.add(2, "app", network=f"container:{id_of(1)}")
    podmans_pod(podman, 1, 2, infra=1)
    pod = only(pods_of(podman))
    assert (pod.key, pod.name, names(pod)) == (id_of(1000), "web", ("pause", ["app"]))
    assert [sandbox.id for sandbox in pod.sandboxes] == [id_of(1000)]
    assert pod.members[0].sandbox_id == id_of(1000)


def test_a_pod_of_podman_without_infra_says_so(podman: FakeEngine) -> None:
    podman.add(2, "app")
    podmans_pod(podman, 2, infra=None)
    pod = only(pods_of(podman))
    assert (pod.pause, pod.note) == (None, "made without an infra container")


def test_without_podmans_own_api_its_pods_are_found_by_whose_network_is_joined(podman: FakeEngine) -> None:
    podman.answers["/libpod/pods/json"] = (404, {"message": "Not Found"})
    podman.add(1, "abc-infra")
    podman.add(2, "app", network=f"container:{id_of(1)}")
    assert names(only(pods_of(podman))) == ("abc-infra", ["app"])


def shared_by(engine: FakeEngine, first: str = "x") -> tuple[Process, ...]:
    one = engine.add(1, "one", pid=100, network="ns:/run/netns/mine")
    two = engine.add(2, "two", pid=200, network="ns:/run/netns/mine")
    net = replace(HOST, net=namespaces(50).net)
    return process(one, net, first), process(two, net)


def test_what_shares_a_network_only_the_kernel_knows_of_is_a_pod(engine: FakeEngine) -> None:
    pod = only(pods_of(engine, *shared_by(engine)))
    assert (names(pod), pod.key) == ((None, ["one", "two"]), "one")
    assert "the kernel says" in pod.note


def test_one_that_is_called_pause_holds_what_the_kernel_says_is_shared(engine: FakeEngine) -> None:
    pod = only(pods_of(engine, *shared_by(engine, "catatonit")))
    assert names(pod) == ("one", ["two"])
    assert pod.pause is not None
    assert "catatonit" in pod.pause.evidence[0]


def test_what_shares_only_the_hosts_namespaces_is_no_pod(engine: FakeEngine) -> None:
    one, two = engine.add(1, "one", pid=100, network="host"), engine.add(2, "two", pid=200, network="host")
    pods = pods_of(engine, process(one, HOST), process(two, HOST))
    assert [(pod.name, pod.host_network, pod.shares_nothing) for pod in pods] == [
        ("one", True, True),
        ("two", True, True),
    ]


def test_a_process_that_is_another_containers_shows_nothing_shared(engine: FakeEngine) -> None:
    one, two = shared_by(engine)
    assert len(pods_of(engine, one, replace(two, cgroup="/docker/another"))) == 2


def monitored(engine: FakeEngine, started: str = "2026-11-24T10:00:00.5Z") -> tuple[Process, ...]:
    """Two of a rootless Podman's in one network, without a cgroup of their own, and their monitors."""
    made = []
    for process in shared_by(engine):
        started_at = datetime.fromisoformat(started)
        monitor = Process(ProcessId(process.pid + 1, 5), "conmon", namespaces=HOST)
        mine = replace(process, cgroup="/user.slice", parent=monitor.pid, started_at=started_at)
        made += [monitor, mine]
    return tuple(made)


def test_a_container_without_a_cgroup_of_its_own_is_known_by_its_monitor_and_its_start(engine: FakeEngine) -> None:
    assert names(only(pods_of(engine, *monitored(engine)))) == (None, ["one", "two"])


def test_a_child_of_a_monitor_that_started_at_another_time_is_another_containers(engine: FakeEngine) -> None:
    assert len(pods_of(engine, *monitored(engine, "2026-11-24T10:00:05Z"))) == 2


def test_who_shares_ipc_with_a_pod_is_a_member_of_it(engine: FakeEngine) -> None:
    web = engine.add(1, "web", pid=100)
    engine.add(2, "app", network=f"container:{id_of(1)}")
    other = engine.add(3, "other", pid=300)
    ipc = namespaces(50).ipc
    pod = only(pods_of(engine, process(web, replace(HOST, ipc=ipc)), process(other, replace(HOST, ipc=ipc))))
    assert names(pod) == ("web", ["app", "other"])


def test_a_container_alone_is_marked_as_such(engine: FakeEngine) -> None:
    engine.add(1, "alone", address="172.17.0.2")
    pod = only(pods_of(engine))
    assert (pod.key, pod.pause, pod.shares_nothing, pod.note) == ("alone", None, True, SHARES_NOTHING)
    assert pod.runtime_addresses == ("172.17.0.2",)


def test_two_pods_of_one_name_have_two_keys(engine: FakeEngine) -> None:
    engine.add(3, UID)
    kubelets_pod(engine)
    assert len({pod.key for pod in pods_of(engine)}) == len(pods_of(engine)) == 2


def test_whoever_was_not_asked_about_yet_is_left_out_where_the_list_does_not_say_whose_it_is(
    podman: FakeEngine,
) -> None:
    web = podman.add(1, "web")
    entry = web.entry()
    del entry["HostConfig"]
    podman.answers["/containers/json"] = (200, [entry])
    podman.answers[f"/containers/{web.id}/json"] = (404, {"message": "gone"})
    assert pods_of(podman) == ()


def test_the_policy_of_what_holds_the_pod_says_who_brings_it_back(engine: FakeEngine) -> None:
    engine.add(1, "web", policy="always")
    engine.add(2, "app", network=f"container:{id_of(1)}", policy="on-failure")
    pod = only(pods_of(engine))
    assert pod.brought_back_by is Restorer.RESTART_POLICY
    assert member(pod, "app").restart_policy == "on-failure:3"
