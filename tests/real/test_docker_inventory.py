"""The containers of a real dockerd as pods, held against the kernel."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pausetui.backends.docker.endpoints import DOCKER
from pausetui.backends.docker.finding import DockerOptions, find, seems_present
from pausetui.core.inventory import ContainerState, PodState, Restorer, Role
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.trouble import troubles
from pausetui.kernel.host import HostRoot
from tests.real.dockers import SLEEP, DockerBed
from tests.real.engines import Looking, looking, member
from tests.real.private_node import environment
from tests.waiting import until

pytestmark = pytest.mark.real

UID = "0b6f1f5e-1111-4222-8333-444455556666"


@pytest.fixture
def bed(dockerd: DockerBed) -> Iterator[DockerBed]:
    """An engine without containers."""
    yield dockerd
    dockerd.clear()


def test_the_engine_is_named_with_its_version_and_how_to_ask_it(bed: DockerBed, looks: Looking) -> None:
    runtime = looks.inventory().runtime
    assert runtime.name == "docker"
    assert runtime.version == bed("version", "-f", "{{.Server.Version}}")
    assert runtime.command == ("docker", "-H", bed.endpoint)


def test_those_that_joined_a_network_are_one_pod_with_its_address(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    bed.member("app", "web")
    pod = looks.pod("web")
    assert pod.addresses == pod.runtime_addresses == (bed.inspect("web", "{{.NetworkSettings.IPAddress}}"),)
    pause, app = member(pod, "web"), member(pod, "app")
    assert (pause.role, app.role) == (Role.PAUSE, Role.MEMBER)
    assert pause.process is not None
    assert pause.process.pid == bed.container_pid("web")
    assert app.namespaces.net == pause.namespaces.net
    assert app.namespaces.ipc == pause.namespaces.ipc
    assert app.namespaces.uts != pause.namespaces.uts, "uts is not shared by Docker's container mode"
    assert (pod.state, pod.orphans) == (PodState.READY, ())


def test_what_a_container_uses_is_read_from_its_cgroup(bed: DockerBed, looks: Looking) -> None:
    bed.plain("app")
    usage = member(looks.pod("app"), "app").usage
    assert usage is not None
    assert usage.cpu_seconds is not None
    cgroup = Path(f"/proc/{bed.container_pid('app')}/cgroup").read_text()
    assert bed.inspect("app", "{{.Id}}") in cgroup
    assert 0 < (usage.memory_bytes or 0) < 64 * 2**20


def test_the_network_is_seen_to_be_pinned_by_docker(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    bed.member("app", "web")
    looks.observer.observe()
    pins = until(lambda: [pin for pin in looks.pod("web").pins if pin.kind is NamespaceKind.NET], seconds=15)
    assert looks.record("web").netns_path == f"/var{pins[0].path}"


def test_a_pod_of_kubelet_is_found_by_its_labels(bed: DockerBed, looks: Looking) -> None:
    def labels(container: str, kind: str, *more: str) -> list[str]:
        told = (
            f"docker.type={kind}",
            f"container.name={container}",
            "pod.name=web",
            "pod.namespace=shop",
            f"pod.uid={UID}",
            *more,
        )
        return [word for each in told for word in ("--label", f"io.kubernetes.{each}")]

    pause = bed.pause(f"k8s_POD_web_shop_{UID}_0", *labels("POD", "podsandbox"))
    sandbox = f"sandbox.id={pause}"
    bed.member(f"k8s_nginx_web_shop_{UID}_3", pause, *labels("nginx", "container", sandbox))
    pod = looks.pod("web")
    assert (pod.key, pod.namespace, pod.uid) == (UID, "shop", UID)
    assert (member(pod, "nginx").attempt, member(pod, "nginx").sandbox_id) == (3, pause)
    assert pod.addresses


def test_a_pod_of_kubelet_is_found_by_its_names_too(bed: DockerBed, looks: Looking) -> None:
    bed.pause(f"k8s_POD_web_shop_{UID}_1_5c3f")
    bed.member(f"k8s_nginx_web_shop_{UID}_0", f"k8s_POD_web_shop_{UID}_1_5c3f")
    pod = looks.pod("web")
    assert (pod.key, pod.attempt, [one.name for one in pod.members]) == (UID, 1, ["nginx"])


def test_a_chain_of_networks_is_one_pod(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    bed.member("app", "web")
    bed.plain("debug", "--network", "container:app")
    assert [one.name for one in looks.pod("web").containers()] == ["web", "app", "debug"]


def test_those_that_share_only_ipc_are_a_pod_by_the_kernel(bed: DockerBed, looks: Looking) -> None:
    bed.plain("first", "--ipc", "shareable")
    bed.plain("second", "--ipc", "container:first")
    pod = looks.pod("first")
    assert (pod.pause, [one.name for one in pod.members]) == (None, ["first", "second"])


def test_a_container_alone_shares_nothing(bed: DockerBed, looks: Looking) -> None:
    bed.plain("alone")
    pod = looks.pod("alone")
    assert (pod.shares_nothing, pod.pause, [one.name for one in pod.members]) == (True, None, ["alone"])
    assert pod.addresses == (bed.inspect("alone", "{{.NetworkSettings.IPAddress}}"),)


def test_a_container_in_the_hosts_network_says_so(bed: DockerBed, looks: Looking) -> None:
    bed.plain("agent", "--network", "host")
    pod = looks.pod("agent")
    assert (pod.host_network, pod.addresses) == (True, ())


def test_ends_are_told_with_code_and_reason(bed: DockerBed, looks: Looking) -> None:
    bed.plain("failed", command=("sh", "-c", "exit 3"))
    bed.plain("killed", command=SLEEP)
    os.kill(bed.container_pid("killed"), signal.SIGKILL)
    bed("create", "--name", "made", "busybox:1.35", "true")
    bed._run("run", "-d", "--name", "broken", "busybox:1.35", "/nobody")
    until(lambda: bed.container_pid("killed") == 0)
    until(lambda: bed.container_pid("failed") == 0)
    ends = {one.name: one.members[0] for one in looks.snapshot().pods}
    assert (ends["failed"].state, ends["failed"].exit_code) == (ContainerState.EXITED, 3)
    assert ends["killed"].exit_code == 137
    assert ends["failed"].finished_at is not None
    assert (ends["made"].state, ends["made"].reason) == (ContainerState.CREATED, None)
    assert "no such file" in (ends["broken"].reason or "")


def test_what_runs_out_of_memory_is_said_to(bed: DockerBed, looks: Looking) -> None:
    bed.plain("greedy", "--memory", "8m", command=("sh", "-c", "x=a; while :; do x=$x$x; done"))
    until(lambda: bed.container_pid("greedy") == 0, seconds=20)
    assert member(looks.pod("greedy"), "greedy").reason == "OOMKilled"


def test_a_crash_loop_counts_its_restarts(bed: DockerBed, looks: Looking) -> None:
    bed.plain("loop", "--restart", "always", command=("false",))
    until(lambda: (member(looks.pod("loop"), "loop").restarts or 0) >= 2, seconds=20)
    assert looks.pod("loop").brought_back_by is Restorer.RESTART_POLICY


def test_volumes_that_members_share_are_told(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    bed.member("app", "web", "-v", "data:/srv", "-v", "own:/own")
    bed.member("db", "web", "-v", "data:/var/lib/db")
    assert [one.mounts for one in looks.pod("web").members] == [("data:/srv",), ("data:/var/lib/db",)]


def test_a_paused_container_runs_and_says_so(bed: DockerBed, looks: Looking) -> None:
    bed.plain("frozen")
    bed("pause", "frozen")
    try:
        found = member(looks.pod("frozen"), "frozen")
        assert (found.state, found.reason) == (ContainerState.RUNNING, "paused")
    finally:
        bed("unpause", "frozen")


def test_a_restart_between_two_looks_is_noticed_without_any_event(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    bed.member("app", "web")
    before = member(looks.pod("web"), "app").process
    looks.snapshot()
    bed("restart", "-t", "1", "app")
    after = member(looks.pod("web"), "app").process
    assert after is not None
    assert before != after
    assert after.pid == bed.container_pid("app")


def test_a_renamed_container_is_called_by_its_new_name(bed: DockerBed, looks: Looking) -> None:
    bed.plain("old")
    looks.snapshot()
    bed("rename", "old", "new")
    assert [pod.name for pod in looks.snapshot().pods] == ["new"]


def test_three_hundred_containers_are_all_there_and_asked_about_once(bed: DockerBed, looks: Looking) -> None:
    bed.pause("web")
    for number in range(299):
        bed("create", "--name", f"c{number}", "--network", "container:web", "busybox:1.35", "true")
    until(lambda: not looks.inventory().problems, seconds=30, what="all to be asked about")
    assert len(looks.pod("web").members) == 299
    asked: list[str] = []
    inspect = looks.backend._asking.client.inspect  # type: ignore[union-attr]
    looks.backend._asking.client.inspect = lambda id_: asked.append(id_) or inspect(id_)  # type: ignore
    looks.inventory()
    assert asked == []


def compose(service: str, *depends_on: str) -> list[str]:
    """What Compose labels a container with (docker compose 2)."""
    told = {
        "project": "shop",
        "service": service,
        "container-number": "1",
        "oneoff": "False",
        "project.config_files": "/srv/shop/compose.yml",
        "depends_on": ",".join(f"{name}:service_started:true" for name in depends_on),
    }
    return [word for key, text in told.items() for word in ("--label", f"com.docker.compose.{key}={text}")]


def test_a_service_that_was_made_again_before_we_came_is_known_by_composes_labels(
    bed: DockerBed, looks: Looking
) -> None:
    """docker compose up -d after a change of vpn alone: docker/compose#10263."""
    bed.pause("shop-vpn-1", *compose("vpn"))
    bed.member("shop-app-1", "shop-vpn-1", *compose("app", "vpn"))
    bed("rm", "-f", "shop-vpn-1")
    gone = looks.pod("vpn")
    assert (gone.key, gone.pause, gone.state) == ("shop/vpn", None, PodState.NOTREADY)
    bed.pause("shop-vpn-1", *compose("vpn"))
    with looking(bed) as late:
        pod = late.pod("vpn")
        assert (pod.key, pod.pause is not None, late.orphans("vpn")) == ("shop/vpn", True, ["app"])
        assert pod.note == "make anew: docker compose -f /srv/shop/compose.yml up -d --force-recreate app"
        (wrong,) = troubles(pod, (), late.snapshot().taken_at)
        joined = member(pod, "app").joins or ""
        assert wrong.text == (
            "app is orphaned, and can't be started again: the container whose network it joined is gone "
            f"({joined[:12]})"
        )
    assert "No such container" in bed._run("restart", "shop-app-1").stderr


