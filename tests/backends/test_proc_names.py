"""What pods and containers are called, and the keys of their rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pausetui.backends import proc
from pausetui.backends.proc import ProcBackend
from pausetui.core.inventory import PodRecord
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import Process
from pausetui.kernel.host import HostRoot
from tests.backends.machine import UID, Machine, container_id, kubernetes_cgroup

UTS = NamespaceKind.UTS


class Hostnames:
    """Says what it was told for each namespace, and counts how often it is asked."""

    def __init__(self) -> None:
        self.names: dict[NamespaceId, str] = {}
        self.asked = 0

    def give(self, process: Process, name: str) -> None:
        assert process.namespaces.uts is not None
        self.names[process.namespaces.uts] = name

    def __call__(self, pid: int, uts: NamespaceId, host: HostRoot) -> str | None:
        self.asked += 1
        return self.names.get(uts)


@pytest.fixture
def hostnames(monkeypatch: pytest.MonkeyPatch) -> Hostnames:
    asked = Hostnames()
    monkeypatch.setattr(proc, "hostname_of", asked)
    return asked


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def backend(tmp_path: Path) -> ProcBackend:
    return ProcBackend(HostRoot(str(tmp_path)))


def pods(backend: ProcBackend, machine: Machine) -> dict[str, PodRecord]:
    return {pod.key: pod for pod in backend.inventory(machine.look()).pods}


def pod_of_kubernetes(machine: Machine) -> None:
    pause = machine.pause("pause", cgroup=kubernetes_cgroup(1))
    machine.member("nginx", pause, cgroup=kubernetes_cgroup(2))


def log_of(folder: Path, pod: str, container: str, number: int, attempt: int) -> None:
    logs = folder / "var/log/containers"
    logs.mkdir(parents=True, exist_ok=True)
    target = f"/var/log/pods/default_{pod}_{UID}/{container}/{attempt}.log"
    (logs / f"{pod}_default_{container}-{container_id(number)}.log").symlink_to(target)


def test_the_folders_of_kubelets_logs_name_the_pod(tmp_path: Path, backend: ProcBackend, machine: Machine) -> None:
    (tmp_path / f"var/log/pods/default_web_{UID}").mkdir(parents=True)
    pod_of_kubernetes(machine)
    assert (pods(backend, machine)[UID].namespace, pods(backend, machine)[UID].name) == ("default", "web")


def test_the_links_to_kubelets_logs_name_the_containers(
    tmp_path: Path, backend: ProcBackend, machine: Machine
) -> None:
    log_of(tmp_path, "web", "server", 2, attempt=3)
    pod_of_kubernetes(machine)
    (member,) = pods(backend, machine)[UID].members
    assert (member.key, member.name, member.attempt, member.restarts) == (f"{UID}/member/server", "server", 3, 3)


def test_a_new_attempt_is_found_when_its_log_comes(tmp_path: Path, backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause("pause", cgroup=kubernetes_cgroup(1))
    first = machine.member("nginx", pause, cgroup=kubernetes_cgroup(2))
    log_of(tmp_path, "web", "server", 2, attempt=0)
    before = pods(backend, machine)[UID].members[0]
    machine.end(first)
    machine.member("nginx", pause, cgroup=kubernetes_cgroup(3))
    log_of(tmp_path, "web", "server", 3, attempt=1)
    after = pods(backend, machine)[UID].members[0]
    assert (before.key, before.attempt) == (after.key, 0)
    assert after.attempt == 1


def test_kubelets_hosts_file_names_the_pod_where_there_are_no_logs(
    tmp_path: Path, backend: ProcBackend, machine: Machine
) -> None:
    folder = tmp_path / f"var/lib/kubelet/pods/{UID}"
    (folder / "containers/server").mkdir(parents=True)
    (folder / "etc-hosts").write_text(
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\nfe00::2\tip6-allrouters\n10.244.1.5\tweb\n"
        "\n# Entries added by HostAliases.\n10.0.0.9\tother\n"
    )
    pod_of_kubernetes(machine)
    pod = pods(backend, machine)[UID]
    assert (pod.namespace, pod.name) == ("", "web")
    assert pod.members[0].name == "server"


def test_hostile_names_in_kubelets_folders_are_made_visible(
    tmp_path: Path, backend: ProcBackend, machine: Machine
) -> None:
    (tmp_path / f"var/log/pods/de\x1b[31mfault_we\nb_{UID}").mkdir(parents=True)
    pod_of_kubernetes(machine)
    pod = pods(backend, machine)[UID]
    assert (pod.namespace, pod.name) == ("de\\x1b[31mfault", "we\\nb")


def test_the_hostname_names_a_pod_that_nobody_else_does(
    backend: ProcBackend, machine: Machine, hostnames: Hostnames
) -> None:
    pause = machine.pause()
    machine.member("nginx", pause)
    hostnames.give(pause, "web")
    pod = pods(backend, machine)["hostname:web"]
    assert (pod.namespace, pod.name) == ("", "web")


def test_a_hostname_is_asked_for_once(backend: ProcBackend, machine: Machine, hostnames: Hostnames) -> None:
    pause = machine.pause()
    machine.member("nginx", pause)
    pods(backend, machine)
    pods(backend, machine)
    assert hostnames.asked == 1


def test_a_remade_pod_is_the_same_row(backend: ProcBackend, machine: Machine, hostnames: Hostnames) -> None:
    old = machine.pause()
    machine.member("nginx", old)
    hostnames.give(old, "web")
    pods(backend, machine)
    machine.end(old)
    new = machine.pause()
    machine.member("nginx", new)
    hostnames.give(new, "web")
    found = pods(backend, machine)
    pause = found["hostname:web"].pause
    assert pause is not None
    assert pause.process == new.id
    assert len(found) == 2


def test_a_newcomer_takes_no_name_from_a_pod_that_lives(
    backend: ProcBackend, machine: Machine, hostnames: Hostnames
) -> None:
    first = machine.pause()
    machine.member("nginx", first)
    hostnames.give(first, "web")
    pods(backend, machine)
    second = machine.pause()
    machine.member("nginx", second)
    hostnames.give(second, "web")
    pause_of_web = pods(backend, machine)["hostname:web"].pause
    assert pause_of_web is not None
    assert pause_of_web.process == first.id


def test_a_pod_never_becomes_another_one_that_was_called_the_same(
    backend: ProcBackend, machine: Machine, hostnames: Hostnames
) -> None:
    member_of = {pause.id: machine.member("nginx", pause) for pause in (machine.pause(), machine.pause())}
    for member in member_of.values():
        hostnames.give(member, "web")
    named = pods(backend, machine)["hostname:web"].pause
    assert named is not None
    assert named.process is not None
    machine.end(member_of[named.process])
    machine.end(machine.processes[named.process.pid])
    (other,) = pods(backend, machine)
    assert other.startswith("net:")


def test_a_hostname_that_is_given_late_is_seen(
    backend: ProcBackend, machine: Machine, hostnames: Hostnames
) -> None:
    pause = machine.pause()
    machine.processes[pause.pid] = replace(pause, started_at=machine.look().observed_at)
    machine.member("nginx", pause)
    hostnames.give(pause, machine.look().node.hostname)
    pods(backend, machine)
    hostnames.give(pause, "web")
    assert list(pods(backend, machine)) == ["hostname:web"]


def test_the_machines_own_hostname_names_no_pod(
    backend: ProcBackend, machine: Machine, hostnames: Hostnames
) -> None:
    pause = machine.pause()
    machine.member("nginx", pause)
    hostnames.give(pause, machine.look().node.hostname)
    (pod,) = pods(backend, machine).values()
    assert pod.name == "pause"


def test_a_container_id_cut_short_is_no_name(backend: ProcBackend, machine: Machine, hostnames: Hostnames) -> None:
    nginx = machine.start("nginx", machine.shim, *NamespaceKind, cgroup=f"/docker/{container_id(5)}")
    hostnames.give(nginx, container_id(5)[:12])
    (pod,) = pods(backend, machine).values()
    assert pod.name == "nginx"
    assert nginx.namespaces.net is not None
    assert pod.key == nginx.namespaces.net.token


def test_a_member_without_id_keeps_its_key_over_a_restart(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    nginx = machine.member("nginx", pause)
    (before,) = pods(backend, machine).values()
    machine.end(nginx)
    machine.member("nginx", pause)
    (after,) = pods(backend, machine).values()
    assert [one.key for one in before.members] == [one.key for one in after.members]
    assert before.members[0].process != after.members[0].process


def test_members_that_run_the_same_program_are_numbered(backend: ProcBackend, machine: Machine) -> None:
    pause = machine.pause()
    machine.member("sh", pause)
    machine.member("sh", pause)
    (pod,) = pods(backend, machine).values()
    assert [one.key.rpartition("/")[2] for one in pod.members] == ["sh", "sh#2"]