def test_those_whose_container_is_gone_and_was_nobody_we_know_wait_for_its_id(
    bed: DockerBed, looks: Looking
) -> None:
    id_ = bed.pod("gluetun", "qbit", "sonarr")
    bed("rm", "-f", "gluetun")
    (pod,) = looks.snapshot().pods
    assert (pod.name, pod.state) == (f"container {id_[:12]}", PodState.NOTREADY)
    assert pod.note == "make anew: docker rm -f qbit sonarr, then docker run … --network container:NAME …"
    assert looks.orphans(pod.name) == ["qbit", "sonarr"]


def test_without_any_option_docker_is_found_and_used(bed: DockerBed, looks: Looking) -> None:
    bed.pod("web", "app")
    found = json.loads(bed.node.pausetui("snapshot", "-o", "json").stdout)
    assert (found["backend"], [pod["name"] for pod in found["pods"]]) == ("docker", ["web"])
    (line,) = [line for line in bed.node.pausetui("backends").stdout.splitlines() if line.startswith("*")]
    assert line.split(maxsplit=2)[1:] == ["docker", "1 pod; used: the first that has pods"]


def test_the_context_that_docker_uses_is_ours_too(bed: DockerBed, tmp_path: Path) -> None:
    environ = {**environment(), "DOCKER_CONFIG": str(tmp_path)}
    for command in (f"create mine --docker host={bed.endpoint}", "use mine"):
        subprocess.run(["docker", "context", *command.split()], env=environ, check=True, capture_output=True)
    found = find(DOCKER, HostRoot(), DockerOptions(), {"DOCKER_CONFIG": str(tmp_path)})
    assert (found.url, found.why) == (bed.endpoint, "from the context mine")
    assert found.command == ("docker", "--context", "mine")


def test_below_the_root_of_a_machine_its_usual_socket_is_found(bed: DockerBed) -> None:
    host = HostRoot(str(bed.node.root))
    assert seems_present(host, DockerOptions(), {})
    assert find(DOCKER, host, DockerOptions(), {}).url == "unix:///var/run/docker.sock"
